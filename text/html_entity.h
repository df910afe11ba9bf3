/* html_entity - one HTML character reference to UTF-8. Part of html; others use html_unescape(). */
#pragma once
#include <glib.h>

#define HTML_ENTITY_MAX 128 /* a longer one is text */
#define HTML_ENTITY_OUT 8

/* Reads the reference at text[0] == '&'. Returns the bytes it takes; 0: none, the '&' is text; -1: cut, give more
 * (never when `final`). The result may be empty (U+0000). Names without semicolon as HTML5 says: longest known. */
gssize html_entity_read(const char *text, gsize length, gboolean final, char out[HTML_ENTITY_OUT], gsize *out_length);
