/* GMime's decoded getters lose what they cannot read, so only raw values are used. */
#include "config.h"
#include "entity.h"
#include "encword.h"
#include <string.h>

#define VALUES_MAX 4
#define NAME_MAX_BYTES 1024

static GMimeHeader *
header_at(GMimeHeaderList *headers, int index, const char *name)
{
    GMimeHeader *header = g_mime_header_list_get_header_at(headers, index);
    return g_ascii_strcasecmp(g_mime_header_get_name(header), name) == 0 ? header : NULL;
}

const char *
entity_header(GMimeHeaderList *headers, const char *name)
{
    if (headers == NULL)
        return NULL;
    for (int i = g_mime_header_list_get_count(headers) - 1; i >= 0; i--) {
        GMimeHeader *header = header_at(headers, i, name);
        if (header != NULL)
            return g_mime_header_get_raw_value(header);
    }
    return NULL;
}

GPtrArray *
entity_values(GMimeHeaderList *headers, const char *name)
{
    GPtrArray *values = g_ptr_array_new_with_free_func(g_free);
    int count = headers == NULL ? 0 : g_mime_header_list_get_count(headers);
    for (int i = count - 1; i >= 0 && values->len < VALUES_MAX; i--) {
        GMimeHeader *header = header_at(headers, i, name);
        const char *raw = header == NULL ? NULL : g_mime_header_get_raw_value(header);
        if (raw == NULL)
            continue;
        g_autofree char *value = g_strstrip(g_strdup(raw));
        if (!g_ptr_array_find_with_equal_func(values, value, g_str_equal, NULL))
            g_ptr_array_add(values, g_steal_pointer(&value));
    }
    return values;
}

char *
entity_type(const char *value)
{
    if (value == NULL)
        return g_strdup("text/plain");
    while (g_ascii_isspace(*value) || *value == '"')
        value++;
    gsize length = strcspn(value, "; \t\r\n\"(,");
    g_autofree char *type = g_ascii_strdown(value, (gssize)length);
    const char *slash = strchr(type, '/');
    if (slash == NULL || slash == type || slash[1] == '\0' || length > 127)
        return g_strdup("application/octet-stream");
    for (char *c = type; *c != '\0'; c++)
        if (*c <= ' ' || *c >= 127)
            return g_strdup("application/octet-stream");
    return g_steal_pointer(&type);
}

static char *
best_parameter(const char *value, const char *name)
{
    if (value == NULL || strcasestr(value, name) == NULL)
        return NULL; /* without looking closer, as in most letters */
    g_autoptr(GPtrArray) values = encword_parameter(value, strlen(value), name);
    if (values->len == 0)
        return NULL;
    const Decoding *best = g_ptr_array_index(values, 0);
    if (best->length == 0)
        return NULL;
    if (best->length <= NAME_MAX_BYTES)
        return g_strdup(best->text);
    g_autofree char *cut = g_strndup(best->text, NAME_MAX_BYTES);
    return g_utf8_make_valid(cut, -1);
}

guint
entity_describe(Part *part)
{
    const char *type = entity_header(part->headers, "Content-Type");
    const char *disposition = entity_header(part->headers, "Content-Disposition");
    const char *encoding = entity_header(part->headers, "Content-Transfer-Encoding");
    gboolean known = TRUE;
    guint oddities = 0;
    g_free(part->type);
    part->type = entity_type(type);
    if (type != NULL && strcasestr(type, "charset") != NULL)
        part->charset = encword_parameter_plain(type, strlen(type), "charset");
    if (disposition != NULL) {
        const char *start = disposition;
        while (g_ascii_isspace(*start))
            start++;
        part->disposition = g_ascii_strdown(start, (gssize)strcspn(start, "; \t\r\n"));
    }
    part->name = best_parameter(disposition, "filename");
    if (part->name == NULL)
        part->name = best_parameter(type, "name");
    part->is_attachment = part->name != NULL || g_strcmp0(part->disposition, "attachment") == 0;
    if (encoding != NULL)
        part->transfer = transfer_kind(encoding, &known);
    if (!known)
        oddities |= ODD_TRANSFER;
    return oddities;
}

gint64
entity_offset(GMimeHeaderList *headers)
{
    gint64 first = -1;
    int count = headers == NULL ? 0 : g_mime_header_list_get_count(headers);
    for (int i = 0; i < count; i++) {
        gint64 offset = g_mime_header_get_offset(g_mime_header_list_get_header_at(headers, i));
        if (offset >= 0 && (first < 0 || offset < first))
            first = offset;
    }
    return first;
}
