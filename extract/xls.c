/* xls - one pass over the records; what no case below knows is left to the scan of runs. Numbers of sections are those
 * of [MS-XLS]. */
#include "config.h"
#include "xls.h"
#include "art.h"
#include "ooxml_sheet.h"
#include "xls_parts.h"
#include <string.h>

#define SHEETS_MAX 20000
#define STRINGS_MAX 4000000
#define HELD_MAX (64 * 1024 * 1024)

enum { /* 2.3 */
       END = 0x000A,
       HEADER_TEXT = 0x0014,
       FOOTER_TEXT = 0x0015,
       DEFINED_NAME = 0x0018,
       NOTE = 0x001C,
       FILE_PASS = 0x002F,
       FONT = 0x0031,
       CODE_PAGE = 0x0042,
       OBJECT = 0x005D,
       WRITE_ACCESS = 0x005C,
       SHEET = 0x0085,
       DRAWING_GROUP = 0x00EB,
       DRAWING = 0x00EC,
       SHARED_STRINGS = 0x00FC,
       TEXT_OBJECT = 0x01B6,
       VALIDATION = 0x01BE,
       FORMAT = 0x041E,
       BEGIN = 0x0809,
       SERIES_TEXT = 0x100D,
       MORE_HEADERS = 0x089C,
};
#define OBJECT_NOTE 0x19 /* 2.5.143 FtCmo */

static void
sheet_free(gpointer data)
{
    XlsSheet *sheet = data;
    g_free(sheet->name);
    g_free(sheet);
}

void
xls_say(Xls *xls, PlaceKind place, const char *text)
{
    if (text == NULL || text[strspn(text, " ")] == '\0')
        return;
    story_say(&xls->story, place, text, -1);
    story_gap(&xls->story, place, '\n');
}

/* --- texts of the workbook -------------------------------------------------------------------------------------- */

static void
on_sheet(Xls *xls, const XlsRecord *record)
{
    XlsCursor cursor = xls_cursor(xls->stream, record, 6);
    if (xls->sheets->len >= SHEETS_MAX) {
        xls->damaged = TRUE;
        return;
    }
    XlsSheet *sheet = g_new0(XlsSheet, 1);
    sheet->at = bytes_32(record->body, 0);
    sheet->hidden = (bytes_8(record->body, 4) & 3) != 0;
    sheet->name = xls_text(&cursor, &xls->kind, xls_8(&cursor));
    g_ptr_array_add(xls->sheets, sheet);
    story_alone(&xls->story, PLACE_SHEET_NAME, NULL, sheet->name);
}

static void
on_shared_strings(Xls *xls, const XlsRecord *record)
{
    XlsCursor cursor = xls_cursor(xls->stream, record, 8);
    guint32 count = bytes_32(record->body, 4);
    const guint8 unused = 0;
    for (guint32 i = 0; i < count && !cursor.bad; i++) {
        char *text = xls_rich_text(&cursor, &xls->kind);
        xls->held += strlen(text);
        if (xls->held > HELD_MAX || i >= STRINGS_MAX) {
            g_free(text);
            sink_cover(xls->sink, xls->part, COVERAGE_PARTIAL, WHY_OVER_BUDGET);
            break;
        }
        g_ptr_array_add(xls->strings, text);
        g_byte_array_append(xls->used, &unused, 1);
    }
    xls->damaged |= cursor.bad && xls->strings->len < count;
    covered_add(xls->covered, record->at, cursor.next - record->at);
}

static void
on_name(Xls *xls, const XlsRecord *record) /* 2.4.150 Lbl */
{
    guint flags = bytes_16(record->body, 0), characters = bytes_8(record->body, 3);
    XlsCursor cursor = xls_cursor(xls->stream, record, 14);
    g_autofree char *name = xls_text(&cursor, &xls->kind, characters);
    if ((flags & 0x20) == 0) /* fBuiltin: its name is a number */
        xls_say(xls, PLACE_ATTRIBUTE, name);
    if (xls_left(&cursor) >= 3 && bytes_8(record->body, cursor.at) == XLS_TOKEN_TEXT) {
        xls_skip(&cursor, 1);
        g_autofree char *text = xls_text(&cursor, &xls->kind, xls_8(&cursor));
        xls_say(xls, PLACE_ATTRIBUTE, text);
        return;
    }
    runs_tell(bytes_part(record->body, cursor.at, record->body.length), NULL, xls->sink, xls->part, "name");
}

static void
on_header(Xls *xls, const XlsRecord *record, PlaceKind place)
{
    XlsCursor cursor = xls_cursor(xls->stream, record, 0);
    if (record->body.length == 0)
        return;
    g_autofree char *coded = xls_text(&cursor, &xls->kind, xls->kind.biff8 ? xls_16(&cursor) : xls_8(&cursor));
    g_autofree char *text = ooxml_sheet_header(coded);
    xls->story.head = xls->story.page == 1 && place == PLACE_PAGE_HEADER;
    xls_say(xls, place, text);
    xls->story.head = xls->story.page == 1; /* headers stand before the cells */
}

static void
on_more_headers(Xls *xls, const XlsRecord *record) /* 2.4.137 HeaderFooter: of even pages, of the first */
{
    static const PlaceKind places[] = {PLACE_PAGE_HEADER, PLACE_PAGE_FOOTER, PLACE_PAGE_HEADER, PLACE_PAGE_FOOTER};
    XlsCursor cursor = xls_cursor(xls->stream, record, 38);
    for (gsize i = 0; i < G_N_ELEMENTS(places); i++) {
        if (bytes_16(record->body, 30 + i * 2) == 0)
            continue;
        guint characters = xls_16(&cursor);
        g_autofree char *coded = xls_text(&cursor, &xls->kind, characters);
        g_autofree char *text = ooxml_sheet_header(coded);
        xls_say(xls, places[i], text);
    }
}

static void
on_note(Xls *xls, const XlsRecord *record) /* 2.4.179; before BIFF8 the text itself */
{
    XlsCursor cursor = xls_cursor(xls->stream, record, xls->kind.biff8 ? 8 : 4);
    guint characters = xls_16(&cursor);
    g_autofree char *text = xls_text(&cursor, &xls->kind, MIN(characters, (guint)xls_left(&cursor)));
    xls_say(xls, xls->kind.biff8 ? PLACE_ATTRIBUTE : PLACE_ANNOTATION, text);
}

static void
on_text_object(Xls *xls, const XlsRecord *record) /* 2.4.329 TxO: its text in CONTINUE records */
{
    XlsCursor cursor = xls_cursor(xls->stream, record, record->body.length);
    guint characters = bytes_16(record->body, xls->kind.biff8 ? 10 : 8);
    if (characters == 0)
        return;
    g_autofree char *text = xls_text(&cursor, &xls->kind, characters);
    xls->damaged |= cursor.bad;
    xls_say(xls, xls->object == OBJECT_NOTE ? PLACE_ANNOTATION : PLACE_TEXT_BOX, text);
    covered_add(xls->covered, record->at, cursor.next - record->at);
}

static void
on_validation(Xls *xls, const XlsRecord *record) /* 2.4.80 Dv */
{
    XlsCursor cursor = xls_cursor(xls->stream, record, 4);
    for (guint i = 0; i < 4 && xls->kind.biff8 && !cursor.bad; i++) {
        guint characters = xls_16(&cursor);
        g_autofree char *text = xls_text(&cursor, &xls->kind, characters);
        if (strcmp(text, " ") != 0) /* none is a NUL */
            xls_say(xls, PLACE_ATTRIBUTE, text);
    }
    if (cursor.at < record->body.length)
        runs_tell(bytes_part(record->body, cursor.at, record->body.length), NULL, xls->sink, xls->part, "validation");
}

/* A text with its length in 16 or 8 bits at `at`. */
static void
on_text(Xls *xls, const XlsRecord *record, gsize at, gboolean wide, PlaceKind place)
{
    XlsCursor cursor = xls_cursor(xls->stream, record, at);
    guint characters = wide ? xls_16(&cursor) : xls_8(&cursor);
    g_autofree char *text = xls_text(&cursor, &xls->kind, characters);
    xls_say(xls, place, text);
}

/* --- substreams ------------------------------------------------------------------------------------------------- */

static void
tell_drawing(Xls *xls)
{
    Art art = {.sink = xls->sink, .part = xls->part, .page = xls->story.page};
    if (xls->drawing->len > 0)
        art_read(&art, (Bytes){xls->drawing->data, xls->drawing->len});
    g_byte_array_set_size(xls->drawing, 0);
}

static void
on_begin(Xls *xls, const XlsRecord *record)
{
    if (xls->depth++ > 0)
        return; /* a chart in the sheet */
    xls->kind.biff8 = bytes_16(record->body, 0) >= 0x0600;
    memset(xls->hidden_rows, 0, sizeof xls->hidden_rows);
    memset(xls->hidden_columns, 0, sizeof xls->hidden_columns);
    xls->row = -1;
    xls->sheet = NULL;
    for (guint i = 0; i < xls->sheets->len; i++) {
        const XlsSheet *sheet = g_ptr_array_index(xls->sheets, i);
        if (sheet->at == record->at) {
            xls->sheet = sheet;
            story_begin(&xls->story, xls->sink, xls->part, sheet->name, MIN(i + 1, WIRE_PARTS_MAX));
            xls->story.head = i == 0;
            return;
        }
    }
    story_begin(&xls->story, xls->sink, xls->part, NULL, 0);
}

static void
on_code_page(Xls *xls, const XlsRecord *record)
{
    guint page = bytes_16(record->body, 0);
    xls->kind.charset = page == 950 ? "BIG5-HKSCS" : "GB18030";
}

/* Texts beside the cells. FALSE: none of these. */
static gboolean
on_other(Xls *xls, const XlsRecord *record)
{
    switch (record->type) {
    case SHEET:
        on_sheet(xls, record);
        return TRUE;
    case SHARED_STRINGS:
        on_shared_strings(xls, record);
        return TRUE;
    case DEFINED_NAME:
        on_name(xls, record);
        return TRUE;
    case HEADER_TEXT:
    case FOOTER_TEXT:
        on_header(xls, record, record->type == HEADER_TEXT ? PLACE_PAGE_HEADER : PLACE_PAGE_FOOTER);
        return TRUE;
    case MORE_HEADERS:
        on_more_headers(xls, record);
        return TRUE;
    case NOTE:
        on_note(xls, record);
        return TRUE;
    case TEXT_OBJECT:
        on_text_object(xls, record);
        return TRUE;
    case VALIDATION:
        on_validation(xls, record);
        return TRUE;
    case FONT: /* its name is no text of the workbook */
        return TRUE;
    case WRITE_ACCESS:
        on_text(xls, record, 0, xls->kind.biff8, PLACE_PROPERTY);
        return TRUE;
    case FORMAT:
        on_text(xls, record, 2, xls->kind.biff8, PLACE_ATTRIBUTE);
        return TRUE;
    case SERIES_TEXT:
        on_text(xls, record, 2, FALSE, PLACE_TEXT_BOX);
        return TRUE;
    default:
        return FALSE;
    }
}

static void
on_structure(Xls *xls, const XlsRecord *record, guint before)
{
    switch (record->type) {
    case BEGIN:
        on_begin(xls, record);
        break;
    case END:
        if (xls->depth > 0 && --xls->depth == 0)
            tell_drawing(xls);
        break;
    case FILE_PASS:
        xls->encrypted = TRUE;
        break;
    case CODE_PAGE:
        on_code_page(xls, record);
        break;
    case OBJECT:
        xls->object = bytes_16(record->body, 4);
        break;
    case XLS_CONTINUE:
        if (before != DRAWING_GROUP)
            break;
        /* fall through */
    case DRAWING_GROUP:
    case DRAWING:
        g_byte_array_append(xls->drawing, record->body.data, (guint)record->body.length);
        covered_add(xls->covered, record->at, 4 + record->body.length);
        break;
    default:
        break;
    }
}

static void
read_records(Xls *xls)
{
    XlsRecord record;
    gboolean cut = FALSE;
    guint before = 0; /* the last record that was no CONTINUE */
    for (gsize at = 0; xls_record(xls->stream, at, &record, &cut); at += 4 + record.body.length) {
        if (sink_stopped(xls->sink) || xls->encrypted)
            return;
        xls->damaged |= cut;
        if (record.type == 0 && record.body.length == 0) /* filled up with zeros */
            break;
        if (xls_cell_take(xls, &record) || on_other(xls, &record))
            covered_add(xls->covered, at, 4 + record.body.length);
        else
            on_structure(xls, &record, before);
        before = record.type == XLS_CONTINUE ? before : record.type;
    }
    xls->damaged |= xls->depth > 0;
    tell_drawing(xls);
}

static void
tell_unused_strings(Xls *xls)
{
    story_begin(&xls->story, xls->sink, xls->part, NULL, 0);
    for (guint i = 0; i < xls->strings->len && !sink_stopped(xls->sink); i++)
        if (!xls->used->data[i])
            xls_say(xls, PLACE_HIDDEN, g_ptr_array_index(xls->strings, i));
}

gboolean
xls_run(Ole *ole, guint storage, Sink *sink, guint part)
{
    guint entry = ole_find_stream(ole, storage, "Workbook");
    g_autoptr(GBytes) block = ole_read(ole, entry != 0 ? entry : ole_find_stream(ole, storage, "Book"));
    g_autofree Xls *xls = g_new0(Xls, 1);
    *xls = (Xls){.sink = sink, .part = part, .stream = bytes_of(block), .kind = {.charset = "GB18030"}, .row = -1};
    xls->covered = covered_new();
    xls->sheets = g_ptr_array_new_with_free_func(sheet_free);
    xls->strings = g_ptr_array_new_with_free_func(g_free);
    xls->used = g_byte_array_new();
    xls->drawing = g_byte_array_new();
    story_begin(&xls->story, sink, part, NULL, 0);
    read_records(xls);
    if (xls->encrypted)
        sink_cover(sink, part, COVERAGE_UNREADABLE, WHY_ENCRYPTED);
    else {
        tell_unused_strings(xls);
        runs_tell(xls->stream, xls->covered, sink, part, "Workbook");
    }
    gboolean good = !xls->damaged && (xls->sheets->len > 0 || xls->encrypted);
    g_ptr_array_unref(xls->sheets);
    g_ptr_array_unref(xls->strings);
    g_byte_array_unref(xls->used);
    g_byte_array_unref(xls->drawing);
    covered_free(xls->covered);
    return good;
}
