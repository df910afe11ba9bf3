/* papers_change - adding, merging, removing; which text is common. */
#include "config.h"
#include "papers_private.h"
#include <string.h>

#define PAIRS_OF_ALL 16 /* a name in so many papers: each pair of them; in more, only neighbours */
#define FAMILY_PERCENT 80

void
papers_add(Papers *papers, Paper *paper, const GArray *entries)
{
    guint32 index = papers->list->len;
    if (paper->number == 0)
        paper->number = papers->next_number;
    papers->next_number = MAX(papers->next_number, paper->number + 1);
    g_ptr_array_add(papers->list, paper);
    for (guint i = 0; i < entries->len; i++) {
        PaperEntry entry = g_array_index(entries, PaperEntry, i);
        entry.paper = index;
        entry.at &= ~PAPERS_AT_COMMON;
        g_array_append_val(papers->entries, entry);
    }
}

static Paper *
paper_copy(const Paper *paper)
{
    Paper *copy = g_memdup2(paper, sizeof *paper);
    copy->term = g_strdup(paper->term);
    copy->label = g_strdup(paper->label);
    copy->officer = g_strdup(paper->officer);
    return copy;
}

guint
papers_merge(Papers *papers, const Papers *from)
{
    g_autoptr(GHashTable) known = g_hash_table_new(g_int64_hash, g_int64_equal);
    g_autofree guint32 *places = g_new(guint32, from->list->len + 1);
    guint came = 0;
    for (guint i = 0; i < papers->list->len; i++)
        g_hash_table_add(known, &((Paper *)g_ptr_array_index(papers->list, i))->uid);
    for (guint i = 0; i < from->list->len; i++) {
        const Paper *paper = papers_get(from, i);
        places[i] = G_MAXUINT32;
        if (g_hash_table_contains(known, &paper->uid) || papers->list->len >= PAPERS_MAX)
            continue;
        Paper *copy = paper_copy(paper);
        copy->number = papers->next_number++;
        places[i] = papers->list->len;
        g_ptr_array_add(papers->list, copy);
        came++;
    }
    for (guint i = 0; i < from->entries->len; i++) {
        PaperEntry entry = g_array_index(from->entries, PaperEntry, i);
        if (places[entry.paper] == G_MAXUINT32)
            continue;
        entry.paper = places[entry.paper];
        entry.at &= ~PAPERS_AT_COMMON;
        g_array_append_val(papers->entries, entry);
    }
    return came;
}

gboolean
papers_remove(Papers *papers, guint32 number)
{
    guint index, kept = 0;
    if (!papers_find_number(papers, number, &index))
        return FALSE;
    for (guint i = 0; i < papers->entries->len; i++) {
        PaperEntry entry = g_array_index(papers->entries, PaperEntry, i);
        if (entry.paper == index)
            continue;
        entry.paper -= entry.paper > index;
        g_array_index(papers->entries, PaperEntry, kept++) = entry;
    }
    g_array_set_size(papers->entries, kept);
    g_ptr_array_remove_index(papers->list, index);
    return TRUE;
}

/* --- settling --------------------------------------------------------------------------------------------------- */

static int
entry_order(gconstpointer a, gconstpointer b)
{
    const PaperEntry *left = a, *right = b;
    if (left->name != right->name)
        return left->name < right->name ? -1 : 1;
    if (left->paper != right->paper)
        return left->paper < right->paper ? -1 : 1;
    return left->at < right->at ? -1 : left->at > right->at;
}

/* A paper has each name once, where it stands first; names that were common may be so no longer. */
static void
sort_entries(Papers *papers)
{
    PaperEntry *entries = (PaperEntry *)(void *)papers->entries->data;
    guint kept = 0, count = papers->entries->len;
    for (guint i = 0; i < count; i++)
        entries[i].at &= ~PAPERS_AT_COMMON;
    g_array_sort(papers->entries, entry_order);
    for (guint i = 0; i < count; i++) {
        gboolean again =
            kept > 0 && entries[kept - 1].name == entries[i].name && entries[kept - 1].paper == entries[i].paper;
        if (!again)
            entries[kept++] = entries[i];
    }
    g_array_set_size(papers->entries, kept);
}

/* End of the entries that have the name of entries[from]. */
static guint
group_end(const PaperEntry *entries, guint count, guint from)
{
    guint to = from + 1;
    while (to < count && entries[to].name == entries[from].name)
        to++;
    return to;
}

/* g_direct_hash() would see half of the key. */
static guint
pair_hash(gconstpointer key)
{
    return (guint)((guint64)GPOINTER_TO_SIZE(key) * G_GUINT64_CONSTANT(0x9E3779B97F4A7C15) >> 32);
}

static void
count_pair(GHashTable *pairs, guint32 a, guint32 b)
{
    guint64 key = (guint64)a << 32 | b;
    gpointer found = g_hash_table_lookup(pairs, GSIZE_TO_POINTER(key));
    g_hash_table_insert(pairs, GSIZE_TO_POINTER(key), GUINT_TO_POINTER(GPOINTER_TO_UINT(found) + 1));
}
G_STATIC_ASSERT(sizeof(gpointer) == sizeof(guint64));

/* Names that two papers have in common. Boilerplate stands in thousands: of those only neighbours are paired, which is
 * enough to find many drafts of one paper. */
static GHashTable *
count_pairs(const PaperEntry *entries, guint count)
{
    GHashTable *pairs = g_hash_table_new(pair_hash, g_direct_equal);
    for (guint from = 0, to; from < count; from = to) {
        to = group_end(entries, count, from);
        gboolean all = to - from <= PAIRS_OF_ALL;
        for (guint i = from; i < to; i++)
            for (guint j = i + 1; j < (all ? to : MIN(to, i + 2)); j++)
                count_pair(pairs, entries[i].paper, entries[j].paper);
    }
    return pairs;
}

static guint32
family_of(guint32 *families, guint32 paper)
{
    while (families[paper] != paper)
        paper = families[paper] = families[families[paper]];
    return paper;
}

/* The first paper of each paper's family. Gives. */
static guint32 *
find_families(const Papers *papers, const guint32 *sizes)
{
    g_autoptr(GHashTable) pairs =
        count_pairs((const PaperEntry *)(const void *)papers->entries->data, papers->entries->len);
    guint32 *families = g_new(guint32, papers->list->len + 1);
    GHashTableIter iter;
    gpointer key, value;
    for (guint32 i = 0; i < papers->list->len; i++)
        families[i] = i;
    g_hash_table_iter_init(&iter, pairs);
    while (g_hash_table_iter_next(&iter, &key, &value)) {
        guint64 pair = GPOINTER_TO_SIZE(key);
        guint32 a = (guint32)(pair >> 32), b = (guint32)pair;
        if ((guint64)GPOINTER_TO_UINT(value) * 100 < (guint64)MAX(sizes[a], sizes[b]) * FAMILY_PERCENT)
            continue;
        guint32 left = family_of(families, a), right = family_of(families, b);
        families[MAX(left, right)] = MIN(left, right);
    }
    for (guint32 i = 0; i < papers->list->len; i++)
        families[i] = family_of(families, i);
    return families;
}

static gboolean
group_is_common(const Papers *papers, const PaperEntry *entries, guint from, guint to, const guint32 *families)
{
    guint32 seen[PAPERS_COMMON];
    guint different = 0;
    for (guint i = from; i < to; i++) {
        guint known = 0;
        if (papers_get(papers, entries[i].paper)->common)
            return TRUE;
        while (known < different && seen[known] != families[entries[i].paper])
            known++;
        if (known == different && different < PAPERS_COMMON)
            seen[different++] = families[entries[i].paper];
    }
    return different >= PAPERS_COMMON;
}

static void
mark_common(Papers *papers, const guint32 *families)
{
    PaperEntry *entries = (PaperEntry *)(void *)papers->entries->data;
    guint count = papers->entries->len;
    for (guint from = 0, to; from < count; from = to) {
        to = group_end(entries, count, from);
        if (!group_is_common(papers, entries, from, to, families))
            continue;
        for (guint i = from; i < to; i++)
            entries[i].at |= PAPERS_AT_COMMON;
    }
}

static int
place_order(gconstpointer a, gconstpointer b)
{
    const PaperEntry *left = a, *right = b;
    if (left->paper != right->paper)
        return left->paper < right->paper ? -1 : 1;
    return left->at < right->at ? -1 : left->at > right->at;
}

/* How much of each paper is its own. */
static void
count_own(Papers *papers)
{
    g_autoptr(GArray) own = g_array_sized_new(FALSE, FALSE, sizeof(PaperEntry), papers->entries->len);
    g_autoptr(GArray) places = g_array_new(FALSE, FALSE, sizeof(guint32));
    for (guint i = 0; i < papers->entries->len; i++) {
        const PaperEntry *entry = &g_array_index(papers->entries, PaperEntry, i);
        if (entry->at < PAPERS_AT_WHOLE)
            g_array_append_val(own, *entry);
    }
    g_array_sort(own, place_order);
    for (guint i = 0; i < papers->list->len; i++)
        ((Paper *)g_ptr_array_index(papers->list, i))->own = 0;
    for (guint i = 0; i < own->len;) {
        guint32 paper = g_array_index(own, PaperEntry, i).paper;
        g_array_set_size(places, 0);
        for (; i < own->len && g_array_index(own, PaperEntry, i).paper == paper; i++)
            g_array_append_val(places, g_array_index(own, PaperEntry, i).at);
        ((Paper *)g_ptr_array_index(papers->list, paper))->own =
            papers_extent((const guint32 *)(const void *)places->data, places->len);
    }
}

void
papers_settle(Papers *papers)
{
    sort_entries(papers);
    g_autofree guint32 *sizes = g_new0(guint32, papers->list->len + 1);
    for (guint i = 0; i < papers->entries->len; i++)
        sizes[g_array_index(papers->entries, PaperEntry, i).paper]++;
    g_autofree guint32 *families = find_families(papers, sizes);
    for (guint i = 0; i < papers->list->len; i++) {
        Paper *paper = g_ptr_array_index(papers->list, i);
        paper->prints = sizes[i];
        paper->family = families[i];
    }
    mark_common(papers, families);
    count_own(papers);
    papers_index(papers);
}
