/* family - how the processes of the gate are born and die: gate, keeper, loaders, inspectors.
 *
 * A child dies with its parent (PR_SET_PDEATHSIG), ignores the signals that an administrator or systemd sends to the
 * whole group (the gate alone acts on them, and lets its children go when the letters in hand are done), and never
 * raises SIGPIPE. */
#pragma once
#include <glib.h>

/* fork() for a single-threaded process: 0 in the child, which carries `name` in ps. -1 with error. */
int family_fork(const char *name, GError **error);

/* signalfd of SIGCHLD, which is blocked from now on. */
int family_watch_children(GError **error);
void family_drain(int signalfd);

/* "was killed by signal 9 (Killed)", "ended with status 3". Gives. */
char *family_death(int wait_status);
