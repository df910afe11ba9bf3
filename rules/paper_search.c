/* paper_search - from prints to passages. Enough is: the same file or whole text; a passage longer than what two texts
 * have in common when both quote an article of a law; most of a paper; or a good part of it in several passages. */
#include "config.h"
#include "paper_search.h"
#include <string.h>

#define GAP 160    /* characters between two prints of a passage, at most: typing slips and common text lie there */
#define DRIFT 32   /* by which their distances in text and paper may differ */
#define PASSAGE 30 /* a shorter one is a phrase */
#define OPEN 8     /* passages that may go on at a time */
#define FEW 3      /* fewer prints are no passage that is enough */
#define SIGHT_HITS FEW
#define SIGHTS_MAX 1000
#define EXCERPT_MAX 60

/* Enough, in characters: */
#define RUN_ENOUGH 100
#define MOST_PERCENT 75
#define MOST_ENOUGH 60
#define PIECES_PERCENT 30
#define PIECES_ENOUGH 300

typedef struct {
    guint32 paper, part;
    guint32 at, text_at;
} Hit;

typedef struct {
    guint32 paper, part;
    Place place;
    guint line;
    gsize from, to;
    char *excerpt;
} Sight;

typedef struct {
    guint32 at, text_at; /* of its last print */
    guint32 extent;
} Passage;

struct PaperSearch {
    const Papers *papers;
    Fingerprinter *maker;
    GArray *hits; /* Hit */
    GArray *likely;
    GArray *sights;  /* Sight */
    guint32 text_at; /* characters of all segments before this one */
    guint8 *counts;  /* of each paper, hits up to FEW; 0 when nobody counts */
    /* while a slice of hits is weighed */
    GArray *passages; /* Passage */
    GArray *owners;   /* for each hit the index of its passage */
    GArray *places;
};

static void
clear_sight(gpointer data)
{
    g_free(((Sight *)data)->excerpt);
}

PaperSearch *
paper_search_new(const Papers *papers, const FingerprintKey *key)
{
    PaperSearch *search = g_new0(PaperSearch, 1);
    search->papers = papers;
    search->maker = fingerprinter_new(key);
    search->hits = g_array_new(FALSE, FALSE, sizeof(Hit));
    search->likely = g_array_new(FALSE, FALSE, sizeof(guint32));
    search->counts = g_new0(guint8, MAX(papers_count(papers), 1));
    search->sights = g_array_new(FALSE, FALSE, sizeof(Sight));
    g_array_set_clear_func(search->sights, clear_sight);
    search->passages = g_array_new(FALSE, FALSE, sizeof(Passage));
    search->owners = g_array_new(FALSE, FALSE, sizeof(guint32));
    search->places = g_array_new(FALSE, FALSE, sizeof(guint32));
    return search;
}

void
paper_search_free(PaperSearch *search)
{
    if (search == NULL)
        return;
    fingerprinter_free(search->maker);
    g_free(search->counts);
    g_array_unref(search->hits);
    g_array_unref(search->likely);
    g_array_unref(search->sights);
    g_array_unref(search->passages);
    g_array_unref(search->owners);
    g_array_unref(search->places);
    g_free(search);
}

void
paper_search_begin(PaperSearch *search)
{
    search->text_at = 0;
    g_array_set_size(search->hits, 0);
    g_array_set_size(search->sights, 0);
}

/* --- what occurs ------------------------------------------------------------------------------------------------ */

static int
slice_order(const Hit *left, const Hit *right)
{
    if (left->paper != right->paper)
        return left->paper < right->paper ? -1 : 1;
    return left->part < right->part ? -1 : left->part > right->part;
}

static int
place_order(gconstpointer a, gconstpointer b)
{
    const Hit *left = a, *right = b;
    int slices = slice_order(left, right);
    if (slices != 0)
        return slices;
    if (left->at != right->at)
        return left->at < right->at ? -1 : 1;
    return left->text_at < right->text_at ? -1 : left->text_at > right->text_at;
}

/* Each place of a paper once in a part, where it was seen first. FALSE: it is full all the same. */
static gboolean
make_room(PaperSearch *search)
{
    Hit *hits = (Hit *)(void *)search->hits->data;
    guint kept = 0;
    g_array_sort(search->hits, place_order);
    for (guint i = 0; i < search->hits->len; i++)
        if (kept == 0 || slice_order(&hits[i], &hits[kept - 1]) != 0 || hits[i].at != hits[kept - 1].at)
            hits[kept++] = hits[i];
    g_array_set_size(search->hits, kept);
    return kept < PAPER_HITS_MAX / 4 * 3;
}

static gboolean
look_up(PaperSearch *search, guint64 name, guint part, guint32 text_at)
{
    guint count;
    const PaperEntry *entries = papers_look(search->papers, name, &count);
    for (guint i = 0; i < count; i++) {
        Hit hit = {entries[i].paper, part, entries[i].at, text_at};
        if (search->hits->len >= PAPER_HITS_MAX && !make_room(search))
            return FALSE;
        g_array_append_val(search->hits, hit);
    }
    return TRUE;
}

void
paper_search_file(PaperSearch *search, guint part, const guint8 digest[CRYPTO_DIGEST_SIZE])
{
    look_up(search, fingerprint_of_digest(search->maker, digest), part, 0);
}

/* --- where it was seen ------------------------------------------------------------------------------------------ */

static char *
excerpt_of(const char *text, gsize from, gsize to)
{
    GString *excerpt = g_string_sized_new(64);
    guint count = 0;
    for (const char *p = text + from; p < text + to && count < EXCERPT_MAX; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (g_unichar_isspace(c) || g_unichar_iscntrl(c))
            continue;
        g_string_append_unichar(excerpt, c);
        count++;
    }
    return g_string_free(excerpt, FALSE);
}

static void
sight_add(PaperSearch *search, const FoldView *view, const Segment *segment, guint32 paper, guint32 byte)
{
    Sight sight = {.paper = paper, .part = segment->part, .place = segment->place, .line = segment->place.line};
    sight.from = view->source[MIN(byte, view->length)];
    const char *from = segment->text + sight.from;
    const char *end = memchr(from, '\n', segment->length - sight.from);
    sight.to = end != NULL ? (gsize)(end - segment->text) : segment->length;
    for (const char *p = segment->text; sight.line > 0 && p < from; p++)
        sight.line += *p == '\n';
    sight.excerpt = excerpt_of(segment->text, sight.from, segment->length);
    g_array_append_val(search->sights, sight);
}

static gboolean
is_seen(const PaperSearch *search, guint32 paper, guint part)
{
    for (guint i = 0; i < search->sights->len; i++) {
        const Sight *sight = &g_array_index(search->sights, Sight, i);
        if (sight->paper == paper && sight->part == part)
            return TRUE;
    }
    return FALSE;
}

/* Remembers the place of a paper of which a segment holds several prints; `first` is the first hit of the segment, each
 * hit's text_at the index of its print as yet. Chance gives one or two. */
static void
note_sights(PaperSearch *search, const FoldView *view, const Segment *segment, guint first, const Fingerprint *found)
{
    for (guint i = first; i < search->hits->len && search->sights->len < SIGHTS_MAX; i++) {
        const Hit *hit = &g_array_index(search->hits, Hit, i);
        guint8 *count = &search->counts[hit->paper];
        if (*count == SIGHT_HITS || ++*count < SIGHT_HITS || is_seen(search, hit->paper, hit->part))
            continue;
        for (guint j = first; j < i; j++) {
            const Hit *begin = &g_array_index(search->hits, Hit, j);
            if (begin->paper != hit->paper || begin->at >= PAPERS_AT_WHOLE)
                continue;
            sight_add(search, view, segment, hit->paper, found->prints[begin->text_at].byte);
            break;
        }
    }
    for (guint i = first; i < search->hits->len; i++)
        search->counts[g_array_index(search->hits, Hit, i).paper] = 0;
}

gboolean
paper_search_segment(PaperSearch *search, const Fold *fold, const Segment *segment)
{
    const FoldView *view = fold_squeezed(fold);
    Fingerprint found;
    gboolean all = TRUE;
    if (papers_count(search->papers) == 0)
        return TRUE;
    fingerprint_run(search->maker, view->text, view->length, &found);
    g_array_set_size(search->likely, found.count + 1);
    guint32 *likely = (guint32 *)(void *)search->likely->data;
    guint count = papers_sift(search->papers, found.prints, found.count, likely), first = search->hits->len;
    if (search->hits->len + count > PAPER_HITS_MAX / 2) {
        all = make_room(search);
        first = search->hits->len;
    }
    papers_fetch(search->papers, found.prints, likely, count);
    for (guint i = 0; i < count && all; i++)
        all = look_up(search, found.prints[likely[i]].name, segment->part, likely[i]);
    first = MIN(first, search->hits->len);
    if (all && search->hits->len - first >= SIGHT_HITS)
        note_sights(search, view, segment, first, &found);
    for (guint i = first; i < search->hits->len; i++) {
        Hit *hit = &g_array_index(search->hits, Hit, i);
        hit->text_at = search->text_at + found.prints[hit->text_at].at;
    }
    if (all && found.whole != 0)
        all = look_up(search, found.whole, segment->part, search->text_at);
    search->text_at += found.characters; /* a passage may go on on the next page */
    return all;
}

/* --- what it is ------------------------------------------------------------------------------------------------- */

static gboolean
goes_on(const Passage *passage, const Hit *hit)
{
    gint64 in_paper = (gint64)hit->at - passage->at, in_text = (gint64)hit->text_at - passage->text_at;
    gint64 drift = in_paper > in_text ? in_paper - in_text : in_text - in_paper;
    return in_paper > 0 && in_text > 0 && in_paper <= GAP && in_text <= GAP && drift <= DRIFT;
}

static guint
passage_for(PaperSearch *search, const Hit *hit)
{
    GArray *passages = search->passages;
    for (guint i = passages->len; i > 0 && i + OPEN > passages->len; i--) {
        Passage *passage = &g_array_index(passages, Passage, i - 1);
        if (!goes_on(passage, hit))
            continue;
        const guint32 pair[] = {passage->at, hit->at};
        passage->extent += papers_extent(pair, 2) - FINGERPRINT_TOKENS;
        passage->at = hit->at;
        passage->text_at = hit->text_at;
        return i - 1;
    }
    Passage fresh = {hit->at, hit->text_at, FINGERPRINT_TOKENS};
    g_array_append_val(passages, fresh);
    return passages->len - 1;
}

static int
text_order(gconstpointer a, gconstpointer b)
{
    const Hit *left = a, *right = b;
    int slices = slice_order(left, right);
    if (slices != 0)
        return slices;
    if (left->text_at != right->text_at)
        return left->text_at < right->text_at ? -1 : 1;
    return left->at < right->at ? -1 : left->at > right->at;
}

static int
number_order(gconstpointer a, gconstpointer b)
{
    guint32 left = *(const guint32 *)a, right = *(const guint32 *)b;
    return left < right ? -1 : left > right;
}

/* Characters of the paper that lie in passages, each once. */
static guint32
extent_found(PaperSearch *search, const Hit *hits, guint count)
{
    guint32 *places = (guint32 *)(void *)search->places->data;
    guint kept = 0;
    for (guint i = 0; i < count; i++) {
        guint owner = g_array_index(search->owners, guint32, i);
        if (owner != G_MAXUINT32 && g_array_index(search->passages, Passage, owner).extent >= PASSAGE)
            places[kept++] = hits[i].at;
    }
    qsort(places, kept, sizeof *places, number_order);
    return papers_extent(places, kept);
}

/* Weighs the hits of one paper in one part. */
static void
weigh(PaperSearch *search, const Hit *hits, guint count, PaperMatch *match)
{
    g_array_set_size(search->passages, 0);
    g_array_set_size(search->owners, count);
    g_array_set_size(search->places, count);
    for (guint i = 0; i < count; i++) {
        guint32 *owner = &g_array_index(search->owners, guint32, i);
        *owner = G_MAXUINT32;
        match->equal |= hits[i].at >= PAPERS_AT_WHOLE;
        if (hits[i].at < PAPERS_AT_WHOLE)
            *owner = passage_for(search, &hits[i]);
    }
    for (guint i = 0; i < search->passages->len; i++)
        match->run = MAX(match->run, g_array_index(search->passages, Passage, i).extent);
    match->found = extent_found(search, hits, count);
    match->run = match->found == 0 ? 0 : match->run;
    guint32 own = MAX(match->paper->own, 1);
    match->percent = match->equal ? 100 : (guint)MIN((guint64)match->found * 100 / own, 100);
}

static gboolean
is_enough(const PaperMatch *match)
{
    return match->equal || match->run >= RUN_ENOUGH ||
           (match->percent >= MOST_PERCENT && match->found >= MOST_ENOUGH) ||
           (match->percent >= PIECES_PERCENT && match->found >= PIECES_ENOUGH);
}

static void
match_free(gpointer data)
{
    g_free(((PaperMatch *)data)->excerpt);
    g_free(data);
}

static void
take_sight(const PaperSearch *search, PaperMatch *match, guint32 paper)
{
    for (guint i = 0; i < search->sights->len; i++) {
        const Sight *sight = &g_array_index(search->sights, Sight, i);
        if (sight->paper != paper || sight->part != match->part)
            continue;
        match->place = sight->place;
        match->line = sight->line;
        match->from = sight->from;
        match->to = sight->to;
        match->excerpt = g_strdup(sight->excerpt);
        return;
    }
    match->place.kind = PLACE_BODY;
}

static int
most_first(gconstpointer a, gconstpointer b)
{
    const PaperMatch *left = *(const PaperMatch *const *)a, *right = *(const PaperMatch *const *)b;
    if (left->equal != right->equal)
        return left->equal ? -1 : 1;
    if (left->found != right->found)
        return left->found > right->found ? -1 : 1;
    if (left->paper->number != right->paper->number)
        return left->paper->number < right->paper->number ? -1 : 1;
    return left->part < right->part ? -1 : left->part > right->part;
}

/* Drops the hits of papers that have few, as chance gives them: sorting them would take longest. */
static void
drop_few(PaperSearch *search)
{
    Hit *hits = (Hit *)(void *)search->hits->data;
    guint kept = 0;
    for (guint i = 0; i < search->hits->len; i++) {
        guint8 *count = &search->counts[hits[i].paper];
        *count = hits[i].at >= PAPERS_AT_WHOLE ? FEW : (guint8)MIN(*count + 1, FEW);
    }
    for (guint i = 0; i < search->hits->len; i++)
        if (search->counts[hits[i].paper] == FEW)
            hits[kept++] = hits[i];
        else
            search->counts[hits[i].paper] = 0;
    for (guint i = 0; i < kept; i++)
        search->counts[hits[i].paper] = 0;
    g_array_set_size(search->hits, kept);
}

GPtrArray *
paper_search_end(PaperSearch *search, gint64 now_us)
{
    GPtrArray *matches = g_ptr_array_new_with_free_func(match_free);
    const Hit *hits = (const Hit *)(const void *)search->hits->data;
    drop_few(search);
    g_array_sort(search->hits, text_order);
    for (guint from = 0, to; from < search->hits->len; from = to) {
        guint32 paper = hits[from].paper, part = hits[from].part;
        for (to = from + 1; to < search->hits->len && slice_order(&hits[from], &hits[to]) == 0;)
            to++;
        if (to - from < FEW && MAX(hits[from].at, hits[to - 1].at) < PAPERS_AT_WHOLE)
            continue; /* chance; and asking the register of each would take long */
        PaperMatch match = {.paper = papers_get(search->papers, paper), .part = part};
        if (match.paper->common || (match.paper->expires_us != 0 && match.paper->expires_us <= now_us))
            continue;
        weigh(search, hits + from, to - from, &match);
        if (!is_enough(&match))
            continue;
        take_sight(search, &match, paper);
        g_ptr_array_add(matches, g_memdup2(&match, sizeof match));
    }
    g_ptr_array_sort(matches, most_first);
    return matches;
}
