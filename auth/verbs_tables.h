/* verbs_tables - the tables of verbs, one line for each file that has one. A row of NULLs ends a table. */
#pragma once
#include "verbs.h"

extern const Verb verbs_password[]; /* verbs_password.c: passwords that were changed */
extern const Verb verbs_register[]; /* register.c: the register of accounts */
extern const Verb verbs_login[];    /* verbs_login.c: locks and passwords */
extern const Verb verbs_otp[];      /* verbs_otp.c: one-time passwords */
