/* decode_table - charsets of one and two bytes by tables, made from iconv once.
 *
 * iconv stops at each bad byte and differs in what it skips; with tables we decide, and are faster. A table holds
 * characters as ready UTF-8, first byte lowest, so that writing one is a four-byte store. */
#include "config.h"
#include "decode_codec.h"
#include <iconv.h>
#include <string.h>

#define LEAD_MIN 0x80
#define TRAIL_MIN 0x30
#define PAIRS (0x80 << 8) /* lead without its high bit, trail */
#define FORM_MAX 4        /* longest form in bytes */

typedef struct {
    gboolean missing; /* iconv lacks it */
    guint32 single[256];
    guint32 *pairs;          /* by lead without its high bit and trail */
    iconv_t forms;           /* for forms of three and four bytes */
    guint8 form_length[256]; /* by lead byte, 0: none; of GB18030, when a digit follows */
    gboolean has_forms;
    gboolean digit_trail; /* those forms have a digit in second place */
    gboolean ascii;       /* bytes below 0x80 are ASCII */
} Table;

/* One character by iconv: UTF-8, first byte lowest; 0 if it is none (or more than four bytes long). The converter is in
 * its initial state before and after. */
static guint32
ask_iconv(iconv_t converter, const guint8 *bytes, gsize length)
{
    char *in = (char *)bytes, out[16], *end = out;
    gsize left = length, room = sizeof out;
    if (iconv(converter, &in, &left, &end, &room) == (gsize)-1 || left != 0) {
        iconv(converter, NULL, NULL, NULL, NULL);
        return 0;
    }
    if (end == out) /* held back, because it could combine with the next */
        iconv(converter, NULL, NULL, &end, &room);
    gsize size = (gsize)(end - out);
    guint32 packed = 0;
    for (gsize i = 0; i < size && size <= 4; i++)
        packed |= (guint32)(guint8)out[i] << 8 * i;
    return packed;
}

static void
fill(Table *table, iconv_t converter)
{
    for (guint c = 1; c < 256; c++) {
        guint8 byte = c;
        if (table->single[c] == 0 && (c >= 0x80 || !table->ascii))
            table->single[c] = ask_iconv(converter, &byte, 1);
    }
    for (guint lead = LEAD_MIN; table->pairs != NULL && lead < 256; lead++) {
        if (table->single[lead] != 0 && lead != 0x80)
            continue; /* a character alone */
        for (guint trail = TRAIL_MIN; trail < 256; trail++) {
            guint8 pair[2] = {lead, trail};
            guint32 *entry = &table->pairs[(lead & 0x7F) << 8 | trail];
            if (*entry == 0)
                *entry = ask_iconv(converter, pair, 2);
        }
    }
}

static void
set_forms(Table *table, const Charset *charset)
{
    if (strcmp(charset->name, "GB18030") == 0) {
        memset(table->form_length + 0x81, 4, 0xFE - 0x81 + 1);
        table->digit_trail = TRUE;
        table->single[0x80] = 0xAC82E2; /* the euro sign of CP936 */
    } else if (strcmp(charset->name, "EUC-JP") == 0) {
        table->form_length[0x8F] = 3;
    } else if (strcmp(charset->name, "EUC-TW") == 0) {
        table->form_length[0x8E] = 4;
    } else {
        return;
    }
    table->has_forms = TRUE;
}

static Table *
make_table(const Charset *charset)
{
    Table *table = g_new0(Table, 1);
    /* Host code pages have their own places for letters; everybody else means ASCII, the yen sign for "\" included. */
    table->ascii = !g_str_has_prefix(charset->iconv, "IBM");
    iconv_t converter = iconv_open("UTF-8", charset->iconv);
    table->missing = converter == (iconv_t)-1;
    if (table->missing)
        return table;
    if (table->ascii)
        for (guint c = 1; c < 0x80; c++)
            table->single[c] = c;
    if (charset->codec == CODEC_DOUBLE)
        table->pairs = g_new0(guint32, PAIRS);
    fill(table, converter);
    iconv_t second = charset->second != NULL ? iconv_open("UTF-8", charset->second) : (iconv_t)-1;
    if (second != (iconv_t)-1) {
        fill(table, second);
        iconv_close(second);
    }
    set_forms(table, charset);
    if (table->has_forms)
        table->forms = converter;
    else
        iconv_close(converter);
    return table;
}

/* Tables live as long as the process; a parent makes them before it forks, so that all children share them. */
static const Table *
table_of(const Charset *charset)
{
    static Table **tables;
    gsize count;
    const Charset *rows = charset_rows(&count);
    if (tables == NULL)
        tables = g_new0(Table *, count);
    Table **slot = &tables[charset - rows];
    if (*slot == NULL)
        *slot = make_table(charset);
    return *slot;
}

gboolean
table_prepare(const Charset *charset)
{
    return !table_of(charset)->missing;
}

guint32
table_pair(const Charset *charset, guint8 lead, guint8 trail)
{
    const Table *table = table_of(charset);
    return lead >= LEAD_MIN && table->pairs != NULL ? table->pairs[(lead & 0x7F) << 8 | trail] : 0;
}

/* A form of three or four bytes; 0: none here. */
static guint32
form_at(const Table *table, const guint8 *bytes, gsize left, gsize *used_out)
{
    gsize size = table->form_length[bytes[0]];
    if (size == 0 || left < size || (table->digit_trail && !g_ascii_isdigit(bytes[1])))
        return 0;
    *used_out = size;
    return ask_iconv(table->forms, bytes, size);
}

static inline char *
put_packed(char *out, guint32 packed)
{
    G_STATIC_ASSERT(G_BYTE_ORDER == G_LITTLE_ENDIAN);
    memcpy(out, &packed, sizeof packed);
    return out + 1 + (packed > 0xFF) + (packed > 0xFFFF) + (packed > 0xFFFFFF);
}

/* What is neither ASCII nor a pair, at `bytes`. Returns the bytes used. */
static gsize
take_other(const Table *table, const guint8 *bytes, gsize left, char **end, Decoded *out)
{
    gsize used = 1;
    guint32 packed = form_at(table, bytes, left, &used);
    if (packed == 0)
        packed = table->single[bytes[0]];
    if (packed != 0) {
        *end = put_packed(*end, packed);
        return used;
    }
    if (bytes[0] == 0) {
        out->nuls++;
        return 1;
    }
    out->errors++;
    *end = (char *)memcpy(*end, REPLACEMENT, 3) + 3;
    return 1;
}

/* Pairs as long as there are any. Returns where they end. */
static gsize
take_pairs(const guint32 *pairs, const guint8 *bytes, gsize i, gsize length, char **out)
{
    char *end = *out;
    for (; i + 1 < length && bytes[i] >= LEAD_MIN; i += 2) {
        guint32 packed = pairs[(bytes[i] & 0x7F) << 8 | bytes[i + 1]];
        if (packed == 0)
            break;
        if (G_LIKELY(packed - 0x10000 < 0xFF0000)) { /* three bytes, as nearly all are */
            memcpy(end, &packed, sizeof packed);
            end += 3;
        } else {
            end = put_packed(end, packed);
        }
    }
    *out = end;
    return i;
}

void
table_decode(const Charset *charset, const guint8 *bytes, gsize length, Decoded *out)
{
    const Table *table = table_of(charset);
    char *text = g_malloc(length * 3 + FORM_MAX + 1), *end = text; /* two bytes of input give at most four */
    *out = (Decoded){0};
    for (gsize i = 0; i < length;) {
        if (table->pairs != NULL)
            i = take_pairs(table->pairs, bytes, i, length, &end);
        gsize run = table->ascii ? ascii_run(bytes + i, length - i) : 0;
        memcpy(end, bytes + i, run);
        end += run;
        i += run;
        if (i < length && (run == 0 || bytes[i] == 0))
            i += take_other(table, bytes + i, length - i, &end, out);
    }
    *end = '\0';
    out->length = (gsize)(end - text);
    out->text = g_realloc(text, out->length + 1);
}

gboolean
table_fits(const Charset *charset, const guint8 *bytes, gsize length)
{
    const Table *table = table_of(charset);
    for (gsize i = 0, used; i < length; i += used) {
        used = 1;
        if (bytes[i] >= LEAD_MIN && table->pairs != NULL && i + 1 < length &&
            table->pairs[(bytes[i] & 0x7F) << 8 | bytes[i + 1]] != 0)
            used = 2;
        else if (table->single[bytes[i]] == 0 && form_at(table, bytes + i, length - i, &used) == 0)
            return FALSE;
    }
    return TRUE;
}

/* --- charsets that only iconv knows -------------------------------------- */

static iconv_t
stream_of(const Charset *charset)
{
    static iconv_t *streams;
    gsize count;
    const Charset *rows = charset_rows(&count);
    if (streams == NULL)
        streams = g_new0(iconv_t, count);
    iconv_t *slot = &streams[charset - rows];
    if (*slot == NULL)
        *slot = iconv_open("UTF-8", charset->iconv);
    return *slot;
}

gboolean
stream_prepare(const Charset *charset)
{
    return stream_of(charset) != (iconv_t)-1;
}

static void
append_without_nuls(GString *text, const char *from, gsize length, Decoded *out)
{
    for (gsize i = 0; i < length; i++) {
        if (from[i] != '\0')
            g_string_append_c(text, from[i]);
        out->nuls += from[i] == '\0';
    }
}

void
stream_decode(const Charset *charset, const guint8 *bytes, gsize length, Decoded *out)
{
    iconv_t converter = stream_of(charset);
    g_autoptr(GString) text = g_string_sized_new(length);
    char *in = (char *)bytes;
    gsize left = length;
    *out = (Decoded){0};
    if (converter == (iconv_t)-1) {
        utf8_decode(bytes, length, TRUE, out);
        return;
    }
    iconv(converter, NULL, NULL, NULL, NULL);
    while (left > 0) {
        char piece[4096], *end = piece;
        gsize room = sizeof piece;
        gsize before = left;
        gsize failed = iconv(converter, &in, &left, &end, &room);
        append_without_nuls(text, piece, (gsize)(end - piece), out);
        if (failed != (gsize)-1 || left == 0 || (left < before && room < 16))
            continue;
        g_string_append(text, REPLACEMENT);
        out->errors++;
        in++;
        left--;
    }
    out->length = text->len;
    out->text = g_string_free(g_steal_pointer(&text), FALSE);
}

void
decoded_clear(Decoded *decoded)
{
    g_clear_pointer(&decoded->text, g_free);
}
