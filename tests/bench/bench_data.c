/* bench_data - MB/s of looking for numbers of persons, on invented text with none, few and nothing but numbers. */
#include "config.h"
#include "data.h"
#include <stdio.h>
#include <time.h>

#define SIZE (8u * 1024 * 1024)
#define ROUNDS 9

static guint32 seed = 20121;

static guint32
roll(guint32 below)
{
    seed = seed * 1664525 + 1013904223;
    return (guint32)((guint64)(seed >> 8) * below >> 24);
}

static void
found(DataKind kind, guint32 from, guint32 to, guint64 value, gpointer user)
{
    (*(guint *)user)++;
}

/* One word in `rare` is a number; 0: none. */
static void
measure(const char *name, guint32 rare, gboolean han)
{
    g_autoptr(GString) text = g_string_sized_new(SIZE + 64);
    gdouble best = 1e9;
    guint count = 0;
    while (text->len < SIZE) {
        if (rare != 0 && roll(rare) == 0) {
            for (guint32 n = 2 + roll(18); n > 0; n--)
                g_string_append_c(text, (gchar)('0' + (gchar)roll(10)));
            g_string_append_c(text, ' ');
        } else if (han) {
            g_string_append_unichar(text, 0x4E00 + roll(3000));
        } else {
            for (guint32 n = 2 + roll(8); n > 0; n--)
                g_string_append_c(text, (gchar)('a' + (gchar)roll(26)));
            g_string_append_c(text, ' ');
        }
    }
    for (guint i = 0; i < ROUNDS; i++) {
        struct timespec before, after;
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &before);
        count = 0;
        data_find(text->str, text->len, DATA_ALL, found, &count);
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &after);
        gdouble spent = (gdouble)(after.tv_sec - before.tv_sec) + (gdouble)(after.tv_nsec - before.tv_nsec) / 1e9;
        best = MIN(best, spent);
    }
    printf("%-36s %6.0f MB/s, %u found\n", name, (gdouble)text->len / 1e6 / best, count);
}

int
main(void)
{
    measure("Han without digits", 0, TRUE);
    measure("English without digits", 0, FALSE);
    measure("Han, a number in 40 characters", 40, TRUE);
    measure("English, a number in 20 words", 20, FALSE);
    measure("nothing but numbers", 1, FALSE);
    return 0;
}
