/* ppt_order - from the user's atom to the edits, their directories, and the list of slides in the document. Numbers of
 * sections are those of [MS-PPT]. */
#include "config.h"
#include "ppt_order.h"

#define EDITS_MAX 1000
#define OBJECTS_MAX 100000
#define TOKEN_ENCRYPTED 0xF3D1C4DF

enum {
    DOCUMENT = 0x03E8,
    SLIDE_LIST = 0x0FF0,
    SLIDE_PLACE = 0x03F3,
    EDIT = 0x0FF5,
    DIRECTORY = 0x1772,
};

gboolean
ppt_next(Bytes body, guint type, gsize *at, ArtRecord *out)
{
    while (art_record(body, *at, out)) {
        *at += out->size;
        if (out->type == type)
            return TRUE;
    }
    return FALSE;
}

/* 2.3.5: numbers of objects and where they lie; of several edits the newest comes first and counts. */
static void
read_directory(Bytes body, GHashTable *places)
{
    for (gsize at = 0; bytes_hold(body, at, 8);) {
        guint32 head = bytes_32(body, at);
        guint first = head & 0xFFFFF, count = head >> 20;
        at += 4;
        for (guint i = 0; i < count && bytes_hold(body, at, 4); i++, at += 4)
            if (!g_hash_table_contains(places, GUINT_TO_POINTER(first + i)) && g_hash_table_size(places) < OBJECTS_MAX)
                g_hash_table_insert(places, GUINT_TO_POINTER(first + i),
                                    GSIZE_TO_POINTER((gsize)bytes_32(body, at) + 1));
    }
}

static gsize
place_of(GHashTable *places, guint number)
{
    return GPOINTER_TO_SIZE(g_hash_table_lookup(places, GUINT_TO_POINTER(number)));
}

/* 2.4.14.3 SlideListWithText of slides (instance 0). */
static void
read_slide_list(PptOrder *order, Bytes stream, GHashTable *places)
{
    ArtRecord document, list, slide;
    gsize at = 0;
    if (!art_record(stream, order->document, &document) || document.type != DOCUMENT)
        return;
    order->known = TRUE;
    while (ppt_next(document.body, SLIDE_LIST, &at, &list)) {
        guint number = 0;
        for (gsize inside = 0; list.instance == 0 && ppt_next(list.body, SLIDE_PLACE, &inside, &slide);) {
            gsize place = place_of(places, bytes_32(slide.body, 0));
            number++;
            g_array_append_val(order->places, place);
            if (place != 0)
                g_hash_table_insert(order->slides, GSIZE_TO_POINTER(place), GUINT_TO_POINTER(number));
        }
    }
}

void
ppt_order_read(PptOrder *order, Bytes stream, Bytes user)
{
    g_autoptr(GHashTable) places = g_hash_table_new(NULL, NULL);
    GHashTableIter iter;
    gpointer place;
    ArtRecord edit, directory;
    gsize at = bytes_32(user, 16); /* 2.3.2 CurrentUserAtom */
    guint document = 0;
    *order = (PptOrder){.slides = g_hash_table_new(NULL, NULL), .live = g_hash_table_new(NULL, NULL)};
    order->places = g_array_new(FALSE, FALSE, sizeof(gsize));
    order->encrypted = bytes_32(user, 12) == TOKEN_ENCRYPTED;
    for (guint turns = 0; turns < EDITS_MAX && art_record(stream, at, &edit) && edit.type == EDIT; turns++) {
        /* 2.3.3 UserEditAtom */
        gsize before = bytes_32(edit.body, 8);
        if (art_record(stream, bytes_32(edit.body, 12), &directory) && directory.type == DIRECTORY)
            read_directory(directory.body, places);
        if (turns == 0)
            document = bytes_32(edit.body, 16);
        if (edit.body.length >= 32) /* encryptSessionPersistIdRef */
            order->encrypted = TRUE;
        if (before == 0 || before >= at)
            break;
        at = before;
    }
    if (place_of(places, document) == 0)
        return;
    order->document = place_of(places, document) - 1;
    read_slide_list(order, stream, places);
    g_hash_table_iter_init(&iter, places);
    while (g_hash_table_iter_next(&iter, NULL, &place))
        g_hash_table_add(order->live, place);
}

void
ppt_order_clear(PptOrder *order)
{
    g_hash_table_unref(order->slides);
    g_hash_table_unref(order->live);
    g_array_unref(order->places);
}
