/* own_names - the names by which the owner of an account may call a mailbox of his own elsewhere: as he is
 * registered, and in Latin letters: 李青 is liqing, qingli, liq, qli, lq; with other readings too. "Zhang San" is
 * zhangsan and sanzhang. */
#pragma once
#include <glib.h>

#define OWN_NAMES_MAX 60

/* Array of char *, without repetition, the registered one first; empty of NULL and "". Gives. */
GPtrArray *own_names(const char *owner);
