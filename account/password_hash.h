/* password_hash - what a mail server stores instead of a password: read, tried, made.
 *
 * Reads the forms of Dovecot's passwd-file and of LDAP's userPassword (RFC 2307): {SCHEME}text, {SCHEME.HEX},
 * {SCHEME.B64}, or text alone, which is taken for crypt(5) if it looks like it and for the password itself if not.
 * Scheme words are Dovecot's. Nothing here logs, keeps or prints a password. Thread-safe: a hash is immutable after
 * parsing. */
#pragma once
#include <glib.h>

#define PASSWORD_MAX 512         /* bytes of a password; longer ones are refused, never cut */
#define PASSWORD_STORED_MAX 1024 /* bytes of what is stored; longer is HASH_UNKNOWN */

typedef enum {
    GRADE_PLAIN,   /* the password itself, or what logs in as well as it does */
    GRADE_WEAK,    /* without salt, or so fast that a list is tried in no time */
    GRADE_STRONG,  /* made to be slow */
    GRADE_NONE,    /* no password can fit: locked, empty */
    GRADE_UNKNOWN, /* a form that is not known */
} HashGrade;

typedef enum { MAKE_YESCRYPT, MAKE_BCRYPT, MAKE_ARGON2ID } HashMake;

typedef struct PasswordHash PasswordHash;
PasswordHash *password_hash_parse(const char *stored); /* never NULL; gives */
void password_hash_free(PasswordHash *hash);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PasswordHash, password_hash_free)

const char *password_hash_scheme(const PasswordHash *hash); /* "SSHA256", "CRYPT-YESCRYPT" ...; lends */
HashGrade password_hash_grade(const PasswordHash *hash);
const char *hash_grade_word(HashGrade grade); /* "plain", "weak", "strong", "none", "unknown" */
/* Whether password_hash_try() can tell: FALSE for GRADE_NONE, GRADE_UNKNOWN, and challenge schemes bound to a realm. */
gboolean password_hash_is_triable(const PasswordHash *hash);
/* TRUE if this is the password. Constant time where the stored bytes are compared. `password` at most PASSWORD_MAX. */
gboolean password_hash_try(const PasswordHash *hash, const char *password);

/* Stores a password anew, with the scheme's prefix as Dovecot wants it ({CRYPT}$y$..., {BLF-CRYPT}$2b$...,
 * {ARGON2ID}...). HANGU_ERROR_USAGE: empty or too long (bcrypt: 72 bytes); HANGU_ERROR_INTERNAL: the library failed.
 * Gives a new string. */
char *password_hash_make(HashMake how, const char *password, GError **error);
/* "yescrypt", "bcrypt", "argon2id"; FALSE if there is no such word. */
gboolean hash_make_from_word(const char *word, HashMake *how_out);
