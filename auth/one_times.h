/* one_times - who has a one-time password, and whether a code is good.
 *
 * Secrets lie in "one_time.db" beside the register, each under a key of its own (AES-256-GCM) that comes from
 * "one_time.key", a random salt and the account's name: a row that is put elsewhere does not open. A secret counts when
 * a first code has confirmed it; that must be within ONE_TIMES_CONFIRM_MINUTES and ONE_TIMES_CONFIRM_TRIES codes. A
 * code that was good is on the disk as used before anybody is told. Thread-safe. */
#pragma once
#include "one_time.h"

#define ONE_TIMES_CONFIRM_MINUTES 15
#define ONE_TIMES_CONFIRM_TRIES 5

typedef enum { ONE_TIMES_NONE, ONE_TIMES_WAITING, ONE_TIMES_CONFIRMED } OneTimesState;
const char *one_times_state_word(OneTimesState state); /* "none", "waiting", "confirmed"; lends */

typedef struct OneTimes OneTimes;
/* `register_path`: the register's database; NULL with error. */
OneTimes *one_times_new(const char *register_path, GError **error);
void one_times_free(OneTimes *one_times); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(OneTimes, one_times_free)

/* From memory. `kind_out` (may be NULL) is set, and the time of the confirmation, if there is one. */
OneTimesState one_times_state(OneTimes *one_times, const char *account, OneTimeKind *kind_out, gint64 *confirmed_out);

/* When a code of the account was last good, by the clock of one_times_check(); 0: never since the start. */
gint64 one_times_last_good(OneTimes *one_times, const char *account);

/* Called when all is ready and before it counts: FALSE with error undoes it. */
typedef gboolean (*OneTimesRecord)(gpointer user, GError **error);

/* A new secret that waits for its first code; replaces one that waits. PERMISSION if a confirmed one is there. */
gboolean one_times_enrol(OneTimes *one_times, const char *account, OneTimeKind kind, gint64 now_us,
                         OneTimesRecord record, gpointer user, OneTime *made_out, GError **error);
/* The first code. TRUE and result_out; after ONE_TIMES_CONFIRM_TRIES wrong ones the secret is dropped. NO_INPUT if none
 * waits. `record` is called for a good one only. */
gboolean one_times_confirm(OneTimes *one_times, const char *account, const char *code, gint64 now_us,
                           OneTimesRecord record, gpointer user, OneTimeResult *result_out, GError **error);
/* `second` NULL: a code; else two in a row, of HOTP that ran away. NO_INPUT if none is confirmed; any error is a
 * refusal. */
gboolean one_times_check(OneTimes *one_times, const char *account, const char *code, const char *second, gint64 now_us,
                         OneTimeResult *result_out, GError **error);
/* Forgets the secret. NO_INPUT if there is none. */
gboolean one_times_reset(OneTimes *one_times, const char *account, OneTimesRecord record, gpointer user,
                         GError **error);
