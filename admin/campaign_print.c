/* Rows of campaigns, for people. */
#include "config.h"
#include "campaign_print.h"
#include "account_desk.h"
#include "csv.h"
#include "print.h"
#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *word, *title;
    char sign;
} states[] = {
    {"changed", N_("changed"), '#'}, {"excepted", N_("excepted"), '-'}, {"closed", N_("closed"), '-'},
    {"refused", N_("refused"), '!'}, {"overdue", N_("overdue"), '!'},   {"unknown", N_("unknown"), '?'},
    {"warned", N_("warned"), '.'},   {"waiting", N_("waiting"), '.'},
};

static gint64
count_of(const json_t *counts, const char *word)
{
    gint64 count = json_integer_value(json_object_get(counts, word));
    return CLAMP(count, 0, G_MAXINT32);
}

static gint64
count_all(const json_t *counts)
{
    gint64 all = 0;
    for (gsize i = 0; i < G_N_ELEMENTS(states); i++)
        all += count_of(counts, states[i].word);
    return all;
}

/* Rounded down, so that a full bar is a finished one. */
void
campaign_bar(const json_t *counts, char bar[CAMPAIGN_BAR + 1])
{
    gint64 all = count_all(counts), sum = 0;
    memset(bar, '.', CAMPAIGN_BAR);
    bar[CAMPAIGN_BAR] = '\0';
    for (gsize i = 0; i < G_N_ELEMENTS(states) && all > 0; i++) {
        gint64 from = sum * CAMPAIGN_BAR / all;
        sum += count_of(counts, states[i].word);
        memset(bar + from, states[i].sign, (gsize)(sum * CAMPAIGN_BAR / all - from));
    }
}

/* "12 changed, 3 excepted": those that there are. Gives. */
static char *
counts_text(const json_t *counts)
{
    GString *text = g_string_new(NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(states); i++)
        if (count_of(counts, states[i].word) > 0)
            g_string_append_printf(text, "%s%s %" G_GINT64_FORMAT, text->len > 0 ? ", " : "", _(states[i].title),
                                   count_of(counts, states[i].word));
    return g_string_free(text, FALSE);
}

void
campaign_print_head(const json_t *head)
{
    const json_t *counts = json_object_get(head, "states");
    gint64 all = count_all(counts);
    char bar[CAMPAIGN_BAR + 1];
    g_autofree char *text = counts_text(counts);
    campaign_bar(counts, bar);
    printf(_("%s: %s; %s to %s, waves: %d\n"), account_text(head, "campaign"), account_text(head, "reason"),
           account_text(head, "from"), account_text(head, "until"),
           (int)json_integer_value(json_object_get(head, "waves")));
    printf(_("  chosen: %s; started by %s, approved by %s\n"), account_text(head, "selection"),
           account_text(head, "by"), account_text(head, "approver"));
    printf("  [%s] %3d %%  %s\n", bar, all > 0 ? (int)(count_of(counts, "changed") * 100 / all) : 0, text);
    if (*account_text(head, "uncovered") != '\0')
        printf(_("  Holidays of %s are not known, only weekends were avoided: add them to the file of "
                 "accounts.calendar\n"),
               account_text(head, "uncovered"));
    if (*account_text(head, "stopped") != '\0')
        printf(_("  stopped %s by %s: %s\n"), account_text(head, "stopped"), account_text(head, "stopped_by"),
               account_text(head, "stop_reason"));
}

static void
add_part(PrintTable *table, const json_t *row)
{
    const json_t *counts = json_object_get(row, "states");
    char numbers[G_N_ELEMENTS(states) + 2][24], bar[CAMPAIGN_BAR + 1];
    const char *cells[G_N_ELEMENTS(states) + 6];
    guint column = 0;
    campaign_bar(counts, bar);
    g_snprintf(numbers[0], sizeof numbers[0], "%d", (int)json_integer_value(json_object_get(row, "wave")));
    g_snprintf(numbers[1], sizeof numbers[1], "%d", (int)json_integer_value(json_object_get(row, "members")));
    cells[column++] = numbers[0];
    cells[column++] = account_text(row, "unit");
    cells[column++] = account_text(row, "department");
    cells[column++] = account_text(row, "deadline");
    cells[column++] = numbers[1];
    for (gsize i = 0; i < G_N_ELEMENTS(states); i++) {
        g_snprintf(numbers[i + 2], sizeof numbers[0], "%" G_GINT64_FORMAT, count_of(counts, states[i].word));
        cells[column++] = numbers[i + 2];
    }
    cells[column] = bar;
    print_table_add(table,
                    count_of(counts, "refused") + count_of(counts, "overdue") > 0 ? PRINT_BAD
                    : count_of(counts, "changed") == count_all(counts)            ? PRINT_GOOD
                    : count_of(counts, "unknown") > 0                             ? PRINT_WARN
                                                                                  : PRINT_PLAIN,
                    cells);
}

static gboolean
has_no_part(const json_t *row)
{
    return json_object_get(row, "members") == NULL || json_object_get(row, "campaign") != NULL;
}

static void
print_parts(const json_t *rows)
{
    const char *const headings[] = {_(">wave"),    _("unit"),      _("department"), _("last day"), _(">members"),
                                    _(">changed"), _(">excepted"), _(">closed"),    _(">refused"), _(">overdue"),
                                    _(">unknown"), _(">warned"),   _(">waiting"),   _("progress"), NULL};
    g_autoptr(PrintTable) table = print_table_new(headings);
    gsize i;
    json_t *row;
    json_array_foreach(rows, i, row) if (!has_no_part(row)) add_part(table, row);
    putchar('\n');
    print_table(table, stdout);
}

static const char *
title_of(const char *word)
{
    for (gsize i = 0; i < G_N_ELEMENTS(states); i++)
        if (g_str_equal(states[i].word, word))
            return _(states[i].title);
    return word;
}

static void
print_members(const json_t *rows)
{
    const char *const headings[] = {_("account"), _("department"), _("last day"), _("state"), _("told"), NULL};
    g_autoptr(PrintTable) table = print_table_new(headings);
    guint count = 0;
    gsize i;
    json_t *row;
    json_array_foreach(rows, i, row)
    {
        const char *state = account_text(row, "state"), *told = account_text(row, "told");
        if (json_object_get(row, "account") == NULL)
            continue;
        g_autofree char *day = g_strndup(told, strlen("2026-11-22"));
        const char *cells[] = {account_text(row, "account"), account_text(row, "department"),
                               account_text(row, "deadline"), title_of(state), *day != '\0' ? day : NULL};
        print_table_add(table,
                        g_str_equal(state, "refused") || g_str_equal(state, "overdue") ? PRINT_BAD
                        : g_str_equal(state, "changed")                                ? PRINT_GOOD
                                                                                       : PRINT_PLAIN,
                        cells);
        count++;
    }
    if (count == 0)
        return;
    putchar('\n');
    print_table(table, stdout);
}

void
campaign_print(const json_t *rows)
{
    campaign_print_head(json_array_get(rows, 0));
    print_parts(rows);
    print_members(rows);
    puts(_("\nchanged (#): hangu-authd has seen another password since the start; unknown (?): it never saw the "
           "account log "
           "in before,\nor cannot tell its mechanism's passwords apart; overdue (!): counts as expired; - excepted or "
           "closed."));
}

void
campaign_print_list(const json_t *rows)
{
    gsize i;
    json_t *row;
    if (json_array_size(rows) == 0)
        puts(_("there is no campaign"));
    json_array_foreach(rows, i, row) campaign_print_head(row);
}

void
campaign_print_csv(const json_t *rows)
{
    static const char *const fields[] = {"account", "unit",    "department",     "deadline",   "state",
                                         "told",    "changed", "excepted_until", "excepted_by"};
    const char *name = account_text(json_array_get(rows, 0), "campaign");
    gsize i;
    json_t *row;
    fputs("campaign,wave,account,unit,department,deadline,state,told,changed,excepted_until,excepted_by\r\n", stdout);
    json_array_foreach(rows, i, row)
    {
        char wave[24];
        if (json_object_get(row, "account") == NULL)
            continue;
        g_snprintf(wave, sizeof wave, "%d", (int)json_integer_value(json_object_get(row, "wave")));
        csv_write(stdout, name, FALSE);
        csv_write(stdout, wave, FALSE);
        for (gsize c = 0; c < G_N_ELEMENTS(fields); c++)
            csv_write(stdout, account_text(row, fields[c]), c + 1 == G_N_ELEMENTS(fields));
    }
}
