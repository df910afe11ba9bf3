/* transfer - one face for the transfer decoders; which one a header value means; base64 without a label. */
#include "config.h"
#include "transfer.h"
#include "transfer_codec.h"
#include <string.h>

struct Transfer {
    TransferKind kind;
    Base64 base64;
    Quoted quoted;
    Uu uu;
};

typedef struct {
    const char *word; /* letters and digits only, lower case */
    TransferKind kind;
} KindWord;

static const KindWord KINDS[] = {
    {"7bit", TRANSFER_IDENTITY},
    {"8bit", TRANSFER_IDENTITY},
    {"binary", TRANSFER_IDENTITY},
    {"none", TRANSFER_IDENTITY},
    {"base64", TRANSFER_BASE64},
    {"xbase64", TRANSFER_BASE64},
    {"quotedprintable", TRANSFER_QUOTED},
    {"xquotedprintable", TRANSFER_QUOTED},
    {"uuencode", TRANSFER_UU},
    {"xuuencode", TRANSFER_UU},
    {"xuue", TRANSFER_UU},
    {"uue", TRANSFER_UU},
};

/* The value without its comments; an unclosed comment goes to the end. */
static GString *
without_comments(const char *value)
{
    GString *plain = g_string_new(NULL);
    guint depth = 0;
    for (const char *c = value; *c != '\0'; c++) {
        if (*c == '(')
            depth++;
        else if (*c == ')' && depth > 0)
            depth--;
        else if (depth == 0)
            g_string_append_c(plain, *c);
        else
            continue;
    }
    return plain;
}

static const KindWord *
kind_of_word(const char *word)
{
    g_autoptr(GString) key = g_string_new(NULL);
    for (const char *c = word; *c != '\0'; c++)
        if (g_ascii_isalnum(*c))
            g_string_append_c(key, g_ascii_tolower(*c));
    for (gsize i = 0; i < G_N_ELEMENTS(KINDS); i++)
        if (strcmp(KINDS[i].word, key->str) == 0)
            return &KINDS[i];
    return NULL;
}

TransferKind
transfer_kind(const char *value, gboolean *known_out)
{
    TransferKind kind = TRANSFER_IDENTITY;
    guint words = 0, known = 0;
    g_autoptr(GString) plain = without_comments(value != NULL ? value : "");
    plain->str[strcspn(plain->str, ";")] = '\0';
    g_auto(GStrv) parts = g_strsplit_set(plain->str, " \t\r\n,\"'", -1);
    for (char **part = parts; *part != NULL; part++) {
        if (**part == '\0')
            continue;
        words++;
        const KindWord *found = kind_of_word(*part);
        if (found == NULL)
            continue;
        known++;
        if (kind == TRANSFER_IDENTITY)
            kind = found->kind;
    }
    if (known_out != NULL)
        *known_out = words == 1 && known == 1;
    return kind;
}

Transfer *
transfer_new(TransferKind kind)
{
    Transfer *transfer = g_new0(Transfer, 1);
    transfer->kind = kind;
    return transfer;
}

void
transfer_free(Transfer *transfer)
{
    if (transfer == NULL)
        return;
    base64_clear(&transfer->base64);
    quoted_clear(&transfer->quoted);
    uu_clear(&transfer->uu);
    g_free(transfer);
}

void
transfer_push(Transfer *transfer, const guint8 *bytes, gsize length, GByteArray *out)
{
    switch (transfer->kind) {
    case TRANSFER_IDENTITY:
        g_byte_array_append(out, bytes, length);
        break;
    case TRANSFER_BASE64:
        base64_push(&transfer->base64, bytes, length, out);
        break;
    case TRANSFER_QUOTED:
        quoted_push(&transfer->quoted, bytes, length, out);
        break;
    case TRANSFER_UU:
        uu_push(&transfer->uu, bytes, length, out);
        break;
    }
}

void
transfer_finish(Transfer *transfer, GByteArray *out)
{
    base64_finish(&transfer->base64, out);
    quoted_finish(&transfer->quoted, out);
    uu_finish(&transfer->uu, out);
}

guint
transfer_oddities(const Transfer *transfer)
{
    return transfer->base64.oddities + transfer->quoted.oddities + transfer->uu.oddities;
}

gboolean
transfer_looks_base64(const guint8 *bytes, gsize length)
{
    gsize alphabet = 0, other = 0;
    gboolean upper = FALSE, lower = FALSE, rest = FALSE;
    for (gsize i = 0; i < length; i++) {
        guint8 c = bytes[i];
        if (c == '\r' || c == '\n' || c == '=')
            continue;
        if (!g_ascii_isalnum(c) && c != '+' && c != '/') {
            other++;
            continue;
        }
        alphabet++;
        upper |= g_ascii_isupper(c);
        lower |= g_ascii_islower(c);
        rest |= !g_ascii_isalpha(c);
    }
    return alphabet >= 64 && other <= alphabet / 32 && upper && lower && rest;
}
