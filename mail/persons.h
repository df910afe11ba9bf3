/* persons - which recipients are the author himself by name, and where replies are to go: facts for rules.
 *
 * Reads From, To, Cc and Reply-To after mime_parse(). Names are compared without white space, quotes and case, in every
 * plausible decoding. */
#pragma once
#include "message.h"

#define PERSONS_ADDRESSES_MAX 500 /* of one header that are looked at */

typedef struct {
    GPtrArray *own;      /* char *, normal addresses of recipients whose name is the author's own */
    GPtrArray *reply_to; /* char *, normal addresses */
} Persons;

void persons_look(const Message *message, Persons *persons_out);
void persons_clear(Persons *persons);
