/* Compound files: as they are, and streams of Word, Excel, PowerPoint, properties, macros and packed objects behind a
 * container that is good. */
#include "config.h"
#include <stdint.h>
#include "ole_document.h"
#include "reading.h"
#include <gsf/gsf-outfile-msole.h>
#include <gsf/gsf-output-memory.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* What the streams of a kind are called; "/": the storage they are in. */
static const char *const KINDS[][4] = {
    {"WordDocument", "1Table", "Data", NULL},
    {"Workbook", NULL},
    {"PowerPoint Document", "Current User", NULL},
    {"\005SummaryInformation", "\005DocumentSummaryInformation", NULL},
    {"/VBA", "dir", "Module", NULL},
    {"\001Ole10Native", "CONTENTS", NULL},
    {"Book", NULL},
};

static void
put(GsfOutfile *in, const char *name, const guint8 *bytes, gsize length)
{
    GsfOutput *stream = gsf_outfile_new_child(in, name, FALSE);
    gsf_output_write(stream, length, bytes);
    gsf_output_close(stream);
    g_object_unref(stream);
}

/* The input is cut into as many streams as the kind has, each behind its length in two bytes. */
static void
write_streams(GsfOutfile *in, const char *const *names, const guint8 *bytes, gsize length)
{
    for (; *names != NULL && length >= 2; names++) {
        gsize size = names[1] == NULL ? length - 2 : MIN((gsize)(bytes[0] | bytes[1] << 8), length - 2);
        put(in, *names, bytes + 2, size);
        bytes += 2 + size;
        length -= 2 + size;
    }
}

static void
read_streams(const char *const *names, const guint8 *bytes, gsize length)
{
    GsfOutput *memory = gsf_output_memory_new();
    GsfOutfile *root = gsf_outfile_msole_new(memory);
    if (names[0][0] == '/') {
        GsfOutput *storage = gsf_outfile_new_child(root, names[0] + 1, TRUE);
        write_streams(GSF_OUTFILE(storage), names + 1, bytes, length);
        gsf_output_close(storage);
        g_object_unref(storage);
    } else
        write_streams(root, names, bytes, length);
    gsf_output_close(GSF_OUTPUT(root));
    reading_throw(gsf_output_memory_get_bytes(GSF_OUTPUT_MEMORY(memory)), (gsize)gsf_output_size(memory),
                  ole_document_run);
    g_object_unref(root);
    g_object_unref(memory);
}

static void
say_nothing(const char *domain, GLogLevelFlags level, const char *message, gpointer user)
{
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    if (length < 4)
        return 0;
    g_log_set_default_handler(say_nothing, NULL);
    if (bytes[0] == 0xD0)
        reading_throw(bytes, length, ole_document_run);
    else
        read_streams(KINDS[bytes[0] % G_N_ELEMENTS(KINDS)], bytes + 1, length - 1);
    return 0;
}
