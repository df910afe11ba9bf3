/* Value checks of hangu.yaml. */
#include "config.h"
#include "settings_check.h"
#include <gio/gio.h>
#include <glib/gi18n.h>
#include <string.h>
#include <sys/un.h>

#define NAME_MAX_CHARACTERS 64
#define SOCKET_PATH_MAX (sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1)
#define DOMAIN_MAX 253
#define LABEL_MAX 63

static gboolean
refuse(char **why_out, const char *why)
{
    *why_out = g_strdup(why);
    return FALSE;
}

gboolean
check_name(const char *value, char **why_out)
{
    glong length = g_utf8_strlen(value, -1);
    if (length < 1 || length > NAME_MAX_CHARACTERS)
        return refuse(why_out, _("must have 1 to 64 characters"));
    for (const char *p = value; *p != '\0'; p = g_utf8_next_char(p))
        if (!g_unichar_isprint(g_utf8_get_char(p)))
            return refuse(why_out, _("must be one line of visible characters"));
    return TRUE;
}

gboolean
check_token(const char *value, char **why_out)
{
    gboolean good = *value != '\0' && strlen(value) <= DOMAIN_MAX;
    for (; *value != '\0'; value++)
        good = good && g_ascii_isgraph(*value);
    return good || refuse(why_out, _("must be a word of ASCII letters, digits and signs, without blanks"));
}

gboolean
check_group(const char *value, char **why_out)
{
    if (*value == '\0' || g_regex_match_simple("^[A-Za-z_][A-Za-z0-9_.-]{0,31}$", value, G_REGEX_DOLLAR_ENDONLY, 0))
        return TRUE;
    return refuse(why_out, _("must be the name of a group of this system, or \"\""));
}

/* One label as it is written in a mail address: letters, digits and hyphens of any script. */
static gboolean
label_is_sound(const char *label)
{
    gsize length = strlen(label);
    if (length == 0 || length > LABEL_MAX || label[0] == '-' || label[length - 1] == '-')
        return FALSE;
    for (; *label != '\0'; label = g_utf8_next_char(label)) {
        gunichar c = g_utf8_get_char(label);
        if (c != '-' && c != '_' && !g_unichar_isalnum(c) && !g_unichar_ismark(c))
            return FALSE;
    }
    return TRUE;
}

gboolean
check_domain(const char *value, char **why_out)
{
    if (strchr(value, '@') != NULL)
        return refuse(why_out, _("must be a domain only, without the part up to @"));
    if (strpbrk(value, "*/:") != NULL)
        return refuse(why_out, _("must be a domain; a dot in front (.unit.example) includes its subdomains"));
    const char *domain = *value == '.' ? value + 1 : value;
    g_auto(GStrv) labels = g_strsplit(domain, ".", -1);
    gboolean good = *domain != '\0' && strlen(domain) <= DOMAIN_MAX;
    for (char **label = labels; *label != NULL; label++)
        good = good && label_is_sound(*label);
    return good || refuse(why_out, _("is no domain; write unit.example, or .unit.example for its subdomains as well"));
}

gboolean
check_network(const char *value, char **why_out)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GInetAddressMask) mask = g_inet_address_mask_new_from_string(value, &error);
    if (mask != NULL)
        return TRUE;
    if (strchr(value, '[') != NULL)
        return refuse(why_out, _("must be written without brackets: 2001:db8::/32"));
    g_auto(GStrv) halves = g_strsplit(value, "/", 2);
    g_autoptr(GInetAddress) address = halves[0] != NULL ? g_inet_address_new_from_string(halves[0]) : NULL;
    if (address != NULL && halves[1] != NULL && g_regex_match_simple("^[0-9]{1,3}$", halves[1], 0, 0))
        return refuse(why_out, _("the address has bits set behind the mask, or the mask is too long; "
                                 "write the first address of the network (192.0.2.0/24)"));
    return refuse(why_out, _("is no network; write 192.0.2.0/24, 2001:db8::/32 or a single address"));
}

gboolean
check_absolute(const char *value, char **why_out)
{
    return *value == '/' || refuse(why_out, _("must be an absolute path"));
}

gboolean
check_socket_path(const char *value, char **why_out)
{
    if (strlen(value) <= SOCKET_PATH_MAX)
        return TRUE;
    return refuse(why_out, _("is too long for a Unix socket; at most 107 bytes"));
}

static gboolean
check_inet(const char *value, char **why_out)
{
    const char *at = strchr(value, '@');
    char *end = NULL;
    guint64 port = g_ascii_isdigit(*value) ? g_ascii_strtoull(value, &end, 10) : 0;
    if (at == NULL || at[1] == '\0' || end != at || port < 1 || port > 65535)
        return refuse(why_out, _("must be inet:PORT@HOST with a port from 1 to 65535, as in inet:11332@127.0.0.1"));
    return check_token(at + 1, why_out);
}

gboolean
check_socket(const char *value, char **why_out)
{
    if (g_str_has_prefix(value, "unix:/"))
        return check_socket_path(value + strlen("unix:"), why_out);
    if (g_str_has_prefix(value, "inet:"))
        return check_inet(value + strlen("inet:"), why_out);
    if (g_str_has_prefix(value, "inet6:"))
        return check_inet(value + strlen("inet6:"), why_out);
    return refuse(why_out, _("is no socket; write unix:/PATH (best) or inet:PORT@HOST"));
}

gboolean
check_separators(const char *value, char **why_out)
{
    gboolean good = strlen(value) <= 8;
    for (; *value != '\0'; value++)
        good = good && strchr("!#$%&'*+-/=?^_`{|}~", *value) != NULL;
    return good || refuse(why_out, _("must be up to 8 signs such as + - = #, or \"\" for none"));
}

gboolean
check_server(const char *value, char **why_out)
{
    const char *colon = strrchr(value, ':');
    char *end = NULL;
    guint64 port = colon != NULL && g_ascii_isdigit(colon[1]) ? g_ascii_strtoull(colon + 1, &end, 10) : 0;
    g_autofree char *host = colon != NULL ? g_strndup(value, (gsize)(colon - value)) : NULL;
    if (host != NULL &&
        g_regex_match_simple("^([A-Za-z0-9.-]+|\\[[0-9A-Fa-f:.]+\\])$", host, G_REGEX_DOLLAR_ENDONLY, 0) && port >= 1 &&
        port <= 65535 && *end == '\0')
        return TRUE;
    return refuse(why_out, _("must be HOST:PORT, as in 127.0.0.1:25 or [::1]:25"));
}

gboolean
check_mailbox(const char *value, char **why_out)
{
    return g_regex_match_simple("^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,253}$", value,
                                G_REGEX_DOLLAR_ENDONLY, 0) ||
           refuse(why_out, _("must be an address, as in baomi@unit.example"));
}

gboolean
check_listen(const char *value, char **why_out)
{
    if (*value == '\0')
        return TRUE;
    g_autoptr(GSocketConnectable) parsed = g_network_address_parse(value, 0, NULL);
    const char *host = parsed != NULL ? g_network_address_get_hostname(G_NETWORK_ADDRESS(parsed)) : NULL;
    g_autoptr(GInetAddress) address = host != NULL ? g_inet_address_new_from_string(host) : NULL;
    if (address == NULL || g_network_address_get_port(G_NETWORK_ADDRESS(parsed)) == 0)
        return refuse(why_out, _("is no address with a port; write 127.0.0.1:4001 or [::1]:4001"));
    return g_inet_address_get_is_loopback(address) || refuse(why_out, _("must be an address of this machine only"));
}

gboolean
check_hours(const char *value, char **why_out)
{
    return *value == '\0' ||
           g_regex_match_simple("^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$", value, 0, 0) ||
           refuse(why_out, _("must be two times of a day: 06:00-23:00"));
}

gboolean
check_ldap(const char *value, char **why_out)
{
    return g_regex_match_simple("^(ldapi://(/|%2[Ff][A-Za-z0-9%._-]+/?)|ldaps?://[A-Za-z0-9.:\\[\\]-]+/?)$", value,
                                G_REGEX_DOLLAR_ENDONLY, 0) ||
           refuse(why_out, _("must be ldapi:///, ldaps://HOST or ldap://HOST"));
}

gboolean
check_account_filter(const char *value, char **why_out)
{
    const gsize length = strlen(value);
    return (length > 2 && *value == '(' && value[length - 1] == ')' && strstr(value, "%u") != NULL) ||
           refuse(why_out, _("must be a filter in brackets with %u for the account, as in (mail=%u)"));
}

static gboolean
is_statement(const char *value, const char *word, guint marks)
{
    for (const char *at = value; *at != '\0'; at++)
        marks -= *at == '?';
    return g_ascii_strncasecmp(value, word, strlen(word)) == 0 && marks == 0 && strchr(value, ';') == NULL;
}

gboolean
check_select(const char *value, char **why_out)
{
    return is_statement(value, "SELECT ", 1) ||
           refuse(why_out, _("must be one SELECT with one ? for the account, as in "
                             "SELECT password FROM users WHERE address = ?"));
}

gboolean
check_update(const char *value, char **why_out)
{
    return is_statement(value, "UPDATE ", 2) ||
           refuse(why_out, _("must be one UPDATE with two ?, for the hash and for the account, as in "
                             "UPDATE users SET password = ? WHERE address = ?"));
}

gboolean
check_loopback_url(const char *value, char **why_out)
{
    return g_regex_match_simple(
               "^(https://[A-Za-z0-9.:\\[\\]-]+|http://(127\\.0\\.0\\.1|\\[::1\\]|localhost)(:[0-9]+)?)/"
               "[!-~]*$",
               value, G_REGEX_DOLLAR_ENDONLY, 0) ||
           refuse(why_out, _("must be an https address, or http on this machine: http://127.0.0.1:8080/doveadm/v1"));
}

gboolean
check_time_of_day(const char *value, char **why_out)
{
    return g_regex_match_simple("^([01][0-9]|2[0-3]):[0-5][0-9]$", value, G_REGEX_DOLLAR_ENDONLY, 0) ||
           refuse(why_out, _("must be a time of a day: 07:30"));
}

gboolean
check_days(const char *value, char **why_out)
{
    return g_ascii_string_to_unsigned(value, 10, 1, 365, NULL, NULL) ||
           refuse(why_out, _("must be a number of days, 1 to 365"));
}

gboolean
check_door(const char *value, char **why_out)
{
    if (g_str_has_prefix(value, "unix:/"))
        return check_socket_path(value + strlen("unix:"), why_out);
    return check_listen(value, why_out);
}
