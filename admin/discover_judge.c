/* What a submitter probably is, and why: a proposal for people to correct. */
#include "config.h"
#include "discover_private.h"
#include <gio/gio.h>
#include <glib/gi18n.h>
#include <string.h>

#define SERVICE_LETTERS 50 /* so many letters from one place by somebody who never reads mail: a program */

static const char *const administrators[] = {"root",       "admin", "administrator", "postmaster", "sysadmin",
                                             "guanliyuan", NULL};
static const char *const services[] = {"noreply",  "no-reply", "oa",      "scan",   "scanner", "printer",
                                       "fax",      "backup",   "monitor", "zabbix", "nagios",  "cron",
                                       "www-data", "daemon",   "alarm",   "notice", "system",  "robot",
                                       "jira",     "gitlab",   "erp",     "crm",    NULL};
static const char *const units[] = {"office", "info", "service", "contact", "bangongshi", "bgs",  "gongwen", "xinfang",
                                    "jubao",  "hr",   "caiwu",   "renshi",  "webmaster",  "xxgk", NULL};

/* The most frequent key; NULL of none. Lends. */
static const char *
most_of(GHashTable *table)
{
    GHashTableIter each;
    gpointer key, value;
    const char *best = NULL;
    guint most = 0;
    g_hash_table_iter_init(&each, table);
    while (g_hash_table_iter_next(&each, &key, &value))
        if (best == NULL || GPOINTER_TO_UINT(value) > most ||
            (GPOINTER_TO_UINT(value) == most && strcmp(key, best) < 0)) {
            best = key;
            most = GPOINTER_TO_UINT(value);
        }
    return best;
}

static gboolean
is_own(const char *address, const GPtrArray *domains)
{
    const char *at = strrchr(address, '@');
    for (guint i = 0; at != NULL && i < domains->len; i++) {
        const char *domain = g_ptr_array_index(domains, i);
        if (*domain == '.' ? g_str_has_suffix(at + 1, domain) : g_ascii_strcasecmp(at + 1, domain) == 0)
            return TRUE;
    }
    return FALSE;
}

/* The mailbox of a login name: itself, or the sender with the same local part, or the name at the first own domain; of
 * a host the sender it uses most. */
static char *
mailbox_of(const Discovered *one, const GPtrArray *domains)
{
    if (strchr(one->name, '@') != NULL)
        return g_strdup(one->name);
    const char *sender = most_of(one->senders);
    if (one->type != SUBMITTER_LOGIN)
        return sender != NULL && is_own(sender, domains) ? g_strdup(sender) : NULL;
    GHashTableIter each;
    gpointer key;
    g_autofree char *start = g_strconcat(one->name, "@", NULL);
    g_hash_table_iter_init(&each, one->senders);
    while (g_hash_table_iter_next(&each, &key, NULL))
        if (g_str_has_prefix(key, start) && is_own(key, domains))
            return g_strdup(key);
    const char *domain = domains->len > 0 ? g_ptr_array_index(domains, 0) : NULL;
    return domain != NULL && *domain != '.' ? g_strconcat(start, domain, NULL) : NULL;
}

static gboolean
lies_in(const char *address, const GPtrArray *networks)
{
    g_autoptr(GInetAddress) client = g_inet_address_new_from_string(address);
    for (guint i = 0; client != NULL && i < networks->len; i++) {
        g_autoptr(GInetAddressMask) mask = g_inet_address_mask_new_from_string(g_ptr_array_index(networks, i), NULL);
        if (mask != NULL && g_inet_address_mask_matches(mask, client))
            return TRUE;
    }
    return FALSE;
}

static void
propose(Discovered *one, const char *kind, char *reason)
{
    one->kind = kind;
    one->reason = reason;
}

static void
judge_login(Discovered *one)
{
    g_auto(GStrv) parts = g_strsplit(one->name, "@", 2);
    const char *client = most_of(one->clients);
    if (g_strv_contains(administrators, parts[0]))
        propose(one, "administrator", g_strdup(_("its name is an administrator's")));
    else if (g_strv_contains(services, parts[0]))
        propose(one, "service", g_strdup(_("its name is a program's or a device's")));
    else if (one->letters >= SERVICE_LETTERS && one->logins == 0 && g_hash_table_size(one->clients) == 1)
        propose(one, "service", g_strdup_printf(_("sends only from %s and never reads mail"), client));
    else if (g_strv_contains(units, parts[0]))
        propose(one, "unit", g_strdup(_("its name is an office's, not a person's")));
    else if (one->letters == 0 && one->logins == 0 && one->in_password_file)
        propose(one, "person", g_strdup(_("has a password and never logged in: dormant")));
    else if (one->letters == 0 && one->logins == 0)
        propose(one, "person", g_strdup(_("known by name only: nobody was seen using it")));
    else
        propose(one, "person",
                g_strdup_printf(_("logs in with its own name from %u addresses"), g_hash_table_size(one->clients)));
}

/* One that only tables know. */
static void
judge_known(Discovered *one)
{
    if (one->type != SUBMITTER_ALIAS)
        judge_login(one);
    else
        propose(one, "alias",
                g_strdup_printf(_("no mailbox: its mail goes to %s"),
                                one->addresses->len > 0 ? (const char *)g_ptr_array_index(one->addresses, 0) : "?"));
}

static gint
by_letters(gconstpointer a, gconstpointer b)
{
    const Discovered *one = *(Discovered *const *)a, *other = *(Discovered *const *)b;
    if (one->letters != other->letters)
        return one->letters > other->letters ? -1 : 1;
    return strcmp(one->name, other->name);
}

void
discover_judge(Discover *discover, const GPtrArray *domains, const GPtrArray *networks)
{
    GPtrArray *all = (GPtrArray *)discover_submitters(discover);
    for (guint i = all->len; i-- > 0;) {
        Discovered *one = g_ptr_array_index(all, i);
        if (one->type == SUBMITTER_HOST && !lies_in(one->name, networks)) { /* another's server brings us mail */
            g_ptr_array_remove_index_fast(all, i);
            continue;
        }
        if (one->type == SUBMITTER_LOGIN)
            judge_login(one);
        else if (one->type == SUBMITTER_HOST)
            propose(one, "service",
                    g_strdup_printf(_("sends without a login from %s: a printer, OA or a relay"), one->name));
        else
            propose(one, "service",
                    g_strdup_printf(_("calls sendmail on this machine (%s): cron or a program"), one->name));
        one->address = mailbox_of(one, domains);
    }
    const char *domain = domains->len > 0 ? g_ptr_array_index(domains, 0) : NULL;
    discover_known_join(discover, domain != NULL && *domain != '.' ? domain : NULL, judge_known);
    g_ptr_array_sort(all, by_letters);
}
