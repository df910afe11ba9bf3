/* kept - what is in force is written once and never changed: only whole files and directories appear and vanish. */
#include "config.h"
#include "kept.h"
#include "crypto.h"
#include "errors.h"
#include "kept_history.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DIRECTORY_MODE 0750
#define FILE_MODE 0640
#define OWN_DIRECTORY_MODE 0700 /* of papers */
#define OWN_FILE_MODE 0600
#define DAY_US (G_GINT64_CONSTANT(24) * 3600 * G_USEC_PER_SEC)
#define NEW_PREFIX ".new-"

/* --- paths --------------------------------------------------------------------------------------------------- */

static const char *
hex_of(const char *digest)
{
    static const char prefix[] = "sha256:";
    if (digest == NULL || !g_str_has_prefix(digest, prefix))
        return NULL;
    const char *hex = digest + sizeof prefix - 1;
    return strlen(hex) == 64 && strspn(hex, "0123456789abcdef") == 64 ? hex : NULL;
}

static char *
path_of(const char *directory, const char *folder, const char *digest, const char *suffix)
{
    const char *hex = hex_of(digest);
    g_autofree char *name = hex != NULL ? g_strconcat(hex, suffix, NULL) : NULL;
    return name != NULL ? g_build_filename(directory, folder, name, NULL) : NULL;
}

char *
kept_set_path(const char *directory, const char *ruleset)
{
    return path_of(directory, "sets", ruleset, "");
}

char *
kept_policy_path(const char *directory, const char *policy)
{
    return path_of(directory, "policies", policy, ".yaml");
}

char *
kept_settings_path(const char *directory, const char *settings)
{
    return path_of(directory, "settings", settings, ".yaml");
}

char *
kept_papers_path(const char *directory, const char *papers)
{
    return path_of(directory, "papers", papers, "");
}

/* --- files --------------------------------------------------------------------------------------------------- */

static gboolean
fail(GError **error, const char *path)
{
    int why = errno;
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_IO, "%s: %s", path, g_strerror(why));
    return FALSE;
}

static gboolean
sync_directory(const char *path, GError **error)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    gboolean good = fd >= 0 && fsync(fd) == 0;
    if (!good)
        fail(error, path);
    if (fd >= 0)
        close(fd);
    return good;
}

/* The gate's umask takes from modes; what others may read is said here. */
static gboolean
write_file(const char *path, GBytes *bytes, int mode, GError **error)
{
    gsize length;
    const char *data = g_bytes_get_data(bytes, &length);
    return g_file_set_contents_full(path, data != NULL ? data : "", (gssize)length,
                                    G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, mode, error) &&
           (g_chmod(path, mode) == 0 || fail(error, path));
}

static gboolean
make_folder(const char *directory, const char *folder, int mode, GError **error)
{
    g_autofree char *path = g_build_filename(directory, folder, NULL);
    return (g_mkdir_with_parents(path, mode) == 0 && g_chmod(path, mode) == 0) || fail(error, path);
}

/* What was kept before the group might read it. */
static void
open_to_group(const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    for (const char *name; dir != NULL && (name = g_dir_read_name(dir)) != NULL;) {
        g_autofree char *inner = g_build_filename(path, name, NULL);
        if (g_file_test(inner, G_FILE_TEST_IS_SYMLINK))
            continue;
        gboolean directory = g_file_test(inner, G_FILE_TEST_IS_DIR);
        if (directory)
            open_to_group(inner);
        g_chmod(inner, directory ? DIRECTORY_MODE : FILE_MODE);
    }
}

static gboolean
make_folders(const char *directory, GError **error)
{
    static const char *const shared[] = {"sets", "policies", "settings"};
    struct stat status;
    gboolean old = g_stat(directory, &status) == 0 && (status.st_mode & 0777) != DIRECTORY_MODE;
    for (gsize i = 0; i < G_N_ELEMENTS(shared); i++)
        if (!make_folder(directory, shared[i], DIRECTORY_MODE, error))
            return FALSE;
    if (old)
        open_to_group(directory);
    return make_folder(directory, "papers", OWN_DIRECTORY_MODE, error) &&
           (g_chmod(directory, DIRECTORY_MODE) == 0 || fail(error, directory));
}

/* The directory and the plain files in it; what else may be there stays. */
static void
remove_directory(const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    for (const char *name; dir != NULL && (name = g_dir_read_name(dir)) != NULL;) {
        g_autofree char *file = g_build_filename(path, name, NULL);
        g_unlink(file);
    }
    g_rmdir(path);
}

gboolean
kept_file_check(const char *path, const char *digest, GError **error)
{
    g_autofree char *bytes = NULL;
    gsize length;
    if (!g_file_get_contents(path, &bytes, &length, error))
        return FALSE;
    g_autofree char *own = crypto_sha256_text(bytes, length);
    if (strcmp(own, digest) == 0)
        return TRUE;
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, _("%s was changed: it is not what its name says"), path);
    return FALSE;
}

/* --- keeping ------------------------------------------------------------------------------------------------- */

static gboolean
fill_set(const char *path, const RuleSources *sources, GError **error)
{
    const RuleSource *source;
    for (guint i = 0; (source = rule_sources_get(sources, i)) != NULL; i++) {
        g_autofree char *file = g_build_filename(path, source->name, NULL);
        if (source->used && !write_file(file, source->bytes, FILE_MODE, error))
            return FALSE;
    }
    return sync_directory(path, error);
}

static gboolean
store_set(const char *directory, const char *ruleset, const RuleSources *sources, GError **error)
{
    g_autofree char *path = kept_set_path(directory, ruleset);
    g_autofree char *folder = g_build_filename(directory, "sets", NULL);
    g_autofree char *fresh = g_build_filename(folder, NEW_PREFIX "XXXXXX", NULL);
    if (path == NULL || g_file_test(path, G_FILE_TEST_IS_DIR))
        return path != NULL || fail(error, ruleset);
    if (g_mkdtemp_full(fresh, DIRECTORY_MODE) == NULL)
        return fail(error, folder);
    gboolean good = fill_set(fresh, sources, error) && (g_chmod(fresh, DIRECTORY_MODE) == 0 || fail(error, fresh)) &&
                    (g_rename(fresh, path) == 0 || fail(error, path)) && sync_directory(folder, error);
    if (!good)
        remove_directory(fresh);
    return good;
}

/* The file was read by somebody else just now: only what has the digest it had then is kept. */
static gboolean
store_file(const char *from, const char *to, const char *digest, int mode, GError **error)
{
    g_autofree char *data = NULL;
    gsize length;
    if (to == NULL || g_file_test(to, G_FILE_TEST_EXISTS))
        return to != NULL || fail(error, digest);
    if (!g_file_get_contents(from, &data, &length, error))
        return FALSE;
    g_autofree char *own = crypto_sha256_text(data, length);
    if (strcmp(own, digest) != 0) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, "%s changed while it was loaded", from);
        return FALSE;
    }
    g_autoptr(GBytes) bytes = g_bytes_new_take(g_steal_pointer(&data), length);
    return write_file(to, bytes, mode, error);
}

static gboolean
store_files(const KeptPlace *place, const KeptFiles *files, const KeptUse *use, GError **error)
{
    const char *directory = place->directory;
    g_autofree char *policy = kept_policy_path(directory, use->policy);
    g_autofree char *settings = kept_settings_path(directory, use->settings);
    g_autofree char *papers = kept_papers_path(directory, use->papers);
    struct stat status;
    gboolean room = files->papers != NULL && papers != NULL && g_stat(files->papers, &status) == 0 &&
                    (guint64)status.st_size <= place->papers_bytes;
    return (files->policy == NULL || store_file(files->policy, policy, use->policy, FILE_MODE, error)) &&
           (files->settings == NULL || store_file(files->settings, settings, use->settings, FILE_MODE, error)) &&
           (!room || store_file(files->papers, papers, use->papers, OWN_FILE_MODE, error));
}

/* --- removing ------------------------------------------------------------------------------------------------ */

/* Digests that stay: of the sets in use or not too old, the newest first. */
static GHashTable *
choose_sets(const KeptPlace *place, const GPtrArray *history, gint64 now_us)
{
    GHashTable *stay = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = history->len; i-- > 0;) {
        const KeptUse *use = g_ptr_array_index(history, i);
        gboolean old = use->until_us != 0 && now_us - use->until_us > place->days * DAY_US;
        if (!old && g_hash_table_size(stay) < place->most)
            g_hash_table_add(stay, use->ruleset);
    }
    return stay;
}

/* Everything in the folder whose name is not among `stay`. */
static void
sweep(const char *directory, const char *folder, GHashTable *stay)
{
    g_autofree char *path = g_build_filename(directory, folder, NULL);
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    for (const char *name; dir != NULL && (name = g_dir_read_name(dir)) != NULL;) {
        g_autofree char *file = g_build_filename(path, name, NULL);
        g_autofree char *hex = g_strndup(name, strcspn(name, "."));
        g_autofree char *digest = g_strconcat("sha256:", hex, NULL);
        if (g_hash_table_contains(stay, digest))
            continue;
        if (g_unlink(file) != 0)
            remove_directory(file);
    }
}

/* Registers of the uses that stay, the newest first, as long as there is room. */
static GHashTable *
choose_papers(const KeptPlace *place, const GPtrArray *uses)
{
    GHashTable *stay = g_hash_table_new(g_str_hash, g_str_equal);
    guint64 room = place->papers_bytes;
    for (guint i = uses->len; i-- > 0;) {
        const KeptUse *use = g_ptr_array_index(uses, i);
        g_autofree char *path = kept_papers_path(place->directory, use->papers);
        struct stat status;
        if (path == NULL || g_hash_table_contains(stay, use->papers) || g_stat(path, &status) != 0)
            continue;
        if ((guint64)status.st_size > room)
            break; /* older ones that are smaller are not worth a gap */
        room -= (guint64)status.st_size;
        g_hash_table_add(stay, use->papers);
    }
    return stay;
}

static gboolean
remove_old(const KeptPlace *place, GPtrArray *history, gint64 now_us, GError **error)
{
    g_autoptr(GHashTable) sets = choose_sets(place, history, now_us);
    g_autoptr(GHashTable) files = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GPtrArray) uses = g_ptr_array_new();
    guint first = history->len > KEPT_USES_MAX ? history->len / 2 : 0;
    for (guint i = first; i < history->len; i++) {
        KeptUse *use = g_ptr_array_index(history, i);
        if (!g_hash_table_contains(sets, use->ruleset))
            continue;
        g_ptr_array_add(uses, use);
        g_hash_table_add(files, use->policy);
        g_hash_table_add(files, use->settings);
    }
    if (uses->len < history->len && !kept_history_write(place->directory, uses, error))
        return FALSE;
    sweep(place->directory, "sets", sets);
    sweep(place->directory, "policies", files);
    sweep(place->directory, "settings", files);
    g_autoptr(GHashTable) papers = choose_papers(place, uses);
    sweep(place->directory, "papers", papers);
    return TRUE;
}

static gboolean
same_use(const KeptUse *a, const KeptUse *b)
{
    return g_strcmp0(a->ruleset, b->ruleset) == 0 && g_strcmp0(a->policy, b->policy) == 0 &&
           g_strcmp0(a->settings, b->settings) == 0 && g_strcmp0(a->program, b->program) == 0 &&
           g_strcmp0(a->engine, b->engine) == 0 && g_strcmp0(a->fold, b->fold) == 0 &&
           g_strcmp0(a->papers, b->papers) == 0;
}

gboolean
kept_store(const KeptPlace *place, const RuleSources *sources, const KeptFiles *files, const KeptUse *use,
           GError **error)
{
    const char *directory = place->directory;
    if (place->most == 0)
        return TRUE;
    if (!make_folders(directory, error) || !store_set(directory, use->ruleset, sources, error) ||
        !store_files(place, files, use, error))
        return FALSE;
    g_autoptr(GPtrArray) history = kept_history(directory, error);
    if (history == NULL)
        return FALSE;
    if (history->len > 0 && same_use(g_ptr_array_index(history, history->len - 1), use))
        return TRUE; /* a start like the last one writes nothing */
    if (!kept_history_append(directory, use, error))
        return FALSE;
    g_autoptr(GPtrArray) now = kept_history(directory, error);
    return now != NULL && remove_old(place, now, use->from_us, error);
}
