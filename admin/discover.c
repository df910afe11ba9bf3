/* Lines of two programs; a letter is put together by its queue id. */
#include "config.h"
#include "discover_private.h"
#include "errors.h"
#include <gio/gio.h>
#include <string.h>

static void
free_submitter(gpointer data)
{
    Discovered *one = data;
    g_hash_table_unref(one->clients);
    g_hash_table_unref(one->senders);
    g_hash_table_unref(one->methods);
    g_ptr_array_unref(one->sources);
    g_ptr_array_unref(one->addresses);
    g_free(one->name);
    g_free(one->last);
    g_free(one->reason);
    g_free(one->address);
    g_free(one);
}

Discover *
discover_new(void)
{
    Discover *discover = g_new0(Discover, 1);
    discover->by_name = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    discover->open = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    discover->all = g_ptr_array_new_with_free_func(free_submitter);
    discover_known_begin(discover);
    return discover;
}

void
discover_free(Discover *discover)
{
    if (discover == NULL)
        return;
    g_hash_table_unref(discover->by_name);
    g_hash_table_unref(discover->open);
    g_ptr_array_unref(discover->all);
    discover_known_end(discover);
    g_free(discover->reading);
    g_free(discover);
}

const GPtrArray *
discover_submitters(const Discover *discover)
{
    return discover->all;
}

guint64
discover_lines(const Discover *discover)
{
    return discover->lines;
}

gboolean
discover_was_full(const Discover *discover)
{
    return discover->full;
}

static GHashTable *
few(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

static void
tally(GHashTable *table, const char *key)
{
    guint count = GPOINTER_TO_UINT(g_hash_table_lookup(table, key));
    if (*key != '\0' && (count > 0 || g_hash_table_size(table) < DISCOVER_FEW))
        g_hash_table_replace(table, g_strdup(key), GUINT_TO_POINTER(count + 1));
}

void
discover_add_text(GPtrArray *list, const char *text)
{
    if (text != NULL && list->len < DISCOVER_FEW && !g_ptr_array_find_with_equal_func(list, text, g_str_equal, NULL))
        g_ptr_array_add(list, g_strdup(text));
}

static Discovered *
find_or_make(Discover *discover, SubmitterType type, const char *name)
{
    g_autofree char *key = g_strdup_printf("%d %s", type, name);
    Discovered *one = g_hash_table_lookup(discover->by_name, key);
    if (one != NULL || *name == '\0')
        return one;
    if (discover->all->len >= DISCOVER_MOST) {
        discover->full = TRUE;
        return NULL;
    }
    one = g_new0(Discovered, 1);
    one->sources = g_ptr_array_new_with_free_func(g_free);
    one->addresses = g_ptr_array_new_with_free_func(g_free);
    one->type = type;
    one->name = g_strdup(name);
    one->clients = few();
    one->senders = few();
    one->methods = few();
    g_ptr_array_add(discover->all, one);
    g_hash_table_insert(discover->by_name, g_steal_pointer(&key), one);
    return one;
}

/* NULL when there are too many. */
Discovered *
discover_submitter(Discover *discover, SubmitterType type, const char *name)
{
    Discovered *one = find_or_make(discover, type, name);
    if (one != NULL)
        discover_add_text(one->sources, discover->reading);
    return one;
}

/* --- words of a line ----------------------------------------------------------------------------------------- */

/* What stands behind "name=" up to "," or white space, without < >. Gives, in lower case; NULL if it is not there. */
static char *
value_of(const char *line, const char *name)
{
    for (const char *at = line; (at = strstr(at, name)) != NULL; at++) {
        if (at != line && g_ascii_isalnum(at[-1]))
            continue;
        at += strlen(name);
        gboolean angled = *at == '<';
        at += angled;
        gsize length = strcspn(at, angled ? ">" : ", \t\n");
        g_autofree char *value = g_strndup(at, length);
        g_autofree char *whole = g_utf8_make_valid(value, -1);
        return g_utf8_strdown(whole, -1);
    }
    return NULL;
}

/* "name[192.0.2.1]" or "name[192.0.2.1]:port": the address. Gives. */
static char *
client_address(const char *client)
{
    const char *open = strchr(client, '['), *close = open != NULL ? strchr(open, ']') : NULL;
    return close != NULL ? g_strndup(open + 1, (gsize)(close - open - 1)) : NULL;
}

/* "Nov 22 01:02:03" or "2026-11-22T01:02:03": what stands before the host. */
static void
note_time(Discovered *one, const char *line)
{
    gsize length = g_ascii_isdigit(*line) ? 19 : 15;
    g_free(one->last);
    one->last = g_utf8_make_valid(line, (gssize)MIN(length, strlen(line)));
}

/* "postfix/submission/smtpd[12]: 4XyZ: rest": program, queue id and rest. FALSE if it is no such line. */
static gboolean
take_apart(const char *line, char **program_out, char **queue_id_out, const char **rest_out)
{
    const char *start = strstr(line, "postfix"), *open = start != NULL ? strchr(start, '[') : NULL;
    const char *colon = open != NULL ? strstr(open, "]: ") : NULL;
    if (colon == NULL || open - start > 100)
        return FALSE;
    const char *id = colon + 3;
    gsize length = strspn(id, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
    if (length < 6 || length > 30 || strncmp(id + length, ": ", 2) != 0)
        return FALSE;
    g_autofree char *whole = g_strndup(start, (gsize)(open - start));
    const char *slash = strrchr(whole, '/');
    *program_out = g_strdup(slash != NULL ? slash + 1 : whole);
    *queue_id_out = g_strndup(id, length);
    *rest_out = id + length + 2;
    return TRUE;
}

/* --- lines --------------------------------------------------------------------------------------------------- */

static void
open_letter(Discover *discover, const char *queue_id, Discovered *one, const char *line)
{
    one->letters++;
    note_time(one, line);
    if (g_hash_table_size(discover->open) < DISCOVER_OPEN)
        g_hash_table_replace(discover->open, g_strdup(queue_id), one);
}

static void
take_smtpd(Discover *discover, const char *line, const char *queue_id, const char *rest)
{
    g_autofree char *client = value_of(rest, "client=");
    g_autofree char *address = client != NULL ? client_address(client) : NULL;
    if (address == NULL)
        return;
    g_autofree char *login = value_of(rest, "sasl_username=");
    g_autofree char *method = value_of(rest, "sasl_method=");
    Discovered *one = login != NULL ? discover_submitter(discover, SUBMITTER_LOGIN, login)
                                    : discover_submitter(discover, SUBMITTER_HOST, address);
    if (one == NULL)
        return;
    tally(one->clients, address);
    if (method != NULL)
        tally(one->methods, method);
    open_letter(discover, queue_id, one, line);
}

static void
take_pickup(Discover *discover, const char *line, const char *queue_id, const char *rest)
{
    g_autofree char *uid = value_of(rest, "uid=");
    g_autofree char *from = value_of(rest, "from=");
    if (uid == NULL)
        return;
    g_autofree char *name = g_strconcat("uid:", uid, NULL);
    Discovered *one = discover_submitter(discover, SUBMITTER_LOCAL, name);
    if (one == NULL)
        return;
    if (from != NULL)
        tally(one->senders, from);
    open_letter(discover, queue_id, one, line);
}

/* The queue manager names the sender; then the letter is known. */
static void
take_qmgr(Discover *discover, const char *queue_id, const char *rest)
{
    Discovered *one = g_hash_table_lookup(discover->open, queue_id);
    g_autofree char *from = one != NULL ? value_of(rest, "from=") : NULL;
    if (from != NULL)
        tally(one->senders, from);
    if (one != NULL)
        g_hash_table_remove(discover->open, queue_id);
}

/* "imap-login: Login: user=<zhangwei>, method=PLAIN, rip=192.0.2.1, ..." */
static void
take_login(Discover *discover, const char *line, const char *rest)
{
    g_autofree char *login = value_of(rest, "user=");
    Discovered *one = login != NULL ? discover_submitter(discover, SUBMITTER_LOGIN, login) : NULL;
    if (one == NULL)
        return;
    g_autofree char *client = value_of(rest, "rip=");
    g_autofree char *method = value_of(rest, "method=");
    one->logins += strstr(line, "submission-login") == NULL;
    if (client != NULL)
        tally(one->clients, client);
    if (method != NULL)
        tally(one->methods, method);
    note_time(one, line);
}

void
discover_line(Discover *discover, const char *line, gsize length)
{
    g_autofree char *text = g_strndup(line, MIN(length, DISCOVER_LINE)); /* ends at a NUL */
    g_autofree char *program = NULL, *queue_id = NULL;
    const char *rest;
    discover->lines++;
    const char *login = strstr(text, "-login: Login: ");
    if (login != NULL) {
        take_login(discover, text, login);
    } else if (take_apart(text, &program, &queue_id, &rest)) {
        if (g_str_equal(program, "smtpd") || g_str_equal(program, "smtps"))
            take_smtpd(discover, text, queue_id, rest);
        else if (g_str_equal(program, "pickup"))
            take_pickup(discover, text, queue_id, rest);
        else if (g_str_equal(program, "qmgr"))
            take_qmgr(discover, queue_id, rest);
    }
}

/* --- files --------------------------------------------------------------------------------------------------- */

static gboolean
fail(GError *raw, const char *path, GError **error)
{
    int code = g_error_matches(raw, G_IO_ERROR, G_IO_ERROR_NOT_FOUND)           ? HANGU_ERROR_NO_INPUT
               : g_error_matches(raw, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED) ? HANGU_ERROR_PERMISSION
               : g_error_matches(raw, G_IO_ERROR, G_IO_ERROR_INVALID_DATA)      ? HANGU_ERROR_DATA
                                                                                : HANGU_ERROR_IO;
    g_set_error(error, HANGU_ERROR, code, "%s: %s", path, raw->message);
    g_error_free(raw);
    return FALSE;
}

/* A line may be as long as the file: what is over DISCOVER_LINE is not kept. */
static gboolean
read_lines(Discover *discover, GInputStream *stream, GError **error)
{
    g_autoptr(GString) line = g_string_new(NULL);
    g_autofree char *chunk = g_malloc(65536);
    gssize got;
    while ((got = g_input_stream_read(stream, chunk, 65536, NULL, error)) > 0) {
        for (const char *at = chunk, *end = chunk + got; at < end;) {
            const char *stop = memchr(at, '\n', (gsize)(end - at));
            gsize length = (gsize)((stop != NULL ? stop : end) - at);
            if (line->len < DISCOVER_LINE)
                g_string_append_len(line, at, (gssize)MIN(length, DISCOVER_LINE - line->len));
            at += length + (stop != NULL);
            if (stop == NULL)
                continue;
            discover_line(discover, line->str, line->len);
            g_string_truncate(line, 0);
        }
    }
    if (line->len > 0)
        discover_line(discover, line->str, line->len);
    return got == 0;
}

static GInputStream *
open_stream(const char *path, GError **error)
{
    g_autoptr(GFile) file = g_file_new_for_path(path);
    GInputStream *stream = G_INPUT_STREAM(g_file_read(file, NULL, error));
    if (stream == NULL || !g_str_has_suffix(path, ".gz"))
        return stream;
    g_autoptr(GConverter) unpack = G_CONVERTER(g_zlib_decompressor_new(G_ZLIB_COMPRESSOR_FORMAT_GZIP));
    GInputStream *unpacked = g_converter_input_stream_new(stream, unpack);
    g_object_unref(stream);
    return unpacked;
}

/* What is found from here on was found there. */
static void
read_from(Discover *discover, const char *what, const char *path)
{
    g_autofree char *shown = g_filename_display_name(path);
    g_free(discover->reading);
    discover->reading = g_strdup_printf("%s %s", what, shown);
}

gboolean
discover_log(Discover *discover, const char *path, GError **error)
{
    GError *raw = NULL;
    g_autoptr(GInputStream) stream = open_stream(path, &raw);
    read_from(discover, "log", path);
    gboolean good = stream != NULL && read_lines(discover, stream, &raw);
    g_clear_pointer(&discover->reading, g_free);
    return good || fail(raw, path, error);
}

/* A name without domain in a file of one domain is of that domain. */
static void
take_user(Discover *discover, const char *user, const char *domain)
{
    g_autofree char *valid = g_utf8_make_valid(user, -1);
    g_autofree char *name = domain == NULL || strchr(valid, '@') != NULL ? g_utf8_strdown(valid, -1)
                                                                         : g_strdup_printf("%s@%s", valid, domain);
    discover_known(discover, KNOWN_LOGIN, name, NULL, discover->reading);
    discover_known_password(discover, name);
}

gboolean
discover_users_of(Discover *discover, const char *path, const char *domain, GError **error)
{
    GError *raw = NULL;
    g_autoptr(GInputStream) stream = open_stream(path, &raw);
    g_autoptr(GDataInputStream) lines = stream != NULL ? g_data_input_stream_new(stream) : NULL;
    char *line = NULL;
    read_from(discover, "passwd-file", path);
    while (lines != NULL && (line = g_data_input_stream_read_line(lines, NULL, NULL, &raw)) != NULL) {
        g_autofree char *owned = line;
        gsize length = strcspn(owned, ":");
        if (*owned == '#' || owned[length] == '\0' || length == 0)
            continue;
        memset(owned + length, 0, strlen(owned + length)); /* no password stays in memory */
        take_user(discover, owned, domain);
    }
    discover->listed += raw == NULL;
    g_clear_pointer(&discover->reading, g_free);
    return raw == NULL || fail(raw, path, error);
}

gboolean
discover_passwd_file(Discover *discover, const char *path, GError **error)
{
    return discover_users_of(discover, path, NULL, error);
}
