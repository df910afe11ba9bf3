/* login_door - a socket for login programs, where nothing can be asked but whether a code is good (verb otp-check).
 *
 * Who lets people in (Dovecot's user) shall not be able to change the register; so the door is its own, with a group of
 * its own (accounts.login_socket, accounts.login_group) and a thread that serves it. */
#pragma once
#include "desk.h"

typedef struct LoginDoor LoginDoor;
/* `desk` is lent. NULL with error. */
LoginDoor *login_door_new(const char *socket, const char *group, Desk *desk, GError **error);
void login_door_free(LoginDoor *door); /* NULL is fine */
