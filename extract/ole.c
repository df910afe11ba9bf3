/* ole - the tree is listed once, storages stay open, streams are opened when they are read. */
#include "config.h"
#include "ole.h"
#include "ole_input.h"
#include "ole_sectors.h"
#include <gsf/gsf-infile-msole.h>
#include <gsf/gsf-utils.h>
#include <string.h>

#define LINKS_MAX 8192 /* a directory deeper than that would cost libgsf its stack */
#define CLASS_ID_SIZE 16

typedef struct {
    OleEntry said;
    GsfInfile *files; /* of a storage */
    guint index;      /* in its storage */
} Entry;

struct Ole {
    Source *source;
    Sink *sink;
    GArray *entries; /* Entry */
    gint64 listed;   /* bytes of all streams */
    gint64 end;
    gboolean damaged;
};

static void
say_nothing(const char *domain, GLogLevelFlags level, const char *message, gpointer user)
{
}

void
ole_prepare(void)
{
    static gboolean done;
    static const char *const domains[] = {"libgsf", "libgsf:msole", "libgsf:input"};
    if (done)
        return;
    done = TRUE;
    gsf_init();
    for (gsize i = 0; i < G_N_ELEMENTS(domains); i++) /* it complains of every damaged file */
        g_log_set_handler(domains[i], G_LOG_LEVEL_MASK, say_nothing, NULL);
}

static Entry *
at(const Ole *ole, guint entry)
{
    return &g_array_index(ole->entries, Entry, entry);
}

static void
clear_entry(gpointer data)
{
    Entry *entry = data;
    g_free(entry->said.name);
    g_clear_object(&entry->files);
}

static guint
depth_of(const Ole *ole, guint entry)
{
    guint depth = 0;
    for (; entry != 0; entry = at(ole, entry)->said.parent)
        depth++;
    return depth;
}

/* Lists the child; its size counts against the file's. FALSE: no more can be listed. */
static gboolean
add_child(Ole *ole, guint parent, guint index)
{
    GsfInfile *files = at(ole, parent)->files;
    g_autoptr(GsfInput) child = gsf_infile_child_by_index(files, (int)index);
    const char *name = gsf_infile_name_by_index(files, (int)index);
    Entry entry = {.said = {.name = g_strdup(name != NULL ? name : ""), .parent = parent}, .index = index};
    if (child == NULL)
        ole->damaged = TRUE; /* listed all the same: its name is known */
    else if (gsf_infile_num_children(GSF_INFILE(child)) >= 0) {
        entry.said.storage = TRUE;
        gsf_infile_msole_get_class_id(GSF_INFILE_MSOLE(child), entry.said.class_id);
        if (depth_of(ole, parent) < OLE_DEPTH_MAX)
            entry.files = GSF_INFILE(g_object_ref(child));
        else
            ole->damaged = TRUE;
    } else {
        entry.said.size = gsf_input_size(child);
        ole->listed += entry.said.size;
    }
    g_array_append_val(ole->entries, entry);
    return ole->entries->len < OLE_ENTRIES_MAX && ole->listed <= source_length(ole->source);
}

static gboolean
list(Ole *ole)
{
    for (guint i = 0; i < ole->entries->len; i++) {
        int children = at(ole, i)->files == NULL ? 0 : gsf_infile_num_children(at(ole, i)->files);
        for (int j = 0; j < children; j++)
            if (!add_child(ole, i, (guint)j))
                return FALSE;
    }
    return TRUE;
}

Ole *
ole_open(Source *source, Sink *sink)
{
    OleSectors sectors;
    ole_prepare();
    /* libgsf sorts what lies in a storage entry by entry */
    if (!ole_sectors_look(source, LINKS_MAX, &sectors) || sectors.entries > OLE_ENTRIES_MAX)
        return NULL;
    g_autoptr(GsfInput) input = ole_input_new(source);
    GsfInfile *files = gsf_infile_msole_new(input, NULL);
    if (files == NULL)
        return NULL;
    Ole *ole = g_new0(Ole, 1);
    *ole = (Ole){.source = source, .sink = sink, .end = sectors.end};
    ole->entries = g_array_new(FALSE, FALSE, sizeof(Entry));
    g_array_set_clear_func(ole->entries, clear_entry);
    Entry root = {.said = {.name = g_strdup(""), .storage = TRUE}, .files = files};
    gsf_infile_msole_get_class_id(GSF_INFILE_MSOLE(files), root.said.class_id);
    g_array_append_val(ole->entries, root);
    /* an entry in use that libgsf does not list was dropped for what it says */
    if (!list(ole) || ole->entries->len < sectors.entries)
        ole->damaged = TRUE;
    return ole;
}

void
ole_free(Ole *ole)
{
    if (ole == NULL)
        return;
    g_array_unref(ole->entries);
    g_free(ole);
}

gboolean
ole_damaged(const Ole *ole)
{
    return ole->damaged;
}

gint64
ole_end(const Ole *ole)
{
    return ole->end;
}

guint
ole_count(const Ole *ole)
{
    return ole->entries->len;
}

const OleEntry *
ole_entry(const Ole *ole, guint entry)
{
    return &at(ole, entry)->said;
}

guint
ole_find(const Ole *ole, guint storage, const char *name)
{
    for (guint i = 1; i < ole->entries->len; i++)
        if (at(ole, i)->said.parent == storage && g_ascii_strcasecmp(at(ole, i)->said.name, name) == 0)
            return i;
    return 0;
}

guint
ole_find_stream(const Ole *ole, guint storage, const char *name)
{
    guint found = ole_find(ole, storage, name);
    return found != 0 && !at(ole, found)->said.storage ? found : 0;
}

gboolean
ole_is_inside(const Ole *ole, guint entry, guint storage)
{
    while (entry != 0 && entry != storage)
        entry = at(ole, entry)->said.parent;
    return entry == storage;
}

void
ole_take(Ole *ole, guint entry)
{
    if (entry == 0) /* what ole_find() gives where there is nothing */
        return;
    if (!at(ole, entry)->said.storage) {
        at(ole, entry)->said.taken = TRUE;
        return;
    }
    for (guint i = entry; i < ole->entries->len; i++)
        if (ole_is_inside(ole, i, entry))
            at(ole, i)->said.taken = TRUE;
}

/* As many bytes as the chain of sectors gives, a sector at a time if not all at once. */
static gsize
read_chain(GsfInput *stream, guint8 *to, gsize size)
{
    gsize done = 0, step = 64;
    if (gsf_input_read(stream, size, to) != NULL)
        return size;
    gsf_input_seek(stream, 0, G_SEEK_SET);
    while (done < size && gsf_input_read(stream, MIN(step, size - done), to + done) != NULL)
        done += MIN(step, size - done);
    return done;
}

GBytes *
ole_read(Ole *ole, guint entry)
{
    Entry *wanted = at(ole, entry);
    if (wanted->said.storage || wanted->said.size == 0)
        return NULL;
    wanted->said.taken = TRUE;
    g_autoptr(GsfInput) stream = gsf_infile_child_by_index(at(ole, wanted->said.parent)->files, (int)wanted->index);
    if (stream == NULL || wanted->said.size > OLE_STREAM_MAX) {
        ole->damaged = TRUE;
        return NULL;
    }
    if (!sink_spend(ole->sink, wanted->said.size))
        return NULL;
    gsize size = (gsize)wanted->said.size;
    g_autofree guint8 *bytes = g_malloc(size);
    gsize got = read_chain(stream, bytes, size);
    if (got < size)
        ole->damaged = TRUE;
    return got == 0 ? NULL : g_bytes_new_take(g_steal_pointer(&bytes), got);
}
