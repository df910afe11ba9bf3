/* marking-left - what may introduce a mark: the label of a field (M3), the subject of a sentence (M6). */
#include "config.h"
#include "marking-parts.h"

#define LABEL_MAX 22    /* characters of a label */
#define LABEL_GAP 12    /* blanks and brackets between label and value */
#define SENTENCE_MAX 24 /* characters from 本 to the level */
#define CELL_LABEL_MAX 14
#define CELL_LABEL_OWN 4 /* before the label word: 本文件密级 */

/* A label is a word of its own, or what something is asked about: 涉密|等级, 文件|属性, 材料|性质. */
static const char *const label_words[] = {"密级", "秘级", "密别", NULL};
static const char *const label_heads[] = {"涉密", "保密", "秘密", "机密", "定密", "密级", "安全", "文件",
                                          "公文", "资料", "材料", "信息", "文档", "文稿", "数据", "内容",
                                          "载体", "附件", "档案", "邮件", "会议", "项目", "敏感", NULL};
static const char *const label_tails[] = {"等级", "级别", "程度", "标识", "标志", "类别",
                                          "类型", "性质", "属性", "情况", NULL};
/* They end a label that holds another of those above: 密级和保密期限. */
static const char *const label_terms[] = {"保密期限", "解密期限", "解密时间", "解密条件", NULL};
/* Say little by themselves: only as the whole of a cell. */
static const char *const label_cells[] = {"标识", NULL};

/* The begin of the label word that ends before `end`, or -1. */
static int
label_word_back(const Window *window, int end)
{
    int word = window_match_any_back(window, end, label_words);
    int tail = word >= 0 ? -1 : window_match_any_back(window, end, label_tails);

    if (word >= 0 || tail < 0)
        return word;
    return window_match_any_back(window, window_skip_back(window, tail - 1, 2) + 1, label_heads);
}

static int
label_end_back(const Window *window, int end)
{
    int word = label_word_back(window, end);

    return word >= 0 ? word : window_match_any_back(window, end, label_terms);
}

static gboolean
has_label_word(const Window *window, int begin, int end)
{
    for (int i = end; i > begin; i--)
        if (label_word_back(window, i) >= begin)
            return TRUE;
    return FALSE;
}

static gboolean
has_any(const Window *window, int begin, int end, const char *const *words)
{
    for (int i = begin; i < end; i++) {
        int after = window_match_any(window, i, words);
        if (after >= 0 && after <= end)
            return TRUE;
    }
    return FALSE;
}

/* A bracket at the end of a label. 密级(请打√), 密级(保密期限): it goes, what stands before it is the label;
 * 【密级】机密: it holds the label. Gives the label's end. */
static int
bracket_leave(const Window *window, int end)
{
    int line = window_line_begin(window, end > 0 ? end - 1 : 0), open = end - 2;

    if (window_kind(window, end - 1) != CHAR_CLOSE)
        return end;
    while (open > line && end - open < 14 && window->kind[open] != CHAR_OPEN)
        open--;
    gboolean group = open >= line && window_kind(window, open) == CHAR_OPEN;
    int before = window_skip_back(window, open - 1, 4);
    if (group && (window_kind(window, before) == CHAR_HAN || label_end_back(window, end - 1) < 0))
        return before + 1;
    return end - 1;
}

/* Does a cell of a form begin at `index`: a line, a tab, a border, a wide gap before it? */
static gboolean
is_cell_begin(const Window *window, int index)
{
    int before = window_skip_back(window, index - 1, 8);

    return window_kind(window, before) == CHAR_LINE || window_one_of(window, before, "|") || index - 1 - before >= 2 ||
           window_char(window, index - 1) == U'\t';
}

/* Is what ends before `end` a label, on its line alone up to its begin? */
static gboolean
label_ends_at(const Window *window, int end, int *begin_out)
{
    static const char *const verbs[] = {"标注", "统一", "分为", "分成", "区分", "划分", "包括", "如下", NULL};

    end = bracket_leave(window, window_skip_back(window, end - 1, 4) + 1);
    int cell = window_match_any_back(window, end, label_cells);
    if (cell >= 0 && is_cell_begin(window, cell)) {
        *begin_out = cell;
        return TRUE;
    }
    int word = label_end_back(window, end);
    if (word < 0)
        return FALSE;
    int begin = MAX(window_line_begin(window, word), end - LABEL_MAX);
    for (int i = end - 1; i >= begin; i--)
        if (window->kind[i] == CHAR_COLON || window->kind[i] == CHAR_POINT || window->kind[i] == CHAR_OPEN)
            begin = i + 1;
    if (!has_label_word(window, begin, end) || has_any(window, begin, end, verbs))
        return FALSE;
    *begin_out = begin;
    return TRUE;
}

static gboolean
is_change(const Window *window, int begin, int end)
{
    static const char *const changes[] = {"密级变更", "变更密级", "密级调整", "变更后密级", "原密级", "降密", NULL};

    return has_any(window, MAX(0, begin), end, changes);
}

gboolean
label_is_cell(const Window *window, int from, int to)
{
    if (to > from && window->kind[to - 1] == CHAR_COLON)
        to = window_skip_back(window, to - 2, 4) + 1;
    if (to - from > CELL_LABEL_MAX || to <= from || is_change(window, from, to))
        return FALSE;
    int word = label_end_back(window, bracket_leave(window, to));
    return word >= from && word - from <= CELL_LABEL_OWN;
}

/* Quotes and opening brackets between label and value. */
static int
before_value(const Window *window, int begin)
{
    for (int guard = 0; guard < LABEL_GAP; guard++) {
        CharKind kind = window_kind(window, begin - 1);
        if (begin <= 0 || (kind != CHAR_SPACE && kind != CHAR_OPEN && kind != CHAR_QUOTE && kind != CHAR_SEPARATOR &&
                           window_char(window, begin - 1) != U'='))
            break;
        begin--;
    }
    return begin;
}

/* Before the colon that ends a label, and before a line end between the two. */
static int
before_colon(const Window *window, int colon)
{
    int before = window_skip_back(window, colon - 1, 4);

    return window_kind(window, before) == CHAR_LINE && before > 0 ? before : colon;
}

LabelKind
label_read(const Window *window, int begin, int *begin_out)
{
    int value = before_value(window, begin), label;
    gboolean colon = window_kind(window, value - 1) == CHAR_COLON && value > 0;

    if (colon && is_change(window, window_line_begin(window, value), value))
        return LABEL_CHANGED;
    if (label_ends_at(window, colon ? before_colon(window, value - 1) : value, &label)) {
        *begin_out = label;
        return LABEL_SAME_LINE;
    }
    /* The cell or line before: 密级 <line end> 机密 */
    if (colon || window_kind(window, value - 1) != CHAR_LINE || value <= 0 || window->vertical)
        return LABEL_NONE;
    while (value > 0 && (window->kind[value - 1] == CHAR_LINE || window->kind[value - 1] == CHAR_SPACE))
        value--;
    if (window_kind(window, value - 1) == CHAR_COLON)
        value = before_colon(window, value - 1);
    if (value > 0 && label_ends_at(window, value, &label) &&
        window_skip(window, window_line_begin(window, label), 8) == window_skip(window, label, 8)) {
        *begin_out = begin;
        return LABEL_LINE_BEFORE;
    }
    return LABEL_NONE;
}

/* The verb that ends before `end`; its begin, or -1. */
static int
verb_back(const Window *window, int end)
{
    static const char *const verbs[] = {"确定为", "核定为", "定密为", "拟定为", "审定为", "列为",
                                        "定为",   "属于",   "密级为", "密级是", "级别为", "标为",
                                        "为",     "属",     "系",     "是",     NULL};

    return window_match_any_back(window, end, verbs);
}

/* 如果本文件, 凡该材料 */
static gboolean
is_supposed(const Window *window, int subject)
{
    static const char *const ifs[] = {"如果", "如", "若", "凡", "假如", "假设", "当", "对", "因", "像", NULL};

    return window_match_any_back(window, subject, ifs) >= 0;
}

/* 本文件, 本次会议, 此件, 该招标文件: something that carries this text. */
static gboolean
is_carrier(const Window *window, int index, int verb)
{
    static const char *const demonstratives[] = {"本", "该", "此", "这份", "这个", "随信", NULL};
    static const char *const carriers[] = {"件",   "文", "材料", "资料", "报告", "图",   "稿",   "信息", "通知", "方案",
                                           "纪要", "册", "刊",   "期",   "表",   "数据", "内容", "部分", "章",   "节",
                                           "会议", "卷", "试题", "盘",   "函",   "电报", "计划", "名单", NULL};
    static const char *const whole[] = {"以下内容", "以上内容", "上述内容", "下列内容", "以下部分", "以下材料",
                                        "以下信息", "以下",     "下文",     "附件",     "所附",     NULL};
    int after = window_match_any(window, index, demonstratives);

    if (window_match_any(window, index, whole) >= 0)
        return TRUE;
    for (int i = after, han = 0; after >= 0 && han <= 4 && i < verb; i++) {
        CharKind kind = window_kind(window, i);
        if (kind != CHAR_HAN && kind != CHAR_SPACE)
            break;
        if (window_match_any(window, i, carriers) >= 0)
            return TRUE;
        han += kind == CHAR_HAN;
    }
    return FALSE;
}

/* The subject before the verb, within the sentence. */
static SentenceKind
subject_read(const Window *window, int verb)
{
    static const char *const denials[] = {"不", "非", "未",   "无", "否", "若",     "如",   "凡",
                                          "假", "或", "可能", "对", "均", "经鉴定", "涉嫌", NULL};
    gboolean denied = FALSE;

    for (int i = verb - 1, count = 0; i >= 0 && count < SENTENCE_MAX; i--) {
        CharKind kind = window->kind[i];
        count += kind != CHAR_SPACE;
        if (window_one_of(window, i, "。;；!！?？") || (kind == CHAR_LINE && count > 16))
            break;
        if (window_match_any(window, i, denials) >= 0)
            denied = TRUE;
        if (is_carrier(window, i, verb))
            return denied || is_supposed(window, i) ? SENTENCE_NEGATED : SENTENCE_STATES;
    }
    return SENTENCE_NONE;
}

/* What may follow the level of a sentence: 级国家秘密, 级, 件, 文件, or the end of the clause. */
static gboolean
predicate_fits(const Window *window, int end)
{
    static const char *const nouns[] = {"国家秘密", "件",   "文件", "材料", "资料", "事项",
                                        "内容",     "信息", "载体", "报告", NULL};
    static const char *const supposes[] = {"的", "者", "时", "还是", "或者", NULL};
    int i = window_skip(window, end, 2), after;

    after = window_match_any(window, i, nouns);
    if (after >= 0)
        i = after;
    if (window_match_any(window, i, supposes) >= 0)
        return FALSE;
    return after >= 0 || window_kind(window, i) != CHAR_HAN;
}

/* 请按机密级管理 */
static gboolean
is_order(const Window *window, int begin, int end)
{
    static const char *const orders[] = {"请按", "请按照", NULL};
    static const char *const things[] = {"国家秘密", "文件", "材料", "资料", "载体", "要求", "件", NULL};
    static const char *const treats[] = {"管理", "保管", "处理", "对待", NULL};
    int after = window_match_any(window, window_skip(window, end, 3), things);

    return window_match_any_back(window, begin, orders) >= 0 &&
           window_match_any(window, window_skip(window, after >= 0 ? after : end, 3), treats) >= 0;
}

/* 密级为机密, 本文密级为机密; but 最高密级为绝密级 speaks of others. */
static gboolean
is_own_level(const Window *window, int value)
{
    static const char *const verbs[] = {"密级为", "密级是", "密级属", NULL};
    int begin = window_match_any_back(window, value, verbs);
    CharKind kind = window_kind(window, begin - 1);

    if (begin < 0)
        return FALSE;
    return kind == CHAR_LINE || kind == CHAR_POINT || window_one_of(window, begin - 1, "本该此文件料议");
}

SentenceKind
sentence_read(const Window *window, int begin, int end, Level level)
{
    static const char *const contains[] = {"内含", "含有", "包含", "载有", NULL};
    static const char *const settles[] = {"密级定为", "密级确定为", "定密为", "密级核定为", NULL};
    static const char *const touches[] = {"涉及", "含有", "包含", "载有", NULL};
    int value = before_value(window, begin), country;

    if (is_order(window, value, end))
        return SENTENCE_STATES;
    if (!predicate_fits(window, end))
        return SENTENCE_NONE;
    if (window_match_any_back(window, value, contains) >= 0 &&
        window_match(window, window_skip(window, end, 3), "国家秘密") >= 0)
        return SENTENCE_STATES;
    if (window_match_any_back(window, value, settles) >= 0 || is_own_level(window, value))
        return SENTENCE_STATES;
    /* 国家秘密 without a level: the verb stands before 国家. */
    country = level == LEVEL_SECRET ? window_match_back(window, begin, "国家") : -1;
    int verb = verb_back(window, country >= 0 ? country : value);
    if (verb < 0 && country >= 0)
        verb = window_match_any_back(window, country, touches);
    return verb < 0 ? SENTENCE_NONE : subject_read(window, verb);
}
