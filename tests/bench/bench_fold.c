/* bench_fold - MB/s of folding with both views and both offset maps, on invented text of several kinds.
 *
 * usage: bench_fold [FILE...]    FILE: UTF-8 text to be measured as well */
#include "config.h"
#include "fold.h"
#include <stdio.h>
#include <string.h>
#include <time.h>

#define SIZE (256 * 1024) /* one segment */
#define ROUNDS 20

/* A generator of our own: the same text on every machine. */
static guint32 seed = 20121;

static guint32
roll(guint32 below)
{
    seed = seed * 1664525 + 1013904223;
    return (guint32)((guint64)(seed >> 8) * below >> 24);
}

/* Few characters are frequent, many are rare, and they lie all over the table. */
static void
han_add(GString *out, guint32 base)
{
    guint32 rank = roll(roll(3000) + 1);
    g_string_append_unichar(out, 0x4E00 + (rank * 2654435761u >> 8) % 0x5100 / 2 + base);
}

static void
english_add(GString *out)
{
    for (guint32 n = 2 + roll(8); n > 0; n--)
        g_string_append_c(out, (gchar)((roll(20) == 0 ? 'A' : 'a') + (gchar)roll(26)));
    g_string_append(out, roll(12) == 0 ? ",\n" : " ");
}

static void
sentence_add(GString *out, guint32 latin_of_ten, gboolean spaced)
{
    for (guint32 n = 8 + roll(20); n > 0; n--) {
        if (roll(10) < latin_of_ten) {
            for (guint32 words = 1 + roll(4); words > 0; words--)
                english_add(out);
            n = n > 4 ? n - 4 : 1;
            continue;
        }
        han_add(out, 0);
        if (spaced)
            g_string_append(out, "\xE3\x80\x80");
    }
    if (roll(3) == 0)
        g_string_append_printf(out, "%u年%u月", 1990 + roll(40), 1 + roll(12));
    g_string_append(out, roll(3) == 0 ? "。\n" : "，");
}

/* Seconds of processor time for the whole text, segment after segment: the best of several, since neighbours on the
 * machine only add. One segment folded again and again would flatter: the processor learns its branches. */
static gdouble
text_seconds(Fold *fold, const char *text, gsize length, gsize segment, gsize *squeezed_out)
{
    gdouble best = 1e9;
    for (guint i = 0; i < ROUNDS; i++) {
        struct timespec before, after;
        *squeezed_out = 0;
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &before);
        for (gsize at = 0; at < length; at += segment) {
            fold_run(fold, text + at, MIN(segment, length - at));
            *squeezed_out += fold_squeezed(fold)->length;
        }
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &after);
        gdouble spent = (gdouble)(after.tv_sec - before.tv_sec) + (gdouble)(after.tv_nsec - before.tv_nsec) / 1e9;
        best = MIN(best, spent);
    }
    return best;
}

static void
measure(const char *name, const char *text, gsize length, gsize segment)
{
    g_autoptr(Fold) fold = fold_new();
    gsize squeezed;
    gdouble spent = text_seconds(fold, text, length, segment, &squeezed);
    printf("%-10s segments of %4" G_GSIZE_FORMAT " kB %6.0f MB/s, squeezed to %2.0f %%\n", name, segment / 1024,
           (gdouble)length / 1e6 / spent, 100 * (gdouble)squeezed / (gdouble)length);
}

int
main(int argc, char **argv)
{
    static const struct {
        const char *name;
        guint32 latin_of_ten;
        gboolean spaced;
    } KINDS[] = {{"dense", 0, FALSE}, {"mixed", 3, FALSE}, {"english", 10, FALSE}, {"spaced", 0, TRUE}};
    for (guint i = 0; i < G_N_ELEMENTS(KINDS); i++) {
        g_autoptr(GString) text = g_string_new(NULL);
        while (text->len < 8 * SIZE)
            sentence_add(text, KINDS[i].latin_of_ten, KINDS[i].spaced);
        measure(KINDS[i].name, text->str, text->len, SIZE);
        measure(KINDS[i].name, text->str, text->len, 8192);
    }
    for (int i = 1; i < argc; i++) {
        g_autofree char *text = NULL;
        gsize length;
        if (g_file_get_contents(argv[i], &text, &length, NULL))
            measure(argv[i], text, length, SIZE);
    }
    return 0;
}
