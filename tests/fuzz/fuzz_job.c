/* An inspector's answer as the gate reads it: any bytes, and none of them may be believed without fitting. */
#include "config.h"
#include <stdint.h>
#include "job.h"
#include "record_scan.h"
#include "wire.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* GVariant wants its data aligned; frames are copied too. */
    g_autoptr(GBytes) bytes = g_bytes_new(data, size);
    const char *type = job_done_type_string(WIRE_JOB_DONE);
    g_autoptr(GVariant) body = g_variant_ref_sink(g_variant_new_from_bytes(G_VARIANT_TYPE(type), bytes, FALSE));
    if (!g_variant_is_normal_form(body))
        return 0;
    guint64 number;
    g_variant_get_child(body, 0, "t", &number);
    g_auto(JobDone) done = {0};
    g_autoptr(GError) error = NULL;
    if (!job_done_decode(body, number, &done, &error)) {
        g_assert(error != NULL);
        return 0;
    }
    g_assert(done.failed || record_scan(done.line, strlen(done.line), NULL, NULL));
    g_assert(done.reply == NULL || job_reply_is_good(done.reply, done.reply[0]));
    return 0;
}
