/* What Dovecot is answered, by stage, tier and time: requests as they come, with a clock of the test's own. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "auth_policy.h"
#include "clock.h"
#include "fake_ledger.h"
#include "remove_tree.h"
#include "secrets.h"
#include <glib/gstdio.h>
#include <string.h>

#define LI "li@unit.example"
#define START (G_GINT64_CONSTANT(20000) * G_TIME_SPAN_DAY + 4 * G_TIME_SPAN_HOUR)

typedef struct {
    char *directory;
    FakeLedger *ledger;
    Settings *settings;
    Events *events;
    AuthPolicy *policy;
    char *nonce;
    gint64 now;
    gboolean settle; /* of the last answer */
} Fixture;

static void
set_clock(Fixture *fixture, gint64 now)
{
    fixture->now = now;
    clock_set_fake(now, now);
}

static void
fill_register(const Fixture *fixture, const char *tier)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Database) database = accounts_open(fixture->settings->accounts_database, &error);
    g_autoptr(Account) account = account_new();
    account_set(account, ACCOUNT_ADDRESS, LI);
    account_set(account, ACCOUNT_KIND, "person");
    account_set(account, ACCOUNT_TIER, tier);
    account_set(account, ACCOUNT_STATE, "open");
    account_set(account, ACCOUNT_APPROVER, "leader@unit.example");
    account_set(account, ACCOUNT_REQUESTED, "2024-01-01T00:00:00.000Z");
    account_set(account, ACCOUNT_CHANGED, "2024-01-01T00:00:00.000Z");
    assert_true(database_begin(database, &error) && accounts_insert(database, account, &error) &&
                database_commit(database, &error));
}

static void
set_stage(const Fixture *fixture, const char *stage)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Database) database = accounts_open(fixture->settings->accounts_database, &error);
    assert_true(database_begin(database, &error) &&
                accounts_stage_set(database, LI, stage, "test", "2024-01-01T00:00:00.000Z", &error) &&
                database_commit(database, &error));
}

static int
start(void **state)
{
    Fixture *fixture = g_new0(Fixture, 1);
    g_autoptr(GError) error = NULL;
    g_auto(Secrets) secrets = {0};
    set_clock(fixture, START);
    fixture->directory = g_dir_make_tmp("hangu-policy-XXXXXX", NULL);
    fixture->ledger = fake_ledger_start();
    fixture->settings = settings_new_default();
    g_free(fixture->settings->accounts_database);
    fixture->settings->accounts_database = g_build_filename(fixture->directory, "accounts.db", NULL);
    g_free(fixture->settings->control_socket);
    fixture->settings->control_socket = g_build_filename(fixture->directory, "milter.control", NULL);
    EventsOptions events = {.ledger_socket = fake_ledger_path(fixture->ledger), .unit = "unit", .program = "test 1"};
    fixture->events = events_new(&events);
    fixture->policy = auth_policy_new(fixture->settings, fixture->events, &error);
    assert_non_null(fixture->policy);
    assert_true(secrets_load(fixture->settings->accounts_database, &secrets, &error));
    fixture->nonce = g_strdup(secrets.nonce);
    *state = fixture;
    return 0;
}

static int
stop(void **state)
{
    Fixture *fixture = *state;
    auth_policy_free(fixture->policy);
    events_free(fixture->events, 20 * G_USEC_PER_SEC);
    fake_ledger_stop(fixture->ledger);
    settings_free(fixture->settings);
    remove_tree(fixture->directory);
    g_free(fixture->directory);
    g_free(fixture->nonce);
    g_free(fixture);
    clock_set_fake(-1, -1);
    return 0;
}

static int
ask(Fixture *fixture, PolicyCommand command, const char *password, const char *client, gboolean success)
{
    PolicyAnswer answer;
    PolicyRequest request = {.command = command,
                             .login = LI,
                             .remote = client,
                             .protocol = "imap",
                             .session = "",
                             .mech = "PLAIN",
                             .hash_length = PASSWORDS_HASH_SIZE,
                             .success = success};
    g_autoptr(GString) text = g_string_new(fixture->nonce);
    g_string_append_len(text, LI, sizeof LI);
    g_string_append(text, password);
    crypto_sha256(text->str, text->len, request.hash);
    auth_policy_answer(fixture->policy, &request, &answer);
    g_free(answer.text);
    fixture->settle = answer.settle;
    return answer.status;
}

/* As Dovecot does it; the worst of its answers. */
static int
log_in(Fixture *fixture, const char *password, const char *client)
{
    int before = ask(fixture, POLICY_ALLOW, password, client, FALSE);
    if (before < 0)
        return before;
    int after = ask(fixture, POLICY_ALLOW, password, client, FALSE);
    if (after < 0)
        return after;
    ask(fixture, POLICY_REPORT, password, client, TRUE);
    passwords_wait(auth_policy_passwords(fixture->policy));
    return MAX(before, after);
}

static int
fail_one(Fixture *fixture, const char *password, const char *client)
{
    int status = ask(fixture, POLICY_ALLOW, password, client, FALSE);
    if (status >= 0)
        ask(fixture, POLICY_REPORT, password, client, FALSE);
    return status;
}

static void
test_stages_of_a_lock(void **state)
{
    Fixture *fixture = *state;
    static const char *const wrong[] = {"a-1", "b-2", "c-3", "d-4"};
    fill_register(fixture, "base");
    for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++)
        assert_int_equal(fail_one(fixture, wrong[i], "192.0.2.7"), 0); /* observe */
    set_stage(fixture, "warn");
    assert_true(ask(fixture, POLICY_ALLOW, "e-5", "192.0.2.7", FALSE) >= 0);
    set_stage(fixture, "enforce");
    assert_int_equal(ask(fixture, POLICY_ALLOW, "e-5", "192.0.2.7", FALSE), -1);
    assert_int_equal(log_in(fixture, "right-Kx7", "198.51.100.7"), 0);
    set_clock(fixture, fixture->now + 31 * G_TIME_SPAN_MINUTE);
    assert_int_equal(log_in(fixture, "right-Kx7", "192.0.2.7"), 0);
}

static void
test_delay_where_people_are_warned(void **state)
{
    Fixture *fixture = *state;
    fill_register(fixture, "base");
    set_stage(fixture, "warn");
    assert_int_equal(fail_one(fixture, "a-1", "192.0.2.7"), 0);
    assert_true(fail_one(fixture, "b-2", "192.0.2.7") > 0);
}

static void
test_new_settings_take_effect(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(Settings) stricter = settings_new_default();
    fill_register(fixture, "base");
    set_stage(fixture, "enforce");
    assert_int_equal(fail_one(fixture, "a-1", "192.0.2.7"), 0);
    assert_int_not_equal(fail_one(fixture, "b-2", "192.0.2.7"), -1);
    assert_int_not_equal(ask(fixture, POLICY_ALLOW, "b-2", "192.0.2.7", FALSE), -1);
    assert_int_equal(fail_one(fixture, "a-1", "198.51.100.7"), 0);
    stricter->accounts_lock_after = 2;
    auth_policy_set_settings(fixture->policy, stricter);
    assert_int_not_equal(fail_one(fixture, "b-2", "198.51.100.7"), -1);
    assert_int_equal(ask(fixture, POLICY_ALLOW, "c-3", "198.51.100.7", FALSE), -1);
    assert_int_equal(ask(fixture, POLICY_ALLOW, "c-3", "192.0.2.7", FALSE), -1); /* two were wrong there, too */
    auth_policy_set_settings(fixture->policy, fixture->settings);
    assert_int_not_equal(fail_one(fixture, "a-1", "203.0.113.7"), -1);
    assert_int_not_equal(fail_one(fixture, "b-2", "203.0.113.7"), -1);
    assert_int_not_equal(ask(fixture, POLICY_ALLOW, "c-3", "203.0.113.7", FALSE), -1);
}

static void
note_settled(gpointer user)
{
    g_atomic_int_set((gint *)user, TRUE);
}

static gint64
wrong_on_disk(const Fixture *fixture)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = g_build_filename(fixture->directory, "logins.db", NULL);
    g_autoptr(Database) database = database_open(path, &error);
    g_autoptr(Statement) row = database_query(
        database, &error, "SELECT wrong FROM login_state WHERE account = ? AND network = '192.0.2.0/24'", "t", LI);
    return row != NULL && statement_step(row, &error) == 1 ? statement_integer(row, 0) : 0;
}

/* A failure that counts is answered when it is on the disk. */
static void
test_failures_are_settled(void **state)
{
    Fixture *fixture = *state;
    fill_register(fixture, "base");
    for (gint64 wrong = 1; wrong <= 2; wrong++) {
        g_autofree char *password = g_strdup_printf("wrong-%d", (int)wrong);
        gint settled = FALSE;
        ask(fixture, POLICY_REPORT, password, "192.0.2.7", FALSE);
        assert_true(fixture->settle);
        auth_policy_settle(fixture->policy, note_settled, &settled);
        while (!g_atomic_int_get(&settled))
            g_usleep(1000);
        assert_int_equal(wrong_on_disk(fixture), wrong);
    }
    ask(fixture, POLICY_REPORT, "wrong-2", "192.0.2.7", FALSE);
    assert_false(fixture->settle); /* the same again counts once */
    ask(fixture, POLICY_REPORT, "right-Kx7", "192.0.2.7", TRUE);
    assert_false(fixture->settle);
}

static void
test_age_of_a_tier(void **state)
{
    Fixture *fixture = *state;
    fill_register(fixture, "strict"); /* 30 days */
    set_stage(fixture, "enforce");
    assert_int_equal(log_in(fixture, "right-Kx7", "192.0.2.7"), 0);
    set_clock(fixture, START + 29 * G_TIME_SPAN_DAY);
    assert_int_equal(log_in(fixture, "right-Kx7", "192.0.2.7"), 0);
    set_clock(fixture, START + 36 * G_TIME_SPAN_DAY); /* 7 of grace */
    assert_int_equal(log_in(fixture, "right-Kx7", "192.0.2.7"), 0);
    set_clock(fixture, START + 37 * G_TIME_SPAN_DAY);
    assert_int_equal(log_in(fixture, "right-Kx7", "192.0.2.7"), -1);
    set_stage(fixture, "warn");
    assert_int_equal(log_in(fixture, "right-Kx7", "192.0.2.7"), 0);
    set_stage(fixture, "enforce");
    assert_int_equal(log_in(fixture, "other-Rt5", "192.0.2.7"), 0);
    assert_int_equal(log_in(fixture, "other-Rt5", "192.0.2.7"), 0);
}

static void
test_problems_for_the_gate(void **state)
{
    Fixture *fixture = *state;
    static const struct {
        const char *tier, *stage;
        PasswordVerdict verdict;
        int days;
        guint problems;
    } cases[] = {
        {"base", "observe", VERDICT_TRIED, 89, 0},
        {"base", "observe", VERDICT_TRIED, 90, PROBLEM_PASSWORD_EXPIRED},
        {"base", "enforce", VERDICT_TRIED, 96, 0},
        {"base", "enforce", VERDICT_TRIED, 97, PROBLEM_PASSWORD_EXPIRED},
        {"high", "warn", VERDICT_TRIED, 7, PROBLEM_PASSWORD_EXPIRED},
        {"base", "warn", VERDICT_WEAK, 0, PROBLEM_PASSWORD_WEAK},
        {"base", "enforce", VERDICT_WEAK, 6, 0},
        {"base", "enforce", VERDICT_WEAK, 7, PROBLEM_PASSWORD_WEAK},
        {"otp", "enforce", VERDICT_WEAK, 500, 0},
        {"", "", VERDICT_WEAK, 90, PROBLEM_PASSWORD_WEAK | PROBLEM_PASSWORD_EXPIRED},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        gint64 since = START - cases[i].days * G_TIME_SPAN_DAY;
        AccountFacts facts = {.tier = (char *)cases[i].tier, .stage = (char *)cases[i].stage};
        assert_int_equal(auth_policy_password_problems(fixture->policy, &facts, cases[i].verdict, since, since, START),
                         cases[i].problems);
        facts.exempt = PROBLEM_ALL;
        assert_int_equal(auth_policy_password_problems(fixture->policy, &facts, cases[i].verdict, since, since, START),
                         0);
    }
    AccountFacts handed_over = {
        .tier = (char *)"base", .stage = (char *)"enforce", .new_password = (char *)"2030-01-01T00:00:00.000Z"};
    assert_int_equal(auth_policy_password_problems(fixture->policy, &handed_over, VERDICT_TRIED, START, START, START),
                     PROBLEM_PASSWORD_EXPIRED);
}

static gboolean
no_record(gpointer user, GError **error)
{
    return TRUE;
}

static void
test_tier_otp_without_a_confirmed_code(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    g_auto(OneTime) made = {0};
    OneTimeResult result = ONE_TIME_WRONG;
    g_autoptr(OneTimes) one_times = one_times_new(fixture->settings->accounts_database, &error);
    assert_null(error);
    auth_policy_use_one_times(fixture->policy, one_times);
    fill_register(fixture, "otp");
    assert_int_equal(log_in(fixture, "right-Kx7", "192.0.2.7"), 0); /* observe */
    set_stage(fixture, "warn");
    assert_int_equal(log_in(fixture, "right-Kx7", "192.0.2.7"), 0);
    set_stage(fixture, "enforce");
    assert_int_equal(log_in(fixture, "right-Kx7", "192.0.2.7"), -1);
    assert_true(one_times_enrol(one_times, LI, ONE_TIME_HOTP, START, no_record, NULL, &made, &error));
    assert_int_equal(log_in(fixture, "right-Kx7", "192.0.2.7"), -1); /* no first code yet */
    for (guint i = 0; result != ONE_TIME_GOOD; i++) {
        OneTime tried = made;
        g_autofree char *code = g_strdup_printf("%06u", i);
        if (one_time_check(&tried, code, START) == ONE_TIME_GOOD)
            assert_true(one_times_confirm(one_times, LI, code, START, no_record, NULL, &result, &error));
    }
    assert_int_equal(log_in(fixture, "right-Kx7000001", "192.0.2.7"), 0);
    auth_policy_free(g_steal_pointer(&fixture->policy));
}

static void
test_register_away_opens_nothing(void **state)
{
    Fixture *fixture = *state;
    assert_int_equal(g_mkdir(fixture->settings->accounts_database, 0700), 0); /* a directory is no database */
    assert_int_equal(ask(fixture, POLICY_ALLOW, "right-Kx7", "192.0.2.7", FALSE), -1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_stages_of_a_lock, start, stop),
        cmocka_unit_test_setup_teardown(test_delay_where_people_are_warned, start, stop),
        cmocka_unit_test_setup_teardown(test_new_settings_take_effect, start, stop),
        cmocka_unit_test_setup_teardown(test_failures_are_settled, start, stop),
        cmocka_unit_test_setup_teardown(test_age_of_a_tier, start, stop),
        cmocka_unit_test_setup_teardown(test_problems_for_the_gate, start, stop),
        cmocka_unit_test_setup_teardown(test_tier_otp_without_a_confirmed_code, start, stop),
        cmocka_unit_test_setup_teardown(test_register_away_opens_nothing, start, stop),
    };
    cmocka_set_test_filter(g_getenv("TEST_FILTER"));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
