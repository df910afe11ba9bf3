/* charset - what a label means: names, aliases, and which decoder reads them. */
#pragma once
#include <glib.h>

typedef enum {
    CODEC_ASCII,
    CODEC_UTF8,
    CODEC_UTF16,
    CODEC_UTF32,
    CODEC_UTF7,
    CODEC_UTF7_IMAP,
    CODEC_HZ,
    CODEC_ISO2022,
    CODEC_SINGLE, /* one byte a character */
    CODEC_DOUBLE, /* ASCII, one or two bytes a character; some with longer forms */
    CODEC_STREAM, /* anything else that iconv reads (host code pages with shifts) */
} Codec;

typedef struct {
    const char *name; /* canonical */
    Codec codec;
    const char *iconv;   /* iconv's name; NULL: decoded here */
    const char *second;  /* fills the holes of `iconv`, may be NULL */
    gboolean big_endian; /* of UTF-16 and UTF-32 without a mark */
    const char *aliases; /* letters and digits only, lower case, blank between */
} Charset;

/* The row for a label with its junk, NULL if unknown. Static. */
const Charset *charset_find(const char *label);
/* All rows, for checks. */
const Charset *charset_rows(gsize *count_out);
/* A multibyte charset of East Asia or a Unicode form: text in it is no accident of 8-bit bytes. */
gboolean charset_is_multibyte(const Charset *charset);
