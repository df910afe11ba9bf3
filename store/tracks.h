/* tracks - keeps what the gate knows of letters' ways (correlation.h, history.h) over a restart.
 *
 * A thread of its own writes what changed, in batches, to one SQLite database that nobody else opens (database.h): no
 * letter waits for it, and its disk syncs are not on the way of an answer. So a gate that is killed, or a machine that
 * fails, loses what came in the last TRACKS_BATCH_US (more while the disk does not take it); one that is stopped in
 * order loses nothing. The file holds keyed digests, times and numbers, no address and no text, and is as bounded as
 * the two tables. A damaged database is set aside (PATH.damaged) and begun anew, which the log tells. */
#pragma once
#include "correlation.h"
#include "history.h"
#include <glib.h>

#define TRACKS_BATCH_US (500 * G_TIME_SPAN_MILLISECOND)
#define TRACKS_WINDOW_MAX_US (1 * G_TIME_SPAN_HOUR) /* a digest that claims to be known for longer is not */

typedef struct Tracks Tracks;
/* Reads what was kept into the two, which are lent for the life of it, and begins to write. The history's retention is
 * set already. NULL with error: nothing is kept. Its directory must be there. */
Tracks *tracks_open(const char *path, Correlation *correlation, History *history, GError **error);
/* Writes what is left and ends the thread. */
void tracks_close(Tracks *tracks);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Tracks, tracks_close)
/* Waits until all that changed before is on the disk. FALSE with error: it is not. */
gboolean tracks_settle(Tracks *tracks, GError **error);
