/* ledger_tree - a small ledger in a temporary directory, for tests: written, spoiled, removed. */
#pragma once
#include "chain.h"
#include "record.h"
#include <errno.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

static inline char *
tree_new(void)
{
    char *directory = g_dir_make_tmp("hangu-ledger-XXXXXX", NULL);
    g_assert(directory != NULL);
    return directory;
}

static inline void
tree_free(char *directory)
{
    g_autoptr(GDir) listing = g_dir_open(directory, 0, NULL);
    const char *name;
    while (listing != NULL && (name = g_dir_read_name(listing)) != NULL) {
        g_autofree char *path = g_build_filename(directory, name, NULL);
        g_unlink(path);
    }
    g_rmdir(directory);
    g_free(directory);
}

static inline char *
tree_path(const char *directory, guint number)
{
    g_autofree char *name = chain_file_name(number);
    return g_build_filename(directory, name, NULL);
}

/* The record as a canonical line with newline, chained to `head`, which goes on. Takes the reference. */
static inline char *
tree_chain(ChainHead *head, json_t *record)
{
    json_object_set_new(record, "seq", json_integer((json_int_t)head->seq + 1));
    json_object_set_new(record, "prev", json_string(head->seq == 0 ? RECORD_NO_HASH : head->hash));
    gsize length = 0;
    g_autofree char *line = record_line(record, &length, NULL);
    g_assert(line != NULL);
    record_hash(line, length, head->hash);
    head->seq++;
    json_decref(record);
    return g_strconcat(line, "\n", NULL);
}

static inline char *
tree_line(ChainHead *head, const char *kind, const char *field, const char *value)
{
    json_t *record = record_new(kind, "unit", "test 1");
    json_object_set_new(record, field, json_string(value));
    return tree_chain(head, record);
}

/* Writes `files` files of `lines` lines each; all but the last end in a "rotate" line. Gives the lines, a
 * GPtrArray of char * for each file. */
static inline GPtrArray *
tree_lines(guint files, guint lines, const char *note)
{
    ChainHead head = {0};
    GPtrArray *all = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
    for (guint file = 1; file <= files; file++) {
        GPtrArray *one = g_ptr_array_new_with_free_func(g_free);
        g_autofree char *next = chain_file_name(file + 1);
        for (guint i = 1; i <= lines; i++) {
            gboolean rotate = i == lines && file < files;
            g_ptr_array_add(
                one, tree_line(&head, rotate ? "rotate" : "stop", rotate ? "next" : "reason", rotate ? next : note));
        }
        g_ptr_array_add(all, one);
    }
    return all;
}

static inline void
tree_write(const char *directory, guint number, const GPtrArray *lines)
{
    g_autofree char *path = tree_path(directory, number);
    g_autoptr(GString) bytes = g_string_new(NULL);
    for (guint i = 0; i < lines->len; i++)
        g_string_append(bytes, g_ptr_array_index(lines, i));
    FILE *file = g_fopen(path, "w"); /* not g_file_set_contents(): its fsync would take seconds in all */
    g_assert(file != NULL && fwrite(bytes->str, 1, bytes->len, file) == bytes->len);
    fclose(file);
}

static inline void
tree_write_all(const char *directory, const GPtrArray *files)
{
    for (guint i = 0; i < files->len; i++)
        tree_write(directory, i + 1, g_ptr_array_index(files, i));
}
