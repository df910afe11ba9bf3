/* manifest - checked in an order that tells first what matters most: signature, then files, then age. */
#include "config.h"
#include "manifest.h"
#include "clock.h"
#include "errors.h"
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>

#define KEY "signature"
#define VERSION_MAX G_GINT64_CONSTANT(1000000000)
#define SIGNATURE_TEXT_MAX 1024
#define FLOOR_FILE "versions"
#define DIRECTORY_MODE 0750
#define FILE_MODE 0640

typedef struct {
    gint64 manifest, version;
    char *name, *date;
    YamlNode *files;
} Head;

static const YamlRow head_rows[] = {
    {"manifest", YAML_ROW_INT, G_STRUCT_OFFSET(Head, manifest), .required = TRUE, .min = 1, .max = 1},
    {"name", YAML_ROW_TEXT, G_STRUCT_OFFSET(Head, name), .required = TRUE},
    {"version", YAML_ROW_INT, G_STRUCT_OFFSET(Head, version), .required = TRUE, .min = 1, .max = VERSION_MAX},
    {"date", YAML_ROW_TEXT, G_STRUCT_OFFSET(Head, date), .required = TRUE},
    {"files", YAML_ROW_NODE, G_STRUCT_OFFSET(Head, files), .required = TRUE},
    {NULL},
};

void
manifest_clear(Manifest *manifest)
{
    g_clear_pointer(&manifest->name, g_free);
    g_clear_pointer(&manifest->date, g_free);
    g_clear_pointer(&manifest->key, g_free);
}

static const RuleSource *
find(const RuleSources *sources, const char *name)
{
    const RuleSource *source;
    for (guint i = 0; (source = rule_sources_get(sources, i)) != NULL; i++)
        if (strcmp(source->name, name) == 0)
            return source;
    return NULL;
}

static gboolean
is_ours(const char *name)
{
    return strcmp(name, MANIFEST_FILE) == 0 || strcmp(name, MANIFEST_SIGNATURE) == 0;
}

static YamlFile *
manifest_load(const RuleSource *source, Problems *problems)
{
    gsize length;
    const char *bytes = g_bytes_get_data(source->bytes, &length);
    return yaml_load_bytes(source->path, bytes != NULL ? bytes : "", length, problems);
}

/* --- the signature ---------------------------------------------------------------------------------------------- */

static GBytes *
signature_bytes(const RuleSource *source)
{
    gsize length, size;
    const char *text = g_bytes_get_data(source->bytes, &length);
    if (length == 0 || length > SIGNATURE_TEXT_MAX)
        return NULL;
    g_autofree char *copy = g_strndup(text, length);
    guint8 *bytes = g_base64_decode(copy, &size);
    return g_bytes_new_take(bytes, size);
}

/* The path of the key; NULL with a problem. */
static const char *
signature_verify(RuleSources *sources, const SignatureKeys *keys, Problems *problems)
{
    const char *directory = rule_sources_directory(sources), *key;
    const RuleSource *manifest = rule_sources_use(sources, MANIFEST_FILE),
                     *signature = rule_sources_use(sources, MANIFEST_SIGNATURE);
    if (manifest == NULL || signature == NULL) {
        problems_add(problems, directory, 0, 0, KEY,
                     _("the rules are not signed: there is no %s; sign them with `hangu rules sign`, or take the keys "
                       "out of rule_sets.keys"),
                     manifest == NULL ? MANIFEST_FILE : MANIFEST_SIGNATURE);
        return NULL;
    }
    g_autoptr(GBytes) bytes = signature_bytes(signature);
    key = bytes != NULL ? signature_check(keys, manifest->bytes, bytes) : NULL;
    if (key == NULL)
        problems_add(problems, signature->path, 0, 0, KEY,
                     _("none of the trusted keys (rule_sets.keys) made this signature over %s"), MANIFEST_FILE);
    return key;
}

/* --- the files --------------------------------------------------------------------------------------------------- */

static const char *
text_of(const YamlNode *map, const char *key)
{
    const YamlNode *node = yaml_kind(map) == YAML_MAP ? yaml_get(map, key) : NULL;
    return node != NULL ? yaml_scalar(node, NULL) : NULL;
}

static void
file_verify(const RuleSources *sources, const YamlNode *item, GHashTable *named, Problems *problems)
{
    const char *name = text_of(item, "name"), *hash = text_of(item, "sha256");
    const RuleSource *source = name != NULL ? find(sources, name) : NULL;
    g_autofree char *digest = g_strconcat("sha256:", hash, NULL);
    if (name == NULL || hash == NULL || !rule_sources_name(name) || is_ours(name))
        yaml_problem(item, problems, KEY, _("must be {name: FILE, sha256: HASH}"));
    else if (!g_hash_table_add(named, (gpointer)name))
        yaml_problem(item, problems, KEY, _("\"%s\" is named twice"), name);
    else if (source == NULL)
        yaml_problem(item, problems, KEY, _("\"%s\" was signed, but is not there"), name);
    else if (strcmp(source->digest, digest) != 0)
        problems_add(problems, source->path, 0, 0, KEY, _("was changed after it was signed"));
}

static void
files_verify(const RuleSources *sources, const YamlNode *files, Problems *problems)
{
    g_autoptr(GHashTable) named = g_hash_table_new(g_str_hash, g_str_equal);
    const RuleSource *source;
    if (yaml_kind(files) != YAML_LIST) {
        yaml_problem(files, problems, KEY, _("must be a list"));
        return;
    }
    for (guint i = 0; i < yaml_length(files); i++)
        file_verify(sources, yaml_item(files, i), named, problems);
    for (guint i = 0; (source = rule_sources_get(sources, i)) != NULL; i++)
        if (!is_ours(source->name) && !g_hash_table_contains(named, source->name))
            problems_add(problems, source->path, 0, 0, KEY, _("was not signed with the others: %s does not name it"),
                         MANIFEST_FILE);
}

gboolean
manifest_check(RuleSources *sources, const SignatureKeys *keys, Manifest *manifest_out, Problems *problems)
{
    guint before = problems_count(problems);
    const char *key = signature_verify(sources, keys, problems);
    g_autoptr(YamlFile) file = key != NULL ? manifest_load(find(sources, MANIFEST_FILE), problems) : NULL;
    Head head = {0};
    if (file == NULL)
        return FALSE;
    yaml_read_rows(yaml_root(file), head_rows, "", &head, problems);
    if (problems_count(problems) == before)
        files_verify(sources, head.files, problems);
    *manifest_out = (Manifest){g_strdup(head.name), g_strdup(head.date), head.version, g_strdup(key)};
    yaml_clear_rows(head_rows, &head);
    return problems_count(problems) == before;
}

gint64
manifest_version(const RuleSources *sources)
{
    const RuleSource *source = find(sources, MANIFEST_FILE);
    g_autoptr(Problems) problems = problems_new();
    g_autoptr(YamlFile) file = source != NULL ? manifest_load(source, problems) : NULL;
    Head head = {0};
    if (file == NULL)
        return 0;
    yaml_read_rows(yaml_root(file), head_rows, "", &head, problems);
    gint64 version = head.version;
    yaml_clear_rows(head_rows, &head);
    return version;
}

/* --- signing ----------------------------------------------------------------------------------------------------- */

static gboolean
write_beside(const RuleSources *sources, const char *name, const char *text, gsize length, GError **error)
{
    g_autofree char *path = g_build_filename(rule_sources_directory(sources), name, NULL);
    return g_file_set_contents_full(path, text, (gssize)length,
                                    G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0644, error);
}

/* In single quotes: nothing in it means anything to YAML. */
static void
quote(GString *out, const char *text)
{
    g_string_append_c(out, '\'');
    for (; *text != '\0'; text++)
        g_string_append_printf(out, *text == '\'' ? "''" : "%c", *text);
    g_string_append_c(out, '\'');
}

gboolean
manifest_sign(const RuleSources *sources, const char *key_path, const char *name, gint64 version, gint64 now_us,
              GError **error)
{
    g_autofree char *date = clock_format(now_us);
    GString *text = g_string_new("manifest: 1\nname: ");
    const RuleSource *source;
    quote(text, name);
    g_string_append_printf(text, "\nversion: %" G_GINT64_FORMAT "\ndate: %s\nfiles:\n", version, date);
    for (guint i = 0; (source = rule_sources_get(sources, i)) != NULL; i++) {
        if (is_ours(source->name))
            continue;
        g_string_append(text, "  - {name: ");
        quote(text, source->name);
        g_string_append_printf(text, ", sha256: %s}\n", source->digest + strlen("sha256:"));
    }
    g_autoptr(GBytes) bytes = g_string_free_to_bytes(text);
    g_autoptr(GBytes) signature = signature_make(key_path, bytes, error);
    if (signature == NULL)
        return FALSE;
    gsize length, size;
    const char *data = g_bytes_get_data(bytes, &length);
    const guint8 *sealed = g_bytes_get_data(signature, &size);
    g_autofree char *base64 = g_base64_encode(sealed, size);
    g_autofree char *line = g_strconcat(base64, "\n", NULL);
    return write_beside(sources, MANIFEST_FILE, data, length, error) &&
           write_beside(sources, MANIFEST_SIGNATURE, line, strlen(line), error);
}

/* --- for who loads ------------------------------------------------------------------------------------------------ */

static gboolean
age_check(const Manifest *manifest, const char *directory, const char *path, Problems *problems)
{
    g_autoptr(GError) error = NULL;
    gint64 floor = manifest_floor(directory, manifest->name, &error);
    if (floor >= 0 && manifest->version >= floor)
        return TRUE;
    if (floor < 0)
        problems_add(problems, path, 0, 0, KEY, _("how old the rules in force were cannot be told: %s"),
                     error != NULL ? error->message : "?");
    else
        problems_add(problems, path, 0, 0, KEY,
                     _("version %d of \"%s\" is older than version %d, which was in force; if that is meant, set "
                       "rule_sets.rollback: yes"),
                     (int)manifest->version, manifest->name, (int)floor);
    return FALSE;
}

gboolean
manifest_admit(RuleSources *sources, const GPtrArray *key_paths, const char *directory, gboolean rollback,
               Manifest *manifest_out, Problems *problems)
{
    g_autoptr(SignatureKeys) keys = signature_keys_new();
    gboolean good = TRUE;
    for (guint i = 0; key_paths != NULL && i < key_paths->len; i++) {
        g_autoptr(GError) error = NULL;
        if (signature_keys_add(keys, g_ptr_array_index(key_paths, i), &error))
            continue;
        problems_add(problems, NULL, 0, 0, KEY, _("a trusted key (rule_sets.keys) cannot be used: %s"), error->message);
        good = FALSE;
    }
    if (key_paths == NULL || key_paths->len == 0 || !good)
        return good;
    return manifest_check(sources, keys, manifest_out, problems) &&
           (rollback || age_check(manifest_out, directory, rule_sources_directory(sources), problems));
}

/* --- no way back -------------------------------------------------------------------------------------------------- */

/* A key file, of which nobody but the gate writes. */
static GKeyFile *
floors_load(const char *path, GError **error)
{
    g_autoptr(GKeyFile) floors = g_key_file_new();
    g_autoptr(GError) why = NULL;
    if (!g_key_file_load_from_file(floors, path, G_KEY_FILE_NONE, &why) &&
        !g_error_matches(why, G_FILE_ERROR, G_FILE_ERROR_NOENT)) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, "%s: %s", path, why->message);
        return NULL;
    }
    return g_steal_pointer(&floors);
}

gint64
manifest_floor(const char *directory, const char *name, GError **error)
{
    g_autofree char *path = g_build_filename(directory, FLOOR_FILE, NULL);
    g_autofree char *key = g_uri_escape_string(name, NULL, FALSE);
    g_autoptr(GKeyFile) floors = floors_load(path, error);
    g_autoptr(GError) why = NULL;
    if (floors == NULL)
        return -1;
    gint64 version = g_key_file_get_int64(floors, "versions", key, &why);
    if (why == NULL || g_error_matches(why, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_KEY_NOT_FOUND) ||
        g_error_matches(why, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_GROUP_NOT_FOUND))
        return version;
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, "%s: %s", path, why->message);
    return -1;
}

gboolean
manifest_remember(const char *directory, const Manifest *manifest, GError **error)
{
    g_autofree char *path = g_build_filename(directory, FLOOR_FILE, NULL);
    g_autofree char *key = g_uri_escape_string(manifest->name, NULL, FALSE);
    g_autoptr(GKeyFile) floors = floors_load(path, error);
    if (floors == NULL)
        return FALSE;
    if (g_key_file_get_int64(floors, "versions", key, NULL) == manifest->version)
        return TRUE;
    g_key_file_set_int64(floors, "versions", key, manifest->version);
    gsize length;
    g_autofree char *text = g_key_file_to_data(floors, &length, NULL);
    g_mkdir_with_parents(directory, DIRECTORY_MODE);
    if (!g_file_set_contents_full(path, text, (gssize)length,
                                  G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, FILE_MODE, error))
        return FALSE;
    g_chmod(path, FILE_MODE); /* past the umask: who checks settings reads it */
    return TRUE;
}
