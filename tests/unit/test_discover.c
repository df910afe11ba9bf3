/* Submitters from lines of logs. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "discover.h"
#include "errors.h"
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

static const char *const log_lines[] = {
    "Nov 22 08:00:01 mx postfix/submission/smtpd[11]: 4AbC12dEf3: client=x[192.0.2.20], sasl_username=zhangwei",
    "Nov 22 08:00:01 mx postfix/qmgr[3]: 4AbC12dEf3: from=<zhangwei@water.example>, size=900, nrcpt=1 (queue active)",
    "Nov 22 08:00:02 mx dovecot: imap-login: Login: user=<zhangwei>, method=PLAIN, rip=192.0.2.21, lip=192.0.2.1, TLS",
    "Nov 22 08:01:00 mx postfix/smtpd[12]: 4AbC12dEf4: client=unknown[192.0.2.7]",
    "Nov 22 08:01:00 mx postfix/qmgr[3]: 4AbC12dEf4: from=<Scan1@water.example>, size=900, nrcpt=1 (queue active)",
    "Nov 22 08:02:00 mx postfix/smtpd[12]: 4AbC12dEf5: client=mx.other.example[198.51.100.9]",
    "Nov 22 08:02:00 mx postfix/qmgr[3]: 4AbC12dEf5: from=<x@other.example>, size=900, nrcpt=1 (queue active)",
    "Nov 22 08:03:00 mx postfix/pickup[9]: 4AbC12dEf6: uid=0 from=<root>",
    "2026-11-22T08:04:00Z mx postfix/smtpd[1]: 4AbC12dEf7: client=x[192.0.2.22], sasl_username=office@water.example",
    "Nov 22 08:05:00 mx dovecot: imap-login: Login: user=<admin>, method=PLAIN, rip=192.0.2.9, lip=192.0.2.1",
    "Nov 22 08:05:00 mx dovecot: imap-login: Disconnected: Auth failed, user=<evil>, rip=203.0.113.5",
    "Nov 22 08:06:00 mx postfix/smtpd[12]: NOQUEUE: reject: RCPT from x[203.0.113.5]: 554; from=<a@b> to=<c@d>",
    "nonsense \xff\xfe postfix/",
};

static const Discovered *
find(const Discover *discover, const char *name)
{
    const GPtrArray *all = discover_submitters(discover);
    for (guint i = 0; i < all->len; i++)
        if (g_str_equal(((Discovered *)g_ptr_array_index(all, i))->name, name))
            return g_ptr_array_index(all, i);
    return NULL;
}

static void
judge(Discover *discover)
{
    g_autoptr(GPtrArray) domains = g_ptr_array_new(), networks = g_ptr_array_new();
    g_ptr_array_add(domains, (gpointer) "water.example");
    g_ptr_array_add(networks, (gpointer) "192.0.2.0/24");
    discover_judge(discover, domains, networks);
}

static void
test_lines_name_submitters(void **state)
{
    g_autoptr(Discover) discover = discover_new();
    for (guint i = 0; i < G_N_ELEMENTS(log_lines); i++)
        discover_line(discover, log_lines[i], strlen(log_lines[i]));
    judge(discover);
    assert_int_equal(discover_lines(discover), G_N_ELEMENTS(log_lines));
    static const struct {
        const char *name, *kind, *address;
        gint64 letters, logins;
    } cases[] = {
        {"zhangwei", "person", "zhangwei@water.example", 1, 1},
        {"192.0.2.7", "service", "scan1@water.example", 1, 0},
        {"uid:0", "service", NULL, 1, 0},
        {"office@water.example", "unit", "office@water.example", 1, 0},
        {"admin", "administrator", "admin@water.example", 0, 1},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        const Discovered *one = find(discover, cases[i].name);
        assert_non_null(one);
        assert_string_equal(one->kind, cases[i].kind);
        assert_int_equal(g_strcmp0(one->address, cases[i].address), 0);
        assert_int_equal(one->letters, cases[i].letters);
        assert_int_equal(one->logins, cases[i].logins);
        assert_true(strlen(one->reason) > 0);
    }
    assert_int_equal(discover_submitters(discover)->len, G_N_ELEMENTS(cases)); /* other servers and failures are none */
    assert_string_equal(find(discover, "office@water.example")->last, "2026-11-22T08:04:00");
    assert_string_equal(find(discover, "zhangwei")->last, "Nov 22 08:00:02");
}

static void
test_many_letters_from_one_place_are_a_program(void **state)
{
    g_autoptr(Discover) discover = discover_new();
    for (guint i = 0; i < 60; i++) {
        g_autofree char *line = g_strdup_printf("Nov 22 08:00:01 mx postfix/submission/smtpd[11]: 4AbC12d%03u: "
                                                "client=x[192.0.2.30], sasl_method=PLAIN, sasl_username=liuyang",
                                                i);
        discover_line(discover, line, strlen(line));
    }
    judge(discover);
    assert_string_equal(find(discover, "liuyang")->kind, "service");
}

static void
test_submitters_are_bounded(void **state)
{
    g_autoptr(Discover) discover = discover_new();
    for (guint i = 0; i < DISCOVER_MOST + 5; i++) {
        g_autofree char *line = g_strdup_printf("x dovecot: imap-login: Login: user=<u%u>, rip=192.0.2.1", i);
        discover_line(discover, line, strlen(line));
    }
    assert_true(discover_was_full(discover));
    assert_int_equal(discover_submitters(discover)->len, DISCOVER_MOST);
    g_autofree char *endless = g_strnfill(1000000, 'a');
    discover_line(discover, endless, 1000000);
}

static void
test_logs_are_unpacked_and_passwords_left_alone(void **state)
{
    g_autofree char *directory = g_dir_make_tmp("hangu-discover-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(directory, "mail.log.2.gz", NULL);
    g_autofree char *users = g_build_filename(directory, "users", NULL);
    g_autoptr(GFile) file = g_file_new_for_path(path);
    g_autoptr(GOutputStream) raw = G_OUTPUT_STREAM(g_file_create(file, 0, NULL, NULL));
    g_autoptr(GConverter) pack = G_CONVERTER(g_zlib_compressor_new(G_ZLIB_COMPRESSOR_FORMAT_GZIP, -1));
    g_autoptr(GOutputStream) packed = g_converter_output_stream_new(raw, pack);
    for (guint i = 0; i < 3; i++)
        assert_true(g_output_stream_printf(packed, NULL, NULL, NULL, "%s\n", log_lines[i]));
    assert_true(g_output_stream_close(packed, NULL, NULL));
    assert_true(g_file_set_contents(users, "# users\nzhangwei:{PLAIN}x:::\nsun@water.example:{SHA512-CRYPT}y\nbroken\n",
                                    -1, NULL));
    g_autoptr(Discover) discover = discover_new();
    g_autoptr(GError) error = NULL;
    assert_true(discover_log(discover, path, NULL));
    assert_true(discover_passwd_file(discover, users, NULL));
    assert_false(discover_log(discover, "/nonexistent/mail.log", &error));
    assert_int_equal(error->code, HANGU_ERROR_NO_INPUT);
    judge(discover);
    assert_int_equal(find(discover, "zhangwei")->letters, 1);
    assert_true(find(discover, "zhangwei")->in_password_file);
    assert_non_null(strstr(find(discover, "sun@water.example")->reason, "never"));
    assert_null(find(discover, "broken"));
    g_unlink(path);
    g_unlink(users);
    g_rmdir(directory);
}

static gboolean
has_text(const GPtrArray *texts, const char *part)
{
    for (guint i = 0; i < texts->len; i++)
        if (strstr(g_ptr_array_index(texts, i), part) != NULL)
            return TRUE;
    return FALSE;
}

static void
test_tables_are_joined_with_who_submits(void **state)
{
    g_autoptr(Discover) discover = discover_new();
    for (guint i = 0; i < G_N_ELEMENTS(log_lines); i++)
        discover_line(discover, log_lines[i], strlen(log_lines[i]));
    discover_table_text(discover, KNOWN_LOGIN,
                        "zhangwei@water.example\tzhangwei\nZW@water.example zhangwei, wu01\n"
                        "@other.example zhangwei\n",
                        "senders");
    discover_table_text(discover, KNOWN_MAILBOX,
                        "# mailboxes\nzhangwei@water.example water/zhangwei/\nfax@water.example\n  water/fax/\n"
                        "qian@water.example\twater/qian/\n@catch.example all/\n\001zbad x\nlonely\n",
                        "mailboxes");
    discover_table_text(discover, KNOWN_ALIAS,
                        "info@water.example qian@water.example\nqian@water.example qian@water.example\n"
                        "postmaster: root\n@water.example x@water.example\n",
                        "aliases");
    judge(discover);
    static const struct {
        const char *name, *source, *kind, *address;
        gint64 letters;
        SubmitterType type;
    } cases[] = {
        {"zhangwei", "mailboxes", "person", "zhangwei@water.example", 1, SUBMITTER_LOGIN},
        {"zhangwei", "senders", "person", "zhangwei@water.example", 1, SUBMITTER_LOGIN},
        {"wu01", "senders", "person", "wu01@water.example", 0, SUBMITTER_LOGIN},
        {"qian@water.example", "mailboxes", "person", "qian@water.example", 0, SUBMITTER_MAILBOX},
        {"qian@water.example", "aliases", "person", "qian@water.example", 0, SUBMITTER_MAILBOX},
        {"fax@water.example", "mailboxes", "service", "fax@water.example", 0, SUBMITTER_MAILBOX},
        {"info@water.example", "aliases", "alias", "info@water.example", 0, SUBMITTER_ALIAS},
        {"postmaster", "aliases", "alias", "postmaster@water.example", 0, SUBMITTER_ALIAS},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        const Discovered *one = find(discover, cases[i].name);
        assert_non_null(one);
        assert_string_equal(one->kind, cases[i].kind);
        assert_string_equal(one->address, cases[i].address);
        assert_int_equal(one->letters, cases[i].letters);
        assert_int_equal(one->type, cases[i].type);
        assert_true(has_text(one->sources, cases[i].source));
    }
    assert_null(find(discover, "zhangwei@water.example")); /* no second row of it */
    assert_null(find(discover, "lonely"));
    assert_true(has_text(find(discover, "zhangwei")->addresses, "zw@water.example"));
    assert_int_equal(find(discover, "qian@water.example")->addresses->len, 0); /* an alias is no right to send */
    assert_string_equal(g_ptr_array_index(find(discover, "info@water.example")->addresses, 0), "qian@water.example");
    assert_int_equal(discover_not_read(discover)->len, 1); /* the whole domain */
    assert_int_equal(discover_sources(discover), 3);
}

static void
test_tables_without_a_list_are_named(void **state)
{
    static const struct {
        const char *table, *why;
    } cases[] = {
        {"regexp:/etc/postfix/x", "patterns (regexp)"},
        {"pcre:/etc/postfix/x", "patterns (pcre)"},
        {"static:all", "patterns (static)"},
        {"ldap:/etc/postfix/ldap.cf", "\"ldap\""},
        {"proxy:mysql:/etc/postfix/users.cf", "\"mysql\""},
        {"unix:passwd.byname", "\"unix\""},
        {"unionmap:{static:x, pgsql:/etc/y}", "patterns (static)"},
        {"nonsense", "\"\""},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Discover) discover = discover_new();
        discover_table(discover, NULL, "virtual_mailbox_maps", KNOWN_MAILBOX, cases[i].table);
        const GPtrArray *unread = discover_not_read(discover);
        assert_true(unread->len >= 1);
        const DiscoverUnread *one = g_ptr_array_index(unread, 0);
        assert_non_null(strstr(one->why, cases[i].why));
        assert_non_null(strstr(one->source, "virtual_mailbox_maps"));
        assert_int_equal(discover_sources(discover), 0);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines_name_submitters),
        cmocka_unit_test(test_many_letters_from_one_place_are_a_program),
        cmocka_unit_test(test_submitters_are_bounded),
        cmocka_unit_test(test_logs_are_unpacked_and_passwords_left_alone),
        cmocka_unit_test(test_tables_are_joined_with_who_submits),
        cmocka_unit_test(test_tables_without_a_list_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
