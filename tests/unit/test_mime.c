#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "detect.h"
#include "errors.h"
#include "letters.h"
#include "mime.h"
#include "spool_stream.h"

#define HEAD "From: a@unit.example\nSubject: s\nMessage-ID: <x@y>\n"
#define MIXED(boundary) "Content-Type: multipart/mixed; boundary=" boundary "\n"
#define TEXT "Content-Type: text/plain\n"

static Settings *settings;

static const struct {
    const char *name, *letter, *parts;
    guint oddities;
} cases[] = {
    {"plain text", HEAD "\nhello\n", "0 letter, 1 text/plain", 0},
    {"two parts", HEAD MIXED("B") "\n--B\n" TEXT "\none\n--B\nContent-Type: text/html\n\n<p>two\n--B--\n",
     "0 letter, 1 text/plain, 2 text/html", 0},
    {"prologue and epilogue", HEAD MIXED("B") "\nbefore\n--B\n" TEXT "\none\n--B--\nafter\n",
     "0 letter, 0p outside, 1 text/plain, 0e outside", 0},
    {"nested multiparts",
     HEAD MIXED("A") "\n--A\nContent-Type: multipart/alternative; boundary=\"B\"\n\n--B\n" TEXT
                     "\none\n--B\nContent-Type: text/html\n\ntwo\n--B--\n\n--A\n" TEXT "\nthree\n--A--\n",
     "0 letter, 1 multipart/alternative, 1.1 text/plain, 1.2 text/html, 2 text/plain", 0},
    {"letter inside", HEAD MIXED("A") "\n--A\nContent-Type: message/rfc822\n\nSubject: inner\n\nbody\n--A--\n",
     "0 letter, 1 message/rfc822, 1.1 text/plain", 0},
    {"multipart letter inside",
     HEAD MIXED("A") "\n--A\nContent-Type: message/rfc822\n\nSubject: inner\n" MIXED(
         "B") "\n--B\n\none\n--B\n\ntwo\n--B--\n\n"
              "--A--\n",
     "0 letter, 1 message/rfc822, 1.1 text/plain, 1.2 text/plain", 0},
    {"letter inside in base64",
     HEAD MIXED("A") "\n--A\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n"
                     "U3ViamVjdDogaW5uZXIKRnJvbTogYUBiLmMKVG86IGJAYi5jCgpib2R5Cg==\n--A--\n",
     "0 letter, 1 message/rfc822, 1.1 text/plain", ODD_ENCODED_CONTAINER},
    {"letter inside that calls itself a file",
     HEAD MIXED("A") "\n--A\nContent-Type: application/octet-stream; name=x.bin\nContent-Transfer-Encoding: base64\n\n"
                     "U3ViamVjdDogaW5uZXIKRnJvbTogYUBiLmMKVG86IGJAYi5jCgpib2R5Cg==\n--A--\n",
     "0 letter, 1 application/octet-stream, 1.1 text/plain", 0},
    {"multipart in base64",
     HEAD MIXED("B") "Content-Transfer-Encoding: base64\n\n"
                     "LS1CCkNvbnRlbnQtVHlwZTogdGV4dC9wbGFpbgoKb25lCi0tQi0tCg==\n",
     "0 letter, 0p outside, 0r1 multipart/mixed, 0r1.1 text/plain", ODD_ENCODED_CONTAINER | ODD_TRUNCATED},
    {"boundary that never comes", HEAD MIXED("B") "\n--C\n" TEXT "\none\n--C--\n",
     "0 letter, 0p outside, 0r1 raw, 0r2 multipart/mixed, 0r2.1 text/plain", ODD_BROKEN_BOUNDARY | ODD_TRUNCATED},
    {"no boundary at all", HEAD "Content-Type: multipart/mixed\n\n--C\n" TEXT "\none\n--C--\n",
     "0 letter, 0p outside, 0r1 raw, 0r2 multipart/mixed, 0r2.1 text/plain", ODD_BROKEN_BOUNDARY | ODD_NO_BOUNDARY},
    {"two boundaries",
     HEAD "Content-Type: multipart/mixed; boundary=A; boundary=B\n\n--A\n\none\n--B\n\ntwo\n--B--\n--A--\n",
     "0 letter, 1 text/plain, 0r1 multipart/mixed, 0r1p outside, 0r1.1 text/plain, 0r1e outside", ODD_DOUBLE_PARAMETER},
    {"no close delimiter", HEAD MIXED("B") "\n--B\n\none\n", "0 letter, 1 text/plain", ODD_TRUNCATED},
    {"two encodings", HEAD "Content-Transfer-Encoding: base64\nContent-Transfer-Encoding: 7bit\n\naGVsbG8gd29ybGQ=\n",
     "0 letter, 1 text/plain, 1r1 raw, 1r2 text/plain, 1r2.1 text/plain", ODD_DUPLICATE_HEADER},
    {"two types", HEAD MIXED("B") TEXT "\n--B\n\none\n--B--\n",
     "0 letter, 1 text/plain, 1r1 raw, 1r2 multipart/mixed, 1r2.1 text/plain", ODD_DUPLICATE_HEADER},
    {"empty lines before the header", "\n\n" HEAD "\nhello\n", "0 letter, 1 text/plain", ODD_BAD_HEADER},
    {"mbox line before the header", "From a@b Thu Jan  1 00:00:00 1970\n" HEAD "\nhello\n", "0 letter, 1 text/plain",
     0},
    {"no header", "just some words\nand more\n", "0 letter, 1 text/plain", ODD_BAD_HEADER},
    {"rubbish among the headers", "From: a@b\nthis is no header\nSubject: s\n\nhello\n",
     "0 letter, 1 text/plain, 0r1 raw", ODD_BAD_HEADER},
    {"unknown transfer encoding", HEAD "Content-Transfer-Encoding: x-secret\n\nhello\n", "0 letter, 1 text/plain",
     ODD_TRANSFER},
    {"fragment of a letter",
     HEAD "Content-Type: message/partial; id=x; number=1; total=2\n\nSubject: inner\nFrom: a@b.c\n\nbody\n",
     "0 letter, 1 message/partial, 1.1 text/plain", ODD_PARTIAL_MESSAGE},
    {"empty", "", "0 letter, 1 text/plain", ODD_BAD_HEADER},
};

static void
test_mime_parse_lists_the_parts(void **state)
{
    guint wrong = 0;
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Message) message = letter_of(cases[i].letter, -1, FALSE);
        g_autoptr(GError) error = NULL;
        assert_true(mime_parse(message, settings, &error));
        g_autofree char *parts = letter_parts(message);
        if (strcmp(parts, cases[i].parts) == 0 && message->oddities == cases[i].oddities)
            continue;
        wrong++;
        print_error("%s: %s (%x), expected %s (%x)\n", cases[i].name, parts, message->oddities, cases[i].parts,
                    cases[i].oddities);
    }
    assert_int_equal(wrong, 0);
}

static void
test_mime_parse_of_bare_cr_reads_both_ways(void **state)
{
    const char letter[] = "From: a@b.c\rSubject: s\rContent-Type: text/html\r\rhello\r";
    g_autoptr(Message) message = letter_of(letter, -1, TRUE);
    assert_true(mime_parse(message, settings, NULL));
    assert_true(message->oddities & ODD_BARE_CR);
    g_autofree char *parts = letter_parts(message);
    assert_non_null(strstr(parts, "text/html"));
}

static void
test_mime_parse_of_nul_in_a_header_keeps_the_bytes(void **state)
{
    const char letter[] = "From: a@b.c\r\nSubject: a\0b\r\n\r\nhello\r\n";
    g_autoptr(Message) message = letter_of(letter, sizeof letter - 1, TRUE);
    assert_true(mime_parse(message, settings, NULL));
    assert_true(message->oddities & ODD_NUL);
    g_autofree char *parts = letter_parts(message);
    assert_string_equal(parts, "0 letter, 1 text/plain, 0r1 raw");
}

static void
test_mime_parse_names_parts_with_their_path(void **state)
{
    g_autoptr(Message) message =
        letter_of(HEAD MIXED("A") "\n--A\nContent-Type: message/rfc822; name=old.eml\n\nSubject: inner\n" MIXED(
                      "B") "\n--B\n\none"
                           "\n--B\nContent-Type: application/pdf\nContent-Disposition: Attachment; filename=\"p.pdf\"\n"
                           "\n%PDF-1.4\n--B--\n\n--A--\n",
                  -1, FALSE);
    assert_true(mime_parse(message, settings, NULL));
    assert_int_equal(message->parts->len, 4);
    assert_string_equal(message_part(message, 1)->path, "1/old.eml");
    assert_string_equal(message_part(message, 2)->path, "1/old.eml/1");
    const Part *pdf = message_part(message, 3);
    assert_string_equal(pdf->path, "1/old.eml/2/p.pdf");
    assert_string_equal(pdf->number, "1.2");
    assert_string_equal(pdf->disposition, "attachment");
    assert_true(pdf->is_attachment);
    assert_int_equal(pdf->parent, 1);
    assert_int_equal(pdf->depth, 2);
    assert_string_equal(message->message_id, "x@y");
}

static gboolean
collect(const guint8 *bytes, gsize length, gpointer user)
{
    g_string_append_len(user, (const char *)bytes, (gssize)length);
    return TRUE;
}

/* What an image of a disc is stands behind 32 KB. */
static void
test_mime_parse_looks_far_into_the_unknown(void **state)
{
    g_autofree guint8 *image = g_malloc0(DETECT_FAR_AT + 100);
    memcpy(image + DETECT_FAR_AT, "CD001", 5);
    g_autofree char *base64 = g_base64_encode(image, DETECT_FAR_AT + 100);
    g_autofree char *text = g_strconcat(
        HEAD "Content-Type: application/octet-stream\nContent-Transfer-Encoding: base64\n\n", base64, "\n", NULL);
    g_autoptr(Message) message = letter_of(text, -1, FALSE);
    assert_true(mime_parse(message, settings, NULL));
    assert_string_equal(message_part(message, 1)->detected, "application/x-iso9660-image");
}

static void
test_mime_part_bytes_undoes_the_transfer_encoding(void **state)
{
    g_autoptr(Message) message =
        letter_of(HEAD MIXED("B") "\n--B\nContent-Transfer-Encoding: base64 (really)\n\naGVs\nbG8=\nIHdvcmxk\n--B\n"
                                  "Content-Transfer-Encoding: \"quoted-printable\"\n\na=3Db=\nc\n--B\n\nplain\n--B--\n",
                  -1, FALSE);
    static const char *const expected[] = {"hello world", "a=bc", "plain"};
    assert_true(mime_parse(message, settings, NULL));
    for (guint i = 0; i < 3; i++) {
        g_autoptr(GString) text = g_string_new(NULL);
        assert_int_equal(mime_part_bytes(message_part(message, i + 1), collect, text, NULL, NULL), 1);
        assert_string_equal(text->str, expected[i]);
    }
}

static gboolean
join_headers(const char *name, const char *raw, gsize length, gpointer user)
{
    g_string_append_printf(user, "%s=%.*s|", name, (int)strcspn(raw + 1, "\r\n"), raw + 1);
    return TRUE;
}

static void
test_mime_headers_gives_those_of_the_entity(void **state)
{
    g_autoptr(Message) message =
        letter_of("Subject: outer\nX-A: 1\n" MIXED(
                      "B") "\n--B\nContent-Type: message/rfc822\nContent-Description: d\n\nSubject: inner\n"
                           "Content-Type: text/html\n\nx\n--B--\n",
                  -1, FALSE);
    static const char *const expected[] = {"Subject=outer|X-A=1|Content-Type=multipart/mixed; boundary=B|",
                                           "Content-Type=message/rfc822|Content-Description=d|Subject=inner|",
                                           "Content-Type=text/html|"};
    assert_true(mime_parse(message, settings, NULL));
    for (guint i = 0; i < 3; i++) {
        g_autoptr(GString) text = g_string_new(NULL);
        mime_headers(message_part(message, i), join_headers, text);
        assert_string_equal(text->str, expected[i]);
    }
}

static void
test_mime_parse_beyond_a_limit_leaves_raw_bytes(void **state)
{
    g_autoptr(GString) many = g_string_new(HEAD MIXED("B") "\n");
    for (guint i = 0; i < 100; i++)
        g_string_append_printf(many, "--B\n\nnumber %u\n", i);
    g_autoptr(GString) deep = g_string_new(HEAD);
    for (guint i = 0; i < 60; i++)
        g_string_append_printf(deep, MIXED("B%u") "\n--B%u\n", i, i);
    g_string_append(deep, "\ninnermost\n");
    g_autoptr(GString) headers = g_string_new(HEAD);
    for (guint i = 0; i < 2000; i++)
        g_string_append_printf(headers, "X-Number-%u: something\n", i);
    g_string_append(headers, "\nbody\n");
    g_autoptr(GString) face = g_string_new(HEAD MIXED("B") "\n");
    for (guint i = 0; i < 40000; i++)
        g_string_append(face, "a line of some thirty characters\n");
    const struct {
        const GString *letter;
        guint oddity;
        Coverage coverage;
    } limits[] = {
        {many, ODD_PARTS, COVERAGE_PARTIAL},
        {deep, ODD_DEPTH, COVERAGE_PARTIAL},
        {headers, ODD_HEADER_BYTES, COVERAGE_PARTIAL},
        {face, ODD_BROKEN_BOUNDARY, COVERAGE_COMPLETE},
    };
    g_autoptr(Settings) tight = settings_new_default();
    tight->max_parts = 70;
    tight->max_depth = 20;
    tight->max_header_bytes = 20000;
    for (gsize i = 0; i < G_N_ELEMENTS(limits); i++) {
        g_autoptr(Message) message = letter_of(limits[i].letter->str, (gssize)limits[i].letter->len, FALSE);
        assert_true(mime_parse(message, tight, NULL));
        if (!(message->oddities & limits[i].oddity))
            fail_msg("limit %zu: oddities %x", i, message->oddities);
        const Part *last = NULL;
        for (guint j = 0; j < message->parts->len; j++)
            if (message_part(message, j)->kind == PART_RAW)
                last = message_part(message, j);
        assert_non_null(last);
        assert_int_equal(last->coverage, limits[i].coverage);
        assert_int_equal(last->content->bound_end, message->size);
        assert_true(message->parts->len <= 80);
    }
}

static void
test_mime_parse_of_a_broken_spool_is_an_io_error(void **state)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Spool) spool = spool_new(g_get_tmp_dir(), 0, NULL);
    assert_true(spool_write(spool, HEAD "\nhello\n", strlen(HEAD "\nhello\n"), NULL));
    assert_true(spool_seal(spool, NULL));
    guint8 wrong[CRYPTO_KEY_SIZE] = {1};
    g_autoptr(Message) message = message_new();
    message->raw = spool_stream_open(spool_fd(spool), wrong, spool_length(spool), NULL);
    message->size = spool_length(spool);
    assert_false(mime_parse(message, settings, &error));
    assert_int_equal(error->code, HANGU_ERROR_IO);
}

static int
load_settings(void **state)
{
    settings = settings_new_default();
    return 0;
}

static int
free_settings(void **state)
{
    settings_free(settings);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mime_parse_lists_the_parts),
        cmocka_unit_test(test_mime_parse_of_bare_cr_reads_both_ways),
        cmocka_unit_test(test_mime_parse_of_nul_in_a_header_keeps_the_bytes),
        cmocka_unit_test(test_mime_parse_names_parts_with_their_path),
        cmocka_unit_test(test_mime_parse_looks_far_into_the_unknown),
        cmocka_unit_test(test_mime_part_bytes_undoes_the_transfer_encoding),
        cmocka_unit_test(test_mime_headers_gives_those_of_the_entity),
        cmocka_unit_test(test_mime_parse_beyond_a_limit_leaves_raw_bytes),
        cmocka_unit_test(test_mime_parse_of_a_broken_spool_is_an_io_error),
    };
    return cmocka_run_group_tests(tests, load_settings, free_settings);
}
