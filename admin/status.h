/* status - what `hangu status` found out, and its two faces. */
#pragma once
#include "settings.h"
#include "ways_out.h"
#include <jansson.h>

typedef struct {
    char *config, *postfix_config; /* options */
    gboolean json;
    Settings *settings;
    json_t *gate, *ledger; /* NULL: does not answer, then: */
    char *gate_error, *ledger_error;
    json_t *authd; /* its "login-status"; NULL: not asked, because nothing listens there and the gate does not ask it */
    char *authd_error;
    json_t *today; /* letters by verdict, "no-verdict", "total"; NULL: cannot be read, then: */
    char *today_error;
    GPtrArray *ways; /* WayOut; NULL: not looked at, then: */
    char *ways_error;
    GPtrArray *troubles; /* char *: what makes the state degraded, translated */
} Status;

/* Fills troubles from the rest. */
void status_judge(Status *status);
json_t *status_json(const Status *status);
void status_print(const Status *status);
void status_clear(Status *status);
