/* picture - PNG, JPEG, GIF, BMP, TIFF, WebP and JPEG 2000: their letters by OCR, their two-dimensional codes, what is
 * written beside the dots (PNG text, EXIF, IPTC, XMP, comments), and what lies behind the end of the picture.
 *
 * Size is asked of the header before anything is decoded: what would take more than PICTURE_MEMORY is not (partial,
 * over-budget). Of a picture with several pages or frames each is read, PICTURE_FRAMES at most. Very small ones (both
 * sides below PICTURE_SMALL) have no letters, nor anything that is not told in their header.
 * Property: text beside the dots, each kind by its name. Alternative: the content of codes, never fetched. Body with
 * `ocr`: letters. */
#pragma once
#include "reader.h"

#define PICTURE_BYTES (96 * 1024 * 1024)   /* of the file */
#define PICTURE_MEMORY (160 * 1024 * 1024) /* of one page or frame, decoded */
#define PICTURE_SMALL 48                   /* dots: icons and dots that count readers */
#define PICTURE_FRAMES 200

gboolean picture_run(Source *source, Sink *sink, guint part);
