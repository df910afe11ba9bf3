/* spawner - hangu-extract itself: gives readers to whoever asks on its socket, and nothing else.
 *
 * Single-threaded and small, so that forking is quick. It never receives a document. Text: text/wire_extract.h.
 * WALLS_NEEDED that cannot be closed: WIRE_EXTRACT_NONE with the reason, for every WANT. */
#pragma once
#include "stock.h"

#define SPAWNER_CLIENTS_MAX 600 /* two generations of as many inspectors as settings allow, and some */

/* `socket` is taken: connected, it ends at end of file; listening, it goes on for ever (and ends with its parent).
 * Gives the exit status; not 0 with error. */
int spawner_run(int socket, const StockOptions *options, GError **error);
