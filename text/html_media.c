/* html_media - in which of the readings a media query holds. */
#include "config.h"
#include "html_sheet.h"
#include <math.h>
#include <string.h>

#define MEDIA_MAX 1024

/* What each reading is read on. */
static const struct {
    gboolean paper, dark, upright;
    double width, height;
} windows[HTML_READINGS] = {
    {FALSE, FALSE, FALSE, 1280, 900}, {FALSE, TRUE, TRUE, 375, 720}, {TRUE, FALSE, TRUE, 780, 1100}};

typedef struct {
    const char *text, *end;
} Words;

static gboolean
take_prefix(Words *words, const char *prefix)
{
    gsize length = strlen(prefix);
    while (words->text < words->end && g_ascii_isspace(*words->text))
        words->text++;
    if ((gsize)(words->end - words->text) < length || g_ascii_strncasecmp(words->text, prefix, length) != 0)
        return FALSE;
    words->text += length;
    return TRUE;
}

static gboolean
take_word(Words *words, const char *word)
{
    Words after = *words;
    if (!take_prefix(&after, word) || (after.text < after.end && (g_ascii_isalnum(*after.text) || *after.text == '-')))
        return FALSE;
    *words = after;
    return TRUE;
}

/* A length in pixels, a bare number as it is. */
static double
take_length(Words *words)
{
    char *after = NULL;
    char buffer[24] = {0};
    while (words->text < words->end && g_ascii_isspace(*words->text))
        words->text++;
    memcpy(buffer, words->text, MIN(sizeof buffer - 1, (gsize)(words->end - words->text)));
    double number = g_ascii_strtod(buffer, &after);
    if (after == buffer)
        return NAN;
    words->text += after - buffer;
    return take_word(words, "em") || take_word(words, "rem") ? number * 16 : number;
}

static gboolean
compare(double here, char sign, double limit)
{
    return isnan(limit) || (sign == '<' ? here <= limit : sign == '>' ? here >= limit : fabs(here - limit) < 1);
}

/* What stands in brackets; what is not known may hold. */
static gboolean
feature_holds(Words words, guint window)
{
    char sign = take_prefix(&words, "min-") ? '>' : take_prefix(&words, "max-") ? '<' : '=';
    take_prefix(&words, "device-");
    gboolean width = take_word(&words, "width"), height = !width && take_word(&words, "height");
    if (width || height) {
        for (; words.text < words.end && strchr(" <>=:", *words.text) != NULL; words.text++)
            sign = *words.text == '<' || *words.text == '>' ? *words.text : sign;
        return compare(width ? windows[window].width : windows[window].height, sign, take_length(&words));
    }
    if (take_word(&words, "orientation") && take_prefix(&words, ":"))
        return take_word(&words, "portrait") == windows[window].upright;
    if (take_word(&words, "prefers-color-scheme") && take_prefix(&words, ":"))
        return take_word(&words, "dark") == windows[window].dark;
    return TRUE;
}

static gboolean
query_holds(Words words, guint window)
{
    gboolean not = take_word(&words, "not"), holds = TRUE, other = FALSE;
    if (!not )
        take_word(&words, "only");
    while (words.text < words.end) {
        if (take_word(&words, "and") || take_word(&words, "all"))
            continue;
        if (take_word(&words, "or")) {
            other |= holds;
            holds = TRUE;
        } else if (take_word(&words, "not")) {
            return TRUE; /* of one bracket: may hold */
        } else if (take_word(&words, "screen")) {
            holds = holds && !windows[window].paper;
        } else if (take_word(&words, "print")) {
            holds = holds && windows[window].paper;
        } else if (take_prefix(&words, "(")) {
            const char *close = html_selector_find(words.text, words.end, ")");
            holds = holds && feature_holds((Words){words.text, close}, window);
            words.text = MIN(close + 1, words.end);
        } else if (take_word(&words, "speech") || take_word(&words, "aural") || take_word(&words, "braille") ||
                   take_word(&words, "tty") || take_word(&words, "embossed")) {
            holds = FALSE;
        } else if (words.text < words.end)
            words.text++;
    }
    return (holds || other) != not ;
}

guint
html_media(const char *text, gsize length)
{
    const char *end = text + MIN(length, MEDIA_MAX);
    guint readings = 0;
    while (text <= end) {
        const char *comma = html_selector_find(text, end, ",");
        for (guint i = 0; i < HTML_READINGS; i++)
            if (query_holds((Words){text, comma}, i))
                readings |= HTML_FIRST << (i + 1);
        text = comma + 1;
    }
    return readings;
}
