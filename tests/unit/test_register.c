/* The verbs of the register: approval, states, hand-over, leaving, and that nothing changes without its record. */
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
#include "verbs.h"
#include <glib/gstdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char *directory, *path;
static FakeLedger *ledger;
static Settings *settings;
static VerbCall call;
static json_t *rows; /* of the last answer */

static gboolean
take_row(json_t *row, gpointer user, GError **error)
{
    return json_array_append_new(rows, row) == 0;
}

/* 0 or the error's code; `said` (may be NULL) must be in its text. */
static int
run(const char *request, const char *said)
{
    g_autoptr(GError) error = NULL;
    json_decref(rows);
    rows = json_array();
    json_t *arguments = json_loads(request, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(arguments);
    call.arguments = arguments;
    gboolean good = verbs_run(&call, &error);
    json_decref(arguments);
    assert_true(good == (error == NULL));
    if (said != NULL && (error == NULL || strstr(error->message, said) == NULL))
        fail_msg("%s: no \"%s\" in: %s", request, said, error != NULL ? error->message : "(no error)");
    if (said == NULL && error != NULL && error->code == HANGU_ERROR_INTERNAL)
        fail_msg("%s: %s", request, error->message);
    return error != NULL ? error->code : 0;
}

static const char *
field(const char *name)
{
    return json_string_value(json_object_get(json_array_get(rows, 0), name));
}

static const char *
state_of(const char *address)
{
    g_autofree char *request = g_strdup_printf("{\"verb\": \"show\", \"account\": \"%s\"}", address);
    assert_int_equal(run(request, NULL), 0);
    return field("state");
}

#define ADD(address, owner)                                                                                 \
    "{\"verb\": \"add\", \"by\": \"desk@water.example\", \"address\": \"" address "\", \"owner\": \"" owner \
    "\", \"purpose\": \"公文\", \"department\": \"办公室\"}"
#define APPROVE(address, approver) \
    "{\"verb\": \"approve\", \"account\": \"" address "\", \"approver\": \"" approver "\", \"open\": true}"

static int
set_up(void **state)
{
    directory = g_dir_make_tmp("hangu-register-XXXXXX", NULL);
    path = g_build_filename(directory, "accounts.db", NULL);
    ledger = fake_ledger_start();
    settings = settings_new_default();
    call = (VerbCall){.database = accounts_open(path, NULL),
                      .ledger = ledger_client_new(fake_ledger_path(ledger)),
                      .settings = settings,
                      .actor = "root",
                      .answer = take_row};
    rows = json_array();
    assert_non_null(call.database);
    assert_int_equal(run("{\"verb\": \"unit\", \"unit\": \"江州市水务局\", \"abbreviation\": \"市水务局\", "
                         "\"domain\": \"water.example\", \"role\": \"leader\", \"person\": \"wang@water.example\", "
                         "\"name\": \"王刚\"}",
                         NULL),
                     0);
    assert_int_equal(run("{\"verb\": \"department\", \"unit\": \"江州市水务局\", \"department\": \"办公室\", "
                         "\"role\": \"approver\", \"person\": \"li@water.example\", \"name\": \"李强\"}",
                         NULL),
                     0);
    return 0;
}

static int
tear_down(void **state)
{
    json_decref(rows);
    rows = NULL;
    database_free(call.database);
    ledger_client_free(call.ledger);
    fake_ledger_stop(ledger);
    settings_free(settings);
    static const char *const ends[] = {"", "-wal", "-shm", ".lock"};
    for (guint i = 0; i < G_N_ELEMENTS(ends); i++) {
        g_autofree char *name = g_strconcat(path, ends[i], NULL);
        g_unlink(name);
    }
    g_rmdir(directory);
    g_free(directory);
    g_free(path);
    return 0;
}

static void
test_add_is_a_request_with_unit_and_record(void **state)
{
    assert_int_equal(run(ADD("zhangwei@water.example", "张伟"), NULL), 0);
    assert_string_equal(field("state"), "requested");
    assert_string_equal(field("unit"), "江州市水务局");
    assert_string_equal(field("requested_by"), "desk@water.example");
    json_t *record = fake_ledger_record(ledger, 2); /* after unit and department */
    assert_string_equal(json_string_value(json_object_get(record, "kind")), "account");
    assert_string_equal(json_string_value(json_object_get(record, "event")), "requested");
    assert_string_equal(json_string_value(json_object_get(record, "account")), "zhangwei@water.example");
    assert_string_equal(json_string_value(json_object_get(record, "actor")), "root (desk@water.example)");
    assert_int_equal(run(ADD("zhangwei@water.example", "张伟"), "already"), HANGU_ERROR_DATA);
    assert_int_equal(run(ADD("x", "张伟"), "mail address"), HANGU_ERROR_DATA);
    assert_int_equal(run("{\"verb\": \"add\", \"address\": \"a@water.example\", \"owner\": \"张伟\"}", "purpose"),
                     HANGU_ERROR_USAGE);
}

static void
test_add_refuses_the_units_name_without_a_reason(void **state)
{
    assert_int_equal(run(ADD("swj2026@water.example", "张伟"), "(swj)"), HANGU_ERROR_DATA);
}

static void
test_approve_is_for_officers_and_nobody_approves_himself(void **state)
{
    assert_int_equal(run(ADD("zhangwei@water.example", "张伟"), NULL), 0);
    assert_int_equal(run("{\"verb\": \"open\", \"account\": \"zhangwei@water.example\"}", "requested"),
                     HANGU_ERROR_PERMISSION);
    assert_int_equal(run(APPROVE("zhangwei@water.example", "张伟"), "王刚"), HANGU_ERROR_PERMISSION);
    assert_int_equal(run(APPROVE("zhangwei@water.example", "李强"), NULL), 0);
    assert_string_equal(field("state"), "open");
    assert_string_equal(field("approver"), "li@water.example");
    assert_int_equal(run(ADD("li@water.example", "李强"), NULL), 0);
    assert_int_equal(run(APPROVE("li@water.example", "李强"), "nobody approves himself"), HANGU_ERROR_PERMISSION);
    assert_int_equal(run(APPROVE("li@water.example", "王刚"), NULL), 0);
    assert_int_equal(run(ADD("wu@water.example", "王刚"), NULL), 0); /* the leader's, under another address */
    assert_int_equal(run(APPROVE("wu@water.example", "wang@water.example"), "himself"), HANGU_ERROR_PERMISSION);
    assert_int_equal(
        run("{\"verb\": \"add\", \"by\": \"李强\", \"address\": \"sun@water.example\", \"owner\": \"孙红\", "
            "\"purpose\": \"公文\", \"department\": \"办公室\"}",
            NULL),
        0);
    assert_int_equal(run(APPROVE("sun@water.example", "李强"), "who asked"), HANGU_ERROR_PERMISSION);
}

static void
test_approve_wants_keeper_and_network(void **state)
{
    assert_int_equal(run("{\"verb\": \"add\", \"address\": \"gongwen@water.example\", \"kind\": \"unit\", \"owner\": "
                         "\"办公室\", \"purpose\": \"收文\", \"department\": \"办公室\"}",
                         NULL),
                     0);
    assert_int_equal(run(APPROVE("gongwen@water.example", "李强"), "keeper"), HANGU_ERROR_DATA);
    assert_int_equal(run("{\"verb\": \"set\", \"account\": \"gongwen@water.example\", \"keeper\": \"张伟\"}", NULL), 0);
    assert_int_equal(run(APPROVE("gongwen@water.example", "李强"), NULL), 0);
    assert_int_equal(
        run("{\"verb\": \"add\", \"address\": \"printer@water.example\", \"kind\": \"service\", \"owner\": "
            "\"信息科\", \"purpose\": \"扫描\", \"department\": \"办公室\"}",
            NULL),
        0);
    assert_int_equal(run(APPROVE("printer@water.example", "李强"), "network"), HANGU_ERROR_DATA);
    assert_int_equal(
        run("{\"verb\": \"network\", \"account\": \"printer@water.example\", \"network\": \"192.0.2.7\"}", NULL), 0);
    assert_int_equal(run(APPROVE("printer@water.example", "李强"), NULL), 0);
}

static void
test_states_go_round_and_repeat(void **state)
{
    assert_int_equal(run(ADD("zhangwei@water.example", "张伟"), NULL), 0);
    assert_int_equal(run(APPROVE("zhangwei@water.example", "李强"), NULL), 0);
    static const struct {
        const char *request, *state;
    } steps[] = {
        {"{\"verb\": \"suspend\", \"account\": \"zhangwei@water.example\", \"reason\": \"休假\"}", "suspended"},
        {"{\"verb\": \"suspend\", \"account\": \"zhangwei@water.example\", \"reason\": \"休假\"}", "suspended"},
        {"{\"verb\": \"resume\", \"account\": \"zhangwei@water.example\"}", "open"},
        {"{\"verb\": \"close\", \"account\": \"zhangwei@water.example\", \"reason\": \"撤销\"}", "closed"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(steps); i++) {
        assert_int_equal(run(steps[i].request, NULL), 0);
        assert_string_equal(field("state"), steps[i].state);
    }
    assert_int_equal(run("{\"verb\": \"resume\", \"account\": \"zhangwei@water.example\"}", "closed"),
                     HANGU_ERROR_PERMISSION);
    assert_int_equal(run("{\"verb\": \"show\", \"account\": \"zhangwei@water.example\"}", NULL), 0);
    assert_int_equal(json_array_size(json_object_get(json_array_get(rows, 0), "history")), 5);
}

static void
test_nothing_changes_without_its_record(void **state)
{
    assert_int_equal(run(ADD("zhangwei@water.example", "张伟"), NULL), 0);
    fake_ledger_behave(ledger, FAKE_LEDGER_REFUSES_IO);
    assert_int_equal(run(APPROVE("zhangwei@water.example", "李强"), "nothing was changed"), HANGU_ERROR_IO);
    assert_string_equal(state_of("zhangwei@water.example"), "requested");
    assert_int_equal(run("{\"verb\": \"enforce\", \"group\": \"all\", \"stage\": \"warn\"}", "nothing was changed"),
                     HANGU_ERROR_IO);
    fake_ledger_behave(ledger, FAKE_LEDGER_GOOD);
    assert_int_equal(run("{\"verb\": \"stages\"}", NULL), 0);
    assert_int_equal(json_array_size(rows), 0);
    assert_int_equal(run("{\"verb\": \"show\", \"account\": \"zhangwei@water.example\"}", NULL), 0);
    assert_int_equal(json_array_size(json_object_get(json_array_get(rows, 0), "history")), 1);
}

static void
test_import_dry_run_pending_and_approved(void **state)
{
#define IMPORT(more)                                                                                               \
    "{\"verb\": \"import\", \"address\": \"zhao@water.example\", \"owner\": \"赵敏\", \"purpose\": \"公文\", " \
    "\"department\": \"办公室\"" more "}"
    g_autofree char *in_a_month = clock_format(clock_wall_us() + 30 * G_TIME_SPAN_DAY);
    g_autofree char *dry = g_strdup_printf(IMPORT(", \"dry_run\": true, \"deadline\": \"%s\""), in_a_month);
    g_autofree char *real = g_strdup_printf(IMPORT(", \"deadline\": \"%s\""), in_a_month);
    assert_int_equal(run(dry, NULL), 0);
    assert_int_equal(run("{\"verb\": \"show\", \"account\": \"zhao@water.example\"}", "not in the register"),
                     HANGU_ERROR_NO_INPUT);
    assert_int_equal(run(IMPORT(""), "deadline"), HANGU_ERROR_USAGE);
    assert_int_equal(run(real, NULL), 0);
    assert_true(json_is_true(json_object_get(json_array_get(rows, 0), "pending")));
    assert_int_equal(json_array_size(json_object_get(json_array_get(rows, 0), "problems")), 0);
    assert_int_equal(run(APPROVE("zhao@water.example", "李强"), NULL), 0);
    assert_string_equal(field("state"), "open");
    assert_int_equal(
        run("{\"verb\": \"import\", \"address\": \"qian@water.example\", \"owner\": \"钱江\", \"purpose\": "
            "\"公文\", \"department\": \"办公室\", \"approver\": \"李强\", \"approved\": \"2024/5/6\"}",
            NULL),
        0);
    assert_string_equal(field("state"), "open");
    assert_string_equal(field("approved"), "2024-05-06");
    assert_int_equal(run("{\"verb\": \"import\", \"address\": \"qian@water.example\", \"purpose\": \"收发\"}", NULL),
                     0);
    assert_string_equal(field("state"), "open");
    assert_string_equal(field("purpose"), "收发");
}

static void
test_handover_forces_a_new_password(void **state)
{
    assert_int_equal(run(ADD("zhangwei@water.example", "张伟"), NULL), 0);
    assert_int_equal(run(APPROVE("zhangwei@water.example", "李强"), NULL), 0);
    assert_int_equal(run("{\"verb\": \"handover\", \"account\": \"zhangwei@water.example\", \"owner\": \"李强\", "
                         "\"approver\": \"李强\"}",
                         "himself"),
                     HANGU_ERROR_PERMISSION);
    assert_int_equal(run("{\"verb\": \"handover\", \"account\": \"zhangwei@water.example\", \"owner\": \"周洁\", "
                         "\"approver\": \"李强\"}",
                         NULL),
                     0);
    assert_string_equal(field("owner"), "周洁");
    assert_non_null(field("new_password"));
}

static void
test_leave_ends_delegations_and_watches_by_role(void **state)
{
    g_autofree char *until = clock_format(clock_wall_us() + 30 * G_TIME_SPAN_DAY);
    assert_int_equal(run(ADD("zhangwei@water.example", "张伟"), NULL), 0);
    assert_int_equal(run(ADD("wang@water.example", "王刚"), NULL), 0);
    g_autofree char *delegate =
        g_strdup_printf("{\"verb\": \"delegate\", \"account\": \"wang@water.example\", \"delegate\": "
                        "\"zhangwei@water.example\", \"approver\": \"李强\", \"until\": \"%s\"}",
                        until);
    assert_int_equal(run(delegate, NULL), 0);
    static const struct {
        const char *role, *end;
    } cases[] = {{"core", "2028-03-31"}, {"important", "2027-03-31"}, {"ordinary", "2026-09-30"}};
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *leave = g_strdup_printf("{\"verb\": \"leave\", \"account\": \"zhangwei@water.example\", "
                                                 "\"date\": \"2026-03-31\", \"role\": \"%s\"}",
                                                 cases[i].role);
        assert_int_equal(run(leave, NULL), 0);
        assert_int_equal(json_array_size(rows), 5);
        assert_string_equal(json_string_value(json_object_get(json_array_get(rows, 4), "what")), cases[i].end);
        assert_int_equal(json_array_size(json_object_get(json_array_get(rows, 1), "what")), i == 0 ? 1 : 0);
    }
    assert_string_equal(state_of("zhangwei@water.example"), "suspended");
    assert_int_equal(run("{\"verb\": \"resume\", \"account\": \"zhangwei@water.example\"}", "left"),
                     HANGU_ERROR_PERMISSION);
}

static void
test_links_have_approver_and_end(void **state)
{
    assert_int_equal(run(ADD("zhangwei@water.example", "张伟"), NULL), 0);
    assert_int_equal(run("{\"verb\": \"exception\", \"account\": \"zhangwei@water.example\", \"problem\": "
                         "\"password-weak\", \"approver\": \"李强\", \"reason\": \"换机\", \"until\": "
                         "\"2020-01-01T00:00:00Z\"}",
                         "not between"),
                     HANGU_ERROR_USAGE);
    g_autofree char *until = clock_format(clock_wall_us() + 7 * G_TIME_SPAN_DAY);
    static const struct {
        const char *problem, *approver;
        int code;
    } cases[] = {{"password-weak", "张伟", HANGU_ERROR_PERMISSION},
                 {"bad-hair", "李强", HANGU_ERROR_DATA},
                 {"password-weak", "李强", 0}};
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *request = g_strdup_printf(
            "{\"verb\": \"exception\", \"account\": \"zhangwei@water.example\", \"problem\": \"%s\", \"approver\": "
            "\"%s\", \"reason\": \"换机\", \"until\": \"%s\"}",
            cases[i].problem, cases[i].approver, until);
        assert_int_equal(run(request, NULL), cases[i].code);
    }
    static const struct {
        const char *problem, *to;
        int code;
    } places[] = {{"", "mission.example", 0},
                  {"\"problem\": \"auto-forward\", ", "fan@home.example", 0},
                  {"\"problem\": \"no-tls\", ", "mission.example", HANGU_ERROR_USAGE},
                  {"", "two words", HANGU_ERROR_DATA},
                  {"", "", HANGU_ERROR_USAGE}};
    for (guint i = 0; i < G_N_ELEMENTS(places); i++) {
        g_autofree char *request = g_strdup_printf(
            "{\"verb\": \"exception\", \"account\": \"zhangwei@water.example\", %s\"to\": \"%s\", \"approver\": "
            "\"李强\", \"reason\": \"驻外\", \"until\": \"%s\"}",
            places[i].problem, places[i].to, until);
        assert_int_equal(run(request, NULL), places[i].code);
    }
    assert_int_equal(json_array_size(json_object_get(json_array_get(rows, 0), "exceptions")), 0); /* the last failed */
    assert_int_equal(run("{\"verb\": \"exception\", \"account\": \"zhangwei@water.example\", \"to\": "
                         "\"fan@home.example\", \"remove\": true}",
                         NULL),
                     0);
    const json_t *exceptions = json_object_get(json_array_get(rows, 0), "exceptions");
    assert_int_equal(json_array_size(exceptions), 2);
    assert_string_equal(json_string_value(json_object_get(json_array_get(exceptions, 0), "to")), "@mission.example");
    assert_true(json_is_null(json_object_get(json_array_get(exceptions, 1), "to")));
    assert_int_equal(
        run("{\"verb\": \"alias\", \"account\": \"zhangwei@water.example\", \"alias\": \"zw@water.example\"}", NULL),
        0);
    assert_int_equal(run("{\"verb\": \"show\", \"account\": \"zw@water.example\"}", NULL), 0);
    assert_int_equal(run("{\"verb\": \"alias\", \"account\": \"zhangwei@water.example\", \"alias\": "
                         "\"zw@water.example\", \"remove\": true}",
                         NULL),
                     0);
    assert_int_equal(run("{\"verb\": \"show\", \"account\": \"zw@water.example\"}", "not in the register"),
                     HANGU_ERROR_NO_INPUT);
}

static void
test_enforce_warns_first(void **state)
{
    assert_int_equal(run(ADD("zhangwei@water.example", "张伟"), NULL), 0);
    assert_int_equal(run("{\"verb\": \"enforce\", \"group\": \"all\", \"stage\": \"enforce\"}", "warned first"),
                     HANGU_ERROR_PERMISSION);
    assert_int_equal(run("{\"verb\": \"enforce\", \"group\": \"水利局\", \"stage\": \"warn\"}", "no account"),
                     HANGU_ERROR_NO_INPUT);
    assert_int_equal(run("{\"verb\": \"enforce\", \"group\": \"江州市水务局/办公室\", \"stage\": \"warn\"}", NULL), 0);
    assert_int_equal(
        run("{\"verb\": \"enforce\", \"by\": \"王刚\", \"group\": \"江州市水务局/办公室\", \"stage\": \"enforce\"}",
            NULL),
        0);
    assert_string_equal(field("by"), "王刚");
    assert_string_equal(field("stage"), "enforce");
}

static void
test_run_refuses_odd_calls(void **state)
{
    static const struct {
        const char *request, *said;
    } cases[] = {
        {"{}", "no verb"},
        {"{\"verb\": \"destroy\"}", "destroy"},
        {"{\"verb\": 7}", "no verb"},
        {"{\"verb\": \"show\", \"acount\": \"a@water.example\"}", "\"account\""},
        {"{\"verb\": \"show\"}", "missing"},
        {"{\"verb\": \"show\", \"account\": 7}", "no text"},
        {"{\"verb\": \"show\", \"account\": \"a\\u0001@water.example\"}", "control"},
        {"{\"verb\": \"add\", \"address\": \"a@water.example\", \"owner\": \"x\", \"purpose\": \"y\", \"aliases\": 7}",
         "no list"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
        assert_int_equal(run(cases[i].request, cases[i].said), HANGU_ERROR_USAGE);
}

#define CALL_IMPORT(address, more) \
    "{\"verb\": \"import\", \"address\": \"" address "\", \"deadline\": \"" DEADLINE "\", \"owner\": \"张伟\"" more "}"
#define DEADLINE "2100-01-01T00:00:00Z"

static char *
deadline_soon(const char *request)
{
    g_autofree char *soon = clock_format(clock_wall_us() + 30 * G_TIME_SPAN_DAY);
    g_auto(GStrv) parts = g_strsplit(request, DEADLINE, -1);
    return g_strjoinv(soon, parts);
}

static int
run_soon(const char *request, const char *said)
{
    g_autofree char *text = deadline_soon(request);
    return run(text, said);
}

/* How many records have this event and account. */
static guint
count_records(const char *event, const char *account)
{
    guint found = 0;
    for (guint i = 0; i < fake_ledger_count(ledger); i++) {
        const json_t *record = fake_ledger_record(ledger, i);
        found += g_strcmp0(json_string_value(json_object_get(record, "event")), event) == 0 &&
                 g_strcmp0(json_string_value(json_object_get(record, "account")), account) == 0;
    }
    return found;
}

static void
test_a_batch_is_done_as_a_whole_or_not(void **state)
{
    guint before = fake_ledger_count(ledger);
    assert_int_equal(
        run_soon(
            "{\"verb\": \"batch\", \"by\": \"desk@water.example\", \"calls\": [" CALL_IMPORT(
                "a1@water.example",
                ", "
                "\"aliases"
                "\": "
                "[\"shared@"
                "water."
                "example\""
                "]") "," CALL_IMPORT("a2@water.example",
                                     ", \"aliases\": [\"shared@water.example\"]") "," CALL_IMPORT("a3@water.example",
                                                                                                  ", \"tier\": "
                                                                                                  "\"none\"") "]}",
            "2 of 3 calls"),
        HANGU_ERROR_DATA);
    assert_int_equal(json_array_size(rows), 2); /* what is wrong, and with which */
    assert_int_equal(json_integer_value(json_object_get(json_array_get(rows, 0), "call")), 1);
    assert_non_null(strstr(json_string_value(json_object_get(json_array_get(rows, 0), "text")), "belongs to"));
    assert_int_equal(json_integer_value(json_object_get(json_array_get(rows, 1), "error")), HANGU_ERROR_DATA);
    assert_int_equal(fake_ledger_count(ledger), before);
    assert_int_equal(run("{\"verb\": \"show\", \"account\": \"a1@water.example\"}", NULL), HANGU_ERROR_NO_INPUT);

    assert_int_equal(run_soon("{\"verb\": \"batch\", \"by\": \"desk@water.example\", \"calls\": [" CALL_IMPORT(
                                  "b1@water.example", "") "," CALL_IMPORT("b2@water.example", "") "]}",
                              NULL),
                     0);
    assert_int_equal(json_array_size(rows), 2);
    assert_int_equal(count_records("imported", "b1@water.example"), 1);
    assert_int_equal(count_records("imported", "b2@water.example"), 1);
    assert_int_equal(fake_ledger_count(ledger), before + 2);
    assert_string_equal(state_of("b2@water.example"), "requested");
    assert_string_equal(field("requested_by"), "desk@water.example");
    json_auto_t *intents = accounts_intents(call.database, NULL);
    assert_int_equal(json_array_size(intents), 0);
}

static void
test_a_batch_takes_only_what_ends_with_it(void **state)
{
    assert_int_equal(
        run("{\"verb\": \"batch\", \"calls\": [{\"verb\": \"list\"}, {\"verb\": \"batch\", \"calls\": []}, "
            "{\"verb\": \"nonsense\"}, 7, {\"verb\": \"set\", \"account\": \"x@water.example\", \"x\": 1}]}",
            "5 of 5"),
        HANGU_ERROR_DATA);
    assert_int_equal(run("{\"verb\": \"batch\", \"calls\": 5}", "no list"), HANGU_ERROR_USAGE);
    assert_int_equal(run("{\"verb\": \"batch\"}", "no list"), HANGU_ERROR_USAGE);
    assert_int_equal(run("{\"verb\": \"batch\", \"calls\": []}", NULL), 0);
}

static void
test_a_batch_without_the_ledger_changes_nothing(void **state)
{
    fake_ledger_behave(ledger, FAKE_LEDGER_REFUSES_IO);
    assert_int_equal(
        run_soon("{\"verb\": \"batch\", \"calls\": [" CALL_IMPORT("b1@water.example", "") "]}", "nothing was changed"),
        HANGU_ERROR_IO);
    fake_ledger_behave(ledger, FAKE_LEDGER_GOOD);
    assert_int_equal(run("{\"verb\": \"show\", \"account\": \"b1@water.example\"}", NULL), HANGU_ERROR_NO_INPUT);
    json_auto_t *intents = accounts_intents(call.database, NULL);
    assert_int_equal(json_array_size(intents), 0); /* it was told that nothing is recorded */
}

static gboolean
die(json_t *row, gpointer user, GError **error)
{
    _exit(7); /* after the records are durable, before the commit */
}

/* Runs the request in a process that dies between the record and the commit. */
static void
crash_with(const char *request)
{
    g_autofree char *text = deadline_soon(request);
    database_free(call.database);
    call.database = NULL;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        VerbCall own = call;
        own.database = accounts_open(path, NULL);
        own.ledger = ledger_client_new(fake_ledger_path(ledger));
        own.answer = die;
        own.arguments = json_loads(text, 0, NULL);
        verbs_run(&own, NULL);
        _exit(1);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 7);
    call.database = accounts_open(path, NULL);
    assert_non_null(call.database);
}

static void
test_a_crash_between_record_and_row_is_told(void **state)
{
    crash_with("{\"verb\": \"batch\", \"calls\": [" CALL_IMPORT("c1@water.example",
                                                                "") "," CALL_IMPORT("c2@water.example", "") "]}");
    assert_int_equal(count_records("imported", "c2@water.example"), 1); /* a record without its row ... */
    assert_int_equal(run("{\"verb\": \"show\", \"account\": \"c2@water.example\"}", NULL), HANGU_ERROR_NO_INPUT);
    assert_int_equal(count_records("undone", "c2@water.example"), 0);
    assert_true(verbs_settle(&call, NULL)); /* ... which the next start tells, once */
    assert_int_equal(count_records("undone", "c1@water.example"), 1);
    assert_int_equal(count_records("undone", "c2@water.example"), 1);
    assert_true(verbs_settle(&call, NULL));
    assert_int_equal(count_records("undone", "c1@water.example"), 1);
}

static void
test_a_crash_is_told_before_the_next_change(void **state)
{
    crash_with(ADD("d1@water.example", "张伟"));
    fake_ledger_behave(ledger, FAKE_LEDGER_REFUSES_IO);
    assert_int_equal(run(ADD("d1@water.example", "张伟"), "a change before"), HANGU_ERROR_IO);
    fake_ledger_behave(ledger, FAKE_LEDGER_GOOD);
    assert_int_equal(run(ADD("d1@water.example", "张伟"), NULL), 0);
    assert_int_equal(count_records("requested", "d1@water.example"), 2);
    assert_int_equal(count_records("undone", "d1@water.example"), 1);
    const json_t *last = fake_ledger_record(ledger, fake_ledger_count(ledger) - 1);
    assert_string_equal(json_string_value(json_object_get(last, "event")), "requested");
    assert_string_equal(state_of("d1@water.example"), "requested");
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(test_add_is_a_request_with_unit_and_record),
        CASE(test_add_refuses_the_units_name_without_a_reason),
        CASE(test_approve_is_for_officers_and_nobody_approves_himself),
        CASE(test_approve_wants_keeper_and_network),
        CASE(test_states_go_round_and_repeat),
        CASE(test_nothing_changes_without_its_record),
        CASE(test_import_dry_run_pending_and_approved),
        CASE(test_handover_forces_a_new_password),
        CASE(test_leave_ends_delegations_and_watches_by_role),
        CASE(test_links_have_approver_and_end),
        CASE(test_enforce_warns_first),
        CASE(test_run_refuses_odd_calls),
        CASE(test_a_batch_is_done_as_a_whole_or_not),
        CASE(test_a_batch_takes_only_what_ends_with_it),
        CASE(test_a_batch_without_the_ledger_changes_nothing),
        CASE(test_a_crash_between_record_and_row_is_told),
        CASE(test_a_crash_is_told_before_the_next_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
