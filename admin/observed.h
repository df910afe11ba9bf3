/* observed - counts over letters that were judged and not acted upon: what enforcing would have done. */
#pragma once
#include <glib.h>
#include <jansson.h>

#define OBSERVED_LETTERS 200000 /* Message-IDs remembered; then they are forgotten, and a few letters count twice */
#define OBSERVED_KEYS 10000     /* different rows, departments, causes; what comes after is counted as "(other)" */

typedef struct {
    char *name;
    guint64 letters;  /* accepted ones too */
    guint64 rejected; /* would have been */
    guint64 held;
    guint64 tempfailed;
} ObservedCount;

typedef struct {
    guint64 letters;         /* a verdict was given and not carried out, or a row that observes is stricter */
    guint64 carried_out;     /* letters that were enforced */
    guint64 failed;          /* no verdict */
    ObservedCount all;       /* over the observed */
    GHashTable *rows;        /* name to ObservedCount: policy rows */
    GHashTable *departments; /* domain of the account or sender; inbound: of the first recipient */
    GHashTable *causes;      /* of stopped letters: rules, "unreadable: encrypted" ..., failures */
    GHashTable *submitted;   /* Message-IDs of letters that our users submitted */
    char *first_time, *last_time;
} Observed;

void observed_init(Observed *observed);
void observed_clear(Observed *observed);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Observed, observed_clear)

/* Counts one record; anything but a letter is passed over, and so is the second look at a letter that was submitted
 * and then met the egress listener. */
void observed_add(Observed *observed, const json_t *record);
guint64 observed_stopped(const ObservedCount *count); /* rejected, held or put off */
/* Most stopped first, then most letters, then by name. Lent counts; gives the array. */
GPtrArray *observed_sorted(GHashTable *counts);
/* {"v", "first_time", "last_time", "letters", "carried_out", "failed", "would": {...}, "rows": [...], "departments":
 * [...], "causes": [...]}. Gives a reference. */
json_t *observed_json(const Observed *observed);
