/* html_attribute - the attributes of a tag: which are text, and what they say about the element. */
#include "config.h"
#include "html_bytes.h"
#include "html_entity.h"
#include "html_scan.h"

typedef enum {
    A_TEXT,
    A_MARKUP,
    A_OTHER,
    A_QUIET,
    A_FACE,
    A_STYLE,
    A_CLASS,
    A_ID,
    A_HIDDEN,
    A_CHECKED,
    A_TYPE,
    A_INK,
    A_PAPER,
    A_PICTURE,
    A_DIR,
    A_MEDIA,
    A_COLUMNS,
    A_ROWS
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
    {"media", A_MEDIA},
    {"colspan", A_COLUMNS},
    {"rowspan", A_ROWS},
    {"face", A_FACE},
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

#define SLOTS 128 /* a power of two, well above the number of attributes */
static struct {
    guint32 hash;
    guint8 row; /* from 1 */
} slots[SLOTS];

static void
fill_slots(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(attributes); i++) {
        guint32 hash = html_hash(attributes[i].name, strlen(attributes[i].name)), slot = hash % SLOTS;
        while (slots[slot].row != 0)
            slot = (slot + 1) % SLOTS;
        slots[slot].hash = hash;
        slots[slot].row = (guint8)(i + 1);
    }
}

static AttributeKind
attribute_kind(const char *name, gsize length, guint32 hash, const char **name_out)
{
    static gsize ready;
    if (g_once_init_enter(&ready)) {
        fill_slots();
        g_once_init_leave(&ready, 1);
    }
    for (guint32 slot = hash % SLOTS; slots[slot].row != 0; slot = (slot + 1) % SLOTS) {
        if (slots[slot].hash == hash) {
            *name_out = attributes[slots[slot].row - 1].name;
            return attributes[slots[slot].row - 1].kind;
        }
    }
    if (length > 5 && name[4] == '-' && g_ascii_strncasecmp(name, "data", 4) == 0) {
        *name_out = "data-*";
        return A_TEXT;
    }
    *name_out = "other";
    return A_OTHER;
}

static gboolean
word_is(const char *text, gsize length, const char *word)
{
    return strlen(word) == length && g_ascii_strncasecmp(text, word, length) == 0;
}

/* A reference other than the "&amp;" that addresses are full of. */
static gboolean
has_reference(const char *value, gsize length)
{
    const char *end = value + length;
    while ((value = bytes_find(value, end, '&')) != NULL) {
        char out[HTML_ENTITY_OUT];
        gsize out_length;
        if (end - value < 5 || memcmp(value, "&amp;", 5) != 0)
            if (html_entity_read(value, (gsize)(end - value), TRUE, out, &out_length) > 0)
                return TRUE;
        value++;
    }
    return FALSE;
}

static void
emit_value(Html *html, AttributeKind kind, const char *name, const char *value, gsize length, guint look)
{
    g_autofree char *plain = NULL;
    if (kind == A_MARKUP || look & BYTES_MARKUP) {
        if (kind == A_MARKUP) {
            plain = html_unescape(value, length, &length);
            value = plain;
        }
        html_emit_markup(html, PLACE_ATTRIBUTE, name, value, length);
        return;
    }
    if (look & BYTES_REFERENCE && (kind != A_OTHER || has_reference(value, length))) {
        plain = html_unescape(value, length, &length);
        value = plain;
        look = bytes_look(value, length);
    }
    if (kind == A_TEXT || (kind == A_OTHER && look & (BYTES_FOREIGN | BYTES_MARKUP)))
        html_out_piece(&html->out, PLACE_ATTRIBUTE, name, value, length);
}

/* Letters say the same styles again and again; what was read once is kept for the next tag with the same words. */
static void
read_style(Html *html, const char *value, gsize length)
{
    HtmlKnownStyle *known = &html->styles[length % HTML_KNOWN_STYLES];
    g_autofree char *plain = NULL;
    const char *css = value;
    gsize css_length = length;
    if (html->tag.styled) /* the first of two counts */
        return;
    html->tag.styled = TRUE;
    if (length > 0 && known->length == length && memcmp(known->text, value, length) == 0) {
        html->tag.style = known->style;
        return;
    }
    if (bytes_find(value, value + length, '&') != NULL) {
        plain = html_unescape(value, length, &css_length);
        css = plain;
    }
    html_style_init(&html->tag.style);
    if (html_style_variables(&html->variables, css, css_length))
        length = sizeof known->text + 1; /* not to be kept */
    html_style_read(&html->tag.style, css, css_length, &html->variables);
    html->tag.style.content = NULL;
    html->background |= html->tag.style.background;
    if (length > sizeof known->text)
        return;
    memcpy(known->text, value, length);
    known->length = length;
    known->style = html->tag.style;
}

static void
add_class(const HtmlSheet *sheet, HtmlNode *node, const char *text, gsize length)
{
    if (sheet != NULL && !html_sheet_names(sheet, html_hash(text, length)))
        return;
    if (node->names == HTML_NODE_NAMES)
        node->crowded = TRUE;
    else
        html_node_name(&node->classes[node->names++], text, length);
}

/* Class, id and what selectors test. */
static void
note_for_rules(Html *html, AttributeKind kind, const HtmlAttribute *attribute)
{
    const char *value = attribute->value != NULL ? attribute->value : "", *end;
    gsize length = attribute->length;
    g_autofree char *plain = NULL;
    if (attribute->look & BYTES_REFERENCE) {
        plain = html_unescape(value, length, &length);
        value = plain;
    }
    if (html->rules && html->sheet->asked != 0)
        html_sheet_test(html->sheet, attribute->hash, value, length, &html->tag.node);
    if (kind == A_ID && length > 0)
        html_node_name(&html->tag.node.id, value, length);
    for (end = value + length; kind == A_CLASS && value < end;) {
        const char *from = value;
        while (value < end && !g_ascii_isspace(*value))
            value++;
        if (value > from)
            add_class(html_in_prologue(html) ? NULL : html->sheet, &html->tag.node, from, (gsize)(value - from));
        while (value < end && g_ascii_isspace(*value))
            value++;
    }
}

static guint
small_number(const char *value, gsize length)
{
    guint number = 0;
    for (gsize i = 0; i < length && g_ascii_isdigit(value[i]) && number < 1000; i++)
        number = number * 10 + (guint)(value[i] - '0');
    return number;
}

/* What an attribute says about the element. */
#define CLASS_LOOKED_AT 256 /* bytes of a class or id */

/* What mail programs call the element that holds the letter replied to or passed on. */
static gboolean
is_quotation(const char *value, gsize length)
{
    static const char *const names[] = {"gmail_quote", "yahoo_quoted", "protonmail_quote", "mailmaster-quote",
                                        "isReplyContent"};

    if (length < 11)
        return FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        if (g_strstr_len(value, (gssize)MIN(length, CLASS_LOOKED_AT), names[i]) != NULL)
            return TRUE;
    return FALSE;
}

static void
note_attribute(Html *html, AttributeKind kind, const char *value, gsize length)
{
    HtmlTag *tag = &html->tag;
    if (kind == A_STYLE)
        read_style(html, value, length);
    else if (kind == A_HIDDEN)
        tag->hidden = TRUE;
    else if (kind == A_CHECKED)
        tag->checked = TRUE;
    else if (kind == A_TYPE)
        tag->input = word_is(value, length, "checkbox") ? INPUT_CHECK
                     : word_is(value, length, "radio")  ? INPUT_RADIO
                                                        : INPUT_OTHER;
    else if (kind == A_INK)
        tag->ink = html_colour(value, length);
    else if (kind == A_PAPER)
        tag->paper = html_colour(value, length);
    else if (kind == A_PICTURE)
        tag->paper = COLOUR_UNKNOWN;
    else if (kind == A_FACE)
        tag->symbols = html_symbol_font(value, length);
    else if (kind == A_MEDIA)
        tag->media = html_media(value, length);
    else if (kind == A_COLUMNS)
        tag->columns = small_number(value, length);
    else if (kind == A_ROWS)
        tag->rows = small_number(value, length);
    else if (kind == A_DIR)
        tag->right_to_left = word_is(value, length, "rtl");
    else if (kind == A_CLASS || kind == A_ID)
        tag->cited |= is_quotation(value, length);
    html->background |= kind == A_PAPER || kind == A_PICTURE;
}

static void
read_attribute(Html *html, const HtmlAttribute *attribute)
{
    const char *word, *value = attribute->value != NULL ? attribute->value : "";
    AttributeKind kind = attribute_kind(attribute->name, attribute->name_length, attribute->hash, &word);
    if (!html->tag.end && (kind == A_CLASS || kind == A_ID || (html->rules && html->sheet->asked != 0)) &&
        (html->rules || html_in_prologue(html)))
        note_for_rules(html, kind, attribute);
    if (kind > A_QUIET) {
        note_attribute(html, kind, value, attribute->length);
        kind = A_QUIET;
    }
    if (attribute->look & (kind == A_QUIET ? BYTES_MARKUP : ~0) || kind < A_OTHER)
        emit_value(html, kind, word, value, attribute->length, attribute->look);
    if (attribute->name_look & (BYTES_FOREIGN | BYTES_MARKUP)) /* text that strayed into a tag */
        html_emit_markup(html, PLACE_ATTRIBUTE, "other", attribute->name, attribute->name_length);
}

static const char *
collect_value(const char *text, const char *end, HtmlAttribute *attribute)
{
    const char *stop;
    while (text < end && byte_is_space(*text))
        text++;
    if (text < end && (*text == '"' || *text == '\'')) {
        attribute->value = text + 1;
        stop = bytes_find_looking(text + 1, end, *text, &attribute->look);
        text = stop != NULL ? stop + 1 : end;
        stop = stop != NULL ? stop : end;
    } else {
        attribute->value = text;
        while (text < end && !byte_is_space(*text) && *text != '>')
            text++;
        stop = text;
        attribute->look = bytes_look(attribute->value, (gsize)(stop - attribute->value));
    }
    attribute->length = (gsize)(stop - attribute->value);
    return text;
}

const char *
html_attributes_collect(const char *text, const char *end, HtmlAttribute *list, guint *count_out)
{
    guint count = 0;
    while (count < HTML_ATTRIBUTES) {
        HtmlAttribute *attribute = &list[count];
        guint32 hash = HTML_HASH_START;
        guint bits = 0;
        while (text < end && (byte_is_space(*text) || *text == '/'))
            text++;
        if (text == end || *text == '>')
            break;
        count++;
        attribute->name = text;
        do {
            hash = html_hash_byte(hash, *text);
            bits |= (guchar)*text | (*text == '<') << 8;
            text++;
        } while (text < end && !(name_ends[(guchar)*text] & NAME_ENDS_EQUALS));
        attribute->name_look = (bits & 0x80 ? BYTES_FOREIGN : 0) | (bits & 0x100 ? BYTES_MARKUP : 0);
        attribute->name_length = (gsize)(text - attribute->name);
        attribute->hash = html_hash_end(hash);
        attribute->value = NULL;
        attribute->length = 0;
        attribute->look = 0;
        while (text < end && byte_is_space(*text))
            text++;
        if (text < end && *text == '=')
            text = collect_value(text + 1, end, attribute);
    }
    *count_out = count;
    return text;
}

void
html_attributes_read(Html *html, const HtmlAttribute *list, guint count)
{
    for (guint i = 0; i < count; i++)
        read_attribute(html, &list[i]);
}
