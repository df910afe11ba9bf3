/* one_time - one-time passwords: HOTP (RFC 4226) and TOTP (RFC 6238), by liboath.
 *
 * HMAC-SHA-1, six digits, steps of 30 seconds from 1970, secrets of 160 bits: what every authenticator understands.
 * `next` only grows, so that no code is good twice; whoever keeps an OneTime must have it on the disk before he tells
 * that a code was good. Nothing here logs or keeps a secret or a code. Thread-safe: an OneTime is the caller's. */
#pragma once
#include <glib.h>

#define ONE_TIME_SECRET_SIZE 20
#define ONE_TIME_DIGITS 6
#define ONE_TIME_STEP 30 /* seconds */
/* TOTP: a clock may be wrong by so many steps either way (RFC 6238, 5.2). */
#define ONE_TIME_DRIFT 1
/* HOTP: so many codes may have been made and not used (RFC 4226, 7.4), and with two in a row, so many. */
#define ONE_TIME_AHEAD 10
#define ONE_TIME_FAR_AHEAD 200

typedef enum { ONE_TIME_TOTP, ONE_TIME_HOTP } OneTimeKind;
typedef struct {
    OneTimeKind kind;
    guint8 secret[ONE_TIME_SECRET_SIZE];
    guint64 next; /* the first step or counter whose code was never accepted */
} OneTime;

/* A fresh secret of the kernel's randomness. */
void one_time_make(OneTime *one_time, OneTimeKind kind);
void one_time_clear(OneTime *one_time); /* wipes */
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(OneTime, one_time_clear)

const char *one_time_kind_word(OneTimeKind kind); /* "totp", "hotp"; lends */
gboolean one_time_kind_from_word(const char *word, OneTimeKind *kind_out);

/* The secret in base 32 (RFC 4648) without padding, to be typed. Gives; free with one_time_text_free(). */
char *one_time_secret_text(const OneTime *one_time);
/* otpauth://totp/ISSUER:ACCOUNT?secret=..., as authenticators scan it. Gives; free with one_time_text_free(). */
char *one_time_uri(const OneTime *one_time, const char *issuer, const char *account);
void one_time_text_free(char *text); /* wipes; NULL is fine */

typedef enum {
    ONE_TIME_GOOD,  /* `next` has moved on */
    ONE_TIME_USED,  /* it is of a step or counter that was accepted or passed over before */
    ONE_TIME_WRONG, /* also what is not six digits */
} OneTimeResult;
OneTimeResult one_time_check(OneTime *one_time, const char *code, gint64 now_us);
/* HOTP whose counter ran away: two codes in a row are looked for ONE_TIME_FAR_AHEAD far. */
OneTimeResult one_time_resync(OneTime *one_time, const char *first, const char *second);
