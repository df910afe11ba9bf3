/* html_sheet - rules of <style>: which are kept, and which of them an element meets. */
#include "config.h"
#include "html_sheet.h"
#include <string.h>

#define NESTED_MAX 4   /* blocks in blocks */
#define PARENT_MAX 256 /* bytes of the selector around a nested rule */
#define CONTENT_MAX 256

/* --- keeping ------------------------------------------------------------- */

static gboolean
is_blank(const char *text, gsize length)
{
    for (gsize i = 0; i < length; i++)
        if (!g_ascii_isspace(text[i]))
            return FALSE;
    return TRUE;
}

/* The strings of a content property, one behind the other; what is in private use is a picture. */
static void
keep_words(HtmlSheet *sheet, HtmlRow *row, const HtmlStyle *style)
{
    g_autoptr(GString) words = g_string_new(NULL);
    const char *text = style->content, *end = text + style->content_length;
    gboolean seen = FALSE;
    while (text < end && words->len < CONTENT_MAX) {
        char quote = *text++;
        if (quote != '"' && quote != '\'')
            continue;
        while (text < end && *text != quote) {
            char *after = NULL;
            if (*text != '\\' || end - text < 2) {
                g_string_append_c(words, *text++);
                continue;
            }
            char digits[7] = {0};
            for (guint i = 0; i < 6 && text + 1 + i < end && g_ascii_isxdigit(text[1 + i]); i++)
                digits[i] = text[1 + i];
            gunichar code = (gunichar)g_ascii_strtoull(digits, &after, 16);
            text += after == digits ? 2 : 1 + (after - digits);
            if (after == digits)
                g_string_append_c(words, text[-1]);
            else if (code != 0 && g_unichar_validate(code))
                g_string_append_unichar(words, code);
            text += after != digits && text < end && g_ascii_isspace(*text);
        }
        text += text < end;
    }
    for (const char *at = words->str; *at != '\0' && g_utf8_validate(words->str, (gssize)words->len, NULL);
         at = g_utf8_next_char(at))
        seen |=
            g_unichar_isalnum(g_utf8_get_char(at)) ||
            (g_unichar_isgraph(g_utf8_get_char(at)) && g_unichar_type(g_utf8_get_char(at)) != G_UNICODE_PRIVATE_USE);
    if (!seen || sheet->words_length + words->len > HTML_SHEET_WORDS)
        return;
    row->words = (guint16)sheet->words_length;
    row->words_length = (guint16)words->len;
    memcpy(sheet->words + sheet->words_length, words->str, words->len);
    sheet->words_length += (guint)words->len;
}

static void
add_row(HtmlSheet *sheet, const char *text, const char *end, const HtmlStyle *style, guint readings)
{
    guint steps = sheet->steps;
    HtmlRow row = {.readings = (guint8)readings, .maybe = style->maybe, .plain = style->plain, .firm = style->firm};
    sheet->full |= sheet->count == HTML_SHEET_ROWS;
    if (sheet->count == HTML_SHEET_ROWS || !html_selector_read(sheet, text, end, &row))
        return;
    if (row.place != CONTENT_NONE) {
        row.plain = row.firm = (HtmlSaid){.ink = COLOUR_UNSET, .paper = COLOUR_UNSET};
        row.maybe = 0;
        row.readings &= HTML_OTHERS;
        if (style->content != NULL && (style->plain.hides & HIDE_DISPLAY) == 0)
            keep_words(sheet, &row, style);
        if (row.words_length == 0) {
            sheet->steps = steps;
            return;
        }
    }
    sheet->hides |= row.plain.hides | row.firm.hides | row.maybe;
    if (sheet->count == sheet->rows_room) {
        sheet->rows_room = MAX(64, 2 * sheet->rows_room);
        sheet->rows = g_renew(HtmlRow, sheet->rows, sheet->rows_room);
    }
    sheet->rows[sheet->count++] = row;
}

/* Whether a row can change what is hidden: what it shows matters where something else hides. */
static gboolean
is_needed(const HtmlSheet *sheet, const HtmlRow *row)
{
    guint32 shows = row->plain.shows & (sheet->hides | (HIDE_RETURNS & ~HIDE_SIZE));
    shows |= row->firm.shows & (sheet->hides | (HIDE_SURE & ~HIDE_SIZE));
    return row->words_length > 0 || (row->plain.hides | row->firm.hides | row->maybe | shows) != 0 ||
           row->plain.ink != COLOUR_UNSET || row->plain.paper != COLOUR_UNSET || row->firm.ink != COLOUR_UNSET ||
           row->firm.paper != COLOUR_UNSET;
}

static void
note_step(HtmlSheet *sheet, const HtmlStep *step)
{
    sheet->asked |= step->tests;
    for (guint i = 0; i < HTML_STEP_NAMES && step->classes[i].fold != 0; i++)
        sheet->named[step->classes[i].fold >> 6 & 7] |= G_GUINT64_CONSTANT(1) << (step->classes[i].fold & 63);
}

static void
index_rows(HtmlSheet *sheet)
{
    memset(sheet->slots, 0, sizeof sheet->slots);
    sheet->any = 0;
    sheet->asked = 0;
    sheet->readings = 1u << 1;
    for (guint i = 0; i < sheet->count; i++) {
        HtmlRow *row = &sheet->rows[i];
        if (!is_needed(sheet, row))
            continue;
        guint16 *first = row->key == 0 ? &sheet->any : &sheet->slots[row->key % HTML_SHEET_SLOTS];
        sheet->used = TRUE;
        row->next = *first;
        *first = (guint16)(i + 1);
        sheet->deep |= row->steps > 1 || sheet->step[row->step].nth_first != 0 || sheet->step[row->step].nth_step != 0;
        for (guint step = row->step; step < (guint)row->step + row->steps; step++)
            note_step(sheet, &sheet->step[step]);
        for (guint reading = 2; reading <= HTML_READINGS; reading++)
            if ((row->readings >> reading & 1) != (row->readings >> 1 & 1))
                sheet->readings |= (guint8)(1u << reading);
    }
}

/* --- rules --------------------------------------------------------------- */

static void read_rules(HtmlSheet *sheet, const char *text, const char *end, guint readings, guint depth);

static const char *
block_end(const char *text, const char *end)
{
    guint depth = 1;
    for (; text < end; text++) {
        if (*text == '{')
            depth++;
        else if (*text == '}' && --depth == 0)
            break;
        else if (*text == '"' || *text == '\'') {
            const char *close = memchr(text + 1, *text, (gsize)MIN(end - text - 1, CONTENT_MAX));
            text = close != NULL && memchr(text, '\n', (gsize)(close - text)) == NULL ? close : text;
        }
    }
    return text;
}

/* "a, :is(b, c) d": as if "a, b d, c d" were written. */
static void
add_selectors(HtmlSheet *sheet, const char *text, const char *end, const HtmlStyle *style, guint readings, guint depth)
{
    static const char *const names[] = {":is(", ":where(", ":matches("};
    while (text < end) {
        const char *comma = html_selector_find(text, end, ","), *group = NULL, *inside = NULL;
        for (guint i = 0; i < G_N_ELEMENTS(names) && group == NULL && depth < NESTED_MAX; i++) {
            group = memmem(text, (gsize)(comma - text), names[i], strlen(names[i]));
            inside = group != NULL ? group + strlen(names[i]) : NULL;
        }
        if (group == NULL || comma - text > PARENT_MAX)
            add_row(sheet, text, comma, style, readings);
        const char *close = group != NULL ? html_selector_find(inside, comma, ")") : NULL;
        while (group != NULL && comma - text <= PARENT_MAX && inside < close) {
            const char *stop = html_selector_find(inside, close, ",");
            g_autoptr(GString) one = g_string_new_len(text, group - text);
            g_string_append_len(one, inside, stop - inside);
            if (close < comma)
                g_string_append_len(one, close + 1, comma - close - 1);
            add_selectors(sheet, one->str, one->str + one->len, style, readings & HTML_OTHERS, depth + 1);
            inside = stop + 1;
        }
        text = comma + 1;
    }
}

static void
add_rule(HtmlSheet *sheet, const char *text, const char *end, const char *block, gsize length, guint readings)
{
    HtmlStyle style;
    html_style_init(&style);
    html_style_read(&style, block, length, sheet->variables);
    add_selectors(sheet, text, end, &style, readings, 0);
}

/* "a b" in "c" is "c a b", "&.a" in it "c.a". */
static char *
join_selectors(const char *parent, gsize parent_length, const char *text, const char *end)
{
    GString *joined = g_string_new(NULL);
    while (text < end && g_ascii_isspace(*text))
        text++;
    if (text < end && memchr(text, '&', (gsize)(end - text)) == NULL)
        g_string_append_printf(joined, "%.*s ", (int)parent_length, parent);
    for (; text < end && joined->len < 4 * PARENT_MAX; text++) {
        if (*text == '&')
            g_string_append_len(joined, parent, (gssize)parent_length);
        else
            g_string_append_c(joined, *text);
    }
    return g_string_free(joined, FALSE);
}

/* Declarations, and rules among them. */
static void
read_rule(HtmlSheet *sheet, const char *selector, gsize selector_length, const char *text, const char *end,
          guint readings, guint depth)
{
    g_autoptr(GString) own = g_string_new(NULL);
    if (memchr(text, '{', (gsize)(end - text)) == NULL) {
        add_rule(sheet, selector, selector + selector_length, text, (gsize)(end - text), readings);
        return;
    }
    while (text < end) {
        const char *stop = html_selector_find(text, end, ";{");
        if (stop == end || *stop == ';') {
            g_string_append_len(own, text, stop - text);
            g_string_append_c(own, ';');
            text = stop + 1;
            continue;
        }
        const char *close = block_end(stop + 1, end);
        while (text < stop && g_ascii_isspace(*text))
            text++;
        if (depth < NESTED_MAX && *text == '@') {
            if (stop - text > 6 && g_ascii_strncasecmp(text, "@media", 6) == 0)
                read_rule(sheet, selector, selector_length, stop + 1, close,
                          readings & html_media(text + 6, (gsize)(stop - text - 6)), depth + 1);
        } else if (depth < NESTED_MAX && selector_length < PARENT_MAX &&
                   memchr(selector, ',', selector_length) == NULL) {
            g_autofree char *joined = join_selectors(selector, selector_length, text, stop);
            read_rule(sheet, joined, strlen(joined), stop + 1, close, readings & HTML_OTHERS, depth + 1);
        }
        text = MIN(close + 1, end);
    }
    add_rule(sheet, selector, selector + selector_length, own->str, own->len, readings);
}

/* The readings in which what stands under an @rule holds. */
static guint
condition(const char *text, const char *end)
{
    static const char *const skipped[] = {"font-face", "keyframes", "-webkit-keyframes", "-moz-keyframes",
                                          "page",      "property",  "counter-style",     "font-feature-values",
                                          NULL};
    const char *stop = html_selector_name(++text, end);
    gsize length = (gsize)(stop - text);
    for (guint i = 0; skipped[i] != NULL; i++)
        if (strlen(skipped[i]) == length && g_ascii_strncasecmp(text, skipped[i], length) == 0)
            return 0;
    if (length == 5 && g_ascii_strncasecmp(text, "media", 5) == 0)
        return html_media(stop, (gsize)(end - stop));
    while (stop < end && g_ascii_isspace(*stop))
        stop++;
    if (length == 8 && g_ascii_strncasecmp(text, "supports", 8) == 0 && end - stop > 4 &&
        g_ascii_strncasecmp(stop, "not", 3) == 0 && !g_ascii_isalnum(stop[3]))
        return 0;
    return HTML_OTHERS;
}

static void
read_rules(HtmlSheet *sheet, const char *text, const char *end, guint readings, guint depth)
{
    while (text < end) {
        const char *open, *close;
        while (text < end && (g_ascii_isspace(*text) || strchr("<!->};", *text) != NULL))
            text++; /* also the "<!--" and "-->" around old sheets */
        for (open = text; open < end && *open != '{' && !(*text == '@' && *open == ';');)
            open++;
        if (open == end || *open == ';') {
            text = MIN(open + 1, end);
            continue;
        }
        close = block_end(open + 1, end);
        if (*text != '@') {
            read_rule(sheet, text, (gsize)(open - text), open + 1, close, readings, depth);
        } else if (depth < NESTED_MAX) {
            guint here = readings & condition(text, open);
            if (here != 0)
                read_rules(sheet, open + 1, close, here, depth + 1);
        }
        text = MIN(close + 1, end);
    }
}

HtmlSheet *
html_sheet_new(HtmlVariables *variables)
{
    HtmlSheet *sheet = g_new0(HtmlSheet, 1);
    sheet->readings = 1u << 1;
    sheet->variables = variables;
    return sheet;
}

void
html_sheet_free(HtmlSheet *sheet)
{
    if (sheet == NULL)
        return;
    g_free(sheet->rows);
    g_free(sheet->step);
    g_free(sheet);
}

void
html_sheet_read(HtmlSheet *sheet, const char *css, gsize length, guint readings)
{
    if (is_blank(css, length))
        return;
    g_autofree char *plain = html_style_plain(css, length, &length);
    sheet->background |= memmem(plain, length, "background", 10) != NULL;
    sheet->fonts |= memmem(plain, length, "font", 4) != NULL;
    html_style_variables(sheet->variables, plain, length);
    read_rules(sheet, plain, plain + length, readings, 0);
    index_rows(sheet);
}

/* --- matching ------------------------------------------------------------ */

static void
match_rows(HtmlSheet *sheet, guint16 first, guint32 key, const HtmlFamily *family, HtmlMatches *matches)
{
    for (guint16 at = first; at != 0; at = sheet->rows[at - 1].next) {
        const HtmlRow *row = &sheet->rows[at - 1];
        guint readings, place;
        sheet->effort++;
        if (row->key != key || (readings = html_selector_match(sheet, row, family)) == 0)
            continue;
        for (place = 0; place < matches->count && matches->rows[place].row != at - 1; place++)
            ;
        if (place < matches->count || matches->count == HTML_MATCHES)
            continue; /* by two classes of one hash */
        for (place = matches->count++; place > 0; place--) {
            const HtmlRow *weaker = &sheet->rows[matches->rows[place - 1].row];
            if (weaker->weight < row->weight || (weaker->weight == row->weight && weaker < row))
                break;
            matches->rows[place] = matches->rows[place - 1];
        }
        matches->rows[place].row = (guint16)(at - 1);
        matches->rows[place].readings = (guint8)readings;
    }
}

static inline void
match_key(HtmlSheet *sheet, guint32 key, const HtmlFamily *family, HtmlMatches *matches)
{
    if (key != 0 && sheet->slots[key % HTML_SHEET_SLOTS] != 0)
        match_rows(sheet, sheet->slots[key % HTML_SHEET_SLOTS], key, family, matches);
}

void
html_sheet_match(HtmlSheet *sheet, const HtmlFamily *family, HtmlMatches *matches)
{
    const HtmlNode *node = &family->nodes[family->depth];
    matches->count = 0;
    sheet->full |= sheet->effort > HTML_SHEET_EFFORT;
    if (sheet->effort > HTML_SHEET_EFFORT)
        return;
    match_key(sheet, node->tag, family, matches);
    for (guint i = 0; i < node->names; i++)
        match_key(sheet, node->classes[i].fold, family, matches);
    match_key(sheet, node->id.fold, family, matches);
    if (sheet->any != 0)
        match_rows(sheet, sheet->any, 0, family, matches);
}
