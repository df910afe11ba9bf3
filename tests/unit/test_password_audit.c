/* Planted passwords are found, by kind; good ones are not; a run goes on where the one before stopped. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "audit_guesses.h"
#include "errors.h"
#include "password_audit.h"
#include "remove_tree.h"
#include <glib/gstdio.h>
#include <string.h>

#define YEAR 2026

static char *directory;

static char *
file_of(const char *name, const char *text)
{
    char *path = g_build_filename(directory, name, NULL);
    assert_true(text == NULL || g_file_set_contents(path, text, -1, NULL));
    return path;
}

/* All in plain text: the schemes have a test of their own, and here the guesses are asked. */
static const struct {
    const char *line;
    GuessKind found;
} planted[] = {
    {"qian:{PLAIN}123456", GUESS_COMMON},
    {"li.na@water.example:{PLAIN}Lina2024", GUESS_LOGIN},
    {"wm03:{PLAIN}wangming@2019:0:0:王明,office:/home", GUESS_NAME},
    {"sun@shuiwu.example:{PLAIN}Shuiwu@123", GUESS_UNIT},
    {"zhao:{PLAIN}Blaubeere-Quark", GUESS_WORD},
    {"zhou:{PLAIN}19870512", GUESS_DATE},
    {"good@water.example:{PLAIN}Regen+Lampe77:0:0:张伟", GUESS_NONE},
};

static char *
planted_text(void)
{
    GString *text = g_string_new("# people\n\nnobody\n");
    for (gsize i = 0; i < G_N_ELEMENTS(planted); i++)
        g_string_append_printf(text, "%s\r\n", planted[i].line);
    g_string_append(text, "locked:!\nodd:{NO-SUCH}abc");
    return g_string_free(text, FALSE);
}

static PasswordAudit *
run_over(GPtrArray *list, const char *path, const AuditOptions *options, GError **error)
{
    CryptoHash *inputs = crypto_hash_new();
    assert_true(password_list_read(list, path, inputs, NULL));
    PasswordAudit *audit = password_audit_new(list, options, inputs, error);
    if (audit != NULL)
        assert_true(password_audit_run(audit, error));
    return audit;
}

static const AuditRow *
row(const PasswordAudit *audit, guint i)
{
    return &g_array_index(password_audit_rows(audit), AuditRow, i);
}

static void
test_audit_finds_what_was_planted_and_tells_the_kind(void **state)
{
    g_autofree char *text = planted_text(), *path = file_of("users", text);
    g_autofree char *words = file_of("words", "Sommerregen\r\nBlaubeere-Quark\n");
    const AuditOptions options = {.words_file = words, .threads = 2, .year = YEAR};
    g_autoptr(GPtrArray) list = password_list_new();
    g_autoptr(PasswordAudit) audit = run_over(list, path, &options, NULL);
    assert_int_equal(password_audit_rows(audit)->len, G_N_ELEMENTS(planted) + 2);
    for (guint i = 0; i < G_N_ELEMENTS(planted); i++) {
        if (row(audit, i)->found != planted[i].found)
            print_error("%s: %s\n", planted[i].line, guess_kind_word(row(audit, i)->found));
        assert_int_equal(row(audit, i)->found, planted[i].found);
        assert_int_equal(row(audit, i)->depth, AUDIT_WHOLE);
        assert_int_equal(row(audit, i)->entry->line, i + 4);
    }
    assert_int_equal(row(audit, G_N_ELEMENTS(planted))->depth, AUDIT_UNCHECKED);
    assert_int_equal(row(audit, G_N_ELEMENTS(planted) + 1)->depth, AUDIT_UNCHECKED);
}

static void
test_audit_reads_ldif_with_several_passwords(void **state)
{
    static const char ldif[] = "version: 1\n\ndn: uid=li,ou=people\nuid: li\nmail: li@water.example\ncn:: 5byg5Lyf\n"
                               "userPassword:: e1BMQUlOfXpoYW5nd2VpMTIz\nuserPassword: {PLAIN}Regen+Lampe77\n";
    g_autofree char *path = file_of("people.ldif", ldif);
    const AuditOptions options = {.threads = 1, .year = YEAR};
    g_autoptr(GPtrArray) list = password_list_new();
    g_autoptr(PasswordAudit) audit = run_over(list, path, &options, NULL);
    assert_int_equal(password_audit_rows(audit)->len, 2);
    assert_string_equal(row(audit, 0)->entry->account, "li");
    assert_int_equal(row(audit, 0)->entry->line, 7);
    assert_int_equal(row(audit, 0)->found, GUESS_NAME);
    assert_int_equal(row(audit, 1)->found, GUESS_NONE);
}

static void
test_audit_goes_on_where_it_stopped(void **state)
{
    g_autofree char *text = planted_text(), *path = file_of("users", text);
    g_autofree char *words = file_of("words", "Blaubeere-Quark\n"), *resume = file_of("state", NULL);
    AuditOptions options = {.words_file = words, .resume_file = resume, .threads = 2, .year = YEAR, .tries = 10};
    guint64 before = 0, tries = 0;
    for (guint turn = 0; turn < 2; turn++) {
        g_autoptr(GPtrArray) list = password_list_new();
        g_autoptr(PasswordAudit) audit = run_over(list, path, &options, NULL);
        const GArray *schemes = password_audit_schemes(audit);
        for (guint i = 0; i < schemes->len; i++)
            tries += g_array_index(schemes, AuditScheme, i).tries;
        if (turn == 0) {
            assert_int_equal(row(audit, 1)->depth, AUDIT_PARTLY);
            assert_int_equal(row(audit, 1)->tried, 10);
            assert_int_equal(tries, 6 * 10 + row(audit, 0)->tried);
        } else {
            for (guint i = 0; i < G_N_ELEMENTS(planted); i++) {
                assert_int_equal(row(audit, i)->found, planted[i].found);
                before += row(audit, i)->tried;
            }
            assert_int_equal(tries, before); /* none was tried twice */
        }
        options.tries = 0;
    }
    g_autofree char *kept = NULL;
    assert_true(g_file_get_contents(resume, &kept, NULL, NULL));
    assert_null(strstr(kept, "Blaubeere"));
    assert_null(strstr(kept, "qian"));
}

static void
test_audit_refuses_the_resume_file_of_other_inputs(void **state)
{
    g_autofree char *path = file_of("users", "li:{PLAIN}123456\n"), *resume = file_of("other-state", NULL);
    const AuditOptions options = {.resume_file = resume, .threads = 1, .year = YEAR};
    g_autoptr(GPtrArray) list = password_list_new(), again = password_list_new();
    g_autoptr(GError) error = NULL;
    g_autoptr(PasswordAudit) audit = run_over(list, path, &options, NULL);
    assert_non_null(audit);
    g_free(file_of("users", "li:{PLAIN}1234567\n"));
    assert_null(run_over(again, path, &options, &error));
    assert_true(g_error_matches(error, HANGU_ERROR, HANGU_ERROR_DATA));
}

static void
test_audit_spends_its_budget_and_no_more(void **state)
{
    GString *text = g_string_new(NULL);
    g_autofree char *hash = password_hash_make(MAKE_ARGON2ID, "Regen+Lampe77", NULL);
    for (guint i = 0; i < 40; i++)
        g_string_append_printf(text, "u%u:%s\n", i, hash);
    g_autofree char *path = file_of("slow", text->str);
    const AuditOptions options = {.threads = 2, .year = YEAR, .budget_seconds = 1};
    g_autoptr(GPtrArray) list = password_list_new();
    g_autoptr(PasswordAudit) audit = run_over(list, path, &options, NULL);
    guint64 tried = 0;
    for (guint i = 0; i < 40; i++) {
        assert_int_not_equal(row(audit, i)->depth, AUDIT_WHOLE);
        tried += row(audit, i)->tried;
    }
    assert_true(tried > 0 && tried < 4000); /* all guesses of one account are more than a hundred thousand */
    g_string_free(text, TRUE);
}

static void
test_audit_says_what_is_no_list(void **state)
{
    g_autofree char *empty = file_of("empty", "# nothing\n"), *absent = file_of("absent", NULL);
    g_autofree char *broken = file_of("broken.ldif", "dn: uid=a\nuserPassword:: ***\n");
    g_autoptr(GPtrArray) list = password_list_new();
    static const int codes[] = {HANGU_ERROR_DATA, HANGU_ERROR_NO_INPUT, HANGU_ERROR_DATA};
    const char *const paths[] = {empty, absent, broken};
    for (gsize i = 0; i < G_N_ELEMENTS(paths); i++) {
        g_autoptr(GError) error = NULL;
        assert_false(password_list_read(list, paths[i], NULL, &error));
        assert_true(g_error_matches(error, HANGU_ERROR, codes[i]));
        assert_non_null(strstr(error->message, paths[i]));
    }
}

static int
set_up(void **state)
{
    directory = g_dir_make_tmp("hangu-audit-XXXXXX", NULL);
    return directory == NULL;
}

static int
tear_down(void **state)
{
    remove_tree(directory);
    g_free(directory);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_audit_finds_what_was_planted_and_tells_the_kind),
        cmocka_unit_test(test_audit_reads_ldif_with_several_passwords),
        cmocka_unit_test(test_audit_goes_on_where_it_stopped),
        cmocka_unit_test(test_audit_refuses_the_resume_file_of_other_inputs),
        cmocka_unit_test(test_audit_spends_its_budget_and_no_more),
        cmocka_unit_test(test_audit_says_what_is_no_list),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
