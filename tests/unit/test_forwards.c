#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "forwards.h"
#include "unit_settings.h"
#include <glib/gstdio.h>
#include <string.h>

/* "who>to@line copy", joined by blanks */
static char *
rows_text(const Forwards *forwards)
{
    static const char *const copies[] = {"", "+copy", "?copy"};
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < forwards->rows->len; i++) {
        const Forward *row = g_ptr_array_index(forwards->rows, i);
        g_string_append_printf(text, "%s%s>%s:%u%s", i > 0 ? " " : "", row->who, *row->to != '\0' ? row->to : "?",
                               row->line, copies[row->copy]);
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

#define ASSERT_ROWS(forwards, expected)              \
    do {                                             \
        g_autofree char *rows = rows_text(forwards); \
        assert_string_equal(rows, expected);         \
    } while (0)

static void
test_alias_text(void **state)
{
    g_autoptr(Forwards) forwards = forwards_new();
    forwards_read_alias_text(
        forwards, "aliases",
        "# comment\npostmaster: root\n\nzhang: \\zhang, zhang@free.example\n"
        "li:\n\tli@free.example,\n# inside\n\twang@unit.example\n\"odd name\": \"a b\"@out.example\n"
        "list: \"|/usr/bin/list post, x\"\nowner-list: boss@out.example\nsink: /dev/null\n");
    ASSERT_ROWS(forwards, "postmaster>root:2 zhang>zhang@free.example:4+copy li>li@free.example:5 "
                          "li>wang@unit.example:5 odd name>a b@out.example:9");
}

static void
test_forward_text(void **state)
{
    g_autoptr(Forwards) forwards = forwards_new();
    forwards_read_forward_text(forwards, "zhang", "/home/zhang/.forward",
                               "# mine\n\\zhang\nzhang@free.example, z2@free.example\n");
    forwards_read_forward_text(forwards, "li", "/home/li/.forward", "\"|/usr/bin/procmail -a x, y\"\n");
    forwards_read_forward_text(forwards, "hu", "/home/hu/.forward", "hu@free.example");
    ASSERT_ROWS(forwards, "zhang>zhang@free.example:3+copy zhang>z2@free.example:3+copy li>?:1 hu>hu@free.example:1");
}

static void
test_table_text(void **state)
{
    g_autoptr(Forwards) forwards = forwards_new();
    forwards_read_table_text(forwards, "virtual", "virtual",
                             "# x\nli@unit.example\tli@free.example\n\nzhang@unit.example zhang@unit.example,\n"
                             "  z@free.example\n@old.example @unit.example\nlonely\n",
                             TRUE);
    forwards_read_table_text(forwards, "sender-bcc", "bcc", "boss@unit.example watch@out.example\n", FALSE);
    ASSERT_ROWS(forwards, "li@unit.example>li@free.example:2 zhang@unit.example>z@free.example:4+copy "
                          "@old.example>@unit.example:6 boss@unit.example>watch@out.example:0+copy");
}

static char *
write_file(const char *directory, const char *name, const char *text)
{
    char *path = g_build_filename(directory, name, NULL);
    g_autofree char *above = g_path_get_dirname(path);
    g_mkdir_with_parents(above, 0700);
    assert_true(g_file_set_contents(path, text, -1, NULL));
    return path;
}

static void
test_ldif(void **state)
{
    g_autofree char *directory = g_dir_make_tmp("hangu-forwards-XXXXXX", NULL);
    g_autofree char *file =
        write_file(directory, "x.ldif",
                   "version: 1\n\ndn: uid=zhang,dc=unit\nmail: zhang@unit.example\n"
                   "mailForwardingAddress: zhang@unit.example\nmailForwardingAddress: zhang@fr\n ee.example\n\n"
                   "dn: uid=li,dc=unit\nuid: li\nmailForwardingAddress:: bGlAZnJlZS5leGFtcGxl\n"
                   "zimbraPrefMailLocalDeliveryDisabled: TRUE\n\n"
                   "dn: uid=hu\nmail: hu@unit.example\nmailSieveRuleSource:: cmVkaXJlY3QgImh1QGZyZWUuZXhhbXBsZSI7\n");
    g_autoptr(Forwards) forwards = forwards_new();
    forwards_read_ldif(forwards, file);
    ASSERT_ROWS(forwards, "zhang@unit.example>zhang@free.example:6+copy li>li@free.example:11 "
                          "hu@unit.example>hu@free.example:16");
    assert_int_equal(forwards->unread->len, 0);
    g_unlink(file);
    g_rmdir(directory);
}

static void
test_sieve_places(void **state)
{
    g_autofree char *directory = g_dir_make_tmp("hangu-forwards-XXXXXX", NULL);
    g_autofree char *first =
        write_file(directory, "unit.example/zhang/.dovecot.sieve", "include \"more\";\nredirect \"z@free.example\";\n");
    g_autofree char *more =
        write_file(directory, "unit.example/zhang/sieve/more.sieve", "redirect :copy \"y@free.example\";");
    g_autofree char *broken = write_file(directory, "unit.example/li/.dovecot.sieve", "redirect \"");
    g_autofree char *escape = write_file(directory, "unit.example/hu/.dovecot.sieve", "include \"../zhang/x\";");
    g_autofree char *pattern = g_build_filename(directory, "%d/%n/.dovecot.sieve", NULL);
    g_autoptr(Forwards) forwards = forwards_new();
    forwards_read_sieve(forwards, pattern, NULL);
    ASSERT_ROWS(forwards, "zhang@unit.example>y@free.example:1+copy zhang@unit.example>z@free.example:2");
    assert_int_equal(forwards->unread->len, 2);
    const char *const files[] = {first, more, broken, escape};
    for (gsize i = 0; i < G_N_ELEMENTS(files); i++)
        g_unlink(files[i]);
    for (const char *const *below =
             (const char *const[]){"unit.example/zhang/sieve", "unit.example/zhang", "unit.example/li",
                                   "unit.example/hu", "unit.example", "", NULL};
         *below != NULL; below++) {
        g_autofree char *path = g_build_filename(directory, *below, NULL);
        g_rmdir(path);
    }
}

static void
test_place(void **state)
{
    static const struct {
        const char *to;
        ForwardWhere where;
    } cases[] = {
        {"li", FORWARD_INSIDE},
        {"li@Unit.example", FORWARD_INSIDE},
        {"li@free.example", FORWARD_OUTSIDE},
        {"a@partner.example", FORWARD_PARTNER},
        {"a@second.example", FORWARD_PARTNER},
        {"", FORWARD_UNKNOWN},
        {"@unit.example", FORWARD_INSIDE},
        {"@free.example", FORWARD_OUTSIDE},
        {"a%free.example@unit.example", FORWARD_OUTSIDE},
    };
    g_autoptr(Settings) settings = unit_settings();
    g_autoptr(Forwards) forwards = forwards_new();
    g_ptr_array_add(settings->partner_domains, g_strdup("partner.example"));
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *who = g_strdup_printf("%02u", (guint)i);
        forwards_add(forwards, "alias", who, cases[i].to, "f", 1, COPY_NO);
    }
    forwards_place(forwards, settings, (char *[]){(char *)"second.example", NULL});
    for (guint i = 0; i < forwards->rows->len; i++) {
        const Forward *row = g_ptr_array_index(forwards->rows, i);
        assert_int_equal(row->where, cases[g_ascii_strtoull(row->who, NULL, 10)].where);
    }
    assert_int_equal(((const Forward *)g_ptr_array_index(forwards->rows, 0))->where, FORWARD_OUTSIDE);
    assert_int_equal(forwards_count_open(forwards), 4);
    ((Forward *)g_ptr_array_index(forwards->rows, 0))->allowed_by = g_strdup("boss@unit.example");
    assert_int_equal(forwards_count_open(forwards), 3);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alias_text), cmocka_unit_test(test_forward_text), cmocka_unit_test(test_table_text),
        cmocka_unit_test(test_ldif),       cmocka_unit_test(test_sieve_places), cmocka_unit_test(test_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
