/* bench_scan - scanning against a bare hs_scan of the same folded text, by number of patterns.
 *
 * Patterns and letters are invented: four fifths words, one tenth English phrases, one tenth expressions; one letter in
 * fifty carries one of them. As in packs, words and phrases are literals of the squeezed view, expressions are of the
 * folded one. `raw` is one database of all patterns, compiled as expressions, over the squeezed text alone: expressions
 * that a blank or a line end belongs to would not be found so. `bare` is like for like: hs_scan of the literals over
 * the squeezed view and of the expressions over the folded one, hits only counted. */
#include "config.h"
#include "bench_words.h"
#include "scan.h"
#include <glib/gstdio.h>
#include <hs.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define LETTERS 200
#define ROUNDS 25
#define MAX_HITS 10000

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
                               i % 10 == 9 ? SCAN_FOLDED : SCAN_SQUEEZED,
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

static gboolean
is_any(const ScanPattern *pattern)
{
    return TRUE;
}

static gboolean
is_literal(const ScanPattern *pattern)
{
    return pattern->kind == SCAN_LITERAL;
}

static gboolean
is_expression(const ScanPattern *pattern)
{
    return pattern->kind == SCAN_EXPRESSION;
}

/* Literals have no sign that means anything else in an expression. */
static hs_database_t *
raw_compile(const GArray *patterns, gboolean (*wanted)(const ScanPattern *pattern))
{
    g_autofree unsigned *flags = g_new(unsigned, patterns->len);
    g_autofree unsigned *ids = g_new(unsigned, patterns->len);
    g_autofree const char **texts = g_new(const char *, patterns->len);
    hs_database_t *database = NULL;
    hs_compile_error_t *error = NULL;
    unsigned count = 0;
    for (unsigned i = 0; i < patterns->len; i++) {
        const ScanPattern *pattern = &g_array_index(patterns, ScanPattern, i);
        if (!wanted(pattern))
            continue;
        texts[count] = pattern->text;
        flags[count] = HS_FLAG_UTF8;
        ids[count++] = i;
    }
    if (hs_compile_multi(texts, flags, ids, count, HS_MODE_BLOCK, NULL, &database, &error) != HS_SUCCESS)
        g_error("%s", error->message);
    return database;
}

static int
on_raw(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *user)
{
    (*(guint *)user)++;
    return 0;
}

/* Best seconds for all letters of: one bare database, both bare ones, our scan, our fold. */
typedef struct {
    gdouble raw, bare, scan, fold;
    guint raw_hits, hits;
    gsize bytes;
} Times;

typedef struct {
    hs_database_t *all, *literals, *expressions;
    hs_scratch_t *scratch;
} Bare;

static guint
bare_scan(const hs_database_t *database, const FoldView *view, hs_scratch_t *scratch)
{
    guint hits = 0;
    hs_scan(database, view->text, (unsigned)view->length, 0, scratch, on_raw, &hits);
    return hits;
}

static void
letter_measure(const char *text, const Scanner *scanner, ScanSpace *space, const Bare *bare, Times *times)
{
    g_autoptr(Fold) fold = fold_new();
    g_autoptr(GArray) hits = g_array_new(FALSE, FALSE, sizeof(ScanHit));
    gdouble best[4] = {1, 1, 1, 1};
    guint raw_hits = 0;
    for (guint i = 0; i < ROUNDS; i++) {
        gdouble a = seconds();
        fold_run(fold, text, strlen(text));
        gdouble b = seconds();
        raw_hits = bare_scan(bare->all, fold_squeezed(fold), bare->scratch);
        gdouble c = seconds();
        bare_scan(bare->literals, fold_squeezed(fold), bare->scratch);
        bare_scan(bare->expressions, fold_folded(fold), bare->scratch);
        gdouble d = seconds();
        g_array_set_size(hits, 0);
        if (!scan_run(scanner, space, fold, MAX_HITS, hits, NULL, NULL))
            g_error("scan_run failed");
        gdouble e = seconds();
        best[0] = MIN(best[0], c - b);
        best[1] = MIN(best[1], d - c);
        best[2] = MIN(best[2], e - d);
        best[3] = MIN(best[3], b - a);
    }
    times->raw += best[0];
    times->bare += best[1];
    times->scan += best[2];
    times->fold += best[3];
    times->raw_hits += raw_hits;
    times->hits += hits->len;
    times->bytes += strlen(text);
}

static Bare
bare_make(const GArray *patterns)
{
    Bare bare = {raw_compile(patterns, is_any), raw_compile(patterns, is_literal), raw_compile(patterns, is_expression),
                 NULL};
    hs_alloc_scratch(bare.all, &bare.scratch);
    hs_alloc_scratch(bare.literals, &bare.scratch);
    hs_alloc_scratch(bare.expressions, &bare.scratch);
    return bare;
}

static void
bare_clear(Bare *bare)
{
    hs_free_scratch(bare->scratch);
    hs_free_database(bare->all);
    hs_free_database(bare->literals);
    hs_free_database(bare->expressions);
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
    Bare bare = bare_make(patterns);
    Times times = {0};
    for (guint i = 0; i < letters->len; i++)
        letter_measure(letters->pdata[i], scanner, space, &bare, &times);
    gdouble megabytes = (gdouble)times.bytes / 1e6;
    printf(
        "%6u patterns: raw %5.0f MB/s (%u hits), bare %5.0f, ours %5.0f (%u hits): %3.0f %% of raw, %3.0f %% of bare; "
        "with folding %4.0f MB/s; compiled in %5.0f ms, from the cache in %4.1f ms\n",
        count, megabytes / times.raw, times.raw_hits, megabytes / times.bare, megabytes / times.scan, times.hits,
        100 * times.raw / times.scan, 100 * times.bare / times.scan, megabytes / (times.scan + times.fold), cold * 1e3,
        warm * 1e3);
    bare_clear(&bare);
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
