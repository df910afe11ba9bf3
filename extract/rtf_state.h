/* rtf_state - what the files of the RTF reader share: the state of a group, and the reader itself. */
#pragma once
#include "rtf_data.h"
#include "rtf_text.h"
#include "rtf_token.h"
#include "rtf_word.h"
#include "story.h"

#define RTF_FONTS_MAX 4096 /* and colours */

typedef enum { RTF_TO_STORY, RTF_TO_VALUE, RTF_TO_FONTS, RTF_TO_COLOURS, RTF_TO_DATA, RTF_TO_HTML, RTF_TO_FORM } RtfTo;

typedef struct {
    const char *charset; /* NULL: the document's */
    gboolean symbols;
    GString *name;
} RtfFont;

/* Of a group; copied into those in it. */
typedef struct {
    RtfTo to;
    PlaceKind place;       /* of RTF_TO_STORY */
    const RtfWord *opened; /* the destination's word, NULL: an unknown one */
    gboolean owner;        /* the destination was opened in this group */
    gboolean star;         /* \* stands before the next word */
    GString *value;        /* of RTF_TO_VALUE; of the owner */
    RtfData *data;         /* of RTF_TO_DATA; of the owner */
    gboolean hidden, deleted, html_off;
    guint fallback; /* \ucN */
    int font;
    guint size, colour; /* colour: of the table */
} RtfState;

typedef struct {
    Sink *sink;
    guint part;
    RtfTokens tokens;
    RtfText *text;
    Story main, side; /* the body; all other places */
    RtfState now;
    GArray *states; /* of the groups around */
    guint deeper;   /* groups beyond DEPTH_MAX */
    guint to_skip;  /* characters of a fallback */
    guint sections; /* ended */
    GHashTable *fonts;
    GArray *colours;
    guint32 mixing; /* the colour being told */
    const char *charset;
    int font_first;
    char *shape_name, *class;
    struct {
        int type, result, first;
    } form;
    GHashTable *seen; /* digests of pictures */
    RtfData *loose;   /* \bin outside of any data */
    GString *html;    /* NULL: none in it */
    gboolean html_over, ended;
} Rtf;

/* rtf_say.c: text, lines and pages of the group in hand. */
extern const RtfTextEvents rtf_say_events; /* user: the Rtf */
void rtf_font_free(gpointer font);
RtfFont *rtf_font(Rtf *rtf, int number, gboolean make); /* NULL: no such font, or too many */
void rtf_set_font_charset(Rtf *rtf, const RtfWord *word, int value);
Story *rtf_story(Rtf *rtf, PlaceKind home); /* of the body, or of the places beside it */
void rtf_say_bytes(Rtf *rtf, const guint8 *bytes, gsize length);
void rtf_say_hex(Rtf *rtf, guint8 byte);
void rtf_say_unicode(Rtf *rtf, int value);
void rtf_say_character(Rtf *rtf, int code);
gboolean rtf_say_symbol(Rtf *rtf, const char *font, int code); /* FALSE: none that matters */
void rtf_end_line(Rtf *rtf);
void rtf_leave_gap(Rtf *rtf, char gap);
void rtf_new_page(Rtf *rtf);

/* rtf_group.c: destinations. */
void rtf_open_group(Rtf *rtf);
void rtf_close_group(Rtf *rtf);
/* From here to the end of the group; word NULL: an unknown one. */
void rtf_open_destination(Rtf *rtf, const RtfWord *word);
