/* passage - the end of a letter: inspected, decided, recorded; the answer itself is given by answer.h.
 *
 * Time: `deadline_submission` or `deadline` of the settings, counted from the end of the letter, is when the mail
 * server should have its answer. The inspector is asked to be done earlier (so that it can say what it got to), is
 * killed a little later, and what remains is the ledger's. Progress is reported about every 5 s. */
#pragma once
#include "letter.h"

typedef struct {
    gint64 inspect_by_us; /* the inspector's own deadline, monotonic */
    gint64 kill_at_us;    /* the gate gives it up */
    gint64 answer_by_us;
} PassageTimes;

/* seconds: the settings' deadline. */
PassageTimes passage_times(gint64 now_us, gint64 seconds);

/* At MAIL FROM of a submission, its account's facts being in the envelope: whether it is refused or put off here and
 * now. TRUE: outcome_out holds the answer, and its record is durable unless its failure is FAILURE_LEDGER. FALSE: the
 * letter may come, and its end will tell; so too when no inspector can be had now. */
gboolean passage_begin(Letter *letter, PoolTick tick, gpointer user, Outcome *outcome_out);

/* Runs a closed letter through inspector and ledger. `tick` is called while waiting; FALSE from it: nobody waits for
 * the answer any more. Fills outcome_out whatever happens; a record is durable unless its failure is FAILURE_LEDGER. */
void passage_run(Letter *letter, PoolTick tick, gpointer user, Outcome *outcome_out);
