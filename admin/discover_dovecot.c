/* Dovecot's users. doveconf tells where they are; what is no file can only be listed by Dovecot itself. */
#include "config.h"
#include "discover_private.h"
#include "dovecot_run.h"
#include <glib/gi18n.h>
#include <glob.h>
#include <string.h>

typedef struct {
    Discover *discover;
    const char *config;
    GHashTable *seen;     /* paths and drivers */
    GPtrArray *elsewhere; /* char *: "passdb ldap" */
} Looking;

/* The value behind "name = ", or NULL. Lends. */
static const char *
value_of(const char *line, const char *name)
{
    if (!g_str_has_prefix(line, name))
        return NULL;
    const char *at = line + strlen(name);
    at += strspn(at, " ");
    return *at == '=' ? at + 1 + strspn(at + 1, " ") : NULL;
}

/* What stands in the path where the pattern has %d. Gives, or NULL. */
static char *
domain_in(const char *pattern, const char *path)
{
    g_auto(GStrv) wanted = g_strsplit(pattern, "/", -1), given = g_strsplit(path, "/", -1);
    if (g_strv_length(wanted) != g_strv_length(given))
        return NULL;
    for (guint i = 0; wanted[i] != NULL; i++) {
        g_auto(GStrv) around = g_strsplit(wanted[i], strstr(wanted[i], "%Ld") != NULL ? "%Ld" : "%d", 2);
        gsize before = around[0] != NULL ? strlen(around[0]) : 0, length = strlen(given[i]);
        if (g_strv_length(around) != 2 || strchr(around[0], '%') != NULL || strchr(around[1], '%') != NULL ||
            length <= before + strlen(around[1]))
            continue;
        return g_strndup(given[i] + before, length - before - strlen(around[1]));
    }
    return NULL;
}

/* %d and the like stand for any name. Gives. */
static char *
glob_of(const char *pattern)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (const char *at = pattern; *at != '\0'; at++) {
        if (*at == '%' && at[1] == 'L' && at[2] != '\0')
            at++;
        if (*at == '%' && at[1] != '\0') {
            at++;
            g_string_append_c(text, '*');
        } else {
            if (strchr("*?[\\", *at) != NULL)
                g_string_append_c(text, '\\');
            g_string_append_c(text, *at);
        }
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static void
read_file(Looking *looking, const char *path, const char *domain)
{
    g_autoptr(GError) error = NULL;
    if (g_hash_table_add(looking->seen, g_strdup(path)) && !discover_users_of(looking->discover, path, domain, &error))
        discover_unread(looking->discover, path, "%s", error->message);
}

static void
read_files(Looking *looking, const char *pattern)
{
    g_autofree char *wild = glob_of(pattern);
    glob_t found = {0};
    if (glob(wild, 0, NULL, &found) != 0)
        discover_unread(looking->discover, pattern, _("there is no such password file, or it may not be read"));
    for (gsize i = 0; i < found.gl_pathc; i++) {
        g_autofree char *domain = domain_in(pattern, found.gl_pathv[i]);
        read_file(looking, found.gl_pathv[i], domain);
    }
    globfree(&found);
}

/* One passdb or userdb. */
static void
look_at(Looking *looking, const char *block, const char *driver, const char *arguments)
{
    static const char *const nobody[] = {"static", "prefetch", "allow-all", "oauth2", "anonymous", NULL};
    const char *path = strrchr(arguments, ' ') != NULL ? strrchr(arguments, ' ') + 1 : arguments;
    if (g_str_equal(driver, "passwd-file") && *path == '/') {
        read_files(looking, path);
    } else if (*driver != '\0' && !g_strv_contains(nobody, driver)) {
        g_autofree char *what = g_strdup_printf("Dovecot %s %s", block, driver);
        if (g_hash_table_add(looking->seen, g_strdup(what)))
            g_ptr_array_add(looking->elsewhere, g_strdup(what));
    }
}

/* The blocks of "doveconf -n": "passdb {", with the name of the driver since 2.4. */
static void
look_at_blocks(Looking *looking, const char *output)
{
    g_auto(GStrv) lines = g_strsplit(output, "\n", -1);
    g_autofree char *block = NULL, *driver = NULL, *arguments = NULL;
    guint depth = 0;
    for (guint i = 0; lines[i] != NULL; i++) {
        const char *line = g_strstrip(lines[i]), *value;
        gboolean opens = g_str_has_suffix(line, "{"), closes = g_str_equal(line, "}");
        if (opens && depth == 0 && (g_str_has_prefix(line, "passdb ") || g_str_has_prefix(line, "userdb "))) {
            g_auto(GStrv) words = g_strsplit(line, " ", 3);
            block = g_strdup(words[0]);
            driver = g_strdup(words[1] != NULL && !g_str_equal(words[1], "{") ? words[1] : "");
            arguments = g_strdup("");
        } else if (block != NULL && (value = value_of(line, "driver")) != NULL) {
            g_free(driver);
            driver = g_strdup(value);
        } else if (block != NULL &&
                   ((value = value_of(line, "args")) != NULL || (value = value_of(line, "passwd_file_path")) != NULL)) {
            g_free(arguments);
            arguments = g_strdup(value);
        } else if (block != NULL && closes && depth == 1) {
            look_at(looking, block, driver, arguments);
            g_clear_pointer(&block, g_free);
            g_clear_pointer(&driver, g_free);
            g_clear_pointer(&arguments, g_free);
        }
        depth = opens ? depth + 1 : closes && depth > 0 ? depth - 1 : depth;
    }
}

/* Directories and databases: a running Dovecot may be able to list them. */
static void
ask_dovecot(const Looking *looking)
{
    g_autofree char *output = NULL, *said = NULL;
    const char *const arguments[] = {"user", "*", NULL};
    if (looking->elsewhere->len == 0)
        return;
    int status = dovecot_run("doveadm", looking->config, arguments, &output, &said);
    g_auto(GStrv) lines = g_strsplit(output, "\n", -1);
    for (guint i = 0; status == 0 && lines[i] != NULL; i++)
        discover_known(looking->discover, KNOWN_LOGIN, g_strstrip(lines[i]), NULL, "Dovecot userdb");
    if (status == 0)
        looking->discover->listed++;
    else
        for (guint i = 0; i < looking->elsewhere->len; i++)
            discover_unread(looking->discover, g_ptr_array_index(looking->elsewhere, i),
                            _("Dovecot does not list its users (doveadm user \"*\": %s)"), said);
}

void
discover_dovecot(Discover *discover, const char *config)
{
    g_autofree char *output = NULL, *said = NULL;
    const char *const arguments[] = {"-n", NULL};
    int status = dovecot_run("doveconf", config, arguments, &output, &said);
    if (status != 0) {
        if (status > 0 || config != NULL)
            discover_unread(discover, config != NULL ? config : "Dovecot", _("doveconf does not tell its users: %s"),
                            said);
        return;
    }
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GPtrArray) elsewhere = g_ptr_array_new_with_free_func(g_free);
    Looking looking = {discover, config, seen, elsewhere};
    look_at_blocks(&looking, output);
    ask_dovecot(&looking);
}
