/* kept_history - the lines of the history of what was in force; shared by the files of kept. */
#pragma once
#include "kept.h"

/* A line at the end, on disk. FALSE with error. */
gboolean kept_history_append(const char *directory, const KeptUse *use, GError **error);
/* All lines anew; `uses` are KeptUse, oldest first. FALSE with error: the file is as it was. */
gboolean kept_history_write(const char *directory, const GPtrArray *uses, GError **error);
