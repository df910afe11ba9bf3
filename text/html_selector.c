/* html_selector - selectors of CSS, read into steps from right to left. */
#include "config.h"
#include "html_sheet.h"
#include <string.h>

#define STEPS_MAX 8       /* in a selector */
#define SELECTOR_MAX 1024 /* bytes */

/* --- names --------------------------------------------------------------- */

const char *
html_selector_name(const char *text, const char *end)
{
    while (text < end) {
        if (*text == '\\' && end - text > 1)
            text += 2;
        else if (g_ascii_isalnum(*text) || *text == '-' || *text == '_' || (guchar)*text >= 0x80)
            text++;
        else
            break;
    }
    return text;
}

void
html_node_name(HtmlName *name, const char *text, gsize length)
{
    guint64 exact = G_GUINT64_CONSTANT(14695981039346656037);
    guint32 fold = HTML_HASH_START;
    for (gsize i = 0; i < length; i++) {
        if (text[i] == '\\' && i + 1 < length)
            i++;
        fold = html_hash_byte(fold, text[i]);
        exact = (exact ^ (guchar)text[i]) * G_GUINT64_CONSTANT(1099511628211);
    }
    name->fold = html_hash_end(fold);
    name->exact = exact;
}

const char *
html_selector_find(const char *text, const char *end, const char *ends)
{
    char quote = '\0';
    guint depth = 0;
    for (; text < end; text++) {
        if (quote != '\0') {
            text += *text == '\\' && end - text > 1;
            quote = *text == quote ? '\0' : quote;
            continue;
        }
        if (depth == 0 && strchr(ends, *text) != NULL && *text != '\0')
            return text;
        if (*text == '"' || *text == '\'')
            quote = *text;
        else if (*text == '\\' && end - text > 1)
            text++;
        else if (*text == '(' || *text == '[')
            depth++;
        else if ((*text == ')' || *text == ']') && depth > 0)
            depth--;
    }
    return end;
}

/* --- reading ------------------------------------------------------------- */

typedef struct {
    HtmlSheet *sheet;
    HtmlRow *row;
    HtmlStep *step;
    gboolean never;
} Parse;

static gboolean
is_word(const char *text, gsize length, const char *word)
{
    return strlen(word) == length && g_ascii_strncasecmp(text, word, length) == 0;
}

static gboolean
is_one_of(const char *text, gsize length, const char *const *words)
{
    for (; *words != NULL; words++)
        if (is_word(text, length, *words))
            return TRUE;
    return FALSE;
}

/* "odd", "3", "2n+1", "-n + 3". */
static gboolean
read_nth(HtmlStep *step, const char *text, const char *end)
{
    char plain[16] = {0}, *after;
    gsize length = 0;
    for (; text < end && length < sizeof plain - 1; text++)
        if (!g_ascii_isspace(*text))
            plain[length++] = g_ascii_tolower(*text);
    if (text < end)
        return FALSE;
    if (strcmp(plain, "odd") == 0 || strcmp(plain, "even") == 0) {
        step->nth_step = 2;
        step->nth_first = plain[0] == 'o';
        return TRUE;
    }
    char *letter = strchr(plain, 'n');
    gint64 first = letter == NULL ? g_ascii_strtoll(plain, &after, 10) : 0;
    if (letter != NULL) {
        step->nth_step = (gint16)(letter == plain || letter[-1] == '+' ? 1
                                  : letter[-1] == '-'                  ? -1
                                                      : CLAMP(g_ascii_strtoll(plain, NULL, 10), -999, 999));
        after = letter + 1;
        if (letter[1] != '\0')
            first = g_ascii_strtoll(letter + 1, &after, 10);
    }
    step->nth_first = (gint16)CLAMP(first, -999, 9999);
    return *after == '\0' && (step->nth_step != 0 || step->nth_first > 0);
}

static gboolean
read_pseudo(Parse *parse, const char *text, const char *end)
{
    static const char *const never[] = {"hover",   "active",      "focus",          "focus-within", "focus-visible",
                                        "visited", "target",      "first-letter",   "first-line",   "selection",
                                        "marker",  "placeholder", "-moz-selection", "backdrop",     NULL};
    static const char *const always[] = {"link", "any-link", "root", "scope", NULL};
    const char *stop = html_selector_name(text, end), *close;
    gsize length = (gsize)(stop - text);
    if (is_word(text, length, "before"))
        parse->row->place = CONTENT_BEFORE;
    else if (is_word(text, length, "after"))
        parse->row->place = CONTENT_AFTER;
    else if (is_one_of(text, length, never))
        parse->never = TRUE;
    else if (is_word(text, length, "first-child") && parse->step->nth_first == 0)
        parse->step->nth_first = 1;
    else if (is_word(text, length, "nth-child") && stop < end && *stop == '(' && parse->step->nth_first == 0 &&
             parse->step->nth_step == 0) {
        close = html_selector_find(stop + 1, end, ")");
        parse->step->vague |= !read_nth(parse->step, stop + 1, close);
    } else if (!is_one_of(text, length, always))
        parse->step->vague = TRUE;
    parse->row->weight += 1 << 10;
    return length > 0;
}

/* "name", "name=value", "name~='value' i"; a test that is not understood may hold. */
static void
read_test(Parse *parse, const char *text, const char *end)
{
    HtmlTest test = {0};
    while (text < end && g_ascii_isspace(*text))
        text++;
    const char *stop = html_selector_name(text, end), *close;
    test.name = html_hash(text, (gsize)(stop - text));
    for (text = stop; text < end && g_ascii_isspace(*text);)
        text++;
    if (text < end) {
        test.how = *text;
        text += *text == '=' ? 1 : 2;
        while (text < end && g_ascii_isspace(*text))
            text++;
        if (text < end && (*text == '"' || *text == '\'')) {
            close = memchr(text + 1, *text, (gsize)(end - text - 1));
            close = close != NULL ? close : end;
            text++;
            if (end - close > 1) { /* "i" behind it */
                test.how = 0;
                parse->step->vague = TRUE;
            }
        } else
            close = html_selector_name(text, end);
        if (text > end || (gsize)(close - text) > sizeof test.value || strchr("=~|^$*", test.how) == NULL) {
            parse->step->vague = TRUE;
            return;
        }
        test.length = test.how != 0 ? (guint8)(close - text) : 0;
        memcpy(test.value, text, test.length);
    }
    for (guint i = 0; i < parse->sheet->tests; i++)
        if (memcmp(&parse->sheet->test[i], &test, sizeof test) == 0) {
            parse->step->tests |= 1u << i;
            return;
        }
    if (parse->sheet->tests == HTML_SHEET_TESTS) {
        parse->step->vague = TRUE;
        return;
    }
    parse->sheet->test[parse->sheet->tests] = test;
    parse->step->tests |= 1u << parse->sheet->tests++;
}

static void
read_class(HtmlStep *step, const char *text, gsize length)
{
    for (guint i = 0; i < HTML_STEP_NAMES; i++) {
        if (step->classes[i].fold == 0) {
            html_node_name(&step->classes[i], text, length);
            return;
        }
    }
    step->vague = TRUE;
}

/* One compound; returns its end, NULL if it is none. */
static const char *
read_step(Parse *parse, const char *text, const char *end)
{
    const char *from = text, *stop = html_selector_name(text, end);
    HtmlStep *step = parse->step;
    if (stop > text) {
        step->tag = html_hash(text, (gsize)(stop - text));
        parse->row->weight += 1;
    }
    for (text = stop; text < end;) {
        if (*text == '*' && text == from) {
            text++;
        } else if (*text == '.' || *text == '#') {
            stop = html_selector_name(text + 1, end);
            if (stop == text + 1)
                return NULL;
            parse->row->weight += *text == '#' ? 1 << 20 : 1 << 10;
            if (*text == '.')
                read_class(step, text + 1, (gsize)(stop - text - 1));
            else
                html_node_name(&step->id, text + 1, (gsize)(stop - text - 1));
            text = stop;
        } else if (*text == '[') {
            stop = html_selector_find(text + 1, end, "]");
            read_test(parse, text + 1, stop);
            parse->row->weight += 1 << 10;
            text = MIN(stop + 1, end);
        } else if (*text == ':') {
            while (text < end && *text == ':')
                text++;
            if (!read_pseudo(parse, text, end))
                return NULL;
            text = html_selector_name(text, end);
            if (text < end && *text == '(')
                text = MIN(html_selector_find(text + 1, end, ")") + 1, end);
        } else
            break;
    }
    return text > from ? text : NULL;
}

/* Nothing but one of these tags. */
static gboolean
is_only(const HtmlStep *step, const char *const *tags)
{
    if (step->id.fold != 0 || step->classes[0].fold != 0 || step->tests != 0 || step->vague || step->nth_first != 0 ||
        step->nth_step != 0)
        return FALSE;
    for (; *tags != NULL; tags++)
        if (step->tag == html_hash(*tags, strlen(*tags)))
            return TRUE;
    return FALSE;
}

/* Selectors from left to right into `steps`; what joins a step to its left is kept in it. Returns their number, 0:
 * none. */
static guint
read_steps(Parse *parse, const char *text, const char *end, HtmlStep *steps)
{
    /* What every page has, written or not: asking to be somewhere in it asks for nothing. */
    static const char *const roots[] = {"html", "body", NULL}, *const tbody[] = {"tbody", NULL};
    guint count = 0;
    char join = 0;
    while (text < end) {
        if (count == STEPS_MAX)
            return 0;
        memset(&steps[count], 0, sizeof steps[count]);
        steps[count].join = join;
        parse->step = &steps[count];
        if ((text = read_step(parse, text, end)) == NULL)
            return 0;
        for (join = ' '; text < end && (g_ascii_isspace(*text) || strchr(">+~", *text) != NULL); text++)
            join = g_ascii_isspace(*text) ? join : *text;
        steps[count].given = is_only(&steps[count], roots);
        if (text < end && ((steps[count].given && join == ' ') || is_only(&steps[count], tbody)))
            join = steps[count].join; /* the next one joins to what is on its left */
        else
            count++;
    }
    return join == ' ' || count == 0 ? count : 0;
}

gboolean
html_selector_read(HtmlSheet *sheet, const char *text, const char *end, HtmlRow *row)
{
    HtmlStep steps[STEPS_MAX];
    Parse parse = {sheet, row, NULL, FALSE};
    while (text < end && g_ascii_isspace(*text))
        text++;
    while (text < end && g_ascii_isspace(end[-1]))
        end--;
    if (end - text > SELECTOR_MAX)
        return FALSE;
    row->weight = 0;
    row->place = CONTENT_NONE;
    guint count = read_steps(&parse, text, end, steps);
    sheet->full |= sheet->steps + count > HTML_SHEET_STEPS;
    if (count == 0 || parse.never || sheet->steps + count > HTML_SHEET_STEPS)
        return FALSE;
    if (sheet->steps + count > sheet->steps_room) {
        sheet->steps_room = MAX(64, 2 * sheet->steps_room);
        sheet->step = g_renew(HtmlStep, sheet->step, sheet->steps_room);
    }
    row->step = (guint16)sheet->steps;
    row->steps = (guint16)count;
    for (guint i = 0; i < count; i++) {
        sheet->step[sheet->steps] = steps[count - 1 - i];
        sheet->step[sheet->steps].bits = html_step_bits(&steps[count - 1 - i]);
        sheet->steps++;
        if (steps[i].vague || steps[i].join == '~')
            row->readings &= HTML_OTHERS;
    }
    const HtmlStep *own = &steps[count - 1];
    row->key = own->id.fold != 0 ? own->id.fold : own->classes[0].fold != 0 ? own->classes[0].fold : own->tag;
    return row->readings != 0;
}
