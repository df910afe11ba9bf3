/* Names of tables and password files: kept apart until the logs are read, since a login name and a mailbox are one
 * account only when it is known which mailbox the login has. */
#include "config.h"
#include "discover_private.h"
#include <glib/gi18n.h>
#include <string.h>

typedef struct {
    char *name;
    gboolean is[KNOWN_ALIAS + 1]; /* by KnownType */
    gboolean password;
    GPtrArray *sources;       /* char * */
    GPtrArray *sends, *leads; /* char *: what it may send as; where its mail goes */
} Known;

static void
free_known(gpointer data)
{
    Known *known = data;
    g_free(known->name);
    g_ptr_array_unref(known->sources);
    g_ptr_array_unref(known->sends);
    g_ptr_array_unref(known->leads);
    g_free(known);
}

static void
free_unread(gpointer data)
{
    DiscoverUnread *unread = data;
    g_free(unread->source);
    g_free(unread->why);
    g_free(unread);
}

void
discover_known_begin(Discover *discover)
{
    discover->known = g_ptr_array_new_with_free_func(free_known);
    discover->known_by_name = g_hash_table_new(g_str_hash, g_str_equal);
    discover->unread = g_ptr_array_new_with_free_func(free_unread);
}

void
discover_known_end(Discover *discover)
{
    g_hash_table_unref(discover->known_by_name);
    g_ptr_array_unref(discover->known);
    g_ptr_array_unref(discover->unread);
}

void
discover_unread(Discover *discover, const char *source, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    DiscoverUnread *unread = g_new(DiscoverUnread, 1);
    *unread = (DiscoverUnread){g_utf8_make_valid(source, -1), g_strdup_vprintf(format, values)};
    va_end(values);
    if (discover->unread->len < DISCOVER_MOST)
        g_ptr_array_add(discover->unread, unread);
    else
        free_unread(unread);
}

const GPtrArray *
discover_not_read(const Discover *discover)
{
    return discover->unread;
}

guint
discover_sources(const Discover *discover)
{
    return discover->listed;
}

/* In lower case and valid, "" if it is no name. Gives. */
static char *
plain(const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    for (const char *at = valid; *at != '\0'; at = g_utf8_next_char(at))
        if (g_unichar_iscntrl(g_utf8_get_char(at)) || g_unichar_isspace(g_utf8_get_char(at)))
            return g_strdup("");
    return g_utf8_strdown(valid, -1);
}

static Known *
make_known(Discover *discover, char *name)
{
    Known *known = g_new0(Known, 1);
    known->name = name;
    known->sources = g_ptr_array_new_with_free_func(g_free);
    known->sends = g_ptr_array_new_with_free_func(g_free);
    known->leads = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(discover->known, known);
    g_hash_table_insert(discover->known_by_name, known->name, known);
    return known;
}

void
discover_known(Discover *discover, KnownType type, const char *name, const char *value, const char *source)
{
    g_autofree char *key = plain(name), *kept = value != NULL ? plain(value) : NULL;
    if (*key == '@' && type != KNOWN_ALIAS)
        discover_unread(discover, source, _("%s: any name of the domain is a mailbox there"), key);
    if (*key == '@' || *key == '\0')
        return;
    Known *known = g_hash_table_lookup(discover->known_by_name, key);
    if (known == NULL && discover->known->len >= DISCOVER_MOST) {
        discover->full = TRUE;
        return;
    }
    if (known == NULL)
        known = make_known(discover, g_steal_pointer(&key));
    known->is[type] = TRUE;
    discover_add_text(known->sources, source);
    if (kept != NULL && *kept != '\0' && !g_str_equal(kept, known->name))
        discover_add_text(type == KNOWN_ALIAS ? known->leads : known->sends, kept);
}

void
discover_known_password(Discover *discover, const char *name)
{
    Known *known = g_hash_table_lookup(discover->known_by_name, name);
    if (known != NULL)
        known->password = TRUE;
}

/* --- joining ------------------------------------------------------------------------------------------------- */

static GHashTable *
index_submitters(const Discover *discover)
{
    GHashTable *index = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = discover->all->len; i-- > 0;) { /* the first one counts */
        Discovered *one = g_ptr_array_index(discover->all, i);
        if (one->type == SUBMITTER_LOGIN && one->address != NULL)
            g_hash_table_insert(index, one->address, one);
    }
    for (guint i = discover->all->len; i-- > 0;) {
        Discovered *one = g_ptr_array_index(discover->all, i);
        if (one->type == SUBMITTER_LOGIN)
            g_hash_table_insert(index, one->name, one);
    }
    return index;
}

static char *
address_of(const char *name, const char *domain)
{
    if (strchr(name, '@') != NULL)
        return g_strdup(name);
    return domain != NULL ? g_strdup_printf("%s@%s", name, domain) : NULL;
}

static KnownType
first_type(const Known *known)
{
    return known->is[KNOWN_LOGIN] ? KNOWN_LOGIN : known->is[KNOWN_MAILBOX] ? KNOWN_MAILBOX : KNOWN_ALIAS;
}

static Discovered *
new_from(Discover *discover, const Known *known, const char *domain)
{
    static const SubmitterType types[] = {
        [KNOWN_LOGIN] = SUBMITTER_LOGIN, [KNOWN_MAILBOX] = SUBMITTER_MAILBOX, [KNOWN_ALIAS] = SUBMITTER_ALIAS};
    Discovered *one = discover_submitter(discover, types[first_type(known)], known->name);
    if (one != NULL && one->address == NULL)
        one->address = address_of(known->name, domain);
    return one;
}

static void
take_texts(GPtrArray *list, const GPtrArray *from, const char *but)
{
    for (guint i = 0; i < from->len; i++)
        if (g_strcmp0(but, g_ptr_array_index(from, i)) != 0)
            discover_add_text(list, g_ptr_array_index(from, i));
}

static void
join(Discover *discover, GHashTable *index, const Known *known, const char *domain, void (*judge)(Discovered *one))
{
    g_autofree char *address = address_of(known->name, domain);
    Discovered *one = g_hash_table_lookup(index, known->name);
    if (one == NULL && address != NULL)
        one = g_hash_table_lookup(index, address);
    gboolean new = one == NULL;
    if (new)
        one = new_from(discover, known, domain);
    if (one == NULL)
        return;
    one->in_password_file = one->in_password_file || known->password;
    take_texts(one->sources, known->sources, NULL);
    /* where a mailbox's mail goes is no right to send */
    take_texts(one->addresses, one->type == SUBMITTER_ALIAS ? known->leads : known->sends, one->address);
    if (!new)
        return;
    judge(one);
    g_hash_table_insert(index, one->name, one);
    if (one->address != NULL && g_hash_table_lookup(index, one->address) == NULL)
        g_hash_table_insert(index, one->address, one);
}

void
discover_known_join(Discover *discover, const char *domain, void (*judge)(Discovered *one))
{
    /* logins first: a mailbox, or an alias, of the same address is theirs */
    static const KnownType order[] = {KNOWN_LOGIN, KNOWN_MAILBOX, KNOWN_ALIAS};
    g_autoptr(GHashTable) index = index_submitters(discover);
    for (guint pass = 0; pass < G_N_ELEMENTS(order); pass++)
        for (guint i = 0; i < discover->known->len; i++)
            if (first_type(g_ptr_array_index(discover->known, i)) == order[pass])
                join(discover, index, g_ptr_array_index(discover->known, i), domain, judge);
}
