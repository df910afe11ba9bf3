/* html_tag - what one tag means: its attributes as text, and for the text behind it. */
#include "config.h"
#include "html_scan.h"
#include <string.h>

#define NAME_KEPT 256  /* of an attribute that is cut: name ... */
#define VALUE_KEPT 256 /* ... and end of the value, so that nothing is cut in two */

typedef enum {
    A_OTHER,
    A_TEXT,
    A_MARKUP,
    A_QUIET,
    A_STYLE,
    A_CLASS,
    A_ID,
    A_HIDDEN,
    A_CHECKED,
    A_TYPE,
    A_INK,
    A_PAPER,
    A_PICTURE,
    A_DIR
} AttributeKind;

/* OTHER is text only where it is more than ASCII or holds markup, QUIET (fonts and the like) only with markup. */
static const struct {
    const char *name;
    AttributeKind kind;
} attributes[] = {
    {"alt", A_TEXT},
    {"title", A_TEXT},
    {"value", A_TEXT},
    {"content", A_TEXT},
    {"label", A_TEXT},
    {"summary", A_TEXT},
    {"abbr", A_TEXT},
    {"placeholder", A_TEXT},
    {"prompt", A_TEXT},
    {"standby", A_TEXT},
    {"aria-label", A_TEXT},
    {"srcdoc", A_MARKUP},
    {"style", A_STYLE},
    {"class", A_CLASS},
    {"id", A_ID},
    {"hidden", A_HIDDEN},
    {"checked", A_CHECKED},
    {"type", A_TYPE},
    {"color", A_INK},
    {"text", A_INK},
    {"bgcolor", A_PAPER},
    {"background", A_PICTURE},
    {"dir", A_DIR},
    {"face", A_QUIET},
    {"lang", A_QUIET},
    {"href", A_OTHER},
    {"src", A_OTHER},
    {"name", A_OTHER},
    {"download", A_OTHER},
    {"action", A_OTHER},
    {"aria-description", A_TEXT},
    {"aria-roledescription", A_TEXT},
    {"aria-valuetext", A_TEXT},
};

static gboolean
word_is(const char *text, gsize length, const char *word)
{
    return strlen(word) == length && g_ascii_strncasecmp(text, word, length) == 0;
}

static AttributeKind
attribute_kind(const char *name, gsize length, const char **name_out)
{
    *name_out = "other";
    for (guint i = 0; i < G_N_ELEMENTS(attributes); i++) {
        if ((attributes[i].name[0] ^ name[0]) & ~0x20 || !word_is(name, length, attributes[i].name))
            continue;
        *name_out = attributes[i].name;
        return attributes[i].kind;
    }
    if (length > 5 && g_ascii_strncasecmp(name, "data-", 5) == 0) {
        *name_out = "data-*";
        return A_TEXT;
    }
    return A_OTHER;
}

static void
look_at(const char *text, gsize length, gboolean *foreign_out, gboolean *markup_out)
{
    guint foreign = 0, markup = 0;
    for (gsize i = 0; i < length; i++) {
        foreign |= (guchar)text[i] & 0x80;
        markup |= (text[i] == '<') | (text[i] == '>');
    }
    *foreign_out = foreign != 0;
    *markup_out = markup != 0;
}

static void
emit_value(Html *html, AttributeKind kind, const char *name, const char *value, gsize length)
{
    g_autofree char *plain = NULL;
    gboolean foreign, markup;
    look_at(value, length, &foreign, &markup);
    if (kind == A_MARKUP || markup) {
        if (kind == A_MARKUP)
            value = plain = html_unescape(value, length, &length);
        html_emit_markup(html, PLACE_ATTRIBUTE, name, value, length);
        return;
    }
    if (memchr(value, '&', length) != NULL) {
        value = plain = html_unescape(value, length, &length);
        look_at(value, length, &foreign, &markup);
    }
    if (kind == A_TEXT || (kind == A_OTHER && (foreign || markup)))
        html_out_piece(&html->out, PLACE_ATTRIBUTE, name, value, length);
}

static void
read_style(Html *html, const char *value, gsize length)
{
    g_autofree char *plain = NULL;
    if (memchr(value, '&', length) != NULL)
        value = plain = html_unescape(value, length, &length);
    html_style_read(&html->tag.style, value, length);
    html->background |= html->tag.style.background;
}

static void
match_classes(Html *html, const char *value, gsize length)
{
    const char *end = value + length;
    while (value < end) {
        const char *from = value;
        while (value < end && !g_ascii_isspace(*value))
            value++;
        if (value > from)
            html_sheet_match(&html->sheet, SHEET_CLASS, html->tag.hash, html_hash(from, (gsize)(value - from)),
                             &html->tag.match);
        while (value < end && g_ascii_isspace(*value))
            value++;
    }
}

static void
read_attribute(Html *html, const char *name, gsize name_length, const char *value, gsize length)
{
    HtmlTag *tag = &html->tag;
    const char *word;
    AttributeKind kind = attribute_kind(name, name_length, &word);
    gboolean foreign, markup;
    if (kind == A_STYLE)
        read_style(html, value, length);
    else if (kind == A_CLASS && html->sheet.count > 0)
        match_classes(html, value, length);
    else if (kind == A_ID && html->sheet.count > 0 && length > 0)
        html_sheet_match(&html->sheet, SHEET_ID, tag->hash, html_hash(value, length), &tag->match);
    else if (kind == A_HIDDEN)
        tag->hidden = TRUE;
    else if (kind == A_CHECKED)
        tag->checked = TRUE;
    else if (kind == A_TYPE)
        tag->input = word_is(value, length, "checkbox") ? INPUT_CHECK
                     : word_is(value, length, "radio")  ? INPUT_RADIO
                                                        : INPUT_OTHER;
    else if (kind == A_INK)
        tag->style.ink = html_colour(value, length);
    else if (kind == A_PAPER)
        tag->style.paper = html_colour(value, length);
    else if (kind == A_PICTURE)
        tag->style.paper = COLOUR_UNKNOWN;
    else if (kind == A_DIR)
        tag->right_to_left = word_is(value, length, "rtl");
    html->background |= kind == A_PAPER || kind == A_PICTURE;
    emit_value(html, kind <= A_MARKUP ? kind : A_QUIET, word, value, length);
    look_at(name, name_length, &foreign, &markup);
    if (foreign || markup) /* text that strayed into a tag */
        html_emit_markup(html, PLACE_ATTRIBUTE, "other", name, name_length);
}

/* The attribute at which a tag is cut. */
typedef struct {
    const char *name, *value; /* value NULL: none begun */
    gsize name_length, length;
} Cut;

static gboolean
is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

/* Reads attributes as HTML5's tokenizer does; the last one is told in `cut`. */
static void
read_attributes(Html *html, const char *text, const char *end, Cut *cut)
{
    while (text < end) {
        *cut = (Cut){NULL};
        while (text < end && (is_space(*text) || *text == '/'))
            text++;
        if (text == end)
            return;
        cut->name = text++;
        while (text < end && !is_space(*text) && *text != '/' && *text != '=')
            text++;
        cut->name_length = (gsize)(text - cut->name);
        while (text < end && is_space(*text))
            text++;
        if (text < end && *text == '=') {
            const char *stop;
            for (text++; text < end && is_space(*text);)
                text++;
            if (text < end && (*text == '"' || *text == '\'')) {
                cut->value = text + 1;
                stop = memchr(text + 1, *text, (gsize)(end - text - 1));
                stop = stop != NULL ? stop : end;
                text = MIN(stop + 1, end);
            } else {
                cut->value = text;
                for (stop = text; stop < end && !is_space(*stop);)
                    stop++;
                text = stop;
            }
            cut->length = (gsize)(stop - cut->value);
        }
        read_attribute(html, cut->name, cut->name_length, cut->value != NULL ? cut->value : "", cut->length);
    }
}

static void
begin(Html *html, const char *name, gsize length, gboolean end)
{
    HtmlTag *tag = &html->tag;
    *tag = (HtmlTag){.open = TRUE, .end = end, .hash = html_hash(name, length)};
    tag->element = html_element_find(tag->hash);
    html_style_init(&tag->style);
    if (html->sheet.count > 0)
        html_sheet_match(&html->sheet, SHEET_TAG, tag->hash, 0, &tag->match);
}

/* What hides this element, by itself or because what it is in is hidden. */
static guint
hides(const Html *html, const HtmlTag *tag, const HtmlOpen *outside, guint32 ink, guint32 paper)
{
    guint own = (html_match_hides(&tag->match) & ~tag->style.shows) | tag->style.hides;
    guint inherited = outside->hides & ~HIDE_COLOUR & ~(tag->style.shows & HIDE_RETURNS);
    if (html->sheet.fonts) /* font-size:0 on a frame to drop its gaps, the real size by a rule */
        inherited &= ~HIDE_SIZE;
    if (tag->hidden || (tag->element != NULL && tag->element->flags & ELEMENT_ASIDE))
        own |= HIDE_DISPLAY;
    if (ink == COLOUR_TRANSPARENT || html_colours_alike(ink, paper) ||
        (paper == COLOUR_UNSET && !html->background && html_colours_alike(ink, 0xFFFFFF)))
        own |= HIDE_COLOUR;
    return own | inherited;
}

static void
emit_gap(Html *html, guint flags)
{
    HtmlWhich which = html_stack_which(&html->stack);
    if (flags & ELEMENT_BREAK)
        html_out_gap(&html->out, which, GAP_BREAK);
    else if (flags & ELEMENT_ROW)
        html_out_gap(&html->out, which, GAP_ROW);
    else if (flags & ELEMENT_CELL)
        html_out_gap(&html->out, which, GAP_CELL);
    else if (flags & ELEMENT_BLOCK)
        html_out_gap(&html->out, which, GAP_LINE);
}

static void
emit_input(Html *html)
{
    const HtmlTag *tag = &html->tag;
    HtmlWhich which = html_stack_which(&html->stack);
    if (html_match_hides(&tag->match) || tag->style.hides || tag->hidden)
        which = OUT_HIDDEN;
    if (tag->input == INPUT_CHECK)
        html_out_text(&html->out, which, tag->checked ? "☑" : "☐", 3);
    else if (tag->input == INPUT_RADIO)
        html_out_text(&html->out, which, tag->checked ? "◉" : "○", 3);
}

static void
start(Html *html)
{
    HtmlTag *tag = &html->tag;
    guint flags = tag->element != NULL ? tag->element->flags : 0;
    const HtmlOpen *outside;
    HtmlOpen open;
    if (flags & ELEMENT_RAW && !html->blind) {
        html->state = SCAN_RAW;
        html->in_raw = TRUE;
        html->raw_is_style = tag->hash == html_hash("style", 5);
        html->raw_flushed = FALSE;
        return;
    }
    html_stack_imply(&html->stack, &html->out, tag->element);
    if (flags & ELEMENT_VOID) {
        emit_gap(html, flags);
        if (flags & ELEMENT_INPUT)
            emit_input(html);
        return;
    }
    if ((tag->right_to_left && tag->hash == html_hash("bdo", 3)) || tag->style.reversed)
        flags |= ELEMENT_REVERSED;
    outside = html_stack_top(&html->stack);
    open = (HtmlOpen){.hash = tag->hash,
                      .group = tag->element != NULL ? tag->element->group : 0,
                      .flags = (guint16)flags,
                      .title = outside->title || flags & ELEMENT_TITLE,
                      .keep = outside->keep || flags & ELEMENT_KEEP || tag->style.keeps_space,
                      .ink = tag->style.ink != COLOUR_UNSET ? tag->style.ink : outside->ink,
                      .paper = tag->style.paper != COLOUR_UNSET && tag->style.paper != COLOUR_TRANSPARENT
                                   ? tag->style.paper
                                   : outside->paper};
    open.hides = (guint8)hides(html, tag, outside, open.ink, open.paper);
    html_stack_push(&html->stack, &open);
    emit_gap(html, flags);
    if (flags & ELEMENT_QUOTE)
        html_out_text(&html->out, html_stack_which(&html->stack), "“", 3);
    if (flags & ELEMENT_REVERSED)
        html_out_text(&html->out, html_stack_which(&html->stack), "\xE2\x80\xAE", 3); /* U+202E */
}

static void
finish(Html *html)
{
    HtmlTag *tag = &html->tag;
    tag->open = FALSE;
    if (!tag->end) {
        start(html);
        return;
    }
    if (tag->element != NULL)
        emit_gap(html, tag->element->flags & ~ELEMENT_CELL);
    html_stack_close(&html->stack, &html->out, tag->hash);
}

/* Leaves in html->held a short tag that goes on where the long one was cut. */
static void
keep_rest(Html *html, const char *name, gsize name_length, const Cut *cut)
{
    g_autoptr(GString) rest = g_string_new("<");
    g_string_append_len(rest, name, (gssize)MIN(name_length, NAME_KEPT));
    g_string_append_c(rest, ' ');
    if (cut->name != NULL && html->tag_state >= TAG_ATTRIBUTE)
        g_string_append_len(rest, cut->name, (gssize)MIN(cut->name_length, NAME_KEPT));
    if (html->tag_state >= TAG_EQUALS)
        g_string_append_c(rest, '=');
    if (html->tag_state == TAG_DOUBLE || html->tag_state == TAG_SINGLE)
        g_string_append_c(rest, html->tag_state == TAG_DOUBLE ? '"' : '\'');
    if (html->tag_state > TAG_EQUALS && cut->value != NULL) {
        gsize from = cut->length - MIN(cut->length, VALUE_KEPT);
        while (from < cut->length && ((guchar)cut->value[from] & 0xC0) == 0x80)
            from++;
        g_string_append_len(rest, cut->value + from, (gssize)(cut->length - from));
    }
    g_string_truncate(html->held, 0);
    g_string_append_len(html->held, rest->str, (gssize)rest->len);
}

void
html_tag_read(Html *html, const char *text, gsize length, gboolean cut)
{
    gsize whole = cut ? html_whole(text, length) : length - 1;
    const char *end = text + whole, *name = text + 1, *stop;
    gboolean closing = *name == '/';
    Cut last = {NULL};
    stop = name += closing;
    while (stop < end && !is_space(*stop) && *stop != '/')
        stop++;
    if (!html->tag.open)
        begin(html, name, (gsize)(stop - name), closing);
    read_attributes(html, stop, end, &last);
    if (!cut) {
        finish(html);
        return;
    }
    g_autofree char *partial = g_memdup2(end, length - whole);
    keep_rest(html, text + 1, (gsize)(stop - text - 1), &last);
    g_string_append_len(html->held, partial, (gssize)(length - whole));
}
