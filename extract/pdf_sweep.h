/* pdf_sweep - the file below poppler, object by object: what pdf_objects.c, pdf_object.c and pdf_unpack.c share. */
#pragma once
#include "pdf_parts.h"
#include "pdf_syntax.h"
#include <string.h>

#define PDF_OBJECTS_MAX 500000

typedef struct {
    guint64 number, generation;
    char type[16], subtype[16];
    char key[32]; /* of the value in hand */
    gsize length; /* 0 unknown */
    gsize first;  /* of an object stream */
    gboolean flate, other_filter, predictor, has_length1, has_encrypt, pattern, named, jpeg;
    gboolean stream;          /* ends at the word stream */
    const guint8 *from, *end; /* without "obj"; up to "endobj" or "stream" */
    PdfBytes data;
} PdfObject;

typedef struct {
    Pdf *pdf;
    const guint8 *data;
    gsize length;
    GArray *streams;     /* PdfObject that may hold text */
    GHashTable *scripts; /* numbers of streams that are scripts */
    GArray *pages;       /* guint64: numbers of page objects */
    guint64 highest;     /* number */
    guint foreign;
    gboolean encrypted, has_xfa, zip;
    gboolean quiet; /* only to see whether it is encrypted */
} PdfSweep;

static inline gboolean
pdf_is_one_of(const char *word, const char *const *words, gsize count)
{
    for (gsize i = 0; i < count; i++)
        if (strcmp(words[i], word) == 0)
            return TRUE;
    return FALSE;
}

/* Takes one object off `bytes`, up to the word that ends it; tells its strings. */
void pdf_object_take(PdfSweep *sweep, PdfBytes *bytes, PdfObject *object);
/* Pages and streams that draw are kept, for pdf_wide.c and pdf_streams.c; fonts are looked at. */
void pdf_object_keep(PdfSweep *sweep, const PdfObject *object);

/* The bytes of the stream that begins at `bytes`, which goes behind it. */
PdfBytes pdf_stream_data(PdfBytes *bytes, const PdfObject *object);
/* Objects packed together are read; other streams that may hold text wait for pdf_stream_read(). */
void pdf_stream_keep(PdfSweep *sweep, const PdfObject *object);
void pdf_stream_read(PdfSweep *sweep, const PdfObject *object);
