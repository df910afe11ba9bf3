/* extract - the inspector's side of document reading: a part's content to a reader process, its answer into the letter.
 *
 * The answer is checked like mail (text/wire_extract.h): a frame that lies, a flood over the budget, a death or silence
 * past the deadline ends the reader and leaves a fact on the part (unreadable: reader-failed, or partial: over-budget).
 * What lies inside an attachment becomes parts of the letter; members that the corridor reads itself (text, HTML,
 * letters) are read like any other part. */
#pragma once
#include "message.h"
#include "places.h"
#include "segment.h"
#include "settings.h"

typedef struct Extractor Extractor;
/* Over the spawner's socket (the gate's inspectors); connects at once. If nobody listens there, extractor_trouble()
 * says so, and every document tries again. Settings are lent. */
Extractor *extractor_connect(const Settings *settings);
/* With a spawner of its own, started at the first document (`hangu check`). */
Extractor *extractor_start(const Settings *settings);
void extractor_free(Extractor *extractor);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Extractor, extractor_free)
/* Why there was no reader when one was wanted last; NULL: there always was. Lends. */
const char *extractor_trouble(const Extractor *extractor);

/* Whether some reader knows this type. */
gboolean extract_reads(const char *type);
/* Reads the part's content: text to `sink`, objects inside as new parts at the end of message->parts. The part's
 * coverage is set. FALSE only if the sink stopped. text_left is counted down;
 * properties that `names` has are texts by themselves. */
gboolean extract_part(Extractor *extractor, Message *message, guint part, const Settings *settings, SegmentSink sink,
                      gpointer user, const PlaceNames *names, gint64 deadline_us, gint64 *text_left);
