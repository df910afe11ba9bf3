/* verdict - the words of judgement, one table per enum. */
#include "config.h"
#include "verdict.h"

static const char *const CLASSES[] = {"none", "mention", "sensitive", "foreign", "trade", "work", "state"};
static const char *const LEVELS[] = {"none",   "sensitive",     "trade",     "work-secret",
                                     "secret", "highly-secret", "top-secret"};
static const char *const LEVELS_ZH[] = {"无", "敏感", "商业秘密", "工作秘密", "秘密", "机密", "绝密"};
/* For a person reading the record "none" and "mention" both mean that nothing is claimed; policy files do tell them
 * apart, so they have words to be parsed. */
static const char *const CONFIDENCES[] = {"none", "mention", "uncertain", "confirmed"};
static const char *const DIRECTIONS[] = {"out", "local", "in"};
static const char *const VERDICTS[] = {"accept", "hold", "reject", "tempfail", "discard"};
static const char *const ACTIONS[] = {"tag", "alert", "log", "note-account"};

G_STATIC_ASSERT(G_N_ELEMENTS(CLASSES) == CLASS_STATE + 1);
G_STATIC_ASSERT(G_N_ELEMENTS(LEVELS) == LEVEL_TOP_SECRET + 1);
G_STATIC_ASSERT(G_N_ELEMENTS(LEVELS_ZH) == LEVEL_TOP_SECRET + 1);
G_STATIC_ASSERT(G_N_ELEMENTS(CONFIDENCES) == CONFIDENCE_CONFIRMED + 1);
G_STATIC_ASSERT(G_N_ELEMENTS(DIRECTIONS) == DIRECTION_IN + 1);
G_STATIC_ASSERT(G_N_ELEMENTS(VERDICTS) == VERDICT_DISCARD + 1);

static const char *
word_at(const char *const *words, gsize count, guint value)
{
    g_return_val_if_fail(value < count, words[0]);
    return words[value];
}

static gboolean
word_find(const char *const *words, gsize count, const char *word, guint *out)
{
    for (guint i = 0; word != NULL && i < count; i++)
        if (strcmp(words[i], word) == 0) {
            *out = i;
            return TRUE;
        }
    return FALSE;
}

#define WORD(words, value) word_at(words, G_N_ELEMENTS(words), value)
#define FIND(words, word, type, out)                          \
    guint found;                                              \
    if (!word_find(words, G_N_ELEMENTS(words), word, &found)) \
        return FALSE;                                         \
    *(out) = (type)found;                                     \
    return TRUE

const char *
class_word(Class class)
{
    return WORD(CLASSES, class);
}

const char *
level_word(Level level)
{
    return WORD(LEVELS, level);
}

const char *
level_word_zh(Level level)
{
    return WORD(LEVELS_ZH, level);
}

const char *
confidence_word(Confidence confidence)
{
    return confidence >= CONFIDENCE_UNCERTAIN ? WORD(CONFIDENCES, confidence) : NULL;
}

const char *
direction_word(Direction direction)
{
    return WORD(DIRECTIONS, direction);
}

const char *
verdict_word(Verdict verdict)
{
    return WORD(VERDICTS, verdict);
}

const char *
action_word(Action one)
{
    for (guint i = 0; i < G_N_ELEMENTS(ACTIONS); i++)
        if (one == 1u << i)
            return ACTIONS[i];
    g_return_val_if_reached(ACTIONS[0]);
}

gboolean
class_parse(const char *word, Class *out)
{
    FIND(CLASSES, word, Class, out);
}

gboolean
level_parse(const char *word, Level *out)
{
    FIND(LEVELS, word, Level, out);
}

gboolean
confidence_parse(const char *word, Confidence *out)
{
    FIND(CONFIDENCES, word, Confidence, out);
}

gboolean
direction_parse(const char *word, Direction *out)
{
    FIND(DIRECTIONS, word, Direction, out);
}

gboolean
verdict_parse(const char *word, Verdict *out)
{
    FIND(VERDICTS, word, Verdict, out);
}

gboolean
action_parse(const char *word, Action *out)
{
    guint found;
    if (!word_find(ACTIONS, G_N_ELEMENTS(ACTIONS), word, &found))
        return FALSE;
    *out = (Action)(1u << found);
    return TRUE;
}
