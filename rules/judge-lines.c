/* judge-lines - the lines of a folded text and what kind they are. */
#include "config.h"
#include "judge-lines.h"
#include <string.h>

#define SHORT_BYTES 120 /* a longer line is text */
#define WROTE_BYTES 240 /* who wrote when */

void
judge_lines_init(Lines *lines)
{
    lines->array = g_array_new(FALSE, FALSE, sizeof(Line));
    lines->last_lines = 0;
}

void
judge_lines_clear(Lines *lines)
{
    g_clear_pointer(&lines->array, g_array_unref);
}

const Line *
lines_get(const Lines *lines, guint index)
{
    return &g_array_index(lines->array, Line, index);
}

/* --- kinds of lines; `text` is trimmed, NUL-terminated and short ---------------------------- */

static const char *
skip_any(const char *text, const char *const *words)
{
    for (; *words != NULL; words++)
        if (**words == *text && g_str_has_prefix(text, *words))
            return text + strlen(*words);
    return text;
}

static const char *
skip_blanks(const char *text)
{
    while (*text == ' ' || *text == '\t')
        text++;
    return text;
}

static gboolean
is_copy_number(const char *text)
{
    static const char *const names[] = {"份号", "编号", "no.", "no", "第", NULL};
    static const char *const ends[] = {"号", "份", NULL};
    guint digits = 0;

    text = skip_blanks(skip_any(text, names));
    if (*text == ':')
        text = skip_blanks(text + 1);
    while (g_ascii_isdigit(*text)) {
        digits++;
        text++;
    }
    text = skip_any(text, ends);
    return digits >= 6 && digits <= 7 && *text == '\0';
}

static gboolean
is_urgent(const char *text)
{
    static const char *const labels[] = {"紧急程度", "缓急", "等级", NULL};
    static const char *const words[] = {"特急", "加急", "特提", "平急", "急件", "特 急", "加 急", "急 件", NULL};
    static const char *const tails[] = {"·明电", "·密电", "明电", "密电", "件", NULL};
    const char *rest = skip_blanks(skip_any(text, labels)), *after;

    if (*rest == ':')
        rest = skip_blanks(rest + 1);
    after = skip_any(rest, words);
    if (after == rest)
        return FALSE;
    return *skip_blanks(skip_any(skip_blanks(after), tails)) == '\0';
}

static gboolean
is_red_head(const char *text, gsize length)
{
    static const char *const organs[] = {"委", "府", "厅", "局",   "院", "部", "会",   "办", "室",
                                         "司", "处", "校", "大学", "团", "所", "中心", NULL};

    if (length < 12 || length > 100 || !g_str_has_suffix(text, "文件") || strpbrk(text, ",:;!?\"()") != NULL ||
        strstr(text, "。") != NULL || strstr(text, "、") != NULL || strstr(text, "《") != NULL)
        return FALSE;
    for (guint i = 0; organs[i] != NULL; i++) {
        const char *found = strstr(text, organs[i]);
        if (found != NULL && found > text)
            return TRUE;
    }
    return FALSE;
}

static gboolean
is_imprint(const char *text)
{
    return g_str_has_prefix(text, "抄送:") || g_str_has_prefix(text, "主送:") || g_str_has_suffix(text, "印发");
}

static gboolean
is_label(const char *text)
{
    static const char *const labels[] = {"发件人", "发送时间", "发送日期", "收件人", "抄送",     "主题",   "日期",
                                         "寄件者", "收件者",   "副本",     "主旨",   "时间",     "from",   "sent",
                                         "to",     "cc",       "subject",  "date",   "发件时间", "寄件人", NULL};
    const char *rest = *text == '*' ? text + strspn(text, "*") : text;
    const char *after = skip_any(rest, labels);

    return after != rest && *skip_blanks(after + strspn(after, "*")) == ':';
}

static gboolean
is_rule(const char *text, gsize length)
{
    return length >= 5 && strspn(text, "-=_*~#") == length;
}

/* The text without its blanks. */
static void
squeeze(const char *text, char *out)
{
    for (; *text != '\0'; text++)
        if (*text != ' ' && *text != '\t')
            *out++ = *text;
    *out = '\0';
}

/* 第7号, №07: short copy numbers; a document number of its own, too, so only beside a mark. */
static gboolean
is_short_copy_number(const char *line)
{
    static const char *const begins[] = {"第", "编号", "份号", "no.", "no", NULL};
    const char *rest = skip_any(line, begins);
    gsize digits;

    if (rest == line)
        return FALSE;
    if (*rest == ':')
        rest++;
    digits = strspn(rest, "0123456789");
    return digits >= 1 && digits <= 5 && (rest[digits] == '\0' || strcmp(rest + digits, "号") == 0);
}

/* ……字第19号 */
static gboolean
is_old_number(const char *line, gsize length)
{
    const char *number = strstr(line, "字第");
    gsize digits;

    if (number == NULL || number == line || length > 60)
        return FALSE;
    number += strlen("字第");
    digits = strspn(number, "0123456789");
    return digits >= 1 && digits <= 5 && strcmp(number + digits, "号") == 0;
}

/* 共印30份第7份, 印9份, 第6份 of 份 */
static gboolean
is_copy_count(const char *line, gsize length)
{
    const char *count = strstr(line, "共印");

    if (length > 72 || (count == NULL && !g_str_has_prefix(line, "印") && !g_str_has_prefix(line, "第")))
        return FALSE;
    count += count != NULL ? strlen("共印") : 0;
    count = count != NULL ? count : line + strlen("印");
    count += *count == ':' ? 1 : 0;
    gsize digits = strspn(count, "0123456789");
    return digits >= 1 && digits <= 4 && g_str_has_prefix(count + digits, "份") &&
           (strstr(line, "共") != NULL || count[digits + strlen("份")] == '\0');
}

/* What GB/T 9704 and older papers have beside a mark: orders and their closing words, numbers, seals. */
static gboolean
is_paper(const char *line, gsize length)
{
    static const char *const whole[] = {"命令",   "通令", "训令",   "指令",     "密令",       "手令", "命令书", "电令",
                                        "嘉奖令", "此令", "此令。", "特此命令", "特此命令。", "此电", "此电。", NULL};
    static const char *const tails[] = {"(签字)", "(签章)", "(盖章)", "(印章)", "(印)", "(公章)", "字(签字)", NULL};

    for (guint i = 0; whole[i] != NULL; i++)
        if (strcmp(line, whole[i]) == 0)
            return TRUE;
    for (guint i = 0; length <= 60 && tails[i] != NULL; i++)
        if (g_str_has_suffix(line, tails[i]) && length > strlen(tails[i]))
            return TRUE;
    return is_old_number(line, length) || is_copy_count(line, length);
}

static guint
paper_flags(const char *text)
{
    char line[SHORT_BYTES + 1] = "";

    squeeze(text, line);
    return (is_paper(line, strlen(line)) ? LINE_PAPER : 0) | (is_short_copy_number(line) ? LINE_COPY : 0);
}

/* One of a scale of levels, with what numbers or ticks it. */
static gboolean
is_option(const char *text)
{
    static const char *const marks[] = {"□", "☐", "○", "●", "·", "-", "*", "1.", "2.", "3.", "4.", "5.", "(", NULL};
    static const char *const options[] = {"公开",   "普通", "非密", "非涉密",   "不涉密",     "一般",
                                          "不保密", "受限", "敏感", "无",       "公开级",     "内部级",
                                          "外部",   "不限", "全部", "主动公开", "依申请公开", NULL};
    const char *rest = skip_blanks(skip_any(text, marks)), *after = skip_any(rest, options);

    return after != rest && (*skip_blanks(after) == '\0' || strcmp(after, "信息") == 0);
}

/* ----- 原始邮件 ----- */
static gboolean
is_forward_head(const char *text)
{
    static const char *const words[] = {"原始邮件",     "原邮件",           "转发邮件",
                                        "转发的邮件",   "original message", "forwarded message",
                                        "forwarded by", "已转发邮件",       NULL};

    if (g_str_has_prefix(text, "begin forwarded message"))
        return TRUE;
    for (guint i = 0; text[0] == '-' && i < G_N_ELEMENTS(words) - 1; i++)
        if (strstr(text, words[i]) != NULL)
            return TRUE;
    return FALSE;
}

/* --- the index ------------------------------------------------------------------------------ */

typedef struct {
    guint ordinal; /* of the last line with text */
    guint labels;  /* label lines just before */
    gboolean head; /* a forwarding head just before */
    gboolean rule; /* a rule just before */
    SheetKind sheet;
    gsize quoted_from; /* as in Lines */
    gboolean wrote;    /* somebody wrote: what follows is his, marked line by line or to the end */
} Walk;

/* The line trimmed, or the beginning of a long one: the label of a long line of recipients. Gives its length, 0 for
 * none. */
static gsize
line_copy(const char *text, gsize length, char *line)
{
    gsize from = 0;

    while (from < length && strchr(" \t>|", text[from]) != NULL)
        from++;
    while (length > from && strchr(" \t", text[length - 1]) != NULL)
        length--;
    length = MIN(length - from, SHORT_BYTES + 1);
    if (length > SHORT_BYTES)
        length = SHORT_BYTES - 1;
    memcpy(line, text + from, length);
    line[length] = '\0';
    return length;
}

/* What tells where pages and quoted letters begin. */
static guint
flags_of(const char *text, gsize length, gboolean *head_out)
{
    char line[SHORT_BYTES + 1];

    *head_out = FALSE;
    length = line_copy(text, length, line);
    if (length == 0)
        return LINE_BLANK;
    guint flags = is_label(line) ? LINE_LABEL : 0;
    if (length == SHORT_BYTES - 1)
        return flags;
    *head_out = is_forward_head(line);
    return flags | (is_rule(line, length) ? LINE_RULE : 0);
}

static guint
element_flags(const char *text, gsize length)
{
    char line[SHORT_BYTES + 1];

    length = line_copy(text, length, line);
    if (length == 0 || length == SHORT_BYTES - 1)
        return 0;
    return (is_copy_number(line) ? LINE_COPY_NUMBER : 0) | (is_urgent(line) ? LINE_URGENT : 0) |
           (is_red_head(line, length) ? LINE_RED_HEAD : 0) | (is_imprint(line) ? LINE_IMPRINT : 0) |
           (is_option(line) ? LINE_OPTION : 0) | paper_flags(line);
}

guint
lines_flags(const Lines *lines, guint index)
{
    Line *line = &g_array_index(lines->array, Line, index);

    if ((line->flags & LINE_ASKED) == 0)
        line->flags |= (guint16)(LINE_ASKED | element_flags(lines->text + line->from, line->to - line->from));
    return line->flags;
}

/* A page begins after the head of a forwarded letter (at least two label lines), and after a rule. */
static void
walk_line(Walk *walk, Line *line, gboolean head)
{
    if ((line->flags & LINE_BLANK) == 0) {
        if (head) {
            walk->head = TRUE;
            walk->labels = 2;
        } else if ((line->flags & LINE_LABEL) != 0)
            walk->labels++;
        else if ((line->flags & LINE_RULE) != 0)
            walk->rule = TRUE;
        else {
            if (walk->labels >= 2 || walk->rule) {
                walk->sheet = walk->labels >= 2 ? SHEET_FORWARDED : SHEET_RULED;
                walk->ordinal = 0;
            }
            walk->labels = 0;
            walk->head = walk->rule = FALSE;
        }
        if (walk->ordinal < G_MAXUINT16)
            walk->ordinal++;
    }
    line->ordinal = (guint16)walk->ordinal;
    line->sheet = (guint8)walk->sheet;
}

/* 在 2026年1月15日 10:00，张三 <a@b> 写道： On ... wrote: */
static gboolean
is_wrote_head(const char *text, gsize length)
{
    static const char *const ends[] = {"写道:", "wrote:", "写道", NULL};

    gboolean digit = FALSE;

    while (length > 0 && strchr(" \t", text[length - 1]) != NULL)
        length--;
    if (length > WROTE_BYTES)
        return FALSE;
    for (gsize i = 0; i < length; i++)
        digit |= g_ascii_isdigit(text[i]);
    for (guint i = 0; digit && ends[i] != NULL; i++) {
        gsize size = strlen(ends[i]);
        if (length >= size && memcmp(text + length - size, ends[i], size) == 0)
            return TRUE;
    }
    return FALSE;
}

static gboolean
is_marked(const char *text, gsize length)
{
    gsize i = 0;

    while (i < length && (text[i] == ' ' || text[i] == '\t'))
        i++;
    return i < length && text[i] == '>';
}

/* Before walk_line: `labels` are those above. */
static void
walk_quoted(Walk *walk, Line *line, const char *text, gboolean head)
{
    const char *begin = text + line->from;
    gsize length = line->to - line->from;

    if ((line->flags & LINE_BLANK) != 0)
        return;
    gboolean marked = is_marked(begin, length);
    if (walk->wrote && !marked && walk->quoted_from == G_MAXSIZE)
        walk->quoted_from = line->from;
    walk->wrote = is_wrote_head(begin, length);
    if (walk->quoted_from == G_MAXSIZE && (head || (walk->labels >= 1 && (line->flags & LINE_LABEL) != 0)))
        walk->quoted_from = line->from;
    if (marked || walk->quoted_from <= line->from)
        line->flags |= LINE_QUOTED;
}

static void
find_last_lines(Lines *lines)
{
    guint count = 0, i = lines->array->len;

    while (i > 0 && count < 3)
        count += (lines_get(lines, --i)->flags & LINE_BLANK) == 0;
    lines->last_lines = i;
}

void
lines_index(Lines *lines, const char *text, gsize length, gboolean continued, gboolean quoted)
{
    Walk walk = {.ordinal = continued ? 1000 : 0, .quoted_from = quoted ? 0 : G_MAXSIZE};
    gsize from = 0;

    lines->text = text;
    g_array_set_size(lines->array, 0);
    do {
        const char *end = memchr(text + from, '\n', length - from);
        gsize to = end != NULL ? (gsize)(end - text) : length;
        gboolean head;
        Line line = {.from = (guint32)from, .to = (guint32)to};
        line.flags = (guint16)flags_of(text + from, to - from, &head);
        walk_quoted(&walk, &line, text, head);
        walk_line(&walk, &line, head);
        g_array_append_val(lines->array, line);
        from = to + 1;
    } while (from <= length);
    lines->quoted_from = walk.quoted_from;
    find_last_lines(lines);
}

guint
lines_at(const Lines *lines, gsize offset)
{
    guint low = 0, high = lines->array->len;

    while (high - low > 1) {
        guint middle = low + (high - low) / 2;
        if (lines_get(lines, middle)->from <= offset)
            low = middle;
        else
            high = middle;
    }
    return low;
}

guint
lines_around(const Lines *lines, guint index, guint before, guint after)
{
    guint flags = 0, from = index > before ? index - before : 0;

    for (guint i = from; i <= index + after && i < lines->array->len; i++)
        if (i != index)
            flags |= lines_flags(lines, i) & ~(guint)LINE_BLANK;
    return flags;
}
