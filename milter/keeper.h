/* keeper - the small parent of all loaders: forked from the gate before threads and before anything is loaded.
 *
 * The gate cannot fork once libmilter has threads; the keeper can, cheaply and at any time. It forks one loader per
 * WIRE_KEEPER_LOAD and retires old ones on WIRE_KEEPER_RETIRE. Loaders answer the gate directly over the same channel
 * (a SEQPACKET socket: each frame is one packet); a loader that ends before it was retired is reported by the keeper
 * as WIRE_LOADER_FAILED. It also starts hangu-extract (milter/readers.h). End of file from the gate ends the keeper,
 * and with it everybody below. */
#pragma once
#include "loader.h"
#include "readers.h"

/* Forks the keeper; gives the gate's end of the channel, -1 with error. config (NULL: the default file), work and
 * readers (NULL: no documents are read) are kept. Only while single-threaded. */
int keeper_start(const char *config, const LoaderWork *work, Readers *readers, GError **error);

/* FrameTypes of the channel: of what the gate receives, and of what the keeper does. */
const char *keeper_answer_type_string(guint32 type);
const char *keeper_order_type_string(guint32 type);
