/* passwords - what can be known of a password without ever seeing it: is it weak, how old is it, was it used before?
 *
 * Dovecot sends a hash of the password under a nonce of ours. The hash is neither kept nor told: an HMAC of it under a
 * key that lies outside the database says whether it is the same password as last time, and since when; a hash not seen
 * before is tried once against the person's likely passwords (guess.h) under the same nonce, by a thread that has time.
 * A hash that cannot be tried (mechanism without password, cut short, of an account never seen) is told as that.
 * Thread-safe. */
#pragma once
#include "crypto.h"
#include "logins.h"
#include <glib.h>

#define PASSWORDS_HASH_SIZE CRYPTO_DIGEST_SIZE /* SHA-256: the only one that is tried */

typedef enum {
    VERDICT_UNKNOWN,     /* never logged in, or not tried so far */
    VERDICT_UNCHECKABLE, /* the mechanism sends no password */
    VERDICT_TRIED,       /* no guess fits */
    VERDICT_WEAK,
} PasswordVerdict;
const char *password_verdict_word(PasswordVerdict verdict); /* "unknown", "uncheckable", "tried", "weak"; lends */

typedef struct {
    const char *account, *login;
    const guint8 *hash;
    gsize hash_length;
    const char *mechanism, *protocol, *client;
    gint64 now_us;
    gboolean one_time; /* it ends in a one-time code, and so is another one each time */
} PasswordUse;

/* Compared with what was seen before. */
typedef struct {
    guint64 digest;  /* of the HMAC, for lockout.h; 0: the hash says nothing */
    gboolean known;  /* of the last good login */
    gboolean former; /* of one before */
    PasswordVerdict verdict;
    gint64 since_us, judged_us; /* if known */
} PasswordSight;

/* Of an account, by the login name used last. */
typedef struct {
    PasswordVerdict verdict;
    gint64 first_seen_us, since_us, last_seen_us, judged_us, warned_us;
    gint64 logins;
    char *mechanism, *protocol, *client, *login;
} PasswordState;
void password_state_clear(PasswordState *state);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PasswordState, password_state_clear)

/* Facts for the guesses; texts copied. */
typedef struct {
    const char *address, *name, *unit, *department;
} PasswordPerson;

/* Told by the thread that tries, once for each new password. */
typedef void (*PasswordJudged)(gpointer user, const char *account, PasswordVerdict verdict, guint64 guesses);

typedef struct {
    const char *nonce;      /* that Dovecot has */
    const char *key_file;   /* of the HMACs; made when absent */
    const char *words_file; /* NULL: none */
    guint history;          /* former passwords kept for each login name */
    guint waiting;          /* hashes that wait to be tried, at most; 0: 2,000 */
    PasswordJudged judged;
    gpointer user;
} PasswordsOptions;

typedef struct Passwords Passwords;
/* Takes over what `logins` remembers; lent. NULL with error. */
Passwords *passwords_new(const PasswordsOptions *options, Logins *logins, GError **error);
void passwords_free(Passwords *passwords); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Passwords, passwords_free)
/* A truncated or foreign hash was seen, or the settings of Dovecot are not what they must be: nothing is known then. */
void passwords_set_blind(Passwords *passwords, gboolean blind);

void passwords_look(Passwords *passwords, const PasswordUse *use, PasswordSight *sight_out);
typedef struct {
    gboolean changed; /* another password than last time */
    gboolean reused;  /* that was used before */
    gboolean first;   /* the first login that was ever seen */
} PasswordChange;
/* After a good login. */
void passwords_good(Passwords *passwords, const PasswordUse *use, const PasswordPerson *person,
                    PasswordChange *change_out);

/* FALSE: never seen. */
gboolean passwords_state(Passwords *passwords, const char *account, PasswordState *state_out);
/* An owner is written to about his password once a day: at least so long lies between two letters, so that a daily
 * round may come a little early. */
#define PASSWORDS_WARN_US (20 * G_TIME_SPAN_HOUR)
/* Whether the last letter lies back that far; TRUE for who was never seen. One that lies in the future, by a clock that
 * was wrong, counts as one of now. */
gboolean passwords_may_warn(Passwords *passwords, const char *account, gint64 now_us);
void passwords_set_warned(Passwords *passwords, const char *account, gint64 now_us);
/* For whoever changes a password. Login names under which the account's passwords were seen, char *, at most
 * PASSWORDS_LOGINS_MAX. Gives. */
#define PASSWORDS_LOGINS_MAX 16
GPtrArray *passwords_logins(Passwords *passwords, const char *account);
/* Is it one of the last `history` that this name logged in with, the present one among them? */
gboolean passwords_used(Passwords *passwords, const char *account, const char *login,
                        const guint8 hash[PASSWORDS_HASH_SIZE], guint history);
const char *passwords_nonce(const Passwords *passwords); /* lends */

typedef void (*PasswordStateVisit)(const char *account, const PasswordState *state, gpointer user);
/* Each account that was ever seen; nothing of passwords may be called from there. */
void passwords_each(Passwords *passwords, PasswordStateVisit visit, gpointer user);
/* Waits until nothing waits to be tried; for tests and the bench. */
void passwords_wait(Passwords *passwords);
