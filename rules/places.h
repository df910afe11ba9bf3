/* places - where a rule looks: bits, 1 << PlaceKind for each place that a segment can have (segment.h) and four that go
 * across them, and single header fields and properties by their names.
 *
 * In a pack a list of words, [body, header-zone], and of maps, {header: X-Protective-Marking}, {property:
 * [Classification, Owner]}. Names are compared without regard to letter case (RFC 5322, 1.2.2; custom properties of
 * office documents). A field is the text of the header of that name, as it stands in the letter: as subject, header or
 * display-name. */
#pragma once
#include "segment.h"
#include "yaml.h"
#include <glib.h>

#define PLACE_NAME_MAX 255 /* bytes of a name */

typedef enum {
    PLACES_QUOTED = 1u << 28,      /* lines of a letter that is replied to or forwarded (judge-lines.h) */
    PLACES_ATTACHMENT = 1u << 29,  /* any text of an attached part, its name too */
    PLACES_OCR = 1u << 30,         /* read from a picture */
    PLACES_HEADER_ZONE = 1u << 31, /* Subject, file name, the first twelve lines of a first page */
} PlacesAcross;
G_STATIC_ASSERT(PLACE_COUNT <= 28);

/* A header field or a property. */
typedef struct {
    guint kinds;      /* bits of the places that its text may stand in */
    const char *name; /* interned, small letters; what Place.name is where PlaceNames know it */
} PlaceField;

typedef struct {
    guint bits;
    GArray *fields; /* PlaceField; NULL: none */
} Places;

/* What stands at `node` (NULL: nothing), added to `places`. Mistakes are problems. */
void places_read(const YamlNode *node, const char *key, Problems *problems, Places *places);
void places_clear(Places *places);
void places_add(Places *places, const Places *more);
/* "header", "property" and a name. FALSE if such places have no names (with `name` untouched), or it can be none. */
gboolean places_field(const char *word, const char *name, PlaceField *field_out);
/* FALSE if no place is called so. */
gboolean places_parse(const char *word, guint *bit_out);
/* "body", "quoted": the word of one bit; static. */
const char *places_word(guint bit);
/* "body, header x-protective-marking"; empty for none. Gives. */
char *places_text(const Places *places);
/* "body; not: quoted"; empty: everywhere. Gives. */
char *places_describe(const Places *places, const Places *except);

static inline gboolean
places_empty(const Places *places)
{
    return places->bits == 0 && places->fields == NULL;
}

/* Whether text that stands at `where`, under that Place.name, is in one of them. */
static inline gboolean
places_have(const Places *places, guint where, const char *name)
{
    if ((places->bits & where) != 0)
        return TRUE;
    for (guint i = 0; name != NULL && places->fields != NULL && i < places->fields->len; i++) {
        const PlaceField *field = &g_array_index(places->fields, PlaceField, i);
        if (field->name == name && (field->kinds & where) != 0)
            return TRUE;
    }
    return FALSE;
}

/* Whether it is looked at; `places` empty: everywhere. */
static inline gboolean
places_hold(const Places *places, const Places *except, guint where, const char *name)
{
    return (places_empty(places) || places_have(places, where, name)) && !places_have(except, where, name);
}

/* The names that a rule set asks for. Text of such a header or property is read as a segment of its own, named so; a
 * letter may invent names without end, and no others are kept. */
typedef struct PlaceNames PlaceNames;
PlaceNames *place_names_new(void);
void place_names_free(PlaceNames *names);
void place_names_add(PlaceNames *names, const Places *places);
/* The name as rules have it, interned; NULL: nobody asks, or `names` is NULL. `kind`: PLACE_HEADER for a header field
 * whatever its text is, PLACE_PROPERTY. */
const char *place_names_find(const PlaceNames *names, PlaceKind kind, const char *name);
gboolean place_names_equal(const PlaceNames *names, const PlaceNames *others);
