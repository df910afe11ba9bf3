/* ole - compound files ([MS-CFB], by libgsf): storages and streams of a Source.
 *
 * Bounded: at most OLE_ENTRIES_MAX entries, no more bytes in streams than the file has (streams that share sectors are
 * damage), OLE_STREAM_MAX of one stream. Loops in its tables and directory, lengths that lie, storages nested without
 * end give what could be had and ole_damaged(). */
#pragma once
#include "sink.h"
#include "source.h"

#define OLE_ENTRIES_MAX 16384
#define OLE_STREAM_MAX (64 * 1024 * 1024)
#define OLE_DEPTH_MAX 32 /* storages in storages */

typedef struct {
    char *name;   /* UTF-8, control characters as stored: "\005SummaryInformation"; "" unreadable */
    guint parent; /* the storage it lies in */
    gboolean storage;
    gboolean taken;      /* somebody read it */
    gint64 size;         /* of a stream */
    guint8 class_id[16]; /* of a storage, as stored; zeros none */
} OleEntry;

typedef struct Ole Ole;
void ole_prepare(void); /* before the walls */
/* source and sink: lent, must live longer. NULL: no compound file, its header or tables are damaged, or
 * it has more than OLE_ENTRIES_MAX entries. */
Ole *ole_open(Source *source, Sink *sink);
void ole_free(Ole *ole);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Ole, ole_free)
gboolean ole_damaged(const Ole *ole); /* something could not be had */

/* Entries have numbers; 0 is the root storage, a storage comes before what lies in it. */
guint ole_count(const Ole *ole);
const OleEntry *ole_entry(const Ole *ole, guint entry); /* lends */
/* What lies directly in `storage` under this name (ASCII case does not count); 0: nothing. */
guint ole_find(const Ole *ole, guint storage, const char *name);
guint ole_find_stream(const Ole *ole, guint storage, const char *name);
gboolean ole_is_inside(const Ole *ole, guint entry, guint storage); /* at any depth */
/* The bytes of a stream, spent from the sink's budget, and the stream is taken: as many as its sectors give; NULL if
 * none (empty; damaged or too large: ole_damaged(); spent). Gives. */
GBytes *ole_read(Ole *ole, guint entry);
/* It needs no reading (fonts, caches). A storage: with all that lies in it. 0: nothing. */
void ole_take(Ole *ole, guint entry);
/* Where its sectors end: what lies behind was put there by somebody else. */
gint64 ole_end(const Ole *ole);
