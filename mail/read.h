/* read - the read stage: all text of a message as segments with their place; coverage of each part.
 *
 * Order: headers of the message (Subject, display names, all other headers), then each part: its headers and file name,
 * then its text. Text parts (plain, csv, html, calendar, vcard, any text type, and content that looks like text
 * whatever it is called) stream in windows through transfer, decode (every plausible decoding) and, for HTML, html.
 * uuencoded blocks become parts. Signatures and delivery status are opaque, pictures opaque (no OCR), everything else
 * is unreadable: unsupported. Budgets: settings max_part_bytes, max_text_bytes. */
#pragma once
#include "message.h"
#include "segment.h"
#include "settings.h"

/* `part_end` is called after the last segment of each part; its TRUE marks the part partial (hit cap). FALSE with error
 * for I/O or when the sink stopped with an error. */
typedef struct {
    SegmentSink segment;
    gboolean (*part_end)(guint part, gpointer user);
    gpointer user;
    gint64 deadline_us; /* monotonic; past it the rest is partial/over-budget; -1 none */
} Reader;
gboolean read_message(Message *message, const Settings *settings, const Reader *reader, GError **error);
