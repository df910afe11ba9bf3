/* One table of look-alikes; each with the sentence that helps. */
#include "config.h"
#include "yaml_hint.h"
#include <glib.h>
#include <glib/gi18n.h>
#include <string.h>

typedef struct {
    const char *bytes;
    const char *sentence;
} LookAlike;

static const LookAlike look_alikes[] = {
    {"\xEF\xBC\x9A" /* U+FF1A */,
     N_("the colon is full-width (\xEF\xBC\x9A); write an ASCII colon and a space: \": \"")},
    {"\xE3\x80\x80" /* U+3000 */, N_("there is a full-width space (U+3000); use ASCII spaces")},
    {"\xC2\xA0" /* U+00A0 */, N_("there is a no-break space (U+00A0); use ASCII spaces")},
    {"\xE2\x80\x9C" /* U+201C */, N_("the quotation marks are typographic; write ASCII ones: \"")},
    {"\xE2\x80\x9D" /* U+201D */, N_("the quotation marks are typographic; write ASCII ones: \"")},
    {"\xE2\x80\x98" /* U+2018 */, N_("the quotation marks are typographic; write ASCII ones: '")},
    {"\xE2\x80\x99" /* U+2019 */, N_("the quotation marks are typographic; write ASCII ones: '")},
    {"\xEF\xBC\x8C" /* U+FF0C */, N_("the comma is full-width (\xEF\xBC\x8C); write an ASCII comma and a space")},
    {"\xEF\xBC\x83" /* U+FF03 */, N_("the number sign is full-width (\xEF\xBC\x83); a comment begins with ASCII #")},
};

static const char *
find_look_alike(const char *text)
{
    for (gsize i = 0; i < G_N_ELEMENTS(look_alikes); i++)
        if (strstr(text, look_alikes[i].bytes) != NULL)
            return _(look_alikes[i].sentence);
    return NULL;
}

const char *
yaml_hint_line(const char *line)
{
    gsize indent = strspn(line, " \t");
    if (memchr(line, '\t', indent) != NULL)
        return _("there is a tab before the text; indent with spaces only");
    return find_look_alike(line);
}

const char *
yaml_hint_text(const char *text)
{
    const char *hint = find_look_alike(text);
    if (hint != NULL)
        return hint;
    const char *colon = strchr(text, ':');
    if (colon != NULL && colon > text && colon[1] != '\0' && colon[1] != ' ' && colon[1] != '/')
        return _("a space is missing behind the colon: write \"key: value\"");
    return NULL;
}
