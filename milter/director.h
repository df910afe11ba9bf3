/* director - the gate's own thread: signals, generations, the control socket, the order to stop.
 *
 * SIGHUP reloads; SIGTERM and SIGINT stop: no new letters, those in hand are finished (STOP_PATIENCE_US at most), a
 * "stop" record, exit status 0. Without its keeper the gate cannot replace inspectors and stops as well, with an
 * error, so that it is started anew. */
#pragma once
#include "listen.h"
#include "reload.h"

#define STOP_PATIENCE_US (60 * G_USEC_PER_SEC)

typedef struct {
    Gate *gate; /* lent */
    Reload reload;
    int signals;     /* signalfd */
    int control;     /* listening control socket */
    GArray *waiters; /* int: control connections that await the end of a reload */
    gint64 stop_by_us, idle_since_us;
    int status; /* exit status */
} Director;

/* Takes the descriptors. */
void director_init(Director *director, Gate *gate, int keeper, int signals, int control, const char *config);
/* Loads the first generation; waits for it. FALSE with every problem. */
gboolean director_load_first(Director *director, GError **error);
/* Runs until it is time to go; gives the exit status. In a thread of its own. */
int director_run(Director *director);
/* Asks for a new generation and does what follows when it cannot even begin. For the director's own thread. */
void director_reload(Director *director);
