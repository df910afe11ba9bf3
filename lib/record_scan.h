/* record_scan - is a line in canonical form? One pass over the bytes, no allocation: what makes a long ledger quick to
 * verify and to search. Says the same as reading the line and writing it again. */
#pragma once
#include "record.h"
#include <glib.h>

/* Some bytes of a line: a key without its quotes, a value as it stands. */
typedef struct {
    const char *bytes;
    gsize length;
} RecordSpan;
gboolean record_span_is(const RecordSpan *span, const char *text);

/* Calls `each` for the members of a canonical object or the elements of a canonical array (key NULL), in order. FALSE
 * if it is neither, or when `each` was. Does not look whether the bytes are UTF-8. */
typedef gboolean (*RecordEach)(const RecordSpan *key, const RecordSpan *value, gpointer user);
gboolean record_each(const char *text, gsize length, RecordEach each, gpointer user);

/* What links a line to its neighbours. */
typedef struct {
    guint64 seq;
    char prev[RECORD_HASH_HEX + 1];
    char time[32];
    char next[32]; /* "next" of a "rotate" line; "" else */
} RecordLink;

/* TRUE for a canonical object. has_link_out (may be NULL) tells whether v, seq, prev and time are what they should
 * be; link_out is filled then. */
gboolean record_scan(const char *line, gsize length, gboolean *has_link_out, RecordLink *link_out);
