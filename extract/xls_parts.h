/* xls_parts - what the files of the BIFF reader share: the workbook while it is read. */
#pragma once
#include "runs.h"
#include "story.h"
#include "xls_record.h"

#define XLS_ROWS 65536
#define XLS_COLUMNS 256
#define XLS_TOKEN_TEXT 0x17 /* [MS-XLS] 2.5.198.89 PtgStr */

typedef struct {
    gsize at; /* where its substream begins */
    char *name;
    gboolean hidden;
} XlsSheet;

typedef struct {
    Sink *sink;
    guint part;
    Bytes stream;
    Covered *covered;
    XlsKind kind;
    GPtrArray *sheets;  /* XlsSheet */
    GPtrArray *strings; /* char * */
    GByteArray *used;   /* a byte for each string */
    gsize held;
    const XlsSheet *sheet; /* NULL: of the workbook */
    Story story;
    guint depth; /* substreams that are open */
    gint row;    /* of the last cell told */
    guint8 hidden_rows[XLS_ROWS / 8], hidden_columns[XLS_COLUMNS / 8];
    GByteArray *drawing; /* of the substream in hand, or of the workbook */
    guint object;
    gboolean encrypted, damaged;
} Xls;

/* Text by itself; one of blanks only is none. */
void xls_say(Xls *xls, PlaceKind place, const char *text);
/* xls_cell.c: cells, and which rows and columns are hidden. FALSE: the record is none of these. */
gboolean xls_cell_take(Xls *xls, const XlsRecord *record);
