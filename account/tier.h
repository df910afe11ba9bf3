/* tier - how strong the password of an account has to be: the four strength tiers.
 *
 * The figures are those that the rules ask of classified machines and of unit
 * mailboxes. They are borrowed as strength only: a tier gives no permission to handle matter of that
 * level. Of two demands on one password the stricter holds (T2). */
#pragma once
#include <glib.h>

typedef enum {
    TIER_BASE,   /* every unit mailbox */
    TIER_STRICT, /* as for classified machines, secret */
    TIER_HIGH,   /* as for classified machines, highly secret */
    TIER_OTP,    /* a password as of strict, and a one-time code typed behind it (R-150, RFC 4226, RFC 6238) */
    TIERS
} Tier;

typedef enum { CLASS_LETTER = 1 << 0, CLASS_DIGIT = 1 << 1, CLASS_SPECIAL = 1 << 2 } PasswordClass;

typedef struct {
    const char *word;     /* "base", as in the register and in all commands */
    guint length;         /* characters, at least */
    guint classes;        /* PasswordClass bits that must all be there */
    guint age_days;       /* a password older than this is expired; 0: never, for what is typed is used once */
    guint history;        /* as many earlier passwords may not come back */
    guint unlock_minutes; /* a lock ends by itself after so long; 0: the security officer ends it */
} TierRow;

const TierRow *tier_row(Tier tier); /* lends */
/* TIERS if there is no such word. */
Tier tier_from_word(const char *word);
