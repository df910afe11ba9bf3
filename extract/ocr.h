/* ocr - letters out of the picture of a page, by tesseract and its models chi_sim, chi_sim_vert and chi_tra.
 *
 * The models are read before the walls (ocr_prepare()) and made ready in the reader that needs one: about 0.2 s and
 * 50 MB each. No threads.
 * A page is looked at first (strokes_seen()): a picture without anything like a line of letters costs nothing more.
 * Then the upper third of it is read, then the rest; turned as it stands best, lines from top to bottom or columns from
 * right to left. OCR takes what the job gives it of its processor time (ocr_ms); of pages from the second on only the
 * upper third is read when two thirds of that are gone. What was not read makes the part `partial`, over-budget. Each
 * line is told with its place body, its page, `head` in the upper third of page 1, the size of its type, and ocr:
 * letters may be mistaken. Lines that were guessed more than read (below OCR_LEAST) are not told. A page that was
 * looked at wholly is `complete`, whatever was found on it: writing that nobody can read is not told apart from a
 * photo. */
#pragma once
#include "sink.h"

#define OCR_LEAST 30 /* of 100: confidence of a line */

typedef struct {
    const guint8 *pixels; /* 8 bits each, 0 black, 255 white; lent */
    guint width, height;
    gsize stride; /* bytes from row to row */
    guint dpi;    /* 0: unknown */
} OcrPicture;

/* Finds and reads the models: in TESSDATA_PREFIX, else where distributions put them. */
void ocr_prepare(void);
/* Whether there is a model; without one ocr_page() covers the part `partial`, unsupported. */
gboolean ocr_ready(void);
/* "sha256:..." over names and bytes of the models and the engine's version; "" before ocr_prepare() or without one. */
const char *ocr_digest(void);
/* Reads one page; page: from 1. FALSE: the reader must stop (sink.h). */
gboolean ocr_page(Sink *sink, guint part, guint page, const OcrPicture *picture);
