/* marking-around - what stands around a mark: quotes, lists, options, edges of the line, the stamp that voids it. */
#include "config.h"
#include "marking-parts.h"

#define LIST_REACH 16  /* characters between the levels of one list */
#define CLAUSE_MAX 16  /* characters after 严禁, 会后 */
#define CELL_GAP 2     /* spaces between the cells of a row */
#define APART_MIN 4    /* spaces that set a mark apart from the rest of its line */
#define STAMP_REACH 16 /* characters of 已于2024年5月1日解密 */
#define TITLE_REACH 24 /* characters from 《 to the mark */
#define ALONE_MAX 40   /* characters beside a mark that is alone on its line, spaces not counted */

/* May stand between the levels of a list: 绝密、机密和秘密, "秘密★3年","机密★5年". */
static gboolean
connects(const Window *window, int index)
{
    switch (window_kind(window, index)) {
    case CHAR_LINE:
    case CHAR_LETTER:
    case CHAR_COLON: /* 密级(绝密/机密/秘密):机密 */
    case CHAR_OTHER:
        return FALSE;
    case CHAR_HAN:
        return window_one_of(window, index, "和或及与级密年月日个长期永久三类种以等一二四五六七八九十至到");
    default:
        return TRUE;
    }
}

/* Spaces alone join bare levels (heads of a table), but not two whole marks. */
static gboolean
another_level(const Window *window, int index, int step, const Mark *mark)
{
    gboolean joined = mark->term_unit == TERM_NONE && !mark->star;

    for (int count = 0; count < LIST_REACH; count++, index += step) {
        int end;
        Level level = window_level(window, index, &end);
        if (level != LEVEL_NONE && level != mark->level)
            return joined || count == 0;
        if (!connects(window, index))
            return FALSE;
        CharKind kind = window_kind(window, index);
        joined |= kind != CHAR_SPACE && kind != CHAR_DIGIT && kind != CHAR_STAR &&
                  !window_one_of(window, index, "年月日个长期");
    }
    return FALSE;
}

static gboolean
is_listed(const Window *window, int begin, int end, const Mark *mark)
{
    if (mark->level < LEVEL_SECRET)
        return FALSE;
    return another_level(window, end, 1, mark) || another_level(window, begin - 1, -1, mark);
}

/* 《……机密★……》 */
static gboolean
is_titled(const Window *window, int begin, int end)
{
    for (int i = begin - 1; i >= begin - TITLE_REACH && window_kind(window, i) != CHAR_LINE; i--) {
        gunichar c = window_char(window, i);
        if (c == U'》' || c == 0)
            return FALSE;
        if (c != U'《')
            continue;
        for (int k = end; k < end + TITLE_REACH && window_kind(window, k) != CHAR_LINE; k++)
            if (window_char(window, k) == U'》')
                return TRUE;
        return FALSE;
    }
    return FALSE;
}

/* A quotation mark touches the mark. A field of a CSV line ("...","机密★10年") is no quotation. */
static gboolean
is_quoted(const Window *window, int begin, int end)
{
    int before = window_skip_back(window, begin - 1, 2), after = window_skip(window, end, 2);
    gunichar open = window_char(window, before), close = window_char(window, after);

    if (window_one_of(window, before, "“‘「『〝＂") || window_one_of(window, after, "”’」』〞"))
        return TRUE;
    if ((open != U'"' && open != U'\'') || open != close)
        return FALSE;
    CharKind left = window_kind(window, before - 1), right = window_kind(window, after + 1);
    gboolean csv = (left == CHAR_LINE || window_char(window, before - 1) == U',') &&
                   (right == CHAR_LINE || window_char(window, after + 1) == U',');
    return !csv;
}

static gboolean
is_example(const Window *window, int begin, int end)
{
    static const char *const before[] = {"例如",   "比如",   "譬如",   "诸如",     "如",     "例",     "形式为",
                                         "格式为", "样式为", "应标注", "应标明",   "应标为", "的标志", "写作",
                                         "写成",   "形如",   "应写",   "应当标注", "应注明", "示例",   NULL};
    static const char *const after[] = {"字样", "的标志", "标志", "的字样", "标识", NULL};
    int i = begin;

    for (int guard = 0; guard < 4 && i > 0; guard++) {
        CharKind kind = window->kind[i - 1];
        if (kind != CHAR_COLON && kind != CHAR_QUOTE && kind != CHAR_SPACE && window_char(window, i - 1) != U',' &&
            kind != CHAR_OPEN)
            break;
        i--;
    }
    if (window_match_any_back(window, i, before) >= 0)
        return TRUE;
    for (i = end; i < end + 3 && (window_kind(window, i) == CHAR_QUOTE || window_kind(window, i) == CHAR_CLOSE); i++)
        ;
    return window_match_any(window, i, after) >= 0;
}

/* A.机密★  (B) 机密  C、秘密 */
static gboolean
is_option(const Window *window, int begin)
{
    int i = window_skip_back(window, begin - 1, 3);

    if (!window_one_of(window, i, ".．、,:)）") || i < 1)
        return FALSE;
    i = window_skip_back(window, i - 1, 2);
    gunichar c = window_char(window, i);
    return ((c >= U'a' && c <= U'h') || (c >= U'A' && c <= U'H')) && window_kind(window, i - 1) != CHAR_LETTER &&
           window_kind(window, i - 1) != CHAR_DIGIT;
}

static gboolean
is_word_character(const Window *window, int index)
{
    return window_kind(window, index) == CHAR_HAN && index >= 0 && index < window->length;
}

guint
surroundings_read(const Window *window, int begin, int end, const Mark *mark)
{
    guint traits = 0;

    if (is_quoted(window, begin, end))
        traits |= TRAIT_QUOTED;
    if (is_example(window, begin, end))
        traits |= TRAIT_EXAMPLE;
    if (is_titled(window, begin, end))
        traits |= TRAIT_TITLED;
    if (is_listed(window, begin, end, mark))
        traits |= TRAIT_LISTED;
    if (is_option(window, begin))
        traits |= TRAIT_OPTION;
    if (is_word_character(window, begin - 1) && !window->vertical)
        traits |= TRAIT_GLUED_BEFORE;
    if (is_word_character(window, end) && !window->vertical)
        traits |= TRAIT_GLUED_AFTER;
    if (window_kind(window, window_skip_back(window, begin - 1, 2)) == CHAR_STAR)
        traits |= TRAIT_DECORATED;
    return traits;
}

static const char *const urgencies[] = {"特急", "加急", "特提", "平急", "急件", "火急", NULL};
static const char *const handlings[] = {"指人专办", "专人办理", "阅后销毁", "阅后收回", "阅后退回", "会后收回",
                                        "注意保存", "注意保密", "注意保管", "妥善保管", "不得复印", "不得翻印",
                                        "不得复制", "不得摘抄", "不得外传", "请勿外传", "严禁外传", "内部文件",
                                        "内部资料", "内部材料", NULL};

/* A clause that says how to treat a paper, in any words: 严禁上传至任何网盘, 会议结束后请交会务组统一销毁. Gives the
 * end of the clause, or -1. */
static int
clause_at(const Window *window, int index)
{
    static const char *const forbids[] = {"严禁", "请勿", "禁止", "不得", "不准", NULL};
    static const char *const moments[] = {"会议结束后", "会后",   "阅后",   "用后", "用毕",
                                          "阅毕",       "传阅后", "使用后", NULL};
    int i = window_match_any(window, index, forbids);
    const char *about = i >= 0 ? "传转存印拍抄制泄带借录摘网散丢失截" : "收退毁还删焚";
    gboolean paper = FALSE;

    i = i >= 0 ? i : window_match_any(window, index, moments);
    if (i < 0)
        return -1;
    int most = i + CLAUSE_MAX;
    for (; i < most && window_kind(window, i) == CHAR_HAN; i = window_skip(window, i + 1, 1))
        paper = paper || window_one_of(window, i, about);
    CharKind end = window_kind(window, i);
    return paper && i < most && (end == CHAR_LINE || end == CHAR_CLOSE || end == CHAR_POINT) ? i : -1;
}

static int
handling_at(const Window *window, int index, guint *traits)
{
    int end = window_match_any(window, index, urgencies);

    if (end >= 0) {
        *traits |= TRAIT_URGENT;
        return end;
    }
    end = window_match_any(window, index, handlings);
    end = end < 0 ? clause_at(window, index) : end;
    if (end >= 0)
        *traits |= TRAIT_HANDLING;
    return end;
}

/* May stand on the line of a mark without being text: spaces, brackets, rules, the quote sign of a reply. */
static gboolean
is_blank(const Window *window, int index)
{
    CharKind kind = window_kind(window, index);

    return kind == CHAR_SPACE || kind == CHAR_OPEN || kind == CHAR_CLOSE || kind == CHAR_SEPARATOR ||
           kind == CHAR_BOX_TICKED || window_one_of(window, index, ">|=*") || (window->vertical && kind == CHAR_LINE);
}

/* 000012, №0000123, 份号:000001 before the mark. Gives the index where it begins, or -1. */
static int
copy_number_back(const Window *window, int end)
{
    static const char *const names[] = {"份号:", "份号", "编号:", "编号", "no.", "no", "第", NULL};
    int digits = 0, i = end - 1;

    if (window_one_of(window, i, "号份"))
        i--;
    for (; i >= 0 && window->kind[i] == CHAR_DIGIT; i--)
        digits++;
    if (digits < 6 || digits > 7)
        return -1;
    int name = window_match_any_back(window, window_skip_back(window, i, 2) + 1, names);
    return name >= 0 ? name : i + 1;
}

/* In a column: does what stands beyond this line end still belong to it (one character, or a word that may go along)?
 */
static gboolean
column_goes_on(const Window *window, int line_end)
{
    guint traits = 0;
    int i = line_end;

    while (i < window->length && (window_kind(window, i) == CHAR_LINE || window_kind(window, i) == CHAR_SPACE))
        i++;
    int end = window_line_end(window, i);
    while (end > i && window_kind(window, end - 1) == CHAR_SPACE)
        end--;
    return i < window->length && (end - i <= 1 || handling_at(window, i, &traits) >= 0);
}

static gboolean
column_came_on(const Window *window, int line_end)
{
    int i = line_end;

    while (i >= 0 && (window_kind(window, i) == CHAR_LINE || window_kind(window, i) == CHAR_SPACE))
        i--;
    int begin = i >= 0 ? window_line_begin(window, i) : 0;
    while (begin < i && window_kind(window, begin) == CHAR_SPACE)
        begin++;
    return i >= 0 && (i - begin < 1 || copy_number_back(window, i + 1) >= 0);
}

/* 机密!; 秘密! is what people say to each other. */
static gboolean
is_exclaimed(const Window *window, int index)
{
    int end;

    return window_char(window, index) == U'!' && window_level(window, window->from, &end) != LEVEL_SECRET;
}

/* From the mark to the end of its line. TRUE if nothing but handling words stands there. */
static gboolean
right_is_free(const Window *window, int end, guint *traits)
{
    int i = end, blanks = 0;

    while (i < end + blanks + ALONE_MAX) {
        int after = handling_at(window, i, traits);
        if (window_kind(window, i) == CHAR_LINE && (!window->vertical || !column_goes_on(window, i)))
            return TRUE;
        if (after < 0 && !is_blank(window, i) && !window_one_of(window, i, ",，、") && !is_exclaimed(window, i))
            return FALSE;
        blanks += window_kind(window, i) == CHAR_SPACE;
        i = after >= 0 ? after : i + 1;
    }
    return FALSE;
}

/* From the mark back to the begin of its line. */
static gboolean
left_is_free(const Window *window, int begin, guint *traits)
{
    int i = begin, blanks = 0;

    while (i > begin - blanks - ALONE_MAX) {
        if (window_kind(window, i - 1) == CHAR_LINE && (!window->vertical || !column_came_on(window, i - 1)))
            return TRUE;
        int urgent = window_match_any_back(window, i, urgencies), copy = copy_number_back(window, i);
        if (urgent >= 0) {
            *traits |= TRAIT_URGENT;
            i = urgent;
        } else if (copy >= 0) {
            *traits |= TRAIT_COPY_NUMBER;
            i = copy;
        } else if (is_blank(window, i - 1)) {
            i--;
            blanks += window_kind(window, i) == CHAR_SPACE;
        } else
            return FALSE;
    }
    return FALSE;
}

/* · 机密: one of a list. - 机密 - is decoration. */
static gboolean
is_bullet(const Window *window, int begin, int end)
{
    int first = window_line_begin(window, MAX(begin, 0)), after = window_skip(window, end, 8);

    while (first < begin && (window_kind(window, first) == CHAR_SPACE || window_one_of(window, first, ">|")))
        first++;
    if (first >= begin || window_kind(window, first) != CHAR_SEPARATOR)
        return FALSE;
    return window_kind(window, after) != CHAR_SEPARATOR;
}

/* 机密          第3期 */
static gboolean
is_apart(const Window *window, int begin, int end)
{
    int left = window_skip_back(window, begin - 1, ALONE_MAX), right = window_skip(window, end, ALONE_MAX);
    gboolean left_edge = window_kind(window, left) == CHAR_LINE, right_edge = window_kind(window, right) == CHAR_LINE;

    return (left_edge && right - end >= APART_MIN) || (right_edge && begin - 1 - left >= APART_MIN);
}

/* A border, a tab, a wide gap or the line's edge at `index` and on in steps of `step`. */
static gboolean
is_cell_edge(const Window *window, int index, int step)
{
    int gap = 0;

    for (; window_kind(window, index) == CHAR_SPACE && gap < ALONE_MAX; index += step) {
        if (window_char(window, index) == U'\t')
            return TRUE;
        gap++;
    }
    return gap >= CELL_GAP || window_one_of(window, index, "|") || window_kind(window, index) == CHAR_LINE;
}

guint
line_read(const Window *window, int begin, int end)
{
    guint traits = 0;
    int left = begin, right = end;

    while (window_kind(window, left - 1) == CHAR_SPACE || window_one_of(window, left - 1, ">|"))
        left--;
    while (window_kind(window, right) == CHAR_SPACE)
        right++;
    if (window_kind(window, left - 1) == CHAR_LINE)
        traits |= TRAIT_LEFT_EDGE;
    if (window_kind(window, right) == CHAR_LINE)
        traits |= TRAIT_RIGHT_EDGE;
    gboolean before = left_is_free(window, begin, &traits), after = right_is_free(window, end, &traits);
    if (before && after && !is_bullet(window, begin, end))
        traits |= TRAIT_ALONE;
    else if (is_apart(window, begin, end))
        traits |= TRAIT_APART;
    else if (!window->vertical && is_cell_edge(window, begin - 1, -1) && is_cell_edge(window, end, 1))
        traits |= TRAIT_CELL;
    return traits;
}

/* 已解密, 已于2024年5月1日解密, 期满解密 */
static gboolean
is_stamp(const Window *window, int index)
{
    static const char *const begins[] = {"已", "自行", "解密专用章", "期满", NULL};
    static const char *const ends[] = {"解密", "变更", "降密", "降级", NULL};
    int i = window_match_any(window, index, begins);

    if (window_match(window, index, "解密专用章") >= 0)
        return TRUE;
    for (int count = 0; i >= 0 && count < STAMP_REACH; count++, i++) {
        CharKind kind = window_kind(window, i);
        if (window_match_any(window, i, ends) >= 0)
            return TRUE;
        if (kind != CHAR_HAN && kind != CHAR_DIGIT && kind != CHAR_SPACE && kind != CHAR_SEPARATOR)
            return FALSE;
    }
    return FALSE;
}

gboolean
voided_read(const Window *window, int begin, int end)
{
    static const char *const stamps[] = {"已解密", "已经解密", NULL};
    int i = window_skip(window, end, 4);

    if (window_kind(window, i) == CHAR_OPEN || window_one_of(window, i, ",，"))
        i = window_skip(window, i + 1, 2);
    if (window_kind(window, i) == CHAR_LINE) /* the stamp on the next line */
        i = window_skip(window, i + 1, 4);
    if (window_kind(window, i) == CHAR_OPEN)
        i++;
    if (is_stamp(window, i))
        return TRUE;
    i = window_skip_back(window, begin - 1, 4) + 1;
    return window_match_any_back(window, i, stamps) >= 0;
}
