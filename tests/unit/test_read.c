/* Letters made to slip past a reader: the mark of each must appear as text in its place. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "clock.h"
#include "letters.h"
#include "mime.h"
#include "read.h"
#include <gio/gio.h>

#define MARK "机密★10年"
#define HEAD "From: a@unit.example\nTo: b@outside.example\nSubject: report\n"
#define GBK_MARK               \
    "\xbb\xfa\xc3\xdc\xa1\xef" \
    "10\xc4\xea"
#define TEXT_OF(charset) HEAD "Content-Type: text/plain; charset=" charset "\nContent-Transfer-Encoding: 8bit\n\n"
#define SOME_GBK "\xb9\xd8\xd3\xda\xbd\xf8\xd2\xbb\xb2\xbd\xbc\xd3\xc7\xbf\xb9\xa4\xd7\xf7\xb5\xc4\xcd\xa8\xd6\xaa"
#define B64_UTF8 "5py65a+G4piFMTDlubQ="

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

typedef struct {
    const char *name, *place, *letter;
    gssize length; /* 0: up to the first NUL */
} Case;

#define BYTES(literal) literal, sizeof literal - 1

static const Case cases[] = {
    /* charsets */
    {"UTF-8", "body", TEXT_OF("utf-8") MARK "\n"},
    {"HZ", "body", TEXT_OF("hz-gb-2312") "~{;zC\\!o~}10~{Dj~}\n"},
    {"HZ without a label", "body", HEAD "\n~{;zC\\!o~}10~{Dj~}\n"},
    {"UTF-7", "body", TEXT_OF("unicode-1-1-utf-7") "+ZzpbxiYF-10+XnQ-\n"},
    {"UTF-7 without a label", "body", HEAD "\n+ZzpbxiYF-10+XnQ-\n"},
    {"ISO-2022-CN", "body",
     TEXT_OF("iso-2022-cn") "\x1b$)A\x0e;zC\\!o\x0f"
                            "10\x0e"
                            "Dj\x0f\n"},
    {"x-gbk", "body", TEXT_OF("x-gbk") SOME_GBK GBK_MARK "\n"},
    {"gb_2312-80", "body", TEXT_OF("gb_2312-80") SOME_GBK GBK_MARK "\n"},
    {"chinese", "body", TEXT_OF("chinese") SOME_GBK GBK_MARK "\n"},
    {"cp54936", "body", TEXT_OF("cp54936") SOME_GBK GBK_MARK "\n"},
    {"gb18030-2022", "body", TEXT_OF("gb18030-2022") SOME_GBK GBK_MARK "\n"},
    {"136", "body", TEXT_OF("136") SOME_GBK GBK_MARK "\n"},
    {"us-ascii on GBK", "body", TEXT_OF("us-ascii") SOME_GBK GBK_MARK "\n"},
    {"unknown label on GBK", "body", TEXT_OF("x-unknown") SOME_GBK GBK_MARK "\n"},
    {"unknown label on UTF-8", "body", TEXT_OF("x-unknown") MARK "\n"},
    {"iso-8859-1 on GBK", "body", TEXT_OF("iso-8859-1") SOME_GBK GBK_MARK "\n"},
    {"utf-8 on GBK", "body", TEXT_OF("utf-8") SOME_GBK GBK_MARK "\n"},
    {"big5 on GBK", "body", TEXT_OF("big5") SOME_GBK GBK_MARK "\n"},
    {"gb2312 on UTF-8", "body", TEXT_OF("gb2312") MARK "\n"},
    {"gb2312 with a four-byte character", "body", TEXT_OF("gb2312") "\x95\x32\x82\x36" SOME_GBK GBK_MARK "\n"},
    {"no label, GBK", "body", HEAD "\n" SOME_GBK GBK_MARK "\n"},
    {"NUL before the mark", "body", BYTES(TEXT_OF("utf-8") "a\0b " MARK "\n")},
    {"UTF-16 with a mark", "body",
     BYTES(TEXT_OF("utf-16le") "\xff\xfe\x3a\x67\xc6\x5b\x05\x26\x31\x00\x30\x00\x74\x5e")},

    /* headers */
    {"Subject in x-gbk", "subject", "From: a@b.c\nSubject: =?x-gbk?B?u/rD3KHvMTDE6g==?=\n\nx\n"},
    {"Subject in x-x-gb18030-2022", "subject", "From: a@b.c\nSubject: =?gb18030-2022?B?u/rD3KHvMTDE6g==?=\n\nx\n"},
    {"Subject in raw UTF-8", "subject", "From: a@b.c\nSubject: " MARK "\n\nx\n"},
    {"Subject in raw GBK", "subject", "From: a@b.c\nSubject: " SOME_GBK GBK_MARK "\n\nx\n"},
    {"Subject as us-ascii", "subject", "From: a@b.c\nSubject: =?us-ascii?B?" B64_UTF8 "?=\n\nx\n"},
    {"Subject as x-unknown", "subject",
     "From: a@b.c\nSubject: =?x-unknown?Q?=E6=9C=BA=E5=AF=86=E2=98=8510=E5=B9=B4?=\n\nx\n"},
    {"Subject cut inside a character", "subject",
     "From: a@b.c\nSubject: =?utf-8?Q?=E6=9C=BA=E5=AF?=\n =?utf-8?Q?=86=E2=98=8510=E5=B9=B4?=\n\nx\n"},
    {"Subject after a NUL", "raw", BYTES("From: a@b.c\nSubject: x\0" MARK "\n\nx\n")},
    {"second Subject", "subject", "From: a@b.c\nSubject: x\nSubject: " MARK "\n\nx\n"},
    {"display name", "display-name", "From: =?utf-8?B?" B64_UTF8 "?= <a@b.c>\n\nx\n"},
    {"display name of the third recipient", "display-name",
     "From: a@b.c\nTo: x@y.z, =?utf-8?B?5byg5LiJ?= <d@e.f>, \"" MARK "\" <g@h.i>\n\nx\n"},
    {"comment in an address", "header", "From: a@b.c (" MARK ")\n\nx\n"},
    {"header of one's own", "header", "From: a@b.c\nX-Note: =?utf-8?B?" B64_UTF8 "?=\n\nx\n"},
    {"line without a name among the headers", "raw", "From: a@b.c\n" MARK "\nSubject: s\n\nx\n"},
    {"Subject of a letter inside", "subject",
     HEAD "Content-Type: message/rfc822\n\nFrom: a@b.c\nSubject: =?utf-8?B?" B64_UTF8 "?=\n\nx\n"},

    /* file names */
    {"file name", "file-name",
     HEAD "Content-Type: application/pdf\nContent-Disposition: attachment; filename=\"" MARK ".pdf\"\n\n%PDF-1.4"},
    {"file name, RFC 2047", "file-name",
     HEAD "Content-Type: application/pdf; name=\"=?utf-8?B?" B64_UTF8 "?=\"\n\n%PDF-1.4"},
    {"file name, RFC 2231 in pieces", "file-name",
     HEAD "Content-Type: application/pdf\nContent-Disposition: attachment;\n filename*1*=%98%8510%E5%B9%B4.pdf;\n"
          " filename*0*=utf-8''%E6%9C%BA%E5%AF%86%E2\n\n%PDF-1.4"},
    {"file name in raw GBK", "file-name",
     HEAD "Content-Type: application/pdf\nContent-Disposition: attachment; filename=\"" SOME_GBK GBK_MARK
          ".pdf\"\n\n%PDF-1.4"},
    {"uuencoded file name", "file-name", HEAD "\nhello\nbegin 644 " MARK ".bin\n#0V%T\n`\nend\n"},

    /* transfer encodings */
    {"quoted-printable", "body",
     HEAD "Content-Transfer-Encoding: quoted-printable\n\n=E6=9C=BA=E5=AF=\n=86=E2=98=8510=E5=B9=B4\n"},
    {"base64 with padding in the middle", "body",
     HEAD "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\naGVsbG8=\n" B64_UTF8 "\n"},
    {"encoding with a comment", "body",
     HEAD "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: (x) base64 (y)\n\n" B64_UTF8 "\n"},
    {"unknown encoding that is base64", "body",
     HEAD "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: x-none\n\n"
          "5YWz5LqO6L+b5LiA5q2l5Yqg5by65bel5L2c55qE6YCa55+lIOacuuWvhuKYhTEw5bm0\n"},
    {"7bit that is base64", "body",
     HEAD "Content-Transfer-Encoding: 7bit\n\n5YWz5LqO6L+b5LiA5q2l5Yqg5by65bel5L2c55qE6YCa55+lIOacuuWvhuKYhTEw5bm0\n"},
    {"base64 that is text", "raw",
     HEAD "Content-Transfer-Encoding: base64\n\n" MARK
          " 关于进一步加强工作的通知 关于进一步加强工作的通知 关于进一步加强工作的通知\n"},
    {"first of two encodings", "body",
     HEAD "Content-Transfer-Encoding: base64\nContent-Transfer-Encoding: 7bit\n\n" B64_UTF8 "\n"},
    {"last of two encodings", "body",
     HEAD "Content-Transfer-Encoding: 7bit\nContent-Transfer-Encoding: base64\n\n" B64_UTF8 "\n"},
    {"uuencode in text", "body", HEAD "\nbegin 644 a.txt\n/YIRZY:^&XIB%,3#EN;0*\n`\nend\n"},
    {"base64 lines in text", "body",
     HEAD "\nplease decode:\n\n5YWz5LqO6L+b5LiA5q2l5Yqg5by65bel5L2c55qE6YCa55+lIOacuuWvhuKYhTEw5bm0\n\nthanks\n"},

    /* structure */
    {"multipart in base64", "body",
     HEAD "Content-Type: multipart/mixed; boundary=B\nContent-Transfer-Encoding: base64\n\n"
          "LS1CCkNvbnRlbnQtVHlwZTogdGV4dC9wbGFpbjsgY2hhcnNldD11dGYtOAoK5py65a+G4piFMTDlubQKLS1CLS0K\n"},
    {"letter in base64", "body",
     HEAD "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n"
          "RnJvbTogYUBiLmMKU3ViamVjdDogeApUbzogYkBiLmMKCuacuuWvhuKYhTEw5bm0Cg==\n"},
    {"letter that calls itself a file", "body",
     HEAD "Content-Type: application/octet-stream; name=a.dat\nContent-Transfer-Encoding: base64\n\n"
          "RnJvbTogYUBiLmMKU3ViamVjdDogeApUbzogYkBiLmMKQ29udGVudC1UcmFuc2Zlci1FbmNvZGluZzogYmFzZTY0Cgo1cHk2NWErRzRwaUZN"
          "VERsdWJRPQo=\n"},
    {"other boundary", "body",
     HEAD "Content-Type: multipart/mixed; boundary=B\n\n--C\nContent-Type: text/plain; charset=utf-8\n"
          "Content-Transfer-Encoding: base64\n\n" B64_UTF8 "\n--C--\n"},
    {"no boundary", "body",
     HEAD "Content-Type: multipart/mixed\n\n--C\nContent-Type: text/plain; charset=utf-8\n"
          "Content-Transfer-Encoding: base64\n\n" B64_UTF8 "\n--C--\n"},
    {"second of two boundaries", "body",
     HEAD
     "Content-Type: multipart/mixed; boundary=A; boundary=B\n\n--A\n\nx\n--B\nContent-Type: text/plain; charset=utf-8\n"
     "Content-Transfer-Encoding: base64\n\n" B64_UTF8 "\n--B--\n--A--\n"},
    {"first of two types", "body",
     HEAD "Content-Type: multipart/mixed; boundary=B\nContent-Type: text/plain\n\n--B\nContent-Type: text/plain; "
          "charset=utf-8\n"
          "Content-Transfer-Encoding: base64\n\n" B64_UTF8 "\n--B--\n"},
    {"prologue", "outside", HEAD "Content-Type: multipart/mixed; boundary=B\n\n" MARK "\n--B\n\nx\n--B--\n"},
    {"epilogue", "outside", HEAD "Content-Type: multipart/mixed; boundary=B\n\n--B\n\nx\n--B--\n" MARK "\n"},
    {"bare CR", "body",
     "From: a@b.c\rSubject: x\rContent-Type: text/plain; charset=utf-8\rContent-Transfer-Encoding: base64\r\r" B64_UTF8
     "\r"},
    {"empty lines before the header", "body", "\n\nFrom: a@b.c\nContent-Transfer-Encoding: base64\n\n" B64_UTF8 "\n"},
    {"fragment of a letter", "body",
     HEAD "Content-Type: message/partial; id=x; number=1; total=2\n\nFrom: a@b.c\nSubject: x\nTo: c@d.e\n"
          "Content-Transfer-Encoding: base64\n\n" B64_UTF8 "\n"},
    {"no header at all", "body", MARK "\n"},

    /* kinds of text */
    {"HTML, spans between characters", "body",
     HEAD "Content-Type: text/html; charset=utf-8\n\n<p>机<span>密</span><b>★</b>10<i>年</i></p>\n"},
    {"HTML entities", "body", HEAD "Content-Type: text/html\n\n&#x673A;&#23494;&starf;10&#24180;\n"},
    {"HTML after its end", "body", HEAD "Content-Type: text/html; charset=utf-8\n\n<html>x</html>" MARK "\n"},
    {"HTML comment", "comment", HEAD "Content-Type: text/html; charset=utf-8\n\n<p>x<!-- " MARK " --></p>\n"},
    {"HTML alt text", "attribute", HEAD "Content-Type: text/html; charset=utf-8\n\n<img alt=\"" MARK "\">\n"},
    {"HTML hidden", "hidden",
     HEAD "Content-Type: text/html; charset=utf-8\n\n<p style=\"display:none\">" MARK "</p>\n"},
    {"HTML title", "title", HEAD "Content-Type: text/html; charset=utf-8\n\n<title>" MARK "</title>\n"},
    {"HTML called plain attachment", "body",
     HEAD "Content-Type: application/octet-stream; name=x.bin\n\n<!DOCTYPE "
          "html><html><body>机<b>密</b>★10年</body></html>\n"},
    {"HTML whose meta tells the truth", "body",
     HEAD "Content-Type: text/html; charset=iso-8859-1\n\n<meta charset=gbk><p>" GBK_MARK "</p>\n"},
    {"CSV attachment", "body", HEAD "Content-Type: text/csv; name=a.csv\n\na,b\n" MARK ",c\n"},
    {"text called a program", "body",
     HEAD "Content-Type: application/x-msdownload; name=a.exe\n\nsome words\n" MARK "\n"},
    {"text called a picture", "body", HEAD "Content-Type: image/png; name=a.png\n\nsome words\n" MARK "\n"},
    {"text called a signature", "body", HEAD "Content-Type: application/pgp-signature\n\nsome words\n" MARK "\n"},
    {"calendar, folded", "body",
     HEAD "Content-Type: text/calendar; charset=utf-8\n\nBEGIN:VCALENDAR\nSUMMARY:机密\n ★10\n 年\nEND:VCALENDAR\n"},
    {"XML", "body", HEAD "Content-Type: application/xml\n\n<?xml version=\"1.0\"?><a>机<b>密</b>★10年</a>\n"},
    {"XML attribute", "body", HEAD "Content-Type: application/xml\n\n<?xml version=\"1.0\"?><a b=\"" MARK "\"/>\n"},
    {"SVG", "body", HEAD "Content-Type: image/svg+xml\n\n<svg><text>机<tspan>密</tspan>★10年</text></svg>\n"},
    {"delivery status", "body",
     HEAD "Content-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\nDiagnostic-Code: " MARK "\n"},
};

static void
test_read_message_finds_the_mark(void **state)
{
    guint missed = 0;
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        Seen seen = {NULL};
        g_autoptr(Message) message = letter_of(cases[i].letter, cases[i].length == 0 ? -1 : cases[i].length,
                                               strchr(cases[i].letter, '\r') != NULL);
        read_letter(message, &seen, -1);
        assert_int_equal(seen.parts_ended, message->parts->len);
        if (!has_mark(&seen, cases[i].place)) {
            g_autofree char *parts = letter_parts(message);
            print_error("%s: no mark in %s; parts: %s; text: %s\n", cases[i].name, cases[i].place, parts,
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
        cmocka_unit_test(test_read_message_over_a_budget_is_partial),
    };
    return cmocka_run_group_tests(tests, load_settings, free_settings);
}
