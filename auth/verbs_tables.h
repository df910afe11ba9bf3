/* verbs_tables - the tables of verbs, one line for each file that has one (a row of NULLs ends a table), and what
 * auth/verbs*.c share. */
#pragma once
#include "verbs.h"

extern const Verb verbs_campaign[]; /* campaign_start.c: passwords changed by campaign */
extern const Verb verbs_password[]; /* verbs_password.c: passwords that were changed */
extern const Verb verbs_register[]; /* register.c: the register of accounts */
extern const Verb verbs_login[];    /* verbs_login.c: locks and passwords */
extern const Verb verbs_otp[];      /* verbs_otp.c: one-time passwords */
extern const Verb verbs_batch[];    /* verbs_batch.c: many verbs of the register in one change */

/* The verb that a call names; NULL with error. */
const Verb *verb_needed(const json_t *arguments, GError **error);
/* FALSE with error for an argument that the verb does not have. */
gboolean verb_arguments_known(const Verb *verb, const json_t *arguments, GError **error);
/* Runs a verb that changes something, in its transaction. */
gboolean verb_change(VerbCall *call, const Verb *verb, GError **error);
/* Writes records (json_t *) and counts those that were or may have been written. */
gboolean verb_write_records(VerbCall *call, const GPtrArray *records, GError **error);
