/* xml_words - each element's own text is a line. */
#include "config.h"
#include "xml_words.h"
#include "story.h"

typedef struct {
    Story story;
    PlaceKind place;
} Words;

static void
on_start(const XmlElement *element, gpointer user)
{
    Words *words = user;
    story_gap(&words->story, words->place, '\n');
    for (guint i = 0; i < element->count; i++)
        if (!g_str_is_ascii(element->attributes[i].value)) {
            story_say(&words->story, PLACE_ATTRIBUTE, element->attributes[i].value,
                      (gssize)element->attributes[i].length);
            story_gap(&words->story, PLACE_ATTRIBUTE, '\n');
        }
}

static void
on_end(const char *name, gpointer user)
{
    Words *words = user;
    story_gap(&words->story, words->place, '\n');
}

static void
on_text(const char *text, gsize length, gpointer user)
{
    Words *words = user;
    gboolean blank = TRUE;
    for (gsize i = 0; i < length && blank; i++)
        blank = g_ascii_isspace(text[i]);
    if (!blank)
        story_say(&words->story, words->place, text, (gssize)length);
}

gboolean
xml_words_read(Package *package, const char *member, PlaceKind place)
{
    static const XmlEvents events = {on_start, on_end, on_text, NULL};
    Words words = {.place = place};
    story_begin(&words.story, package->sink, package->part, NULL, 0);
    return package_xml(package, member, &events, &words);
}
