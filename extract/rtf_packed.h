/* rtf_packed - RTF as messages of Exchange carry it, compressed ([MS-OXRTFCP]). */
#pragma once
#include "bytes.h"
#include "sink.h"

/* The clear bytes, spent from the sink's budget; NULL if there are none. Gives. whole_out: it ended as it should, and
 * its length is what its header says. The check sum is not looked at: writers leave it out. */
GBytes *rtf_unpack(Bytes packed, Sink *sink, gboolean *whole_out);
