/* rule - one rule and one cue of a pack, as read from YAML: what to look for and what it weighs.
 *
 * A pack is a map: pack (its name), title_zh, title_en, rules (a list), cues (a list). A rule names the words or
 * expressions that are its anchors and the score of each form in which they count; a cue names what, seen near such a
 * form, adds to or takes from the score (requirements.md B.6). All scores, words and texts are data; what the code
 * brings is the grammar (marking.h) and the facts of position (CueSeen). */
#pragma once
#include "condition.h"
#include "places.h"
#include "verdict.h"
#include "when.h"
#include "yaml.h"
#include <glib.h>

#define SCORE_MENTION 20
#define SCORE_UNCERTAIN 60
#define SCORE_CONFIRMED 100

typedef enum { RULE_ENFORCE, RULE_OBSERVE, RULE_OFF } RuleStatus;
typedef enum {
    DETECT_MARK,      /* the words are levels of a state-secret mark */
    DETECT_WORDS,     /* words and expressions of one level */
    DETECT_CONDITION, /* a tree of what is found in a part or in the letter */
} RuleDetect;
typedef enum { SCOPE_OF_PART, SCOPE_OF_LETTER } RuleScope; /* in what a condition must hold */
typedef enum { SEVERITY_LOW, SEVERITY_MEDIUM, SEVERITY_HIGH } RuleSeverity;

/* What each form is worth; 0: in this form the rule finds a mention at most. */
typedef struct {
    gint64 star_term, star, star_doubtful, exam, alone, field, ticked, bracketed, prefix, sentence, anywhere,
        expression;
} RuleScores;

/* A letter in miniature that the rule must find, or must not: texts in their places, and facts. */
typedef struct {
    guint part;
    guint place;      /* bit of places.h: of a place, PLACES_ATTACHMENT or PLACES_OCR (both of a body) */
    const char *name; /* of a PlaceField; NULL: none */
    char *text;
} RuleExampleText;

typedef struct {
    GPtrArray *texts;          /* RuleExampleText, in order of parts */
    gboolean has_facts;        /* else `when` is not asked */
    Direction direction;       /* with facts; default out */
    char *sender;              /* with facts; default "" */
    GPtrArray *recipients;     /* char * */
    GPtrArray *own, *reply_to; /* char *: recipients with the author's own name; Reply-To */
    LetterHistory history;     /* of every recipient; {0, 0}: not said */
    gint64 time_us;            /* 0: any */
    char *shown;               /* all of it on few lines, for people */
    guint line;                /* in its file */
} RuleExample;

typedef struct {
    char *id, *title_zh, *title_en, *clause;
    int class, level, status, detect, severity;
    gboolean capitals;        /* counts only if no lower-case letter is in the source */
    gboolean needs_companion; /* counts only with one of `companions` beside it */
    RuleScores scores;
    gint64 score;                         /* of a condition: one for all it finds */
    int scope;                            /* of a condition: RuleScope */
    gint64 history_letters, history_days; /* of a condition: from so many letters on so many days on; 0: at once */
    YamlNode *words, *expressions, *doubtful, *companions, *match, *nomatch; /* of the file, while loading */
    YamlNode *condition_node, *exceptions_node, *cues_node, *when_node;
    YamlNode *places_node, *except_node;
    YamlNode *allow; /* the same; for lint */
    /* not in the file */
    const char *name; /* the id, interned */
    guint index;      /* in its rule set */
    const char *pack; /* interned */
    const char *file; /* interned; with line: where the rule stands */
    guint line;
    Places places, except;        /* empty: all, none */
    Condition *condition;         /* NULL: none */
    GPtrArray *exceptions, *cues; /* Condition */
    When *when;                   /* NULL: always */
    gboolean asks_rules;          /* its condition asks for findings of other rules */
    guint source;                 /* of what asks for this rule's findings, counted from 1; 0: nobody */
    GPtrArray *must, *not ;       /* RuleExample */
    guint literals, expression_count;
    guint companion_set; /* index of the rule whose companions these are: several may share them */
} Rule;

/* Facts of position that the judge sees without words. */
typedef enum {
    SEEN_WORDS, /* none: the cue has words or expressions */
    SEEN_ALONE,
    SEEN_EDGE,
    SEEN_FIRST_LINES,
    SEEN_HEADER_LINES,
    SEEN_LAST_LINES,
    SEEN_ENVELOPE,
    SEEN_COPY_NUMBER,
    SEEN_RED_HEAD,
    SEEN_IMPRINT,
    SEEN_LIMITS,
    SEEN_TERM_BARE,
    SEEN_COMPANION,
    SEEN_QUOTED,
    SEEN_EXAMPLE,
    SEEN_TITLED,
    SEEN_LISTED,
    SEEN_OPTION,
    SEEN_GLUED,
    SEEN_DECORATED,
    SEEN_PAST_YEAR,
    SEEN_CELL,
    SEEN_PAPER,
    SEEN_PROMINENT,
    SEEN_COUNT
} CueSeen;

typedef enum { SCOPE_LINE, SCOPE_BEFORE, SCOPE_AFTER, SCOPE_AROUND, SCOPE_PART } CueScope;

typedef struct {
    char *id, *text_zh, *text_en;
    gint64 score;
    int seen;
    int scope;
    gint64 reach;                        /* lines to either side for around, characters for before and after */
    gint64 count;                        /* different words that must be there */
    gboolean quotation;                  /* a kind of quoting: does not lower a first page with companions */
    gboolean companion;                  /* vouches for a first page: document number, copy number, red head */
    gboolean exam;                       /* only for marks of examination papers */
    gboolean sinks;                      /* the floor of level, star and term does not hold against it */
    GPtrArray *class_names, *form_names; /* empty: all */
    YamlNode *words, *expressions, *allow;
    /* not in the file */
    const char *name; /* the id, interned */
    const char *file;
    guint line;
    guint classes, forms; /* bits; 0: all */
} Cue;

/* What the rules of a pack have in common. */
typedef struct {
    const char *name, *file; /* interned */
    const char *zone;        /* of `when` */
    const Groups *groups;    /* lent to the rules */
} RulePack;

/* Read one entry of `rules:` or `cues:`. NULL only if the node is no map; other mistakes are in problems. */
Rule *rule_read(const YamlNode *node, const RulePack *pack, const char *key, Problems *problems);
void rule_free(Rule *rule);
/* A list of examples: RuleExample. */
GPtrArray *rule_examples_read(const YamlNode *node, const char *key, Problems *problems);
Cue *cue_read(const YamlNode *node, const char *file, const char *key, Problems *problems);
void cue_free(Cue *cue);
const char *rule_status_word(int status);
const char *rule_detect_word(int detect);
const char *cue_seen_word(int seen);
const char *cue_scope_word(int scope);
