/* One small function for each way round the gate. */
#include "config.h"
#include "ways_out.h"
#include <glib/gi18n.h>
#include <inttypes.h>
#include <string.h>

typedef struct {
    const PostfixSetup *setup;
    const Settings *settings;
    GPtrArray *found; /* WayOut */
} Search;

static void
way_free(gpointer data)
{
    WayOut *way = data;
    g_free(way->where);
    g_free(way->what);
    g_free(way->advice);
    g_free(way);
}

/* Takes what and advice. */
static void
add(Search *search, const char *id, const char *where, char *what, char *advice)
{
    WayOut *way = g_new0(WayOut, 1);
    *way = (WayOut){id, g_strdup(where), what, advice};
    g_ptr_array_add(search->found, way);
}

static const char *
value_of(const Search *search, const PostfixService *service, const char *name)
{
    return postfix_value(search->setup, service, name);
}

static char *
place(const PostfixService *service)
{
    return g_strdup_printf("%s/%s", service->name, service->type);
}

static gboolean
is_smtpd(const PostfixService *service)
{
    return strcmp(service->command, "smtpd") == 0;
}

static gboolean
is_egress(const Search *search, const PostfixService *service)
{
    return is_smtpd(service) &&
           g_strcmp0(value_of(search, service, "milter_macro_daemon_name"), search->settings->egress_listener) == 0;
}

/* "inet:8891@127.0.0.1" (libmilter) and "inet:127.0.0.1:8891" (Postfix) mean the same port. */
static char *
port_of(const char *address)
{
    g_auto(GStrv) pieces = g_strsplit_set(address + strlen("inet:"), ":@", -1);
    for (char **piece = pieces; *piece != NULL; piece++)
        if (**piece != '\0' && strspn(*piece, "0123456789") == strlen(*piece))
            return g_strdup(*piece);
    return g_strdup("");
}

/* Whether one milter of Postfix's list is our socket. A relative path lies below the queue directory, and to a
 * chrooted smtpd an absolute one does as well. */
static gboolean
is_our_socket(const Search *search, const char *milter)
{
    const char *ours = search->settings->socket;
    if (g_str_has_prefix(milter, "inet:") && g_str_has_prefix(ours, "inet:")) {
        g_autofree char *theirs = port_of(milter), *wanted = port_of(ours);
        return strcmp(theirs, wanted) == 0;
    }
    if (!g_str_has_prefix(milter, "unix:") || g_str_has_prefix(ours, "inet:"))
        return FALSE;
    const char *path = milter + strlen("unix:");
    const char *wanted = g_str_has_prefix(ours, "unix:") ? ours + strlen("unix:") : ours;
    g_autofree char *below = g_build_filename(value_of(search, NULL, "queue_directory"), path, NULL);
    return strcmp(path, wanted) == 0 || strcmp(below, wanted) == 0;
}

/* Our socket as Postfix writes it: below the queue directory without it, so that a chrooted smtpd finds it too. Gives.
 */
static char *
our_name(const Search *search)
{
    const char *socket = search->settings->socket;
    if (g_str_has_prefix(socket, "inet:")) {
        g_autofree char *port = port_of(socket);
        return g_strdup_printf("inet:127.0.0.1:%s", port);
    }
    const char *path = g_str_has_prefix(socket, "unix:") ? socket + strlen("unix:") : socket;
    const char *queue = value_of(search, NULL, "queue_directory");
    gsize length = strlen(queue);
    if (length > 0 && strncmp(path, queue, length) == 0 && path[length] == '/')
        path += length + 1;
    return g_strconcat("unix:", path, NULL);
}

/* Postfix's list: names between commas, white space and the braces of per-milter settings. */
static gboolean
has_our_socket(const Search *search, const char *milters)
{
    g_auto(GStrv) words = g_strsplit_set(milters, ", \t{}", -1);
    for (char **word = words; *word != NULL; word++)
        if (**word != '\0' && is_our_socket(search, *word))
            return TRUE;
    return FALSE;
}

static void
check_smtpd(Search *search, const PostfixService *service)
{
    g_autofree char *where = place(service);
    if (!is_smtpd(service) || has_our_socket(search, value_of(search, service, "smtpd_milters")))
        return;
    g_autofree char *ours = our_name(search);
    add(search, "smtpd-unguarded", where, g_strdup(_("letters that come in here do not pass Hangu")),
        g_strdup_printf(_("add %s to smtpd_milters of this service"), ours));
}

static void
check_overrides(Search *search, const PostfixService *service)
{
    const char *options = value_of(search, service, "receive_override_options");
    g_autofree char *where = place(service);
    if ((is_smtpd(service) || strcmp(service->command, "pickup") == 0 || strcmp(service->command, "qmqpd") == 0) &&
        strstr(options, "no_milters") != NULL)
        add(search, "no-milters", where, g_strdup(_("receive_override_options has no_milters: no letter passes Hangu")),
            g_strdup(_("take no_milters out of receive_override_options")));
}

/* The egress listener has a filter of its own: the way on to the outside. */
static void
check_filter(Search *search, const PostfixService *service)
{
    g_autofree char *where = place(service);
    gboolean receives = is_smtpd(service) || strcmp(service->command, "pickup") == 0;
    if (!receives || is_egress(search, service))
        return;
    const char *filter = value_of(search, service, "content_filter");
    if (*filter != '\0')
        add(search, "content-filter", where,
            g_strdup_printf(_("content_filter %s takes the letter after Hangu and may send it on by itself"), filter),
            g_strdup(_("see that what comes back from the filter passes a smtpd with Hangu, or use a milter instead")));
    const char *proxy = value_of(search, service, "smtpd_proxy_filter");
    if (*proxy != '\0')
        add(search, "proxy-filter", where,
            g_strdup_printf(_("smtpd_proxy_filter %s stands between this service and the queue"), proxy),
            g_strdup(_("see that the smtpd behind the proxy has Hangu in smtpd_milters")));
}

static void
check_default_action(Search *search, const PostfixService *service)
{
    g_autofree char *where = place(service);
    const char *milters = g_hash_table_lookup(service->overrides, "smtpd_milters");
    const char *action = g_hash_table_lookup(service->overrides, "milter_default_action");
    if ((action != NULL && strcmp(action, "accept") == 0) ||
        (milters != NULL && strstr(milters, "default_action=accept") != NULL))
        add(search, "accepts-without-us", where,
            g_strdup(_("while Hangu is away letters pass this service unseen (default action accept)")),
            g_strdup(_("set milter_default_action = tempfail")));
}

static void
check_main_default_action(Search *search)
{
    const char *names[] = {"smtpd_milters", "non_smtpd_milters"};
    gboolean accepts = strcmp(value_of(search, NULL, "milter_default_action"), "accept") == 0;
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        accepts = accepts || strstr(value_of(search, NULL, names[i]), "default_action=accept") != NULL;
    if (accepts)
        add(search, "accepts-without-us", "milter_default_action",
            g_strdup(_("while Hangu is away letters pass unseen (default action accept)")),
            g_strdup(_("set milter_default_action = tempfail; Postfix then keeps the mail until Hangu is back")));
}

static void
check_sendmail(Search *search)
{
    g_autofree char *ours = our_name(search);
    if (!has_our_socket(search, value_of(search, NULL, "non_smtpd_milters")))
        add(search, "sendmail-unguarded", "non_smtpd_milters",
            g_strdup(_("letters that programs of this machine submit with sendmail(1) do not pass Hangu")),
            g_strdup_printf(_("set non_smtpd_milters = %s"), ours));
}

/* Without the name a refused letter of sendmail(1) would be bounced by Postfix, header and all. */
static void
check_pickup_name(Search *search)
{
    const char *wanted = search->settings->pickup_listener;
    for (guint i = 0; i < search->setup->services->len; i++) {
        const PostfixService *service = g_ptr_array_index(search->setup->services, i);
        if (strcmp(service->command, "cleanup") == 0 &&
            g_strcmp0(value_of(search, service, "milter_macro_daemon_name"), wanted) == 0)
            return;
    }
    add(search, "pickup-unnamed", "cleanup/unix",
        g_strdup(
            _("letters of sendmail(1) cannot be told from others: a refused one is bounced to its sender's address")),
        g_strdup_printf("postconf -P cleanup/unix/milter_macro_daemon_name=%s", wanted));
}

/* "hangu-egress:[127.0.0.1]:10027" leads to our listener if a smtpd of that port carries its name. */
static gboolean
leads_to_egress(const Search *search, const char *transport)
{
    const char *colon = strrchr(transport, ':');
    for (guint i = 0; colon != NULL && i < search->setup->services->len; i++) {
        const PostfixService *service = g_ptr_array_index(search->setup->services, i);
        const char *port = strrchr(service->name, ':');
        port = port != NULL ? port + 1 : service->name;
        if (is_egress(search, service) && strcmp(port, colon + 1) == 0)
            return TRUE;
    }
    return FALSE;
}

static void
check_egress(Search *search)
{
    static const char *const names[] = {"default_transport", "relay_transport"};
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        const char *transport = value_of(search, NULL, names[i]);
        if (leads_to_egress(search, transport) || g_str_has_prefix(transport, "error:") ||
            g_str_has_prefix(transport, "discard:"))
            continue;
        add(search, "no-egress", names[i],
            g_strdup_printf(_("%s = %s: forwarded, aliased and bcc mail leaves without passing Hangu once more"),
                            names[i], transport),
            g_strdup(_("send outward mail through the egress listener: hangu-postfix apply")));
    }
    const char *maps = value_of(search, NULL, "sender_dependent_default_transport_maps");
    if (*maps != '\0')
        add(search, "no-egress", "sender_dependent_default_transport_maps",
            g_strdup_printf(_("%s may send outward mail past the egress listener"), maps),
            g_strdup(_("see that every entry leads to the egress listener")));
}

static void
check_size(Search *search)
{
    const char *text = value_of(search, NULL, "message_size_limit");
    gint64 theirs = g_ascii_strtoll(text, NULL, 10);
    gint64 ours = search->settings->message_size;
    if (*text == '\0' || (theirs > 0 && theirs <= ours))
        return;
    add(search, "size", "message_size_limit",
        g_strdup_printf(_("Postfix takes letters up to %s bytes, Hangu refuses those over %" PRId64), text,
                        ours),
        g_strdup_printf(_("set message_size_limit = %" PRId64 ", or raise milter.message_size"), ours));
}

GPtrArray *
ways_out_find(const PostfixSetup *setup, const Settings *settings)
{
    static void (*const per_service[])(Search *, const PostfixService *) = {check_smtpd, check_overrides, check_filter,
                                                                            check_default_action};
    static void (*const whole[])(Search *) = {check_sendmail, check_pickup_name, check_egress,
                                              check_main_default_action, check_size};
    Search search = {setup, settings, g_ptr_array_new_with_free_func(way_free)};
    for (guint i = 0; i < setup->services->len; i++)
        for (gsize j = 0; j < G_N_ELEMENTS(per_service); j++)
            per_service[j](&search, g_ptr_array_index(setup->services, i));
    for (gsize i = 0; i < G_N_ELEMENTS(whole); i++)
        whole[i](&search);
    return search.found;
}
