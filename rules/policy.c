/* policy - which rows hold for a letter, and the one decision they make. */
#include "config.h"
#include "policy_private.h"
#include <string.h>

/* The best of the rows that enforce, or that observe. */
typedef struct {
    const PolicyRow *row; /* NULL: none held */
    const PolicyColumn *column;
    guint actions;
} Best;

/* --- does a row hold? -------------------------------------------------------------------------------------------- */

static gboolean
text_equal(const char *a, gsize length, const char *b)
{
    g_autofree char *left = g_utf8_casefold(a, (gssize)length);
    g_autofree char *right = g_utf8_casefold(b, -1);
    return strcmp(left, right) == 0;
}

/* Domains in letters of any script and in A-labels are the same. */
static gboolean
domain_equal(const char *a, const char *b)
{
    g_autofree char *left = g_hostname_to_ascii(a);
    g_autofree char *right = g_hostname_to_ascii(b);
    return left != NULL && right != NULL && g_ascii_strcasecmp(left, right) == 0;
}

static gboolean
domain_matches(const char *pattern, const char *domain)
{
    if (pattern[0] != '.')
        return domain_equal(pattern, domain);
    for (const char *tail = domain; tail != NULL; tail = strchr(tail, '.')) {
        tail += *tail == '.';
        if (domain_equal(pattern + 1, tail))
            return TRUE;
    }
    return FALSE;
}

gboolean
policy_address_matches(const char *pattern, const char *address)
{
    const char *at = strrchr(address, '@'), *pattern_at = strrchr(pattern, '@');
    const char *domain = at != NULL ? at + 1 : "";
    gsize local = at != NULL ? (gsize)(at - address) : strlen(address);
    if (pattern_at == NULL)
        return at != NULL && domain_matches(pattern, domain);
    if (pattern_at != pattern) {
        g_autofree char *wanted = g_strndup(pattern, (gsize)(pattern_at - pattern));
        if (!text_equal(address, local, wanted))
            return FALSE;
    }
    return pattern_at[1] == '\0' || domain_matches(pattern_at + 1, domain);
}

static gboolean
address_listed(const GPtrArray *patterns, const char *address)
{
    for (guint i = 0; patterns != NULL && i < patterns->len; i++)
        if (policy_address_matches(patterns->pdata[i], address))
            return TRUE;
    return FALSE;
}

static gboolean
recipient_listed(const GPtrArray *patterns, const PolicyFacts *facts, guint index)
{
    return address_listed(patterns, facts->recipients->pdata[index]) ||
           (facts->recipient_bases != NULL && address_listed(patterns, facts->recipient_bases->pdata[index]));
}

static gboolean
any_listed(const GPtrArray *patterns, const PolicyFacts *facts)
{
    for (guint i = 0; facts->recipients != NULL && i < facts->recipients->len; i++)
        if (recipient_listed(patterns, facts, i))
            return TRUE;
    return FALSE;
}

static gboolean
all_listed(const GPtrArray *patterns, const PolicyFacts *facts)
{
    for (guint i = 0; facts->recipients != NULL && i < facts->recipients->len; i++)
        if (!recipient_listed(patterns, facts, i))
            return FALSE;
    return facts->recipients != NULL && facts->recipients->len > 0;
}

static gboolean
sender_listed(const GPtrArray *patterns, const PolicyFacts *facts)
{
    return address_listed(patterns, facts->sender) ||
           (facts->sender_base != NULL && address_listed(patterns, facts->sender_base));
}

static gboolean
answer_holds(int answer, gboolean fact)
{
    return answer == ANSWER_ANY || (answer == ANSWER_YES) == (fact != FALSE);
}

static gboolean
any_found(const PolicyFound found[CLASS_STATE + 1], guint classes, guint confidences)
{
    for (guint class = 0; class <= CLASS_STATE; class ++)
        if ((classes & 1u << class) && found[class].found && (confidences & 1u << found[class].confidence))
            return TRUE;
    return FALSE;
}

/* With `registered: yes` class and confidence are asked of that text, else of everything but it. */
static gboolean
class_holds(const PolicyWhen *when, const PolicyFacts *facts)
{
    if (when->registered == ANSWER_YES)
        return any_found(facts->registered, when->classes != 0 ? when->classes : ~0u, when->confidences);
    if (when->registered == ANSWER_NO && any_found(facts->registered, ~0u, ~0u))
        return FALSE;
    return when->classes == 0 || any_found(facts->classes, when->classes, when->confidences);
}

static gboolean
auth_holds(const PolicyWhen *when, const PolicyFacts *facts)
{
    return when->auths == 0 || (facts->auth_failed && (when->auths & 1u << AUTH_FAILED)) ||
           (facts->auth_missing && (when->auths & 1u << AUTH_MISSING)) ||
           (facts->dmarc_reject && (when->auths & 1u << AUTH_DMARC_REJECT));
}

static gboolean
account_holds(const PolicyWhen *when, const PolicyFacts *facts)
{
    return when->account_problems == 0 || (when->account_problems & facts->account_problems) != 0;
}

static gboolean
rule_holds(const PolicyWhen *when, const PolicyFacts *facts)
{
    for (guint i = 0; facts->rules != NULL && i < facts->rules->len; i++)
        if (g_ptr_array_find_with_equal_func(when->rules, facts->rules->pdata[i], g_str_equal, NULL))
            return TRUE;
    return FALSE;
}

static gboolean
has(const GPtrArray *list)
{
    return list != NULL && list->len > 0;
}

static gboolean
when_holds(const PolicyWhen *when, const PolicyFacts *facts)
{
    return class_holds(when, facts) && (!has(when->rules) || rule_holds(when, facts)) &&
           answer_holds(when->exam, facts->exam) &&
           (when->coverages == 0 || (when->coverages & 1u << facts->coverage)) &&
           (when->whys == 0 || (when->whys & 1u << facts->why)) && answer_holds(when->malformed, facts->malformed) &&
           answer_holds(when->executable, facts->executable) && answer_holds(when->auto_forward, facts->auto_forward) &&
           answer_holds(when->null_sender, facts->null_sender) && auth_holds(when, facts) &&
           account_holds(when, facts) && (!has(when->senders) || sender_listed(when->senders, facts)) &&
           (!has(when->recipients) || any_listed(when->recipients, facts));
}

/* About who sends, not about what. */
static gboolean
is_about_sender(const PolicyWhen *when)
{
    gboolean content = when->classes != 0 || has(when->rules) || when->coverages != 0 || when->whys != 0 ||
                       when->exam != ANSWER_ANY || when->registered != ANSWER_ANY || when->malformed != ANSWER_ANY ||
                       when->executable != ANSWER_ANY || when->auto_forward != ANSWER_ANY;
    return !content && (when->auths != 0 || when->account_problems != 0 || has(when->senders));
}

static gboolean
is_exempt(const Policy *policy, const PolicyFacts *facts)
{
    gboolean by_sender = facts->null_sender || address_listed(policy->exempt, facts->sender);
    return (by_sender && !facts->sender_unproven) || all_listed(policy->exempt, facts);
}

/* --- deciding ---------------------------------------------------------------------------------------------------- */

/* By settings, row and column; the stage of the account comes after. */
static gboolean
row_enforces(const PolicyRow *row, const PolicyColumn *column, Mode settings)
{
    int mode = column->mode != ROW_MODE_INHERIT ? column->mode : row->mode;
    return settings == MODE_ENFORCE && mode != ROW_MODE_OBSERVE;
}

static gboolean
is_about_account(const PolicyRow *row)
{
    return row->when.account_problems != 0;
}

static void
best_take(Best *best, const PolicyRow *row, const PolicyColumn *column)
{
    best->actions |= column->actions;
    if (best->row != NULL && column->verdict <= best->column->verdict)
        return;
    best->row = row;
    best->column = column;
}

static char *
row_name(Direction direction, const Best *best)
{
    return g_strconcat(direction_word(direction), "-", best->row->id, NULL);
}

static void
decision_fill(Decision *decision, const Best *best, Mode mode, Direction direction)
{
    decision->verdict = decision->observed = (Verdict)best->column->verdict;
    decision->actions = best->actions;
    decision->mode = mode;
    decision->row = row_name(direction, best);
    decision->about_forward = best->row->when.auto_forward == ANSWER_YES;
    if (decision->verdict == VERDICT_REJECT)
        decision->reply = g_strdup(best->column->reply != NULL ? best->column->reply : POLICY_REPLY_DEFAULT);
}

void
policy_decide(const Policy *policy, const PolicyFacts *facts, Decision *decision_out)
{
    Best enforcing = {NULL}, observing = {NULL};
    gboolean exempt = is_exempt(policy, facts);
    *decision_out = (Decision){.verdict = VERDICT_ACCEPT, .mode = facts->mode};
    for (guint i = 0; i < policy->rows->len; i++) {
        const PolicyRow *row = policy->rows->pdata[i];
        const PolicyColumn *column = &row->columns[facts->direction];
        if (!column->present || (exempt && is_about_sender(&row->when)) || !when_holds(&row->when, facts))
            continue;
        gboolean enforces = row_enforces(row, column, facts->mode);
        if (enforces && is_about_account(row) && facts->account_stage != SUBMITTER_STAGE_ENFORCE) {
            enforces = FALSE;
            if (facts->account_stage == SUBMITTER_STAGE_WARN && column->verdict > VERDICT_ACCEPT)
                decision_out->account_effect = ACCOUNT_EFFECT_WARNED;
        }
        best_take(enforces ? &enforcing : &observing, row, column);
    }
    gboolean stricter =
        observing.row != NULL && (enforcing.row == NULL || observing.column->verdict > enforcing.column->verdict);
    if (enforcing.row != NULL && (!stricter || enforcing.column->verdict > VERDICT_ACCEPT)) {
        decision_fill(decision_out, &enforcing, MODE_ENFORCE, facts->direction);
        if (is_about_account(enforcing.row) && enforcing.column->verdict > VERDICT_ACCEPT)
            decision_out->account_effect = ACCOUNT_EFFECT_DECIDED;
        if (stricter) {
            decision_out->observed = (Verdict)observing.column->verdict;
            decision_out->observed_row = row_name(facts->direction, &observing);
        }
    } else if (observing.row != NULL) {
        observing.actions |= enforcing.actions;
        decision_fill(decision_out, &observing, MODE_OBSERVE, facts->direction);
    }
}

void
decision_clear(Decision *decision)
{
    g_free(decision->row);
    g_free(decision->reply);
    g_free(decision->observed_row);
    *decision = (Decision){.verdict = VERDICT_ACCEPT};
}

const char *
policy_digest(const Policy *policy)
{
    return policy->digest;
}

const char *
policy_title(const Policy *policy, const char *row, gboolean chinese)
{
    const char *id = strchr(row, '-');
    for (guint i = 0; id != NULL && i < policy->rows->len; i++) {
        const PolicyRow *one = policy->rows->pdata[i];
        if (strcmp(one->id, id + 1) == 0)
            return chinese ? one->title_zh : one->title_en;
    }
    return NULL;
}
