/* yaml_node - the tree behind yaml.h, for the files that build it. */
#pragma once
#include "yaml.h"

struct YamlNode {
    const YamlFile *file;
    YamlKind kind;
    guint line, column;
    gboolean plain;     /* a scalar without quotes */
    char *text;         /* a scalar's; owned */
    gsize length;       /* of text */
    GPtrArray *keys;    /* a map's: YamlNode, owned */
    GPtrArray *values;  /* a map's values or a list's items: YamlNode, owned */
    GHashTable *by_key; /* a map's: text to value, both lent */
};

struct YamlFile {
    char *name;
    char *digest;
    YamlNode *root;
};

void yaml_node_free(gpointer node); /* with all below it; NULL is fine */
