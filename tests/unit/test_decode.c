/* decode: every charset, whatever the label says; mixtures and mojibake. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "decode_found.h"

/* --- the mark alone, byte by byte ---------------------------------------- */

static void
test_decode_plausible_reads_bare_mark(void **state)
{
    static const struct {
        const char *name, *hex, *text, *best; /* charset of the best reading; NULL: any */
    } CASES[] = {
        {"GBK", "bbfac3dca1ef3130c4ea", MARK, "GB18030"},
        {"UTF-8", "e69cbae5af86e298853130e5b9b4", MARK, "UTF-8"},
        {"HZ", "7e7b3b7a435c216f7e7d31307e7b446a7e7d", MARK, "HZ"},
        {"ISO-2022-CN", "1b2429410e3b7a435c216f0f31300e446a0f", MARK, "ISO-2022-CN"},
        {"UTF-7", "2b5a7a7062786959462d31302b586e512d", MARK, "UTF-7"},
        {"UTF-16BE", "673a5bc62605003100305e74", MARK, "UTF-16BE"},
        {"UTF-16LE", "3a67c65b052631003000745e", MARK, "UTF-16LE"},
        {"UTF-16BE without digits", "673a5bc6", "机密", NULL},
        {"UTF-16LE without digits", "3a67c65b", "机密", NULL},
        {"UTF-16 with mark", "fffe3a67c65b052631003000745e", MARK, NULL},
        {"UTF-32BE", "0000673a00005bc600002605000000310000003000005e74", MARK, "UTF-32BE"},
        {"UTF-32LE", "3a670000c65b0000052600003100000030000000745e0000", MARK, "UTF-32LE"},
        {"Big5", "bef7b14ba1b93130a67e", MARK_HANT, "BIG5-HKSCS"},
        {"Big5 mark", "bef7b14ba1b9", "機密★", NULL},
        {"Shift_JIS", "8b4096a7819a3130944e", MARK_HANT, "CP932"},
        {"Shift_JIS mark", "8b4096a7819a", "機密★", NULL},
        {"EUC-KR", "d1a6dacba1da3130d2b4", MARK_HANT, "CP949"},
        {"EUC-KR mark", "d1a6dacba1da", "機密★", NULL},
        {"EUC-JP", "b5a1cca9a1fa3130c7af", MARK_HANT, "EUC-JP"},
        {"GBK traditional", "9943c3dca1ef3130c4ea", MARK_HANT, "GB18030"},
        {"ISO-2022-JP", "1b244235214c29217a1b284231301b2442472f1b2842", MARK_HANT, "ISO-2022-JP"},
        {"ISO-2022-KR", "1b2429430e51265a4b215a0f31300e52340f", MARK_HANT, "ISO-2022-KR"},
        {"four bytes of GB18030", "9534b235bbfac3dc", "𠮷机密", NULL},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autoptr(GByteArray) bytes = from_hex(CASES[i].hex);
        check_holds(CASES[i].name, NULL, (char *)bytes->data, bytes->len, CASES[i].text);
        g_autoptr(GPtrArray) found = plausible((char *)bytes->data, bytes->len, NULL);
        const char *best = ((Decoding *)found->pdata[0])->charset;
        if (CASES[i].best != NULL && strcmp(best, CASES[i].best) != 0)
            fail_msg("%s: best is %s", CASES[i].name, best);
    }
}

/* --- every charset, whatever the label ----------------------------------- */

#define SENTENCE_HANS "请各单位注意：本件为机密★10年，不得外传。"
#define SENTENCE_HANT "請各單位注意：本件為機密★10年，不得外傳。"
#define SENTENCE_JAPANESE "本件は機密★10年の資料です。取扱注意。"
#define SENTENCE_KOREAN "이 문서는 機密★10年 자료입니다."

/* HZ is the one that iconv cannot write. */
static char *
encode_hz(const char *text, gsize *length_out)
{
    g_autofree char *gb = g_convert(text, -1, "GB2312", "UTF-8", NULL, NULL, NULL);
    GString *hz = g_string_new(NULL);
    gboolean inside = FALSE;
    for (const char *c = gb; *c != '\0'; c++) {
        gboolean high = (guint8)*c >= 0x80;
        if (high != inside)
            g_string_append(hz, high ? "~{" : "~}");
        inside = high;
        g_string_append_c(hz, *c & 0x7F);
    }
    if (inside)
        g_string_append(hz, "~}");
    *length_out = hz->len;
    return g_string_free(hz, FALSE);
}

static char *
encode(const char *text, const char *charset, gsize *length_out)
{
    if (strcmp(charset, "HZ") == 0)
        return encode_hz(text, length_out);
    iconv_t converter = iconv_open(charset, "UTF-8");
    assert_ptr_not_equal(converter, (iconv_t)-1);
    gsize left = strlen(text), room = left * 4 + 64;
    char *bytes = g_malloc(room), *in = (char *)text, *end = bytes;
    if (iconv(converter, &in, &left, &end, &room) == (gsize)-1)
        fail_msg("iconv cannot write \"%s\" in %s", text, charset);
    iconv(converter, NULL, NULL, &end, &room);
    iconv_close(converter);
    *length_out = (gsize)(end - bytes);
    return bytes;
}

static const struct {
    const char *charset, *sentence;
} EVERY[] = {
    {"UTF-8", SENTENCE_HANS},
    {"GB18030", SENTENCE_HANS},
    {"GBK", SENTENCE_HANS},
    {"GB2312", SENTENCE_HANS},
    {"GBK", SENTENCE_HANT},
    {"HZ", SENTENCE_HANS},
    {"UTF-7", SENTENCE_HANS},
    {"UTF-16", SENTENCE_HANS},
    {"UTF-16LE", SENTENCE_HANS},
    {"UTF-16BE", SENTENCE_HANS},
    {"UTF-32", SENTENCE_HANS},
    {"UTF-32LE", SENTENCE_HANS},
    {"UTF-32BE", SENTENCE_HANS},
    {"ISO-2022-CN", SENTENCE_HANS},
    {"ISO-2022-CN-EXT", SENTENCE_HANS},
    {"ISO-2022-CN", SENTENCE_HANT},
    {"ISO-2022-CN-EXT", SENTENCE_HANT},
    {"BIG5", SENTENCE_HANT},
    {"BIG5-HKSCS", SENTENCE_HANT},
    {"CP950", SENTENCE_HANT},
    {"EUC-TW", SENTENCE_HANT},
    {"EUC-JP", SENTENCE_JAPANESE},
    {"SHIFT_JIS", SENTENCE_JAPANESE},
    {"CP932", SENTENCE_JAPANESE},
    {"ISO-2022-JP", SENTENCE_JAPANESE},
    {"ISO-2022-JP-3", SENTENCE_JAPANESE},
    {"EUC-KR", SENTENCE_KOREAN},
    {"CP949", SENTENCE_KOREAN},
    {"ISO-2022-KR", SENTENCE_KOREAN},
};

static void
test_decode_plausible_reads_every_charset_whatever_the_label(void **state)
{
    static const char *const LABELS[] = {NULL,   "us-ascii",  "iso-8859-1", "utf-8",     "gb2312",
                                         "big5", "shift_jis", "koi8-r",     "x-unknown", "windows-1252"};
    for (gsize i = 0; i < G_N_ELEMENTS(EVERY); i++) {
        gsize length;
        g_autofree char *bytes = encode(EVERY[i].sentence, EVERY[i].charset, &length);
        check_holds(EVERY[i].charset, EVERY[i].charset, bytes, length, EVERY[i].sentence);
        for (gsize j = 0; j < G_N_ELEMENTS(LABELS); j++)
            check_holds(EVERY[i].charset, LABELS[j], bytes, length, EVERY[i].sentence);
    }
}

/* A letter, not a line: statistics decide what is kept. */
static void
test_decode_plausible_reads_long_text_whatever_the_label(void **state)
{
    static const char *const LABELS[] = {NULL, "us-ascii", "iso-8859-1", "utf-8", "gb2312", "big5"};
    for (gsize i = 0; i < G_N_ELEMENTS(EVERY); i++) {
        g_autoptr(GString) letter = g_string_new(NULL);
        for (guint line = 0; line < 40; line++)
            g_string_append_printf(letter, "%s\n", EVERY[i].sentence);
        gsize length;
        g_autofree char *bytes = encode(letter->str, EVERY[i].charset, &length);
        check_holds(EVERY[i].charset, EVERY[i].charset, bytes, length, letter->str);
        for (gsize j = 0; j < G_N_ELEMENTS(LABELS); j++)
            check_holds(EVERY[i].charset, LABELS[j], bytes, length, letter->str);
    }
}

static void
test_decode_plausible_right_label_comes_first(void **state)
{
    for (gsize i = 0; i < G_N_ELEMENTS(EVERY); i++) {
        gsize length;
        g_autofree char *bytes = encode(EVERY[i].sentence, EVERY[i].charset, &length);
        g_autoptr(GPtrArray) found = plausible(bytes, length, EVERY[i].charset);
        const Decoding *best = found->pdata[0];
        if (strcmp(best->text, EVERY[i].sentence) != 0 || !best->declared ||
            g_strcmp0(best->charset, charset_canonical(EVERY[i].charset)) != 0)
            fail_msg("%s: best is %s \"%s\"", EVERY[i].charset, best->charset, best->text);
    }
}

static void
test_decode_plausible_order_of_short_texts(void **state)
{
    static const struct {
        const char *charset, *text;
    } CASES[] = {
        {"GB18030", "关于召开会议的通知"},
        {"GB18030", "请查收附件"},
        {"GB18030", "王主任：您好"},
        {"BIG5", "關於召開會議的通知"},
        {"BIG5", "請查收附件，謝謝"},
        {"EUC-JP", "会議のお知らせ"},
        {"SHIFT_JIS", "会議のお知らせ"},
        {"EUC-KR", "회의 안내 드립니다"},
        {"CP1252", "déjà vu à l’été, naïve façade"},
        {"UTF-16LE", "关于召开会议的通知"},
        {"UTF-16BE", "关于召开会议的通知"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
        gsize length;
        g_autofree char *bytes = encode(CASES[i].text, CASES[i].charset, &length);
        g_autoptr(GPtrArray) found = plausible(bytes, length, NULL);
        const Decoding *best = found->pdata[0];
        if (strcmp(best->text, CASES[i].text) != 0)
            fail_msg("%s \"%s\": best is %s \"%s\"", CASES[i].charset, CASES[i].text, best->charset, best->text);
    }
}

/* --- one and only one ---------------------------------------------------- */

static void
test_decode_plausible_certain_text_gives_one(void **state)
{
    static const struct {
        const char *name, *charset, *text, *label;
        gboolean declared;
    } CASES[] = {
        {"ASCII", "UTF-8", "Dear all, see you at 10:30.\r\n", NULL, FALSE},
        {"ASCII, labelled so", "UTF-8", "Dear all, see you at 10:30.\r\n", "us-ascii", TRUE},
        {"ASCII labelled utf-8", "UTF-8", "Dear all", "utf-8", TRUE},
        {"ASCII labelled gb2312", "UTF-8", "Dear all", "gb2312", TRUE},
        {"ASCII labelled hz", "UTF-8", "Dear all", "hz-gb-2312", TRUE},
        {"ASCII, unknown label", "UTF-8", "Dear all", "x-unknown", FALSE},
        {"nothing", "UTF-8", "", NULL, FALSE},
        {"no UTF-7, HZ or ISO-2022", "UTF-8",
         "C++ & R&D: 1+1=2, tel. +86 10-66551234 or +8613912345678, a+b-c ~ ~/x ~user {~} x+y+zz- &nbsp;&amp;- Q&A-",
         NULL, FALSE},
        {"UTF-8", "UTF-8", SENTENCE_HANS, "utf-8", TRUE},
        {"UTF-8, undeclared", "UTF-8", SENTENCE_HANS, NULL, FALSE},
        {"UTF-8 labelled us-ascii", "UTF-8", SENTENCE_HANS, "us-ascii", FALSE},
        {"UTF-8, accents", "UTF-8", "déjà vu à Montréal", "utf-8", TRUE},
        {"UTF-8, Cyrillic", "UTF-8", "Уважаемые коллеги, добрый день!", "utf-8", TRUE},
        {"UTF-8, rare characters", "UTF-8", "颟顸龃龉魑魅魍魉饕餮耄耋囹圄龌龊", "utf-8", TRUE},
        {"UTF-8, emoji", "UTF-8", "OK 👍🎉", "utf-8", TRUE},
        {"GB18030", "GB18030", SENTENCE_HANS, "gb2312", TRUE},
        {"GB18030, rules and tables", "GB18030",
         "────────────────\n│项目│金额（元）│备注│\n│①差旅费│１２００．５０│α类│\n◆联系人：王赟、李珺　☎ 66551234\n"
         "═══════════\n【办公室】……——“通知”\n",
         "gb2312", TRUE},
        {"GB18030, undeclared letter", "GB18030", SENTENCE_HANS "\n" SENTENCE_HANS "\n" SENTENCE_HANS, NULL, FALSE},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
        gsize length;
        g_autofree char *bytes = encode(CASES[i].text, CASES[i].charset, &length);
        g_autoptr(GPtrArray) found = plausible(bytes, length, CASES[i].label);
        const Decoding *best = found->pdata[0];
        if (found->len != 1)
            fail_msg("%s: %u readings, second %s \"%s\"", CASES[i].name, found->len,
                     ((Decoding *)found->pdata[1])->charset, ((Decoding *)found->pdata[1])->text);
        assert_string_equal(best->text, CASES[i].text);
        if (best->declared != CASES[i].declared)
            fail_msg("%s: declared %d", CASES[i].name, best->declared);
        assert_int_equal(best->errors + best->nuls, 0);
    }
}

/* --- mixtures and mojibake ----------------------------------------------- */

static void
test_decode_plausible_mixed_lines(void **state)
{
    gsize gb_length, big5_length;
    g_autofree char *gb = encode("> " SENTENCE_HANS "\n", "GB18030", &gb_length);
    g_autofree char *big5 = encode("> " SENTENCE_HANT "\n", "BIG5", &big5_length);
    g_autoptr(GString) letter = g_string_new("答复如下，请各部门遵照执行：\nplain line\n");
    g_string_append_len(letter, gb, (gssize)gb_length);
    g_string_append_len(letter, big5, (gssize)big5_length);
    g_string_append(letter, "谢谢，请查收附件。\n");
    static const char *const LABELS[] = {NULL, "utf-8", "gb2312", "iso-8859-1"};
    for (gsize i = 0; i < G_N_ELEMENTS(LABELS); i++)
        check_holds("mixed lines", LABELS[i], letter->str, letter->len,
                    "答复如下，请各部门遵照执行：\nplain line\n> " SENTENCE_HANS "\n> " SENTENCE_HANT
                    "\n谢谢，请查收附件。\n");
}

/* One line of another charset in a good GB18030 letter must not hide behind the letter's good average. */
static void
test_decode_plausible_odd_line_in_good_letter(void **state)
{
    static const struct {
        const char *charset, *text;
    } CASES[] = {
        {"UTF-8", "机密★10年"},
        {"UTF-8", "绝密★30年"},
        {"BIG5", "本件機密★10年"},
        {"UTF-8", "秘密★5年"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autoptr(GString) letter = g_string_new(NULL);
        gsize length;
        g_autofree char *line = encode("现将本月工作安排通知如下，请认真组织落实，按时完成。\n", "GB18030", &length);
        for (guint n = 0; n < 60; n++)
            g_string_append_len(letter, line, (gssize)length);
        g_autofree char *odd = encode(CASES[i].text, CASES[i].charset, &length);
        g_string_append_len(letter, odd, (gssize)length);
        check_holds(CASES[i].charset, "gb2312", letter->str, letter->len, CASES[i].text);
        check_holds(CASES[i].charset, NULL, letter->str, letter->len, CASES[i].text);
    }
}

/* `text` in `real`, read as `wrong`, as UTF-8 again. */
static char *
mojibake(const char *text, const char *real, const char *wrong)
{
    gsize length;
    g_autofree char *bytes = encode(text, real, &length);
    g_autoptr(GString) out = g_string_new(NULL);
    if (strcmp(wrong, "LATIN1") == 0) { /* the real one, C1 controls and all */
        for (gsize i = 0; i < length; i++)
            g_string_append_unichar(out, (guint8)bytes[i]);
        return g_string_free(g_steal_pointer(&out), FALSE);
    }
    g_autofree Decoding *decoding = decode_as((guint8 *)bytes, length, wrong);
    return decoding->text;
}

static void
test_decode_plausible_undoes_mojibake(void **state)
{
    static const struct {
        const char *text, *real, *wrong, *want;
    } CASES[] = {
        {"文件机密★10年", "UTF-8", "LATIN1", "文件机密★10年"},
        {"文件机密★10年", "UTF-8", "CP1252", "文件机密★10年"},
        {"文件机密★10年", "GBK", "LATIN1", "文件机密★10年"},
        {"文件机密★10年", "GBK", "CP1252", "文件机密★10年"},
        {"機密文件", "GBK", "CP1252", "機密文件"},
        {"请注意，文件机密等级", "UTF-8", "GBK", "请注意，文件机密等级"},
        {"机密★10年", "UTF-8", "GBK", "机密"},
        {"机密", "UTF-8", "GBK", "机密"},
        {"绝密★", "UTF-8", "GBK", "绝密"},
        {"秘密", "UTF-8", "GBK", "秘密"},
    };
    static const char *const AROUND[] = {"%s", "Dear all,\n%s\nregards", "大家好，标题如下：%s，请查收。\n"};
    for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autofree char *wrong = mojibake(CASES[i].text, CASES[i].real, CASES[i].wrong);
        for (gsize j = 0; j < G_N_ELEMENTS(AROUND); j++) {
            g_auto(GStrv) halves = g_strsplit(AROUND[j], "%s", 2);
            g_autofree char *letter = g_strconcat(halves[0], wrong, halves[1], NULL);
            check_holds(wrong, "utf-8", letter, strlen(letter), CASES[i].want);
            g_autofree char *kept = g_strstrip(g_strdup(halves[0]));
            check_holds(wrong, "utf-8", letter, strlen(letter), kept);
        }
    }
}

static void
test_decode_plausible_undoes_mojibake_sent_as_gb(void **state)
{
    gsize length;
    g_autofree char *wrong = mojibake("请注意，文件机密等级", "UTF-8", "GBK");
    g_autofree char *bytes = encode(wrong, "GB18030", &length);
    check_holds("GBK", "gb2312", bytes, length, "机密");
    check_holds("GBK", NULL, bytes, length, "机密");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decode_plausible_reads_bare_mark),
        cmocka_unit_test(test_decode_plausible_reads_every_charset_whatever_the_label),
        cmocka_unit_test(test_decode_plausible_reads_long_text_whatever_the_label),
        cmocka_unit_test(test_decode_plausible_right_label_comes_first),
        cmocka_unit_test(test_decode_plausible_order_of_short_texts),
        cmocka_unit_test(test_decode_plausible_certain_text_gives_one),
        cmocka_unit_test(test_decode_plausible_mixed_lines),
        cmocka_unit_test(test_decode_plausible_odd_line_in_good_letter),
        cmocka_unit_test(test_decode_plausible_undoes_mojibake),
        cmocka_unit_test(test_decode_plausible_undoes_mojibake_sent_as_gb),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
