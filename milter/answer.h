/* answer - the only file that speaks to the mail server: macros, replies, headers, quarantine.
 *
 * libmilter is reached through a table of functions, so that tests and replays can stand in for it. */
#pragma once
#include "outcome.h"
#include <libmilter/mfapi.h>

/* MI_SUCCESS or MI_FAILURE, as libmilter's functions of the same names; strings are not changed. */
typedef struct {
    void *(*get_private)(SMFICTX *context);
    int (*set_private)(SMFICTX *context, void *data);
    const char *(*get_symbol)(SMFICTX *context, const char *name);
    int (*set_symbols)(SMFICTX *context, int stage, const char *names);
    int (*set_reply)(SMFICTX *context, const char *code, const char *enhanced, const char *text);
    int (*insert_header)(SMFICTX *context, int at, const char *name, const char *value);
    int (*change_header)(SMFICTX *context, const char *name, int index, const char *value);
    int (*quarantine)(SMFICTX *context, const char *reason);
    int (*progress)(SMFICTX *context);
} MilterCalls;
extern const MilterCalls milter_calls; /* libmilter's own */

/* Header fields of ours that a letter brought along, by name in lower case. */
#define ANSWER_HEADER_PREFIX "x-hangu-"
#define ANSWER_FORGED_MAX 200 /* all occurrences */

/* Tells the mail server the outcome: removes forged headers (GHashTable of name to count; may be NULL), adds ours,
 * holds, refuses. Exactly one answer. If the mail server does not take a change, the letter is put off (outcome's
 * answer becomes tempfail): an unmarked or unheld letter must not pass. */
sfsistat answer_send(const MilterCalls *calls, SMFICTX *context, Outcome *outcome, GHashTable *forged);

/* A temporary failure without a letter (too many connections, stopping). */
sfsistat answer_defer(const MilterCalls *calls, SMFICTX *context, const char *enhanced, const char *text);
