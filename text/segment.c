/* segment - the words for places. */
#include "config.h"
#include "segment.h"

static const char *const words[] = {
    [PLACE_SUBJECT] = "subject",
    [PLACE_HEADER] = "header",
    [PLACE_DISPLAY_NAME] = "display-name",
    [PLACE_FILE_NAME] = "file-name",
    [PLACE_BODY] = "body",
    [PLACE_HIDDEN] = "hidden",
    [PLACE_COMMENT] = "comment",
    [PLACE_ATTRIBUTE] = "attribute",
    [PLACE_TITLE] = "title",
    [PLACE_OUTSIDE] = "outside",
    [PLACE_RAW] = "raw",
    [PLACE_PAGE_HEADER] = "page-header",
    [PLACE_PAGE_FOOTER] = "page-footer",
    [PLACE_NOTE] = "note",
    [PLACE_ANNOTATION] = "annotation",
    [PLACE_TEXT_BOX] = "text-box",
    [PLACE_REVISION] = "revision",
    [PLACE_PROPERTY] = "property",
    [PLACE_ALTERNATIVE] = "alternative",
    [PLACE_SHEET_NAME] = "sheet-name",
    [PLACE_LABEL] = "label",
};
G_STATIC_ASSERT(G_N_ELEMENTS(words) == PLACE_COUNT);

const char *
place_word(PlaceKind kind)
{
    return (guint)kind < PLACE_COUNT ? words[kind] : "?";
}

gboolean
place_parse(const char *word, PlaceKind *out)
{
    for (guint i = 0; i < PLACE_COUNT; i++)
        if (g_strcmp0(words[i], word) == 0) {
            *out = (PlaceKind)i;
            return TRUE;
        }
    return FALSE;
}
