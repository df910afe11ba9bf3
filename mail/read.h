/* read - the read stage: all text of a message as segments with their place; coverage of each part.
 *
 * Order: headers of the message (Subject, display names, all other headers), then each part: its headers and file name,
 * then its text. Text parts (plain, csv, html, calendar, vcard, any text type, and content that looks like text
 * whatever it is called) stream in windows through transfer, decode (every plausible decoding) and, for HTML, html.
 * uuencoded blocks and runs of base64 inside text become parts. Signatures and delivery status are opaque, pictures and
 * sound opaque (no OCR); documents and archives go to a reader process (mail/extract), and what lies in them becomes
 * parts; everything else is unreadable: unsupported. What the encoded form cannot be trusted with is
 * looked at as raw bytes too. Budgets: settings max_part_bytes, max_text_bytes, max_parts. */
#pragma once
#include "extract.h"
#include "message.h"
#include "places.h"
#include "segment.h"
#include "settings.h"

typedef struct {
    SegmentSink segment;                             /* FALSE stops: the rest becomes partial, over-budget */
    gboolean (*part_end)(guint part, gpointer user); /* after the last segment of each part; TRUE: a hit cap was met */
    gpointer user;
    gint64 deadline_us;      /* monotonic; past it the rest is partial, over-budget; -1 none */
    Extractor *extractor;    /* NULL: documents and archives are unreadable: unsupported */
    const PlaceNames *names; /* headers and properties to be segments by themselves; NULL: none */
} Reader;
/* FALSE only for I/O errors; a sink that stops keeps its own error. */
gboolean read_message(Message *message, const Settings *settings, const Reader *reader, GError **error);
