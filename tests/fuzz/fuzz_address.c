/* Header lists and single addresses: never crashes, normal forms are stable, lists are bounded. */
#include "config.h"
#include <stdint.h>
#include "address.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    g_autofree char *text = g_strndup((const char *)bytes, length);
    g_autofree char *normal = address_normal(text);
    g_autofree char *base = address_base(text, "+-");
    g_autoptr(GPtrArray) list = address_parse_list((const char *)bytes, length);
    g_autoptr(GPtrArray) networks = g_ptr_array_new();
    g_ptr_array_add(networks, text);
    address_is_srs(normal);
    address_is_local(normal, networks);
    address_stays_inside(base, networks);
    address_in_networks(text, networks);
    if (list->len > ADDRESS_LIST_MAX + 1 || strlen(address_domain(normal)) > strlen(normal))
        g_error("out of bounds");
    for (guint i = 0; i < list->len; i++) {
        const Mailbox *mailbox = g_ptr_array_index(list, i);
        if (mailbox->address == NULL || (mailbox->display_raw == NULL) != (mailbox->display_length == 0))
            g_error("an incomplete mailbox");
    }
    return 0;
}
