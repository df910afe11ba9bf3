/* Both forms into one array. */
#include "config.h"
#include "password_list.h"
#include "crypto.h"
#include "errors.h"
#include "ldif.h"
#include <gio/gio.h>
#include <glib/gi18n.h>
#include <string.h>

static void
free_entry(gpointer data)
{
    PasswordEntry *entry = data;
    password_hash_free(entry->hash);
    g_free(entry->account);
    g_free(entry->address);
    g_free(entry->name);
    g_free(entry->unit);
    g_free(entry->department);
    g_free(entry->file);
    g_free(entry);
}

GPtrArray *
password_list_new(void)
{
    return g_ptr_array_new_with_free_func(free_entry);
}

static void
wipe_free(char *text, gsize length)
{
    if (text != NULL)
        crypto_wipe(text, length);
    g_free(text);
}

static PasswordEntry *
add(GPtrArray *list, const char *path, guint line, const char *account, const char *stored)
{
    PasswordEntry *entry = g_new0(PasswordEntry, 1);
    entry->account = g_utf8_make_valid(account, -1);
    entry->file = g_utf8_make_valid(path, -1);
    entry->line = line;
    entry->hash = password_hash_parse(stored);
    g_ptr_array_add(list, entry);
    return entry;
}

/* One line, without its end; it is cut up. */
static void
read_line(GPtrArray *list, const char *path, guint line, char *text)
{
    char *fields[5] = {text}, *colon = strchr(text, ':');
    for (gsize i = 1; i < G_N_ELEMENTS(fields) && colon != NULL; i++) {
        *colon = '\0';
        fields[i] = colon + 1;
        colon = strchr(fields[i], ':');
    }
    if (*text == '#' || *text == '\0' || fields[1] == NULL)
        return;
    PasswordEntry *entry = add(list, path, line, text, fields[1]);
    if (strchr(text, '@') != NULL)
        entry->address = g_strdup(entry->account);
    if (fields[4] != NULL) {
        fields[4][strcspn(fields[4], ":,")] = '\0';
        entry->name = g_utf8_make_valid(g_strstrip(fields[4]), -1);
    }
}

static void
read_lines(GPtrArray *list, const char *path, char *text)
{
    guint line = 0;
    for (char *at = text, *next = NULL; at != NULL; at = next) {
        next = strchr(at, '\n');
        if (next != NULL)
            *next++ = '\0';
        at[strcspn(at, "\r")] = '\0';
        read_line(list, path, ++line, at);
    }
}

static char *
copy_of(const LdifEntry *entry, const char *first, const char *second)
{
    const LdifValue *value = ldif_value(entry, first);
    if (value == NULL && second != NULL)
        value = ldif_value(entry, second);
    return value != NULL ? g_strdup(value->value) : NULL;
}

static void
take_ldif_entry(GPtrArray *list, const char *path, const LdifEntry *from)
{
    g_autofree char *who = copy_of(from, "uid", "mail");
    const LdifValue *dn = ldif_value(from, "dn");
    for (guint i = 0; i < from->values->len; i++) {
        LdifValue *value = &g_array_index(from->values, LdifValue, i);
        if (!g_str_equal(value->name, "userpassword"))
            continue;
        PasswordEntry *entry = add(list, path, value->line,
                                   who != NULL  ? who
                                   : dn != NULL ? dn->value
                                                : "?",
                                   value->value);
        entry->address = copy_of(from, "mail", NULL);
        entry->name = copy_of(from, "cn", "displayname");
        entry->unit = copy_of(from, "o", NULL);
        entry->department = copy_of(from, "ou", "departmentnumber");
        crypto_wipe(value->value, strlen(value->value));
    }
}

static gboolean
read_ldif(GPtrArray *list, const char *path, const char *text, gsize length, GError **error)
{
    g_autoptr(GPtrArray) entries = ldif_parse_passwords(text, length, error);
    for (guint i = 0; entries != NULL && i < entries->len; i++)
        take_ldif_entry(list, path, g_ptr_array_index(entries, i));
    return entries != NULL;
}

/* An entry of LDIF begins with its name; comments and the version may come before. */
static gboolean
is_ldif(const char *text)
{
    return g_regex_match_simple("\\A(\\xEF\\xBB\\xBF)?(#.*\\R|version:.*\\R|\\R)*dn:", text,
                                G_REGEX_RAW | G_REGEX_CASELESS | G_REGEX_OPTIMIZE, 0);
}

static gboolean
load(const char *path, char **text_out, gsize *length_out, GError **error)
{
    g_autoptr(GError) raw = NULL;
    g_autoptr(GFile) file = g_file_new_for_path(path);
    g_autoptr(GFileInfo) info = g_file_query_info(file, G_FILE_ATTRIBUTE_STANDARD_SIZE, 0, NULL, &raw);
    if (info != NULL && g_file_info_get_size(info) > PASSWORD_LIST_BYTES_MAX) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, _("%s: more than %d bytes; split it"), path,
                    PASSWORD_LIST_BYTES_MAX);
        return FALSE;
    }
    if (info != NULL && g_file_get_contents(path, text_out, length_out, &raw) && strlen(*text_out) == *length_out)
        return TRUE;
    if (raw == NULL)
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, _("%s: this is no text"), path);
    else
        g_set_error(error, HANGU_ERROR,
                    g_error_matches(raw, G_IO_ERROR, G_IO_ERROR_NOT_FOUND) ? HANGU_ERROR_NO_INPUT : HANGU_ERROR_IO,
                    "%s", raw->message);
    return FALSE;
}

gboolean
password_list_read(GPtrArray *list, const char *path, CryptoHash *digest, GError **error)
{
    const guint before = list->len;
    char *text = NULL;
    gsize length = 0;
    GError *failed = NULL;
    if (!load(path, &text, &length, error)) {
        wipe_free(text, length);
        return FALSE;
    }
    if (digest != NULL)
        crypto_hash_add(digest, text, length);
    if (is_ldif(text))
        read_ldif(list, path, text, length, &failed);
    else
        read_lines(list, path, text);
    wipe_free(text, length);
    if (failed == NULL && list->len == before)
        g_set_error(&failed, HANGU_ERROR, HANGU_ERROR_DATA,
                    _("no account with a password in it; it has to be a passwd-file of Dovecot or LDIF"));
    if (failed == NULL)
        return TRUE;
    g_propagate_prefixed_error(error, failed, "%s: ", path);
    return FALSE;
}
