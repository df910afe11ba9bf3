/* http_door - one path of HTTP/1.1 on this machine for requests that hold secrets, bounded in everything.
 *
 * Listens on loopback or on a Unix socket. Only POST, only one path, only with the key (if there is one, compared in
 * constant time), a body of at most body_max; who is idle or slow is cut off; more connections than allowed wait in the
 * kernel's queue. A connection ends with its answer, and its memory goes back to the system. Whatever else comes is
 * refused with a 4xx whose body the owner words. */
#pragma once
#include <glib.h>

typedef struct {
    const char *language; /* Accept-Language, NULL: none */
    const char *body;     /* wiped after the answer */
    gsize length;
} HttpRequest;

typedef struct {
    guint status;
    char *body; /* JSON; malloc()ed, taken */
    char *why;  /* not NULL: a refusal, which is counted, logged now and then, and worded by `refusal`; taken, too */
} HttpReply;

typedef struct {
    const char *name;   /* what is served, for the log */
    const char *listen; /* "127.0.0.1:4001", "[::1]:4001", port 0: any; "unix:/path" */
    const char *group;  /* of a Unix socket, whose members may connect; NULL, "": nobody but owner and root */
    const char *path;   /* "/" */
    const char *key;    /* of the header X-Hangu-Key; NULL: none is asked for */
    gsize body_max;
    guint connections, threads;
    guint slow_ms; /* a connection without a whole request in this time is cut off; 0: 20,000 */
    void (*answer)(gpointer user, const HttpRequest *request, HttpReply *reply_out); /* any of the threads */
    char *(*refusal)(gpointer user, guint status, const char *why);                  /* gives, malloc()ed */
    gpointer user;
} HttpDoorOptions;

typedef struct HttpDoor HttpDoor;
/* Texts of the options are lent. NULL with error: SETTINGS (no such address), AWAY (taken). */
HttpDoor *http_door_new(const HttpDoorOptions *options, GError **error);
void http_door_free(HttpDoor *door); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HttpDoor, http_door_free)
