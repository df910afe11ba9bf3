/* QR codes for terminals. */
#include "config.h"
#include "terminal_qr.h"
#include "crypto.h"
#include <qrencode.h>
#include <string.h>

#define QUIET 4
#define DARK 1 /* the lowest bit of a module's byte */
#define BLACK_ON_WHITE "\033[38;5;16;48;5;231m"
#define AS_BEFORE "\033[0m"

static gboolean
is_dark(const QRcode *code, int x, int y)
{
    return x >= 0 && y >= 0 && x < code->width && y < code->width && (code->data[y * code->width + x] & DARK) != 0;
}

static void
draw_line(GString *out, const QRcode *code, int y)
{
    static const char *const blocks[] = {" ", "▄", "▀", "█"};
    for (int x = -QUIET; x < code->width + QUIET; x++)
        g_string_append(out, blocks[(is_dark(code, x, y) ? 2 : 0) + (is_dark(code, x, y + 1) ? 1 : 0)]);
}

char *
terminal_qr(const char *text, gboolean colour)
{
    QRcode *code = QRcode_encodeString(text, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
    if (code == NULL)
        return NULL;
    gsize letters = (gsize)code->width + 2 * QUIET, lines = (letters + 1) / 2;
    /* all of it at once: a string that grows leaves copies of itself behind */
    GString *out = g_string_sized_new(lines * (letters * 3 + sizeof BLACK_ON_WHITE + sizeof AS_BEFORE));
    for (int y = -QUIET; y < code->width + QUIET; y += 2) {
        g_string_append(out, colour ? BLACK_ON_WHITE : "");
        draw_line(out, code, y);
        g_string_append(out, colour ? AS_BEFORE "\n" : "\n");
    }
    crypto_wipe(code->data, (gsize)code->width * (gsize)code->width);
    QRcode_free(code);
    return g_string_free(out, FALSE);
}

void
terminal_qr_free(char *drawn)
{
    if (drawn != NULL)
        crypto_wipe(drawn, strlen(drawn));
    g_free(drawn);
}
