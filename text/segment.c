/* segment - the words for places. */
#include "config.h"
#include "segment.h"

const char *
place_word(PlaceKind kind)
{
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
    };
    return (guint)kind < G_N_ELEMENTS(words) ? words[kind] : "?";
}
