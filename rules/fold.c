/* fold - runs the table over a text: both views and both offset maps in one pass. */
#include "config.h"
#include "fold.h"
#include "fold-entry.h"
#include "fold-table.h"
#include <string.h>

/* Changes with every change of this file that changes a view. */
#define SQUEEZE_VERSION "1"

#define SLACK 64            /* bytes that may be written past the end of what counts, so that stores need no length */
#define LIGHT_MAX 3         /* light separators in a row that do not separate */
#define BROKEN (guint32)'?' /* no longer than the byte it stands for */

typedef struct {
    gsize from, to;
} Run;

/* One view while it is written. */
typedef struct {
    char *text;
    guint32 *source;
    gsize length, capacity;
} Out;

/* What the squeezed view remembers of the text before. */
typedef struct {
    FoldClass last;     /* class of the last character that is no separator */
    gsize run;          /* where the separators after it begin */
    guint light;        /* how many of them are light */
    gboolean white;     /* there is white space among them */
    gboolean white_end; /* and it is the last */
    gsize joined;       /* where the last digit stands that was joined to the one before */
} Squeeze;

struct Fold {
    Out folded, squeezed;
    FoldView folded_view, squeezed_view;
    Squeeze squeeze;
    const guint8 *text;
    gsize length;
    GArray *runs;    /* Run: right-to-left overrides */
    gsize run_start; /* of the open one */
    gboolean run_open;
    guint depth;        /* embeddings inside it */
    gboolean reversing; /* the runs are being appended */
};

/* --- characters and entries -------------------------------------------------------------------------------------- */

/* The character at `at`: its bytes used in *size. Broken UTF-8 gives ?, byte by byte. */
static inline guint32
character_at(const guint8 *text, gsize length, gsize at, guint *size)
{
    const guint8 *p = text + at;
    gsize left = length - at;
    *size = 1;
    if (p[0] < 0x80)
        return p[0];
    if (p[0] >= 0xC2 && p[0] < 0xE0 && left >= 2) {
        *size = 2;
        return (guint32)(p[0] & 0x1F) << 6 | (p[1] & 0x3F);
    }
    if (p[0] >= 0xE0 && p[0] < 0xF0 && left >= 3) {
        *size = 3;
        return (guint32)(p[0] & 0x0F) << 12 | (guint32)(p[1] & 0x3F) << 6 | (p[2] & 0x3F);
    }
    if (p[0] >= 0xF0 && p[0] < 0xF5 && left >= 4) {
        *size = 4;
        return (guint32)(p[0] & 0x07) << 18 | (guint32)(p[1] & 0x3F) << 12 | (guint32)(p[2] & 0x3F) << 6 |
               (p[3] & 0x3F);
    }
    return BROKEN;
}

static inline guint32
entry_of(guint32 c)
{
    if (G_LIKELY(c < FOLD_LIMIT))
        return FOLD_ENTRIES[(guint32)FOLD_INDEX[c >> FOLD_BLOCK_BITS] << FOLD_BLOCK_BITS |
                            (c & ((1u << FOLD_BLOCK_BITS) - 1))];
    return c >= FOLD_TAGS && c < FOLD_TAGS + 0x1000 ? FOLD_SLOW_ENTRY(FOLD_DROP, 0, FOLD_EDGE)
                                                    : FOLD_SLOW_ENTRY(FOLD_COPY, 0, FOLD_OTHER);
}

/* Room for `more` bytes, and slack. */
static void
out_reserve(Out *out, gsize more)
{
    gsize need = out->length + more + SLACK;
    if (need <= out->capacity)
        return;
    out->capacity = MAX(need, out->capacity + out->capacity / 2);
    out->text = g_realloc(out->text, out->capacity);
    out->source = g_realloc_n(out->source, out->capacity, sizeof *out->source);
}

/* Four bytes and four offsets are stored, `size` count. */
static inline void
out_put(Out *out, guint32 bytes, guint size, guint32 source)
{
    guint32 little = GUINT32_TO_LE(bytes), sources[4] = {source, source, source, source};
    memcpy(out->text + out->length, &little, sizeof little);
    memcpy(out->source + out->length, sources, sizeof sources);
    out->length += size;
}

/* --- the squeezed view ------------------------------------------------------------------------------------------- */

static inline gboolean
is_wide(FoldClass class)
{
    return class == FOLD_HAN || class == FOLD_STAR || class == FOLD_SIGN || class == FOLD_EDGE;
}

/* Whether light separators between the two do not separate. */
static gboolean
joins(FoldClass left, FoldClass right)
{
    gboolean left_word = left == FOLD_HAN || left == FOLD_STAR, right_word = right == FOLD_HAN || right == FOLD_STAR;
    return (left_word && right_word) || (left == FOLD_STAR && right == FOLD_DIGIT) ||
           (left == FOLD_DIGIT && right == FOLD_STAR);
}

static gboolean
digit_follows(const Fold *fold, gsize at)
{
    guint size;
    if (at >= fold->length)
        return FALSE;
    guint32 entry = entry_of(character_at(fold->text, fold->length, at, &size));
    return FOLD_CLASS(entry) == FOLD_DIGIT;
}

/* White space between two digits goes if each stands alone, or the left one was joined so. */
static gboolean
digits_join(const Fold *fold, FoldClass right, gsize next)
{
    const Squeeze *squeeze = &fold->squeeze;
    const char *text = fold->squeezed.text;
    if (squeeze->light > 0 || squeeze->last != FOLD_DIGIT || right != FOLD_DIGIT || digit_follows(fold, next))
        return FALSE;
    return squeeze->run < 2 || !g_ascii_isdigit(text[squeeze->run - 2]) || squeeze->joined == squeeze->run - 1;
}

/* Separators stand before a character of class `right` (which ends at source offset `next`): do they stay? */
static void
separators_settle(Fold *fold, FoldClass right, gsize next)
{
    Squeeze *squeeze = &fold->squeeze;
    Out *out = &fold->squeezed;
    gboolean digits = digits_join(fold, right, next);
    gboolean gone = squeeze->light > 0 ? squeeze->light <= LIGHT_MAX && joins(squeeze->last, right) : is_wide(right);
    if (digits)
        squeeze->joined = squeeze->run;
    if (digits || gone)
        out->length = squeeze->run;
    else if (squeeze->white_end && is_wide(right))
        out->length--;
    squeeze->light = 0;
    squeeze->white = squeeze->white_end = FALSE;
}

/* White space beside a wide character on its left goes at once, whatever follows. */
static void
separator_put(Fold *fold, guint32 bytes, guint size, FoldClass class, guint32 source)
{
    Squeeze *squeeze = &fold->squeeze;
    gboolean first = !squeeze->white && squeeze->light == 0;
    if (first)
        squeeze->run = fold->squeezed.length;
    if (class == FOLD_LIGHT) {
        squeeze->light++;
        squeeze->white_end = FALSE;
        out_put(&fold->squeezed, bytes, size, source);
    } else if (!squeeze->white_end && !(first && is_wide(squeeze->last))) {
        squeeze->white = squeeze->white_end = TRUE;
        out_put(&fold->squeezed, ' ', 1, source);
    }
}

/* A folded character of at most four bytes goes into the squeezed view. */
static void
squeeze_put(Fold *fold, guint32 bytes, guint size, FoldClass class, guint32 source, gsize next)
{
    Squeeze *squeeze = &fold->squeeze;
    if (class == FOLD_WHITE || class == FOLD_LIGHT) {
        separator_put(fold, bytes, size, class, source);
        return;
    }
    if (squeeze->white || squeeze->light > 0)
        separators_settle(fold, class, next);
    squeeze->last = class;
    out_put(&fold->squeezed, bytes, size, source);
}

static void
squeeze_begin(Fold *fold)
{
    fold->squeeze = (Squeeze){.last = FOLD_EDGE, .joined = G_MAXSIZE};
}

static void
squeeze_end(Fold *fold)
{
    if (fold->squeeze.white || fold->squeeze.light > 0)
        separators_settle(fold, FOLD_EDGE, fold->length);
}

/* --- one character, any kind ------------------------------------------------------------------------------------- */

static void
put(Fold *fold, guint32 bytes, guint size, FoldClass class, guint32 source, gsize next)
{
    out_put(&fold->folded, bytes, size, source);
    squeeze_put(fold, bytes, size, class, source, next);
}

static guint32
bytes_pack(const guint8 *text, guint size)
{
    guint32 bytes = 0;
    for (guint i = 0; i < size; i++)
        bytes |= (guint32)text[i] << (8 * i);
    return bytes;
}

/* The syllable that a vowel or final makes with what stands before it, or 0. */
static guint32
jamo_compose(guint32 before, guint32 jamo)
{
    if (before >= 0x1100 && before <= 0x1112 && jamo <= 0x1175)
        return 0xAC00 + ((before - 0x1100) * 21 + (jamo - 0x1161)) * 28;
    if (before >= 0xAC00 && before <= 0xD7A3 && (before - 0xAC00) % 28 == 0 && jamo >= 0x11A8)
        return before + (jamo - 0x11A7);
    return 0;
}

static void
jamo_put(Fold *fold, guint32 jamo, guint32 source, gsize next)
{
    Out *folded = &fold->folded, *squeezed = &fold->squeezed;
    guint8 bytes[8] = {0};
    guint32 whole = 0;
    gboolean touching = fold->squeeze.last == FOLD_OTHER && !fold->squeeze.white && fold->squeeze.light == 0;
    if (touching && folded->length >= 3 && squeezed->length >= 3)
        whole = jamo_compose(g_utf8_get_char_validated(folded->text + folded->length - 3, 3), jamo);
    g_unichar_to_utf8(whole != 0 ? whole : jamo, (char *)bytes);
    if (whole == 0) {
        put(fold, bytes_pack(bytes, 3), 3, FOLD_OTHER, source, next);
        return;
    }
    memcpy(folded->text + folded->length - 3, bytes, 3);
    memcpy(squeezed->text + squeezed->length - 3, bytes, 3);
}

/* Each character of a multi-character folding has a plain entry of its own, or is a jamo. */
static void
text_put(Fold *fold, const char *text, guint32 source, gsize next)
{
    const guint8 *bytes = (const guint8 *)text;
    gsize length = strlen(text), left = fold->reversing ? source : fold->length - source;
    guint size;
    out_reserve(&fold->folded, length + left);
    out_reserve(&fold->squeezed, length + left);
    for (gsize at = 0; at < length; at += size) {
        guint32 entry = entry_of(character_at(bytes, length, at, &size));
        if ((entry & FOLD_SLOW) && FOLD_KIND(entry) == FOLD_JAMO)
            jamo_put(fold, FOLD_ARGUMENT(entry), source, next);
        else
            put(fold, bytes_pack(bytes + at, size), size, FOLD_CLASS(entry), source, next);
    }
}

static void
run_close(Fold *fold, gsize to)
{
    Run run = {fold->run_start, to};
    if (fold->run_open && run.to > run.from)
        g_array_append_val(fold->runs, run);
    fold->run_open = FALSE;
}

/* Bidi controls come out as nothing; an override is remembered with what it holds. */
static void
control_note(Fold *fold, FoldKind kind, gsize from, gsize next)
{
    if (kind == FOLD_RLO && !fold->run_open) {
        fold->run_open = TRUE;
        fold->run_start = next;
        fold->depth = 0;
    } else if (kind != FOLD_POP) {
        fold->depth++;
    } else if (fold->depth > 0) {
        fold->depth--;
    } else {
        run_close(fold, from);
    }
}

static void
slow_put(Fold *fold, guint32 entry, gsize from, gsize next)
{
    const guint8 *text = fold->text;
    switch (FOLD_KIND(entry)) {
    case FOLD_DROP:
        break;
    case FOLD_COPY:
        put(fold, bytes_pack(text + from, (guint)(next - from)), (guint)(next - from), FOLD_CLASS(entry), (guint32)from,
            next);
        break;
    case FOLD_TEXT:
        text_put(fold, FOLD_TEXTS[FOLD_ARGUMENT(entry)], (guint32)from, next);
        break;
    case FOLD_RETURN:
        run_close(fold, from);
        if (next >= fold->length || text[next] != '\n')
            put(fold, '\n', 1, FOLD_WHITE, (guint32)from, next);
        break;
    case FOLD_JAMO:
        jamo_put(fold, FOLD_ARGUMENT(entry), (guint32)from, next);
        break;
    case FOLD_RLO:
    case FOLD_PUSH:
    case FOLD_POP:
        control_note(fold, FOLD_KIND(entry), from, next);
        break;
    }
}

static void
character_put(Fold *fold, gsize from, guint size, guint32 c)
{
    guint32 entry = entry_of(c);
    if (entry & FOLD_SLOW)
        slow_put(fold, entry, from, from + size);
    else
        put(fold, entry & 0xffffff, FOLD_LENGTH(entry), FOLD_CLASS(entry), (guint32)from, from + size);
    if (fold->run_open && (entry & 0xff) == '\n' && !(entry & FOLD_SLOW))
        run_close(fold, from);
}

/* --- whole texts ------------------------------------------------------------------------------------------------- */

/* The runs that an override turned round, as a reader sees them. */
static void
runs_append(Fold *fold)
{
    fold->reversing = TRUE;
    for (guint i = 0; i < fold->runs->len; i++) {
        Run run = g_array_index(fold->runs, Run, i);
        out_reserve(&fold->folded, run.to + 1);
        out_reserve(&fold->squeezed, run.to + 1);
        out_put(&fold->folded, '\n', 1, (guint32)run.from);
        out_put(&fold->squeezed, '\n', 1, (guint32)run.from);
        squeeze_begin(fold);
        for (gsize at = run.to; at > run.from;) {
            guint size;
            gsize next = at;
            for (at--; at > run.from && (fold->text[at] & 0xC0) == 0x80 && next - at < 4; at--)
                ;
            guint32 c = character_at(fold->text, next, at, &size);
            guint32 entry = entry_of(c);
            if (!(entry & FOLD_SLOW) || FOLD_KIND(entry) < FOLD_RLO)
                character_put(fold, at, (guint)(next - at), c);
        }
        squeeze_end(fold);
    }
}

static void
view_finish(const Fold *fold, Out *out, FoldView *view)
{
    out->text[out->length] = '\0';
    out->source[out->length] = (guint32)fold->length;
    *view = (FoldView){out->text, out->length, out->source};
}

/* The class of the character at `at`; FOLD_EDGE if only the slow way can tell. At least four bytes are left. */
static inline FoldClass
class_at(const guint8 *text, gsize length, gsize at)
{
    guint size;
    guint32 entry = text[at] < 0x80 ? FOLD_ENTRIES[text[at]] : entry_of(character_at(text, length, at, &size));
    return entry & FOLD_SLOW ? FOLD_EDGE : FOLD_CLASS(entry);
}

/* What becomes of a separator in the squeezed view, if what stands around it tells already. */
typedef enum { SEPARATOR_STAYS, SEPARATOR_GOES, SEPARATOR_WAITS } Fate;

static inline Fate
separator_fate(FoldClass class, FoldClass last, FoldClass next)
{
    if (class == FOLD_LIGHT)
        return last == FOLD_OTHER || (last == FOLD_DIGIT && (next == FOLD_OTHER || next == FOLD_DIGIT))
                   ? SEPARATOR_STAYS
                   : SEPARATOR_WAITS;
    if (next == FOLD_EDGE)
        return SEPARATOR_WAITS;
    if (is_wide(next) || next == FOLD_WHITE) /* of several blanks the last stands for all */
        return SEPARATOR_GOES;
    return next == FOLD_OTHER || last == FOLD_OTHER ? SEPARATOR_STAYS : SEPARATOR_WAITS;
}

#define PUT(out, bytes, size)                                                                                       \
    do {                                                                                                            \
        guint32 little_ = GUINT32_TO_LE(bytes), sources_[4] = {(guint32)at, (guint32)at, (guint32)at, (guint32)at}; \
        memcpy(out.text + out.length, &little_, sizeof little_);                                                    \
        memcpy(out.source + out.length, sources_, sizeof sources_);                                                 \
        out.length += size;                                                                                         \
    } while (0)

/* Sixteen bytes at once, in the compiler's own vectors (any processor). */
typedef guint8 Bytes __attribute__((vector_size(16)));
typedef guint32 Offsets __attribute__((vector_size(16)));
#define BLOCK (gsize)16

static inline Bytes
bytes_load(const guint8 *at)
{
    Bytes bytes;
    memcpy(&bytes, at, sizeof bytes);
    return bytes;
}

static inline gboolean
bytes_any(Bytes mask)
{
    guint64 halves[2];
    memcpy(halves, &mask, sizeof halves);
    return (halves[0] | halves[1]) != 0;
}

static inline Bytes
bytes_between(Bytes bytes, guint8 low, guint8 high)
{
    return (Bytes)(bytes >= low) & (Bytes)(bytes <= high);
}

static inline void
block_put(Out *out, Bytes bytes, gsize at, gsize count)
{
    Offsets offsets = {0, 1, 2, 3};
    memcpy(out->text + out->length, &bytes, sizeof bytes);
    for (guint i = 0; i < 4; i++) {
        Offsets four = offsets + (guint32)(at + 4 * i);
        memcpy(out->source + out->length + 4 * i, &four, sizeof four);
    }
    out->length += count;
}

static inline gboolean
is_separator(guint8 c)
{
    return FOLD_CLASS(FOLD_ENTRIES[c]) == FOLD_WHITE || FOLD_CLASS(FOLD_ENTRIES[c]) == FOLD_LIGHT;
}

/* A block of printable ASCII whose separators all stay, so that both views get the same: how many of its bytes may be
 * taken (separators at its end wait for what follows), after `last`. Reads text[at - 1] to text[at + 16]. */
static inline gsize
block_count(const guint8 *text, gsize at, FoldClass last)
{
    Bytes bytes = bytes_load(text + at), before = bytes_load(text + at - 1), after = bytes_load(text + at + 1);
    Bytes blank = (Bytes)(bytes == ' ');
    Bytes pair = blank & ((Bytes)(after == ' ') | (bytes_between(before, '0', '9') & bytes_between(after, '0', '9')));
    gsize count = BLOCK;
    gboolean unclear =
        is_separator(text[at]) && (is_wide(last) || (last == FOLD_DIGIT && !g_ascii_isdigit((gchar)text[at - 1])));
    if (unclear || bytes_any(~bytes_between(bytes, ' ', '~') | pair))
        return 0;
    while (count > 0 && is_separator(text[at + count - 1]))
        count--;
    return count;
}

static inline gboolean
block_is_ascii(const guint8 *at)
{
    guint64 halves[2];
    memcpy(halves, at, sizeof halves);
    return ((halves[0] | halves[1]) & 0x8080808080808080u) == 0;
}

/* Blocks from `at` on; `at` is not the first byte. */
static inline gsize
ascii_run(const guint8 *text, gsize length, gsize at, Out *folded, Out *squeezed, FoldClass *last)
{
    while (at + BLOCK + 1 < length && block_is_ascii(text + at)) {
        gsize count = block_count(text, at, *last);
        if (count == 0)
            break;
        Bytes bytes = bytes_load(text + at);
        bytes |= bytes_between(bytes, 'A', 'Z') & 0x20;
        block_put(folded, bytes, at, count);
        block_put(squeezed, bytes, at, count);
        at += count;
        *last = FOLD_CLASS(FOLD_ENTRIES[text[at - 1]]);
    }
    return at;
}

/* The plain characters from `at` on, while no separators wait; the views are kept in registers. Returns where the slow
 * way must take over. Nearly all text goes through here. */
static gsize
fast_run(Fold *fold, gsize at)
{
    const guint8 *text = fold->text;
    const gsize length = fold->length;
    Out folded = fold->folded, squeezed = fold->squeezed;
    FoldClass last = fold->squeeze.last;
    while (at + 4 < length) {
        guint size;
        if (text[at] < 0x80)
            at = ascii_run(text, length, at, &folded, &squeezed, &last);
        if (at + 4 >= length)
            break;
        guint32 entry = text[at] < 0x80 ? FOLD_ENTRIES[text[at]] : entry_of(character_at(text, length, at, &size));
        FoldClass class = FOLD_CLASS(entry);
        if (text[at] < 0x80)
            size = 1;
        if (entry & FOLD_SLOW)
            break;
        if (class < FOLD_WHITE) {
            PUT(squeezed, entry & 0xffffff, FOLD_LENGTH(entry));
            last = class;
        } else if (class == FOLD_LIGHT || !is_wide(last)) {
            Fate fate = separator_fate(class, last, class_at(text, length, at + size));
            if (fate == SEPARATOR_WAITS)
                break;
            if (fate == SEPARATOR_STAYS)
                PUT(squeezed, class == FOLD_LIGHT ? entry & 0xffffff : ' ',
                    class == FOLD_LIGHT ? FOLD_LENGTH(entry) : 1);
        }
        PUT(folded, entry & 0xffffff, FOLD_LENGTH(entry));
        at += size;
    }
    fold->folded.length = folded.length;
    fold->squeezed.length = squeezed.length;
    fold->squeeze.last = last;
    return at;
}

void
fold_run(Fold *fold, const char *text, gsize length)
{
    g_return_if_fail(length <= G_MAXUINT32);
    fold->text = (const guint8 *)text;
    fold->length = length;
    fold->folded.length = fold->squeezed.length = 0;
    fold->run_open = fold->reversing = FALSE;
    g_array_set_size(fold->runs, 0);
    out_reserve(&fold->folded, length);
    out_reserve(&fold->squeezed, length);
    squeeze_begin(fold);
    for (gsize at = 0; at < length;) {
        guint size;
        guint32 c = character_at(fold->text, length, at, &size);
        character_put(fold, at, size, c);
        at += size;
        if (!fold->squeeze.white && fold->squeeze.light == 0 && !fold->run_open)
            at = fast_run(fold, at);
    }
    squeeze_end(fold);
    run_close(fold, length);
    runs_append(fold);
    view_finish(fold, &fold->folded, &fold->folded_view);
    view_finish(fold, &fold->squeezed, &fold->squeezed_view);
}

Fold *
fold_new(void)
{
    Fold *fold = g_new0(Fold, 1);
    fold->runs = g_array_new(FALSE, FALSE, sizeof(Run));
    fold_run(fold, "", 0);
    return fold;
}

void
fold_free(Fold *fold)
{
    if (fold == NULL)
        return;
    g_free(fold->folded.text);
    g_free(fold->folded.source);
    g_free(fold->squeezed.text);
    g_free(fold->squeezed.source);
    g_array_unref(fold->runs);
    g_free(fold);
}

const FoldView *
fold_folded(const Fold *fold)
{
    return &fold->folded_view;
}

const FoldView *
fold_squeezed(const Fold *fold)
{
    return &fold->squeezed_view;
}

void
fold_source_range(const FoldView *view, const char *text, gsize from, gsize to, gsize *source_from, gsize *source_to)
{
    guint32 first = view->source[from], last = first;
    for (gsize i = from; i < to; i++) {
        first = MIN(first, view->source[i]);
        last = MAX(last, view->source[i]);
    }
    *source_from = first;
    *source_to = last;
    if (from < to)
        *source_to = MIN((gsize)(g_utf8_next_char(text + last) - text), view->source[view->length]);
}

char *
fold_word(const char *text)
{
    g_autoptr(Fold) fold = fold_new();
    fold_run(fold, text, strlen(text));
    return g_strdup(fold->folded_view.text);
}

char *
fold_word_squeezed(const char *text)
{
    g_autoptr(Fold) fold = fold_new();
    fold_run(fold, text, strlen(text));
    return g_strdup(fold->squeezed_view.text);
}

const char *
fold_digest(void)
{
    static char *digest;
    if (g_once_init_enter(&digest)) {
        g_autofree char *hex =
            g_compute_checksum_for_string(G_CHECKSUM_SHA256, "fold " SQUEEZE_VERSION " " FOLD_TABLE_DIGEST, -1);
        g_once_init_leave(&digest, g_strconcat("sha256:", hex, NULL));
    }
    return digest;
}
