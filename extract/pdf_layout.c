/* poppler tells the letters in its reading order, each with its box. From the boxes come the other orders. */
#include "config.h"
#include "pdf_parts.h"
#include <math.h>
#include <string.h>

#define STAR 0x2605
/* What poppler calls a font without a name. Only those of Type 3 have none: each letter is a little program that draws,
 * and a code that means A may show a whole line. */
#define NAMELESS "Default"
#define BLANK_LEAST 0.4    /* of the height: a blank is wider */
#define LETTERS_MAX 200000 /* of a page that other orders are looked for */

static const PdfLetter *
nth(const GArray *letters, guint i)
{
    return &g_array_index(letters, PdfLetter, i);
}

static void
weigh(PdfLayout *layout, gunichar letter)
{
    GUnicodeType type = g_unichar_type(letter);
    if (letter == 0xFFFD || type == G_UNICODE_PRIVATE_USE || type == G_UNICODE_UNASSIGNED ||
        (type == G_UNICODE_CONTROL && letter != '\n' && letter != '\t'))
        layout->noise++;
    else if (g_unichar_isalnum(letter))
        layout->meaning++;
}

static void
take_letters(PdfLayout *layout, const char *text, const PopplerRectangle *boxes, guint count)
{
    guint i = 0;
    for (const char *at = text; *at != '\0' && i < count; at = g_utf8_next_char(at), i++) {
        PdfLetter letter = {.letter = g_utf8_get_char(at), .colour = FACE_NO_COLOUR, .box = boxes[i]};
        weigh(layout, letter.letter);
        g_array_append_val(layout->letters, letter);
    }
}

static void
take_looks(PdfLayout *layout, PopplerPage *page)
{
    GList *list = poppler_page_get_text_attributes(page);
    g_autoptr(GHashTable) looks = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (const GList *item = list; item != NULL; item = item->next) {
        const PopplerTextAttributes *run = item->data;
        double size = CLAMP(run->font_size, 0, WIRE_SIZE_MAX / 10.0);
        guint32 colour =
            (guint32)run->color.red >> 8 << 16 | (guint32)run->color.green >> 8 << 8 | run->color.blue >> 8;
        gboolean drawn = run->font_name == NULL || strcmp(run->font_name, NAMELESS) == 0;
        char *name = g_strdup_printf("%s %.1f %06x", run->font_name != NULL ? run->font_name : "", size, colour);
        guint look = GPOINTER_TO_UINT(g_hash_table_lookup(looks, name));
        if (look == 0) {
            look = g_hash_table_size(looks) + 1;
            g_hash_table_insert(looks, name, GUINT_TO_POINTER(look));
        } else {
            g_free(name);
        }
        for (int i = MAX(run->start_index, 0); i <= run->end_index && (guint)i < layout->letters->len; i++) {
            PdfLetter *letter = &g_array_index(layout->letters, PdfLetter, i);
            letter->size = (guint)(size * 10 + 0.5);
            letter->colour = colour;
            letter->look = look;
            letter->drawn = drawn;
        }
    }
    poppler_page_free_text_attributes(list);
}

/* Whether one of the last letters kept is the same a little aside: printed twice to look bold. */
static gboolean
is_again(const GArray *kept, const PdfLetter *letter)
{
    for (guint back = 1; back <= 3 && back <= kept->len && !g_unichar_isspace(letter->letter); back++) {
        const PdfLetter *last = nth(kept, kept->len - back);
        double across = MIN(last->box.x2, letter->box.x2) - MAX(last->box.x1, letter->box.x1);
        double down = MIN(last->box.y2, letter->box.y2) - MAX(last->box.y1, letter->box.y1);
        if (last->letter == letter->letter && across > (letter->box.x2 - letter->box.x1) * 0.6 &&
            down > (letter->box.y2 - letter->box.y1) * 0.6)
            return TRUE;
    }
    return FALSE;
}

/* poppler hears a blank where Han meets Latin: fonts, and programs that set text, leave a little room there. */
static gboolean
is_no_blank(const GArray *letters, guint i)
{
    if (nth(letters, i)->letter != ' ' || i == 0 || i + 1 >= letters->len)
        return FALSE;
    const PdfLetter *before = nth(letters, i - 1), *after = nth(letters, i + 1);
    double room = after->box.x1 - before->box.x2;
    return (g_unichar_iswide(before->letter) || g_unichar_iswide(after->letter) || before->letter == STAR ||
            after->letter == STAR) &&
           room > -1 && room < (after->box.y2 - after->box.y1) * BLANK_LEAST;
}

static void
drop_copies(PdfLayout *layout)
{
    GArray *kept = g_array_sized_new(FALSE, FALSE, sizeof(PdfLetter), layout->letters->len);
    for (guint i = 0; i < layout->letters->len; i++)
        if (!is_again(kept, nth(layout->letters, i)) && !is_no_blank(layout->letters, i))
            g_array_append_vals(kept, nth(layout->letters, i), 1);
    g_array_unref(layout->letters);
    layout->letters = kept;
}

PdfLayout *
pdf_layout_new(PopplerPage *page)
{
    PdfLayout *layout = g_new0(PdfLayout, 1);
    g_autofree char *text = poppler_page_get_text(page);
    g_autofree PopplerRectangle *boxes = NULL;
    guint count = 0;
    layout->letters = g_array_new(FALSE, FALSE, sizeof(PdfLetter));
    poppler_page_get_size(page, &layout->width, &layout->height);
    if (text == NULL || !poppler_page_get_text_layout(page, &boxes, &count))
        return layout;
    take_letters(layout, text, boxes, count);
    take_looks(layout, page);
    drop_copies(layout);
    return layout;
}

char *
pdf_bare(const char *line)
{
    GString *bare = g_string_new(NULL);
    for (const char *at = line; *at != '\0'; at = g_utf8_next_char(at))
        if (!g_unichar_isspace(g_utf8_get_char(at)))
            g_string_append_unichar(bare, g_utf8_get_char(at));
    return g_string_free(bare, FALSE);
}

void
pdf_layout_free(PdfLayout *layout)
{
    g_array_unref(layout->letters);
    g_free(layout);
}

void
pdf_layout_add(PdfLayout *layout, const PopplerRectangle *box, const char *text)
{
    glong count = g_utf8_strlen(text, -1), i = 0;
    for (const char *at = text; *at != '\0'; at = g_utf8_next_char(at), i++) {
        double step = (box->x2 - box->x1) / (double)count;
        PdfLetter letter = {.letter = g_utf8_get_char(at),
                            .colour = FACE_NO_COLOUR,
                            .box = {box->x1 + step * (double)i, box->y1, box->x1 + step * (double)(i + 1), box->y2}};
        if (letter.letter == '\n')
            letter.letter = ' ';
        g_array_append_val(layout->letters, letter);
    }
}

/* --- other orders ----------------------------------------------------------------------------------------------- */

static double
middle_x(const PdfLetter *letter)
{
    return (letter->box.x1 + letter->box.x2) / 2;
}

static double
middle_y(const PdfLetter *letter)
{
    return (letter->box.y1 + letter->box.y2) / 2;
}

static double
height_of(const PdfLetter *letter)
{
    return MAX(letter->box.y2 - letter->box.y1, 0.1);
}

static gint
by_y(gconstpointer a, gconstpointer b)
{
    double one = middle_y(*(const PdfLetter *const *)a), other = middle_y(*(const PdfLetter *const *)b);
    return one < other ? -1 : one > other;
}

static gint
by_x(gconstpointer a, gconstpointer b)
{
    double one = middle_x(*(const PdfLetter *const *)a), other = middle_x(*(const PdfLetter *const *)b);
    return one < other ? -1 : one > other;
}

static gint
by_x_from_right(gconstpointer a, gconstpointer b)
{
    return by_x(b, a);
}

/* Letters that are no blanks and have a place; NULL if there are too many. */
static GPtrArray *
visible(const PdfLayout *layout)
{
    GPtrArray *letters = layout->letters->len <= LETTERS_MAX ? g_ptr_array_new() : NULL;
    for (guint i = 0; letters != NULL && i < layout->letters->len; i++) {
        const PdfLetter *letter = nth(layout->letters, i);
        if (!g_unichar_isspace(letter->letter) && isfinite(middle_x(letter)) && isfinite(middle_y(letter)))
            g_ptr_array_add(letters, (gpointer)letter);
    }
    return letters;
}

typedef struct {
    const char *known;
    PdfLineTake take;
    gpointer user;
} Lines;

/* Some letters as a line, if it is not known. */
static void
say_line(const Lines *lines, gpointer *letters, guint count)
{
    GString *line = g_string_new(NULL);
    for (guint i = 0; i < count; i++)
        g_string_append_unichar(line, ((const PdfLetter *)letters[i])->letter);
    if (count > 1 && strstr(lines->known, line->str) == NULL)
        lines->take(line->str, letters[0], lines->user);
    g_string_free(line, TRUE);
}

/* Where the row that begins at `from` ends: letters whose middle is no more than half a height lower. */
static guint
row_end(const GPtrArray *letters, guint from)
{
    guint to = from + 1;
    while (to < letters->len) {
        const PdfLetter *last = g_ptr_array_index(letters, to - 1), *next = g_ptr_array_index(letters, to);
        if (middle_y(next) - middle_y(last) > MIN(height_of(last), height_of(next)) * 0.3)
            break;
        to++;
    }
    return to;
}

static void
say_rows(const Lines *lines, GPtrArray *letters)
{
    g_ptr_array_sort(letters, by_y);
    for (guint from = 0, to; from < letters->len; from = to) {
        to = row_end(letters, from);
        qsort(letters->pdata + from, to - from, sizeof(gpointer), by_x);
        say_line(lines, letters->pdata + from, to - from);
    }
}

/* Letters one below the other that stand nearer to each other than to their neighbours in the row. */
static GPtrArray *
set_downwards(GPtrArray *letters)
{
    GPtrArray *found = g_ptr_array_new();
    g_ptr_array_sort(letters, by_y);
    for (guint from = 0, to; from < letters->len; from = to) {
        to = row_end(letters, from);
        qsort(letters->pdata + from, to - from, sizeof(gpointer), by_x);
        for (guint i = from; i < to; i++) {
            const PdfLetter *letter = g_ptr_array_index(letters, i);
            const PdfLetter *left = i > from ? g_ptr_array_index(letters, i - 1) : NULL;
            const PdfLetter *right = i + 1 < to ? g_ptr_array_index(letters, i + 1) : NULL;
            double room = MIN(left != NULL ? letter->box.x1 - left->box.x2 : G_MAXDOUBLE,
                              right != NULL ? right->box.x1 - letter->box.x2 : G_MAXDOUBLE);
            if (letter->look != 0 && room > height_of(letter) * 0.2)
                g_ptr_array_add(found, (gpointer)letter);
        }
    }
    return found;
}

/* A column is cut where the gap is too large for a blank. */
static void
say_column(const Lines *lines, GPtrArray *letters, guint from, guint to)
{
    guint start = from;
    qsort(letters->pdata + from, to - from, sizeof(gpointer), by_y);
    for (guint i = from + 1; i <= to; i++) {
        const PdfLetter *last = g_ptr_array_index(letters, i - 1);
        const PdfLetter *next = i < to ? g_ptr_array_index(letters, i) : NULL;
        if (next != NULL && next->box.y1 - last->box.y2 < 2.5 * height_of(last))
            continue;
        say_line(lines, letters->pdata + start, i - start);
        start = i;
    }
}

static void
say_columns(const Lines *lines, GPtrArray *letters)
{
    g_autoptr(GPtrArray) found = set_downwards(letters);
    g_ptr_array_sort(found, by_x_from_right);
    for (guint from = 0, to; from < found->len; from = to) {
        const PdfLetter *first = g_ptr_array_index(found, from);
        to = from + 1;
        while (to < found->len && middle_x(first) - middle_x(g_ptr_array_index(found, to)) < height_of(first) * 0.4)
            to++;
        say_column(lines, found, from, to);
    }
}

#define ALIKE_MAX 200 /* letters of one look: more are the text itself */

typedef struct {
    GPtrArray *letters;
    guint alone; /* of them */
} Alike;

static void
alike_free(gpointer item)
{
    Alike *alike = item;
    g_ptr_array_unref(alike->letters);
    g_free(alike);
}

/* Whether nothing like it stands beside it: it is a line of its own, or its neighbours are of another size. */
static gboolean
stands_alone(const GArray *letters, guint i)
{
    const PdfLetter *letter = nth(letters, i);
    for (gint step = -1; step <= 1; step += 2) {
        gint64 k = (gint64)i + step;
        while (k >= 0 && k < letters->len && nth(letters, (guint)k)->letter == ' ')
            k += step;
        if (k < 0 || k >= letters->len || nth(letters, (guint)k)->letter == '\n')
            continue;
        guint size = nth(letters, (guint)k)->size;
        if (size * 10 <= letter->size * 12 && size * 12 >= letter->size * 10)
            return FALSE;
    }
    return TRUE;
}

static GHashTable *
sort_looks(const PdfLayout *layout)
{
    GHashTable *looks = g_hash_table_new_full(NULL, NULL, NULL, alike_free);
    for (guint i = 0; i < layout->letters->len; i++) {
        const PdfLetter *letter = nth(layout->letters, i);
        if (g_unichar_isspace(letter->letter) || letter->look == 0)
            continue;
        Alike *alike = g_hash_table_lookup(looks, GUINT_TO_POINTER(letter->look));
        if (alike == NULL) {
            alike = g_new0(Alike, 1);
            alike->letters = g_ptr_array_new();
            g_hash_table_insert(looks, GUINT_TO_POINTER(letter->look), alike);
        }
        g_ptr_array_add(alike->letters, (gpointer)letter);
        alike->alone += stands_alone(layout->letters, i);
    }
    return looks;
}

static void
say_alike(const Lines *lines, const PdfLayout *layout)
{
    g_autoptr(GHashTable) looks = sort_looks(layout);
    g_autoptr(GList) all = g_hash_table_get_values(looks);
    for (GList *item = all; item != NULL; item = item->next) {
        const Alike *alike = item->data;
        GPtrArray *letters = alike->letters;
        if (letters->len < 3 || letters->len > ALIKE_MAX || alike->alone * 2 < letters->len)
            continue;
        g_ptr_array_sort(letters, by_x);
        say_line(lines, letters->pdata, letters->len);
        g_ptr_array_sort(letters, by_y);
        say_line(lines, letters->pdata, letters->len);
    }
}

void
pdf_layout_lines(const PdfLayout *layout, PdfOrder order, const char *known, PdfLineTake take, gpointer user)
{
    const Lines lines = {known, take, user};
    g_autoptr(GPtrArray) letters = visible(layout);
    if (letters == NULL)
        return;
    if (order == PDF_ROWS)
        say_rows(&lines, letters);
    else if (order == PDF_COLUMNS)
        say_columns(&lines, letters);
    else
        say_alike(&lines, layout);
}
