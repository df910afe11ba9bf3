/* doc_looks - the formatted pages are read once, in the order of their table. */
#include "config.h"
#include "doc_looks.h"
#include "wire_extract.h"

#define PAGE 512
#define LOOKS_MAX 1000000

enum {
    SPRM_DELETED = 0x0800,
    SPRM_DATA = 0x0806,
    SPRM_OBJECT = 0x080A,
    SPRM_HIDDEN = 0x083C,
    SPRM_COLOUR_INDEX = 0x2A42,
    SPRM_STYLE = 0x4A30,
    SPRM_SIZE = 0x4A43,
    SPRM_PICTURE = 0x6A03,
    SPRM_SYMBOL = 0x6A09,
    SPRM_COLOUR = 0x6870,
    SPRM_ROW_END = 0x2417,
    SPRM_TABS = 0xC615,
    SPRM_TABLE = 0xD608,
};

/* 2.9.119 Ico */
static const guint32 COLOURS[] = {FACE_NO_COLOUR, 0x000000, 0x0000FF, 0x00FFFF, 0x00FF00, 0xFF00FF,
                                  0xFF0000,       0xFFFF00, 0xFFFFFF, 0x000080, 0x008080, 0x008000,
                                  0x800080,       0x800000, 0x808000, 0x808080, 0xC0C0C0};

/* Bytes of a sprm's operand: 2.2.5.1. */
static gsize
operand_size(guint sprm, Bytes rest)
{
    static const guint8 sizes[] = {1, 1, 2, 4, 2, 2, 0, 3};
    if (sprm >> 13 != 6)
        return sizes[sprm >> 13];
    if (sprm == SPRM_TABLE)
        return (gsize)bytes_16(rest, 0) + 1;
    if (sprm == SPRM_TABS && bytes_8(rest, 0) == 255)
        return rest.length; /* counts for itself; nothing that matters here follows it */
    return (gsize)bytes_8(rest, 0) + 1;
}

static guint32
colour_of(guint32 ref) /* 2.9.43 COLORREF */
{
    return ref >> 24 != 0 ? FACE_NO_COLOUR : (ref & 0xFF) << 16 | (ref & 0xFF00) | (ref >> 16 & 0xFF);
}

static void
apply(DocLook *look, guint sprm, Bytes operand)
{
    switch (sprm) {
    case SPRM_DELETED:
        look->deleted = bytes_8(operand, 0) != 0;
        break;
    case SPRM_HIDDEN: /* 0x80: as the style, 0x81: as the style is not */
        look->hidden = bytes_8(operand, 0) == 0x80   ? look->style_hidden
                       : bytes_8(operand, 0) == 0x81 ? !look->style_hidden
                                                     : bytes_8(operand, 0) != 0;
        look->hidden_told = TRUE;
        break;
    case SPRM_STYLE:
        look->style = bytes_16(operand, 0);
        break;
    case SPRM_DATA:
        look->field_data = bytes_8(operand, 0) != 0;
        break;
    case SPRM_COLOUR_INDEX:
        if (bytes_8(operand, 0) < G_N_ELEMENTS(COLOURS))
            look->colour = COLOURS[bytes_8(operand, 0)];
        look->colour_told = TRUE;
        break;
    case SPRM_COLOUR:
        look->colour = colour_of(bytes_32(operand, 0));
        look->colour_told = TRUE;
        break;
    case SPRM_SIZE: /* in half points */
        look->size = MIN(bytes_16(operand, 0) * 5, WIRE_SIZE_MAX);
        break;
    case SPRM_PICTURE:
        look->data = (gsize)bytes_32(operand, 0) + 1;
        break;
    case SPRM_SYMBOL:
        look->font = bytes_16(operand, 0);
        look->symbol = bytes_16(operand, 2);
        break;
    case SPRM_ROW_END:
        look->row_end = bytes_8(operand, 0) != 0;
        break;
    default:
        break;
    }
}

void
doc_look_apply(DocLook *look, Bytes list)
{
    gsize at = 0;
    while (bytes_hold(list, at, 3)) {
        guint sprm = bytes_16(list, at);
        Bytes rest = bytes_part(list, at + 2, list.length);
        gsize size = operand_size(sprm, rest);
        apply(look, sprm, rest);
        at += 2 + size;
    }
}

static Bytes
list_of(Bytes page, guint run, guint runs, gboolean paragraphs, guint *style_out)
{
    gsize table = (gsize)(runs + 1) * 4;
    gsize at = (gsize)bytes_8(page, table + (gsize)run * (paragraphs ? 13 : 1)) * 2;
    if (at == 0)
        return (Bytes){NULL, 0};
    gsize length = bytes_8(page, at);
    if (!paragraphs)
        return bytes_part(page, at + 1, length);
    if (length == 0) /* 2.9.174: the number stands in the next byte */
        length = bytes_8(page, ++at) * 2U;
    else
        length = length * 2 - 1;
    *style_out = bytes_16(page, at + 1);
    return bytes_part(page, at + 3, length >= 2 ? length - 2 : 0);
}

static void
read_page(GArray *looks, Bytes page, gboolean paragraphs)
{
    guint runs = bytes_8(page, PAGE - 1);
    for (guint i = 0; i < runs && bytes_hold(page, (gsize)i * 4, 8); i++) {
        const DocLook *last = looks->len == 0 ? NULL : &g_array_index(looks, DocLook, looks->len - 1);
        DocLook look = {
            .from = bytes_32(page, (gsize)i * 4), .to = bytes_32(page, (gsize)i * 4 + 4), .colour = FACE_NO_COLOUR};
        if (look.from >= look.to || (last != NULL && look.from < last->to))
            continue;
        look.list = list_of(page, i, runs, paragraphs, &look.style);
        if (paragraphs)
            doc_look_apply(&look, look.list);
        if (looks->len < LOOKS_MAX)
            g_array_append_val(looks, look);
    }
}

GArray *
doc_looks_read(Bytes word, Bytes plc, gboolean paragraphs, Covered *covered)
{
    GArray *looks = g_array_new(FALSE, FALSE, sizeof(DocLook));
    gsize pages = plc.length < 12 ? 0 : (plc.length - 4) / 8; /* n+1 positions and n numbers of pages */
    for (gsize i = 0; i < pages && i <= word.length / PAGE; i++) {
        gsize number = bytes_32(plc, (pages + 1 + i) * 4) & 0x3FFFFF;
        Bytes page = bytes_part(word, number * PAGE, PAGE);
        if (page.length < PAGE)
            continue;
        read_page(looks, page, paragraphs);
        covered_add(covered, number * PAGE, PAGE);
    }
    return looks;
}

DocLook
doc_look_at(const GArray *looks, gsize at, guint *cursor)
{
    DocLook plain = {.from = at, .to = G_MAXSIZE, .colour = FACE_NO_COLOUR};
    guint low = 0, high = looks->len;
    if (*cursor < looks->len && g_array_index(looks, DocLook, *cursor).from <= at) {
        low = *cursor;
        if (at < g_array_index(looks, DocLook, low).to || low + 1 == looks->len ||
            at < g_array_index(looks, DocLook, low + 1).from)
            high = low + 1;
    }
    while (low < high) { /* the last that begins at `at` or before */
        guint middle = low + (high - low) / 2;
        if (g_array_index(looks, DocLook, middle).from <= at)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < looks->len)
        plain.to = g_array_index(looks, DocLook, low).from;
    if (low == 0)
        return plain;
    *cursor = low - 1;
    const DocLook *found = &g_array_index(looks, DocLook, low - 1);
    return at < found->to ? *found : plain;
}
