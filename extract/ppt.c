/* ppt - one walk over the stream; which container a text lies in tells its place. Numbers of sections are those of
 * [MS-PPT]. */
#include "config.h"
#include "ppt.h"
#include "decode.h"
#include "inflate.h"
#include "ppt_order.h"
#include "story.h"
#include <string.h>

#define OBJECT_MAX (64 * 1024 * 1024)

enum { /* 2.13.24 */
       DOCUMENT = 0x03E8,
       SLIDE = 0x03EE,
       NOTES = 0x03F0,
       MASTER = 0x03F8,
       SLIDE_SHOW = 0x03F9,
       SLIDE_PLACE = 0x03F3,
       LIST = 0x0FF0,
       TEXT_WIDE = 0x0FA0,
       TEXT_NARROW = 0x0FA8,
       STRING = 0x0FBA,
       HANDOUT = 0x0FC9,
       HEADERS = 0x0FD9,
       OBJECT = 0x1011,
       TAG_DATA = 0x138B, /* 2.11.23: records of later versions, though it does not say that it holds any */
       COMMENT = 0x2EE0,
       CRYPT = 0x2F14,
       ART_GROUP = 0xF000,
       ART_PROPERTIES = 0xF00B,
       ART_SECONDARY = 0xF121,
       ART_TERTIARY = 0xF122,
};
#define HIDDEN 0x0004 /* 2.6.6 SlideShowSlideInfoAtom */

typedef struct {
    Sink *sink;
    guint part;
    Bytes stream;
    Covered *covered;
    PptOrder order;
    Story story;
    GHashTable *said; /* a set: texts told, so that what older saves left is told only where it differs */
    gboolean old;     /* such a remainder is read */
    gboolean hidden;  /* a hidden slide */
    gboolean damaged;
} Ppt;

typedef struct {
    PlaceKind place;
    guint container; /* the type of the innermost one that tells a place */
} Inside;

static void
covered(const Ppt *ppt, Bytes body)
{
    covered_add(ppt->covered, (gsize)(body.data - ppt->stream.data), body.length);
}

static void
say(Ppt *ppt, PlaceKind place, const char *text)
{
    gboolean fresh = g_hash_table_add(ppt->said, g_strdup(text));
    if (ppt->old && !fresh)
        return;
    if (ppt->old || (ppt->hidden && place == PLACE_BODY))
        place = PLACE_HIDDEN;
    g_auto(GStrv) lines = g_strsplit_set(text, "\r\v\n", -1);
    for (guint i = 0; lines[i] != NULL; i++)
        if (lines[i][0] != '\0') {
            story_say(&ppt->story, place, lines[i], -1);
            story_line(&ppt->story, place);
        }
}

static void
on_text(Ppt *ppt, const ArtRecord *record, PlaceKind place)
{
    Decoding *decoding =
        decode_as(record->body.data, record->body.length, record->type == TEXT_NARROW ? "ISO-8859-1" : "UTF-16LE");
    if (record->body.length > 0)
        say(ppt, place, decoding->text);
    decoding_free(decoding);
    covered(ppt, record->body);
}

static PlaceKind
place_of_string(const Inside *inside, guint instance)
{
    if (inside->container == HEADERS) /* 2.4.15.2: date, header, footer */
        return instance == 2 ? PLACE_PAGE_FOOTER : PLACE_PAGE_HEADER;
    if (inside->container == COMMENT) /* 2.5.23: author, text, initials */
        return instance == 1 ? PLACE_ANNOTATION : PLACE_ATTRIBUTE;
    return PLACE_ATTRIBUTE;
}

/* 2.10.34 ExOleObjStg: a compound file, packed if the instance is 1. */
static void
on_object(Ppt *ppt, const ArtRecord *record)
{
    gboolean whole = TRUE;
    g_autoptr(GBytes) clear = NULL;
    covered(ppt, record->body);
    if (record->instance == 1)
        clear = inflate_zlib(bytes_part(record->body, 4, record->body.length), OBJECT_MAX, ppt->sink, &whole);
    else if (sink_spend(ppt->sink, (gint64)record->body.length))
        clear = g_bytes_new(record->body.data, record->body.length);
    if (!whole)
        ppt->damaged = TRUE;
    if (clear == NULL)
        return;
    g_autoptr(Source) source = source_of_bytes(clear);
    sink_object(ppt->sink, ppt->part, "", 0, source);
}

static Inside
enter(const Inside *inside, const ArtRecord *record)
{
    Inside next = *inside;
    switch (record->type) {
    case DOCUMENT:
    case SLIDE:
        next.place = PLACE_BODY;
        break;
    case NOTES:
        next.place = PLACE_NOTE;
        break;
    case MASTER:
    case HANDOUT:
        next.place = PLACE_PAGE_HEADER;
        break;
    case LIST:
        next.place = record->instance == 1 ? PLACE_PAGE_HEADER : (record->instance == 2 ? PLACE_NOTE : PLACE_BODY);
        break;
    case HEADERS:
    case COMMENT:
        break;
    default:
        return next;
    }
    next.container = record->type;
    return next;
}

static gboolean
is_hidden(const ArtRecord *slide)
{
    ArtRecord show;
    gsize at = 0;
    return slide->type == SLIDE && ppt_next(slide->body, SLIDE_SHOW, &at, &show) &&
           (bytes_16(show.body, 10) & HIDDEN) != 0;
}

/* 2.4.14.3: the texts of the slide whose turn it is come behind this. */
static void
on_slide_place(Ppt *ppt)
{
    ArtRecord slide;
    guint number = MIN(ppt->story.page + 1, WIRE_PARTS_MAX);
    gsize place = number <= ppt->order.places->len ? g_array_index(ppt->order.places, gsize, number - 1) : 0;
    ppt->story.page = number;
    ppt->story.head = number == 1;
    ppt->hidden = place > 0 && art_record(ppt->stream, place - 1, &slide) && is_hidden(&slide);
}

/* Drawings keep their pictures and the names of shapes in records of [MS-ODRAW]. */
static void
on_art(Ppt *ppt, const ArtRecord *record)
{
    Art art = {.sink = ppt->sink,
               .part = ppt->part,
               .page = ppt->story.page,
               .start = ppt->stream.data,
               .covered = ppt->covered};
    art_read(&art, (Bytes){record->body.data - 8, record->body.length + 8});
}

static void
on_atom(Ppt *ppt, const ArtRecord *record, const Inside *inside)
{
    switch (record->type) {
    case TEXT_WIDE:
    case TEXT_NARROW:
        on_text(ppt, record, inside->place);
        break;
    case STRING:
        on_text(ppt, record, place_of_string(inside, record->instance));
        break;
    case OBJECT:
        on_object(ppt, record);
        break;
    case SLIDE_PLACE:
        if (inside->container == LIST && inside->place == PLACE_BODY)
            on_slide_place(ppt);
        break;
    case ART_PROPERTIES:
    case ART_SECONDARY:
    case ART_TERTIARY:
        on_art(ppt, record);
        break;
    default:
        break;
    }
}

static void
walk(Ppt *ppt, Bytes body, const Inside *inside, guint depth)
{
    ArtRecord record;
    for (gsize at = 0; !sink_stopped(ppt->sink) && art_record(body, at, &record); at += record.size) {
        ppt->damaged |= record.body.length + 8 < record.size;
        if (record.type == ART_GROUP)
            on_art(ppt, &record);
        else if (record.version != 0xF && record.type != TAG_DATA)
            on_atom(ppt, &record, inside);
        else if (depth < ART_DEPTH_MAX) {
            Inside next = enter(inside, &record);
            walk(ppt, record.body, &next, depth + 1);
        } else
            ppt->damaged = TRUE;
        if (record.type == LIST) {
            ppt->hidden = FALSE;
            ppt->story.head = FALSE;
            ppt->story.page = 0;
        }
    }
}

/* One record of the stream with all that is in it. */
static void
tell_top(Ppt *ppt, gsize at, const ArtRecord *record)
{
    Inside inside = {PLACE_BODY, 0};
    guint page = GPOINTER_TO_UINT(g_hash_table_lookup(ppt->order.slides, GSIZE_TO_POINTER(at + 1)));
    story_begin(&ppt->story, ppt->sink, ppt->part, NULL, record->type == SLIDE ? MIN(page, WIRE_PARTS_MAX) : 0);
    ppt->story.head = record->type == SLIDE && page == 1;
    ppt->hidden = is_hidden(record);
    walk(ppt, (Bytes){record->body.data - 8, record->body.length + 8}, &inside, 0);
}

/* What counts first, what older saves left behind then. */
static void
tell_stream(Ppt *ppt)
{
    for (guint turn = 0; turn < 2; turn++) {
        ArtRecord record;
        ppt->old = turn == 1;
        for (gsize at = 0; !sink_stopped(ppt->sink) && art_record(ppt->stream, at, &record); at += record.size) {
            gboolean counts = !ppt->order.known || g_hash_table_contains(ppt->order.live, GSIZE_TO_POINTER(at + 1));
            if (counts != ppt->old)
                tell_top(ppt, at, &record);
            if (record.type == CRYPT)
                ppt->order.encrypted = TRUE;
            ppt->damaged |= record.body.length + 8 < record.size;
        }
    }
}

static void
tell_pictures(Ppt *ppt, Ole *ole, guint storage)
{
    g_autoptr(GBytes) block = ole_read(ole, ole_find_stream(ole, storage, "Pictures"));
    g_autoptr(Covered) told = covered_new();
    Art art = {.sink = ppt->sink, .part = ppt->part, .covered = told};
    Bytes pictures = bytes_of(block);
    art_read(&art, pictures);
    runs_tell(pictures, told, ppt->sink, ppt->part, "Pictures");
}

gboolean
ppt_run(Ole *ole, guint storage, Sink *sink, guint part)
{
    g_autoptr(GBytes) user = ole_read(ole, ole_find_stream(ole, storage, "Current User"));
    g_autoptr(GBytes) block = ole_read(ole, ole_find_stream(ole, storage, "PowerPoint Document"));
    Ppt ppt = {.sink = sink, .part = part, .stream = bytes_of(block)};
    ppt.covered = covered_new();
    ppt.said = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    ppt_order_read(&ppt.order, ppt.stream, bytes_of(user));
    if (!ppt.order.encrypted) {
        tell_stream(&ppt);
        tell_pictures(&ppt, ole, storage);
        runs_tell(ppt.stream, ppt.covered, sink, part, "PowerPoint Document");
    }
    if (ppt.order.encrypted) {
        sink_cover(sink, part, COVERAGE_UNREADABLE, WHY_ENCRYPTED);
        ole_take(ole, ole_find(ole, storage, "Pictures"));
    }
    gboolean good = !ppt.damaged && (ppt.order.known || ppt.order.encrypted);
    ppt_order_clear(&ppt.order);
    g_hash_table_unref(ppt.said);
    covered_free(ppt.covered);
    return good;
}
