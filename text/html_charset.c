/* html_charset - the charset a page declares about itself, read from its undecoded bytes. */
#include "config.h"
#include "html.h"
#include <string.h>

#define LOOKED_AT 4096

static const char *
find_word(const char *text, const char *end, const char *word)
{
    gsize size = strlen(word);
    for (; text + size <= end; text++)
        if (g_ascii_strncasecmp(text, word, size) == 0)
            return text;
    return NULL;
}

/* The value behind "charset" or "encoding": `= "x"`, `=x;`. */
static char *
read_value(const char *text, const char *end)
{
    const char *from;
    while (text < end && g_ascii_isspace(*text))
        text++;
    if (text == end || *text != '=')
        return NULL;
    for (text++; text < end && (g_ascii_isspace(*text) || *text == '"' || *text == '\'');)
        text++;
    for (from = text; text < end && (g_ascii_isalnum(*text) || strchr("-_:.+", *text) != NULL) && *text != '\0';)
        text++;
    return text > from && text - from <= 64 ? g_strndup(from, (gsize)(text - from)) : NULL;
}

static char *
in_tag(const char *text, const char *end, const char *word)
{
    const char *stop = memchr(text, '>', (gsize)(end - text));
    stop = stop != NULL ? stop : end;
    while ((text = find_word(text, stop, word)) != NULL) {
        char *value = read_value(text += strlen(word), stop);
        if (value != NULL)
            return value;
    }
    return NULL;
}

char *
html_declared_charset(const guint8 *bytes, gsize length)
{
    const char *text = (const char *)bytes, *end = text + MIN(length, LOOKED_AT);
    if (length >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0)
        return g_strdup("UTF-8");
    if (length >= 2 && (memcmp(bytes, "\xFF\xFE", 2) == 0 || memcmp(bytes, "\xFE\xFF", 2) == 0))
        return g_strdup("UTF-16");
    if (length >= 4 && ((bytes[0] == '<' && bytes[1] == 0) || (bytes[0] == 0 && bytes[1] == '<')))
        return g_strdup(bytes[0] == 0 ? "UTF-16BE" : "UTF-16LE");
    while (text < end && (text = memchr(text, '<', (gsize)(end - text))) != NULL) {
        char *value = NULL;
        text++;
        if (find_word(text, MIN(text + 4, end), "meta") != NULL)
            value = in_tag(text, end, "charset");
        else if (find_word(text, MIN(text + 4, end), "?xml") != NULL)
            value = in_tag(text, end, "encoding");
        if (value != NULL)
            return value;
    }
    return NULL;
}
