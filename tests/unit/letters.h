/* letters - what the tests of mail/ share: a Message from a string, a printed list of its parts. */
#pragma once
#include "message.h"
#include <glib.h>
#include <string.h>

/* LF in `text` becomes CRLF unless `as_is`. */
static inline Message *
letter_of(const char *text, gssize length, gboolean as_is)
{
    Message *message = message_new();
    gsize size = length < 0 ? strlen(text) : (gsize)length;
    g_autoptr(GString) bytes = g_string_new(NULL);
    for (gsize i = 0; i < size; i++) {
        if (!as_is && text[i] == '\n')
            g_string_append_c(bytes, '\r');
        g_string_append_c(bytes, text[i]);
    }
    message->raw = g_mime_stream_mem_new_with_buffer(bytes->str, bytes->len);
    message->size = (gint64)bytes->len;
    return message;
}

/* "0 text/plain, 1 text/html, 2 application/pdf" */
static inline char *
letter_parts(const Message *message)
{
    g_autoptr(GString) list = g_string_new(NULL);
    for (guint i = 0; i < message->parts->len; i++) {
        const Part *part = message_part(message, i);
        g_string_append_printf(list, "%s%s %s", i == 0 ? "" : ", ", part->number,
                               part->kind == PART_RAW       ? "raw"
                               : part->kind == PART_OUTSIDE ? "outside"
                               : part->kind == PART_LETTER  ? "letter"
                                                            : part->type);
    }
    return g_string_free(g_steal_pointer(&list), FALSE);
}
