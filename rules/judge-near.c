/* judge-near - whether hits of several leaves stand near one another. */
#include "config.h"
#include "judge-parts.h"

/* One hit of one leaf of one `near`. */
typedef struct {
    const LeafHit *hit;
    guint child;
    gboolean not ;
} NearHit;

/* What is in reach of the hit in hand. */
typedef struct {
    const Condition *near;
    GArray *hits;                           /* NearHit, rising */
    guint *by_end;                          /* their numbers, ends rising */
    gboolean *out;                          /* excluded, or left to the next segment */
    GHashTable *values[CONDITION_NEAR_MAX]; /* of leaves that want several: value -> how often */
    guint count[CONDITION_NEAR_MAX];        /* different values in reach, or hits of leaves that want one */
    const LeafHit *last[CONDITION_NEAR_MAX];
} Window;

/* --- who is concerned ----------------------------------------------------------------------- */

static void
array_unload(gpointer array)
{
    g_array_unref(array);
}

/* The hits of each `near` that does not hold yet in this part. */
static GHashTable *
nears_collect(Judge *judge, const GArray *hits)
{
    GHashTable *nears = g_hash_table_new_full(NULL, NULL, NULL, array_unload);
    guint part = judge->segment->part;

    for (guint i = 0; i < hits->len; i++) {
        const LeafHit *hit = &g_array_index(hits, LeafHit, i);
        const GArray *listeners = ruleset_source(judge->ruleset, hit->source)->leaves;
        for (guint k = 0; k < listeners->len; k++) {
            const Leaf *leaf = ruleset_leaf(judge->ruleset, g_array_index(listeners, guint, k));
            if (leaf->near == NO_NEAR || !leaf_takes(leaf, hit) || leaves_near(judge->leaves, part, leaf->near) != NULL)
                continue;
            GArray *own = g_hash_table_lookup(nears, GUINT_TO_POINTER(leaf->near + 1));
            if (own == NULL) {
                own = g_array_new(FALSE, FALSE, sizeof(NearHit));
                g_hash_table_insert(nears, GUINT_TO_POINTER(leaf->near + 1), own);
            }
            const NearHit one = {hit, leaf->near_child, leaf->near_not};
            g_array_append_val(own, one);
        }
    }
    return nears;
}

/* --- distance ------------------------------------------------------------------------------- */

/* `b` does not begin before `a`. */
static gboolean
is_in_reach(const Condition *near, const LeafHit *a, const LeafHit *b)
{
    return near->lines > 0 ? b->row - a->row <= near->lines : b->at - a->end <= near->within;
}

static const NearHit *
hit_at(const Window *window, guint index)
{
    return &g_array_index(window->hits, NearHit, index);
}

static int
end_compare(gconstpointer a, gconstpointer b, gpointer user)
{
    const Window *window = user;
    const LeafHit *left = hit_at(window, *(const guint *)a)->hit, *right = hit_at(window, *(const guint *)b)->hit;
    gint32 x = window->near->lines > 0 ? left->row : left->end, y = window->near->lines > 0 ? right->row : right->end;

    return x < y ? -1 : x > y;
}

static gboolean
is_out_of_bounds(const Condition *near, const LeafHit *hit, const NearBounds *bounds)
{
    if (near->lines > 0)
        return hit->row < bounds->row_from || hit->row > bounds->row_to;
    return hit->end < bounds->from || hit->end > bounds->to;
}

/* Which of two hits that begin before a third reaches farther. */
static gboolean
reaches_farther(const Condition *near, const LeafHit *one, const LeafHit *other)
{
    return near->lines > 0 ? one->row >= other->row : one->end > other->end;
}

/* Those that something excluded stands near, and those whose neighbours are not all at hand. */
static void
hits_exclude(Window *window, const NearBounds *bounds)
{
    gint32 reach = -1; /* number of the excluding hit to the left that reaches farthest */

    for (guint i = 0; i < window->hits->len; i++) {
        const NearHit *one = hit_at(window, i);
        if (one->not ) {
            if (reach < 0 || reaches_farther(window->near, one->hit, hit_at(window, (guint)reach)->hit))
                reach = (gint32)i;
        } else if (reach >= 0)
            window->out[i] = is_in_reach(window->near, hit_at(window, (guint)reach)->hit, one->hit);
    }
    const LeafHit *right = NULL; /* the nearest excluding hit to the right */
    for (guint i = window->hits->len; i-- > 0;) {
        const NearHit *one = hit_at(window, i);
        if (one->not )
            right = one->hit;
        else
            window->out[i] |= (right != NULL && is_in_reach(window->near, one->hit, right)) ||
                              is_out_of_bounds(window->near, one->hit, bounds);
    }
}

/* --- the window ----------------------------------------------------------------------------- */

static void
window_add(Window *window, const NearHit *one)
{
    GHashTable *values = window->values[one->child];

    window->last[one->child] = one->hit;
    if (values == NULL) {
        window->count[one->child]++;
        return;
    }
    guint times = GPOINTER_TO_UINT(g_hash_table_lookup(values, &one->hit->value));
    g_hash_table_insert(values, (gpointer)&one->hit->value, GUINT_TO_POINTER(times + 1));
    window->count[one->child] = g_hash_table_size(values);
}

static void
window_remove(Window *window, const NearHit *one)
{
    GHashTable *values = window->values[one->child];

    if (values == NULL) {
        window->count[one->child]--;
        return;
    }
    guint times = GPOINTER_TO_UINT(g_hash_table_lookup(values, &one->hit->value));
    if (times > 1)
        g_hash_table_insert(values, (gpointer)&one->hit->value, GUINT_TO_POINTER(times - 1));
    else
        g_hash_table_remove(values, &one->hit->value);
    window->count[one->child] = g_hash_table_size(values);
}

static const Condition *
child_of(const Condition *near, guint child)
{
    return g_ptr_array_index(near->children, child);
}

static gboolean
window_holds(const Window *window)
{
    for (guint i = 0; i < window->near->children->len; i++) {
        const Condition *child = child_of(window->near, i);
        if (child->kind != CONDITION_NOT && window->count[i] < (guint)child->count)
            return FALSE;
    }
    return TRUE;
}

/* From the farthest of the last hits of each leaf to the one in hand. */
static void
window_tell(Judge *judge, guint near, const Window *window, const LeafHit *hit)
{
    const LeafHit *first = hit;
    gint32 distance = 0;

    for (guint i = 0; i < window->near->children->len; i++) {
        const LeafHit *last = window->last[i];
        if (last == NULL || child_of(window->near, i)->kind == CONDITION_NOT)
            continue;
        gint32 one = window->near->lines > 0 ? hit->row - last->row : hit->at - last->end;
        distance = MAX(distance, one);
        if (last->at < first->at)
            first = last;
    }
    near_holds(judge, near, (guint)distance, first, hit);
}

static void
window_slide(Judge *judge, guint near, Window *window)
{
    guint oldest = 0;

    for (guint i = 0; i < window->hits->len; i++) {
        const NearHit *one = hit_at(window, i);
        if (one->not || window->out[i])
            continue;
        window_add(window, one);
        for (; oldest < window->hits->len; oldest++) {
            guint number = window->by_end[oldest];
            const NearHit *old = hit_at(window, number);
            if (is_in_reach(window->near, old->hit, one->hit))
                break;
            if (!old->not &&!window->out[number])
                window_remove(window, old);
        }
        if (window_holds(window)) {
            window_tell(judge, near, window, one->hit);
            return;
        }
    }
}

static void
near_try(Judge *judge, guint near, GArray *hits, const NearBounds *bounds)
{
    Window window = {.near = g_ptr_array_index(judge->ruleset->nears, near), .hits = hits};
    gboolean excludes = FALSE;

    for (guint i = 0; i < window.near->children->len; i++) {
        const Condition *child = child_of(window.near, i);
        excludes |= child->kind == CONDITION_NOT;
        if (child->count > 1)
            window.values[i] = g_hash_table_new(g_int64_hash, g_int64_equal);
    }
    window.by_end = g_new(guint, hits->len);
    window.out = g_new0(gboolean, hits->len);
    for (guint i = 0; i < hits->len; i++)
        window.by_end[i] = i;
    g_qsort_with_data(window.by_end, (gint)hits->len, sizeof *window.by_end, end_compare, &window);
    if (excludes)
        hits_exclude(&window, bounds);
    window_slide(judge, near, &window);
    for (guint i = 0; i < window.near->children->len; i++)
        g_clear_pointer(&window.values[i], g_hash_table_unref);
    g_free(window.by_end);
    g_free(window.out);
}

void
near_take(Judge *judge, const GArray *hits, const NearBounds *bounds)
{
    g_autoptr(GHashTable) nears = nears_collect(judge, hits);
    GHashTableIter iter;
    gpointer key, own;

    g_hash_table_iter_init(&iter, nears);
    while (g_hash_table_iter_next(&iter, &key, &own)) {
        guint near = GPOINTER_TO_UINT(key) - 1;
        const Condition *condition = g_ptr_array_index(judge->ruleset->nears, near);
        if (leaves_wants_rule(judge->leaves, condition->rule))
            near_try(judge, near, own, bounds);
    }
}
