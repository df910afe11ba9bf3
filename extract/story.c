/* story - size and colour are told only in the header zone: elsewhere each change of type would cost a frame. */
#include "config.h"
#include "story.h"
#include <string.h>

void
story_begin(Story *story, Sink *sink, guint part, const char *name, guint page)
{
    *story = (Story){.sink = sink, .part = part, .name = name, .page = page, .colour = FACE_NO_COLOUR};
}

static void
send(Story *story, PlaceKind place, const char *text, gsize length)
{
    WireText frame = {.part = story->part,
                      .place = place,
                      .name = story->name,
                      .page = story->page,
                      .head = story->head,
                      .ocr = story->ocr,
                      .goes_on = story->begun[place],
                      .size = story->head ? story->size : 0,
                      .colour = story->head ? story->colour : FACE_NO_COLOUR,
                      .text = text,
                      .length = length};
    story->begun[place] = TRUE;
    if (story->copy != NULL)
        g_string_append_len(story->copy, text, (gssize)length);
    if (!story->mute)
        sink_text(story->sink, &frame);
}

void
story_say(Story *story, PlaceKind place, const char *text, gssize length)
{
    gsize size = length < 0 ? strlen(text) : (gsize)length;
    if (size == 0)
        return;
    if (story->gap[place] != 0 && story->begun[place])
        send(story, place, &story->gap[place], 1);
    story->gap[place] = 0;
    send(story, place, text, size);
}

void
story_gap(Story *story, PlaceKind place, char gap)
{
    story->gap[place] = gap;
}

void
story_line(Story *story, PlaceKind place)
{
    story->gap[place] = '\n';
    if (place == PLACE_BODY && story->head && ++story->lines >= STORY_HEAD_LINES)
        story->head = FALSE;
}

void
story_alone(Story *story, PlaceKind place, const char *name, const char *text)
{
    if (text[0] == '\0')
        return;
    WireText frame = {.part = story->part,
                      .place = place,
                      .name = name,
                      .page = story->page,
                      .ocr = story->ocr,
                      .colour = FACE_NO_COLOUR,
                      .text = text,
                      .length = strlen(text)};
    if (!story->mute)
        sink_text(story->sink, &frame);
}
