/* fingerprint_record - who, what, and the register before and after. */
#include "config.h"
#include "fingerprint_record.h"
#include "record.h"
#include "record_schema.h"

#define PROGRAM "hangu " PACKAGE_VERSION

static json_t *
words_of(const guint32 *papers, guint count)
{
    json_t *words = json_array();
    for (guint from = 0, to; from < count && json_array_size(words) < RECORD_LIST_MAX; from = to) {
        for (to = from + 1; to < count && papers[to] == papers[to - 1] + 1; to++)
            ;
        g_autofree char *word = to - from > 1 ? g_strdup_printf("%u-%u", papers[from], papers[to - 1])
                                              : g_strdup_printf("%u", papers[from]);
        json_array_append_new(words, json_string(word));
    }
    return words;
}

static void
put_digest(json_t *record, const char *field, const char *digest)
{
    if (*digest != '\0')
        record_put_word(record, field, digest);
}

json_t *
fingerprint_record(const Settings *settings, const FingerprintChange *change, gboolean undone)
{
    const char *sudo = g_getenv("SUDO_USER");
    json_t *record = record_new("papers", settings->unit, PROGRAM);
    record_put_text(record, "actor", sudo != NULL ? sudo : g_get_user_name());
    record_put_text(record, "officer", change->officer);
    record_put_word(record, "change", change->change);
    json_object_set_new(record, "papers", words_of(change->papers, change->count));
    json_object_set_new(record, "papers_total", json_integer(change->count));
    json_object_set_new(record, "registered", json_integer(change->registered));
    put_digest(record, "papers_before", change->before);
    put_digest(record, "papers_digest", undone ? change->before : change->after);
    record_put_word(record, "reason", undone ? "not-written" : NULL);
    return record;
}
