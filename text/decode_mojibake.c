/* decode_mojibake - text that somebody already decoded wrongly, read back.
 *
 * The three usual accidents: UTF-8 read as Latin-1 (in truth CP1252), UTF-8 read as GBK, GBK read as Latin-1. What a
 * text shows is undone in place, the rest of it stays. */
#include "config.h"
#include "decode_pool.h"
#include <iconv.h>
#include <string.h>

#define LOST 0xFF /* a byte that the wrong decoding could not show: no byte of UTF-8 */
#define STRETCH 2 /* UTF-8 characters in a row that are no accident */

typedef struct {
    gunichar character;
    guint8 byte;
} Cp1252;

static const Cp1252 CP1252[] = {
    {0x20AC, 0x80}, {0x201A, 0x82}, {0x0192, 0x83}, {0x201E, 0x84}, {0x2026, 0x85}, {0x2020, 0x86}, {0x2021, 0x87},
    {0x02C6, 0x88}, {0x2030, 0x89}, {0x0160, 0x8A}, {0x2039, 0x8B}, {0x0152, 0x8C}, {0x017D, 0x8E}, {0x2018, 0x91},
    {0x2019, 0x92}, {0x201C, 0x93}, {0x201D, 0x94}, {0x2022, 0x95}, {0x2013, 0x96}, {0x2014, 0x97}, {0x02DC, 0x98},
    {0x2122, 0x99}, {0x0161, 0x9A}, {0x203A, 0x9B}, {0x0153, 0x9C}, {0x017E, 0x9E}, {0x0178, 0x9F},
};

/* The byte that Latin-1 or CP1252 shows as this character; -1: none. */
static int
latin_byte(gunichar c)
{
    if (c < 0x100)
        return (int)c;
    for (gsize i = 0; i < G_N_ELEMENTS(CP1252); i++)
        if (CP1252[i].character == c)
            return CP1252[i].byte;
    return -1;
}

/* Length of the valid UTF-8 character of more than one byte here; 0: none. */
static gsize
utf8_size(const guint8 *bytes, gsize length)
{
    gsize size = length == 0 || bytes[0] < 0xC2 ? 0 : bytes[0] < 0xE0 ? 2 : bytes[0] < 0xF0 ? 3 : 4;
    return size > 0 && size <= length && g_utf8_validate_len((const char *)bytes, size, NULL) ? size : 0;
}

/* Bytes that became the wrong characters, and which characters those were. */
typedef struct {
    GByteArray *bytes;
    GArray *starts; /* gsize: offset in the text of the character that byte i came from */
} Bytes;

static void
bytes_clear(Bytes *bytes)
{
    g_clear_pointer(&bytes->bytes, g_byte_array_unref);
    g_clear_pointer(&bytes->starts, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Bytes, bytes_clear)

static void
add_byte(Bytes *bytes, guint8 byte, gsize start)
{
    g_byte_array_append(bytes->bytes, &byte, 1);
    g_array_append_val(bytes->starts, start);
}

static gsize
start_of(const Bytes *bytes, gsize i, gsize end)
{
    return i < bytes->starts->len ? g_array_index(bytes->starts, gsize, i) : end;
}

static gsize
next_character(const char *text, gsize i)
{
    return (gsize)(g_utf8_next_char(text + i) - text);
}

static int
weight_of(const char *text, gsize length)
{
    int weight = 0;
    for (const char *c = text; c < text + length; c = g_utf8_next_char(c))
        weight += score_weight(g_utf8_get_char(c));
    return weight;
}

/* Do bytes i..j make better text than the characters that they came from? */
static gboolean
reads_better(const Bytes *run, const char *text, gsize end, gsize i, gsize j)
{
    gsize from = start_of(run, i, end), to = start_of(run, j, end);
    return weight_of((const char *)run->bytes->data + i, j - i) > weight_of(text + from, to - from);
}

/* Appends a run of characters, given as the bytes they came from: stretches of valid UTF-8 as what they meant, the rest
 * as it stands in the text. Returns how many characters were read anew. */
static guint
append_reread(const Bytes *run, const char *text, gsize end, guint stretch, GString *out)
{
    guint reread = 0;
    const guint8 *bytes = run->bytes->data;
    for (gsize i = 0; i < run->bytes->len;) {
        gsize size, j = i;
        guint count = 0;
        gboolean at_start = i == 0 || start_of(run, i, end) != start_of(run, i - 1, end);
        for (; at_start && (size = utf8_size(bytes + j, run->bytes->len - j)) > 0; j += size)
            count++;
        if (count >= stretch && reads_better(run, text, end, i, j)) {
            g_string_append_len(out, (const char *)bytes + i, (gssize)(j - i));
            reread += count;
            for (i = j; i < run->bytes->len && start_of(run, i, end) == start_of(run, i - 1, end); i++)
                g_string_append(out, REPLACEMENT); /* half of a character is left over */
            continue;
        }
        gsize from = start_of(run, i, end), to = next_character(text, from);
        g_string_append_len(out, text + from, (gssize)(to - from));
        while (i < run->bytes->len && start_of(run, i, end) == from)
            i++;
    }
    return reread;
}

/* --- read as Latin-1 ----------------------------------------------------- */

static guint
undo_latin_utf8(const char *text, gsize length, GString *out)
{
    guint reread = 0;
    g_auto(Bytes) run = {g_byte_array_new(), g_array_new(FALSE, FALSE, sizeof(gsize))};
    for (gsize i = 0; i < length;) {
        gsize from = i;
        int byte;
        for (; i < length && (byte = latin_byte(g_utf8_get_char(text + i))) >= 0x80; i = next_character(text, i))
            add_byte(&run, (guint8)byte, i);
        reread += append_reread(&run, text, i, 1, out);
        g_byte_array_set_size(run.bytes, 0);
        g_array_set_size(run.starts, 0);
        if (i > from)
            continue;
        i = next_character(text, i);
        g_string_append_len(out, text + from, (gssize)(i - from));
    }
    return reread;
}

static void
append_gb(GByteArray *bytes, Decoded *gb, GString *out)
{
    table_decode(charset_find("GB18030"), bytes->data, bytes->len, gb);
    g_string_append_len(out, gb->text, (gssize)gb->length);
    g_byte_array_set_size(bytes, 0);
    decoded_clear(gb);
}

/* Whole stretches, ASCII included: the second byte of a GBK character may look like a letter. */
static void
undo_latin_gb(const char *text, gsize length, GString *out)
{
    g_autoptr(GByteArray) run = g_byte_array_new();
    g_auto(Decoded) gb = {0};
    for (gsize i = 0; i < length;) {
        gsize next = next_character(text, i);
        int byte = latin_byte(g_utf8_get_char(text + i));
        if (byte >= 0) {
            guint8 one = (guint8)byte;
            g_byte_array_append(run, &one, 1);
        } else {
            append_gb(run, &gb, out);
            g_string_append_len(out, text + i, (gssize)(next - i));
        }
        i = next;
    }
    append_gb(run, &gb, out);
}

/* --- read as GBK --------------------------------------------------------- */

/* The GBK bytes of one character, 0 if it has none. */
static gsize
gb_bytes(iconv_t converter, const char *character, gsize size, guint8 out[2])
{
    char *in = (char *)character, *end = (char *)out;
    gsize left = size, room = 2;
    if (memcmp(character, REPLACEMENT, MIN(size, 3)) == 0) {
        out[0] = LOST;
        return 1;
    }
    iconv(converter, NULL, NULL, NULL, NULL);
    if (iconv(converter, &in, &left, &end, &room) == (gsize)-1 || left > 0)
        return 0;
    return 2 - room;
}

static iconv_t
gb_converter(void)
{
    static iconv_t converter;
    if (converter == NULL)
        converter = iconv_open("GB18030", "UTF-8");
    return converter;
}

gboolean
mojibake_prepare(void)
{
    return gb_converter() != (iconv_t)-1;
}

static guint
undo_gb_utf8(const char *text, gsize length, GString *out)
{
    iconv_t converter = gb_converter();
    if (converter == (iconv_t)-1)
        return 0;
    guint reread = 0;
    g_auto(Bytes) run = {g_byte_array_new(), g_array_new(FALSE, FALSE, sizeof(gsize))};
    for (gsize i = 0; i < length;) {
        gsize from = i;
        guint8 bytes[2];
        for (gsize size, next; i < length && (guint8)text[i] >= 0x80; i = next) {
            next = next_character(text, i);
            size = gb_bytes(converter, text + i, next - i, bytes);
            if (size == 0)
                break;
            for (gsize k = 0; k < size; k++)
                add_byte(&run, bytes[k], i);
        }
        reread += append_reread(&run, text, i, STRETCH, out);
        g_byte_array_set_size(run.bytes, 0);
        g_array_set_size(run.starts, 0);
        if (i > from)
            continue;
        i = next_character(text, i);
        g_string_append_len(out, text + from, (gssize)(i - from));
    }
    return reread;
}

/* ------------------------------------------------------------------------- */

/* Takes `text`. `gain`: how much better than the original it must read. */
static void
add(Pool *pool, const char *name, GString *text, const Attempt *original, int gain)
{
    g_auto(Decoded) undone = {.length = text->len};
    undone.text = g_string_free(text, FALSE);
    Score score;
    score_text(undone.text, undone.length, &score);
    if (score_mean(&score) < score_mean(&original->score) + gain)
        return;
    Attempt *attempt = decode_pool_add(pool, name, FALSE, &undone);
    if (attempt != NULL)
        attempt->form = TRUE;
}

void
mojibake_undo(Pool *pool, const Attempt *attempt)
{
    const char *text = attempt->decoding->text;
    gsize length = attempt->decoding->length;
    if (attempt->score.accents >= 2) {
        GString *utf8 = g_string_sized_new(length), *gb = g_string_sized_new(length);
        if (undo_latin_utf8(text, length, utf8) > 0)
            add(pool, "mojibake:CP1252/UTF-8", utf8, attempt, G_MININT / 2);
        else
            g_string_free(utf8, TRUE);
        undo_latin_gb(text, length, gb);
        add(pool, "mojibake:CP1252/GB18030", gb, attempt, 100);
    }
    if (attempt->score.shadows > 0) {
        GString *utf8 = g_string_sized_new(length);
        if (undo_gb_utf8(text, length, utf8) > 0)
            add(pool, "mojibake:GBK/UTF-8", utf8, attempt, G_MININT / 2);
        else
            g_string_free(utf8, TRUE);
    }
}
