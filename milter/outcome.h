/* outcome - what becomes of a letter: a pure function of the inspector's answer or of what went wrong, the settings
 * and where the letter came in. The one place where a failure turns into an answer. */
#pragma once
#include "job.h"
#include "settings.h"

typedef enum {
    FAILURE_NONE,
    FAILURE_INSPECTOR_DIED,
    FAILURE_INSPECTOR_HUNG,
    FAILURE_INSPECTOR_LIED,
    FAILURE_NO_INSPECTOR, /* none came free in time */
    FAILURE_INSPECTION,   /* the inspector itself found no verdict */
    FAILURE_DEADLY,       /* the letter ended two inspectors: held unopened */
    FAILURE_TOO_LARGE,    /* over message_size */
    FAILURE_DISK_FULL,    /* the spool cannot be written */
    FAILURE_ENVELOPE,     /* more recipients than a job takes */
    FAILURE_ACCOUNT,      /* hangu-authd did not tell about the account */
    FAILURE_HEADERS,      /* more forged headers than can be removed */
    FAILURE_STOPPING,     /* it began after the order to stop */
    FAILURE_SEQUENCE,     /* the mail server's commands came out of order */
    FAILURE_RECORD,       /* the ledger would not take the record as it was */
    FAILURE_LEDGER,       /* no durable record at all */
} Failure;

/* "inspector-died" ...: the `failure` of a record. Static. */
const char *failure_word(Failure failure);

typedef struct {
    Failure failure; /* NONE: `done` holds the inspector's answer */
    JobDone done;    /* owned */
    Verdict answer;  /* what the mail server is told */
    gboolean carried_out;
    gboolean unchanged;              /* not a header may be touched: the whole gate observes */
    Mode mode;                       /* of the decision */
    char *reply;                     /* "550 5.7.1 text (record ID)" for reject and tempfail, else NULL; owned */
    char *id;                        /* of the record; owned */
    char *released;                  /* passes because the letter of this record was released; owned, NULL: not */
    gboolean has_body;               /* body is set: the letter is, or was about to be, held */
    guint8 body[CRYPTO_DIGEST_SIZE]; /* what a released letter is known by (tickets.h) */
} Outcome;

void outcome_clear(Outcome *outcome);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Outcome, outcome_clear)

/* Sets answer, carried_out, unchanged, mode and reply from failure or done. `never_5xx`: egress listener or
 * sendmail(1), where a reject becomes a hold, or that of an automatic forward
 * a discard, as the setting mail.forward_stopped says. outcome->id must be set. May be called again after `failure`
 * changed. */
void outcome_decide(Outcome *outcome, const Settings *settings, gboolean never_5xx);
