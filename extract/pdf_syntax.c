/* Forgiving as viewers are: what is no token is skipped byte by byte. */
#include "config.h"
#include "pdf_syntax.h"
#include <string.h>

void
pdf_token_init(PdfToken *token)
{
    *token = (PdfToken){.text = g_string_new(NULL)};
}

void
pdf_token_clear(PdfToken *token)
{
    if (token->text != NULL)
        g_string_free(token->text, TRUE);
}

static gboolean
is_blank(guint8 byte)
{
    return byte == 0 || byte == '\t' || byte == '\n' || byte == '\f' || byte == '\r' || byte == ' ';
}

static gboolean
is_delimiter(guint8 byte)
{
    return byte != 0 && strchr("()<>[]{}/%", byte) != NULL;
}

static void
put(PdfToken *token, guint8 byte)
{
    if (token->text->len < PDF_TOKEN_MAX)
        g_string_append_c(token->text, (char)byte);
}

static void
take_name(PdfBytes *bytes, PdfToken *token)
{
    while (bytes->at < bytes->end && !is_blank(*bytes->at) && !is_delimiter(*bytes->at)) {
        if (*bytes->at == '#' && bytes->end - bytes->at > 2 && g_ascii_isxdigit(bytes->at[1]) &&
            g_ascii_isxdigit(bytes->at[2])) {
            put(token,
                (guint8)(g_ascii_xdigit_value((char)bytes->at[1]) << 4 | g_ascii_xdigit_value((char)bytes->at[2])));
            bytes->at += 3;
            continue;
        }
        put(token, *bytes->at++);
    }
}

static void
take_escape(PdfBytes *bytes, PdfToken *token)
{
    static const char letters[] = "nrtbf", meant[] = "\n\r\t\b\f";
    if (bytes->at == bytes->end)
        return;
    guint8 byte = *bytes->at++;
    const char *known = byte != 0 ? strchr(letters, byte) : NULL;
    if (byte >= '0' && byte <= '7') {
        guint value = byte - '0';
        for (guint i = 0; i < 2 && bytes->at < bytes->end && *bytes->at >= '0' && *bytes->at <= '7'; i++)
            value = value * 8 + (guint)(*bytes->at++ - '0');
        put(token, (guint8)value);
    } else if (byte == '\r') {
        bytes->at += bytes->at < bytes->end && *bytes->at == '\n';
    } else if (byte != '\n') {
        put(token, known != NULL ? (guint8)meant[known - letters] : byte);
    }
}

static void
take_string(PdfBytes *bytes, PdfToken *token)
{
    for (guint depth = 1; bytes->at < bytes->end;) {
        guint8 byte = *bytes->at++;
        if (byte == '\\') {
            take_escape(bytes, token);
            continue;
        }
        depth += byte == '(';
        depth -= byte == ')';
        if (depth == 0)
            return;
        put(token, byte);
    }
}

static void
take_hex(PdfBytes *bytes, PdfToken *token)
{
    gint high = -1;
    while (bytes->at < bytes->end && *bytes->at != '>') {
        gint value = g_ascii_xdigit_value((char)*bytes->at++);
        if (value >= 0 && high >= 0) {
            put(token, (guint8)(high << 4 | value));
            high = -1;
        } else if (value >= 0) {
            high = value;
        }
    }
    if (high >= 0)
        put(token, (guint8)(high << 4));
    bytes->at += bytes->at < bytes->end;
}

static void
take_comment(PdfBytes *bytes, PdfToken *token)
{
    while (bytes->at < bytes->end && *bytes->at != '\n' && *bytes->at != '\r')
        put(token, *bytes->at++);
}

/* A number or a word. */
static PdfTokenKind
take_plain(PdfBytes *bytes, PdfToken *token)
{
    char *end;
    while (bytes->at < bytes->end && !is_blank(*bytes->at) && !is_delimiter(*bytes->at))
        put(token, *bytes->at++);
    token->number = g_ascii_strtoll(token->text->str, &end, 10);
    return end != token->text->str && (*end == '\0' || *end == '.') ? PDF_NUMBER : PDF_WORD;
}

static PdfTokenKind
take(PdfBytes *bytes, PdfToken *token)
{
    gboolean twice = bytes->end - bytes->at > 1 && bytes->at[1] == bytes->at[0];
    switch (*bytes->at) {
    case '/':
        bytes->at++;
        take_name(bytes, token);
        return PDF_NAME;
    case '(':
        bytes->at++;
        take_string(bytes, token);
        return PDF_STRING;
    case '%':
        bytes->at++;
        take_comment(bytes, token);
        return PDF_COMMENT;
    case '<':
        bytes->at += twice ? 2 : 1;
        if (!twice)
            take_hex(bytes, token);
        return twice ? PDF_OPEN : PDF_STRING;
    case '>':
        bytes->at += twice ? 2 : 1;
        return PDF_CLOSE;
    case '[':
    case '{':
        bytes->at++;
        return PDF_OPEN;
    case ')':
    case ']':
    case '}':
        bytes->at++;
        return PDF_CLOSE;
    default:
        return take_plain(bytes, token);
    }
}

gboolean
pdf_next(PdfBytes *bytes, PdfToken *token)
{
    g_string_truncate(token->text, 0);
    token->number = 0;
    while (bytes->at < bytes->end && is_blank(*bytes->at))
        bytes->at++;
    token->from = bytes->at;
    token->kind = bytes->at < bytes->end ? take(bytes, token) : PDF_END;
    return token->kind != PDF_END;
}
