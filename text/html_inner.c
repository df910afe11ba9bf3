/* html_inner - markup inside comments and attributes: scanned by a scanner of its own. */
#include "config.h"
#include "html_scan.h"
#include <string.h>

#define INNER_DEPTH 3 /* scanners in scanners */

static gboolean
relay(PlaceKind kind, const char *name, const char *text, gsize length, gpointer user)
{
    Html *inner = user, *outer = inner->relay.outer;
    if (kind == PLACE_ATTRIBUTE)
        html_out_piece(&outer->out, kind, name, text, length);
    else
        html_out_piece(&outer->out, inner->relay.kind, inner->relay.name, text, length);
    return !outer->out.stopped;
}

static void
clear(Html *html)
{
    for (guint i = 0; i < OUT_STREAMS; i++)
        html->out.streams[i] = (HtmlStream){.bytes = html->out.streams[i].bytes};
    html->out.stopped = html->out.shared = FALSE;
    html->stack.depth = html->stack.over = 0;
    memset(html->stack.counts, 0, sizeof html->stack.counts);
    g_clear_pointer(&html->out.table, html_table_free);
    html->out.differs = html->out.open = 0;
    g_clear_pointer(&html->sheet, html_sheet_free);
    g_clear_pointer(&html->nodes, g_free);
    g_clear_pointer(&html->before, g_free);
    html->variables.count = 0;
    html->background = html->rules = html->fonts = html->is_late = html->over = FALSE;
    html->state = SCAN_TEXT;
    html->in_raw = html->raw_flushed = html->comment_fed = html->blind = html->literal = FALSE;
    g_string_truncate(html->held, 0);
    g_string_truncate(html->raw, 0);
    if (html->css != NULL)
        g_string_free(g_steal_pointer(&html->css), TRUE);
}

Html *
html_inner(Html *html, PlaceKind kind, const char *name)
{
    if (html->depth == INNER_DEPTH)
        return NULL;
    if (html->inner == NULL) {
        html->inner = html_new(relay, NULL);
        html->inner->out.user = html->inner;
        html->inner->depth = html->depth + 1;
        g_clear_pointer(&html->inner->kept, g_ptr_array_unref);
    }
    clear(html->inner);
    html->inner->relay.outer = html;
    html->inner->relay.kind = kind;
    html->inner->relay.name = name;
    return html->inner;
}

void
html_emit_markup(Html *html, PlaceKind kind, const char *name, const char *text, gsize length)
{
    Html *inner = html_inner(html, kind, name);
    if (inner == NULL) {
        html_out_piece(&html->out, kind, name, text, length);
        return;
    }
    html_push(inner, text, length);
    html_finish(inner);
}

void
html_feed_comment(Html *html, const char *text, gsize length, gboolean last)
{
    Html *inner = html->comment_fed ? html->inner : html_inner(html, PLACE_COMMENT, NULL);
    html->comment_fed = !last;
    if (inner == NULL) {
        html_out_piece(&html->out, PLACE_COMMENT, NULL, text, length);
        return;
    }
    html_push(inner, text, length);
    if (last)
        html_finish(inner);
}

void
html_emit_bogus(Html *html, const char *text, gsize length)
{
    static const char *const usual[] = {"!doctype", "?xml", "![if", "![endif", "!endif", "?import"};
    gboolean foreign = FALSE;
    for (gsize i = 0; i < length && !foreign; i++)
        foreign = (guchar)text[i] >= 0x80;
    for (guint i = 0; i < G_N_ELEMENTS(usual) && !foreign; i++)
        if (length >= strlen(usual[i]) && g_ascii_strncasecmp(text, usual[i], strlen(usual[i])) == 0)
            return;
    if (length > 1)
        html_emit_markup(html, PLACE_COMMENT, NULL, text + 1, length - 1);
}
