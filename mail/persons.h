/* persons - which recipients are the author himself by name, and where replies are to go: facts for rules.
 *
 * Reads From, To, Cc and Reply-To after mime_parse(), and of the envelope the recipients, the names of the account's
 * owner and `history`. Display names are compared without white space, quotes and case, in every plausible decoding,
 * with the author's and the owner's. A user name at another domain is the owner's if its letters are one of his names
 * in Latin letters (own_names.h) of at least 4 letters, or of 3 with 2 digits beside it, or of 2 with 4 (lq1985). */
#pragma once
#include "message.h"

#define PERSONS_ADDRESSES_MAX 500 /* of one header that are looked at */

typedef struct {
    GPtrArray *own;      /* char *, normal addresses of recipients who are the author by name */
    GPtrArray *reply_to; /* char *, normal addresses */
    GArray *history;     /* LetterHistory (rules/when.h), one for each recipient */
    guint32 mask;        /* `own` by index of recipient: 1 << index, of the first HISTORY_RECIPIENTS_MAX */
} Persons;

void persons_look(const Message *message, Persons *persons_out);
void persons_clear(Persons *persons);
