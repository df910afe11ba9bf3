/* policy_missing - situations that the policy that ships decides by a row which a unit's own policy.yaml, written for
 * an older version, does not have.
 *
 * A row is told only if its absence shows: for every letter of which the row speaks (each class, confidence, coverage
 * and so on that it names) the own policy is asked; where it is as strict and alerts as the row does, another row of
 * the unit's covers it. Rows about certain senders or recipients are not compared: such are the unit's own affair. */
#pragma once
#include "policy.h"

typedef struct {
    gboolean weaker;      /* some letter is decided less strictly, or without the alert */
    Verdict shipped, own; /* of the letter where they differ most */
    guint actions, own_actions;
    char *own_row; /* that decides it; NULL: none */
} PolicyGap;

typedef struct {
    char *id, *title_zh, *title_en;
    guint line;                       /* in the file of the shipped policy */
    PolicyGap gaps[DIRECTION_IN + 1]; /* by direction */
} PolicyMissing;
void policy_missing_free(PolicyMissing *missing);

/* PolicyMissing, in the order of the shipped policy. Gives. */
GPtrArray *policy_missing(const Policy *own, const Policy *shipped);
