/* Settings to options of hangu-extract. */
#include "config.h"
#include "extract_command.h"
#include "log.h"
#include <inttypes.h>

#define PROGRAM "hangu-extract"
#define CPU_MARGIN_S 1 /* what a reader used before its job; the job's own limit is exact */

static char *
find_program(const Settings *settings)
{
    if (settings->extract_program != NULL)
        return g_strdup(settings->extract_program);
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *directory = self != NULL ? g_path_get_dirname(self) : NULL;
    g_autofree char *beside = directory != NULL ? g_build_filename(directory, PROGRAM, NULL) : NULL;
    if (beside != NULL && g_file_test(beside, G_FILE_TEST_IS_EXECUTABLE))
        return g_steal_pointer(&beside);
    return g_build_filename(EXTRACTDIR, PROGRAM, NULL);
}

static void
add(GPtrArray *words, const char *option, gint64 number)
{
    g_ptr_array_add(words, g_strdup(option));
    g_ptr_array_add(words, g_strdup_printf("%" PRId64, number));
}

static void
add_word(GPtrArray *words, const char *option, const char *word)
{
    g_ptr_array_add(words, g_strdup(option));
    g_ptr_array_add(words, g_strdup(word));
}

static void
add_log(GPtrArray *words, const Settings *settings, gboolean connected)
{
    static const char *const levels[] = {
        [LOG_LEVEL_ERROR] = "error", [LOG_LEVEL_WARN] = "warn", [LOG_LEVEL_INFO] = "info", [LOG_LEVEL_DEBUG] = "debug"};
    add_word(words, "--log", !connected && settings->log_sink == LOG_TO_SYSLOG ? "syslog" : "stderr");
    add_word(words, "--log-level", levels[connected ? LOG_LEVEL_WARN : settings->log_level]);
}

char **
extract_command(const Settings *settings, int socket, gboolean connected)
{
    GPtrArray *words = g_ptr_array_new();
    g_ptr_array_add(words, find_program(settings));
    add(words, "--socket", socket);
    if (connected)
        g_ptr_array_add(words, g_strdup("--connected"));
    add(words, "--stock", connected ? 1 : settings->extract_stock);
    add(words, "--most", MAX(settings->extract_most, settings->extract_stock));
    add(words, "--memory", settings->extract_memory);
    add(words, "--cpu", settings->extract_cpu + CPU_MARGIN_S);
    add(words, "--time", settings->deadline);
    if (settings->extract_walls == EXTRACT_WALLS_AVAILABLE)
        add_word(words, "--without-walls", "privileges,limits,calls");
    add_log(words, settings, connected);
    g_ptr_array_add(words, NULL);
    return (char **)g_ptr_array_free(words, FALSE);
}
