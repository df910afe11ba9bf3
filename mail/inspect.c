/* The corridor: parse, read and judge, summarise, decide. Who changes detection or policy starts at inspector_run(). */
#include "config.h"
#include "inspect.h"
#include "account.h"
#include "address.h"
#include "authres.h"
#include "clock.h"
#include "direction.h"
#include "errors.h"
#include "forward.h"
#include "mime.h"
#include "persons.h"
#include "read.h"

/* Facts of structure on which programs disagree; the others are merely untidy. */
#define MALFORMED                                                                                              \
    (ODD_DUPLICATE_HEADER | ODD_NO_BOUNDARY | ODD_BROKEN_BOUNDARY | ODD_DEPTH | ODD_PARTS | ODD_HEADER_BYTES | \
     ODD_ENCODED_CONTAINER | ODD_BARE_CR | ODD_NUL | ODD_PARTIAL_MESSAGE | ODD_DOUBLE_PARAMETER)

struct Inspector {
    const Settings *settings;
    const Policy *policy;
    const PlaceNames *names; /* headers and properties that the rules ask for */
    Judge *judge;
    const Papers *papers; /* lent; NULL: none */
    Extractor *extractor; /* lent; NULL: documents are not read */
};

/* One letter before one judge, or two. */
typedef struct {
    Inspector *inspectors[2];
    GPtrArray *findings[2]; /* Finding, of each */
    guint count;
    Message *message;
    guint part;          /* whose segments come */
    gboolean attachment; /* it is one, or lies in one */
    gboolean known;      /* part and attachment are of a segment that came */
    gboolean capped;     /* some judge met a hit cap */
    GError *failure;
} Judging;

/* The envelope's addresses, compared as everywhere. */
typedef struct {
    char *sender, *sender_base;
    GPtrArray *recipients, *recipient_bases;
} Addresses;

Inspector *
inspector_new(const Settings *settings, const Ruleset *ruleset, const Policy *policy)
{
    const JudgeLimits limits = {(guint)settings->max_hits, (guint)settings->max_findings};
    Inspector *inspector = g_new0(Inspector, 1);
    inspector->settings = settings;
    inspector->policy = policy;
    inspector->names = ruleset_place_names(ruleset);
    inspector->judge = judge_new(ruleset, &limits);
    return inspector;
}

void
inspector_free(Inspector *inspector)
{
    if (inspector == NULL)
        return;
    judge_free(inspector->judge);
    g_free(inspector);
}

void
inspector_set_extractor(Inspector *inspector, Extractor *extractor)
{
    inspector->extractor = extractor;
}

void
inspector_set_papers(Inspector *inspector, const Papers *papers, const FingerprintKey *key)
{
    inspector->papers = papers;
    judge_set_papers(inspector->judge, papers, key);
}

/* --- read and judge --------------------------------------------------------------------------------------------- */

static gboolean
is_attached(const Message *message, guint index)
{
    for (int i = (int)index; i > 0; i = message_part(message, (guint)i)->parent)
        if (message_part(message, (guint)i)->is_attachment)
            return TRUE;
    return FALSE;
}

static gboolean
judges_end_part(Judging *judging, guint part)
{
    gboolean capped = FALSE;
    for (guint i = 0; i < judging->count; i++)
        capped |= judge_part_end(judging->inspectors[i]->judge, part);
    judging->capped |= capped;
    return capped;
}

static gboolean
take_segment(const Segment *segment, gpointer user)
{
    Judging *judging = user;
    Segment placed = *segment;
    /* A document's members speak while it has its turn; the judge must tell of the hit cap before it forgets a part. */
    if (segment->part != judging->part && judges_end_part(judging, judging->part))
        part_cover(message_part(judging->message, judging->part), COVERAGE_PARTIAL, WHY_OVER_BUDGET);
    if (!judging->known || segment->part != judging->part)
        judging->attachment = is_attached(judging->message, segment->part);
    judging->known = TRUE;
    judging->part = segment->part;
    placed.place.attachment = judging->attachment;
    for (guint i = 0; i < judging->count; i++)
        if (!judge_segment(judging->inspectors[i]->judge, &placed, &judging->failure))
            return FALSE;
    return TRUE;
}

static gboolean
end_part(guint part, gpointer user)
{
    return judges_end_part(user, part);
}

static void
addresses_fill(Addresses *addresses, const Envelope *envelope, const char *delimiter)
{
    addresses->sender = address_normal(envelope->sender);
    addresses->sender_base = address_base(envelope->sender, delimiter);
    addresses->recipients = g_ptr_array_new_with_free_func(g_free);
    addresses->recipient_bases = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < envelope->recipients->len; i++) {
        const char *one = g_ptr_array_index(envelope->recipients, i);
        g_ptr_array_add(addresses->recipients, address_normal(one));
        g_ptr_array_add(addresses->recipient_bases, address_base(one, delimiter));
    }
}

static void
addresses_clear(Addresses *addresses)
{
    g_free(addresses->sender);
    g_free(addresses->sender_base);
    g_clear_pointer(&addresses->recipients, g_ptr_array_unref);
    g_clear_pointer(&addresses->recipient_bases, g_ptr_array_unref);
}

static gboolean
read_and_judge(Judging *judging, const Addresses *addresses, gint64 deadline_us, GError **error)
{
    const Inspector *first = judging->inspectors[0];
    Message *message = judging->message;
    Persons persons = {0};
    persons_look(message, &persons);
    LetterFacts facts = {.direction = message->direction,
                         .sender = addresses->sender,
                         .sender_base = addresses->sender_base,
                         .recipients = addresses->recipients,
                         .recipient_bases = addresses->recipient_bases,
                         .time_us = message->envelope.received_us};
    facts.own = persons.own;
    facts.reply_to = persons.reply_to;
    facts.history = persons.history;
    message->own = persons.mask;
    const Reader reader = {take_segment, end_part, judging, deadline_us, first->extractor, first->names};
    for (guint i = 0; i < judging->count; i++) {
        judge_begin(judging->inspectors[i]->judge, message->envelope.received_us, judging->findings[i]);
        judge_facts(judging->inspectors[i]->judge, &facts);
    }
    gboolean good = read_message(message, first->settings, &reader, error);
    for (guint i = 0; i < judging->count; i++) {
        for (guint part = 0; part < message->parts->len; part++)
            if (message_part(message, part)->has_digest)
                judge_file(judging->inspectors[i]->judge, part, message_part(message, part)->digest);
        judge_end(judging->inspectors[i]->judge);
    }
    message->counted = judge_counted(first->judge);
    persons_clear(&persons);
    if (judging->failure == NULL)
        return good;
    if (good)
        g_propagate_error(error, judging->failure); /* the scanner failed: nobody may say what the letter holds */
    else
        g_error_free(judging->failure);
    return FALSE;
}

/* --- summarise -------------------------------------------------------------------------------------------------- */

static int
stronger_first(gconstpointer a, gconstpointer b)
{
    const Finding *left = *(const Finding *const *)a, *right = *(const Finding *const *)b;
    if (left->observe != right->observe)
        return left->observe ? 1 : -1;
    if (left->class != right->class)
        return left->class < right->class ? 1 : -1;
    if (left->score != right->score)
        return left->score < right->score ? 1 : -1;
    if (left->part != right->part)
        return left->part > right->part ? 1 : -1;
    return left->from > right->from ? 1 : left->from < right->from ? -1 : 0;
}

static void
take_term(Message *message, const Mark *mark, guint *days)
{
    const char *term = mark->term[0] != '\0' ? mark->term : mark->condition;
    if (mark->voided || term[0] == '\0')
        return;
    guint own = mark_term_days(mark);
    if (message->term != NULL && own <= *days)
        return;
    g_free(message->term);
    message->term = g_strdup(term);
    message->term_in_words = mark->term[0] == '\0';
    *days = own;
}

/* the highest class and level and, independently, the longest term of all parts. */
static void
summarise(Message *message)
{
    guint days = 0;
    g_ptr_array_sort(message->findings, stronger_first);
    for (guint i = 0; i < message->findings->len; i++) {
        const Finding *finding = g_ptr_array_index(message->findings, i);
        if (finding->observe)
            continue;
        if (finding->class > message->class) {
            message->class = finding->class;
            message->confidence = finding->confidence;
        } else if (finding->class == message->class) {
            message->confidence = MAX(message->confidence, finding->confidence);
        }
        if (finding->class <= CLASS_MENTION)
            continue;
        message->level = MAX(message->level, finding->level);
        if (finding->mark.form != MARK_FORM_NONE || finding->paper.number != 0)
            take_term(message, &finding->mark, &days);
    }
}

/* --- decide ----------------------------------------------------------------------------------------------------- */

static void
class_facts(const Message *message, PolicyFacts *facts)
{
    gboolean exam = FALSE, other = FALSE; /* an examination paper does not excuse another confirmed mark beside it */
    for (guint i = message->findings->len; i-- > 0;) { /* the strongest of a class comes last, and stays */
        const Finding *finding = g_ptr_array_index(message->findings, i);
        if (finding->observe)
            continue;
        gboolean registered = finding->paper.number != 0;
        PolicyFound *found = registered ? &facts->registered[finding->class] : &facts->classes[finding->class];
        found->found = TRUE;
        found->rule = finding->rule;
        found->confidence = MAX(found->confidence, finding->confidence);
        found->level = MAX(found->level, finding->level);
        if (registered)
            continue;
        if (finding->class == CLASS_STATE && finding->mark.exam)
            exam = TRUE;
        else if (finding->class == CLASS_STATE && finding->confidence == CONFIDENCE_CONFIRMED)
            other = TRUE;
    }
    facts->exam = exam && !other;
}

/* Those that may stop a letter. */
static GPtrArray *
rules_found(const Message *message)
{
    GPtrArray *rules = g_ptr_array_new();
    for (guint i = 0; i < message->findings->len; i++) {
        const Finding *finding = g_ptr_array_index(message->findings, i);
        if (!finding->observe && finding->confidence > CONFIDENCE_MENTION)
            g_ptr_array_add(rules, (gpointer)finding->rule);
    }
    return rules;
}

static gboolean
has_executable(const Message *message)
{
    for (guint i = 0; i < message->parts->len; i++)
        if (message_part(message, i)->is_executable)
            return TRUE;
    return FALSE;
}

static void
decide(const Inspector *inspector, Message *message, const Addresses *addresses)
{
    PolicyFacts facts = {
        .direction = message->direction,
        .egress = message->egress,
        .mode = (Mode)inspector->settings->mode,
        .coverage = message->coverage,
        .why = message->why,
        .malformed = (message->oddities & MALFORMED) != 0,
        .executable = has_executable(message),
        .auto_forward = message->auto_forward,
        .null_sender = addresses->sender[0] == '\0',
        .sender = addresses->sender,
        .sender_base = addresses->sender_base,
        .recipients = addresses->recipients,
        .recipient_bases = addresses->recipient_bases,
        .account = message->envelope.auth_user,
        .account_problems = message->account_problems,
        .account_stage = message->envelope.account != NULL ? message->envelope.account->stage : SUBMITTER_STAGE_OBSERVE,
        .sender_unproven = account_sender_unproven(&message->envelope, inspector->settings),
    };
    class_facts(message, &facts);
    g_autoptr(GPtrArray) rules = rules_found(message);
    facts.rules = rules;
    if (message->direction == DIRECTION_IN) {
        AuthResults results;
        authres_look(message, inspector->settings, &results);
        facts.auth_failed = results.failed;
        facts.auth_missing = results.missing;
        facts.dmarc_reject = results.dmarc_reject;
    }
    decision_clear(&message->decision);
    policy_decide(inspector->policy, &facts, &message->decision);
}

/* `letter`: the message itself, or NULL while there is none. */
static void
look_at_account(Message *message, const Message *letter, const Settings *settings)
{
    const Envelope *envelope = &message->envelope;
    message->account_problems = envelope->account != NULL ? envelope->account->problems : 0;
    message->account_problems |= account_sender_problems(envelope, letter, settings);
}

void
inspector_decide_account(const Inspector *inspector, Message *message)
{
    static const Direction directions[] = {DIRECTION_LOCAL, DIRECTION_OUT};
    gint64 start = clock_monotonic_us();
    Addresses addresses;
    gboolean refused = TRUE;
    look_at_account(message, NULL, inspector->settings);
    addresses_fill(&addresses, &message->envelope, inspector->settings->recipient_delimiter);
    for (gsize i = 0; i < G_N_ELEMENTS(directions); i++) {
        message->direction = directions[i];
        decide(inspector, message, &addresses);
        refused = refused && message->decision.verdict == VERDICT_REJECT && message->decision.mode == MODE_ENFORCE;
    }
    if (!refused) {
        decision_clear(&message->decision);
        message->decision.mode = (Mode)inspector->settings->mode;
    }
    addresses_clear(&addresses);
    message->elapsed_us = clock_monotonic_us() - start;
}

/* Parses, reads and judges. FALSE with error: no verdict. */
static gboolean
letter_look(Judging *judging, Addresses *addresses, gint64 deadline_us, GError **error)
{
    const Inspector *first = judging->inspectors[0];
    Message *message = judging->message;
    if (!mime_parse(message, first->settings, error))
        return FALSE;
    direction_derive(message, first->settings);
    forward_look(message, first->settings);
    look_at_account(message, message, first->settings);
    addresses_fill(addresses, &message->envelope, first->settings->recipient_delimiter);
    if (!read_and_judge(judging, addresses, deadline_us, error))
        return FALSE;
    if (message->lease == NULL || !message->lease->ended)
        return TRUE;
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_AWAY, "the letter needs more of the inspector than it may have");
    return FALSE;
}

gboolean
inspector_run(Inspector *inspector, Message *message, gint64 deadline_us, GError **error)
{
    gint64 start = clock_monotonic_us();
    Addresses addresses = {0};
    Judging judging = {.inspectors = {inspector}, .findings = {message->findings}, .count = 1, .message = message};
    gboolean good = letter_look(&judging, &addresses, deadline_us, error);
    if (good) {
        summarise(message);
        decide(inspector, message, &addresses);
    }
    addresses_clear(&addresses);
    if (!good)
        return FALSE;
    if (inspector->papers != NULL && papers_count(inspector->papers) > 0)
        message->papers_digest = g_strdup(papers_digest(inspector->papers));
    message->elapsed_us = clock_monotonic_us() - start;
    return TRUE;
}

/* --- two at once ------------------------------------------------------------------------------------------------ */

/* What summarise() and decide() made of the findings of another. */
static void
verdict_forget(Message *message)
{
    message->class = CLASS_NONE;
    message->level = LEVEL_NONE;
    message->confidence = CONFIDENCE_NONE;
    g_clear_pointer(&message->term, g_free);
    message->term_in_words = FALSE;
}

gboolean
inspector_run_both(Inspector *first, Inspector *second, Message *message, InspectedBy told, gpointer user,
                   gboolean *alone_out, GError **error)
{
    Addresses addresses = {0};
    GPtrArray *own = message->findings;
    g_autoptr(GPtrArray) others = g_ptr_array_new_with_free_func((GDestroyNotify)finding_free);
    Judging judging = {.inspectors = {first, second}, .findings = {own, others}, .count = 2, .message = message};
    *alone_out = !place_names_equal(first->names, second->names);
    gboolean good = *alone_out || letter_look(&judging, &addresses, -1, error);
    *alone_out |= judging.capped; /* whose cap it was the coverage of the part does not tell */
    for (guint i = 0; good && !*alone_out && i < judging.count; i++) {
        message->findings = judging.findings[i];
        verdict_forget(message);
        summarise(message);
        decide(judging.inspectors[i], message, &addresses);
        told(message, i, user);
    }
    message->findings = own;
    addresses_clear(&addresses);
    return good;
}
