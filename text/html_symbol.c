/* html_symbol - letters that a symbol font shows as boxes, ticks and stars: office programs write forms with them. */
#include "config.h"
#include "html_style.h"
#include <string.h>

static const struct {
    guint8 font, code;
    const char *shown;
} symbols[] = {
    {SYMBOLS_WINGDINGS, 'l', "●"},   {SYMBOLS_WINGDINGS, 'm', "○"},   {SYMBOLS_WINGDINGS, 'n', "■"},
    {SYMBOLS_WINGDINGS, 'o', "□"},   {SYMBOLS_WINGDINGS, 'p', "□"},   {SYMBOLS_WINGDINGS, 'q', "□"},
    {SYMBOLS_WINGDINGS, 'r', "□"},   {SYMBOLS_WINGDINGS, 'x', "☒"},   {SYMBOLS_WINGDINGS, 0xA1, "○"},
    {SYMBOLS_WINGDINGS, 0xA8, "□"},  {SYMBOLS_WINGDINGS, 0xAB, "★"},  {SYMBOLS_WINGDINGS, 0xB6, "☆"},
    {SYMBOLS_WINGDINGS, 0xFB, "✗"},  {SYMBOLS_WINGDINGS, 0xFC, "✓"},  {SYMBOLS_WINGDINGS, 0xFD, "☒"},
    {SYMBOLS_WINGDINGS, 0xFE, "☑"},  {SYMBOLS_WINGDINGS2, 'O', "✗"},  {SYMBOLS_WINGDINGS2, 'P', "✓"},
    {SYMBOLS_WINGDINGS2, 'R', "☑"},  {SYMBOLS_WINGDINGS2, 'S', "☒"},  {SYMBOLS_WINGDINGS2, 'T', "☒"},
    {SYMBOLS_WINGDINGS2, 0xA2, "■"}, {SYMBOLS_WINGDINGS2, 0xA3, "□"}, {SYMBOLS_WEBDINGS, 'a', "✓"},
    {SYMBOLS_WEBDINGS, 'c', "□"},    {SYMBOLS_WEBDINGS, 'g', "■"},    {SYMBOLS_WEBDINGS, 'r', "✗"},
};

HtmlSymbols
html_symbol_font(const char *name, gsize length)
{
    static const struct {
        const char *name;
        HtmlSymbols font;
    } fonts[] = {{"wingdings 2", SYMBOLS_WINGDINGS2},
                 {"wingdings 3", SYMBOLS_NONE},
                 {"wingdings", SYMBOLS_WINGDINGS},
                 {"webdings", SYMBOLS_WEBDINGS}};
    while (length > 0 && (g_ascii_isspace(*name) || *name == '"' || *name == '\'')) {
        name++;
        length--;
    }
    for (guint i = 0; i < G_N_ELEMENTS(fonts); i++)
        if (length >= strlen(fonts[i].name) && g_ascii_strncasecmp(name, fonts[i].name, strlen(fonts[i].name)) == 0)
            return fonts[i].font;
    return SYMBOLS_NONE;
}

const char *
html_symbol(HtmlSymbols font, const char *text, gsize length)
{
    gunichar code = g_utf8_get_char_validated(text, (gssize)length);
    if (code >= 0xF000 && code <= 0xF0FF) /* where the letters of symbol fonts lie in Unicode */
        code -= 0xF000;
    for (guint i = 0; i < G_N_ELEMENTS(symbols); i++)
        if (symbols[i].font == font && symbols[i].code == code)
            return symbols[i].shown;
    return NULL;
}
