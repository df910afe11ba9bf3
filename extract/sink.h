/* sink - where a reader tells what it found; keeps the budgets of the job and sends frames.
 *
 * All functions return FALSE when the reader must stop: a budget is spent or the other end is gone. Budgets over, the
 * part is covered `partial`, over-budget, by the sink itself. */
#pragma once
#include "wire_extract.h"
#include "source.h"

typedef struct Sink Sink;
Sink *sink_new(int socket, const WireJob *job);
void sink_free(Sink *sink);

/* Text is made valid UTF-8 without NUL here and cut into frames. */
gboolean sink_text(Sink *sink, const WireText *text);
/* An object inside `parent`, with its clear bytes: announced, recognised by content, then read by its reader; if the
 * corridor reads its kind itself (text, HTML, letters), or nobody does, its bytes go back to the inspector.
 * name: raw bytes; decoded here (UTF-8, else every plausible charset's best). */
gboolean sink_object(Sink *sink, guint parent, const char *name, gsize name_length, Source *source);
/* One whose bytes cannot be had: encrypted, damaged, too large. */
gboolean sink_missing(Sink *sink, guint parent, const char *name, gsize name_length, gint64 size, CoverageWhy why);
void sink_cover(Sink *sink, guint part, Coverage coverage, CoverageWhy why);
/* Clear bytes that members may still unpack to; readers ask before they inflate. */
gint64 sink_bytes_left(const Sink *sink);
gboolean sink_end(Sink *sink); /* flushes; END */
