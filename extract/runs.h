/* runs - text in bytes whose structure nobody read: UTF-16LE, GB 2312, UTF-8 and ASCII, as runs of characters that
 * people write. What a parser has told is not told again; a short run is chance, and nothing. */
#pragma once
#include "bytes.h"
#include "sink.h"

void runs_prepare(void); /* before the walls */

/* Which bytes of a stream have been told, or are known to be no text. */
typedef struct Covered Covered;
Covered *covered_new(void);
void covered_free(Covered *covered);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Covered, covered_free)
void covered_add(Covered *covered, gsize from, gsize length);

/* Tells the runs of what is not covered (NULL: all of it) as PLACE_RAW. name: of the stream; interned or lent. */
void runs_tell(Bytes bytes, Covered *covered, Sink *sink, guint part, const char *name);
