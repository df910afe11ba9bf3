/* hangu passwd: a new password for an account, judged by its tier, stored, and told to hangu-authd. */
#include "config.h"
#include "account_desk.h"
#include "authd_password.h"
#include "backend.h"
#include "clock.h"
#include "cmd_passwd_campaign.h"
#include "cmd_passwd_otp.h"
#include "commands.h"
#include "errors.h"
#include "language.h"
#include "password_hash.h"
#include "password_prompt.h"
#include "print.h"
#include "sessions.h"
#include "strength.h"
#include <gio/gio.h>
#include <glib/gi18n.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NAME "passwd"
#define PATIENCE_US (30 * G_USEC_PER_SEC)

typedef struct {
    char *file, *command, *tier, *scheme;
    gboolean from_stdin;
    AccountDesk desk;
    const char *account;
    HashMake make;
    Tier asked_tier; /* TIERS: not named */
    gboolean told;   /* hangu-authd answered */
    AuthdPerson person;
    GError *failed;
    Backend *backend;
    Place *place;
} Change;

static void
clear_change(Change *change)
{
    g_free(change->file);
    g_free(change->command);
    g_free(change->tier);
    g_free(change->scheme);
    authd_person_clear(&change->person);
    g_clear_error(&change->failed);
    place_free(change->place);
    backend_free(change->backend);
}

/* --- who it is ---------------------------------------------------------------------------------------------------- */

static gint64
soon(void)
{
    return clock_monotonic_us() + PATIENCE_US;
}

/* Without hangu-authd, or of an account it does not know, the tier has to be named. */
static gboolean
ask_person(Change *change, GError **error)
{
    GError *failed = NULL;
    change->told = authd_password_ask(change->desk.client, change->account, soon(), &change->person, &failed);
    if (change->told && !change->person.hears)
        g_printerr(_("hangu passwd: hangu-authd is not told of logins: of passwords used before only the present one "
                     "is known\n"));
    if (change->told && change->person.known)
        return TRUE;
    if (change->asked_tier != TIERS) {
        if (!change->told)
            g_printerr(_("hangu passwd: hangu-authd does not answer, so passwords used before are not known, and this "
                         "change is not recorded: %s\n"),
                       failed->message);
        g_clear_error(&failed);
        return TRUE;
    }
    if (failed == NULL)
        g_set_error(&failed, HANGU_ERROR, HANGU_ERROR_NO_INPUT, _("%s is not in the register"), change->account);
    g_propagate_prefixed_error(error, failed, _("how strong it must be is not known; name it with --tier: "));
    return FALSE;
}

/* Of the register's tier and the one named the stricter. */
static Tier
tier_of(const Change *change)
{
    const Tier known = tier_from_word(change->person.tier);
    const Tier registered = known != TIERS ? known : TIER_BASE;
    if (!change->person.known)
        return change->asked_tier;
    return change->asked_tier == TIERS ? registered : MAX(registered, change->asked_tier);
}

/* --- is it good? -------------------------------------------------------------------------------------------------- */

static gboolean
is_present(const Change *change, const char *password)
{
    return change->place != NULL && place_has(change->place, password);
}

/* A history that cannot be asked is no history without this password: the error stays in `failed`. */
static gboolean
is_used(const char *password, guint history, gpointer user)
{
    Change *change = user;
    gboolean used = FALSE;
    if (history == 0)
        return FALSE;
    if (is_present(change, password))
        return TRUE;
    return change->told &&
           authd_password_used(change->desk.client, &change->person, password, history, soon(), &used,
                               &change->failed) &&
           used;
}

static guint
judge(Change *change, const char *password)
{
    const AuthdPerson *person = &change->person;
    const StrengthAsk ask = {.tier = tier_of(change),
                             .login = change->account,
                             .address = change->told ? person->address : change->account,
                             .name = person->owner,
                             .unit = person->unit,
                             .department = person->department,
                             .used = is_used,
                             .user = change};
    return strength_check(&ask, password);
}

static void
tell_faults(const Change *change, guint faults)
{
    const Tier tier = tier_of(change);
    json_t *list = json_array();
    for (guint fault = 0; fault < STRENGTHS; fault++) {
        if ((faults & 1u << fault) == 0)
            continue;
        g_autofree char *en = strength_text((StrengthFault)fault, tier, FALSE);
        g_autofree char *zh = strength_text((StrengthFault)fault, tier, TRUE);
        json_array_append_new(
            list, json_pack("{s:s,s:s,s:s}", "word", strength_word((StrengthFault)fault), "en", en, "zh", zh));
        if (!change->desk.json)
            g_printerr("%s\n", language_is_chinese() ? zh : en);
    }
    if (change->desk.json)
        print_json(json_pack("{s:i,s:s,s:b,s:o}", "v", 1, "account", change->account, "changed", FALSE, "faults", list),
                   stdout);
    else
        json_decref(list);
}

/* --- storing ------------------------------------------------------------------------------------------------------ */

/* The account is the last argument; what is to be stored comes on standard input. */
static gboolean
run_command(const Change *change, const char *stored, GError **error)
{
    g_auto(GStrv) words = NULL;
    g_autoptr(GError) raw = NULL;
    int count = 0;
    if (!g_shell_parse_argv(change->command, &count, &words, &raw)) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_USAGE, "--command: %s", raw->message);
        return FALSE;
    }
    words = g_realloc_n(words, (gsize)count + 2, sizeof *words);
    words[count] = g_strdup(change->account);
    words[count + 1] = NULL;
    signal(SIGPIPE, SIG_IGN); /* a command may end before it has read */
    g_autofree char *line = g_strconcat(stored, "\n", NULL);
    g_autoptr(GSubprocess) process = g_subprocess_newv((const char *const *)words, G_SUBPROCESS_FLAGS_STDIN_PIPE, &raw);
    if (process != NULL && g_subprocess_communicate_utf8(process, line, NULL, NULL, NULL, &raw) &&
        g_subprocess_get_successful(process))
        return TRUE;
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_AWAY, _("the command failed, the password is as it was: %s"),
                raw != NULL ? raw->message : words[0]);
    return FALSE;
}

static gboolean
record(const Change *change, gboolean undone, GError **error)
{
    return !change->told ||
           authd_password_changed(change->desk.client, change->account, undone, change->desk.by, soon(), error);
}

static gboolean
commit(const Change *change, GError **error)
{
    if (place_commit(change->place, error))
        return TRUE;
    record(change, TRUE, NULL);
    return FALSE;
}

/* The file's new form is on the disk before the record, and in its place after it. A command cannot be taken back, so
 * there the record comes last. */
static gboolean
store(Change *change, const char *stored, GError **error)
{
    if (change->place != NULL)
        return place_prepare(change->place, stored, error) && record(change, FALSE, error) && commit(change, error);
    if (!run_command(change, stored, error))
        return FALSE;
    if (record(change, FALSE, error))
        return TRUE;
    g_prefix_error(error, _("the password was changed, but that was not recorded: "));
    return FALSE;
}

/* --- running ------------------------------------------------------------------------------------------------------ */

/* The password is changed all the same. */
static SessionsEnd
end_sessions(const Change *change)
{
    g_autoptr(GError) error = NULL;
    const SessionsEnd end = sessions_end(change->desk.settings, change->account, &error);
    if (end == SESSIONS_FAILED)
        g_printerr(_("hangu passwd: the sessions of %s were not ended: %s\n"), change->account, error->message);
    return end;
}

static int
change_password(Change *change, const char *password)
{
    GError *error = NULL;
    const guint faults = judge(change, password);
    if (change->failed != NULL)
        return command_fail(NAME, g_steal_pointer(&change->failed));
    if (faults != 0) {
        tell_faults(change, faults);
        return 1;
    }
    g_autofree char *stored = password_hash_make(change->make, password, &error);
    if (stored == NULL || (!change->desk.dry_run && !store(change, stored, &error)))
        return command_fail(NAME, error);
    const SessionsEnd end = change->desk.dry_run ? SESSIONS_KEPT : end_sessions(change);
    if (change->desk.json)
        print_json(json_pack("{s:i,s:s,s:b,s:[],s:s}", "v", 1, "account", change->account, "changed",
                             !change->desk.dry_run, "faults", "sessions", sessions_word(end)),
                   stdout);
    else if (change->desk.dry_run)
        printf(_("the password is good enough; nothing was changed\n"));
    else
        printf(_("%s has a new password\n"), change->account);
    return 0;
}

static gboolean
take_place(Change *change, GError **error)
{
    if (change->command != NULL)
        return TRUE;
    if (change->backend == NULL)
        change->backend =
            change->file != NULL ? backend_new_file(change->file) : backend_new(change->desk.settings, error);
    change->place = change->backend != NULL ? backend_open(change->backend, change->account, error) : NULL;
    return change->place != NULL;
}

static int
run_change(Change *change)
{
    GError *error = NULL;
    if (!account_desk_open(&change->desk, &error) || !ask_person(change, &error) || !take_place(change, &error))
        return command_fail(NAME, error);
    if (change->scheme == NULL)
        change->make = backend_scheme(change->desk.settings);
    g_clear_pointer(&change->place, place_free); /* not locked while somebody thinks of a password */
    if (!change->from_stdin && isatty(STDIN_FILENO)) {
        g_autofree char *rules = strength_rules(tier_of(change), language_is_chinese());
        g_printerr("%s\n", rules);
    }
    char *password = password_prompt(change->from_stdin, &error);
    const gboolean ready = password != NULL && take_place(change, &error);
    const int status = ready ? change_password(change, password) : command_fail(NAME, error);
    password_prompt_free(password);
    return status;
}

static int
check_words(Change *change, int count)
{
    if (count != 1)
        return command_usage(NAME, _("name one account"));
    if (change->file != NULL && change->command != NULL)
        return command_usage(NAME, _("name one place where passwords are stored: --file or --command"));
    change->asked_tier = change->tier != NULL ? tier_from_word(change->tier) : TIERS;
    if (change->tier != NULL && change->asked_tier == TIERS)
        return command_usage(NAME, _("--tier is base, strict, high or otp, not \"%s\""), change->tier);
    if (change->scheme != NULL && !hash_make_from_word(change->scheme, &change->make))
        return command_usage(NAME, _("--scheme is yescrypt, bcrypt or argon2id, not \"%s\""), change->scheme);
    return 0;
}

static int
run(int argc, char **argv)
{
    if (argc > 1 && g_str_equal(argv[1], "campaign"))
        return cmd_passwd_campaign(argc - 1, argv + 1);
    Change change = {0};
    PasswdOtp otp = {0};
    const GOptionEntry entries[] = {
        {"file", 'f', 0, G_OPTION_ARG_FILENAME, &change.file,
         N_("passwd-file of Dovecot that has the account, whatever passwords.backend says"), N_("FILE")},
        {"command", 0, 0, G_OPTION_ARG_STRING, &change.command,
         N_("run PROGRAM with the account as last argument and what is to be stored on its standard input"),
         N_("PROGRAM")},
        {"tier", 0, 0, G_OPTION_ARG_STRING, &change.tier,
         N_("base, strict, high: not less than this; needed where hangu-authd does not know the account"), N_("TIER")},
        {"scheme", 0, 0, G_OPTION_ARG_STRING, &change.scheme,
         N_("yescrypt, bcrypt or argon2id, instead of passwords.scheme"), N_("SCHEME")},
        {"stdin", 0, 0, G_OPTION_ARG_NONE, &change.from_stdin, N_("the password is a line of standard input"), NULL},
        {NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new(_("ACCOUNT"));
    g_option_context_add_main_entries(context, entries, PACKAGE);
    passwd_otp_add_options(context, &otp);
    account_desk_add_options(context, &change.desk, TRUE);
    g_option_context_set_summary(context, _(command_passwd.summary));
    g_option_context_set_description(context,
                                     _("Exit status 1: the password is not good enough; every reason is told.\n\n"
                                       "Without --file and --command the place is the one of passwords.backend in "
                                       "hangu.yaml: a passwd-file, LDAP or SQL.\n\n"
                                       "Example:\n  hangu passwd --file /etc/dovecot/users zhangwei@unit.example\n"));
    int status = command_parse(NAME, context, &argc, &argv);
    const gboolean codes = passwd_otp_is_wanted(&otp);
    if (status == 0 && codes)
        status = passwd_otp_run(&otp, &change.desk, argc == 2 ? argv[1] : NULL);
    else if (status == 0)
        status = check_words(&change, argc - 1);
    change.account = status == 0 ? argv[1] : NULL;
    if (status == 0 && !codes)
        status = run_change(&change);
    passwd_otp_clear(&otp);
    clear_change(&change);
    account_desk_clear(&change.desk);
    return status;
}

const Command command_passwd = {"passwd", N_("a new password for an account, judged by its tier"), run};
