/* metafile - drawings of Windows: EMF ([MS-EMF], with the EMF+ records in its comments, [MS-EMFPLUS]) and WMF
 * ([MS-WMF]). Their texts, line by line; the bitmaps in them as objects. Nothing is drawn: what is curves, or text by the
 * numbers of glyphs, is not read. One without text and bitmap is covered opaque. */
#pragma once
#include "reader.h"

gboolean metafile_run_emf(Source *source, Sink *sink, guint part); /* ReaderRun */
gboolean metafile_run_wmf(Source *source, Sink *sink, guint part); /* ReaderRun; with the placeable header */
