/* pdf_picture - a page of a PDF as people see it: what stands on it that its text does not say. */
#pragma once
#include "ocr.h"
#include "pdf_parts.h"

#define PDF_DOTS_MAX (12 * 1000 * 1000) /* of one picture */

/* What is drawn on a page and is not covered by its letters: words in pictures, letters whose codes mean nothing,
 * letters drawn as curves, stamps. Frames, rules and tables are not counted. */
typedef struct {
    guint ink;          /* dots of it, at PDF_INK_DPI */
    gboolean unmeaning; /* the text of the page says nothing: all of the page counts */
    guint hash;         /* of where it is: the same on each page of a letter paper */
    guint noise;        /* letters without meaning */
    guint look;         /* PageLook bits */
} PdfInk;
#define PDF_INK_DPI 50
#define PDF_INK_LEAST 60 /* dots: less is no word */

/* FALSE: it cannot be drawn. */
gboolean pdf_ink_find(PopplerPage *page, const PdfLayout *layout, PdfInk *ink);
typedef struct {
    guint number;
    gboolean unmeaning, layers; /* layers: with those that are hidden */
} PdfWaiting;
/* Remembers a page that has ink for pdf_pictures_read(), which reads those whose text means nothing first, all as time
 * allows. */
void pdf_ink_keep(Pdf *pdf, guint number, const PdfInk *ink, gboolean layers);
void pdf_pictures_read(Pdf *pdf);
