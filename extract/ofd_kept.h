/* ofd_kept - glyphs that are shown elsewhere than where they are told: of template pages, and of composite units
 * (GB/T 33190-2016 clause 13), which objects of pages place at their boundary. */
#pragma once
#include "glyphs.h"

typedef struct {
    GHashTable *templates, *units; /* GArray of Glyph by id */
    GHashTable *shown;             /* those arrays that a page has shown */
    guint held;                    /* glyphs in all of them */
    gint64 left;                   /* glyphs that may still be placed: a page may place each unit many times */
} OfdKept;

void ofd_kept_init(OfdKept *kept);
void ofd_kept_clear(OfdKept *kept);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(OfdKept, ofd_kept_clear)
/* Takes the glyphs and leaves *glyphs empty. FALSE: no room, nothing taken. */
gboolean ofd_kept_add(OfdKept *kept, GHashTable *table, const char *id, GArray **glyphs);
/* Appends those of `id` through `matrix` (NULL: as they are), from object number *objects + 1 on; *fresh: never shown
 * before. FALSE: there are none, or too many were placed. */
gboolean ofd_kept_place(OfdKept *kept, GHashTable *table, const char *id, const Matrix *matrix, GArray *glyphs,
                        guint *objects, gboolean *fresh);
/* Tells what was never shown: templates as hidden, units as text boxes; forgets all. */
void ofd_kept_rest(OfdKept *kept, Story *story);
