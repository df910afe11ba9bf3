/* read_text - bytes of one text to segments: windows, every plausible decoding, HTML.
 *
 * Memory does not grow with the text. The best decoding of each window makes one continuous stream; other decodings
 * make streams of their own as long as they stay plausible from window to window. HTML keeps its state per stream. */
#pragma once
#include "segment.h"

#define READ_WINDOW (64 * 1024) /* undecoded bytes */

typedef struct {
    SegmentSink sink;
    gpointer user;
    guint part;
    PlaceKind kind;       /* of plain text: PLACE_BODY, PLACE_OUTSIDE, PLACE_RAW */
    const char *declared; /* charset label or NULL; must live as long as the reader */
    gboolean html;        /* take markup apart */
    gboolean plain;       /* give the text as it is (with html: both, for XML) */
    gboolean unfold;      /* calendar, vcard: lines that go on are joined, \n and \, undone (RFC 5545, RFC 6350) */
} TextPlan;

typedef struct TextReader TextReader;
TextReader *text_reader_new(const TextPlan *plan);
void text_reader_free(TextReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TextReader, text_reader_free)
/* FALSE: the sink stopped. */
gboolean text_reader_push(TextReader *reader, const guint8 *bytes, gsize length);
gboolean text_reader_finish(TextReader *reader);
/* FALSE if some window reads like noise whatever the charset: then it was no text. */
gboolean text_reader_plausible(const TextReader *reader);
/* FALSE if style sheets of HTML went over a bound, so that what they hide may tear visible text apart. */
gboolean text_reader_complete(const TextReader *reader);
/* TRUE if the declared charset was not the best reading of some window. */
gboolean text_reader_lied(const TextReader *reader);
