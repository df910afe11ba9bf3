/* ledger - client of hangu-ledger: a small pool of kept connections.
 *
 * Thread-safe: a thread borrows a connection, sends, waits for the durable answer, gives it back; after any
 * error the connection is closed, never reused. */
#pragma once
#include <glib.h>
#include <jansson.h>

typedef struct LedgerClient LedgerClient;
LedgerClient *ledger_client_new(const char *socket_path);
void ledger_client_free(LedgerClient *client);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LedgerClient, ledger_client_free)

/* How often `tick` below is called; 5 s unless set. */
void ledger_client_set_tick(LedgerClient *client, gint64 interval_us);

/* Appends a record (object without seq and prev, which the ledger sets). TRUE: the line is on disk.
 * `tick` (may be NULL) is called about every 5 s while waiting; FALSE from it gives up (HANGU_ERROR_TIMEOUT).
 * Lists that make the line too long are shortened (record_fit). A ledger that is being restarted gets a second.
 * Errors: HANGU_ERROR_AWAY (no ledger), HANGU_ERROR_TIMEOUT, HANGU_ERROR_DATA (refused record), HANGU_ERROR_IO (disk
 * full). */
typedef gboolean (*LedgerTick)(gpointer user);
gboolean ledger_append(LedgerClient *client, const json_t *record, gint64 deadline_us, LedgerTick tick, gpointer user,
                       guint64 *seq_out, GError **error);
/* The same for a record that is a canonical line already, and needs no object unless it is too long. */
gboolean ledger_append_line(LedgerClient *client, const char *line, gsize length, gint64 deadline_us, LedgerTick tick,
                            gpointer user, GError **error);
/* Appends lines (canonical, records as above) in one call: a storm of records costs one wait. TRUE: each is on disk,
 * except those that the ledger refused (HANGU_ERROR_DATA), which are told to `refused`. FALSE with error: all of them
 * may have to be sent again. At most LEDGER_BATCH_MAX (wire.h) that together have LEDGER_BATCH_BYTES; HANGU_ERROR_USAGE
 * beyond. */
typedef void (*LedgerRefused)(guint index, const char *why, gpointer user);
gboolean ledger_append_batch(LedgerClient *client, const char *const *lines, guint count, gint64 deadline_us,
                             LedgerRefused refused, gpointer user, GError **error);
/* Appends records (json_t *) in their order, in as many calls as it takes. TRUE: all are on disk. FALSE with error,
 * also if one is refused (HANGU_ERROR_DATA): *perhaps_out of them are on disk or may be; 0: surely none. */
gboolean ledger_append_all(LedgerClient *client, const GPtrArray *records, gint64 deadline_us, guint *perhaps_out,
                           GError **error);
/* Asks for the ledger's state: "head", "lines", "repaired", "disk_free", "pid" and more, see server_status(). Gives a
 * reference. */
json_t *ledger_status(LedgerClient *client, gint64 deadline_us, GError **error);
