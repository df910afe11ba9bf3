/* Letters made to slip past a reader: the mark of each must appear as text in its place. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "clock.h"
#include "evasions.h"
#include "letters.h"
#include "mime.h"
#include "read.h"
#include <gio/gio.h>

#define NOISE                                                                        \
    "grcO7n8aUDm+8H7CNH8GbtCPXcdRJEfjQEMAAmtuVFWUoGVoXWTEmAu41FRKhyGpmgGtIZ61nPah\n" \
    "XvbxWh2DC7fOCda7wATnF1xkPH3ssLWA7De8lxLdLmquuUuujS+fopxaKEye91IYKc8QebCA6ddK\n" \
    "HBD8q2pCQ9M2Vt6+TB7XlkjoVuj5ovWMlfDOSznBW/+tXC37i7ggthGcuo/4h5auWwXygKaM7ZO2\n" \
    "soyw0bNY5rqrSFVlufSQKNVX15qKDmRR4VxwXBXxc1QbRDiiXPdjEtTus8IkaHm/ALPPjtE6vxKa\n" \
    "MJetlrRC1tG970hQw/RlRC6zAMM3pkimwNvdc/yV9cLEUYWa/oDUCqOd+5JJ9Aw+432WFEXIBvWM\n" \
    "fPISffqJT5KW/PM8CECZkKyXDe2zuEMSAYHpN2EH29r2xfPIZJfuIZsB3ZLxn0lU9P6pTtkYI3WI\n" \
    "KyANqtsjz/kZPz5wOESV4ExdXtNSIm0WN8Ikjx08zEQF3S6h+vq0vxxGlk2UcIYgeIKRRHi+6Mdb\n" \
    "QwmuKxIuP+h6x+z1pTcPxBtN23I7\n"

typedef struct {
    GString *text; /* every segment, each on lines of its own: "<place> text" */
    guint segments, parts_ended, stop_after;
} Seen;

static Settings *settings;

static gboolean
take(const Segment *segment, gpointer user)
{
    Seen *seen = user;
    assert_true(segment->length > 0 && segment->length <= SEGMENT_MAX);
    assert_true(g_utf8_validate_len(segment->text, segment->length, NULL));
    assert_non_null(segment->charset);
    g_string_append_printf(seen->text, "<%s>%.*s\n", place_word(segment->place.kind), (int)segment->length,
                           segment->text);
    return ++seen->segments != seen->stop_after;
}

static gboolean
part_end(guint part, gpointer user)
{
    Seen *seen = user;
    seen->parts_ended++;
    return FALSE;
}

static Message *
read_letter(Message *message, Seen *seen, gint64 deadline_us)
{
    const Reader reader = {take, part_end, seen, deadline_us};
    g_autoptr(GError) error = NULL;
    *seen = (Seen){g_string_new(NULL), 0, 0, seen->stop_after};
    assert_true(mime_parse(message, settings, &error));
    assert_true(read_message(message, settings, &reader, &error));
    return message;
}

static gboolean
has_mark(const Seen *seen, const char *place)
{
    g_autofree char *tag = g_strdup_printf("<%s>", place);
    g_auto(GStrv) pieces = g_strsplit(seen->text->str, "\n<", -1);
    for (char **piece = pieces; *piece != NULL; piece++) {
        const char *text = **piece == '<' ? *piece + 1 : *piece;
        if (g_str_has_prefix(text, tag + 1) && strstr(text, MARK) != NULL)
            return TRUE;
    }
    return FALSE;
}

static void
test_read_message_finds_the_mark(void **state)
{
    guint missed = 0;
    for (gsize i = 0; i < G_N_ELEMENTS(evasions); i++) {
        Seen seen = {NULL};
        g_autoptr(Message) message = letter_of(evasions[i].letter, evasions[i].length == 0 ? -1 : evasions[i].length,
                                               strchr(evasions[i].letter, '\r') != NULL);
        read_letter(message, &seen, -1);
        assert_int_equal(seen.parts_ended, message->parts->len);
        if (!has_mark(&seen, evasions[i].place)) {
            g_autofree char *parts = letter_parts(message);
            print_error("%s: no mark in %s; parts: %s; text: %s\n", evasions[i].name, evasions[i].place, parts,
                        seen.text->str);
            missed++;
        }
        g_string_free(seen.text, TRUE);
    }
    assert_int_equal(missed, 0);
}

static void
test_read_message_finds_what_lies_deep(void **state)
{
    static const char *const kinds[] = {"multipart/mixed; boundary=B%u", "message/rfc822"};
    for (gsize kind = 0; kind < G_N_ELEMENTS(kinds); kind++) {
        g_autoptr(GString) letter = g_string_new(HEAD);
        for (guint i = 0; i < 700; i++) {
            g_string_append(letter, "Content-Type: ");
            g_autofree char *number = g_strdup_printf("%u", i);
            g_auto(GStrv) type = g_strsplit(kinds[kind], "%u", 2);
            g_autofree char *whole = g_strjoinv(number, type);
            g_string_append_printf(letter, "%s\n\n", whole);
            if (kind == 0)
                g_string_append_printf(letter, "--B%u\n", i);
        }
        g_string_append(letter, "\n\n" MARK "\n");
        Seen seen = {NULL};
        g_autoptr(Message) message = letter_of(letter->str, -1, FALSE);
        read_letter(message, &seen, -1);
        assert_true(has_mark(&seen, "raw"));
        assert_int_equal(message->coverage, COVERAGE_PARTIAL);
        assert_int_equal(message->why, WHY_OVER_BUDGET);
        assert_true(message->oddities & ODD_DEPTH);
        g_string_free(seen.text, TRUE);
    }
}

/* --- coverage --------------------------------------------------------------------------------------------------- */

static const struct {
    const char *name, *headers, *body;
    Coverage coverage;
    CoverageWhy why;
    guint oddity;
} covers[] = {
    {"text", "", "hello\n", COVERAGE_COMPLETE, WHY_NONE, 0},
    {"PDF", "Content-Type: application/pdf\n", "%PDF-1.4\n", COVERAGE_UNREADABLE, WHY_UNSUPPORTED, 0},
    {"PDF called text", "Content-Type: text/plain; name=a.txt\n", "%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", COVERAGE_UNREADABLE,
     WHY_UNSUPPORTED, ODD_TYPE_MISMATCH},
    {"Korean in UTF-16 without a mark", "Content-Type: text/plain\nContent-Transfer-Encoding: base64\n",
     "1ozHWAAgx5C4zLl8ACC89LC0ACC03Lm9ssiy5AAuACCy5MdMACDI/AAgxtTGlMd8rkzJwAAgx1isrMdEACDI/"
     "MLcrjAAILwUt42yyLLkAC4ADQAK\n",
     COVERAGE_COMPLETE, WHY_NONE, 0},
    {"noise called text", "Content-Type: text/plain\nContent-Transfer-Encoding: base64\n", NOISE, COVERAGE_UNREADABLE,
     WHY_UNSUPPORTED, ODD_TYPE_MISMATCH},
    {"zip", "Content-Type: application/zip\nContent-Transfer-Encoding: base64\n", "UEsDBBQAAAAIAA==\n",
     COVERAGE_UNREADABLE, WHY_UNSUPPORTED, 0},
    {"zip called a signature", "Content-Type: application/pgp-signature\nContent-Transfer-Encoding: base64\n",
     "UEsDBBQAAAAIAA==\n", COVERAGE_UNREADABLE, WHY_UNSUPPORTED, 0},
    {"picture", "Content-Type: image/png\nContent-Transfer-Encoding: base64\n", "iVBORw0KGgoAAAANSUhEUg==\n",
     COVERAGE_OPAQUE, WHY_NONE, 0},
    {"signature", "Content-Type: multipart/signed; boundary=B\n",
     "--B\n\nhello\n--B\nContent-Type: application/pgp-signature\n\n"
     "-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----\n",
     COVERAGE_OPAQUE, WHY_NONE, 0},
    {"S/MIME", "Content-Type: application/pkcs7-mime; smime-type=enveloped-data\nContent-Transfer-Encoding: base64\n",
     "MIIBBgYJKoZIhvcNAQcDoIH4\n", COVERAGE_UNREADABLE, WHY_ENCRYPTED, 0},
    {"PGP in text", "", "hello\n-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----\n", COVERAGE_UNREADABLE,
     WHY_ENCRYPTED, 0},
    {"PGP/MIME", "Content-Type: multipart/encrypted; boundary=B; protocol=\"application/pgp-encrypted\"\n",
     "--B\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--B\nContent-Type: application/octet-stream\n\n"
     "-----BEGIN PGP MESSAGE-----\n\nhQEMA\n--B--\n",
     COVERAGE_UNREADABLE, WHY_ENCRYPTED, 0},
    {"delivery status", "Content-Type: message/delivery-status\n", "Reporting-MTA: dns; x\n", COVERAGE_OPAQUE, WHY_NONE,
     0},
    {"fragment", "Content-Type: message/partial; id=x; number=2; total=2\n", "xyz\n", COVERAGE_UNREADABLE,
     WHY_UNSUPPORTED, ODD_PARTIAL_MESSAGE},
    {"RTF", "Content-Type: text/rtf\n", "{\\rtf1\\ansi hello}\n", COVERAGE_UNREADABLE, WHY_UNSUPPORTED, 0},
    {"lying charset", "Content-Type: text/plain; charset=us-ascii\n", "机密文件管理办法的通知\n", COVERAGE_COMPLETE,
     WHY_NONE, ODD_CHARSET_LIE},
};

static void
test_read_message_tells_what_was_not_read(void **state)
{
    guint wrong = 0;
    for (gsize i = 0; i < G_N_ELEMENTS(covers); i++) {
        g_autofree char *letter = g_strconcat(HEAD, covers[i].headers, "\n", covers[i].body, NULL);
        Seen seen = {NULL};
        g_autoptr(Message) message = letter_of(letter, -1, FALSE);
        read_letter(message, &seen, -1);
        if (message->coverage != covers[i].coverage || message->why != covers[i].why ||
            (message->oddities & covers[i].oddity) != covers[i].oddity) {
            print_error("%s: %s %s, oddities %x\n", covers[i].name, coverage_word(message->coverage),
                        why_word(message->why), message->oddities);
            wrong++;
        }
        g_string_free(seen.text, TRUE);
    }
    assert_int_equal(wrong, 0);
}

static void
test_read_message_takes_the_digest_of_the_content(void **state)
{
    g_autofree char *letter = g_strconcat(HEAD, "Content-Transfer-Encoding: base64\n\naGVsbG8=\n", NULL);
    Seen seen = {NULL};
    g_autoptr(Message) message = letter_of(letter, -1, FALSE);
    read_letter(message, &seen, -1);
    const Part *part = message_part(message, 1);
    assert_true(part->has_digest);
    g_autofree char *hex = crypto_hex(part->digest, sizeof part->digest);
    assert_string_equal(hex, "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
    assert_int_equal(message->text_bytes, 5);
    g_string_free(seen.text, TRUE);
}

/* --- limits ----------------------------------------------------------------------------------------------------- */

static GString *
long_letter(const char *charset, gsize length)
{
    GString *letter = g_string_new(HEAD "Content-Type: text/plain; charset=");
    g_string_append_printf(letter, "%s\n\n", charset);
    while (letter->len < length)
        g_string_append(letter, SOME_GBK ", 0123456789\r\n");
    return letter;
}

static void
test_read_message_of_a_long_text_misses_no_seam(void **state)
{
    for (gsize shift = 0; shift < 24; shift++) {
        g_autoptr(GString) letter = long_letter("gbk", 65536 - 12 + shift);
        g_string_truncate(letter, 65536 + 90 - 12 + shift);
        letter->str[letter->len - 1] = ' ';
        g_string_append(letter, " " GBK_MARK " ");
        g_autoptr(GString) rest = long_letter("x", 100000);
        g_string_append(letter, rest->str);
        Seen seen = {NULL};
        g_autoptr(Message) message = letter_of(letter->str, -1, FALSE);
        read_letter(message, &seen, -1);
        assert_true(has_mark(&seen, "body"));
        g_string_free(seen.text, TRUE);
    }
}

typedef struct {
    guint beginnings, others;
} Beginnings;

static gboolean
watch_beginnings(const Segment *segment, gpointer user)
{
    Beginnings *seen = user;
    gboolean begins = segment->place.kind == PLACE_BODY && (segment->place.line == 1 || !segment->place.continued);
    seen->beginnings += begins;
    seen->others += segment->place.kind == PLACE_BODY && !begins;
    return TRUE;
}

static gboolean
end_of_no_interest(guint part, gpointer user)
{
    return FALSE;
}

/* Bytes that make another decoding plausible late in the text: that one does not begin a page. */
static void
test_read_message_has_first_lines_at_the_start_only(void **state)
{
    g_autoptr(GString) letter = g_string_new("Subject: x\nContent-Type: text/plain; charset=utf-8\n\n");
    g_autoptr(GError) error = NULL;
    Beginnings seen = {0, 0};
    const Reader reader = {watch_beginnings, end_of_no_interest, &seen, -1};
    for (guint i = 0; i < 4000; i++)
        g_string_append(letter, "周二下午两点在三楼会议室开会。\n");
    for (guint i = 0; i < 20000; i++)
        g_string_append(letter, "\xC3\xD8\xC3\xDC\xCE\xC4\xBC\xFE\n"); /* GBK */
    g_string_append(letter, "秘密\n\xE7");
    g_autoptr(Message) message = letter_of(letter->str, (gssize)letter->len, FALSE);
    assert_true(mime_parse(message, settings, &error));
    assert_true(read_message(message, settings, &reader, &error));
    assert_int_equal(seen.beginnings, 1);
    assert_true(seen.others > 3);
}

static void
test_read_message_over_a_budget_is_partial(void **state)
{
    g_autoptr(GString) letter = long_letter("gbk", 500000);
    gint64 part_bytes = settings->max_part_bytes, text_bytes = settings->max_text_bytes;
    for (guint round = 0; round < 4; round++) {
        settings->max_part_bytes = round == 0 ? 100000 : part_bytes;
        settings->max_text_bytes = round == 1 ? 100000 : text_bytes;
        Seen seen = {.stop_after = round == 3 ? 2 : 0};
        g_autoptr(Message) message = letter_of(letter->str, -1, FALSE);
        clock_set_fake(1000, 1000);
        read_letter(message, &seen, round == 2 ? 500 : -1);
        clock_set_fake(-1, -1);
        assert_int_equal(message->coverage, COVERAGE_PARTIAL);
        assert_int_equal(message->why, WHY_OVER_BUDGET);
        assert_true(seen.text->len < 300000);
        assert_false(message_part(message, 1)->has_digest);
        g_string_free(seen.text, TRUE);
    }
    settings->max_part_bytes = part_bytes;
    settings->max_text_bytes = text_bytes;
}

static int
load_settings(void **state)
{
    settings = settings_new_default();
    g_free(settings->spool_dir);
    settings->spool_dir = g_strdup(g_get_tmp_dir());
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
        cmocka_unit_test(test_read_message_finds_the_mark),
        cmocka_unit_test(test_read_message_finds_what_lies_deep),
        cmocka_unit_test(test_read_message_tells_what_was_not_read),
        cmocka_unit_test(test_read_message_takes_the_digest_of_the_content),
        cmocka_unit_test(test_read_message_of_a_long_text_misses_no_seam),
        cmocka_unit_test(test_read_message_has_first_lines_at_the_start_only),
        cmocka_unit_test(test_read_message_over_a_budget_is_partial),
    };
    return cmocka_run_group_tests(tests, load_settings, free_settings);
}
