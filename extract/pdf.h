/* pdf - PDF (ISO 32000-1) by poppler-glib: text with its place, what hangs on pages and on the document, embedded
 * files, and what lies beside the document in its file. */
#pragma once
#include "reader.h"

gboolean pdf_run(Source *source, Sink *sink, guint part);
void pdf_prepare(void); /* before the walls: character maps; no fonts of the system */
const char *pdf_library_version(void);
