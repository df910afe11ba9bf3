/* listen - the socket that Postfix connects to.
 *
 * "unix:/path" or "inet:port@host" (a Unix socket inside Postfix's chroot is meant: TCP on loopback costs 40 ms a
 * letter). libmilter takes a live socket over without a word, so a lock beside it says who owns it. */
#pragma once
#include <glib.h>
#include <sys/socket.h>

typedef struct {
    char *path;                      /* of a Unix socket, NULL for inet */
    int lock;                        /* -1: none */
    struct sockaddr_storage address; /* for listen_nudge() */
    socklen_t address_length;        /* 0: unknown */
} Listener;

/* Claims the address for this process and tells libmilter of it. FALSE: another instance has it, or it is no address.
 */
gboolean listen_claim(Listener *listener, const char *address, GError **error);
/* Opens the socket (after smfi_register) and gives it mode 0660 and `group` ("" or NULL leaves it). */
gboolean listen_open(const Listener *listener, const char *address, const char *group, GError **error);
/* Connects and hangs up, without waiting. libmilter (8.17, libmilter/worker.c) counts a thread as idle until it has
 * woken up: of two commands that come close together the second may be left to a thread that is busy with the first,
 * for as long as that takes. A new connection makes some thread look for commands that were left. Whoever keeps a
 * thread for longer than a moment calls this once: then the last thread to be busy has found another one. Thread-safe.
 */
void listen_nudge(const Listener *listener);
/* Takes the socket away, so that no new session begins. */
void listen_close(Listener *listener);
