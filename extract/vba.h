/* vba - the source text of macros ([MS-OVBA]): a storage with the streams "dir" and "_VBA_PROJECT" and one for each
 * module. */
#pragma once
#include "ole.h"

/* An OleRun: `storage` is the one that holds the storage "VBA". FALSE: damaged. */
gboolean vba_run(Ole *ole, guint storage, Sink *sink, guint part);
/* 2.4.1: the clear bytes of a compressed container, as many as there are up to `max`. Gives. */
GByteArray *vba_decompress(const guint8 *bytes, gsize length, gsize max);
