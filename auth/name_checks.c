/* The forms of a unit's names take some milliseconds: made once for each unit. */
#include "config.h"
#include "name_checks.h"
#include "user_name.h"
#include <string.h>

struct NameChecks {
    Database *database;
    GHashTable *units;    /* name to UnitNames */
    UserNameIndex *index; /* of all; NULL: for one */
    char *one, *near;     /* its local part, and the first other one that is near */
};

/* What stands before "@". Gives. */
static char *
local_part(const Account *account)
{
    const char *address = account_get(account, ACCOUNT_ADDRESS), *at = strchr(address, '@');
    return g_strndup(address, at != NULL ? (gsize)(at - address) : strlen(address));
}

static NameChecks *
make(Database *database)
{
    NameChecks *checks = g_new0(NameChecks, 1);
    checks->database = database;
    checks->units = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)unit_names_free);
    return checks;
}

NameChecks *
name_checks_new(Database *database)
{
    NameChecks *checks = make(database);
    checks->index = user_name_index_new();
    return checks;
}

NameChecks *
name_checks_new_for(Database *database, const Account *account)
{
    NameChecks *checks = make(database);
    checks->one = local_part(account);
    return checks;
}

void
name_checks_free(NameChecks *checks)
{
    if (checks == NULL)
        return;
    g_hash_table_unref(checks->units);
    user_name_index_free(checks->index);
    g_free(checks->one);
    g_free(checks->near);
    g_free(checks);
}

static gboolean
is_looked_at(const Account *account)
{
    return account_is(account, ACCOUNT_KIND, "person") || account_is(account, ACCOUNT_KIND, "unit");
}

void
name_checks_add(NameChecks *checks, const Account *account)
{
    if (!is_looked_at(account) || account_is(account, ACCOUNT_STATE, "closed"))
        return;
    g_autofree char *local = local_part(account);
    if (checks->index != NULL)
        user_name_index_add(checks->index, local);
    else if (checks->near == NULL && strlen(local) >= 4 && strlen(checks->one) >= 4 &&
             user_name_near(checks->one, local))
        checks->near = g_steal_pointer(&local);
}

static char **
texts_of(const json_t *list)
{
    gsize i;
    json_t *one;
    char **texts = g_new0(char *, json_array_size(list) + 1);
    json_array_foreach(list, i, one) texts[i] = g_strdup(json_string_value(one));
    return texts;
}

static void
keep_unit(NameChecks *checks, const json_t *unit)
{
    const char *name = json_string_value(json_object_get(unit, "name"));
    g_auto(GStrv) departments = texts_of(json_object_get(unit, "departments"));
    g_auto(GStrv) domains = texts_of(json_object_get(unit, "domains"));
    g_hash_table_insert(checks->units, g_strdup(name),
                        unit_names_new(name, json_string_value(json_object_get(unit, "abbreviation")),
                                       (const char *const *)departments, (const char *const *)domains));
}

/* names_out gets NULL for an account without a unit. */
static gboolean
find_unit(NameChecks *checks, const char *name, const UnitNames **names_out, GError **error)
{
    *names_out = g_hash_table_lookup(checks->units, name);
    if (*names_out != NULL || *name == '\0')
        return TRUE;
    json_auto_t *units = accounts_units(checks->database, error);
    gsize i;
    json_t *unit;
    json_array_foreach(units, i, unit) if (g_str_equal(json_string_value(json_object_get(unit, "name")), name))
        keep_unit(checks, unit);
    *names_out = g_hash_table_lookup(checks->units, name);
    return units != NULL;
}

gboolean
name_checks_put(NameChecks *checks, const Account *account, json_t *row, GError **error)
{
    g_autofree char *local = local_part(account), *like = NULL;
    const UnitNames *names = NULL;
    const char *near = NULL;
    UserNameFault fault = USER_NAME_FINE;
    if (is_looked_at(account)) {
        if (!find_unit(checks, account_get(account, ACCOUNT_UNIT), &names, error))
            return FALSE;
        fault = names != NULL ? user_name_check(names, local, &like) : USER_NAME_FINE;
        near = checks->index != NULL ? user_name_index_near(checks->index, local) : checks->near;
    }
    json_object_set_new(row, "name_fault",
                        fault != USER_NAME_FINE ? json_string(user_name_fault_word(fault)) : json_null());
    json_object_set_new(row, "name_like", like != NULL ? json_string(like) : json_null());
    return json_object_set_new(row, "name_near", near != NULL ? json_string(near) : json_null()) == 0;
}
