/* control - the control socket of the gate: `hangu status` and `hangu reload` ask here.
 *
 * One request per connection, from a table; the peer must be root, our own user or a member of our group. */
#pragma once
#include "director.h"
#include <jansson.h>

/* Takes one connection and answers it, or keeps it until the reload it asked for has ended. */
void control_serve(Director *director);
/* Tells those who asked for a reload how it ended. */
void control_answer_waiters(Director *director);

/* The JSON of WIRE_CONTROL_STATUS_IS; gives a reference. */
json_t *control_status(Director *director);
