/* Holds a line against the schema table: every field known, of its type, and none missing. No object is made of it:
 * hangu-ledger does this for every letter. */
#include "config.h"
#include "errors.h"
#include "record.h"
#include "record_scan.h"
#include "record_schema.h"
#include <string.h>

typedef struct {
    guint kind;
    const RecordField *fields; /* of an object */
    const RecordField *field;  /* of an array: what its elements are */
    guint count;               /* required fields, or elements, so far */
    GError **error;
} Level;

/* Errors are built from the inside out, each level putting its name in front: a good record pays nothing for them. */
static gboolean check_object(guint kind, const RecordSpan *object, const RecordField *fields, GError **error);

static gboolean
refuse(const char *what, GError **error)
{
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, ": %s", what);
    return FALSE;
}

/* What stands between the quotes; FALSE if it is no text. */
static gboolean
unquote(const RecordSpan *value, RecordSpan *inner_out)
{
    if (*value->bytes != '"')
        return FALSE;
    *inner_out = (RecordSpan){value->bytes + 1, value->length - 2};
    return TRUE;
}

/* Printable characters and the two escapes that stand for one. */
static gboolean
is_text(const RecordSpan *value, gboolean ascii)
{
    RecordSpan text;
    if (!unquote(value, &text))
        return FALSE;
    const char *at = text.bytes, *end = text.bytes + text.length;
    gsize escapes = 0;
    while (at < end) {
        if (*at == '\\') {
            escapes++;
            at++;
            if (*at != '"' && *at != '\\')
                return FALSE;
        }
        if ((guint8)*at < 0x80 ? !g_ascii_isprint(*at) : ascii || !g_unichar_isprint(g_utf8_get_char(at)))
            return FALSE;
        at = g_utf8_next_char(at);
    }
    return text.length - escapes <= RECORD_TEXT_MAX;
}

static gboolean
is_one_of(const RecordSpan *text, const char *words)
{
    for (const char *at = words; *at != '\0';) {
        gsize word = strcspn(at, "|");
        if (word == text->length && memcmp(at, text->bytes, word) == 0)
            return TRUE;
        at += word + (at[word] == '|');
    }
    return FALSE;
}

static gboolean
is_word(const RecordSpan *value, const char *words)
{
    RecordSpan text;
    if (!unquote(value, &text) || text.length == 0 || text.length > RECORD_WORD_MAX)
        return FALSE;
    for (gsize i = 0; i < text.length; i++)
        if (!g_ascii_isalnum(text.bytes[i]) && (text.bytes[i] == '\0' || strchr("._+:/-", text.bytes[i]) == NULL))
            return FALSE;
    return words == NULL || is_one_of(&text, words);
}

static gboolean
is_hash_text(const RecordSpan *text)
{
    for (gsize i = 0; i < text->length; i++)
        if (!g_ascii_isdigit(text->bytes[i]) && (text->bytes[i] < 'a' || text->bytes[i] > 'f'))
            return FALSE;
    return text->length == RECORD_HASH_HEX;
}

static gboolean
is_id(const RecordSpan *value)
{
    RecordSpan text;
    if (!unquote(value, &text) || text.length != RECORD_ID_LENGTH)
        return FALSE;
    for (gsize i = 0; i < text.length; i++)
        if (text.bytes[i] == '\0' || strchr("0123456789ABCDEFGHJKMNPQRSTVWXYZ", text.bytes[i]) == NULL)
            return FALSE;
    return TRUE;
}

static gboolean
is_hash(const RecordSpan *value)
{
    RecordSpan text;
    return unquote(value, &text) && is_hash_text(&text);
}

static gboolean
skip(RecordSpan *text, const char *prefix)
{
    gsize length = strlen(prefix);
    if (text->length < length || memcmp(text->bytes, prefix, length) != 0)
        return FALSE;
    *text = (RecordSpan){text->bytes + length, text->length - length};
    return TRUE;
}

static gboolean
is_digest(const RecordSpan *value)
{
    RecordSpan text;
    if (!unquote(value, &text))
        return FALSE;
    skip(&text, "hmac-");
    return skip(&text, "sha256:") && is_hash_text(&text);
}

static gboolean
is_time(const RecordSpan *value)
{
    char time[32];
    RecordSpan text;
    if (!unquote(value, &text) || text.length >= sizeof time)
        return FALSE;
    memcpy(time, text.bytes, text.length);
    time[text.length] = '\0';
    return record_is_time(time);
}

static gboolean
is_integer(const RecordSpan *value, gboolean negative)
{
    return g_ascii_isdigit(*value->bytes) || (negative && *value->bytes == '-');
}

/* What is wrong with one plain value, or NULL. */
static const char *
value_fault(const RecordSpan *value, RecordType type, const char *words)
{
    switch (type) {
    case FIELD_TEXT:
    case FIELD_TEXTS:
        return is_text(value, FALSE) ? NULL : "must be a printable text of at most 320 bytes";
    case FIELD_ASCII:
        return is_text(value, TRUE) ? NULL : "must be a printable ASCII text of at most 320 bytes";
    case FIELD_WORD:
    case FIELD_WORDS:
        return is_word(value, words) ? NULL
               : words != NULL       ? "is not one of its words"
                                     : "must be a word of letters, digits and ._+:/-";
    case FIELD_ID:
        return is_id(value) ? NULL : "must be a record id of 12 characters";
    case FIELD_HASH:
        return is_hash(value) ? NULL : "must be 64 hex digits";
    case FIELD_DIGEST:
        return is_digest(value) ? NULL : "must be sha256: or hmac-sha256: and 64 hex digits";
    case FIELD_TIME:
        return is_time(value) ? NULL : "must be a time as 2026-11-22T01:02:03.456Z";
    case FIELD_INTEGER:
        return is_integer(value, FALSE) ? NULL : "must be an integer from 0";
    case FIELD_SIGNED:
        return is_integer(value, TRUE) ? NULL : "must be an integer";
    case FIELD_BOOLEAN:
        return *value->bytes == 't' || *value->bytes == 'f' ? NULL : "must be true or false";
    case FIELD_OBJECT:
    case FIELD_OBJECTS:
        return *value->bytes == '{' ? NULL : "must be an object";
    }
    return "has a type without a check";
}

static gboolean
check_value(guint kind, const RecordSpan *value, const RecordField *field, GError **error)
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
check_element(const RecordSpan *key, const RecordSpan *value, gpointer user)
{
    Level *level = user;
    if (level->count == RECORD_LIST_MAX)
        return refuse("must be an array of at most 1000", level->error);
    if (!check_value(level->kind, value, level->field, level->error)) {
        g_prefix_error(level->error, "[%u]", level->count);
        return FALSE;
    }
    level->count++;
    return TRUE;
}

static gboolean
check_field(guint kind, const RecordSpan *value, const RecordField *field, GError **error)
{
    gboolean list = field->type == FIELD_TEXTS || field->type == FIELD_WORDS || field->type == FIELD_OBJECTS;
    Level level = {.kind = kind, .field = field, .error = error};
    if (!list)
        return check_value(kind, value, field, error);
    if (*value->bytes != '[')
        return refuse("must be an array of at most 1000", error);
    return record_each(value->bytes, value->length, check_element, &level);
}

static const RecordField *
find_field(const RecordField *fields, const RecordSpan *name, guint kind)
{
    for (const RecordField *field = fields; field->name != NULL; field++)
        if (name->length > 0 && field->name[0] == name->bytes[0] && (field->kinds & kind) != 0 &&
            record_span_is(name, field->name))
            return field;
    return NULL;
}

static gboolean
check_member(const RecordSpan *key, const RecordSpan *value, gpointer user)
{
    Level *level = user;
    const RecordField *field = find_field(level->fields, key, level->kind);
    if (field != NULL && check_field(level->kind, value, field, level->error)) {
        level->count += (field->required & level->kind) != 0;
        return TRUE;
    }
    if (field == NULL)
        refuse("is not known in a record of this kind", level->error);
    g_autofree char *name = g_strndup(key->bytes, key->length);
    g_autofree char *safe = record_text(name);
    g_prefix_error(level->error, "%s", safe);
    return FALSE;
}

static gboolean
find_member(const RecordSpan *key, const RecordSpan *value, gpointer user)
{
    return !record_span_is(key, user);
}

static gboolean
has_member(const RecordSpan *object, const char *name)
{
    return !record_each(object->bytes, object->length, find_member, (gpointer)name);
}

static gboolean
name_missing_field(guint kind, const RecordSpan *object, const RecordField *fields, GError **error)
{
    for (const RecordField *field = fields; field->name != NULL; field++)
        if ((field->required & kind) != 0 && !has_member(object, field->name)) {
            g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, "%s: is missing", field->name);
            return FALSE;
        }
    return TRUE;
}

static gboolean
check_object(guint kind, const RecordSpan *object, const RecordField *fields, GError **error)
{
    Level level = {.kind = kind, .fields = fields, .error = error};
    if (!record_each(object->bytes, object->length, check_member, &level))
        return FALSE;
    for (const RecordField *field = fields; field->name != NULL; field++)
        level.count -= (field->required & kind) != 0;
    return level.count == 0 || name_missing_field(kind, object, fields, error);
}

/* What the rest of a record depends on. */
typedef struct {
    RecordSpan version, kind;
    gboolean judged;
} Head;

static gboolean
take_head(const RecordSpan *key, const RecordSpan *value, gpointer user)
{
    Head *head = user;
    if (record_span_is(key, "v"))
        head->version = *value;
    else if (record_span_is(key, "kind"))
        head->kind = *value;
    else if (record_span_is(key, "verdict"))
        head->judged = TRUE;
    return TRUE;
}

static guint
kind_of(const Head *head)
{
    RecordSpan word;
    if (head->kind.bytes == NULL || !unquote(&head->kind, &word))
        return 0;
    g_autofree char *text = g_strndup(word.bytes, word.length);
    return record_kind(text, head->judged);
}

gboolean
record_check_line(const char *line, gsize length, GError **error)
{
    Head head = {0};
    const RecordSpan whole = {line, length};
    if (length == 0 || *line != '{' || !g_utf8_validate_len(line, length, NULL) ||
        !record_each(line, length, take_head, &head)) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA,
                    "the record is not in canonical form (sorted keys, no spaces, integers only)");
        return FALSE;
    }
    if (head.version.bytes == NULL || !record_span_is(&head.version, G_STRINGIFY(RECORD_VERSION))) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, "record field v: is not the version of this program");
        return FALSE;
    }
    guint kind = kind_of(&head);
    if (kind == 0) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, "record field kind: is missing or unknown");
        return FALSE;
    }
    if (check_object(kind, &whole, record_schema(), error))
        return TRUE;
    g_prefix_error(error, "record field ");
    return FALSE;
}

gboolean
record_check(const json_t *record, GError **error)
{
    gsize length = 0;
    g_autofree char *line = record_line(record, &length, error);
    return line != NULL && record_check_line(line, length, error);
}
