/* fingerprint - what stays of a text when its words are gone: keyed names of some of its shingles.
 *
 * Winnowing: S. Schleimer, D. Wilkerson, A. Aiken, "Winnowing: Local Algorithms for Document Fingerprinting", SIGMOD
 * 2003, in its robust form. A token is one Han character, kana or syllable, or one word or number of another script;
 * blanks, line ends, punctuation and symbols are none, so that a text that was set or typed anew has the tokens it had
 * (width, case, traditional and simplified characters are equal after folding). A shingle is FINGERPRINT_TOKENS tokens
 * in a row; of every FINGERPRINT_WINDOW shingles in a row the one of least key is kept, as a print. So
 *   - two texts that have FINGERPRINT_SURE tokens in a row in common have a print in common, wherever that stands;
 *   - without FINGERPRINT_TOKENS tokens in a row in common they have none, but for hashes that meet by chance (2^-64).
 * Names of prints are a keyed hash put through AES-256: who lacks the key sees numbers drawn at random.
 *
 * Sizes of text are told in `characters`: a Han character is one, a word of another script two. */
#pragma once
#include "crypto.h"
#include <glib.h>

#define FINGERPRINT_TOKENS 12
#define FINGERPRINT_WINDOW 16
#define FINGERPRINT_SURE (FINGERPRINT_TOKENS + FINGERPRINT_WINDOW - 1)
#define FINGERPRINT_WHOLE_MIN 20 /* characters: a shorter text is nobody's alone */
#define FINGERPRINT_ID_SIZE 8

/* What is made of the secret that gate and officers share. */
typedef struct {
    guint8 id[FINGERPRINT_ID_SIZE]; /* tells keys apart and nothing else: not secret */
    guint8 names[CRYPTO_KEY_SIZE];  /* of prints */
    guint8 seal[CRYPTO_KEY_SIZE];   /* of register files */
    guint64 rolling[2];             /* base and begin of the rolling hash */
} FingerprintKey;
void fingerprint_key_make(const guint8 secret[CRYPTO_KEY_SIZE], FingerprintKey *key_out);

typedef struct {
    guint64 name;
    guint32 at;   /* characters of this text before it */
    guint32 byte; /* of the squeezed view: where it begins */
} Print;

typedef struct {
    const Print *prints; /* in order of `at`; lent until the next run */
    guint count;
    guint32 characters;
    guint64 whole; /* name of all its tokens in their order; 0: below FINGERPRINT_WHOLE_MIN characters */
} Fingerprint;

typedef struct Fingerprinter Fingerprinter; /* reusable buffers; one per thread */
Fingerprinter *fingerprinter_new(const FingerprintKey *key);
void fingerprinter_free(Fingerprinter *maker);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Fingerprinter, fingerprinter_free)
/* `text` is the squeezed view of a segment (fold.h): valid UTF-8 of at most G_MAXINT32 bytes; other bytes do no harm.
 */
void fingerprint_run(Fingerprinter *maker, const char *text, gsize length, Fingerprint *out);
/* The name of a whole file, by its SHA-256. */
guint64 fingerprint_of_digest(Fingerprinter *maker, const guint8 digest[CRYPTO_DIGEST_SIZE]);
