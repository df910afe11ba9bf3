/* doc_text - characters are gathered as long as their place and look stay the same. */
#include "config.h"
#include "doc_text.h"
#include "decode.h"
#include "ooxml_text.h"
#include "story.h"
#include <string.h>

#define FIELDS_MAX 32

typedef struct {
    DocText *text;
    Story story;
    PlaceKind place; /* of this story */
    PlaceKind now;   /* of what is gathered */
    GString *said;   /* gathered: UTF-8, or bytes in text->charset */
    gboolean bytes;  /* it is the latter */
    guint size;
    guint32 colour;
    gboolean instruction[FIELDS_MAX]; /* of each open field: its instruction is read, not its result */
    guint fields;
    GString *order; /* the instruction read last */
    gunichar2 high; /* first half of a pair */
} Telling;

static void
flush(Telling *telling)
{
    Story *story = &telling->story;
    if (telling->said->len == 0)
        return;
    story->size = telling->size;
    story->colour = telling->colour;
    if (telling->bytes) {
        Decoding *decoding = decode_as((const guint8 *)telling->said->str, telling->said->len, telling->text->charset);
        story_say(story, telling->now, decoding->text, (gssize)decoding->length);
        decoding_free(decoding);
    } else
        story_say(story, telling->now, telling->said->str, (gssize)telling->said->len);
    g_string_truncate(telling->said, 0);
}

static gboolean
in_instruction(const Telling *telling)
{
    for (guint i = 0; i < telling->fields && i < FIELDS_MAX; i++)
        if (telling->instruction[i])
            return TRUE;
    return FALSE;
}

static PlaceKind
place_of(const Telling *telling, const DocLook *look)
{
    if (in_instruction(telling))
        return PLACE_ATTRIBUTE;
    if (look->deleted)
        return PLACE_REVISION;
    return look->hidden && telling->place == PLACE_BODY ? PLACE_HIDDEN : telling->place;
}

static void
gather(Telling *telling, const DocLook *look, const char *text, gsize length, gboolean bytes)
{
    PlaceKind place = place_of(telling, look);
    if (place != telling->now || look->size != telling->size || look->colour != telling->colour ||
        bytes != telling->bytes) {
        flush(telling);
        telling->now = place;
        telling->size = look->size;
        telling->colour = look->colour;
        telling->bytes = bytes;
    }
    g_string_append_len(telling->said, text, (gssize)length);
    if (place == PLACE_ATTRIBUTE && telling->order->len < 64)
        g_string_append_len(telling->order, text, (gssize)length);
}

static void
gather_character(Telling *telling, const DocLook *look, gunichar c)
{
    char utf8[6];
    gather(telling, look, utf8, (gsize)g_unichar_to_utf8(c, utf8), FALSE);
}

/* --- characters that are more than themselves ------------------------------------------------------------------- */

/* The box of a form field is kept beside its picture: 2.9.78 FFData behind the header of a PICF. */
static void
say_box(Telling *telling, const DocLook *look)
{
    Bytes picture = bytes_part(telling->text->data, look->data - 1, 4096);
    gsize at = bytes_16(picture, 4);
    guint bits = bytes_16(picture, at + 4), result = bits >> 2 & 0x1F;
    if (bytes_32(picture, at) != 0xFFFFFFFF || (bits & 3) != 1) /* iType: a check box */
        return;
    if (result == 25) { /* as it was at first: behind cch, cchTextDef's place and the name */
        gsize name = at + 10;
        result = bytes_16(picture, name + 2 + (gsize)bytes_16(picture, name) * 2 + 2);
    }
    gboolean hidden = in_instruction(telling);
    gboolean kept = telling->fields > 0 && telling->instruction[telling->fields - 1];
    if (hidden && kept) /* it stands in the instruction, but is what people see */
        telling->instruction[telling->fields - 1] = FALSE;
    gather(telling, look, result == 1 ? "☒" : "☐", strlen("☒"), FALSE);
    if (hidden && kept)
        telling->instruction[telling->fields - 1] = TRUE;
}

static void
say_symbol(Telling *telling, const DocLook *look)
{
    const char *font =
        look->font < telling->text->fonts->len ? g_ptr_array_index(telling->text->fonts, look->font) : NULL;
    const char *shown = font != NULL ? ooxml_symbol(font, look->symbol) : NULL;
    if (shown != NULL)
        gather(telling, look, shown, strlen(shown), FALSE);
    else if (look->symbol < 0xE000 || look->symbol >= 0xF900)
        gather_character(telling, look, look->symbol < 0x20 ? ' ' : look->symbol);
}

static void
on_field(Telling *telling, gunichar c)
{
    flush(telling);
    if (c == 0x13) {
        if (telling->fields < FIELDS_MAX)
            telling->instruction[telling->fields] = TRUE;
        telling->fields++;
        g_string_truncate(telling->order, 0);
    } else if (telling->fields > 0) {
        if (telling->fields <= FIELDS_MAX && telling->instruction[telling->fields - 1])
            story_gap(&telling->story, PLACE_ATTRIBUTE, '\n');
        if (c == 0x15)
            telling->fields--;
        else if (telling->fields <= FIELDS_MAX)
            telling->instruction[telling->fields - 1] = FALSE;
    }
}

static void
on_break(Telling *telling, gunichar c, gboolean row_end)
{
    Story *story = &telling->story;
    flush(telling);
    if (c == 0x07 && !row_end) {
        story_gap(story, telling->place, '\t');
        return;
    }
    if (c == 0x0B || c == 0x0E)
        story_gap(story, telling->place, '\n');
    else
        story_line(story, telling->place);
    for (PlaceKind other = PLACE_BODY; other <= PLACE_REVISION; other++)
        if (other == PLACE_HIDDEN || other == PLACE_REVISION)
            story_gap(story, other, '\n');
    if (c == 0x0C && telling->place == PLACE_BODY && story->page < WIRE_PARTS_MAX) {
        story->page++;
        story->head = FALSE;
    }
}

/* A control character of Word: 2.4.1 and the characters with sprmCFSpec. */
static void
on_control(Telling *telling, const DocLook *look, gunichar c, gboolean row_end)
{
    switch (c) {
    case 0x01:
        if (look->data != 0)
            say_box(telling, look);
        break;
    case 0x07:
    case 0x0A:
    case 0x0B:
    case 0x0C:
    case 0x0D:
    case 0x0E:
        on_break(telling, c, row_end);
        break;
    case 0x09:
        gather(telling, look, "\t", 1, FALSE);
        break;
    case 0x13:
    case 0x14:
    case 0x15:
        on_field(telling, c);
        break;
    case 0x1E: /* a hyphen that does not break */
        gather(telling, look, "-", 1, FALSE);
        break;
    default: /* marks of notes, comments, drawings */
        break;
    }
}

static void
on_character(Telling *telling, const DocLook *look, gunichar c, gboolean row_end)
{
    if (look->symbol != 0 && c != 0x0D && c != 0x07)
        say_symbol(telling, look);
    else if (c < 0x20)
        on_control(telling, look, c, row_end);
    else if (c >= 0xDC00 && c < 0xE000 && telling->high != 0)
        gather_character(telling, look, 0x10000 + ((gunichar)(telling->high - 0xD800) << 10) + (c - 0xDC00));
    else if (c < 0xD800 || c >= 0xE000)
        gather_character(telling, look, c);
    telling->high = c >= 0xD800 && c < 0xDC00 ? (gunichar2)c : 0;
}

/* --- pieces ----------------------------------------------------------------------------------------------------- */

/* 2.9.73 FcCompressed: single bytes are those of Windows-1252. */
static gunichar
from_1252(guint8 byte)
{
    static const gunichar2 upper[32] = {0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                        0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D,   0x017D, 0x8F,
                                        0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                        0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};
    return byte >= 0x80 && byte < 0xA0 ? upper[byte - 0x80] : byte;
}

static void
tell_piece(Telling *telling, const DocPiece *piece, guint32 from, guint32 to)
{
    DocText *text = telling->text;
    gsize step = piece->wide ? 2 : 1, at = piece->at + (gsize)(from - piece->from) * step;
    guint letter = 0, paragraph = 0;
    DocLook look = {.to = 0}, run = {.to = 0}, block = {.to = 0};
    covered_add(text->told, at, (gsize)(to - from) * step);
    for (guint32 i = from; i < to && bytes_hold(text->word, at, step); i++, at += step) {
        if (text->characters == 0 || sink_stopped(text->sink))
            return;
        text->characters--;
        if (at >= run.to || at >= block.to) {
            run = doc_look_at(text->letters, at, &letter);
            block = doc_look_at(text->paragraphs, at, &paragraph);
            look = doc_styles_look(text->styles, block.style, &run, piece->looks);
        }
        guint c = piece->wide ? bytes_u16(text->word.data + at) : text->word.data[at];
        if (!piece->wide && c >= 0x20 && text->charset != NULL)
            gather(telling, &look, (const char *)text->word.data + at, 1, TRUE);
        else
            on_character(telling, &look, piece->wide ? c : from_1252((guint8)c), block.row_end);
    }
}

void
doc_text_tell(DocText *text, guint32 from, guint32 to, PlaceKind place, guint page, gboolean head)
{
    Telling telling = {.text = text, .place = place, .now = place, .colour = FACE_NO_COLOUR};
    story_begin(&telling.story, text->sink, text->part, NULL, page);
    telling.story.head = head;
    telling.said = g_string_new(NULL);
    telling.order = g_string_new(NULL);
    for (guint i = 0; i < text->pieces->len && !sink_stopped(text->sink); i++) {
        const DocPiece *piece = &g_array_index(text->pieces, DocPiece, i);
        if (piece->to > from && piece->from < to)
            tell_piece(&telling, piece, MAX(piece->from, from), MIN(piece->to, to));
    }
    flush(&telling);
    g_string_free(telling.said, TRUE);
    g_string_free(telling.order, TRUE);
}
