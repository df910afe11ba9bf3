/* inflate - zlib as GLib has it. */
#include "config.h"
#include "inflate.h"
#include <gio/gio.h>

#define PIECE (64 * 1024)

GBytes *
inflate_zlib(Bytes packed, gsize max, Sink *sink, gboolean *whole_out)
{
    g_autoptr(GZlibDecompressor) zlib = g_zlib_decompressor_new(G_ZLIB_COMPRESSOR_FORMAT_ZLIB);
    g_autoptr(GByteArray) out = g_byte_array_new();
    g_autofree guint8 *piece = g_malloc(PIECE);
    GConverterResult result = G_CONVERTER_CONVERTED;
    gsize at = 0;
    while (result == G_CONVERTER_CONVERTED && out->len < max) {
        gsize taken = 0, given = 0;
        result = g_converter_convert(G_CONVERTER(zlib), packed.data + at, packed.length - at, piece, PIECE,
                                     G_CONVERTER_INPUT_AT_END, &taken, &given, NULL);
        at += taken;
        if (result == G_CONVERTER_ERROR || !sink_spend(sink, (gint64)given))
            break;
        g_byte_array_append(out, piece, (guint)given);
    }
    *whole_out = result == G_CONVERTER_FINISHED;
    return out->len == 0 ? NULL : g_byte_array_free_to_bytes(g_steal_pointer(&out));
}
