/* rtf_word - the control words that say something about text: what they do, and to which argument. All others change
 * nothing, unless they open a destination by \*. */
#pragma once
#include "segment.h"

typedef enum {
    RTF_DO_NOTHING, /* known, and no destination even behind \* */
    RTF_DO_STORY,   /* destination: text of a place (PlaceKind) */
    RTF_DO_PROPERTY,
    RTF_DO_USER_NAME, /* name of a user's property */
    RTF_DO_FONTS,
    RTF_DO_COLOURS,
    RTF_DO_DATA, /* RtfDataKind */
    RTF_DO_HTML,
    RTF_DO_FIELD,
    RTF_DO_SHAPE_NAME,
    RTF_DO_SHAPE_VALUE,
    RTF_DO_CLASS,
    RTF_DO_FORM,
    RTF_DO_PASS, /* destination that holds others: text in it belongs where it stands */
    RTF_DO_SAY,  /* a character (code point) */
    RTF_DO_PARAGRAPH,
    RTF_DO_GAP, /* before the next text: '\t', '\n' */
    RTF_DO_PAGE,
    RTF_DO_SECTION,
    RTF_DO_PLAIN,
    RTF_DO_FONT,
    RTF_DO_SIZE,
    RTF_DO_COLOUR,
    RTF_DO_HIDDEN,
    RTF_DO_DELETED,
    RTF_DO_HTML_OFF,
    RTF_DO_FALLBACK, /* \ucN */
    RTF_DO_UNICODE,  /* \uN */
    RTF_DO_CODE_PAGE,
    RTF_DO_CHARSET, /* a code page by its word */
    RTF_DO_FONT_FIRST,
    RTF_DO_FONT_CHARSET,
    RTF_DO_FONT_PAGE,
    RTF_DO_SHARE, /* of a colour: bits to the left */
    RTF_DO_FROM_HTML,
    RTF_DO_PICTURE, /* RtfPicture */
    RTF_DO_FORM_TYPE,
    RTF_DO_FORM_RESULT,
    RTF_DO_FORM_DEFAULT,
} RtfDo;

typedef enum { RTF_DATA_OTHER, RTF_DATA_PICTURE, RTF_DATA_OBJECT, RTF_DATA_FONT } RtfDataKind;
typedef enum { RTF_PICTURE_WHOLE, RTF_PICTURE_WMF, RTF_PICTURE_DIB } RtfPicture;

typedef struct {
    const char *word;
    RtfDo what;
    int argument;
    const char *name; /* of a property */
} RtfWord;

/* NULL: none of them. */
const RtfWord *rtf_word_find(const char *word);
