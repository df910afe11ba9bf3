/* fingerprint: what winnowing promises, what makes no difference, what the key does. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "fingerprint.h"
#include "fingerprint_cut.h"
#include "fold.h"
#include <string.h>

static Fold *fold;
static Fingerprinter *maker;
static guint32 seed = 7;

static guint32
roll(guint32 below)
{
    seed = seed * 1664525 + 1013904223;
    return (guint32)((guint64)(seed >> 8) * below >> 24);
}

static Fingerprinter *
maker_of(guint8 first)
{
    guint8 secret[CRYPTO_KEY_SIZE] = {first};
    FingerprintKey key;
    fingerprint_key_make(secret, &key);
    return fingerprinter_new(&key);
}

/* Names of the prints of a text as it is written, folded and squeezed before. */
static GArray *
names_of(Fingerprinter *by, const char *text, Fingerprint *out)
{
    GArray *names = g_array_new(FALSE, FALSE, sizeof(guint64));
    Fingerprint own;
    fold_run(fold, text, strlen(text));
    fingerprint_run(by, fold_squeezed(fold)->text, fold_squeezed(fold)->length, &own);
    for (guint i = 0; i < own.count; i++)
        g_array_append_val(names, own.prints[i].name);
    if (out != NULL)
        *out = own;
    return names;
}

/* Characters that fold to themselves and to nothing else. */
static void
add_han(GString *text, guint count, guint kinds)
{
    for (guint i = 0; i < count; i++)
        g_string_append_unichar(text, 0x4E00 + 37 * roll(kinds));
}

static gboolean
share(const GArray *a, const GArray *b)
{
    for (guint i = 0; i < a->len; i++)
        for (guint j = 0; j < b->len; j++)
            if (g_array_index(a, guint64, i) == g_array_index(b, guint64, j))
                return TRUE;
    return FALSE;
}

static void
test_fingerprint_run_meets_in_every_passage_of_the_sure_length(void **state)
{
    for (guint round = 0; round < 400; round++) {
        g_autoptr(GString) passage = g_string_new(NULL), left = g_string_new(NULL), right = g_string_new(NULL);
        add_han(passage, FINGERPRINT_SURE, 500);
        add_han(left, roll(120), 500);
        add_han(right, roll(120), 500);
        g_string_append_len(left, passage->str, (gssize)passage->len);
        g_string_append_len(right, passage->str, (gssize)passage->len);
        add_han(left, roll(120), 500);
        add_han(right, roll(120), 500);
        g_autoptr(GArray) a = names_of(maker, left->str, NULL), b = names_of(maker, right->str, NULL);
        assert_true(share(a, b));
    }
}

static void
test_fingerprint_run_does_not_meet_below_a_shingle(void **state)
{
    for (guint round = 0; round < 200; round++) {
        g_autoptr(GString) passage = g_string_new(NULL), left = g_string_new(NULL), right = g_string_new(NULL);
        add_han(passage, FINGERPRINT_TOKENS - 1, 500);
        add_han(left, 100, 250);
        g_string_append_len(left, passage->str, (gssize)passage->len);
        g_string_append_len(right, passage->str, (gssize)passage->len);
        add_han(right, 100, 250);
        g_autoptr(GArray) a = names_of(maker, left->str, NULL), b = names_of(maker, right->str, NULL);
        assert_false(share(a, b));
    }
}

/* The paper's own figure: about 2 / (window + 1) of the shingles; no gap is wider than the window. */
static void
test_fingerprint_run_density_and_gaps(void **state)
{
    g_autoptr(GString) text = g_string_new(NULL);
    add_han(text, 20000, 550);
    Fingerprint print;
    g_autoptr(GArray) names = names_of(maker, text->str, &print);
    assert_int_equal(print.characters, 20000);
    gdouble density = (gdouble)print.count / 20000, wanted = 2.0 / (FINGERPRINT_WINDOW + 1);
    assert_true(density > 0.9 * wanted && density < 1.1 * wanted);
    for (guint i = 1; i < print.count; i++) {
        assert_true(print.prints[i].at > print.prints[i - 1].at);
        assert_true(print.prints[i].at - print.prints[i - 1].at <= FINGERPRINT_WINDOW);
        assert_int_equal(print.prints[i].byte, 3 * print.prints[i].at);
    }
    assert_true(print.prints[0].at < FINGERPRINT_WINDOW);
    assert_true(print.prints[print.count - 1].at + FINGERPRINT_TOKENS + FINGERPRINT_WINDOW > 20000);
}

static const struct {
    const char *name, *text;
    gboolean same; /* as the first */
} forms[] = {
    {"as it was",
     "关于开展2026年度专项资金使用情况检查的通知：各处室要按照方案要求，于五月底前完成自查，形成书面报告。", TRUE},
    {"wrapped, blanks, other punctuation",
     "关于开展 2026 年度专项资金\n使用情况检查的通知——各处室要按照方案要求,于五月底前\r\n完成自查; 形成　书面报告",
     TRUE},
    {"full width, quote signs, bullets",
     "> 关于开展２０２６年度专项资金使用情况\n> 检查的通知:\n> · 各处室要按照方案要求，于五月底前完成自查。\n> "
     "· 形成书面报告！",
     TRUE},
    {"traditional",
     "關於開展2026年度專項資金使用情況檢查的通知：各處室要按照方案要求，於五月底前完成自查，形成書面報告。", TRUE},
    {"zero width characters and emphasis",
     "关于开\u200b展2026年度专\u00ad项资金使用情况检查的通知：各处室**要按照方案要求**"
     "，于五月底前完成自查，【形成书面报告】",
     TRUE},
    {"another word",
     "关于开展2026年度专项资金使用情况督查的通知：各处室要按照方案要求，于五月底前完成自查，形成书面报告。", FALSE},
    {"another year",
     "关于开展2025年度专项资金使用情况检查的通知：各处室要按照方案要求，于五月底前完成自查，形成书面报告。", FALSE},
};

static void
test_fingerprint_run_forms_of_one_text(void **state)
{
    Fingerprint first, other;
    g_autoptr(GArray) names = names_of(maker, forms[0].text, &first);
    guint64 whole = first.whole;
    assert_true(names->len > 0 && whole != 0);
    for (gsize i = 1; i < G_N_ELEMENTS(forms); i++) {
        g_autoptr(GArray) found = names_of(maker, forms[i].text, &other);
        gboolean same = other.whole == whole && found->len == names->len &&
                        memcmp(found->data, names->data, names->len * sizeof(guint64)) == 0;
        if (same != forms[i].same || (other.whole == whole) != forms[i].same)
            fail_msg("%s: %s", forms[i].name, same ? "the same" : "not the same");
    }
}

/* English counts by words: twelve letters are no shingle. */
static void
test_fingerprint_run_words_are_tokens(void **state)
{
    static const char text[] = "The committee shall meet on the third Monday of each month in room F-16";
    Fingerprint print;
    g_autoptr(GArray) names = names_of(maker, text, &print);
    assert_int_equal(print.characters, 2 * 15);
    assert_int_equal(print.count, 1);
    g_autoptr(GArray) again =
        names_of(maker, "THE COMMITTEE  shall meet\non the third Monday, of each month; in Room F 16.", NULL);
    assert_int_equal(g_array_index(again, guint64, 0), g_array_index(names, guint64, 0));
    g_autoptr(GArray) little = names_of(maker, "one two three four five six seven eight nine ten eleven", &print);
    assert_int_equal(little->len, 0);
    assert_true(print.whole != 0);
}

static void
test_fingerprint_run_empty_and_monotonous(void **state)
{
    Fingerprint print;
    g_autoptr(GArray) none = names_of(maker, "", &print);
    assert_int_equal(print.count, 0);
    assert_true(print.whole == 0);
    g_autoptr(GArray) signs = names_of(maker, "——————……！！！★★★ * * *", &print);
    assert_int_equal(print.count, 0);
    assert_true(print.whole == 0);
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < 5000; i++)
        g_string_append(text, "是");
    g_autoptr(GArray) same = names_of(maker, text->str, &print);
    assert_true(same->len >= 1 && same->len <= 5000 / FINGERPRINT_WINDOW + 1);
}

/* Any bytes: nothing is read or written outside (the sanitizers tell). */
static void
test_fingerprint_run_bytes_that_are_no_text(void **state)
{
    static const char *const odd[] = {"\xE4", "\xE4\xB8", "\xF0\x9F\x98", "\xC3", "\x80\x80\x80", "\xFF\xFE\xF0"};
    Fingerprint print;
    for (gsize i = 0; i < G_N_ELEMENTS(odd); i++) {
        g_autofree char *exact = g_memdup2(odd[i], strlen(odd[i]));
        fingerprint_run(maker, exact, strlen(odd[i]), &print);
        assert_int_equal(print.count, 0);
    }
}

static void
test_fingerprint_key_make_other_key_other_names(void **state)
{
    guint8 one[CRYPTO_KEY_SIZE] = {1}, two[CRYPTO_KEY_SIZE] = {2}, digest[CRYPTO_DIGEST_SIZE] = {0};
    FingerprintKey first, again, second;
    fingerprint_key_make(one, &first);
    fingerprint_key_make(one, &again);
    fingerprint_key_make(two, &second);
    assert_memory_equal(&first, &again, sizeof first);
    assert_memory_not_equal(first.id, second.id, sizeof first.id);
    assert_memory_not_equal(first.names, first.seal, sizeof first.names);
    g_autoptr(Fingerprinter) a = maker_of(1), b = maker_of(2), c = maker_of(1);
    assert_true(fingerprint_of_digest(a, digest) == fingerprint_of_digest(c, digest));
    assert_true(fingerprint_of_digest(a, digest) != fingerprint_of_digest(b, digest));
    g_autoptr(GArray) of_a = names_of(a, forms[0].text, NULL), of_b = names_of(b, forms[0].text, NULL);
    assert_false(share(of_a, of_b));
}

static Tokens
tokens_of(const GString *text, void (*cut)(Tokens *tokens, const char *text, gsize length))
{
    Tokens tokens = {.count = 0};
    tokens.tokens = g_new0(guint32, text->len + TOKENS_SPARE);
    tokens.bytes = g_new0(guint32, text->len + TOKENS_SPARE);
    tokens.words = g_new0(guint32, text->len + TOKENS_SPARE);
    g_autofree char *exact = g_memdup2(text->str, text->len); /* nothing may be read behind it */
    cut(&tokens, exact, text->len);
    return tokens;
}

static void
tokens_free(Tokens *tokens)
{
    g_free(tokens->tokens);
    g_free(tokens->bytes);
    g_free(tokens->words);
}

/* Mostly Han; signs, words and letters of every size between, and what lies beside the borders of the ranges. */
static void
add_mixed(GString *text)
{
    static const gunichar borders[] = {0x9FEF, 0x9FF0,  0x9FFF,  0x4DFF, 0x4E00, 0x4DC0, 0x2FFF, 0x3000, 0x303F,
                                       0x3040, 0x3007,  0x1FFF,  0x2000, 0x203F, 0x2040, 0x2071, 0xA000, 0xAC00,
                                       0xFFFD, 0x10400, 0x20000, 0xB7,   0xE9,   0x431,  0x2605, 0x7F,   0x1};
    static const char plain[] = "09azAZ/:@[`{ ,;!-";
    switch (roll(12)) {
    case 0:
        g_string_append_unichar(text, borders[roll(G_N_ELEMENTS(borders))]);
        break;
    case 1:
        g_string_append_c(text, plain[roll(sizeof plain - 1)]);
        break;
    case 2:
        g_string_append(text, roll(2) == 0 ? "。" : "“");
        break;
    default:
        g_string_append_unichar(text, 0x4E00 + roll(0x9FF0 - 0x4E00));
    }
}

static void
test_tokens_cut_by_blocks_as_by_characters(void **state)
{
    for (guint round = 0; round < 3000; round++) {
        g_autoptr(GString) text = g_string_new(NULL);
        for (guint count = roll(150); count > 0; count--)
            add_mixed(text);
        Tokens fast = tokens_of(text, tokens_cut), slow = tokens_of(text, tokens_cut_slowly);
        assert_int_equal(fast.count, slow.count);
        assert_int_equal(fast.word_count, slow.word_count);
        assert_memory_equal(fast.tokens, slow.tokens, slow.count * sizeof(guint32));
        assert_memory_equal(fast.bytes, slow.bytes, slow.count * sizeof(guint32));
        assert_memory_equal(fast.words, slow.words, slow.word_count * sizeof(guint32));
        tokens_free(&fast);
        tokens_free(&slow);
    }
}

static int
start(void **state)
{
    fold = fold_new();
    maker = maker_of(9);
    return 0;
}

static int
stop(void **state)
{
    fold_free(fold);
    fingerprinter_free(maker);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fingerprint_run_meets_in_every_passage_of_the_sure_length),
        cmocka_unit_test(test_fingerprint_run_does_not_meet_below_a_shingle),
        cmocka_unit_test(test_fingerprint_run_density_and_gaps),
        cmocka_unit_test(test_fingerprint_run_forms_of_one_text),
        cmocka_unit_test(test_fingerprint_run_words_are_tokens),
        cmocka_unit_test(test_fingerprint_run_empty_and_monotonous),
        cmocka_unit_test(test_fingerprint_run_bytes_that_are_no_text),
        cmocka_unit_test(test_tokens_cut_by_blocks_as_by_characters),
        cmocka_unit_test(test_fingerprint_key_make_other_key_other_names),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
