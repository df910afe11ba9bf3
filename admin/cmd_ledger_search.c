/* hangu ledger search: records that fit, newest last, as a table or as JSON lines. */
#include "config.h"
#include "chain.h"
#include "cmd_ledger.h"
#include "command.h"
#include "language.h"
#include "ledger_query.h"
#include "print.h"
#include "verdict.h"
#include <glib/gi18n.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define NAME "ledger search"
#define LIMIT_TABLE 50
#define LIMIT_MAX 100000

/* The newest `limit` lines that fit; with limit 0 each is printed at once. */
typedef struct {
    const LedgerQuery *query;
    guint limit;
    GQueue lines; /* char * */
    guint64 found;
} Search;

static gboolean
may_match(const char *bytes, gsize length, gpointer user)
{
    return ledger_query_may_match(((const Search *)user)->query, bytes, length);
}

static gboolean
take_line(const ChainLine *line, gpointer user, GError **error)
{
    Search *search = user;
    if (!ledger_query_matches(search->query, line->record))
        return TRUE;
    search->found++;
    if (search->limit == 0) {
        fwrite(line->bytes, 1, line->length, stdout);
        putchar('\n');
        return TRUE;
    }
    g_queue_push_tail(&search->lines, g_strndup(line->bytes, line->length));
    if (search->lines.length > search->limit)
        g_free(g_queue_pop_head(&search->lines));
    return TRUE;
}

/* --- a row for a person ---------------------------------------------------------------------------------------- */

static const char *
text_of(const json_t *record, const char *field)
{
    return json_string_value(json_object_get(record, field));
}

static const char *
verdict_label(const char *verdict)
{
    static const struct {
        const char *verdict, *label;
    } labels[] = {
        {"accept", N_("accepted")},
        {"hold", N_("held")},
        {"reject", N_("refused")},
        {"tempfail", N_("put off")},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(labels); i++)
        if (g_strcmp0(verdict, labels[i].verdict) == 0)
            return _(labels[i].label);
    return verdict;
}

/* What was done: "refused", "refused (observed)", "put off: inspector-died", or the kind of another record. */
static char *
deed_of(const json_t *record)
{
    const char *verdict = text_of(record, "verdict"), *failure = text_of(record, "failure");
    if (g_strcmp0(text_of(record, "kind"), "letter") != 0)
        return g_strdup(text_of(record, "kind"));
    if (verdict == NULL)
        return g_strdup_printf("%s: %s", verdict_label(text_of(record, "answer")), failure != NULL ? failure : "-");
    if (text_of(record, "released") != NULL && g_strcmp0(text_of(record, "answer"), "accept") == 0)
        return g_strdup(_("released"));
    if (json_is_true(json_object_get(record, "carried_out"))) /* at egress a refused letter is held */
        return g_strdup(verdict_label(text_of(record, "answer")));
    if (strcmp(verdict, "accept") == 0)
        return g_strdup(verdict_label(verdict));
    return g_strdup_printf(_("%s (observed)"), verdict_label(verdict));
}

static PrintStyle
style_of(const json_t *record)
{
    const char *verdict = text_of(record, "verdict");
    if (g_strcmp0(text_of(record, "kind"), "repair") == 0 || text_of(record, "failure") != NULL)
        return PRINT_WARN;
    if (verdict == NULL)
        return PRINT_DIM;
    return strcmp(verdict, "reject") == 0 ? PRINT_BAD : strcmp(verdict, "accept") != 0 ? PRINT_WARN : PRINT_PLAIN;
}

static char *
recipients_of(const json_t *record)
{
    const json_t *list = json_object_get(record, "recipients");
    const json_t *total = json_object_get(record, "recipients_total");
    json_int_t count = total != NULL ? json_integer_value(total) : (json_int_t)json_array_size(list);
    const char *first = json_string_value(json_array_get(list, 0));
    if (count > 1)
        return g_strdup_printf("%s +%d", first != NULL ? first : "-", (int)MIN(count - 1, 999999));
    return g_strdup(first);
}

static const char *
level_of(const json_t *record, gboolean chinese)
{
    Level level;
    const char *word = text_of(record, "level");
    if (word == NULL || !level_parse(word, &level) || level == LEVEL_NONE)
        return NULL;
    return chinese ? level_word_zh(level) : word;
}

/* Row, rule of the strongest finding, why something could not be read; of other records who and what. */
static char *
reason_of(const json_t *record)
{
    const char *parts[4] = {NULL};
    guint count = 0;
    const json_t *finding = json_array_get(json_object_get(record, "findings"), 0);
    const char *const words[] = {text_of(record, "policy"), text_of(finding, "rule"), text_of(record, "why"),
                                 text_of(record, "actor"),  text_of(record, "next"),  text_of(record, "file")};
    for (gsize i = 0; i < G_N_ELEMENTS(words) && count < 3; i++)
        if (words[i] != NULL)
            parts[count++] = words[i];
    if (count == 0)
        return g_strdup(g_strcmp0(text_of(record, "kind"), "letter") == 0 ? NULL : text_of(record, "program"));
    return g_strjoinv(" ", (char **)parts);
}

static void
add_row(PrintTable *table, const char *line, gboolean chinese)
{
    json_t *record = json_loads(line, 0, NULL);
    g_autofree char *time = ledger_query_local_time(text_of(record, "time"));
    g_autofree char *deed = deed_of(record);
    g_autofree char *recipients = recipients_of(record);
    g_autofree char *reason = reason_of(record);
    const char *sender = text_of(record, "sender"), *id = text_of(record, "id"), *queue = text_of(record, "queue_id");
    const char *cells[] = {
        time,       id,    queue, deed, level_of(record, chinese), sender != NULL && *sender == '\0' ? "<>" : sender,
        recipients, reason};
    print_table_add(table, style_of(record), cells);
    json_decref(record);
}

static void
print_rows(Search *search)
{
    const char *const headings[] = {_("time"), _("record"), _("queue id"), _("decision"), _("level"),
                                    _("from"), _("to"),     _("why"),      NULL};
    g_autoptr(PrintTable) table = print_table_new(headings);
    gboolean chinese = language_is_chinese();
    for (GList *line = search->lines.head; line != NULL; line = line->next)
        add_row(table, line->data, chinese);
    if (search->found == 0)
        puts(_("no such records"));
    else
        print_table(table, stdout);
    if (search->found > search->lines.length)
        printf(_("the newest %u of %" PRIu64 "; --limit 0 --json gives all\n"), search->lines.length, search->found);
}

static int
search_ledger(const LedgerQuery *query, guint limit, gboolean json)
{
    GError *error = NULL;
    Search search = {.query = query, .limit = limit, .lines = G_QUEUE_INIT};
    ChainSelect select = {.since_us = query->since_us, .want = may_match};
    gboolean read = chain_select(query->directory, &select, take_line, &search, NULL, &error);
    if (!json && (read || search.found > 0)) {
        print_rows(&search);
    } else {
        for (GList *line = search.lines.head; line != NULL; line = line->next)
            puts(line->data);
    }
    g_queue_clear_full(&search.lines, g_free);
    return read ? 0 : command_fail(NAME, error);
}

int
cmd_ledger_search(int argc, char **argv)
{
    g_auto(LedgerQuery) query = {0};
    gboolean json = FALSE;
    int limit = -1;
    GError *error = NULL;
    const GOptionEntry entries[] = {
        {"limit", 'n', 0, G_OPTION_ARG_INT, &limit, N_("the newest N (50, with --json all; 0: all)"), N_("N")},
        {"json", 0, 0, G_OPTION_ARG_NONE, &json, N_("the records themselves, one JSON object a line"), NULL},
        {NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    ledger_query_add_place(context, &query);
    ledger_query_add_time(context, &query);
    ledger_query_add_filters(context, &query);
    g_option_context_add_main_entries(context, entries, PACKAGE);
    g_option_context_set_summary(context, _("Shows the records that fit every option given, newest last."));
    g_option_context_set_description(context,
                                     _("Examples:\n"
                                       "  hangu ledger search --since today --verdict reject\n"
                                       "  hangu ledger search --since 7d --sender @plan.unit.example --level 机密\n"
                                       "  hangu ledger search --id 0H3K9M2P7QXT --json"));
    int status = command_parse(NAME, context, &argc, &argv);
    if (status != 0)
        return status;
    if (argc > 1)
        return command_usage(NAME, _("unexpected word \"%s\""), argv[1]);
    if (limit < -1 || limit > LIMIT_MAX || (limit == 0 && !json))
        return command_usage(NAME, _("--limit must be 1 to %d; 0 (all) needs --json"), LIMIT_MAX);
    if (!ledger_query_prepare(&query, &error))
        return command_fail(NAME, error);
    return search_ledger(&query, limit >= 0 ? (guint)limit : json ? 0 : LIMIT_TABLE, json);
}
