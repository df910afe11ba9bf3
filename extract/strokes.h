/* strokes - whether there is anything like a line of letters in a picture, and which way it runs: cheap, before OCR. */
#pragma once
#include "ocr.h"

struct Pix;

typedef enum { STROKES_NONE, STROKES_IN_LINES, STROKES_IN_COLUMNS } StrokesSeen;

/* ocr_page() of a picture that is one already: 8 bits. */
gboolean ocr_pix(Sink *sink, guint part, guint page, struct Pix *grey, guint dpi);
/* An 8-bit copy; NULL: too large. Free with pixDestroy(). */
struct Pix *strokes_pix(const OcrPicture *picture);
/* pix: 8 bits. Errs on the side of letters. */
StrokesSeen strokes_seen(struct Pix *pix);
/* The row with the least ink of from..to, where a page can be cut. */
int strokes_gap(struct Pix *pix, int from, int to);
