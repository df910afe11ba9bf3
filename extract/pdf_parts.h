/* pdf_parts - what the files of the PDF reader share. */
#pragma once
#include "story.h"
#include <poppler.h>

/* Names of our own: older headers of poppler do not tell how to free these, newer ones do. */
typedef PopplerDocument PdfDocument;
typedef PopplerPage PdfPage;
typedef PopplerAttachment PdfAttachment;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PdfDocument, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PdfPage, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PdfAttachment, g_object_unref)

/* A page, or a node of their tree, as it stands in the file. */
typedef struct {
    guint number, generation;
    GBytes *dictionary;
} PdfBox;
void pdf_box_free(gpointer box);

typedef struct {
    Source *source; /* lent, like the sink */
    Sink *sink;
    guint part;
    GBytes *bytes;
    PopplerDocument *document;
    GPtrArray *hidden_layers; /* PopplerLayer that the document does not show */
    GHashTable *told;         /* texts told of annotations, fields, properties: not once more by pdf_objects */
    guint pages;              /* that were there */
    GPtrArray *known;         /* char *: what each page said, lines without blanks; NULL entries */
    gsize known_size;
    GPtrArray *boxes; /* PdfBox, by pdf_objects_read() */
    GArray *waiting;  /* pages to be looked at: pdf_picture.c */
    GHashTable *inks;
    GBytes *trailer;    /* the same: what the last one says, from behind its << on */
    GPtrArray *streams; /* PdfBox: streams that draw, but are no page; the same */
    guint highest;      /* number of an object; the same */
    gboolean damaged, encrypted;
} Pdf;

/* A property, an attribute ...: told, and remembered. text may be NULL; is freed. */
void pdf_tell(Pdf *pdf, PlaceKind place, const char *name, guint page, char *text);

/* The text of some XML, an element or attribute a line. all: every attribute, else those with more than ASCII.
 * *whole_out: it is well-formed. Gives. */
char *pdf_xml_words(const void *bytes, gsize length, gboolean all, gboolean *whole_out);

/* --- pdf_layout: the characters of a page --------------------------------------------------------------------------
 * Points from the upper left corner of the page as it is shown. */
typedef struct {
    gunichar letter; /* '\n': a line ends */
    guint size;      /* tenths of a point */
    guint32 colour;
    guint look;     /* number of the run of equal font, size and colour */
    gboolean drawn; /* by a font whose letters are pictures: what they show their codes do not tell */
    PopplerRectangle box;
} PdfLetter;

typedef struct {
    GArray *letters; /* PdfLetter, in reading order */
    double width, height;
    guint meaning; /* letters that mean something */
    guint noise;   /* private use, control, replacement: glyphs without meaning */
} PdfLayout;
PdfLayout *pdf_layout_new(PopplerPage *page);
void pdf_layout_free(PdfLayout *layout);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PdfLayout, pdf_layout_free)
/* A line without its blanks; gives. */
char *pdf_bare(const char *line);
/* Another letter that the page shows: of a form field. Not in reading order. */
void pdf_layout_add(PdfLayout *layout, const PopplerRectangle *box, const char *text);
/* Other orders in which a page can be read: rows across columns, columns from the right, and letters that look alike
 * and stand apart (a slanting watermark). Lines that `known` (a text without blanks) already has are left out. */
typedef enum { PDF_ROWS, PDF_COLUMNS, PDF_ALIKE } PdfOrder;
typedef void (*PdfLineTake)(const char *line, const PdfLetter *first, gpointer user);
void pdf_layout_lines(const PdfLayout *layout, PdfOrder order, const char *known, PdfLineTake take, gpointer user);

/* --- pages, what hangs on them, and on the document -------------------------------------------------------------- */
void pdf_page_read(Pdf *pdf, PopplerPage *page, guint number);
void pdf_page_marks(Pdf *pdf, PopplerPage *page, guint number, PdfLayout *layout); /* annotations, links, fields */
void pdf_action_tell(Pdf *pdf, const PopplerAction *action, guint page);
void pdf_about_read(Pdf *pdf); /* properties, XMP, outline, names of layers */
void pdf_attachments_read(Pdf *pdf);
gboolean pdf_attachment_read(Pdf *pdf, PopplerAttachment *attachment); /* FALSE: stop */
/* What only the file itself tells. Gives the file with its page tree made anew if not one page was read; else NULL. */
GBytes *pdf_objects_read(Pdf *pdf);
/* Text of streams that no page showed as text: patterns, looks of annotations, masks, what an update left behind. */
void pdf_streams_read(Pdf *pdf);
/* What stands outside the boxes of the pages. */
GBytes *pdf_wide_make(const Pdf *pdf);
void pdf_wide_read(Pdf *pdf);
/* An update of the file (ISO 32000-1, 7.5.6) in the making. */
typedef struct {
    GByteArray *bytes;
    GString *table;
    gsize before; /* junk: offsets begin behind it */
    gint64 last;  /* the table before this one */
} PdfUpdate;
gboolean pdf_update_begin(const Pdf *pdf, PdfUpdate *update); /* FALSE: nobody knows where its tables are */
void pdf_update_object(PdfUpdate *update, guint number, guint generation);
/* The same length with another letter at the end, from there on, so that nobody knows the key. */
void pdf_update_rename(PdfUpdate *update, gsize from, const char *key);
void pdf_update_add(PdfUpdate *update, const void *bytes, gsize length);
/* more: entries of the trailer that go before those it has; "" none. Gives. */
GBytes *pdf_update_end(PdfUpdate *update, const Pdf *pdf, const char *more);
