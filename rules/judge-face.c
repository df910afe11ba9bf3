/* judge-face - sizes and colours of a segment, weighed by how much text has them. */
#include "config.h"
#include "judge-face.h"
#include <string.h>

#define SIZES_MAX 64      /* different ones that are counted */
#define RED_HEAD_SIZE 200 /* tenths of a point; text has 160, a title 220 (GB/T 9704-2012 7.3.1, 7.2.4) */
#define RED_HEAD_BYTES 12 /* four Han characters: a shorter one names nobody */
#define RED_HEAD_FAR 4096 /* bytes */

static gboolean
is_red(const Face *face)
{
    guint red = face->colour >> 16 & 0xff, green = face->colour >> 8 & 0xff, blue = face->colour & 0xff;
    return face->colour <= 0xffffff && red >= 0xB0 && green <= 0x50 && blue <= 0x50;
}

static gsize
face_end(const Segment *segment, guint index)
{
    gsize end = index + 1 < segment->face_count ? segment->faces[index + 1].from : segment->length;
    return MIN(end, segment->length);
}

typedef struct {
    guint32 size;
    gsize bytes;
} SizeCount;

static void
count_size(SizeCount *counts, guint *count, guint32 size, gsize bytes)
{
    guint i = 0;
    while (i < *count && counts[i].size != size)
        i++;
    if (i == *count && *count < SIZES_MAX)
        counts[(*count)++] = (SizeCount){size, 0};
    if (i < SIZES_MAX)
        counts[i].bytes += bytes;
}

/* Neighbouring runs of one look are one: a head is often set character by character. */
static void
head_survey(Faces *faces, const Segment *segment, guint index, gsize end)
{
    const Face *face = &segment->faces[index];
    if (!is_red(face) || face->size < RED_HEAD_SIZE || faces->head_to - faces->head_from >= RED_HEAD_BYTES)
        return;
    if (faces->head_to != face->from)
        faces->head_from = face->from;
    faces->head_to = end;
}

void
faces_survey(Faces *faces, const Segment *segment)
{
    SizeCount counts[SIZES_MAX];
    guint count = 0;
    gsize red = 0, most = 0;
    *faces = (Faces){0};
    for (guint i = 0; i < segment->face_count; i++) {
        gsize end = face_end(segment, i), from = segment->faces[i].from;
        if (from >= end)
            continue;
        if (segment->faces[i].size > 0)
            count_size(counts, &count, segment->faces[i].size, end - from);
        red += is_red(&segment->faces[i]) ? end - from : 0;
        head_survey(faces, segment, i, end);
    }
    for (guint i = 0; i < count; i++)
        if (counts[i].bytes > most) {
            most = counts[i].bytes;
            faces->size = counts[i].size;
        }
    faces->red = red > segment->length / 2;
    if (faces->red || faces->head_to - faces->head_from < RED_HEAD_BYTES)
        faces->head_from = faces->head_to = 0;
}

static const Face *
face_at(const Segment *segment, gsize at)
{
    guint low = 0, high = segment->face_count;
    while (high - low > 1) {
        guint middle = low + (high - low) / 2;
        if (segment->faces[middle].from <= at)
            low = middle;
        else
            high = middle;
    }
    return &segment->faces[low];
}

gboolean
face_is_prominent(const Faces *faces, const Segment *segment, gsize at)
{
    if (segment->face_count == 0)
        return FALSE;
    const Face *face = face_at(segment, at);
    gboolean larger = faces->size > 0 && (guint64)face->size * 8 >= (guint64)faces->size * 9;
    return larger || (!faces->red && is_red(face));
}

gboolean
face_has_red_head(const Faces *faces, const Segment *segment, gsize at, guint lines)
{
    if (faces->head_from == faces->head_to)
        return FALSE;
    gsize from = MIN(at, faces->head_to), to = at < faces->head_from ? faces->head_from : at;
    if (to - from > RED_HEAD_FAR || to > segment->length)
        return FALSE;
    for (const char *p = segment->text + from; (p = memchr(p, '\n', (gsize)(segment->text + to - p))) != NULL; p++)
        if (lines-- == 0)
            return FALSE;
    return TRUE;
}
