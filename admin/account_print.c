/* Rows of hangu-authd, as tables and lines. */
#include "config.h"
#include "account_print.h"
#include "ledger_query.h"
#include "print.h"
#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

/* NULL for what is not there, so that a table shows "-". */
static const char *
cell(const json_t *row, const char *name)
{
    const char *text = account_text(row, name);
    return *text != '\0' ? account_word(text) : NULL;
}

static char *
state_shown(const json_t *row)
{
    const char *state = account_word(account_text(row, "state"));
    g_autofree char *day = g_strndup(account_text(row, "deadline"), strlen("2026-11-22"));
    if (json_is_true(json_object_get(row, "pending")))
        return g_strdup_printf(_("approval due %s"), day);
    return g_strdup(state);
}

/* What is odd about the user name; nothing if it is fine or was not looked at. */
static void
print_name_findings(const json_t *row)
{
    if (json_is_string(json_object_get(row, "name_like")))
        printf(_("  the user name is the unit's: %s; choose another when you can (R-157)\n"),
               account_text(row, "name_like"));
    if (json_is_string(json_object_get(row, "name_near")))
        printf(_("  the user name is one letter from %s: letters may go astray\n"), account_text(row, "name_near"));
}

static gboolean
is_name_odd(const json_t *row)
{
    return json_is_string(json_object_get(row, "name_like")) || json_is_string(json_object_get(row, "name_near"));
}

void
account_print_list(const json_t *rows)
{
    g_autoptr(PrintTable) table =
        print_table_new((const char *const[]){_("address"), _("kind"), _("unit"), _("department"), _("owner"),
                                              _("state"), _("approver"), _("tier"), _("stage"), _("problems"), NULL});
    gsize i;
    json_t *row;
    json_array_foreach(rows, i, row)
    {
        g_autofree char *problems = account_texts(json_object_get(row, "problems"));
        g_autofree char *state = state_shown(row);
        PrintStyle style = *problems != '\0'                                   ? PRINT_BAD
                           : json_is_true(json_object_get(row, "pending"))     ? PRINT_WARN
                           : g_str_equal(account_text(row, "state"), "closed") ? PRINT_DIM
                                                                               : PRINT_PLAIN;
        print_table_add(table, style,
                        (const char *const[]){account_text(row, "address"), cell(row, "kind"), cell(row, "unit"),
                                              cell(row, "department"), cell(row, "owner"), state, cell(row, "approver"),
                                              cell(row, "tier"), cell(row, "stage"),
                                              *problems != '\0' ? problems : NULL});
    }
    if (json_array_size(rows) == 0)
        printf(_("No account of this kind is in the register.\n"));
    else
        print_table(table, stdout);
    json_array_foreach(rows, i, row)
    {
        if (is_name_odd(row))
            printf("%s\n", account_text(row, "address"));
        print_name_findings(row);
    }
}

/* Name in the table and heading, in the order of reading. */
static const struct {
    const char *name, *heading;
} lines[] = {
    {"kind", N_("kind")},
    {"unit", N_("unit")},
    {"department", N_("department")},
    {"owner", N_("owner")},
    {"keeper", N_("keeper")},
    {"purpose", N_("purpose")},
    {"state", N_("state")},
    {"stage", N_("stage")},
    {"tier", N_("tier")},
    {"group", N_("group")},
    {"requested_by", N_("requested by")},
    {"requested", N_("requested")},
    {"approver", N_("approver")},
    {"approved", N_("approved")},
    {"deadline", N_("approval due")},
    {"commitment", N_("commitment signed")},
    {"training", N_("last training")},
    {"role", N_("role")},
    {"left", N_("left")},
    {"watched_until", N_("watched until")},
    {"new_password", N_("new password since")},
    {"source", N_("source")},
    {"note", N_("note")},
    {"aliases", N_("aliases")},
    {"networks", N_("networks")},
    {"problems", N_("problems")},
};

static void
print_line(const char *heading, const char *text)
{
    guint width = print_width(heading);
    printf("  %s%*s %s\n", heading, width < 20 ? (int)(20 - width) : 0, "", text);
}

static void
print_delegations(const json_t *row, const char *name, gboolean given)
{
    gsize i;
    json_t *one;
    json_array_foreach(json_object_get(row, name), i, one)
    {
        g_autofree char *until = ledger_query_local_time(account_text(one, "until"));
        printf(given ? _("  %s may send for it until %s (approved by %s)\n")
                     : _("  it may send for %s until %s (approved by %s)\n"),
               account_text(one, "address"), until, account_text(one, "approver"));
    }
}

static void
print_history(const json_t *row)
{
    gsize i;
    json_t *line;
    json_array_foreach(json_object_get(row, "history"), i, line)
    {
        g_autofree char *when = ledger_query_local_time(account_text(line, "time"));
        char *changes = json_dumps(json_object_get(line, "changes"), JSON_COMPACT | JSON_ENCODE_ANY);
        printf("  %s  %s  %s  %s\n", when, account_text(line, "by"), account_text(line, "verb"),
               changes != NULL ? changes : "");
        free(changes);
    }
}

void
account_print_one(const json_t *row)
{
    printf("%s\n", account_text(row, "address"));
    for (guint i = 0; i < G_N_ELEMENTS(lines); i++) {
        const json_t *value = json_object_get(row, lines[i].name);
        g_autofree char *text =
            json_is_array(value) ? account_texts(value) : g_strdup(account_word(account_text(row, lines[i].name)));
        if (*text != '\0')
            print_line(_(lines[i].heading), text);
    }
    print_delegations(row, "delegates", TRUE);
    print_delegations(row, "delegated", FALSE);
    gsize i;
    json_t *one;
    json_array_foreach(json_object_get(row, "exceptions"), i, one)
    {
        g_autofree char *until = ledger_query_local_time(account_text(one, "until"));
        g_autofree char *what = g_strdup_printf(*account_text(one, "to") != '\0' ? _("%s to %s") : "%s%s",
                                                account_word(account_text(one, "problem")), account_text(one, "to"));
        printf(_("  exception: %s until %s (approved by %s): %s\n"), what, until, account_text(one, "approver"),
               account_text(one, "reason"));
    }
    print_history(row);
}

void
account_print_change(const json_t *row, gboolean dry_run)
{
    g_autofree char *state = state_shown(row);
    const char *event = account_text(row, "event");
    if (*event == '\0')
        printf(_("%s: nothing to change (%s)\n"), account_text(row, "address"), state);
    else if (dry_run)
        printf(_("%s: would be %s (%s)\n"), account_text(row, "address"), event, state);
    else
        printf("%s: %s (%s)\n", account_text(row, "address"), event, state);
    print_name_findings(row);
}

void
account_print_units(const json_t *rows)
{
    gsize i, k;
    json_t *unit, *one;
    json_array_foreach(rows, i, unit)
    {
        g_autofree char *domains = account_texts(json_object_get(unit, "domains"));
        g_autofree char *departments = account_texts(json_object_get(unit, "departments"));
        printf("%s\n", account_text(unit, "name"));
        if (*account_text(unit, "abbreviation") != '\0')
            print_line(_("abbreviation"), account_text(unit, "abbreviation"));
        print_line(_("domains"), domains);
        print_line(_("departments"), departments);
        json_array_foreach(json_object_get(unit, "officers"), k, one)
        {
            g_autofree char *who =
                g_strdup_printf("%s %s%s%s", account_text(one, "name"), account_text(one, "address"),
                                *account_text(one, "department") != '\0' ? ", " : "", account_text(one, "department"));
            print_line(account_word(account_text(one, "role")), g_strchug(who));
        }
    }
    if (json_array_size(rows) == 0)
        printf(_("No unit yet. Begin with: hangu account unit NAME --domain DOMAIN --role leader --person ADDRESS\n"));
}

void
account_print_stages(const json_t *rows)
{
    g_autoptr(PrintTable) table =
        print_table_new((const char *const[]){_("group"), _("stage"), _(">accounts"), _("since"), _("by"), NULL});
    gsize i;
    json_t *row;
    json_array_foreach(rows, i, row)
    {
        g_autofree char *since = ledger_query_local_time(account_text(row, "since"));
        g_autofree char *size =
            g_strdup_printf("%" JSON_INTEGER_FORMAT, json_integer_value(json_object_get(row, "accounts")));
        print_table_add(table, PRINT_PLAIN,
                        (const char *const[]){account_word(account_text(row, "group")), cell(row, "stage"), size, since,
                                              cell(row, "by")});
    }
    if (json_array_size(rows) == 0)
        printf(_("Every group only observes: nobody is warned or refused.\n"));
    else
        print_table(table, stdout);
}
