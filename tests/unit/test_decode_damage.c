/* decode: damage, floods; the smaller doors. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "decode_found.h"

/* --- damage -------------------------------------------------------------- */

static void
test_decode_plausible_goes_on_after_damage(void **state)
{
    static const struct {
        const char *name, *hex, *label, *text;
    } CASES[] = {
        {"GBK, bad byte", "bbfac3dcff a1ef3130c4ea", "gb2312", "机密\xEF\xBF\xBD★10年"},
        {"GBK, lead before a line end", "bbfac3dcbb0ac4ea", "gb2312", "机密\xEF\xBF\xBD\n年"},
        {"GBK, cut", "bbfac3dcbb", "gb2312", "机密\xEF\xBF\xBD"},
        {"UTF-8, bad byte", "e69cbaffe5af86", "utf-8", "机\xEF\xBF\xBD密"},
        {"UTF-8, cut character", "e69cbae5afe5af86", "utf-8", "机\xEF\xBF\xBD\xEF\xBF\xBD密"},
        {"UTF-8, surrogate", "e69cbaeda080e5af86", "utf-8", "机\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD密"},
        {"UTF-8, overlong", "e69cbac0ae", "utf-8", "机\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"UTF-8, zero bytes", "e69cba00e5af86", "utf-8", "机密"},
        {"GBK, zero bytes", "bbfa00c3dc00a1ef", NULL, "机密★"},
        {"GBK, euro sign of CP936", "bbfac3dc80", "gbk", "机密€"},
        {"UTF-16, half a unit", "673a5bc626", "utf-16be", "机密\xEF\xBF\xBD"},
        {"UTF-16, lone surrogate", "673ad8005bc6", "utf-16be", "机\xEF\xBF\xBD密"},
        {"UTF-16, surrogate pair", "d842dfb7673a", "utf-16be", "𠮷机"},
        {"GB2312 label, GBK character", "9943c3dc", "gb2312", "機密"},
        {"GB2312 label, four bytes", "8139ee39c3dc", "gb2312", "㐀密"},
        {"Big5, bad byte", "bef7b14bffa1b9", "big5", "機密\xEF\xBF\xBD★"},
        {"HZ, shift open at the line end", "7e7b3b7a0a435c", "hz", "机\nC\\"},
        {"HZ, no end", "7e7b3b7a435c", "hz", "机密"},
        {"HZ, tilde", "7e7e7e7b3b7a7e7d7e0a78", "hz", "~机x"},
        {"HZ, odd byte", "7e7b3b7a43207e7d78", "hz", "机C x"},
        {"HZ inside UTF-8", "e69cba7e7b435c7e7d", "utf-8", "机密"},
        {"HZ inside GBK", "bbfa7e7b435c7e7d", "gb2312", "机密"},
        {"HZ, wrong label", "7e7b3b7a435c7e7d", "us-ascii", "机密"},
        {"UTF-7, not closed", "2b5a7a7062786959462e", "utf-7", "机密★."},
        {"UTF-7, plus sign", "312b2d31", "utf-7", "1+1"},
        {"UTF-7 inside UTF-8", "e5b9b42b5a7a70627867 2d", "utf-8", "年机密"},
        {"UTF-7, a sign alone, undeclared", "2b5a7a7062786959462d312b2f77772d322b2d33", NULL, "机密★1，2+3"},
        {"UTF-7 of IMAP", "265a7a7062786959462d", NULL, "机密★"},
        {"UTF-7 of IMAP, labelled", "265a7a7062786959462d 20262d", "utf-7-imap", "机密★ &"},
        {"ISO-2022-JP, set ends with the line", "1b244235210a4142", "iso-2022-jp", "機\nAB"},
        {"ISO-2022-CN without its header", "0e3b7a435c0f", "iso-2022-cn", "机密"},
        {"ISO-2022-CN, wrong label", "1b2429410e3b7a435c0f", "iso-2022-kr", "机密"},
        {"ISO-2022-JP label on GB set", "1b24413b7a435c1b2842", "iso-2022-jp", "机密"},
        {"ISO-2022-CN inside UTF-8", "e69cba1b2429410e435c0f", "utf-8", "机密"},
        {"EBCDIC", "c885939396", "cp037", "Hello"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autoptr(GByteArray) bytes = from_hex(CASES[i].hex);
        check_holds(CASES[i].name, CASES[i].label, (char *)bytes->data, bytes->len, CASES[i].text);
    }
}

static void
test_decode_plausible_counts_errors_and_zero_bytes(void **state)
{
    g_autoptr(GByteArray) bytes = from_hex("e69cba00ffe5af8600");
    g_autoptr(GPtrArray) found = plausible((char *)bytes->data, bytes->len, "utf-8");
    const Decoding *best = found->pdata[0];
    assert_string_equal(best->charset, "UTF-8");
    assert_int_equal(best->errors, 1);
    assert_int_equal(best->nuls, 2);
}

/* --- hostile ------------------------------------------------------------- */

/* None of these may cost more than its length. */
static void
test_decode_plausible_hostile_floods(void **state)
{
    static const struct {
        const char *bytes;
        gsize length;
    } UNITS[] = {
        {"+", 1},
        {"+A", 2},
        {"&", 1},
        {"~{", 2},
        {"~", 1},
        {"\x1b$A", 3},
        {"\x1b", 1},
        {"\x0e", 1},
        {"\xff", 1},
        {"\x81\x30", 2},
        {"\x81\x30\x81\x30", 4},
        {"\0", 1},
        {"\xe6", 1},
        {"\x8f\xa1", 2},
        {"\xc3\xa6", 2},
        {"\xe9\x8f\x88", 3},
        {"\xbb\xfa\n", 3},
        {"\x8e\xa2", 2},
        {"\xd8\x00", 2},
        {"\n\xff", 2},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(UNITS); i++) {
        g_autoptr(GByteArray) flood = g_byte_array_new();
        while (flood->len < 48 * 1024)
            g_byte_array_append(flood, (const guint8 *)UNITS[i].bytes, (guint)UNITS[i].length);
        g_autoptr(GPtrArray) found = plausible((char *)flood->data, flood->len, NULL);
        g_autoptr(GPtrArray) labelled = plausible((char *)flood->data, flood->len, "utf-7");
    }
}

/* --- the smaller doors --------------------------------------------------- */

static void
test_decode_as_reads_by_name(void **state)
{
    g_autoptr(GByteArray) bytes = from_hex("bef7b14b");
    Decoding *decoding = decode_as(bytes->data, bytes->len, "BIG5-HKSCS");
    assert_string_equal(decoding->text, "機密");
    assert_string_equal(decoding->charset, "BIG5-HKSCS");
    assert_int_equal(decoding->errors, 0);
    decoding_free(decoding);
}

static void
test_decode_utf8_repair(void **state)
{
    static const struct {
        const char *bytes;
        gssize length;
        const char *text;
    } CASES[] = {
        {"机密", -1, "机密"},          {"a\0b", 3, "ab"}, {"a\xff", -1, "a\xEF\xBF\xBD"}, {"", 0, ""},
        {"机密", 4, "机\xEF\xBF\xBD"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
        gsize length;
        g_autofree char *text = decode_utf8_repair(CASES[i].bytes, CASES[i].length, &length);
        assert_string_equal(text, CASES[i].text);
        assert_int_equal(length, strlen(text));
    }
}

static void
test_decode_cut_between_characters(void **state)
{
    static const struct {
        const char *name, *bytes;
        gsize length, max, cut;
    } CASES[] = {
        {"short", "abc", 3, 8, 3},
        {"newline in the last quarter", "aaaaaa\nbb", 9, 8, 7},
        {"newline too early", "a\naa aaaaaaaaaa", 15, 12, 12},
        {"blank", "aaaaaaaaaa bbbb", 15, 12, 10},
        {"UTF-8", "机密机密机密机密", 24, 16, 15},
        {"GBK", "\xbb\xfa\xc3\xdc\xbb\xfa\xc3\xdc\xbb\xfa\xc3\xdc", 12, 10, 8},
        {"UTF-16LE newline", "a\0b\0c\0d\0e\0f\0\n\0g\0", 16, 14, 12},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
        gsize cut = decode_cut((const guint8 *)CASES[i].bytes, CASES[i].length, CASES[i].max);
        if (cut != CASES[i].cut)
            fail_msg("%s: cut at %zu, want %zu", CASES[i].name, cut, CASES[i].cut);
    }
}

static void
test_decode_check_finds_all_decoders(void **state)
{
    g_autoptr(GError) error = NULL;
    if (!decode_check(&error))
        fail_msg("%s", error->message);
}

/* "附件.txt" is as good in GBK as in EUC-JP: the first that is tried wins, wherever in memory they are. */
static void
test_decode_plausible_alike_stays_in_order(void **state)
{
    g_autoptr(GPtrArray) between = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < 2000; i++) {
        g_autoptr(GPtrArray) found = plausible("\xb8\xbd\xbc\xfe.txt", 8, NULL);
        assert_string_equal(((Decoding *)found->pdata[0])->charset, "GB18030");
        g_ptr_array_add(between, g_malloc(16 + i * 37 % 400));
        if (i % 3 == 0)
            g_ptr_array_remove_index_fast(between, i * 7 % between->len);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decode_plausible_alike_stays_in_order),
        cmocka_unit_test(test_decode_plausible_goes_on_after_damage),
        cmocka_unit_test(test_decode_plausible_counts_errors_and_zero_bytes),
        cmocka_unit_test(test_decode_plausible_hostile_floods),
        cmocka_unit_test(test_decode_as_reads_by_name),
        cmocka_unit_test(test_decode_utf8_repair),
        cmocka_unit_test(test_decode_cut_between_characters),
        cmocka_unit_test(test_decode_check_finds_all_decoders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
