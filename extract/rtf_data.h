/* rtf_data - pictures and embedded objects of an RTF file: hexadecimal digits or \bin, as objects of their own. */
#pragma once
#include "rtf_word.h"
#include "sink.h"

typedef struct {
    RtfDataKind kind;
    RtfPicture picture;
    char *class;       /* of an object; owned, NULL none */
    GByteArray *bytes; /* owned */
    int nibble;        /* the first digit of a pair, -1 none */
    gboolean over;     /* bytes were left out: over budget */
} RtfData;

RtfData *rtf_data_new(RtfDataKind kind);
void rtf_data_free(RtfData *data);
/* Digits; everything else is passed over. most: bytes it may hold. */
void rtf_data_digits(RtfData *data, const guint8 *bytes, gsize length, gint64 most);
void rtf_data_bytes(RtfData *data, const guint8 *bytes, gsize length, gint64 most);
/* Gives it to the sink. seen: digests of the pictures told before, the same one is not told twice. */
void rtf_data_tell(RtfData *data, GHashTable *seen, Sink *sink, guint part);
