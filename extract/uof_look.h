/* uof_look - how runs of UOF (GB/T 20916) look by the styles of their paragraph and of themselves: size and colour. */
#pragma once
#include <glib.h>

typedef struct {
    guint size;     /* tenths of a point, 0 not told */
    guint32 colour; /* FACE_NO_COLOUR not told */
} UofLook;

typedef struct UofStyles UofStyles;
UofStyles *uof_styles_new(void);
void uof_styles_free(UofStyles *styles);
/* A style begins; what uof_styles_look() gives until uof_styles_end() is its own, to be filled. */
void uof_styles_define(UofStyles *styles, const char *id, const char *base);
UofLook *uof_styles_defining(UofStyles *styles); /* NULL: none is defined now */
void uof_styles_end(UofStyles *styles);
/* What the style, with those it is based on, tells goes over *look. */
void uof_styles_wear(const UofStyles *styles, const char *id, UofLook *look);
