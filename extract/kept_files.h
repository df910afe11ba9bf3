/* kept_files - data files of libraries, for processes that have no file system: read or mapped before the walls, and
 * served from memory to whatever in this program calls fopen() for reading.
 *
 * This program has its own fopen() for that; libraries call it too. A path below a kept directory is answered from
 * memory only: what is not there is ENOENT, without a system call, so that a document that asks for a file that is not
 * there ends nobody. Every other path goes to the C library. */
#pragma once
#include <glib.h>

/* Keeps every regular file below `directory`, a few levels deep; again: nothing. Not while other threads open files.
 * FALSE: there is no such directory. */
gboolean kept_files_add(const char *directory);
/* Bytes of files that are kept. */
gsize kept_files_size(void);
