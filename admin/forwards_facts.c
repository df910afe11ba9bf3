/* What register and ledger add to the table. */
#include "config.h"
#include "accounts.h"
#include "address.h"
#include "authd_client.h"
#include "chain.h"
#include "clock.h"
#include "forwards.h"
#include <jansson.h>
#include <string.h>

#define PATIENCE_US (20 * G_USEC_PER_SEC)
#define PROBLEM "auto-forward"

/* --- the register ------------------------------------------------------------------------------------------------ */

static const char *
text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? text : "";
}

/* Of those in force, for forwards to this address. */
static const json_t *
exception_of(const json_t *account, const char *now, const char *to)
{
    const json_t *list = json_object_get(account, "exceptions");
    for (gsize i = 0; i < json_array_size(list); i++)
        if (accounts_exception_covers(json_array_get(list, i), PROBLEM, now, to))
            return json_array_get(list, i);
    return NULL;
}

static gboolean
is_name_of(const json_t *account, const char *who)
{
    const char *address = text_of(account, "address");
    const json_t *aliases = json_object_get(account, "aliases");
    gsize local = strcspn(address, "@");
    if (g_ascii_strcasecmp(address, who) == 0 ||
        (strlen(who) == local && g_ascii_strncasecmp(address, who, local) == 0))
        return TRUE;
    for (gsize i = 0; i < json_array_size(aliases); i++)
        if (g_ascii_strcasecmp(json_string_value(json_array_get(aliases, i)), who) == 0)
            return TRUE;
    return FALSE;
}

static void
take_account(Forwards *forwards, const json_t *account)
{
    g_autofree char *now = clock_format(clock_wall_us());
    gboolean excepted = json_array_size(json_object_get(account, "exceptions")) > 0;
    for (guint i = 0; excepted && i < forwards->rows->len; i++) {
        Forward *row = g_ptr_array_index(forwards->rows, i);
        if (row->allowed_by != NULL || !is_name_of(account, row->who))
            continue;
        g_autofree char *to = address_normal(row->to);
        const json_t *exception = exception_of(account, now, to);
        if (exception == NULL)
            continue;
        row->allowed_by = g_strdup(text_of(exception, "approver"));
        row->allowed_until = g_strdup(text_of(exception, "until"));
    }
}

static gboolean
take_row(const json_t *row, gpointer user)
{
    take_account(user, row);
    return TRUE;
}

gboolean
forwards_ask_register(Forwards *forwards, const Settings *settings, GError **error)
{
    g_autoptr(AuthdClient) client = authd_client_new(settings->accounts_socket);
    json_auto_t *call = json_pack("{s:s, s:s}", "verb", "list", "by", "");
    return authd_call(client, call, g_get_monotonic_time() + PATIENCE_US, take_row, forwards, error);
}

/* --- the ledger -------------------------------------------------------------------------------------------------- */

static void
take_recipient(GHashTable *rows, const char *recipient, const char *time)
{
    g_autofree char *address = address_normal(recipient);
    const GPtrArray *list = g_hash_table_lookup(rows, address);
    for (guint i = 0; list != NULL && i < list->len; i++) {
        Forward *row = g_ptr_array_index(list, i);
        row->seen++;
        if (row->seen_last == NULL || strcmp(row->seen_last, time) < 0) {
            g_free(row->seen_last);
            row->seen_last = g_strdup(time);
        }
    }
}

/* Each letter once: what leaves is recorded at submission and at egress, but a forward only at egress or sendmail. */
static gboolean
take_line(const ChainLine *line, gpointer user, GError **error)
{
    const json_t *record = line->record, *recipients = json_object_get(record, "recipients");
    if (strcmp(text_of(record, "kind"), "letter") != 0 || strcmp(text_of(record, "direction"), "out") != 0 ||
        !json_is_true(json_object_get(json_object_get(record, "forward"), "auto")))
        return TRUE;
    for (gsize i = 0; i < json_array_size(recipients); i++)
        take_recipient(user, json_string_value(json_array_get(recipients, i)), text_of(record, "time"));
    return TRUE;
}

static void
free_list(gpointer list)
{
    g_ptr_array_unref(list);
}

gboolean
forwards_look_in_ledger(Forwards *forwards, const Settings *settings, GError **error)
{
    g_autoptr(GHashTable) rows = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_list);
    const ChainSelect select = {.since_us = 0};
    for (guint i = 0; i < forwards->rows->len; i++) {
        Forward *row = g_ptr_array_index(forwards->rows, i);
        g_autofree char *address = address_normal(row->to);
        GPtrArray *list = g_hash_table_lookup(rows, address);
        if (*address == '\0' || row->where == FORWARD_INSIDE)
            continue;
        if (list == NULL) {
            list = g_ptr_array_new();
            g_hash_table_insert(rows, g_strdup(address), list);
        }
        g_ptr_array_add(list, row);
    }
    return chain_select(settings->ledger_dir, &select, take_line, rows, NULL, error);
}
