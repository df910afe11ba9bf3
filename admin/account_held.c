/* The ledger knows who logged in and whom a letter was for at the gate; the queue knows whether it still waits. */
#include "config.h"
#include "account_held.h"
#include "chain.h"
#include "postfix.h"
#include <glib/gi18n.h>
#include <string.h>

typedef struct {
    const char *const *names;
    GHashTable *held;          /* queue ids of his letters: held, not decided */
    GHashTable *queue;         /* queue ids in the hold queue; NULL: it could not be looked at */
    GPtrArray *waiting, *gone; /* queue ids, lent */
} Looking;

static const char *
text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? text : "";
}

static gboolean
is_his(const Looking *looking, const char *name)
{
    for (const char *const *own = looking->names; *own != NULL; own++)
        if (g_ascii_strcasecmp(*own, name) == 0)
            return TRUE;
    return FALSE;
}

/* recipients: texts, or objects with "address". */
static gboolean
names_him(const Looking *looking, const json_t *letter)
{
    gsize i;
    json_t *one;
    gboolean his = is_his(looking, text_of(letter, "sender")) || is_his(looking, text_of(letter, "account"));
    json_array_foreach(json_object_get(letter, "recipients"), i, one) his =
        his || is_his(looking, json_is_object(one) ? text_of(one, "address") : json_string_value(one));
    return his;
}

/* --- the ledger ---------------------------------------------------------------------------------------------- */

static gboolean
want_line(const char *bytes, gsize length, gpointer user)
{
    static const char *const signs[] = {"\"answer\":\"hold\"", "\"kind\":\"release\"", "\"kind\":\"drop\""};
    for (guint i = 0; i < G_N_ELEMENTS(signs); i++)
        if (memmem(bytes, length, signs[i], strlen(signs[i])) != NULL)
            return TRUE;
    return FALSE;
}

static gboolean
take_line(const ChainLine *line, gpointer user, GError **error)
{
    const Looking *looking = user;
    const char *kind = text_of(line->record, "kind"), *id = text_of(line->record, "queue_id");
    if (g_str_equal(kind, "release") || g_str_equal(kind, "drop"))
        g_hash_table_remove(looking->held, id);
    else if (g_str_equal(kind, "letter") && g_str_equal(text_of(line->record, "answer"), "hold") &&
             names_him(looking, line->record))
        g_hash_table_add(looking->held, g_strdup(id));
    return TRUE;
}

/* --- the queue ----------------------------------------------------------------------------------------------- */

static gboolean
look_at_queue(Looking *looking, const char *config, GError **error)
{
    json_auto_t *letters = postfix_held(config, error);
    gsize i;
    json_t *letter;
    if (letters == NULL)
        return FALSE;
    looking->queue = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    json_array_foreach(letters, i, letter)
    {
        const char *id = text_of(letter, "queue_id");
        g_hash_table_add(looking->queue, g_strdup(id));
        if (names_him(looking, letter)) /* not every letter there was held by Hangu */
            g_hash_table_add(looking->held, g_strdup(id));
    }
    return TRUE;
}

static gint
by_text(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
sort_out(const Looking *looking)
{
    GHashTableIter each;
    gpointer id;
    g_hash_table_iter_init(&each, looking->held);
    while (g_hash_table_iter_next(&each, &id, NULL))
        g_ptr_array_add(
            looking->queue == NULL || g_hash_table_contains(looking->queue, id) ? looking->waiting : looking->gone, id);
    g_ptr_array_sort(looking->waiting, by_text);
    g_ptr_array_sort(looking->gone, by_text);
}

static void
say(GString *text, const char *what, const GPtrArray *ids)
{
    if (ids->len == 0)
        return;
    g_string_append_printf(text, "%s%s", text->len > 0 ? "; " : "", what);
    for (guint i = 0; i < ids->len; i++)
        g_string_append_printf(text, " %s", (const char *)g_ptr_array_index(ids, i));
}

StepStatus
account_held_look(const Settings *settings, const char *postfix_config, const char *const *names, char **text_out)
{
    g_autoptr(GHashTable) held = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GPtrArray) waiting = g_ptr_array_new(), gone = g_ptr_array_new();
    g_autoptr(GError) no_ledger = NULL, no_queue = NULL;
    g_autoptr(GString) text = g_string_new(NULL);
    Looking looking = {names, held, NULL, waiting, gone};
    const ChainSelect select = {.since_us = 0, .want = want_line};
    gboolean read = chain_select(settings->ledger_dir, &select, take_line, &looking, NULL, &no_ledger);
    gboolean asked = look_at_queue(&looking, postfix_config, &no_queue);
    sort_out(&looking);
    say(text, _("decide on them (hangu held show ID):"), waiting);
    say(text, _("no longer in the queue, and no decision is in the ledger:"), gone);
    if (!read)
        g_string_append_printf(text, _("%sthe ledger could not be read: %s"), text->len > 0 ? "; " : "",
                               no_ledger->message);
    if (!asked)
        g_string_append_printf(text, _("%sthe hold queue could not be looked at: %s"), text->len > 0 ? "; " : "",
                               no_queue->message);
    if (text->len == 0)
        g_string_append(text, _("none of his"));
    *text_out = g_strdup(text->str);
    g_clear_pointer(&looking.queue, g_hash_table_unref);
    return read && asked && waiting->len == 0 ? STEP_DONE : STEP_TO_DO;
}
