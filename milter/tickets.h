/* tickets - released letters: what an officer let go may pass the gate once more without being held again; so may the
 * gate's own notices (notices.h), under the id of the record that they tell of.
 *
 * A released letter goes out through the egress listener, which would hold it a second time. A ticket names its body (a
 * digest without white space, since Postfix folds long lines on the way), its sender and its recipients; each recipient
 * is good for one passage. Kept in memory only, at most TICKETS_MAX, the oldest goes first: after a restart the letter
 * is held again, never lost. Thread-safe. */
#pragma once
#include "crypto.h"
#include "spool_stream.h"
#include <glib.h>

#define TICKETS_MAX 1000
#define TICKET_LIFE_US (G_GINT64_CONSTANT(3600) * G_USEC_PER_SEC)

typedef struct Tickets Tickets;
/* `key` (copied) makes the body digests: the same after a restart, for the ledger names them. */
Tickets *tickets_new(const guint8 key[CRYPTO_KEY_SIZE]);
void tickets_free(Tickets *tickets);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Tickets, tickets_free)

/* Keyed digest of a letter's body without white space; `from` is where the body begins. FALSE if the stream cannot be
 * read. */
gboolean tickets_body_digest(const Tickets *tickets, GMimeStream *letter, gint64 from, guint8 out[CRYPTO_DIGEST_SIZE]);

/* Issues a ticket, instead of an earlier one for the same record and body. Addresses (char *) are compared in normal
 * form (mail/address.h). */
void tickets_add(Tickets *tickets, const char *record_id, const guint8 body[CRYPTO_DIGEST_SIZE], const char *sender,
                 const GPtrArray *recipients, gint64 now_us);
/* The record id of a ticket that fits this letter, or NULL; its recipients are used up. Gives a new string. */
char *tickets_use(Tickets *tickets, const guint8 body[CRYPTO_DIGEST_SIZE], const char *sender,
                  const GPtrArray *recipients, gint64 now_us);
