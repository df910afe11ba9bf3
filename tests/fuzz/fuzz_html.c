/* The HTML scanner: never crashes, gives valid UTF-8 in bounded pieces, and the same whatever the pushes. */
#include "config.h"
#include <stdint.h>
#include "html.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static gboolean
gather(PlaceKind kind, const char *name, const char *text, gsize length, gpointer user)
{
    GString **texts = user;
    if (length == 0 || length > 64 * 1024 || !g_utf8_validate(text, (gssize)length, NULL))
        g_error("a bad piece");
    g_string_append_len(texts[kind], text, (gssize)length);
    return TRUE;
}

static void
scan(const char *text, gsize length, gsize step, GString **texts)
{
    g_autoptr(Html) html = html_new(gather, texts);
    for (guint i = 0; i <= PLACE_RAW; i++)
        texts[i] = g_string_new(NULL);
    for (gsize at = 0; at < length; at += step)
        html_push(html, text + at, MIN(step, length - at));
    html_finish(html);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    g_autofree char *valid = g_utf8_make_valid((const char *)bytes, (gssize)length);
    char *charset = html_declared_charset(bytes, length);
    GString *whole[PLACE_RAW + 1], *cut[PLACE_RAW + 1];
    g_free(charset);
    length = strlen(valid);
    scan(valid, length, MAX(length, 1), whole);
    scan(valid, length, length > 0 ? 1 + (gsize)bytes[0] % 7 : 1, cut);
    for (guint i = 0; i <= PLACE_RAW; i++) {
        if (!g_string_equal(whole[i], cut[i]))
            g_error("the pushes changed text of kind %u", i);
        g_string_free(whole[i], TRUE);
        g_string_free(cut[i], TRUE);
    }
    return 0;
}
