/* ooxml_symbol - the few symbols of symbol fonts that say something about a mark: boxes, ticks and stars. */
#include "config.h"
#include "ooxml_text.h"
#include <string.h>

typedef struct {
    const char *font;
    guint code;
    const char *shown;
} Symbol;

static const Symbol SYMBOLS[] = {
    {"Wingdings", 0x6F, "☐"},   {"Wingdings", 0x70, "☐"},   {"Wingdings", 0x71, "☐"},   {"Wingdings", 0x72, "☐"},
    {"Wingdings", 0xA8, "☐"},   {"Wingdings", 0xFE, "☑"},   {"Wingdings", 0xFD, "☒"},   {"Wingdings", 0x78, "☒"},
    {"Wingdings", 0xFC, "✓"},   {"Wingdings", 0xFB, "✗"},   {"Wingdings", 0xAA, "✦"},   {"Wingdings", 0xAB, "★"},
    {"Wingdings", 0xB5, "☆"},   {"Wingdings", 0xB6, "☆"},   {"Wingdings 2", 0x2A, "☐"}, {"Wingdings 2", 0xA3, "☐"},
    {"Wingdings 2", 0x4F, "✗"}, {"Wingdings 2", 0x50, "✓"}, {"Wingdings 2", 0x51, "☒"}, {"Wingdings 2", 0x52, "☑"},
    {"Wingdings 2", 0x53, "☒"}, {"Wingdings 2", 0x54, "☒"}, {"Wingdings 2", 0xEA, "★"}, {"Wingdings 2", 0xEB, "★"},
    {"Webdings", 0x63, "☐"},    {"Webdings", 0x61, "✓"},    {"Webdings", 0x72, "✗"},
};

const char *
ooxml_symbol(const char *font, guint code)
{
    if (code >= 0xF000 && code <= 0xF0FF) /* where such fonts lie in Unicode */
        code -= 0xF000;
    for (gsize i = 0; i < G_N_ELEMENTS(SYMBOLS); i++)
        if (SYMBOLS[i].code == code && g_ascii_strcasecmp(SYMBOLS[i].font, font) == 0)
            return SYMBOLS[i].shown;
    return NULL;
}
