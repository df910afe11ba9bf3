/* judge-condition - asks the rules with conditions, once all parts of a letter were seen, and reports what holds. */
#include "config.h"
#include "judge-parts.h"

#define REASONS_MAX 24

/* One rule over some parts. */
typedef struct {
    Judge *judge;
    const Rule *rule;
    const GArray *parts; /* guint: in which the condition may hold */
    GArray *reasons;     /* Reason; NULL: nobody wants to know */
    const Witness *witness;
    guint witness_part;
    gboolean near_seen;
} Asking;

/* --- does it hold? -------------------------------------------------------------------------- */

static const LeafState *
state_at(const Asking *asking, guint index, guint leaf)
{
    return leaves_state(asking->judge->leaves, g_array_index(asking->parts, guint, index), leaf);
}

/* Different values of a leaf over the parts. */
static guint
values_of(const Asking *asking, guint leaf)
{
    const LeafState *state = NULL;
    guint parts = 0;

    for (guint i = 0; i < asking->parts->len; i++) {
        const LeafState *one = state_at(asking, i, leaf);
        state = one != NULL ? one : state;
        parts += one != NULL;
    }
    if (parts < 2)
        return state != NULL ? state->values->len : 0;
    g_autoptr(GHashTable) all = g_hash_table_new(g_int64_hash, g_int64_equal);
    for (guint i = 0; i < asking->parts->len; i++) {
        state = state_at(asking, i, leaf);
        for (guint k = 0; state != NULL && k < state->values->len; k++)
            g_hash_table_add(all, &g_array_index(state->values, guint64, k));
    }
    return g_hash_table_size(all);
}

/* How often a leaf was found in the parts. */
static guint
times_of(const Asking *asking, guint leaf)
{
    guint times = 0;

    for (guint i = 0; i < asking->parts->len; i++) {
        const LeafState *state = state_at(asking, i, leaf);
        times += state != NULL ? state->times : 0;
    }
    return times;
}

static const NearState *
near_of(const Asking *asking, const Condition *near, guint *part_out)
{
    for (guint i = 0; i < asking->parts->len; i++) {
        guint part = g_array_index(asking->parts, guint, i);
        const NearState *state = leaves_near(asking->judge->leaves, part, near->index);
        if (state == NULL)
            continue;
        *part_out = part;
        return state;
    }
    return NULL;
}

static gboolean
holds(const Asking *asking, const Condition *condition)
{
    guint count = condition->children != NULL ? condition->children->len : 0, held = 0, part;
    gint64 weight = 0;

    if (condition_is_leaf(condition))
        return values_of(asking, condition->index) >= (guint)condition->count &&
               (condition->times <= 1 || times_of(asking, condition->index) >= (guint)condition->times);
    if (condition->kind == CONDITION_NEAR)
        return near_of(asking, condition, &part) != NULL;
    for (guint i = 0; i < count; i++) {
        const Condition *child = g_ptr_array_index(condition->children, i);
        if (!holds(asking, child))
            continue;
        held++;
        weight += child->weight;
    }
    return condition->kind == CONDITION_ALL   ? held == count
           : condition->kind == CONDITION_ANY ? held >= (guint)condition->at_least
           : condition->kind == CONDITION_NOT ? held == 0
                                              : weight >= condition->threshold;
}

/* --- why ------------------------------------------------------------------------------------ */

static void
reason_add(Asking *asking, Reason reason)
{
    if (asking->reasons->len < REASONS_MAX)
        g_array_append_val(asking->reasons, reason);
}

/* Where a finding is shown: at the first hits that are near one another, else at the first hit. */
static void
witness_take(Asking *asking, const Witness *witness, guint part, gboolean near)
{
    if (witness->excerpt == NULL || asking->near_seen || (asking->witness != NULL && !near))
        return;
    asking->witness = witness;
    asking->witness_part = part;
    asking->near_seen = near;
}

static void
leaf_explain(Asking *asking, const Condition *leaf)
{
    guint found = values_of(asking, leaf->index);
    gboolean numbers = leaf->kind != CONDITION_PRESENT;

    for (guint i = 0; i < asking->parts->len; i++) {
        const LeafState *state = state_at(asking, i, leaf->index);
        if (state != NULL)
            witness_take(asking, &state->first, g_array_index(asking->parts, guint, i), FALSE);
    }
    reason_add(asking, (Reason){.id = leaf->reason, .found = numbers ? found : 0});
}

static void
near_explain(Asking *asking, const Condition *near)
{
    guint part = 0;
    const NearState *state = near_of(asking, near, &part);

    witness_take(asking, &state->last, part, TRUE);
    for (guint i = 0; i < near->children->len; i++) {
        const Condition *child = g_ptr_array_index(near->children, i);
        if (child->kind != CONDITION_NOT)
            leaf_explain(asking, child);
    }
    reason_add(asking, (Reason){.id = near->reason,
                                .near = near->lines > 0 ? REASON_LINES : REASON_CHARACTERS,
                                .distance = state->distance});
}

/* What holds below, without what had to be absent. */
static void
explain(Asking *asking, const Condition *condition)
{
    if (condition->kind == CONDITION_NOT || !holds(asking, condition))
        return;
    if (condition_is_leaf(condition))
        leaf_explain(asking, condition);
    else if (condition->kind == CONDITION_NEAR)
        near_explain(asking, condition);
    else
        for (guint i = 0; i < condition->children->len; i++)
            explain(asking, g_ptr_array_index(condition->children, i));
}

/* --- the finding ---------------------------------------------------------------------------- */

static gint64
cues_weigh(Asking *asking)
{
    gint64 score = asking->rule->score;

    for (guint i = 0; i < asking->rule->cues->len; i++) {
        const Condition *cue = g_ptr_array_index(asking->rule->cues, i);
        if (!holds(asking, cue))
            continue;
        score += cue->score;
        reason_add(asking, (Reason){.id = cue->reason, .score = (int)cue->score});
    }
    return score;
}

/* Whether it is a finding by now; such a letter is counted whether or not. Without facts every rule is tried. */
static gboolean
history_holds(Asking *asking)
{
    const Rule *rule = asking->rule;
    const LetterFacts *facts = asking->judge->leaves->facts;
    LetterHistory most = {0, 0};

    if (rule->history_letters == 0 || facts == NULL)
        return TRUE;
    guint32 mask = when_recipients(rule->when, facts);
    asking->judge->counted |= mask;
    for (guint i = 0; i < HISTORY_RECIPIENTS_MAX; i++) {
        const LetterHistory *one = facts->history != NULL && i < facts->history->len
                                       ? &g_array_index(facts->history, LetterHistory, i)
                                       : &(const LetterHistory){1, 1};
        if ((mask & 1u << i) != 0 && one->letters >= (guint)rule->history_letters &&
            one->days >= (guint)rule->history_days && one->letters > most.letters)
            most = *one;
    }
    reason_add(asking, (Reason){.id = "history", .found = most.letters});
    return most.letters > 0;
}

static void
report(Asking *asking)
{
    static const Witness nowhere = {.place = {.kind = PLACE_BODY}};
    Judge *judge = asking->judge;
    const Rule *rule = asking->rule;
    g_autoptr(GArray) reasons = g_array_new(FALSE, FALSE, sizeof(Reason));

    asking->reasons = reasons;
    asking->witness = NULL;
    asking->witness_part = g_array_index(asking->parts, guint, 0);
    asking->near_seen = FALSE;
    reason_add(asking, (Reason){.id = "condition", .score = (int)rule->score});
    explain(asking, rule->condition);
    int score = (int)cues_weigh(asking);
    Confidence confidence = confidence_of(score);
    Class class = confidence == CONFIDENCE_MENTION ? CLASS_MENTION : (Class)rule->class;
    const Witness *witness = asking->witness != NULL ? asking->witness : &nowhere;
    if (score >= SCORE_UNCERTAIN && !history_holds(asking))
        return;
    if (rule->source > 0 && score >= SCORE_UNCERTAIN)
        leaves_add_finding(judge, rule->source - 1, asking->witness_part, witness);
    if (score < SCORE_MENTION || !finding_is_wanted(judge, class, score))
        return;
    if (witness->place.kind == PLACE_HIDDEN)
        reason_add(asking, (Reason){.id = "hidden-text"});
    Finding *finding = finding_new();
    g_array_unref(finding->reasons);
    finding->reasons = g_array_ref(reasons);
    finding->rule = rule->name;
    finding->class = class;
    finding->level = class == CLASS_MENTION ? LEVEL_NONE : (Level)rule->level;
    finding->confidence = confidence;
    finding->score = score;
    finding->part = asking->witness_part;
    finding->place = witness->place;
    finding->from = witness->from;
    finding->to = witness->to;
    finding->line = witness->line;
    finding->header_zone = witness->zone;
    finding->observe = rule->status == RULE_OBSERVE;
    finding->excerpt = g_strdup(witness->excerpt != NULL ? witness->excerpt : "");
    finding_keep(judge, finding);
}

/* --- one rule ------------------------------------------------------------------------------- */

static gboolean
is_excepted(const Asking *asking)
{
    for (guint i = 0; i < asking->rule->exceptions->len; i++)
        if (holds(asking, g_ptr_array_index(asking->rule->exceptions, i)))
            return TRUE;
    return FALSE;
}

/* An exception silences its own part only; what the others hold is asked as if that part were not there. */
static void
rule_ask(Judge *judge, const Rule *rule, const GArray *parts)
{
    g_autoptr(GArray) alive = g_array_new(FALSE, FALSE, sizeof(guint)), one = g_array_new(FALSE, FALSE, sizeof(guint));
    Asking asking = {.judge = judge, .rule = rule, .parts = one};

    for (guint i = 0; i < parts->len; i++) {
        g_array_set_size(one, 0);
        g_array_append_val(one, g_array_index(parts, guint, i));
        if (is_excepted(&asking))
            continue;
        if (rule->scope == SCOPE_OF_LETTER)
            g_array_append_val(alive, g_array_index(parts, guint, i));
        else if (holds(&asking, rule->condition))
            report(&asking);
    }
    asking.parts = alive;
    if (alive->len > 0 && holds(&asking, rule->condition))
        report(&asking);
}

/* Rules that ask for findings of others come after those. */
static void
rules_ask(Judge *judge, const GArray *touched, gboolean second)
{
    g_autoptr(GArray) parts = g_array_new(FALSE, FALSE, sizeof(guint));

    for (guint i = 0, next; i < touched->len; i = next) {
        guint number = (guint)(g_array_index(touched, gint64, i) >> 32);
        const Rule *rule = ruleset_rule(judge->ruleset, number);
        g_array_set_size(parts, 0);
        for (next = i; next < touched->len && (guint)(g_array_index(touched, gint64, next) >> 32) == number; next++) {
            guint part = (guint)(g_array_index(touched, gint64, next) & 0xFFFFFFFF);
            g_array_append_val(parts, part);
        }
        gint64 since = cost_begin(judge);
        if (rule->condition != NULL && rule->asks_rules == second && leaves_wants_rule(judge->leaves, number))
            rule_ask(judge, rule, parts);
        cost_end(judge, rule, since);
    }
}

void
conditions_report(Judge *judge)
{
    g_autoptr(GArray) first = leaves_touched(judge->leaves);

    if (first->len == 0)
        return;
    rules_ask(judge, first, FALSE);
    g_autoptr(GArray) second = leaves_touched(judge->leaves);
    rules_ask(judge, second, TRUE);
}
