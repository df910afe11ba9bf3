/* letter - one letter while it is collected: envelope, encrypted spool, size, forged headers, the first thing that
 * went wrong. Memory does not grow with the letter. Used by one thread at a time. */
#pragma once
#include "gate.h"
#include "spool_stream.h"

typedef struct {
    Gate *gate;         /* lent */
    Snapshot *snapshot; /* what it began with */
    Envelope envelope;
    gsize envelope_bytes;
    Spool *spool;
    gint64 size;      /* bytes taken, over the limit too */
    gint64 body_from; /* where the body begins; -1: no body yet */
    Failure failure;
    char *message_id;                /* of the first header of that name, without <>; NULL: none or too long */
    char *owner;                     /* whose mail this is on its way on, normal address (track.h); NULL: not known */
    gboolean redirected;             /* ... and he has a mailbox: a Sieve script there sends it on */
    guint received;                  /* Received headers so far */
    gboolean led;                    /* an alias of a local user leads to a recipient outside (track.h) */
    gboolean body_tried, has_body;   /* body was asked for; is there */
    guint8 body[CRYPTO_DIGEST_SIZE]; /* without white space (track.h) */
    GHashTable *forged;              /* X-Hangu-* names in lower case to their count; NULL: none */
    guint forged_count;
    gboolean never_5xx;
    gboolean submission;
    gboolean automatic; /* a header field says that a list or a program sent it */
    gint64 began_us;    /* monotonic */
    gboolean nudged;    /* its thread has been away for a moment, and has seen to it that another one is there */
} Letter;

/* A letter from MAIL on; counted as in hand until letter_free(). Takes a reference to the snapshot. */
Letter *letter_new(Gate *gate, Snapshot *snapshot);
void letter_free(Letter *letter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Letter, letter_free)

void letter_set_sender(Letter *letter, const char *argument);
void letter_add_recipient(Letter *letter, const char *argument);
/* One header field; `value` as on the wire after the colon, lines parted by LF or CRLF. */
void letter_add_header(Letter *letter, const char *name, const char *value);
void letter_add_body(Letter *letter, const void *bytes, gsize length);
/* Asks hangu-authd about the account of a submission, if the settings say so, and puts the facts into the envelope,
 * which is known by now but for its recipients. Waits some seconds at most. No answer: the fact is missing, and unless
 * the gate observes that is the letter's failure. */
void letter_ask_account(Letter *letter);
/* After the last byte: seals the spool and settles where the letter came from. */
void letter_close(Letter *letter);
