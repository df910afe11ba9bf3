/* fuzz_data - what is found lies inside the text and goes forward; what a number is does not depend on the kinds asked
 * for. */
#include "config.h"
#include <stdint.h>
#include "data.h"
#include <string.h>

typedef struct {
    gsize length;
    guint counts[DATA_COUNT];
} Told;

static void
told_add(DataKind kind, guint32 from, guint32 to, guint64 value, gpointer user)
{
    Told *told = user;
    g_assert_true(from < to && to <= told->length);
    told->counts[kind]++;
    (void)value;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_memdup2(data, size);
    Told all = {size, {0}};
    data_find(text != NULL ? text : "", size, DATA_ALL, told_add, &all);
    for (guint kind = 0; kind < DATA_COUNT; kind++) {
        Told one = {size, {0}};
        data_find(text != NULL ? text : "", size, 1u << kind, told_add, &one);
        g_assert_true(one.counts[kind] == all.counts[kind]);
    }
    return 0;
}
