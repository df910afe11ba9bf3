/* worker - an inspector's life, and what its loader loads for it: settings, packs, policy.
 *
 * An inspector is single-threaded, has no new privileges, no descriptors but its socket, bounded memory and CPU time.
 * It takes one job after the other until end of file. Whatever is odd ends it: the gate notices at once. */
#pragma once
#include "loader.h"

/* For keeper_start(). */
const LoaderWork *worker_work(void);

/* Loads all that a generation loads and runs every rule's own examples; for --check. FALSE with problems. */
gboolean worker_check(const char *config, Problems *problems);
