/* zip - the directory of a ZIP (APPNOTE 6.3), for packages whose members are wanted by name, and for finding what a
 * directory does not tell of: another ZIP in the same file, members left out of it.
 *
 * Bytes are read by libarchive from a member's local header; the directory is read here. */
#pragma once
#include "sink.h"
#include "source.h"

typedef struct {
    char *name; /* raw bytes, ended by NUL */
    gsize name_length;
    gint64 at, end; /* from the local header to the end of the data, in the source */
    gint64 size;    /* clear bytes as told; may be a lie */
    gboolean encrypted;
    gboolean odd; /* directory and local header differ about it: programs will read different things */
} ZipMember;

typedef struct {
    Source *source;     /* lent */
    GPtrArray *members; /* ZipMember, in the order of the directory */
    gint64 from, to;    /* the piece of the source that was looked at */
    gint64 directory;   /* where the directory begins */
    gint64 end;         /* behind the end record and its comment */
    GBytes *comment;
} Zip;

/* The last directory in from..to. NULL: there is none, or it is damaged. */
Zip *zip_open(Source *source, gint64 from, gint64 to);
void zip_free(Zip *zip);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Zip, zip_free)
const ZipMember *zip_find(const Zip *zip, const char *name); /* case does not count; the last of several */
gboolean zip_has(Source *source, const char *name);          /* a member of this name */

/* Hands the clear bytes on, piece by piece; what is unpacked is spent from the sink's budget. FALSE: damaged,
 * encrypted, or `take` or the budget stopped. */
typedef gboolean (*ZipTake)(const guint8 *bytes, gsize length, gpointer user);
gboolean zip_read(const Zip *zip, const ZipMember *member, Sink *sink, ZipTake take, gpointer user);
/* The member as an object of `part`. */
gboolean zip_object(const Zip *zip, const ZipMember *member, Sink *sink, guint part);
/* The next local header at or after `at` and before `to`, -1 if none. */
gint64 zip_seek_header(Source *source, gint64 at, gint64 to);
