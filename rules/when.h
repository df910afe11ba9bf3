/* when - for which letters a rule is asked at all: direction, who sends to whom, when. A pure function of facts that
 * are known before the letter is judged; the time is the letter's, not the machine's. */
#pragma once
#include "groups.h"
#include "verdict.h"
#include "yaml.h"
#include <glib.h>

/* Letters that an account sent to one recipient lately, this one among them, on so many different days. */
typedef struct {
    guint letters, days;
} LetterHistory;
#define HISTORY_RECIPIENTS_MAX 32 /* the first so many recipients are counted: bits of a mask */

/* Plain values; all lent. Addresses are in normal form. */
typedef struct {
    Direction direction;
    const char *sender;               /* "" is the null sender */
    const char *sender_base;          /* the same without tag, SRS and BATV; NULL: no other */
    const GPtrArray *recipients;      /* char *; may be NULL */
    const GPtrArray *recipient_bases; /* one for each recipient; NULL: no others */
    const GPtrArray *own;             /* char *: recipients that carry the author's own name; NULL: none */
    const GPtrArray *reply_to;        /* char *: where replies are to go; NULL: not said */
    const GArray *history;            /* LetterHistory, one for each recipient; NULL: this letter is the first */
    gint64 time_us;                   /* wall clock of the letter */
} LetterFacts;

typedef struct When When;
/* Reads the map. `zone`: name of a time zone ("Asia/Shanghai"), of which hours and days are meant. Names of groups must
 * be in `groups`, which is lent for the life of the When. NULL only if the node is no map; other mistakes are in
 * problems. */
When *when_read(const YamlNode *node, const char *zone, const Groups *groups, const char *key, Problems *problems);
void when_free(When *when);
/* NULL holds always. */
gboolean when_holds(const When *when, const LetterFacts *facts);
/* The recipients for whom it holds (in `recipients`, and with `to_self` the author himself): 1 << index. Without
 * `recipients` none. */
guint32 when_recipients(const When *when, const LetterFacts *facts);
/* TRUE if there is such a time zone here. */
gboolean when_has_zone(const char *zone);
/* One line of what it asks for: "direction: out; recipients: freemail". Gives. */
char *when_text(const When *when);
