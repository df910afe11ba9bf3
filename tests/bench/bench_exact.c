/* bench_exact - MB/s of looking for 100,000 entries of several kinds in invented text, and what loading takes. */
#include "config.h"
#include "exact.h"
#include "fold.h"
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define ENTRIES 100000
#define SIZE (4u * 1024 * 1024)
#define ROUNDS 7

static guint32 seed = 20121;

static guint32
roll(guint32 below)
{
    seed = seed * 1664525 + 1013904223;
    return (guint32)((guint64)(seed >> 8) * below >> 24);
}

static gdouble
now(void)
{
    struct timespec at;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at);
    return (gdouble)at.tv_sec + (gdouble)at.tv_nsec / 1e9;
}

static void
entry_make(GString *out, guint kind, guint i)
{
    g_string_truncate(out, 0);
    if (kind == 0) /* names: few first characters, many others */
        for (guint n = 2 + roll(2), k = 0; k < n; k++)
            g_string_append_unichar(out, k == 0 ? 0x4E00 + roll(300) * 7 : 0x4E00 + roll(3000));
    else if (kind == 1)
        g_string_append_printf(out, "RG%07u", i * 13);
    else
        for (guint n = 4 + roll(8); n > 0; n--)
            g_string_append_unichar(out, 0x4E00 + roll(3000));
}

static void
found(guint32 from, guint32 to, guint64 value, gpointer user)
{
    (*(guint *)user)++;
}

static void
search(const ExactList *list, const char *name, const GString *text)
{
    gdouble best = 1e9;
    guint count = 0;
    for (guint i = 0; i < ROUNDS; i++) {
        gdouble before = now();
        count = 0;
        exact_find(list, text->str, text->len, found, &count);
        gdouble spent = now() - before;
        best = MIN(best, spent);
    }
    printf("  %-24s %6.0f MB/s, %u found\n", name, (gdouble)text->len / 1e6 / best, count);
}

int
main(void)
{
    static const char *const KINDS[] = {"names of persons", "staff numbers", "projects"};
    g_autofree char *directory = g_dir_make_tmp("bench-exact-XXXXXX", NULL);
    g_autofree char *key = g_build_filename(directory, "list.key", NULL);
    g_autofree char *path = g_build_filename(directory, "list", NULL);
    g_autoptr(GString) han = g_string_new(NULL), english = g_string_new(NULL), numbers = g_string_new(NULL);
    while (han->len < SIZE)
        if (roll(12) == 0)
            g_string_append(han, "，");
        else
            g_string_append_unichar(han, 0x4E00 + roll(3000));
    while (english->len < SIZE)
        g_string_append_c(english, roll(6) == 0 ? ' ' : (gchar)('a' + (gchar)roll(26)));
    while (numbers->len < SIZE)
        g_string_append_printf(numbers, "rg%07u, ", roll(1u << 24));
    for (guint kind = 0; kind < G_N_ELEMENTS(KINDS); kind++) {
        g_autoptr(ExactWriter) writer = exact_writer_new();
        g_autoptr(GString) entry = g_string_new(NULL);
        gdouble before = now();
        for (guint i = 0; i < ENTRIES; i++) {
            entry_make(entry, kind, i);
            exact_writer_add(writer, entry->str);
        }
        if (!exact_writer_write(writer, path, key, NULL))
            return 70;
        gdouble made = now();
        g_autoptr(ExactList) list = exact_load(path, key, NULL);
        if (list == NULL)
            return 70;
        printf("%s: %u entries, made in %.2f s, loaded in %.3f s\n", KINDS[kind], exact_count(list), made - before,
               now() - made);
        search(list, "Han", han);
        search(list, "English", english);
        search(list, "numbers alike", numbers);
    }
    g_unlink(path);
    g_unlink(key);
    g_rmdir(directory);
    return 0;
}
