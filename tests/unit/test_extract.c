/* The inspector's side of document reading, with a double on the other end that may say anything. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "clock.h"
#include "extractor.h"
#include "letters.h"
#include "mime.h"
#include "read.h"
#include "reader.h"
#include "spool.h"
#include "wire_extract.h"
#include <glib/gstdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define MARK "机密★10年"
#define GZIP "\x1F\x8B\x08 this is no gzip, but looks like one"
#define SECONDS G_USEC_PER_SEC
#define LETTER_HEAD "From: a@unit.example\nSubject: x\nMIME-Version: 1.0\n"

/* --- the double --------------------------------------------------------------------------------------------------- */

typedef struct Double Double;
typedef void (*Play)(Double *me); /* one reader's answer */

struct Double {
    int socket;    /* spawner's end */
    int listener;  /* if not 0, where the inspector connects first */
    Play play[4];  /* of each reader; none: as the first */
    guint given;   /* readers given so far */
    gboolean none; /* says that it has none */
    int reader;    /* while playing */
    WireJob job;   /* of the reader that plays */
    char *type;    /* of it */
    GString *content;
    GThread *thread;
};

static void
say(Double *me, guint32 type, GVariant *body)
{
    frame_send(me->reader, type, body, NULL, 0, clock_monotonic_us() + 10 * SECONDS, NULL);
}

static void
say_part(Double *me, guint number, guint parent, const char *name)
{
    const WirePart part = {number, parent, name, "", -1};
    say(me, WIRE_EXTRACT_PART, wire_part(&part));
}

static void
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

static void
say_bytes(Double *me, guint part, const char *string)
{
    const WireBytes bytes = {part, (const guint8 *)string, strlen(string)};
    say(me, WIRE_EXTRACT_BYTES, wire_bytes(&bytes));
}

static void
say_cover(Double *me, guint part, Coverage coverage, CoverageWhy why)
{
    const WireCover cover = {part, coverage, why};
    say(me, WIRE_EXTRACT_COVER, wire_cover(&cover));
}

static void
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

static void
double_start(Double *me, int socket)
{
    me->socket = socket;
    me->content = g_string_new(NULL);
    me->thread = g_thread_new("double", double_run, me);
}

static void
double_stop(Double *me)
{
    shutdown(me->socket, SHUT_RDWR);
    g_thread_join(me->thread);
    close(me->socket);
    g_string_free(me->content, TRUE);
    g_free(me->type);
}

/* --- the letter --------------------------------------------------------------------------------------------------- */

typedef struct {
    GString *text; /* "<place part:line> text"; of a picture "<place part:line head ocr look> text" */
    guint segments, stop_after, continued;
    gsize longest;
} Seen;

static Settings *settings;

static gboolean
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

static gboolean
part_end(guint part, gpointer user)
{
    return FALSE;
}

typedef struct {
    Double other;
    Seen seen;
    Message *message;
    Extractor *extractor;
    Lease *lease;
    const PlaceNames *names;
} World;

static char *
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

static void
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

static void
world_clear(World *world)
{
    extractor_free(world->extractor);
    if (world->other.thread != NULL)
        double_stop(&world->other);
    g_string_free(world->seen.text, TRUE);
    message_free(world->message);
}

static void
assert_part(const World *world, guint index, const char *path, Coverage coverage, CoverageWhy why)
{
    const Part *part = message_part(world->message, index);
    assert_non_null(part);
    assert_string_equal(part->path, path);
    if (part->coverage != coverage || part->why != why)
        fail_msg("%s is %s, %s", path, coverage_word(part->coverage), why_word(part->why));
}

static void
assert_text(const World *world, const char *text)
{
    if (strstr(world->seen.text->str, text) == NULL)
        fail_msg("no \"%s\" in \"%s\"", text, world->seen.text->str);
}

/* --- good answers ------------------------------------------------------------------------------------------------- */

static void
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

/* A property that some rule names is a text by itself, under that name. */
static void
test_extract_names_the_properties_that_rules_ask_for(void **state)
{
    World world = {.other.play = {play_document}};
    PlaceNames *names = place_names_new();
    Places places = {.fields = g_array_new(FALSE, FALSE, sizeof(PlaceField))};
    PlaceField field;
    assert_true(places_field("property", "某某", &field));
    g_array_append_val(places.fields, field);
    place_names_add(names, &places);
    world.names = names;
    world_read(&world, 1, "application/octet-stream", -1);
    assert_text(&world, "<property=keywords 1:1>a\n");
    assert_text(&world, "<property=某某 1:1>b\n");
    world_clear(&world);
    places_clear(&places);
    place_names_free(names);
}

static void
test_extract_gives_the_text_of_a_document_with_its_places(void **state)
{
    World world = {.other.play = {play_document}};
    world_read(&world, 1, "application/octet-stream", -1);
    assert_text(&world, "<page-header 1:1>" MARK "\n");
    assert_text(&world, "<body 1:1>第一段\n第二段\n第三段\n");
    assert_text(&world, "<property=keywords 1:1>a\n");
    assert_text(&world, "<property=custom 1:1>b\n");
    assert_part(&world, 1, "1/file1.gz", COVERAGE_COMPLETE, WHY_NONE);
    assert_int_equal(world.message->coverage, COVERAGE_COMPLETE);
    const Part *part = message_part(world.message, 1);
    guint8 digest[CRYPTO_DIGEST_SIZE];
    crypto_sha256(GZIP, strlen(GZIP), digest);
    assert_true(part->has_digest);
    assert_memory_equal(part->digest, digest, sizeof digest);
    assert_string_equal(world.other.content->str, GZIP);
    assert_string_equal(world.other.type, "application/gzip");
    assert_true(world.message->text_bytes > 0);
    assert_int_equal(world.message->oddities & ODD_TYPE_MISMATCH, 0);
    world_clear(&world);
}

static void
say_seen(Double *me, guint page, gboolean head, const char *string)
{
    const WireText text = {.place = PLACE_BODY,
                           .name = "",
                           .page = page,
                           .head = head,
                           .ocr = TRUE,
                           .colour = FACE_NO_COLOUR,
                           .text = string,
                           .length = strlen(string)};
    say(me, WIRE_EXTRACT_TEXT, wire_text(&text));
}

static void
say_look(Double *me, guint page, guint look)
{
    const WireLook said = {0, page, look};
    say(me, WIRE_EXTRACT_LOOK, wire_look(&said));
}

static void
play_picture(Double *me)
{
    say_look(me, 1, LOOK_RED_HEAD);
    say_seen(me, 1, TRUE, "机密太10年\n000001");
    say_seen(me, 1, TRUE, "特急");
    say_seen(me, 1, FALSE, "正文");
    say_look(me, 1, LOOK_SEAL); /* late, but nothing was handed on yet */
    say_seen(me, 2, FALSE, "第二页");
    say_text(me, 0, PLACE_BODY, "known", FALSE);
    say_cover(me, 0, COVERAGE_COMPLETE, WHY_NONE);
    say_end(me);
}

/* Letters that were seen, not read, say so; below the header zone the lines go on; the looks of a page reach its text.
 */
static void
test_extract_tells_what_was_read_from_a_picture(void **state)
{
    World world = {.other.play = {play_picture}};
    world_read(&world, 1, "application/octet-stream", -1);
    assert_text(&world, "<body 1:1 head ocr 3>机密太10年\n000001\n特急\n");
    assert_text(&world, "<body 1:4 ocr 3>正文\n");
    assert_text(&world, "<body 1:1 ocr 0>第二页\n");
    assert_text(&world, "<body 1:1>known\n");
    assert_int_equal(world.seen.continued, 1);
    assert_int_equal(message_part(world.message, 1)->look, LOOK_RED_HEAD | LOOK_SEAL);
    world_clear(&world);
}

static void
play_archive(Double *me)
{
    say_part(me, 1, 0, "内/表.txt");
    say_bytes(me, 1, "行\n");
    say_bytes(me, 1, MARK "\n");
    say_part(me, 2, 0, "信.eml");
    say_bytes(
        me, 2,
        "Received: from a\r\nFrom: b@unit.example\r\nTo: c@unit.example\r\nDate: Mon, 1 Jan 2024 00:00:00 +0000\r\n"
        "Message-ID: <1@unit.example>\r\nSubject: inner\r\n\r\nletter " MARK "\r\n");
    say_part(me, 3, 0, "inner.zip");
    say_part(me, 4, 3, "deep.docx");
    say_text(me, 4, PLACE_BODY, "deep " MARK, FALSE);
    say_part(me, 5, 3, "locked");
    say_cover(me, 5, COVERAGE_UNREADABLE, WHY_ENCRYPTED);
    say_part(me, 6, 0, "");
    say_bytes(me, 6,
              "\x7F"
              "ELF\2\1\1");
    say_end(me);
}

static void
test_extract_makes_parts_of_what_lies_inside(void **state)
{
    World world = {.other.play = {play_archive}};
    world_read(&world, 1, "application/octet-stream", -1);
    assert_part(&world, 1, "1/file1.gz", COVERAGE_COMPLETE, WHY_NONE);
    assert_part(&world, 2, "1/file1.gz/内/表.txt", COVERAGE_COMPLETE, WHY_NONE);
    assert_string_equal(message_part(world.message, 2)->number, "1.1");
    assert_text(&world, "<file-name 2:1>内/表.txt\n");
    assert_text(&world, "<body 2:1>行\n" MARK "\n");
    assert_true(message_part(world.message, 2)->has_digest);
    assert_part(&world, 3, "1/file1.gz/信.eml", COVERAGE_COMPLETE, WHY_NONE);
    assert_text(&world, ">letter " MARK);
    assert_text(&world, "<subject=Subject 3:1>inner");
    assert_text(&world, ">deep " MARK);
    guint encrypted = 0, programs = 0;
    for (guint i = 0; i < world.message->parts->len; i++) {
        const Part *part = message_part(world.message, i);
        encrypted += part->why == WHY_ENCRYPTED && strcmp(part->path, "1/file1.gz/inner.zip/locked") == 0;
        programs += part->is_executable && strcmp(part->number, "1.4") == 0;
    }
    assert_int_equal(encrypted, 1);
    assert_int_equal(programs, 1);
    assert_int_equal(world.message->coverage, COVERAGE_UNREADABLE);
    world_clear(&world);
}

static void
play_letter_with_attachment(Double *me)
{
    g_autofree char *content = g_base64_encode((const guchar *)GZIP, strlen(GZIP));
    g_autofree char *letter = g_strdup_printf("Received: from a\r\nFrom: b@unit.example\r\nTo: c@unit.example\r\n"
                                              "Date: x\r\nSubject: y\r\nMIME-Version: 1.0\r\n"
                                              "Content-Type: application/gzip; name=inner.gz\r\n"
                                              "Content-Transfer-Encoding: base64\r\n\r\n%s\r\n",
                                              content);
    say_part(me, 1, 0, "a.eml");
    say_bytes(me, 1, letter);
    say_end(me);
}

static void
test_extract_opens_an_attachment_of_a_letter_inside_once(void **state)
{
    World world = {.other.play = {play_letter_with_attachment, play_letter_with_attachment, play_document}};
    world_read(&world, 1, "application/octet-stream", -1);
    assert_part(&world, 2, "1/file1.gz/a.eml", COVERAGE_COMPLETE, WHY_NONE);
    assert_int_equal(world.other.given, 3); /* the attachment, and one for each letter inside */
    assert_int_equal(world.message->coverage, COVERAGE_COMPLETE);
    assert_text(&world, "<page-header");
    world_clear(&world);
}

static void
play_many_members(Double *me)
{
    for (guint i = 1; i <= 300; i++) {
        say_part(me, i, 0, "a.txt");
        say_bytes(me, i, MARK);
    }
    say_end(me);
}

static void
test_extract_of_many_members_needs_few_descriptors(void **state)
{
    struct rlimit before, few;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    few = before;
    few.rlim_cur = 64;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    World world = {.other.play = {play_many_members}};
    world_read(&world, 1, "application/octet-stream", -1);
    assert_int_equal(world.message->coverage, COVERAGE_COMPLETE);
    assert_text(&world, "<body 301:1>" MARK);
    world_clear(&world);
    setrlimit(RLIMIT_NOFILE, &before);
}

static void
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

static void
test_extract_windows_overlap_and_lines_count(void **state)
{
    World world = {.other.play = {play_long_text}};
    world_read(&world, 1, "application/octet-stream", -1);
    assert_true(world.seen.continued >= 3);
    assert_true(world.seen.longest <= 60 * 1024 + SEGMENT_OVERLAP);
    const char *second = strstr(strstr(world.seen.text->str, "<body 1:1>") + 1, "\n<body 1:");
    guint64 line = g_ascii_strtoull(second + strlen("\n<body 1:"), NULL, 10);
    g_autofree char *first = g_strdup_printf("<body 1:%u>line %u of", (guint)line, (guint)line);
    assert_true(line > 1000);
    assert_text(&world, first);
    assert_part(&world, 1, "1/file1.gz", COVERAGE_COMPLETE, WHY_NONE);
    world_clear(&world);
}

static void
play_slides(Double *me)
{
    for (guint page = 1; page <= 100; page++) {
        const WireText text = {
            .place = PLACE_BODY, .name = "", .page = page, .colour = 0, .text = "slide", .length = 5};
        say(me, WIRE_EXTRACT_TEXT, wire_text(&text));
    }
    say_end(me);
}

static void
test_extract_keeps_few_streams_for_many_pages(void **state)
{
    World world = {.other.play = {play_slides}};
    world_read(&world, 1, "application/octet-stream", -1);
    g_auto(GStrv) pieces = g_strsplit(world.seen.text->str, "<body 1:1>slide\n", -1);
    assert_int_equal(g_strv_length(pieces), 101);
    world_clear(&world);
}

/* --- lies --------------------------------------------------------------------------------------------------------- */

static void
lie_part_out_of_order(Double *me)
{
    say_part(me, 2, 0, "a");
}

static void
lie_part_twice(Double *me)
{
    say_part(me, 1, 0, "a");
    say_part(me, 1, 0, "b");
}

static void
lie_text_of_nothing(Double *me)
{
    say_text(me, 1, PLACE_BODY, "x", FALSE);
}

static void
lie_text_of_a_subject(Double *me)
{
    say_text(me, 0, PLACE_SUBJECT, "x", FALSE);
}

static void
lie_bytes_of_the_attachment(Double *me)
{
    say_bytes(me, 0, "x");
}

static void
lie_bytes_of_nothing(Double *me)
{
    say_bytes(me, 1, "x");
}

static void
lie_bytes_after_the_end(Double *me)
{
    say_part(me, 1, 0, "a");
    say_part(me, 2, 0, "b");
    say_bytes(me, 1, "x");
    say_bytes(me, 2, "x");
    say_bytes(me, 1, "x");
}

static void
lie_cover_of_nothing(Double *me)
{
    say_cover(me, 7, COVERAGE_COMPLETE, WHY_NONE);
}

static void
lie_cover_that_does_not_fit(Double *me)
{
    say_cover(me, 0, COVERAGE_COMPLETE, WHY_DAMAGED);
}

static void
lie_like_a_spawner(Double *me)
{
    say(me, WIRE_EXTRACT_GIVE, wire_give("1.2.3", ""));
}

/* Words of the letter, on their way into the record. */
static void
lie_about_a_type(Double *me)
{
    const WirePart part = {1, 0, "a", "application/the-secret-plan", -1};
    say(me, WIRE_EXTRACT_PART, wire_part(&part));
}

static void
lie_about_what_was_unpacked(Double *me)
{
    say(me, WIRE_EXTRACT_END, wire_end(me->job.max_bytes + 1));
}

static void
lie_with_less_than_nothing(Double *me)
{
    say(me, WIRE_EXTRACT_END, wire_end(-1));
}

static void
lie_with_an_end_of_another_kind(Double *me)
{
    say(me, WIRE_EXTRACT_END, NULL);
}

/* The attachment itself is nobody's member. */
static void
lie_with_a_part_without_number(Double *me)
{
    say_part(me, 0, 0, "a");
}

static void
lie_with_a_part_in_itself(Double *me)
{
    say_part(me, 1, 1, "a");
}

static void
lie_about_coverage_for_ever(Double *me)
{
    for (guint i = 0; i < 100000; i++) {
        const WireCover cover = {0, COVERAGE_COMPLETE, WHY_NONE};
        if (!frame_send(me->reader, WIRE_EXTRACT_COVER, wire_cover(&cover), NULL, 0, -1, NULL))
            return;
    }
}

static void
lie_with_empty_content_for_ever(Double *me)
{
    say_part(me, 1, 0, "a");
    for (guint i = 0; i < 100000; i++) {
        const WireBytes bytes = {1, (const guint8 *)"", 0};
        if (!frame_send(me->reader, WIRE_EXTRACT_BYTES, wire_bytes(&bytes), NULL, 0, -1, NULL))
            return;
    }
}

static void
lie_with_another_frame(Double *me)
{
    say(me, WIRE_EXTRACT_WANT, NULL);
}

static void
lie_with_a_descriptor(Double *me)
{
    frame_send(me->reader, WIRE_EXTRACT_END, wire_end(0), &me->socket, 1, -1, NULL);
}

static void
lie_with_junk(Double *me)
{
    send(me->reader, "no frame at all, as anybody can see", 35, MSG_NOSIGNAL);
}

static void
lie_with_bad_utf8(Double *me)
{
    g_autoptr(GVariant) body = g_variant_ref_sink(
        g_variant_new("(ussubbbuus)", 0, "body", "", 0, FALSE, FALSE, FALSE, 0, FACE_NO_COLOUR, "text X text"));
    gsize size = g_variant_get_size(body);
    guint8 *copy = g_memdup2(g_variant_get_data(body), size);
    *(guint8 *)memchr(copy, 'X', size) = 0xFF;
    g_autoptr(GBytes) bytes = g_bytes_new_take(copy, size);
    say(me, WIRE_EXTRACT_TEXT, g_variant_new_from_bytes(g_variant_get_type(body), bytes, FALSE));
}

static void
lie_by_saying_nothing(Double *me)
{
    for (guint i = 0; i < 100000; i++) {
        const WireText text = {.place = PLACE_BODY, .name = "", .colour = 0, .text = "", .length = 0};
        if (!frame_send(me->reader, WIRE_EXTRACT_TEXT, wire_text(&text), NULL, 0, -1, NULL))
            return;
    }
}

static void
lie_about_the_look_of_nobody(Double *me)
{
    const WireLook look = {5, 1, LOOK_SEAL};
    say(me, WIRE_EXTRACT_LOOK, wire_look(&look));
}

static void
lie_about_looks_for_ever(Double *me)
{
    for (guint i = 0; i < 100000; i++) {
        const WireLook look = {0, i, LOOK_SEAL};
        if (!frame_send(me->reader, WIRE_EXTRACT_LOOK, wire_look(&look), NULL, 0, -1, NULL))
            return;
    }
}

static void
lie_by_dying(Double *me)
{
}

static void
lie_by_dying_late(Double *me)
{
    say_text(me, 0, PLACE_BODY, "so far " MARK, FALSE);
    say_part(me, 1, 0, "a");
    say_bytes(me, 1, "half a member");
}

static void
test_extract_of_a_reader_that_lies_or_dies_is_reader_failed(void **state)
{
    static const Play lies[] = {
        lie_part_out_of_order,
        lie_part_twice,
        lie_text_of_nothing,
        lie_text_of_a_subject,
        lie_bytes_of_nothing,
        lie_bytes_after_the_end,
        lie_bytes_of_the_attachment,
        lie_cover_of_nothing,
        lie_like_a_spawner,
        lie_with_another_frame,
        lie_cover_that_does_not_fit,
        lie_with_a_descriptor,
        lie_with_junk,
        lie_with_bad_utf8,
        lie_by_saying_nothing,
        lie_by_dying,
        lie_by_dying_late,
        lie_about_the_look_of_nobody,
        lie_about_looks_for_ever,
        lie_about_a_type,
        lie_about_what_was_unpacked,
        lie_with_less_than_nothing,
        lie_with_an_end_of_another_kind,
        lie_with_a_part_without_number,
        lie_with_a_part_in_itself,
        lie_about_coverage_for_ever,
        lie_with_empty_content_for_ever,
    };
    for (gsize i = 0; i < G_N_ELEMENTS(lies); i++) {
        World world = {.other.play = {lies[i], play_document}};
        world_read(&world, 2, "application/octet-stream", -1);
        print_message("# lie %u\n", (guint)i);
        assert_part(&world, 1, "1/file1.gz", COVERAGE_UNREADABLE, WHY_READER_FAILED);
        assert_part(&world, 2, "2/file2.gz", COVERAGE_COMPLETE, WHY_NONE); /* a fresh reader */
        assert_text(&world, "<page-header 2:1>" MARK);
        assert_int_equal(world.message->coverage, COVERAGE_UNREADABLE);
        world_clear(&world);
    }
}

static void
test_extract_looks_at_what_came_before_a_death(void **state)
{
    World world = {.other.play = {lie_by_dying_late}};
    world_read(&world, 1, "application/octet-stream", -1);
    assert_text(&world, "<body 1:1>so far " MARK);
    assert_text(&world, "<body 2:1>half a member");
    assert_part(&world, 2, "1/file1.gz/a", COVERAGE_PARTIAL, WHY_READER_FAILED);
    world_clear(&world);
}

/* The spawner says so in its place. */
static void
run_out_of_time(Double *me)
{
    say_text(me, 0, PLACE_BODY, "so far " MARK, FALSE);
    say_part(me, 1, 0, "a");
    say_cover(me, 1, COVERAGE_COMPLETE, WHY_NONE);
    say_part(me, 2, 0, "b");
    say_text(me, 2, PLACE_BODY, "half", FALSE);
    say(me, WIRE_EXTRACT_OVER, NULL);
}

static void
test_extract_of_a_reader_out_of_time_is_over_budget(void **state)
{
    World world = {.other.play = {run_out_of_time}};
    world_read(&world, 1, "application/octet-stream", -1);
    assert_text(&world, "<body 1:1>so far " MARK);
    assert_part(&world, 1, "1/file1.gz", COVERAGE_PARTIAL, WHY_OVER_BUDGET);
    assert_part(&world, 2, "1/file1.gz/a", COVERAGE_COMPLETE, WHY_NONE);
    assert_part(&world, 3, "1/file1.gz/b", COVERAGE_PARTIAL, WHY_OVER_BUDGET);
    world_clear(&world);
}

/* --- budgets ------------------------------------------------------------------------------------------------------ */

static void
flood_text(Double *me)
{
    g_autofree char *text = g_strnfill(50000, 'x');
    for (guint i = 0; i < 1000; i++)
        say_text(me, 0, PLACE_BODY, text, TRUE);
}

static void
flood_bytes(Double *me)
{
    g_autofree char *text = g_strnfill(50000, 'x');
    say_part(me, 1, 0, "a");
    for (guint i = 0; i < 1000; i++)
        say_bytes(me, 1, text);
}

static void
flood_parts(Double *me)
{
    for (guint i = 1; i < 1000; i++)
        say_part(me, i, 0, "a");
}

static void
flood_depth(Double *me)
{
    for (guint i = 1; i < 1000; i++)
        say_part(me, i, i - 1, "a");
}

static void
test_extract_of_a_flood_is_over_budget(void **state)
{
    static const Play floods[] = {flood_text, flood_bytes, flood_parts, flood_depth};
    gint64 text = settings->max_text_bytes, bytes = settings->extract_max_bytes, parts = settings->max_parts;
    settings->max_text_bytes = 1000000;
    settings->extract_max_bytes = 500000;
    settings->max_parts = 50;
    for (gsize i = 0; i < G_N_ELEMENTS(floods); i++) {
        World world = {.other.play = {floods[i], play_document}};
        world_read(&world, 1, "application/octet-stream", -1);
        assert_part(&world, 1, "1/file1.gz", COVERAGE_PARTIAL, WHY_OVER_BUDGET);
        assert_true(world.message->parts->len <= 52);
        assert_true(world.message->text_bytes <= 1000000);
        world_clear(&world);
    }
    settings->max_text_bytes = text;
    settings->extract_max_bytes = bytes;
    settings->max_parts = parts;
}

/* What each tells at its end; the third has got what is left, the fourth is not asked. */
static void
unpack_much(Double *me)
{
    say_part(me, 1, 0, "a");
    say_cover(me, 1, COVERAGE_COMPLETE, WHY_NONE);
    say_cover(me, 0, me->job.max_bytes < 400000 ? COVERAGE_PARTIAL : COVERAGE_COMPLETE,
              me->job.max_bytes < 400000 ? WHY_OVER_BUDGET : WHY_NONE);
    say(me, WIRE_EXTRACT_END, wire_end(MIN(me->job.max_bytes, 400000)));
}

static void
die_early(Double *me)
{
    say_part(me, 1, 0, "a");
}

/* Says that it unpacked nothing, and sends content. */
static void
understate(Double *me)
{
    g_autofree char *text = g_strnfill(50000, 'x');
    say_part(me, 1, 0, "a");
    for (guint i = 0; i < 8; i++)
        say_bytes(me, 1, text);
    say_cover(me, 1, COVERAGE_COMPLETE, WHY_NONE);
    say_cover(me, 0, COVERAGE_COMPLETE, WHY_NONE);
    say_end(me);
}

static void
test_extract_past_the_bytes_of_a_letter_is_over_budget(void **state)
{
    static const struct {
        Play play;
        guint given;     /* readers */
        gint64 last_job; /* bytes that the last of them may unpack */
        gint64 spent;
    } cases[] = {{unpack_much, 3, 200000, 1000000}, {understate, 3, 200000, 1000000}, {die_early, 2, 500000, 1000000}};
    gint64 each = settings->extract_max_bytes, most = settings->extract_letter_bytes;
    settings->extract_max_bytes = 500000;
    settings->extract_letter_bytes = 1000000;
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        World world = {.other.play = {cases[i].play}};
        world_read(&world, 5, "application/octet-stream", -1);
        assert_part(&world, 4, "4/file4.gz", COVERAGE_PARTIAL, WHY_OVER_BUDGET);
        assert_part(&world, 5, "5/file5.gz", COVERAGE_PARTIAL, WHY_OVER_BUDGET);
        assert_int_equal(world.message->documents_bytes, cases[i].spent);
        world_clear(&world); /* its thread has ended */
        assert_int_equal(world.other.given, cases[i].given);
        assert_int_equal(world.other.job.max_bytes, cases[i].last_job);
    }
    settings->extract_max_bytes = each;
    settings->extract_letter_bytes = most;
}

static void
test_extract_of_one_large_member_keeps_what_fits(void **state)
{
    gint64 most = settings->max_part_bytes;
    settings->max_part_bytes = 120000;
    World world = {.other.play = {flood_bytes}};
    world_read(&world, 1, "application/octet-stream", -1);
    assert_part(&world, 2, "1/file1.gz/a", COVERAGE_PARTIAL, WHY_OVER_BUDGET);
    assert_text(&world, "<body 2:1>xxxx");
    world_clear(&world);
    settings->max_part_bytes = most;
}

static void
be_silent(Double *me)
{
    frame_wait(me->reader, clock_monotonic_us() + 5 * SECONDS, NULL); /* until it hangs up */
}

static void
trickle(Double *me)
{
    for (guint i = 0; i < 500; i++) {
        say_text(me, 0, PLACE_BODY, "x", TRUE);
        g_usleep(10000);
    }
}

static void
test_extract_past_the_deadline_is_over_budget(void **state)
{
    static const Play plays[] = {be_silent, trickle};
    for (gsize i = 0; i < G_N_ELEMENTS(plays); i++) {
        World world = {.other.play = {plays[i]}};
        gint64 start = clock_monotonic_us();
        world_read(&world, 2, "application/octet-stream", start + SECONDS / 2);
        assert_true(clock_monotonic_us() - start < 3 * SECONDS);
        assert_part(&world, 1, "1/file1.gz", COVERAGE_PARTIAL, WHY_OVER_BUDGET);
        assert_part(&world, 2, "2/file2.gz", COVERAGE_PARTIAL, WHY_OVER_BUDGET);
        world_clear(&world);
    }
}

/* Each would have its own time; together they have one. */
static void
test_extract_past_the_time_of_a_letter_is_over_budget(void **state)
{
    gint64 most = settings->extract_letter;
    settings->extract_letter = 1;
    World world = {.other.play = {be_silent}};
    world_read(&world, 4, "application/octet-stream", -1);
    for (guint i = 1; i <= 4; i++)
        assert_int_equal(message_part(world.message, i)->coverage, COVERAGE_PARTIAL);
    world_clear(&world);                    /* its thread has ended */
    assert_int_equal(world.other.given, 1); /* for the others nobody is asked */
    assert_true(world.other.job.cpu_ms <= 1001);
    settings->extract_letter = most;
}

typedef struct {
    LeaseKind yes; /* up to this kind */
    guint asked;
} Answers;

static gboolean
answer_as_told(LeaseKind wanted, gpointer user)
{
    Answers *answers = user;
    answers->asked++;
    return wanted <= answers->yes;
}

static void
test_extract_asks_the_lease_before_the_first_document(void **state)
{
    for (LeaseKind yes = LEASE_LIGHT; yes <= LEASE_DOCUMENTS; yes++) {
        Answers answers = {.yes = yes};
        Lease lease = lease_new(LEASE_LIGHT, answer_as_told, &answers);
        World world = {.other.play = {play_document}, .lease = &lease};
        world_read(&world, 3, "application/octet-stream", -1);
        world_clear(&world);
        assert_int_equal(answers.asked, 1);
        assert_int_equal(lease.ended, yes == LEASE_LIGHT);
        assert_int_equal(world.other.given, yes == LEASE_LIGHT ? 0 : 3);
    }
}

/* A reader that says nothing, or never falls silent: refused, the letter goes back at once; else it goes on. */
static void
test_extract_asks_the_lease_when_its_time_is_over(void **state)
{
    static const Play plays[] = {be_silent, trickle};
    for (gsize i = 0; i < 4; i++) {
        Answers answers = {.yes = i < 2 ? LEASE_DOCUMENTS : LEASE_LONG};
        Lease lease = lease_new(LEASE_DOCUMENTS, answer_as_told, &answers);
        World world = {.other.play = {plays[i % 2]}, .lease = &lease};
        gint64 start = clock_monotonic_us(), end = i < 2 ? start + 60 * SECONDS : start + SECONDS / 2;
        lease.until_us = start + SECONDS / 10;
        world_read(&world, 2, "application/octet-stream", end);
        gint64 took = clock_monotonic_us() - start;
        world_clear(&world);
        assert_int_equal(answers.asked, 1);
        assert_int_equal(lease.ended, i < 2);
        assert_true(took >= SECONDS / 10 && took < 3 * SECONDS);
        assert_true(i < 2 || took >= SECONDS / 2);
        assert_int_equal(world.other.given, 1);
    }
}

static void
test_extract_stops_when_the_sink_does(void **state)
{
    World world = {.other.play = {play_long_text}, .seen.stop_after = 5};
    world_read(&world, 2, "application/octet-stream", -1);
    assert_int_equal(world.seen.segments, 5);
    assert_part(&world, 2, "2/file2.gz", COVERAGE_PARTIAL, WHY_OVER_BUDGET);
    world_clear(&world);
}

/* --- the spawner -------------------------------------------------------------------------------------------------- */

static void
test_extract_without_a_reader_is_reader_failed(void **state)
{
    World world = {.other.none = TRUE};
    world_read(&world, 1, "application/octet-stream", -1);
    assert_part(&world, 1, "1/file1.gz", COVERAGE_UNREADABLE, WHY_READER_FAILED);
    assert_non_null(strstr(extractor_trouble(world.extractor), "the stock is empty"));
    world_clear(&world);
    World alone = {.extractor = extractor_connect(settings)}; /* nobody listens there */
    assert_non_null(extractor_trouble(alone.extractor));
    world_read(&alone, 1, "application/octet-stream", -1);
    assert_part(&alone, 1, "1/file1.gz", COVERAGE_UNREADABLE, WHY_READER_FAILED);
    world_clear(&alone);
}

static void
test_extract_connects_again_to_a_spawner_that_was_restarted(void **state)
{
    g_autoptr(GError) error = NULL;
    int pair[2];
    assert_true(frame_pair(pair, NULL));
    close(pair[1]); /* the old one is gone */
    World world = {.extractor = extractor_of_socket(settings, pair[0]), .other.play = {play_document}};
    world.other.listener = frame_listen(settings->extract_socket, 0600, NULL, &error);
    assert_null(error);
    double_start(&world.other, -1);
    world_read(&world, 2, "application/octet-stream", -1);
    assert_part(&world, 1, "1/file1.gz", COVERAGE_COMPLETE, WHY_NONE);
    assert_part(&world, 2, "2/file2.gz", COVERAGE_COMPLETE, WHY_NONE);
    close(world.other.listener);
    g_unlink(settings->extract_socket);
    world_clear(&world);
}

static void
test_read_without_an_extractor_leaves_documents_unsupported(void **state)
{
    g_autofree char *text = letter_with(1, "application/octet-stream");
    Seen seen = {.text = g_string_new(NULL)};
    const Reader reader = {take, part_end, &seen, -1, NULL};
    g_autoptr(Message) message = letter_of(text, -1, FALSE);
    assert_true(mime_parse(message, settings, NULL));
    assert_true(read_message(message, settings, &reader, NULL));
    assert_int_equal(message_part(message, 1)->coverage, COVERAGE_UNREADABLE);
    assert_int_equal(message_part(message, 1)->why, WHY_UNSUPPORTED);
    assert_true(message_part(message, 1)->has_digest);
    g_string_free(seen.text, TRUE);
}

static void
test_extract_reads_what_the_readers_have_rows_for(void **state)
{
    gsize count;
    const ReaderRow *rows = reader_rows(&count);
    for (gsize i = 0; i < count; i++)
        if (!extract_reads(rows[i].type))
            fail_msg("%s has a reader, but is not sent to it", rows[i].type);
    assert_false(extract_reads(NULL));
    assert_false(extract_reads("application/octet-stream"));
    assert_false(extract_reads("text/plain"));
}

static void
test_read_of_a_document_called_otherwise_is_a_mismatch(void **state)
{
    static const char *const types[] = {"image/png", "text/plain", "audio/mpeg"};
    for (gsize i = 0; i < G_N_ELEMENTS(types); i++) {
        World world = {.other.play = {play_document}};
        world_read(&world, 1, types[i], -1);
        assert_true((world.message->oddities & ODD_TYPE_MISMATCH) != 0);
        assert_text(&world, "<page-header 1:1>" MARK);
        world_clear(&world);
    }
}

static int
begin(void **state)
{
    g_mime_init();
    settings = settings_new_default();
    g_free(settings->spool_dir);
    settings->spool_dir = g_strdup(g_get_tmp_dir());
    g_free(settings->extract_socket);
    settings->extract_socket = g_strdup_printf("%s/test-extract-%d.sock", g_get_tmp_dir(), (int)getpid());
    return 0;
}

static int
end(void **state)
{
    settings_free(settings);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_extract_gives_the_text_of_a_document_with_its_places),
        cmocka_unit_test(test_extract_names_the_properties_that_rules_ask_for),
        cmocka_unit_test(test_extract_tells_what_was_read_from_a_picture),
        cmocka_unit_test(test_extract_makes_parts_of_what_lies_inside),
        cmocka_unit_test(test_extract_opens_an_attachment_of_a_letter_inside_once),
        cmocka_unit_test(test_extract_of_many_members_needs_few_descriptors),
        cmocka_unit_test(test_extract_windows_overlap_and_lines_count),
        cmocka_unit_test(test_extract_keeps_few_streams_for_many_pages),
        cmocka_unit_test(test_extract_of_a_reader_that_lies_or_dies_is_reader_failed),
        cmocka_unit_test(test_extract_looks_at_what_came_before_a_death),
        cmocka_unit_test(test_extract_of_a_reader_out_of_time_is_over_budget),
        cmocka_unit_test(test_extract_of_a_flood_is_over_budget),
        cmocka_unit_test(test_extract_past_the_bytes_of_a_letter_is_over_budget),
        cmocka_unit_test(test_extract_of_one_large_member_keeps_what_fits),
        cmocka_unit_test(test_extract_past_the_deadline_is_over_budget),
        cmocka_unit_test(test_extract_past_the_time_of_a_letter_is_over_budget),
        cmocka_unit_test(test_extract_asks_the_lease_before_the_first_document),
        cmocka_unit_test(test_extract_asks_the_lease_when_its_time_is_over),
        cmocka_unit_test(test_extract_stops_when_the_sink_does),
        cmocka_unit_test(test_extract_without_a_reader_is_reader_failed),
        cmocka_unit_test(test_extract_connects_again_to_a_spawner_that_was_restarted),
        cmocka_unit_test(test_read_without_an_extractor_leaves_documents_unsupported),
        cmocka_unit_test(test_extract_reads_what_the_readers_have_rows_for),
        cmocka_unit_test(test_read_of_a_document_called_otherwise_is_a_mismatch),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
