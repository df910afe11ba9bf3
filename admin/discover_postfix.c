/* Postfix's lookup tables. The compiled form is what counts, so postmap -s lists it; the text beside it only serves
 * where that cannot be done. */
#include "config.h"
#include "discover_private.h"
#include "postfix.h"
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>

#define NESTED 4 /* unionmap in unionmap */

static const struct {
    const char *parameter;
    KnownType type;
} tables[] = {
    {"smtpd_sender_login_maps", KNOWN_LOGIN}, {"virtual_mailbox_maps", KNOWN_MAILBOX},
    {"local_recipient_maps", KNOWN_MAILBOX},  {"relay_recipient_maps", KNOWN_MAILBOX},
    {"virtual_alias_maps", KNOWN_ALIAS},      {"alias_maps", KNOWN_ALIAS},
};

/* --- entries ------------------------------------------------------------------------------------------------- */

static void
take_entry(Discover *discover, KnownType type, const char *name, const char *values, const char *source)
{
    g_auto(GStrv) parts = g_strsplit_set(values, ", \t\r\n", -1);
    if (type == KNOWN_MAILBOX) /* the value is a path */
        discover_known(discover, type, name, NULL, source);
    for (guint i = 0; parts[i] != NULL && type != KNOWN_MAILBOX; i++) {
        if (*parts[i] == '\0')
            continue;
        if (type == KNOWN_ALIAS)
            discover_known(discover, type, name, parts[i], source);
        else /* of senders: the address is on the left, those who may use it on the right */
            discover_known(discover, type, parts[i], strchr(name, '@') > name ? name : NULL, source);
    }
}

/* "name value" of postmap(1), "name: value" of aliases(5). */
static void
take_logical(Discover *discover, KnownType type, char *line, const char *source)
{
    char *name = g_strstrip(line), *space = name + strcspn(name, " \t\n");
    if (*space == '\0')
        return;
    *space = '\0';
    if (g_str_has_prefix(name, "YP_")) /* postalias notes when and where */
        return;
    gsize length = strlen(name);
    if (length > 1 && name[length - 1] == ':')
        name[length - 1] = '\0';
    take_entry(discover, type, name, space + 1, source);
}

void
discover_table_text(Discover *discover, KnownType type, const char *text, const char *source)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    g_autoptr(GString) logical = g_string_new(NULL);
    for (guint i = 0; lines[i] != NULL; i++) {
        const char *line = lines[i], *start = line + strspn(line, " \t\r");
        if (*start == '#' || *start == '\0')
            continue;
        if (start == line && logical->len > 0) { /* no continuation */
            take_logical(discover, type, logical->str, source);
            g_string_truncate(logical, 0);
        }
        g_string_append_printf(logical, "%s\n", line);
    }
    if (logical->len > 0)
        take_logical(discover, type, logical->str, source);
    discover->listed++;
}

/* --- tables -------------------------------------------------------------------------------------------------- */

/* By commas and spaces, but not inside of braces. Gives. */
static GPtrArray *
split_tables(const char *value)
{
    GPtrArray *list = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GString) one = g_string_new(NULL);
    int depth = 0;
    for (const char *at = value;; at++) {
        depth += (*at == '{') - (*at == '}');
        if (*at != '\0' && (depth > 0 || strchr(", \t\r\n", *at) == NULL)) {
            g_string_append_c(one, *at);
            continue;
        }
        if (one->len > 0)
            g_ptr_array_add(list, g_strdup(one->str));
        g_string_truncate(one, 0);
        if (*at == '\0')
            return list;
    }
}

static char *
read_text(const char *path)
{
    char *text = NULL;
    GStatBuf about;
    if (g_stat(path, &about) == 0 && about.st_size <= DISCOVER_TABLE)
        g_file_get_contents(path, &text, NULL, NULL);
    return text;
}

static void
list_table(Discover *discover, const char *config, KnownType type, const char *table, const char *source)
{
    g_autoptr(GError) error = NULL;
    const char *path = strchr(table, ':') + 1;
    g_autofree char *text = postfix_run(config, "postmap", (const char *const[]){"-s", table, NULL}, &error);
    if (text == NULL && *path == '/')
        text = read_text(path);
    if (text != NULL)
        discover_table_text(discover, type, text, source);
    else
        discover_unread(discover, source, "%s", error->message);
}

static void
look_at(Discover *discover, const char *config, const char *parameter, KnownType type, const char *table, guint depth)
{
    static const char *const listed[] = {"hash", "btree", "lmdb", "dbm", "sdbm", "cdb", "texthash", "inline", NULL};
    static const char *const patterns[] = {"regexp", "pcre", "cidr", "static", "randmap", "pipemap", NULL};
    if (g_str_has_prefix(table, "proxy:"))
        table += strlen("proxy:");
    gsize length = strcspn(table, ":");
    g_autofree char *kind = table[length] == ':' ? g_strndup(table, length) : g_strdup("");
    g_autofree char *source = g_strdup_printf("%s %s", parameter, table);
    if (g_str_equal(kind, "unionmap") && depth < NESTED) {
        g_autofree char *inner = g_strdup(table + length + 1 + (table[length + 1] == '{'));
        if (g_str_has_suffix(inner, "}"))
            inner[strlen(inner) - 1] = '\0';
        g_autoptr(GPtrArray) parts = split_tables(inner);
        for (guint i = 0; i < parts->len; i++)
            look_at(discover, config, parameter, type, g_ptr_array_index(parts, i), depth + 1);
    } else if (g_strv_contains(listed, kind)) {
        list_table(discover, config, type, table, source);
    } else if (g_strv_contains(patterns, kind)) {
        discover_unread(discover, source, _("a table of patterns (%s) has no list of names"), kind);
    } else {
        discover_unread(discover, source,
                        _("a table of type \"%s\" is asked name by name and cannot be listed; take the list of its "
                          "accounts by: hangu account import"),
                        kind);
    }
}

void
discover_table(Discover *discover, const char *config, const char *parameter, KnownType type, const char *table)
{
    look_at(discover, config, parameter, type, table, 0);
}

/* --- parameters ---------------------------------------------------------------------------------------------- */

static char *
ask(const char *config, const char *parameter)
{
    char *value = postfix_run(config, "postconf", (const char *const[]){"-x", "-h", parameter, NULL}, NULL);
    return value != NULL ? g_strstrip(value) : g_strdup("");
}

/* Each table of the value that was not looked at before; a table of aliases makes no mailboxes. */
static void
look_at_all(Discover *discover, const char *config, const char *parameter, KnownType type, const char *value,
            GHashTable *seen)
{
    g_autoptr(GPtrArray) list = split_tables(value);
    for (guint i = 0; i < list->len; i++) {
        const char *table = g_ptr_array_index(list, i);
        if (*table != '$' && g_hash_table_add(seen, g_strdup_printf("%d %s", type, table)))
            discover_table(discover, config, parameter, type, table);
    }
}

/* "submission/inet/smtpd_sender_login_maps = hash:/etc/postfix/senders": services of master.cf have their own. */
static void
look_at_services(Discover *discover, const char *config, GHashTable *seen)
{
    g_autofree char *output = postfix_run(config, "postconf", (const char *const[]){"-x", "-P", NULL}, NULL);
    g_auto(GStrv) lines = g_strsplit(output != NULL ? output : "", "\n", -1);
    for (guint i = 0; lines[i] != NULL; i++) {
        const char *equals = strstr(lines[i], " = ");
        g_autofree char *name = equals != NULL ? g_strndup(lines[i], (gsize)(equals - lines[i])) : NULL;
        if (name != NULL && g_str_has_suffix(name, "/smtpd_sender_login_maps"))
            look_at_all(discover, config, name, KNOWN_LOGIN, equals + 3, seen);
    }
}

void
discover_postfix(Discover *discover, const char *config)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *there = postfix_run(config, "postconf", (const char *const[]){"-h", "mail_version", NULL}, &error);
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    if (there == NULL) {
        discover_unread(discover, config != NULL ? config : "Postfix", "%s", error->message);
        return;
    }
    g_autofree char *aliases = ask(config, "alias_maps");
    g_autoptr(GPtrArray) of_aliases = split_tables(aliases);
    for (guint i = 0; i < of_aliases->len; i++)
        g_hash_table_add(seen, g_strdup_printf("%d %s", KNOWN_MAILBOX, (char *)g_ptr_array_index(of_aliases, i)));
    for (guint i = 0; i < G_N_ELEMENTS(tables); i++) {
        g_autofree char *value = ask(config, tables[i].parameter);
        look_at_all(discover, config, tables[i].parameter, tables[i].type, value, seen);
    }
    look_at_services(discover, config, seen);
}
