/* bench_text - how many MB/s the decoders of text/ take in; prints one line each.
 *
 * usage: bench_text [SECONDS-EACH] */
#include "config.h"
#include "transfer.h"
#include <stdlib.h>
#include <string.h>

#define WINDOW (256 * 1024)

static double seconds = 0.5;

typedef void (*Work)(const guint8 *bytes, gsize length, gpointer user);

static void
measure(const char *name, Work work, const guint8 *bytes, gsize length, gpointer user)
{
    gint64 start = g_get_monotonic_time(), now = start;
    guint64 done = 0;
    work(bytes, length, user); /* warm */
    for (start = now = g_get_monotonic_time(); now - start < seconds * G_USEC_PER_SEC; now = g_get_monotonic_time()) {
        work(bytes, length, user);
        done += length;
    }
    g_print("%-40s %8.0f MB/s\n", name, (double)done / (double)(now - start));
}

static void
run_transfer(const guint8 *bytes, gsize length, gpointer user)
{
    static GByteArray *out;
    if (out == NULL)
        out = g_byte_array_new();
    g_byte_array_set_size(out, 0);
    g_autoptr(Transfer) transfer = transfer_new(GPOINTER_TO_INT(user));
    for (gsize i = 0; i < length; i += 65536)
        transfer_push(transfer, bytes + i, MIN(65536, length - i), out);
    transfer_finish(transfer, out);
}

static void
bench_transfer(void)
{
    g_autofree guint8 *raw = g_malloc(3 * WINDOW);
    for (gsize i = 0; i < 3 * WINDOW; i++)
        raw[i] = (guint8)(i * 2654435761u >> 13);
    g_autofree char *encoded = g_malloc(5 * WINDOW);
    gint step = 0, save = 0;
    gsize length = g_base64_encode_step(raw, 3 * WINDOW, TRUE, encoded, &step, &save);
    length += g_base64_encode_close(TRUE, encoded + length, &step, &save);
    measure("base64, lines of 72", run_transfer, (guint8 *)encoded, length, GINT_TO_POINTER(TRANSFER_BASE64));
    length = 0;
    for (gsize i = 0; i < WINDOW / 4; i++) { /* half escapes, as Chinese text has */
        memcpy(encoded + length, i % 25 == 24 ? "=\r\n" : i % 2 ? "=E6" : "abc", 3);
        length += 3;
    }
    measure("quoted-printable, half escapes", run_transfer, (guint8 *)encoded, length,
            GINT_TO_POINTER(TRANSFER_QUOTED));
}

int
main(int argc, char **argv)
{
    if (argc > 1)
        seconds = g_ascii_strtod(argv[1], NULL);
    bench_transfer();
    return 0;
}
