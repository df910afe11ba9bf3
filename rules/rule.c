/* rule - rules and cues against their tables of rows. */
#include "config.h"
#include "rule.h"
#include "marking.h"
#include "yaml_units.h"
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
static const YamlWord detect_words[] = {
    {"mark", DETECT_MARK}, {"words", DETECT_WORDS}, {"condition", DETECT_CONDITION}, {NULL, 0}};
static const YamlWord rule_scope_words[] = {{"part", SCOPE_OF_PART}, {"letter", SCOPE_OF_LETTER}, {NULL, 0}};
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

static const YamlRow history_rows[] = {
    {"letters", YAML_ROW_INT, RULE(history_letters), "0", .min = 0, .max = 10000, .help_zh = "封数，含本封。",
     .help_en = "Letters, this one among them."},
    {"days", YAML_ROW_INT, RULE(history_days), "0", .min = 0, .max = 366, .help_zh = "不同的天数。",
     .help_en = "Different days."},
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
     .help_zh = "mark 按国家秘密标志的语法，words 按词，condition 按条件。",
     .help_en = "mark: the grammar of marks; words: words; condition: what is found together."},
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
    {"places", YAML_ROW_NODE, RULE(places_node), .help_zh = "位置；不写为全部。", .help_en = "Places; none: all."},
    {"except_places", YAML_ROW_NODE, RULE(except_node), .help_zh = "除外的位置。",
     .help_en = "Places that do not count."},
    {"when", YAML_ROW_NODE, RULE(when_node), .help_zh = "对哪些邮件：方向、收发人、时间。",
     .help_en = "For which letters: direction, addresses, time."},
    {"condition", YAML_ROW_NODE, RULE(condition_node), .help_zh = "条件。", .help_en = "What must be found."},
    {"exceptions", YAML_ROW_NODE, RULE(exceptions_node), .help_zh = "成立则同一部分内的内容不计。",
     .help_en = "Where one of these holds, what is in the same part does not count."},
    {"cues", YAML_ROW_NODE, RULE(cues_node), .help_zh = "成立则加减分。",
     .help_en = "What adds to the score or takes from it."},
    {"score", YAML_ROW_INT, RULE(score), "60", .min = 0, .max = 200, .help_zh = "条件成立的得分。",
     .help_en = "What the condition is worth."},
    {"scope", YAML_ROW_ENUM, RULE(scope), "part", .words = rule_scope_words,
     .help_zh = "part 在邮件的一个部分内，letter 在全部各部分内合计。",
     .help_en = "In one part, or over all parts of the letter."},
    {"history", YAML_ROW_MAP, 0, .rows = history_rows,
     .help_zh = "同一帐号发往同一收件人（when 的 recipients）的此类邮件累计到这么多封、这么多天才算发现；每封都计数。",
     .help_en = "Each letter in which the condition holds is counted for its account and recipient (recipients of "
                "when); it is found only from so many letters on so many days on."},
    {"scores", YAML_ROW_MAP, 0, .rows = score_rows, .help_zh = "各种形式的基础分；0 至多为提及。",
     .help_en = "What each form is worth; 0: a mention at most."},
    {"allow", YAML_ROW_NODE, RULE(allow), .help_zh = "hangu rules lint 所指而有意如此的：检查名与理由。",
     .help_en = "What hangu rules lint may find here: check and reason."},
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
    {"allow", YAML_ROW_NODE, CUE(allow), .help_zh = "hangu rules lint 所指而有意如此的：检查名与理由。",
     .help_en = "What hangu rules lint may find here: check and reason."},
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

/* What stands under a key, for mistakes in it. */
static const YamlNode *
value_or(const YamlNode *node, const char *key)
{
    const YamlNode *value = yaml_get(node, key);
    return value != NULL ? value : node;
}

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
        if (word->word == NULL) {
            g_autofree char *known = yaml_words_wanted(words);
            yaml_problem(yaml_find_word(node, name), problems, key, _("\"%s\": must be one of %s"), name, known);
        } else
            bits |= 1u << word->value;
    }
    return bits;
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

static void
condition_unload(gpointer condition)
{
    condition_free(condition);
}

/* A list of conditions; none of them may hold where there is nothing. */
static GPtrArray *
conditions_read(const YamlNode *node, gboolean cues, const char *key, Problems *problems)
{
    GPtrArray *list = g_ptr_array_new_with_free_func(condition_unload);

    if (node == NULL)
        return list;
    if (yaml_kind(node) != YAML_LIST) {
        yaml_problem(node, problems, key, _("must be a list of conditions"));
        return list;
    }
    for (guint i = 0; i < yaml_length(node); i++) {
        const YamlNode *item = yaml_item(node, i);
        Condition *one = cues ? condition_read_cue(item, key, problems) : condition_read(item, key, problems);
        if (one == NULL)
            continue;
        g_ptr_array_add(list, one);
        if (condition_holds_empty(one))
            yaml_problem(item, problems, key, _("holds for a text in which nothing is found"));
    }
    return list;
}

static void
rule_condition(Rule *rule, const YamlNode *node, const char *key, Problems *problems)
{
    static const char *const words[] = {"words",  "expressions",     "doubtful", "companions",
                                        "scores", "needs_companion", "capitals"};
    static const char *const conditions[] = {"condition", "exceptions", "cues", "score", "scope", "history"};
    gboolean condition = rule->detect == DETECT_CONDITION;
    const char *const *strange = condition ? words : conditions;

    for (guint i = 0; i < (condition ? G_N_ELEMENTS(words) : G_N_ELEMENTS(conditions)); i++)
        if (yaml_get(node, strange[i]) != NULL)
            yaml_problem(yaml_get(node, strange[i]), problems, key,
                         condition ? _("%s does not go with detect: condition") : _("%s needs detect: condition"),
                         strange[i]);
    if (!condition) {
        if (rule->words == NULL && rule->expressions == NULL)
            yaml_problem(node, problems, key, _("needs words or expressions"));
        return;
    }
    rule->exceptions = conditions_read(rule->exceptions_node, FALSE, key, problems);
    rule->cues = conditions_read(rule->cues_node, TRUE, key, problems);
    if (rule->condition_node == NULL)
        yaml_problem(node, problems, key, _("needs a condition"));
    else
        rule->condition = condition_read(rule->condition_node, key, problems);
    if (rule->condition != NULL && condition_holds_empty(rule->condition))
        yaml_problem(rule->condition_node, problems, key, _("holds for a text in which nothing is found"));
}

Rule *
rule_read(const YamlNode *node, const RulePack *pack, const char *key, Problems *problems)
{
    Rule *rule;

    if (yaml_kind(node) != YAML_MAP) {
        yaml_problem(node, problems, key, _("must be a map (id: ...)"));
        return NULL;
    }
    rule = g_new0(Rule, 1);
    yaml_read_rows(node, rule_rows, key, rule, problems);
    rule->name = g_intern_string(rule->id);
    rule->pack = pack->name;
    rule->file = pack->file;
    rule->line = yaml_line(node);
    id_check(rule->id, node, key, problems);
    places_read(rule->places_node, key, problems, &rule->places);
    places_read(rule->except_node, key, problems, &rule->except);
    rule->must = rule_examples_read(rule->match, key, problems);
    rule->not = rule_examples_read(rule->nomatch, key, problems);
    if (rule->when_node != NULL)
        rule->when = when_read(rule->when_node, pack->zone, pack->groups, key, problems);
    rule_condition(rule, node, key, problems);
    if (yaml_get(node, "history") != NULL &&
        (rule->history_letters == 0 || yaml_get(rule->when_node, "recipients") == NULL))
        yaml_problem(yaml_get(node, "history"), problems, key,
                     _("history needs letters, and recipients in when: whose letters are counted"));
    return rule;
}

void
rule_free(Rule *rule)
{
    if (rule == NULL)
        return;
    g_clear_pointer(&rule->must, g_ptr_array_unref);
    g_clear_pointer(&rule->not, g_ptr_array_unref);
    g_clear_pointer(&rule->condition, condition_free);
    g_clear_pointer(&rule->exceptions, g_ptr_array_unref);
    g_clear_pointer(&rule->cues, g_ptr_array_unref);
    g_clear_pointer(&rule->when, when_free);
    places_clear(&rule->places);
    places_clear(&rule->except);
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
    cue->classes = bits_read(cue->class_names, class_words, value_or(node, "classes"), key, problems);
    cue->forms = bits_read(cue->form_names, form_words, value_or(node, "forms"), key, problems);
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

const char *
rule_detect_word(int detect)
{
    return yaml_word(detect_words, detect);
}

const char *
cue_seen_word(int seen)
{
    return yaml_word(seen_words, seen);
}

const char *
cue_scope_word(int scope)
{
    return yaml_word(scope_words, scope);
}
