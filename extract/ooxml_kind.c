/* ooxml_kind - tables. */
#include "config.h"
#include "ooxml_kind.h"
#include <string.h>

static const struct {
    const char *name;
    OoxmlKind kind;
} KINDS[] = {
    {"t", K_TEXT},
    {"delText", K_DELETED_TEXT},
    {"instrText", K_FIELD},
    {"delInstrText", K_FIELD},
    {"posOffset", K_SKIP},
    {"align", K_SKIP},
    {"pctWidth", K_SKIP},
    {"pctHeight", K_SKIP},
    {"tableStyleId", K_SKIP},
    {"col", K_SKIP},
    {"colOff", K_SKIP},
    {"row", K_SKIP},
    {"rowOff", K_SKIP},
    {"Anchor", K_SKIP},
    {"p", K_PARAGRAPH},
    {"r", K_RUN},
    {"fld", K_RUN},
    {"pPr", K_PARAGRAPH_LOOK},
    {"rPr", K_RUN_LOOK},
    {"sz", K_SIZE},
    {"color", K_COLOUR},
    {"srgbClr", K_RGB},
    {"schemeClr", K_SCHEME},
    {"solidFill", K_FILL},
    {"textFill", K_TEXT_FILL},
    {"rFonts", K_FONTS},
    {"sym", K_SYMBOL},
    {"vanish", K_VANISH},
    {"webHidden", K_VANISH},
    {"specVanish", K_VANISH},
    {"tab", K_TAB},
    {"ptab", K_TAB},
    {"br", K_BREAK},
    {"cr", K_BREAK},
    {"lastRenderedPageBreak", K_PAGE_BREAK},
    {"noBreakHyphen", K_HYPHEN},
    {"tc", K_CELL},
    {"tr", K_ROW},
    {"del", K_DELETED},
    {"moveFrom", K_DELETED},
    {"txbxContent", K_BOX},
    {"AlternateContent", K_BOTH},
    {"Choice", K_CHOICE},
    {"Fallback", K_FALLBACK},
    {"footnote", K_NOTE},
    {"endnote", K_NOTE},
    {"comment", K_NOTE},
    {"cm", K_NOTE},
    {"threadedComment", K_NOTE},
    {"checkBox", K_CHECKBOX},
    {"checked", K_CHECKED},
    {"sectPr", K_SECTION},
    {"headerReference", K_HEADER_OF},
    {"Relationship", K_LINK},
    {"style", K_STYLE},
    {"basedOn", K_BASED_ON},
    {"pStyle", K_STYLE_OF_PARAGRAPH},
    {"rStyle", K_STYLE_OF_RUN},
    {"docDefaults", K_DEFAULTS},
};

static const struct {
    const char *root;
    PlaceKind place;
} ROOTS[] = {
    {"document", PLACE_BODY},
    {"glossaryDocument", PLACE_BODY},
    {"hdr", PLACE_PAGE_HEADER},
    {"ftr", PLACE_PAGE_FOOTER},
    {"footnotes", PLACE_NOTE},
    {"endnotes", PLACE_NOTE},
    {"comments", PLACE_ANNOTATION},
    {"cmLst", PLACE_ANNOTATION},
    {"ThreadedComments", PLACE_ANNOTATION},
    {"sld", PLACE_BODY},
    {"PageContents", PLACE_BODY}, /* of a drawing by Visio */
    {"notes", PLACE_NOTE},
    {"sldMaster", PLACE_PAGE_HEADER},
    {"sldLayout", PLACE_PAGE_HEADER},
    {"notesMaster", PLACE_PAGE_HEADER},
    {"handoutMaster", PLACE_PAGE_HEADER},
    {"wsDr", PLACE_TEXT_BOX},
    {"userShapes", PLACE_TEXT_BOX},
    {"chartSpace", PLACE_TEXT_BOX},
    {"dataModel", PLACE_TEXT_BOX},
    {"drawing", PLACE_TEXT_BOX},
    {"xml", PLACE_TEXT_BOX}, /* VML */
};

OoxmlKind
ooxml_kind_of(const char *name)
{
    static GHashTable *kinds;
    if (kinds == NULL) {
        kinds = g_hash_table_new(g_str_hash, g_str_equal);
        for (gsize i = 0; i < G_N_ELEMENTS(KINDS); i++)
            g_hash_table_insert(kinds, (gpointer)KINDS[i].name, GUINT_TO_POINTER((guint)KINDS[i].kind));
    }
    return GPOINTER_TO_UINT(g_hash_table_lookup(kinds, name));
}

PlaceKind
ooxml_place_of(const char *root)
{
    for (gsize i = 0; i < G_N_ELEMENTS(ROOTS); i++)
        if (strcmp(ROOTS[i].root, root) == 0)
            return ROOTS[i].place;
    return PLACE_PROPERTY;
}
