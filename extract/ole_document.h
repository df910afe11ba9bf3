/* ole_document - a compound file by what it holds: the streams tell which kind of document a storage is, not its name;
 * then every stream that its reader did not take. */
#pragma once
#include "ole.h"
#include "reader.h"

/* Reads the document in `storage` (0: the whole file). FALSE: damaged. */
typedef gboolean (*OleRun)(Ole *ole, guint storage, Sink *sink, guint part);

gboolean ole_document_run(Source *source, Sink *sink, guint part); /* a ReaderRun */
/* One storage, with whatever lies in it, as a part of its own in `part`. */
void ole_document_within(Ole *ole, guint storage, const char *name, const char *type, Sink *sink, guint part);
void ole_document_prepare(void); /* before the walls */
