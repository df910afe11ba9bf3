/* The transaction around a verb that changes something, and what was interrupted. */
#include "config.h"
#include "accounts.h"
#include "clock.h"
#include "errors.h"
#include "record.h"
#include "verbs_tables.h"

/* Intents of this process that are under way: what is left of them is not for others to tell. */
static GMutex lock; /* guards under_way */
static GHashTable *under_way;

static void
set_under_way(gint64 intent, gboolean is)
{
    g_mutex_lock(&lock);
    if (under_way == NULL)
        under_way = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    if (is)
        g_hash_table_add(under_way, g_memdup2(&intent, sizeof intent));
    else
        g_hash_table_remove(under_way, &intent);
    g_mutex_unlock(&lock);
}

static gboolean
is_under_way(gint64 intent)
{
    g_mutex_lock(&lock);
    gboolean is = under_way != NULL && g_hash_table_contains(under_way, &intent);
    g_mutex_unlock(&lock);
    return is;
}

/* --- intents ------------------------------------------------------------------------------------------------- */

/* What a call is about: an account, or a unit or group. */
static const char *
subject_of(const json_t *arguments)
{
    static const char *const names[] = {"account", "address", "group", "unit"};
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        const char *text = json_string_value(json_object_get(arguments, names[i]));
        if (text != NULL && *text != '\0')
            return text;
    }
    return "-";
}

static json_t *
subjects_of(const json_t *arguments)
{
    const json_t *calls = json_object_get(arguments, "calls");
    json_t *list = json_array(), *one;
    gsize i;
    json_array_foreach(calls, i, one) json_array_append_new(list, json_string(subject_of(one)));
    if (!json_is_array(calls))
        json_array_append_new(list, json_string(subject_of(arguments)));
    return list;
}

/* The number of the intent, or -1 with error. */
static gint64
intend(VerbCall *call, const Verb *verb, GError **error)
{
    g_autofree char *now = clock_format(call->now_us);
    json_auto_t *subjects = subjects_of(call->arguments);
    gint64 intent = -1;
    if (!database_begin(call->database, error))
        return -1;
    intent = accounts_intend(call->database, now, call->actor, verb->word, subjects, error);
    if (intent >= 0)
        set_under_way(intent, TRUE); /* before anybody can see it */
    if (intent >= 0 && database_commit(call->database, error))
        return intent;
    database_rollback(call->database);
    set_under_way(intent, FALSE);
    return -1;
}

static gboolean
forget(Database *database, gint64 intent, GError **error)
{
    if (database_begin(database, error) && accounts_intent_done(database, intent, error) &&
        database_commit(database, error))
        return TRUE;
    database_rollback(database);
    return FALSE;
}

/* --- what did not come to be --------------------------------------------------------------------------------- */

static void
add_undone(const VerbCall *call, GPtrArray *records, const char *subject, const char *note)
{
    json_t *record = record_new("account", call->settings->unit, "hangu-authd " PACKAGE_VERSION);
    record_put_text(record, "actor", call->actor);
    record_put_word(record, "event", "undone");
    record_put_text(record, "account", subject);
    record_put_text(record, "note", note);
    g_ptr_array_add(records, record);
}

/* One record for each subject, then the intent goes. */
static gboolean
tell_undone(VerbCall *call, gint64 intent, const char *verb, const char *time, const json_t *subjects, GError **error)
{
    g_autoptr(GPtrArray) records = g_ptr_array_new_with_free_func((GDestroyNotify)json_decref);
    g_autofree char *note =
        g_strdup_printf("verb %s of %s did not come to be, whatever was recorded of it", verb, time);
    gsize i;
    json_t *subject;
    json_array_foreach(subjects, i, subject) add_undone(call, records, json_string_value(subject), note);
    return verb_write_records(call, records, error) && forget(call->database, intent, error);
}

gboolean
verbs_settle(VerbCall *call, GError **error)
{
    json_auto_t *intents = accounts_intents(call->database, error);
    gboolean good = intents != NULL;
    gsize i;
    json_t *one;
    json_array_foreach(intents, i, one)
    {
        gint64 number = json_integer_value(json_object_get(one, "number"));
        if (good && !is_under_way(number))
            good =
                tell_undone(call, number, json_string_value(json_object_get(one, "verb")),
                            json_string_value(json_object_get(one, "time")), json_object_get(one, "subjects"), error);
    }
    return good;
}

/* --- the change ---------------------------------------------------------------------------------------------- */

/* Without a record there is nothing to tell. If it cannot be told now, the intent stays, and is told later. */
static void
take_back(VerbCall *call, const Verb *verb, gint64 intent)
{
    g_autofree char *time = clock_format(call->now_us);
    json_auto_t *subjects = subjects_of(call->arguments);
    database_rollback(call->database);
    if (call->records == 0)
        forget(call->database, intent, NULL);
    else
        tell_undone(call, intent, verb->word, time, subjects, NULL);
}

static gboolean
try_it(VerbCall *call, const Verb *verb, GError **error)
{
    if (!database_begin(call->database, error))
        return FALSE;
    gboolean done = verb->run(call, error);
    database_rollback(call->database);
    return done;
}

gboolean
verb_change(VerbCall *call, const Verb *verb, GError **error)
{
    if (verb_flag(call, "dry_run"))
        return try_it(call, verb, error);
    if (!verbs_settle(call, error)) {
        g_prefix_error(error, "nothing was changed: a change before could not be settled: ");
        return FALSE;
    }
    gint64 intent = intend(call, verb, error);
    if (intent < 0)
        return FALSE;
    GError *failed = NULL;
    gboolean ran = database_begin(call->database, error) && accounts_intent_done(call->database, intent, error) &&
                   verb->run(call, error);
    gboolean done = ran && database_commit(call->database, &failed);
    if (!done)
        take_back(call, verb, intent);
    set_under_way(intent, FALSE);
    if (failed != NULL)
        g_propagate_prefixed_error(error, failed, "nothing was changed: ");
    return done;
}
