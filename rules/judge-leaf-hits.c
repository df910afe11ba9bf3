/* judge-leaf-hits - where hits of leaves come from: the scanner, validators, exact lists, other rules. */
#include "config.h"
#include "data.h"
#include "judge-parts.h"

gboolean
leaf_takes(const Leaf *leaf, const LeafHit *hit)
{
    const Condition *condition = leaf->condition;

    if (!places_hold(&condition->places, &condition->except, hit->where, hit->name) ||
        (condition->capitals && !hit->capitals))
        return FALSE;
    return condition->kind != CONDITION_MARK ||
           (hit->score >= condition->mark_score && (condition->forms == 0 || (condition->forms & hit->forms) != 0) &&
            (condition->levels == 0 || (condition->levels & 1u << hit->level) != 0));
}

/* Latin letters and digits go on beyond the word: `plan` in `planet`. */
static gboolean
is_inside_word(const FoldView *view, gsize from, gsize to)
{
    const char *text = view->text;

    return (from > 0 && g_ascii_isalnum(text[from]) && g_ascii_isalnum(text[from - 1])) ||
           (to > from && to < view->length && g_ascii_isalnum(text[to - 1]) && g_ascii_isalnum(text[to]));
}

void
leaf_hits_scan(Judge *judge, const ScanHit *hit, guint source)
{
    const FoldView *view = hit->view == SCAN_FOLDED ? judge->view : fold_squeezed(judge->fold);
    CueHit place = scan_hit_place(judge, hit);
    LeafHit one = {.value = leaf_value(view->text + hit->from, hit->to - hit->from),
                   .source = source,
                   .from = place.from,
                   .to = place.to};

    if (hit->view == SCAN_SQUEEZED && is_inside_word(judge->view, place.from, place.to))
        return;
    one.capitals = has_capitals_only(judge, &place);
    g_array_append_val(judge->leaves->hits, one);
}

/* TRUE if there is room for one more. */
static gboolean
has_room(Judge *judge)
{
    if (judge->leaves->hits->len < judge->limits.max_hits)
        return TRUE;
    judge->capped = TRUE;
    return FALSE;
}

typedef struct {
    Judge *judge;
    guint source;
} ExactFinding;

static void
take_exact(guint32 from, guint32 to, guint64 value, gpointer user)
{
    const ExactFinding *finding = user;
    LeafHit one = {.value = value, .source = finding->source, .from = from, .to = to};

    if (has_room(finding->judge))
        g_array_append_val(finding->judge->leaves->hits, one);
}

/* Whether some rule that looks here wants what this source finds. */
static gboolean
is_source_wanted(Judge *judge, const Source *source, guint where)
{
    if ((source->places & where) == 0)
        return FALSE;
    for (guint i = 0; i < source->leaves->len; i++)
        if (leaves_wants_rule(judge->leaves,
                              ruleset_leaf(judge->ruleset, g_array_index(source->leaves, guint, i))->rule))
            return TRUE;
    return FALSE;
}

static void
take_data(DataKind kind, guint32 from, guint32 to, guint64 value, gpointer user)
{
    Judge *judge = user;
    LeafHit one = {.value = value, .source = judge->ruleset->data_sources[kind] - 1, .from = from, .to = to};

    if (judge->ruleset->data_sources[kind] > 0 && has_room(judge))
        g_array_append_val(judge->leaves->hits, one);
}

/* Validators and exact lists, once a segment, and only what some rule wants here. */
void
leaf_hits_find(Judge *judge)
{
    const Ruleset *ruleset = judge->ruleset;
    guint where = where_of(judge, 0, 0) | PLACES_QUOTED | PLACES_HEADER_ZONE, kinds = 0;

    for (guint kind = 0; kind < DATA_COUNT; kind++)
        if (ruleset->data_sources[kind] > 0 &&
            is_source_wanted(judge, ruleset_source(ruleset, ruleset->data_sources[kind] - 1), where))
            kinds |= 1u << kind;
    if (kinds != 0)
        data_find(judge->view->text, judge->view->length, kinds, take_data, judge);
    for (guint i = 0; i < ruleset->exact_sources->len; i++) {
        ExactFinding finding = {judge, g_array_index(ruleset->exact_sources, guint, i)};
        const Source *source = ruleset_source(ruleset, finding.source);
        if (is_source_wanted(judge, source, where))
            exact_find(source->exact, judge->view->text, judge->view->length, take_exact, &finding);
    }
}

void
leaves_add_hit(Judge *judge, guint rule, const Mark *mark, guint forms, int score)
{
    const Ruleset *ruleset = judge->ruleset;
    const Rule *one = ruleset_rule(ruleset, rule);
    gsize from = MIN(mark->from, judge->view->length), to = MIN(mark->to, judge->view->length);
    LeafHit hit = {.value = leaf_value(judge->view->text + from, to - from),
                   .from = (guint32)from,
                   .to = (guint32)to,
                   .level = (guint8)mark->level,
                   .forms = forms,
                   .score = (gint16)CLAMP(score, G_MININT16, G_MAXINT16)};

    if (one->detect == DETECT_MARK && ruleset->mark_source > 0) {
        hit.source = ruleset->mark_source - 1;
        g_array_append_val(judge->leaves->hits, hit);
    }
    if (one->source > 0 && score >= SCORE_UNCERTAIN) {
        hit.source = one->source - 1;
        g_array_append_val(judge->leaves->hits, hit);
    }
}

/* The segment before had it whole, or the next will. */
static gboolean
is_told_elsewhere(const Judge *judge, const LeafHit *hit)
{
    if (judge->visual)
        return FALSE;
    return (hit->to < judge->leaves->overlap) || (judge->segment->continues && hit->to >= judge->view->length);
}

static int
by_source(gconstpointer a, gconstpointer b)
{
    const LeafHit *left = a, *right = b;

    if (left->source != right->source)
        return left->source < right->source ? -1 : 1;
    if (left->from != right->from)
        return left->from < right->from ? -1 : 1;
    return left->to > right->to ? -1 : left->to < right->to;
}

/* Of a source's words the longest counts: 登录密码, not 密码 as well. What another segment tells goes, too. */
void
leaf_hits_thin(Judge *judge)
{
    LeafHit *hits = (LeafHit *)(gpointer)judge->leaves->hits->data;
    guint kept = 0;
    guint32 end = 0, source = G_MAXUINT32;

    g_array_sort(judge->leaves->hits, by_source);
    for (guint i = 0; i < judge->leaves->hits->len; i++) {
        if (hits[i].source == source && hits[i].to <= end)
            continue;
        source = hits[i].source;
        end = hits[i].to;
        if (is_told_elsewhere(judge, &hits[i]))
            continue;
        hits[i].where = where_of(judge, hits[i].from, G_MAXUINT);
        hits[i].name = judge->segment->place.name;
        hits[kept++] = hits[i];
    }
    g_array_set_size(judge->leaves->hits, kept);
}
