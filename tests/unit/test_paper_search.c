/* paper_search: how much of a paper is enough, and what makes no difference to it. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "paper_search.h"
#include <string.h>

#define PAPER 2000
#define NOW G_GINT64_CONSTANT(1793700000000000)

static FingerprintKey key;
static Papers *papers;
static GString *texts[4];
static PaperSearch *search;
static Fold *fold;
static guint32 seed = 11;

static guint32
roll(guint32 below)
{
    seed = seed * 1664525 + 1013904223;
    return (guint32)((guint64)(seed >> 8) * below >> 24);
}

static void
add_han(GString *text, guint count)
{
    for (guint i = 0; i < count; i++) {
        g_string_append_unichar(text, 0x4E00 + 37 * roll(550));
        if (roll(12) == 0)
            g_string_append(text, "，");
    }
}

static Paper *
add_paper(const char *text)
{
    g_autoptr(Fingerprinter) maker = fingerprinter_new(&key);
    g_autoptr(GArray) entries = g_array_new(FALSE, FALSE, sizeof(PaperEntry));
    Fingerprint found;
    fold_run(fold, text, strlen(text));
    fingerprint_run(maker, fold_squeezed(fold)->text, fold_squeezed(fold)->length, &found);
    for (guint i = 0; i < found.count; i++) {
        PaperEntry entry = {found.prints[i].name, 0, found.prints[i].at};
        g_array_append_val(entries, entry);
    }
    PaperEntry whole = {found.whole, 0, PAPERS_AT_WHOLE};
    g_array_append_val(entries, whole);
    Paper *paper = paper_new();
    paper->uid = papers_count(papers) + 1;
    paper->class = CLASS_STATE;
    paper->level = LEVEL_SECRET;
    paper->characters = found.characters;
    papers_add(papers, paper, entries);
    return paper;
}

/* `count` characters of a text from the `from`th on. */
static char *
piece(const GString *text, guint from, guint count)
{
    const char *begin = g_utf8_offset_to_pointer(text->str, from);
    return g_strndup(begin, (gsize)(g_utf8_offset_to_pointer(begin, count) - begin));
}

static void
give(const char *text, guint part, const char *charset)
{
    Segment segment = {.place = {.kind = PLACE_BODY, .line = 1},
                       .part = part,
                       .charset = charset,
                       .text = text,
                       .length = strlen(text)};
    fold_run(fold, segment.text, segment.length);
    assert_true(paper_search_segment(search, fold, &segment));
}

static GPtrArray *
found_in(const char *text)
{
    paper_search_begin(search);
    give(text, 1, "UTF-8");
    return paper_search_end(search, NOW);
}

static const PaperMatch *
only(const GPtrArray *matches, guint32 number)
{
    assert_int_equal(matches->len, 1);
    const PaperMatch *match = g_ptr_array_index(matches, 0);
    assert_int_equal(match->paper->number, number);
    return match;
}

static void
test_paper_search_finds_all_of_it(void **state)
{
    g_autoptr(GPtrArray) matches = found_in(texts[1]->str);
    const PaperMatch *match = only(matches, 2);
    assert_true(match->equal);
    assert_int_equal(match->percent, 100);
    assert_true(match->run > PAPER - 2 * FINGERPRINT_WINDOW && match->run <= PAPER);
}

/* 250 signs with their punctuation, anywhere, among text of others; 60 are not enough. */
static void
test_paper_search_finds_excerpts_at_every_place(void **state)
{
    for (guint i = 0; i < 300; i++) {
        g_autoptr(GString) letter = g_string_new(NULL);
        g_autofree char *excerpt = piece(texts[0], roll(PAPER - 260), 250);
        g_autofree char *phrase = piece(texts[2], roll(PAPER - 100), 60);
        add_han(letter, roll(400));
        g_string_append(letter, excerpt);
        add_han(letter, roll(400));
        g_string_append(letter, phrase);
        add_han(letter, roll(400));
        g_autoptr(GPtrArray) matches = found_in(letter->str);
        const PaperMatch *match = only(matches, 1);
        assert_false(match->equal);
        assert_true(match->run >= 180 && match->run <= 260);
        assert_true(match->percent >= 8 && match->percent <= 14);
        assert_int_equal(match->line, 1);
        assert_true(match->from < match->to && match->to <= letter->len);
        assert_non_null(strstr(excerpt, match->excerpt) != NULL ? match->excerpt : strstr(match->excerpt, "，"));
    }
}

/* Decodings, overlapping windows and a copy in the same part: each place once. In another part it is told again. */
static void
test_paper_search_counts_each_place_once(void **state)
{
    g_autofree char *excerpt = piece(texts[0], 300, 250);
    paper_search_begin(search);
    for (guint i = 0; i < 5; i++)
        give(excerpt, 1, i % 2 == 0 ? "UTF-8" : "GB18030");
    g_autoptr(GPtrArray) matches = paper_search_end(search, NOW);
    assert_true(only(matches, 1)->percent <= 14);
    assert_true(only(matches, 1)->run <= 260);
    paper_search_begin(search);
    give(excerpt, 1, "UTF-8");
    give(excerpt, 2, "UTF-8");
    g_autoptr(GPtrArray) twice = paper_search_end(search, NOW);
    assert_int_equal(twice->len, 2);
}

/* Pages that end in the middle of it. */
static void
test_paper_search_goes_on_over_segments(void **state)
{
    g_autofree char *first = piece(texts[0], 500, 90), *second = piece(texts[0], 590, 90);
    paper_search_begin(search);
    give(first, 1, "UTF-8");
    give("— 3 —", 1, "UTF-8");
    give(second, 1, "UTF-8");
    g_autoptr(GPtrArray) matches = paper_search_end(search, NOW);
    assert_true(only(matches, 1)->run >= 100);
}

/* Phrases of a paper strewn over a long text, in another order, are no passage. */
static void
test_paper_search_strewn_phrases_are_no_passage(void **state)
{
    g_autoptr(GString) letter = g_string_new(NULL);
    for (guint i = 0; i < 12; i++) {
        g_autofree char *phrase = piece(texts[0], (i * 7 % 12) * 150, 28);
        add_han(letter, 200);
        g_string_append(letter, phrase);
    }
    g_autoptr(GPtrArray) matches = found_in(letter->str);
    assert_int_equal(matches->len, 0);
}

/* Sentences of most of it in another order: somebody cut and pasted. */
static void
test_paper_search_finds_most_of_it_in_another_order(void **state)
{
    g_autoptr(GString) letter = g_string_new(NULL);
    for (guint i = 0; i < 20; i++) {
        g_autofree char *sentence = piece(texts[0], (i * 7 % 20) * 100, 100);
        g_string_append(letter, sentence);
    }
    g_autoptr(GPtrArray) matches = found_in(letter->str);
    assert_true(only(matches, 1)->percent >= 60);
}

static void
test_paper_search_short_paper_only_whole(void **state)
{
    g_autoptr(GPtrArray) whole = found_in(texts[3]->str);
    assert_true(only(whole, 4)->equal);
    g_autofree char *half = piece(texts[3], 0, 20);
    g_autoptr(GPtrArray) part = found_in(half);
    assert_int_equal(part->len, 0);
}

static void
test_paper_search_file(void **state)
{
    guint8 digest[CRYPTO_DIGEST_SIZE] = {7}, other[CRYPTO_DIGEST_SIZE] = {8};
    g_autoptr(Fingerprinter) maker = fingerprinter_new(&key);
    g_autoptr(GArray) entries = g_array_new(FALSE, FALSE, sizeof(PaperEntry));
    PaperEntry entry = {fingerprint_of_digest(maker, digest), 0, PAPERS_AT_FILE};
    g_array_append_val(entries, entry);
    Papers *mine = papers_new(&key);
    papers_add(mine, paper_new(), entries);
    papers_settle(mine);
    g_autoptr(PaperSearch) own = paper_search_new(mine, &key);
    paper_search_begin(own);
    paper_search_file(own, 3, other);
    g_autoptr(GPtrArray) none = paper_search_end(own, NOW);
    assert_int_equal(none->len, 0);
    paper_search_file(own, 3, digest);
    g_autoptr(GPtrArray) one = paper_search_end(own, NOW);
    assert_int_equal(only(one, 1)->part, 3);
    assert_true(only(one, 1)->equal);
    papers_free(mine);
}

static void
test_paper_search_expired_and_common_are_not_told(void **state)
{
    Paper *paper = (Paper *)papers_get(papers, 1);
    paper->expires_us = NOW;
    g_autoptr(GPtrArray) expired = found_in(texts[1]->str);
    assert_int_equal(expired->len, 0);
    paper->expires_us = NOW + 1;
    g_autoptr(GPtrArray) valid = found_in(texts[1]->str);
    assert_int_equal(valid->len, 1);
    paper->expires_us = 0;
    paper->common = TRUE;
    papers_settle(papers);
    g_autoptr(GPtrArray) common = found_in(texts[1]->str);
    assert_int_equal(common->len, 0);
    paper->common = FALSE;
    papers_settle(papers);
}

/* A text that is nothing but a paper over and over: bounded, and still found. */
static void
test_paper_search_flood(void **state)
{
    paper_search_begin(search);
    for (guint i = 0; i < 9000; i++)
        give(texts[0]->str, 1, "UTF-8");
    g_autoptr(GPtrArray) matches = paper_search_end(search, NOW);
    assert_int_equal(only(matches, 1)->percent, 100);
}

static int
start(void **state)
{
    const guint8 secret[CRYPTO_KEY_SIZE] = {3};
    fingerprint_key_make(secret, &key);
    fold = fold_new();
    papers = papers_new(&key);
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
        texts[i] = g_string_new(NULL);
        add_han(texts[i], i < 3 ? PAPER : 36);
        add_paper(texts[i]->str);
    }
    papers_settle(papers);
    search = paper_search_new(papers, &key);
    return 0;
}

static int
stop(void **state)
{
    paper_search_free(search);
    papers_free(papers);
    fold_free(fold);
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
        g_string_free(texts[i], TRUE);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paper_search_finds_all_of_it),
        cmocka_unit_test(test_paper_search_finds_excerpts_at_every_place),
        cmocka_unit_test(test_paper_search_counts_each_place_once),
        cmocka_unit_test(test_paper_search_goes_on_over_segments),
        cmocka_unit_test(test_paper_search_strewn_phrases_are_no_passage),
        cmocka_unit_test(test_paper_search_finds_most_of_it_in_another_order),
        cmocka_unit_test(test_paper_search_short_paper_only_whole),
        cmocka_unit_test(test_paper_search_file),
        cmocka_unit_test(test_paper_search_expired_and_common_are_not_told),
        cmocka_unit_test(test_paper_search_flood),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
