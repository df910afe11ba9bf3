/* account_desk - what all of `hangu account` share: options, the call to hangu-authd, the shape of a subcommand. */
#pragma once
#include "authd_client.h"
#include "command.h"
#include "settings.h"
#include <glib.h>
#include <jansson.h>

typedef struct {
    char *config, *by, *socket;
    gboolean json, dry_run;
    Settings *settings;
    AuthdClient *client; /* since account_desk_open() */
} AccountDesk;
void account_desk_clear(AccountDesk *desk);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(AccountDesk, account_desk_clear)

/* --config, --by, --socket, --json, and --dry-run of those that change something. */
void account_desk_add_options(GOptionContext *context, AccountDesk *desk, gboolean changes);
/* Loads the settings. */
gboolean account_desk_open(AccountDesk *desk, GError **error);

/* One row of an answer; lent. */
typedef void (*AccountRow)(const json_t *row, gpointer user);
/* Sends a call ("verb" and its arguments; takes the reference), with "by" and "dry_run" of the options. Errors are
 * those of hangu-authd, and AWAY if it does not run. */
gboolean account_desk_call(const AccountDesk *desk, json_t *request, AccountRow row, gpointer user, GError **error);
/* Collects the rows instead. NULL with error. Gives a reference. */
json_t *account_desk_ask(const AccountDesk *desk, json_t *request, GError **error);

/* Many calls, in batches that are each carried out whole or not at all. `row` gets the answers with "call", the index
 * in `calls`; a call that cannot be carried out has "error" and "text" there. dry_run: only tried, each for itself.
 * what: shown with the progress, if standard error is a terminal. FALSE with error: it stopped, *done_out calls are
 * carried out. */
gboolean account_desk_batch(const AccountDesk *desk, const json_t *calls, gboolean try, const char *what,
                            AccountRow row, gpointer user, guint *done_out, GError **error);

/* The word of the register in the reader's language: "open" is 已开通. Lends. */
const char *account_word(const char *word);
/* A text of a row, "" if it is absent. Lends. */
const char *account_text(const json_t *row, const char *name);
/* The texts of an array with commas between. Gives. */
char *account_texts(const json_t *array);

/* The subcommands with files of their own. */
extern const Command account_import_command;
extern const Command account_export_command;
extern const Command account_discover_command;
extern const Command account_leave_command;
extern const Command account_handover_command;
