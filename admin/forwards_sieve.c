/* Sieve scripts of users; Roundcube's filters are such scripts too, with a comment over each rule. */
#include "config.h"
#include "errors.h"
#include "forwards.h"
#include "sieve.h"
#include <gio/gio.h>
#include <glib/gi18n.h>
#include <string.h>

#define ROUNDCUBE_RULE "# rule:["
#define GLOBAL_SCRIPTS_MAX 1000
#define GLOBAL_PLACES_MAX 50 /* sieve_before, sieve_before2 ... */

typedef struct {
    Forwards *forwards;
    const char *global;
    const char *file, *user, *source;
} Reading;

static void
add_redirect(const SieveRedirect *redirect, gpointer user)
{
    const Reading *reading = user;
    Forward *row = forwards_add(reading->forwards, reading->source, reading->user,
                                redirect->address != NULL ? redirect->address : "", redirect->script, redirect->line,
                                redirect->copy ? COPY_YES : COPY_NO);
    if (row != NULL)
        row->sometimes = redirect->sometimes;
}

static void
add_problem(const char *script, const char *text, gpointer user)
{
    forwards_unread(((const Reading *)user)->forwards, script, "%s", text);
}

/* A name, never a path: a script may only include what lies beside it. */
static char *
include_script(const char *name, gboolean global, char **shown_out, gpointer user)
{
    const Reading *reading = user;
    if (*name == '\0' || strchr(name, '/') != NULL || name[0] == '.')
        return NULL;
    g_autofree char *beside = g_path_get_dirname(reading->file);
    g_autofree char *file = g_strconcat(name, ".sieve", NULL);
    g_autofree char *below = g_build_filename(beside, "sieve", NULL);
    const char *const own[] = {beside, below, NULL}, *const common[] = {reading->global, NULL};
    for (const char *const *place = global ? common : own; *place != NULL; place++) {
        g_autofree char *path = g_build_filename(*place, file, NULL);
        if (g_file_test(path, G_FILE_TEST_IS_REGULAR)) {
            *shown_out = g_steal_pointer(&path);
            return forwards_read(reading->forwards, *shown_out, NULL);
        }
    }
    return NULL;
}

static void
read_script(const char *file, const char *user, gpointer data)
{
    Reading reading = *(const Reading *)data;
    gsize length = 0;
    g_autofree char *text = forwards_read(reading.forwards, file, &length);
    if (text == NULL)
        return;
    reading.file = file;
    reading.user = user;
    reading.source = strstr(text, ROUNDCUBE_RULE) != NULL ? "roundcube" : "sieve";
    sieve_redirects(file, text, length, include_script, add_redirect, add_problem, &reading);
}

void
forwards_read_sieve(Forwards *forwards, const char *pattern, const char *global)
{
    Reading reading = {.forwards = forwards, .global = global};
    if (!forwards_each_file(pattern, read_script, &reading))
        forwards_unread(forwards, pattern, _("is no pattern of files"));
}

/* --- for everybody ----------------------------------------------------------------------------------------------- */

static int
by_name(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
read_directory(const char *path, const char *who, Reading *reading)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GDir) directory = g_dir_open(path, 0, &error);
    g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);
    if (directory == NULL) {
        forwards_unread(reading->forwards, path, "%s", error->message);
        return;
    }
    for (const char *name; (name = g_dir_read_name(directory)) != NULL && files->len < GLOBAL_SCRIPTS_MAX;)
        if (g_str_has_suffix(name, ".sieve"))
            g_ptr_array_add(files, g_build_filename(path, name, NULL));
    if (files->len >= GLOBAL_SCRIPTS_MAX)
        forwards_unread(reading->forwards, path, _("there are more than %d scripts"), GLOBAL_SCRIPTS_MAX);
    g_ptr_array_sort(files, by_name);
    for (guint i = 0; i < files->len; i++)
        read_script(g_ptr_array_index(files, i), who, reading);
}

/* "ldap" of "ldap:/etc/dovecot/sieve-ldap.conf"; NULL: a file. */
static char *
storage_kind(const char *place)
{
    const char *colon = strchr(place, ':');
    if (*place == '/' || *place == '~' || colon == NULL || g_str_has_prefix(place, "file:"))
        return NULL;
    return g_strndup(place, (gsize)(colon - place));
}

static gboolean
is_file_place(Forwards *forwards, const char *place)
{
    g_autofree char *kind = storage_kind(place);
    if (kind != NULL)
        forwards_unread(forwards, place,
                        _("scripts in a storage of type \"%s\" cannot be listed; read them there, or "
                          "give an LDIF file with --ldif"),
                        kind);
    return kind == NULL;
}

void
forwards_read_sieve_place(Forwards *forwards, const char *place, const char *who, const char *global)
{
    Reading reading = {.forwards = forwards, .global = global};
    if (!is_file_place(forwards, place))
        return;
    g_autofree char *path = g_strdup(g_str_has_prefix(place, "file:") ? place + strlen("file:") : place);
    path[strcspn(path, ";")] = '\0';
    if (*path == '~' || strchr(path, '%') != NULL) {
        forwards_unread(forwards, place, _("differs from user to user; name it with --sieve"));
    } else if (g_file_test(path, G_FILE_TEST_IS_DIR)) {
        read_directory(path, who, &reading);
    } else {
        read_script(path, who, &reading);
    }
}

static char *
doveconf(const char *config, const char *setting)
{
    g_autofree char *program = g_find_program_in_path("doveconf");
    g_autofree char *output = NULL;
    if (program == NULL)
        return NULL;
    const char *const given[] = {program, "-c", config, "-h", setting, NULL}, *const plain[] = {program, "-h", setting,
                                                                                                NULL};
    const char *const *argv = config != NULL ? given : plain;
    g_autoptr(GSubprocess) process =
        g_subprocess_newv(argv, G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, NULL);
    if (process == NULL || !g_subprocess_communicate_utf8(process, NULL, NULL, &output, NULL, NULL) ||
        !g_subprocess_get_successful(process) || output == NULL || *g_strstrip(output) == '\0')
        return NULL;
    return g_steal_pointer(&output);
}

/* "file:~/sieve;active=~/.dovecot.sieve", "file:/srv/%u/x.sieve": the active script; ~ is mail_home. */
char *
forwards_sieve_pattern(const char *dovecot_config)
{
    g_autofree char *sieve = doveconf(dovecot_config, "plugin/sieve"), *home = doveconf(dovecot_config, "mail_home");
    const char *active = sieve != NULL ? strstr(sieve, ";active=") : NULL;
    g_autofree char *place = NULL;
    if (active != NULL)
        place = g_strndup(active + strlen(";active="), strcspn(active + 1, ";") - strlen("active="));
    else
        place = g_strdup(sieve != NULL ? (g_str_has_prefix(sieve, "file:") ? sieve + 5 : sieve) : "~/.dovecot.sieve");
    place[strcspn(place, ";")] = '\0';
    if (*place != '~')
        return *place == '/' ? g_steal_pointer(&place) : NULL;
    return home != NULL && *home == '/' ? g_strconcat(home, place + 1, NULL) : NULL;
}

/* sieve_before, sieve_before2 and so on: Pigeonhole stops at the first number that is missing. */
static void
read_numbered(Forwards *forwards, const char *config, const char *name, const char *global)
{
    for (guint i = 1; i <= GLOBAL_PLACES_MAX; i++) {
        g_autofree char *setting =
            i == 1 ? g_strconcat("plugin/", name, NULL) : g_strdup_printf("plugin/%s%u", name, i);
        g_autofree char *place = doveconf(config, setting);
        if (place == NULL && i > 1)
            return;
        if (place != NULL)
            forwards_read_sieve_place(forwards, place, "*", global);
    }
}

void
forwards_read_dovecot(Forwards *forwards, const char *dovecot_config, const char *global)
{
    g_autofree char *sieve = doveconf(dovecot_config, "plugin/sieve"),
                    *common = doveconf(dovecot_config, "plugin/sieve_default");
    if (sieve != NULL)
        is_file_place(forwards, sieve);
    read_numbered(forwards, dovecot_config, "sieve_before", global);
    read_numbered(forwards, dovecot_config, "sieve_after", global);
    if (common != NULL)
        forwards_read_sieve_place(forwards, common, "*", global);
}
