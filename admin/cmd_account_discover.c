/* hangu account discover: what the logs know, beside what the register knows. */
#include "config.h"
#include "account_desk.h"
#include "clock.h"
#include "discover.h"
#include "errors.h"
#include "postfix.h"
#include "print.h"
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <glob.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define DAYS 30

typedef struct {
    AccountDesk desk;
    char **logs, **passwd_files, *postfix;
    gboolean import;
    gint days;
    GHashTable *known; /* addresses and login names of the register; NULL: hangu-authd is away */
    GPtrArray *domains, *networks;
    guint imported, failed;
} Finding;

static void
finding_clear(Finding *finding)
{
    account_desk_clear(&finding->desk);
    g_strfreev(finding->logs);
    g_strfreev(finding->passwd_files);
    g_free(finding->postfix);
    g_clear_pointer(&finding->known, g_hash_table_unref);
    g_clear_pointer(&finding->domains, g_ptr_array_unref);
    g_clear_pointer(&finding->networks, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Finding, finding_clear)

/* --- where to look ------------------------------------------------------------------------------------------- */

typedef struct {
    char *path;
    gint64 time;
} Log;

static void
clear_log(gpointer data)
{
    g_free(((Log *)data)->path);
}

static gint
oldest_first(gconstpointer a, gconstpointer b)
{
    const Log *one = a, *other = b;
    return (one->time > other->time) - (one->time < other->time);
}

/* The usual logs with what was rotated away, oldest first, so that the last line of each submitter is the last. */
static char **
usual_logs(void)
{
    static const char *const patterns[] = {"/var/log/mail.log*", "/var/log/maillog*", "/var/log/dovecot.log*",
                                           "/var/log/dovecot-info.log*"};
    g_autoptr(GArray) logs = g_array_new(FALSE, FALSE, sizeof(Log));
    g_array_set_clear_func(logs, clear_log);
    for (guint i = 0; i < G_N_ELEMENTS(patterns); i++) {
        glob_t found = {0};
        if (glob(patterns[i], 0, NULL, &found) == 0)
            for (gsize k = 0; k < found.gl_pathc; k++) {
                GStatBuf about;
                Log log = {g_strdup(found.gl_pathv[k]), 0};
                log.time = g_stat(log.path, &about) == 0 ? (gint64)about.st_mtime : 0;
                g_array_append_val(logs, log);
            }
        globfree(&found);
    }
    g_array_sort(logs, oldest_first);
    char **paths = g_new0(char *, logs->len + 1);
    for (guint i = 0; i < logs->len; i++)
        paths[i] = g_strdup(g_array_index(logs, Log, i).path);
    return paths;
}

/* Words of some parameters of Postfix; nothing if it is not there. */
static void
add_words(GPtrArray *list, const Finding *finding, const char *parameter)
{
    g_autofree char *output =
        postfix_run(finding->postfix, "postconf", (const char *const[]){"-x", "-h", parameter, NULL}, NULL);
    g_auto(GStrv) parts = g_strsplit_set(output != NULL ? output : "", ", \t\n", -1);
    for (guint i = 0; parts[i] != NULL; i++)
        if (*parts[i] != '\0' && *parts[i] != '/' && *parts[i] != '$' && strstr(parts[i], ":/") == NULL) /* no tables */
            g_ptr_array_add(list, g_strdup(parts[i]));
}

static void
copy_texts(GPtrArray *list, const GPtrArray *from)
{
    for (guint i = 0; from != NULL && i < from->len; i++)
        g_ptr_array_add(list, g_strdup(g_ptr_array_index(from, i)));
}

/* Postfix writes [::1]/128. */
static void
strip_brackets(GPtrArray *networks)
{
    for (guint i = 0; i < networks->len; i++) {
        char *text = g_ptr_array_index(networks, i);
        g_auto(GStrv) parts = g_strsplit_set(text, "[]", -1);
        networks->pdata[i] = g_strjoinv("", parts);
        g_free(text);
    }
}

/* Own domains and networks: of the settings, and of Postfix. */
static void
look_around(Finding *finding)
{
    static const char *const domains[] = {"virtual_mailbox_domains", "mydestination", "relay_domains"};
    finding->domains = g_ptr_array_new_with_free_func(g_free);
    finding->networks = g_ptr_array_new_with_free_func(g_free);
    copy_texts(finding->domains, finding->desk.settings->local_domains);
    copy_texts(finding->networks, finding->desk.settings->local_networks);
    for (guint i = 0; i < G_N_ELEMENTS(domains); i++)
        add_words(finding->domains, finding, domains[i]);
    add_words(finding->networks, finding, "mynetworks");
    strip_brackets(finding->networks);
}

/* --- the register -------------------------------------------------------------------------------------------- */

static void
know(const json_t *row, gpointer user)
{
    GHashTable *known = user;
    gsize i;
    json_t *alias;
    g_hash_table_add(known, g_strdup(account_text(row, "address")));
    json_array_foreach(json_object_get(row, "aliases"), i, alias)
        g_hash_table_add(known, g_strdup(json_string_value(alias)));
}

static gboolean
ask_register(Finding *finding, GError **error)
{
    GError *failed = NULL;
    g_autoptr(GHashTable) known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    AccountDesk *desk = &finding->desk;
    gboolean dry_run = desk->dry_run;
    desk->dry_run = FALSE;
    gboolean good = account_desk_call(desk, json_pack("{s:s}", "verb", "list"), know, known, &failed);
    desk->dry_run = dry_run;
    if (good)
        finding->known = g_steal_pointer(&known);
    else if (finding->import)
        g_propagate_error(error, g_steal_pointer(&failed));
    g_clear_error(&failed);
    return good || !finding->import;
}

static gboolean
is_registered(const Finding *finding, const Discovered *one)
{
    return finding->known != NULL && ((one->address != NULL && g_hash_table_contains(finding->known, one->address)) ||
                                      g_hash_table_contains(finding->known, one->name));
}

static gboolean
import_one(Finding *finding, const Discovered *one, GError **error)
{
    g_autofree char *deadline = clock_format(clock_wall_us() + (gint64)finding->days * G_TIME_SPAN_DAY);
    json_t *request = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "verb", "import", "source", "discover", "address",
                                one->address, "kind", one->kind, "deadline", deadline, "note", one->reason);
    if (one->type == SUBMITTER_HOST)
        json_object_set_new(request, "networks", json_pack("[s]", one->name));
    else if (one->type == SUBMITTER_LOGIN && strchr(one->name, '@') == NULL &&
             strncmp(one->name, one->address, strlen(one->name)) != 0)
        json_object_set_new(request, "aliases", json_pack("[s]", one->name));
    json_auto_t *rows = account_desk_ask(&finding->desk, request, error);
    finding->imported += rows != NULL;
    if (rows != NULL && finding->known != NULL)
        g_hash_table_add(finding->known, g_strdup(one->address));
    return rows != NULL;
}

/* --- showing ------------------------------------------------------------------------------------------------- */

static json_t *
keys_of(GHashTable *table)
{
    g_autoptr(GList) keys = g_list_sort(g_hash_table_get_keys(table), (GCompareFunc)strcmp);
    json_t *list = json_array();
    for (const GList *at = keys; at != NULL; at = at->next)
        json_array_append_new(list, json_string(at->data));
    return list;
}

static json_t *
object_of(const Finding *finding, const Discovered *one, const char *outcome)
{
    static const char *const types[] = {"login", "host", "local"};
    return json_pack("{s:i, s:s, s:s, s:s?, s:s, s:s, s:I, s:I, s:o, s:o, s:o, s:s?, s:b, s:o, s:s?}", "v", 1, "by",
                     types[one->type], "name", one->name, "address", one->address, "kind", one->kind, "reason",
                     one->reason, "letters", (json_int_t)one->letters, "logins", (json_int_t)one->logins, "clients",
                     keys_of(one->clients), "senders", keys_of(one->senders), "methods", keys_of(one->methods), "last",
                     one->last, "in_password_file", one->in_password_file, "registered",
                     finding->known != NULL ? json_boolean(is_registered(finding, one)) : json_null(), "outcome",
                     outcome);
}

static void
add_row(PrintTable *table, const Finding *finding, const Discovered *one, const char *outcome)
{
    g_autofree char *letters = g_strdup_printf("%" G_GINT64_FORMAT, one->letters);
    g_autofree char *logins = g_strdup_printf("%" G_GINT64_FORMAT, one->logins);
    gboolean registered = is_registered(finding, one) && outcome == NULL;
    print_table_add(table, registered ? PRINT_DIM : PRINT_PLAIN,
                    (const char *const[]){account_word(one->kind), one->name, one->address, letters, logins, one->last,
                                          outcome != NULL          ? outcome
                                          : finding->known == NULL ? _("not known")
                                          : registered             ? _("yes")
                                                                   : _("no"),
                                          one->reason});
}

/* What became of it, NULL if nothing was asked. Gives. */
static char *
outcome_of(Finding *finding, const Discovered *one)
{
    g_autoptr(GError) error = NULL;
    if (!finding->import || is_registered(finding, one))
        return NULL;
    if (one->address == NULL)
        return g_strdup(_("no mailbox: add it by hand"));
    if (import_one(finding, one, &error))
        return g_strdup(finding->desk.dry_run ? _("would be imported") : _("imported, approval due"));
    finding->failed++;
    return g_strdup(error->message);
}

static int
show(Finding *finding, const Discover *discover)
{
    g_autoptr(PrintTable) table =
        print_table_new((const char *const[]){_("kind"), _("submits as"), _("mailbox"), _(">letters"), _(">logins"),
                                              _("last"), _("registered"), _("because"), NULL});
    const GPtrArray *all = discover_submitters(discover);
    for (guint i = 0; i < all->len; i++) {
        const Discovered *one = g_ptr_array_index(all, i);
        g_autofree char *outcome = outcome_of(finding, one);
        if (finding->desk.json)
            print_json(object_of(finding, one, outcome), stdout);
        else
            add_row(table, finding, one, outcome);
    }
    if (finding->desk.json)
        return finding->failed > 0 ? 1 : 0;
    if (all->len > 0)
        print_table(table, stdout);
    printf(_("%" PRIu64 " lines read, %u submitters found%s\n"), discover_lines(discover), all->len,
           discover_was_full(discover) ? _(", and more that did not fit: look at fewer logs at once") : "");
    if (finding->import)
        printf(_("%u imported; approve them within %d days, or they count as unregistered: hangu account list "
                 "--pending\n"),
               finding->imported, finding->days);
    return finding->failed > 0 ? 1 : 0;
}

static gboolean
read_all(const Finding *finding, Discover *discover, GError **error)
{
    g_auto(GStrv) usual = finding->logs == NULL ? usual_logs() : NULL;
    char **logs = finding->logs != NULL ? finding->logs : usual;
    if (*logs == NULL && finding->passwd_files == NULL) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_NO_INPUT,
                    _("no log in /var/log (mail.log, maillog, dovecot.log); name it: --log FILE, or write one with: "
                      "journalctl -t postfix/smtpd -t postfix/qmgr -t dovecot > FILE"));
        return FALSE;
    }
    for (; *logs != NULL; logs++)
        if (!discover_log(discover, *logs, error))
            return FALSE;
    for (char **file = finding->passwd_files; file != NULL && *file != NULL; file++)
        if (!discover_passwd_file(discover, *file, error))
            return FALSE;
    return TRUE;
}

static int
discover_all(Finding *finding)
{
    GError *error = NULL;
    g_autoptr(Discover) discover = discover_new();
    if (!account_desk_open(&finding->desk, &error) || !read_all(finding, discover, &error))
        return command_fail("account discover", error);
    look_around(finding);
    discover_judge(discover, finding->domains, finding->networks);
    if (!ask_register(finding, &error))
        return command_fail("account discover", error);
    return show(finding, discover);
}

static int
run_discover(int argc, char **argv)
{
    g_auto(Finding) finding = {.days = DAYS};
    const GOptionEntry entries[] = {
        {"log", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &finding.logs,
         N_("log of Postfix or Dovecot, .gz too; may be repeated; default: those in /var/log"), N_("FILE")},
        {"passwd-file", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &finding.passwd_files,
         N_("passwd-file of Dovecot: who could log in; may be repeated"), N_("FILE")},
        {"postfix-config", 0, 0, G_OPTION_ARG_FILENAME, &finding.postfix, N_("Postfix configuration directory"),
         N_("DIR")},
        {"import", 0, 0, G_OPTION_ARG_NONE, &finding.import, N_("takes those found into the register, approval due"),
         NULL},
        {"days", 0, 0, G_OPTION_ARG_INT, &finding.days, N_("days in which an approval may be made up; default 30"),
         N_("N")},
        {NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_option_context_add_main_entries(context, entries, PACKAGE);
    account_desk_add_options(context, &finding.desk, TRUE);
    g_option_context_set_summary(
        context, _("Who and what really submits mail: people, printers, OA, cron; with a proposal for each\n"
                   "and the reason for it. Reads logs only; passwords are not looked at."));
    g_option_context_set_description(context, _("Examples:\n"
                                                "  hangu account discover\n"
                                                "  hangu account discover --log mail.log --log mail.log.2.gz --json\n"
                                                "  hangu account discover --import --days 30 --by 信息科\n"));
    int status = command_parse("account discover", context, &argc, &argv);
    if (status == 0 && argc != 1)
        status = command_usage("account discover", _("unexpected word \"%s\"; logs are named by --log"), argv[1]);
    if (status == 0 && (finding.days < 1 || finding.days > 365))
        status = command_usage("account discover", _("--days must be between 1 and 365"));
    return status != 0 ? status : discover_all(&finding);
}

const Command account_discover_command = {"discover", N_("who and what really submits, from the logs"), run_discover};
