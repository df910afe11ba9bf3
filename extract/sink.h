/* sink - where a reader tells what it found; keeps the budgets of the job and sends frames.
 *
 * All functions return FALSE when the reader must stop: a budget is spent or the other end is gone. Budgets over, the
 * open parts are covered `partial`, over-budget, by the sink itself. */
#pragma once
#include "source.h"
#include "wire_extract.h"

typedef struct Sink Sink;
/* socket: lent. */
Sink *sink_new(int socket, const WireJob *job);
void sink_free(Sink *sink);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Sink, sink_free)

/* Text is made valid UTF-8 without NUL here, collected with its neighbours of the same part, place and look, and cut
 * into frames between characters. */
gboolean sink_text(Sink *sink, const WireText *text);
/* Sends what was collected: before a step that may be the end of the process. */
gboolean sink_flush(Sink *sink);
/* Text in an unknown charset: the best decoding. */
gboolean sink_raw_text(Sink *sink, guint part, PlaceKind place, const char *name, const void *bytes, gsize length);
/* An object inside `parent`, with its clear bytes: announced, recognised by content, then read by its reader; if the
 * corridor reads its kind itself (text, HTML, letters), or nobody does, its bytes go back to the inspector.
 * name: raw bytes; decoded here (UTF-8, else every plausible charset's best). */
gboolean sink_object(Sink *sink, guint parent, const char *name, gsize name_length, Source *source);
/* An object that has no bytes of its own (a storage of a compound file): `read` tells what is in it, FALSE: damaged.
 * type: one that detect_is_known(). */
typedef gboolean (*SinkRead)(Sink *sink, guint part, gpointer user);
gboolean sink_within(Sink *sink, guint parent, const char *name, const char *type, SinkRead read, gpointer user);
/* One whose bytes cannot be had: encrypted, damaged, too large; WHY_NONE: known to hold no text, opaque. */
gboolean sink_missing(Sink *sink, guint parent, const char *name, gsize name_length, gint64 size, CoverageWhy why);
/* How a page looks (PageLook bits of text/segment.h; 0 says nothing). Told before the text of that page, it reaches
 * whoever judges that text; later, only the part. page: from 1, 0 none. */
gboolean sink_look(Sink *sink, guint part, guint page, guint look);
/* Part 0 and every object are covered `complete` at their end unless something else was said; of several the gravest
 * counts. */
void sink_cover(Sink *sink, guint part, Coverage coverage, CoverageWhy why);
/* Clear bytes that members may still unpack to; readers ask before they inflate, and tell what they inflated. */
gint64 sink_bytes_left(const Sink *sink);
gboolean sink_spend(Sink *sink, gint64 bytes);
/* Whether there is processor time of the job left for OCR (ocr_ms since its beginning): for what matters, or, up to two
 * thirds of it, also for what matters less. */
typedef enum { OCR_TIME_ALL, OCR_TIME_PAGES } OcrTime;
gboolean sink_ocr_time(const Sink *sink, OcrTime for_what);
gboolean sink_stopped(const Sink *sink);
guint sink_depth(const Sink *sink); /* 0: part 0 is read, 1: an object in it ... */
/* Reads part 0: the life of a reader process between its job and its end. */
gboolean sink_read(Sink *sink, const char *type, Source *source);
gboolean sink_end(Sink *sink); /* flushes; covers part 0; END. FALSE: the other end is gone */
