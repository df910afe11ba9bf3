/* Overlap is text, not bytes of the letter, so that it is right whatever decoding or markup the text came from. */
#include "config.h"
#include "outlet.h"
#include <string.h>

struct Outlet {
    OutletPlace place;
    const char *charset;
    gboolean declared;
    GString *text;
    gsize repeated; /* bytes at the start that were handed on before */
    guint line;     /* of the first byte of text */
    gboolean continued, stopped;
    GArray *faces; /* Face, of the text in hand; NULL until one is told */
};

Outlet *
outlet_new(const OutletPlace *place)
{
    Outlet *outlet = g_new0(Outlet, 1);
    outlet->place = *place;
    outlet->text = g_string_new(NULL);
    outlet->line = MAX(place->line, 1);
    outlet->continued = place->line > 1;
    return outlet;
}

void
outlet_free(Outlet *outlet)
{
    if (outlet == NULL)
        return;
    g_string_free(outlet->text, TRUE);
    if (outlet->faces != NULL)
        g_array_unref(outlet->faces);
    g_free(outlet);
}

void
outlet_charset(Outlet *outlet, const char *charset, gboolean declared)
{
    outlet->charset = charset;
    outlet->declared = declared;
}

void
outlet_look(Outlet *outlet, guint look)
{
    outlet->place.look |= look;
}

void
outlet_face(Outlet *outlet, guint size, guint32 colour)
{
    Face face = {(guint32)outlet->text->len, size, colour};
    if (outlet->faces == NULL && size == 0 && colour == FACE_NO_COLOUR)
        return; /* most formats never tell */
    if (outlet->faces == NULL) {
        const Face unknown = {0, 0, FACE_NO_COLOUR};
        outlet->faces = g_array_new(FALSE, FALSE, sizeof(Face));
        g_array_append_val(outlet->faces, unknown);
    }
    Face *last = &g_array_index(outlet->faces, Face, outlet->faces->len - 1);
    if (outlet->faces->len >= FACES_MAX)
        face.size = 0, face.colour = FACE_NO_COLOUR;
    if (last->size == face.size && last->colour == face.colour)
        return;
    if (last->from == face.from || outlet->faces->len >= FACES_MAX)
        *last = (Face){last->from, face.size, face.colour};
    else
        g_array_append_val(outlet->faces, face);
}

/* The first `erased` bytes of the text are gone. */
static void
faces_move(Outlet *outlet, gsize erased)
{
    guint first = 0;
    if (outlet->faces == NULL)
        return;
    while (first + 1 < outlet->faces->len && g_array_index(outlet->faces, Face, first + 1).from <= erased)
        first++;
    g_array_remove_range(outlet->faces, 0, first);
    for (guint i = 0; i < outlet->faces->len; i++) {
        Face *face = &g_array_index(outlet->faces, Face, i);
        face->from -= (guint32)MIN(face->from, erased);
    }
}

static gsize
character_start(const char *text, gsize at)
{
    while (at > 0 && ((guchar)text[at] & 0xC0) == 0x80)
        at--;
    return at;
}

static gsize
count_lines(const char *text, gsize length)
{
    gsize lines = 0;
    const char *end = text + length;
    while ((text = memchr(text, '\n', (gsize)(end - text))) != NULL) {
        lines++;
        text++;
    }
    return lines;
}

/* Length of text[0, to) without a last character that is not whole yet. */
static gsize
whole_characters(const char *text, gsize to)
{
    gsize start = to == 0 ? 0 : character_start(text, to - 1);
    guchar lead = to == 0 ? 0 : (guchar)text[start];
    gsize wanted = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    return start + wanted > to ? start : to;
}

/* Where to cut: after a newline in the last quarter, else between characters. */
static gsize
cut_at(const char *text, gsize from, gsize to)
{
    const char *newline = memrchr(text + to - (to - from) / 4, '\n', (to - from) / 4);
    return newline != NULL ? (gsize)(newline + 1 - text) : whole_characters(text, to);
}

static gboolean
hand_on(Outlet *outlet, gsize length, gboolean continues)
{
    Segment segment = {
        .place = {outlet->place.kind, outlet->place.name, outlet->place.page, outlet->line, outlet->continued,
                  outlet->place.head, outlet->place.ocr, outlet->place.look},
        .part = outlet->place.part,
        .charset = outlet->charset,
        .declared = outlet->declared,
        .text = outlet->text->str,
        .length = length,
        .faces = outlet->faces == NULL ? NULL : (const Face *)(const void *)outlet->faces->data,
        .face_count = outlet->faces == NULL ? 0 : outlet->faces->len,
        .stream = outlet,
        .repeated = outlet->repeated,
        .continues = continues,
    };
    char after = outlet->text->str[length]; /* readers may want the NUL */
    outlet->text->str[length] = '\0';
    outlet->stopped = !outlet->place.sink(&segment, outlet->place.user);
    outlet->text->str[length] = after;
    return !outlet->stopped;
}

static gboolean
emit(Outlet *outlet, gsize length, gboolean continues)
{
    if (!hand_on(outlet, length, continues))
        return FALSE;
    gsize keep = length <= SEGMENT_OVERLAP ? 0 : character_start(outlet->text->str, length - SEGMENT_OVERLAP);
    const char *newline = memchr(outlet->text->str + keep, '\n', length - keep);
    if (keep > 0 && newline != NULL && (gsize)(newline + 1 - outlet->text->str) < length)
        keep = (gsize)(newline + 1 - outlet->text->str);
    outlet->line += (guint)count_lines(outlet->text->str, keep);
    g_string_erase(outlet->text, 0, (gssize)keep);
    faces_move(outlet, keep);
    outlet->repeated = length - keep;
    outlet->continued = TRUE;
    return TRUE;
}

gboolean
outlet_push(Outlet *outlet, const char *text, gsize length)
{
    while (length > 0 && !outlet->stopped) {
        gsize room = outlet->repeated + OUTLET_SIZE - outlet->text->len;
        gsize take = MIN(room, length);
        /* Only when more waits, so that a segment that says it continues does. */
        if (room == 0) {
            emit(outlet, cut_at(outlet->text->str, outlet->repeated, outlet->text->len), TRUE);
            continue;
        }
        g_string_append_len(outlet->text, text, (gssize)take);
        text += take;
        length -= take;
    }
    return !outlet->stopped;
}

gboolean
outlet_flush(Outlet *outlet)
{
    if (outlet->stopped || outlet->text->len <= outlet->repeated)
        return !outlet->stopped;
    return emit(outlet, outlet->text->len, FALSE);
}

gboolean
outlet_one(const OutletPlace *place, const char *charset, gboolean declared, const char *text, gsize length)
{
    g_autoptr(Outlet) outlet = outlet_new(place);
    outlet_charset(outlet, charset, declared);
    return outlet_push(outlet, text, length) && outlet_flush(outlet);
}
