#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "log.h"
#include "settings.h"
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* Loads a text as a settings file; *said_out gets the problems, the file's name as F. */
static Settings *
load_text(const char *text, char **said_out)
{
    char path[] = "/tmp/test_settings.XXXXXX";
    int fd = mkstemp(path);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    g_autoptr(Problems) problems = problems_new();
    Settings *settings = settings_load(path, problems);
    unlink(path);
    g_autofree char *said = problems_to_text(problems);
    g_autoptr(GString) short_said = g_string_new(said);
    g_string_replace(short_said, path, "F", 0);
    *said_out = g_strdup(short_said->str);
    return settings;
}

static void
test_settings_new_default_values(void **state)
{
    g_autoptr(Settings) settings = settings_new_default();
    assert_string_equal(settings->unit, "default");
    assert_int_equal(settings->mode, MODE_OBSERVE);
    assert_int_equal(settings->on_failure, ON_FAILURE_TEMPFAIL);
    assert_string_equal(settings->policy_file, SYSCONFDIR "/policy.yaml");
    assert_string_equal(settings->rules_dir, PKGDATADIR "/packs");
    assert_string_equal(settings->cache_dir, CACHEDIR);
    assert_string_equal(settings->ledger_dir, STATEDIR "/ledger");
    assert_string_equal(settings->ledger_socket, RUNDIR "/ledger.sock");
    assert_int_equal(settings->local_domains->len, 0);
    assert_int_equal(settings->local_networks->len, 2);
    assert_string_equal(settings->recipient_delimiter, "+");
    assert_null(settings->authserv_id);
    assert_string_equal(settings->socket, "unix:/var/spool/postfix/hangu/milter.sock");
    assert_int_equal(settings->spool_memory, 1 << 20);
    assert_int_equal(settings->connections, 500);
    assert_int_equal(settings->message_size, 100 << 20);
    assert_int_equal(settings->deadline_submission, 45);
    assert_int_equal(settings->deadline, 240);
    assert_int_equal(settings->max_depth, 50);
    assert_int_equal(settings->max_text_bytes, 256 << 20);
    assert_int_equal(settings->ledger_timeout, 20);
    assert_int_equal(settings->log_sink, LOG_TO_SYSLOG);
    assert_int_equal(settings->log_level, LOG_LEVEL_INFO);
    assert_null(settings->path);
    assert_true(g_str_has_prefix(settings->digest, "sha256:"));
}

static void
test_settings_load_reads_sections(void **state)
{
    g_autofree char *said = NULL;
    g_autoptr(Settings) settings = load_text("unit: 某某局\nmode: enforce\non_failure: hold\nstate: /srv/hangu\n"
                                             "mail:\n  local_domains: [unit.example, .部门.example]\n"
                                             "  local_networks: 192.0.2.0/24\n  recipient_delimiter: \"\"\n"
                                             "milter:\n  socket: inet:11332@127.0.0.1\n  deadline: 2m\n"
                                             "log:\n  sink: stderr\n  level: debug\n",
                                             &said);
    assert_string_equal(said, "");
    assert_string_equal(settings->unit, "某某局");
    assert_int_equal(settings->mode, MODE_ENFORCE);
    assert_string_equal(g_ptr_array_index(settings->local_domains, 1), ".部门.example");
    assert_string_equal(settings->recipient_delimiter, "");
    assert_int_equal(settings->deadline, 120);
    assert_string_equal(settings->ledger_dir, "/srv/hangu/ledger"); /* follows state */
    assert_int_equal(settings->log_level, LOG_LEVEL_DEBUG);
    assert_non_null(settings->path);
}

static void
test_settings_load_refuses(void **state)
{
    static const struct {
        const char *text, *said;
    } cases[] = {
        {"mode: enforce\n\non_failure: accept\n",
         "F:3:13: on_failure: accept is allowed with mode: observe only, but line 1 says mode: enforce"},
        {"unit: \"\"\n", "F:1:7: unit: \"\": must have 1 to 64"},
        {"mail:\n  local_domains: [a@unit.example]\n",
         "F:2:19: mail.local_domains: \"a@unit.example\": must be a domain"},
        {"mail:\n  local_domains: [\"*.unit.example\"]\n",
         "F:2:19: mail.local_domains: \"*.unit.example\": must be a domain; a dot"},
        {"mail:\n  local_domains: [unit..example]\n", "F:2:19: mail.local_domains: \"unit..example\": is no domain"},
        {"mail:\n  local_domains: [unit。example]\n", "F:2:19: mail.local_domains: \"unit。example\": is no domain"},
        {"mail:\n  local_networks: [192.0.2.1/24]\n",
         "F:2:20: mail.local_networks: \"192.0.2.1/24\": the address has bits"},
        {"mail:\n  local_networks: [192.0.2.0/33]\n",
         "F:2:20: mail.local_networks: \"192.0.2.0/33\": the address has bits"},
        {"mail:\n  local_networks: [intranet]\n", "F:2:20: mail.local_networks: \"intranet\": is no network"},
        {"mail:\n  local_networks: [\"[::1]/128\"]\n",
         "F:2:20: mail.local_networks: \"[::1]/128\": must be written without"},
        {"milter:\n  socket: /run/x\n", "F:2:11: milter.socket: \"/run/x\": is no socket; write unix:"},
        {"milter:\n  socket: inet:99999@localhost\n",
         "F:2:11: milter.socket: \"inet:99999@localhost\": must be inet:PORT"},
        {"milter:\n  socket: inet:localhost:25\n", "F:2:11: milter.socket: \"inet:localhost:25\": must be inet:PORT"},
        {"milter:\n  deadline: 1h\n", "F:2:13: milter.deadline: \"1h\": must be a time span"},
        {"milter:\n  socket_group: \"a b\"\n", "F:2:17: milter.socket_group: \"a b\": must be the name of a group"},
        {"policy: policy.yaml\n", "F:1:9: policy: \"policy.yaml\": must be an absolute path"},
        {"deadline: 10\n", "F:1:1: deadline: unknown key here; it belongs below \"milter:\""},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *said = NULL;
        g_autoptr(Settings) settings = load_text(cases[i].text, &said);
        assert_null(settings);
        if (!g_str_has_prefix(said, cases[i].said))
            fail_msg("case %zu gives\n%s not\n%s", i, said, cases[i].said);
    }
}

static void
test_settings_read_gives_what_is_sound(void **state)
{
    char path[] = "/tmp/test_settings.XXXXXX";
    int fd = mkstemp(path);
    assert_int_equal(write(fd, "policy: /x/p.yaml\nmode: nonsense\n", 32), 32);
    close(fd);
    g_autoptr(Problems) problems = problems_new();
    g_autoptr(Settings) settings = settings_read(path, problems);
    unlink(path);
    assert_int_equal(problems_count(problems), 1);
    assert_string_equal(settings->policy_file, "/x/p.yaml");
    assert_int_equal(settings->mode, MODE_OBSERVE);
}

static void
test_settings_load_accept_in_observe_is_fine(void **state)
{
    g_autofree char *said = NULL, *said_default = NULL;
    g_autoptr(Settings) settings = load_text("mode: observe\non_failure: accept\n", &said);
    assert_string_equal(said, "");
    g_autoptr(Settings) without_mode = load_text("on_failure: accept\n", &said_default);
    assert_non_null(without_mode);
}

static void
test_settings_load_long_socket_path(void **state)
{
    g_autofree char *name = g_strnfill(120, 'x'), *said = NULL;
    g_autofree char *text = g_strdup_printf("milter:\n  control_socket: /%s\n  socket: unix:/%s\n", name, name);
    g_autoptr(Settings) settings = load_text(text, &said);
    assert_null(settings);
    assert_non_null(strstr(said, "F:2:19: milter.control_socket"));
    assert_non_null(strstr(said, "F:3:11: milter.socket"));
}

static void
test_settings_load_given_path_must_exist(void **state)
{
    g_autoptr(Problems) problems = problems_new();
    assert_null(settings_load("/no/such/hangu.yaml", problems));
    assert_int_equal(problems_count(problems), 1);
}

/* Every row tells its story in both languages. */
static void
check_help(const YamlRow *rows)
{
    for (; rows->key != NULL; rows++) {
        assert_non_null(rows->help_zh);
        assert_non_null(rows->help_en);
        if (rows->type == YAML_ROW_MAP)
            check_help(rows->rows);
    }
}

static void
test_settings_rows_have_help(void **state)
{
    check_help(settings_rows());
}

/* The shipped example is what the table says, for the paths of a system-wide installation. */
static void
test_settings_example_file_equals_rows(void **state)
{
    static const char *const paths[][2] = {{SYSCONFDIR, "/etc/hangu"},
                                           {PKGDATADIR, "/usr/share/hangu"},
                                           {STATEDIR, "/var/lib/hangu"},
                                           {CACHEDIR, "/var/cache/hangu"},
                                           {RUNDIR, "/run/hangu"}};
    g_autofree char *example = yaml_example(settings_rows()), *shipped = NULL;
    g_autoptr(GString) expected = g_string_new(example);
    for (gsize i = 0; i < G_N_ELEMENTS(paths); i++) {
        g_autofree char *from = g_strconcat(": ", paths[i][0], NULL), *to = g_strconcat(": ", paths[i][1], NULL);
        g_string_replace(expected, from, to, 0);
    }
    const char *top = g_getenv("top_srcdir");
    g_autofree char *path = g_build_filename(top != NULL ? top : ".", "contrib", "hangu.yaml", NULL);
    if (g_getenv("WRITE_EXAMPLES") != NULL)
        assert_true(g_file_set_contents(path, expected->str, (gssize)expected->len, NULL));
    assert_true(g_file_get_contents(path, &shipped, NULL, NULL));
    if (strcmp(shipped, expected->str) != 0)
        fail_msg("contrib/hangu.yaml is not what the table says: run this test with WRITE_EXAMPLES=1");
}

static void
test_settings_format_reads_back_the_same(void **state)
{
    g_autofree char *said = NULL;
    g_autoptr(Settings) settings =
        load_text("unit: \"a \\\"b\\\" 某\\t\"\nmail:\n  local_networks: [\"::1\", 192.0.2.1]\n", &said);
    assert_null(settings); /* a tab is no visible character */
    g_free(g_steal_pointer(&said));
    g_autoptr(Settings) first =
        load_text("unit: \"a \\\"b\\\": 某\"\nmail:\n  local_networks: [\"::1\", 192.0.2.1]\n", &said);
    g_autofree char *formatted = yaml_format(settings_rows(), first), *said_again = NULL;
    g_autoptr(Settings) second = load_text(formatted, &said_again);
    assert_string_equal(said_again, "");
    g_autofree char *again = yaml_format(settings_rows(), second);
    assert_string_equal(formatted, again);
    assert_string_equal(second->unit, "a \"b\": 某");
    assert_non_null(strstr(formatted, "\n  deadline: 4m\n"));
    assert_non_null(strstr(formatted, "\n  #authserv_id:\n"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_settings_new_default_values),
        cmocka_unit_test(test_settings_load_reads_sections),
        cmocka_unit_test(test_settings_load_refuses),
        cmocka_unit_test(test_settings_read_gives_what_is_sound),
        cmocka_unit_test(test_settings_load_accept_in_observe_is_fine),
        cmocka_unit_test(test_settings_load_long_socket_path),
        cmocka_unit_test(test_settings_load_given_path_must_exist),
        cmocka_unit_test(test_settings_rows_have_help),
        cmocka_unit_test(test_settings_example_file_equals_rows),
        cmocka_unit_test(test_settings_format_reads_back_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
