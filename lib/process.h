/* process - what every daemon of the house needs from the system. */
#pragma once
#include <glib.h>

/* One running instance: an exclusive lock on `path` (kept open for life), its pid inside.
 * -1 with error naming the pid that holds it. */
int process_lock(const char *path, GError **error);

/* Drops from root to `user` (all groups); no-op if `user` is NULL, "" or already ours. */
gboolean process_become(const char *user, GError **error);

/* No core dumps, not dumpable, no new privileges, umask 077. */
void process_harden(void);

/* signalfd for these signals (ends with 0), which are blocked in the caller and its later threads. */
int process_signals(const int *signals, GError **error);

/* "READY=1", "STOPPING=1", "STATUS=..." to systemd's $NOTIFY_SOCKET; no-op without it. */
void process_notify(const char *state);

/* Creates the directory (and parents) with mode if absent. */
gboolean process_directory(const char *path, guint mode, GError **error);

/* Writes a file whole and durably: temporary beside it, fsync, rename, fsync of the directory. */
gboolean process_write_file(const char *path, const void *data, gsize length, guint mode, GError **error);

/* Makes the names in the directory of `path` durable. */
gboolean process_sync_directory(const char *path);
