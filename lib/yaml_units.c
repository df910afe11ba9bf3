/* 10M, 4m and their like. */
#include "config.h"
#include "yaml_units.h"
#include <glib/gi18n.h>
#include <string.h>

typedef struct {
    char letter;
    gint64 factor;
} Unit;

static const Unit size_units[] = {
    {'G', G_GINT64_CONSTANT(1) << 30}, {'M', G_GINT64_CONSTANT(1) << 20}, {'K', G_GINT64_CONSTANT(1) << 10}, {0, 1}};
static const Unit time_units[] = {{'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}, {0, 1}};
static const Unit no_units[] = {{0, 1}};

static const Unit *
units_of(YamlRowType type)
{
    if (type == YAML_ROW_SIZE)
        return size_units;
    return type == YAML_ROW_SECONDS ? time_units : no_units;
}

static const Unit *
find_unit(const YamlRow *row, const char *suffix)
{
    if (strlen(suffix) > 1)
        return NULL;
    const Unit *unit = units_of(row->type);
    char letter = row->type == YAML_ROW_SIZE ? g_ascii_toupper(*suffix) : *suffix;
    while (unit->letter != 0 && unit->letter != letter)
        unit++;
    return unit->letter == letter ? unit : NULL;
}

gboolean
yaml_number_parse(const YamlRow *row, const char *text, gint64 *number_out)
{
    char *end = NULL;
    gboolean may_be_negative = row->type == YAML_ROW_INT;
    if (!g_ascii_isdigit(*text) && !(may_be_negative && *text == '-' && g_ascii_isdigit(text[1])))
        return FALSE;
    gint64 number = g_ascii_strtoll(text, &end, 10);
    if (number == G_MAXINT64 || number == G_MININT64) /* or beyond */
        return FALSE;
    const Unit *unit = find_unit(row, end);
    if (unit == NULL || __builtin_mul_overflow(number, unit->factor, &number))
        return FALSE;
    if ((row->min != 0 || row->max != 0) && (number < row->min || number > row->max))
        return FALSE;
    *number_out = number;
    return TRUE;
}

char *
yaml_number_format(YamlRowType type, gint64 number)
{
    const Unit *unit = units_of(type);
    while (unit->letter != 0 && (number == 0 || number % unit->factor != 0))
        unit++;
    if (unit->letter == 0 || unit->letter == 's')
        return g_strdup_printf("%" G_GINT64_FORMAT "%s", number, unit->letter == 's' ? "s" : "");
    return g_strdup_printf("%" G_GINT64_FORMAT "%c", number / unit->factor, unit->letter);
}

char *
yaml_number_wanted(const YamlRow *row)
{
    const char *what = _("a whole number");
    if (row->type == YAML_ROW_SIZE)
        what = _("a size (10485760, 64K, 10M, 1G)");
    else if (row->type == YAML_ROW_SECONDS)
        what = _("a time span (45, 45s, 4m, 2h, 7d)");
    if (row->min == 0 && row->max == 0)
        return g_strdup(what);
    g_autofree char *low = yaml_number_format(row->type, row->min);
    g_autofree char *high = yaml_number_format(row->type, row->max);
    return g_strdup_printf(_("%s from %s to %s"), what, low, high);
}

char *
yaml_words_wanted(const YamlWord *words)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (const YamlWord *word = words; word->word != NULL; word++)
        g_string_append_printf(text, "%s%s", word == words ? "" : ", ", word->word);
    return g_strdup(text->str);
}

const char *
yaml_word(const YamlWord *words, int value)
{
    for (; words->word != NULL; words++)
        if (words->value == value)
            return words->word;
    return NULL;
}
