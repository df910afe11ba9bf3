/* notice_post - one notice to this house's mail server, by SMTP with the null sender. */
#pragma once
#include <glib.h>

typedef struct {
    const char *server;               /* HOST:PORT */
    const char *recipient;            /* one address */
    GBytes *letter;                   /* CRLF */
    gboolean (*ended)(gpointer user); /* asked now and then: TRUE gives up */
    gpointer user;
} NoticePost;

#define NOTICE_POST_TEXT 256
/* Half a minute at most. status_out: the server's last reply, 0: none. why_out: of a failure, may hold the server's
 * words. */
gboolean notice_post(const NoticePost *post, long *status_out, char why_out[NOTICE_POST_TEXT]);
