/* judge-stream - texts that come in several segments: where a hit stands in the whole of it, and what the next segment
 * must know of the last. */
#include "config.h"
#include "judge-parts.h"
#include <string.h>

#define UNBOUND (-(1 << 30)) /* before everything */

void
stream_free(gpointer data)
{
    Stream *stream = data;

    g_array_unref(stream->tail);
    g_free(stream);
}

/* The stream of the segment, moved to the end of the list; NULL if the segment is a text by itself. */
Stream *
leaf_stream(Judge *judge)
{
    const Segment *segment = judge->segment;
    GPtrArray *streams = judge->leaves->streams;

    if (segment->stream == NULL || judge->visual)
        return NULL;
    for (guint i = streams->len; i-- > 0;) {
        Stream *stream = g_ptr_array_index(streams, i);
        if (stream->id != segment->stream)
            continue;
        g_ptr_array_steal_index(streams, i);
        if (stream->part == segment->part && segment->place.continued) {
            g_ptr_array_add(streams, stream);
            return stream;
        }
        stream_free(stream); /* another text that happens to be called so */
        break;
    }
    if (!segment->continues)
        return NULL;
    if (streams->len >= STREAMS_MAX)
        g_ptr_array_remove_index(streams, 0);
    Stream *stream = g_new0(Stream, 1);
    stream->id = segment->stream;
    stream->part = segment->part;
    stream->tail = g_array_new(FALSE, FALSE, sizeof(LeafHit));
    stream->last_line = LINE_BLANK;
    stream_unbound(stream);
    g_ptr_array_add(streams, stream);
    return stream;
}

void
stream_unbound(Stream *stream)
{
    stream->from = stream->row_from = UNBOUND;
}

/* How much of the folded view the segment before had too. */
gsize
leaf_overlap(const Judge *judge)
{
    gsize low = 0, high = judge->view->length;

    while (low < high) {
        gsize middle = low + (high - low) / 2;
        if (judge->view->source[middle] < judge->segment->repeated)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

gboolean
leaves_begins_quoted(Judge *judge)
{
    const Stream *stream = judge->leaves->stream;

    return stream != NULL && stream->quoted_since > 0 && stream->quoted_since >= judge->segment->repeated;
}

/* --- places in the stream ------------------------------------------------------------------- */

void
leaves_know_lines(Judge *judge)
{
    const Stream *stream = judge->leaves->stream;
    Line *first = &g_array_index(judge->lines.array, Line, 0);

    if (stream == NULL || first->to < judge->leaves->overlap)
        return;
    first->flags |= (guint16)(stream->last_line & LINE_QUOTED);
    if ((stream->last_line & LINE_BLANK) == 0)
        first->flags &= (guint16)~LINE_BLANK;
}

/* Characters that are no blanks and lines with text that end, from the beginning of the view. */
typedef struct {
    gsize at;
    gint32 characters, rows;
    guint line;
} Counter;

#define EACH(byte) (G_GUINT64_CONSTANT(0x0101010101010101) * (byte))

/* Bytes of `word` that begin a character that is no blank: neither 80 to BF nor up to 20. */
static guint
begin_count(guint64 word)
{
    guint64 high = word & EACH(0x80), inside = high & ~(word << 1);
    guint64 above = (word & EACH(0x7F)) + EACH(0x7F - ' ');

    return (guint)(((((above | high) & ~inside & EACH(0x80)) >> 7) * EACH(1)) >> 56);
}

static void
counter_move(const Judge *judge, Counter *counter, gsize to)
{
    const char *text = judge->view->text;
    guint64 word;

    for (; counter->at + sizeof word <= to; counter->at += sizeof word) {
        memcpy(&word, text + counter->at, sizeof word);
        counter->characters += (gint32)begin_count(word);
    }
    for (; counter->at < to; counter->at++) {
        guchar c = (guchar)text[counter->at];
        counter->characters += c > ' ' && (c & 0xC0) != 0x80;
    }
    for (; counter->line < judge->lines.array->len && lines_get(&judge->lines, counter->line)->to < to; counter->line++)
        counter->rows += (lines_get(&judge->lines, counter->line)->flags & LINE_BLANK) == 0;
}

/* Where the segment has places that matter. */
typedef struct {
    Counter overlap; /* what the segment before had too ends */
    Counter cut;     /* what the end of the segment cuts in two begins here at the earliest */
    Counter end;
} Measure;

/* Where each hit of a `near` stands. */
static void
hits_place(Judge *judge, Measure *measure)
{
    LeafHit *hits = (LeafHit *)(gpointer)judge->leaves->hits->data;
    Counter counter = {0};
    gsize length = judge->view->length;

    counter_move(judge, &counter, judge->leaves->overlap);
    measure->overlap = counter;
    counter = (Counter){0};
    counter_move(judge, &counter, length > SCAN_WINDOW ? length - SCAN_WINDOW : 0);
    measure->cut = counter;
    counter_move(judge, &counter, length);
    measure->end = counter;
    counter = (Counter){0};
    for (guint i = 0; i < judge->leaves->hits->len; i++) {
        counter_move(judge, &counter, hits[i].from + 1);
        Counter end = counter;
        hits[i].at = counter.characters - 1;
        hits[i].row = counter.rows;
        counter_move(judge, &end, hits[i].to);
        hits[i].end = end.characters;
    }
}

/* The stream's tail and the hits of this segment in one row, counted from the beginning of this segment. */
static void
hits_join(Judge *judge, const Counter *overlap)
{
    Leaves *leaves = judge->leaves;
    const GArray *tail = leaves->stream != NULL ? leaves->stream->tail : NULL;

    g_array_set_size(leaves->joined, 0);
    for (guint i = 0; tail != NULL && i < tail->len; i++) {
        LeafHit hit = g_array_index(tail, LeafHit, i);
        hit.at += overlap->characters;
        hit.end += overlap->characters;
        hit.row += overlap->rows;
        hit.from = hit.to = 0; /* not at hand any more */
        g_array_append_val(leaves->joined, hit);
    }
    for (guint i = 0; i < leaves->hits->len; i++)
        if (ruleset_source(judge->ruleset, g_array_index(leaves->hits, LeafHit, i).source)->near)
            g_array_append_val(leaves->joined, g_array_index(leaves->hits, LeafHit, i));
}

static int
by_position(gconstpointer a, gconstpointer b)
{
    const LeafHit *left = a, *right = b;

    return left->at < right->at ? -1 : left->at > right->at;
}

/* Characters of the longest hit. */
static gint32
longest_hit(const GArray *hits)
{
    gint32 longest = 0;

    for (guint i = 0; i < hits->len; i++) {
        const LeafHit *hit = &g_array_index(hits, LeafHit, i);
        longest = MAX(longest, hit->end - hit->at);
    }
    return longest;
}

/* What may still be near something in the next segment. A hit that ends behind `to` waits for the next, since what
 * excludes it may be cut; it needs its fellows (one reach and its own length before), and these what may exclude them
 * (the same once more). */
static void
tail_keep(Judge *judge, const NearBounds *bounds, const Counter *end)
{
    Leaves *leaves = judge->leaves;
    Stream *stream = leaves->stream;
    gint32 reach = (gint32)judge->ruleset->within + longest_hit(leaves->joined), rows = (gint32)judge->ruleset->lines;
    gint32 from = bounds->to - 2 * reach, row = bounds->row_to - 2 * rows;

    stream->from = bounds->to - reach - end->characters;
    stream->row_from = bounds->row_to - rows - end->rows;
    g_array_set_size(stream->tail, 0);
    for (guint i = 0; i < leaves->joined->len; i++) {
        LeafHit hit = g_array_index(leaves->joined, LeafHit, i);
        if (hit.end < from && hit.row < row)
            continue;
        if (stream->tail->len >= TAIL_MAX) {
            judge->capped = TRUE;
            return;
        }
        hit.at -= end->characters;
        hit.end -= end->characters;
        hit.row -= end->rows;
        g_array_append_val(stream->tail, hit);
    }
}

void
leaf_hits_near(Judge *judge)
{
    Leaves *leaves = judge->leaves;
    Stream *stream = leaves->stream;
    gboolean goes_on = stream != NULL && judge->segment->continues, came = stream != NULL && leaves->overlap > 0;
    Measure measure;

    hits_place(judge, &measure);
    hits_join(judge, &measure.overlap);
    if (leaves->joined->len == 0) {
        if (stream != NULL)
            stream_unbound(stream);
        return;
    }
    g_array_sort(leaves->joined, by_position);
    const NearBounds bounds = {.from = came ? measure.overlap.characters + stream->from : G_MININT32,
                               .to = goes_on ? measure.cut.characters - (gint32)judge->ruleset->within - 1 : G_MAXINT32,
                               .row_from = came ? measure.overlap.rows + stream->row_from : G_MININT32,
                               .row_to = goes_on ? measure.cut.rows - (gint32)judge->ruleset->lines - 1 : G_MAXINT32};
    near_take(judge, leaves->joined, &bounds);
    if (goes_on)
        tail_keep(judge, &bounds, &measure.end);
}

/* The segment is done. */
void
leaf_stream_end(Judge *judge, gsize quoted_from)
{
    Leaves *leaves = judge->leaves;
    const Segment *segment = judge->segment;
    gsize since = quoted_from < judge->view->length ? judge->view->source[quoted_from] : segment->length;

    if (leaves->stream == NULL)
        return;
    if (!segment->continues)
        g_ptr_array_remove(leaves->streams, leaves->stream);
    else
        leaves->stream->quoted_since = segment->length - MIN(since, segment->length);
    leaves->stream = NULL;
}
