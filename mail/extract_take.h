/* extract_take - what a document reader says becomes parts, text and content of the letter; nothing of it is believed
 * that does not fit.
 *
 * Text goes to the sink in streams, one for each part, place and page, so that segments overlap and lines count. The
 * header zone of a picture is a stream of its own; the lines below go on where it ends.
 * Content of members is kept aside, encrypted, and recognised at the end; the corridor reads it in its turn. */
#pragma once
#include "frame.h"
#include "message.h"
#include "places.h"
#include "segment.h"
#include "settings.h"

typedef struct {
    Message *message;
    const Settings *settings;
    guint part; /* the attachment */
    SegmentSink sink;
    gpointer user;
    gint64 *text_left; /* counted down */
    gint64 max_bytes;  /* unpacked, content of members among it */
    gint64 *spent;     /* counted up: of these; all of them, if the reader does not tell */
    guint parts_left;
    guint depth_left;        /* levels of members below the attachment; 1 and more */
    const PlaceNames *names; /* properties that are texts by themselves; NULL: none */
} TakePlan;

typedef enum {
    TAKE_ON,
    TAKE_END,     /* the reader is done */
    TAKE_STOPPED, /* by the sink */
    TAKE_OVER,    /* a budget is spent */
    TAKE_LIE,     /* with error */
} TakeResult;

typedef struct Take Take;
Take *take_new(const TakePlan *plan);
/* Hands on what is left of the text and recognises the members. FALSE: the sink stopped. The member whose content came
 * last and those that the reader said no coverage of are `partial` with `why`, unless that is WHY_NONE: the reader
 * ended well. Frees. */
gboolean take_finish(Take *take, CoverageWhy why);
TakeResult take_frame(Take *take, const Frame *frame, GError **error);
