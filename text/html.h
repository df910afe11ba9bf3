/* html - HTML to text by a linear scanner: never a tree, never quadratic, nothing lost.
 *
 * Input is UTF-8 (decode first), in pieces of any size. Visible text comes as one stream: inline tags vanish (spans
 * between characters join), block tags give a newline, table cells a tab, <br> a newline. Kept apart: text that CSS or
 * attributes hide (display:none, visibility:hidden, font-size:0, opacity:0, same colour as background where both are
 * inline, `hidden`, <template>, <noscript>), comments (also conditional ones, whose content is scanned as HTML text
 * too), attributes alt, title, value, placeholder, content, aria-label, label, summary, data-*; <title>; script and
 * style text as PLACE_HIDDEN. All HTML5 named entities, numeric ones, without semicolon too. Text after </html> counts.
 * Malformed markup is text or skipped, never the end. */
#pragma once
#include "segment.h"
#include <glib.h>

/* One piece of text of a kind (BODY, HIDDEN, COMMENT, ATTRIBUTE, TITLE); name for ATTRIBUTE, else NULL. Pieces of BODY
 * follow each other in order and are to be concatenated; of other kinds each is one text. At most 64 KB a piece. FALSE
 * stops. */
typedef gboolean (*HtmlSink)(PlaceKind kind, const char *name, const char *text, gsize length, gpointer user);

typedef struct Html Html;
Html *html_new(HtmlSink sink, gpointer user);
void html_free(Html *html);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Html, html_free)
gboolean html_push(Html *html, const char *text, gsize length);
gboolean html_finish(Html *html);
/* The charset a <meta> or XML declaration in the first 4 KB of undecoded bytes names; gives or NULL. */
char *html_declared_charset(const guint8 *bytes, gsize length);
/* Decodes entities of one string (attribute or plain). Gives. */
char *html_unescape(const char *text, gsize length, gsize *length_out);
