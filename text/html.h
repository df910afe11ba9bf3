/* html - HTML to text by a linear scanner: never a tree, never quadratic, nothing lost.
 *
 * Input is UTF-8 (decode first), in pieces of any size; how it is cut changes nothing. Visible text comes as one
 * stream: inline tags vanish (spans between characters join), block tags give a newline, table cells a tab, rows and
 * <br> a newline; columns of lone characters beside others come once more behind their table, a cell a line; white
 * space collapses outside <pre>; lines of what somebody else wrote (<blockquote>, and what mail programs call so by its
 * class or id) begin with "> ", as in plain text; check boxes and radio buttons are ☑ ☐ ◉ ○, as are the letters that
 * Wingdings shows so; <noscript> is visible, as mail programs run no scripts. Kept apart: text that CSS or attributes
 * hide (html_style.h tells which; `hidden`, <template>, ruby readings), comments (also conditional ones; their markup
 * is taken off), attributes alt, title, value, placeholder, content, aria-label, label, summary, srcdoc, data-* and any
 * other that holds more than ASCII, or markup that an unclosed quote swallowed; <title>; script and style text as
 * PLACE_HIDDEN. Where mail programs may differ in what they hide, the page as the others show it comes as
 * PLACE_HIDDEN too, with 512 bytes to each side. All HTML5 named entities, numeric ones, without semicolon too. Text
 * after </html> counts. Malformed markup is text or skipped, never the end. */
#pragma once
#include "segment.h"
#include <glib.h>

/* One piece of text of a kind (BODY, HIDDEN, COMMENT, ATTRIBUTE, TITLE); name for ATTRIBUTE (static: "alt", "data-*",
 * "other" ...), else NULL. Pieces of BODY follow each other in order and are to be concatenated; of other kinds each is
 * one text. Hidden text of a page is gathered; where it stands in a line with visible text, the line (512 bytes to each
 * side) is given with it, so that a mark of shown and hidden characters is seen whole. At most 64 KB a piece, valid
 * UTF-8 if the input is. FALSE stops. */
typedef gboolean (*HtmlSink)(PlaceKind kind, const char *name, const char *text, gsize length, gpointer user);

typedef struct Html Html;
Html *html_new(HtmlSink sink, gpointer user);
/* It is XML: names of elements may begin with any letter. To be called before the first push. */
void html_xml(Html *html, gboolean xml);
void html_free(Html *html);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Html, html_free)
gboolean html_push(Html *html, const char *text, gsize length);
/* The last text and the end. As no copy is made of it, better than html_push() and html_finish(). */
gboolean html_finish_with(Html *html, const char *last, gsize length);
gboolean html_finish(Html *html); /* BODY and HIDDEN may come only now; nothing may be pushed after it */
/* After the end: FALSE if style sheets went over a bound (html_sheet.h), or a rule came more than 4 MB after the start
 * of a page that it is about, so that text may count as visible which rules hide. */
gboolean html_complete(const Html *html);
/* The charset a <meta> or XML declaration in the first 4 KB of undecoded bytes names; gives or NULL. */
char *html_declared_charset(const guint8 *bytes, gsize length);
/* Decodes entities of one string (attribute or plain). Gives. */
char *html_unescape(const char *text, gsize length, gsize *length_out);
