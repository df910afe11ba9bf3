/* decode_pool - which of the decodings tried are plausible, and in which order.
 *
 * Kept generously: what is dropped is never looked at, what is kept too much only costs time. */
#include "config.h"
#include "decode_pool.h"
#include <string.h>

#define SHORT_TEXT 24    /* characters beyond ASCII below which statistics say little */
#define SURE_MEAN 100    /* a text that good is right, or partly right */
#define HOPELESS_GAP 250 /* this far behind the best, and no words in it */
#define WORDS 3          /* frequent Han in a row that make words */

static void
attempt_free(gpointer data)
{
    Attempt *attempt = data;
    if (attempt->decoding != NULL)
        decoding_free(attempt->decoding);
    g_free(attempt);
}

void
pool_init(Pool *pool, const guint8 *bytes, gsize length, const Charset *label)
{
    *pool = (Pool){.bytes = bytes, .length = length, .label = label};
    pool->zeros = memchr(bytes, 0, length) != NULL;
    pool->attempts = g_ptr_array_new_with_free_func(attempt_free);
}

void
pool_clear(Pool *pool)
{
    g_clear_pointer(&pool->attempts, g_ptr_array_unref);
}

static Attempt *
at(const Pool *pool, guint i)
{
    return g_ptr_array_index(pool->attempts, i);
}

static Attempt *
put(Pool *pool, const Charset *charset, const char *name, gboolean declared, Decoded *decoded)
{
    Attempt *attempt = g_new0(Attempt, 1);
    Decoding *decoding = g_new0(Decoding, 1);
    decoding->charset = name;
    decoding->declared = declared;
    decoding->errors = decoded->errors;
    decoding->nuls = decoded->nuls;
    decoding->length = decoded->length;
    decoding->text = g_steal_pointer(&decoded->text);
    attempt->charset = charset;
    attempt->decoding = decoding;
    gboolean certain =
        charset != NULL && (charset->codec == CODEC_UTF8 || charset->codec == CODEC_ASCII) && decoding->errors == 0;
    if (certain)
        score_sample(decoding->text, decoding->length, &attempt->score);
    else
        score_text(decoding->text, decoding->length, &attempt->score);
    g_ptr_array_add(pool->attempts, attempt);
    return attempt;
}

Attempt *
pool_try(Pool *pool, const Charset *charset)
{
    for (guint i = 0; i < pool->attempts->len; i++)
        if (at(pool, i)->charset == charset)
            return at(pool, i);
    g_auto(Decoded) decoded = {0};
    codec_decode(charset, pool->bytes, pool->length, &decoded);
    return pool_put(pool, charset, &decoded);
}

Attempt *
pool_put(Pool *pool, const Charset *charset, Decoded *decoded)
{
    return put(pool, charset, charset->name, charset == pool->label, decoded);
}

Attempt *
decode_pool_add(Pool *pool, const char *name, gboolean declared, Decoded *decoded)
{
    for (guint i = 0; i < pool->attempts->len; i++) {
        const Decoding *other = at(pool, i)->decoding;
        if (other->length == decoded->length && memcmp(other->text, decoded->text, other->length) == 0)
            return NULL;
    }
    return put(pool, NULL, name, declared, decoded);
}

static gboolean
is_single(const Attempt *attempt)
{
    return attempt->charset != NULL && attempt->charset->codec == CODEC_SINGLE;
}

static gboolean
is_wide(const Attempt *attempt)
{
    return attempt->charset != NULL &&
           (attempt->charset->codec == CODEC_UTF16 || attempt->charset->codec == CODEC_UTF32);
}

int
pool_rank(const Pool *pool, const Attempt *attempt)
{
    const Decoding *decoding = attempt->decoding;
    int rank = score_mean(&attempt->score);
    if (attempt->score.characters > 0)
        rank -= (int)MIN(600, (guint64)decoding->errors * 600 / attempt->score.characters);
    if (pool->zeros) /* zero bytes belong to wide forms */
        rank += !is_wide(attempt) ? -100 : decoding->errors + decoding->nuls == 0 ? 200 : 0;
    if (is_wide(attempt) && decoding->errors == 0 && attempt->score.han >= 4 && rank >= SURE_MEAN)
        rank += 100; /* every byte fits; what else it could be is ASCII noise */
    rank += decoding->declared ? 60 : 0;
    rank += (int)attempt->rank_bonus;
    if (attempt->charset != NULL && attempt->charset->codec == CODEC_UTF8 && decoding->errors == 0)
        rank += attempt->score.wide > 0 ? 300 : attempt->score.characters > 0 ? 100 : 0;
    return rank;
}

Attempt *
pool_best(const Pool *pool)
{
    Attempt *best = NULL;
    for (guint i = 0; i < pool->attempts->len; i++)
        if (best == NULL || pool_rank(pool, at(pool, i)) > pool_rank(pool, best))
            best = at(pool, i);
    return best;
}

/* --- one line from here, one from there ---------------------------------- */

typedef struct {
    const char *at, *end;
    const Attempt *attempt;
} Cursor;

/* How well this attempt reads its line `from`..`to`. */
static int
line_worth(const Attempt *attempt, const char *from, const char *to)
{
    Score score;
    score_text(from, (gsize)(to - from), &score);
    if (score.characters == 0)
        return 0;
    gboolean utf8 = attempt->charset->codec == CODEC_UTF8 && memmem(from, (gsize)(to - from), REPLACEMENT, 3) == NULL;
    return score_mean(&score) + (utf8 ? 500 : 0) + (attempt->decoding->declared ? 20 : 0);
}

static const char *
line_end(const Cursor *cursor)
{
    const char *newline = memchr(cursor->at, '\n', (gsize)(cursor->end - cursor->at));
    return newline != NULL ? newline + 1 : cursor->end;
}

/* Appends the best reading of the next line; all cursors move on. FALSE at the end of one of them. */
static gboolean
mix_line(GArray *cursors, GString *out, const Attempt **used_out)
{
    int best_worth = G_MININT;
    const char *best = NULL, *best_end = NULL;
    for (guint i = 0; i < cursors->len; i++) {
        Cursor *cursor = &g_array_index(cursors, Cursor, i);
        if (cursor->at == cursor->end)
            return FALSE;
        const char *end = line_end(cursor);
        int worth = line_worth(cursor->attempt, cursor->at, end);
        if (worth > best_worth) {
            best_worth = worth;
            best = cursor->at;
            best_end = end;
            *used_out = cursor->attempt;
        }
        cursor->at = end;
    }
    g_string_append_len(out, best, best_end - best);
    return TRUE;
}

void
pool_mix_lines(Pool *pool)
{
    g_autoptr(GArray) cursors = g_array_new(FALSE, FALSE, sizeof(Cursor));
    for (guint i = 0; i < pool->attempts->len; i++) {
        const Attempt *attempt = at(pool, i);
        /* Line ends are the same bytes in all these. */
        if (attempt->charset == NULL ||
            (attempt->charset->codec != CODEC_DOUBLE && !is_single(attempt) && attempt->charset->codec != CODEC_UTF8))
            continue;
        const char *text = attempt->decoding->text;
        Cursor cursor = {text, text + attempt->decoding->length, attempt};
        g_array_append_val(cursors, cursor);
    }
    if (cursors->len < 2)
        return;
    GString *text = g_string_sized_new(pool->length * 2);
    const Attempt *used = NULL;
    while (mix_line(cursors, text, &used))
        continue;
    g_auto(Decoded) mixed = {.length = text->len};
    mixed.text = g_string_free(text, FALSE);
    decode_pool_add(pool, "mixed", FALSE, &mixed);
}

/* --- choosing ------------------------------------------------------------ */

static gboolean
is_plausible(const Pool *pool, const Attempt *attempt, const Attempt *best)
{
    const Score *score = &attempt->score;
    int mean = score_mean(score);
    if (attempt == best || attempt->form)
        return TRUE;
    if (is_single(attempt)) /* reads everything, so says something only if nothing else does */
        return is_single(best) || score_mean(&best->score) < SURE_MEAN || best->decoding->errors > 0;
    if (attempt->decoding->declared &&
        (score->characters < SHORT_TEXT || attempt->decoding->errors * 2 <= score->characters))
        return TRUE;
    if (is_wide(attempt)) /* clean ASCII with a zero byte each, or good text */
        return score->characters == 0 || (mean >= SURE_MEAN / 2 && attempt->decoding->errors * 8 <= score->characters);
    if (attempt->decoding->errors * 3 > score->characters)
        return FALSE;
    if (score->characters < SHORT_TEXT)
        return TRUE;
    return mean >= 0 || score->run >= WORDS || mean + HOPELESS_GAP >= score_mean(&best->score);
}

static int
by_rank(gconstpointer a, gconstpointer b, gpointer user)
{
    const Pool *pool = user;
    const Attempt *left = *(Attempt *const *)a, *right = *(Attempt *const *)b;
    return pool_rank(pool, right) - pool_rank(pool, left); /* alike: as they were tried, the sort is stable */
}

static gboolean
has_text(const GPtrArray *chosen, const Decoding *decoding)
{
    for (guint i = 0; i < chosen->len; i++) {
        const Decoding *other = g_ptr_array_index(chosen, i);
        if (other->length == decoding->length && memcmp(other->text, decoding->text, other->length) == 0)
            return TRUE;
    }
    return FALSE;
}

GPtrArray *
pool_choose(Pool *pool)
{
    GPtrArray *chosen = g_ptr_array_new_with_free_func((GDestroyNotify)decoding_free);
    const Attempt *best = pool_best(pool);
    g_autoptr(GPtrArray) kept = g_ptr_array_new();
    for (guint i = 0; i < pool->attempts->len; i++)
        if (is_plausible(pool, at(pool, i), best))
            g_ptr_array_add(kept, at(pool, i));
    g_ptr_array_sort_with_data(kept, by_rank, pool);
    gboolean declared_kept = FALSE;
    for (guint i = 0; i < kept->len; i++) {
        Attempt *attempt = g_ptr_array_index(kept, i);
        gboolean last_place = chosen->len == DECODE_MAX - 1 && pool->label != NULL && !declared_kept;
        if (chosen->len == DECODE_MAX || (last_place && !attempt->decoding->declared && i + 1 < kept->len))
            continue;
        if (has_text(chosen, attempt->decoding))
            continue;
        attempt->decoding->score = pool_rank(pool, attempt);
        declared_kept |= attempt->decoding->declared;
        g_ptr_array_add(chosen, g_steal_pointer(&attempt->decoding));
    }
    return chosen;
}
