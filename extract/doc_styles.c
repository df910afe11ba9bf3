/* doc_styles - each style is read by itself; a line of ancestors is put over one another from the eldest on. */
#include "config.h"
#include "doc_styles.h"

#define STYLES_MAX 4095 /* 2.9.272 Stshif, cstd */
#define ANCESTORS_MAX 24
#define NO_STYLE 0xFFF
#define DEFAULT_SIZE 100 /* 2.6.1 sprmCHps: ten points where nothing says more */

enum { KIND_PARAGRAPH = 1, KIND_CHARACTERS = 2, KIND_TABLE = 3 }; /* 2.9.260 StdfBase, stk */

typedef struct {
    guint base;
    DocLook look; /* its own properties only */
} Style;

struct DocStyles {
    GArray *styles;
};

static Bytes
next_list(Bytes style, gsize *at)
{
    gsize length = bytes_16(style, *at), from = *at + 2;
    *at = from + length + (length & 1);
    return bytes_part(style, from, length);
}

/* 2.9.259 STD: a head, the name, then lists of properties by the kind of style. */
static Style
read_style(Bytes style, gsize head)
{
    Style read = {.base = bytes_16(style, 2) >> 4, .look = DOC_LOOK_PLAIN};
    guint kind = bytes_16(style, 2) & 0xF;
    gsize at = head + 2 + (gsize)bytes_16(style, head) * 2 + 2;
    if (kind == KIND_TABLE)
        next_list(style, &at);
    if (kind == KIND_TABLE || kind == KIND_PARAGRAPH)
        next_list(style, &at);
    if (kind >= KIND_PARAGRAPH && kind <= KIND_TABLE)
        doc_look_apply(&read.look, next_list(style, &at));
    return read;
}

DocStyles *
doc_styles_read(Bytes sheet)
{
    DocStyles *styles = g_new0(DocStyles, 1);
    styles->styles = g_array_new(FALSE, FALSE, sizeof(Style));
    gsize at = 2 + (gsize)bytes_16(sheet, 0);
    guint count = MIN(bytes_16(sheet, 2), STYLES_MAX);
    gsize head = bytes_16(sheet, 4); /* cbSTDBaseInFile */
    for (guint i = 0; i < count && bytes_hold(sheet, at, 2); i++) {
        gsize size = bytes_16(sheet, at);
        Style style = {.base = NO_STYLE, .look = DOC_LOOK_PLAIN};
        if (size > head && head >= 10)
            style = read_style(bytes_part(sheet, at + 2, size), head);
        g_array_append_val(styles->styles, style);
        at += 2 + size + (size & 1);
    }
    return styles;
}

void
doc_styles_free(DocStyles *styles)
{
    g_array_unref(styles->styles);
    g_free(styles);
}

static void
put_over(DocLook *look, const DocLook *over)
{
    if (over->size > 0)
        look->size = over->size;
    if (over->colour_told)
        look->colour = over->colour;
    if (over->hidden_told)
        look->hidden = look->style_hidden = over->hidden;
}

static void
put_style(const DocStyles *styles, guint number, DocLook *look)
{
    const Style *line[ANCESTORS_MAX];
    guint count = 0;
    while (count < ANCESTORS_MAX && number < styles->styles->len) {
        line[count] = &g_array_index(styles->styles, Style, number);
        number = line[count++]->base;
    }
    while (count > 0)
        put_over(look, &line[--count]->look);
}

DocLook
doc_styles_look(const DocStyles *styles, guint paragraph, const DocLook *run, Bytes piece)
{
    DocLook look = *run, own = DOC_LOOK_PLAIN;
    if (styles->styles->len > 0)
        look.size = DEFAULT_SIZE;
    doc_look_apply(&own, run->list);
    doc_look_apply(&own, piece);
    put_style(styles, paragraph, &look);
    if (own.style > 0)
        put_style(styles, own.style, &look);
    doc_look_apply(&look, run->list);
    doc_look_apply(&look, piece);
    return look;
}
