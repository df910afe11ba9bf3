/* server - the loop of hangu-ledger: many askers, one journal.
 *
 * One thread. A turn takes one request of every connection that has one (a record, or up to LEDGER_BATCH_MAX of them),
 * appends them as one batch (one write, one fdatasync), then answers each. There is no timer: a batch is what came
 * while the last one was written. */
#pragma once
#include "journal.h"
#include <glib.h>

#define SERVER_BATCH_BYTES (4 * 1024 * 1024) /* a turn takes no more; the rest waits for the next */

typedef struct {
    const char *socket; /* path; made with mode 0660 and `group` */
    const char *group;  /* who may append besides root and our own user; "": nobody else */
    guint connections;  /* at most so many at once; more wait in the kernel's queue */
} ServerOptions;

typedef struct Server Server;
/* `journal` is lent and must outlive the server. */
Server *server_new(Journal *journal, const ServerOptions *options, GError **error);
void server_free(Server *server); /* closes all connections, removes the socket; NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Server, server_free)

/* Waits at most timeout_ms (-1: for ever) for work or until `wake_fd` (-1: none) is readable, and does the work.
 * 1: something was done; 0: nothing; -1 with error: the journal is at its end, all in hand were told of the failure. */
int server_turn(Server *server, int wake_fd, int timeout_ms, GError **error);

/* The answer to WIRE_LEDGER_STATUS: {"v", "pid", "head", "lines", "file", "file_bytes", "repaired", "batches",
 * "appended", "largest_batch", "refused", "failed", "disk_free", "connections", "since", "last_problem"}. Gives. */
char *server_status(const Server *server);
