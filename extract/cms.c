/* Signatures are not checked: whoever signed it, it is read. */
#include "config.h"
#include "cms.h"
#include "crypto_cms.h"
#include "story.h"
#include <string.h>

#define FILE_MAX (128 * 1024 * 1024)

static void
tell_labels(const CryptoCms *cms, Sink *sink, guint part)
{
    Story story;
    story_begin(&story, sink, part, NULL, 0);
    for (guint i = 0; i < cms->labels->len; i++)
        story_alone(&story, PLACE_LABEL, "ess", g_ptr_array_index(cms->labels, i));
}

static void
give_content(const CryptoCms *cms, Sink *sink, guint part)
{
    static const char name[] = "signed";
    g_autoptr(Source) inside = source_of_bytes(cms->content);
    sink_object(sink, part, name, sizeof name - 1, inside);
}

static gboolean
read_object(GBytes *bytes, Sink *sink, guint part)
{
    gsize length;
    const void *data = g_bytes_get_data(bytes, &length);
    g_autoptr(CryptoCms) cms = crypto_cms_read(data, length);
    if (cms == NULL) { /* SM2's kinds of these objects among them, which OpenSSL does not know */
        sink_cover(sink, part, COVERAGE_UNREADABLE, WHY_UNSUPPORTED);
        return TRUE;
    }
    if (cms->kind == CRYPTO_CMS_ENCRYPTED)
        sink_cover(sink, part, COVERAGE_UNREADABLE, WHY_ENCRYPTED);
    else if (cms->kind == CRYPTO_CMS_OTHER)
        sink_cover(sink, part, COVERAGE_UNREADABLE, WHY_UNSUPPORTED);
    else if (cms->content == NULL)
        sink_cover(sink, part, COVERAGE_OPAQUE, WHY_NONE);
    tell_labels(cms, sink, part);
    if (cms->content != NULL)
        give_content(cms, sink, part);
    return TRUE;
}

gboolean
cms_run(Source *source, Sink *sink, guint part)
{
    gboolean cut = FALSE;
    g_autoptr(GBytes) bytes = source_all(source, FILE_MAX, &cut);
    if (g_bytes_get_size(bytes) > FILE_MAX) {
        sink_cover(sink, part, COVERAGE_PARTIAL, WHY_OVER_BUDGET);
        return TRUE;
    }
    return read_object(bytes, sink, part) && !cut;
}
