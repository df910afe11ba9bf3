/* ofd_kind - the table; what is not in it is K_OTHER. */
#include "config.h"
#include "ofd_kind.h"
#include <glib.h>
#include <string.h>

static const struct {
    const char *name;
    OfdKind kind;
} KINDS[] = {
    {"TextObject", K_OBJECT},         {"TextCode", K_CODE},        {"FillColor", K_FILL},
    {"PathObject", K_PATH},           {"ImageObject", K_IMAGE},    {"CompositeObject", K_COMPOSITE},
    {"CompositeGraphicUnit", K_UNIT}, {"Layer", K_LAYER},          {"Template", K_TEMPLATE},
    {"PhysicalBox", K_BOX},           {"DrawParam", K_DRAW_PARAM}, {"Annot", K_ANNOTATION},
    {"Appearance", K_APPEARANCE},     {"Remark", K_SAID},          {"Parameter", K_SAID},
    {"AbbreviatedData", K_SKIP},      {"Glyphs", K_SKIP},          {"PageRes", K_PAGE_RESOURCES},
};

OfdKind
ofd_kind_of(const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(KINDS); i++)
        if (strcmp(KINDS[i].name, name) == 0)
            return KINDS[i].kind;
    return K_OTHER;
}
