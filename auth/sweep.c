/* When the sweep runs, how far it is, and whether the clock can be believed. */
#include "config.h"
#include "sweep.h"
#include "clock.h"
#include "log.h"
#include "record.h"
#include "sweep_private.h"
#include <sys/resource.h>
#include <unistd.h>

#define TICK_US G_TIME_SPAN_MINUTE
/* Between two turns of a sweep: whoever wants the database or the processor comes first. */
#define PAUSE_US (10 * G_TIME_SPAN_MILLISECOND)
#define DAY_US G_TIME_SPAN_DAY
/* How often the wall clock is noted while nothing happens. */
#define SAVE_US (10 * G_TIME_SPAN_MINUTE)
#define NICEST 19

enum { STAGE_IDLE, STAGE_ACCOUNTS, STAGE_NEAR, STAGE_OVER, STAGE_OFFICERS };

/* --- for all files -------------------------------------------------------------------------------------------- */

gint64
sweep_step(const Sweep *sweep, gint64 end_us)
{
    gint64 left = end_us - sweep->now;
    if (left <= 0)
        return 0;
    gint64 days = (left + DAY_US - 1) / DAY_US;
    for (guint i = 0; i < sweep->days->len; i++)
        if (days <= g_array_index(sweep->days, gint64, i))
            return g_array_index(sweep->days, gint64, i);
    return SWEEPS_NO_STEP;
}

char *
sweep_date(gint64 when_us)
{
    g_autoptr(GDateTime) when = g_date_time_new_from_unix_local(when_us / G_USEC_PER_SEC);
    return g_date_time_format(when, "%Y-%m-%d");
}

gboolean
sweep_record(Sweep *sweep, json_t *record, GError **error)
{
    return events_write(sweep->events, record, error);
}

/* --- its own state -------------------------------------------------------------------------------------------- */

typedef struct {
    const char *name;
    gsize offset;
} Kept;
static const Kept kept[] = {
    {"wall", G_STRUCT_OFFSET(Sweep, wall)},       {"quiet", G_STRUCT_OFFSET(Sweep, quiet)},
    {"done", G_STRUCT_OFFSET(Sweep, done)},       {"stage", G_STRUCT_OFFSET(Sweep, stage)},
    {"cursor", G_STRUCT_OFFSET(Sweep, cursor)},   {"accounts", G_STRUCT_OFFSET(Sweep, accounts)},
    {"unknown", G_STRUCT_OFFSET(Sweep, unknown)},
};

static gboolean
load_state(Sweep *sweep, GError **error)
{
    gboolean good = TRUE;
    for (guint i = 0; i < G_N_ELEMENTS(kept) && good; i++)
        good = sweeps_get(sweep->database, kept[i].name, &G_STRUCT_MEMBER(gint64, sweep, kept[i].offset), error);
    return good;
}

static gboolean
save_state(Sweep *sweep, GError **error)
{
    gboolean good = database_begin(sweep->database, error);
    for (guint i = 0; i < G_N_ELEMENTS(kept) && good; i++)
        good = sweeps_set(sweep->database, kept[i].name, G_STRUCT_MEMBER(gint64, sweep, kept[i].offset), error);
    if (good && database_commit(sweep->database, error)) {
        sweep->saved = sweep->wall;
        return TRUE;
    }
    database_rollback(sweep->database);
    return FALSE;
}

/* --- the clock ------------------------------------------------------------------------------------------------ */

/* By how much the wall clock went wrong since the last turn; 0: not at all. Over a restart only what is plainly wrong
 * can be seen. */
static gint64
clock_jump(const Sweep *sweep, gint64 wall, gint64 monotonic)
{
    gint64 passed = wall - sweep->wall, lived = monotonic - sweep->monotonic;
    if (sweep->wall == 0)
        return 0;
    if (!sweep->awake)
        return passed < -SWEEP_JUMP_US || passed > SWEEP_AWAY_US ? passed : 0;
    return ABS(passed - lived) > SWEEP_JUMP_US ? passed - lived : 0;
}

static gboolean
take_jump(Sweep *sweep, gint64 jump, GError **error)
{
    g_autofree char *note = g_strdup_printf("%s by %" G_GINT64_FORMAT " minutes; nobody is told of passwords for a day",
                                            jump < 0 ? "back" : "forward", ABS(jump) / G_TIME_SPAN_MINUTE);
    json_t *record = events_record(sweep->events, "account");
    record_put_word(record, "event", "clock-jumped");
    record_put_text(record, "actor", "hangu-authd");
    record_put_text(record, "note", note);
    json_object_set_new(record, "alert", json_true());
    log_warn("the clock went %s", note);
    events_queue(sweep->events, record);
    sweep->quiet = sweep->wall + DAY_US;
    sweep->done = 0; /* it may lie in the future */
    sweep->stage = STAGE_IDLE;
    return save_state(sweep, error);
}

/* The last time that accounts.sweep names. */
static gint64
last_hour(const Sweep *sweep)
{
    const char *hour = sweep->settings->accounts_sweep; /* its digits are checked by the settings */
    g_autoptr(GDateTime) now = g_date_time_new_from_unix_local(sweep->now / G_USEC_PER_SEC);
    g_autoptr(GDateTime) today =
        g_date_time_new_local(g_date_time_get_year(now), g_date_time_get_month(now), g_date_time_get_day_of_month(now),
                              g_ascii_digit_value(hour[0]) * 10 + g_ascii_digit_value(hour[1]),
                              g_ascii_digit_value(hour[3]) * 10 + g_ascii_digit_value(hour[4]), 0);
    gint64 at = g_date_time_to_unix(today) * G_USEC_PER_SEC;
    return at <= sweep->now ? at : at - DAY_US;
}

/* --- one turn ------------------------------------------------------------------------------------------------- */

typedef struct {
    GArray *numbers;      /* gint64 */
    GPtrArray *addresses; /* char * */
} Slice;

static gboolean
collect(gint64 account, const char *address, gpointer user, GError **error)
{
    const Slice *slice = user;
    g_array_append_val(slice->numbers, account);
    g_ptr_array_add(slice->addresses, g_strdup(address));
    return TRUE;
}

/* What was read is let go of first: a record may wait for the ledger. */
static gboolean
sweep_accounts(Sweep *sweep, GError **error)
{
    g_autoptr(GArray) numbers = g_array_new(FALSE, FALSE, sizeof(gint64));
    g_autoptr(GPtrArray) addresses = g_ptr_array_new_with_free_func(g_free);
    Slice slice = {numbers, addresses};
    gint64 count = sweep->policy == NULL
                       ? 0
                       : sweeps_open_accounts(sweep->database, sweep->cursor, SWEEP_SLICE, collect, &slice, error);
    for (gint64 i = 0; i < count; i++) {
        gint64 number = g_array_index(numbers, gint64, i);
        if (!sweep_look_at_account(sweep, number, g_ptr_array_index(addresses, i), error)) {
            save_state(sweep, NULL);
            return FALSE;
        }
        sweep->cursor = number;
    }
    if (count >= 0 && count < SWEEP_SLICE)
        sweep->stage = STAGE_NEAR;
    return count >= 0;
}

static gboolean
sweep_ends(Sweep *sweep, GError **error)
{
    gint64 count = sweep_look_at_ends(sweep, sweep->stage == STAGE_OVER, error);
    if (count >= 0 && count < SWEEP_SLICE)
        sweep->stage++;
    return count >= 0;
}

/* What is known, and what is not: the auditor asks for both. */
static gboolean
finish(Sweep *sweep, GError **error)
{
    g_autofree char *note =
        g_strdup_printf("open accounts %" G_GINT64_FORMAT ", age of the password unknown %" G_GINT64_FORMAT,
                        sweep->accounts, sweep->unknown);
    json_t *record = events_about(sweep->events, "password", "swept", "-");
    record_put_text(record, "note", note);
    if (!sweep_tell_officers(sweep, error)) {
        json_decref(record);
        return FALSE;
    }
    if (!sweep_record(sweep, record, error))
        return FALSE;
    sweep->stage = STAGE_IDLE;
    sweep->done = sweep->now;
    return TRUE;
}

static gboolean
work(Sweep *sweep, GError **error)
{
    gboolean good = sweep->stage == STAGE_ACCOUNTS   ? sweep_accounts(sweep, error)
                    : sweep->stage == STAGE_OFFICERS ? finish(sweep, error)
                                                     : sweep_ends(sweep, error);
    return good && save_state(sweep, error);
}

static void
begin(Sweep *sweep)
{
    sweep->stage = STAGE_ACCOUNTS;
    sweep->cursor = sweep->accounts = sweep->unknown = 0;
}

/* TRUE: there is more to do now. */
static gboolean
take_turn(Sweep *sweep, gint64 jump, gboolean first, GError **error)
{
    if (jump != 0 && !take_jump(sweep, jump, error))
        return FALSE;
    gboolean quiet = sweep->now < sweep->quiet;
    if (!quiet && sweep->stage == STAGE_IDLE && (first || sweep->done < last_hour(sweep)))
        begin(sweep);
    if (!quiet && sweep->stage != STAGE_IDLE)
        return work(sweep, error) && sweep->stage != STAGE_IDLE;
    if (ABS(sweep->wall - sweep->saved) > SAVE_US)
        save_state(sweep, error);
    return FALSE;
}

gint64
sweep_turn(Sweep *sweep)
{
    g_autoptr(GError) error = NULL;
    gint64 wall = clock_wall_us(), monotonic = clock_monotonic_us();
    gint64 jump = clock_jump(sweep, wall, monotonic);
    gboolean first = !sweep->awake;
    sweep->awake = TRUE;
    sweep->now = sweep->wall = wall;
    sweep->monotonic = monotonic;
    gboolean more = take_turn(sweep, jump, first, &error);
    if (error != NULL)
        log_warn("the daily sweep of passwords goes on in a minute: %s", error->message);
    return more && error == NULL ? 0 : TICK_US;
}

/* --- life ----------------------------------------------------------------------------------------------------- */

static gpointer
run(gpointer data)
{
    Sweep *sweep = data;
    setpriority(PRIO_PROCESS, (id_t)gettid(), NICEST);
    g_mutex_lock(&sweep->lock);
    while (!sweep->stop) {
        g_mutex_unlock(&sweep->lock);
        gint64 wait = sweep_turn(sweep);
        g_mutex_lock(&sweep->lock);
        gint64 until = g_get_monotonic_time() + MAX(wait, PAUSE_US);
        while (!sweep->stop && g_cond_wait_until(&sweep->wake, &sweep->lock, until))
            ;
    }
    g_mutex_unlock(&sweep->lock);
    return NULL;
}

static int
compare_days(gconstpointer a, gconstpointer b)
{
    return (int)(*(const gint64 *)a - *(const gint64 *)b);
}

Sweep *
sweep_new(const Settings *settings, Events *events, AuthPolicy *policy, GError **error)
{
    g_autoptr(Sweep) sweep = g_new0(Sweep, 1);
    sweep->settings = settings;
    sweep->events = events;
    sweep->policy = policy;
    sweep->notices = notice_client_new(settings->control_socket);
    sweep->days = g_array_new(FALSE, FALSE, sizeof(gint64));
    g_mutex_init(&sweep->lock);
    g_cond_init(&sweep->wake);
    for (guint i = 0; i < settings->accounts_warn->len; i++) {
        gint64 days = g_ascii_strtoll(g_ptr_array_index(settings->accounts_warn, i), NULL, 10);
        g_array_append_val(sweep->days, days);
    }
    g_array_sort(sweep->days, compare_days);
    sweep->database = accounts_open(settings->accounts_database, error);
    if (sweep->database == NULL || !load_state(sweep, error))
        return NULL;
    return g_steal_pointer(&sweep);
}

void
sweep_start(Sweep *sweep)
{
    sweep->thread = g_thread_new("sweep", run, sweep);
}

void
sweep_free(Sweep *sweep)
{
    if (sweep == NULL)
        return;
    g_mutex_lock(&sweep->lock);
    sweep->stop = TRUE;
    g_cond_signal(&sweep->wake);
    g_mutex_unlock(&sweep->lock);
    if (sweep->thread != NULL)
        g_thread_join(sweep->thread);
    notice_client_free(sweep->notices);
    database_free(sweep->database);
    g_array_unref(sweep->days);
    g_mutex_clear(&sweep->lock);
    g_cond_clear(&sweep->wake);
    g_free(sweep);
}
