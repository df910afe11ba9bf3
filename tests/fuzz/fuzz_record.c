/* Any line of a ledger: what is taken is canonical, and is the same bytes again; the check never falls over it. Any
 * bytes for a text or a word: what is put can stand in a record. */
#include "config.h"
#include <stdint.h>
#include "record.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
try_line(const char *line, gsize length)
{
    g_autoptr(GError) error = NULL, wrong = NULL;
    json_t *record = record_parse(line, length, &error);
    g_assert((record == NULL) == (error != NULL));
    if (record == NULL)
        return;
    gsize again_length = 0;
    guint64 seq;
    const char *prev, *time;
    g_autofree char *again = record_line(record, &again_length, NULL);
    g_assert(again_length == length && memcmp(again, line, length) == 0);
    gboolean good = record_check(record, &wrong);
    g_assert(good == (wrong == NULL));
    if (good)
        g_assert(record_link(record, &seq, &prev, &time) || json_integer_value(json_object_get(record, "seq")) == 0);
    json_decref(record);
}

static void
try_texts(const char *bytes)
{
    json_t *record = record_new("stop", bytes, bytes);
    json_object_set_new(record, "seq", json_integer(1));
    json_object_set_new(record, "prev", json_string(RECORD_NO_HASH));
    record_put_word(record, "reason", bytes);
    g_autoptr(GError) error = NULL;
    if (!record_check(record, &error))
        g_error("%s", error->message);
    json_decref(record);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    try_line((const char *)data, size);
    try_texts(text);
    return 0;
}
