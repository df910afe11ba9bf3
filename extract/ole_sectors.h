/* ole_sectors - the tables of a compound file ([MS-CFB] 2.2 to 2.6), looked at before libgsf walks them: it would
 * follow siblings by recursion, and drops what it does not understand without a word. */
#pragma once
#include "source.h"

typedef struct {
    guint entries; /* of the directory that are in use */
    gint64 end;    /* behind the last sector that the allocation table knows */
} OleSectors;

/* FALSE: no compound file, its tables are damaged, or the tree of its directory is no tree or deeper than `deepest`. */
gboolean ole_sectors_look(Source *source, guint deepest, OleSectors *out);
