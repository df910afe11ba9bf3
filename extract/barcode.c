/* barcode - content comes as bytes: its charset is found as that of any text of unknown charset. */
#include "config.h"
#include "barcode.h"
#include <iconv.h>
#include <leptonica/allheaders.h>
#include <zbar.h>

#define CODES_MAX 200

void
barcode_prepare(void)
{
    static const char *const charsets[] = {"UTF-8", "ISO8859-1", "SJIS", "BIG5", "BIG-5", "CP437", "GB18030"};
    static iconv_t kept[G_N_ELEMENTS(charsets)];
    for (gsize i = 0; i < G_N_ELEMENTS(charsets); i++)
        if (kept[i] == NULL)
            kept[i] = iconv_open("UTF-8", charsets[i]);
}

/* Rows without gaps, as zbar wants them. */
static guint8 *
rows_of(PIX *grey, gsize *length_out)
{
    l_int32 width = pixGetWidth(grey), height = pixGetHeight(grey), words = pixGetWpl(grey);
    guint8 *rows = g_malloc((gsize)width * (gsize)height), *to = rows;
    for (l_int32 y = 0; y < height; y++) {
        const l_uint32 *line = pixGetData(grey) + (gsize)y * (gsize)words;
        for (l_int32 x = 0; x < width; x++)
            *to++ = (guint8)GET_DATA_BYTE(line, x);
    }
    *length_out = (gsize)width * (gsize)height;
    return rows;
}

static gboolean
tell_codes(Sink *sink, guint part, const zbar_image_t *image)
{
    const zbar_symbol_t *symbol = zbar_image_first_symbol(image);
    gboolean going = TRUE;
    for (guint i = 0; symbol != NULL && i < CODES_MAX && going; i++, symbol = zbar_symbol_next(symbol))
        going = sink_raw_text(sink, part, PLACE_ALTERNATIVE, NULL, zbar_symbol_get_data(symbol),
                              zbar_symbol_get_data_length(symbol));
    return going;
}

gboolean
barcode_read(Sink *sink, guint part, guint page, PIX *grey)
{
    gdouble scale = 1;
    gsize length;
    while (scale * scale * pixGetWidth(grey) * pixGetHeight(grey) > BARCODE_DOTS)
        scale *= 0.9;
    PIX *small = scale == 1 ? pixClone(grey) : pixScale(grey, (l_float32)scale, (l_float32)scale);
    if (small == NULL)
        return !sink_stopped(sink);
    zbar_image_scanner_t *scanner = zbar_image_scanner_create();
    zbar_image_t *image = zbar_image_create();
    g_autofree guint8 *rows = rows_of(small, &length);
    zbar_set_verbosity(0);
    zbar_image_scanner_set_config(scanner, ZBAR_NONE, ZBAR_CFG_ENABLE, 1);
    zbar_image_scanner_set_config(scanner, ZBAR_QRCODE, ZBAR_CFG_BINARY, 1); /* its charsets would need files */
    zbar_image_set_format(image, zbar_fourcc('Y', '8', '0', '0'));
    zbar_image_set_size(image, (unsigned)pixGetWidth(small), (unsigned)pixGetHeight(small));
    zbar_image_set_data(image, rows, length, NULL);
    gboolean going = zbar_scan_image(scanner, image) <= 0 || tell_codes(sink, part, image);
    zbar_image_destroy(image);
    zbar_image_scanner_destroy(scanner);
    pixDestroy(&small);
    return going && !sink_stopped(sink);
}
