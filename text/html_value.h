/* html_value - values of CSS: lengths, and the ways of putting a box out of sight. Part of html. */
#pragma once
#include <glib.h>

typedef struct {
    const char *text; /* lent; no blank at either end */
    gsize length;
} HtmlValue;

gboolean html_value_starts(HtmlValue value, const char *word);
gboolean html_value_contains(HtmlValue value, const char *word);
/* A length in pixels, about; NAN for what is none (auto, a percentage other than 0). */
double html_value_pixels(HtmlValue value);
/* As a part of one: "0.5", "50%". */
double html_value_fraction(HtmlValue value);
/* The size in "font". */
double html_value_font_size(HtmlValue value);
/* So far left of or above its place, or on any side, that nobody sees it. */
gboolean html_value_is_far(HtmlValue value, gboolean negative_only);
gboolean html_value_is_cut(HtmlValue value);     /* clip: nothing of the box is left */
gboolean html_value_is_clipped(HtmlValue value); /* clip-path: as well */
gboolean html_value_is_gone(HtmlValue value);    /* transform: scaled to nothing or moved far away */
gboolean html_value_is_dim(HtmlValue value);     /* filter: opacity about 0 */
