/* ofd_kept - ids are those of one document. */
#include "config.h"
#include "ofd_kept.h"
#include <math.h>

#define HELD_MAX 200000
#define PLACED_MAX 2000000

void
ofd_kept_init(OfdKept *kept)
{
    *kept = (OfdKept){.left = PLACED_MAX};
    kept->templates = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_array_unref);
    kept->units = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_array_unref);
    kept->shown = g_hash_table_new(NULL, NULL);
}

void
ofd_kept_clear(OfdKept *kept)
{
    g_hash_table_unref(kept->templates);
    g_hash_table_unref(kept->units);
    g_hash_table_unref(kept->shown);
}

gboolean
ofd_kept_add(OfdKept *kept, GHashTable *table, const char *id, GArray **glyphs)
{
    if (kept->held + (*glyphs)->len > HELD_MAX || g_hash_table_contains(table, id))
        return FALSE;
    kept->held += (*glyphs)->len;
    g_hash_table_insert(table, g_strdup(id), *glyphs);
    *glyphs = g_array_new(FALSE, FALSE, sizeof(Glyph));
    return TRUE;
}

static void
move(Glyph *glyph, const Matrix *matrix)
{
    double x = glyph->x, y = glyph->y;
    glyph->x = x * matrix->a + y * matrix->c + matrix->e;
    glyph->y = x * matrix->b + y * matrix->d + matrix->f;
    glyph->size = (float)MIN((double)glyph->size * hypot(matrix->c, matrix->d), 10000);
    glyph->width = (float)MIN((double)glyph->width * hypot(matrix->a, matrix->b), 10000);
}

/* Where the runs go once they are turned. */
static void
direct_runs(GArray *glyphs, guint from, const Matrix *matrix)
{
    g_autoptr(GArray) run = g_array_new(FALSE, FALSE, sizeof(Glyph));
    for (guint i = from; i < glyphs->len; i++) {
        const Glyph *glyph = &g_array_index(glyphs, Glyph, i);
        g_array_append_vals(run, glyph, 1);
        if (i + 1 < glyphs->len && g_array_index(glyphs, Glyph, i + 1).object == glyph->object)
            continue;
        glyphs_direct(run, 0, matrix);
        for (guint j = 0; j < run->len; j++) {
            Glyph *placed = &g_array_index(glyphs, Glyph, i + 1 - run->len + j);
            if (placed->kind != GLYPH_HIDDEN)
                placed->kind = g_array_index(run, Glyph, j).kind;
        }
        g_array_set_size(run, 0);
    }
}

gboolean
ofd_kept_place(OfdKept *kept, GHashTable *table, const char *id, const Matrix *matrix, GArray *glyphs, guint *objects,
               gboolean *fresh)
{
    GArray *taken = g_hash_table_lookup(table, id);
    guint from = glyphs->len, base = *objects;
    if (taken == NULL || (gint64)taken->len > kept->left)
        return FALSE;
    kept->left -= (gint64)taken->len + 1; /* an empty one costs too */
    *fresh = g_hash_table_add(kept->shown, taken);
    g_array_append_vals(glyphs, taken->data, taken->len);
    for (guint i = from; i < glyphs->len; i++) {
        Glyph *glyph = &g_array_index(glyphs, Glyph, i);
        glyph->object += base;
        *objects = MAX(*objects, glyph->object);
        if (matrix != NULL)
            move(glyph, matrix);
    }
    if (matrix != NULL && (matrix->b != 0 || matrix->c != 0))
        direct_runs(glyphs, from, matrix);
    return TRUE;
}

static void
tell_rest(const OfdKept *kept, GHashTable *table, PlaceKind place, Story *story)
{
    const GlyphsHow how = {.place = place, .tell_shared = TRUE};
    GHashTableIter iter;
    gpointer glyphs;
    g_hash_table_iter_init(&iter, table);
    while (g_hash_table_iter_next(&iter, NULL, &glyphs))
        if (!g_hash_table_contains(kept->shown, glyphs))
            glyphs_tell(glyphs, story, &how);
    g_hash_table_remove_all(table);
}

void
ofd_kept_rest(OfdKept *kept, Story *story)
{
    tell_rest(kept, kept->templates, PLACE_HIDDEN, story);
    tell_rest(kept, kept->units, PLACE_TEXT_BOX, story);
    g_hash_table_remove_all(kept->shown);
    kept->held = 0;
}
