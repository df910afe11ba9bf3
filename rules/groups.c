/* groups - sets of addresses in hash tables, one for each kind of item. */
#include "config.h"
#include "groups.h"
#include <glib/gi18n.h>
#include <string.h>

struct AddressSet {
    GHashTable *addresses; /* user@domain */
    GHashTable *users;     /* of user@ */
    GHashTable *domains;
    GHashTable *below; /* of .domain, without the dot */
};

struct Groups {
    GHashTable *sets; /* name -> AddressSet */
};

static GHashTable *
names_new(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

AddressSet *
address_set_new(void)
{
    AddressSet *set = g_new0(AddressSet, 1);

    set->addresses = names_new();
    set->users = names_new();
    set->domains = names_new();
    set->below = names_new();
    return set;
}

void
address_set_free(AddressSet *set)
{
    if (set == NULL)
        return;
    g_hash_table_unref(set->addresses);
    g_hash_table_unref(set->users);
    g_hash_table_unref(set->domains);
    g_hash_table_unref(set->below);
    g_free(set);
}

/* The one form in which domains are compared; as it is if it is none. Gives. */
static char *
domain_key(const char *domain)
{
    g_autofree char *labels = g_hostname_to_ascii(domain);

    return g_ascii_strdown(labels != NULL ? labels : domain, -1);
}

static char *
user_key(const char *user, gsize length)
{
    return g_utf8_casefold(user, (gssize)length);
}

gboolean
address_set_add(AddressSet *set, const char *item)
{
    const char *at = strrchr(item, '@'), *domain = at != NULL ? at + 1 : item;

    if (!g_regex_match_simple("^([^@\\s]*@)?\\.?([^@\\s.]+\\.)*[^@\\s.]+$|^[^@\\s]+@$", item, G_REGEX_DOLLAR_ENDONLY,
                              0))
        return FALSE;
    if (at != NULL && at > item) {
        g_autofree char *user = user_key(item, (gsize)(at - item)), *key = domain_key(domain);
        if (*domain == '.')
            return FALSE;
        if (*domain == '\0')
            g_hash_table_add(set->users, g_steal_pointer(&user));
        else
            g_hash_table_add(set->addresses, g_strconcat(user, "@", key, NULL));
    } else if (*domain == '.')
        g_hash_table_add(set->below, domain_key(domain + 1));
    else
        g_hash_table_add(set->domains, domain_key(domain));
    return TRUE;
}

static gboolean
domain_is_in(const AddressSet *set, const char *domain)
{
    if (g_hash_table_contains(set->domains, domain))
        return TRUE;
    for (const char *tail = domain; tail != NULL; tail = strchr(tail, '.')) {
        tail += *tail == '.';
        if (g_hash_table_contains(set->below, tail))
            return TRUE;
    }
    return FALSE;
}

gboolean
address_set_has(const AddressSet *set, const char *address)
{
    const char *at = strrchr(address, '@');
    g_autofree char *user = user_key(address, at != NULL ? (gsize)(at - address) : strlen(address));
    g_autofree char *domain = domain_key(at != NULL ? at + 1 : "");

    if (*address == '\0')
        return FALSE;
    if (g_hash_table_contains(set->users, user))
        return TRUE;
    g_autofree char *whole = g_strconcat(user, "@", domain, NULL);
    return g_hash_table_contains(set->addresses, whole) || (*domain != '\0' && domain_is_in(set, domain));
}

static void
set_unload(gpointer set)
{
    address_set_free(set);
}

Groups *
groups_new(void)
{
    Groups *groups = g_new0(Groups, 1);

    groups->sets = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, set_unload);
    return groups;
}

void
groups_free(Groups *groups)
{
    if (groups == NULL)
        return;
    g_hash_table_unref(groups->sets);
    g_free(groups);
}

static void
group_read(AddressSet *set, const YamlNode *list, const char *name, Problems *problems)
{
    if (yaml_kind(list) != YAML_LIST) {
        yaml_problem(list, problems, name, _("a group is a list of addresses and domains"));
        return;
    }
    for (guint i = 0; i < yaml_length(list); i++) {
        const char *item = yaml_scalar(yaml_item(list, i), NULL);
        if (item == NULL || !address_set_add(set, item))
            yaml_problem(yaml_item(list, i), problems, name,
                         _("must be user@domain, user@ (at any domain), domain, or .domain (with all below it)"));
    }
}

/* A name without dot and @, so that nobody takes a group for a domain. */
static gboolean
is_name(const char *name)
{
    return g_regex_match_simple("^[a-z][a-z0-9-]{0,39}$", name, G_REGEX_DOLLAR_ENDONLY, 0);
}

void
groups_read(Groups *groups, const YamlNode *map, const char *key, Problems *problems)
{
    if (yaml_kind(map) != YAML_MAP) {
        if (!yaml_is_blank(map))
            yaml_problem(map, problems, key, _("must be a map of name: list"));
        return;
    }
    for (guint i = 0; i < yaml_length(map); i++) {
        const char *name = yaml_key(map, i);
        AddressSet *set = g_hash_table_lookup(groups->sets, name);
        if (!is_name(name)) {
            yaml_problem(yaml_key_node(map, i), problems, key,
                         _("\"%s\": a name is 1 to 40 small letters, digits and hyphens"), name);
            continue;
        }
        if (set == NULL) {
            set = address_set_new();
            g_hash_table_insert(groups->sets, g_strdup(name), set);
        }
        group_read(set, yaml_value(map, i), name, problems);
    }
}

const AddressSet *
groups_find(const Groups *groups, const char *name)
{
    return g_hash_table_lookup(groups->sets, name);
}
