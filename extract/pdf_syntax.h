/* pdf_syntax - one object of a PDF file as tokens (ISO 32000-1, 7.2 and 7.3): for what poppler does not hand out. */
#pragma once
#include <glib.h>

typedef struct {
    const guint8 *at, *end;
} PdfBytes;

typedef enum {
    PDF_END,
    PDF_NAME,   /* text: with #xx undone */
    PDF_STRING, /* text: its bytes */
    PDF_NUMBER, /* text as it is written, and `number` */
    PDF_WORD,   /* text: obj, stream, R, true ... */
    PDF_OPEN,   /* << or [ */
    PDF_CLOSE,
    PDF_COMMENT, /* text without % */
} PdfTokenKind;

typedef struct {
    PdfTokenKind kind;
    GString *text; /* kept from token to token; at most PDF_TOKEN_MAX bytes of it are told */
    gint64 number;
    const guint8 *from; /* where it begins */
} PdfToken;
#define PDF_TOKEN_MAX (1024 * 1024)

void pdf_token_init(PdfToken *token);
void pdf_token_clear(PdfToken *token);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PdfToken, pdf_token_clear)
/* Takes the next token off `bytes`; FALSE at the end. */
gboolean pdf_next(PdfBytes *bytes, PdfToken *token);
