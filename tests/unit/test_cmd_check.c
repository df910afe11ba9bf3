/* hangu check as a program: words, exit status, output. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "run.h"
#include <glib/gstdio.h>
#include <jansson.h>
#include <string.h>

/* Few rules, since each run compiles them. */
static const char pack[] =
    "pack: p\ntitle_zh: 包\ntitle_en: pack\nrules:\n"
    "  - id: state-mark\n    title_zh: 标志\n    title_en: mark\n    class: state\n    detect: mark\n"
    "    words:\n      highly-secret: [机密]\n    scores: {star_term: 110, star: 60}\n"
    "    match: [机密★20年]\n    nomatch: [随机密码]\n"
    "  - id: unit-plan\n    title_zh: 单位计划\n    title_en: unit plan\n    class: work\n"
    "    level: work-secret\n    words: [蓝图计划]\n    scores: {alone: 60, anywhere: 70}\n"
    "    match: [关于蓝图计划的说明]\n    nomatch: [蓝图和计划]\n"
    "  - id: to-partner\n    title_zh: 夜间外发\n    title_en: to partners at night\n    class: work\n"
    "    level: work-secret\n    detect: condition\n    score: 65\n"
    "    when: {direction: out, senders: [unit.example], recipients: [partners], hours: ['20:00-07:00']}\n"
    "    condition: {near: [{words: [材料]}, {words: [报送]}], within: 5}\n"
    "    match: [报送材料]\n    nomatch: [材料]\n"
    "groups: {partners: [.partner.example]}\n";

static char *directory;

static char *
path_of(const char *name)
{
    return g_build_filename(directory, name, NULL);
}

/* Runs the built program in the directory of the letters, with the rules and policy of the sources. */
static Run
check(const char *const *words)
{
    static const char *const first[] = {"check", "--rules", "packs", NULL}, *const own_rules[] = {"check", NULL};
    gboolean own = words[0] == NULL || strcmp(words[0], "--rules") == 0;
    return run_program(directory, "hangu", own ? own_rules : first, words);
}
#define CHECK(...) check((const char *const[]){__VA_ARGS__, NULL})

static void
test_check_exit_status_is_the_verdict(void **state)
{
    g_auto(Run) clean = CHECK("--direction", "out", "clean.eml"), held = CHECK("--direction=out", "internal.eml"),
                refused = CHECK("-d", "out", "secret.eml"),
                all = CHECK("-d", "out", "clean.eml", "secret.eml", "internal.eml");
    assert_int_equal(clean.status, 0);
    assert_int_equal(held.status, 1);
    assert_int_equal(refused.status, 2);
    assert_int_equal(all.status, 2);
    assert_string_equal(clean.err, "");
}

/* The facts that `when` asks for come from the command line. */
static void
test_check_asks_rules_by_the_facts_given(void **state)
{
#define FACTS(direction, from, rcpt, now) \
    CHECK("-d", direction, "-f", from, "-r", rcpt, "--now", now, "--json", "clean.eml")
    g_auto(Run) held = FACTS("out", "a@unit.example", "b@x.partner.example", "2026-01-15T22:00:00+08:00"),
                day = FACTS("out", "a@unit.example", "b@x.partner.example", "2026-01-15T12:00:00+08:00"),
                inside = FACTS("local", "a@unit.example", "b@x.partner.example", "2026-01-15T22:00:00+08:00"),
                other = FACTS("out", "a@unit.example", "b@other.example", "2026-01-15T22:00:00+08:00"),
                sender = FACTS("out", "a@else.example", "b@x.partner.example", "2026-01-15T22:00:00+08:00");
#undef FACTS
    assert_int_equal(held.status, 1);
    assert_non_null(strstr(held.out, "\"rule\":\"to-partner\""));
    assert_non_null(strstr(held.out, "near one another (0 characters apart)"));
    assert_int_equal(day.status, 0);
    assert_int_equal(inside.status, 0);
    assert_int_equal(other.status, 0);
    assert_int_equal(sender.status, 0);
}

static void
test_check_text_says_what_and_why(void **state)
{
    g_auto(Run) run = CHECK("-d", "out", "secret.eml");
    static const char *const wanted[] = {"secret.eml\n",
                                         "reject",
                                         "state secret, highly-secret, 10年, confirmed",
                                         "550 5.7.1",
                                         "out-state",
                                         "机密★10年",
                                         "score",
                                         "first lines, line 2",
                                         "a@unit.example → b@outside.example"};
    for (gsize i = 0; i < G_N_ELEMENTS(wanted); i++)
        if (strstr(run.out, wanted[i]) == NULL)
            fail_msg("\"%s\" is not in:\n%s", wanted[i], run.out);
    assert_null(strchr(run.out, '\033'));
}

static void
test_check_json_is_one_object_a_line(void **state)
{
    g_auto(Run) run = CHECK("--json", "-d", "out", "clean.eml", "absent.eml", "secret.eml");
    g_auto(GStrv) lines = g_strsplit(run.out, "\n", -1);
    static const char *const verdicts[] = {"accept", NULL, "reject"};
    assert_int_equal(g_strv_length(lines), 4);
    for (gsize i = 0; i < 3; i++) {
        json_t *object = json_loads(lines[i], JSON_REJECT_DUPLICATES, NULL);
        assert_non_null(object);
        assert_int_equal(json_integer_value(json_object_get(object, "v")), 1);
        const char *verdict = json_string_value(json_object_get(object, "verdict"));
        if (verdicts[i] != NULL)
            assert_string_equal(verdict, verdicts[i]);
        else
            assert_int_equal(json_integer_value(json_object_get(json_object_get(object, "error"), "code")), 66);
        json_decref(object);
    }
    assert_int_equal(run.status, 66);
}

static void
test_check_envelope_comes_from_options_or_headers(void **state)
{
    g_auto(Run) given = CHECK("--json", "--from", "", "--rcpt", "x@unit.example", "--auth-user", "wang", "--now",
                              "2026-11-02T09:00:00+08:00", "--direction", "local", "clean.eml");
    json_t *object = json_loads(given.out, 0, NULL);
    assert_string_equal(json_string_value(json_object_get(object, "direction")), "local");
    assert_string_equal(json_string_value(json_object_get(json_object_get(object, "account"), "user")), "wang");
    json_decref(object);
    g_auto(Run) locked =
        CHECK("--json", "--auth-user", "wang", "--account-problem", "locked", "-d", "out", "clean.eml");
    object = json_loads(locked.out, 0, NULL);
    assert_string_equal(json_string_value(json_object_get(object, "policy")), "out-closed");
    assert_true(g_str_has_prefix(json_string_value(json_object_get(object, "reply")), "525 5.7.13 "));
    const json_t *problems = json_object_get(json_object_get(object, "account"), "problems");
    assert_int_equal(json_array_size(problems), 1);
    assert_string_equal(json_string_value(json_array_get(problems, 0)), "locked");
    json_decref(object);
    g_auto(Run) odd = CHECK("--account-problem", "tired", "clean.eml");
    assert_int_equal(odd.status, 64);
    g_auto(Run) text = CHECK("--from", "", "--rcpt", "x@unit.example", "--rcpt", "y@unit.example", "clean.eml");
    assert_non_null(strstr(text.out, "<> → x@unit.example and 1 more"));
}

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

static void
test_check_digest_of_the_rules_must_fit(void **state)
{
    g_auto(Run) first = CHECK("--json", "clean.eml");
    json_t *object = json_loads(first.out, 0, NULL);
    g_autofree char *digest = g_strdup(json_string_value(json_object_get(object, "ruleset")));
    json_decref(object);
    g_auto(Run) right = CHECK("--ruleset", digest, "-d", "out", "clean.eml"),
                none = CHECK("--ruleset", "sha256:00", "clean.eml"),
                wrong = CHECK("--ruleset", "sha256:" ZEROS, "clean.eml");
    assert_int_equal(right.status, 0);
    assert_int_equal(none.status, 64);
    assert_int_equal(wrong.status, 78);
    assert_non_null(strstr(wrong.err, digest));
}

static void
test_check_errors_have_their_status(void **state)
{
    static const struct {
        const char *words[4];
        int status;
        const char *said;
    } rows[] = {
        {{NULL}, 64, "name a letter"},
        {{"--direction", "sideways", "clean.eml"}, 64, "sideways"},
        {{"--now", "soon", "clean.eml"}, 64, "soon"},
        {{"--nonsense", "clean.eml"}, 64, "nonsense"},
        {{"absent.eml"}, 66, "absent.eml"},
        {{"--rules", "/nonexistent", "clean.eml"}, 78, "/nonexistent"},
        {{"--policy", "/nonexistent.yaml", "clean.eml"}, 78, "/nonexistent.yaml"},
        {{"--config", "/nonexistent.yaml", "clean.eml"}, 78, "/nonexistent.yaml"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(Run) run = check(rows[i].words);
        if (run.status != rows[i].status || strstr(run.err, rows[i].said) == NULL)
            fail_msg("row %zu: %d %s", i, run.status, run.err);
        assert_string_equal(run.out, "");
    }
}

/* A document is never taken for read when nobody can read it, and a person is told once why. */
static void
test_check_without_readers_says_so(void **state)
{
    g_autofree char *letter = path_of("document.eml"), *config = path_of("no-readers.yaml");
    assert_true(g_file_set_contents(letter,
                                    "From: a@unit.example\nTo: b@outside.example\nMIME-Version: 1.0\n"
                                    "Content-Type: application/gzip; name=a.gz\nContent-Transfer-Encoding: base64\n\n"
                                    "H4sIAAAAAAAAAwMAAAAAAAAAAAA=\n",
                                    -1, NULL));
    assert_true(g_file_set_contents(config, "extract:\n  program: /nonexistent/hangu-extract\n", -1, NULL));
    g_auto(Run) run = CHECK("--json", "-d", "out", "--config", "no-readers.yaml", "document.eml", "document.eml");
    g_unlink(letter);
    g_unlink(config);
    assert_int_equal(run.status, 1);
    assert_non_null(strstr(run.out, "\"reader-failed\""));
    const char *said =
        strstr(run.err, "hangu check: documents and archives cannot be read: /nonexistent/hangu-extract");
    assert_non_null(said);
    assert_null(strstr(said + 1, "hangu check:"));
}

static void
test_check_leaves_nothing_behind(void **state)
{
    g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
    guint files = 0;
    while (g_dir_read_name(dir) != NULL)
        files++;
    assert_int_equal(files, 4); /* the letters and the rules */
}

static const struct {
    const char *name, *body;
} letters[] = {
    {"clean.eml", "请于周五前报送材料。\n"},
    {"internal.eml", "关于蓝图计划的说明\n"},
    {"secret.eml", "000012\n机密★10年\n特急\n\n关于某事的通知\n"},
};

static int
write_letters(void **state)
{
    directory = g_dir_make_tmp("check-XXXXXX", NULL);
    g_setenv("LC_ALL", "C.UTF-8", TRUE);
    g_unsetenv("LANGUAGE");
    for (gsize i = 0; i < G_N_ELEMENTS(letters); i++) {
        g_autofree char *path = path_of(letters[i].name);
        g_autofree char *text = g_strconcat("From: a@unit.example\nTo: b@outside.example\nSubject: x\n"
                                            "Content-Type: text/plain; charset=utf-8\n\n",
                                            letters[i].body, NULL);
        if (!g_file_set_contents(path, text, -1, NULL))
            return -1;
    }
    g_autofree char *packs = path_of("packs"), *file = g_build_filename(packs, "p.yaml", NULL);
    return g_mkdir(packs, 0700) == 0 && g_file_set_contents(file, pack, -1, NULL) ? 0 : -1;
}

static int
remove_letters(void **state)
{
    for (gsize i = 0; i < G_N_ELEMENTS(letters); i++) {
        g_autofree char *path = path_of(letters[i].name);
        g_unlink(path);
    }
    g_autofree char *packs = path_of("packs"), *file = g_build_filename(packs, "p.yaml", NULL);
    g_unlink(file);
    g_rmdir(packs);
    g_rmdir(directory);
    g_free(directory);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_check_exit_status_is_the_verdict),
        cmocka_unit_test(test_check_asks_rules_by_the_facts_given),
        cmocka_unit_test(test_check_text_says_what_and_why),
        cmocka_unit_test(test_check_json_is_one_object_a_line),
        cmocka_unit_test(test_check_envelope_comes_from_options_or_headers),
        cmocka_unit_test(test_check_digest_of_the_rules_must_fit),
        cmocka_unit_test(test_check_errors_have_their_status),
        cmocka_unit_test(test_check_without_readers_says_so),
        cmocka_unit_test(test_check_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, write_letters, remove_letters);
}
