/* Holds a record against the schema table: every field known, of its type, and none missing. */
#include "config.h"
#include "errors.h"
#include "record.h"
#include "record_schema.h"
#include <string.h>

/* Errors are built from the inside out, each level putting its name in front: a good record pays nothing for them. */
static gboolean check_object(guint kind, const json_t *object, const RecordField *fields, GError **error);

static gboolean
refuse(const char *what, GError **error)
{
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, ": %s", what);
    return FALSE;
}

static gboolean
is_text(const json_t *value)
{
    const char *text = json_string_value(value);
    if (text == NULL || strlen(text) != json_string_length(value) || strlen(text) > RECORD_TEXT_MAX)
        return FALSE;
    for (; *text != '\0'; text = g_utf8_next_char(text)) {
        gboolean printable = (guint8)*text < 0x80 ? g_ascii_isprint(*text) : g_unichar_isprint(g_utf8_get_char(text));
        if (!printable)
            return FALSE;
    }
    return TRUE;
}

static gboolean
is_ascii_text(const json_t *value)
{
    const char *text = json_string_value(value);
    return is_text(value) && g_str_is_ascii(text);
}

static gboolean
is_one_of(const char *text, const char *words)
{
    gsize length = strlen(text);
    for (const char *at = words; *at != '\0';) {
        gsize word = strcspn(at, "|");
        if (word == length && memcmp(at, text, length) == 0)
            return TRUE;
        at += word + (at[word] == '|');
    }
    return FALSE;
}

static gboolean
is_word(const json_t *value, const char *words)
{
    const char *text = json_string_value(value);
    if (text == NULL || *text == '\0' || json_string_length(value) > RECORD_WORD_MAX)
        return FALSE;
    for (const char *c = text; *c != '\0'; c++)
        if (!g_ascii_isalnum(*c) && strchr("._+:/-", *c) == NULL)
            return FALSE;
    return words == NULL || is_one_of(text, words);
}

static gboolean
is_id(const json_t *value)
{
    const char *text = json_string_value(value);
    return text != NULL && strlen(text) == RECORD_ID_LENGTH &&
           strspn(text, "0123456789ABCDEFGHJKMNPQRSTVWXYZ") == RECORD_ID_LENGTH;
}

static gboolean
is_digest(const json_t *value)
{
    const char *text = json_string_value(value);
    if (text == NULL)
        return FALSE;
    if (g_str_has_prefix(text, "hmac-"))
        text += strlen("hmac-");
    return g_str_has_prefix(text, "sha256:") && record_is_hash(text + strlen("sha256:"));
}

/* What is wrong with one plain value, or NULL. */
static const char *
value_fault(const json_t *value, RecordType type, const char *words)
{
    switch (type) {
    case FIELD_TEXT:
    case FIELD_TEXTS:
        return is_text(value) ? NULL : "must be a printable text of at most 320 bytes";
    case FIELD_ASCII:
        return is_ascii_text(value) ? NULL : "must be a printable ASCII text of at most 320 bytes";
    case FIELD_WORD:
    case FIELD_WORDS:
        return is_word(value, words) ? NULL
               : words != NULL       ? "is not one of its words"
                                     : "must be a word of letters, digits and ._+:/-";
    case FIELD_ID:
        return is_id(value) ? NULL : "must be a record id of 12 characters";
    case FIELD_HASH:
        return record_is_hash(json_string_value(value)) ? NULL : "must be 64 hex digits";
    case FIELD_DIGEST:
        return is_digest(value) ? NULL : "must be sha256: or hmac-sha256: and 64 hex digits";
    case FIELD_TIME:
        return record_is_time(json_string_value(value)) ? NULL : "must be a time as 2026-11-22T01:02:03.456Z";
    case FIELD_INTEGER:
        return json_is_integer(value) && json_integer_value(value) >= 0 ? NULL : "must be an integer from 0";
    case FIELD_SIGNED:
        return json_is_integer(value) ? NULL : "must be an integer";
    case FIELD_BOOLEAN:
        return json_is_boolean(value) ? NULL : "must be true or false";
    case FIELD_OBJECT:
    case FIELD_OBJECTS:
        return json_is_object(value) ? NULL : "must be an object";
    }
    return "has a type without a check";
}

static gboolean
check_value(guint kind, const json_t *value, const RecordField *field, GError **error)
{
    const char *fault = value_fault(value, field->type, field->words);
    if (fault != NULL)
        return refuse(fault, error);
    if (field->fields == NULL || check_object(kind, value, field->fields, error))
        return TRUE;
    g_prefix_error(error, ".");
    return FALSE;
}

static gboolean
check_field(guint kind, const json_t *value, const RecordField *field, GError **error)
{
    gboolean list = field->type == FIELD_TEXTS || field->type == FIELD_WORDS || field->type == FIELD_OBJECTS;
    if (!list)
        return check_value(kind, value, field, error);
    if (!json_is_array(value) || json_array_size(value) > RECORD_LIST_MAX)
        return refuse("must be an array of at most 1000", error);
    for (gsize i = 0; i < json_array_size(value); i++)
        if (!check_value(kind, json_array_get(value, i), field, error)) {
            g_prefix_error(error, "[%u]", (guint)i);
            return FALSE;
        }
    return TRUE;
}

static const RecordField *
find_field(const RecordField *fields, const char *name, guint kind)
{
    for (const RecordField *field = fields; field->name != NULL; field++)
        if ((field->kinds & kind) != 0 && strcmp(field->name, name) == 0)
            return field;
    return NULL;
}

static gboolean
name_missing_field(guint kind, const json_t *object, const RecordField *fields, GError **error)
{
    for (const RecordField *field = fields; field->name != NULL; field++)
        if ((field->required & kind) != 0 && json_object_get(object, field->name) == NULL) {
            g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, "%s: is missing", field->name);
            return FALSE;
        }
    return TRUE;
}

static gboolean
check_object(guint kind, const json_t *object, const RecordField *fields, GError **error)
{
    const char *name;
    json_t *value;
    guint required = 0;
    json_object_foreach((json_t *)object, name, value)
    {
        const RecordField *field = find_field(fields, name, kind);
        if (field != NULL && check_field(kind, value, field, error)) {
            required += (field->required & kind) != 0;
            continue;
        }
        if (field == NULL)
            refuse("is not known in a record of this kind", error);
        g_autofree char *safe = record_text(name);
        g_prefix_error(error, "%s", safe);
        return FALSE;
    }
    for (const RecordField *field = fields; field->name != NULL; field++)
        required -= (field->required & kind) != 0;
    return required == 0 || name_missing_field(kind, object, fields, error);
}

gboolean
record_check(const json_t *record, GError **error)
{
    guint kind =
        record_kind(json_string_value(json_object_get(record, "kind")), json_object_get(record, "verdict") != NULL);
    if (json_integer_value(json_object_get(record, "v")) != RECORD_VERSION) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, "record field v: is not the version of this program");
        return FALSE;
    }
    if (kind == 0) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, "record field kind: is missing or unknown");
        return FALSE;
    }
    if (check_object(kind, record, record_schema(), error))
        return TRUE;
    g_prefix_error(error, "record field ");
    return FALSE;
}
