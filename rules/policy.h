/* policy - facts and findings to one decision; policy.yaml, one row per situation.
 *
 * A pure function of its arguments. Every row whose `when` holds for the facts is considered in the column of the
 * direction; the strictest verdict wins (the first row of several; tempfail never comes from a row), actions add up.
 *
 * Rows and their columns have `mode: observe|enforce|inherit`: inherit is the settings' mode, the column's word goes
 * before the row's. The settings' observe goes before both: then nothing is carried out. A row that observes hides none
 * that enforces: if an enforcing row holds or rejects, the decision is the enforcing rows' alone, and `observed` tells
 * what the observing ones would have made of it.
 *
 * Rows with account_problem go in stages besides: while the account's group observes they observe; while it is warned
 * they observe as well and the decision says so (account_effect); in enforce they are as any other row.
 *
 * Rows about the sender (account_problem, auth, or sender, without any condition on content) do not hold for the null
 * sender, for a sender named in `exempt`, nor for a letter all of whose recipients are. A submission whose account was
 * not found to own the sender's address gets no exemption by that address (sender_unproven): anybody can write it. */
#pragma once
#include "settings.h"
#include "submitter.h"
#include "verdict.h"
#include <glib.h>

typedef struct Policy Policy;
/* NULL with problems when wrong. path must exist. */
Policy *policy_load(const char *path, Problems *problems);
void policy_free(Policy *policy);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Policy, policy_free)
const char *policy_digest(const Policy *policy); /* "sha256:..." of the file's bytes */

typedef struct {
    gboolean found;
    Confidence confidence;
    Level level;
    const char *rule;
} PolicyFound;

/* What policy looks at. Plain values; strings are lent. */
typedef struct {
    Direction direction;
    gboolean egress; /* listener egress or non-smtpd: never a 5xx */
    Mode mode;       /* of the settings */
    /* one line per class found: the best score, confidence and level of that class */
    PolicyFound classes[CLASS_STATE + 1];
    PolicyFound registered[CLASS_STATE + 1]; /* the same of text of registered papers, which `classes` leaves out */
    const GPtrArray *rules;                  /* const char *: those of findings that decide; NULL: none */
    gboolean exam;                           /* an F5 examination-paper mark is the best state finding */
    Coverage coverage;                       /* worst over the parts */
    CoverageWhy why;                         /* of the worst part */
    gboolean malformed;                      /* structure that readers disagree on */
    gboolean executable;                     /* an executable among the parts */
    gboolean auto_forward;
    gboolean auth_failed, auth_missing, dmarc_reject; /* from trusted Authentication-Results; inbound only */
    gboolean null_sender;
    const char *sender;           /* normalised address, "" for null */
    const char *sender_base;      /* the same without tag, SRS and BATV; NULL: no other */
    GPtrArray *recipients;        /* normalised addresses (char *) */
    GPtrArray *recipient_bases;   /* one for each recipient; NULL: no others */
    const char *account;          /* authenticated user or NULL */
    guint account_problems;       /* SubmitterProblem bits */
    SubmitterStage account_stage; /* of the account's group */
    gboolean sender_unproven;     /* a submission; the envelope's sender was not found to be the account's own */
} PolicyFacts;

/* What the rows with account_problem did to a letter. */
typedef enum {
    ACCOUNT_EFFECT_NONE,
    ACCOUNT_EFFECT_WARNED, /* stage warn: one would have held or refused it */
    ACCOUNT_EFFECT_DECIDED /* the decision's row is one of them, it holds or refuses, and is carried out */
} AccountEffect;

typedef struct Decision {
    Verdict verdict;        /* what policy decides, in observe mode too */
    guint actions;          /* Action bits */
    Mode mode;              /* whether it is carried out: settings' mode and the row's */
    char *row;              /* "out-state", or NULL if no row held */
    char *reply;            /* SMTP reply without id: "550 5.7.1 ..." for reject and tempfail, else NULL */
    Verdict observed;       /* at least `verdict`: what it would be if the observing rows enforced too */
    gboolean about_forward; /* the row is about automatic forwards */
    char *observed_row;     /* the row of that; NULL if observed is verdict */
    AccountEffect account_effect;
} Decision;
void decision_clear(Decision *decision);
void policy_decide(const Policy *policy, const PolicyFacts *facts, Decision *decision_out);
/* The row's title in zh or en for a decision's `row`; lends, NULL if the policy has no such row. */
const char *policy_title(const Policy *policy, const char *row, gboolean chinese);
/* What a row may say, for the manual: the keys of the file, of a row, of its `when`, of a column. The commented example
 * is contrib/policy.yaml, the policy that ships. */
const YamlRow *policy_rows(void);
const YamlRow *policy_row_rows(void);
const YamlRow *policy_when_rows(void);
const YamlRow *policy_column_rows(void);
