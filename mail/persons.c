/* Display names compared; the names themselves are kept nowhere. */
#include "config.h"
#include "persons.h"
#include "address.h"
#include "encword.h"
#include "mime.h"
#include <string.h>

#define NAME_MIN 2 /* characters: a Chinese name has two or more */

typedef struct {
    GPtrArray *to, *reply_to; /* Mailbox */
} Look;

static void
take_list(GPtrArray **list, const char *raw, gsize length)
{
    g_autoptr(GPtrArray) mailboxes = address_parse_list(raw, length);
    for (guint i = 0; i < mailboxes->len && (*list)->len < PERSONS_ADDRESSES_MAX;)
        g_ptr_array_add(*list, g_ptr_array_steal_index(mailboxes, i));
}

static gboolean
each_header(const char *name, const char *raw, gsize length, gpointer user)
{
    Look *look = user;
    if (g_ascii_strcasecmp(name, "To") == 0 || g_ascii_strcasecmp(name, "Cc") == 0)
        take_list(&look->to, raw, length);
    else if (g_ascii_strcasecmp(name, "Reply-To") == 0)
        take_list(&look->reply_to, raw, length);
    return TRUE;
}

/* NULL: too short to be anybody's. */
static char *
plain_name(const char *text)
{
    g_autoptr(GString) name = g_string_new(NULL);
    g_autofree char *valid = g_utf8_make_valid(text, -1), *folded = g_utf8_casefold(valid, -1);
    glong letters = 0;
    for (const char *c = folded; *c != '\0'; c = g_utf8_next_char(c)) {
        gunichar one = g_utf8_get_char(c);
        if (!g_unichar_isalnum(one))
            continue;
        g_string_append_unichar(name, one);
        letters += one < 0x80 ? 1 : 3; /* "Li" is nobody, 李青 is somebody */
    }
    return letters >= 3 * NAME_MIN ? g_string_free(g_steal_pointer(&name), FALSE) : NULL;
}

static void
add_names(GHashTable *names, const Mailbox *mailbox)
{
    if (mailbox->display_raw == NULL || mailbox->display_length == 0)
        return;
    g_autoptr(GPtrArray) decodings = encword_decode(mailbox->display_raw, mailbox->display_length);
    for (guint i = 0; i < decodings->len; i++) {
        const Decoding *decoding = g_ptr_array_index(decodings, i);
        char *name = plain_name(decoding->text);
        if (name != NULL)
            g_hash_table_add(names, name);
    }
}

static gboolean
shares_name(GHashTable *names, const Mailbox *mailbox)
{
    g_autoptr(GHashTable) own = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    GHashTableIter iter;
    gpointer name;
    add_names(own, mailbox);
    g_hash_table_iter_init(&iter, own);
    while (g_hash_table_iter_next(&iter, &name, NULL))
        if (g_hash_table_contains(names, name))
            return TRUE;
    return FALSE;
}

void
persons_look(const Message *message, Persons *persons_out)
{
    const Part *letter = message_part(message, 0);
    g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    Look look = {address_parse_list("", 0), address_parse_list("", 0)};
    persons_out->own = g_ptr_array_new_with_free_func(g_free);
    persons_out->reply_to = g_ptr_array_new_with_free_func(g_free);
    if (letter != NULL)
        mime_headers(letter, each_header, &look);
    for (guint i = 0; message->from != NULL && i < MIN(message->from->len, PERSONS_ADDRESSES_MAX); i++)
        add_names(names, g_ptr_array_index(message->from, i));
    for (guint i = 0; i < look.to->len; i++) {
        const Mailbox *mailbox = g_ptr_array_index(look.to, i);
        if (*mailbox->address != '\0' && shares_name(names, mailbox))
            g_ptr_array_add(persons_out->own, g_strdup(mailbox->address));
    }
    for (guint i = 0; i < look.reply_to->len; i++) {
        const Mailbox *mailbox = g_ptr_array_index(look.reply_to, i);
        if (*mailbox->address != '\0')
            g_ptr_array_add(persons_out->reply_to, g_strdup(mailbox->address));
    }
    g_ptr_array_unref(look.to);
    g_ptr_array_unref(look.reply_to);
}

void
persons_clear(Persons *persons)
{
    g_clear_pointer(&persons->own, g_ptr_array_unref);
    g_clear_pointer(&persons->reply_to, g_ptr_array_unref);
}
