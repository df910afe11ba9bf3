/* judge-visual - the text as a reader sees it when right-to-left overrides (U+202E) turn pieces round; private to
 * judge. */
#pragma once
#include "segment.h"
#include <glib.h>

/* Where the first overridden piece begins and the last one ends in the segment's text. */
typedef struct {
    gsize from, to;
} VisualSpan;

/* Fills text_out with the text in visual order, lines kept, controls gone. FALSE (text_out untouched) without
 * override. */
gboolean visual_order(const Segment *segment, GString *text_out, VisualSpan *span_out);
