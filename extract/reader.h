/* reader - the table of document formats: one row and one file each.
 *
 * A reader gets random access to the clear bytes of one object and tells a sink what it holds: text with its place,
 * objects inside, coverage. It runs in a process made to be thrown away: it may crash, it must not lie.
 *
 * To add a format: write extract/<format>.c with one function of type ReaderRun, add its row to READERS in reader.c and
 * its type to text/detect.c, make a sample in tests/documents, and add a line to the matrix. */
#pragma once
#include "sink.h"
#include "source.h"

/* Reads `source` for `part` of the sink. FALSE: damaged (the sink was told what could be read); the caller covers the
 * part. What lies inside is given to sink_object(), which reads it in turn. */
typedef gboolean (*ReaderRun)(Source *source, Sink *sink, guint part);

typedef struct {
    const char *type; /* media type that text/detect gives */
    const char *name; /* for logs and the matrix: "docx" */
    ReaderRun run;
} ReaderRow;

/* NULL: nobody reads this type. */
const ReaderRow *reader_find(const char *type);
const ReaderRow *reader_rows(gsize *count_out);

/* Loads what a reader needs from the file system, before the walls: charset tables, locale. */
void readers_prepare(void);
