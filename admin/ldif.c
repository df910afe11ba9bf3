/* Lines unfolded first, then read one by one. */
#include "config.h"
#include "ldif.h"
#include "csv.h"
#include "errors.h"
#include <glib/gi18n.h>
#include <string.h>

static void
clear_value(gpointer data)
{
    LdifValue *value = data;
    g_free(value->name);
    g_free(value->value);
}

static void
free_entry(gpointer data)
{
    LdifEntry *entry = data;
    g_array_unref(entry->values);
    g_free(entry);
}

static LdifEntry *
open_entry(GPtrArray *entries, guint line)
{
    LdifEntry *entry = g_new(LdifEntry, 1);
    entry->values = g_array_new(FALSE, FALSE, sizeof(LdifValue));
    entry->line = line;
    g_array_set_clear_func(entry->values, clear_value);
    g_ptr_array_add(entries, entry);
    return entry;
}

static char *
read_base64(const char *text, guint line, GError **error)
{
    gsize length;
    g_autofree guchar *bytes = g_base64_decode(text, &length);
    if (bytes != NULL && length > 0 && g_utf8_validate((const char *)bytes, (gssize)length, NULL))
        return g_strndup((const char *)bytes, length);
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, _("%u: the value is not base64 of a UTF-8 text"), line);
    return NULL;
}

/* FALSE with error. A value that is no text (a picture) is left out. */
static gboolean
read_line(LdifEntry *entry, const char *text, guint line, gboolean passwords, GError **error)
{
    const char *colon = strchr(text, ':');
    if (colon == NULL || colon == text) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, _("%u: no \"attribute: value\""), line);
        return FALSE;
    }
    g_autofree char *name = g_strndup(text, MIN((gsize)(colon - text), strcspn(text, ";")));
    LdifValue value = {g_ascii_strdown(name, -1), NULL, line};
    gboolean foreign = colon[1] == '<' || g_str_has_prefix(value.name, "jpegphoto") ||
                       g_str_has_prefix(value.name, "usercertificate") ||
                       (!passwords && g_str_has_prefix(value.name, "userpassword"));
    GError *failed = NULL;
    if (g_str_equal(value.name, "changetype"))
        g_set_error(&failed, HANGU_ERROR, HANGU_ERROR_DATA,
                    _("%u: this is a list of changes; export the entries themselves"), line);
    else if (!foreign && colon[1] == ':')
        value.value = read_base64(g_strstrip((char *)colon + 2), line, &failed);
    else if (!foreign)
        value.value = g_strstrip(g_strdup(colon + 1));
    if (value.value != NULL)
        g_array_append_val(entry->values, value);
    else
        g_free(value.name);
    if (failed != NULL)
        g_propagate_error(error, failed);
    return failed == NULL;
}

/* Joins folded lines: the text of the line at `*index`, which is moved behind it. Gives. */
static char *
unfold(char **lines, guint *index)
{
    GString *text = g_string_new(lines[(*index)++]);
    while (lines[*index] != NULL && lines[*index][0] == ' ')
        g_string_append(text, lines[(*index)++] + 1);
    return g_string_free(text, FALSE);
}

static GPtrArray *
parse(const char *bytes, gsize length, gboolean passwords, GError **error)
{
    g_autofree char *text = csv_to_utf8(bytes, length, error);
    if (text == NULL)
        return NULL;
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func(free_entry);
    LdifEntry *entry = NULL;
    for (guint i = 0; lines[i] != NULL; i++)
        if (g_str_has_suffix(lines[i], "\r"))
            lines[i][strlen(lines[i]) - 1] = '\0';
    for (guint i = 0; lines[i] != NULL;) {
        guint line = i + 1;
        g_autofree char *whole = unfold(lines, &i);
        if (*whole == '\0')
            entry = NULL;
        if (*whole == '\0' || *whole == '#' || (entry == NULL && g_str_has_prefix(whole, "version:")))
            continue;
        if (entry == NULL)
            entry = open_entry(entries, line);
        if (!read_line(entry, whole, line, passwords, error))
            return NULL;
    }
    return g_steal_pointer(&entries);
}

GPtrArray *
ldif_parse(const char *bytes, gsize length, GError **error)
{
    return parse(bytes, length, FALSE, error);
}

GPtrArray *
ldif_parse_passwords(const char *bytes, gsize length, GError **error)
{
    return parse(bytes, length, TRUE, error);
}

const LdifValue *
ldif_value(const LdifEntry *entry, const char *name)
{
    for (guint i = 0; i < entry->values->len; i++) {
        const LdifValue *value = &g_array_index(entry->values, LdifValue, i);
        if (g_ascii_strcasecmp(value->name, name) == 0)
            return value;
    }
    return NULL;
}
