/* taker - the inspector's end for the tests of readers: takes every frame and keeps what was told, as text.
 *
 *   part 1<0 text/plain "a.txt"     PART
 *   text 0 body "..."               TEXT, put together per part and place
 *   bytes 1 "..."                   BYTES, put together
 *   look 0 1 3                      LOOK: part, page, bits
 *   cover 0 complete none           COVER
 *   end                             END */
#pragma once
#include "sink.h"

typedef struct {
    GString *told;                /* parts, covers and the end, a line each, in their order */
    GString *text;                /* every text: "<part>:<place>:<name>:" before each that does not go on */
    GString *places[PLACE_COUNT]; /* the same, place by place, without what goes before */
    GString *names;               /* of parts, a line each */
    GString *types;               /* lines in the header zone: "<tenths of a point> <rrggbb or -> <line>" */
    GPtrArray *bytes;             /* GString of each part; NULL entries */
    guint frames, text_frames;
    gboolean lied; /* a frame was refused */
} Taken;

typedef struct {
    gint64 max_text, max_bytes;
    guint max_parts, max_depth;
} TakerLimits;
extern const TakerLimits TAKER_WIDE;

/* Reads `bytes` as part 0 with the reader of its type (by content if NULL), here and once more behind the walls of a
 * reader's process, which must say the same. Gives. */
Taken *taker_read(const void *bytes, gsize length, const char *type, const TakerLimits *limits);
Taken *taker_read_file(const char *path);
/* The same by a reader of the program hangu-extract, behind its walls. NULL: it gave none. */
Taken *taker_ask(const char *program, const void *bytes, gsize length, const TakerLimits *limits);
gboolean taken_has_bytes(const Taken *taken, const char *text); /* somewhere in the content of a part */
/* What `feed` sends. */
typedef void (*TakerFeed)(Sink *sink, gpointer user);
Taken *taker_feed(TakerFeed feed, gpointer user, const TakerLimits *limits);
void taken_free(Taken *taken);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Taken, taken_free)
gboolean taken_says(const Taken *taken, const char *line); /* in `told` */
