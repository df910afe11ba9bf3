/* The verbs unit, department, units, enforce and stages. */
#include "config.h"
#include "accounts.h"
#include "clock.h"
#include "errors.h"
#include "record.h"
#include "register_verbs.h"
#include <string.h>

/* History and record of a change that is no account's. */
static gboolean
finish(VerbCall *call, const char *subject, const char *event, json_t *fields, GError **error)
{
    g_autofree char *now = clock_format(call->now_us);
    const char *verb = json_string_value(json_object_get(call->arguments, "verb"));
    json_auto_t *record = fields;
    return accounts_note(call->database, 0, subject, now, call->actor, verb_by(call), verb, call->arguments, error) &&
           verb_record(call, "account", event, NULL, record, error);
}

static gboolean
answer_all(VerbCall *call, json_t *list, GError **error)
{
    json_auto_t *owned = list;
    gsize i;
    json_t *one;
    if (owned == NULL)
        return FALSE;
    json_array_foreach(owned, i, one) if (!verb_answer(call, json_incref(one), error)) return FALSE;
    return TRUE;
}

static gboolean
run_units(VerbCall *call, GError **error)
{
    return answer_all(call, accounts_units(call->database, error), error);
}

/* An officer if the call names a role. */
static gboolean
set_officer(VerbCall *call, const char *unit, const char *department, GError **error)
{
    const char *role, *person, *name;
    if (!verb_text(call, "role", FALSE, &role, error))
        return FALSE;
    if (role == NULL)
        return TRUE;
    if (!verb_text(call, "person", TRUE, &person, error) || !verb_text(call, "name", FALSE, &name, error))
        return FALSE;
    return verb_flag(call, "remove")
               ? accounts_officer_remove(call->database, unit, department, role, person, error)
               : accounts_officer_set(call->database, unit, department, role, person, name, error);
}

static json_t *
note_of(const char *place, const VerbCall *call)
{
    const char *role = json_string_value(json_object_get(call->arguments, "role"));
    const char *person = json_string_value(json_object_get(call->arguments, "person"));
    json_t *fields = json_object();
    g_autofree char *note = role != NULL ? g_strdup_printf("%s: %s%s %s", place, verb_flag(call, "remove") ? "-" : "",
                                                           role, person != NULL ? person : "")
                                         : g_strdup(place);
    record_put_text(fields, "note", note);
    return fields;
}

static gboolean
run_unit(VerbCall *call, GError **error)
{
    const char *unit, *abbreviation, *domain;
    if (!verb_text(call, "unit", TRUE, &unit, error) || !verb_text(call, "abbreviation", FALSE, &abbreviation, error) ||
        !verb_text(call, "domain", FALSE, &domain, error))
        return FALSE;
    return accounts_unit_set(call->database, unit, abbreviation, error) &&
           (domain == NULL || accounts_unit_domain(call->database, unit, domain, error)) &&
           set_officer(call, unit, NULL, error) && finish(call, unit, "unit-set", note_of(unit, call), error) &&
           run_units(call, error);
}

static gboolean
run_department(VerbCall *call, GError **error)
{
    const char *unit, *department;
    if (!verb_text(call, "unit", TRUE, &unit, error) || !verb_text(call, "department", TRUE, &department, error))
        return FALSE;
    g_autofree char *place = g_strconcat(unit, "/", department, NULL);
    json_auto_t *fields = note_of(place, call);
    record_put_text(fields, "department", department);
    return accounts_department_set(call->database, unit, department, error) &&
           set_officer(call, unit, department, error) &&
           finish(call, place, "department-set", json_incref(fields), error) && run_units(call, error);
}

/* --- stages -------------------------------------------------------------------------------------------------- */

static gboolean
run_stages(VerbCall *call, GError **error)
{
    json_auto_t *stages = accounts_stages(call->database, error);
    gsize i;
    json_t *one;
    json_array_foreach(stages, i, one)
    {
        gint64 size = accounts_group_size(call->database, json_string_value(json_object_get(one, "group")), error);
        if (size < 0)
            return FALSE;
        json_object_set_new(one, "accounts", json_integer(size));
    }
    return stages != NULL && answer_all(call, json_incref(stages), error);
}

/* What a group stands at now; "observe" if nobody ever set it. NULL with error. Gives. */
static char *
stage_now(VerbCall *call, const char *group, GError **error)
{
    json_auto_t *stages = accounts_stages(call->database, error);
    gsize i;
    json_t *one;
    json_array_foreach(stages, i,
                       one) if (g_str_equal(json_string_value(json_object_get(one, "group")),
                                            group)) return g_strdup(json_string_value(json_object_get(one, "stage")));
    return stages != NULL ? g_strdup("observe") : NULL;
}

static gboolean
may_step(const VerbCall *call, const char *group, const char *from, const char *to, GError **error)
{
    gint64 size = accounts_group_size(call->database, group, error);
    if (size < 0)
        return FALSE;
    if (size == 0) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_NO_INPUT,
                    "group \"%s\" has no account; a group is \"all\", a unit, \"unit/department\", a group of the "
                    "register or an address",
                    group);
        return FALSE;
    }
    if (g_str_equal(from, "observe") && g_str_equal(to, "enforce") && !verb_flag(call, "skip_warn")) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_PERMISSION,
                    "group \"%s\" only observes: people must be warned first (--stage warn), or say --skip-warn",
                    group);
        return FALSE;
    }
    return TRUE;
}

static gboolean
run_enforce(VerbCall *call, GError **error)
{
    const char *group, *stage;
    if (!verb_text(call, "group", TRUE, &group, error) || !verb_text(call, "stage", TRUE, &stage, error))
        return FALSE;
    g_autofree char *from = stage_now(call, group, error);
    if (from == NULL || !may_step(call, group, from, stage, error))
        return FALSE;
    g_autofree char *now = clock_format(call->now_us);
    if (!accounts_stage_set(call->database, group, stage, verb_by(call), now, error))
        return FALSE;
    json_t *fields = json_object();
    g_autofree char *note = g_strdup_printf("%s: %s -> %s", group, from, stage);
    record_put_text(fields, "note", note);
    record_put_word(fields, "stage", stage);
    return finish(call, group, "stage", fields, error) && run_stages(call, error);
}

const Verb register_units[] = {
    {"unit", "unit abbreviation domain role person name remove", TRUE, run_unit},
    {"department", "unit department role person name remove", TRUE, run_department},
    {"units", "", FALSE, run_units},
    {"enforce", "group stage skip_warn", TRUE, run_enforce},
    {"stages", "", FALSE, run_stages},
    {NULL, NULL, FALSE, NULL},
};
