#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "collect.h"
#include "errors.h"
#include "mime.h"
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

static Settings *settings;
static char *file;

static const char letter[] =
    "Return-Path: <bounce@unit.example>\r\nFrom: A <a@unit.example>\r\nSender: s@unit.example\r\n"
    "To: B <b@outside.example>, c@outside.example\r\nCc: d@outside.example\r\n"
    "Content-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\n\r\none\r\n--B\r\n\r\ntwo\r\n--B--\r\n";

static void
put(const char *bytes)
{
    assert_true(g_file_set_contents(file, bytes, -1, NULL));
}

static void
assert_parts(Message *message)
{
    g_autoptr(GError) error = NULL;
    assert_int_equal(message->size, strlen(letter));
    if (!mime_parse(message, settings, &error))
        fail_msg("%s", error->message);
    assert_int_equal(message->parts->len, 3);
    assert_int_equal(message->oddities, 0);
}

static void
test_collect_file_reads_a_file_in_place(void **state)
{
    put(letter);
    g_autoptr(Message) message = collect_file(file, settings, NULL);
    assert_parts(message);
}

static void
test_collect_file_reads_standard_input(void **state)
{
    int ends[2], before = dup(STDIN_FILENO);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], letter, strlen(letter)), strlen(letter));
    close(ends[1]);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    g_autoptr(Message) message = collect_file("-", settings, NULL);
    dup2(before, STDIN_FILENO);
    close(before);
    assert_parts(message);
}

static void
test_collect_file_names_what_it_cannot_read(void **state)
{
    static const struct {
        const char *path;
        int code;
    } rows[] = {{"/nonexistent/x.eml", HANGU_ERROR_NO_INPUT}, {"/", HANGU_ERROR_NO_INPUT}};
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = NULL;
        assert_null(collect_file(rows[i].path, settings, &error));
        assert_int_equal(error->code, rows[i].code);
        assert_non_null(strstr(error->message, rows[i].path));
    }
}

static void
test_collect_envelope_takes_what_is_missing_from_the_headers(void **state)
{
    static const struct {
        const char *letter, *sender;
        guint recipients;
    } rows[] = {
        {letter, "bounce@unit.example", 3},
        {"Return-Path: <>\r\nFrom: a@b.c\r\n\r\nx\r\n", "", 0},
        {"From: =?utf-8?B?5byg5LiJ?= <a@b.c>\r\nSender: s@b.c\r\nBcc: x@y.z\r\n\r\nx\r\n", "s@b.c", 1},
        {"From: a@b.c\r\n\r\nx\r\n", "a@b.c", 0},
        {"Subject: x\r\n\r\nx\r\n", "", 0},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        put(rows[i].letter);
        g_autoptr(Message) message = collect_file(file, settings, NULL);
        assert_true(collect_envelope(message, TRUE, TRUE, settings, NULL));
        assert_string_equal(message->envelope.sender, rows[i].sender);
        assert_int_equal(message->envelope.recipients->len, rows[i].recipients);
    }
}

static void
test_collect_envelope_leaves_what_was_given(void **state)
{
    put(letter);
    g_autoptr(Message) message = collect_file(file, settings, NULL);
    g_free(message->envelope.sender);
    message->envelope.sender = g_strdup("given@unit.example");
    assert_true(collect_envelope(message, FALSE, FALSE, settings, NULL));
    assert_string_equal(message->envelope.sender, "given@unit.example");
    assert_int_equal(message->envelope.recipients->len, 0);
}

static int
prepare(void **state)
{
    settings = settings_new_default();
    int fd = g_file_open_tmp("letter-XXXXXX.eml", &file, NULL);
    close(fd);
    return fd < 0 ? -1 : 0;
}

static int
tidy(void **state)
{
    g_unlink(file);
    g_free(file);
    settings_free(settings);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_collect_file_reads_a_file_in_place),
        cmocka_unit_test(test_collect_file_reads_standard_input),
        cmocka_unit_test(test_collect_file_names_what_it_cannot_read),
        cmocka_unit_test(test_collect_envelope_takes_what_is_missing_from_the_headers),
        cmocka_unit_test(test_collect_envelope_leaves_what_was_given),
    };
    return cmocka_run_group_tests(tests, prepare, tidy);
}
