/* Any line of a ledger: what is taken is canonical, and is the same bytes again; the check never falls over it. Any
 * bytes for a text or a word: what is put can stand in a record. */
#include "config.h"
#include <stdint.h>
#include "record.h"
#include "record_scan.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
try_line(const char *line, gsize length)
{
    g_autoptr(GError) error = NULL, wrong = NULL;
    json_t *record = record_parse(line, length, &error);
    g_assert((record == NULL) == (error != NULL));
    /* the scanner and writing again must say the same */
    json_t *loaded = json_loadb(line, length, JSON_REJECT_DUPLICATES, NULL);
    gsize written_length = 0;
    g_autofree char *written = loaded != NULL ? record_line(loaded, &written_length, NULL) : NULL;
    gboolean same = written != NULL && written_length == length && memcmp(written, line, length) == 0;
    json_decref(loaded);
    g_assert(same == record_scan(line, length, NULL, NULL));
    if (record == NULL)
        return;
    gsize again_length = 0;
    g_autofree char *again = record_line(record, &again_length, NULL);
    g_assert(again_length == length && memcmp(again, line, length) == 0);
    gboolean good = record_check(record, &wrong);
    g_assert(good == (wrong == NULL));
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
