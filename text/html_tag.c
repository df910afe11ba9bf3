/* html_tag - what one tag means for the text behind it. */
#include "config.h"
#include "html_bytes.h"
#include "html_scan.h"
#include <string.h>

#define NAME_KEPT 256  /* of an attribute that is cut: name ... */
#define VALUE_KEPT 256 /* ... and end of the value, so that nothing is cut in two */

static void
begin(Html *html, guint32 hash, gboolean end)
{
    HtmlTag *tag = &html->tag;
    tag->hash = hash;
    tag->element = html_element_find(tag->hash);
    tag->open = TRUE;
    tag->end = end;
    tag->styled = tag->hidden = tag->checked = tag->right_to_left = tag->cited = FALSE;
    tag->input = INPUT_OTHER;
    tag->columns = tag->rows = 1;
    tag->symbols = SYMBOLS_UNSET;
    tag->ink = tag->paper = COLOUR_UNSET;
    tag->matches.count = 0;
    tag->media = HTML_FIRST | HTML_OTHERS;
    if (html->rules || html_in_prologue(html))
        memset(&tag->node, 0, G_STRUCT_OFFSET(HtmlNode, classes));
    tag->node.tag = hash;
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
    if (tag->input == INPUT_CHECK)
        html_out_text(&html->out, which, tag->checked ? "☑" : "☐", 3);
    else if (tag->input == INPUT_RADIO)
        html_out_text(&html->out, which, tag->checked ? "◉" : "○", 3);
}

static void
enter(Html *html, guint flags)
{
    HtmlTag *tag = &html->tag;
    const HtmlOpen *outside = html_stack_top(&html->stack);
    HtmlFork fork;
    guint8 differed = html->out.differs;
    if (tag->styled && tag->style.symbols != SYMBOLS_UNSET)
        tag->symbols = tag->style.symbols;
    HtmlOpen open = {.hash = tag->hash,
                     .group = tag->element != NULL ? tag->element->group : 0,
                     .flags = (guint16)flags,
                     .title = outside->title || flags & ELEMENT_TITLE,
                     .cited = outside->cited || tag->cited || flags & ELEMENT_CITED,
                     .keep = outside->keep || flags & ELEMENT_KEEP || (tag->styled && tag->style.keeps_space),
                     .symbols = (guint8)(tag->symbols != SYMBOLS_UNSET ? tag->symbols : outside->symbols)};
    html_look(html, &open, &fork);
    html_stack_push(&html->stack, &html->out, &open);
    if ((open.forked || open.worded) && html->stack.over == 0) {
        if (html->stack.forks == NULL)
            html->stack.forks = g_new(HtmlFork, HTML_DEPTH);
        html->stack.forks[html->stack.depth - 1] = fork;
    }
    if (flags & (ELEMENT_TABLE | ELEMENT_TABLE_ROW | ELEMENT_CELL) && html->stack.over == 0)
        html_out_table(&html->out,
                       flags & ELEMENT_TABLE  ? TABLE_OPEN
                       : flags & ELEMENT_CELL ? TABLE_CELL
                                              : TABLE_ROW,
                       tag->columns, tag->rows);
    if (open.differs & ~differed)
        html_out_mark(&html->out);
    emit_gap(html, flags);
    if (flags & ELEMENT_QUOTE)
        html_out_text(&html->out, html_stack_which(&html->stack), "“", 3);
    if (flags & ELEMENT_REVERSED)
        html_out_text(&html->out, html_stack_which(&html->stack), "\xE2\x80\xAE", 3); /* U+202E */
    if (open.worded && fork.before_readings != 0 && html->stack.over == 0)
        html_out_aside(&html->out, fork.before_readings, fork.before, fork.before_length);
}

static void
start_void(Html *html, guint flags)
{
    if ((flags & (ELEMENT_BREAK | ELEMENT_INPUT)) == 0 ||
        (!html->tag.styled && !html->tag.hidden && html->tag.matches.count == 0)) {
        emit_gap(html, flags);
        if (flags & ELEMENT_INPUT)
            emit_input(html);
        return;
    }
    enter(html, flags); /* a line break or a box may be hidden */
    if (flags & ELEMENT_INPUT)
        emit_input(html);
    html_stack_close(&html->stack, &html->out, html->tag.hash);
}

static void
start(Html *html)
{
    HtmlTag *tag = &html->tag;
    guint flags = tag->element != NULL ? tag->element->flags : 0;
    if (flags & ELEMENT_RAW && !html->blind) {
        html->state = SCAN_RAW;
        html->in_raw = TRUE;
        html->raw_is_style = tag->hash == html_hash("style", 5);
        html->raw_media = tag->media;
        html->raw_flushed = FALSE;
        return;
    }
    html_stack_imply(&html->stack, &html->out, tag->element);
    if (html->rules || html_in_prologue(html))
        html_family_enter(html);
    if (flags & ELEMENT_VOID) {
        start_void(html, flags);
        return;
    }
    if ((tag->right_to_left && tag->hash == html_hash("bdo", 3)) || (tag->styled && tag->style.reversed))
        flags |= ELEMENT_REVERSED;
    enter(html, flags);
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
keep_rest(Html *html, const char *name, gsize name_length, const HtmlAttribute *cut)
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

/* The end of the name that begins at `text`. */
static const char *
name_end(const char *text, const char *end, guint32 *hash_out)
{
    guint32 hash = HTML_HASH_START;
    for (; text < end && !(name_ends[(guchar)*text] & NAME_ENDS); text++)
        hash = html_hash_byte(hash, *text);
    *hash_out = html_hash_end(hash);
    return text;
}

const char *
html_tag_try(Html *html, const char *text, const char *end)
{
    HtmlAttribute list[HTML_ATTRIBUTES];
    gboolean closing = text[1] == '/';
    guint32 hash;
    guint count;
    const char *limit = end - text > HTML_PIECE ? text + HTML_PIECE : end;
    const char *stop = name_end(text + 1 + closing, limit, &hash);
    stop = html_attributes_collect(stop, limit, list, &count);
    if (stop == limit || *stop != '>')
        return NULL;
    begin(html, hash, closing);
    html_attributes_read(html, list, count);
    finish(html);
    return stop + 1;
}

void
html_tag_read(Html *html, const char *text, gsize length, gboolean cut)
{
    HtmlAttribute list[HTML_ATTRIBUTES], last = {NULL};
    gsize whole = cut ? html_whole(text, length) : length - 1;
    const char *end = text + whole, *stop, *at;
    gboolean closing = text[1] == '/';
    guint32 hash;
    at = stop = name_end(text + 1 + closing, end, &hash);
    if (!html->tag.open)
        begin(html, hash, closing);
    while (at < end) {
        guint count;
        at = html_attributes_collect(at, end, list, &count);
        html_attributes_read(html, list, count);
        last = count > 0 ? list[count - 1] : last;
        at += at < end && *at == '>';
    }
    if (!cut) {
        finish(html);
        return;
    }
    g_autofree char *partial = g_memdup2(end, length - whole);
    keep_rest(html, text + 1, (gsize)(stop - text - 1), &last);
    g_string_append_len(html->held, partial, (gssize)(length - whole));
}
