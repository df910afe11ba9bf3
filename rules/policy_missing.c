/* policy_missing - makes up the letters that a row speaks of, and asks the other policy about them. */
#include "config.h"
#include "policy_missing.h"
#include "policy_private.h"
#include <string.h>

#define NEUTRAL (-1) /* the row does not ask for it */

/* One letter of a row. */
typedef struct {
    int class, confidence, coverage, why, auth;
    guint problem; /* SubmitterProblem bit; 0: none */
} Case;

typedef struct {
    const Policy *own;
    const PolicyRow *row;
    Direction direction;
    PolicyGap *gap;
} Asking;

void
policy_missing_free(PolicyMissing *missing)
{
    if (missing == NULL)
        return;
    for (guint i = 0; i < POLICY_DIRECTIONS; i++)
        g_free(missing->gaps[i].own_row);
    g_free(missing->id);
    g_free(missing->title_zh);
    g_free(missing->title_en);
    g_free(missing);
}

static gboolean
has_row(const Policy *policy, const char *id)
{
    for (guint i = 0; i < policy->rows->len; i++)
        if (strcmp(((const PolicyRow *)policy->rows->pdata[i])->id, id) == 0)
            return TRUE;
    return FALSE;
}

/* --- letters -------------------------------------------------------------------------------------------------- */

/* What a letter of this kind has besides: a part that could not be read has a reason, an examination mark is one. */
static void
facts_fill(const PolicyWhen *when, const Case *one, PolicyFacts *facts)
{
    PolicyFound *found = when->registered == ANSWER_YES ? facts->registered : facts->classes;
    if (one->class != NEUTRAL)
        found[one->class] = (PolicyFound){.found = TRUE, .confidence = (Confidence)one->confidence};
    else if (when->exam == ANSWER_YES)
        facts->classes[CLASS_STATE] = (PolicyFound){.found = TRUE, .confidence = CONFIDENCE_UNCERTAIN};
    if (one->coverage != NEUTRAL)
        facts->coverage = (Coverage)one->coverage;
    else if (one->why != NEUTRAL)
        facts->coverage = COVERAGE_UNREADABLE;
    if (one->why != NEUTRAL)
        facts->why = (CoverageWhy)one->why;
    facts->rules = when->rules;
    facts->exam = when->exam == ANSWER_YES;
    facts->malformed = when->malformed == ANSWER_YES;
    facts->executable = when->executable == ANSWER_YES;
    facts->auto_forward = when->auto_forward == ANSWER_YES;
    facts->null_sender = when->null_sender == ANSWER_YES;
    facts->auth_failed = one->auth == AUTH_FAILED;
    facts->auth_missing = one->auth == AUTH_MISSING;
    facts->dmarc_reject = one->auth == AUTH_DMARC_REJECT;
}

static void
gap_take(PolicyGap *gap, const PolicyColumn *column, const Decision *decision)
{
    Verdict own = MAX(decision->verdict, decision->observed);
    gboolean silent = (column->actions & ~decision->actions & ACTION_ALERT) != 0;
    if (own >= (Verdict)column->verdict && !silent)
        return;
    if (gap->weaker && own >= gap->own)
        return;
    gap->weaker = TRUE;
    gap->shipped = (Verdict)column->verdict;
    gap->own = own;
    gap->actions = column->actions;
    gap->own_actions = decision->actions;
    g_free(gap->own_row);
    gap->own_row = g_strdup(decision->observed_row != NULL ? decision->observed_row : decision->row);
}

static void
case_ask(const Asking *asking, const Case *one)
{
    static char recipient[] = "somebody@elsewhere.invalid";
    g_autoptr(GPtrArray) recipients = g_ptr_array_new();
    Decision decision;
    PolicyFacts facts = {.direction = asking->direction,
                         .mode = MODE_ENFORCE,
                         .sender = asking->row->when.null_sender == ANSWER_YES ? "" : "somebody@unit.invalid",
                         .recipients = recipients,
                         .account_problems = one->problem,
                         .account_stage = SUBMITTER_STAGE_ENFORCE};
    g_ptr_array_add(recipients, recipient);
    facts_fill(&asking->row->when, one, &facts);
    policy_decide(asking->own, &facts, &decision);
    gap_take(asking->gap, &asking->row->columns[asking->direction], &decision);
    decision_clear(&decision);
}

/* Next value from `from` on whose bit is set; NEUTRAL, once, if none is asked for; -2 at the end. */
#define END (-2)
static int
next_bit(guint bits, int from)
{
    if (bits == 0)
        return from == 0 ? NEUTRAL : END;
    for (int value = from; value < 32; value++)
        if (bits & 1u << value)
            return value;
    return END;
}
#define EACH(value, bits) \
    for (int value = next_bit(bits, 0); value != END; value = next_bit(bits, value == NEUTRAL ? 1 : value + 1))

/* Without a class a registered paper may be of any. */
static guint
classes_of(const PolicyWhen *when)
{
    guint all = (2u << CLASS_STATE) - (1u << CLASS_SENSITIVE);
    return when->classes == 0 && when->registered == ANSWER_YES ? all : when->classes;
}

static void
problems_ask(const Asking *asking, Case one)
{
    guint problems = asking->row->when.account_problems;
    if (problems == 0)
        case_ask(asking, &one);
    for (one.problem = 1; one.problem <= SUBMITTER_PROBLEMS_ALL; one.problem <<= 1)
        if ((problems & one.problem) != 0)
            case_ask(asking, &one);
}

static void
row_ask(const Asking *asking)
{
    const PolicyWhen *when = &asking->row->when;
    guint classes = classes_of(when);
    EACH(class, classes)
    EACH(confidence, classes != 0 ? when->confidences : 0)
    EACH(coverage, when->coverages)
    EACH(why, when->whys)
    EACH(auth, when->auths)
    problems_ask(asking, (Case){class, confidence, coverage, why, auth, 0});
}

/* --- rows ----------------------------------------------------------------------------------------------------- */

static gboolean
names_addresses(const PolicyWhen *when)
{
    return (when->senders != NULL && when->senders->len > 0) || (when->recipients != NULL && when->recipients->len > 0);
}

/* NULL: nothing differs. */
static PolicyMissing *
compare(const Policy *own, const PolicyRow *row)
{
    PolicyMissing *missing = g_new0(PolicyMissing, 1);
    gboolean any = FALSE;
    *missing = (PolicyMissing){.id = g_strdup(row->id),
                               .title_zh = g_strdup(row->title_zh),
                               .title_en = g_strdup(row->title_en),
                               .line = row->line};
    for (Direction direction = 0; direction < POLICY_DIRECTIONS; direction++) {
        const Asking asking = {own, row, direction, &missing->gaps[direction]};
        if (row->columns[direction].present)
            row_ask(&asking);
        any = any || missing->gaps[direction].weaker;
    }
    if (any)
        return missing;
    policy_missing_free(missing);
    return NULL;
}

GPtrArray *
policy_missing(const Policy *own, const Policy *shipped)
{
    GPtrArray *list = g_ptr_array_new_with_free_func((GDestroyNotify)policy_missing_free);
    for (guint i = 0; i < shipped->rows->len; i++) {
        const PolicyRow *row = shipped->rows->pdata[i];
        PolicyMissing *missing = has_row(own, row->id) || names_addresses(&row->when) ? NULL : compare(own, row);
        if (missing != NULL)
            g_ptr_array_add(list, missing);
    }
    return list;
}
