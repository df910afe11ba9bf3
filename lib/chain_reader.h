/* chain_reader - the bytes of a ledger line by line, over all its files; judges nothing. */
#pragma once
#include <glib.h>

typedef struct ChainReader ChainReader;
typedef struct {
    const char *file;   /* path; lent by the reader for its life */
    guint64 line;       /* in the file, from 1; 0: the file is missing and bytes is NULL */
    guint64 offset;     /* in the file */
    const char *bytes;  /* without the newline; lent until the next call */
    gsize length;       /* of a line over RECORD_LINE_MAX only the beginning */
    gboolean too_long;  /* over RECORD_LINE_MAX */
    gboolean whole;     /* ends in a newline */
    gboolean last_file; /* of the newest file */
} ChainRaw;

/* Numbers of the ledger's files (guint), sorted. NULL with error NO_INPUT, PERMISSION, IO. */
GArray *chain_numbers(const char *directory, GError **error);

/* Begins with file `from` (0: the first). A missing file before it is not told of, each one behind it once. */
ChainReader *chain_reader_new(const char *directory, guint from, GError **error);
void chain_reader_free(ChainReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ChainReader, chain_reader_free)
/* 1 and a line, 0 at the end, -1 with error. */
int chain_reader_next(ChainReader *reader, ChainRaw *raw_out, GError **error);
guint64 chain_reader_done(const ChainReader *reader);  /* bytes read */
guint64 chain_reader_total(const ChainReader *reader); /* bytes there were at the start */
