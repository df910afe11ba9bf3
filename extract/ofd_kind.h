/* ofd_kind - what the elements of OFD pages and resources are to a reader of text. */
#pragma once

typedef enum {
    K_OTHER,
    K_OBJECT,
    K_CODE,
    K_FILL,
    K_PATH,
    K_IMAGE,
    K_COMPOSITE,
    K_UNIT,
    K_LAYER,
    K_TEMPLATE,
    K_PAGE_RESOURCES,
    K_BOX,
    K_DRAW_PARAM,
    K_ANNOTATION,
    K_APPEARANCE,
    K_SAID, /* text of an annotation */
    K_SKIP, /* numbers, paths */
} OfdKind;

OfdKind ofd_kind_of(const char *name);
