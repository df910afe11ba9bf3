#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "database.h"
#include "forwards.h"
#include "remove_tree.h"
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
test_scripts_for_everybody(void **state)
{
    g_autofree char *directory = g_dir_make_tmp("hangu-forwards-XXXXXX", NULL);
    g_autofree char *first = write_file(directory, "before/10-first.sieve", "redirect :copy \"a@free.example\";");
    g_free(write_file(directory, "before/20-second.sieve", "\nredirect \"b@free.example\";"));
    g_free(write_file(directory, "before/readme.txt", "redirect \"c@free.example\";"));
    g_autofree char *after = write_file(directory, "after.sieve", "if true { redirect \"d@free.example\"; }");
    g_autofree char *before = g_path_get_dirname(first);
    g_autofree char *with_name = g_strconcat("file:", after, ";name=last", NULL);
    g_autoptr(Forwards) forwards = forwards_new();
    forwards_read_sieve_place(forwards, before, "*", NULL);
    forwards_read_sieve_place(forwards, with_name, "*", NULL);
    ASSERT_ROWS(forwards, "*>a@free.example:1+copy *>b@free.example:2 *>d@free.example:1");
    const char *const places[] = {"ldap:/etc/dovecot/sieve-ldap.conf;name=x", "dict:file:/etc/dovecot/sieve.dict",
                                  "/nowhere/at/all.sieve", "~/before.sieve", "/srv/%d/before.sieve"};
    for (gsize i = 0; i < G_N_ELEMENTS(places); i++) {
        forwards_read_sieve_place(forwards, places[i], "*", NULL);
        assert_int_equal(forwards->unread->len, i + 1); /* told, not left out */
    }
    remove_tree(directory);
}

/* Each attribute that says where mail goes on to, and those that look alike and do not. */
static void
test_ldif_attributes(void **state)
{
    static const struct {
        const char *attribute, *rows;
    } cases[] = {
        {"mailForwardingAddress: li@free.example", "li@unit.example>li@free.example:3?copy"},
        {"MAILFORWARDINGADDRESS: li@free.example", "li@unit.example>li@free.example:3?copy"},
        {"mailRoutingAddress: li@free.example", "li@unit.example>li@free.example:3?copy"},
        {"gosaMailForwardingAddress: li@free.example", "li@unit.example>li@free.example:3?copy"},
        {"zimbraMailForwardingAddress: a@free.example, b@free.example",
         "li@unit.example>a@free.example:3?copy li@unit.example>b@free.example:3?copy"},
        {"zimbraPrefMailForwardingAddress: li@free.example", "li@unit.example>li@free.example:3?copy"},
        {"rfc822ForwardingMailbox: li@free.example", "li@unit.example>li@free.example:3?copy"},
        {"forwardTo: li@free.example", "li@unit.example>li@free.example:3?copy"},
        {"maildrop: li@free.example", "li@unit.example>li@free.example:3?copy"},
        {"maildrop;lang-zh: li@free.example", "li@unit.example>li@free.example:3?copy"},
        {"zimbraMailSieveScript: redirect \"li@free.example\";", "li@unit.example>li@free.example:3"},
        {"mailSieveRuleSource: redirect :copy \"li@free.example\";", "li@unit.example>li@free.example:3+copy"},
        /* other addresses of the mailbox itself: mail comes in by them, none goes on */
        {"mailAlternateAddress: li2@unit.example", ""},
        {"mailLocalAddress: li3@unit.example", ""},
        {"telephoneNumber: 0100-5550123", ""},
    };
    g_autofree char *directory = g_dir_make_tmp("hangu-forwards-XXXXXX", NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = g_strdup_printf("dn: uid=li,dc=unit\nmail: li@unit.example\n%s\n", cases[i].attribute);
        g_autofree char *file = write_file(directory, "x.ldif", text);
        g_autoptr(Forwards) forwards = forwards_new();
        forwards_read_ldif(forwards, file);
        ASSERT_ROWS(forwards, cases[i].rows);
    }
    remove_tree(directory);
}

#define IDENTITIES "li@unit.example>li@free.example:%u wang@unit.example>all@free.example:%u+copy"

static void
assert_identities(const char *directory, const char *text, guint first, guint second)
{
    g_autofree char *file = write_file(directory, "identities", text);
    g_autofree char *expected = g_strdup_printf(IDENTITIES, first, second);
    g_autoptr(Forwards) forwards = forwards_new();
    forwards_read_roundcube(forwards, file);
    assert_int_equal(forwards->unread->len, 0);
    ASSERT_ROWS(forwards, expected);
}

/* The same four identities in each form: a freemail Reply-To, none, a deleted one, a blind copy of all that is sent. */
static void
test_roundcube_identities(void **state)
{
    g_autofree char *directory = g_dir_make_tmp("hangu-forwards-XXXXXX", NULL);
    assert_identities(
        directory,
        "-- MySQL dump 10.19; it's a comment\n/*!40101 SET NAMES utf8 */;\n"
        "CREATE TABLE `users` (`user_id` int, `username` varchar(128));\n"
        "INSERT INTO `users` VALUES (1,'x; INSERT INTO `identities` VALUES (9)');\n"
        "CREATE TABLE `identities` (\n  `identity_id` int(10) unsigned NOT NULL AUTO_INCREMENT,\n"
        "  `del` tinyint(1) NOT NULL DEFAULT 0,\n  `name` varchar(128),\n  `email` varchar(128),\n"
        "  `reply-to` varchar(128),\n  `bcc` varchar(128),\n  `signature` longtext,\n"
        "  PRIMARY KEY (`identity_id`),\n  KEY `email_index` (`email`,`del`)\n) ENGINE=InnoDB;\n"
        "INSERT INTO `identities` VALUES\n(1,0,'Li\\'s, (x)','li@unit.example','li@free.example','','--\\n'),\n"
        "(2,0,'Hu','hu@unit.example','',NULL,NULL),(3,1,'','zhang@unit.example','z@free.example','',''),\n"
        "(4,0,'W','wang@unit.example','','all@free.example',_utf8mb4 'x');\n",
        17, 19);
    assert_identities(directory,
                      "COPY public.users (user_id, username) FROM stdin;\n1\tli\n\\.\n\n"
                      "COPY public.identities (identity_id, del, email, \"reply-to\", bcc) FROM stdin;\n"
                      "1\t0\tli@unit.example\tli@free.example\t\n2\t0\thu@unit.example\t\t\\N\n"
                      "3\t1\tzhang@unit.example\tz@free.example\t\n4\t0\twang@unit.example\t\tall@free.example\n\\.\n\n"
                      "SELECT 1;\n",
                      6, 9);
    assert_identities(directory,
                      "del,email,reply-to,bcc\r\n0,li@unit.example,li@free.example,\r\n0,hu@unit.example,,\r\n"
                      "1,zhang@unit.example,z@free.example,\r\n0,wang@unit.example,,all@free.example\r\n",
                      2, 5);
    remove_tree(directory);
}

static void
test_roundcube_database(void **state)
{
    g_autofree char *directory = g_dir_make_tmp("hangu-forwards-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(directory, "roundcube.db", NULL);
    g_autofree char *expected = g_strdup_printf(IDENTITIES, 0, 0);
    g_autoptr(Forwards) forwards = forwards_new();
    g_autoptr(Database) database = database_open(path, NULL);
    assert_true(database_run(database, NULL,
                             "CREATE TABLE rc_identities (identity_id INTEGER PRIMARY KEY, del INTEGER, email TEXT,"
                             " \"reply-to\" TEXT, bcc TEXT)",
                             ""));
    assert_true(database_run(database, NULL,
                             "INSERT INTO rc_identities VALUES (1, 0, 'li@unit.example', 'li@free.example', ''),"
                             " (2, 0, 'hu@unit.example', '', NULL), (3, 1, 'zhang@unit.example', 'z@free.example', ''),"
                             " (4, 0, 'wang@unit.example', '', 'all@free.example')",
                             ""));
    forwards_read_roundcube(forwards, path); /* while Roundcube has it open */
    ASSERT_ROWS(forwards, expected);
    g_clear_pointer(&database, database_free);
    remove_tree(directory);
}

/* What is none is told; nothing of it ends in a row. */
static void
test_roundcube_oddities(void **state)
{
    static const char *const odd[] = {
        "",
        "SQLite format 3",
        "INSERT INTO `users` VALUES (1,'x');\n",
        "INSERT INTO users VALUES ('",
        "name,address\nx,y\n",
        "CREATE TABLE identities (",
        "COPY identities (email, \"reply-to\") FROM stdin",
        "\xff\xff\xff",
        "email\nx@y\n",
        "INSERT INTO identities (email, \"reply-to\") VALUES ('li@unit.example', 'x@free.example'"};
    g_autofree char *directory = g_dir_make_tmp("hangu-forwards-XXXXXX", NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(odd); i++) {
        g_autofree char *file = write_file(directory, "identities", odd[i]);
        g_autoptr(Forwards) forwards = forwards_new();
        forwards_read_roundcube(forwards, file);
        ASSERT_ROWS(forwards, "");
    }
    remove_tree(directory);
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
        cmocka_unit_test(test_alias_text),
        cmocka_unit_test(test_forward_text),
        cmocka_unit_test(test_table_text),
        cmocka_unit_test(test_ldif),
        cmocka_unit_test(test_sieve_places),
        cmocka_unit_test(test_place),
        cmocka_unit_test(test_scripts_for_everybody),
        cmocka_unit_test(test_ldif_attributes),
        cmocka_unit_test(test_roundcube_identities),
        cmocka_unit_test(test_roundcube_database),
        cmocka_unit_test(test_roundcube_oddities),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
