#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "charset.h"
#include "decode.h"
#include <string.h>

static void
test_charset_canonical_knows_labels_of_mail(void **state)
{
    static const struct {
        const char *label, *name;
    } CASES[] = {
        {"gb2312", "GB18030"},
        {"GB2312", "GB18030"},
        {"gb_2312-80", "GB18030"},
        {"x-gbk", "GB18030"},
        {"gbk", "GB18030"},
        {"cp936", "GB18030"},
        {"ms936", "GB18030"},
        {"windows-936", "GB18030"},
        {"cn-gb", "GB18030"},
        {"chinese", "GB18030"},
        {"csgb2312", "GB18030"},
        {"csGB2312", "GB18030"},
        {"gb18030-2022", "GB18030"},
        {"euc-cn", "GB18030"},
        {"cp54936", "GB18030"},
        {"x-mac-chinesesimp", "GB18030"},
        {"134", "GB18030"},
        {"GB2312_CHARSET", "GB18030"},
        {"big5", "BIG5-HKSCS"},
        {"Big-5", "BIG5-HKSCS"},
        {"x-x-big5", "BIG5-HKSCS"},
        {"big5-hkscs", "BIG5-HKSCS"},
        {"cp950", "BIG5-HKSCS"},
        {"csBig5", "BIG5-HKSCS"},
        {"136", "BIG5-HKSCS"},
        {"hz", "HZ"},
        {"HZ-GB-2312", "HZ"},
        {"utf7", "UTF-7"},
        {"UNICODE-1-1-UTF-7", "UTF-7"},
        {"x-unicode-2-0-utf-7", "UTF-7"},
        {"utf-7-imap", "UTF-7-IMAP"},
        {"utf8", "UTF-8"},
        {"UTF_8", "UTF-8"},
        {"unicode-1-1-utf-8", "UTF-8"},
        {"utf-16", "UTF-16"},
        {"utf-16le", "UTF-16LE"},
        {"UTF-16BE", "UTF-16BE"},
        {"ucs-2", "UTF-16"},
        {"iso-10646-ucs-2", "UTF-16"},
        {"utf-32le", "UTF-32LE"},
        {"ucs-4", "UTF-32"},
        {"iso-2022-cn", "ISO-2022-CN"},
        {"iso-2022-cn-ext", "ISO-2022-CN"},
        {"csISO2022CN", "ISO-2022-CN"},
        {"iso-2022-jp", "ISO-2022-JP"},
        {"iso-2022-jp-1", "ISO-2022-JP"},
        {"iso-2022-jp-2", "ISO-2022-JP"},
        {"iso-2022-jp-3", "ISO-2022-JP"},
        {"iso-2022-kr", "ISO-2022-KR"},
        {"euc-jp", "EUC-JP"},
        {"x-euc-jp", "EUC-JP"},
        {"euc-kr", "CP949"},
        {"ks_c_5601-1987", "CP949"},
        {"KSC5601", "CP949"},
        {"cp949", "CP949"},
        {"uhc", "CP949"},
        {"shift_jis", "CP932"},
        {"x-sjis", "CP932"},
        {"MS_Kanji", "CP932"},
        {"cp932", "CP932"},
        {"windows-31j", "CP932"},
        {"euc-tw", "EUC-TW"},
        {"johab", "JOHAB"},
        {"us-ascii", "US-ASCII"},
        {"ANSI_X3.4-1968", "US-ASCII"},
        {"ISO_646.irv:1991", "US-ASCII"},
        {"iso-8859-1", "ISO-8859-1"},
        {"ISO_8859-1:1987", "ISO-8859-1"},
        {"ISO8859-15", "ISO-8859-15"},
        {"latin1", "ISO-8859-1"},
        {"csISOLatin1", "ISO-8859-1"},
        {"windows-1252", "CP1252"},
        {"WinDows-1251", "CP1251"},
        {"koi8-r", "KOI8-R"},
        {"x-cp1250", "CP1250"},
        {"tis-620", "ISO-8859-11"},
        {"IBM037", "IBM037"},
        {"cp935", "IBM1388"},
        /* with what gets in between */
        {"\"gb2312\"", "GB18030"},
        {"'GBK'", "GB18030"},
        {" gb18030 ", "GB18030"},
        {"charset=gb2312", "GB18030"},
        {"Charset = \"utf-8\"", "UTF-8"},
        {"gb2312; format=flowed", "GB18030"},
        {"gb2312*zh-cn", "GB18030"},
        {"gb2312 (simplified)", "GB18030"},
        {"utf-8utf-8", "UTF-8"},
        {"gb2312>", "GB18030"},
        {"<gb2312>", "GB18030"},
        {"utf-8\r\n", "UTF-8"},
        {"GB2312.GBK", "GB18030"},
        /* no charset */
        {"x-unknown", NULL},
        {"unknown-8bit", NULL},
        {"x-user-defined", NULL},
        {"", NULL},
        {"-", NULL},
        {"xxxx", NULL},
        {"cs", NULL},
        {"../../etc/passwd", NULL},
        {NULL, NULL},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
        const char *name = charset_canonical(CASES[i].label);
        if (g_strcmp0(name, CASES[i].name) != 0)
            fail_msg("\"%s\": %s, want %s", CASES[i].label, name, CASES[i].name);
    }
}

static void
test_charset_canonical_endless_label(void **state)
{
    g_autofree char *label = g_strnfill(100000, 'x');
    assert_null(charset_canonical(label));
}

static void
test_charset_rows_no_alias_twice(void **state)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    gsize count;
    const Charset *rows = charset_rows(&count);
    for (gsize i = 0; i < count; i++) {
        g_auto(GStrv) words = g_strsplit(rows[i].aliases, " ", -1);
        for (char **word = words; *word != NULL; word++) {
            for (const char *c = *word; *c != '\0'; c++)
                assert_true(g_ascii_isdigit(*c) || g_ascii_islower(*c));
            if (!g_hash_table_add(seen, g_strdup(*word)))
                fail_msg("%s: alias %s stands twice", rows[i].name, *word);
        }
        assert_ptr_equal(charset_find(rows[i].name), &rows[i]);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_charset_canonical_knows_labels_of_mail),
        cmocka_unit_test(test_charset_canonical_endless_label),
        cmocka_unit_test(test_charset_rows_no_alias_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
