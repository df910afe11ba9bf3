/* reader_double - a spawner whose readers play what a test says. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "reader_double.h"
#include "letters.h"
#include "spool.h"
#include <glib/gstdio.h>
#include <sys/socket.h>
#include <unistd.h>

Settings *settings;

/* --- the double --------------------------------------------------------------------------------------------------- */

void
say(Double *me, guint32 type, GVariant *body)
{
    frame_send(me->reader, type, body, NULL, 0, clock_monotonic_us() + 10 * SECONDS, NULL);
}

void
say_part(Double *me, guint number, guint parent, const char *name)
{
    const WirePart part = {number, parent, name, "", -1};
    say(me, WIRE_EXTRACT_PART, wire_part(&part));
}

void
say_text(Double *me, guint part, PlaceKind place, const char *string, gboolean goes_on)
{
    const WireText text = {.part = part,
                           .place = place,
                           .name = "",
                           .colour = FACE_NO_COLOUR,
                           .goes_on = goes_on,
                           .text = string,
                           .length = strlen(string)};
    say(me, WIRE_EXTRACT_TEXT, wire_text(&text));
}

void
say_bytes(Double *me, guint part, const char *string)
{
    const WireBytes bytes = {part, (const guint8 *)string, strlen(string)};
    say(me, WIRE_EXTRACT_BYTES, wire_bytes(&bytes));
}

void
say_cover(Double *me, guint part, Coverage coverage, CoverageWhy why)
{
    const WireCover cover = {part, coverage, why};
    say(me, WIRE_EXTRACT_COVER, wire_cover(&cover));
}

void
say_end(Double *me)
{
    say(me, WIRE_EXTRACT_END, wire_end(0));
}

/* Takes the job and remembers its content. */
static gboolean
take_job(Double *me)
{
    g_auto(Frame) frame = {0};
    if (frame_receive(me->reader, wire_reader_types, clock_monotonic_us() + 10 * SECONDS, &frame, NULL) != 1 ||
        !wire_take_job(&frame, &me->job, NULL))
        return FALSE;
    g_free(me->type);
    me->type = g_strdup(me->job.type);
    g_autoptr(SpoolReader) reader = spool_reader_new(frame.fds[0], me->job.key, me->job.length, NULL);
    g_string_set_size(me->content, (gsize)me->job.length);
    return spool_reader_read(reader, 0, me->content->str, (gsize)me->job.length) == me->job.length;
}

static gpointer
double_run(gpointer data)
{
    Double *me = data;
    if (me->listener > 0 && frame_wait(me->listener, clock_monotonic_us() + 10 * SECONDS, NULL) == 1)
        me->socket = accept(me->listener, NULL, NULL);
    for (;;) {
        g_auto(Frame) frame = {0};
        if (frame_receive(me->socket, wire_spawner_types, clock_monotonic_us() + 30 * SECONDS, &frame, NULL) != 1)
            return NULL;
        if (me->none) {
            frame_send(me->socket, WIRE_EXTRACT_NONE, wire_none("the stock is empty"), NULL, 0, -1, NULL);
            continue;
        }
        int pair[2];
        if (!frame_pair(pair, NULL) ||
            !frame_send(me->socket, WIRE_EXTRACT_GIVE, wire_give("1.2.3", ""), &pair[1], 1, -1, NULL))
            return NULL;
        close(pair[1]);
        me->reader = pair[0];
        const guint nth = me->given++; /* before it says anything: who has heard its end may ask for the number */
        if (take_job(me))
            me->play[nth < G_N_ELEMENTS(me->play) && me->play[nth] != NULL ? nth : 0](me);
        close(me->reader);
    }
}

void
double_start(Double *me, int socket)
{
    me->socket = socket;
    me->content = g_string_new(NULL);
    me->thread = g_thread_new("double", double_run, me);
}

void
double_stop(Double *me)
{
    shutdown(me->socket, SHUT_RDWR);
    g_thread_join(me->thread);
    close(me->socket);
    g_string_free(me->content, TRUE);
    g_free(me->type);
}

/* --- the letter --------------------------------------------------------------------------------------------------- */

gboolean
take(const Segment *segment, gpointer user)
{
    Seen *seen = user;
    assert_true(segment->length > 0 && segment->length <= SEGMENT_MAX);
    seen->continued += segment->place.continued;
    seen->longest = MAX(seen->longest, segment->length);
    g_autofree char *more = NULL;
    if (segment->place.ocr)
        more = g_strdup_printf("%s ocr %u", segment->place.head ? " head" : "", segment->place.look);
    g_string_append_printf(seen->text, "<%s%s%s %u:%u%s>%.*s\n", place_word(segment->place.kind),
                           segment->place.name == NULL ? "" : "=",
                           segment->place.name == NULL ? "" : segment->place.name, segment->part, segment->place.line,
                           more == NULL ? "" : more, (int)segment->length, segment->text);
    return ++seen->segments != seen->stop_after;
}

gboolean
part_end(guint part, gpointer user)
{
    return FALSE;
}

char *
letter_with(guint attachments, const char *type)
{
    g_autoptr(GString) letter = g_string_new(LETTER_HEAD "Content-Type: multipart/mixed; boundary=B\n\n");
    g_autofree char *content = g_base64_encode((const guchar *)GZIP, strlen(GZIP));
    for (guint i = 0; i < attachments; i++)
        g_string_append_printf(letter,
                               "--B\nContent-Type: %s\nContent-Transfer-Encoding: base64\n"
                               "Content-Disposition: attachment; filename=file%u.gz\n\n%s\n",
                               type, i + 1, content);
    g_string_append(letter, "--B--\n");
    return g_string_free(g_steal_pointer(&letter), FALSE);
}

void
world_read(World *world, guint attachments, const char *type, gint64 deadline_us)
{
    int pair[2];
    g_autofree char *text = letter_with(attachments, type);
    g_autoptr(GError) error = NULL;
    if (world->extractor == NULL) {
        assert_true(frame_pair(pair, NULL));
        double_start(&world->other, pair[1]);
        world->extractor = extractor_of_socket(settings, pair[0]);
    }
    const Reader reader = {take, part_end, &world->seen, deadline_us, world->extractor, world->names};
    world->seen.text = g_string_new(NULL);
    world->message = letter_of(text, -1, FALSE);
    world->message->lease = world->lease;
    assert_true(mime_parse(world->message, settings, &error));
    assert_true(read_message(world->message, settings, &reader, &error));
}

void
world_clear(World *world)
{
    extractor_free(world->extractor);
    if (world->other.thread != NULL)
        double_stop(&world->other);
    g_string_free(world->seen.text, TRUE);
    message_free(world->message);
}

void
assert_part(const World *world, guint index, const char *path, Coverage coverage, CoverageWhy why)
{
    const Part *part = message_part(world->message, index);
    assert_non_null(part);
    assert_string_equal(part->path, path);
    if (part->coverage != coverage || part->why != why)
        fail_msg("%s is %s, %s", path, coverage_word(part->coverage), why_word(part->why));
}

void
assert_text(const World *world, const char *text)
{
    if (strstr(world->seen.text->str, text) == NULL)
        fail_msg("no \"%s\" in \"%s\"", text, world->seen.text->str);
}

/* --- plays ------------------------------------------------------------------------------------------------------- */

void
play_document(Double *me)
{
    say_text(me, 0, PLACE_PAGE_HEADER, MARK, FALSE);
    say_text(me, 0, PLACE_BODY, "第一", FALSE);
    say_text(me, 0, PLACE_BODY, "段", TRUE);
    say_text(me, 0, PLACE_BODY, "第二段\n", FALSE);
    say_text(me, 0, PLACE_BODY, "第三段", FALSE);
    const WireText property = {.place = PLACE_PROPERTY, .name = "Keywords", .colour = 0, .text = "a", .length = 1};
    say(me, WIRE_EXTRACT_TEXT, wire_text(&property));
    const WireText other = {.place = PLACE_PROPERTY, .name = "某某", .colour = 0, .text = "b", .length = 1};
    say(me, WIRE_EXTRACT_TEXT, wire_text(&other));
    say_cover(me, 0, COVERAGE_COMPLETE, WHY_NONE);
    say_end(me);
}

void
play_long_text(Double *me)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 1; i <= 10000; i++)
        g_string_append_printf(text, "line %u of the document\n", i);
    for (gsize at = 0; at < text->len; at += 50000) {
        g_autofree char *piece = g_strndup(text->str + at, 50000);
        say_text(me, 0, PLACE_BODY, piece, at > 0);
    }
    say_end(me);
}

int
reader_double_begin(void **state)
{
    g_mime_init();
    settings = settings_new_default();
    g_free(settings->spool_dir);
    settings->spool_dir = g_strdup(g_get_tmp_dir());
    g_free(settings->extract_socket);
    settings->extract_socket = g_strdup_printf("%s/test-extract-%d.sock", g_get_tmp_dir(), (int)getpid());
    return 0;
}

int
reader_double_end(void **state)
{
    settings_free(settings);
    return 0;
}
