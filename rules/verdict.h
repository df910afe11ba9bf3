/* verdict - the words of judgement: class, level, confidence, verdict.
 *
 * Names are those of the JSON of `hangu check` (BLUEPRINT section 4). Larger values are stricter or higher within each
 * enum. */
#pragma once
#include "coverage.h"
#include <glib.h>

typedef enum { CLASS_NONE, CLASS_MENTION, CLASS_SENSITIVE, CLASS_FOREIGN, CLASS_TRADE, CLASS_WORK, CLASS_STATE } Class;
typedef enum {
    LEVEL_NONE,
    LEVEL_SENSITIVE,
    LEVEL_TRADE,
    LEVEL_WORK_SECRET,
    LEVEL_SECRET,
    LEVEL_HIGHLY_SECRET,
    LEVEL_TOP_SECRET
} Level; /* = rank */
typedef enum { CONFIDENCE_NONE, CONFIDENCE_MENTION, CONFIDENCE_UNCERTAIN, CONFIDENCE_CONFIRMED } Confidence;
typedef enum { DIRECTION_OUT, DIRECTION_LOCAL, DIRECTION_IN } Direction;
typedef enum {
    VERDICT_ACCEPT,
    VERDICT_HOLD,
    VERDICT_REJECT,
    VERDICT_TEMPFAIL,
    VERDICT_DISCARD, /* an answer of the gate's, never a verdict */
} Verdict;
typedef enum { ACTION_TAG = 1 << 0, ACTION_ALERT = 1 << 1, ACTION_LOG = 1 << 2, ACTION_NOTE_ACCOUNT = 1 << 3 } Action;

/* Words: "state", "highly-secret", "机密", "confirmed", "out", "reject", "tag" ... Static. */
const char *class_word(Class class);
const char *level_word(Level level);
const char *level_word_zh(Level level);
const char *confidence_word(Confidence confidence); /* NULL for none and mention */
const char *direction_word(Direction direction);
const char *verdict_word(Verdict verdict);
const char *action_word(Action one);
/* Back from words; FALSE if unknown. */
gboolean class_parse(const char *word, Class *out);
gboolean level_parse(const char *word, Level *out);
gboolean confidence_parse(const char *word, Confidence *out);
gboolean direction_parse(const char *word, Direction *out);
gboolean verdict_parse(const char *word, Verdict *out);
gboolean action_parse(const char *word, Action *out);
