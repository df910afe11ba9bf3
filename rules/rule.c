/* rule - rules and cues against their tables of rows. */
#include "config.h"
#include "rule.h"
#include "marking.h"
#include <glib/gi18n.h>
#include <string.h>

#define RULE(name) G_STRUCT_OFFSET(Rule, name)
#define CUE(name) G_STRUCT_OFFSET(Cue, name)
#define SCORE(name) G_STRUCT_OFFSET(Rule, scores.name)

static const YamlWord class_words[] = {{"state", CLASS_STATE},
                                       {"work", CLASS_WORK},
                                       {"trade", CLASS_TRADE},
                                       {"foreign", CLASS_FOREIGN},
                                       {"sensitive", CLASS_SENSITIVE},
                                       {"mention", CLASS_MENTION},
                                       {NULL, 0}};
static const YamlWord level_words[] = {{"top-secret", LEVEL_TOP_SECRET},
                                       {"highly-secret", LEVEL_HIGHLY_SECRET},
                                       {"secret", LEVEL_SECRET},
                                       {"work-secret", LEVEL_WORK_SECRET},
                                       {"trade", LEVEL_TRADE},
                                       {"sensitive", LEVEL_SENSITIVE},
                                       {"none", LEVEL_NONE},
                                       {NULL, 0}};
static const YamlWord status_words[] = {
    {"enforce", RULE_ENFORCE}, {"observe", RULE_OBSERVE}, {"off", RULE_OFF}, {NULL, 0}};
static const YamlWord detect_words[] = {{"mark", DETECT_MARK}, {"words", DETECT_WORDS}, {NULL, 0}};
static const YamlWord severity_words[] = {
    {"low", SEVERITY_LOW}, {"medium", SEVERITY_MEDIUM}, {"high", SEVERITY_HIGH}, {NULL, 0}};
static const YamlWord seen_words[] = {{"words", SEEN_WORDS},
                                      {"alone", SEEN_ALONE},
                                      {"edge", SEEN_EDGE},
                                      {"first-lines", SEEN_FIRST_LINES},
                                      {"header-lines", SEEN_HEADER_LINES},
                                      {"last-lines", SEEN_LAST_LINES},
                                      {"envelope", SEEN_ENVELOPE},
                                      {"copy-number", SEEN_COPY_NUMBER},
                                      {"red-head", SEEN_RED_HEAD},
                                      {"imprint", SEEN_IMPRINT},
                                      {"limits", SEEN_LIMITS},
                                      {"term-bare", SEEN_TERM_BARE},
                                      {"companion", SEEN_COMPANION},
                                      {"quoted", SEEN_QUOTED},
                                      {"example", SEEN_EXAMPLE},
                                      {"titled", SEEN_TITLED},
                                      {"listed", SEEN_LISTED},
                                      {"option", SEEN_OPTION},
                                      {"glued", SEEN_GLUED},
                                      {"decorated", SEEN_DECORATED},
                                      {"past-year", SEEN_PAST_YEAR},
                                      {"cell", SEEN_CELL},
                                      {"paper", SEEN_PAPER},
                                      {"prominent", SEEN_PROMINENT},
                                      {NULL, 0}};
static const YamlWord scope_words[] = {{"line", SCOPE_LINE},     {"before", SCOPE_BEFORE}, {"after", SCOPE_AFTER},
                                       {"around", SCOPE_AROUND}, {"part", SCOPE_PART},     {NULL, 0}};
static const YamlWord form_words[] = {{"star", MARK_FORM_STAR},           {"alone", MARK_FORM_ALONE},
                                      {"field", MARK_FORM_FIELD},         {"ticked", MARK_FORM_TICKED},
                                      {"bracketed", MARK_FORM_BRACKETED}, {"sentence", MARK_FORM_SENTENCE},
                                      {"anywhere", MARK_FORM_WORD},       {NULL, 0}};
static const YamlWord place_words[] = {{"subject", PLACE_SUBJECT},
                                       {"header", PLACE_HEADER},
                                       {"display-name", PLACE_DISPLAY_NAME},
                                       {"file-name", PLACE_FILE_NAME},
                                       {"body", PLACE_BODY},
                                       {"hidden", PLACE_HIDDEN},
                                       {"comment", PLACE_COMMENT},
                                       {"attribute", PLACE_ATTRIBUTE},
                                       {"title", PLACE_TITLE},
                                       {"outside", PLACE_OUTSIDE},
                                       {"raw", PLACE_RAW},
                                       {"page-header", PLACE_PAGE_HEADER},
                                       {"page-footer", PLACE_PAGE_FOOTER},
                                       {"note", PLACE_NOTE},
                                       {"annotation", PLACE_ANNOTATION},
                                       {"text-box", PLACE_TEXT_BOX},
                                       {"revision", PLACE_REVISION},
                                       {"property", PLACE_PROPERTY},
                                       {"alternative", PLACE_ALTERNATIVE},
                                       {"sheet-name", PLACE_SHEET_NAME},
                                       {"label", PLACE_LABEL},
                                       {NULL, 0}};

static const YamlRow score_rows[] = {
    {"star_term", YAML_ROW_INT, SCORE(star_term), "0", .min = 0, .max = 200, .help_en = "机密★10年",
     .help_zh = "机密★10年"},
    {"star", YAML_ROW_INT, SCORE(star), "0", .min = 0, .max = 200, .help_en = "机密★", .help_zh = "机密★"},
    {"star_doubtful", YAML_ROW_INT, SCORE(star_doubtful), "0", .min = 0, .max = 200,
     .help_zh = "★ 识别有误，或用同音、形近字", .help_en = "The star or a character of the word is a look-alike."},
    {"exam", YAML_ROW_INT, SCORE(exam), "0", .min = 0, .max = 200, .help_zh = "绝密★启用前", .help_en = "绝密★启用前"},
    {"alone", YAML_ROW_INT, SCORE(alone), "0", .min = 0, .max = 200, .help_zh = "单独成行",
     .help_en = "Alone on a line."},
    {"field", YAML_ROW_INT, SCORE(field), "0", .min = 0, .max = 200, .help_zh = "密级：机密", .help_en = "密级:机密"},
    {"ticked", YAML_ROW_INT, SCORE(ticked), "0", .min = 0, .max = 200, .help_zh = "☑机密", .help_en = "☑机密"},
    {"bracketed", YAML_ROW_INT, SCORE(bracketed), "0", .min = 0, .max = 200, .help_zh = "（机密）",
     .help_en = "(机密)"},
    {"prefix", YAML_ROW_INT, SCORE(prefix), "0", .min = 0, .max = 200, .help_zh = "机密_方案.pdf",
     .help_en = "机密_方案.pdf"},
    {"sentence", YAML_ROW_INT, SCORE(sentence), "0", .min = 0, .max = 200, .help_zh = "本文件属机密级",
     .help_en = "本文件属机密级"},
    {"anywhere", YAML_ROW_INT, SCORE(anywhere), "0", .min = 0, .max = 200, .help_zh = "词出现在任何位置",
     .help_en = "A word wherever it stands."},
    {"expression", YAML_ROW_INT, SCORE(expression), "0", .min = 0, .max = 200, .help_zh = "表达式出现在任何位置",
     .help_en = "An expression wherever it stands."},
    {NULL},
};

static const YamlRow rule_rows[] = {
    {"id", YAML_ROW_TEXT, RULE(id), .required = TRUE, .help_zh = "规则的名称，全部规则中唯一。",
     .help_en = "The rule's name, unique over all packs."},
    {"title_zh", YAML_ROW_TEXT, RULE(title_zh), .required = TRUE, .help_zh = "中文标题。", .help_en = "Chinese title."},
    {"title_en", YAML_ROW_TEXT, RULE(title_en), .required = TRUE, .help_zh = "英文标题。", .help_en = "English title."},
    {"clause", YAML_ROW_TEXT, RULE(clause), "\"\"", .help_zh = "依据的条款。", .help_en = "The clause it follows."},
    {"class", YAML_ROW_ENUM, RULE(class), .required = TRUE, .words = class_words, .help_zh = "类别。",
     .help_en = "Class."},
    {"level", YAML_ROW_ENUM, RULE(level), "none", .words = level_words,
     .help_zh = "级别；detect: mark 的级别在 words 中。", .help_en = "Level; with detect: mark the words name it."},
    {"status", YAML_ROW_ENUM, RULE(status), "enforce", .words = status_words,
     .help_zh = "enforce 参与判定，observe 只记录，off 停用。",
     .help_en = "enforce decides, observe only records, off."},
    {"severity", YAML_ROW_ENUM, RULE(severity), "medium", .words = severity_words, .help_zh = "告警的轻重。",
     .help_en = "Weight of an alert."},
    {"detect", YAML_ROW_ENUM, RULE(detect), "words", .words = detect_words,
     .help_zh = "mark 按国家秘密标志的语法，words 按词。", .help_en = "mark: the grammar of marks; words: words."},
    {"words", YAML_ROW_NODE, RULE(words), .help_zh = "词；detect: mark 时按级别分列。",
     .help_en = "Words; by level for detect: mark."},
    {"doubtful", YAML_ROW_NODE, RULE(doubtful), .help_zh = "同音、形近的写法，只在 ★ 和期限俱全时计入。",
     .help_en = "Look-alikes; they count with star and term only."},
    {"expressions", YAML_ROW_NODE, RULE(expressions), .help_zh = "正则表达式，对折叠后的文本。",
     .help_en = "Regular expressions over folded text."},
    {"companions", YAML_ROW_NODE, RULE(companions), .help_zh = "可与词同行的用语（注意保存、不得外传）。",
     .help_en = "Words that may stand beside it on its line."},
    {"needs_companion", YAML_ROW_BOOL, RULE(needs_companion), "no", .help_zh = "没有同行用语则不计。",
     .help_en = "Counts only with a companion."},
    {"capitals", YAML_ROW_BOOL, RULE(capitals), "no", .help_zh = "只计大写。", .help_en = "Capitals only."},
    {"places", YAML_ROW_TEXTS, RULE(place_names), "[]", .help_zh = "位置；不写为全部。",
     .help_en = "Places; none: all."},
    {"scores", YAML_ROW_MAP, 0, .rows = score_rows, .help_zh = "各种形式的基础分；0 至多为提及。",
     .help_en = "What each form is worth; 0: a mention at most."},
    {"match", YAML_ROW_NODE, RULE(match), .required = TRUE, .help_zh = "必须命中的例子。", .help_en = "Must be found."},
    {"nomatch", YAML_ROW_NODE, RULE(nomatch), .required = TRUE, .help_zh = "不得命中的例子。", .help_en = "Must not."},
    {NULL},
};

static const YamlRow cue_rows[] = {
    {"id", YAML_ROW_TEXT, CUE(id), .required = TRUE, .help_zh = "线索的名称。", .help_en = "The cue's name."},
    {"text_zh", YAML_ROW_TEXT, CUE(text_zh), .required = TRUE, .help_zh = "理由（中文）。",
     .help_en = "Reason in Chinese."},
    {"text_en", YAML_ROW_TEXT, CUE(text_en), .required = TRUE, .help_zh = "理由（英文）。",
     .help_en = "Reason in English."},
    {"score", YAML_ROW_INT, CUE(score), .required = TRUE, .min = -200, .max = 200, .help_zh = "加分或减分。",
     .help_en = "What it adds or takes."},
    {"seen", YAML_ROW_ENUM, CUE(seen), "words", .words = seen_words, .help_zh = "由程序看出的位置事实。",
     .help_en = "A fact of position that the program sees."},
    {"words", YAML_ROW_NODE, CUE(words), .help_zh = "词。", .help_en = "Words."},
    {"expressions", YAML_ROW_NODE, CUE(expressions), .help_zh = "正则表达式。", .help_en = "Regular expressions."},
    {"scope", YAML_ROW_ENUM, CUE(scope), "line", .words = scope_words, .help_zh = "在何处寻找。", .help_en = "Where."},
    {"reach", YAML_ROW_INT, CUE(reach), "12", .min = 1, .max = 1000,
     .help_zh = "行数（around）或字数（before、after）。", .help_en = "Lines (around) or characters (before, after)."},
    {"count", YAML_ROW_INT, CUE(count), "1", .min = 1, .max = 20, .help_zh = "至少有几个不同的词。",
     .help_en = "How many different words there must be."},
    {"quotation", YAML_ROW_BOOL, CUE(quotation), "no", .help_zh = "属于引用：不减损有佐证的首页。",
     .help_en = "A kind of quoting: does not lower a first page with companions."},
    {"companion", YAML_ROW_BOOL, CUE(companion), "no", .help_zh = "是首页的佐证。",
     .help_en = "Vouches for a first page."},
    {"exam", YAML_ROW_BOOL, CUE(exam), "no", .help_zh = "只对考试试卷标志。", .help_en = "Only for examination marks."},
    {"sinks", YAML_ROW_BOOL, CUE(sinks), "no", .help_zh = "级别、★、期限俱全也可降到 60 分以下。",
     .help_en = "Level, star and term may fall below 60."},
    {"classes", YAML_ROW_TEXTS, CUE(class_names), "[]", .help_zh = "只对这些类别。",
     .help_en = "Only for these classes."},
    {"forms", YAML_ROW_TEXTS, CUE(form_names), "[]", .help_zh = "只对这些形式。", .help_en = "Only for these forms."},
    {NULL},
};

/* Names of a list as bits of a table of words. */
static guint
bits_read(const GPtrArray *names, const YamlWord *words, const YamlNode *node, const char *key, Problems *problems)
{
    guint bits = 0;

    for (guint i = 0; names != NULL && i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);
        const YamlWord *word = words;
        while (word->word != NULL && strcmp(word->word, name) != 0)
            word++;
        if (word->word == NULL)
            yaml_problem(node, problems, key, _("\"%s\" is unknown here"), name);
        else
            bits |= 1u << word->value;
    }
    return bits;
}

static void
example_free(gpointer data)
{
    RuleExample *example = data;

    g_free(example->text);
    g_free(example);
}

static PlaceKind
example_place(const YamlNode *item, const char *key, const char *where, Problems *problems)
{
    for (const YamlWord *word = place_words; word->word != NULL; word++)
        if (strcmp(word->word, where) == 0)
            return (PlaceKind)word->value;
    yaml_problem(item, problems, key, _("\"%s\" is no place; an example is a text, or a map of place: text"), where);
    return PLACE_BODY;
}

/* A list of texts; an item may be a map {subject: text}. */
static GPtrArray *
examples_read(const YamlNode *node, const char *key, Problems *problems)
{
    GPtrArray *examples = g_ptr_array_new_with_free_func(example_free);

    if (node == NULL)
        return examples;
    if (yaml_kind(node) != YAML_LIST || yaml_length(node) == 0) {
        yaml_problem(node, problems, key, _("must be a list of at least one example"));
        return examples;
    }
    for (guint i = 0; i < yaml_length(node); i++) {
        const YamlNode *item = yaml_item(node, i), *text = item;
        PlaceKind place = PLACE_BODY;
        if (yaml_kind(item) == YAML_MAP && yaml_length(item) == 1) {
            place = example_place(item, key, yaml_key(item, 0), problems);
            text = yaml_value(item, 0);
        }
        if (yaml_kind(text) != YAML_SCALAR || yaml_is_blank(text)) {
            yaml_problem(item, problems, key, _("must be a text, or a map of place: text"));
            continue;
        }
        RuleExample *example = g_new0(RuleExample, 1);
        *example = (RuleExample){.place = place, .text = g_strdup(yaml_scalar(text, NULL)), .line = yaml_line(text)};
        g_ptr_array_add(examples, example);
    }
    return examples;
}

static void
id_check(const char *id, const YamlNode *node, const char *key, Problems *problems)
{
    if (id == NULL)
        return;
    for (const char *p = id; *p != '\0'; p++) {
        if (g_ascii_islower(*p) || g_ascii_isdigit(*p) || *p == '-' || *p == '+')
            continue;
        yaml_problem(node, problems, key, _("\"%s\": a name has lower-case letters, digits, - and + only"), id);
        return;
    }
}

Rule *
rule_read(const YamlNode *node, const char *pack, const char *file, const char *key, Problems *problems)
{
    Rule *rule;

    if (yaml_kind(node) != YAML_MAP) {
        yaml_problem(node, problems, key, _("must be a map (id: ...)"));
        return NULL;
    }
    rule = g_new0(Rule, 1);
    yaml_read_rows(node, rule_rows, key, rule, problems);
    rule->name = g_intern_string(rule->id);
    rule->pack = g_intern_string(pack);
    rule->file = g_intern_string(file);
    rule->line = yaml_line(node);
    id_check(rule->id, node, key, problems);
    rule->places = bits_read(rule->place_names, place_words, node, key, problems);
    rule->must = examples_read(rule->match, key, problems);
    rule->not = examples_read(rule->nomatch, key, problems);
    if (rule->words == NULL && rule->expressions == NULL)
        yaml_problem(node, problems, key, _("needs words or expressions"));
    return rule;
}

void
rule_free(Rule *rule)
{
    if (rule == NULL)
        return;
    g_clear_pointer(&rule->must, g_ptr_array_unref);
    g_clear_pointer(&rule->not, g_ptr_array_unref);
    yaml_clear_rows(rule_rows, rule);
    g_free(rule);
}

Cue *
cue_read(const YamlNode *node, const char *file, const char *key, Problems *problems)
{
    Cue *cue;

    if (yaml_kind(node) != YAML_MAP) {
        yaml_problem(node, problems, key, _("must be a map (id: ...)"));
        return NULL;
    }
    cue = g_new0(Cue, 1);
    yaml_read_rows(node, cue_rows, key, cue, problems);
    cue->name = g_intern_string(cue->id);
    cue->file = g_intern_string(file);
    cue->line = yaml_line(node);
    id_check(cue->id, node, key, problems);
    cue->classes = bits_read(cue->class_names, class_words, node, key, problems);
    cue->forms = bits_read(cue->form_names, form_words, node, key, problems);
    gboolean has_words = cue->words != NULL || cue->expressions != NULL;
    if (cue->seen == SEEN_WORDS && !has_words)
        yaml_problem(node, problems, key, _("needs words, expressions, or what is seen"));
    return cue;
}

void
cue_free(Cue *cue)
{
    if (cue == NULL)
        return;
    yaml_clear_rows(cue_rows, cue);
    g_free(cue);
}

const char *
rule_status_word(int status)
{
    return yaml_word(status_words, status);
}
