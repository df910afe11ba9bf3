/* inflate - one block of zlib data (RFC 1950) inside another format. */
#pragma once
#include "bytes.h"
#include "sink.h"

/* The clear bytes, at most `max`, spent from the sink's budget; up to the damage or the budget; NULL if none. Gives.
 * whole_out: the block ended as it should. */
GBytes *inflate_zlib(Bytes packed, gsize max, Sink *sink, gboolean *whole_out);
