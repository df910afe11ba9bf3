/* address - normal forms of addresses, local domains and networks. */
#include "config.h"
#include "address.h"
#include <gio/gio.h>
#include <string.h>

#define DOMAIN_MAX 255 /* octets, RFC 1035; longer ones go to no IDNA code */
#define UNWRAPPINGS 4  /* SRS in BATV and the like */

/* --- normal form --------------------------------------------------------- */

static char *
fold(const char *text, gsize length)
{
    g_autofree char *copy = g_strndup(text, length);
    for (char *c = copy; *c != '\0'; c++)
        if ((guchar)*c >= 0x80)
            return g_utf8_validate(copy, -1, NULL) ? g_utf8_casefold(copy, -1) : g_steal_pointer(&copy);
    for (char *c = copy; *c != '\0'; c++)
        *c = g_ascii_tolower(*c);
    return g_steal_pointer(&copy);
}

static char *
fold_domain(const char *text, gsize length)
{
    g_autoptr(GString) solid = g_string_sized_new(length);
    for (gsize i = 0; i < length; i++)
        if (!g_ascii_isspace(text[i]))
            g_string_append_c(solid, text[i]);
    g_autofree char *folded = fold(solid->str, solid->len);
    char *ascii = NULL;
    gsize size = strlen(folded);
    while (size > 0 && folded[size - 1] == '.')
        folded[--size] = '\0';
    /* GLib reads past the end of a domain that is no UTF-8 */
    if (size <= DOMAIN_MAX && folded[0] != '[' && g_utf8_validate(folded, (gssize)size, NULL) &&
        g_hostname_is_non_ascii(folded))
        ascii = g_hostname_to_ascii(folded);
    return ascii != NULL ? ascii : g_steal_pointer(&folded);
}

/* The local part without quotes and escapes; blanks outside quotes are no part of it. */
static char *
unquote(const char *text, gsize length)
{
    g_autoptr(GString) plain = g_string_sized_new(length);
    gboolean quoted = FALSE;
    for (gsize i = 0; i < length; i++) {
        if (text[i] == '\\' && i + 1 < length)
            g_string_append_c(plain, text[++i]);
        else if (text[i] == '"')
            quoted = !quoted;
        else if (quoted || !g_ascii_isspace(text[i]))
            g_string_append_c(plain, text[i]);
    }
    return fold(plain->str, plain->len);
}

/* The address inside <> if there are any outside quotes. */
static void
find_brackets(const char **text, gsize *length)
{
    const char *open = NULL, *close = NULL, *end = *text + *length;
    gboolean quoted = FALSE;
    for (const char *c = *text; c < end && close == NULL; c++) {
        if (*c == '\\')
            c++;
        else if (*c == '"')
            quoted = !quoted;
        else if (*c == '<' && !quoted && open == NULL)
            open = c + 1;
        else if (*c == '>' && !quoted && open != NULL)
            close = c;
    }
    if (open == NULL)
        return;
    *text = open;
    *length = (gsize)((close != NULL ? close : end) - open);
}

static void
trim(const char **text, gsize *length)
{
    while (*length > 0 && g_ascii_isspace(**text)) {
        (*text)++;
        (*length)--;
    }
    while (*length > 0 && g_ascii_isspace((*text)[*length - 1]))
        (*length)--;
}

static const char *
last_at(const char *text, gsize length)
{
    const char *at = NULL;
    gboolean quoted = FALSE;
    for (gsize i = 0; i < length; i++) {
        if (text[i] == '\\')
            i++;
        else if (text[i] == '"')
            quoted = !quoted;
        else if (text[i] == '@' && !quoted)
            at = text + i;
    }
    return at;
}

char *
address_normal(const char *raw)
{
    gsize length = raw != NULL ? strlen(raw) : 0;
    const char *at, *colon;
    if (length == 0)
        return g_strdup("");
    find_brackets(&raw, &length);
    trim(&raw, &length);
    if (length > 0 && *raw == '@' && (colon = memchr(raw, ':', length)) != NULL) { /* source route, RFC 5321 app. C */
        length -= (gsize)(colon + 1 - raw);
        raw = colon + 1;
        trim(&raw, &length);
    }
    at = last_at(raw, length);
    if (at == NULL)
        return unquote(raw, length);
    g_autofree char *local = unquote(raw, (gsize)(at - raw));
    const char *domain = at + 1;
    gsize domain_length = length - (gsize)(domain - raw);
    trim(&domain, &domain_length);
    g_autofree char *folded = fold_domain(domain, domain_length);
    return *folded == '\0' ? g_steal_pointer(&local) : g_strconcat(local, "@", folded, NULL);
}

const char *
address_domain(const char *normal)
{
    const char *at = strrchr(normal, '@');
    return at != NULL ? at + 1 : "";
}

/* --- what senders and forwarders wrap around an address ------------------ */

static const char *
skip_srs(const char *local, char which)
{
    return g_ascii_strncasecmp(local, "srs", 3) == 0 && local[3] == which && local[4] != '\0' &&
                   strchr("=+-", local[4]) != NULL
               ? local + 5
               : NULL;
}

/* "HHH=TT=domain=user" to user@domain; NULL if it is not that. */
static char *
unwrap_srs0(const char *text, gsize length)
{
    const char *end = text + length, *domain = NULL;
    for (guint field = 0; field < 3; field++) {
        const char *equals = memchr(text, '=', (gsize)(end - text));
        if (equals == NULL)
            return NULL;
        if (field == 2)
            domain = text;
        text = equals + 1;
    }
    if (text == end || text - domain < 2)
        return NULL;
    return g_strdup_printf("%.*s@%.*s", (int)(end - text), text, (int)(text - domain - 1), domain);
}

static char *
unwrap_srs(const char *local, gsize length)
{
    const char *end = local + length, *rest = skip_srs(local, '0');
    if (rest != NULL)
        return unwrap_srs0(rest, (gsize)(end - rest));
    rest = skip_srs(local, '1');
    if (rest == NULL)
        return NULL;
    /* HHH=forwarder= and, after one more separator, what stood behind SRS0 there */
    for (guint field = 0; field < 2 && rest != NULL; field++) {
        rest = memchr(rest, '=', (gsize)(end - rest));
        rest = rest != NULL ? rest + 1 : NULL;
    }
    if (rest == NULL || rest >= end || strchr("=+-", *rest) == NULL)
        return NULL;
    return unwrap_srs0(rest + 1, (gsize)(end - rest - 1));
}

static char *
unwrap_batv(const char *local, gsize length, const char *domain)
{
    const char *end = local + length, *rest;
    if (g_str_has_prefix(local, "prvs=")) {
        const char *slash = memchr(local + 5, '/', length - 5);
        rest = memchr(local + 5, '=', length - 5);
        if (rest != NULL && rest + 1 < end)
            return g_strdup_printf("%.*s%s", (int)(end - rest - 1), rest + 1, domain);
        if (slash != NULL && slash > local + 5) /* an older draft: prvs=user/tag */
            return g_strdup_printf("%.*s%s", (int)(slash - local - 5), local + 5, domain);
    }
    if (g_str_has_prefix(local, "btv1==")) {
        rest = g_strstr_len(local + 6, (gssize)length - 6, "==");
        if (rest != NULL && rest + 2 < end)
            return g_strdup_printf("%.*s%s", (int)(end - rest - 2), rest + 2, domain);
    }
    return NULL;
}

static gsize
local_length(const char *normal)
{
    const char *at = strrchr(normal, '@');
    return at != NULL ? (gsize)(at - normal) : strlen(normal);
}

/* As Postfix, who leaves the postmaster's and mailer's own names whole. */
static void
cut_tag(char *normal, const char *delimiter)
{
    gsize length = local_length(normal);
    gsize tag = delimiter != NULL && *delimiter != '\0' ? strcspn(normal, delimiter) : length;
    if (tag == 0 || tag >= length || g_ascii_strncasecmp(normal, "mailer-daemon", 13) == 0 ||
        g_ascii_strncasecmp(normal, "double-bounce", 13) == 0)
        return;
    memmove(normal + tag, normal + length, strlen(normal + length) + 1);
}

char *
address_base(const char *raw, const char *delimiter)
{
    char *normal = address_normal(raw);
    for (guint i = 0; i < UNWRAPPINGS; i++) {
        gsize length = local_length(normal);
        char *inner = unwrap_batv(normal, length, normal + length);
        if (inner == NULL)
            inner = unwrap_srs(normal, length);
        if (inner == NULL)
            break;
        g_free(normal);
        normal = inner;
    }
    cut_tag(normal, delimiter);
    return normal;
}

gboolean
address_is_srs(const char *normal)
{
    g_autofree char *inner = unwrap_srs(normal, local_length(normal));
    return inner != NULL;
}

/* --- inside or outside --------------------------------------------------- */

static gboolean
domain_matches(const char *domain, const char *wanted)
{
    gboolean below = *wanted == '.';
    gsize length, size;
    g_autofree char *folded = fold_domain(wanted + below, strlen(wanted + below));
    length = strlen(domain);
    size = strlen(folded);
    if (size == 0 || length < size || strcmp(domain + length - size, folded) != 0)
        return FALSE;
    return length == size || (below && domain[length - size - 1] == '.');
}

gboolean
address_is_local(const char *normal, const GPtrArray *local_domains)
{
    const char *domain = address_domain(normal);
    if (*domain == '\0')
        return *normal != '\0';
    for (guint i = 0; local_domains != NULL && i < local_domains->len; i++)
        if (domain_matches(domain, g_ptr_array_index(local_domains, i)))
            return TRUE;
    return FALSE;
}

gboolean
address_stays_inside(const char *normal, const GPtrArray *local_domains)
{
    gsize length = local_length(normal);
    for (gsize i = 0; i < length; i++)
        if (normal[i] == '%' || normal[i] == '!' || normal[i] == '@')
            return FALSE;
    return address_is_local(normal, local_domains);
}

/* --- networks ------------------------------------------------------------ */

typedef struct {
    guint8 bytes[16];
    guint size, bits; /* 4 or 16; of the network */
} Network;

/* IPv4 mapped into IPv6 is taken as IPv4, with its length. */
static void
unmap(Network *network)
{
    static const guint8 mapped[12] = {[10] = 0xFF, [11] = 0xFF};
    if (network->size != 16 || network->bits < 96 || memcmp(network->bytes, mapped, 12) != 0)
        return;
    memmove(network->bytes, network->bytes + 12, 4);
    network->size = 4;
    network->bits -= 96;
}

static gboolean
parse_network(const char *text, Network *network)
{
    g_autofree char *copy = g_strstrip(g_strdup(text));
    char *start = copy, *slash, *zone;
    guint64 bits;
    if (*start == '[')
        start++;
    start[strcspn(start, "]")] = start[strcspn(start, "]")] == ']' ? ' ' : '\0';
    if (g_ascii_strncasecmp(start, "ipv6:", 5) == 0)
        start += 5;
    slash = strchr(start, '/');
    if (slash != NULL)
        *slash++ = '\0';
    if ((zone = strchr(start, '%')) != NULL)
        *zone = '\0';
    g_autoptr(GInetAddress) address = g_inet_address_new_from_string(g_strstrip(start));
    if (address == NULL)
        return FALSE;
    network->size = (guint)g_inet_address_get_native_size(address);
    memcpy(network->bytes, g_inet_address_to_bytes(address), network->size);
    network->bits = network->size * 8;
    if (slash != NULL) {
        if (!g_ascii_string_to_unsigned(g_strstrip(slash), 10, 0, network->bits, &bits, NULL))
            return FALSE;
        network->bits = (guint)bits;
    }
    unmap(network);
    return TRUE;
}

static gboolean
contains(const Network *network, const Network *address)
{
    guint whole = network->bits / 8, rest = network->bits % 8;
    if (network->size != address->size || memcmp(network->bytes, address->bytes, whole) != 0)
        return FALSE;
    return rest == 0 || (network->bytes[whole] ^ address->bytes[whole]) >> (8 - rest) == 0;
}

gboolean
address_in_networks(const char *ip, const GPtrArray *networks)
{
    Network address, network;
    if (ip == NULL || networks == NULL || strchr(ip, '/') != NULL || !parse_network(ip, &address))
        return FALSE;
    for (guint i = 0; i < networks->len; i++)
        if (parse_network(g_ptr_array_index(networks, i), &network) && contains(&network, &address))
            return TRUE;
    return FALSE;
}
