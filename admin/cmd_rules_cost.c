/* hangu rules cost: what each rule takes, in the order of what it takes. */
#include "config.h"
#include "clock.h"
#include "cmd_rules.h"
#include "command.h"
#include "cost.h"
#include "errors.h"
#include "letters.h"
#include "mime.h"
#include "print.h"
#include "read.h"
#include <glib/gi18n.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    const RuleInfo *info;
    CostPatterns patterns;
    const JudgeCost *judged;
} Row;

typedef struct {
    CmdRules options;
    gboolean without;
    Ruleset *ruleset;
    RuleSources *sources;
    Settings *settings;
    Extractor *extractor;
    Judge *judge;
    JudgeCost *costs;
    GPtrArray *findings;
    guint64 bytes;      /* of text judged */
    gint64 nanoseconds; /* of all of judging, folding and scanning among it */
    guint letters;
    GError *failure;
} Cost;

static void
cost_clear(Cost *cost)
{
    judge_free(cost->judge);
    extractor_free(cost->extractor);
    settings_free(cost->settings);
    ruleset_free(cost->ruleset);
    rule_sources_free(cost->sources);
    g_clear_pointer(&cost->findings, g_ptr_array_unref);
    g_clear_error(&cost->failure);
    g_free(cost->costs);
    cmd_rules_clear(&cost->options);
}

/* --- judging ----------------------------------------------------------------------------------------------------- */

static gboolean
take_segment(const Segment *segment, gpointer user)
{
    Cost *cost = user;
    gint64 start = clock_monotonic_us();
    gboolean good = judge_segment(cost->judge, segment, &cost->failure);
    cost->nanoseconds += (clock_monotonic_us() - start) * 1000;
    cost->bytes += segment->length;
    return good;
}

static gboolean
end_part(guint part, gpointer user)
{
    return judge_part_end(((Cost *)user)->judge, part);
}

static gboolean
letter_judge(Cost *cost, const LetterPlace *place, GError **error)
{
    const Reader reader = {take_segment, end_part, cost, -1, cost->extractor, ruleset_place_names(cost->ruleset)};
    g_autoptr(Message) message = letters_open(place, cost->settings, error);
    if (message == NULL || !mime_parse(message, cost->settings, error))
        return FALSE;
    g_ptr_array_set_size(cost->findings, 0);
    judge_begin(cost->judge, clock_wall_us(), cost->findings);
    if (!read_message(message, cost->settings, &reader, error))
        return FALSE;
    judge_end(cost->judge);
    cost->letters++;
    return TRUE;
}

static gboolean
letters_judge(Cost *cost, const char *const *paths, guint count, GError **error)
{
    g_autoptr(GPtrArray) places = letters_find(paths, count, error);
    g_autoptr(Problems) problems = problems_new();
    cost->settings = settings_load(cost->options.config, problems);
    if (places == NULL || cost->settings == NULL)
        return (places == NULL || !problems_to_error(problems, error)) && FALSE;
    if (access(cost->settings->spool_dir, W_OK | X_OK) != 0) {
        g_free(cost->settings->spool_dir);
        cost->settings->spool_dir = g_strdup(g_get_tmp_dir());
    }
    cost->extractor = extractor_start(cost->settings);
    for (guint i = 0; i < places->len; i++) {
        const LetterPlace *place = g_ptr_array_index(places, i);
        g_autoptr(GError) trouble = NULL;
        if (!letter_judge(cost, place, &trouble))
            g_printerr("hangu rules cost: %s: %s\n", place->name, trouble->message);
        if (cost->failure != NULL) {
            g_propagate_error(error, g_steal_pointer(&cost->failure));
            return FALSE;
        }
    }
    return TRUE;
}

/* Without letters: the rules' own examples, and an ordinary text. */
static gboolean
examples_judge(Cost *cost, GError **error)
{
    RuleExampleInfo example;
    g_autofree char *text = cost_text();
    gint64 start = clock_monotonic_us();
    for (guint rule = 0; rule < ruleset_count(cost->ruleset); rule++)
        for (guint i = 0; ruleset_example(cost->ruleset, rule, i, &example); i++) {
            g_ptr_array_set_size(cost->findings, 0);
            if (!judge_example(cost->judge, rule, i, cost->findings, error))
                return FALSE;
            cost->bytes += strlen(example.text);
        }
    g_ptr_array_set_size(cost->findings, 0);
    if (!judge_example_text(cost->judge, PLACE_BODY, text, cost->findings, error))
        return FALSE;
    cost->bytes += strlen(text);
    cost->nanoseconds += (clock_monotonic_us() - start) * 1000;
    return TRUE;
}

/* --- showing ----------------------------------------------------------------------------------------------------- */

/* What a rule takes of the running gate goes first, what it takes of its start decides between equals. */
static int
dearest_first(gconstpointer a, gconstpointer b)
{
    const Row *left = a, *right = b;
    if (left->judged->nanoseconds != right->judged->nanoseconds)
        return left->judged->nanoseconds < right->judged->nanoseconds ? 1 : -1;
    if (left->patterns.seconds != right->patterns.seconds)
        return left->patterns.seconds < right->patterns.seconds ? 1 : -1;
    return strcmp(left->info->id, right->info->id);
}

static double
per_megabyte(const Cost *cost, double amount)
{
    return cost->bytes > 0 ? amount * 1e6 / (double)cost->bytes : 0;
}

static void
row_print(const Cost *cost, PrintTable *table, const Row *row)
{
    g_autofree char *words = g_strdup_printf("%u", row->patterns.words);
    g_autofree char *expressions = g_strdup_printf("%u", row->patterns.expressions);
    g_autofree char *compile = g_strdup_printf("%.1f", row->patterns.seconds * 1e3);
    g_autofree char *alone = g_strdup_printf("%.1f", (double)row->patterns.bytes / 1e3);
    g_autofree char *saved =
        row->patterns.saved >= 0 ? g_strdup_printf("%.1f", (double)row->patterns.saved / 1e3) : NULL;
    g_autofree char *hits = g_strdup_printf("%.1f", per_megabyte(cost, (double)row->judged->hits));
    g_autofree char *judging = g_strdup_printf("%.1f", per_megabyte(cost, (double)row->judged->nanoseconds / 1e3));
    const char *cells[] = {row->info->id, judging, hits, compile, alone, saved, words, expressions};
    print_table_add(table, PRINT_PLAIN, cells);
}

static void
show_text(const Cost *cost, const GArray *rows, gsize bytes, double seconds)
{
    const char *const headings[] = {_("rule"),        _(">us/MB"),       _(">hits/MB"),
                                    _(">compile ms"), _(">KB alone"),    _(">KB saved"),
                                    _(">words"),      _(">expressions"), NULL};
    g_autoptr(PrintTable) table = print_table_new(headings);
    for (guint i = 0; i < rows->len; i++)
        row_print(cost, table, &g_array_index(rows, Row, i));
    print_table(table, stdout);
    printf(_("all rules: %.1f ms to compile, %.1f KB of databases; %.2f MB of text, %.1f ms each\n"), seconds * 1e3,
           (double)bytes / 1e3, (double)cost->bytes / 1e6, per_megabyte(cost, (double)cost->nanoseconds / 1e6));
}

static void
show_json(const Cost *cost, const GArray *rows, gsize bytes, double seconds)
{
    json_t *list = json_array();
    for (guint i = 0; i < rows->len; i++) {
        const Row *row = &g_array_index(rows, Row, i);
        json_t *object =
            json_pack("{s:s, s:f, s:f, s:I, s:f, s:I, s:i, s:i}", "rule", row->info->id, "judging_us_per_mb",
                      per_megabyte(cost, (double)row->judged->nanoseconds / 1e3), "hits_per_mb",
                      per_megabyte(cost, (double)row->judged->hits), "hits", (json_int_t)row->judged->hits,
                      "compile_ms", row->patterns.seconds * 1e3, "bytes_alone", (json_int_t)row->patterns.bytes,
                      "words", (int)row->patterns.words, "expressions", (int)row->patterns.expressions);
        json_object_set_new(object, "bytes_saved",
                            row->patterns.saved >= 0 ? json_integer(row->patterns.saved) : json_null());
        json_array_append_new(list, object);
    }
    print_json(json_pack("{s:i, s:s, s:f, s:I, s:I, s:i, s:f, s:o}", "v", 1, "ruleset", ruleset_digest(cost->ruleset),
                         "compile_ms", seconds * 1e3, "bytes", (json_int_t)bytes, "text_bytes", (json_int_t)cost->bytes,
                         "letters", (int)cost->letters, "judging_ms_per_mb",
                         per_megabyte(cost, (double)cost->nanoseconds / 1e6), "rules", list),
               stdout);
}

static void
show(const Cost *cost)
{
    g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(Row));
    const RuleInfo *info;
    double seconds;
    gsize bytes = cost_databases(cost->ruleset, &seconds);
    for (guint i = 0; (info = ruleset_info(cost->ruleset, i)) != NULL; i++) {
        Row row = {.info = info, .judged = &cost->costs[i]};
        cost_patterns(cost->ruleset, i, cost->without, &row.patterns);
        g_array_append_val(rows, row);
    }
    g_array_sort(rows, dearest_first);
    if (cost->options.json)
        show_json(cost, rows, bytes, seconds);
    else
        show_text(cost, rows, bytes, seconds);
}

static int
cost_run(Cost *cost, const char *const *paths, guint count)
{
    static const JudgeLimits limits = {.max_hits = 10000000, .max_findings = 1000};
    GError *error = NULL;
    int status;
    cost->ruleset = cmd_rules_load(&cost->options, &cost->sources, &status);
    if (cost->ruleset == NULL)
        return status;
    cost->judge = judge_new(cost->ruleset, &limits);
    cost->costs = g_new0(JudgeCost, ruleset_count(cost->ruleset) + 1);
    cost->findings = g_ptr_array_new_with_free_func((GDestroyNotify)finding_free);
    judge_count(cost->judge, cost->costs);
    if (count > 0 ? !letters_judge(cost, paths, count, &error) : !examples_judge(cost, &error))
        return command_fail("rules cost", error);
    show(cost);
    return 0;
}

int
cmd_rules_cost(int argc, char **argv)
{
    Cost cost = {0};
    const GOptionEntry entries[] = {
        {"rules", 'r', 0, G_OPTION_ARG_FILENAME, &cost.options.rules,
         N_("directory of packs; without it that of the settings"), N_("DIR")},
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &cost.options.config,
         N_("settings file; without it the installed one"), N_("FILE")},
        {"without", 0, 0, G_OPTION_ARG_NONE, &cost.without,
         N_("also how much smaller all databases would be without each rule (takes long)"), NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &cost.options.json, N_("JSON instead of text"), NULL},
        {NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new(_("[FILE|DIR...]"));
    g_option_context_add_main_entries(context, entries, PACKAGE);
    g_option_context_set_summary(
        context, _("What each rule takes, the dearest first: time in judging and hits for each megabyte of\n"
                   "the letters (without any: of the rules' own examples and an ordinary text), time to\n"
                   "compile and room of its words and expressions."));
    int status = command_parse("rules cost", context, &argc, &argv);
    if (status == 0)
        status = cost_run(&cost, (const char *const *)argv + 1, (guint)argc - 1);
    cost_clear(&cost);
    return status;
}
