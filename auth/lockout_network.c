/* The network of an address. */
#include "config.h"
#include "lockout.h"
#include <arpa/inet.h>
#include <string.h>

static void
cut(guint8 *bytes, gsize length, guint bits)
{
    for (gsize i = 0; i < length; i++) {
        guint left = bits > i * 8 ? bits - (guint)i * 8 : 0;
        bytes[i] &= left >= 8 ? 0xff : (guint8)(0xff << (8 - left));
    }
}

char *
lockout_network(const char *address, guint v4, guint v6)
{
    static const guint8 mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    guint8 bytes[16];
    char text[INET6_ADDRSTRLEN];
    int family = AF_INET;
    if (inet_pton(AF_INET, address, bytes) != 1) {
        if (inet_pton(AF_INET6, address, bytes) != 1)
            return NULL;
        family = AF_INET6;
        if (memcmp(bytes, mapped, sizeof mapped) == 0) {
            family = AF_INET;
            memmove(bytes, bytes + sizeof mapped, 4);
        }
    }
    guint bits = family == AF_INET ? MIN(v4, 32) : MIN(v6, 128);
    cut(bytes, family == AF_INET ? 4 : 16, bits);
    inet_ntop(family, bytes, text, sizeof text);
    return g_strdup_printf("%s/%u", text, bits);
}
