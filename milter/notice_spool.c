/* One JSON object a file; its name begins with the time, so that names sort by age. */
#include "config.h"
#include "notice_spool.h"
#include "clock.h"
#include "crypto.h"
#include "errors.h"
#include "log.h"
#include "process.h"
#include "record.h"
#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <jansson.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX ".notice"
#define DIRECTORY_MODE 0700

/* All that templates ask for. */
static const char *const kept_values[] = {"account", "date", "to", "until"};

KeptNotice *
kept_notice_new(const Notice *notice, gint64 now_us)
{
    KeptNotice *kept = g_new0(KeptNotice, 1);
    GHashTable *values = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
    for (gsize i = 0; i < G_N_ELEMENTS(kept_values); i++) {
        const char *value = notice->values != NULL ? g_hash_table_lookup(notice->values, kept_values[i]) : NULL;
        if (value == NULL)
            continue;
        g_autofree char *valid = g_utf8_make_valid(value, -1);
        g_hash_table_insert(values, (gpointer)kept_values[i],
                            g_utf8_substring(valid, 0, MIN(g_utf8_strlen(valid, -1), NOTICE_VALUE_MAX)));
    }
    kept->notice = *notice;
    kept->notice.recipient = g_strdup(notice->recipient);
    kept->notice.record_id = g_strdup(notice->record_id);
    kept->notice.values = values;
    kept->since_us = now_us;
    return kept;
}

void
kept_notice_free(KeptNotice *kept)
{
    if (kept == NULL)
        return;
    g_free((char *)kept->notice.recipient);
    g_free((char *)kept->notice.record_id);
    g_hash_table_unref(kept->notice.values);
    g_free(kept->file);
    g_free(kept);
}

/* --- writing ----------------------------------------------------------------------------------------------------- */

static char *
to_text(const Notice *notice)
{
    json_auto_t *values = json_object();
    for (gsize i = 0; i < G_N_ELEMENTS(kept_values); i++) {
        const char *value = g_hash_table_lookup(notice->values, kept_values[i]);
        if (value != NULL)
            json_object_set_new(values, kept_values[i], json_string(value));
    }
    json_auto_t *object =
        json_pack("{si ss ss* ss ss sI sI sO}", "v", 1, "kind", notice_kind_word(notice->kind), "problem",
                  submitter_problem_word(notice->problem), "recipient", notice->recipient, "record", notice->record_id,
                  "time", (json_int_t)notice->time_us, "more", (json_int_t)notice->more, "values", values);
    return object != NULL ? json_dumps(object, JSON_COMPACT) : NULL;
}

static gboolean
fail(GError **error, const char *what, const char *path)
{
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_IO, "cannot %s %s: %s", what, path, g_strerror(errno));
    return FALSE;
}

gboolean
notice_spool_put(const char *directory, KeptNotice *kept, GError **error)
{
    guint8 random[4];
    crypto_random(random, sizeof random);
    g_autofree char *hex = crypto_hex(random, sizeof random);
    g_autofree char *name = g_strdup_printf("%016" G_GINT64_MODIFIER "x-%s" SUFFIX, kept->notice.time_us, hex);
    g_autofree char *path = g_build_filename(directory, name, NULL);
    g_autofree char *temporary = g_strconcat(path, ".new", NULL);
    char *text = to_text(&kept->notice);
    if (text == NULL || strlen(text) > NOTICE_FILE_MAX) {
        free(text);
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, "this notice cannot be written down");
        return FALSE;
    }
    gsize length = strlen(text);
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 && errno == ENOENT && process_directory(directory, DIRECTORY_MODE, NULL))
        fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    gboolean written = fd >= 0 && write(fd, text, length) == (gssize)length;
    if (fd >= 0 && close(fd) != 0)
        written = FALSE;
    free(text);
    if (!written || rename(temporary, path) != 0) {
        fail(error, "write", path);
        unlink(temporary);
        return FALSE;
    }
    kept->file = g_steal_pointer(&name);
    return TRUE;
}

gboolean
notice_spool_settle(const char *directory, KeptNotice *kept)
{
    if (kept->file == NULL || kept->durable)
        return kept->durable;
    g_autofree char *path = g_build_filename(directory, kept->file, NULL);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return FALSE;
    kept->durable = fsync(fd) == 0;
    close(fd);
    kept->durable = kept->durable && process_sync_directory(path);
    return kept->durable;
}

void
notice_spool_drop(const char *directory, KeptNotice *kept)
{
    if (kept->file == NULL)
        return;
    g_autofree char *path = g_build_filename(directory, kept->file, NULL);
    unlink(path);
    g_clear_pointer(&kept->file, g_free);
}

/* --- reading ----------------------------------------------------------------------------------------------------- */

/* The file's bytes as a string; NULL: it is no ordinary file, or too large. */
static char *
read_file(const char *path)
{
    struct stat status;
    char *text = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0 &&
        status.st_size <= NOTICE_FILE_MAX) {
        gsize length = (gsize)status.st_size;
        text = g_malloc0(length + 1);
        if (read(fd, text, length) != (gssize)length)
            g_clear_pointer(&text, g_free);
    }
    if (fd >= 0)
        close(fd);
    return text;
}

/* NULL: no notice of ours. */
static KeptNotice *
from_text(const char *text, gint64 now_us)
{
    const char *kind, *recipient, *record, *problem = NULL;
    json_int_t time, more;
    json_t *values;
    json_auto_t *object = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    int version;
    Notice notice = {0};
    if (object == NULL ||
        json_unpack(object, "{si ss s?s ss ss sI sI so!}", "v", &version, "kind", &kind, "problem", &problem,
                    "recipient", &recipient, "record", &record, "time", &time, "more", &more, "values", &values) != 0)
        return NULL;
    if (version != 1 || !notice_kind_parse(kind, &notice.kind) || !json_is_object(values) ||
        (problem != NULL && !submitter_problem_parse(problem, &notice.problem)) || time < 0 || more < 0 ||
        strlen(record) != RECORD_ID_LENGTH)
        return NULL;
    g_autoptr(GHashTable) table = g_hash_table_new(g_str_hash, g_str_equal);
    const char *name;
    json_t *value;
    json_object_foreach(values, name, value) if (json_is_string(value))
        g_hash_table_insert(table, (gpointer)name, (gpointer)json_string_value(value));
    notice.recipient = recipient;
    notice.record_id = record;
    notice.values = table;
    notice.time_us = time;
    notice.more = (guint)MIN(more, G_MAXUINT);
    return kept_notice_new(&notice, now_us);
}

static int
by_name(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static GPtrArray *
list(const char *directory)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    GDir *open_directory = g_dir_open(directory, 0, NULL);
    const char *name;
    while (open_directory != NULL && (name = g_dir_read_name(open_directory)) != NULL)
        g_ptr_array_add(names, g_strdup(name));
    if (open_directory != NULL)
        g_dir_close(open_directory);
    g_ptr_array_sort(names, by_name);
    return names;
}

GPtrArray *
notice_spool_read(const char *directory, guint most, gint64 now_us, guint *left_out)
{
    GPtrArray *found = g_ptr_array_new_with_free_func((GDestroyNotify)kept_notice_free);
    g_autoptr(GPtrArray) names = list(directory);
    *left_out = 0;
    for (guint i = 0; i < names->len; i++) {
        const char *name = names->pdata[i];
        g_autofree char *path = g_build_filename(directory, name, NULL);
        g_autofree char *text = g_str_has_suffix(name, SUFFIX) && found->len < most ? read_file(path) : NULL;
        KeptNotice *kept = text != NULL ? from_text(text, now_us) : NULL;
        if (kept == NULL) {
            *left_out += found->len >= most;
            if (found->len < most && !g_str_has_suffix(name, ".new")) /* cut short before its rename */
                log_warn("%s is no notice and is removed", path);
            unlink(path);
            continue;
        }
        kept->file = g_strdup(name);
        g_ptr_array_add(found, kept);
    }
    return found;
}
