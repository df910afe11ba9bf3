/* scan: what is found and where, what is refused, when the cache is trusted. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scan.h"
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const guint8 KEY[32] = {1, 2, 3};
static const guint8 OTHER_KEY[32] = {4};

#define LITERAL(id, view, text)                               \
    {                                                         \
        id, SCAN_LITERAL, view, text, "pack.yaml", 10 + id, 3 \
    }
#define EXPRESSION(id, view, text)                               \
    {                                                            \
        id, SCAN_EXPRESSION, view, text, "pack.yaml", 10 + id, 3 \
    }

static Scanner *
scanner_of(const ScanPattern *patterns, guint count)
{
    Problems *problems = problems_new();
    Scanner *scanner = scanner_new(patterns, count, "sha256:test", NULL, NULL, problems);
    g_autofree char *text = problems_to_text(problems);
    if (scanner == NULL)
        fail_msg("%s", text);
    problems_free(problems);
    return scanner;
}

/* "id view from-to" for each hit, space-separated. */
static char *
hits_text(const GArray *hits)
{
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < hits->len; i++) {
        const ScanHit *hit = &g_array_index(hits, ScanHit, i);
        g_string_append_printf(out, "%s%u%c%" G_GSIZE_FORMAT "-%" G_GSIZE_FORMAT, i > 0 ? " " : "", hit->id,
                               hit->view == SCAN_SQUEEZED ? 's' : 'f', hit->from, hit->to);
    }
    return g_string_free(out, FALSE);
}

static char *
scan_text(const Scanner *scanner, const char *text, guint max_hits, gboolean *capped)
{
    g_autoptr(ScanSpace) space = scan_space_new(scanner);
    g_autoptr(Fold) fold = fold_new();
    g_autoptr(GArray) hits = g_array_new(FALSE, FALSE, sizeof(ScanHit));
    g_autoptr(GError) error = NULL;
    fold_run(fold, text, strlen(text));
    assert_true(scan_run(scanner, space, fold, max_hits, hits, capped, &error));
    assert_null(error);
    return hits_text(hits);
}

static void
test_run_finds_patterns_where_they_are(void **state)
{
    static const ScanPattern PATTERNS[] = {
        LITERAL(1, SCAN_SQUEEZED, "機 密"),
        LITERAL(2, SCAN_FOLDED, "TOP SECRET"),
        EXPRESSION(3, SCAN_SQUEEZED, "密★\\d{1,2}年"),
        EXPRESSION(4, SCAN_FOLDED, "[★※]x"),
        LITERAL(5, SCAN_SQUEEZED, "密★"),
        EXPRESSION(6, SCAN_FOLDED, "\\bno\\b"),
        EXPRESSION(7, SCAN_FOLDED, "(?m)^密级$"),
    };
    static const struct {
        const char *name, *text, *hits;
    } CASES[] = {
        {"nothing", "没有", ""},
        {"empty", "", ""},
        {"literal through disguise", "x 机\n密", "1s1-7"},
        {"every occurrence", "机密机密", "1s0-6 1s6-12"},
        {"folded literal", "a Top Secret", "2f2-12"},
        {"folded literal keeps line ends", "Top\nSecret", ""},
        {"expression with its start", "机密★10年", "1s0-6 5s3-9 3s3-14"},
        {"expression through disguise", "密 ⭐ 1 0 年", "5s0-6 3s0-11"},
        {"class of characters, not bytes", "★x ※x ☇x", "4f0-4 4f5-9"},
        {"word edges", "no not ano no", "6f0-2 6f11-13"},
        {"whole line", "a\n密级\nb", "7f2-8"},
    };
    g_autoptr(Scanner) scanner = scanner_of(PATTERNS, G_N_ELEMENTS(PATTERNS));
    for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
        gboolean capped = TRUE;
        g_autofree char *hits = scan_text(scanner, CASES[i].text, 100, &capped);
        if (strcmp(hits, CASES[i].hits) != 0)
            fail_msg("%s: got '%s', wanted '%s'", CASES[i].name, hits, CASES[i].hits);
        assert_false(capped);
    }
}

static void
test_run_keeps_the_longest_end_of_a_start(void **state)
{
    static const ScanPattern PATTERNS[] = {EXPRESSION(1, SCAN_FOLDED, "ab+c?"), EXPRESSION(2, SCAN_FOLDED, "x.*y")};
    g_autoptr(Scanner) scanner = scanner_of(PATTERNS, G_N_ELEMENTS(PATTERNS));
    g_autofree char *one = scan_text(scanner, "abbbc ab", 100, NULL);
    assert_string_equal(one, "1f0-5 1f6-8");
    g_autofree char *two = scan_text(scanner, "x y y\nx y", 100, NULL);
    assert_string_equal(two, "2f0-5 2f6-9");
}

static void
test_run_bounds_the_look_back(void **state)
{
    static const ScanPattern PATTERNS[] = {EXPRESSION(1, SCAN_FOLDED, "x密*y")};
    g_autoptr(Scanner) scanner = scanner_of(PATTERNS, G_N_ELEMENTS(PATTERNS));
    g_autoptr(GString) text = g_string_new("x");
    for (guint i = 0; i < 500; i++)
        g_string_append(text, "密");
    g_string_append(text, "y xy");
    g_autofree char *hits = scan_text(scanner, text->str, 100, NULL);
    assert_string_equal(hits, "1f478-1502 1f1503-1505");
}

static void
test_run_tells_one_place_once_for_an_id(void **state)
{
    static const ScanPattern PATTERNS[] = {LITERAL(1, SCAN_SQUEEZED, "机密"), LITERAL(1, SCAN_SQUEEZED, "機密"),
                                           LITERAL(2, SCAN_SQUEEZED, "机密"), EXPRESSION(1, SCAN_SQUEEZED, "机密")};
    g_autoptr(Scanner) scanner = scanner_of(PATTERNS, G_N_ELEMENTS(PATTERNS));
    g_autofree char *hits = scan_text(scanner, "机密", 100, NULL);
    assert_string_equal(hits, "1s0-6 2s0-6");
}

static void
test_run_stops_at_the_cap_of_each_database(void **state)
{
    static const ScanPattern PATTERNS[] = {LITERAL(1, SCAN_SQUEEZED, "x"), EXPRESSION(2, SCAN_FOLDED, "y+z")};
    g_autoptr(Scanner) scanner = scanner_of(PATTERNS, G_N_ELEMENTS(PATTERNS));
    gboolean capped = FALSE;
    g_autofree char *over = scan_text(scanner, "xxxxyz", 3, &capped);
    assert_string_equal(over, "1s0-1 1s1-2 1s2-3 2f4-6");
    assert_true(capped);
    g_autofree char *exact = scan_text(scanner, "xxxyz", 3, &capped);
    assert_string_equal(exact, "1s0-1 1s1-2 1s2-3 2f3-5");
    assert_false(capped);
}

static void
test_run_appends_to_what_is_there(void **state)
{
    static const ScanPattern PATTERNS[] = {LITERAL(1, SCAN_SQUEEZED, "x")};
    g_autoptr(Scanner) scanner = scanner_of(PATTERNS, 1);
    g_autoptr(ScanSpace) space = scan_space_new(scanner);
    g_autoptr(Fold) fold = fold_new();
    g_autoptr(GArray) hits = g_array_new(FALSE, FALSE, sizeof(ScanHit));
    fold_run(fold, "axx", 3);
    assert_true(scan_run(scanner, space, fold, 10, hits, NULL, NULL));
    assert_true(scan_run(scanner, space, fold, 10, hits, NULL, NULL));
    g_autofree char *text = hits_text(hits);
    assert_string_equal(text, "1s1-2 1s2-3 1s1-2 1s2-3");
}

static void
test_new_takes_no_patterns(void **state)
{
    g_autoptr(Scanner) scanner = scanner_of(NULL, 0);
    g_autofree char *hits = scan_text(scanner, "机密", 10, NULL);
    assert_string_equal(hits, "");
}

static void
test_new_tells_every_mistake_with_its_place(void **state)
{
    static const ScanPattern PATTERNS[] = {
        LITERAL(1, SCAN_SQUEEZED, "fine"),
        LITERAL(2, SCAN_SQUEEZED, "\xE2\x80\x8B \n"),
        EXPRESSION(3, SCAN_FOLDED, "(?<=a)b"),
        EXPRESSION(4, SCAN_FOLDED, "a*"),
        EXPRESSION(5, SCAN_FOLDED, "[abc"),
        EXPRESSION(6, SCAN_FOLDED, "機密"),
        EXPRESSION(7, SCAN_FOLDED, "机密.{0,40}文件"),
        LITERAL(8, SCAN_FOLDED, "\xFF"),
        EXPRESSION(9, SCAN_FOLDED, ""),
    };
    Problems *problems = problems_new();
    assert_null(scanner_new(PATTERNS, G_N_ELEMENTS(PATTERNS), "sha256:test", NULL, NULL, problems));
    assert_int_equal(problems_count(problems), 8);
    for (guint i = 0; i < 8; i++) {
        const Problem *problem = problems_get(problems, i);
        assert_string_equal(problem->file, "pack.yaml");
        assert_int_equal(problem->line, 12 + i);
        assert_int_equal(problem->column, 3);
    }
    assert_non_null(strstr(problems_get(problems, 4)->text, "write '机'"));
    problems_free(problems);
}

/* --- the cache --------------------------------------------------------------------------------------------------- */

static const ScanPattern CACHED[] = {LITERAL(1, SCAN_SQUEEZED, "机密"), LITERAL(2, SCAN_FOLDED, "secret"),
                                     EXPRESSION(3, SCAN_SQUEEZED, "机密★\\d+年")};

static Scanner *
cached(const char *directory, const char *digest, const guint8 *key)
{
    Problems *problems = problems_new();
    Scanner *scanner = scanner_new(CACHED, G_N_ELEMENTS(CACHED), digest, directory, key, problems);
    assert_int_equal(problems_count(problems), 0);
    problems_free(problems);
    g_autofree char *hits = scan_text(scanner, "机密★10年 secret", 10, NULL);
    assert_string_equal(hits, "1s0-6 3s0-14 2f15-21");
    return scanner;
}

static gboolean
comes_from_cache(const char *directory, const char *digest, const guint8 *key)
{
    g_autoptr(Scanner) scanner = cached(directory, digest, key);
    return scanner_from_cache(scanner);
}

/* The only file of the directory (or NULL); gives. */
static char *
only_file(const char *directory, guint *count_out)
{
    g_autoptr(GDir) list = g_dir_open(directory, 0, NULL);
    char *path = NULL;
    *count_out = 0;
    for (const char *name; (name = g_dir_read_name(list)) != NULL; (*count_out)++) {
        g_free(path);
        path = g_build_filename(directory, name, NULL);
    }
    return path;
}

static int
directory_make(void **state)
{
    *state = g_dir_make_tmp("scan-XXXXXX", NULL);
    return *state == NULL;
}

static int
directory_remove(void **state)
{
    g_autoptr(GDir) list = g_dir_open(*state, 0, NULL);
    for (const char *name; (name = g_dir_read_name(list)) != NULL;) {
        g_autofree char *path = g_build_filename(*state, name, NULL);
        g_unlink(path);
    }
    g_rmdir(*state);
    g_free(*state);
    return 0;
}

static void
test_cache_serves_the_same_patterns_only(void **state)
{
    assert_false(comes_from_cache(*state, "sha256:a", KEY));
    assert_true(comes_from_cache(*state, "sha256:a", KEY));
    assert_false(comes_from_cache(*state, "sha256:b", KEY));
    assert_true(comes_from_cache(*state, "sha256:a", KEY));
    /* The same digest over other patterns is the caller's mistake; it must not give their hits. */
    Problems *problems = problems_new();
    g_autoptr(Scanner) fewer = scanner_new(CACHED, 2, "sha256:a", *state, KEY, problems);
    assert_false(scanner_from_cache(fewer));
    problems_free(problems);
}

static void
test_cache_without_our_mac_is_made_anew(void **state)
{
    guint count;
    assert_false(comes_from_cache(*state, "sha256:a", KEY));
    assert_false(comes_from_cache(*state, "sha256:a", OTHER_KEY));
    assert_true(comes_from_cache(*state, "sha256:a", OTHER_KEY));
    g_autofree char *path = only_file(*state, &count);
    assert_int_equal(count, 1);
    g_autofree char *bytes = NULL;
    gsize length;
    assert_true(g_file_get_contents(path, &bytes, &length, NULL));
    static const gdouble PLACES[] = {0, 0.001, 0.01, 0.5, 0.999};
    for (gsize i = 0; i < G_N_ELEMENTS(PLACES); i++) {
        g_autofree char *changed = g_memdup2(bytes, length);
        changed[(gsize)((gdouble)length * PLACES[i])] ^= 1;
        assert_true(g_file_set_contents_full(path, changed, (gssize)length, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL));
        assert_false(comes_from_cache(*state, "sha256:a", OTHER_KEY));
        assert_true(comes_from_cache(*state, "sha256:a", OTHER_KEY));
    }
    assert_true(g_file_set_contents_full(path, bytes, (gssize)length / 2, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL));
    assert_false(comes_from_cache(*state, "sha256:a", OTHER_KEY));
}

static void
test_cache_that_others_may_write_is_not_used(void **state)
{
    guint count;
    assert_false(comes_from_cache(*state, "sha256:a", KEY));
    g_autofree char *path = only_file(*state, &count);
    assert_int_equal(g_chmod(path, 0620), 0);
    assert_false(comes_from_cache(*state, "sha256:a", KEY)); /* and replaced */
    assert_true(comes_from_cache(*state, "sha256:a", KEY));
    assert_int_equal(g_chmod(*state, 0777), 0);
    assert_false(comes_from_cache(*state, "sha256:a", KEY));
    assert_int_equal(g_chmod(*state, 0700), 0);
    assert_true(comes_from_cache(*state, "sha256:a", KEY));
    g_autofree char *elsewhere = g_strconcat(path, "-moved", NULL);
    assert_int_equal(g_rename(path, elsewhere), 0);
    assert_int_equal(symlink(elsewhere, path), 0);
    assert_false(comes_from_cache(*state, "sha256:a", KEY));
}

static void
test_cache_keeps_few_old_files(void **state)
{
    guint count;
    for (guint i = 0; i < 8; i++) {
        g_autofree char *digest = g_strdup_printf("sha256:%u", i);
        assert_false(comes_from_cache(*state, digest, KEY));
    }
    g_autofree char *path = only_file(*state, &count);
    assert_int_equal(count, 4);
    assert_true(comes_from_cache(*state, "sha256:7", KEY));
}

static void
test_cache_away_is_no_failure(void **state)
{
    g_autofree char *nowhere = g_build_filename(*state, "nowhere", NULL);
    assert_false(comes_from_cache(nowhere, "sha256:a", KEY));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_run_finds_patterns_where_they_are),
        cmocka_unit_test(test_run_keeps_the_longest_end_of_a_start),
        cmocka_unit_test(test_run_bounds_the_look_back),
        cmocka_unit_test(test_run_tells_one_place_once_for_an_id),
        cmocka_unit_test(test_run_stops_at_the_cap_of_each_database),
        cmocka_unit_test(test_run_appends_to_what_is_there),
        cmocka_unit_test(test_new_takes_no_patterns),
        cmocka_unit_test(test_new_tells_every_mistake_with_its_place),
        cmocka_unit_test_setup_teardown(test_cache_serves_the_same_patterns_only, directory_make, directory_remove),
        cmocka_unit_test_setup_teardown(test_cache_without_our_mac_is_made_anew, directory_make, directory_remove),
        cmocka_unit_test_setup_teardown(test_cache_that_others_may_write_is_not_used, directory_make, directory_remove),
        cmocka_unit_test_setup_teardown(test_cache_keeps_few_old_files, directory_make, directory_remove),
        cmocka_unit_test_setup_teardown(test_cache_away_is_no_failure, directory_make, directory_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
