/* Delegations, exceptions and registrations that end: recorded, and told to the officers of their department. */
#include "config.h"
#include "clock.h"
#include "log.h"
#include "record.h"
#include "sweep_private.h"

#define DAY_US G_TIME_SPAN_DAY
/* What ended before that is told by nobody any more. */
#define LONG_AGO_US (90 * DAY_US)

typedef struct {
    char *what, *address, *other, *until;
    gint64 account;
} End;

static void
end_free(gpointer data)
{
    End *end = data;
    g_free(end->what);
    g_free(end->address);
    g_free(end->other);
    g_free(end->until);
    g_free(end);
}

static gboolean
keep_end(const SweepEnd *end, gpointer user, GError **error)
{
    End *copy = g_new0(End, 1);
    copy->what = g_strdup(end->what);
    copy->address = g_strdup(end->address);
    copy->other = g_strdup(end->other);
    copy->until = g_strdup(end->until);
    copy->account = end->account;
    g_ptr_array_add(user, copy);
    return TRUE;
}

/* Once for each officer; "" if there is nobody to tell, so that it is noted all the same. */
static gboolean
note_for(Sweep *sweep, const End *end, gint64 step, const GPtrArray *officers, GError **error)
{
    const SweepEnd row = {end->what, end->account, end->address, end->other, end->until};
    gboolean good = database_begin(sweep->database, error);
    for (guint i = 0; i < officers->len && good; i++)
        good = sweeps_end_note(sweep->database, &row, step, g_ptr_array_index(officers, i), error);
    if (officers->len == 0)
        good = good && sweeps_end_note(sweep->database, &row, step, "", error);
    if (good && database_commit(sweep->database, error))
        return TRUE;
    database_rollback(sweep->database);
    return FALSE;
}

static gboolean
look_at_end(Sweep *sweep, const End *end, gboolean over, GError **error)
{
    g_auto(AccountFacts) facts = {0};
    g_autofree char *now = clock_format(sweep->now);
    g_autofree char *event = g_strconcat(end->what, over ? "-ended" : "-ends", NULL);
    if (!accounts_facts(sweep->database, end->address, NULL, now, &facts, error))
        return FALSE;
    json_t *record = events_record(sweep->events, "account");
    record_put_word(record, "event", event);
    record_put_text(record, "account", end->address);
    record_put_text(record, "actor", "hangu-authd");
    record_put_text(record, "note", *end->other != '\0' ? end->other : NULL);
    if (record_is_time(end->until))
        record_put_text(record, "until", end->until);
    if (*facts.department != '\0')
        record_put_text(record, "department", facts.department);
    if (!sweep_record(sweep, record, error))
        return FALSE;
    const GPtrArray *officers = facts.officers->len > 0 ? facts.officers : sweep->settings->notices_officers;
    return note_for(sweep, end, over ? 0 : 1, officers, error);
}

gint64
sweep_look_at_ends(Sweep *sweep, gboolean over, GError **error)
{
    g_autoptr(GPtrArray) ends = g_ptr_array_new_with_free_func(end_free);
    g_autofree char *from = clock_format(over ? sweep->now - LONG_AGO_US : sweep->now);
    g_autofree char *until = clock_format(over ? sweep->now : sweep->now + SWEEP_ENDS_US);
    gint64 count = sweeps_ends(sweep->database, from, until, over ? 0 : 1, SWEEP_SLICE, keep_end, ends, error);
    for (guint i = 0; i < ends->len && count >= 0; i++)
        if (!look_at_end(sweep, g_ptr_array_index(ends, i), over, error))
            count = -1;
    return count;
}

/* --- letters -------------------------------------------------------------------------------------------------- */

typedef struct {
    char *officer, *address, *until;
    gint64 count, delegations, exceptions, registrations;
} Digest;

static void
digest_free(gpointer data)
{
    Digest *digest = data;
    g_free(digest->officer);
    g_free(digest->address);
    g_free(digest->until);
    g_free(digest);
}

static gboolean
keep_digest(const SweepDigest *digest, gpointer user, GError **error)
{
    Digest *copy = g_new0(Digest, 1);
    *copy = (Digest){g_strdup(digest->officer), g_strdup(digest->address), g_strdup(digest->until), digest->count,
                     digest->delegations,       digest->exceptions,        digest->registrations};
    g_ptr_array_add(user, copy);
    return TRUE;
}

static void
send_digest(Sweep *sweep, const Digest *digest)
{
    gint64 until = 0;
    g_autofree char *date = clock_parse(digest->until, &until, NULL) ? sweep_date(until) : g_strdup("-");
    char count[24], delegations[24], exceptions[24], registrations[24];
    g_snprintf(count, sizeof count, "%" G_GINT64_FORMAT, digest->count);
    g_snprintf(delegations, sizeof delegations, "%" G_GINT64_FORMAT, digest->delegations);
    g_snprintf(exceptions, sizeof exceptions, "%" G_GINT64_FORMAT, digest->exceptions);
    g_snprintf(registrations, sizeof registrations, "%" G_GINT64_FORMAT, digest->registrations);
    if (!notice_client_send(sweep->notices, "officer-endings", digest->officer, "count", count, "delegations",
                            delegations, "exceptions", exceptions, "registrations", registrations, "account",
                            digest->address, "date", date, NULL))
        log_warn("%s is not told what ends: too many notices wait", digest->officer);
}

gboolean
sweep_tell_officers(Sweep *sweep, GError **error)
{
    g_autoptr(GPtrArray) digests = g_ptr_array_new_with_free_func(digest_free);
    if (sweeps_digests(sweep->database, sweep->now - PASSWORDS_WARN_US, keep_digest, digests, error) < 0)
        return FALSE;
    for (guint i = 0; i < digests->len; i++) {
        const Digest *digest = g_ptr_array_index(digests, i);
        if (!database_begin(sweep->database, error) ||
            !sweeps_officer_told(sweep->database, digest->officer, sweep->now, error) ||
            !database_commit(sweep->database, error)) {
            database_rollback(sweep->database);
            return FALSE;
        }
        send_digest(sweep, digest);
    }
    return TRUE;
}
