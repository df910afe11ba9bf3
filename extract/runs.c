/* runs - a character counts if it is in GB 2312 or in the common half of Big5, or is a sign used beside them: of the
 * 65,536 pairs of bytes that chance gives only one in six is one, so that four in a row are hardly ever chance. */
#include "config.h"
#include "runs.h"
#include "decode.h"
#include "story.h"
#include <string.h>

#define WIDE_LEAST 4   /* characters of a run of UTF-16, */
#define HAN_LEAST 2    /* two of them Han, side by side; */
#define HAN_ENOUGH 3   /* three Han are enough by themselves, */
#define HAN_OTHER 3    /* each different from the two before it */
#define NARROW_LEAST 3 /* characters of several bytes in a run of GB 2312 or UTF-8 */
#define ASCII_LEAST 8  /* characters of ASCII that are enough in such a run */
#define LONG_ENOUGH 32 /* characters of any kind */
/* Packed data makes short runs by chance. What nothing ends (a NUL or another control) must be longer. */
#define OPEN_HAN 6
#define OPEN_LEAST 10

static guint8 known[65536 / 8]; /* a bit for each character */

static void
know(gunichar from, gunichar to)
{
    for (gunichar c = from; c <= to; c++)
        known[c >> 3] |= (guint8)(1 << (c & 7));
}

static gboolean
is_known(guint c)
{
    return (known[c >> 3] >> (c & 7) & 1) != 0;
}

static void
know_charset(const char *charset, guint first, guint last, guint trail_first)
{
    GString *all = g_string_new(NULL);
    for (guint lead = first; lead <= last; lead++)
        for (guint trail = trail_first; trail <= 0xFE; trail++)
            if (trail < 0x7F || trail > 0xA0) {
                g_string_append_c(all, (char)lead);
                g_string_append_c(all, (char)trail);
            }
    Decoding *decoding = decode_as((const guint8 *)all->str, all->len, charset);
    for (const char *at = decoding->text; *at != '\0'; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        if (c >= 0x2000 && c < 0xFFF0 && (c < 0xE000 || c >= 0xF900))
            know(c, c);
    }
    decoding_free(decoding);
    g_string_free(all, TRUE);
}

void
runs_prepare(void)
{
    static gboolean done;
    if (done)
        return;
    done = TRUE;
    know_charset("GB18030", 0xA1, 0xA3, 0xA1);
    know_charset("GB18030", 0xB0, 0xF7, 0xA1);
    know_charset("BIG5-HKSCS", 0xA1, 0xA2, 0x40);
    know_charset("BIG5-HKSCS", 0xA4, 0xC6, 0x40);
    know(0x2605, 0x2606);
    know(0x2610, 0x2612);
    know(0x3000, 0x3011);
    know(0xFF01, 0xFF5E);
}

/* --- what was told ---------------------------------------------------------------------------------------------- */

typedef struct {
    gsize from, to;
} Range;

struct Covered {
    GArray *ranges;
};

Covered *
covered_new(void)
{
    Covered *covered = g_new0(Covered, 1);
    covered->ranges = g_array_new(FALSE, FALSE, sizeof(Range));
    return covered;
}

void
covered_free(Covered *covered)
{
    if (covered == NULL)
        return;
    g_array_unref(covered->ranges);
    g_free(covered);
}

void
covered_add(Covered *covered, gsize from, gsize length)
{
    Range range = {from, length > G_MAXSIZE - from ? G_MAXSIZE : from + length};
    Range *last = covered->ranges->len == 0 ? NULL : &g_array_index(covered->ranges, Range, covered->ranges->len - 1);
    if (last != NULL && range.from >= last->from && range.from <= last->to)
        last->to = MAX(last->to, range.to);
    else if (length > 0)
        g_array_append_val(covered->ranges, range);
}

static gint
by_start(gconstpointer one, gconstpointer other)
{
    const Range *a = one, *b = other;
    return a->from < b->from ? -1 : a->from > b->from;
}

/* --- runs ------------------------------------------------------------------------------------------------------- */

typedef struct {
    GString *text;
    guint characters, wide;          /* wide: of several bytes */
    guint han, row, longest, others; /* Han in all; side by side; Han unlike the two before */
    gunichar last[2];
} Run;

static void
take(Run *run, gunichar c)
{
    char utf8[6];
    gboolean han = (c >= 0x3400 && c < 0xA000) || (c >= 0xF900 && c < 0xFB00) || c == 0x2605 || c == 0x2606;
    run->han += han;
    run->row = han ? run->row + 1 : 0;
    run->longest = MAX(run->longest, run->row);
    run->others += han && c != run->last[0] && c != run->last[1];
    run->last[1] = run->last[0];
    run->last[0] = c;
    run->wide += c >= 0x80;
    run->characters++;
    g_string_append_len(run->text, utf8, g_unichar_to_utf8(c, utf8));
}

static void
drop(Run *run)
{
    g_string_truncate(run->text, 0);
    *run = (Run){.text = run->text};
}

static gboolean
is_written(guint c) /* in UTF-16 */
{
    return (c >= 0x20 && c < 0x7F) || c == 0xB7 || (c >= 0x2000 && is_known(c)) || (c >= 0x200B && c < 0x2010);
}

/* Bytes of the run of UTF-16 that begins here, 0 if none is worth telling. */
static gsize
wide_run(const guint8 *bytes, gsize length, Run *run)
{
    gsize at = 0;
    for (; at + 2 <= length && is_written(bytes_u16(bytes + at)); at += 2)
        take(run, bytes_u16(bytes + at));
    gboolean ended = at + 2 > length || bytes_u16(bytes + at) < 0x20;
    gboolean han = (run->longest >= HAN_ENOUGH && run->others >= HAN_OTHER) ||
                   (run->characters >= WIDE_LEAST && run->longest >= HAN_LEAST && run->others >= HAN_LEAST);
    if ((han && (ended || run->han >= OPEN_HAN || run->characters >= OPEN_LEAST)) ||
        (run->wide == 0 && run->characters >= WIDE_LEAST) || run->characters >= LONG_ENOUGH)
        return at;
    drop(run);
    return 0;
}

/* The character of GB 2312, UTF-8 or ASCII here; its bytes, 0 if it is none. Which of them: *kind, 0 ASCII. */
static gsize
narrow_character(const guint8 *bytes, gsize length, guint *kind)
{
    *kind = 0;
    if ((bytes[0] >= 0x20 && bytes[0] < 0x7F) || bytes[0] == '\t')
        return 1;
    if (length >= 3 && bytes[0] >= 0xE2 && bytes[0] <= 0xEF && (bytes[1] & 0xC0) == 0x80 && (bytes[2] & 0xC0) == 0x80) {
        guint c = (guint)(bytes[0] & 0x0F) << 12 | (guint)(bytes[1] & 0x3F) << 6 | (bytes[2] & 0x3F);
        *kind = 1;
        if (c >= 0x2000 && is_known(c))
            return 3;
    }
    *kind = 2;
    gboolean lead = (bytes[0] >= 0xB0 && bytes[0] <= 0xF7) || (bytes[0] >= 0xA1 && bytes[0] <= 0xA3);
    return lead && length >= 2 && bytes[1] >= 0xA1 && bytes[1] < 0xFF ? 2 : 0;
}

/* The same for bytes of one charset and ASCII. */
static gsize
narrow_run(const guint8 *bytes, gsize length, Run *run)
{
    guint kind = 0, now;
    gsize at = 0, size, wide = 0, ascii = 0;
    for (; at < length && (size = narrow_character(bytes + at, length - at, &now)) > 0; at += size) {
        if (now != 0 && kind != 0 && now != kind)
            break;
        kind = now != 0 ? now : kind;
        wide += now != 0;
        ascii += now == 0;
    }
    gboolean ended = at >= length || bytes[at] == 0 || (bytes[at] >= 0x07 && bytes[at] <= 0x0D);
    if (ascii < ASCII_LEAST && wide < (ended ? NARROW_LEAST : OPEN_HAN))
        return 0;
    if (kind != 2) {
        g_string_append_len(run->text, (const char *)bytes, (gssize)at);
        return at;
    }
    Decoding *decoding = decode_as(bytes, at, "GB18030");
    g_string_append_len(run->text, decoding->text, (gssize)decoding->length);
    decoding_free(decoding);
    return at;
}

static void
tell_piece(Bytes piece, Story *story)
{
    Run run = {.text = g_string_new(NULL)};
    for (gsize at = 0; at < piece.length && !sink_stopped(story->sink);) {
        gsize size = narrow_run(piece.data + at, piece.length - at, &run);
        if (size == 0 && (size = wide_run(piece.data + at, piece.length - at, &run)) > 0) {
            /* the same bytes a step later: the longer of both is what was written */
            Run later = {.text = g_string_new(NULL)};
            gsize other = wide_run(piece.data + at + 1, piece.length - at - 1, &later);
            g_string_free(later.text, TRUE);
            if (other > size) {
                drop(&run);
                size = 0;
            }
        }
        if (size == 0) {
            at++;
            continue;
        }
        story_say(story, PLACE_RAW, run.text->str, (gssize)run.text->len);
        story_gap(story, PLACE_RAW, '\n');
        drop(&run);
        at += size;
    }
    g_string_free(run.text, TRUE);
}

void
runs_tell(Bytes bytes, Covered *covered, Sink *sink, guint part, const char *name)
{
    Story story;
    gsize at = 0;
    story_begin(&story, sink, part, name, 0);
    if (covered != NULL) {
        g_array_sort(covered->ranges, by_start);
        for (guint i = 0; i < covered->ranges->len && at < bytes.length; i++) {
            Range range = g_array_index(covered->ranges, Range, i);
            if (range.from > at)
                tell_piece(bytes_part(bytes, at, range.from - at), &story);
            at = MAX(at, range.to);
        }
    }
    if (at < bytes.length)
        tell_piece(bytes_part(bytes, at, bytes.length - at), &story);
}
