/* The commented example that a table of rows means. Sections stay open and their lines are comments, so that
 * taking away one # is all that a change needs. */
#include "config.h"
#include "yaml.h"
#include "yaml_units.h"

/* The example is the same file everywhere: both languages, none of the process's own. */
static void
append_allowed(GString *text, const YamlRow *row, const char *indent)
{
    if (row->type == YAML_ROW_ENUM) {
        g_autofree char *words = yaml_words_wanted(row->words);
        g_string_append_printf(text, "%s# 可取 / allowed: %s\n", indent, words);
    } else if (row->type == YAML_ROW_BOOL) {
        g_string_append_printf(text, "%s# 可取 / allowed: true, false\n", indent);
    } else if (row->min != 0 || row->max != 0) {
        g_autofree char *low = yaml_number_format(row->type, row->min);
        g_autofree char *high = yaml_number_format(row->type, row->max);
        g_string_append_printf(text, "%s# 范围 / range: %s – %s\n", indent, low, high);
    }
}

static void
append_help(GString *text, const char *help, const char *indent)
{
    if (help == NULL)
        return;
    g_auto(GStrv) lines = g_strsplit(help, "\n", -1);
    for (char **line = lines; *line != NULL; line++)
        g_string_append_printf(text, "%s# %s\n", indent, *line);
}

static void
append_rows(GString *text, const YamlRow *rows, const char *indent)
{
    for (; rows->key != NULL; rows++) {
        g_string_append_c(text, '\n');
        append_help(text, rows->help_zh, indent);
        append_help(text, rows->help_en, indent);
        if (rows->type == YAML_ROW_MAP) {
            g_autofree char *deeper = g_strconcat(indent, "  ", NULL);
            g_string_append_printf(text, "%s%s:\n", indent, rows->key);
            append_rows(text, rows->rows, deeper);
            continue;
        }
        append_allowed(text, rows, indent);
        gboolean shown = rows->fallback != NULL || rows->type == YAML_ROW_TEXTS;
        g_string_append_printf(text, "%s%s%s:%s%s\n", indent, rows->required ? "" : "#", rows->key, shown ? " " : "",
                               rows->fallback != NULL ? rows->fallback : (shown ? "[]" : ""));
    }
}

char *
yaml_example(const YamlRow *rows)
{
    GString *text =
        g_string_new("# 每项先中文后英文说明，所示为默认值。要改一项，去掉行首的 # 再改值，并保留缩进的空格。\n"
                     "# Each setting with its default. To change one, take the # away and keep the indentation.\n");
    append_rows(text, rows, "");
    return g_string_free(text, FALSE);
}
