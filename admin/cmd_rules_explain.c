/* hangu rules explain: what one rule or cue is about, and why a text is found, with what raised and lowered it. */
#include "config.h"
#include "cmd_rules.h"
#include "command.h"
#include "errors.h"
#include "judge.h"
#include "language.h"
#include "nearest.h"
#include "print.h"
#include <glib/gi18n.h>
#include <string.h>

#define CHANGED_SHOWN 20 /* examples that a cue changes */

typedef struct {
    CmdRules common;
    char *text, *place;
    PlaceKind place_kind;
} Options;

/* One look at the rules. */
typedef struct {
    const Ruleset *ruleset;
    Judge *judge;
    GPtrArray *findings; /* of the text judged last */
    GError *error;       /* the scanner failed */
} Explaining;

static void
finding_unload(gpointer finding)
{
    finding_free(finding);
}

static const char *
said(const char *zh, const char *en)
{
    return language_is_chinese() ? zh : en;
}

static const char *
level_name(Level level)
{
    return said(level_word_zh(level), level_word(level));
}

static const char *
confidence_name(Confidence confidence)
{
    const char *word = confidence_word(confidence);
    return word != NULL ? word : "mention";
}

/* --- findings ---------------------------------------------------------------------------------------------------- */

/* What the rule's own example gives: the strongest finding of the rule, NULL for none. Lends. */
static const Finding *
example_judge(Explaining *explaining, guint rule, guint example)
{
    const char *id = ruleset_info(explaining->ruleset, rule)->id;
    const Finding *best = NULL;
    g_ptr_array_set_size(explaining->findings, 0);
    if (explaining->error != NULL ||
        !judge_example(explaining->judge, rule, example, explaining->findings, &explaining->error))
        return NULL;
    for (guint i = 0; i < explaining->findings->len; i++) {
        const Finding *one = g_ptr_array_index(explaining->findings, i);
        if (strcmp(one->rule, id) == 0 && (best == NULL || one->score > best->score))
            best = one;
    }
    return best;
}

static json_t *
finding_json(const Finding *finding)
{
    if (finding == NULL)
        return json_null();
    json_t *reasons = json_array();
    for (guint i = 0; i < finding->reasons->len; i++) {
        const Reason *reason = &g_array_index(finding->reasons, Reason, i);
        g_autofree char *line = reason_line(reason, language_is_chinese());
        json_array_append_new(reasons,
                              json_pack("{s:s, s:i, s:s}", "id", reason->id, "score", reason->score, "text", line));
    }
    return json_pack("{s:s, s:s, s:s, s:i, s:s?, s:o}", "rule", finding->rule, "class", class_word(finding->class),
                     "level", level_word(finding->level), "score", finding->score, "confidence",
                     confidence_word(finding->confidence), "reasons", reasons);
}

/* "145 confirmed, class state, level 机密". */
static void
finding_print(const Finding *finding)
{
    printf(_("%d %s, class %s, level %s"), finding->score, confidence_name(finding->confidence),
           class_word(finding->class), level_name(finding->level));
}

/* On one line, behind the example it was made of. */
static void
finding_print_short(const Finding *finding)
{
    printf("               = ");
    if (finding == NULL) {
        printf(_("nothing is found\n"));
        return;
    }
    finding_print(finding);
    for (guint i = 0; i < finding->reasons->len; i++) {
        const Reason *reason = &g_array_index(finding->reasons, Reason, i);
        g_autofree char *line = reason_line(reason, language_is_chinese());
        printf("%s %s %+d", i == 0 ? ":" : ",", line, reason->score);
    }
    printf("\n");
}

/* --- a rule ------------------------------------------------------------------------------------------------------ */

static json_t *
levels_json(const Ruleset *ruleset, guint rule)
{
    json_t *levels = json_array();
    for (guint level = LEVEL_NONE; level <= LEVEL_TOP_SECRET; level++)
        if ((ruleset_levels(ruleset, rule) & 1u << level) != 0)
            json_array_append_new(levels, json_string(level_word((Level)level)));
    return levels;
}

/* "top-secret, highly-secret or secret, as the word says". Gives. */
static char *
levels_text(const Ruleset *ruleset, guint rule)
{
    g_autoptr(GString) text = g_string_new(NULL);
    guint count = 0;
    for (guint level = LEVEL_TOP_SECRET + 1; level-- > 0;) {
        if ((ruleset_levels(ruleset, rule) & 1u << level) == 0)
            continue;
        g_string_append_printf(text, "%s%s", count++ > 0 ? said("、", ", ") : "", level_name((Level)level));
    }
    if (count > 1)
        return g_strdup_printf(_("%s as the word says"), text->str);
    return g_strdup(text->str);
}

static json_t *
cues_json(const Ruleset *ruleset, guint rule)
{
    json_t *cues = json_array();
    CueInfo cue;
    for (guint i = 0; ruleset_cue_info(ruleset, i, &cue); i++)
        if (ruleset_cue_concerns(ruleset, i, rule))
            json_array_append_new(cues, json_pack("{s:s, s:I, s:s, s:s}", "cue", cue.id, "score", (json_int_t)cue.score,
                                                  "text_zh", cue.text_zh, "text_en", cue.text_en));
    return cues;
}

static void
rule_json(Explaining *explaining, guint rule)
{
    const Ruleset *ruleset = explaining->ruleset;
    json_t *object = cmd_rules_info(ruleset_info(ruleset, rule)), *scores = json_object(), *examples = json_array();
    RuleScoreInfo score;
    RuleExampleInfo example;
    for (guint i = 0; ruleset_score(ruleset, rule, i, &score); i++)
        json_object_set_new(scores, score.form, json_integer(score.score));
    for (guint i = 0; ruleset_example(ruleset, rule, i, &example); i++)
        json_array_append_new(examples,
                              json_pack("{s:s, s:s, s:b, s:o}", "place", example.place, "text", example.text, "finds",
                                        example.finds, "found", finding_json(example_judge(explaining, rule, i))));
    g_autofree char *when = ruleset_when(ruleset, rule), *places = ruleset_places(ruleset, rule),
                    *condition = ruleset_condition(ruleset, rule, language_is_chinese());
    json_object_set_new(object, "levels", levels_json(ruleset, rule));
    json_object_set_new(object, "places", *places != '\0' ? json_string(places) : json_null());
    json_object_set_new(object, "when", *when != '\0' ? json_string(when) : json_null());
    json_object_set_new(object, "condition", *condition != '\0' ? json_string(condition) : json_null());
    json_object_set_new(object, "scores", scores);
    json_object_set_new(object, "cues", cues_json(ruleset, rule));
    json_object_set_new(object, "example_list", examples);
    print_json(object, stdout);
}

static void
examples_print(Explaining *explaining, guint rule, gboolean finds)
{
    RuleExampleInfo example;
    for (guint i = 0; ruleset_example(explaining->ruleset, rule, i, &example); i++) {
        if (example.finds != finds)
            continue;
        g_auto(GStrv) lines = g_strsplit(example.text, "\n", -1);
        for (guint line = 0; lines[line] != NULL; line++)
            if (lines[line][0] != '\0')
                printf("  %c %-10s %s\n",
                       line > 0 ? ' '
                       : finds  ? '+'
                                : '-',
                       line > 0 ? "" : example.place, lines[line]);
        finding_print_short(example_judge(explaining, rule, i));
    }
}

/* The tree of a rule with a condition, and for which letters it is asked. */
static void
condition_print(const Ruleset *ruleset, guint rule)
{
    g_autofree char *when = ruleset_when(ruleset, rule), *places = ruleset_places(ruleset, rule),
                    *condition = ruleset_condition(ruleset, rule, language_is_chinese());
    g_auto(GStrv) lines = g_strsplit(condition, "\n", -1);
    if (*places != '\0')
        printf(_("  looks in: %s\n"), places);
    if (*when != '\0')
        printf(_("  asked for letters with %s\n"), when);
    if (*condition == '\0')
        return;
    printf(_("Condition:\n"));
    for (guint i = 0; lines[i] != NULL; i++)
        if (lines[i][0] != '\0')
            printf("  %s\n", lines[i]);
}

static int
stronger_first(gconstpointer a, gconstpointer b)
{
    const CueInfo *left = a, *right = b;
    return left->score != right->score ? (left->score < right->score) - (left->score > right->score)
                                       : strcmp(left->id, right->id);
}

static void
cues_print(const Ruleset *ruleset, guint rule)
{
    g_autoptr(GArray) cues = g_array_new(FALSE, FALSE, sizeof(CueInfo));
    CueInfo cue;
    for (guint i = 0; ruleset_cue_info(ruleset, i, &cue); i++)
        if (ruleset_cue_concerns(ruleset, i, rule))
            g_array_append_val(cues, cue);
    if (cues->len == 0)
        return;
    g_array_sort(cues, stronger_first);
    printf(_("Cues, what may raise or lower it:\n"));
    for (guint i = 0; i < cues->len; i++) {
        const CueInfo *one = &g_array_index(cues, CueInfo, i);
        printf("  %+5d  %-18s %s\n", (int)one->score, one->id, said(one->text_zh, one->text_en));
    }
}

static void
rule_print(Explaining *explaining, guint rule)
{
    const Ruleset *ruleset = explaining->ruleset;
    const RuleInfo *info = ruleset_info(ruleset, rule);
    g_autofree char *levels = levels_text(ruleset, rule);
    RuleScoreInfo score;
    printf("%s: %s\n", info->id, said(info->title_zh, info->title_en));
    printf(_("  class %s, level %s, pack %s, status %s\n"), class_word(info->class), levels, info->pack, info->status);
    if (info->clause != NULL && info->clause[0] != '\0')
        printf(_("  basis: %s\n"), info->clause);
    printf(_("  looks for %u words and %u expressions\n"), info->literals, info->expressions);
    condition_print(ruleset, rule);
    printf(_("Scores by form, before cues (100 and more confirmed, 60 to 99 uncertain, below a mention):\n"));
    for (guint i = 0; ruleset_score(ruleset, rule, i, &score); i++)
        printf("  %-14s %4" G_GINT64_FORMAT "\n", score.form, score.score);
    cues_print(ruleset, rule);
    printf(_("Must be found (+), must not be found (-), and what each gives (=):\n"));
    examples_print(explaining, rule, TRUE);
    examples_print(explaining, rule, FALSE);
}

/* --- a cue ------------------------------------------------------------------------------------------------------- */

/* The first line of an example. Gives. */
static char *
first_line(const char *text)
{
    return g_strndup(text, strcspn(text, "\n"));
}

static gboolean
has_reason(const Finding *finding, const char *id)
{
    for (guint i = 0; finding != NULL && i < finding->reasons->len; i++)
        if (strcmp(g_array_index(finding->reasons, Reason, i).id, id) == 0)
            return TRUE;
    return FALSE;
}

/* Examples of rules that the cue raises or lowers; prints the first, or appends all to `list`. Gives how many. */
static guint
changed_tell(Explaining *explaining, guint cue, const char *id, json_t *list)
{
    const RuleInfo *rule;
    RuleExampleInfo example;
    guint changed = 0;
    for (guint i = 0; (rule = ruleset_info(explaining->ruleset, i)) != NULL; i++) {
        if (strcmp(rule->status, "off") == 0 || !ruleset_cue_concerns(explaining->ruleset, cue, i))
            continue;
        for (guint k = 0; ruleset_example(explaining->ruleset, i, k, &example); k++) {
            const Finding *finding = example_judge(explaining, i, k);
            if (!has_reason(finding, id))
                continue;
            g_autofree char *line = first_line(example.text);
            if (list != NULL)
                json_array_append_new(list, json_pack("{s:s, s:s, s:b, s:o}", "rule", rule->id, "text", example.text,
                                                      "finds", example.finds, "found", finding_json(finding)));
            else if (changed < CHANGED_SHOWN)
                printf("  %c %-16s %4d  %s\n", example.finds ? '+' : '-', rule->id, finding->score, line);
            changed++;
        }
    }
    return changed;
}

static json_t *
names_json(const GPtrArray *names)
{
    json_t *list = json_array();
    for (guint i = 0; names != NULL && i < names->len; i++)
        json_array_append_new(list, json_string(g_ptr_array_index(names, i)));
    return list;
}

static void
cue_json(Explaining *explaining, guint index, const CueInfo *cue)
{
    json_t *changed = json_array();
    changed_tell(explaining, index, cue->id, changed);
    print_json(json_pack("{s:i, s:s, s:s, s:s, s:I, s:s?, s:s?, s:I, s:I, s:i, s:b, s:b, s:b, s:b, s:o, s:o, s:o}", "v",
                         1, "cue", cue->id, "text_zh", cue->text_zh, "text_en", cue->text_en, "score",
                         (json_int_t)cue->score, "seen", cue->seen, "scope", cue->seen == NULL ? cue->scope : NULL,
                         "reach", (json_int_t)cue->reach, "count", (json_int_t)cue->count, "words", (int)cue->patterns,
                         "quotation", cue->quotation, "companion", cue->companion, "exam", cue->exam, "sinks",
                         cue->sinks, "classes", names_json(cue->classes), "forms", names_json(cue->forms), "examples",
                         changed),
               stdout);
}

static void
names_print(const char *what, const GPtrArray *names)
{
    if (names == NULL || names->len == 0)
        return;
    printf("  %s", what);
    for (guint i = 0; i < names->len; i++)
        printf("%s%s", i > 0 ? ", " : " ", (const char *)g_ptr_array_index(names, i));
    printf("\n");
}

static void
cue_print(Explaining *explaining, guint index, const CueInfo *cue)
{
    printf("%s: %s\n", cue->id, said(cue->text_zh, cue->text_en));
    printf(cue->score < 0 ? _("  a cue: takes %d\n") : _("  a cue: adds %d\n"), ABS((int)cue->score));
    if (cue->seen != NULL)
        printf(_("  holds where the program sees: %s\n"), cue->seen);
    else if (strcmp(cue->scope, "line") == 0 || strcmp(cue->scope, "part") == 0)
        printf(_("  holds where %d of %u words or expressions stand in the same %s\n"), (int)cue->count, cue->patterns,
               cue->scope);
    else
        printf(_("  holds where %d of %u words or expressions stand %s it, within %d\n"), (int)cue->count,
               cue->patterns, cue->scope, (int)cue->reach);
    names_print(_("only for the classes"), cue->classes);
    names_print(_("only for the forms"), cue->forms);
    if (cue->exam)
        printf(_("  only for examination papers\n"));
    if (cue->quotation)
        printf(_("  a kind of quoting: does not lower a first page that companions vouch for\n"));
    if (cue->companion)
        printf(_("  vouches for a first page\n"));
    if (cue->sinks)
        printf(_("  against it level, star and term may fall below 60\n"));
    printf(_("Examples of rules that it changes (must be found +, must not -), with their score:\n"));
    guint changed = changed_tell(explaining, index, cue->id, NULL);
    if (changed > CHANGED_SHOWN)
        printf(_("  and %u more\n"), changed - CHANGED_SHOWN);
    if (changed == 0)
        printf(_("  none\n"));
}

/* --- a text ------------------------------------------------------------------------------------------------------ */

static int
text_explain(const Options *options, Explaining *explaining)
{
    if (!judge_example_text(explaining->judge, options->place_kind, options->text, explaining->findings,
                            &explaining->error))
        return 0;
    for (guint i = 0; i < explaining->findings->len; i++) {
        const Finding *finding = g_ptr_array_index(explaining->findings, i);
        if (options->common.json) {
            print_json(finding_json(finding), stdout);
            continue;
        }
        printf("%s: %s\n  ", finding->rule, finding->excerpt);
        finding_print(finding);
        printf("\n");
        for (guint k = 0; k < finding->reasons->len; k++) {
            const Reason *reason = &g_array_index(finding->reasons, Reason, k);
            g_autofree char *line = reason_line(reason, language_is_chinese());
            printf("  %+5d  %s\n", reason->score, line);
        }
    }
    if (explaining->findings->len == 0 && !options->common.json)
        printf(_("nothing is found\n"));
    return 0;
}

/* --- which ------------------------------------------------------------------------------------------------------- */

static int
name_explain(const Options *options, Explaining *explaining, const char *id)
{
    g_autoptr(GPtrArray) known = g_ptr_array_new();
    const Ruleset *ruleset = explaining->ruleset;
    const RuleInfo *info;
    CueInfo cue;
    for (guint i = 0; (info = ruleset_info(ruleset, i)) != NULL; i++) {
        g_ptr_array_add(known, (gpointer)info->id);
        if (strcmp(info->id, id) == 0) {
            (options->common.json ? rule_json : rule_print)(explaining, i);
            return 0;
        }
    }
    for (guint i = 0; ruleset_cue_info(ruleset, i, &cue); i++) {
        g_ptr_array_add(known, (gpointer)cue.id);
        if (strcmp(cue.id, id) == 0) {
            (options->common.json ? cue_json : cue_print)(explaining, i, &cue);
            return 0;
        }
    }
    g_ptr_array_add(known, NULL);
    const char *near = nearest_word(id, (const char *const *)known->pdata);
    if (near != NULL)
        return command_usage("rules explain", _("there is no rule or cue \"%s\"; did you mean \"%s\"?"), id, near);
    return command_usage("rules explain", _("there is no rule or cue \"%s\"; `hangu rules list` shows the rules"), id);
}

static int
rules_explain(const Options *options, const char *id)
{
    static const JudgeLimits limits = {.max_hits = 1000, .max_findings = 100};
    g_autoptr(RuleSources) sources = NULL;
    int status;
    g_autoptr(Ruleset) ruleset = cmd_rules_load(&options->common, &sources, &status);
    if (ruleset == NULL)
        return status;
    g_autoptr(Judge) judge = judge_new(ruleset, &limits);
    g_autoptr(GPtrArray) findings = g_ptr_array_new_with_free_func(finding_unload);
    Explaining explaining = {ruleset, judge, findings, NULL};
    status = id != NULL ? name_explain(options, &explaining, id) : text_explain(options, &explaining);
    return explaining.error == NULL ? status : command_fail("rules explain", explaining.error);
}

static int
options_check(Options *options, int argc, char **argv)
{
    options->place_kind = PLACE_BODY;
    if (argc > 2 || (argc == 2 && options->text != NULL))
        return command_usage("rules explain", _("unexpected word \"%s\""), argv[argc - 1]);
    if (argc < 2 && options->text == NULL)
        return command_usage("rules explain", _("which rule? `hangu rules list` shows them"));
    if (options->place != NULL && options->text == NULL)
        return command_usage("rules explain", _("--place is for --text"));
    if (options->place != NULL && !place_parse(options->place, &options->place_kind))
        return command_usage("rules explain", _("\"%s\" is no place"), options->place);
    return 0;
}

int
cmd_rules_explain(int argc, char **argv)
{
    Options options = {0};
    const GOptionEntry entries[] = {
        {"rules", 'r', 0, G_OPTION_ARG_FILENAME, &options.common.rules,
         N_("directory of packs; without it that of the settings"), N_("DIR")},
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &options.common.config,
         N_("settings file; without it the installed one"), N_("FILE")},
        {"text", 't', 0, G_OPTION_ARG_STRING, &options.text,
         N_("instead of a rule: what is found in this text, and why"), N_("TEXT")},
        {"place", 'p', 0, G_OPTION_ARG_STRING, &options.place,
         N_("where the text stands: subject, file-name, body ..."), N_("PLACE")},
        {"json", 0, 0, G_OPTION_ARG_NONE, &options.common.json, N_("JSON instead of text"), NULL},
        {NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new(_("RULE|CUE"));
    g_option_context_add_main_entries(context, entries, PACKAGE);
    g_option_context_set_summary(context,
                                 _("What one rule looks for, what it scores, which cues raise or lower it, and\n"
                                   "what its examples give; what a cue changes; or why a text is found."));
    int status = command_parse("rules explain", context, &argc, &argv);
    if (status == 0)
        status = options_check(&options, argc, argv);
    if (status == 0)
        status = rules_explain(&options, options.text == NULL ? argv[1] : NULL);
    cmd_rules_clear(&options.common);
    g_free(options.text);
    g_free(options.place);
    return status;
}
