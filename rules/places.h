/* places - where a rule looks, as bits: 1 << PlaceKind for each place that a segment can have (segment.h), and four
 * that go across them. */
#pragma once
#include "segment.h"
#include "yaml.h"
#include <glib.h>

typedef enum {
    PLACES_QUOTED = 1u << 28,      /* lines of a letter that is replied to or forwarded (judge-lines.h) */
    PLACES_ATTACHMENT = 1u << 29,  /* any text of an attached part, its name too */
    PLACES_OCR = 1u << 30,         /* read from a picture */
    PLACES_HEADER_ZONE = 1u << 31, /* Subject, file name, the first twelve lines of a first page */
} PlacesAcross;
G_STATIC_ASSERT(PLACE_COUNT <= 28);

/* Names as bits. Unknown ones are problems at `node`. */
guint places_read(const GPtrArray *names, const YamlNode *node, const char *key, Problems *problems);
/* FALSE if no place is called so. */
gboolean places_parse(const char *word, guint *bit_out);
/* "body", "quoted": the word of one bit; static. */
const char *places_word(guint bit);
/* Whether text that stands at `where` is looked at; `places` 0: everywhere. */
static inline gboolean
places_hold(guint places, guint except, guint where)
{
    return (places == 0 || (places & where) != 0) && (except & where) == 0;
}
