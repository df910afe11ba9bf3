/* ways_out - how mail could pass Hangu unseen, judged from Postfix's configuration (BLUEPRINT 2.13).
 *
 * Pure: the same configuration and settings give the same list. Each entry says where, what, and what to do. */
#pragma once
#include "postfix_setup.h"
#include "settings.h"

typedef struct {
    const char *id; /* "smtpd-unguarded" ...: for --json; static */
    char *where;    /* parameter or service, "submission/inet" */
    char *what;     /* one sentence, translated */
    char *advice;   /* what to do, translated; often a command */
} WayOut;

/* Gives an array that frees its items; empty when every way passes the gate. */
GPtrArray *ways_out_find(const PostfixSetup *setup, const Settings *settings);
