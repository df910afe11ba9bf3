/* ooxml_kind - what the elements of office XML are to a reader of text, and which place a part is, by its root. */
#pragma once
#include "segment.h"

typedef enum {
    K_OTHER,
    K_TEXT,
    K_FIELD, /* field codes: not shown */
    K_SKIP,  /* numbers of the layout */
    K_PARAGRAPH,
    K_RUN,
    K_PARAGRAPH_LOOK,
    K_RUN_LOOK,
    K_SIZE,
    K_COLOUR,
    K_RGB,
    K_SCHEME,
    K_FILL,
    K_TEXT_FILL,
    K_FONTS,
    K_VANISH,
    K_TAB,
    K_BREAK,
    K_PAGE_BREAK,
    K_HYPHEN,
    K_SYMBOL,
    K_CELL,
    K_ROW,
    K_DELETED,
    K_DELETED_TEXT,
    K_BOX,
    K_BOTH,
    K_CHOICE,
    K_FALLBACK,
    K_NOTE,
    K_CHECKBOX,
    K_CHECKED,
    K_UNCHECKED,
    K_SECTION,
    K_HEADER_OF,
    K_LINK,
    K_STYLE, /* defined */
    K_BASED_ON,
    K_STYLE_OF_PARAGRAPH,
    K_STYLE_OF_RUN,
    K_DEFAULTS,
} OoxmlKind;

OoxmlKind ooxml_kind_of(const char *name);
PlaceKind ooxml_place_of(const char *root); /* PROPERTY if nobody knows it */
