/* read_header - headers and file names of a part as segments, in every plausible decoding.
 *
 * Subject, display names of addresses and file names have places of their own. Headers of plain ASCII (Received, Date,
 * signatures and the like) make one common segment without a name, so that a usual letter costs little, but for
 * those that some rule asks for by name. */
#pragma once
#include "message.h"
#include "places.h"
#include "segment.h"

typedef struct {
    SegmentSink sink;
    gpointer user;
    const PlaceNames *names; /* headers that are segments by themselves; NULL: none */
} HeaderSink;

/* FALSE: the sink stopped. */
gboolean read_part_headers(const Part *part, const HeaderSink *sink);
/* The file names that the part's headers give, or part->name if it has no headers. */
gboolean read_part_names(const Part *part, const HeaderSink *sink);
