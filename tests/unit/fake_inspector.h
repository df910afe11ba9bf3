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
    FAKE_IDLE_DEATH /* ends before it gets anything */
} FakeKind;

/* A whole, believable answer. */
void fake_done(JobDone *done, guint64 number, Verdict verdict);
/* Serves jobs on a socket until end of file. Gives an exit status. */
int fake_serve(FakeKind kind, int socket);
/* Forks one; gives the gate's end and its pidfd. */
int fake_start(FakeKind kind, int *socket_out, int *pidfd_out);
