/* The first character is the surname: of the few surnames with two, user names made of both are found as one word all
 * the same. */
#include "config.h"
#include "own_names.h"
#include "pinyin.h"
#include <string.h>

#define READINGS_MAX 3 /* of surname and of given name that are combined */
#define WORDS_MAX 4

static void
add(GPtrArray *names, const char *name)
{
    if (*name != '\0' && names->len < OWN_NAMES_MAX &&
        !g_ptr_array_find_with_equal_func(names, name, g_str_equal, NULL))
        g_ptr_array_add(names, g_strdup(name));
}

static void
add_both(GPtrArray *names, const char *first, const char *second)
{
    g_autofree char *forward = g_strconcat(first, second, NULL), *back = g_strconcat(second, first, NULL);
    add(names, forward);
    add(names, back);
}

static void
add_han(GPtrArray *names, const char *owner)
{
    const char *rest = g_utf8_next_char(owner);
    g_autofree char *surname = g_strndup(owner, (gsize)(rest - owner));
    g_autoptr(GPtrArray) surnames = pinyin_forms(surname, PINYIN_FULL), given = pinyin_forms(rest, PINYIN_FULL),
                         short_given = pinyin_forms(rest, PINYIN_INITIALS),
                         initials = pinyin_forms(owner, PINYIN_INITIALS);
    for (guint i = 0; i < MIN(surnames->len, READINGS_MAX); i++) {
        const char *one = g_ptr_array_index(surnames, i);
        for (guint k = 0; k < MIN(given->len, READINGS_MAX); k++)
            add_both(names, one, g_ptr_array_index(given, k));
        for (guint k = 0; k < MIN(short_given->len, READINGS_MAX); k++)
            add_both(names, one, g_ptr_array_index(short_given, k));
    }
    for (guint i = 0; i < MIN(initials->len, READINGS_MAX); i++)
        add(names, g_ptr_array_index(initials, i));
}

static void
add_latin(GPtrArray *names, const char *owner)
{
    g_autofree char *lower = g_ascii_strdown(owner, -1);
    g_auto(GStrv) words = g_strsplit_set(lower, " .,-'", WORDS_MAX);
    g_autoptr(GString) whole = g_string_new(NULL), back = g_string_new(NULL);
    for (char **word = words; *word != NULL; word++) {
        g_string_append(whole, *word);
        g_string_prepend(back, *word);
    }
    add(names, whole->str);
    add(names, back->str);
}

GPtrArray *
own_names(const char *owner)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    if (owner == NULL || *owner == '\0' || !g_utf8_validate(owner, -1, NULL) ||
        g_utf8_strlen(owner, -1) > PINYIN_TEXT_MAX)
        return names;
    add(names, owner);
    if (pinyin_has_han(owner))
        add_han(names, owner);
    else
        add_latin(names, owner);
    return names;
}
