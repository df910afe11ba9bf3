/* fake_inspector - inspectors that behave as ordered, for the tests of the gate. */
#pragma once
#include "job.h"

typedef enum {
    FAKE_GOOD,      /* accepts */
    FAKE_REJECT,    /* rejects as a state secret */
    FAKE_FAILS,     /* says that it found no verdict */
    FAKE_DIES,      /* ends with the letter in hand */
    FAKE_HANGS,     /* never answers */
    FAKE_LATE,      /* answers after 300 ms */
    FAKE_FLOODS,    /* sends the largest frame there is, of rubbish */
    FAKE_OLD,       /* answers with the number of another job */
    FAKE_LIES,      /* report and verdict differ */
    FAKE_ASKS,      /* does what the job's length says: FakeAsk */
    FAKE_IDLE_DEATH /* ends before it gets anything */
} FakeKind;

/* Lengths of letters for FAKE_ASKS. The ones that are busy are so until their "spool", a pipe, is at its end; told no,
 * they go back. */
typedef enum {
    FAKE_ASK_NOTHING,   /* accepts at once */
    FAKE_ASK_DOCUMENTS, /* busy with documents */
    FAKE_ASK_LONG,      /* with documents, then for long */
    FAKE_ASK_ODDLY,     /* asks for what it has, and accepts */
    FAKE_ASK_ANOTHER,   /* asks for another letter */
    FAKE_ASK_DEAF,      /* accepts though it was told no */
    FAKE_ASK_FALSE_BACK /* goes back without having been told no */
} FakeAsk;

/* A whole, believable answer. */
void fake_done(JobDone *done, guint64 number, Verdict verdict);
/* Serves jobs on a socket until end of file. Gives an exit status. */
int fake_serve(FakeKind kind, int socket);
/* Forks one; gives the gate's end and its pidfd. */
int fake_start(FakeKind kind, int *socket_out, int *pidfd_out);
