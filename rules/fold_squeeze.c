/* fold_squeeze - the squeezed view, character by character: which separators stay. */
#include "config.h"
#include "fold_private.h"

#define LIGHT_MAX 3 /* light separators in a row that do not separate */

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
    guint32 entry = fold_entry_of(fold_character_at(fold->text, fold->length, at, &size));
    return FOLD_CLASS(entry) == FOLD_DIGIT;
}

/* White space between two digits goes if each stands alone, or the left one was joined so. */
static gboolean
digits_join(const Fold *fold, FoldClass right, gsize next)
{
    const FoldSqueeze *squeeze = &fold->squeeze;
    const char *text = fold->squeezed.text;
    if (squeeze->light > 0 || squeeze->last != FOLD_DIGIT || right != FOLD_DIGIT || digit_follows(fold, next))
        return FALSE;
    return squeeze->run < 2 || !g_ascii_isdigit(text[squeeze->run - 2]) || squeeze->joined == squeeze->run - 1;
}

/* Separators stand before a character of class `right` (which ends at source offset `next`): do they stay? */
static void
separators_settle(Fold *fold, FoldClass right, gsize next)
{
    FoldSqueeze *squeeze = &fold->squeeze;
    FoldOut *out = &fold->squeezed;
    gboolean digits = digits_join(fold, right, next);
    gboolean gone =
        squeeze->light > 0 ? squeeze->light <= LIGHT_MAX && joins(squeeze->last, right) : fold_is_wide(right);
    if (digits)
        squeeze->joined = squeeze->run;
    if (digits || gone)
        out->length = squeeze->run;
    else if (squeeze->white_end && fold_is_wide(right))
        out->length--;
    squeeze->light = 0;
    squeeze->white = squeeze->white_end = FALSE;
}

/* White space beside a wide character on its left goes at once, whatever follows. */
static void
separator_put(Fold *fold, guint32 bytes, guint size, FoldClass class, guint32 source)
{
    FoldSqueeze *squeeze = &fold->squeeze;
    gboolean first = !squeeze->white && squeeze->light == 0;
    if (first)
        squeeze->run = fold->squeezed.length;
    if (class == FOLD_LIGHT) {
        squeeze->light++;
        squeeze->white_end = FALSE;
        fold_out_put(&fold->squeezed, bytes, size, source);
    } else if (!squeeze->white_end && !(first && fold_is_wide(squeeze->last))) {
        squeeze->white = squeeze->white_end = TRUE;
        fold_out_put(&fold->squeezed, ' ', 1, source);
    }
}

void
fold_squeeze_put(Fold *fold, guint32 bytes, guint size, FoldClass class, guint32 source, gsize next)
{
    FoldSqueeze *squeeze = &fold->squeeze;
    gboolean sign = bytes == '>' && squeeze->light == 0 && fold_is_wide(squeeze->last) && !fold->reversing;
    if (sign && fold->text[source] == '>' && fold_is_quote_sign(fold->text, source))
        return;
    if (class == FOLD_WHITE || class == FOLD_LIGHT) {
        separator_put(fold, bytes, size, class, source);
        return;
    }
    if (squeeze->white || squeeze->light > 0)
        separators_settle(fold, class, next);
    squeeze->last = class;
    fold_out_put(&fold->squeezed, bytes, size, source);
}

void
fold_squeeze_begin(Fold *fold)
{
    fold->squeeze = (FoldSqueeze){.last = FOLD_EDGE, .joined = G_MAXSIZE};
}

void
fold_squeeze_end(Fold *fold)
{
    if (fold->squeeze.white || fold->squeeze.light > 0)
        separators_settle(fold, FOLD_EDGE, fold->length);
}
