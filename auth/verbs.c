/* Finding a verb, holding its arguments against its list, and what verbs share. */
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

static const Verb *const tables[] = {verbs_register, register_add,   register_state, register_leave,
                                     register_links, register_units, verbs_login,    verbs_password,
                                     verbs_otp,      verbs_batch,    verbs_campaign};

static const Verb *
find_verb(const char *word)
{
    for (guint i = 0; i < G_N_ELEMENTS(tables); i++)
        for (const Verb *verb = tables[i]; verb->word != NULL; verb++)
            if (g_str_equal(verb->word, word))
                return verb;
    return NULL;
}

const Verb *
verb_needed(const json_t *arguments, GError **error)
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

gboolean
verb_arguments_known(const Verb *verb, const json_t *arguments, GError **error)
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
    if (call->later != NULL) {
        g_ptr_array_add(call->later, g_steal_pointer(&record));
        return TRUE;
    }
    g_autoptr(GPtrArray) one = g_ptr_array_new();
    g_ptr_array_add(one, record);
    return verb_write_records(call, one, error);
}

gboolean
verb_write_records(VerbCall *call, const GPtrArray *records, GError **error)
{
    guint perhaps;
    gint64 deadline_us = clock_monotonic_us() + VERB_LEDGER_WAIT_US + records->len * VERB_LEDGER_EACH_US;
    gboolean good = ledger_append_all(call->ledger, records, deadline_us, &perhaps, error);
    if (!good)
        g_prefix_error(error, "nothing was changed: the change could not be recorded: ");
    call->records += good ? records->len : perhaps;
    return good;
}

gboolean
verbs_is_passwd_service(const VerbCall *call)
{
    return g_str_equal(call->actor, call->settings->passwd_service_user) && !g_str_equal(call->actor, "root");
}

/* What serves webmail may change passwords, and nothing of the register. */
static gboolean
may_run(const VerbCall *call, const Verb *verb, GError **error)
{
    if (!verbs_is_passwd_service(call) || g_str_has_prefix(verb->word, "password."))
        return TRUE;
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_PERMISSION, "%s may change passwords only", call->actor);
    return FALSE;
}

gboolean
verbs_run(VerbCall *call, GError **error)
{
    call->now_us = clock_wall_us();
    call->records = 0;
    const char *by;
    const Verb *verb = verb_needed(call->arguments, error);
    if (verb == NULL || !may_run(call, verb, error) || !verb_arguments_known(verb, call->arguments, error) ||
        !verb_text(call, "by", FALSE, &by, error))
        return FALSE;
    return verb->changes ? verb_change(call, verb, error) : verb->run(call, error);
}
