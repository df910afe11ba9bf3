/* odf - OpenDocument packages (GB/T 42105, ISO/IEC 26300): text, spreadsheet, presentation, drawing and their
 * templates; what OpenOffice 1 wrote. */
#pragma once
#include "reader.h"

gboolean odf_run(Source *source, Sink *sink, guint part);
