/* Rule sets that are kept: whole, bounded, and found again by digest and time. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crypto.h"
#include "kept.h"
#include "remove_tree.h"
#include "ruleset.h"
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#define DAY (G_GINT64_CONSTANT(24) * 3600 * G_USEC_PER_SEC)
#define START (G_GINT64_CONSTANT(1767225600) * G_USEC_PER_SEC) /* 2026-01-01 */

typedef struct {
    char *top, *packs, *policy, *settings, *papers; /* papers: NULL until there is a register */
    KeptPlace place;
} Fixture;

static int
set_up(void **state)
{
    Fixture *fixture = g_new0(Fixture, 1);
    fixture->top = g_dir_make_tmp("hangu-kept-XXXXXX", NULL);
    fixture->packs = g_build_filename(fixture->top, "packs", NULL);
    fixture->policy = g_build_filename(fixture->top, "policy.yaml", NULL);
    fixture->settings = g_build_filename(fixture->top, "hangu.yaml", NULL);
    fixture->place = (KeptPlace){g_build_filename(fixture->top, "state", "rulesets", NULL), 3, 30, 100};
    g_mkdir(fixture->packs, 0700);
    g_file_set_contents(fixture->policy, "version: 1\n", -1, NULL);
    g_file_set_contents(fixture->settings, "unit: x\n", -1, NULL);
    *state = fixture;
    return 0;
}

static int
tear_down(void **state)
{
    Fixture *fixture = *state;
    remove_tree(fixture->top);
    g_free(fixture->top);
    g_free(fixture->packs);
    g_free(fixture->policy);
    g_free(fixture->settings);
    g_free(fixture->papers);
    g_free(fixture->place.directory);
    g_free(fixture);
    return 0;
}

static char *
digest_of(const char *path)
{
    g_autofree char *bytes = NULL;
    gsize length;
    assert_true(g_file_get_contents(path, &bytes, &length, NULL));
    return crypto_sha256_text(bytes, length);
}

/* Loads a pack of one rule about `word` and keeps it. Gives the digest; NULL with error. */
static char *
keep(const Fixture *fixture, const char *word, gint64 now_us, GError **error)
{
    g_autofree char *pack = g_build_filename(fixture->packs, "a.yaml", NULL);
    g_autofree char *text =
        g_strdup_printf("pack: p\ntitle_zh: 包\ntitle_en: pack\nrules:\n  - id: x\n    title_zh: 规则\n    title_en: "
                        "rule\n    class: work\n    words: [%s]\n    match: [%s]\n    nomatch: [b]\n",
                        word, word);
    g_autoptr(Problems) problems = problems_new();
    g_file_set_contents(pack, text, -1, NULL);
    g_autoptr(RuleSources) sources = rule_sources_read(fixture->packs, problems);
    g_autoptr(Ruleset) ruleset = ruleset_compile(sources, NULL, NULL, problems);
    assert_non_null(ruleset);
    g_autofree char *policy = digest_of(fixture->policy);
    g_autofree char *settings = digest_of(fixture->settings);
    char *digest = g_strdup(ruleset_digest(ruleset));
    g_autofree char *papers = fixture->papers != NULL ? digest_of(fixture->papers) : g_strdup("");
    const KeptFiles files = {fixture->policy, fixture->settings, fixture->papers};
    const KeptUse use = {now_us,      0,     digest, policy, settings, (char *)"hangu-milter 1", (char *)"judge-1",
                         (char *)"f", papers};
    if (kept_store(&fixture->place, sources, &files, &use, error))
        return digest;
    g_free(digest);
    return NULL;
}

static void
expect_kept(const Fixture *fixture, const char *digest, gboolean wanted)
{
    g_autofree char *path = kept_set_path(fixture->place.directory, digest);
    if (g_file_test(path, G_FILE_TEST_IS_DIR) != wanted)
        fail_msg("%s is %s", digest, wanted ? "gone" : "still there");
}

static guint
files_in(const Fixture *fixture, const char *folder)
{
    g_autofree char *path = g_build_filename(fixture->place.directory, folder, NULL);
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    guint count = 0;
    while (dir != NULL && g_dir_read_name(dir) != NULL)
        count++;
    return count;
}

static void
test_kept_store_gives_the_same_rules_back(void **state)
{
    const Fixture *fixture = *state;
    g_autofree char *digest = keep(fixture, "蓝图计划", START, NULL);
    g_autofree char *other = keep(fixture, "红图计划", START + DAY, NULL);
    g_autofree char *path = kept_set_path(fixture->place.directory, digest);
    g_autoptr(Problems) problems = problems_new();
    g_autoptr(Ruleset) ruleset = ruleset_load(path, NULL, NULL, problems);
    assert_non_null(ruleset);
    assert_string_equal(ruleset_digest(ruleset), digest);
    assert_string_not_equal(digest, other);
}

static void
expect_mode(const Fixture *fixture, const char *folder, const char *name, guint mode)
{
    g_autofree char *path = g_build_filename(fixture->place.directory, folder, name, NULL);
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    if ((status.st_mode & 0777) != mode)
        fail_msg("%s has mode %o", path, status.st_mode & 0777);
}

static void
write_papers(Fixture *fixture, char content, guint length)
{
    g_autofree char *bytes = g_strnfill(length, content);
    g_free(fixture->papers);
    fixture->papers = g_build_filename(fixture->top, "papers", NULL);
    g_file_set_contents(fixture->papers, bytes, (gssize)length, NULL);
}

/* The gate runs with this umask; what its group reads must not hang on it. */
static void
test_kept_store_opens_all_but_the_register_to_the_group(void **state)
{
    Fixture *fixture = *state;
    mode_t before = umask(077);
    write_papers(fixture, 'p', 50);
    g_autofree char *digest = keep(fixture, "蓝图计划", START, NULL);
    g_autofree char *policy = digest_of(fixture->policy);
    g_autofree char *policy_name = g_strconcat(policy + strlen("sha256:"), ".yaml", NULL);
    g_autofree char *papers = digest_of(fixture->papers);
    const char *hex = digest + strlen("sha256:");
    g_autofree char *pack = g_build_filename(hex, "a.yaml", NULL);
    expect_mode(fixture, ".", "", 0750);
    expect_mode(fixture, "sets", hex, 0750);
    expect_mode(fixture, "sets", pack, 0640);
    expect_mode(fixture, "policies", policy_name, 0640);
    expect_mode(fixture, ".", "history", 0640);
    expect_mode(fixture, "papers", "", 0700);
    expect_mode(fixture, "papers", papers + strlen("sha256:"), 0600);
    umask(before);
}

static void
test_kept_store_opens_what_was_kept_before(void **state)
{
    const Fixture *fixture = *state;
    g_autofree char *digest = keep(fixture, "蓝图计划", START, NULL);
    const char *hex = digest + strlen("sha256:");
    g_autofree char *set = kept_set_path(fixture->place.directory, digest);
    g_autofree char *pack = g_build_filename(set, "a.yaml", NULL);
    g_chmod(pack, 0600);
    g_chmod(set, 0700);
    g_chmod(fixture->place.directory, 0700);
    g_free(keep(fixture, "蓝图计划", START + DAY, NULL));
    g_autofree char *name = g_build_filename(hex, "a.yaml", NULL);
    expect_mode(fixture, ".", "", 0750);
    expect_mode(fixture, "sets", hex, 0750);
    expect_mode(fixture, "sets", name, 0640);
}

static void
expect_papers(const Fixture *fixture, const char *digest, gboolean wanted)
{
    g_autofree char *path = kept_papers_path(fixture->place.directory, digest);
    assert_non_null(path);
    if (g_file_test(path, G_FILE_TEST_EXISTS) != wanted)
        fail_msg("%s is %s", digest, wanted ? "gone" : "still there");
}

static void
test_kept_store_keeps_registers_as_long_as_there_is_room(void **state)
{
    Fixture *fixture = *state; /* room for 100 bytes */
    char *digests[5] = {0};
    for (guint i = 0; i < 4; i++) {
        write_papers(fixture, (char)('a' + i), 40);
        digests[i] = digest_of(fixture->papers);
        g_free(keep(fixture, "蓝图计划", START + i * DAY, NULL)); /* the same rules */
    }
    expect_papers(fixture, digests[0], FALSE);
    expect_papers(fixture, digests[1], FALSE);
    expect_papers(fixture, digests[2], TRUE);
    expect_papers(fixture, digests[3], TRUE);
    g_autoptr(GPtrArray) history = kept_history(fixture->place.directory, NULL);
    assert_int_equal(history->len, 4);
    assert_string_equal(((const KeptUse *)g_ptr_array_index(history, 1))->papers, digests[1]);
    write_papers(fixture, 'e', 101); /* has no room at all: the rules are kept all the same */
    digests[4] = digest_of(fixture->papers);
    g_autofree char *kept = keep(fixture, "蓝图计划", START + 5 * DAY, NULL);
    assert_non_null(kept);
    expect_papers(fixture, digests[4], FALSE);
    expect_papers(fixture, digests[3], TRUE);
    g_clear_pointer(&fixture->papers, g_free); /* none is registered any more */
    g_free(keep(fixture, "蓝图计划", START + 6 * DAY, NULL));
    g_autoptr(GPtrArray) last = kept_history(fixture->place.directory, NULL);
    assert_string_equal(((const KeptUse *)g_ptr_array_index(last, last->len - 1))->papers, "");
    for (gsize i = 0; i < G_N_ELEMENTS(digests); i++)
        g_free(digests[i]);
}

static void
test_kept_history_of_before_knows_no_register(void **state)
{
    const Fixture *fixture = *state;
    g_autofree char *path = g_build_filename(fixture->place.directory, "history", NULL);
    g_free(keep(fixture, "蓝图计划", START, NULL));
    g_file_set_contents(path, "{\"from\":\"2026-01-01T00:00:00.000Z\",\"ruleset\":\"sha256:0\"}\n", -1, NULL);
    g_autoptr(GPtrArray) history = kept_history(fixture->place.directory, NULL);
    assert_int_equal(history->len, 1);
    assert_null(((const KeptUse *)g_ptr_array_index(history, 0))->papers);
}

static void
test_kept_store_of_the_same_writes_nothing(void **state)
{
    const Fixture *fixture = *state;
    g_autofree char *first = keep(fixture, "蓝图计划", START, NULL);
    g_autofree char *second = keep(fixture, "蓝图计划", START + DAY, NULL);
    g_autoptr(GPtrArray) history = kept_history(fixture->place.directory, NULL);
    assert_string_equal(first, second);
    assert_int_equal(history->len, 1);
    assert_true(((const KeptUse *)g_ptr_array_index(history, 0))->from_us == START);
}

static void
test_kept_store_only_what_the_rules_are_made_of(void **state)
{
    const Fixture *fixture = *state;
    g_autofree char *readme = g_build_filename(fixture->packs, "README", NULL);
    g_file_set_contents(readme, "not a pack", -1, NULL);
    g_autofree char *digest = keep(fixture, "蓝图计划", START, NULL);
    g_autofree char *path = kept_set_path(fixture->place.directory, digest);
    g_autofree char *copy = g_build_filename(path, "README", NULL);
    assert_false(g_file_test(copy, G_FILE_TEST_EXISTS));
}

static void
test_kept_store_removes_the_oldest_and_the_old(void **state)
{
    const Fixture *fixture = *state;
    char *digests[6] = {0};
    static const char *const words[] = {"甲乙一", "甲乙二", "甲乙三", "甲乙四", "甲乙五", "甲乙六"};
    for (guint i = 0; i < 4; i++) /* most is 3 */
        digests[i] = keep(fixture, words[i], START + i * DAY, NULL);
    expect_kept(fixture, digests[0], FALSE);
    expect_kept(fixture, digests[1], TRUE);
    digests[4] = keep(fixture, words[4], START + 100 * DAY, NULL); /* the one before was in force until now */
    expect_kept(fixture, digests[2], FALSE);
    expect_kept(fixture, digests[3], TRUE);
    expect_kept(fixture, digests[4], TRUE);
    g_autoptr(GPtrArray) history = kept_history(fixture->place.directory, NULL);
    assert_int_equal(history->len, 2);
    assert_int_equal(files_in(fixture, "policies"), 1);
    for (guint i = 0; i < 5; i++)
        g_free(digests[i]);
}

static void
test_kept_store_sweeps_what_was_left_half_done(void **state)
{
    const Fixture *fixture = *state;
    g_free(keep(fixture, "蓝图计划", START, NULL));
    g_autofree char *half = g_build_filename(fixture->place.directory, "sets", ".new-abcdef", NULL);
    g_autofree char *file = g_build_filename(half, "a.yaml", NULL);
    g_mkdir(half, 0700);
    g_file_set_contents(file, "x", -1, NULL);
    g_free(keep(fixture, "红图计划", START + DAY, NULL));
    assert_false(g_file_test(half, G_FILE_TEST_EXISTS));
    assert_int_equal(files_in(fixture, "sets"), 2);
}

static void
test_kept_store_that_cannot_write_says_so(void **state)
{
    const Fixture *fixture = *state;
    g_autofree char *state_dir = g_path_get_dirname(fixture->place.directory);
    g_autoptr(GError) error = NULL;
    g_file_set_contents(state_dir, "in the way", -1, NULL); /* a file, so that root fails as well */
    g_autofree char *digest = keep(fixture, "蓝图计划", START, &error);
    assert_null(digest);
    assert_non_null(error);
}

static void
test_kept_store_refuses_a_policy_that_changed_meanwhile(void **state)
{
    const Fixture *fixture = *state;
    g_autoptr(Problems) problems = problems_new();
    g_autofree char *first = keep(fixture, "蓝图计划", START, NULL);
    g_autoptr(RuleSources) sources = rule_sources_read(fixture->packs, problems);
    g_autofree char *settings = digest_of(fixture->settings);
    g_autofree char *policy = crypto_sha256_text("another", 7);
    g_autoptr(GError) error = NULL;
    const KeptFiles files = {fixture->policy, fixture->settings, NULL};
    const KeptUse use = {START, 0, first, policy, settings, (char *)"p", (char *)"e", (char *)"f", NULL};
    assert_false(kept_store(&fixture->place, sources, &files, &use, &error));
    assert_non_null(strstr(error->message, "changed while it was loaded"));
}

static void
test_kept_history_survives_a_torn_line(void **state)
{
    const Fixture *fixture = *state;
    g_autofree char *path = g_build_filename(fixture->place.directory, "history", NULL);
    g_autofree char *bytes = NULL;
    g_free(keep(fixture, "蓝图计划", START, NULL));
    assert_true(g_file_get_contents(path, &bytes, NULL, NULL));
    g_autofree char *torn = g_strconcat(bytes, "{\"from\":\"2026-01-", NULL);
    g_file_set_contents(path, torn, -1, NULL);
    g_autofree char *second = keep(fixture, "红图计划", START + DAY, NULL);
    g_autoptr(GPtrArray) history = kept_history(fixture->place.directory, NULL);
    assert_int_equal(history->len, 2);
    assert_string_equal(((const KeptUse *)g_ptr_array_index(history, 1))->ruleset, second);
}

static void
test_kept_use_at_finds_the_use_of_that_time(void **state)
{
    const Fixture *fixture = *state;
    g_autofree char *first = keep(fixture, "蓝图计划", START, NULL);
    g_autofree char *second = keep(fixture, "红图计划", START + DAY, NULL);
    g_free(keep(fixture, "蓝图计划", START + 2 * DAY, NULL));
    g_autoptr(GPtrArray) history = kept_history(fixture->place.directory, NULL);
    assert_true(kept_use_at(history, first, START + DAY)->from_us == START);
    assert_true(kept_use_at(history, first, START + 3 * DAY)->from_us == START + 2 * DAY);
    assert_true(kept_use_at(history, first, START - DAY)->from_us == START);
    assert_true(kept_use_at(history, second, START)->until_us == START + 2 * DAY);
    assert_null(kept_use_at(history, "sha256:0", START));
}

static void
test_kept_paths_are_of_digests_only(void **state)
{
    static const char *const bad[] = {"", "sha256:", "sha256:../../etc", "md5:0", NULL};
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++)
        assert_null(kept_set_path("/d", bad[i]));
}

static void
test_kept_file_check_tells_a_changed_file(void **state)
{
    const Fixture *fixture = *state;
    g_autofree char *digest = digest_of(fixture->policy);
    assert_true(kept_file_check(fixture->policy, digest, NULL));
    g_file_set_contents(fixture->policy, "version: 2\n", -1, NULL);
    g_autoptr(GError) error = NULL;
    assert_false(kept_file_check(fixture->policy, digest, &error));
    assert_non_null(error);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_kept_store_gives_the_same_rules_back),
        CASE(test_kept_store_opens_all_but_the_register_to_the_group),
        CASE(test_kept_store_opens_what_was_kept_before),
        CASE(test_kept_store_keeps_registers_as_long_as_there_is_room),
        CASE(test_kept_history_of_before_knows_no_register),
        CASE(test_kept_store_of_the_same_writes_nothing),
        CASE(test_kept_store_only_what_the_rules_are_made_of),
        CASE(test_kept_store_removes_the_oldest_and_the_old),
        CASE(test_kept_store_sweeps_what_was_left_half_done),
        CASE(test_kept_store_that_cannot_write_says_so),
        CASE(test_kept_store_refuses_a_policy_that_changed_meanwhile),
        CASE(test_kept_history_survives_a_torn_line),
        CASE(test_kept_use_at_finds_the_use_of_that_time),
        cmocka_unit_test(test_kept_paths_are_of_digests_only),
        CASE(test_kept_file_check_tells_a_changed_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
