/* fold: the folded alphabet, the squeezed view, offsets. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fold.h"
#include <string.h>

#define RLO "\xE2\x80\xAE"
#define PDF "\xE2\x80\xAC"
#define LRE "\xE2\x80\xAA"

typedef struct {
    const char *name, *text, *wanted;
} Case;

static void
check_table(const Case *cases, gsize count, gboolean squeezed)
{
    g_autoptr(Fold) fold = fold_new();
    guint wrong = 0;
    for (gsize i = 0; i < count; i++) {
        fold_run(fold, cases[i].text, strlen(cases[i].text));
        const FoldView *view = squeezed ? fold_squeezed(fold) : fold_folded(fold);
        if (strcmp(view->text, cases[i].wanted) != 0 || strlen(view->text) != view->length) {
            print_error("%s: '%s' gave '%s', wanted '%s'\n", cases[i].name, cases[i].text, view->text, cases[i].wanted);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

static void
test_folded_view_makes_spellings_equal(void **state)
{
    static const Case CASES[] = {
        {"plain", "机密", "机密"},
        {"case", "Top SECRET", "top secret"},
        {"full width", "ＳＥＣＲＥＴ　（１０）", "secret (10)"},
        {"traditional", "絕密機密祕密級別國家內部資料", "绝密机密秘密级别国家内部资料"},
        {"japanese", "極秘 絶対 関係者 機密性", "极秘 绝对 关系者 机密性"},
        {"variants", "宻 秊 囯 囻 髙", "密 年 国 国 高"},
        {"enclosed", "㊙", "秘"},
        {"stars", "☆✩✪✭✰⭐🌟⋆٭⍟✶", "★★★★★★★★★★★"},
        {"star with selector", "⭐\xEF\xB8\x8F", "★"},
        {"asterisks stay", "*＊∗✱✳", "*****"},
        {"kangxi radicals", "⼯作 ⽂件 ⽤ ⽉", "工作 文件 用 月"},
        {"radicals supplement", "⻓期 ⻚ ⻅ ⺠ ⾧期 ⻨ ⻰ ⻬", "长期 页 见 民 长期 麦 龙 齐"},
        {"compatibility ideograph", "\xEF\xA6\x8E", "年"},
        {"circled digits", "①⑩⑳❶❿➀➓⓵㉈⓪",
         "1102011011011"
         "0"
         "0"},
        {"other digits", "١٢٣ १२ 𝟙𝟘", "123 12 10"},
        {"cyrillic look-alikes", "Соnfidеntiаl ѕесrеt SЕСRЕТ", "confidential secret secret"},
        {"greek look-alikes", "ΤΟΡ ЅΕСRΕΤ", "top secret"},
        {"accents",
         "s\xC3\xA9"
         "cret s"
         "e\xCC\x81"
         "cret",
         "secret secret"},
        {"strike-through", "机\xCC\xB6密\xCC\xB5★", "机密★"},
        {"mathematical letters", "𝐒𝓮𝔠𝕣𝖊𝚝", "secret"},
        {"invisible",
         "机\xE2\x80\x8B密\xE2\x80\x8D★\xEF\xBB\xBF\xC2\xAD"
         "1\xE2\x81\xA0"
         "0年\xCD\x8F",
         "机密★10年"},
        {"variation selectors", "机\xEF\xB8\x80密\xF3\xA0\x84\x80", "机密"},
        {"tags", "机\xF3\xA0\x81\xA1密", "机密"},
        {"bidi controls", "机\xE2\x80\xAA密\xE2\x80\xAC\xE2\x81\xA6★\xE2\x81\xA9", "机密★"},
        {"control characters", "机\x01密\x7F★\xC2\x80", "机密★"},
        {"colons", "密级：机密 密级∶机密 密级﹕机密", "密级:机密 密级:机密 密级:机密"},
        {"brackets stay apart", "（[［【〖〔〈《", "([[【【〔《《"},
        {"quotes", "「机密」『机密』〝机密〞‘机密’", "“机密”“机密”“机密”'机密'"},
        {"middle dots", "机·密•密・密‧密∙密", "机·密·密·密·密·密"},
        {"hyphens", "a‐b–c−d—e", "a-b-c-d--e"},
        {"boxes", "☐▢◻☑✅☒❎✓✔√●⚫○◯", "□□□☑☑☒☒√√√●●○○"},
        {"wingdings", "\xEF\x83\xBE机密 \xEF\x82\xA8秘密", "☑机密 □秘密"},
        {"line ends",
         "a\r\nb\rc\nd\xE2\x80\xA8"
         "e\fg",
         "a\nb\nc\nd\ne\ng"},
        {"blanks",
         "a\xC2\xA0"
         "b\xE3\x80\x80"
         "c\td",
         "a b c\td"},
        {"hangul composes", "\xE1\x84\x83\xE1\x85\xA2\xE1\x84\x8B\xE1\x85\xAC\xE1\x84\x87\xE1\x85\xB5", "대외비"},
        {"hangul with final", "\xE1\x84\x80\xE1\x85\xB3\xE1\x86\xB8", "급"},
        {"hangul stays", "Ⅲ급 비밀 대외비", "iii급 비밀 대외비"},
        {"russian case", "СОВЕРШЕННО секретно", "cobepшehho cekpetho"},
        {"beyond the basic plane", "𠮷😀", "𠮷😀"},
        {"ellipsis", "…", "..."},
        {"long expansion", "\xEF\xB7\xBA", "صلى الله عليه وسلم"},
        {"empty", "", ""},
    };
    check_table(CASES, G_N_ELEMENTS(CASES), FALSE);
}

static void
test_squeezed_view_drops_what_does_not_separate(void **state)
{
    static const Case CASES[] = {
        {"spaced mark", "机　密 ★ 1 0 年", "机密★10年"},
        {"spaced digits of a number", "1 3 8 0 0", "13800"},
        {"numbers stay apart", "12 30 5 10 第 5 10 页", "12 30 5 10第5 10页"},
        {"lone digit before a number", "5 10", "5 10"},
        {"number before lone digits", "10 5 6", "10 56"},
        {"wrapped line", "国家\n秘密", "国家秘密"},
        {"vertical", "机\n密\n★\n1\n0\n年", "机密★10年"},
        {"vertical in a reply", "> 机\n> 密\n> ★\n> 1\n> 0\n> 年\n> \n> 某某", ">机密★1 > 0 >年某某"},
        {"vertical in a reply to a reply", "见下\n>> 机\n> > 密\n>>文件的后文", "见下机密文件的后文"},
        {"wrapped in a reply", "> 国家\r\n>   秘密和后文", ">国家秘密和后文"},
        {"greater than", "甲>乙 丙 > 丁戊己庚", "甲>乙丙>丁戊己庚"},
        {"English in a reply", "> some words\n> and more of them", "> some words > and more of them"},
        {"Han before English in a reply", "如下\n> some words of a longer line", "如下some words of a longer line"},
        {"blank lines", "机\r\n\r\n 密", "机密"},
        {"middle dot", "机·密", "机密"},
        {"underscore", "机_密", "机密"},
        {"hyphen with blanks", "机 - 密", "机密"},
        {"full stop", "机.密", "机密"},
        {"three light ones", "机·.-密", "机密"},
        {"four light ones", "机....密", "机....密"},
        {"ellipsis of six", "绝密……机密", "绝密......机密"},
        {"one em dash", "机—密", "机密"},
        {"two em dashes", "秘密——机密", "秘密----机密"},
        {"bar", "机|密", "机密"},
        {"undecodable between", "机\xEF\xBF\xBD密", "机密"},
        {"dot between Han and digit", "3.机密", "3.机密"},
        {"dot as star", "机密·10年", "机密·10年"},
        {"star and digit", "机密★-10年", "机密★10年"},
        {"Han and Latin", "机密_XX部署.pdf", "机密_xx部署.pdf"},
        {"comma", "秘密, 机密，绝密", "秘密,机密,绝密"},
        {"enumeration comma", "秘密、 机密", "秘密、机密"},
        {"sentence end", "司机。\n密码", "司机。密码"},
        {"slash", "绝密/机密", "绝密/机密"},
        {"asterisk", "机*密 机密*10年", "机*密机密*10年"},
        {"colon", "密 级 ： 机 密", "密级:机密"},
        {"boxes", "□ 绝密 ☑ 机密", "□绝密☑机密"},
        {"brackets", "〔 机 密 〕 ( 10 年 )", "〔机密〕( 10年)"},
        {"English over a line end", "TOP\n  SECRET // NOFORN", "top secret // noforn"},
        {"English kept", "a-b _c . d", "a-b _c . d"},
        {"Han and English", "机密 CONFIDENTIAL 文件", "机密confidential文件"},
        {"kept run loses outer blanks", "机密 - A", "机密- a"},
        {"kept run before Han", "A - 机密", "a -机密"},
        {"blanks and English", "a  b\n\n c", "a b c"},
        {"blank before Han", "ab 机密", "ab机密"},
        {"digits after English", "in 2024 at 5", "in 2024 at 5"},
        {"edges", "  \n机密 \n", "机密"},
        {"edges of English", " \n secret - \n", "secret -"},
        {"only blanks", " \t\n", ""},
        {"only light", "-", "-"},
        {"kana", "マ ル 秘 情 報", "マル秘情报"},
        {"hangul words", "Ⅲ급 비밀", "iii급 비밀"},
    };
    check_table(CASES, G_N_ELEMENTS(CASES), TRUE);
}

static void
test_override_is_matched_as_seen(void **state)
{
    static const Case FOLDED[] = {
        {"run", "a" RLO "年01★密机" PDF "b", "a年01★密机b\n机密★10年"},
        {"to the end", RLO "密机", "密机\n机密"},
        {"ends with the line", RLO "密机\n文件", "密机\n文件\n机密"},
        {"nested", RLO "密" LRE "x" PDF "机" PDF "y", "密x机y\n机x密"},
        {"two", RLO "ba" PDF " " RLO "dc" PDF, "ba dc\nab\ncd"},
        {"empty", RLO PDF "a", "a"},
        {"expansion", RLO "㈱⑩" PDF, "(株)10\n10(株)"},
        {"stray end", PDF "a", "a"},
    };
    check_table(FOLDED, G_N_ELEMENTS(FOLDED), FALSE);
    static const Case SQUEEZED[] = {{"run", "甲 " RLO "密 机" PDF " 乙", "甲密机乙\n机密"}};
    check_table(SQUEEZED, G_N_ELEMENTS(SQUEEZED), TRUE);
}

/* Every byte of a view leads to the beginning of a character that folds to (among others) that byte. */
static void
check_offsets(const FoldView *view, const char *text)
{
    gsize length = strlen(text);
    assert_int_equal(view->source[view->length], length);
    for (gsize i = 0; i < view->length; i++) {
        guint32 at = view->source[i];
        assert_true(at < length && ((guint8)text[at] & 0xC0) != 0x80);
        g_autofree char *one = g_strndup(text + at, (gsize)(g_utf8_next_char(text + at) - (text + at)));
        g_autofree char *folded = fold_word(one);
        if (view->text[i] != ' ' && view->text[i] != '\n' && *folded != '\0')
            assert_non_null(memchr(folded, view->text[i], strlen(folded)));
    }
}

static void
test_offsets_lead_back_to_the_source(void **state)
{
    static const char *const TEXTS[] = {
        "机密★10年",
        "a\xE2\x80\x8B機 密 ⭐ ① ⑩ 年 Top\tSecret\r\n[x] ⻓期",
        "“㈱”—…ﬃ\n x - 机 - 密",
        "😀 机😀密",
    };
    g_autoptr(Fold) fold = fold_new();
    for (gsize i = 0; i < G_N_ELEMENTS(TEXTS); i++) {
        fold_run(fold, TEXTS[i], strlen(TEXTS[i]));
        check_offsets(fold_folded(fold), TEXTS[i]);
        check_offsets(fold_squeezed(fold), TEXTS[i]);
    }
}

static void
test_source_range_covers_the_characters(void **state)
{
    const char *text = "x 機\xE2\x80\x8B 密 y " RLO "密机" PDF;
    g_autoptr(Fold) fold = fold_new();
    fold_run(fold, text, strlen(text));
    const FoldView *view = fold_squeezed(fold);
    gsize from, to, hit = (gsize)(strstr(view->text, "机密") - view->text);
    fold_source_range(view, text, hit, hit + strlen("机密"), &from, &to);
    g_autofree char *first = g_strndup(text + from, to - from);
    assert_string_equal(first, "機\xE2\x80\x8B 密");
    hit = (gsize)(strstr(view->text, "\n机密") + 1 - view->text);
    fold_source_range(view, text, hit, hit + strlen("机密"), &from, &to);
    g_autofree char *second = g_strndup(text + from, to - from);
    assert_string_equal(second, "密机");
    fold_source_range(view, text, view->length, view->length, &from, &to);
    assert_int_equal(from, strlen(text));
}

static void
test_to_folded_finds_the_same_character(void **state)
{
    const char *text = "a 機\xE2\x80\x8B ⑩\n密 " RLO "⑩ 密 机" PDF " x " RLO "ba 年" PDF "。";
    g_autoptr(Fold) fold = fold_new();
    fold_run(fold, text, strlen(text));
    const FoldView *squeezed = fold_squeezed(fold), *folded = fold_folded(fold);
    for (gsize i = 0; i < squeezed->length; i++) {
        gsize at = fold_to_folded(fold, i);
        assert_true(at < folded->length);
        assert_int_equal(folded->source[at], squeezed->source[i]);
        assert_true(at == 0 || folded->source[at - 1] != folded->source[at] || folded->text[at - 1] == '\n');
        assert_true(i == 0 || fold_to_folded(fold, i - 1) <= at);
    }
    assert_int_equal(fold_to_folded(fold, squeezed->length), folded->length);
    gsize hit = (gsize)(strstr(squeezed->text, "\n机密10") + 1 - squeezed->text);
    assert_memory_equal(folded->text + fold_to_folded(fold, hit), "机 密 10\n", 11);
}

static void
test_folding_twice_is_folding_once(void **state)
{
    g_autoptr(GString) all = g_string_new(NULL);
    for (gunichar c = 1; c <= 0x3FFFF; c++)
        if (g_unichar_validate(c) && c != 0x202E)
            g_string_append_unichar(g_string_append_c(all, c % 16 == 0 ? '\n' : 'x'), c);
    g_autoptr(Fold) once = fold_new();
    g_autoptr(Fold) twice = fold_new();
    fold_run(once, all->str, all->len);
    assert_true(g_utf8_validate(fold_folded(once)->text, (gssize)fold_folded(once)->length, NULL));
    fold_run(twice, fold_folded(once)->text, fold_folded(once)->length);
    assert_int_equal(fold_folded(once)->length, fold_folded(twice)->length);
    assert_memory_equal(fold_folded(once)->text, fold_folded(twice)->text, fold_folded(once)->length);
    fold_run(twice, fold_squeezed(once)->text, fold_squeezed(once)->length);
    assert_true(g_utf8_validate(fold_squeezed(twice)->text, (gssize)fold_squeezed(twice)->length, NULL));
}

/* The fast ways must not differ from the slow one: text is the same in one piece and character by character. */
static void
test_folded_view_is_the_sum_of_its_characters(void **state)
{
    const char *text =
        "Hello, World 123 \t-_- 机密★10年abcdefghijklmnopqrstuvwxyz ABCDEFGHIJ  KLMNOP\nQRSTUVWXYZ0123456789"
        "。絕密、Ｔｅｓｔ ⑩ 終";
    g_autoptr(GString) sum = g_string_new(NULL);
    for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
        g_autofree char *one = g_strndup(p, (gsize)(g_utf8_next_char(p) - p));
        g_autofree char *folded = fold_word(one);
        g_string_append(sum, folded);
    }
    g_autofree char *whole = fold_word(text);
    assert_string_equal(whole, sum->str);
}

/* Inside an override every character goes the slow way: nearly all text goes the fast one, and must come out the same.
 */
static void
test_fast_and_slow_ways_agree(void **state)
{
    static const char *const PIECES[] = {
        "机", "密", "★", "1", "0",  "a", "B",  " ", " ",  "\t",           "-",  "_",  "·",
        "。", "(",  "—", "é", "絕", "…", "　", "😀", "급", "Hello, World", "  ", "１", ">"};
    g_autoptr(Fold) fast = fold_new();
    g_autoptr(Fold) slow = fold_new();
    guint32 seed = 7;
    for (guint round = 0; round < 20000; round++) {
        g_autoptr(GString) text = g_string_new(RLO);
        for (guint n = round % 40; n > 0; n--) {
            seed = seed * 1664525 + 1013904223;
            g_string_append(text, PIECES[(seed >> 16) % G_N_ELEMENTS(PIECES)]);
        }
        fold_run(slow, text->str, text->len);
        fold_run(fast, text->str + 3, text->len - 3);
        for (guint squeezed = 0; squeezed < 2; squeezed++) {
            const FoldView *one = squeezed ? fold_squeezed(fast) : fold_folded(fast);
            const FoldView *other = squeezed ? fold_squeezed(slow) : fold_folded(slow);
            if (memcmp(one->text, other->text, one->length) != 0 ||
                (one->length < other->length && other->text[one->length] != '\n'))
                fail_msg("'%s': '%s' and '%s'", text->str, one->text, other->text);
        }
    }
}

static void
test_run_takes_any_bytes(void **state)
{
    g_autoptr(Fold) fold = fold_new();
    guint32 seed = 1;
    for (guint round = 0; round < 2000; round++) {
        char bytes[64];
        gsize length = round % sizeof bytes;
        for (gsize i = 0; i < length; i++) {
            seed = seed * 1664525 + 1013904223;
            bytes[i] = (char)(seed >> 24 | (round % 2 == 0 ? 0xC0 : 0));
        }
        g_autofree char *exact = g_memdup2(bytes, length); /* so that the sanitizer sees the end */
        fold_run(fold, exact, length);
        assert_true(fold_folded(fold)->length <= 16 * length + 1);
    }
}

static void
test_buffers_grow_under_expansion(void **state)
{
    g_autoptr(GString) text = g_string_new(RLO);
    for (guint i = 0; i < 5000; i++)
        g_string_append(text, "\xEF\xB7\xBA");
    g_autoptr(Fold) fold = fold_new();
    fold_run(fold, text->str, text->len);
    assert_true(fold_folded(fold)->length > 2 * 5000 * 30);
    fold_run(fold, "a", 1);
    assert_string_equal(fold_squeezed(fold)->text, "a");
}

static void
test_digest_is_stable(void **state)
{
    assert_true(g_str_has_prefix(fold_digest(), "sha256:"));
    assert_int_equal(strlen(fold_digest()), 7 + 64);
    assert_ptr_equal(fold_digest(), fold_digest());
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_folded_view_makes_spellings_equal),
        cmocka_unit_test(test_squeezed_view_drops_what_does_not_separate),
        cmocka_unit_test(test_override_is_matched_as_seen),
        cmocka_unit_test(test_offsets_lead_back_to_the_source),
        cmocka_unit_test(test_source_range_covers_the_characters),
        cmocka_unit_test(test_to_folded_finds_the_same_character),
        cmocka_unit_test(test_folding_twice_is_folding_once),
        cmocka_unit_test(test_folded_view_is_the_sum_of_its_characters),
        cmocka_unit_test(test_fast_and_slow_ways_agree),
        cmocka_unit_test(test_run_takes_any_bytes),
        cmocka_unit_test(test_buffers_grow_under_expansion),
        cmocka_unit_test(test_digest_is_stable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
