#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "encword.h"
#include <string.h>

#define MARK "机密★10年"

static void
check_valid(GPtrArray *found)
{
    for (guint i = 0; i < found->len; i++) {
        const Decoding *decoding = g_ptr_array_index(found, i);
        assert_non_null(decoding->charset);
        assert_true(g_utf8_validate_len(decoding->text, decoding->length, NULL));
        for (guint j = 0; j < i; j++)
            assert_string_not_equal(decoding->text, ((Decoding *)g_ptr_array_index(found, j))->text);
    }
}

static gboolean
has(GPtrArray *found, const char *text)
{
    for (guint i = 0; i < found->len; i++)
        if (strcmp(((Decoding *)g_ptr_array_index(found, i))->text, text) == 0)
            return TRUE;
    return FALSE;
}

static void
fail_with(const char *name, GPtrArray *found, const char *want)
{
    g_autoptr(GString) all = g_string_new(NULL);
    for (guint i = 0; i < found->len; i++)
        g_string_append_printf(all, " [%s: %s]", ((Decoding *)found->pdata[i])->charset,
                               ((Decoding *)found->pdata[i])->text);
    fail_msg("%s: want \"%s\", got%s", name, want, all->str);
}

typedef struct {
    const char *name, *raw, *text;
} Case;

static void
check_decode(const Case *cases, gsize count, gboolean best)
{
    for (gsize i = 0; i < count; i++) {
        g_autoptr(GPtrArray) found = encword_decode(cases[i].raw, strlen(cases[i].raw));
        assert_in_range(found->len, 1, DECODE_MAX);
        check_valid(found);
        const Decoding *first = found->pdata[0];
        if (best ? strcmp(first->text, cases[i].text) != 0 : !has(found, cases[i].text))
            fail_with(cases[i].name, found, cases[i].text);
    }
}

/* What any reader shows: must be the best text. */
static void
test_encword_decode_words(void **state)
{
    static const Case CASES[] = {
        {"nothing", "", ""},
        {"ASCII", "Hello, world", "Hello, world"},
        {"B, UTF-8", "=?utf-8?B?5py65a+G4piFMTDlubQ=?=", MARK},
        {"B, GBK", "=?gbk?B?u/rD3KHvMTDE6g==?=", MARK},
        {"Q, UTF-8", "=?UTF-8?Q?=E6=9C=BA=E5=AF=86=E2=98=8510=E5=B9=B4?=", MARK},
        {"Q, GB2312", "=?gb2312?q?=BB=FA=C3=DC=A1=EF10=C4=EA_a?=", MARK " a"},
        {"B, Big5", "=?big5?B?vvexS6G5MTCmfg==?=", "機密★10年"},
        {"B, ISO-2022-JP", "=?iso-2022-jp?B?GyRCNSFMKSF6GyhCMTAbJEJHLxsoQg==?=", "機密★10年"},
        {"B, HZ", "=?hz-gb-2312?B?fns7ekNcIW9+fTEwfntEan59?=", MARK},
        {"text around", "Re: =?utf-8?B?5py65a+G4piFMTDlubQ=?= (2)", "Re: " MARK " (2)"},
        {"two words", "=?gbk?B?u/o=?= =?gbk?B?w9yh7zEwxOo=?=", MARK},
        {"two words, folded", "=?gbk?B?u/o=?=\r\n\t=?gbk?B?w9yh7zEwxOo=?=", MARK},
        {"word and text", "=?gbk?B?u/o=?= a =?gbk?B?w9w=?=", "机 a 密"},
        {"folded text", "a\r\n b\r\n\tc", "a b\tc"},
        {"split in a character, UTF-8", "=?utf-8?B?5py65Q==?= =?utf-8?B?r4bimIUxMOW5tA==?=", MARK},
        {"split in a character, GBK", "=?gbk?B?u/rD?=\r\n =?gb2312?B?3KHvMTDE6g==?=", MARK},
        {"split in a character, B and Q", "=?utf-8?B?5py65Q==?= =?utf-8?Q?=AF=86?=", "机密"},
        {"no blank between", "=?utf-8?B?5py65Q==?==?utf-8?B?r4bimIUxMOW5tA==?=", MARK},
        {"two charsets", "=?gbk?B?u/o=?= =?utf-8?B?5a+G4piFMTDlubQ=?=", MARK},
        {"case", "=?Utf-8?b?5py65a+G4piFMTDlubQ=?=", MARK},
        {"language", "=?utf-8*zh-cn?B?5py65a+G4piFMTDlubQ=?=", MARK},
        {"blanks inside", "=? utf-8 ? B ? 5py65a+G 4piFMTDlubQ= ?=", MARK},
        {"blanks in quoted text", "=?utf-8?Q?=E6=9C=BA =E5=AF=86?=", "机 密"},
        {"fold inside", "=?utf-8?B?5py65a+G\r\n 4piFMTDlubQ=?=", MARK},
        {"fold inside quoted", "=?utf-8?Q?=E6=9C\r\n =BA=E5=AF=86?=", "机密"},
        {"soft break inside quoted", "=?utf-8?Q?=E6=9C=\r\n =BA=E5=AF=86?=", "机密"},
        {"fold in the label", "=?utf\r\n -8?B?5py65a+G?=", "机密"},
        {"no padding", "=?utf-8?B?5py65a+G4piFMTDlubQ?=", MARK},
        {"no end", "=?utf-8?B?5py65a+G4piFMTDlubQ=", MARK},
        {"half an end", "=?utf-8?B?5py65a+G4piFMTDlubQ=? x", MARK " x"},
        {"no end before the next", "=?utf-8?B?5py6 =?utf-8?B?5a+G?=", "机密"},
        {"no end, quoted", "=?utf-8?Q?=E6=9C=BA=E5=AF=86", "机密"},
        {"no end, quoted, before the next", "=?utf-8?Q?=E6=9C=BA=?utf-8?Q?=E5=AF=86?=", "机密"},
        {"8-bit in quoted", "=?utf-8?Q?机=E5=AF=86?=", "机密"},
        {"long name of the encoding", "=?utf-8?base64?5py65a+G?=", "机密"},
        {"glued to text", "a=?utf-8?B?5py65a+G?=b", "a机密b"},
        {"in a quoted string", "\"=?utf-8?B?5py65a+G?=\" <a@b.example>", "\"机密\" <a@b.example>"},
        {"in a comment", "a@b.example (=?utf-8?B?5py65a+G?=)", "a@b.example (机密)"},
        {"question mark in quoted",
         "=?utf-8?Q?=E6=9C=BA?=E5=AF=86?"
         "?=",
         "机E5=AF=86?"
         "?="},
        {"unknown charset", "=?x-unknown?B?u/rD3KHvMTDE6g==?=", MARK},
        {"no charset",
         "=?"
         "?B?5py65a+G4piFMTDlubQ=?=",
         MARK},
        {"lying charset", "=?us-ascii?B?u/rD3KHvMTDE6g==?=", MARK},
        {"lying charset, UTF-8", "=?iso-8859-1?B?5py65a+G4piFMTDlubQ=?=", MARK},
        {"raw UTF-8", MARK, MARK},
        {"raw GBK",
         "\xbb\xfa\xc3\xdc\xa1\xef"
         "10\xc4\xea",
         MARK},
        {"raw GBK beside a word", "=?utf-8?B?5py65a+G?= \xbb\xfa\xc3\xdc\xce\xc4\xbc\xfe", "机密 机密文件"},
        {"no word: encoding", "=?utf-8?X?abc?=", "=?utf-8?X?abc?="},
        {"no word: mark", "1=?2", "1=?2"},
        {"no word: e-mail in the label", "=?a@b?B?abc?=", "=?a@b?B?abc?="},
        {"trailing blanks", "=?utf-8?B?5py65a+G?= \r\n ", "机密"},
    };
    check_decode(CASES, G_N_ELEMENTS(CASES), TRUE);
}

/* What some readers show and others not: must be among the texts. */
static void
test_encword_decode_doubtful_words(void **state)
{
    static const Case CASES[] = {
        {"cut inside a group of four", "=?utf-8?B?5py65a?= =?utf-8?B?+G4piFMTDlubQ=?=", MARK},
        {"cut inside a group, to be read alone", "=?utf-8?B?YWI?= =?utf-8?B?Y2Q?=", "abcd"},
        {"split in a character, labels differ", "=?utf-8?B?5py65Q==?= =?us-ascii?B?r4bimIUxMOW5tA==?=", MARK},
        {"GBK labelled UTF-8, beside UTF-8", "=?utf-8?B?u/rD3KHvMTDE6g==?= x =?utf-8?B?5py65a+G?=", MARK " x 机密"},
        {"lying charset, Big5 as GBK", "=?gbk?B?vvexS6G5MTCmfg==?=", "機密★10年"},
        {"quoted pairs", "\"\\\xe6\x9c\xba\\\xe5\xaf\x86\" <a@b.example>", "\"机密\" <a@b.example>"},
        {"raw text behind an open word", "=?utf-8?B?YWJj plain", "abc plain"},
    };
    check_decode(CASES, G_N_ELEMENTS(CASES), FALSE);
}

static void
test_encword_decode_clean_header_gives_one(void **state)
{
    static const char *const CASES[] = {
        "Hello",
        "=?utf-8?B?5py65a+G4piFMTDlubQ=?=",
        "Re: =?utf-8?Q?=E6=9C=BA?= =?utf-8?Q?=E5=AF=86?= x",
        "关于召开会议的通知",
    };
    for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autoptr(GPtrArray) found = encword_decode(CASES[i], strlen(CASES[i]));
        if (found->len != 1)
            fail_with(CASES[i], found, "one text");
    }
}

static void
test_encword_decode_tells_declared_and_charset(void **state)
{
    static const struct {
        const char *raw, *charset;
        gboolean declared;
    } CASES[] = {
        {"=?gb2312?B?u/rD3KHvMTDE6g==?=", "GB18030", TRUE},
        {"=?us-ascii?B?u/rD3KHvMTDE6g==?=", "GB18030", FALSE},
        {"a =?utf-8?B?5py65a+G?= b", "UTF-8", TRUE},
        {"\xbb\xfa\xc3\xdc\xce\xc4\xbc\xfe", "GB18030", FALSE},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autoptr(GPtrArray) found = encword_decode(CASES[i].raw, strlen(CASES[i].raw));
        const Decoding *best = found->pdata[0];
        assert_string_equal(best->charset, CASES[i].charset);
        assert_int_equal(best->declared, CASES[i].declared);
    }
}

/* Neither endless words nor words without number may cost more than their length. */
static void
test_encword_decode_floods(void **state)
{
    static const char *const UNITS[] = {
        "=?a?b?",
        "=?a?q?=FF?=",
        "=?a?q?=FF?= =?c?q?=FF?=",
        "=?",
        "?=",
        "=",
        "?",
        "=?utf-8?B?5py6",
        "\"\\\"",
        "\\",
        "\r\n",
        "\r\n ",
        "=?gbk?B?u/r?= ",
        "x =?gbk?Q?=BB?=",
    };
    for (gsize i = 0; i < G_N_ELEMENTS(UNITS); i++) {
        g_autoptr(GString) flood = g_string_new(NULL);
        while (flood->len < 64 * 1024)
            g_string_append(flood, UNITS[i]);
        g_autoptr(GPtrArray) found = encword_decode(flood->str, flood->len);
        assert_in_range(found->len, 1, DECODE_MAX);
        g_autoptr(GPtrArray) values = encword_parameter(flood->str, flood->len, "name");
    }
}

/* --- parameters ---------------------------------------------------------- */

static void
test_encword_parameter(void **state)
{
    static const Case CASES[] = {
        {"plain", "attachment; filename=a.doc", "a.doc"},
        {"quoted", "attachment; filename=\"a b; c.doc\"", "a b; c.doc"},
        {"case and blanks", "attachment ; FileName = \"a.doc\" ", "a.doc"},
        {"quoted pair", "attachment; filename=\"a\\\"b.doc\"", "a\"b.doc"},
        {"folder", "attachment; filename=\"C:\\tmp\\a.doc\"", "C:\\tmp\\a.doc"},
        {"unquoted with blanks", "attachment; filename=a b c.doc; size=1", "a b c.doc"},
        {"no semicolon before", "attachment filename=a.doc", "a.doc"},
        {"no value before", "filename=a.doc", "a.doc"},
        {"quote never closed", "attachment; filename=\"a.doc; size=1", "a.doc"},
        {"behind a quote never closed", "attachment; title=\"x; filename=a.doc", "a.doc"},
        {"inside another unquoted", "attachment; title=x filename=a.doc", "a.doc"},
        {"comment before", "attachment; filename=(x)\"a.doc\"", "a.doc"},
        {"parentheses in a name", "attachment; filename=(1)a.doc", "(1)a.doc"},
        {"folded", "attachment;\r\n\tfilename=\"a\r\n b.doc\"", "a b.doc"},
        {"empty", "attachment; filename=\"\"", ""},
        {"RFC 2231", "attachment; filename*=utf-8''%E6%9C%BA%E5%AF%86%E2%98%8510%E5%B9%B4", MARK},
        {"RFC 2231, GBK", "attachment; filename*=gb2312'zh-cn'%BB%FA%C3%DC%A1%EF10%C4%EA", MARK},
        {"RFC 2231, lying", "attachment; filename*=us-ascii''%BB%FA%C3%DC%A1%EF10%C4%EA", MARK},
        {"RFC 2231, quoted", "attachment; filename*=\"utf-8''%E6%9C%BA%E5%AF%86\"", "机密"},
        {"RFC 2231, no charset", "attachment; filename*=%E6%9C%BA%E5%AF%86", "机密"},
        {"RFC 2231, bad escapes", "attachment; filename*=utf-8''%E6%9C%BA%ZZ%E5%AF%86%", "机%ZZ密%"},
        {"RFC 2231, raw", "attachment; filename*=utf-8''机密", "机密"},
        {"continued", "attachment; filename*0=a; filename*1=b.doc", "ab.doc"},
        {"continued, extended", "attachment; filename*0*=utf-8''%E6%9C%BA; filename*1*=%E5%AF%86", "机密"},
        {"continued, split in a character", "attachment; filename*0*=utf-8''%E6%9C; filename*1*=%BA%E5%AF%86", "机密"},
        {"continued, out of order", "attachment; filename*1*=%E5%AF%86; filename*0*=utf-8''%E6%9C%BA", "机密"},
        {"continued, mixed", "attachment; filename*0*=utf-8''%E6%9C%BA; filename*1=\"%41\"; filename*2*=%E5%AF%86",
         "机%41密"},
        {"continued, gap", "attachment; filename*0*=utf-8''%E6%9C%BA; filename*7*=%E5%AF%86", "机密"},
        {"continued, begins at 1", "attachment; filename*1*=utf-8''%E6%9C%BA; filename*2*=%E5%AF%86", "机密"},
        {"continued, leading zero", "attachment; filename*00*=utf-8''%E6%9C%BA; filename*01*=%E5%AF%86", "机密"},
        {"continued, doubled", "attachment; filename*0*=utf-8''%E6%9C%BA; filename*1=x; filename*1*=%E5%AF%86", "机密"},
        {"continued, words inside", "attachment; filename*0=\"=?utf-8?B?5py6\"; filename*1=\"5a+G?=\"", "机密"},
        {"both kinds", "attachment; filename=a.doc; filename*=utf-8''%E6%9C%BA", "机"},
        {"both kinds, plain", "attachment; filename=a.doc; filename*=utf-8''%E6%9C%BA", "a.doc"},
        {"doubled, first", "attachment; filename=a.doc; filename=b.doc", "a.doc"},
        {"doubled, second", "attachment; filename=a.doc; filename=b.doc", "b.doc"},
        {"RFC 2047 inside", "attachment; filename=\"=?gbk?B?u/rD3KHvMTDE6g==?=\"", MARK},
        {"RFC 2047 unquoted", "attachment; filename==?gbk?B?u/rD3KHvMTDE6g==?=", MARK},
        {"RFC 2047 split", "attachment; filename=\"=?utf-8?B?5py65Q==?=\r\n =?utf-8?B?r4Y=?=\"", "机密"},
        {"raw UTF-8", "attachment; filename=\"机密★10年\"", MARK},
        {"raw GBK",
         "attachment; filename=\xbb\xfa\xc3\xdc\xa1\xef"
         "10\xc4\xea",
         MARK},
        {"raw GBK, quoted",
         "attachment; filename=\"\xbb\xfa\xc3\xdc\xa1\xef"
         "10\xc4\xea\"",
         MARK},
        {"raw Big5, second byte is a backslash", "attachment; filename=\"\xa6\xa8\xa5\\.doc\"", "成功.doc"},
        {"raw Big5, backslash before the quote", "attachment; filename=\"\xa6\xa8\xa5\\\"", "成功"},
        {"percent without RFC 2231", "attachment; filename=\"%E6%9C%BA%E5%AF%86.doc\"", "机密.doc"},
        {"percent of GBK without RFC 2231", "attachment; filename=%BB%FA%C3%DC%CE%C4%BC%FE.doc", "机密文件.doc"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autoptr(GPtrArray) found = encword_parameter(CASES[i].raw, strlen(CASES[i].raw), "filename");
        check_valid(found);
        if (!has(found, CASES[i].text))
            fail_with(CASES[i].name, found, CASES[i].text);
    }
}

static void
test_encword_parameter_absent(void **state)
{
    static const char *const CASES[] = {
        "",
        "attachment",
        "attachment; xfilename=a",
        "attachment; filename",
        "attachment; filenames=a",
        "attachment; title=\"filename=a\"",
        "attachment; filename*x=a",
        "attachment; filename-x=a",
    };
    for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autoptr(GPtrArray) found = encword_parameter(CASES[i], strlen(CASES[i]), "filename");
        if (found->len > 0)
            fail_with(CASES[i], found, "nothing");
    }
}

static void
test_encword_parameter_plain(void **state)
{
    static const struct {
        const char *raw, *name, *value;
    } CASES[] = {
        {"text/plain; charset=gb2312", "charset", "gb2312"},
        {"text/plain; charset=\"gb2312\"", "charset", "gb2312"},
        {"text/plain; charset=gb2312 format=flowed", "charset", "gb2312"},
        {"text/plain; format=flowed charset=gb2312", "charset", "gb2312"},
        {"text/plain; charset=\"a\\\"b\"", "charset", "a\"b"},
        {"multipart/mixed; boundary=\"a b ; c\"", "boundary", "a b ; c"},
        {"multipart/mixed; boundary=\"a \"", "boundary", "a"},
        {"multipart/mixed; boundary=one; boundary=two", "boundary", "one"},
        {"multipart/mixed; boundary*0=one; boundary*1=two", "boundary", "onetwo"},
        {"text/plain; charset*=us-ascii''gbk", "charset", "gbk"},
        {"text/plain; charset=\"gb\xff\"", "charset", "gb?"},
        {"text/plain", "charset", NULL},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autofree char *value = encword_parameter_plain(CASES[i].raw, strlen(CASES[i].raw), CASES[i].name);
        if (g_strcmp0(value, CASES[i].value) != 0)
            fail_msg("%s: got \"%s\"", CASES[i].raw, value);
    }
}

static void
test_encword_parameter_floods(void **state)
{
    static const char *const UNITS[] = {"name=", "name*0=",  "; name=x",  "\\\"",
                                        "\"",    "name*=''", "name*0*=%", "; name*999999999*=a",
                                        " name", "name=(",   "name=\xff "};
    for (gsize i = 0; i < G_N_ELEMENTS(UNITS); i++) {
        g_autoptr(GString) flood = g_string_new("x; ");
        while (flood->len < 64 * 1024)
            g_string_append(flood, UNITS[i]);
        g_autoptr(GPtrArray) values = encword_parameter(flood->str, flood->len, "name");
        check_valid(values);
        g_autofree char *plain = encword_parameter_plain(flood->str, flood->len, "name");
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_encword_decode_words),
        cmocka_unit_test(test_encword_decode_doubtful_words),
        cmocka_unit_test(test_encword_decode_clean_header_gives_one),
        cmocka_unit_test(test_encword_decode_tells_declared_and_charset),
        cmocka_unit_test(test_encword_decode_floods),
        cmocka_unit_test(test_encword_parameter),
        cmocka_unit_test(test_encword_parameter_absent),
        cmocka_unit_test(test_encword_parameter_plain),
        cmocka_unit_test(test_encword_parameter_floods),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
