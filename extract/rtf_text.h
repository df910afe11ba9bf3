/* rtf_text - the characters of an RTF file: \'xx and bytes in the code page of their font, \uN with what stands there
 * for old readers. Halves of a character may stand in two groups; a code page may lie. */
#pragma once
#include <glib.h>

/* What text belongs to; text of the same key is put together. */
typedef struct {
    guint kind;          /* the caller's */
    gpointer to;         /* the caller's */
    const char *charset; /* canonical name (decode.h), static */
    guint size;          /* tenths of a point */
    guint32 colour;
} RtfKey;

typedef struct {
    void (*say)(const RtfKey *key, const char *text, gsize length, gpointer user);
    /* Other readings of what was said: another charset, a fallback that says something else. */
    void (*doubt)(const char *text, gsize length, gpointer user);
} RtfTextEvents;

typedef struct RtfText RtfText;
RtfText *rtf_text_new(const RtfTextEvents *events, gpointer user); /* events: static */
void rtf_text_free(RtfText *text);
void rtf_text_bytes(RtfText *text, const RtfKey *key, const guint8 *bytes, gsize length);
void rtf_text_unicode(RtfText *text, const RtfKey *key, int value); /* \uN; surrogates one by one */
void rtf_text_utf8(RtfText *text, const RtfKey *key, const char *string);
void rtf_text_fallback(RtfText *text, guint8 byte); /* of the last rtf_text_unicode() */
void rtf_text_flush(RtfText *text);                 /* says what is held back; before key.to goes */
void rtf_text_finish(RtfText *text);                /* the same at the end of the file */

/* Canonical charset of a Windows code page, NULL unknown. */
const char *rtf_code_page(int page);
/* Of \fcharsetN; NULL: that of the document. */
const char *rtf_font_charset(int number);
