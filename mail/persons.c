/* Display names compared; the names themselves are kept nowhere. */
#include "config.h"
#include "persons.h"
#include "address.h"
#include "encword.h"
#include "mime.h"
#include "when.h"
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

/* --- the account's owner ----------------------------------------------------------------------------------------- */

/* Whether a user name is this one, alone or with a year or another number that people put behind it. */
static gboolean
is_called(const char *address, const char *name)
{
    gsize length = strcspn(address, "@"), letters = 0, digits = 0, wanted = strlen(name);
    for (gsize i = 0; i < length; i++) {
        digits += g_ascii_isdigit(address[i]) ? 1 : 0;
        if ((guchar)address[i] >= 0x80 ||
            (g_ascii_isalpha(address[i]) && (letters >= wanted || g_ascii_tolower(address[i]) != name[letters++])))
            return FALSE;
    }
    return letters == wanted && letters >= 2 && digits >= (letters >= 4 ? 0u : letters == 3 ? 2u : 4u);
}

static gboolean
is_owners(const Submitter *facts, const char *address)
{
    for (guint i = 0; facts != NULL && i < facts->names->len; i++)
        if (is_called(address, g_ptr_array_index(facts->names, i)))
            return TRUE;
    return FALSE;
}

static void
add_owner(GHashTable *names, const Submitter *facts)
{
    for (guint i = 0; facts != NULL && i < facts->names->len; i++) {
        char *name = plain_name(g_ptr_array_index(facts->names, i));
        if (name != NULL)
            g_hash_table_add(names, name);
    }
}

/* --- what the gate told of recipients ---------------------------------------------------------------------------- */

static void
take_word(const char *word, Persons *persons, guint32 *own)
{
    char *end = NULL;
    guint64 index = g_ascii_strtoull(word, &end, 10), letters = 0, days = 0;
    if (end == word || *end != ':' || index >= persons->history->len)
        return;
    if (strcmp(end, ":own") == 0) {
        *own |= index < HISTORY_RECIPIENTS_MAX ? 1u << index : 0;
        return;
    }
    const char *number = end + 1;
    letters = g_ascii_strtoull(number, &end, 10);
    if (end == number || *end != ':')
        return;
    number = end + 1;
    days = g_ascii_strtoull(number, &end, 10);
    if (end != number && *end == '\0' && letters <= G_MAXINT32 && days <= G_MAXINT32)
        g_array_index(persons->history, LetterHistory, index) = (LetterHistory){(guint)letters, (guint)days};
}

static void
look_at_recipients(const Envelope *envelope, Persons *persons)
{
    g_auto(GStrv) words = g_strsplit(envelope->history != NULL ? envelope->history : "", " ", -1);
    g_autofree char *sender = address_normal(envelope->sender);
    const LetterHistory first = {1, 1};
    guint32 own = 0;
    for (guint i = 0; i < envelope->recipients->len; i++)
        g_array_append_val(persons->history, first);
    for (char **word = words; *word != NULL; word++)
        take_word(*word, persons, &own);
    for (guint i = 0; i < envelope->recipients->len; i++) {
        g_autofree char *address = address_normal(g_ptr_array_index(envelope->recipients, i));
        gboolean told = i < HISTORY_RECIPIENTS_MAX && (own & 1u << i) != 0;
        if (g_str_equal(address_domain(address), address_domain(sender)))
            continue;
        gboolean known = g_ptr_array_find_with_equal_func(persons->own, address, g_str_equal, NULL);
        if (!known && !told && !is_owners(envelope->account, address))
            continue;
        if (i < HISTORY_RECIPIENTS_MAX)
            persons->mask |= 1u << i;
        if (!known)
            g_ptr_array_add(persons->own, g_steal_pointer(&address));
    }
}

/* ------------------------------------------------------------------------------------------------------------------ */

void
persons_look(const Message *message, Persons *persons_out)
{
    const Part *letter = message_part(message, 0);
    g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    Look look = {address_parse_list("", 0), address_parse_list("", 0)};
    persons_out->own = g_ptr_array_new_with_free_func(g_free);
    persons_out->reply_to = g_ptr_array_new_with_free_func(g_free);
    persons_out->history = g_array_new(FALSE, FALSE, sizeof(LetterHistory));
    persons_out->mask = 0;
    if (letter != NULL)
        mime_headers(letter, each_header, &look);
    for (guint i = 0; message->from != NULL && i < MIN(message->from->len, PERSONS_ADDRESSES_MAX); i++)
        add_names(names, g_ptr_array_index(message->from, i));
    add_owner(names, message->envelope.account);
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
    look_at_recipients(&message->envelope, persons_out);
    g_ptr_array_unref(look.to);
    g_ptr_array_unref(look.reply_to);
}

void
persons_clear(Persons *persons)
{
    g_clear_pointer(&persons->own, g_ptr_array_unref);
    g_clear_pointer(&persons->reply_to, g_ptr_array_unref);
    g_clear_pointer(&persons->history, g_array_unref);
}
