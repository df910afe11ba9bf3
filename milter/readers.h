/* readers - the keeper's care for hangu-extract: starts it with a listening socket, and again when it ends.
 *
 * The socket stays open here, so that whoever connects while the program starts anew waits and is served. */
#pragma once
#include <glib.h>

#define READERS_SOCKET 3 /* its number in hangu-extract */

typedef struct {
    int listener; /* -1: nobody is started */
    char **words; /* program and arguments, NULL at the end */
    int pid;      /* 0: it does not run */
    gint64 started_us, not_before_us, pause_us;
} Readers;

/* Starts it if that is due; gives when it is due otherwise (monotonic microseconds), or -1. */
gint64 readers_tend(Readers *readers);
/* TRUE if `pid` was it. */
gboolean readers_note_end(Readers *readers, int pid, int wait_status);
