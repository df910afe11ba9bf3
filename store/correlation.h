/* correlation - which letters lately came for local users, so that their leaving again is known as forwarding.
 *
 * A letter is known by its Message-ID and by its body without white space. A letter that is delivered inside is
 * remembered for `window_us`; one that leaves meanwhile with the same Message-ID or body was forwarded, unless a person
 * submitted it for that recipient. Only keyed digests are kept: no address, no text. In memory, bounded: of
 * CORRELATION_MAX digests the oldest goes first, so a flood shortens the window and no more. What changed is handed to
 * who keeps it over a restart (tracks.h). Several gates must share what they
 * know: these functions ask by digest and expiry only, as a key-value store with expiry does.
 * Times are monotonic microseconds. Thread-safe. */
#pragma once
#include "crypto.h"
#include <glib.h>

#define CORRELATION_MAX 200000
#define CORRELATION_TOLD_MAX 2000 /* recipients remembered of a letter; with more, all count as told */
#define CORRELATION_BODY_MIN 256  /* bytes of a body without white space: "received, thanks" is many letters' */
#define CORRELATION_MESSAGE_ID_MAX 250
#define CORRELATION_NAME_SIZE 16 /* bytes of a keyed digest that are kept */

typedef struct Correlation Correlation;
Correlation *correlation_new(const guint8 key[CRYPTO_KEY_SIZE]); /* copies the key */
void correlation_free(Correlation *correlation);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Correlation, correlation_free)

typedef struct {
    char *message_id;   /* without <>; NULL: none. Longer than CORRELATION_MESSAGE_ID_MAX: not looked at */
    const guint8 *body; /* SHA-256, CRYPTO_DIGEST_SIZE bytes; NULL: none, or too short to tell letters apart */
} CorrelationLetter;

typedef enum { CORRELATION_MESSAGE_ID = 1 << 0, CORRELATION_BODY = 1 << 1 } CorrelationSeen;

/* It was accepted for a local user. */
void correlation_delivered(Correlation *correlation, const CorrelationLetter *letter, gint64 now_us, gint64 window_us);
/* A person sent it to these recipients (char *, normal addresses); nothing is kept of a letter that was not delivered
 * inside. */
void correlation_told(Correlation *correlation, const CorrelationLetter *letter, const GPtrArray *recipients,
                      gint64 now_us);
/* It leaves for these recipients: CorrelationSeen bits, 0 if nothing is known or a person told all of them. */
guint correlation_leaving(Correlation *correlation, const CorrelationLetter *letter, const GPtrArray *recipients,
                          gint64 now_us);
guint correlation_count(Correlation *correlation); /* digests kept */

/* --- over a restart ---------------------------------------------------------------------------------------------- */

typedef struct {
    guint8 name[CORRELATION_NAME_SIZE];
    gint64 until_us;
    gboolean told_all;
    GArray *told; /* guint64: names of recipients; NULL: none */
} CorrelationEntry;
void correlation_entry_clear(CorrelationEntry *entry);

/* Copies of at most `most` entries that changed since they were last taken; GArray of CorrelationEntry. Gives. */
GArray *correlation_take_changes(Correlation *correlation, guint most);
/* They could not be kept: those that are still there count as changed again. */
void correlation_give_back(Correlation *correlation, const GArray *changes);
/* Puts one in that was kept; from the oldest to the newest, before anything else. Copies. */
void correlation_restore(Correlation *correlation, const CorrelationEntry *entry);
