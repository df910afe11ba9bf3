/* Ink is looked for where neighbouring dots differ: a coloured ground has none. Straight lines as long as no letter are
 * left out, and so is what stands below a letter, unless the letter stands over a picture, where a scanner writes its
 * guess invisibly and anybody else what he likes, or is a picture itself. */
#include "config.h"
#include "pdf_picture.h"
#include "look.h"
#include <cairo.h>
#include <string.h>

#define DPI 200
#define POINTS 72.0
#define DIFFERENT 24  /* of 255 */
#define LINE_LEAST 25 /* dots at PDF_INK_DPI: half an inch */
#define REDDISH 40    /* of 255: what may be a head or a seal */
#define FEW_LETTERS 20
#define PICTURE_LEAST 6 /* points: a picture that large may show words, and have others written over it */

typedef struct {
    guint width, height;
    guint8 *grey;
    guint look;
} Drawn;

static void
take_dots(Drawn *drawn, cairo_surface_t *surface)
{
    const guint8 *rows = cairo_image_surface_get_data(surface);
    gsize stride = (gsize)cairo_image_surface_get_stride(surface);
    if (rows == NULL)
        return;
    guint reddish = 0;
    drawn->grey = g_malloc((gsize)drawn->width * drawn->height);
    for (guint y = 0; y < drawn->height; y++)
        for (guint x = 0; x < drawn->width; x++) {
            guint32 dot;
            memcpy(&dot, rows + y * stride + x * sizeof dot, sizeof dot);
            guint red = dot >> 16 & 0xFF, green = dot >> 8 & 0xFF, blue = dot & 0xFF;
            drawn->grey[(gsize)y * drawn->width + x] = (guint8)((red * 77 + green * 150 + blue * 29) >> 8);
            reddish += red > MAX(green, blue) + REDDISH;
        }
    if (reddish == 0)
        return;
    gboolean little = G_BYTE_ORDER == G_LITTLE_ENDIAN; /* dots are words of a machine */
    drawn->look = look_of(&(LookPicture){.pixels = rows,
                                         .width = drawn->width,
                                         .height = drawn->height,
                                         .stride = stride,
                                         .step = 4,
                                         .red = little ? 2 : 1,
                                         .green = little ? 1 : 2,
                                         .blue = little ? 0 : 3});
}

/* FALSE: cannot be drawn. White below; grey, and what its colours say. */
static gboolean
draw(PopplerPage *page, double dpi, Drawn *drawn)
{
    double width, height;
    poppler_page_get_size(page, &width, &height);
    if (!(width >= 1 && height >= 1 && width < 1e6 && height < 1e6))
        return FALSE;
    double scale = dpi / POINTS;
    while (width * scale * height * scale > PDF_DOTS_MAX)
        scale *= 0.9;
    drawn->width = MAX((guint)(width * scale), 1);
    drawn->height = MAX((guint)(height * scale), 1);
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)drawn->width, (int)drawn->height);
    cairo_t *cairo = cairo_create(surface);
    cairo_set_source_rgb(cairo, 1, 1, 1);
    cairo_paint(cairo);
    cairo_scale(cairo, scale, scale);
    poppler_page_render(page, cairo);
    cairo_destroy(cairo);
    cairo_surface_flush(surface);
    take_dots(drawn, surface);
    cairo_surface_destroy(surface);
    return drawn->grey != NULL;
}

/* --- what letters cover ------------------------------------------------------------------------------------------ */

static GArray *
find_pictures(PopplerPage *page)
{
    GArray *areas = g_array_new(FALSE, FALSE, sizeof(PopplerRectangle));
    GList *list = poppler_page_get_image_mapping(page);
    for (const GList *item = list; item != NULL; item = item->next) {
        const PopplerRectangle *area = &((const PopplerImageMapping *)item->data)->area;
        if (area->x2 - area->x1 >= PICTURE_LEAST && area->y2 - area->y1 >= PICTURE_LEAST)
            g_array_append_vals(areas, area, 1);
    }
    poppler_page_free_image_mapping(list);
    return areas;
}

static gboolean
is_inside(const GArray *areas, double x, double y)
{
    for (guint i = 0; i < areas->len; i++) {
        const PopplerRectangle *area = &g_array_index(areas, PopplerRectangle, i);
        if (x >= area->x1 && x <= area->x2 && y >= area->y1 && y <= area->y2)
            return TRUE;
    }
    return FALSE;
}

static gboolean
says_something(gunichar letter)
{
    GUnicodeType type = g_unichar_type(letter);
    return type != G_UNICODE_PRIVATE_USE && type != G_UNICODE_UNASSIGNED && type != G_UNICODE_CONTROL &&
           letter != 0xFFFD && !g_unichar_isspace(letter);
}

/* Writes `value` over the box of each letter that can be believed. */
static void
cover(const PdfLayout *layout, const GArray *pictures, Drawn *drawn, guint8 *dots, guint8 value)
{
    double across = drawn->width / layout->width, down = drawn->height / layout->height;
    for (guint i = 0; i < layout->letters->len; i++) {
        const PdfLetter *letter = &g_array_index(layout->letters, PdfLetter, i);
        const PopplerRectangle *box = &letter->box;
        double room = (box->y2 - box->y1) * 0.15;
        if (letter->drawn || !says_something(letter->letter) ||
            is_inside(pictures, (box->x1 + box->x2) / 2, (box->y1 + box->y2) / 2))
            continue;
        guint left = (guint)CLAMP((box->x1 - room) * across, 0, drawn->width);
        guint right = (guint)CLAMP((box->x2 + room) * across + 1, 0, drawn->width);
        guint top = (guint)CLAMP((box->y1 - room) * down, 0, drawn->height);
        guint bottom = (guint)CLAMP((box->y2 + room) * down + 1, 0, drawn->height);
        for (guint y = top; y < bottom && left < right; y++)
            memset(dots + (gsize)y * drawn->width + left, value, right - left);
    }
}

/* --- ink --------------------------------------------------------------------------------------------------------- */

static guint8 *
find_edges(const Drawn *drawn)
{
    guint width = drawn->width;
    guint8 *edges = g_malloc0((gsize)width * drawn->height);
    for (guint y = 0; y + 1 < drawn->height; y++)
        for (guint x = 0; x + 1 < width; x++) {
            const guint8 *dot = drawn->grey + (gsize)y * width + x;
            edges[(gsize)y * width + x] = ABS(dot[0] - dot[1]) > DIFFERENT || ABS(dot[0] - dot[width]) > DIFFERENT;
        }
    return edges;
}

/* Runs of `count` dots `step` apart that are longer than a letter. */
static void
drop_lines(guint8 *edges, gsize count, gsize step)
{
    for (gsize from = 0; from < count; from++) {
        gsize to = from;
        while (to < count && edges[to * step] != 0)
            to++;
        for (gsize i = from; to - from >= LINE_LEAST && i < to; i++)
            edges[i * step] = 0;
        from = to;
    }
}

static void
count_ink(const Drawn *drawn, const guint8 *edges, PdfInk *ink)
{
    ink->hash = 5381;
    for (gsize i = 0; i < (gsize)drawn->width * drawn->height; i++)
        if (edges[i] != 0) {
            ink->ink++;
            ink->hash = ink->hash * 33 + (guint)i;
        }
}

gboolean
pdf_ink_find(PopplerPage *page, const PdfLayout *layout, PdfInk *ink)
{
    Drawn drawn = {0};
    *ink = (PdfInk){.noise = layout->noise, .unmeaning = layout->noise * 4 > layout->meaning};
    if (!draw(page, PDF_INK_DPI, &drawn))
        return FALSE;
    g_autofree guint8 *edges = find_edges(&drawn);
    g_free(drawn.grey);
    g_autoptr(GArray) pictures = find_pictures(page);
    ink->look = drawn.look;
    if (!ink->unmeaning)
        cover(layout, pictures, &drawn, edges, 0);
    if (memchr(edges, 1, (gsize)drawn.width * drawn.height) == NULL)
        return TRUE;
    for (guint y = 0; y < drawn.height; y++)
        drop_lines(edges + (gsize)y * drawn.width, drawn.width, 1);
    for (guint x = 0; x < drawn.width; x++)
        drop_lines(edges + x, drawn.height, drawn.width);
    count_ink(&drawn, edges, ink);
    /* A few letters on a page of ink are a page number or the name of a scanner. */
    ink->unmeaning |= ink->ink >= PDF_INK_LEAST && layout->meaning < FEW_LETTERS;
    return TRUE;
}

/* --- letters out of it ------------------------------------------------------------------------------------------- */

void
pdf_ink_keep(Pdf *pdf, guint number, const PdfInk *ink, gboolean layers)
{
    PdfWaiting waiting = {number, ink->unmeaning, layers};
    if (ink->ink >= PDF_INK_LEAST && !g_hash_table_add(pdf->inks, GUINT_TO_POINTER(ink->hash)))
        return; /* the same as on another page */
    if (ink->ink >= PDF_INK_LEAST)
        g_array_append_val(pdf->waiting, waiting);
    else if (ink->unmeaning && ink->noise > 0) /* letters that nobody can draw either */
        sink_cover(pdf->sink, pdf->part, COVERAGE_PARTIAL, WHY_UNSUPPORTED);
}

static gint
by_need(gconstpointer a, gconstpointer b)
{
    const PdfWaiting *one = a, *other = b;
    if (one->unmeaning != other->unmeaning)
        return one->unmeaning ? -1 : 1;
    return one->number < other->number ? -1 : one->number > other->number;
}

static void
show_layers(const Pdf *pdf, gboolean shown)
{
    for (guint i = 0; i < pdf->hidden_layers->len; i++)
        if (shown)
            poppler_layer_show(g_ptr_array_index(pdf->hidden_layers, i));
        else
            poppler_layer_hide(g_ptr_array_index(pdf->hidden_layers, i));
}

/* FALSE: stop. */
static gboolean
read_picture(Pdf *pdf, const PdfWaiting *waiting)
{
    g_autoptr(PdfPage) page = poppler_document_get_page(pdf->document, (int)waiting->number - 1);
    g_autoptr(PdfLayout) layout = page != NULL ? pdf_layout_new(page) : NULL;
    Drawn drawn = {0};
    if (page == NULL || !draw(page, DPI, &drawn)) {
        sink_cover(pdf->sink, pdf->part, COVERAGE_PARTIAL, WHY_UNSUPPORTED);
        return TRUE;
    }
    g_autofree guint8 *grey = drawn.grey;
    if (!waiting->unmeaning) {
        g_autoptr(GArray) pictures = find_pictures(page);
        cover(layout, pictures, &drawn, grey, 255);
    }
    const OcrPicture picture = {.pixels = grey,
                                .width = drawn.width,
                                .height = drawn.height,
                                .stride = drawn.width,
                                .dpi = (guint)(drawn.width / MAX(layout->width, 1) * POINTS + 0.5)};
    return ocr_page(pdf->sink, pdf->part, waiting->number, &picture);
}

void
pdf_pictures_read(Pdf *pdf)
{
    g_array_sort(pdf->waiting, by_need);
    for (guint i = 0; i < pdf->waiting->len && pdf->document != NULL; i++) {
        sink_flush(pdf->sink);
        if (!sink_ocr_time(pdf->sink, OCR_TIME_ALL)) {
            sink_cover(pdf->sink, pdf->part, COVERAGE_PARTIAL, WHY_OVER_BUDGET);
            return;
        }
        const PdfWaiting *waiting = &g_array_index(pdf->waiting, PdfWaiting, i);
        show_layers(pdf, waiting->layers);
        if (!read_picture(pdf, waiting))
            return;
    }
}
