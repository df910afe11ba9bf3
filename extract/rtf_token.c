/* rtf_token - each byte is looked at once. */
#include "config.h"
#include "rtf_token.h"
#include <string.h>

#define VALUE_MAX 1000000000

void
rtf_tokens_begin(RtfTokens *tokens, Source *source)
{
    tokens->source = source;
    tokens->at = tokens->bin = 0;
    tokens->from = tokens->to = 0;
    tokens->failed = tokens->cut = FALSE;
}

gint64
rtf_tokens_at(const RtfTokens *tokens)
{
    return tokens->at - (gint64)(tokens->to - tokens->from);
}

gboolean
rtf_tokens_damaged(const RtfTokens *tokens)
{
    return tokens->failed || tokens->cut;
}

/* At least one byte in the buffer; FALSE at the end. */
static gboolean
fill(RtfTokens *tokens)
{
    if (tokens->from < tokens->to)
        return TRUE;
    gssize got = tokens->failed ? 0 : source_read(tokens->source, tokens->at, tokens->buffer, sizeof tokens->buffer);
    tokens->failed |= got < 0;
    tokens->from = 0;
    tokens->to = (gsize)MAX(got, 0);
    tokens->at += MAX(got, 0);
    return got > 0;
}

/* -1 at the end. */
static int
peek(RtfTokens *tokens)
{
    return fill(tokens) ? tokens->buffer[tokens->from] : -1;
}

static int
digit_of(int c)
{
    return c < 0 ? -1 : g_ascii_xdigit_value((char)c);
}

/* Behind "\'". What are no two digits is text. */
static gboolean
take_hex(RtfTokens *tokens, RtfToken *out)
{
    int high = digit_of(peek(tokens));
    if (high < 0)
        return FALSE;
    tokens->from++;
    int low = digit_of(peek(tokens));
    if (low >= 0)
        tokens->from++;
    out->kind = RTF_HEX;
    out->byte = (guint8)(low >= 0 ? high << 4 | low : high);
    return TRUE;
}

static void
take_value(RtfTokens *tokens, RtfToken *out)
{
    gboolean negative = peek(tokens) == '-';
    gint64 value = 0;
    tokens->from += negative;
    for (int c = peek(tokens); c >= '0' && c <= '9'; c = peek(tokens)) {
        value = MIN(value * 10 + (c - '0'), VALUE_MAX);
        out->has_value = TRUE;
        tokens->from++;
    }
    out->value = (int)(negative ? -value : value);
    if (peek(tokens) == ' ')
        tokens->from++;
}

static void
take_word(RtfTokens *tokens, RtfToken *out)
{
    gsize length = 0;
    out->kind = RTF_WORD;
    for (int c = peek(tokens); c >= 0 && g_ascii_isalpha(c); c = peek(tokens)) {
        if (length < RTF_WORD_MAX)
            out->word[length++] = (char)c;
        tokens->from++;
    }
    out->word[length] = '\0';
    take_value(tokens, out);
    if (strcmp(out->word, "bin") == 0 && out->value > 0)
        tokens->bin = out->value;
}

static void
take_control(RtfTokens *tokens, RtfToken *out)
{
    tokens->from++;
    int c = peek(tokens);
    if (c >= 0 && g_ascii_isalpha(c)) {
        take_word(tokens, out);
        return;
    }
    out->kind = RTF_SYMBOL;
    out->byte = c < 0 ? ' ' : (guint8)c;
    tokens->from += c >= 0;
    if (c == '\'' && !take_hex(tokens, out))
        out->byte = '\'';
}

static gboolean
is_plain(guint8 c)
{
    return c != '{' && c != '}' && c != '\\' && c != '\r' && c != '\n';
}

static void
take_bytes(RtfTokens *tokens, RtfToken *out)
{
    gsize end = tokens->from;
    while (end < tokens->to && is_plain(tokens->buffer[end]))
        end++;
    out->kind = RTF_BYTES;
    out->bytes = tokens->buffer + tokens->from;
    out->length = end - tokens->from;
    tokens->from = end;
}

static void
take_bin(RtfTokens *tokens, RtfToken *out)
{
    gsize length = (gsize)MIN(tokens->bin, (gint64)(tokens->to - tokens->from));
    out->kind = RTF_BIN;
    out->bytes = tokens->buffer + tokens->from;
    out->length = length;
    tokens->from += length;
    tokens->bin -= (gint64)length;
}

void
rtf_tokens_next(RtfTokens *tokens, RtfToken *out)
{
    out->kind = RTF_END;
    out->has_value = FALSE;
    out->value = 0;
    while (fill(tokens) && tokens->bin == 0 &&
           (tokens->buffer[tokens->from] == '\r' || tokens->buffer[tokens->from] == '\n'))
        tokens->from++;
    if (!fill(tokens)) {
        tokens->cut |= tokens->bin > 0;
        return;
    }
    guint8 c = tokens->buffer[tokens->from];
    if (tokens->bin > 0) {
        take_bin(tokens, out);
    } else if (c == '\\') {
        take_control(tokens, out);
    } else if (c == '{' || c == '}') {
        out->kind = c == '{' ? RTF_OPEN : RTF_CLOSE;
        tokens->from++;
    } else {
        take_bytes(tokens, out);
    }
}
