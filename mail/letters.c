/* letters - finds; nothing is held in memory but names and offsets. */
#include "config.h"
#include "letters.h"
#include "collect.h"
#include "errors.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void
place_free(gpointer data)
{
    LetterPlace *place = data;
    g_free(place->name);
    g_free(place->path);
    g_free(place);
}

static gboolean
refuse(GError **error, const char *path)
{
    int why = errno;
    g_set_error(error, HANGU_ERROR, why == ENOENT ? HANGU_ERROR_NO_INPUT : HANGU_ERROR_IO, "cannot read %s: %s", path,
                g_strerror(why));
    return FALSE;
}

static void
place_add(GPtrArray *places, const char *path, guint number, gint64 from, gint64 to)
{
    LetterPlace *place = g_new0(LetterPlace, 1);
    *place =
        (LetterPlace){number > 0 ? g_strdup_printf("%s#%u", path, number) : g_strdup(path), g_strdup(path), from, to};
    g_ptr_array_add(places, place);
}

/* Whether a line that begins a letter stands at `at`. */
static gboolean
begins(const char *bytes, gsize length, gsize at)
{
    if (length - at < 5 || memcmp(bytes + at, "From ", 5) != 0)
        return FALSE;
    if (at == 0)
        return TRUE;
    if (bytes[at - 1] != '\n')
        return FALSE;
    return at < 2 || bytes[at - 2] == '\n' || (at >= 3 && bytes[at - 2] == '\r' && bytes[at - 3] == '\n');
}

static void
mailbox_read(GPtrArray *places, const char *path, const char *bytes, gsize length)
{
    guint number = 0;
    gsize letter = 0;
    for (gsize at = 0; at < length;) {
        const char *newline = memchr(bytes + at, '\n', length - at);
        gsize next = newline != NULL ? (gsize)(newline - bytes) + 1 : length;
        if (begins(bytes, length, at)) {
            if (number > 0)
                place_add(places, path, number, (gint64)letter, (gint64)at);
            number++;
            letter = next;
        }
        at = next;
    }
    if (number > 0)
        place_add(places, path, number, (gint64)letter, (gint64)length);
}

static gboolean
file_read(GPtrArray *places, const char *path, GError **error)
{
    char head[5];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return refuse(error, path);
    gboolean mailbox = pread(fd, head, sizeof head, 0) == (gssize)sizeof head && memcmp(head, "From ", 5) == 0;
    close(fd);
    if (!mailbox) {
        place_add(places, path, 0, 0, -1);
        return TRUE;
    }
    g_autoptr(GMappedFile) mapped = g_mapped_file_new(path, FALSE, error);
    if (mapped == NULL)
        return FALSE;
    mailbox_read(places, path, g_mapped_file_get_contents(mapped), g_mapped_file_get_length(mapped));
    return TRUE;
}

static int
name_compare(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static gboolean path_read(GPtrArray *places, const char *path, guint depth, GError **error);

static gboolean
directory_read(GPtrArray *places, const char *path, guint depth, GError **error)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    if (dir == NULL)
        return refuse(error, path);
    for (const char *name; (name = g_dir_read_name(dir)) != NULL;)
        if (name[0] != '.' && strcmp(name, "tmp") != 0)
            g_ptr_array_add(names, g_strdup(name));
    g_ptr_array_sort(names, name_compare);
    for (guint i = 0; i < names->len; i++) {
        g_autofree char *inner = g_build_filename(path, g_ptr_array_index(names, i), NULL);
        if (!path_read(places, inner, depth + 1, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
path_read(GPtrArray *places, const char *path, guint depth, GError **error)
{
    struct stat status;
    if (strcmp(path, "-") == 0) {
        place_add(places, path, 0, 0, -1);
        return TRUE;
    }
    if (stat(path, &status) != 0)
        return refuse(error, path);
    if (S_ISDIR(status.st_mode))
        return depth >= LETTERS_DEPTH || directory_read(places, path, depth, error);
    return (depth > 0 && !S_ISREG(status.st_mode)) || places->len >= LETTERS_MAX || file_read(places, path, error);
}

GPtrArray *
letters_find(const char *const *paths, guint count, GError **error)
{
    g_autoptr(GPtrArray) places = g_ptr_array_new_with_free_func(place_free);
    for (guint i = 0; i < count; i++)
        if (!path_read(places, paths[i], 0, error))
            return NULL;
    return g_steal_pointer(&places);
}

Message *
letters_open(const LetterPlace *place, const Settings *settings, GError **error)
{
    if (place->to < 0)
        return collect_file(place->path, settings, error);
    /* The corridor counts bytes from the beginning of its stream: a letter has a stream of its own. */
    g_autoptr(GMappedFile) mapped = g_mapped_file_new(place->path, FALSE, error);
    if (mapped == NULL)
        return NULL;
    gsize length = g_mapped_file_get_length(mapped);
    gsize from = MIN((gsize)place->from, length), to = CLAMP((gsize)place->to, from, length);
    Message *message = message_new();
    message->raw = g_mime_stream_mem_new_with_buffer(g_mapped_file_get_contents(mapped) + from, to - from);
    message->size = (gint64)(to - from);
    return message;
}
