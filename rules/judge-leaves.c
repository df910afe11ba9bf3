/* judge-leaves - what leaves found so far, and one segment after the other. */
#include "config.h"
#include "judge-parts.h"
#include <string.h>

#define KEY(high, low) ((gint64)(high) << 32 | (gint64)(low))

/* --- life ----------------------------------------------------------------------------------- */

static void
state_free(gpointer data)
{
    LeafState *state = data;

    g_array_unref(state->values);
    g_free(state->first.excerpt);
    g_free(state);
}

static void
near_free(gpointer data)
{
    NearState *state = data;

    g_free(state->last.excerpt);
    g_free(state);
}

Leaves *
leaves_new(const Ruleset *ruleset)
{
    Leaves *leaves = g_new0(Leaves, 1);

    leaves->ruleset = ruleset;
    leaves->asked = g_new0(guint8, ruleset->rules->len + 1);
    leaves->states = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, state_free);
    leaves->nears = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, near_free);
    leaves->touched = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    leaves->streams = g_ptr_array_new_with_free_func(stream_free);
    leaves->hits = g_array_new(FALSE, FALSE, sizeof(LeafHit));
    leaves->joined = g_array_new(FALSE, FALSE, sizeof(LeafHit));
    return leaves;
}

void
leaves_free(Leaves *leaves)
{
    if (leaves == NULL)
        return;
    g_free(leaves->asked);
    g_hash_table_unref(leaves->states);
    g_hash_table_unref(leaves->nears);
    g_hash_table_unref(leaves->touched);
    g_ptr_array_unref(leaves->streams);
    g_array_unref(leaves->hits);
    g_array_unref(leaves->joined);
    g_free(leaves);
}

void
leaves_begin(Leaves *leaves, const LetterFacts *facts)
{
    leaves->facts = facts;
    leaves->stream = NULL;
    memset(leaves->asked, 0, leaves->ruleset->rules->len);
    g_hash_table_remove_all(leaves->states);
    g_hash_table_remove_all(leaves->nears);
    g_hash_table_remove_all(leaves->touched);
    g_ptr_array_set_size(leaves->streams, 0);
    g_array_set_size(leaves->hits, 0);
}

gboolean
leaves_wants_rule(Leaves *leaves, guint rule)
{
    const When *when = ruleset_rule(leaves->ruleset, rule)->when;

    if (when == NULL || leaves->facts == NULL)
        return TRUE;
    if (leaves->asked[rule] == 0)
        leaves->asked[rule] = when_holds(when, leaves->facts) ? 2 : 1;
    return leaves->asked[rule] == 2;
}

/* --- states --------------------------------------------------------------------------------- */

const LeafState *
leaves_state(const Leaves *leaves, guint part, guint leaf)
{
    gint64 key = KEY(part, leaf);

    return g_hash_table_lookup(leaves->states, &key);
}

const NearState *
leaves_near(const Leaves *leaves, guint part, guint near)
{
    gint64 key = KEY(part, near);

    return g_hash_table_lookup(leaves->nears, &key);
}

static int
key_compare(gconstpointer a, gconstpointer b)
{
    const gint64 *left = a, *right = b;

    return *left < *right ? -1 : *left > *right;
}

GArray *
leaves_touched(const Leaves *leaves)
{
    GArray *keys = g_array_new(FALSE, FALSE, sizeof(gint64));
    GHashTableIter iter;
    gpointer key;

    g_hash_table_iter_init(&iter, leaves->touched);
    while (g_hash_table_iter_next(&iter, &key, NULL))
        g_array_append_val(keys, *(gint64 *)key);
    g_array_sort(keys, key_compare);
    return keys;
}

static void
touch(Leaves *leaves, guint rule, guint part)
{
    gint64 key = KEY(rule, part);

    if (!g_hash_table_contains(leaves->touched, &key))
        g_hash_table_add(leaves->touched, g_memdup2(&key, sizeof key));
}

static void
witness_fill(const Judge *judge, Witness *witness, guint32 from, guint32 to)
{
    guint line = lines_at(&judge->lines, from);

    fold_source_range(judge->view, judge->segment->text, MIN(from, judge->view->length), MIN(to, judge->view->length),
                      &witness->from, &witness->to);
    witness->place = judge->segment->place;
    witness->line = judge->segment->place.line > 0 ? judge->segment->place.line + line : 0;
    witness->zone = (where_of(judge, from, PLACES_HEADER_ZONE) & PLACES_HEADER_ZONE) != 0;
    witness->excerpt = excerpt_of(judge, witness->from, witness->to, 0);
    if (judge->visual)
        witness->from = witness->to = 0; /* in an order that the text does not have */
}

/* NULL when there is no room: then the part is not looked at whole. */
static LeafState *
state_for(Judge *judge, guint part, guint leaf)
{
    Leaves *leaves = judge->leaves;
    gint64 key = KEY(part, leaf);
    LeafState *state = g_hash_table_lookup(leaves->states, &key);

    if (state != NULL)
        return state;
    if (g_hash_table_size(leaves->states) >= LEAF_STATES_MAX) {
        judge->capped = TRUE;
        return NULL;
    }
    state = g_new0(LeafState, 1);
    state->key = key;
    state->values = g_array_new(FALSE, FALSE, sizeof(guint64));
    g_hash_table_insert(leaves->states, &state->key, state);
    touch(leaves, ruleset_leaf(leaves->ruleset, leaf)->rule, part);
    return state;
}

/* FALSE if the value was there. */
static gboolean
value_insert(GArray *values, guint64 value)
{
    guint low = 0, high = values->len;

    while (low < high) {
        guint middle = low + (high - low) / 2;
        if (g_array_index(values, guint64, middle) < value)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < values->len && g_array_index(values, guint64, low) == value)
        return FALSE;
    g_array_insert_val(values, low, value);
    return TRUE;
}

/* A text in two decodings, or in the order it is seen in, is one. */
static void
times_count(const Judge *judge, LeafState *state)
{
    const char *charset = judge->segment->charset;

    if (judge->visual)
        return;
    if (state->charset != charset)
        state->times_now = 0;
    state->charset = charset;
    state->times_now++;
    state->times = MAX(state->times, state->times_now);
}

static void
leaf_count(Judge *judge, guint index, const LeafHit *hit)
{
    const Leaf *leaf = ruleset_leaf(judge->ruleset, index);
    LeafState *state = state_for(judge, judge->segment->part, index);

    if (state != NULL && leaf->condition->times > 1)
        times_count(judge, state);
    if (state == NULL || state->values->len >= MAX((guint)leaf->condition->count, LEAF_VALUES_MIN))
        return;
    if (value_insert(state->values, hit->value) && state->values->len == 1)
        witness_fill(judge, &state->first, hit->from, hit->to);
}

guint64
leaf_value(const char *text, gsize length)
{
    guint64 value = G_GUINT64_CONSTANT(0xcbf29ce484222325); /* FNV-1a */

    for (gsize i = 0; i < length; i++)
        value = (value ^ (guchar)text[i]) * G_GUINT64_CONSTANT(0x100000001b3);
    return value;
}

void
leaves_add_finding(Judge *judge, guint source, guint part, const Witness *witness)
{
    const GArray *listeners = ruleset_source(judge->ruleset, source)->leaves;
    guint64 value = leaf_value(witness->excerpt, witness->excerpt != NULL ? strlen(witness->excerpt) : 0);

    for (guint i = 0; i < listeners->len; i++) {
        guint leaf = g_array_index(listeners, guint, i);
        LeafState *state = state_for(judge, part, leaf);
        if (state == NULL || state->values->len >= LEAF_VALUES_MIN || !value_insert(state->values, value) ||
            state->values->len > 1)
            continue;
        state->first = *witness;
        state->first.excerpt = g_strdup(witness->excerpt);
    }
}

void
near_holds(Judge *judge, guint near, guint distance, const LeafHit *first, const LeafHit *last)
{
    Leaves *leaves = judge->leaves;
    const Condition *condition = g_ptr_array_index(judge->ruleset->nears, near);
    NearState *state;

    if (g_hash_table_size(leaves->nears) >= LEAF_STATES_MAX) {
        judge->capped = TRUE;
        return;
    }
    state = g_new0(NearState, 1);
    state->key = KEY(judge->segment->part, near);
    state->distance = distance;
    /* What stood in the segment before is not at hand any more. */
    gboolean whole = first->to > 0;
    if (last->to > 0)
        witness_fill(judge, &state->last, whole ? MIN(first->from, last->from) : last->from,
                     whole ? MAX(first->to, last->to) : last->to);
    g_hash_table_insert(leaves->nears, &state->key, state);
    touch(leaves, condition->rule, judge->segment->part);
}

/* --- a segment ------------------------------------------------------------------------------ */

gboolean
leaves_collect(Judge *judge)
{
    Leaves *leaves = judge->leaves;
    const Ruleset *ruleset = judge->ruleset;

    g_array_set_size(leaves->hits, 0);
    leaves->stream = NULL;
    leaves->overlap = 0;
    if (ruleset->leaves->len == 0 && !ruleset->quoted)
        return FALSE;
    leaves->stream = leaf_stream(judge);
    if (leaves->stream != NULL && judge->segment->repeated > 0)
        leaves->overlap = leaf_overlap(judge);
    for (guint i = 0; i < judge->scan_hits->len; i++) {
        const ScanHit *hit = &g_array_index(judge->scan_hits, ScanHit, i);
        const Target *target = &g_array_index(ruleset->targets, Target, hit->id);
        if (target->kind == TARGET_SOURCE)
            leaf_hits_scan(judge, hit, target->owner);
    }
    leaf_hits_find(judge);
    for (guint i = 0; i < ruleset->present->len; i++) {
        guint leaf = g_array_index(ruleset->present, guint, i);
        if (places_have(&ruleset_leaf(ruleset, leaf)->condition->present, where_of(judge, 0, 0),
                        judge->segment->place.name))
            return TRUE;
    }
    return leaves->hits->len > 0 || (ruleset->quoted && leaves->stream != NULL) ||
           (leaves->stream != NULL && leaves->stream->tail->len > 0);
}

static void
present_take(Judge *judge)
{
    const Ruleset *ruleset = judge->ruleset;
    guint where = where_of(judge, 0, 0);

    for (guint i = 0; i < ruleset->present->len; i++) {
        guint leaf = g_array_index(ruleset->present, guint, i);
        const LeafHit hit = {.value = 1};
        if (places_have(&ruleset_leaf(ruleset, leaf)->condition->present, where, judge->segment->place.name))
            leaf_count(judge, leaf, &hit);
    }
}

static int
by_place(gconstpointer a, gconstpointer b)
{
    const LeafHit *left = a, *right = b;

    if (left->from != right->from)
        return left->from < right->from ? -1 : 1;
    return left->source < right->source ? -1 : left->source > right->source;
}

void
leaves_take(Judge *judge)
{
    Leaves *leaves = judge->leaves;
    const Ruleset *ruleset = judge->ruleset;

    present_take(judge);
    leaf_hits_thin(judge);
    g_array_sort(leaves->hits, by_place);
    if (ruleset->nears->len > 0)
        leaf_hits_near(judge);
    for (guint i = 0; i < leaves->hits->len; i++) {
        const LeafHit *hit = &g_array_index(leaves->hits, LeafHit, i);
        const GArray *listeners = ruleset_source(ruleset, hit->source)->leaves;
        for (guint k = 0; k < listeners->len; k++) {
            guint leaf = g_array_index(listeners, guint, k);
            const Leaf *one = ruleset_leaf(ruleset, leaf);
            if (leaf_takes(one, hit) && leaves_wants_rule(leaves, one->rule))
                leaf_count(judge, leaf, hit);
        }
    }
    g_array_set_size(leaves->hits, 0);
    if (leaves->stream != NULL)
        leaves->stream->last_line = lines_get(&judge->lines, judge->lines.array->len - 1)->flags;
    leaf_stream_end(judge, judge->lines.quoted_from);
}

void
leaves_pass(Judge *judge)
{
    if (judge->leaves->stream != NULL) {
        judge->leaves->stream->last_line = LINE_BLANK; /* nobody looked */
        stream_unbound(judge->leaves->stream);
    }
    leaf_stream_end(judge, G_MAXSIZE);
}
