/* strength - whether a new password is good enough for its tier; every fault at once, in words a clerk understands.
 *
 * Length counts characters (UTF-8); a letter of any script is a letter, 0 to 9 are digits, everything else that can be
 * seen is special. How easy it is to guess is judged by the guesses of guess.h, by libzxcvbn (base and strict: 10^8
 * guesses, high: 10^10) and, where cracklib's dictionary is installed, by libpwquality. Nothing here keeps, logs or
 * prints a password, and no sentence repeats a part of it. Thread-safe. */
#pragma once
#include "tier.h"
#include <glib.h>

typedef enum {
    STRENGTH_EMPTY,
    STRENGTH_ENCODING,   /* not UTF-8, or a character that cannot be typed */
    STRENGTH_TOO_LONG,   /* over PASSWORD_MAX bytes */
    STRENGTH_TOO_SHORT,  /* characters, by tier */
    STRENGTH_NO_LETTER,  /* classes, by tier */
    STRENGTH_NO_DIGIT,   /* */
    STRENGTH_NO_SPECIAL, /* */
    STRENGTH_LIKE_LOGIN, /* the user name, forwards or backwards, with digits for letters */
    STRENGTH_LIKE_NAME,  /* the owner's name or its pinyin */
    STRENGTH_LIKE_UNIT,  /* unit, department or domain, or their pinyin */
    STRENGTH_USED,       /* one of the earlier passwords */
    STRENGTH_DICTIONARY, /* a word of libpwquality's dictionary */
    STRENGTH_EASY,       /* libzxcvbn: guessed in no time */
    STRENGTHS
} StrengthFault;

/* Whether the password is one of the last `history` of this account. */
typedef gboolean (*StrengthUsed)(const char *password, guint history, gpointer user);

/* Texts are lent; NULL or "" where nothing is known. UTF-8. */
typedef struct {
    Tier tier;
    const char *login, *address, *name, *unit, *department;
    StrengthUsed used; /* NULL: the history is not known, and not judged */
    gpointer user;
} StrengthAsk;

/* Bits (1 << StrengthFault); 0: good. `password` may be any bytes. */
guint strength_check(const StrengthAsk *ask, const char *password);
/* "too-short" ...; lends. */
const char *strength_word(StrengthFault fault);
/* The sentence in Chinese or English, with the tier's figures. Gives. */
char *strength_text(StrengthFault fault, Tier tier, gboolean chinese);
/* What the tier asks for, as one sentence, to be told before anybody types. Gives. */
char *strength_rules(Tier tier, gboolean chinese);
/* Whether libpwquality's dictionary is there. */
gboolean strength_has_dictionary(void);
