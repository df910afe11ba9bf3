/* hangu account discover: what logs and tables know, beside what the register knows. */
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
    char **logs, **passwd_files, *postfix, *dovecot;
    gboolean import, logs_only;
    gboolean logs_read;
    gint days;
    GHashTable *known; /* addresses and login names of the register; NULL: hangu-authd is away */
    GPtrArray *domains, *networks;
    GHashTable *claims; /* address to the number (GUINT) of those who have it or may send as it */
    guint imported, failed;
} Finding;

static void
finding_clear(Finding *finding)
{
    account_desk_clear(&finding->desk);
    g_strfreev(finding->logs);
    g_strfreev(finding->passwd_files);
    g_free(finding->postfix);
    g_free(finding->dovecot);
    g_clear_pointer(&finding->known, g_hash_table_unref);
    g_clear_pointer(&finding->claims, g_hash_table_unref);
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

static void
claim(GHashTable *claims, const char *address)
{
    if (address != NULL)
        g_hash_table_replace(claims, g_strdup(address),
                             GUINT_TO_POINTER(GPOINTER_TO_UINT(g_hash_table_lookup(claims, address)) + 1));
}

static void
count_claims(Finding *finding, const Discover *discover)
{
    const GPtrArray *all = discover_submitters(discover);
    finding->claims = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < all->len; i++) {
        const Discovered *one = g_ptr_array_index(all, i);
        if (one->type == SUBMITTER_ALIAS)
            continue;
        claim(finding->claims, one->address);
        for (guint k = 0; k < one->addresses->len; k++)
            claim(finding->claims, g_ptr_array_index(one->addresses, k));
    }
}

/* Its login name where the mailbox does not tell it, and what only it may send as besides: an address that several may
 * use is for people to sort out (a unit's mailbox, a delegation). */
static json_t *
aliases_of(const Finding *finding, const Discovered *one)
{
    json_t *list = json_array();
    gboolean told = strchr(one->name, '@') != NULL || strncmp(one->name, one->address, strlen(one->name)) == 0;
    if (one->type == SUBMITTER_LOGIN && !told)
        json_array_append_new(list, json_string(one->name));
    for (guint i = 0; i < one->addresses->len; i++) {
        const char *address = g_ptr_array_index(one->addresses, i);
        if (GPOINTER_TO_UINT(g_hash_table_lookup(finding->claims, address)) == 1 &&
            !g_hash_table_contains(finding->known, address))
            json_array_append_new(list, json_string(address));
    }
    return list;
}

static gboolean
import_one(Finding *finding, const Discovered *one, GError **error)
{
    g_autofree char *deadline = clock_format(clock_wall_us() + (gint64)finding->days * G_TIME_SPAN_DAY);
    json_t *request = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "verb", "import", "source", "discover", "address",
                                one->address, "kind", one->kind, "deadline", deadline, "note", one->reason);
    if (one->type == SUBMITTER_HOST)
        json_object_set_new(request, "networks", json_pack("[s]", one->name));
    else
        json_object_set_new(request, "aliases", aliases_of(finding, one));
    json_auto_t *rows = account_desk_ask(&finding->desk, request, error);
    finding->imported += rows != NULL;
    for (gsize i = 0; i < json_array_size(rows); i++)
        know(json_array_get(rows, i), finding->known);
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
list_of(const GPtrArray *texts)
{
    json_t *list = json_array();
    for (guint i = 0; i < texts->len; i++)
        json_array_append_new(list, json_string(g_ptr_array_index(texts, i)));
    return list;
}

static json_t *
object_of(const Finding *finding, const Discovered *one, const char *outcome)
{
    static const char *const types[] = {"login", "host", "local", "mailbox", "alias"};
    json_t *object =
        json_pack("{s:i, s:s, s:s, s:s?, s:s, s:s, s:I, s:I, s:o, s:o, s:o, s:s?, s:b, s:o, s:s?}", "v", 1, "by",
                  types[one->type], "name", one->name, "address", one->address, "kind", one->kind, "reason",
                  one->reason, "letters", (json_int_t)one->letters, "logins", (json_int_t)one->logins, "clients",
                  keys_of(one->clients), "senders", keys_of(one->senders), "methods", keys_of(one->methods), "last",
                  one->last, "in_password_file", one->in_password_file, "registered",
                  finding->known != NULL ? json_boolean(is_registered(finding, one)) : json_null(), "outcome", outcome);
    json_object_set_new(object, "submits", finding->logs_read ? json_boolean(one->letters > 0) : json_null());
    json_object_set_new(object, "sources", list_of(one->sources));
    json_object_set_new(object, "addresses", list_of(one->addresses));
    return object;
}

static char *
joined(const GPtrArray *texts)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < texts->len; i++)
        g_string_append_printf(text, "%s%s", i > 0 ? ", " : "", (const char *)g_ptr_array_index(texts, i));
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static void
add_row(PrintTable *table, const Finding *finding, const Discovered *one, const char *outcome)
{
    g_autofree char *letters = g_strdup_printf("%" G_GINT64_FORMAT, one->letters);
    g_autofree char *logins = g_strdup_printf("%" G_GINT64_FORMAT, one->logins);
    g_autofree char *sources = joined(one->sources);
    gboolean registered = is_registered(finding, one) && outcome == NULL;
    print_table_add(table, registered ? PRINT_DIM : PRINT_PLAIN,
                    (const char *const[]){account_word(one->kind), one->name, one->address, letters, logins, one->last,
                                          outcome != NULL          ? outcome
                                          : finding->known == NULL ? _("not known")
                                          : registered             ? _("yes")
                                                                   : _("no"),
                                          one->reason, sources});
}

static PrintTable *
new_table(const char *name)
{
    return print_table_new((const char *const[]){_("kind"), name, _("mailbox"), _(">letters"), _(">logins"), _("last"),
                                                 _("in the register"), _("because"), _("found in"), NULL});
}

static void
show_unread(const Finding *finding, const Discover *discover)
{
    const GPtrArray *unread = discover_not_read(discover);
    for (guint i = 0; i < unread->len; i++) {
        const DiscoverUnread *one = g_ptr_array_index(unread, i);
        if (finding->desk.json)
            print_json(json_pack("{s:i, s:s, s:s}", "v", 1, "not_listed", one->source, "why", one->why), stdout);
        else
            printf(_("not listed: %s: %s\n"), one->source, one->why);
    }
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
    if (one->type == SUBMITTER_ALIAS)
        return g_strdup(_("no account of its own"));
    if (import_one(finding, one, &error))
        return g_strdup(finding->desk.dry_run ? _("would be imported") : _("imported, approval due"));
    finding->failed++;
    return g_strdup(error->message);
}

/* Those who submit first, then those that were not seen doing it. */
static void
print_tables(const Discover *discover, const PrintTable *using, const PrintTable *idle, guint count)
{
    guint all = discover_submitters(discover)->len;
    if (count > 0)
        print_table(using, stdout);
    if (count > 0 && count < all)
        printf("\n");
    if (count < all) {
        printf(_("Known, but not seen submitting in these logs:\n"));
        print_table(idle, stdout);
    }
    printf(_("%" PRIu64 " lines and %u tables read: %u submit, %u others are known%s\n"), discover_lines(discover),
           discover_sources(discover), count, all - count,
           discover_was_full(discover) ? _(", and more that did not fit: look at fewer logs at once") : "");
}

static int
show(Finding *finding, const Discover *discover)
{
    g_autoptr(PrintTable) using = new_table(_("submits as")), idle = new_table(_("name"));
    const GPtrArray *all = discover_submitters(discover);
    guint count = 0;
    for (guint i = 0; i < all->len; i++) {
        const Discovered *one = g_ptr_array_index(all, i);
        g_autofree char *outcome = outcome_of(finding, one);
        count += one->letters > 0;
        if (finding->desk.json)
            print_json(object_of(finding, one, outcome), stdout);
        else
            add_row(one->letters > 0 ? using : idle, finding, one, outcome);
    }
    if (!finding->desk.json)
        print_tables(discover, using, idle, count);
    show_unread(finding, discover);
    if (finding->import && !finding->desk.json)
        printf(_("%u imported; approve them within %d days, or they count as unregistered: hangu account list "
                 "--pending\n"),
               finding->imported, finding->days);
    return finding->failed > 0 ? 1 : 0;
}

static gboolean
read_all(Finding *finding, Discover *discover, GError **error)
{
    g_auto(GStrv) usual = finding->logs == NULL ? usual_logs() : NULL;
    char **logs = finding->logs != NULL ? finding->logs : usual;
    finding->logs_read = *logs != NULL;
    for (; *logs != NULL; logs++)
        if (!discover_log(discover, *logs, error))
            return FALSE;
    for (char **file = finding->passwd_files; file != NULL && *file != NULL; file++)
        if (!discover_passwd_file(discover, *file, error))
            return FALSE;
    if (!finding->logs_only) {
        discover_postfix(discover, finding->postfix);
        discover_dovecot(discover, finding->dovecot);
    }
    if (finding->logs_read)
        return TRUE;
    static const char advice[] = N_("no log in /var/log (mail.log, maillog, dovecot.log); name it: --log FILE, or "
                                    "write one with: journalctl -t postfix/smtpd -t postfix/qmgr -t dovecot > FILE");
    if (discover_sources(discover) > 0)
        discover_unread(discover, _("logs"), "%s", _(advice));
    else
        g_set_error_literal(error, HANGU_ERROR, HANGU_ERROR_NO_INPUT, _(advice));
    return discover_sources(discover) > 0;
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
    count_claims(finding, discover);
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
        {"dovecot-config", 0, 0, G_OPTION_ARG_FILENAME, &finding.dovecot, N_("Dovecot's configuration file"),
         N_("FILE")},
        {"logs-only", 0, 0, G_OPTION_ARG_NONE, &finding.logs_only,
         N_("looks at no table of this machine: the logs are of another one"), NULL},
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
                   "and the reason for it; and who is known to Postfix's and Dovecot's tables and was not seen\n"
                   "submitting. Each says where it was found. Nothing is changed, passwords are not looked at."));
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

const Command account_discover_command = {"discover", N_("who and what really submits, from logs and tables"),
                                          run_discover};
