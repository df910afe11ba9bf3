/* ooxml_sheet - SpreadsheetML: the workbook's list of sheets, shared strings, sheets. */
#pragma once
#include "package.h"

typedef struct {
    char *name, *id; /* id: of the relationship */
    gboolean hidden;
} OoxmlSheet;

typedef struct {
    GPtrArray *sheets;  /* OoxmlSheet */
    GPtrArray *strings; /* char * */
    GByteArray *used;   /* a byte for each string */
    gsize held;         /* bytes of strings */
} OoxmlBook;

OoxmlBook *ooxml_book_new(void);
void ooxml_book_free(OoxmlBook *book);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(OoxmlBook, ooxml_book_free)
void ooxml_book_read(OoxmlBook *book, Package *package, const char *member); /* workbook.xml */
void ooxml_strings_read(OoxmlBook *book, Package *package, const char *member);
void ooxml_sheet_read(OoxmlBook *book, Package *package, const char *member, const OoxmlSheet *sheet, guint number);
/* "&C&\"SimSun\"&16&K000000text" of a header or footer, as BIFF has it too: without the codes of its layout. Gives. */
char *ooxml_sheet_header(const char *coded);
/* Strings that no cell showed. */
void ooxml_strings_rest(OoxmlBook *book, Package *package);
