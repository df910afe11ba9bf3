/* notice_client - asks the gate to tell people things (WIRE_CONTROL_NOTICE), by a thread of its own; what cannot be
 * told is logged and forgotten. */
#pragma once
#include <glib.h>

typedef struct NoticeClient NoticeClient;
NoticeClient *notice_client_new(const char *control_socket);
void notice_client_free(NoticeClient *notices); /* NULL is fine */
/* name, value, ... NULL. Nothing of a letter, no password. FALSE: too many wait. */
gboolean notice_client_send(NoticeClient *notices, const char *kind, const char *recipient, ...) G_GNUC_NULL_TERMINATED;
