/* html - the scanner: text, tokens and what is left open at the end. What tags mean is in html_tag.c, where text goes
 * in html_out.c. */
#include "config.h"
#include "html.h"
#include "html_entity.h"
#include "html_scan.h"
#include <string.h>

#define CSS_MAX (512 * 1024)       /* bytes of one style sheet */
#define KEPT_MAX (4 * 1024 * 1024) /* bytes of a page of which rules may come after what they are about */

static HtmlWhich
where(const Html *html)
{
    return html_stack_which(&html->stack);
}

/* --- script and style ---------------------------------------------------- */

static void
flush_raw(Html *html, gsize length)
{
    if (html->css != NULL && html->css->len < CSS_MAX)
        g_string_append_len(html->css, html->raw->str, (gssize)length);
    html_out_piece(&html->out, PLACE_HIDDEN, NULL, html->raw->str, length);
    g_string_erase(html->raw, 0, (gssize)length);
}

static void
add_raw(Html *html, const char *text, gsize length)
{
    while (length > 0) {
        gsize part = MIN(length, HTML_PIECE - html->raw->len);
        g_string_append_len(html->raw, text, (gssize)part);
        text += part;
        length -= part;
        if (html->raw->len == HTML_PIECE) {
            if (html->raw_is_style && html->css == NULL)
                html->css = g_string_new(NULL);
            flush_raw(html, html_whole(html->raw->str, HTML_PIECE));
            html->raw_flushed = TRUE;
        }
    }
}

static void
finish_raw(Html *html)
{
    if (html->css == NULL && html->raw_is_style && html->raw->len > 0)
        html_family_style(html, html->raw->str, html->raw->len);
    if (html->raw->len > 0)
        flush_raw(html, html->raw->len);
    if (html->css != NULL) {
        html_family_style(html, html->css->str, html->css->len);
        g_string_free(g_steal_pointer(&html->css), TRUE);
    }
}

/* --- tokens -------------------------------------------------------------- */

static void
token(Html *html, const char *text, gsize length)
{
    ScanState state = html->state;
    html->state = SCAN_TEXT;
    html->in_raw = FALSE;
    if (state == SCAN_TAG) {
        html_tag_read(html, text, length, FALSE);
    } else if (state == SCAN_BOGUS) {
        html_emit_bogus(html, text + 1, length - 2);
    } else {
        gsize from = html->comment_fed ? 0 : 4, close = text[length - 2] == '!' ? 4 : 3;
        html_feed_comment(html, text + from, length > from + close ? length - from - close : 0, TRUE);
    }
}

/* Text in which '<' and '&' are nothing else. */
static void
emit_literal(Html *html, const char *text, gsize length)
{
    const char *end = text + length;
    while ((text = html_out_flow(&html->out, where(html), text, end, FALSE)) < end)
        html_out_text(&html->out, where(html), text++, 1);
}

/* HTML_PIECE bytes of a token and no end: takes what can be taken and goes on. */
static void
token_too_long(Html *html)
{
    gsize cut;
    if (html->state == SCAN_COMMENT) {
        gsize from = html->comment_fed ? 0 : 4;
        cut = html_whole(html->held->str, HTML_PIECE - 3);
        html_feed_comment(html, html->held->str + from, cut - from, FALSE);
        g_string_erase(html->held, 0, (gssize)cut);
    } else if (html->state == SCAN_BOGUS) {
        cut = html_whole(html->held->str, HTML_PIECE);
        html_emit_bogus(html, html->held->str + 1, cut - 1);
        g_string_erase(html->held, 0, (gssize)cut);
        g_string_prepend(html->held, "<!");
    } else if (html->tag_state == TAG_NAME || html->blind) {
        emit_literal(html, html->held->str, html->held->len);
        g_string_truncate(html->held, 0);
        html->state = SCAN_TEXT;
    } else {
        html_tag_read(html, html->held->str, html->held->len, TRUE);
    }
}

/* Goes on with a token that begins at `start` (or before, in html->held), whose end is sought from `from`. */
static const char *
scan_token(Html *html, const char *start, const char *from, const char *end)
{
    gsize room = HTML_PIECE - html->held->len;
    const char *limit = (gsize)(end - start) > room ? start + room : end, *stop;
    stop = from <= limit ? html_token_end(html, start, from, limit) : NULL;
    if (stop != NULL && html->held->len == 0) {
        token(html, start, (gsize)(stop - start));
        return stop;
    }
    g_string_append_len(html->held, start, (stop != NULL ? stop : limit) - start);
    if (stop != NULL) {
        gsize length = html->held->len;
        g_autofree char *whole = g_memdup2(html->held->str, length);
        g_string_truncate(html->held, 0);
        token(html, whole, length);
        return stop;
    }
    if (html->held->len == HTML_PIECE)
        token_too_long(html);
    return limit;
}

/* A '<' is understood; its first `used` bytes are at `start`, or in html->held if start is NULL. */
static const char *
begin_token(Html *html, OpenKind kind, const char *start, gsize used, const char *rest, const char *end)
{
    static const ScanState states[] = {[OPEN_TAG] = SCAN_TAG, [OPEN_COMMENT] = SCAN_COMMENT, [OPEN_BOGUS] = SCAN_BOGUS};
    /* What CDATA holds is text, as XML has it; so is what an unclosed comment holds. */
    if (kind == OPEN_TEXT || kind == OPEN_CDATA || (kind == OPEN_COMMENT && html->blind)) {
        html->state = html->in_raw ? SCAN_RAW : SCAN_TEXT;
        if (kind == OPEN_TEXT && html->in_raw)
            add_raw(html, start != NULL ? start : html->held->str, used);
        else if (kind == OPEN_TEXT)
            html_out_text(&html->out, where(html), "<", 1);
        g_string_truncate(html->held, 0);
        return rest;
    }
    if (html->in_raw)
        finish_raw(html);
    html->state = states[kind];
    html->tag_state = TAG_NAME;
    html->tag.open = FALSE;
    html->comment_fed = FALSE;
    return scan_token(html, start != NULL ? start : rest, rest, end);
}

static const char *
scan_open(Html *html, const char *text, const char *end)
{
    while (text < end) {
        gsize used;
        OpenKind kind;
        g_string_append_c(html->held, *text++);
        kind = html_open_kind(html, html->held->str, html->held->len, &used);
        if (kind == OPEN_MORE)
            continue;
        text -= html->held->len - used; /* never more than the byte just seen */
        g_string_truncate(html->held, used);
        return begin_token(html, kind, NULL, used, text, end);
    }
    return text;
}

static const char *
scan_less(Html *html, const char *text, const char *end)
{
    gsize used;
    OpenKind kind;
    if (html->literal) {
        html_out_text(&html->out, where(html), "<", 1);
        return text + 1;
    }
    if (!html->in_raw && !html->blind && end - text > 3 && g_ascii_isalpha(text[1] == '/' ? text[2] : text[1])) {
        const char *stop = html_tag_try(html, text, end);
        if (stop != NULL)
            return stop;
    }
    kind = html_open_kind(html, text, (gsize)(end - text), &used);
    if (kind != OPEN_MORE)
        return begin_token(html, kind, text, used, text + used, end);
    g_string_append_len(html->held, text, end - text);
    html->state = SCAN_OPEN;
    return end;
}

static const char *
scan_raw(Html *html, const char *text, const char *end)
{
    const char *less = memchr(text, '<', (gsize)(end - text));
    add_raw(html, text, (gsize)((less != NULL ? less : end) - text));
    return less != NULL ? scan_less(html, less, end) : end;
}

/* --- entities ------------------------------------------------------------ */

/* One character under a symbol font. */
static void
emit_symbol(Html *html, const char *text, gsize length)
{
    const HtmlOpen *top = html_stack_top(&html->stack);
    const char *shown = html_symbol((HtmlSymbols)top->symbols, text, length);
    if (shown != NULL)
        html_out_text(&html->out, where(html), shown, strlen(shown));
    else
        html_out_flow(&html->out, where(html), text, text + length, top->keep);
}

static void
emit_entity(Html *html, const char *text, gsize length)
{
    const HtmlOpen *top = html_stack_top(&html->stack);
    if (length == 1 && (*text == '<' || *text == '&'))
        html_out_text(&html->out, where(html), text, 1);
    else if (top->symbols > SYMBOLS_NONE)
        emit_symbol(html, text, length);
    else
        html_out_flow(&html->out, where(html), text, text + length, top->keep);
}

/* Puts the reference at the start of text out; returns the bytes taken, -1 for more. */
static gssize
take_entity(Html *html, const char *text, gsize length, gboolean final)
{
    char out[HTML_ENTITY_OUT];
    gsize out_length = 0;
    gssize used = html_entity_read(text, length, final, out, &out_length);
    if (used == 0) {
        html_out_text(&html->out, where(html), "&", 1);
        return 1;
    }
    if (used > 0)
        emit_entity(html, out, out_length);
    return used;
}

static gboolean scan(Html *html, const char *text, gsize length);

/* Takes html->held as a reference; what is left over is read as text. FALSE: more is needed. */
static gboolean
settle_entity(Html *html, gboolean final)
{
    gssize used = take_entity(html, html->held->str, html->held->len, final);
    g_autofree char *rest = NULL;
    gsize length;
    if (used < 0)
        return FALSE;
    length = html->held->len - (gsize)used;
    rest = g_memdup2(html->held->str + used, length);
    g_string_truncate(html->held, 0);
    html->state = SCAN_TEXT;
    scan(html, rest, length);
    return TRUE;
}

static const char *
scan_entity(Html *html, const char *text, const char *end)
{
    while (text < end && html->state == SCAN_ENTITY) {
        g_string_append_c(html->held, *text++);
        settle_entity(html, FALSE);
    }
    return text;
}

static gsize
character_length(char lead)
{
    return (guchar)lead >= 0xF0 ? 4 : (guchar)lead >= 0xE0 ? 3 : (guchar)lead >= 0xC0 ? 2 : 1;
}

/* Text under a symbol font, character by character, up to '<' or '&'. */
static const char *
flow_symbols(Html *html, const char *text, const char *end)
{
    while (text < end && *text != '<' && *text != '&') {
        gsize length = character_length(*text);
        if ((gsize)(end - text) < length) {
            g_string_append_len(html->held, text, end - text);
            html->state = SCAN_SYMBOL;
            return end;
        }
        emit_symbol(html, text, length);
        text += length;
    }
    return text;
}

static const char *
scan_symbol(Html *html, const char *text, const char *end)
{
    gsize length = character_length(html->held->str[0]);
    while (text < end && html->held->len < length)
        g_string_append_c(html->held, *text++);
    if (html->held->len < length)
        return end;
    emit_symbol(html, html->held->str, length);
    g_string_truncate(html->held, 0);
    html->state = SCAN_TEXT;
    return text;
}

static const char *
scan_text(Html *html, const char *text, const char *end)
{
    const HtmlOpen *top = html_stack_top(&html->stack);
    gssize used;
    if (*text == '<')
        return scan_less(html, text, end);
    if (top->symbols > SYMBOLS_NONE)
        text = flow_symbols(html, text, end);
    else
        text = html_out_flow(&html->out, where(html), text, end, top->keep);
    if (text == end)
        return end;
    if (*text == '<')
        return scan_less(html, text, end);
    used = take_entity(html, text, (gsize)(end - text), FALSE);
    if (used > 0)
        return text + used;
    g_string_append_len(html->held, text, end - text);
    html->state = SCAN_ENTITY;
    return end;
}

/* --- the scanner --------------------------------------------------------- */

Html *
html_new(HtmlSink sink, gpointer user)
{
    Html *html = g_new0(Html, 1);
    html->out.sink = sink;
    html->out.user = user;
    html->held = g_string_new(NULL);
    html->raw = g_string_new(NULL);
    html->kept = g_ptr_array_new_with_free_func((GDestroyNotify)g_byte_array_unref);
    return html;
}

void
html_xml(Html *html, gboolean xml)
{
    html->xml = xml;
}

void
html_free(Html *html)
{
    if (html == NULL)
        return;
    html_free(html->inner);
    html_out_clear(&html->out);
    g_string_free(html->held, TRUE);
    g_string_free(html->raw, TRUE);
    if (html->css != NULL)
        g_string_free(html->css, TRUE);
    g_clear_pointer(&html->kept, g_ptr_array_unref);
    html_sheet_free(html->sheet);
    g_free(html->stack.forks);
    g_free(html->nodes);
    g_free(html->before);
    g_free(html);
}

static gboolean
scan(Html *html, const char *text, gsize length)
{
    const char *end = length > 0 ? text + length : text;
    while (text < end && !html->out.stopped) {
        switch (html->state) {
        case SCAN_TEXT:
            text = scan_text(html, text, end);
            break;
        case SCAN_RAW:
            text = scan_raw(html, text, end);
            break;
        case SCAN_OPEN:
            text = scan_open(html, text, end);
            break;
        case SCAN_ENTITY:
            text = scan_entity(html, text, end);
            break;
        case SCAN_SYMBOL:
            text = scan_symbol(html, text, end);
            break;
        default:
            text = scan_token(html, text, text, end);
        }
    }
    return !html->out.stopped;
}

static void
keep(Html *html, const char *text, gsize length)
{
    if (html->kept == NULL || length == 0)
        return;
    html->kept_length += length;
    if (html->kept_length > KEPT_MAX)
        g_clear_pointer(&html->kept, g_ptr_array_unref);
    else {
        GByteArray *chunk = html->kept->len > 0 ? g_ptr_array_index(html->kept, html->kept->len - 1) : NULL;
        if (chunk == NULL || chunk->len + length > HTML_PIECE) {
            chunk = g_byte_array_sized_new((guint)MAX(length, length < HTML_PIECE / 2 ? 4096 : 0));
            g_ptr_array_add(html->kept, chunk);
        }
        g_byte_array_append(chunk, (const guint8 *)text, (guint)length);
    }
}

gboolean
html_push(Html *html, const char *text, gsize length)
{
    keep(html, text, length);
    return scan(html, text, length);
}

/* Takes what no end was found for as text: an unclosed tag, comment, script or style is read again with tokens that
 * end at the first '>', and what is still open then, as plain text. Each pass is linear and there are two. */
static void
rescue(Html *html)
{
    GString *lost = html->in_raw ? html->raw : html->held;
    g_autofree char *text = NULL;
    gsize length;
    if (html->depth > 0 && g_ascii_strcasecmp(lost->str, "<![endif]") == 0) /* of a conditional comment */
        g_string_truncate(lost, 0);
    if (html->in_raw)
        g_string_append_len(lost, html->held->str, (gssize)html->held->len);
    length = lost->len;
    text = g_memdup2(lost->str, length);
    g_string_truncate(html->held, 0);
    g_string_truncate(html->raw, 0);
    html->literal = html->blind;
    html->blind = TRUE;
    html->state = SCAN_TEXT;
    html->in_raw = FALSE;
    html->tag.open = FALSE;
    scan(html, text, length);
}

static void
finish_tokens(Html *html)
{
    while (!html->out.stopped && (html->state != SCAN_TEXT || html->held->len > 0)) {
        if (html->state == SCAN_ENTITY)
            settle_entity(html, TRUE);
        else if (html->state == SCAN_COMMENT && html->comment_fed) {
            html_feed_comment(html, html->held->str, html->held->len, TRUE);
            g_string_truncate(html->held, 0);
            html->state = SCAN_TEXT;
        } else if (html->in_raw && html->raw_flushed) {
            html_out_piece(&html->out, PLACE_HIDDEN, NULL, html->raw->str, html->raw->len);
            g_string_truncate(html->raw, 0);
            html->in_raw = FALSE;
            html->raw_flushed = FALSE;
            if (html->state == SCAN_RAW)
                html->state = SCAN_TEXT;
        } else
            rescue(html);
    }
}

/* Rules came after what they are about: the page is read again with all of them known, and given is where that makes a
 * difference. */
static void
read_again(Html *html, const char *last, gsize last_length)
{
    g_autoptr(Html) again = html_new(html->out.sink, html->out.user);
    g_clear_pointer(&again->kept, g_ptr_array_unref);
    again->again = again->out.only_others = TRUE;
    again->background = html->background;
    again->rules = html->rules;
    again->fonts = html->fonts;
    again->variables = html->variables;
    again->sheet = g_steal_pointer(&html->sheet);
    again->sheet->variables = &again->variables;
    again->sheet->effort = 0;
    for (guint i = html->late; i < again->sheet->count; i++)
        again->sheet->rows[i].readings &= HTML_OTHERS;
    for (guint i = 0; i < html->kept->len; i++) {
        const GByteArray *chunk = g_ptr_array_index(html->kept, i);
        scan(again, (const char *)chunk->data, chunk->len);
    }
    scan(again, last, last_length);
    html_finish(again);
    html->out.stopped |= again->out.stopped;
    html->over |= again->over;
}

/* What other readings have. Two that have the same are one. */
static void
flush_others(Html *html)
{
    gboolean known[OUT_READINGS] = {FALSE};
    for (guint i = 0; i < OUT_READINGS; i++) {
        const HtmlStream *stream = &html->out.streams[OUT_OTHER + i];
        for (guint j = 0; j < i && stream->from == 0 && stream->length > 0; j++) {
            const HtmlStream *other = &html->out.streams[OUT_OTHER + j];
            known[i] |= other->from == 0 && other->length == stream->length &&
                        memcmp(other->bytes, stream->bytes, stream->length) == 0;
        }
    }
    for (guint i = 0; i < OUT_READINGS; i++)
        if (!known[i])
            html_out_flush(&html->out, OUT_OTHER + i);
}

gboolean
html_finish_with(Html *html, const char *last, gsize length)
{
    scan(html, last, length);
    finish_tokens(html);
    while (html->out.table != NULL && html->out.table->depth > 0) {
        html_out_table(&html->out, TABLE_CELL_END, 0, 0);
        html_out_table(&html->out, TABLE_CLOSE, 0, 0);
    }
    html_out_flush(&html->out, OUT_TITLE);
    html_out_flush(&html->out, OUT_BODY);
    html_out_flush(&html->out, OUT_HIDDEN);
    if (html->is_late && html->kept != NULL && !html->out.stopped)
        read_again(html, last, length);
    else
        flush_others(html);
    html->over |= html->is_late && html->kept == NULL;
    return !html->out.stopped;
}

gboolean
html_finish(Html *html)
{
    return html_finish_with(html, NULL, 0);
}

gboolean
html_complete(const Html *html)
{
    return !html->over;
}
