/* Records: made, written in canonical form, read back, hashed. The schema is checked in record_check.c. */
#include "config.h"
#include "record.h"
#include "clock.h"
#include "crypto.h"
#include "errors.h"
#include "record_scan.h"
#include <string.h>

#define DUMP_FLAGS (JSON_COMPACT | JSON_SORT_KEYS)
/* A list that must shrink still shows this many. */
#define FIT_MIN 4

char *
record_id_new(void)
{
    static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    guint8 bytes[RECORD_ID_LENGTH];
    crypto_random(bytes, sizeof bytes);
    char *id = g_malloc(RECORD_ID_LENGTH + 1);
    for (gsize i = 0; i < sizeof bytes; i++)
        id[i] = alphabet[bytes[i] & 31];
    id[RECORD_ID_LENGTH] = '\0';
    return id;
}

json_t *
record_new(const char *kind, const char *unit, const char *program)
{
    json_t *record = json_object();
    g_autofree char *now = clock_format(clock_wall_us());
    json_object_set_new(record, "v", json_integer(RECORD_VERSION));
    json_object_set_new(record, "kind", json_string(kind));
    record_put_text(record, "unit", unit);
    record_put_text(record, "program", program);
    json_object_set_new(record, "time", json_string(now));
    return record;
}

/* Invisible characters are spelled out because they could turn a line of a listing round (U+202E), and a
 * backslash because the spelling must not be forged. */
char *
record_text(const char *bytes)
{
    GString *text = g_string_new(NULL);
    gsize cut = 0; /* where "..." would still find room */
    for (const char *at = bytes; *at != '\0' && text->len <= RECORD_TEXT_MAX;) {
        gunichar c = g_utf8_get_char_validated(at, -1);
        gboolean valid = c < 0x110000;
        gsize length = valid ? (gsize)(g_utf8_next_char(at) - at) : 1;
        if (text->len <= RECORD_TEXT_MAX - 3)
            cut = text->len;
        if (valid && c != '\\' && g_unichar_isprint(c))
            g_string_append_len(text, at, (gssize)length);
        else
            for (gsize i = 0; i < length; i++)
                g_string_append_printf(text, "\\x%02x", (guint8)at[i]);
        at += length;
    }
    if (text->len > RECORD_TEXT_MAX) {
        g_string_truncate(text, cut);
        g_string_append(text, "...");
    }
    return g_string_free(text, FALSE);
}

void
record_put_text(json_t *object, const char *field, const char *bytes)
{
    if (bytes == NULL)
        return;
    g_autofree char *text = record_text(bytes);
    json_object_set_new(object, field, json_string(text));
}

void
record_put_texts(json_t *object, const char *field, const GPtrArray *texts)
{
    json_t *list = json_array();
    for (guint i = 0; texts != NULL && i < texts->len; i++) {
        g_autofree char *text = record_text(g_ptr_array_index(texts, i));
        json_array_append_new(list, json_string(text));
    }
    json_object_set_new(object, field, list);
}

void
record_put_word(json_t *object, const char *field, const char *word)
{
    if (word == NULL)
        return;
    g_autofree char *safe = g_strndup(word, RECORD_WORD_MAX);
    for (char *c = safe; *c != '\0'; c++)
        if (!g_ascii_isalnum(*c) && strchr("._+:/-", *c) == NULL)
            *c = '_';
    json_object_set_new(object, field, json_string(*safe != '\0' ? safe : "_"));
}

void
record_put_digest(json_t *object, const char *field, const guint8 *digest, gboolean keyed)
{
    g_autofree char *hex = crypto_hex(digest, CRYPTO_DIGEST_SIZE);
    g_autofree char *text = g_strconcat(keyed ? "hmac-sha256:" : "sha256:", hex, NULL);
    json_object_set_new(object, field, json_string(text));
}

gboolean
record_digest_parse(const char *text, guint8 digest_out[32])
{
    const char *hex = strrchr(text, ':');
    if (hex == NULL || strlen(hex + 1) != 2 * CRYPTO_DIGEST_SIZE)
        return FALSE;
    for (gsize i = 0; i < CRYPTO_DIGEST_SIZE; i++) {
        int high = g_ascii_xdigit_value(hex[1 + 2 * i]), low = g_ascii_xdigit_value(hex[2 + 2 * i]);
        if (high < 0 || low < 0)
            return FALSE;
        digest_out[i] = (guint8)(high << 4 | low);
    }
    return TRUE;
}

static gsize
dump_size(const json_t *value)
{
    return json_dumpb(value, NULL, 0, DUMP_FLAGS | JSON_ENCODE_ANY);
}

/* The list of the three that takes most of the line, of those that can shrink; NULL if none can. */
static const char *
longest_list(const json_t *record)
{
    static const char *const lists[] = {"parts", "findings", "recipients"};
    const char *longest = NULL;
    gsize most = 0;
    for (gsize i = 0; i < G_N_ELEMENTS(lists); i++) {
        const json_t *list = json_object_get(record, lists[i]);
        gsize size = json_array_size(list) > FIT_MIN ? dump_size(list) : 0;
        if (size > most) {
            most = size;
            longest = lists[i];
        }
    }
    return longest;
}

void
record_fit(json_t *record)
{
    const char *name;
    while (dump_size(record) > RECORD_FIT && (name = longest_list(record)) != NULL) {
        const json_t *list = json_object_get(record, name);
        gsize size = json_array_size(list);
        gsize keep = MAX(FIT_MIN, size * 3 / 4);
        g_autofree char *total = g_strconcat(name, "_total", NULL);
        if (json_object_get(record, total) == NULL)
            json_object_set_new(record, total, json_integer((json_int_t)size));
        json_t *shorter = json_array();
        for (gsize i = 0; i < keep; i++)
            json_array_append(shorter, json_array_get(list, i));
        json_object_set_new(record, name, shorter);
    }
}

char *
record_line(const json_t *record, gsize *length_out, GError **error)
{
    g_autofree char *line = json_dumps(record, DUMP_FLAGS);
    gsize length = line != NULL ? strlen(line) : 0;
    if (length == 0 || length > RECORD_LINE_MAX) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, "the record has %" G_GSIZE_FORMAT " bytes: 1..%d can be kept",
                    length, RECORD_LINE_MAX);
        return NULL;
    }
    if (!record_scan(line, length, NULL, NULL)) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA,
                    "the record is not an object of integers, texts, lists and objects alone (no reals, no null)");
        return NULL;
    }
    if (length_out != NULL)
        *length_out = length;
    return g_steal_pointer(&line);
}

json_t *
record_parse(const char *line, gsize length, GError **error)
{
    json_error_t wrong;
    if (length > RECORD_LINE_MAX) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, "the line is longer than a record can be (%d bytes)",
                    RECORD_LINE_MAX);
        return NULL;
    }
    json_t *record = json_loadb(line, length, JSON_REJECT_DUPLICATES, &wrong);
    if (record != NULL && record_scan(line, length, NULL, NULL))
        return record;
    if (record == NULL)
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, "the line is no JSON object: %s at byte %d", wrong.text,
                    wrong.position);
    else
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA,
                    "the line is not in canonical form (sorted keys, no spaces, integers only)");
    json_decref(record);
    return NULL;
}

void
record_hash(const char *line, gsize length, char hex_out[RECORD_HASH_HEX + 1])
{
    guint8 digest[CRYPTO_DIGEST_SIZE];
    crypto_sha256(line, length, digest);
    g_autofree char *hex = crypto_hex(digest, sizeof digest);
    memcpy(hex_out, hex, RECORD_HASH_HEX + 1);
}

gboolean
record_is_hash(const char *text)
{
    return text != NULL && strlen(text) == RECORD_HASH_HEX && strspn(text, "0123456789abcdef") == RECORD_HASH_HEX;
}

gboolean
record_is_time(const char *text)
{
    static const char form[] = "dddd-dd-ddTdd:dd:dd.dddZ";
    if (text == NULL || strlen(text) != strlen(form))
        return FALSE;
    for (gsize i = 0; form[i] != '\0'; i++)
        if (form[i] == 'd' ? !g_ascii_isdigit(text[i]) : text[i] != form[i])
            return FALSE;
    return TRUE;
}
