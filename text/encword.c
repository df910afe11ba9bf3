/* encword - a header body as units of bytes (words, and what is between), each decoded, put together again.
 *
 * One text per charset that any unit could be in, the best of each unit first. Where words are cut in ways that readers
 * take differently, each way gives its own text. */
#include "config.h"
#include "encword.h"
#include "encword_word.h"
#include "transfer.h"
#include <string.h>

#define UNITS_MAX 1000 /* beyond, words go into the last unit whatever their label */

typedef enum {
    WAY_PLAIN = 0,
    WAY_STREAM = 1 << 0,  /* base64 of neighbours as one text: cut inside a group of four */
    WAY_JOIN = 1 << 1,    /* neighbours as one, whatever their labels: cut inside a character */
    WAY_UNQUOTE = 1 << 2, /* backslashes taken off */
    WAY_RAW = 1 << 3,     /* no words at all */
} Way;

typedef struct {
    gboolean word;
    gboolean base64; /* of its last word */
    char *label;
    GByteArray *bytes;
    Transfer *transfer; /* WAY_STREAM: of the words so far */
} Unit;

typedef struct {
    Way way;
    GPtrArray *units;
    GByteArray *blanks;                                /* after a word: nothing if another follows */
    gboolean odd, cut_group, labels_differ, backslash; /* what was met: reasons for other ways */
} Header;

static void
unit_free(gpointer data)
{
    Unit *unit = data;
    g_free(unit->label);
    g_byte_array_unref(unit->bytes);
    transfer_free(unit->transfer);
    g_free(unit);
}

static void
header_clear(Header *header)
{
    g_clear_pointer(&header->units, g_ptr_array_unref);
    g_clear_pointer(&header->blanks, g_byte_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Header, header_clear)

static Unit *
last_unit(const Header *header)
{
    return header->units->len > 0 ? g_ptr_array_index(header->units, header->units->len - 1) : NULL;
}

static Unit *
add_unit(Header *header, gboolean word, const char *label)
{
    Unit *unit = g_new0(Unit, 1);
    unit->word = word;
    unit->label = g_strdup(label);
    unit->bytes = g_byte_array_new();
    g_ptr_array_add(header->units, unit);
    return unit;
}

static gboolean
same_charset(const char *a, const char *b)
{
    const char *left = charset_canonical(a), *right = charset_canonical(b);
    return left != NULL && right != NULL ? left == right : g_ascii_strcasecmp(a, b) == 0;
}

/* --- bytes of a header --------------------------------------------------- */

static void
end_stream(Unit *unit)
{
    if (unit == NULL || unit->transfer == NULL)
        return;
    transfer_finish(unit->transfer, unit->bytes);
    g_clear_pointer(&unit->transfer, transfer_free);
}

static void
append_base64(Header *header, Unit *unit, const EncodedWord *word)
{
    if (unit->transfer == NULL)
        unit->transfer = transfer_new(TRANSFER_BASE64);
    transfer_push(unit->transfer, (const guint8 *)word->payload, word->payload_length, unit->bytes);
    gsize digits = 0;
    for (gsize i = 0; i < word->payload_length; i++)
        digits += g_ascii_isalnum(word->payload[i]) || (word->payload[i] != '\0' && strchr("+/=", word->payload[i]));
    header->cut_group |= digits % 4 != 0;
    if (!(header->way & WAY_STREAM))
        end_stream(unit);
}

/* The unit that this word goes on: the word before, if nothing but blanks is between. */
static Unit *
unit_for(Header *header, const EncodedWord *word)
{
    Unit *last = last_unit(header);
    if (last == NULL || !last->word)
        return add_unit(header, TRUE, word->label);
    gboolean same = same_charset(last->label, word->label);
    header->labels_differ |= !same;
    if (same || (header->way & WAY_JOIN) || header->units->len >= UNITS_MAX)
        return last;
    end_stream(last);
    return add_unit(header, TRUE, word->label);
}

static void
take_word(Header *header, const EncodedWord *word)
{
    g_byte_array_set_size(header->blanks, 0);
    Unit *unit = unit_for(header, word);
    header->odd |= word->odd;
    if (word->base64) {
        append_base64(header, unit, word);
        return;
    }
    end_stream(unit);
    encword_quoted(word->payload, word->payload_length, unit->bytes);
}

/* One character that is no part of a word. */
static void
take_plain(Header *header, char c)
{
    Unit *last = last_unit(header);
    if (last != NULL && last->word) {
        if (c == ' ' || c == '\t') {
            g_byte_array_append(header->blanks, (const guint8 *)&c, 1);
            return;
        }
        end_stream(last);
        last = NULL;
    }
    if (last == NULL && (header->units->len < UNITS_MAX || last_unit(header) == NULL))
        last = add_unit(header, FALSE, NULL);
    else if (last == NULL)
        last = last_unit(header);
    g_byte_array_append(last->bytes, header->blanks->data, header->blanks->len);
    g_byte_array_set_size(header->blanks, 0);
    g_byte_array_append(last->bytes, (const guint8 *)&c, 1);
}

/* The rest of a plain run, once its unit is there. Returns the bytes taken. */
static gsize
take_run(Header *header, const char *raw, gsize length)
{
    gsize run = 0;
    while (run < length && raw[run] != '=' && raw[run] != '\r' && raw[run] != '\n' && raw[run] != '\\')
        run++;
    if (last_unit(header)->word)
        return 0;
    g_byte_array_append(last_unit(header)->bytes, (const guint8 *)raw, (guint)run);
    return run;
}

static void
read_header(Header *header, const char *raw, gsize length)
{
    for (gsize i = 0, size; i < length; i += size) {
        EncodedWord word;
        size = 1;
        if (raw[i] == '=' && !(header->way & WAY_RAW) && encword_word_at(raw + i, length - i, &word)) {
            take_word(header, &word);
            size = word.size;
            encword_word_clear(&word);
        } else if (raw[i] == '\r' || raw[i] == '\n') { /* a fold leaves its blanks; any other line end is one */
            while (i + size < length && (raw[i + size] == '\r' || raw[i + size] == '\n'))
                size++;
            if (i + size < length && raw[i + size] != ' ' && raw[i + size] != '\t')
                take_plain(header, ' ');
        } else {
            gboolean quoted_pair = raw[i] == '\\' && i + 1 < length;
            header->backslash |= quoted_pair;
            if (!quoted_pair || !(header->way & WAY_UNQUOTE))
                take_plain(header, raw[i]);
            if (last_unit(header) != NULL)
                size += take_run(header, raw + i + 1, length - i - 1);
        }
    }
    end_stream(last_unit(header));
    if (header->units->len == 0)
        add_unit(header, FALSE, NULL);
}

static void
header_init(Header *header, Way way, const char *raw, gsize length)
{
    *header = (Header){.way = way};
    header->units = g_ptr_array_new_with_free_func(unit_free);
    header->blanks = g_byte_array_new();
    read_header(header, raw, length);
}

/* --- texts of a header --------------------------------------------------- */

/* The reading of this unit in `charset` if it has one, else its best. */
static const Decoding *
reading_in(const GPtrArray *readings, const char *charset)
{
    for (guint i = 0; charset != NULL && i < readings->len; i++) {
        const Decoding *reading = g_ptr_array_index(readings, i);
        if (strcmp(reading->charset, charset) == 0)
            return reading;
    }
    return g_ptr_array_index(readings, 0);
}

static gboolean
has_text(const GPtrArray *texts, const GString *text)
{
    for (guint i = 0; i < texts->len; i++) {
        const Decoding *other = g_ptr_array_index(texts, i);
        if (other->length == text->len && memcmp(other->text, text->str, text->len) == 0)
            return TRUE;
    }
    return FALSE;
}

/* Puts one reading of each unit together. `charset` NULL: the best of each. */
static void
compose(const GPtrArray *units, const GPtrArray *all, const char *charset, GPtrArray *texts)
{
    GString *text = g_string_new(NULL);
    Decoding *whole = g_new0(Decoding, 1);
    gint64 scores = 0, scored = 0;
    whole->declared = TRUE;
    for (guint i = 0; i < all->len; i++) {
        const Decoding *reading = reading_in(g_ptr_array_index(all, i), charset);
        g_string_append_len(text, reading->text, (gssize)reading->length);
        whole->errors += reading->errors;
        whole->nuls += reading->nuls;
        const Unit *unit = g_ptr_array_index(units, i);
        if (unit->word)
            whole->declared &= reading->declared;
        else if (reading->score != 0) /* raw bytes beyond ASCII */
            whole->declared = FALSE;
        scores += reading->score;
        scored += reading->score != 0;
        if (whole->charset == NULL || reading->score != 0)
            whole->charset = reading->charset;
    }
    whole->score = scored > 0 ? (int)(scores / scored) : 0;
    if (charset != NULL)
        whole->charset = charset;
    gboolean known = has_text(texts, text);
    whole->length = text->len;
    whole->text = g_string_free(text, FALSE);
    if (known)
        decoding_free(whole);
    else
        g_ptr_array_add(texts, whole);
}

static GPtrArray *
readings_of(const Header *header)
{
    GPtrArray *all = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
    for (guint i = 0; i < header->units->len; i++) {
        const Unit *unit = g_ptr_array_index(header->units, i);
        g_ptr_array_add(all, decode_plausible(unit->bytes->data, unit->bytes->len, unit->label));
    }
    return all;
}

static void
add_best(const char *raw, gsize length, Way way, GPtrArray *texts)
{
    g_auto(Header) header = {0};
    header_init(&header, way, raw, length);
    g_autoptr(GPtrArray) all = readings_of(&header);
    compose(header.units, all, NULL, texts);
}

/* A text for each charset that any unit can be read in. */
static void
add_others(const Header *header, const GPtrArray *all, GPtrArray *texts)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint rank = 0; rank < DECODE_MAX; rank++) {
        for (guint i = 0; i < all->len && texts->len < DECODE_MAX; i++) {
            const GPtrArray *readings = g_ptr_array_index(all, i);
            if (rank >= readings->len)
                continue;
            const Decoding *reading = g_ptr_array_index(readings, rank);
            if (g_hash_table_add(seen, (gpointer)reading->charset))
                compose(header->units, all, reading->charset, texts);
        }
    }
}

GPtrArray *
encword_decode(const char *raw, gsize length)
{
    GPtrArray *texts = g_ptr_array_new_with_free_func((GDestroyNotify)decoding_free);
    g_auto(Header) header = {0};
    header_init(&header, WAY_PLAIN, raw, length);
    g_autoptr(GPtrArray) all = readings_of(&header);
    compose(header.units, all, NULL, texts);
    if (header.cut_group)
        add_best(raw, length, WAY_STREAM, texts);
    if (header.labels_differ)
        add_best(raw, length, WAY_STREAM | WAY_JOIN, texts);
    if (header.backslash)
        add_best(raw, length, WAY_UNQUOTE, texts);
    if (header.odd)
        add_best(raw, length, WAY_RAW, texts);
    add_others(&header, all, texts);
    return texts;
}
