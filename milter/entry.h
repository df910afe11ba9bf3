/* entry - the record of a letter: the gate's own facts and, if there is one, the inspector's report.
 *
 * Of the report only the fields that belong to an inspection are taken over; what the gate knows itself (who, when,
 * from where, which answer) no inspector can write. */
#pragma once
#include "letter.h"
#include <jansson.h>

/* A canonical line. Gives. */
char *entry_letter(const Letter *letter, const Outcome *outcome, gsize *length_out);
/* A record of kind "start", "stop" or "reload"; reason (a word) may be NULL. Gives a reference. */
json_t *entry_run(const Snapshot *snapshot, const char *kind, const char *reason);
