/* mapi - properties of a message of Exchange ([MS-OXPROPS]), however they were stored: which of them are text, of which
 * place, and which hold a document. */
#pragma once
#include "bytes.h"
#include "story.h"

enum {
    MAPI_NAME = 0, /* of a property itself */
    MAPI_SUBJECT = 0x0037,
    MAPI_HEADERS = 0x007D,
    MAPI_NORMAL_SUBJECT = 0x0E1D,
    MAPI_BODY = 0x1000,
    MAPI_PACKED_RTF = 0x1009,
    MAPI_HTML = 0x1013,
    MAPI_DISPLAY_NAME = 0x3001,
    MAPI_DATA = 0x3701, /* of an attachment */
    MAPI_SHORT_NAME = 0x3704,
    MAPI_LONG_NAME = 0x3707,
    MAPI_INTERNET_PAGE = 0x3FDE, /* code pages */
    MAPI_MESSAGE_PAGE = 0x3FFD,
    MAPI_NAMED = 0x8000, /* from here on: named by whoever wrote it */
};
enum {
    MAPI_TYPE_INTEGER = 0x03,
    MAPI_TYPE_OBJECT = 0x0D,
    MAPI_TYPE_BYTES = 0x1E,
    MAPI_TYPE_WIDE = 0x1F,
    MAPI_TYPE_BINARY = 0x102
};

typedef enum { MAPI_UTF16, MAPI_UTF8, MAPI_CODED /* in the message's code page */, MAPI_BINARY } MapiForm;

typedef struct {
    Sink *sink;
    guint part;
    const char *charset; /* canonical, of MAPI_CODED; NULL unknown */
    Story story;
    GHashTable *told; /* texts: the same one is told once */
} Mapi;

void mapi_begin(Mapi *mapi, Sink *sink, guint part);
void mapi_clear(Mapi *mapi);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Mapi, mapi_clear)
/* Tells the value of property `id`. */
void mapi_tell(Mapi *mapi, guint id, MapiForm form, Bytes value);
/* Text of a value, without what follows its NUL; gives. */
char *mapi_text(const Mapi *mapi, MapiForm form, Bytes value);
