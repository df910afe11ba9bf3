/* barcode - two-dimensional and other codes in a picture, by zbar. */
#pragma once
#include "sink.h"

struct Pix;

#define BARCODE_DOTS 4000000 /* larger pictures are reduced for it */

void barcode_prepare(void); /* before the walls: the charsets that zbar asks for, whether it uses them or not */
/* Tells the content of each code as text of the part: PLACE_ALTERNATIVE. grey: 8 bits. FALSE: the reader must stop. */
gboolean barcode_read(Sink *sink, guint part, guint page, struct Pix *grey);
