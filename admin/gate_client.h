/* gate_client - asks the control socket of hangu-milter. */
#pragma once
#include <glib.h>
#include <jansson.h>

/* The state of the gate as JSON. NULL with error: AWAY (it does not run), PERMISSION, TIMEOUT. Gives a reference. */
json_t *gate_client_status(const char *control_socket, GError **error);
/* Has the gate load settings, rules, policy and registers anew, and waits for it. FALSE with error: AWAY and PERMISSION
 * as above, TIMEOUT, SETTINGS (what is wrong; the old ones stay in force). */
gboolean gate_client_reload(const char *control_socket, GError **error);
