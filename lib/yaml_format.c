/* Values back to YAML, for people who ask what is in force. */
#include "config.h"
#include "yaml.h"
#include "yaml_units.h"

/* Quoted when the plain word could be read as something else. */
static void
append_text(GString *out, const char *text)
{
    if (g_regex_match_simple("^[A-Za-z0-9./_][A-Za-z0-9./_@+=-]*$", text, G_REGEX_DOLLAR_ENDONLY, 0)) {
        g_string_append(out, text);
        return;
    }
    g_string_append_c(out, '"');
    for (; *text != '\0'; text = g_utf8_next_char(text)) {
        gunichar c = g_utf8_get_char(text);
        if (c == '"' || c == '\\')
            g_string_append_printf(out, "\\%c", (char)c);
        else if (!g_unichar_isprint(c))
            g_string_append_printf(out, "\\U%08X", c);
        else
            g_string_append_unichar(out, c);
    }
    g_string_append_c(out, '"');
}

static void
append_texts(GString *out, const GPtrArray *texts)
{
    g_string_append_c(out, '[');
    for (guint i = 0; i < texts->len; i++) {
        if (i > 0)
            g_string_append(out, ", ");
        append_text(out, g_ptr_array_index(texts, i));
    }
    g_string_append_c(out, ']');
}

static gboolean
append_value(GString *out, const YamlRow *row, gconstpointer field)
{
    switch (row->type) {
    case YAML_ROW_BOOL:
        g_string_append(out, *(const gboolean *)field ? "true" : "false");
        return TRUE;
    case YAML_ROW_INT:
    case YAML_ROW_SIZE:
    case YAML_ROW_SECONDS: {
        g_autofree char *number = yaml_number_format(row->type, *(const gint64 *)field);
        g_string_append(out, number);
        return TRUE;
    }
    case YAML_ROW_ENUM: {
        const char *word = yaml_word(row->words, *(const int *)field);
        g_string_append(out, word != NULL ? word : "?");
        return word != NULL;
    }
    case YAML_ROW_TEXT:
    case YAML_ROW_PATH:
        if (*(char *const *)field != NULL)
            append_text(out, *(char *const *)field);
        return *(char *const *)field != NULL;
    case YAML_ROW_TEXTS:
        if (*(GPtrArray *const *)field != NULL)
            append_texts(out, *(GPtrArray *const *)field);
        return *(GPtrArray *const *)field != NULL;
    default:
        return FALSE;
    }
}

char *
yaml_format_value(const YamlRow *row, gconstpointer target)
{
    GString *out = g_string_new(NULL);
    gboolean is_set = append_value(out, row, G_STRUCT_MEMBER_P(target, row->offset));
    return g_string_free(out, !is_set);
}

static void
append_rows(GString *out, const YamlRow *rows, gconstpointer target, const char *indent)
{
    for (; rows->key != NULL; rows++) {
        if (rows->type == YAML_ROW_MAP) {
            g_autofree char *deeper = g_strconcat(indent, "  ", NULL);
            g_string_append_printf(out, "%s%s:\n", indent, rows->key);
            append_rows(out, rows->rows, target, deeper);
            continue;
        }
        g_autofree char *value = yaml_format_value(rows, target);
        if (value != NULL)
            g_string_append_printf(out, "%s%s: %s\n", indent, rows->key, value);
        else if (rows->type != YAML_ROW_NODE)
            g_string_append_printf(out, "%s#%s:\n", indent, rows->key);
    }
}

char *
yaml_format(const YamlRow *rows, gconstpointer target)
{
    GString *out = g_string_new(NULL);
    append_rows(out, rows, target, "");
    return g_string_free(out, FALSE);
}
