/* Units, departments, who may approve in them, and how far each group has come. */
#include "config.h"
#include "accounts.h"
#include "errors.h"
#include <string.h>

static gboolean
exists(Database *database, const char *what, Statement *rows, const char *advice, GError **error)
{
    g_autoptr(Statement) owned = rows;
    int got = owned != NULL ? statement_step(owned, error) : -1;
    if (got == 0)
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_NO_INPUT, "%s is not in the register; %s", what, advice);
    return got == 1;
}

static gboolean
unit_exists(Database *database, const char *unit, GError **error)
{
    g_autofree char *what = g_strdup_printf("unit \"%s\"", unit);
    return exists(database, what, database_query(database, error, "SELECT 1 FROM units WHERE name = ?", "t", unit),
                  "add it with: hangu account unit", error);
}

static gboolean
place_exists(Database *database, const char *unit, const char *department, GError **error)
{
    if (!unit_exists(database, unit, error) || department == NULL)
        return department == NULL && unit_exists(database, unit, NULL);
    g_autofree char *what = g_strdup_printf("department \"%s\" of %s", department, unit);
    return exists(database, what,
                  database_query(database, error, "SELECT 1 FROM departments WHERE unit = ? AND name = ?", "tt", unit,
                                 department),
                  "add it with: hangu account department", error);
}

gboolean
accounts_unit_set(Database *database, const char *name, const char *abbreviation, GError **error)
{
    if (*name == '\0' || strchr(name, '/') != NULL || g_str_equal(name, "all")) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA,
                    "\"%s\" can be no unit's name: empty, \"all\" or with \"/\" (that parts unit from department)",
                    name);
        return FALSE;
    }
    return database_run(database, error,
                        "INSERT INTO units VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET "
                        "abbreviation = ifnull(?2, abbreviation)",
                        "tt", name, abbreviation);
}

gboolean
accounts_unit_domain(Database *database, const char *unit, const char *domain, GError **error)
{
    g_autofree char *whole = g_strconcat("@", domain, NULL);
    g_autofree char *read = accounts_address(whole, TRUE, error);
    return read != NULL && unit_exists(database, unit, error) &&
           database_run(database, error, "INSERT OR REPLACE INTO unit_domains VALUES (?, ?)", "tt", read + 1, unit);
}

gboolean
accounts_department_set(Database *database, const char *unit, const char *department, GError **error)
{
    if (*department == '\0' || strchr(department, '/') != NULL) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, "\"%s\" can be no department's name: empty or with \"/\"",
                    department);
        return FALSE;
    }
    return unit_exists(database, unit, error) &&
           database_run(database, error, "INSERT OR IGNORE INTO departments VALUES (?, ?)", "tt", unit, department);
}

gboolean
accounts_officer_set(Database *database, const char *unit, const char *department, const char *role,
                     const char *address, const char *name, GError **error)
{
    g_auto(GStrv) roles = g_strsplit(ACCOUNTS_ROLES, "|", -1);
    if (!g_strv_contains((const char *const *)roles, role)) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, "\"%s\" is no role; there are %s", role, ACCOUNTS_ROLES);
        return FALSE;
    }
    g_autofree char *mailbox = account_field_read(ACCOUNT_ADDRESS, address, error);
    return mailbox != NULL && place_exists(database, unit, department, error) &&
           database_run(database, error, "INSERT OR REPLACE INTO officers VALUES (?, ?, ?, ?, ?)", "ttttt", unit,
                        department, role, mailbox, name);
}

gboolean
accounts_officer_remove(Database *database, const char *unit, const char *department, const char *role,
                        const char *person, GError **error)
{
    if (!database_run(database, error,
                      "DELETE FROM officers WHERE unit = ?1 AND department IS ?2 AND role = ?3 AND"
                      " (address = lower(?4) OR name = ?4)",
                      "tttt", unit, department, role, person))
        return FALSE;
    if (database_changes(database) > 0)
        return TRUE;
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_NO_INPUT, "%s is not %s of %s%s%s", person, role, unit,
                department != NULL ? "/" : "", department != NULL ? department : "");
    return FALSE;
}

/* "李强 <liqiang@unit.example>, ..." of those who may. */
static char *
who_may(Database *database, const char *unit, const char *department)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(Statement) rows =
        database_query(database, NULL,
                       "SELECT DISTINCT ifnull(name, address) FROM officers WHERE unit = ?1 AND (department IS NULL OR "
                       "department = ?2) AND role IN ('approver', 'deputy', 'leader') LIMIT 8",
                       "tt", unit, department);
    while (rows != NULL && statement_step(rows, NULL) == 1)
        g_string_append_printf(text, "%s%s", text->len > 0 ? ", " : "", statement_text(rows, 0));
    return g_string_free(g_steal_pointer(&text), FALSE);
}

char *
accounts_approver(Database *database, const char *unit, const char *department, const char *person, GError **error)
{
    g_autoptr(Statement) rows = database_query(
        database, error,
        "SELECT DISTINCT address FROM officers WHERE unit = ?1 AND (department IS NULL OR department = ?2)"
        " AND role IN ('approver', 'deputy', 'leader') AND (address = lower(?3) OR name = ?3)",
        "ttt", unit, department, person);
    int got = rows != NULL ? statement_step(rows, error) : -1;
    if (got < 0)
        return NULL;
    g_autofree char *address = got == 1 ? g_strdup(statement_text(rows, 0)) : NULL;
    if (got == 1 && statement_step(rows, NULL) == 0)
        return g_steal_pointer(&address);
    g_autofree char *who = who_may(database, unit, department);
    if (got == 1)
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_PERMISSION,
                    "there are several of the name %s in %s; name the approver by address", person, unit);
    else if (*who == '\0')
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_PERMISSION,
                    "nobody may approve for %s yet; name its leader first: hangu account unit \"%s\" --role leader "
                    "--person ADDRESS",
                    *unit != '\0' ? unit : "an account without a unit", unit);
    else
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_PERMISSION,
                    "%s is not approver, deputy or leader of %s; those who may approve: %s", person, unit, who);
    return NULL;
}

gboolean
accounts_officer_is_called(Database *database, const char *address, const char *name)
{
    g_autoptr(Statement) row =
        database_query(database, NULL, "SELECT 1 FROM officers WHERE address = ? AND name = ?", "tt", address, name);
    return row != NULL && statement_step(row, NULL) == 1;
}

/* --- lists --------------------------------------------------------------------------------------------------- */

static gboolean
fill(Database *database, json_t *list, Statement *rows, GError **error)
{
    g_autoptr(Statement) owned = rows;
    int got = -1;
    while (owned != NULL && (got = statement_step(owned, error)) == 1) {
        json_t *one = statement_columns(owned) > 1 ? json_object() : json_string(statement_text(owned, 0));
        for (int i = 0; json_is_object(one) && i < (int)statement_columns(owned); i++) {
            const char *text = statement_text(owned, i);
            json_object_set_new(one, statement_column(owned, i), text != NULL ? json_string(text) : json_null());
        }
        json_array_append_new(list, one);
    }
    return got == 0;
}

static gboolean
fill_unit(Database *database, json_t *unit, GError **error)
{
    const char *name = json_string_value(json_object_get(unit, "name"));
    json_t *domains = json_array(), *departments = json_array(), *officers = json_array();
    json_object_set_new(unit, "domains", domains);
    json_object_set_new(unit, "departments", departments);
    json_object_set_new(unit, "officers", officers);
    return fill(database, domains,
                database_query(database, error, "SELECT domain FROM unit_domains WHERE unit = ? ORDER BY 1", "t", name),
                error) &&
           fill(database, departments,
                database_query(database, error, "SELECT name FROM departments WHERE unit = ? ORDER BY 1", "t", name),
                error) &&
           fill(database, officers,
                database_query(database, error,
                               "SELECT department, role, address, name FROM officers WHERE unit = ? ORDER BY "
                               "department, role, address",
                               "t", name),
                error);
}

json_t *
accounts_units(Database *database, GError **error)
{
    json_t *units = json_array();
    gboolean good =
        fill(database, units, database_query(database, error, "SELECT name, abbreviation FROM units ORDER BY name", ""),
             error);
    gsize i;
    json_t *unit;
    json_array_foreach(units, i, unit) good = good && fill_unit(database, unit, error);
    if (!good)
        g_clear_pointer(&units, json_decref);
    return units;
}

char *
accounts_unit_of(Database *database, const char *domain, GError **error)
{
    g_autoptr(Statement) row =
        database_query(database, error, "SELECT unit FROM unit_domains WHERE domain = ?", "t", domain);
    return row != NULL && statement_step(row, error) == 1 ? g_strdup(statement_text(row, 0)) : NULL;
}

/* --- stages -------------------------------------------------------------------------------------------------- */

gint64
accounts_group_size(Database *database, const char *group, GError **error)
{
    g_autoptr(Statement) row =
        database_query(database, error,
                       "SELECT count(*) FROM accounts WHERE ?1 = 'all' OR unit = ?1 OR unit || '/' || department = ?1"
                       " OR group_name = ?1 OR address = ?1",
                       "t", group);
    return row != NULL && statement_step(row, error) == 1 ? statement_integer(row, 0) : -1;
}

gboolean
accounts_stage_set(Database *database, const char *group, const char *stage, const char *by, const char *since,
                   GError **error)
{
    g_auto(GStrv) stages = g_strsplit(ACCOUNTS_STAGES, "|", -1);
    if (!g_strv_contains((const char *const *)stages, stage)) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, "\"%s\" is no stage; there are %s", stage, ACCOUNTS_STAGES);
        return FALSE;
    }
    return database_run(database, error, "INSERT OR REPLACE INTO stages VALUES (?, ?, ?, ?)", "tttt", group, stage, by,
                        since);
}

json_t *
accounts_stages(Database *database, GError **error)
{
    json_t *stages = json_array();
    if (!fill(database, stages,
              database_query(database, error,
                             "SELECT group_name AS \"group\", stage, since, set_by AS by FROM stages ORDER BY 1", ""),
              error))
        g_clear_pointer(&stages, json_decref);
    return stages;
}
