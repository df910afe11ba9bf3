/* listen - the socket that Postfix connects to.
 *
 * "unix:/path" or "inet:port@host" (a Unix socket inside Postfix's chroot is meant: TCP on loopback costs 40 ms a
 * letter). libmilter takes a live socket over without a word, so a lock beside it says who owns it. */
#pragma once
#include <glib.h>

typedef struct {
    char *path; /* of a Unix socket, NULL for inet */
    int lock;   /* -1: none */
} Listener;

/* Claims the address for this process and tells libmilter of it. FALSE: another instance has it, or it is no address.
 */
gboolean listen_claim(Listener *listener, const char *address, GError **error);
/* Opens the socket (after smfi_register) and gives it mode 0660 and `group` ("" or NULL leaves it). */
gboolean listen_open(const Listener *listener, const char *address, const char *group, GError **error);
/* Takes the socket away, so that no new session begins. */
void listen_close(Listener *listener);
