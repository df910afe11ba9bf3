/* papers - the register in memory: papers, entries, looking up. */
#include "config.h"
#include "papers_private.h"
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define SIEVE_BITS 16 /* for each entry, at least */
#define BUCKET_SIZE 4 /* entries, about */
#define LARGE_PAGE ((gsize)2 * 1024 * 1024)
#define SIFT_AHEAD 16 /* prints whose bit is asked of memory beforehand */
#define PRINT_SIZE FINGERPRINT_TOKENS
#define PRINT_REACH (2 * FINGERPRINT_WINDOW) /* prints no farther apart are neighbours: words count two */

Paper *
paper_new(void)
{
    Paper *paper = g_new0(Paper, 1);
    paper->term = g_strdup("");
    paper->label = g_strdup("");
    paper->officer = g_strdup("");
    return paper;
}

void
paper_free(Paper *paper)
{
    if (paper == NULL)
        return;
    g_free(paper->term);
    g_free(paper->label);
    g_free(paper->officer);
    g_free(paper);
}

static void
free_paper(gpointer paper)
{
    paper_free(paper);
}

Papers *
papers_new(const FingerprintKey *key)
{
    Papers *papers = g_new0(Papers, 1);
    papers->list = g_ptr_array_new_with_free_func(free_paper);
    papers->entries = g_array_new(FALSE, FALSE, sizeof(PaperEntry));
    papers->next_number = 1;
    papers->digest = g_strdup("");
    memcpy(papers->key_id, key->id, sizeof papers->key_id);
    papers_index(papers);
    return papers;
}

void
papers_free(Papers *papers)
{
    if (papers == NULL)
        return;
    g_ptr_array_unref(papers->list);
    g_array_unref(papers->entries);
    g_free(papers->digest);
    free(papers->sieve);
    free(papers->buckets);
    g_free(papers);
}

guint
papers_count(const Papers *papers)
{
    return papers->list->len;
}

const Paper *
papers_get(const Papers *papers, guint index)
{
    return index < papers->list->len ? g_ptr_array_index(papers->list, index) : NULL;
}

gboolean
papers_find_number(const Papers *papers, guint32 number, guint *index_out)
{
    for (guint i = 0; i < papers->list->len; i++)
        if (papers_get(papers, i)->number == number) {
            *index_out = i;
            return TRUE;
        }
    return FALSE;
}

guint
papers_entries(const Papers *papers)
{
    return papers->entries->len;
}

const char *
papers_digest(const Papers *papers)
{
    return papers->digest;
}

/* --- looking up ------------------------------------------------------------------------------------------------- */

static guint
log2_above(guint64 value)
{
    guint bits = 0;
    while (bits < 40 && (G_GUINT64_CONSTANT(1) << bits) < value)
        bits++;
    return bits;
}

/* Memory of zeroes that is asked for here and there: in large pages if it is large, or each look would first have to
 * find its page. */
static void *
zeroes(gsize size)
{
    gsize page = size >= LARGE_PAGE ? LARGE_PAGE : sizeof(guint64), whole = (size + page - 1) / page * page;
    void *memory = aligned_alloc(page, whole);
    if (memory == NULL)
        g_error("no memory for an index of %" G_GSIZE_FORMAT " bytes", whole);
    if (page == LARGE_PAGE)
        madvise(memory, whole, MADV_HUGEPAGE); /* where there are none, small ones do */
    return memset(memory, 0, whole);
}

/* Names are as good as drawn: their lower bits say where in the sieve, their upper ones in which bucket. */
void
papers_index(Papers *papers)
{
    guint count = papers->entries->len;
    guint sieve_bits = MAX(log2_above((guint64)count * SIEVE_BITS), 10);
    guint bucket_bits = log2_above(count / BUCKET_SIZE + 1);
    gsize buckets = (gsize)1 << bucket_bits;
    free(papers->sieve);
    free(papers->buckets);
    papers->sieve = zeroes(((gsize)1 << sieve_bits) / 8);
    papers->sieve_mask = (G_GUINT64_CONSTANT(1) << sieve_bits) - 1;
    papers->buckets = zeroes((buckets + 1) * sizeof *papers->buckets);
    papers->bucket_shift = 63 - bucket_bits; /* and one more, see below */
    for (guint i = 0; i < count; i++) {
        const PaperEntry *entry = &g_array_index(papers->entries, PaperEntry, i);
        guint64 bit = entry->name & papers->sieve_mask;
        if ((entry->at & PAPERS_AT_COMMON) == 0)
            papers->sieve[bit / 64] |= G_GUINT64_CONSTANT(1) << bit % 64;
        papers->buckets[(entry->name >> 1 >> papers->bucket_shift) + 1] = i + 1;
    }
    for (gsize i = 1; i <= buckets; i++)
        papers->buckets[i] = MAX(papers->buckets[i], papers->buckets[i - 1]);
}

static inline gboolean
is_likely(const Papers *papers, guint64 name)
{
    guint64 bit = name & papers->sieve_mask;
    return (papers->sieve[bit / 64] >> bit % 64 & 1) != 0;
}

const PaperEntry *
papers_look(const Papers *papers, guint64 name, guint *count_out)
{
    const PaperEntry *entries = (const PaperEntry *)(const void *)papers->entries->data;
    gsize bucket = (gsize)(name >> 1 >> papers->bucket_shift);
    *count_out = 0;
    if (!is_likely(papers, name))
        return entries;
    guint from = papers->buckets[bucket], end = papers->buckets[bucket + 1];
    while (from < end && entries[from].name < name)
        from++;
    guint to = from;
    while (to < end && entries[to].name == name)
        to++;
    if (from < to && (entries[from].at & PAPERS_AT_COMMON) != 0)
        to = from; /* all entries of a name are common, or none */
    *count_out = to - from;
    return entries + from;
}

guint
papers_sift(const Papers *papers, const Print *prints, guint count, guint32 *likely_out)
{
    const guint64 *sieve = papers->sieve, mask = papers->sieve_mask;
    guint likely = 0;
    for (guint i = 0; i < count; i++) {
        if (i + SIFT_AHEAD < count)
            __builtin_prefetch(&sieve[(prints[i + SIFT_AHEAD].name & mask) / 64]);
        likely_out[likely] = i;
        likely += (guint)is_likely(papers, prints[i].name);
    }
    return likely;
}

void
papers_fetch(const Papers *papers, const Print *prints, const guint32 *likely, guint count)
{
    const PaperEntry *entries = (const PaperEntry *)(const void *)papers->entries->data;
    for (guint i = 0; i < count; i++)
        __builtin_prefetch(&papers->buckets[prints[likely[i]].name >> 1 >> papers->bucket_shift]);
    for (guint i = 0; i < count; i++)
        __builtin_prefetch(&entries[papers->buckets[prints[likely[i]].name >> 1 >> papers->bucket_shift]]);
}

guint32
papers_extent(const guint32 *places, guint count)
{
    guint32 extent = count > 0 ? PRINT_SIZE : 0;
    for (guint i = 1; i < count; i++) {
        guint32 step = places[i] - places[i - 1];
        extent += step <= PRINT_REACH ? step : PRINT_SIZE;
    }
    return extent;
}
