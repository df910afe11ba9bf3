/* pdf_update - a file that gets an update behind its end (ISO 32000-1, 7.5.6) is asked again by poppler: for what it
 * shows of the file as it is to nobody. */
#include "config.h"
#include "pdf_parts.h"
#include <string.h>

/* Offset of the last table of cross references; -1: not told. */
static gint64
last_table(const guint8 *bytes, gsize length)
{
    const guint8 *at = bytes, *end = bytes + length, *last = NULL;
    while ((at = memmem(at, (gsize)(end - at), "startxref", 9)) != NULL)
        last = at += 9;
    g_autofree char *number = last != NULL ? g_strndup((const char *)last, MIN((gsize)(end - last), 24)) : NULL;
    gint64 value = number != NULL ? g_ascii_strtoll(number, NULL, 10) : 0;
    return value > 0 && value < (gint64)length ? value : -1;
}

gboolean
pdf_update_begin(const Pdf *pdf, PdfUpdate *update)
{
    gsize length;
    const guint8 *bytes = g_bytes_get_data(pdf->bytes, &length);
    const guint8 *head = memmem(bytes, MIN(length, 1024), "%PDF-", 5);
    *update = (PdfUpdate){.last = last_table(bytes, length), .before = head != NULL ? (gsize)(head - bytes) : 0};
    if (pdf->trailer == NULL || update->last < 0)
        return FALSE;
    update->bytes = g_byte_array_sized_new((guint)length + 64 * 1024);
    update->table = g_string_new("xref\n");
    pdf_update_add(update, bytes, length);
    pdf_update_add(update, "\n", 1);
    return TRUE;
}

void
pdf_update_add(PdfUpdate *update, const void *bytes, gsize length)
{
    g_byte_array_append(update->bytes, bytes, (guint)length);
}

void
pdf_update_object(PdfUpdate *update, guint number, guint generation)
{
    g_autofree char *start = g_strdup_printf("%u %u obj\n", number, generation);
    g_string_append_printf(update->table, "%u 1\n%010" G_GSIZE_FORMAT " %05u n \n", number,
                           update->bytes->len - update->before, generation);
    pdf_update_add(update, start, strlen(start));
}

void
pdf_update_rename(PdfUpdate *update, gsize from, const char *key)
{
    gsize length = strlen(key);
    guint8 *at = update->bytes->data + from, *end = update->bytes->data + update->bytes->len;
    while ((at = memmem(at, (gsize)(end - at), key, length)) != NULL) {
        at[length - 1] = '_';
        at += length;
    }
}

GBytes *
pdf_update_end(PdfUpdate *update, const Pdf *pdf, const char *more)
{
    gsize length, table = update->bytes->len - update->before;
    const guint8 *trailer = g_bytes_get_data(pdf->trailer, &length);
    g_autofree char *start = g_strdup_printf("trailer\n<<%s/Prev %" G_GINT64_FORMAT, more, update->last),
                    *end = g_strdup_printf("\nstartxref\n%" G_GSIZE_FORMAT "\n%%%%EOF\n", table);
    pdf_update_add(update, update->table->str, update->table->len);
    pdf_update_add(update, start, strlen(start));
    gsize from = update->bytes->len;
    pdf_update_add(update, trailer, length);
    pdf_update_rename(update, from, "/Prev");
    pdf_update_rename(update, from, "/XRefStm");
    if (more[0] != '\0') {
        pdf_update_rename(update, from, "/Root");
        pdf_update_rename(update, from, "/Size");
    }
    pdf_update_add(update, end, strlen(end));
    g_string_free(g_steal_pointer(&update->table), TRUE);
    return g_byte_array_free_to_bytes(g_steal_pointer(&update->bytes));
}
