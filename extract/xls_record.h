/* xls_record - records of a BIFF5 or BIFF8 stream ([MS-XLS] 2.1.4) and the texts in them, which may go on in CONTINUE
 * records. */
#pragma once
#include "bytes.h"

#define XLS_CONTINUE 0x003C

typedef struct {
    guint type;
    gsize at; /* of its header */
    Bytes body;
} XlsRecord;

/* The record at `at`; FALSE: the stream ends here. cut_out: its body is shorter than it says. */
gboolean xls_record(Bytes stream, gsize at, XlsRecord *out, gboolean *cut_out);

/* A place in a record and the CONTINUE records behind it. Beyond the end everything is zero, and bad is set. */
typedef struct {
    Bytes stream, now; /* now: the body read from */
    gsize at, next;    /* in now; of the record behind it */
    gboolean bad;
} XlsCursor;
XlsCursor xls_cursor(Bytes stream, const XlsRecord *record, gsize at);
guint xls_8(XlsCursor *cursor);
guint xls_16(XlsCursor *cursor);
guint32 xls_32(XlsCursor *cursor);
void xls_skip(XlsCursor *cursor, gsize bytes);
gsize xls_left(const XlsCursor *cursor); /* in the record in hand */

typedef struct {
    gboolean biff8;
    const char *charset; /* of single bytes before BIFF8 */
} XlsKind;
/* `characters` of 2.5.293 XLUnicodeStringNoCch (BIFF8: flags first), or bytes in a charset. Gives. */
char *xls_text(XlsCursor *cursor, const XlsKind *kind, guint characters);
/* The same with rich and phonetic parts, which are skipped: 2.5.296 XLUnicodeRichExtendedString. Gives. */
char *xls_rich_text(XlsCursor *cursor, const XlsKind *kind);
