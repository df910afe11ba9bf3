/* A reader may have been taken over by its document: each number is one that was announced, each budget is counted here
 * as well, and frames that bring nothing are few. */
#include "config.h"
#include "extract_take.h"
#include "content.h"
#include "detect.h"
#include "errors.h"
#include "label.h"
#include "log.h"
#include "outlet.h"
#include "spool_stream.h"
#include "structure.h"
#include "wire_extract.h"
#include <string.h>

#define STREAMS_MAX 32   /* open at once; the oldest is ended for another */
#define LOOKS_MAX 1000   /* pages of which the look is remembered */
#define IDLE_FRAMES 1000 /* frames that bring nothing, and some more for each part */

typedef struct {
    guint index;    /* in the letter's list of parts */
    guint depth;    /* levels below the attachment */
    guint children; /* announced so far */
    gboolean has_content, covered;
    gint64 from, to; /* of its content in the spool */
} Member;

typedef struct {
    OutletPlace place;
    Outlet *outlet;
    gboolean newline; /* what came last ends a line */
    guint lines;      /* ended so far */
} TextStream;

struct Take {
    TakePlan plan;
    GArray *members;    /* Member; 0 is the attachment itself */
    GPtrArray *streams; /* TextStream, the one used last at the end */
    GHashTable *looks;  /* page_key() to PageLook bits */
    guint idle;
    Spool *spool;     /* the content of all members, one after the other: one descriptor, however many they are */
    gboolean no_room; /* for more of it */
    guint filling;    /* number of the member whose content comes; 0 none */
    gint64 bytes;     /* of content, so far */
    gint64 unpacked;  /* as the reader says at its end; -1: it did not */
};

/* --- streams of text -------------------------------------------------------------------------------------------- */

static void
stream_free(gpointer data)
{
    TextStream *stream = data;
    outlet_free(stream->outlet);
    g_free(stream);
}

/* Names come from documents: only those known here are interned, everything else has none. */
static const char *
known_name(const Take *take, PlaceKind place, const char *name)
{
    static const char *const names[] = {"title",    "subject", "creator", "keywords",    "description",
                                        "category", "status",  "company", "manager",     "comments",
                                        "custom",   "author",  "version", "content-type"};
    if (place != PLACE_PROPERTY || *name == '\0')
        return NULL;
    const char *asked = place_names_find(take->plan.names, PLACE_PROPERTY, name);
    if (asked != NULL)
        return asked;
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        if (g_ascii_strcasecmp(names[i], name) == 0)
            return names[i];
    return "custom";
}

static gboolean
is_place(const TextStream *stream, const OutletPlace *place)
{
    return stream->place.part == place->part && stream->place.kind == place->kind &&
           stream->place.name == place->name && stream->place.page == place->page &&
           stream->place.head == place->head && stream->place.ocr == place->ocr;
}

/* On which line a new stream begins: below the header zone of a picture, after it. */
static guint
first_line(const Take *take, const OutletPlace *place)
{
    OutletPlace above = *place;
    above.head = TRUE;
    for (guint i = 0; place->ocr && !place->head && i < take->streams->len; i++) {
        const TextStream *stream = g_ptr_array_index(take->streams, i);
        if (is_place(stream, &above))
            return stream->lines + 1 + !stream->newline;
    }
    return place->line;
}

static gint64
page_key(guint part, guint page)
{
    return (gint64)part << 32 | page;
}

/* The stream of a place, moved to the end of the list. NULL: the sink stopped. */
static TextStream *
stream_for(Take *take, const OutletPlace *place)
{
    for (guint i = take->streams->len; i-- > 0;) {
        TextStream *stream = g_ptr_array_index(take->streams, i);
        if (!is_place(stream, place))
            continue;
        if (i + 1 < take->streams->len) {
            g_ptr_array_steal_index(take->streams, i);
            g_ptr_array_add(take->streams, stream);
        }
        return stream;
    }
    if (take->streams->len >= STREAMS_MAX) {
        const TextStream *oldest = g_ptr_array_index(take->streams, 0);
        if (!outlet_flush(oldest->outlet))
            return NULL;
        g_ptr_array_remove_index(take->streams, 0);
    }
    TextStream *stream = g_new0(TextStream, 1);
    gint64 key = page_key(place->part, place->page);
    stream->place = *place;
    stream->place.line = first_line(take, place);
    stream->place.look = GPOINTER_TO_UINT(g_hash_table_lookup(take->looks, &key));
    stream->outlet = outlet_new(&stream->place);
    stream->newline = TRUE;
    outlet_charset(stream->outlet, g_intern_static_string("UTF-8"), TRUE);
    g_ptr_array_add(take->streams, stream);
    return stream;
}

static gboolean
push(TextStream *stream, const char *text, gsize length)
{
    for (gsize i = 0; i < length && stream->place.ocr; i++)
        stream->lines += text[i] == '\n';
    stream->newline = text[length - 1] == '\n';
    return outlet_push(stream->outlet, text, length);
}

static gboolean
flush_streams(Take *take)
{
    gboolean going = TRUE;
    for (guint i = 0; i < take->streams->len && going; i++)
        going = outlet_flush(((TextStream *)g_ptr_array_index(take->streams, i))->outlet);
    g_ptr_array_set_size(take->streams, 0);
    return going;
}

/* --- members ---------------------------------------------------------------------------------------------------- */

static Member *
member_of(const Take *take, guint number)
{
    return &g_array_index(take->members, Member, number);
}

static Part *
part_of(const Take *take, guint number)
{
    return message_part(take->plan.message, member_of(take, number)->index);
}

/* The corridor recognises what came, and opens a letter inside. */
static void
open_member(Take *take, const Member *member, GMimeStream *stream)
{
    Part *part = message_part(take->plan.message, member->index);
    g_autoptr(GError) error = NULL;
    if (stream == NULL) {
        part_cover(part, COVERAGE_PARTIAL, WHY_OVER_BUDGET);
        return;
    }
    part->content = g_mime_stream_substream(stream, member->from, member->to);
    Opening opening = {.message = take->plan.message,
                       .settings = take->plan.settings,
                       .source = part->content,
                       .parent = part->index,
                       .level = 1};
    if (structure_leaf(&opening, part, &error))
        return;
    log_warn("document reader: %s", error->message);
    part_cover(part, COVERAGE_UNREADABLE, WHY_READER_FAILED);
}

static void
open_members(Take *take)
{
    g_autoptr(GMimeStream) stream = NULL;
    if (take->spool != NULL)
        stream = content_kept(take->plan.message, g_steal_pointer(&take->spool));
    for (guint i = 1; i < take->members->len; i++)
        if (member_of(take, i)->has_content)
            open_member(take, member_of(take, i), stream);
}

static TakeResult
lie(GError **error, const char *what)
{
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_PROTOCOL, "disbelieved a document reader: %s", what);
    return TAKE_LIE;
}

static gboolean
is_announced(const Take *take, guint number)
{
    return number < take->members->len;
}

/* Frames that bring nothing cost time and no budget. */
static TakeResult
brings_nothing(Take *take, GError **error)
{
    return ++take->idle > IDLE_FRAMES + 4 * take->members->len ? lie(error, "it says nothing, over and over") : TAKE_ON;
}

static TakeResult
take_part(Take *take, const Frame *frame, GError **error)
{
    WirePart said;
    if (!wire_take_part(frame, &said, error))
        return TAKE_LIE;
    if (said.number != take->members->len || !is_announced(take, said.parent))
        return lie(error, "a part is out of order");
    if (*said.type != '\0' && !detect_is_known(said.type))
        return lie(error, "a type that there is not"); /* it would stand in the record */
    Message *message = take->plan.message;
    Member *parent = member_of(take, said.parent);
    if (take->plan.parts_left == 0 || parent->depth >= take->plan.depth_left) {
        message->oddities |= take->plan.parts_left == 0 ? ODD_PARTS : ODD_DEPTH;
        return TAKE_OVER;
    }
    take->plan.parts_left--;
    g_autofree char *number = g_strdup_printf("%u", ++parent->children);
    Part *part = structure_add(message, PART_LEAF, parent->index, number);
    const Member member = {.index = part->index, .depth = parent->depth + 1};
    g_array_append_val(take->members, member);
    part->is_unpacked = part->is_attachment = TRUE;
    g_free(part->type);
    part->type = g_strdup("application/octet-stream");
    part->detected = *said.type == '\0' ? NULL : g_strdup(said.type);
    structure_name(message, part, *said.name == '\0' ? NULL : said.name);
    return TAKE_ON;
}

/* A property that is a label by its name is told as one, too; and what a reader says is one. */
static gboolean
tell_label(Take *take, const WireText *said)
{
    const char *kind = said->place == PLACE_LABEL      ? label_kind(said->name)
                       : said->place == PLACE_PROPERTY ? label_of_property(said->name)
                                                       : NULL;
    if (kind == NULL)
        return TRUE;
    OutletPlace place = {.sink = take->plan.sink,
                         .user = take->plan.user,
                         .part = part_of(take, said->part)->index,
                         .kind = PLACE_LABEL,
                         .name = kind};
    g_autofree char *text = label_text(said->text, said->length);
    return *text == '\0' || outlet_one(&place, g_intern_static_string("UTF-8"), TRUE, text, strlen(text));
}

static TakeResult
take_text(Take *take, const Frame *frame, GError **error)
{
    WireText said;
    if (!wire_take_text(frame, &said, error))
        return TAKE_LIE;
    if (!is_announced(take, said.part))
        return lie(error, "text of a part that there is not");
    if (said.length == 0)
        return brings_nothing(take, error);
    if (*take->plan.text_left < (gint64)said.length)
        return TAKE_OVER;
    *take->plan.text_left -= (gint64)said.length;
    take->plan.message->text_bytes += (gint64)said.length;
    if (!tell_label(take, &said))
        return TAKE_STOPPED;
    if (said.place == PLACE_LABEL)
        return TAKE_ON;
    const OutletPlace place = {
        .sink = take->plan.sink,
        .user = take->plan.user,
        .part = part_of(take, said.part)->index,
        .kind = said.place,
        .name = known_name(take, said.place, said.name),
        .page = said.page,
        .head = said.head && (said.place != PLACE_BODY || said.ocr), /* a body of text has its first lines */
        .ocr = said.ocr,
    };
    TextStream *stream = stream_for(take, &place);
    if (stream == NULL)
        return TAKE_STOPPED;
    if (!said.goes_on && !stream->newline && !push(stream, "\n", 1))
        return TAKE_STOPPED;
    outlet_face(stream->outlet, said.size, said.colour);
    return push(stream, said.text, said.length) ? TAKE_ON : TAKE_STOPPED;
}

/* The first content of a member ends that of the one before. */
static void
begin_content(Take *take, guint number)
{
    if (take->spool == NULL && !take->no_room)
        take->spool = content_room(take->plan.message, take->plan.settings);
    take->no_room |= take->spool == NULL;
    take->filling = number;
    Member *member = member_of(take, number);
    member->has_content = TRUE;
    member->from = member->to = take->spool == NULL ? 0 : spool_length(take->spool);
}

/* Over its size, or where there is no room, what came of a member is kept and the rest dropped. */
static void
keep_content(Take *take, Member *member, const WireBytes *said)
{
    gboolean fits = member->to - member->from + (gint64)said->length <= take->plan.settings->max_part_bytes;
    if (fits && !take->no_room && spool_write(take->spool, said->bytes, said->length, NULL)) {
        member->to += (gint64)said->length;
        return;
    }
    take->no_room |= fits;
    part_cover(message_part(take->plan.message, member->index), COVERAGE_PARTIAL, WHY_OVER_BUDGET);
}

static TakeResult
take_bytes(Take *take, const Frame *frame, GError **error)
{
    WireBytes said;
    if (!wire_take_bytes(frame, &said, error))
        return TAKE_LIE;
    if (said.part == 0 || !is_announced(take, said.part))
        return lie(error, "content of a part that there is not");
    if (said.part != take->filling) {
        if (member_of(take, said.part)->has_content)
            return lie(error, "more content of a part that was ended");
        begin_content(take, said.part);
    }
    if (said.length == 0)
        return brings_nothing(take, error);
    if (take->plan.max_bytes - take->bytes < (gint64)said.length)
        return TAKE_OVER;
    take->bytes += (gint64)said.length;
    keep_content(take, member_of(take, said.part), &said);
    return TAKE_ON;
}

static TakeResult
take_cover(Take *take, const Frame *frame, GError **error)
{
    WireCover said;
    if (!wire_take_cover(frame, &said, error))
        return TAKE_LIE;
    if (!is_announced(take, said.part))
        return lie(error, "coverage of a part that there is not");
    part_cover(part_of(take, said.part), said.coverage, said.why);
    member_of(take, said.part)->covered = TRUE;
    return brings_nothing(take, error);
}

/* What is known of a page goes to its text, as far as that was not handed on. */
static TakeResult
take_look(Take *take, const Frame *frame, GError **error)
{
    WireLook said;
    if (!wire_take_look(frame, &said, error))
        return TAKE_LIE;
    if (!is_announced(take, said.part))
        return lie(error, "the look of a part that there is not");
    Part *part = part_of(take, said.part);
    part->look |= said.look;
    gint64 key = page_key(part->index, said.page);
    guint look = said.look | GPOINTER_TO_UINT(g_hash_table_lookup(take->looks, &key));
    if (g_hash_table_size(take->looks) < LOOKS_MAX || g_hash_table_contains(take->looks, &key))
        g_hash_table_insert(take->looks, g_memdup2(&key, sizeof key), GUINT_TO_POINTER(look));
    for (guint i = 0; i < take->streams->len; i++) {
        const TextStream *stream = g_ptr_array_index(take->streams, i);
        if (stream->place.part == part->index && stream->place.page == said.page)
            outlet_look(stream->outlet, said.look);
    }
    return brings_nothing(take, error);
}

static TakeResult
take_end(Take *take, const Frame *frame, GError **error)
{
    gint64 unpacked;
    if (!wire_take_end(frame, &unpacked, error))
        return TAKE_LIE;
    if (unpacked > take->plan.max_bytes)
        return lie(error, "it unpacked more than it may");
    take->unpacked = MAX(unpacked, take->bytes);
    return TAKE_END;
}

/* --- the answer ------------------------------------------------------------------------------------------------- */

Take *
take_new(const TakePlan *plan)
{
    Take *take = g_new0(Take, 1);
    const Member attachment = {.index = plan->part};
    take->plan = *plan;
    take->unpacked = -1;
    take->members = g_array_new(FALSE, FALSE, sizeof(Member));
    g_array_append_val(take->members, attachment);
    take->streams = g_ptr_array_new_with_free_func(stream_free);
    take->looks = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    return take;
}

gboolean
take_finish(Take *take, CoverageWhy why)
{
    for (guint i = 1; i < take->members->len && why != WHY_NONE; i++)
        if (i == take->filling || !member_of(take, i)->covered)
            part_cover(part_of(take, i), COVERAGE_PARTIAL, why);
    *take->plan.spent += take->unpacked < 0 ? take->plan.max_bytes : take->unpacked;
    open_members(take);
    gboolean going = flush_streams(take);
    g_ptr_array_unref(take->streams);
    g_array_unref(take->members);
    g_hash_table_unref(take->looks);
    g_free(take);
    return going;
}

TakeResult
take_frame(Take *take, const Frame *frame, GError **error)
{
    if (frame->fd_count > 0)
        return lie(error, "it sent a descriptor");
    switch (frame->type) {
    case WIRE_EXTRACT_PART:
        return take_part(take, frame, error);
    case WIRE_EXTRACT_TEXT:
        return take_text(take, frame, error);
    case WIRE_EXTRACT_BYTES:
        return take_bytes(take, frame, error);
    case WIRE_EXTRACT_COVER:
        return take_cover(take, frame, error);
    case WIRE_EXTRACT_LOOK:
        return take_look(take, frame, error);
    case WIRE_EXTRACT_END:
        return take_end(take, frame, error);
    case WIRE_EXTRACT_OVER:
        return TAKE_OVER;
    default:
        return lie(error, "it speaks like a spawner");
    }
}
