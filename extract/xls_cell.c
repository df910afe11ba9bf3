/* xls_cell - the cells of a sheet, row by row. Numbers of sections are those of [MS-XLS]. */
#include "config.h"
#include "xls_parts.h"
#include <math.h>
#include <string.h>

enum { /* 2.3 */
       FORMULA = 0x0006,
       COLUMN_INFO = 0x007D,
       RK_ROW = 0x00BD,
       RICH_LABEL = 0x00D6,
       LABEL_SHARED = 0x00FD,
       NUMBER = 0x0203,
       LABEL = 0x0204,
       STRING = 0x0207,
       ROW = 0x0208,
       RK = 0x027E,
};

static gboolean
is_set(const guint8 *bits, guint number, guint count)
{
    return number < count && (bits[number >> 3] >> (number & 7) & 1) != 0;
}

static void
say_cell(Xls *xls, guint row, guint column, const char *text)
{
    gboolean hidden = (xls->sheet != NULL && xls->sheet->hidden) || is_set(xls->hidden_rows, row, XLS_ROWS) ||
                      is_set(xls->hidden_columns, column, XLS_COLUMNS);
    PlaceKind place = hidden ? PLACE_HIDDEN : PLACE_BODY;
    if (text[0] == '\0')
        return;
    if (xls->row >= 0 && (gint)row != xls->row) {
        story_line(&xls->story, PLACE_BODY);
        story_line(&xls->story, PLACE_HIDDEN);
    }
    story_say(&xls->story, place, text, -1);
    story_gap(&xls->story, place, '\t');
    xls->row = (gint)row;
}

static void
say_number(Xls *xls, guint row, guint column, double number)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    if (isfinite(number))
        say_cell(xls, row, column, g_ascii_formatd(text, sizeof text, "%.15g", number));
}

static double
double_at(Bytes body, gsize at)
{
    guint64 bits = (guint64)bytes_32(body, at) | (guint64)bytes_32(body, at + 4) << 32;
    double number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

static double
rk_at(Bytes body, gsize at) /* 2.5.217 RkNumber */
{
    guint32 bits = bytes_32(body, at);
    double number;
    if ((bits & 2) != 0)
        number = (double)((gint32)bits >> 2);
    else {
        guint64 wide = (guint64)(bits & 0xFFFFFFFC) << 32;
        memcpy(&number, &wide, sizeof number);
    }
    return (bits & 1) != 0 ? number / 100 : number;
}

static void
on_rk_row(Xls *xls, const XlsRecord *record)
{
    guint row = bytes_16(record->body, 0), first = bytes_16(record->body, 2);
    for (gsize at = 4, i = 0; at + 8 <= record->body.length; at += 6, i++)
        say_number(xls, row, first + (guint)i, rk_at(record->body, at + 2));
}

static void
on_label(Xls *xls, const XlsRecord *record)
{
    XlsCursor cursor = xls_cursor(xls->stream, record, 6);
    g_autofree char *text = xls_text(&cursor, &xls->kind, xls_16(&cursor));
    say_cell(xls, bytes_16(record->body, 0), bytes_16(record->body, 2), text);
}

static void
on_shared_label(Xls *xls, const XlsRecord *record)
{
    guint32 index = bytes_32(record->body, 6);
    if (index >= xls->strings->len)
        return;
    xls->used->data[index] = 1;
    say_cell(xls, bytes_16(record->body, 0), bytes_16(record->body, 2), g_ptr_array_index(xls->strings, index));
}

static gboolean
is_printed(const char *text)
{
    for (; *text != '\0'; text = g_utf8_next_char(text))
        if (!g_unichar_isprint(g_utf8_get_char(text)))
            return FALSE;
    return TRUE;
}

/* Texts in the tokens of a formula, wherever one seems to be: 2.5.198.89 PtgStr. */
static void
say_formula_texts(Xls *xls, const XlsRecord *record)
{
    for (gsize at = 22; at + 3 < record->body.length; at++) {
        XlsCursor cursor = xls_cursor(xls->stream, record, at + 2);
        guint characters = bytes_8(record->body, at + 1);
        gboolean wide = xls->kind.biff8 && bytes_8(record->body, at + 2) == 1;
        gsize size = (gsize)xls->kind.biff8 + characters * (wide ? 2U : 1U);
        if (bytes_8(record->body, at) != XLS_TOKEN_TEXT || characters == 0 || size > xls_left(&cursor) ||
            (xls->kind.biff8 && bytes_8(record->body, at + 2) > 1))
            continue;
        g_autofree char *text = xls_text(&cursor, &xls->kind, characters);
        if (!is_printed(text))
            continue;
        xls_say(xls, PLACE_ATTRIBUTE, text);
        at += 1 + size;
    }
}

/* The value of the formula; a text comes in a STRING record behind it. */
static void
on_formula(Xls *xls, const XlsRecord *record)
{
    guint row = bytes_16(record->body, 0), column = bytes_16(record->body, 2);
    if (bytes_16(record->body, 12) != 0xFFFF) /* 2.5.133 FormulaValue */
        say_number(xls, row, column, double_at(record->body, 6));
    else if (xls->row >= 0 && (gint)row != xls->row)
        story_line(&xls->story, PLACE_BODY);
    xls->row = (gint)row;
    say_formula_texts(xls, record);
}

static void
hide(guint8 *bits, guint count, guint from, guint to)
{
    for (guint i = from; i <= to && i < count; i++)
        bits[i >> 3] |= (guint8)(1 << (i & 7));
}

static void
on_string(Xls *xls, const XlsRecord *record)
{
    XlsCursor cursor = xls_cursor(xls->stream, record, 0);
    g_autofree char *text = xls_text(&cursor, &xls->kind, xls_16(&cursor));
    say_cell(xls, xls->row >= 0 ? (guint)xls->row : 0, XLS_COLUMNS, text);
}

gboolean
xls_cell_take(Xls *xls, const XlsRecord *record)
{
    Bytes body = record->body;
    switch (record->type) {
    case LABEL:
    case RICH_LABEL:
        on_label(xls, record);
        return TRUE;
    case LABEL_SHARED:
        on_shared_label(xls, record);
        return TRUE;
    case NUMBER:
        say_number(xls, bytes_16(body, 0), bytes_16(body, 2), double_at(body, 6));
        return TRUE;
    case RK:
        say_number(xls, bytes_16(body, 0), bytes_16(body, 2), rk_at(body, 6));
        return TRUE;
    case RK_ROW:
        on_rk_row(xls, record);
        return TRUE;
    case STRING:
        on_string(xls, record);
        return TRUE;
    case FORMULA:
        on_formula(xls, record);
        return TRUE;
    case ROW:
        if ((bytes_16(body, 12) & 0x20) != 0) /* fDyZero */
            hide(xls->hidden_rows, XLS_ROWS, bytes_16(body, 0), bytes_16(body, 0));
        return TRUE;
    case COLUMN_INFO:
        if ((bytes_16(body, 8) & 1) != 0)
            hide(xls->hidden_columns, XLS_COLUMNS, bytes_16(body, 0), bytes_16(body, 2));
        return TRUE;
    default:
        return FALSE;
    }
}
