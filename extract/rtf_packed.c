/* rtf_packed - a window of 4,096 bytes that begins with what most files begin with. */
#include "config.h"
#include "rtf_packed.h"

#define HEADER 16
#define WINDOW 4096
#define COMPRESSED 0x75465A4C /* "LZFu" */
#define STORED 0x414C454D     /* "MELA" */
#define PIECE 4096            /* spent at a time */

/* [MS-OXRTFCP] 2.1.2.1 */
static const char FIRST[] = "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern "
                            "\\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0"
                            "\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";

typedef struct {
    guint8 window[WINDOW];
    guint at; /* where the next byte goes */
    GByteArray *out;
    Sink *sink;
    gsize spent;
} Unpacking;

/* FALSE: the budget is spent. */
static gboolean
put(Unpacking *to, guint8 byte)
{
    to->window[to->at] = byte;
    to->at = (to->at + 1) % WINDOW;
    g_byte_array_append(to->out, &byte, 1);
    if (to->out->len - to->spent < PIECE)
        return TRUE;
    to->spent += PIECE;
    return sink_spend(to->sink, PIECE);
}

/* FALSE: the budget is spent, or the end was reached (end_out). */
static gboolean
copy(Unpacking *to, guint reference, gboolean *end_out)
{
    guint from = reference >> 4, length = (reference & 15) + 2;
    *end_out = from == to->at;
    for (guint i = 0; i < length && !*end_out; i++)
        if (!put(to, to->window[(from + i) % WINDOW]))
            return FALSE;
    return !*end_out;
}

/* Whether it came to its end. */
static gboolean
unpack(Unpacking *to, Bytes in)
{
    gboolean end = FALSE;
    gsize at = 0;
    while (at < in.length) {
        guint flags = in.data[at++];
        for (guint bit = 0; bit < 8 && at < in.length; bit++) {
            if ((flags >> bit & 1) == 0) {
                if (!put(to, in.data[at++]))
                    return FALSE;
                continue;
            }
            if (at + 2 > in.length)
                return FALSE;
            if (!copy(to, (guint)in.data[at] << 8 | in.data[at + 1], &end))
                return end;
            at += 2;
        }
    }
    return FALSE;
}

GBytes *
rtf_unpack(Bytes packed, Sink *sink, gboolean *whole_out)
{
    guint32 size = bytes_32(packed, 0), clear = bytes_32(packed, 4), kind = bytes_32(packed, 8);
    *whole_out = FALSE;
    if (packed.length < HEADER || (kind != COMPRESSED && kind != STORED))
        return NULL;
    Bytes in = bytes_part(packed, HEADER, packed.length);
    gboolean cut = size < HEADER - 4 || size - (HEADER - 4) > in.length;
    if (!cut)
        in.length = size - (HEADER - 4);
    Unpacking *to = g_new0(Unpacking, 1);
    to->out = g_byte_array_new();
    to->sink = sink;
    memcpy(to->window, FIRST, sizeof FIRST - 1);
    to->at = sizeof FIRST - 1;
    if (kind == STORED && sink_spend(sink, (gint64)in.length))
        g_byte_array_append(to->out, in.data, (guint)MIN(in.length, clear));
    gboolean ended = kind == STORED || unpack(to, in);
    *whole_out = ended && !cut && to->out->len == clear;
    GByteArray *out = to->out;
    g_free(to);
    if (out->len == 0)
        g_clear_pointer(&out, g_byte_array_unref);
    return out == NULL ? NULL : g_byte_array_free_to_bytes(out);
}
