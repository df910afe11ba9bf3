/* svm - StarView metafiles, LibreOffice's own drawings (previews of tables and charts in OpenDocument files): bitmaps
 * in them become objects inside, whatever text they draw is told as runs (extract/runs.h). Structure: the records of
 * LibreOffice's vcl, each with its kind, version and length. */
#pragma once
#include "reader.h"

gboolean svm_run(Source *source, Sink *sink, guint part);
