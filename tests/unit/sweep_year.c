#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "sweep_year.h"
#include "auth_policy_private.h"
#include "clock.h"
#include "frame.h"
#include "remove_tree.h"
#include "secrets.h"
#include "sweep_private.h"
#include "verbs.h"
#include "verbs_login.h"
#include "wire.h"
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define START (G_GINT64_CONSTANT(20514) * G_TIME_SPAN_DAY + 4 * G_TIME_SPAN_HOUR)
#define PATIENCE_US (20 * G_USEC_PER_SEC)
#define SENTINEL "sentinel"

struct Year {
    char *directory, *nonce;
    char *department; /* made last */
    FakeLedger *ledger;
    LedgerClient *client;
    Settings *settings;
    Events *events;
    AuthPolicy *policy;
    Sweep *sweep;
    json_t *rows;

    int gate;
    GThread *thread;
    GMutex lock; /* guards what follows */
    GCond told;
    GPtrArray *notices; /* GVariant (sssa{ss}) */
    guint sentinels;
};

/* --- the gate ------------------------------------------------------------------------------------------------- */

static void
take_notice(Year *year, GVariant *body)
{
    const char *kind;
    g_variant_get_child(body, 0, "&s", &kind);
    g_mutex_lock(&year->lock);
    if (g_str_equal(kind, SENTINEL))
        year->sentinels++;
    else
        g_ptr_array_add(year->notices, g_variant_ref(body));
    g_cond_signal(&year->told);
    g_mutex_unlock(&year->lock);
}

/* Ends when the listener is shut down. */
static gpointer
serve_gate(gpointer user)
{
    Year *year = user;
    struct pollfd listener = {.fd = year->gate, .events = POLLIN};
    while (poll(&listener, 1, -1) == 1 && listener.revents == POLLIN) {
        int fd = accept4(year->gate, NULL, NULL, SOCK_CLOEXEC);
        g_auto(Frame) frame = {0};
        if (fd < 0)
            continue;
        /* answered first: once it is counted, the test may move the clock */
        if (frame_receive(fd, wire_type_string, -1, &frame, NULL) > 0 &&
            frame_send(fd, WIRE_CONTROL_DONE, g_variant_new("(us)", (guint32)0, "taken"), NULL, 0, -1, NULL))
            take_notice(year, frame.body);
        close(fd);
    }
    return NULL;
}

/* --- hangu-authd ---------------------------------------------------------------------------------------------- */

static void
begin(Year *year)
{
    g_autoptr(GError) error = NULL;
    EventsOptions events = {.ledger_socket = fake_ledger_path(year->ledger), .unit = "unit", .program = "test 1"};
    year->events = events_new(&events);
    year->policy = auth_policy_new(year->settings, year->events, &error);
    assert_null(error);
    year->sweep = sweep_new(year->settings, year->events, year->policy, &error);
    assert_null(error);
    verbs_login_use(year->policy, NULL);
}

static void
end(Year *year)
{
    verbs_login_use(NULL, NULL);
    sweep_free(year->sweep);
    auth_policy_free(year->policy);
    events_free(year->events, PATIENCE_US);
}

/* Everything that is on its way has arrived: nothing waits for the ledger, and a notice sent now is the last. */
static void
settle(Year *year)
{
    EventsState state;
    gint64 until = g_get_monotonic_time() + PATIENCE_US;
    for (events_state(year->events, &state); state.waiting > 0 && g_get_monotonic_time() < until;
         events_state(year->events, &state))
        g_usleep(500);
    assert_int_equal(state.waiting, 0);
    g_mutex_lock(&year->lock);
    guint wanted = year->sentinels + 2;
    g_mutex_unlock(&year->lock);
    assert_true(notice_client_send(year->sweep->notices, SENTINEL, "-", NULL));
    assert_true(notice_client_send(year->policy->notices, SENTINEL, "-", NULL));
    gboolean good = TRUE;
    g_mutex_lock(&year->lock);
    while (year->sentinels < wanted && good)
        good = g_cond_wait_until(&year->told, &year->lock, until);
    g_mutex_unlock(&year->lock);
    assert_true(good);
}

void
year_restart(Year *year)
{
    settle(year);
    end(year);
    begin(year);
}

static void
use_settings(Year *year)
{
    const char *top = g_getenv("top_srcdir");
    g_autoptr(GError) error = NULL;
    year->settings = settings_new_default();
    char **const texts[] = {&year->settings->accounts_database, &year->settings->control_socket,
                            &year->settings->accounts_calendar, &year->settings->ledger_socket};
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(*texts[i]);
    year->settings->accounts_database = g_build_filename(year->directory, "accounts.db", NULL);
    year->settings->control_socket = g_build_filename(year->directory, "milter.control", NULL);
    year->settings->accounts_calendar = g_build_filename(top != NULL ? top : ".", "contrib", "workdays.conf", NULL);
    year->settings->ledger_socket = g_strdup(fake_ledger_path(year->ledger));
    year->gate = frame_listen(year->settings->control_socket, 0600, NULL, &error);
    assert_null(error);
}

Year *
year_new(void)
{
    Year *year = g_new0(Year, 1);
    g_autoptr(GError) error = NULL;
    g_auto(Secrets) secrets = {0};
    g_setenv("TZ", "UTC", TRUE);
    year_at(year, 0);
    g_mutex_init(&year->lock);
    g_cond_init(&year->told);
    year->notices = g_ptr_array_new_with_free_func((GDestroyNotify)g_variant_unref);
    year->directory = g_dir_make_tmp("hangu-year-XXXXXX", NULL);
    year->ledger = fake_ledger_start();
    use_settings(year);
    year->client = ledger_client_new(year->settings->ledger_socket);
    year->thread = g_thread_new("gate", serve_gate, year);
    begin(year);
    assert_true(secrets_load(year->settings->accounts_database, &secrets, &error));
    year->nonce = g_strdup(secrets.nonce);
    assert_int_equal(year_call(year, NULL,
                               "{\"verb\": \"unit\", \"unit\": \"" YEAR_UNIT "\", \"domain\": \"unit.example\", "
                               "\"role\": \"approver\", \"person\": \"ju@unit.example\", \"name\": \"局长\"}"),
                     0);
    return year;
}

void
year_free(Year *year)
{
    end(year);
    shutdown(year->gate, SHUT_RDWR);
    g_thread_join(year->thread);
    close(year->gate);
    ledger_client_free(year->client);
    fake_ledger_stop(year->ledger);
    settings_free(year->settings);
    remove_tree(year->directory);
    g_ptr_array_unref(year->notices);
    json_decref(year->rows);
    g_mutex_clear(&year->lock);
    g_cond_clear(&year->told);
    g_free(year->directory);
    g_free(year->nonce);
    g_free(year->department);
    g_free(year);
    clock_set_fake(-1, -1);
}

void
year_at(Year *year, double day)
{
    gint64 now = START + (gint64)(day * (double)G_TIME_SPAN_DAY);
    if (year->sweep != NULL)
        settle(year);
    clock_set_fake(now, now);
}

void
year_wrong_clock(Year *year, double days)
{
    settle(year);
    clock_set_fake(clock_wall_us() + (gint64)(days * (double)G_TIME_SPAN_DAY), clock_monotonic_us());
}

/* --- people --------------------------------------------------------------------------------------------------- */

void
year_account(Year *year, const char *address, const char *department, const char *tier)
{
    if (year->department == NULL || !g_str_equal(year->department, department))
        assert_int_equal(year_call(year, NULL,
                                   "{\"verb\": \"department\", \"unit\": \"" YEAR_UNIT "\", \"department\": \"%s\"}",
                                   department),
                         0);
    g_free(year->department);
    year->department = g_strdup(department);
    assert_int_equal(year_call(year, NULL,
                               "{\"verb\": \"import\", \"address\": \"%s\", \"unit\": \"" YEAR_UNIT
                               "\", \"department\": \"%s\", \"owner\": \"张伟\", \"purpose\": \"公务\", \"approver\": "
                               "\"ju@unit.example\", \"approved\": \"2026-01-05\", \"tier\": \"%s\"}",
                               address, department, tier),
                     0);
}

void
year_log_in(Year *year, const char *address, const char *password, const char *mechanism)
{
    PolicyAnswer answer;
    PolicyRequest request = {.command = POLICY_REPORT,
                             .login = (char *)address,
                             .remote = (char *)"192.0.2.7",
                             .protocol = (char *)"imap",
                             .session = (char *)"",
                             .mech = (char *)mechanism,
                             .hash_length = PASSWORDS_HASH_SIZE,
                             .success = TRUE};
    g_autoptr(GString) text = g_string_new(year->nonce);
    g_string_append_len(text, address, (gssize)strlen(address) + 1);
    g_string_append(text, password);
    crypto_sha256(text->str, text->len, request.hash);
    auth_policy_answer(year->policy, &request, &answer);
    g_free(answer.text);
}

guint
year_problems(Year *year, const char *address)
{
    g_auto(AccountFacts) facts = {0};
    g_autoptr(GError) error = NULL;
    g_autofree char *now = clock_format(clock_wall_us());
    assert_true(accounts_facts(year->sweep->database, address, NULL, now, &facts, &error));
    return auth_policy_problems(year->policy, &facts, address, "192.0.2.7");
}

gboolean
year_turn(Year *year)
{
    return sweep_turn(year->sweep) == 0;
}

void
year_sweep(Year *year)
{
    while (year_turn(year))
        ;
}

/* --- what was told -------------------------------------------------------------------------------------------- */

static gboolean
is_text(const json_t *record, const char *name, const char *wanted)
{
    const char *value = json_string_value(json_object_get(record, name));
    return wanted == NULL || g_strcmp0(value, wanted) == 0;
}

guint
year_records(Year *year, const char *event, const char *account, const char *reason)
{
    guint count = 0;
    settle(year);
    for (guint i = 0; i < fake_ledger_count(year->ledger); i++) {
        const json_t *record = fake_ledger_record(year->ledger, i);
        count +=
            is_text(record, "event", event) && is_text(record, "account", account) && is_text(record, "reason", reason);
    }
    return count;
}

const char *
year_note(Year *year, const char *event)
{
    const char *note = NULL;
    settle(year);
    for (guint i = 0; i < fake_ledger_count(year->ledger); i++)
        if (is_text(fake_ledger_record(year->ledger, i), "event", event))
            note = json_string_value(json_object_get(fake_ledger_record(year->ledger, i), "note"));
    return note;
}

static GVariant *
find_notices(Year *year, const char *kind, const char *recipient, guint *count_out)
{
    GVariant *last = NULL;
    *count_out = 0;
    settle(year);
    for (guint i = 0; i < year->notices->len; i++) {
        const char *one, *to, *id;
        g_variant_get(g_ptr_array_index(year->notices, i), "(&s&s&s@a{ss})", &one, &to, &id, NULL);
        if ((kind != NULL && !g_str_equal(one, kind)) || (recipient != NULL && !g_str_equal(to, recipient)))
            continue;
        last = g_ptr_array_index(year->notices, i);
        ++*count_out;
    }
    return last;
}

guint
year_notices(Year *year, const char *kind, const char *recipient)
{
    guint count;
    find_notices(year, kind, recipient, &count);
    return count;
}

char *
year_notice_value(Year *year, const char *kind, const char *name)
{
    guint count;
    char *value = NULL;
    GVariant *notice = find_notices(year, kind, NULL, &count);
    g_autoptr(GVariant) values = notice != NULL ? g_variant_get_child_value(notice, 3) : NULL;
    if (values != NULL)
        g_variant_lookup(values, name, "s", &value);
    return value;
}

/* --- calls ---------------------------------------------------------------------------------------------------- */

static gboolean
take_row(json_t *row, gpointer user, GError **error)
{
    (void)error;
    return json_array_append_new(((Year *)user)->rows, row) == 0;
}

int
year_call(Year *year, const char *said, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    g_autofree char *text = g_strdup_vprintf(format, values);
    va_end(values);
    g_autoptr(GError) error = NULL;
    g_autoptr(Database) database = accounts_open(year->settings->accounts_database, &error);
    json_auto_t *arguments = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    assert_true(database != NULL && arguments != NULL);
    json_decref(year->rows);
    year->rows = json_array();
    VerbCall call = {.database = database,
                     .ledger = year->client,
                     .settings = year->settings,
                     .arguments = arguments,
                     .actor = "root",
                     .answer = take_row,
                     .answer_user = year};
    gboolean good = verbs_run(&call, &error);
    assert_true(good == (error == NULL));
    if (said != NULL && (error == NULL || strstr(error->message, said) == NULL))
        fail_msg("%s: no \"%s\" in: %s", text, said, error != NULL ? error->message : "(no error)");
    if (said == NULL && error != NULL)
        fail_msg("%s: %s", text, error->message);
    return error != NULL ? error->code : 0;
}

const json_t *
year_rows(const Year *year)
{
    return year->rows;
}

FakeLedger *
year_ledger(const Year *year)
{
    return year->ledger;
}
