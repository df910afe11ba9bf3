/* uof - Unified Office Format (GB/T 20916-2007): one XML file with Chinese tags (version 1), or a ZIP of several
 * (version 2, whose tags end in a number): text, spreadsheet, presentation. */
#pragma once
#include "reader.h"

gboolean uof_run(Source *source, Sink *sink, guint part);
