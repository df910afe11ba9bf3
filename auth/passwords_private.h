/* passwords_private - shared by the files of passwords: what is remembered, and what waits to be tried. */
#pragma once
#include "passwords.h"

#define PASSWORDS_PREFIX_MAX 1024

typedef struct {
    char *account, *login;
    guint8 hmac[CRYPTO_DIGEST_SIZE];
    guint8 waiting[CRYPTO_DIGEST_SIZE]; /* of the job that waits */
    gboolean has_hmac, dirty, waits;
    gint64 first_seen, since, last_seen, put_seen, judged, warned, logins;
    PasswordVerdict verdict;
    char *tried, *mechanism, *protocol, *client;
    GArray *former; /* of CRYPTO_DIGEST_SIZE */
} PasswordRecord;

/* A hash that waits to be tried. */
typedef struct {
    char *account, *login, *address, *name, *unit, *department;
    guint8 hash[PASSWORDS_HASH_SIZE], hmac[CRYPTO_DIGEST_SIZE];
} PasswordJob;

struct Passwords {
    PasswordsOptions options;
    char *nonce, *words_file, *version;
    Logins *logins;
    guint8 key[CRYPTO_KEY_SIZE];
    GThread *thread;

    GMutex lock; /* guards what follows */
    GCond wake, idle;
    GHashTable *records;  /* "account\nlogin": PasswordRecord */
    GHashTable *accounts; /* account: PasswordRecord used last; lent */
    GQueue waiting;       /* PasswordJob */
    gboolean busy, stop, blind, full;
};

/* Those that take a record or look for one: under the lock. */
PasswordRecord *passwords_find(const Passwords *passwords, const char *account, const char *login); /* or NULL */
PasswordRecord *passwords_make(Passwords *passwords, const char *account, const char *login);
void passwords_put(const Passwords *passwords, PasswordRecord *record); /* into the database */
void passwords_set(char **text, const char *value);
gboolean passwords_is_former(const PasswordRecord *record, const guint8 *hmac); /* FALSE of NULL */
/* What finds no room is tried at the next login. */
void passwords_enqueue(Passwords *passwords, PasswordRecord *record, const PasswordUse *use,
                       const PasswordPerson *person);
void password_job_free(gpointer job);
/* As Dovecot hashes: of the nonce, the name with its zero, the guess. All of it within PASSWORDS_PREFIX_MAX. */
void passwords_hash(const Passwords *passwords, const char *login, const char *guess, gsize length,
                    guint8 out[PASSWORDS_HASH_SIZE]);
gpointer passwords_run(gpointer passwords); /* the thread that tries */
