/* hangu passwd --otp. hangu-authd makes and keeps the secret; here it is shown once. */
#include "config.h"
#include "cmd_passwd_otp.h"
#include "commands.h"
#include "crypto.h"
#include "errors.h"
#include "print.h"
#include "terminal_qr.h"
#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NAME "passwd"
#define TRIES 3 /* of codes at a terminal */
#define LINE_MAX_BYTES 64

void
passwd_otp_clear(PasswdOtp *otp)
{
    g_free(otp->note);
}

void
passwd_otp_add_options(GOptionContext *context, PasswdOtp *otp)
{
    const GOptionEntry entries[] = {
        {"otp", 0, 0, G_OPTION_ARG_NONE, &otp->otp,
         N_("enrol one-time passwords: show the secret once, as QR code and text, and ask for the first code"), NULL},
        {"hotp", 0, 0, G_OPTION_ARG_NONE, &otp->hotp,
         N_("with --otp: by counter (RFC 4226), for a token with a button; otherwise by time (RFC 6238)"), NULL},
        {"show-state", 0, 0, G_OPTION_ARG_NONE, &otp->show_state,
         N_("with --otp: whether the account has one-time passwords"), NULL},
        {"resync", 0, 0, G_OPTION_ARG_NONE, &otp->resync,
         N_("with --otp: find the counter of a token again, by two codes in a row"), NULL},
        {"reset", 0, 0, G_OPTION_ARG_NONE, &otp->reset,
         N_("with --otp: take the secret away; the account must be enrolled anew"), NULL},
        {"note", 0, 0, G_OPTION_ARG_STRING, &otp->note, N_("with --reset: why, for the audit log"), N_("TEXT")},
        {NULL},
    };
    g_option_context_add_main_entries(context, entries, PACKAGE);
}

gboolean
passwd_otp_is_wanted(const PasswdOtp *otp)
{
    return otp->otp || otp->hotp || otp->reset || otp->resync || otp->show_state || otp->note != NULL;
}

/* --- asking ------------------------------------------------------------------------------------------------------- */

/* One row. Takes the request; NULL with error. Gives a reference. */
static json_t *
ask_row(const AccountDesk *desk, json_t *request, GError **error)
{
    json_auto_t *rows = account_desk_ask(desk, request, error);
    if (rows == NULL)
        return NULL;
    if (json_array_size(rows) == 1)
        return json_incref(json_array_get(rows, 0));
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_PROTOCOL, "%s", _("hangu-authd gave no answer"));
    return NULL;
}

/* A line of standard input without spaces, which people put between the halves of a code. */
static gboolean
read_code(const char *prompt, char code[LINE_MAX_BYTES], GError **error)
{
    if (isatty(STDIN_FILENO))
        g_printerr("%s", prompt);
    if (fgets(code, LINE_MAX_BYTES, stdin) == NULL || strlen(code) == LINE_MAX_BYTES - 1) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_USAGE, "%s", _("no code came"));
        return FALSE;
    }
    gsize kept = 0;
    for (gsize i = 0; code[i] != '\0'; i++)
        if (!g_ascii_isspace(code[i]))
            code[kept++] = code[i];
    code[kept] = '\0';
    return TRUE;
}

/* --- enrolment ---------------------------------------------------------------------------------------------------- */

static void
show_secret(const AccountDesk *desk, const json_t *row)
{
    if (desk->json) {
        json_t *shown = json_copy((json_t *)row);
        json_object_set_new(shown, "v", json_integer(1));
        print_json(shown, stdout);
        fflush(stdout);
        return;
    }
    char *drawn = terminal_qr(account_text(row, "uri"), isatty(STDOUT_FILENO));
    fputs(drawn != NULL ? drawn : "", stdout);
    terminal_qr_free(drawn);
    printf(_("%s\n\nScan this with the authenticator, or type the secret: %s\nIt is shown this once.\n"),
           account_text(row, "uri"), account_text(row, "secret"));
    fflush(stdout);
}

/* 1: confirmed, 0: wrong, -1: error. */
static int
confirm(const AccountDesk *desk, const char *account, GError **error)
{
    char code[LINE_MAX_BYTES];
    if (!read_code(_("First code: "), code, error))
        return -1;
    json_auto_t *row =
        ask_row(desk, json_pack("{s:s, s:s, s:s}", "verb", "otp-enrol", "account", account, "code", code), error);
    if (row == NULL)
        return -1;
    return json_is_true(json_object_get(row, "confirmed")) ? 1 : 0;
}

static int
tell_confirmed(const AccountDesk *desk, const char *account, gboolean confirmed)
{
    if (desk->json)
        print_json(json_pack("{s:i, s:s, s:b}", "v", 1, "account", account, "confirmed", confirmed), stdout);
    else if (confirmed)
        printf(_("%s logs in with password and code from now on\n"), account);
    else
        g_printerr(_("that was not the code; the secret does not count, enrol again\n"));
    return confirmed ? 0 : 1;
}

static int
enrol(const PasswdOtp *otp, const AccountDesk *desk, const char *account, GError **error)
{
    json_auto_t *row = ask_row(
        desk,
        json_pack("{s:s, s:s, s:s}", "verb", "otp-enrol", "account", account, "kind", otp->hotp ? "hotp" : "totp"),
        error);
    if (row == NULL)
        return -1;
    show_secret(desk, row);
    int confirmed = 0;
    for (guint tries = isatty(STDIN_FILENO) ? TRIES : 1; tries > 0 && confirmed == 0; tries--) {
        confirmed = confirm(desk, account, error);
        if (confirmed == 0 && tries > 1)
            g_printerr(_("that was not the code; wait for the next one\n"));
    }
    return confirmed < 0 ? -1 : tell_confirmed(desk, account, confirmed == 1);
}

/* --- afterwards --------------------------------------------------------------------------------------------------- */

static int
resync(const AccountDesk *desk, const char *account, GError **error)
{
    char first[LINE_MAX_BYTES], second[LINE_MAX_BYTES];
    if (!read_code(_("Code: "), first, error) || !read_code(_("The one after it: "), second, error))
        return -1;
    json_auto_t *row = ask_row(
        desk,
        json_pack("{s:s, s:s, s:s, s:s}", "verb", "otp-resync", "account", account, "code", first, "second", second),
        error);
    if (row == NULL)
        return -1;
    gboolean good = json_is_true(json_object_get(row, "resynced"));
    if (desk->json)
        print_json(json_pack("{s:i, s:s, s:b}", "v", 1, "account", account, "resynced", good), stdout);
    else if (good)
        printf(_("the token of %s is known again\n"), account);
    else
        g_printerr(_("these are not two codes in a row of this token\n"));
    return good ? 0 : 1;
}

static int
reset(const PasswdOtp *otp, const AccountDesk *desk, const char *account, GError **error)
{
    json_auto_t *row =
        ask_row(desk, json_pack("{s:s, s:s, s:s*}", "verb", "otp-reset", "account", account, "note", otp->note), error);
    if (row == NULL)
        return -1;
    if (desk->json)
        print_json(json_pack("{s:i, s:s, s:s}", "v", 1, "account", account, "state", "none"), stdout);
    else
        printf(_("%s has no one-time passwords any more; enrol it anew with: hangu passwd --otp %s\n"), account,
               account);
    return 0;
}

static int
show_state(const AccountDesk *desk, const char *account, GError **error)
{
    json_auto_t *row = ask_row(desk, json_pack("{s:s, s:s}", "verb", "otp-state", "account", account), error);
    if (row == NULL)
        return -1;
    const char *state = account_text(row, "state");
    if (desk->json) {
        json_object_set_new(row, "v", json_integer(1));
        print_json(json_incref(row), stdout);
    } else if (g_str_equal(state, "confirmed"))
        printf(_("%s: %s, since %s\n"), account, account_text(row, "kind"), account_text(row, "confirmed"));
    else if (g_str_equal(state, "waiting"))
        printf(_("%s: waits for its first code\n"), account);
    else
        printf(_("%s: not enrolled (tier %s)\n"), account, account_text(row, "tier"));
    return 0;
}

/* --- running ------------------------------------------------------------------------------------------------------ */

int
passwd_otp_run(const PasswdOtp *otp, AccountDesk *desk, const char *account)
{
    GError *error = NULL;
    int modes = (otp->reset ? 1 : 0) + (otp->resync ? 1 : 0) + (otp->show_state ? 1 : 0) + (otp->hotp ? 1 : 0);
    if (!otp->otp || modes > 1 || (otp->note != NULL && !otp->reset))
        return command_usage(
            NAME, _("with --otp goes one of --hotp, --reset, --resync and --show-state, and --note with --reset"));
    if (account == NULL)
        return command_usage(NAME, _("name one account"));
    int status = -1;
    if (account_desk_open(desk, &error))
        status = otp->reset        ? reset(otp, desk, account, &error)
                 : otp->resync     ? resync(desk, account, &error)
                 : otp->show_state ? show_state(desk, account, &error)
                                   : enrol(otp, desk, account, &error);
    return status >= 0 ? status : command_fail(NAME, error);
}
