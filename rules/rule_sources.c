/* rule_sources - a directory to bytes in memory, bounded. */
#include "config.h"
#include "rule_sources.h"
#include "crypto.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct RuleSources {
    char *directory;
    GPtrArray *files; /* RuleSource */
    gsize bytes;
};

static void
source_free(gpointer data)
{
    RuleSource *source = data;
    g_free(source->name);
    g_free(source->path);
    g_free(source->digest);
    g_bytes_unref(source->bytes);
    g_free(source);
}

gboolean
rule_sources_name(const char *name)
{
    gsize length = strlen(name);
    if (length == 0 || length > RULE_SOURCES_NAME || name[0] == '.' || name[length - 1] == '~' ||
        !g_utf8_validate_len(name, length, NULL))
        return FALSE;
    for (; *name != '\0'; name = g_utf8_next_char(name))
        if (*name == '/' || !g_unichar_isprint(g_utf8_get_char(name)))
            return FALSE;
    return TRUE;
}

static GBytes *
bytes_read(int fd, gsize most)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    guint8 block[16384];
    gssize got = 0;
    while (bytes->len <= most && ((got = read(fd, block, sizeof block)) > 0 || (got < 0 && errno == EINTR)))
        if (got > 0)
            g_byte_array_append(bytes, block, (guint)got);
    return got < 0 ? NULL : g_byte_array_free_to_bytes(g_steal_pointer(&bytes));
}

/* FALSE with a problem. */
static gboolean
file_add(RuleSources *sources, const char *name, Problems *problems)
{
    g_autofree char *path = g_build_filename(sources->directory, name, NULL);
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        problems_add(problems, path, 0, 0, NULL, _("cannot be opened: %s"), g_strerror(errno));
        return FALSE;
    }
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        close(fd);
        return TRUE;
    }
    GBytes *bytes = bytes_read(fd, RULE_SOURCES_BYTES - sources->bytes);
    int why = errno;
    close(fd);
    if (bytes == NULL) {
        problems_add(problems, path, 0, 0, NULL, _("cannot be read: %s"), g_strerror(why));
        return FALSE;
    }
    gsize length;
    const void *data = g_bytes_get_data(bytes, &length);
    RuleSource *source = g_new0(RuleSource, 1);
    *source = (RuleSource){g_strdup(name), g_steal_pointer(&path), crypto_sha256_text(data != NULL ? data : "", length),
                           bytes, FALSE};
    g_ptr_array_add(sources->files, source);
    sources->bytes += length;
    return TRUE;
}

static int
name_compare(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names of a directory in order; NULL with a problem. */
static GPtrArray *
names_list(const char *directory, Problems *problems)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GDir) dir = g_dir_open(directory, 0, &error);
    if (dir == NULL) {
        problems_add(problems, directory, 0, 0, NULL, _("the rules cannot be read: %s"), error->message);
        return NULL;
    }
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    for (const char *name; (name = g_dir_read_name(dir)) != NULL && names->len <= RULE_SOURCES_FILES;)
        if (rule_sources_name(name))
            g_ptr_array_add(names, g_strdup(name));
        else if (g_str_has_suffix(name, ".yaml") && name[0] != '.')
            problems_add(problems, directory, 0, 0, NULL,
                         _("\"%s\" is no name for a pack: it must be printable UTF-8 of at most %d bytes"), name,
                         RULE_SOURCES_NAME);
    g_ptr_array_sort(names, name_compare);
    if (names->len <= RULE_SOURCES_FILES)
        return g_steal_pointer(&names);
    problems_add(problems, directory, 0, 0, NULL, _("there are more than %d files in this directory"),
                 RULE_SOURCES_FILES);
    return NULL;
}

RuleSources *
rule_sources_read(const char *directory, Problems *problems)
{
    g_autoptr(GPtrArray) names = names_list(directory, problems);
    if (names == NULL)
        return NULL;
    g_autoptr(RuleSources) sources = g_new0(RuleSources, 1);
    sources->directory = g_strdup(directory);
    sources->files = g_ptr_array_new_with_free_func(source_free);
    for (guint i = 0; i < names->len; i++) {
        if (!file_add(sources, g_ptr_array_index(names, i), problems))
            return NULL;
        if (sources->bytes <= RULE_SOURCES_BYTES)
            continue;
        problems_add(problems, directory, 0, 0, NULL, _("the files in this directory have more than %d MiB"),
                     RULE_SOURCES_BYTES / 1024 / 1024);
        return NULL;
    }
    return g_steal_pointer(&sources);
}

void
rule_sources_free(RuleSources *sources)
{
    if (sources == NULL)
        return;
    g_free(sources->directory);
    g_ptr_array_unref(sources->files);
    g_free(sources);
}

const char *
rule_sources_directory(const RuleSources *sources)
{
    return sources->directory;
}

guint
rule_sources_count(const RuleSources *sources)
{
    return sources->files->len;
}

const RuleSource *
rule_sources_get(const RuleSources *sources, guint index)
{
    return index < sources->files->len ? g_ptr_array_index(sources->files, index) : NULL;
}

const RuleSource *
rule_sources_use(RuleSources *sources, const char *name)
{
    for (guint i = 0; i < sources->files->len; i++) {
        RuleSource *source = g_ptr_array_index(sources->files, i);
        if (strcmp(source->name, name) != 0)
            continue;
        source->used = TRUE;
        return source;
    }
    return NULL;
}
