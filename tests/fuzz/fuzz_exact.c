/* fuzz_exact - any bytes searched with a list: what is told lies inside, in order. */
#include "config.h"
#include <stdint.h>
#include "exact.h"
#include <glib/gstdio.h>

typedef struct {
    gsize length;
    guint32 to;
} Told;

static void
told_add(guint32 from, guint32 to, guint64 value, gpointer user)
{
    Told *told = user;
    g_assert_true(from >= told->to && from < to && to <= told->length);
    told->to = to;
    (void)value;
}

static ExactList *
list_make(char **key_out, char **path_out)
{
    static const char *const ENTRIES[] = {"蓝图计划", "蓝图", "11010519491231002x", "aaaaaaaaaaaa", "甲甲甲甲甲甲甲甲"};
    g_autofree char *directory = g_dir_make_tmp("fuzz-exact-XXXXXX", NULL);
    g_autoptr(ExactWriter) writer = exact_writer_new();
    *key_out = g_build_filename(directory, "list.key", NULL);
    *path_out = g_build_filename(directory, "list", NULL);
    for (guint i = 0; i < G_N_ELEMENTS(ENTRIES); i++)
        exact_writer_add(writer, ENTRIES[i]);
    g_assert_true(exact_writer_write(writer, *path_out, *key_out, NULL));
    ExactList *list = exact_load(*path_out, *key_out, NULL);
    g_assert_nonnull(list);
    return list;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static ExactList *list;
    static char *key, *path;
    Told told = {size, 0};
    if (list == NULL)
        list = list_make(&key, &path);
    g_autofree char *text = g_memdup2(data, size);
    exact_find(list, text != NULL ? text : "", size, told_add, &told);
    return 0;
}
