/* verbs - what hangu-authd does when it is called: one row for each verb of a WIRE_ACCOUNT_CALL.
 *
 * The server receives the frame, looks who the other end is (it must be root, authd's own user or in accounts.group),
 * fills a VerbCall and calls verbs_run(); what the verb answers comes row by row through `answer`, and the server sends
 * each as WIRE_ACCOUNT_RESULT with "more follow", then a last frame: (0, FALSE, "{}") or (code, FALSE, error's text).
 *
 * A verb runs in one thread with a Database of its own and may wait for the ledger VERB_LEDGER_WAIT_US: not in the
 * thread that answers WIRE_ACCOUNT_ASK. A verb that changes something does so in one write transaction: change,
 * history, the ledger's record, commit, in this order. Whatever fails before the commit undoes all of it, and the
 * answer says so; if records were written by then, records "undone" say that. So that this holds through a crash, the
 * intent is noted in a transaction of its own before (accounts_intend()) and taken away with the change: verbs_settle()
 * tells of those that are left.
 * The verb "batch" runs many of the register's in one transaction, whose records share the waiting for the disk.
 *
 * Whoever adds verbs writes a table in a file of his own (auth/verbs_*.c, auth/passwd_service.c ...), ending with a row
 * of NULLs, and names it in auth/verbs.c. */
#pragma once
#include "database.h"
#include "ledger.h"
#include "settings.h"
#include <glib.h>
#include <jansson.h>

#define VERB_LEDGER_WAIT_US (3 * G_TIME_SPAN_SECOND)
#define VERB_LEDGER_EACH_US (20 * G_TIME_SPAN_MILLISECOND) /* beside it, for each record of a batch */
#define VERB_BATCH_MAX 1000                                /* calls of one */

/* One row of the answer; takes the reference. FALSE with error: the other end is gone, the verb ends. */
typedef gboolean (*VerbAnswer)(json_t *row, gpointer user, GError **error);

typedef struct VerbCall {
    Database *database; /* of this thread, migrated (accounts_open()) */
    LedgerClient *ledger;
    const Settings *settings;
    const json_t *arguments; /* the call: "verb", "by" and what the verb asks; held against the verb's list first */
    const char *actor;       /* user name of the other end */
    VerbAnswer answer;
    gpointer answer_user;
    gint64 now_us; /* set by verbs_run() */
    guint records; /* that were, or may have been, written for this call; set by verbs_run() and verb_record() */

    /* within a batch, else NULL */
    GPtrArray *later;          /* json_t *: records that are written together in the end */
    struct NameChecks **names; /* made at first use */
    gboolean brief;            /* what can be carried out is not answered */
} VerbCall;

typedef gboolean (*VerbRun)(VerbCall *call, GError **error);
typedef struct {
    const char *word;
    const char *arguments; /* names beside "verb", "by" and "dry_run" (all is undone, nothing recorded), by spaces;
                              others are refused, with the nearest one named */
    gboolean changes;      /* runs in a write transaction */
    VerbRun run;
} Verb;

/* Finds the verb of call->arguments and runs it. FALSE with error: USAGE (no such verb, argument missing, unknown or of
 * the wrong type), NO_INPUT (no such account, unit ...), PERMISSION (not allowed: who may is named), DATA, AWAY, IO. */
gboolean verbs_run(VerbCall *call, GError **error);
/* Records that changes which were interrupted did not come to be. Of call: database, ledger, settings, actor. Any
 * thread; those under way are left alone. verbs_run() does it before each change, too. FALSE with error: the ledger is
 * away; they are told later. */
gboolean verbs_settle(VerbCall *call, GError **error);

/* --- for verbs ----------------------------------------------------------------------------------------------- */

/* A text argument; NULL if absent or null, error also if it is no text, too long (RECORD_TEXT_MAX bytes) or has control
 * characters. `required`: absent or empty is an error too. TRUE fills text_out (lent). */
gboolean verb_text(const VerbCall *call, const char *name, gboolean required, const char **text_out, GError **error);
gboolean verb_flag(const VerbCall *call, const char *name); /* FALSE if absent or not true */
/* The person named on the command line, or else the actor. Lent. */
const char *verb_by(const VerbCall *call);
/* One row of the answer. */
gboolean verb_answer(VerbCall *call, json_t *row, GError **error);
/* Appends a record of `kind` (record_schema.h) about an account (NULL: none) and waits until it is durable; sets unit,
 * actor and event. `fields` (may be NULL) is merged in. */
gboolean verb_record(VerbCall *call, const char *kind, const char *event, const char *account, const json_t *fields,
                     GError **error);
/* Is it hangu-passwd-service that calls? It may use the verbs password.* and no others. */
gboolean verbs_is_passwd_service(const VerbCall *call);
