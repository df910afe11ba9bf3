/* decode_pool - decodings tried for one run of bytes: made, scored, ranked, and the plausible ones given out. */
#pragma once
#include "decode.h"
#include "decode_codec.h"
#include "score.h"

typedef struct {
    const Charset *charset; /* NULL: made from other attempts */
    Decoding *decoding;     /* owned; NULL once given out */
    Score score;
    guint rank_bonus;
    gboolean form; /* a 7-bit form inside, or mojibake undone: already found to be there */
} Attempt;

typedef struct {
    const guint8 *bytes;
    gsize length;
    const Charset *label; /* may be NULL */
    gboolean zeros;       /* there are zero bytes */
    GPtrArray *attempts;  /* Attempt */
} Pool;

void pool_init(Pool *pool, const guint8 *bytes, gsize length, const Charset *label);
void pool_clear(Pool *pool);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Pool, pool_clear)

/* Decodes the pool's bytes, once per charset. Lends. */
Attempt *pool_try(Pool *pool, const Charset *charset);
/* Puts in what was decoded already; takes `decoded`. Lends. */
Attempt *pool_put(Pool *pool, const Charset *charset, Decoded *decoded);
/* Puts in a text made elsewhere; takes `decoded`. Lends; NULL if the pool has this text already. */
Attempt *decode_pool_add(Pool *pool, const char *name, gboolean declared, Decoded *decoded);
int pool_rank(const Pool *pool, const Attempt *attempt);
/* The highest rank; NULL for an empty pool. */
Attempt *pool_best(const Pool *pool);
/* Adds the text that takes each line from the attempt that reads it best. */
void pool_mix_lines(Pool *pool);
/* The plausible decodings, best first; empties the pool. */
GPtrArray *pool_choose(Pool *pool);

/* Undoes mojibake that the signs in a text show: adds what comes out to the pool. */
void mojibake_undo(Pool *pool, const Attempt *attempt);
/* Opens what it needs. FALSE if iconv cannot write GB18030. */
gboolean mojibake_prepare(void);

/* Any decoder. */
void codec_decode(const Charset *charset, const guint8 *bytes, gsize length, Decoded *out);
