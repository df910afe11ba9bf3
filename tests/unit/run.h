/* run - a built program run by a test: what it said and its exit status. */
#pragma once
#include <gio/gio.h>
#include <sys/wait.h>

typedef struct {
    int status; /* -1: it did not end by itself */
    char *out, *err;
} Run;

static inline void
run_clear(Run *run)
{
    g_free(run->out);
    g_free(run->err);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Run, run_clear)

/* `program` of the build tree with the words of both lists (each ends with NULL; `first` may be NULL itself), in
 * `directory` (NULL: here). */
static inline Run
run_program(const char *directory, const char *program, const char *const *first, const char *const *words)
{
    const char *top = g_getenv("top_builddir");
    g_autofree char *relative = g_build_filename(top != NULL ? top : ".", program, NULL);
    g_autofree char *path = g_canonicalize_filename(relative, NULL);
    g_autoptr(GPtrArray) argv = g_ptr_array_new();
    g_autoptr(GError) error = NULL;
    Run run = {-1, NULL, NULL};
    int wait_status = 0;
    g_ptr_array_add(argv, path);
    for (; first != NULL && *first != NULL; first++)
        g_ptr_array_add(argv, (gpointer)*first);
    for (; *words != NULL; words++)
        g_ptr_array_add(argv, (gpointer)*words);
    g_ptr_array_add(argv, NULL);
    if (!g_spawn_sync(directory, (char **)argv->pdata, NULL, G_SPAWN_DEFAULT, NULL, NULL, &run.out, &run.err,
                      &wait_status, &error))
        fail_msg("%s", error->message);
    if (WIFEXITED(wait_status))
        run.status = WEXITSTATUS(wait_status);
    return run;
}
