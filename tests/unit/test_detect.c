#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "detect.h"
#include "detect_inside.h"
#include <string.h>

#define BYTES(text) text, sizeof text - 1

typedef struct {
    const char *bytes;
    gsize length;
    DetectClass class;
    const char *type;
} Case;

static void
assert_cases(const Case *cases, gsize count)
{
    for (gsize i = 0; i < count; i++) {
        /* an exact copy, so that a read past the end is seen */
        g_autofree guint8 *exact = g_memdup2(cases[i].bytes, cases[i].length);
        Detected seen = detect_bytes(exact, cases[i].length);
        if (seen.class != cases[i].class || strcmp(seen.type, cases[i].type) != 0)
            print_message("case %zu: class %d type %s, expected %s\n", i, seen.class, seen.type, cases[i].type);
        assert_int_equal(seen.class, cases[i].class);
        assert_true(detect_is_known(seen.type));
        assert_string_equal(seen.type, cases[i].type);
    }
}

static void
test_detect_bytes_by_signature(void **state)
{
    static const Case cases[] = {
        {BYTES("%PDF-1.4\n%\xE2\xE3\xCF\xD3"), DETECT_BINARY, "application/pdf"},
        {BYTES("junk before\n%PDF-1.7\n1 0 obj"), DETECT_BINARY, "application/pdf"},
        {BYTES("\0\1\2junk%PDF-1.7\n"), DETECT_BINARY, "application/pdf"},
        {BYTES("{\\rtf1\\ansi"), DETECT_BINARY, "application/rtf"},
        {BYTES("\xEF\xBB\xBF\r\n {\\rtf1\\ansi"), DETECT_BINARY, "application/rtf"},
        {BYTES("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\0\0"), DETECT_BINARY, "application/x-ole-storage"},
        {BYTES("Founder CEB 3.0"), DETECT_BINARY, "application/x-founder-ceb"},
        {BYTES("CAJ\0\0\1\2\3"), DETECT_BINARY, "application/x-cnki-caj"},
        {BYTES("KDH 2.00\1\2\3\4"), DETECT_BINARY, "application/x-cnki-kdh"},
        {BYTES("TEB\0\1\2\3\4"), DETECT_BINARY, "application/x-cnki-caj"},
        {BYTES("TEB is a word"), DETECT_TEXT, "text/plain"},
        {BYTES("HN\0\0\1\2\3\4"), DETECT_BINARY, "application/x-cnki-caj"},
        {BYTES("AC1027\0\0\0\0\1"), DETECT_BINARY, "image/vnd.dwg"},
        {BYTES("AT&TFORM\0\0\1\2DJVM"), DETECT_BINARY, "image/vnd.djvu"},
        {BYTES("%!PS-Adobe-3.0\n"), DETECT_BINARY, "application/postscript"},
        {BYTES("\xC5\xD0\xD3\xC6\x20\0\0\0"), DETECT_BINARY, "application/postscript"},
        {BYTES("\x1B%-12345X@PJL\r\n"), DETECT_BINARY, "application/vnd.hp-pcl"},
        {BYTES("\x31\xBE\0\0\0\xAB"), DETECT_BINARY, "application/x-mswrite"},
        {BYTES("\xDB\xA5\x2D\0\1"), DETECT_BINARY, "application/x-msword-before-6"},
        {BYTES("\0\0\2\0\6\4\6\0\x08\0"), DETECT_BINARY, "application/vnd.lotus-1-2-3"},
        {BYTES("\0\1\0\0Standard Jet DB\0"), DETECT_BINARY, "application/x-msaccess"},
        {BYTES("\xE4\x52\x5C\x7B\x8C\xD8\xA7\x4D\xAE\xB1"), DETECT_BINARY, "application/onenote"},
        {BYTES("%TSD-Header-###%\0\1\2\3"), DETECT_BINARY, "application/x-encrypted-tsd"},
        {BYTES("\x62\x14\x23\x65\0\0E-SafeNet\0\0\0LOCK"), DETECT_BINARY, "application/x-encrypted-esafenet"},
        {BYTES("Salted__\1\2\3\4\5\6\7\x10\xFF"), DETECT_BINARY, "application/x-encrypted-openssl"},
        {BYTES("Salted__ is what a text may begin with"), DETECT_TEXT, "text/plain"},
        {BYTES("xar!\0\x1C\0\1"), DETECT_BINARY, "application/x-xar"},
        {BYTES("ZOO 2.10 Archive.\x1A\0\0\xDC\xA7\xC4\xFD"), DETECT_BINARY, "application/x-zoo"},
        {BYTES("MSWIM\0\0\0\xD0\0\0\0"), DETECT_BINARY, "application/x-ms-wim"},
        {BYTES("\x60\xEA\x29\0\x1E"), DETECT_BINARY, "application/x-arj"},
        {BYTES("\0\0\0\0\0\0\0**ACE**\x14\x14"), DETECT_BINARY, "application/x-ace-compressed"},
        {BYTES("\x78\x9F\x3E\x22\1\0"), DETECT_BINARY, "application/ms-tnef"},
        {BYTES("\x1F\x8B\x08\0"), DETECT_BINARY, "application/gzip"},
        {BYTES("BZh91AY&SY\x01\x02"), DETECT_BINARY, "application/x-bzip2"},
        {BYTES("\xFD"
               "7zXZ\0\0"),
         DETECT_BINARY, "application/x-xz"},
        {BYTES("7z\xBC\xAF\x27\x1C\0\4"), DETECT_BINARY, "application/x-7z-compressed"},
        {BYTES("Rar!\x1A\x07\0\1"), DETECT_BINARY, "application/vnd.rar"},
        {BYTES("Rar!\x1A\x07\1\0\2"), DETECT_BINARY, "application/vnd.rar"},
        {BYTES("MSCF\0\0\0\0"), DETECT_BINARY, "application/vnd.ms-cab-compressed"},
        {BYTES("\x22\x31-lh5-\1\2\3\4\5\6\7\1\2\3\4\5\6\7\1\2\3"), DETECT_BINARY, "application/x-lzh-compressed"},
        {BYTES("\x30\x82\x01\x00\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x03\xA0"), DETECT_BINARY,
         "application/pkcs7-mime"},
        {BYTES("\x30\x80\x06\x0A\x2A\x81\x1C\xCF\x55\x06\x01\x04\x02\x03"), DETECT_BINARY, "application/pkcs7-mime"},
        {BYTES("-----BEGIN PGP MESSAGE-----\n\nhQEM"), DETECT_BINARY, "application/pgp-encrypted"},
        {BYTES("\x89PNG\r\n\x1A\n\0\0\0\rIHDR"), DETECT_PICTURE, "image/png"},
        {BYTES("\xFF\xD8\xFF\xE0\0\x10JFIF"), DETECT_PICTURE, "image/jpeg"},
        {BYTES("GIF89a\1\0\1\0\x80\0\0"), DETECT_PICTURE, "image/gif"},
        {BYTES("BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0"), DETECT_PICTURE, "image/bmp"},
        {BYTES("II*\0\x08\0\0\0"), DETECT_PICTURE, "image/tiff"},
        {BYTES("RIFF\x10\0\0\0WEBPVP8 "), DETECT_PICTURE, "image/webp"},
        {BYTES("\0\0\0\x18"
               "ftypheic"),
         DETECT_PICTURE, "image/heic"},
        {BYTES("\0\0\0\x18"
               "ftypmp42\0\0"),
         DETECT_AUDIO_VIDEO, "video/mp4"},
        {BYTES("RIFF\x10\0\0\0WAVEfmt "), DETECT_AUDIO_VIDEO, "audio/wav"},
        {BYTES("ID3\3\0\0\0\0\1"), DETECT_AUDIO_VIDEO, "audio/mpeg"},
        {BYTES("#!AMR\n\x04\1\2\3\1\1\1\1"), DETECT_AUDIO_VIDEO, "audio/amr"},
        {BYTES("\x7F"
               "ELF\2\1\1"),
         DETECT_EXECUTABLE, "application/x-executable"},
        {BYTES("\xCA\xFE\xBA\xBE\0\0\0\x34"), DETECT_EXECUTABLE, "application/java-vm"},
        {BYTES("L\0\0\0\1\x14\2\0\0\0\0\0\xC0\0\0\0\0\0\0F\0"), DETECT_EXECUTABLE, "application/x-ms-shortcut"},
        {BYTES("#!/bin/sh\necho"), DETECT_EXECUTABLE, "text/x-script"},
        {BYTES("\xEF\xBB\xBF#!/bin/sh\necho"), DETECT_EXECUTABLE, "text/x-script"},
        {BYTES("@echo off\r\n"), DETECT_EXECUTABLE, "text/x-msdos-batch"},
        {BYTES("\1\2\3\4\5\6"), DETECT_BINARY, "application/octet-stream"},
        {"", 0, DETECT_EMPTY, "application/octet-stream"},
    };
    assert_cases(cases, G_N_ELEMENTS(cases));
}

static void
test_detect_bytes_tells_zips_apart(void **state)
{
/* a local header: the packed size and the length of the name as octal escapes */
#define HEAD(packed, name) "PK\3\4\x14\0\0\0\0\0\0\0\0\0\0\0\0\0" packed "\0\0\0\0\0\0\0" name "\0\0\0"
    static const Case cases[] = {
        {BYTES(HEAD("\0", "\5") "a.txt"), DETECT_BINARY, "application/zip"},
        {BYTES(HEAD("\0", "\23") "[Content_Types].xml" HEAD("\0", "\21") "word/document.xml"), DETECT_BINARY,
         "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
        {BYTES(HEAD("\0", "\21") "word/document.xml" HEAD("\0", "\23") "word/vbaProject.bin"), DETECT_BINARY,
         "application/vnd.ms-word.document.macroEnabled.12"},
        {BYTES(HEAD("\0", "\23") "[Content_Types].xml" HEAD("\0", "\17") "xl/workbook.xml"), DETECT_BINARY,
         "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
        {BYTES(HEAD("\0", "\23") "[Content_Types].xml"), DETECT_BINARY,
         "application/vnd.openxmlformats-officedocument"},
        {BYTES(HEAD("\47", "\10") "mimetypeapplication/vnd.oasis.opendocument.textPK"), DETECT_BINARY,
         "application/vnd.oasis.opendocument.text"},
        {BYTES(HEAD("\60", "\10") "mimetypeapplication/vnd.oasis.opendocument.text-template"), DETECT_BINARY,
         "application/vnd.oasis.opendocument.text-template"},
        {BYTES(HEAD("\0", "\7") "OFD.xml"), DETECT_BINARY, "application/ofd"},
        {BYTES(HEAD("\0", "\22") "Index/Document.iwa"), DETECT_BINARY, "application/vnd.apple.iwork"},
        {BYTES(HEAD("\0", "\23") "[Content_Types].xml" HEAD("\0", "\22") "FixedDocSeq.fdseq\0"), DETECT_BINARY,
         "application/vnd.ms-xpsdocument"},
        {BYTES(HEAD("\0", "\24") "META-INF/MANIFEST.MF"), DETECT_EXECUTABLE, "application/java-archive"},
        /* what lies stored inside, or in a name, does not tell what the whole is */
        {BYTES(HEAD("\60", "\5") "a.zip" HEAD("\0", "\21") "word/document.xml"), DETECT_BINARY, "application/zip"},
        {BYTES(HEAD("\0", "\11") "my word/x"), DETECT_BINARY, "application/zip"},
    };
    assert_cases(cases, G_N_ELEMENTS(cases));
}

static void
test_detect_wide_disc_image(void **state)
{
    static const guint8 zeros[DETECT_BYTES];
    Detected seen = detect_wide(zeros, sizeof zeros, (const guint8 *)"CD001", 5);
    assert_string_equal(seen.type, "application/x-iso9660-image");
    seen = detect_wide(zeros, sizeof zeros, (const guint8 *)"CD00", 4);
    assert_string_equal(seen.type, "application/octet-stream");
    seen = detect_wide((const guint8 *)"text", 4, (const guint8 *)"CD001", 5);
    assert_string_equal(seen.type, "text/plain");
}

static void
test_detect_bytes_text(void **state)
{
    static const Case cases[] = {
        {BYTES("机密★10年\n"), DETECT_TEXT, "text/plain"},
        {BYTES("\xbb\xfa\xc3\xdc\xa1\xef\x31\x30\xc4\xea\r\n"), DETECT_TEXT, "text/plain"}, /* GBK */
        {BYTES("\xbe\xf7\xb1\x4b\xa1\xb9"), DETECT_TEXT, "text/plain"},                     /* Big5 */
        {BYTES("~{;zC\\!o~}10~{Dj~}"), DETECT_TEXT, "text/plain"},                          /* HZ */
        {BYTES("\x1b$)A\x0e;zC\\!o\x0f"
               "10\x0e"
               "Dj\x0f"),
         DETECT_TEXT, "text/plain"},                                                            /* ISO-2022-CN */
        {BYTES("\xFF\xFE\x3A\x67\xC6\x5B"), DETECT_TEXT, "text/plain"},                         /* UTF-16 */
        {BYTES("\x3A\x67\xC6\x5B\x05\x26\x31\0\x30\0\x74\x5E\n\0"), DETECT_TEXT, "text/plain"}, /* LE, no mark */
        {BYTES("\x67\x3A\x5B\xC6\x26\x05\0\x31\0\x30\x5E\x74\0\n"), DETECT_TEXT, "text/plain"}, /* BE */
        {BYTES("\x3A\x67\0\0\xC6\x5B\0\0\n\0\0\0"), DETECT_TEXT, "text/plain"},                 /* UTF-32LE */
        {BYTES("BEGIN:VCARD\nFN:x"), DETECT_TEXT, "text/vcard"},
        {BYTES("BEGIN:VCALENDAR\n"), DETECT_TEXT, "text/calendar"},
        {BYTES("BM stands for bitmap, and the mark is 机密"), DETECT_TEXT, "text/plain"},
        {BYTES("MZ is a text that is longer than sixty-four bytes, as one can see when counting them"), DETECT_TEXT,
         "text/plain"},
        {BYTES("ID3\n机密★10年 is not music"), DETECT_TEXT, "text/plain"},
        {BYTES("GIF89a 机密★10年 is not a picture"), DETECT_TEXT, "text/plain"},
        {BYTES("a file begins with %PDF-1.4, says the manual"), DETECT_TEXT, "text/plain"},
        {BYTES("12-lhasa-and-so-on-and-on-and-on"), DETECT_TEXT, "text/plain"},
        {BYTES("\n"), DETECT_TEXT, "text/plain"},
    };
    assert_cases(cases, G_N_ELEMENTS(cases));
}

static void
test_detect_bytes_markup(void **state)
{
    static const Case cases[] = {
        {BYTES("<html><body>x"), DETECT_HTML, "text/html"},
        {BYTES("\xEF\xBB\xBF \r\n<!-- x --><!DOCTYPE HTML>"), DETECT_HTML, "text/html"},
        {BYTES("<p class=x>"), DETECT_HTML, "text/html"},
        {BYTES("<?xml version='1.0'?>\n<w:wordDocument>"), DETECT_HTML, "application/xml"},
        {BYTES("<?xml version='1.0'?><!-- x --><svg xmlns=''>"), DETECT_HTML, "image/svg+xml"},
        {BYTES("<?xml version='1.0'?><html>"), DETECT_HTML, "text/html"},
        {BYTES("\xFF\xFE<\0h\0t\0m\0l\0>\0\x3A\x67"), DETECT_HTML, "text/html"},
        {BYTES("<?xml version='1.0' encoding='GB18030'?>\n<uof:UOF xmlns:uof=''>"), DETECT_BINARY,
         "application/vnd.uof"},
        {BYTES("<机密>"), DETECT_TEXT, "text/plain"},
        {BYTES("a < b"), DETECT_TEXT, "text/plain"},
        {BYTES("<?xml"), DETECT_HTML, "application/xml"},
        {BYTES("<!-- open"), DETECT_HTML, "text/html"},
    };
    assert_cases(cases, G_N_ELEMENTS(cases));
}

static void
test_detect_bytes_letters(void **state)
{
    static const Case cases[] = {
        {BYTES("Received: from a\n by b\nFrom: x\nSubject: y\n\nz"), DETECT_MESSAGE, "message/rfc822"},
        {BYTES("From x@y Mon Jan 1\nReturn-Path: <x@y>\nTo: z\n"), DETECT_MESSAGE, "message/rfc822"},
        {BYTES("From: a\r\nTo: b\r\nSubject: c\r\n\r\nd"), DETECT_MESSAGE, "message/rfc822"},
        {BYTES("MIME-Version: 1.0\nContent-Type: multipart/related\n"), DETECT_MESSAGE, "message/rfc822"},
        {BYTES("Content-Type: text/plain;\r\n charset=utf-8\r\n\r\nhello"), DETECT_MESSAGE, "message/rfc822"},
        {BYTES("Content-Type: text/plain\nand so on\n\nhello"), DETECT_TEXT, "text/plain"},
        {BYTES("Content-Type: what you like\n\nhello"), DETECT_TEXT, "text/plain"},
        {BYTES("Subject: a title\nand then text\nFrom: nobody\nTo: none"), DETECT_TEXT, "text/plain"},
        {BYTES("To: all\n\nText"), DETECT_TEXT, "text/plain"},
    };
    assert_cases(cases, G_N_ELEMENTS(cases));
}

static void
test_detect_says_what_can_be_read_as_text(void **state)
{
    assert_true(detect_bytes((const guint8 *)"#!/bin/sh\n", 10).is_text);
    assert_true(detect_bytes((const guint8 *)"{\\rtf1 x}", 9).is_text);
    assert_true(detect_bytes((const guint8 *)"<p>机", 6).is_text);
    assert_false(detect_bytes((const guint8 *)"%PDF-1.4\n\1\2\3\4", 13).is_text);
    assert_false(detect_is_text((const guint8 *)"\1\2\3\4\5\6\7\x10", 8));
}

/* One odd byte in a long text does not make it binary; noise is not text. */
static void
test_detect_is_text_tolerates_little(void **state)
{
    guint8 bytes[DETECT_BYTES];
    guint32 random = 1;
    memset(bytes, 'a', sizeof bytes);
    bytes[100] = 0;
    assert_true(detect_is_text(bytes, sizeof bytes));
    for (gsize i = 0; i < sizeof bytes; i++)
        bytes[i] = (guint8)((random = random * 1664525 + 1013904223) >> 24);
    assert_false(detect_is_text(bytes, sizeof bytes));
    assert_false(detect_is_text(bytes, 64));
}

/* Each row of bytes cut anywhere: nothing is read past the end. */
static void
test_detect_bytes_of_any_length(void **state)
{
    static const char sample[] = "From: a\r\n\x30\x84PK\3\4%PDF-1.4RIFF....WEBP<?xml <!-- BM\0\0\0\0\0\0";
    for (gsize from = 0; from < sizeof sample; from++) {
        for (gsize length = 0; length < sizeof sample - from; length++) {
            g_autofree guint8 *exact = g_memdup2(sample + from, length);
            assert_non_null(detect_bytes(exact, length).type);
        }
    }
}

static gboolean
inside_of(const char *bytes, gsize length, gsize piece)
{
    DetectInside inside = {0};
    for (gsize at = 0; at < length; at += piece)
        detect_inside_push(&inside, (const guint8 *)bytes + at, MIN(piece, length - at));
    return inside.found;
}

static void
test_detect_inside_finds_what_hides_behind_a_picture(void **state)
{
#define FACE "\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR and some pixels, enough of them to be more than one piece of text\n"
    static const struct {
        const char *bytes;
        gsize length;
        gboolean found;
    } cases[] = {
        {BYTES(FACE "PK\3\4 member PK\5\6\0\0\0\0\1\0\1\0\x2E\0\0\0\x40\0\0\0\0\0"), TRUE},
        {BYTES(FACE "Rar!\x1A\x07\x01\x00"), TRUE},
        {BYTES(FACE "7z\xBC\xAF\x27\x1C"), TRUE},
        {BYTES(FACE "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), TRUE},
        {BYTES(FACE "%PDF-1.4\n"), TRUE},
        {BYTES(FACE "PK\5\6 by chance, and 7z as a word, Rar!, %PDF"), FALSE},
        {BYTES(FACE), FALSE},
        {BYTES("%PDF-1.4 is the face itself"), FALSE},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        for (gsize piece = 1; piece <= cases[i].length; piece++)
            if (inside_of(cases[i].bytes, cases[i].length, piece) != cases[i].found)
                fail_msg("case %zu in pieces of %zu", i, piece);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_detect_bytes_by_signature),
        cmocka_unit_test(test_detect_bytes_tells_zips_apart),
        cmocka_unit_test(test_detect_wide_disc_image),
        cmocka_unit_test(test_detect_bytes_text),
        cmocka_unit_test(test_detect_bytes_markup),
        cmocka_unit_test(test_detect_bytes_letters),
        cmocka_unit_test(test_detect_says_what_can_be_read_as_text),
        cmocka_unit_test(test_detect_is_text_tolerates_little),
        cmocka_unit_test(test_detect_bytes_of_any_length),
        cmocka_unit_test(test_detect_inside_finds_what_hides_behind_a_picture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
