/* bench_scan - scanning against a bare hs_scan of the same folded text, by number of patterns.
 *
 * Patterns and letters are invented: four fifths words, one tenth English phrases, one tenth expressions; one letter in
 * fifty carries one of them. `raw` is one database of all patterns, compiled as expressions, over the squeezed text. */
#include "config.h"
#include "scan.h"
#include <glib/gstdio.h>
#include <hs.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define LETTERS 200
#define ROUNDS 25
#define MAX_HITS 10000

static guint32 seed;

static guint32
roll(guint32 below)
{
    seed = seed * 1664525 + 1013904223;
    return (guint32)((guint64)(seed >> 8) * below >> 24);
}

static void
han_add(GString *out, guint32 count)
{
    for (; count > 0; count--)
        g_string_append_unichar(out, 0x4E00 + (roll(roll(3000) + 1) * 2654435761u >> 8) % 0x2880);
}

static void
word_add(GString *out)
{
    for (guint32 n = 3 + roll(7); n > 0; n--)
        g_string_append_c(out, (gchar)('a' + (gchar)roll(26)));
}

/* A pattern's text: 0..7 words, 8 phrase, 9 expression. */
static char *
pattern_text(guint number)
{
    GString *out = g_string_new(NULL);
    if (number % 10 == 8) {
        word_add(out);
        g_string_append_c(out, ' ');
        word_add(out);
    } else if (number % 10 == 9) {
        han_add(out, 2);
        g_string_append(out, number % 20 == 9 ? "★\\d{1,2}年" : "[^\\n]{0,12}");
        han_add(out, 2);
    } else {
        han_add(out, 2 + roll(5));
    }
    char *folded = fold_word(out->str); /* expressions are to be written folded */
    g_string_free(out, TRUE);
    return folded;
}

static GArray *
patterns_make(guint count, GPtrArray *texts)
{
    GArray *patterns = g_array_new(FALSE, FALSE, sizeof(ScanPattern));
    seed = 4711;
    for (guint i = 0; i < count; i++) {
        g_ptr_array_add(texts, pattern_text(i));
        ScanPattern pattern = {i,
                               i % 10 == 9 ? SCAN_EXPRESSION : SCAN_LITERAL,
                               i % 10 == 8 ? SCAN_FOLDED : SCAN_SQUEEZED,
                               texts->pdata[i],
                               "bench",
                               i + 1,
                               1};
        g_array_append_val(patterns, pattern);
    }
    return patterns;
}

static GPtrArray *
letters_make(GPtrArray *texts)
{
    GPtrArray *letters = g_ptr_array_new_with_free_func(g_free);
    seed = 815;
    for (guint i = 0; i < LETTERS; i++) {
        GString *out = g_string_new(NULL);
        gsize size = 2000 + roll(11000);
        while (out->len < size) {
            han_add(out, 6 + roll(20));
            g_string_append(out, roll(4) == 0 ? "。\n" : "，");
            if (roll(6) == 0)
                word_add(out);
        }
        if (i % 50 == 0)
            g_string_append(out, texts->pdata[roll(8)]);
        g_ptr_array_add(letters, g_string_free(out, FALSE));
    }
    return letters;
}

static gdouble
seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (gdouble)now.tv_sec + (gdouble)now.tv_nsec / 1e9;
}

static hs_database_t *
raw_compile(const GArray *patterns)
{
    g_autofree unsigned *flags = g_new(unsigned, patterns->len);
    g_autofree unsigned *ids = g_new(unsigned, patterns->len);
    g_autofree const char **texts = g_new(const char *, patterns->len);
    hs_database_t *database = NULL;
    hs_compile_error_t *error = NULL;
    for (unsigned i = 0; i < patterns->len; i++) {
        texts[i] = g_array_index(patterns, ScanPattern, i).text;
        flags[i] = HS_FLAG_UTF8;
        ids[i] = i;
    }
    if (hs_compile_multi(texts, flags, ids, patterns->len, HS_MODE_BLOCK, NULL, &database, &error) != HS_SUCCESS)
        g_error("%s", error->message);
    return database;
}

static int
on_raw(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *user)
{
    (*(guint *)user)++;
    return 0;
}

/* Best seconds for all letters of: bare scan, our scan, our fold and scan. */
typedef struct {
    gdouble raw, scan, fold;
    guint raw_hits, hits;
    gsize bytes;
} Times;

static void
letter_measure(const char *text, const Scanner *scanner, ScanSpace *space, const hs_database_t *raw,
               hs_scratch_t *scratch, Times *times)
{
    g_autoptr(Fold) fold = fold_new();
    g_autoptr(GArray) hits = g_array_new(FALSE, FALSE, sizeof(ScanHit));
    gdouble best[3] = {1, 1, 1};
    guint raw_hits = 0;
    for (guint i = 0; i < ROUNDS; i++) {
        gdouble a = seconds();
        fold_run(fold, text, strlen(text));
        gdouble b = seconds();
        raw_hits = 0;
        hs_scan(raw, fold_squeezed(fold)->text, (unsigned)fold_squeezed(fold)->length, 0, scratch, on_raw, &raw_hits);
        gdouble c = seconds();
        g_array_set_size(hits, 0);
        if (!scan_run(scanner, space, fold, MAX_HITS, hits, NULL, NULL))
            g_error("scan_run failed");
        gdouble d = seconds();
        best[0] = MIN(best[0], c - b);
        best[1] = MIN(best[1], d - c);
        best[2] = MIN(best[2], b - a);
    }
    times->raw += best[0];
    times->scan += best[1];
    times->fold += best[2];
    times->raw_hits += raw_hits;
    times->hits += hits->len;
    times->bytes += strlen(text);
}

static void
measure(guint count, const char *cache_dir)
{
    static const guint8 KEY[32] = {1};
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GArray) patterns = patterns_make(count, texts);
    g_autoptr(GPtrArray) letters = letters_make(texts);
    g_autoptr(Problems) problems = problems_new();
    const ScanPattern *first = (const ScanPattern *)(gconstpointer)patterns->data;
    gdouble before = seconds();
    scanner_free(scanner_new(first, count, "bench", cache_dir, KEY, problems));
    gdouble cold = seconds() - before;
    before = seconds();
    g_autoptr(Scanner) scanner = scanner_new(first, count, "bench", cache_dir, KEY, problems);
    gdouble warm = seconds() - before;
    if (scanner == NULL || !scanner_from_cache(scanner))
        g_error("no scanner, or not from the cache: %s", problems_to_text(problems));
    g_autoptr(ScanSpace) space = scan_space_new(scanner);
    hs_database_t *raw = raw_compile(patterns);
    hs_scratch_t *scratch = NULL;
    Times times = {0};
    hs_alloc_scratch(raw, &scratch);
    for (guint i = 0; i < letters->len; i++)
        letter_measure(letters->pdata[i], scanner, space, raw, scratch, &times);
    gdouble megabytes = (gdouble)times.bytes / 1e6;
    printf("%6u patterns: raw %5.0f MB/s (%u hits), ours %5.0f MB/s (%u hits), %3.0f %%; with folding %4.0f MB/s; "
           "compiled in %5.0f ms, from the cache in %4.1f ms\n",
           count, megabytes / times.raw, times.raw_hits, megabytes / times.scan, times.hits,
           100 * times.raw / times.scan, megabytes / (times.scan + times.fold), cold * 1e3, warm * 1e3);
    hs_free_scratch(scratch);
    hs_free_database(raw);
}

int
main(void)
{
    g_autofree char *cache_dir = g_dir_make_tmp("bench-scan-XXXXXX", NULL);
    static const guint COUNTS[] = {100, 1000, 10000};
    for (guint i = 0; i < G_N_ELEMENTS(COUNTS); i++)
        measure(COUNTS[i], cache_dir);
    g_autoptr(GDir) list = g_dir_open(cache_dir, 0, NULL);
    for (const char *name; (name = g_dir_read_name(list)) != NULL;) {
        g_autofree char *path = g_build_filename(cache_dir, name, NULL);
        g_unlink(path);
    }
    g_rmdir(cache_dir);
    return 0;
}
