/* tell - what a reader finds in a file, one line each: place, tab, text with \n and \t.
 *
 * usage: tell FILE              by the library, in this process
 *        tell FILE PROGRAM      by hangu-extract, behind its walls */
#include "config.h"
#include "segment.h"
#include "taker.h"
#include <stdio.h>
#include <string.h>

static void
say(const char *place, const char *text)
{
    g_auto(GStrv) rows = g_strsplit(text, "\n", -1);
    g_autofree char *joined = g_strjoinv("\\n", rows);
    g_auto(GStrv) cells = g_strsplit(joined, "\t", -1);
    g_autofree char *out = g_strjoinv("\\t", cells);
    if (out[0] != '\0')
        printf("%s\t%s\n", place, out);
}

int
main(int argc, char **argv)
{
    g_autofree char *bytes = NULL;
    gsize length;
    if (argc < 2 || !g_file_get_contents(argv[1], &bytes, &length, NULL))
        return 64;
    g_autoptr(Taken) taken =
        argc > 2 ? taker_ask(argv[2], bytes, length, &TAKER_WIDE) : taker_read(bytes, length, NULL, &TAKER_WIDE);
    if (taken == NULL)
        return 69;
    for (guint i = 0; i < PLACE_COUNT; i++)
        say(place_word((PlaceKind)i), taken->places[i]->str);
    g_auto(GStrv) told = g_strsplit(taken->told->str, "\n", -1);
    for (guint i = 0; told[i] != NULL; i++)
        if (g_str_has_prefix(told[i], "cover 0 "))
            say("cover", told[i] + strlen("cover 0 "));
        else if (g_str_has_prefix(told[i], "look "))
            say("look", told[i] + strlen("look "));
    g_auto(GStrv) types = g_strsplit(taken->types->str, "\n", -1);
    for (guint i = 0; types[i] != NULL; i++)
        say("type", types[i]);
    say("name", taken->names->str);
    for (guint i = 0; i < taken->bytes->len; i++) {
        const GString *content = g_ptr_array_index(taken->bytes, i);
        if (content != NULL && g_utf8_validate_len(content->str, content->len, NULL))
            say("bytes", content->str);
    }
    return taken->lied || strstr(taken->told->str, "end\n") == NULL ? 70 : 0;
}
