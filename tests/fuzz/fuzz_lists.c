/* Lists of accounts and lines of logs: any bytes. What comes out is UTF-8 in its bounds, and a mistake has a place. */
#include "config.h"
#include <stdint.h>
#include "account_import.h"
#include "accounts.h"
#include "csv.h"
#include "discover.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_rows(GPtrArray *rows, const Problems *problems)
{
    for (guint i = 0; i < rows->len; i++) {
        const ImportRow *row = g_ptr_array_index(rows, i);
        const char *address = json_string_value(json_object_get(row->request, "address"));
        g_autofree char *again = account_field_read(ACCOUNT_ADDRESS, address, NULL);
        g_assert(row->line > 0 && g_strcmp0(again, address) == 0);
    }
    for (guint i = 0; i < problems_count(problems); i++)
        g_assert(problems_get(problems, i)->line > 0 && problems_get(problems, i)->column > 0);
    g_ptr_array_unref(rows);
}

static void
read_log(const char *text, size_t size)
{
    g_autoptr(Discover) discover = discover_new();
    g_autoptr(GPtrArray) domains = g_ptr_array_new(), networks = g_ptr_array_new();
    g_ptr_array_add(domains, (gpointer) "a.example");
    g_ptr_array_add(networks, (gpointer) "0.0.0.0/0");
    for (const char *at = text, *end = text + size; at < end;) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        gsize length = (gsize)((stop != NULL ? stop : end) - at);
        discover_line(discover, at, length);
        at += length + 1;
    }
    discover_judge(discover, domains, networks);
    const GPtrArray *all = discover_submitters(discover);
    for (guint i = 0; i < all->len; i++) {
        const Discovered *one = g_ptr_array_index(all, i);
        g_assert(g_utf8_validate(one->name, -1, NULL) && one->kind != NULL && *one->reason != '\0');
        g_assert(g_hash_table_size(one->clients) <= DISCOVER_FEW && g_hash_table_size(one->senders) <= DISCOVER_FEW);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    if (size == 0)
        return 0;
    g_autoptr(Problems) problems = problems_new();
    check_rows(account_import_csv("list", text, size, problems), problems);
    check_rows(account_import_ldif("list", text, size, problems), problems);
    read_log(text, size);
    return 0;
}
