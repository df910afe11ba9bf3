/* Ways round the gate, from what postconf prints. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "ways_out.h"
#include <string.h>

#define MAIN                                                        \
    "queue_directory = /var/spool/postfix\n"                        \
    "smtpd_milters = inet:127.0.0.1:8892, unix:hangu/milter.sock\n" \
    "non_smtpd_milters = unix:hangu/milter.sock\n"                  \
    "default_transport = hangu-egress:[127.0.0.1]:10027\n"          \
    "relay_transport = hangu-egress:[127.0.0.1]:10027\n"            \
    "sender_dependent_default_transport_maps = \n"                  \
    "milter_default_action = tempfail\n"                            \
    "milter_macro_daemon_name = mx.unit.example\n"                  \
    "content_filter = \n"                                           \
    "receive_override_options =\n"                                  \
    "message_size_limit = 104857600\n"
#define SERVICES                                                                                         \
    "smtp       inet  n       -       y       -       -       smtpd\n"                                   \
    "submission inet  n       -       y       -       -       smtpd -o syslog_name=postfix/submission\n" \
    "127.0.0.1:10027 inet n - y - - smtpd -o milter_macro_daemon_name=egress\n"                          \
    "pickup     unix  n       -       y       60      1       pickup\n"                                  \
    "cleanup    unix  n       -       y       -       0       cleanup\n"                                 \
    "smtp       unix  -       -       y       -       -       smtp\n"
#define OVERRIDES                                              \
    "127.0.0.1:10027/inet/milter_macro_daemon_name = egress\n" \
    "127.0.0.1:10027/inet/content_filter = smtp:\n"            \
    "cleanup/unix/milter_macro_daemon_name = pickup\n"

typedef struct {
    const char *name;
    const char *parameters, *services, *overrides; /* put behind the good ones; the last one counts */
    const char *id, *where;                        /* the one way found; NULL: none */
} Case;

static const Case cases[] = {
    {"good", "", "", "", NULL, NULL},
    {"absolute path", "smtpd_milters = unix:/var/spool/postfix/hangu/milter.sock\n", "", "", NULL, NULL},
    {"path inside the chroot", "smtpd_milters = unix:/hangu/milter.sock\n", "", "", NULL, NULL},
    {"braces", "smtpd_milters = { unix:hangu/milter.sock, connect_timeout=5s }\n", "", "", NULL, NULL},
    {"another socket", "", "", "submission/inet/smtpd_milters = unix:other.sock\n", "smtpd-unguarded",
     "submission/inet"},
    {"a port without", "", "10025 inet n - n - - smtpd\n", "10025/inet/smtpd_milters = \n", "smtpd-unguarded",
     "10025/inet"},
    {"sendmail", "non_smtpd_milters = \n", "", "", "sendmail-unguarded", "non_smtpd_milters"},
    {"no egress", "default_transport = smtp\n", "", "", "no-egress", "default_transport"},
    {"another listener", "default_transport = smtp:[127.0.0.1]:25\n", "", "", "no-egress", "default_transport"},
    {"transport by sender", "sender_dependent_default_transport_maps = hash:/etc/postfix/x\n", "", "", "no-egress",
     "sender_dependent_default_transport_maps"},
    {"nothing goes out", "default_transport = error:no\n", "", "", NULL, NULL},
    {"accepts", "milter_default_action = accept\n", "", "", "accepts-without-us", "milter_default_action"},
    {"one milter accepts", "smtpd_milters = { unix:hangu/milter.sock, default_action=accept }\n", "", "",
     "accepts-without-us", "milter_default_action"},
    {"a service accepts", "", "", "submission/inet/milter_default_action = accept\n", "accepts-without-us",
     "submission/inet"},
    {"filter", "", "", "smtp/inet/content_filter = scan:[127.0.0.1]:10024\n", "content-filter", "smtp/inet"},
    {"proxy", "", "", "smtp/inet/smtpd_proxy_filter = 127.0.0.1:10024\n", "proxy-filter", "smtp/inet"},
    {"no_milters", "", "", "submission/inet/receive_override_options = no_header_body_checks,no_milters\n",
     "no-milters", "submission/inet"},
    {"size", "message_size_limit = 204857600\n", "", "", "size", "message_size_limit"},
    {"no size", "message_size_limit = 0\n", "", "", "size", "message_size_limit"},
    {"pickup", "", "", "cleanup/unix/milter_macro_daemon_name = x\n", "pickup-unnamed", "cleanup/unix"},
};

static void
check(const Case *one, const Settings *settings)
{
    g_auto(PostfixSetup) setup = {0};
    g_autofree char *parameters = g_strconcat(MAIN, one->parameters, NULL);
    g_autofree char *services = g_strconcat(SERVICES, one->services, NULL);
    g_autofree char *overrides = g_strconcat(OVERRIDES, one->overrides, NULL);
    postfix_setup_parse(parameters, services, overrides, &setup);
    g_autoptr(GPtrArray) found = ways_out_find(&setup, settings);
    if (found->len != (one->id != NULL))
        fail_msg("%s: %u ways", one->name, found->len);
    if (one->id == NULL)
        return;
    const WayOut *way = g_ptr_array_index(found, 0);
    assert_string_equal(way->id, one->id);
    assert_string_equal(way->where, one->where);
    assert_true(*way->what != '\0' && *way->advice != '\0');
}

static void
test_ways_out_find_each_way(void **state)
{
    g_autoptr(Settings) settings = settings_new_default();
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        check(&cases[i], settings);
}

static void
test_ways_out_find_takes_tcp_addresses_as_both_write_them(void **state)
{
    g_autoptr(Settings) settings = settings_new_default();
    g_auto(PostfixSetup) setup = {0};
    g_free(settings->socket);
    settings->socket = g_strdup("inet:8894@127.0.0.1");
    postfix_setup_parse(MAIN "smtpd_milters = inet:127.0.0.1:8894\nnon_smtpd_milters = inet:localhost:8894\n", SERVICES,
                        OVERRIDES, &setup);
    g_autoptr(GPtrArray) found = ways_out_find(&setup, settings);
    assert_int_equal(found->len, 0);
}

static void
test_ways_out_find_a_stock_postfix(void **state)
{
    g_autoptr(Settings) settings = settings_new_default();
    g_auto(PostfixSetup) setup = {0};
    postfix_setup_parse("smtpd_milters =\nnon_smtpd_milters =\ndefault_transport = smtp\nrelay_transport = relay\n"
                        "milter_default_action = tempfail\nmessage_size_limit = 10240000\n"
                        "queue_directory = /var/spool/postfix\n",
                        "smtp inet n - y - - smtpd\npickup unix n - y 60 1 pickup\ncleanup unix n - y - 0 cleanup\n",
                        "", &setup);
    g_autoptr(GPtrArray) found = ways_out_find(&setup, settings);
    assert_int_equal(found->len, 5); /* smtp, sendmail, its name, two transports */
    const WayOut *way = g_ptr_array_index(found, 0);
    assert_non_null(strstr(way->advice, "unix:hangu/milter.sock")); /* as a chrooted smtpd needs it */
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ways_out_find_each_way),
        cmocka_unit_test(test_ways_out_find_takes_tcp_addresses_as_both_write_them),
        cmocka_unit_test(test_ways_out_find_a_stock_postfix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
