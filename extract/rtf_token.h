/* rtf_token - the pieces an RTF file is made of: groups, control words, symbols, bytes of text, binary data (Rich Text
 * Format 1.9.1, "Conventions of an RTF reader"). Reads forward only, in bounded memory. */
#pragma once
#include "source.h"

#define RTF_WORD_MAX 32 /* letters of a control word; what is longer is cut, and unknown */

typedef enum {
    RTF_END,
    RTF_OPEN,
    RTF_CLOSE,
    RTF_WORD,   /* \word, \word-1 */
    RTF_SYMBOL, /* \ and one byte that is no letter: in `byte` */
    RTF_HEX,    /* \'xx: in `byte` */
    RTF_BYTES,  /* a run of text; never empty, without CR and LF */
    RTF_BIN,    /* a piece of what follows \bin */
} RtfKind;

typedef struct {
    RtfKind kind;
    char word[RTF_WORD_MAX + 1];
    gboolean has_value;
    int value; /* clamped */
    guint8 byte;
    const guint8 *bytes; /* lent until the next token */
    gsize length;
} RtfToken;

typedef struct {
    Source *source; /* lent */
    gint64 at;      /* of the next byte to be taken from the source */
    gint64 bin;     /* bytes of \bin still to come */
    gsize from, to; /* what the buffer holds */
    gboolean failed, cut;
    guint8 buffer[16 * 1024];
} RtfTokens;

void rtf_tokens_begin(RtfTokens *tokens, Source *source);
void rtf_tokens_next(RtfTokens *tokens, RtfToken *out);
/* Where the next token begins in the source. */
gint64 rtf_tokens_at(const RtfTokens *tokens);
/* The source could not be read, or ended inside \bin. */
gboolean rtf_tokens_damaged(const RtfTokens *tokens);
