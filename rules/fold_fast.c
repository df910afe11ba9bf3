/* fold_fast - the fast way: plain characters in registers, ASCII in blocks. Whatever is not plain is left to fold.c; a
 * test holds both ways to the same result. */
#include "config.h"
#include "fold_private.h"

/* The class of the character at `at`; FOLD_EDGE if only the slow way can tell. At least four bytes are left. */
static inline FoldClass
class_at(const guint8 *text, gsize length, gsize at)
{
    guint size;
    guint32 entry =
        text[at] < 0x80 ? FOLD_ENTRIES[text[at]] : fold_entry_of(fold_character_at(text, length, at, &size));
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
    if (fold_is_wide(next) || next == FOLD_WHITE) /* of several blanks the last stands for all */
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

/* One bit for each byte of a mask, the first lowest. */
static inline guint32
bytes_bits(Bytes mask)
{
#ifdef __SSE2__
    typedef char Signed __attribute__((vector_size(16)));
    return (guint32)__builtin_ia32_pmovmskb128((Signed)mask);
#else
    guint64 halves[2];
    memcpy(halves, &mask, sizeof halves);
    for (guint i = 0; i < 2; i++) /* the top bits of eight bytes side by side */
        halves[i] = (GUINT64_FROM_LE(halves[i]) & 0x8080808080808080u) / 0x80 * 0x0102040810204080u >> 56;
    return (guint32)(halves[0] | halves[1] << 8);
#endif
}

static inline Bytes
bytes_between(Bytes bytes, guint8 low, guint8 high)
{
    return (Bytes)(bytes >= low) & (Bytes)(bytes <= high);
}

/* Both views get the same bytes from the same places; written out, since a loop of four costs as much as its work. */
static inline void
block_put(FoldOut *folded, FoldOut *squeezed, Bytes bytes, gsize at, gsize count)
{
    const Offsets first = (Offsets){0, 1, 2, 3} + (guint32)at;
    const Offsets offsets[4] = {first, first + 4, first + 8, first + 12};
    memcpy(folded->text + folded->length, &bytes, sizeof bytes);
    memcpy(squeezed->text + squeezed->length, &bytes, sizeof bytes);
    memcpy(folded->source + folded->length, offsets, sizeof offsets);
    memcpy(squeezed->source + squeezed->length, offsets, sizeof offsets);
    folded->length += count;
    squeezed->length += count;
}

/* White space and light separators that are printable ASCII, as the table has them. */
static inline Bytes
bytes_separators(Bytes bytes)
{
    return (Bytes)(bytes == ' ') | (Bytes)(bytes == '-') | (Bytes)(bytes == '.') | (Bytes)(bytes == '^') |
           (Bytes)(bytes == '_') | (Bytes)(bytes == '|') | (Bytes)(bytes == '~');
}

static inline gboolean
is_separator(guint8 c)
{
    return FOLD_CLASS(FOLD_ENTRIES[c]) == FOLD_WHITE || FOLD_CLASS(FOLD_ENTRIES[c]) == FOLD_LIGHT;
}

/* How many bytes from `at` on are printable ASCII whose separators all stay, so that both views get the same; the last
 * is none, since a separator waits for what follows. Reads text[at - 1] to text[at + 16]. Nothing here depends on a
 * byte by a branch: where scripts change at every word, each would be guessed wrong.
 * *more_out: the next block may follow. */
static inline gsize
block_count(const guint8 *text, gsize at, Bytes bytes, gboolean *more_out)
{
    Bytes before = bytes_load(text + at - 1), after = bytes_load(text + at + 1);
    Bytes blank = (Bytes)(bytes == ' ');
    Bytes pair = blank & ((Bytes)(after == ' ') | (bytes_between(before, '0', '9') & bytes_between(after, '0', '9')));
    guint32 stop = bytes_bits(~bytes_between(bytes, ' ', '~') | pair) | 1u << BLOCK;
    guint32 solid = ~bytes_bits(bytes_separators(bytes)) & ((stop & -stop) - 1);
    *more_out = stop == 1u << BLOCK && solid != 0;
    return 63 - (gsize)__builtin_clzll((guint64)solid << 1 | 1);
}

/* Blocks from `at` on, a text[at] that is ASCII; `at` is not the first byte. */
static inline gsize
ascii_run(const guint8 *text, gsize length, gsize at, FoldOut *folded, FoldOut *squeezed, FoldClass *last)
{
    gboolean more = TRUE, wide = fold_is_wide(*last),
             joins = *last == FOLD_DIGIT && !g_ascii_isdigit((gchar)text[at - 1]);
    /* what begins a line may be a quote sign */
    if ((wide && text[at] == '>') || ((wide || joins) && is_separator(text[at])))
        return at;
    while (more && at + BLOCK + 1 < length) {
        Bytes bytes = bytes_load(text + at);
        gsize count = block_count(text, at, bytes, &more);
        bytes |= bytes_between(bytes, 'A', 'Z') & 0x20;
        block_put(folded, squeezed, bytes, at, count);
        at += count;
        *last = count > 0 ? FOLD_CLASS(FOLD_ENTRIES[text[at - 1]]) : *last;
    }
    return at;
}

/* Characters of three bytes from `at` on that both views get alike: Han, kana, most punctuation. */
static inline gsize
han_run(const guint8 *text, gsize length, gsize at, FoldOut *folded, FoldOut *squeezed, FoldClass *last)
{
    while (at + 4 < length && (text[at] & 0xF0) == 0xE0) {
        guint32 c = (guint32)(text[at] & 0x0F) << 12 | (guint32)(text[at + 1] & 0x3F) << 6 | (text[at + 2] & 0x3F);
        guint32 entry = fold_entry_of(c);
        if (entry & FOLD_SLOW || FOLD_CLASS(entry) >= FOLD_WHITE)
            break;
        fold_out_put(folded, entry & 0xffffff, FOLD_LENGTH(entry), (guint32)at);
        fold_out_put(squeezed, entry & 0xffffff, FOLD_LENGTH(entry), (guint32)at);
        *last = FOLD_CLASS(entry);
        at += 3;
    }
    return at;
}

/* The views are kept in registers. Nearly all text goes through here. */
gsize
fold_fast_run(Fold *fold, gsize at)
{
    const guint8 *text = fold->text;
    const gsize length = fold->length;
    FoldOut folded = fold->folded, squeezed = fold->squeezed;
    FoldClass last = fold->squeeze.last;
    while (at + 4 < length) {
        guint size = 1;
        at = han_run(text, length, at, &folded, &squeezed, &last);
        if (at + BLOCK < length && text[at] < 0x80)
            at = ascii_run(text, length, at, &folded, &squeezed, &last);
        if (at + 4 >= length)
            break;
        guint32 entry =
            text[at] < 0x80 ? FOLD_ENTRIES[text[at]] : fold_entry_of(fold_character_at(text, length, at, &size));
        FoldClass class = FOLD_CLASS(entry);
        if (entry & FOLD_SLOW)
            break;
        if (class < FOLD_WHITE) {
            PUT(squeezed, entry & 0xffffff, FOLD_LENGTH(entry));
            last = class;
        } else if (class == FOLD_LIGHT || !fold_is_wide(last)) {
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
