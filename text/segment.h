/* segment - a piece of text with its place: what reading hands to folding, scanning and judging.
 *
 * Text is valid UTF-8 without NUL, at most SEGMENT_MAX bytes. A longer text comes as several segments of one
 * stream: `continued` tells that text of the same stream went before; the last SEGMENT_OVERLAP bytes or so are
 * repeated so that nothing is cut in two. */
#pragma once
#include <glib.h>

#define SEGMENT_MAX (256 * 1024)
#define SEGMENT_OVERLAP (4 * 1024)

typedef enum {
    PLACE_SUBJECT,
    PLACE_HEADER,       /* any other header; `name` tells which */
    PLACE_DISPLAY_NAME, /* of an address */
    PLACE_FILE_NAME,    /* file name or name parameter of a part */
    PLACE_BODY,         /* text of a text part, or visible text of HTML */
    PLACE_HIDDEN,       /* HTML text that CSS hides */
    PLACE_COMMENT,      /* HTML comment */
    PLACE_ATTRIBUTE,    /* alt, title, value, content ...; `name` tells which */
    PLACE_TITLE,        /* HTML <title> */
    PLACE_OUTSIDE,      /* prologue or epilogue of a multipart, text after the last boundary */
    PLACE_RAW,          /* undecoded bytes looked at as text, because structure could not be trusted */
    /* of documents */
    PLACE_PAGE_HEADER, /* running header, of a sheet or slide too */
    PLACE_PAGE_FOOTER,
    PLACE_NOTE,        /* foot- or endnote, speaker's notes */
    PLACE_ANNOTATION,  /* comment of a reviewer */
    PLACE_TEXT_BOX,    /* text box, shape, frame */
    PLACE_REVISION,    /* tracked deletion */
    PLACE_PROPERTY,    /* title, subject, keywords, custom ...; `name` tells which */
    PLACE_ALTERNATIVE, /* alt text of a picture */
    PLACE_SHEET_NAME,
    PLACE_LABEL, /* a label for machines, of the letter or a document; `name` tells which kind (mail/label.h) */
} PlaceKind;
#define PLACE_COUNT (PLACE_LABEL + 1)

/* What a page shows besides its text. */
typedef enum {
    LOOK_RED_HEAD = 1 << 0, /* large red letters in its upper third, and a red rule as wide as them (GB/T 9704) */
    LOOK_SEAL = 1 << 1,     /* a round red seal */
} PageLook;
#define LOOK_ALL 0x3

typedef struct {
    PlaceKind kind;
    const char *name; /* interned (g_intern_string) or NULL */
    guint page;       /* page, sheet or slide, from 1; 0: no pages */
    guint line;       /* line of the stream on which the segment starts, from 1; 0: unknown */
    gboolean continued;
    gboolean head; /* stands in the header zone of the first page, as the reader of the document tells */
    gboolean ocr;  /* read from a picture: letters may be mistaken, and blanks stand where there are none */
    guint look;    /* PageLook bits of that page of that document, as far as its reader told them before its text */
    gboolean attachment; /* of an attached part or of what lies in one */
} Place;

/* How a stretch of text looks, where its format tells: from `from` to the next face. */
#define FACE_NO_COLOUR 0xFFFFFFFF
#define FACES_MAX 4096 /* in a segment; what follows has an unknown one */
typedef struct {
    guint32 from;   /* byte of the segment's text */
    guint32 size;   /* of the type, tenths of a point; 0 unknown */
    guint32 colour; /* 0xRRGGBB, or FACE_NO_COLOUR: unknown */
} Face;

typedef struct {
    Place place;
    guint part;          /* index in the message's flat list of parts; 0 is the message itself */
    const char *charset; /* interned name of the decoding that gave this text */
    gboolean declared;   /* that charset was the declared one */
    const char *text;    /* lent for the call */
    gsize length;
    const Face *faces; /* in order, the first from byte 0; lent for the call; NULL: nothing is known */
    guint face_count;
    /* Of a text in several segments: which they are, so many bytes at the beginning that the one before had too, and
     * whether one comes that repeats the end of this one. NULL, 0, FALSE: a text by itself. */
    gconstpointer stream; /* only compared; may be used again by a text that is not `continued` */
    gsize repeated;
    gboolean continues;
} Segment;

/* Takes one segment. FALSE stops reading (limit reached). */
typedef gboolean (*SegmentSink)(const Segment *segment, gpointer user);

const char *place_word(PlaceKind kind); /* "subject", "header", ... */
gboolean place_parse(const char *word, PlaceKind *out);
