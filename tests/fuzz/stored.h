/* stored - for fuzz targets: a ZIP with stored members, so that mutations reach what is inside. */
#pragma once
#include <glib.h>

typedef struct {
    GString *zip, *directory;
    guint count;
} Stored;

void stored_add(Stored *stored, const char *name, const guint8 *bytes, gsize length);
/* The whole; gives. */
GString *stored_end(Stored *stored);
