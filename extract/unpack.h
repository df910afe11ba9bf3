/* unpack - libarchive over a Source: one open container, its members one after the other.
 *
 * Only what libarchive does in this process: no filter that starts a program. */
#pragma once
#include "sink.h"
#include "source.h"
#include <archive.h>
#include <archive_entry.h>

typedef enum {
    UNPACK_ARCHIVE,    /* any container of many members, maybe packed as a whole (tar.gz) */
    UNPACK_PACKED,     /* the same, or one packed file (gz) */
    UNPACK_ONE,        /* one packed file, whatever is in it */
    UNPACK_ZIP,        /* ZIP by its directory */
    UNPACK_ZIP_STREAM, /* ZIP by its local headers */
} UnpackKind;

typedef struct Unpack Unpack;
Unpack *unpack_open(Source *source, UnpackKind kind); /* NULL: it is none of these */
void unpack_free(Unpack *unpack);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Unpack, unpack_free)
void unpack_prepare(void); /* before the walls: converters of names */
/* The next member, lent until the next call; NULL at the end. */
typedef enum { UNPACK_END_WHOLE, UNPACK_END_DAMAGED, UNPACK_END_ENCRYPTED } UnpackEnd;
struct archive_entry *unpack_next(Unpack *unpack, UnpackEnd *end_out);
/* Its name as raw bytes, "" if it has none; gives. */
char *unpack_name(Unpack *unpack, struct archive_entry *entry);
/* Where in the source the last header stood (for the formats that are read in their order). */
gint64 unpack_header_at(Unpack *unpack);
gboolean unpack_is_packed(Unpack *unpack); /* behind a filter such as gzip */
/* Clear bytes of the member in hand, spent from the sink's budget: 0 at the end, -1 damaged, encrypted or spent. */
gssize unpack_read(Unpack *unpack, Sink *sink, void *out, gsize length);
/* Gives the member in hand to the sink as an object of `part`: in memory up to a bound, beyond it as a stream. FALSE:
 * stop. */
gboolean unpack_object(Unpack *unpack, Sink *sink, guint part, const char *name, gsize name_length);
