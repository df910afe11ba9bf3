/* doc - Word 97 to 2003 binary files ([MS-DOC]) and what WPS writes as .wps; of Word 6 and 95 the text without its
 * looks. */
#pragma once
#include "ole.h"

/* An OleRun: the document in `storage`. FALSE: damaged. */
gboolean doc_run(Ole *ole, guint storage, Sink *sink, guint part);
