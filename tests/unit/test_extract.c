/* The inspector's side of document reading, with a double on the other end: what becomes of its answers. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "letters.h"
#include "reader.h"
#include "reader_double.h"
#include <glib/gstdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* --- good answers ------------------------------------------------------------------------------------------------- */

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
        cmocka_unit_test(test_extract_without_a_reader_is_reader_failed),
        cmocka_unit_test(test_extract_connects_again_to_a_spawner_that_was_restarted),
        cmocka_unit_test(test_read_without_an_extractor_leaves_documents_unsupported),
        cmocka_unit_test(test_extract_reads_what_the_readers_have_rows_for),
        cmocka_unit_test(test_read_of_a_document_called_otherwise_is_a_mismatch),
    };
    return cmocka_run_group_tests(tests, reader_double_begin, reader_double_end);
}
