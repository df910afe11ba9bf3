/* Values lie behind each other in one buffer; a sorted list says where. Lines come sorted and a letter has fifty
 * fields: a new one is sought from the end. */
#include "config.h"
#include "record_draft.h"
#include <string.h>

typedef struct {
    RecordSpan name;
    gsize at, length; /* of the value in bytes */
} Field;

struct RecordDraft {
    GArray *fields; /* Field, in ascending order of names */
    GString *bytes;
};

RecordDraft *
record_draft_new(void)
{
    RecordDraft *draft = g_new(RecordDraft, 1);
    draft->fields = g_array_sized_new(FALSE, FALSE, sizeof(Field), 64);
    draft->bytes = g_string_sized_new(2048);
    return draft;
}

void
record_draft_free(RecordDraft *draft)
{
    if (draft == NULL)
        return;
    g_array_unref(draft->fields);
    g_string_free(draft->bytes, TRUE);
    g_free(draft);
}

static int
compare(const RecordSpan *a, const RecordSpan *b)
{
    int order = memcmp(a->bytes, b->bytes, MIN(a->length, b->length));
    return order != 0 ? order : (a->length > b->length) - (a->length < b->length);
}

/* The last bytes of the buffer are the value of `name`. */
static void
enter(RecordDraft *draft, const RecordSpan *name, gsize at)
{
    Field field = {*name, at, draft->bytes->len - at};
    guint place = draft->fields->len;
    int order = 1;
    while (place > 0 && (order = compare(name, &g_array_index(draft->fields, Field, place - 1).name)) < 0)
        place--;
    if (place > 0 && order == 0)
        g_array_index(draft->fields, Field, place - 1) = field;
    else
        g_array_insert_val(draft->fields, place, field);
}

void
record_draft_put(RecordDraft *draft, const RecordSpan *name, const RecordSpan *value)
{
    gsize at = draft->bytes->len;
    g_string_append_len(draft->bytes, value->bytes, (gssize)value->length);
    enter(draft, name, at);
}

static void
put(RecordDraft *draft, const char *name, const char *value)
{
    record_draft_put(draft, &(RecordSpan){name, strlen(name)}, &(RecordSpan){value, strlen(value)});
}

void
record_draft_integer(RecordDraft *draft, const char *name, gint64 value)
{
    char text[32];
    g_snprintf(text, sizeof text, "%" G_GINT64_FORMAT, value);
    put(draft, name, text);
}

void
record_draft_boolean(RecordDraft *draft, const char *name, gboolean value)
{
    put(draft, name, value ? "true" : "false");
}

void
record_draft_plain(RecordDraft *draft, const char *name, const char *text)
{
    if (text == NULL)
        return;
    gsize at = draft->bytes->len;
    g_string_append_c(draft->bytes, '"');
    g_string_append(draft->bytes, text);
    g_string_append_c(draft->bytes, '"');
    enter(draft, &(RecordSpan){name, strlen(name)}, at);
}

/* record_text() leaves two characters that JSON escapes. */
static void
append_text(GString *out, const char *bytes)
{
    g_autofree char *text = record_text(bytes);
    g_string_append_c(out, '"');
    for (const char *at = text; *at != '\0';) {
        gsize plain = strcspn(at, "\"\\");
        g_string_append_len(out, at, (gssize)plain);
        at += plain;
        if (*at != '\0') {
            g_string_append_c(out, '\\');
            g_string_append_c(out, *at++);
        }
    }
    g_string_append_c(out, '"');
}

void
record_draft_text(RecordDraft *draft, const char *name, const char *bytes)
{
    if (bytes == NULL)
        return;
    gsize at = draft->bytes->len;
    append_text(draft->bytes, bytes);
    enter(draft, &(RecordSpan){name, strlen(name)}, at);
}

void
record_draft_texts(RecordDraft *draft, const char *name, const GPtrArray *texts)
{
    gsize at = draft->bytes->len;
    g_string_append_c(draft->bytes, '[');
    for (guint i = 0; texts != NULL && i < texts->len; i++) {
        if (i > 0)
            g_string_append_c(draft->bytes, ',');
        append_text(draft->bytes, g_ptr_array_index(texts, i));
    }
    g_string_append_c(draft->bytes, ']');
    enter(draft, &(RecordSpan){name, strlen(name)}, at);
}

char *
record_draft_line(const RecordDraft *draft, gsize *length_out)
{
    GString *line = g_string_sized_new(draft->bytes->len + 32 * draft->fields->len);
    g_string_append_c(line, '{');
    for (guint i = 0; i < draft->fields->len; i++) {
        const Field *field = &g_array_index(draft->fields, Field, i);
        g_string_append_len(line, i > 0 ? ",\"" : "\"", i > 0 ? 2 : 1);
        g_string_append_len(line, field->name.bytes, (gssize)field->name.length);
        g_string_append_len(line, "\":", 2);
        g_string_append_len(line, draft->bytes->str + field->at, (gssize)field->length);
    }
    g_string_append_c(line, '}');
    *length_out = line->len;
    return g_string_free(line, FALSE);
}
