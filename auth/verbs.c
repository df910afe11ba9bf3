/* Finding a verb, holding its arguments against its list, and the transaction around it. */
#include "config.h"
#include "verbs.h"
#include "clock.h"
#include "errors.h"
#include "nearest.h"
#include "record.h"
#include "register_verbs.h"
#include "verbs_tables.h"
#include <string.h>

#define PROGRAM "hangu-authd " PACKAGE_VERSION

static const Verb *const tables[] = {verbs_register, register_add, register_state, register_leave, register_links,
                                     register_units, verbs_login,  verbs_password, verbs_otp};

static const Verb *
find_verb(const char *word)
{
    for (guint i = 0; i < G_N_ELEMENTS(tables); i++)
        for (const Verb *verb = tables[i]; verb->word != NULL; verb++)
            if (g_str_equal(verb->word, word))
                return verb;
    return NULL;
}

static const Verb *
need_verb(const json_t *arguments, GError **error)
{
    const char *word = json_string_value(json_object_get(arguments, "verb"));
    const Verb *verb = word != NULL ? find_verb(word) : NULL;
    if (verb == NULL) {
        g_autofree char *shown = record_text(word != NULL ? word : "");
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_USAGE,
                    "hangu-authd %s knows no verb \"%s\"; is the command of another version?", PACKAGE_VERSION, shown);
    }
    return verb;
}

static gboolean
arguments_known(const Verb *verb, const json_t *arguments, GError **error)
{
    g_autofree char *names = g_strconcat("verb by dry_run ", verb->arguments, NULL);
    g_auto(GStrv) known = g_strsplit(names, " ", -1);
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)arguments, name, value)
    {
        if (g_strv_contains((const char *const *)known, name))
            continue;
        const char *near = nearest_word(name, (const char *const *)known);
        g_autofree char *shown = record_text(name);
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_USAGE, "verb %s has no argument \"%s\"%s%s%s", verb->word, shown,
                    near != NULL ? "; did you mean \"" : "", near != NULL ? near : "", near != NULL ? "\"?" : "");
        return FALSE;
    }
    return TRUE;
}

gboolean
verb_text(const VerbCall *call, const char *name, gboolean required, const char **text_out, GError **error)
{
    const json_t *value = json_object_get(call->arguments, name);
    const char *text = json_string_value(value);
    *text_out = text;
    if (value != NULL && !json_is_null(value) && text == NULL) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_USAGE, "argument %s is no text", name);
        return FALSE;
    }
    if (required && (text == NULL || *text == '\0')) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_USAGE, "argument %s is missing", name);
        return FALSE;
    }
    gboolean good =
        text == NULL || (json_string_length(value) <= RECORD_TEXT_MAX && strlen(text) == json_string_length(value));
    for (const char *at = text; good && at != NULL && *at != '\0'; at = g_utf8_next_char(at))
        good = !g_unichar_iscntrl(g_utf8_get_char(at));
    if (!good)
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_USAGE,
                    "argument %s is longer than %d bytes or has control characters", name, RECORD_TEXT_MAX);
    return good;
}

gboolean
verb_flag(const VerbCall *call, const char *name)
{
    return json_is_true(json_object_get(call->arguments, name));
}

const char *
verb_by(const VerbCall *call)
{
    const char *by = json_string_value(json_object_get(call->arguments, "by"));
    return by != NULL && *by != '\0' ? by : call->actor;
}

gboolean
verb_answer(VerbCall *call, json_t *row, GError **error)
{
    return call->answer(row, call->answer_user, error);
}

gboolean
verb_record(VerbCall *call, const char *kind, const char *event, const char *account, const json_t *fields,
            GError **error)
{
    if (verb_flag(call, "dry_run"))
        return TRUE;
    json_auto_t *record = record_new(kind, call->settings->unit, PROGRAM);
    if (fields != NULL)
        json_object_update(record, (json_t *)fields);
    g_autofree char *actor = g_str_equal(verb_by(call), call->actor)
                                 ? g_strdup(call->actor)
                                 : g_strdup_printf("%s (%s)", call->actor, verb_by(call));
    record_put_text(record, "actor", actor);
    record_put_word(record, "event", event);
    record_put_text(record, "account", account);
    if (!ledger_append(call->ledger, record, clock_monotonic_us() + VERB_LEDGER_WAIT_US, NULL, NULL, NULL, error)) {
        g_prefix_error(error, "nothing was changed: the change could not be recorded: ");
        return FALSE;
    }
    call->records++;
    return TRUE;
}

/* What was recorded and did not come to be must be recorded too; that this may fail as well is why the error says
 * what happened. */
static gboolean
end_change(VerbCall *call, GError **error)
{
    GError *failed = NULL;
    if (database_commit(call->database, &failed))
        return TRUE;
    database_rollback(call->database);
    if (call->records > 0)
        verb_record(call, "account", "undone", NULL, NULL, NULL);
    g_propagate_prefixed_error(error, failed, "nothing was changed: ");
    return FALSE;
}

gboolean
verbs_run(VerbCall *call, GError **error)
{
    call->now_us = clock_wall_us();
    call->records = 0;
    const char *by;
    const Verb *verb = need_verb(call->arguments, error);
    if (verb == NULL || !arguments_known(verb, call->arguments, error) || !verb_text(call, "by", FALSE, &by, error))
        return FALSE;
    if (!verb->changes)
        return verb->run(call, error);
    if (!database_begin(call->database, error))
        return FALSE;
    gboolean done = verb->run(call, error);
    if (done && !verb_flag(call, "dry_run"))
        return end_change(call, error);
    database_rollback(call->database);
    if (done)
        return TRUE;
    if (call->records > 0)
        verb_record(call, "account", "undone", NULL, NULL, NULL);
    return FALSE;
}
