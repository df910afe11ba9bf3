/* story - the text of one stream of a document as it goes to the sink: runs joined, paragraphs on lines of their own,
 * cells apart by tabs; the header zone of the first page; several places at a time (a text box inside a paragraph). */
#pragma once
#include "sink.h"

#define STORY_HEAD_LINES 12 /* of the first page: its header zone */

typedef struct {
    Sink *sink;
    guint part;
    const char *name; /* sheet, property; lent; NULL none */
    guint page;
    gboolean head; /* this text is in the header zone */
    gboolean ocr;  /* this text was read from a picture */
    guint lines;   /* of the main text */
    guint size;    /* of the run in hand */
    guint32 colour;
    gboolean begun[PLACE_COUNT];
    char gap[PLACE_COUNT]; /* what to say before the next text of a place; 0 nothing */
    GString *copy;         /* NULL, or what is said also goes here */
    gboolean mute;         /* only there */
} Story;

void story_begin(Story *story, Sink *sink, guint part, const char *name, guint page);
void story_say(Story *story, PlaceKind place, const char *text, gssize length);
void story_gap(Story *story, PlaceKind place, char gap); /* '\n', '\t': before the next text of this place */
void story_line(Story *story, PlaceKind place);          /* a line ended; counts for the header zone */
/* A text by itself: an attribute, a property. */
void story_alone(Story *story, PlaceKind place, const char *name, const char *text);
