/* encword_word - finds the parts of an encoded word where RFC 2047 would see none.
 *
 * Readers of mail forgive much, and what they show must be seen here too. */
#include "config.h"
#include "encword_word.h"
#include <string.h>

#define LABEL_MAX 100 /* bytes between "=?" and the second "?", folds included */
#define NAME_MAX_ENCODING 24

gsize
encword_fold_at(const char *raw, gsize length)
{
    gsize i = 0;
    while (i < length && (raw[i] == '\r' || raw[i] == '\n'))
        i++;
    if (i == 0)
        return 0;
    while (i < length && (raw[i] == ' ' || raw[i] == '\t'))
        i++;
    return i;
}

static gboolean
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Text up to the next "?", without blanks; NULL if there is no "?" near. */
static char *
field_at(const char *raw, gsize length, gsize max, gsize *size_out)
{
    const char *mark = memchr(raw, '?', MIN(length, max));
    if (mark == NULL)
        return NULL;
    *size_out = (gsize)(mark - raw) + 1;
    GString *field = g_string_new(NULL);
    for (const char *c = raw; c < mark; c++)
        if (!is_blank(*c))
            g_string_append_c(field, *c);
    return g_string_free(field, FALSE);
}

static gboolean
is_label(const char *label)
{
    for (const char *c = label; *c != '\0'; c++)
        if (!g_ascii_isgraph(*c) || strchr("<>@,;=\"", *c) != NULL)
            return FALSE;
    return TRUE;
}

static gboolean
is_encoding(const char *name, gboolean *base64_out)
{
    *base64_out = *name == 'b' || *name == 'B';
    if (name[0] != '\0' && name[1] == '\0')
        return *base64_out || *name == 'q' || *name == 'Q';
    return g_ascii_strncasecmp(name, "base64", 6) == 0 || g_ascii_strncasecmp(name, "quoted", 6) == 0;
}

/* "=?label?encoding?"; fills label, base64 and size. */
static gboolean
head_at(const char *raw, gsize length, EncodedWord *word)
{
    gsize label_size, encoding_size;
    if (length < 5 || raw[0] != '=' || raw[1] != '?')
        return FALSE;
    g_autofree char *label = field_at(raw + 2, length - 2, LABEL_MAX, &label_size);
    if (label == NULL || !is_label(label))
        return FALSE;
    const char *rest = raw + 2 + label_size;
    g_autofree char *encoding = field_at(rest, length - 2 - label_size, NAME_MAX_ENCODING, &encoding_size);
    if (encoding == NULL || !is_encoding(encoding, &word->base64))
        return FALSE;
    label[strcspn(label, "*")] = '\0'; /* RFC 2231 section 5: language */
    word->label = g_steal_pointer(&label);
    word->size = 2 + label_size + encoding_size;
    return TRUE;
}

static gboolean
begins_word(const char *raw, gsize length)
{
    EncodedWord word = {0};
    gboolean begins = head_at(raw, length, &word);
    encword_word_clear(&word);
    return begins;
}

/* Where the payload ends that has no "?=": base64 with its last digit or at a blank that is no fold, quoted text with
 * the header. */
static gsize
open_end(const EncodedWord *word, const char *payload, gsize length)
{
    gsize end = 0, fold = 1;
    if (!word->base64)
        return length;
    for (gsize i = 0; i < length && fold > 0; i += fold) {
        gboolean digit = g_ascii_isalnum(payload[i]) || (payload[i] != '\0' && strchr("+/=-_", payload[i]) != NULL);
        fold = digit ? 1 : encword_fold_at(payload + i, length - i);
        if (digit)
            end = i + 1;
    }
    return end;
}

gboolean
encword_word_at(const char *raw, gsize length, EncodedWord *word_out)
{
    EncodedWord word = {0};
    if (!head_at(raw, length, &word))
        return FALSE;
    const char *payload = raw + word.size;
    gsize left = length - word.size, i = 0;
    word.payload = payload;
    for (;; i++) {
        const char *mark = memchr(payload + i, '?', left - i);
        i = mark != NULL ? (gsize)(mark - payload) : left;
        if (i + 1 < left && payload[i + 1] == '=') { /* the proper end */
            word.payload_length = i;
            word.size += i + 2;
            break;
        }
        gboolean inside = i > 0 && i < left && payload[i - 1] == '=' && begins_word(payload + i - 1, left - i + 1);
        if (i < left && !inside)
            continue;
        word.odd = TRUE;
        word.payload_length = open_end(&word, payload, inside ? i - 1 : left);
        word.size += word.payload_length;
        if (word.payload_length < left && payload[word.payload_length] == '?')
            word.size++;
        break;
    }
    *word_out = word;
    return TRUE;
}

void
encword_word_clear(EncodedWord *word)
{
    g_clear_pointer(&word->label, g_free);
}

void
encword_quoted(const char *payload, gsize length, GByteArray *out)
{
    for (gsize i = 0; i < length;) {
        gsize fold = encword_fold_at(payload + i, length - i);
        guint8 byte = (guint8)payload[i];
        gsize used = 1;
        if (fold > 0) {
            i += fold;
            continue;
        }
        if (byte == '_') {
            byte = ' ';
        } else if (byte == '=' && (fold = encword_fold_at(payload + i + 1, length - i - 1)) > 0) {
            i += 1 + fold; /* a soft line break */
            continue;
        } else if (byte == '=' && length - i > 2 && g_ascii_isxdigit(payload[i + 1]) &&
                   g_ascii_isxdigit(payload[i + 2])) {
            byte = (guint8)(g_ascii_xdigit_value(payload[i + 1]) << 4 | g_ascii_xdigit_value(payload[i + 2]));
            used = 3;
        }
        g_byte_array_append(out, &byte, 1);
        i += used;
    }
}
