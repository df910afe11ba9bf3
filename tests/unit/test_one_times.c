/* One-time passwords of accounts, by their verbs: enrolment, codes that are good once, and that nothing is told. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "accounts.h"
#include "clock.h"
#include "errors.h"
#include "fake_ledger.h"
#include "one_times.h"
#include "remove_tree.h"
#include "verbs.h"
#include "verbs_otp.h"
#include <glib/gstdio.h>
#include <liboath/oath.h>
#include <string.h>

#define START_US (G_GINT64_CONSTANT(1790000000) * G_USEC_PER_SEC) /* the first moment of a step, or nearly */
#define STEP_US (ONE_TIME_STEP * G_USEC_PER_SEC)
#define LI "\"account\": \"li@unit.example\""

static char *directory, *path;
static FakeLedger *ledger;
static Settings *settings;
static OneTimes *one_times;
static VerbCall call;
static json_t *rows;
static char *secret; /* of the last enrolment, in base 32 */

static gboolean
take_row(json_t *row, gpointer user, GError **error)
{
    return json_array_append_new(rows, row) == 0;
}

static int
run(const char *verb, const char *arguments)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *request = g_strdup_printf("{\"verb\": \"%s\", %s}", verb, arguments);
    json_decref(rows);
    rows = json_array();
    json_t *parsed = json_loads(request, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(parsed);
    call.arguments = parsed;
    gboolean good = verbs_run(&call, &error);
    json_decref(parsed);
    assert_true(good == (error == NULL));
    return error != NULL ? error->code : 0;
}

static const json_t *
value(const char *name)
{
    return json_object_get(json_array_get(rows, 0), name);
}

static const char *
text(const char *name)
{
    return json_string_value(value(name));
}

static void
at(gint64 steps)
{
    clock_set_fake(START_US + steps * STEP_US, 0);
}

/* The code of a step after START_US (or of a counter), by liboath itself. */
static void
make_code(gint64 number, gboolean hotp, char code[ONE_TIME_DIGITS + 1])
{
    char *key = NULL;
    size_t length = 0;
    guint64 factor = (guint64)number + (hotp ? 0 : START_US / STEP_US);
    assert_int_equal(oath_base32_decode(secret, strlen(secret), &key, &length), OATH_OK);
    assert_int_equal(length, ONE_TIME_SECRET_SIZE);
    assert_int_equal(
        oath_hotp_generate(key, length, factor, ONE_TIME_DIGITS, FALSE, OATH_HOTP_DYNAMIC_TRUNCATION, code), OATH_OK);
    free(key);
}

static int
run_code(const char *verb, gint64 number, gboolean hotp)
{
    char code[ONE_TIME_DIGITS + 1];
    make_code(number, hotp, code);
    g_autofree char *arguments = g_strdup_printf(LI ", \"code\": \"%s\"", code);
    return run(verb, arguments);
}

/* The word of the answer to a code. */
static const char *
check(gint64 number, gboolean hotp)
{
    assert_int_equal(run_code("otp-check", number, hotp), 0);
    assert_true(json_is_true(value("pass")) == (strcmp(text("result"), "good") == 0));
    return text("result");
}

static void
enrol(const char *kind)
{
    g_autofree char *arguments = g_strdup_printf(LI ", \"kind\": \"%s\"", kind);
    assert_int_equal(run("otp-enrol", arguments), 0);
    g_free(secret);
    secret = g_strdup(text("secret"));
}

static void
open_all(void)
{
    g_autoptr(GError) error = NULL;
    one_times = one_times_new(path, &error);
    assert_null(error);
    verbs_otp_use(one_times);
}

static void
close_all(void)
{
    verbs_otp_use(NULL);
    g_clear_pointer(&one_times, one_times_free);
}

static int
set_up(void **state)
{
    directory = g_dir_make_tmp("hangu-otp-XXXXXX", NULL);
    path = g_build_filename(directory, "accounts.db", NULL);
    ledger = fake_ledger_start();
    settings = settings_new_default();
    at(0);
    call = (VerbCall){.database = accounts_open(path, NULL),
                      .ledger = ledger_client_new(fake_ledger_path(ledger)),
                      .settings = settings,
                      .actor = "root",
                      .answer = take_row};
    rows = json_array();
    open_all();
    static const char *const officers[] = {"ju", "wang"};
    for (guint i = 0; i < G_N_ELEMENTS(officers); i++) {
        g_autofree char *one = g_strdup_printf("\"unit\": \"水务局\", \"domain\": \"unit.example\", \"role\": "
                                               "\"approver\", \"person\": \"%s@unit.example\"",
                                               officers[i]);
        assert_int_equal(run("unit", one), 0);
    }
    static const char *const people[] = {"li", "ju"};
    for (guint i = 0; i < G_N_ELEMENTS(people); i++) {
        g_autofree char *one = g_strdup_printf(
            "\"address\": \"%s@unit.example\", \"unit\": \"水务局\", \"owner\": \"李强\", \"purpose\": \"公务\", "
            "\"approver\": \"wang@unit.example\", \"approved\": \"2026-01-05\", \"tier\": \"otp\"",
            people[i]);
        assert_int_equal(run("import", one), 0);
    }
    return 0;
}

static int
tear_down(void **state)
{
    clock_set_fake(-1, -1);
    close_all();
    json_decref(rows);
    rows = NULL;
    g_clear_pointer(&secret, g_free);
    database_free(call.database);
    ledger_client_free(call.ledger);
    fake_ledger_stop(ledger);
    settings_free(settings);
    remove_tree(directory);
    g_free(directory);
    g_free(path);
    return 0;
}

/* How many records were written from `from` on; none has the secret. */
static guint
records_end(void)
{
    return call.records;
}

static void
test_enrol_counts_after_the_first_code(void **state)
{
    enrol("totp");
    assert_int_equal(strlen(secret), 32);
    assert_non_null(strstr(text("uri"), secret));
    assert_int_equal(records_end(), 1);
    assert_string_equal(check(0, FALSE), "none"); /* waits: asks for nothing yet */
    assert_int_equal(run("otp-enrol", LI ", \"code\": \"000000x\""), 0);
    assert_true(json_is_false(value("confirmed")));
    assert_int_equal(run_code("otp-enrol", 0, FALSE), 0);
    assert_true(json_is_true(value("confirmed")));
    assert_null(value("secret"));
    assert_int_equal(records_end(), 1);
    assert_string_equal(check(0, FALSE), "used"); /* the code that confirmed */
    assert_string_equal(check(1, FALSE), "good");
    assert_int_equal(records_end(), 1);
    assert_int_equal(run("otp-enrol", LI), HANGU_ERROR_PERMISSION);
    assert_int_equal(run("otp-state", LI), 0);
    assert_string_equal(text("state"), "confirmed");
    assert_string_equal(text("kind"), "totp");
    assert_null(value("secret"));
}

static void
test_enrol_ends_after_wrong_codes_and_after_its_time(void **state)
{
    enrol("totp");
    for (guint i = 0; i < ONE_TIMES_CONFIRM_TRIES; i++)
        assert_int_equal(run("otp-enrol", LI ", \"code\": \"12345\""), 0);
    assert_int_equal(run_code("otp-enrol", 0, FALSE), HANGU_ERROR_NO_INPUT);
    enrol("totp");
    at(ONE_TIMES_CONFIRM_MINUTES * 2 + 1);
    assert_int_equal(run_code("otp-enrol", ONE_TIMES_CONFIRM_MINUTES * 2 + 1, FALSE), 0);
    assert_true(json_is_false(value("confirmed")));
    assert_int_equal(run("otp-state", LI), 0);
    assert_string_equal(text("state"), "none");
}

static void
enrolled(const char *kind)
{
    enrol(kind);
    assert_int_equal(run_code("otp-enrol", 0, strcmp(kind, "hotp") == 0), 0);
    assert_true(json_is_true(value("confirmed")));
}

static void
test_check_code_is_good_once_also_after_a_restart(void **state)
{
    enrolled("totp");
    at(3);
    assert_string_equal(check(3, FALSE), "good");
    assert_string_equal(check(3, FALSE), "used");
    close_all();
    assert_int_equal(run("otp-check", LI), HANGU_ERROR_AWAY);
    open_all();
    assert_string_equal(check(3, FALSE), "used");
    assert_string_equal(check(2, FALSE), "used");
    assert_string_equal(check(4, FALSE), "good");
    at(20);
    assert_string_equal(check(4, FALSE), "wrong");
    assert_int_equal(run("otp-check", LI), 0);
    assert_string_equal(text("result"), "missing");
    assert_true(json_is_false(value("pass")));
}

static void
test_check_hotp_moves_forward_and_resync_finds_it_again(void **state)
{
    char first[ONE_TIME_DIGITS + 1], second[ONE_TIME_DIGITS + 1];
    enrolled("hotp");
    assert_string_equal(check(5, TRUE), "good");
    assert_string_equal(check(4, TRUE), "used");
    assert_string_equal(check(60, TRUE), "wrong");
    make_code(60, TRUE, first);
    make_code(61, TRUE, second);
    g_autofree char *arguments = g_strdup_printf(LI ", \"code\": \"%s\", \"second\": \"%s\"", first, second);
    assert_int_equal(run("otp-resync", arguments), 0);
    assert_true(json_is_true(value("resynced")));
    assert_string_equal(check(61, TRUE), "used");
    assert_string_equal(check(62, TRUE), "good");
    assert_int_equal(run("otp-resync", arguments), 0);
    assert_true(json_is_false(value("resynced")));
}

static void
test_check_without_enrolment_is_refused_where_the_group_enforces(void **state)
{
    assert_int_equal(run("otp-check", LI), 0);
    assert_true(json_is_true(value("pass")));
    assert_int_equal(records_end(), 1);
    assert_true(accounts_stage_set(call.database, "all", "enforce", "root", "2026-01-01T00:00:00.000Z", NULL));
    assert_int_equal(run("otp-check", LI), 0);
    assert_string_equal(text("result"), "not-enrolled");
    assert_true(json_is_false(value("pass")));
    assert_int_equal(run("otp-check", "\"account\": \"nobody@unit.example\""), 0);
    assert_true(json_is_true(value("pass")));
}

static void
test_reset_is_for_root_and_officers(void **state)
{
    enrolled("totp");
    call.actor = "dovecot";
    assert_int_equal(run("otp-reset", LI), HANGU_ERROR_PERMISSION);
    assert_int_equal(run("otp-reset", LI ", \"by\": \"ju@unit.example\""), HANGU_ERROR_PERMISSION);
    assert_int_equal(run("otp-enrol", "\"account\": \"ju@unit.example\""), HANGU_ERROR_PERMISSION);
    call.actor = "li";
    assert_int_equal(run("otp-reset", LI), HANGU_ERROR_PERMISSION);
    call.actor = "ju"; /* an approver of the unit */
    assert_int_equal(run("otp-reset", LI), 0);
    call.actor = "root";
    assert_int_equal(run("otp-reset", LI), HANGU_ERROR_NO_INPUT);
    assert_string_equal(check(1, FALSE), "none");
    g_autofree char *old = g_strdup(secret);
    enrolled("totp");
    assert_string_not_equal(old, secret);
}

static void
test_nothing_changes_without_its_record(void **state)
{
    enrol("totp");
    fake_ledger_behave(ledger, FAKE_LEDGER_REFUSES_IO);
    assert_int_equal(run_code("otp-enrol", 0, FALSE), HANGU_ERROR_IO);
    assert_int_equal(one_times_state(one_times, "li@unit.example", NULL, NULL), ONE_TIMES_WAITING);
    fake_ledger_behave(ledger, FAKE_LEDGER_GOOD);
    assert_int_equal(run_code("otp-enrol", 0, FALSE), 0);
    assert_true(json_is_true(value("confirmed")));
    fake_ledger_behave(ledger, FAKE_LEDGER_REFUSES_IO);
    assert_int_equal(run("otp-reset", LI), HANGU_ERROR_IO);
    assert_int_equal(run_code("otp-check", 1, FALSE), HANGU_ERROR_IO); /* no record, no login */
    fake_ledger_behave(ledger, FAKE_LEDGER_GOOD);
    assert_int_equal(one_times_state(one_times, "li@unit.example", NULL, NULL), ONE_TIMES_CONFIRMED);
    assert_string_equal(check(1, FALSE), "used"); /* and the code is gone */
}

static gboolean
file_has(const char *name, const void *bytes, gsize length)
{
    g_autofree char *file = g_build_filename(directory, name, NULL), *contents = NULL;
    gsize size = 0;
    return g_file_get_contents(file, &contents, &size, NULL) && memmem(contents, size, bytes, length) != NULL;
}

static void
test_secret_is_on_the_disk_only_sealed_and_in_its_own_row(void **state)
{
    static const char *const files[] = {"one_time.db", "one_time.db-wal", "accounts.db", "accounts.db-wal"};
    char *key = NULL;
    size_t length = 0;
    enrolled("totp");
    assert_int_equal(oath_base32_decode(secret, strlen(secret), &key, &length), OATH_OK);
    for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
        assert_false(file_has(files[i], secret, strlen(secret)));
        assert_false(file_has(files[i], key, length));
    }
    free(key);
    /* another key: refused, never let in */
    close_all();
    g_autofree char *file = g_build_filename(directory, "one_time.key", NULL);
    assert_int_equal(g_unlink(file), 0);
    open_all();
    assert_int_equal(run_code("otp-check", 1, FALSE), HANGU_ERROR_DATA);
    assert_int_equal(run("otp-reset", LI), 0);
    assert_string_equal(check(1, FALSE), "none");
}

static void
test_records_have_words_only(void **state)
{
    enrolled("totp");
    assert_string_equal(check(1, FALSE), "good");
    static const char *const events[] = {"otp-issued", "otp-enrolled", "code-good"};
    for (guint i = 0; i < G_N_ELEMENTS(events); i++) {
        json_t *record = fake_ledger_record(ledger, 4 + i); /* after two officers and two accounts */
        char code[ONE_TIME_DIGITS + 1];
        assert_string_equal(json_string_value(json_object_get(record, "event")), events[i]);
        assert_string_equal(json_string_value(json_object_get(record, "account")), "li@unit.example");
        char *line = json_dumps(record, 0);
        assert_null(strstr(line, secret));
        for (guint step = 0; step < 2; step++) {
            make_code(step, FALSE, code);
            assert_null(strstr(line, code));
        }
        free(line);
    }
}

int
main(void)
{
#define CASE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(test_enrol_counts_after_the_first_code),
        CASE(test_enrol_ends_after_wrong_codes_and_after_its_time),
        CASE(test_check_code_is_good_once_also_after_a_restart),
        CASE(test_check_hotp_moves_forward_and_resync_finds_it_again),
        CASE(test_check_without_enrolment_is_refused_where_the_group_enforces),
        CASE(test_reset_is_for_root_and_officers),
        CASE(test_nothing_changes_without_its_record),
        CASE(test_secret_is_on_the_disk_only_sealed_and_in_its_own_row),
        CASE(test_records_have_words_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
