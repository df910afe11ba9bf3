/* ooxml_sheet - cells in their order, a tab between them, a row on each line. Shared strings stay in memory up to a
 * bound; one that no cell shows is told at the end. */
#include "config.h"
#include "ooxml_sheet.h"
#include "story.h"
#include <string.h>

#define STRINGS_MAX (64 * 1024 * 1024) /* bytes of shared strings */
#define SHEETS_MAX 10000
#define HIDDEN_MAX 256     /* groups of hidden columns */
#define COLUMNS_MAX 100000 /* beyond all programs' */

static void
sheet_free(gpointer data)
{
    OoxmlSheet *sheet = data;
    g_free(sheet->name);
    g_free(sheet->id);
    g_free(sheet);
}

OoxmlBook *
ooxml_book_new(void)
{
    OoxmlBook *book = g_new0(OoxmlBook, 1);
    book->sheets = g_ptr_array_new_with_free_func(sheet_free);
    book->strings = g_ptr_array_new_with_free_func(g_free);
    book->used = g_byte_array_new();
    return book;
}

void
ooxml_book_free(OoxmlBook *book)
{
    if (book == NULL)
        return;
    g_ptr_array_unref(book->sheets);
    g_ptr_array_unref(book->strings);
    g_byte_array_unref(book->used);
    g_free(book);
}

static void
on_nothing(const char *name, gpointer user)
{
}

/* --- workbook --------------------------------------------------------------------------------------------------- */

typedef struct {
    OoxmlBook *book;
    Story story;
    gboolean in_name;
} BookReading;

static void
on_book_start(const XmlElement *element, gpointer user)
{
    BookReading *reading = user;
    const char *name = xml_value(element, "name");
    if (strcmp(element->name, "sheet") == 0 && reading->book->sheets->len < SHEETS_MAX) {
        const char *state = xml_value(element, "state");
        OoxmlSheet *sheet = g_new0(OoxmlSheet, 1);
        sheet->name = g_strdup(name);
        sheet->id = g_strdup(xml_value(element, "id"));
        sheet->hidden = state[0] != '\0' && strcmp(state, "visible") != 0;
        g_ptr_array_add(reading->book->sheets, sheet);
        story_alone(&reading->story, PLACE_SHEET_NAME, NULL, name);
    }
    reading->in_name = strcmp(element->name, "definedName") == 0;
    if (reading->in_name) {
        story_say(&reading->story, PLACE_ATTRIBUTE, name, -1);
        story_gap(&reading->story, PLACE_ATTRIBUTE, '\t');
    }
}

static void
on_book_text(const char *text, gsize length, gpointer user)
{
    BookReading *reading = user;
    if (reading->in_name) {
        story_say(&reading->story, PLACE_ATTRIBUTE, text, (gssize)length);
        story_gap(&reading->story, PLACE_ATTRIBUTE, '\n');
    }
}

void
ooxml_book_read(OoxmlBook *book, Package *package, const char *member)
{
    static const XmlEvents events = {on_book_start, on_nothing, on_book_text, NULL};
    BookReading reading = {.book = book};
    story_begin(&reading.story, package->sink, package->part, NULL, 0);
    package_xml(package, member, &events, &reading);
}

/* --- shared strings --------------------------------------------------------------------------------------------- */

typedef struct {
    OoxmlBook *book;
    Package *package;
    GString *string;
    gboolean in_text, full;
} Strings;

static void
on_string_start(const XmlElement *element, gpointer user)
{
    Strings *strings = user;
    if (strcmp(element->name, "si") == 0)
        g_string_truncate(strings->string, 0);
    strings->in_text = strcmp(element->name, "t") == 0;
}

static void
on_string_end(const char *name, gpointer user)
{
    static const guint8 unused = 0;
    Strings *strings = user;
    strings->in_text = FALSE;
    if (strcmp(name, "si") != 0 || strings->full)
        return;
    strings->book->held += strings->string->len + sizeof(gpointer) * 3;
    if (strings->book->held > STRINGS_MAX) {
        strings->full = TRUE;
        sink_cover(strings->package->sink, strings->package->part, COVERAGE_PARTIAL, WHY_OVER_BUDGET);
        return;
    }
    g_ptr_array_add(strings->book->strings, g_strdup(strings->string->str));
    g_byte_array_append(strings->book->used, &unused, 1);
}

static void
on_string_text(const char *text, gsize length, gpointer user)
{
    Strings *strings = user;
    if (strings->in_text && strings->string->len < STRINGS_MAX)
        g_string_append_len(strings->string, text, (gssize)length);
}

void
ooxml_strings_read(OoxmlBook *book, Package *package, const char *member)
{
    static const XmlEvents events = {on_string_start, on_string_end, on_string_text, NULL};
    Strings strings = {.book = book, .package = package, .string = g_string_new(NULL)};
    package_xml(package, member, &events, &strings);
    g_string_free(strings.string, TRUE);
}

void
ooxml_strings_rest(OoxmlBook *book, Package *package)
{
    Story story;
    story_begin(&story, package->sink, package->part, NULL, 0);
    for (guint i = 0; i < book->strings->len && !sink_stopped(package->sink); i++)
        if (book->used->data[i] == 0) {
            story_say(&story, PLACE_HIDDEN, g_ptr_array_index(book->strings, i), -1);
            story_gap(&story, PLACE_HIDDEN, '\n');
        }
}

/* --- a sheet ---------------------------------------------------------------------------------------------------- */

typedef struct {
    guint from, to;
} Span;

typedef struct {
    OoxmlBook *book;
    const OoxmlSheet *sheet;
    Story story;
    gboolean hidden_row, hidden_cell, shared;
    guint column;   /* of the cell in hand, from 1 */
    GArray *hidden; /* Span: columns */
    char in;        /* 'v' value, 't' text, 'f' formula, 'h' header, 'o' footer, '?' others; 0 none */
    GString *value;
} Cells;

static PlaceKind
cell_place(const Cells *cells)
{
    return cells->sheet->hidden || cells->hidden_row || cells->hidden_cell ? PLACE_HIDDEN : PLACE_BODY;
}

static char
text_of(const char *name)
{
    static const char *const headers[] = {"oddHeader", "evenHeader", "firstHeader", NULL};
    static const char *const footers[] = {"oddFooter", "evenFooter", "firstFooter", NULL};
    static const char *const none[] = {"worksheet", "sheetData", "row", "c", "is", "r", "cols", NULL};
    if (strcmp(name, "v") == 0 || strcmp(name, "t") == 0 || strcmp(name, "f") == 0)
        return name[0];
    if (g_strv_contains(headers, name))
        return 'h';
    if (g_strv_contains(footers, name))
        return 'o';
    return g_strv_contains(none, name) ? 0 : '?';
}

static void
tell_cell_attributes(Cells *cells, const XmlElement *element)
{
    static const char *const said[] = {"prompt", "promptTitle", "error", "errorTitle", "tooltip", "display", NULL};
    for (guint i = 0; i < element->count; i++)
        if (g_strv_contains(said, element->attributes[i].name) || !g_str_is_ascii(element->attributes[i].value)) {
            story_say(&cells->story, PLACE_ATTRIBUTE, element->attributes[i].value, -1);
            story_gap(&cells->story, PLACE_ATTRIBUTE, '\n');
        }
}

static gboolean
is_true(const char *value)
{
    return strcmp(value, "1") == 0 || strcmp(value, "true") == 0;
}

static void
hide_columns(Cells *cells, const XmlElement *element)
{
    Span span = {(guint)g_ascii_strtoull(xml_value(element, "min"), NULL, 10),
                 (guint)g_ascii_strtoull(xml_value(element, "max"), NULL, 10)};
    if (is_true(xml_value(element, "hidden")) && cells->hidden->len < HIDDEN_MAX)
        g_array_append_val(cells->hidden, span);
}

/* "AB12": column 28; a cell that does not say it stands behind the last one. */
static void
begin_cell(Cells *cells, const XmlElement *element)
{
    guint column = 0;
    for (const char *at = xml_value(element, "r"); g_ascii_isalpha(*at) && column < COLUMNS_MAX; at++)
        column = column * 26 + (guint)(g_ascii_toupper(*at) - 'A') + 1;
    cells->column = column > 0 ? column : cells->column + 1;
    cells->shared = strcmp(xml_value(element, "t"), "s") == 0;
    cells->hidden_cell = FALSE;
    for (guint i = 0; i < cells->hidden->len && !cells->hidden_cell; i++) {
        const Span *span = &g_array_index(cells->hidden, Span, i);
        cells->hidden_cell = cells->column >= span->from && cells->column <= span->to;
    }
}

static void
on_cell_start(const XmlElement *element, gpointer user)
{
    Cells *cells = user;
    if (strcmp(element->name, "row") == 0) {
        cells->hidden_row = is_true(xml_value(element, "hidden"));
        cells->column = 0;
    } else if (strcmp(element->name, "c") == 0)
        begin_cell(cells, element);
    else if (strcmp(element->name, "col") == 0)
        hide_columns(cells, element);
    cells->in = text_of(element->name);
    g_string_truncate(cells->value, 0);
    if (element->count > 0)
        tell_cell_attributes(cells, element);
}

char *
ooxml_sheet_header(const char *coded)
{
    GString *plain = g_string_new(NULL);
    const char *at = coded;
    while (*at != '\0') {
        if (*at != '&' || at[1] == '\0') {
            g_string_append_c(plain, *at++);
            continue;
        }
        at++;
        if (*at == '"') {
            const char *end = strchr(at + 1, '"');
            at = end != NULL ? end + 1 : at + 1;
        } else if (g_ascii_isdigit(*at)) {
            at += strspn(at, "0123456789");
        } else if (*at == 'K') {
            at++;
            for (guint i = 0; i < 6 && g_ascii_isxdigit(*at); i++)
                at++;
        } else {
            if (*at == '&' || strchr("LCR", *at) != NULL)
                g_string_append_c(plain, *at == '&' ? '&' : '\t');
            if ((*at & 0x80) == 0)
                at++;
        }
    }
    return g_string_free(plain, FALSE);
}

static void
say_header(Cells *cells, PlaceKind place)
{
    g_autofree char *plain = ooxml_sheet_header(cells->value->str);
    cells->story.head = cells->story.page == 1 && place == PLACE_PAGE_HEADER; /* it stands behind the cells */
    story_say(&cells->story, place, plain, -1);
    story_gap(&cells->story, place, '\n');
    cells->story.head = FALSE;
}

static void
say_value(Cells *cells)
{
    const char *text = cells->value->str;
    PlaceKind place = cell_place(cells);
    if (cells->in == 'v' && cells->shared) {
        guint64 index = g_ascii_strtoull(text, NULL, 10);
        if (index >= cells->book->strings->len)
            return;
        cells->book->used->data[index] = 1;
        text = g_ptr_array_index(cells->book->strings, (guint)index);
    }
    story_say(&cells->story, place, text, -1);
}

static void
on_cell_end(const char *name, gpointer user)
{
    Cells *cells = user;
    if (strcmp(name, "c") == 0) {
        story_gap(&cells->story, cell_place(cells), '\t');
        cells->hidden_cell = FALSE;
    } else if (strcmp(name, "row") == 0) {
        story_line(&cells->story, cell_place(cells));
        cells->hidden_row = FALSE;
    }
    if (cells->value->len > 0 && cells->in == 'h')
        say_header(cells, PLACE_PAGE_HEADER);
    else if (cells->value->len > 0 && cells->in == 'o')
        say_header(cells, PLACE_PAGE_FOOTER);
    else if (cells->value->len > 0 && (cells->in == 'v' || cells->in == 't'))
        say_value(cells);
    else if (cells->in == '?' || (cells->in == 'f' && strchr(cells->value->str, '"') != NULL)) {
        story_say(&cells->story, PLACE_ATTRIBUTE, g_strstrip(cells->value->str), -1);
        story_gap(&cells->story, PLACE_ATTRIBUTE, '\n');
    }
    cells->in = 0;
    g_string_truncate(cells->value, 0);
}

static void
on_cell_text(const char *text, gsize length, gpointer user)
{
    Cells *cells = user;
    if (cells->in != 0)
        g_string_append_len(cells->value, text, (gssize)length);
}

void
ooxml_sheet_read(OoxmlBook *book, Package *package, const char *member, const OoxmlSheet *sheet, guint number)
{
    static const XmlEvents events = {on_cell_start, on_cell_end, on_cell_text, NULL};
    Cells cells = {.book = book, .sheet = sheet, .value = g_string_new(NULL)};
    cells.hidden = g_array_new(FALSE, FALSE, sizeof(Span));
    story_begin(&cells.story, package->sink, package->part, sheet->name, number);
    cells.story.head = number == 1;
    package_xml(package, member, &events, &cells);
    g_array_unref(cells.hidden);
    g_string_free(cells.value, TRUE);
}
