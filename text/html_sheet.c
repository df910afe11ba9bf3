/* html_sheet - the rules of <style> that hide: a small table of simple selectors. */
#include "config.h"
#include "html_style.h"
#include <string.h>

static void
add_row(HtmlSheet *sheet, int kind, guint32 tag, guint32 label, const HtmlStyle *style)
{
    for (guint i = 0; i < sheet->count; i++) {
        if (sheet->rows[i].kind != kind || sheet->rows[i].tag != tag || sheet->rows[i].label != label)
            continue;
        sheet->rows[i].hides = (sheet->rows[i].hides & ~style->shows) | style->hides;
        sheet->rows[i].shows = (sheet->rows[i].shows & ~style->hides) | style->shows;
        return;
    }
    if (style->hides == 0 || sheet->count == HTML_SHEET_ROWS)
        return;
    sheet->rows[sheet->count].kind = (guint8)kind;
    sheet->rows[sheet->count].tag = tag;
    sheet->rows[sheet->count].label = label;
    sheet->rows[sheet->count].hides = style->hides;
    sheet->rows[sheet->count++].shows = style->shows;
}

static gsize
name_length(const char *text, const char *end)
{
    gsize length = 0;
    while (text + length < end && (g_ascii_isalnum(text[length]) || text[length] == '-' || text[length] == '_' ||
                                   (guchar)text[length] >= 0x80))
        length++;
    return length;
}

/* One selector of a list: "tag", ".class", "#id", "tag.class"; anything else is not understood and left out. */
static void
add_selector(HtmlSheet *sheet, const char *text, const char *end, const HtmlStyle *style)
{
    guint32 tag = 0, label = 0;
    int kind = SHEET_TAG;
    gsize length;
    while (text < end && g_ascii_isspace(*text))
        text++;
    while (text < end && g_ascii_isspace(end[-1]))
        end--;
    length = name_length(text, end);
    if (length > 0)
        tag = html_hash(text, length);
    text += length;
    if (text < end && (*text == '.' || *text == '#')) {
        kind = *text == '#' ? SHEET_ID : tag != 0 ? SHEET_TAG_CLASS : SHEET_CLASS;
        length = name_length(++text, end);
        if (length > 0)
            label = html_hash(text, length);
        text += length;
    }
    if (text == end && (kind == SHEET_TAG ? tag != 0 : label != 0))
        add_row(sheet, kind, tag, label, style);
}

static const char *
block_end(const char *text, const char *end)
{
    guint depth = 1;
    for (; text < end; text++) {
        if (*text == '{')
            depth++;
        else if (*text == '}' && --depth == 0)
            break;
    }
    return text;
}

void
html_sheet_read(HtmlSheet *sheet, const char *css, gsize length)
{
    g_autofree char *plain = html_style_plain(css, length, &length);
    const char *text = plain, *end = plain + length;
    sheet->background |= memmem(plain, length, "background", 10) != NULL;
    sheet->fonts |= memmem(plain, length, "font", 4) != NULL;
    while (text < end) {
        const char *open, *close, *part;
        HtmlStyle style;
        while (text < end && (g_ascii_isspace(*text) || strchr("<!->};", *text) != NULL))
            text++; /* also the "<!--" and "-->" around old sheets */
        for (open = text; open < end && *open != '{' && !(*text == '@' && *open == ';');)
            open++;
        if (open == end || *open == ';') {
            text = MIN(open + 1, end);
            continue;
        }
        close = block_end(open + 1, end);
        html_style_init(&style);
        if (*text != '@')
            html_style_read(&style, open + 1, (gsize)(close - open - 1));
        for (part = text; (style.hides | style.shows) != 0 && part < open;) {
            const char *comma = memchr(part, ',', (gsize)(open - part));
            comma = comma != NULL ? comma : open;
            add_selector(sheet, part, comma, &style);
            part = comma + 1;
        }
        text = MIN(close + 1, end);
    }
}

void
html_sheet_match(const HtmlSheet *sheet, int kind, guint32 tag, guint32 label, HtmlMatch *match)
{
    for (guint i = 0; i < sheet->count; i++) {
        int row = sheet->rows[i].kind;
        if ((row == SHEET_TAG_CLASS ? SHEET_CLASS : row) != kind || sheet->rows[i].label != label ||
            (sheet->rows[i].tag != 0 && sheet->rows[i].tag != tag))
            continue;
        match->hides[row] = (match->hides[row] & ~sheet->rows[i].shows) | sheet->rows[i].hides;
        match->shows[row] = (match->shows[row] & ~sheet->rows[i].hides) | sheet->rows[i].shows;
    }
}

guint
html_match_hides(const HtmlMatch *match)
{
    guint hides = 0;
    for (int kind = 0; kind < SHEET_KINDS; kind++)
        hides = (hides & ~match->shows[kind]) | match->hides[kind];
    return hides;
}
