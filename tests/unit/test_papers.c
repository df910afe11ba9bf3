/* papers: what is put in is found, what is removed is not; common text; files that somebody tampered with. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "errors.h"
#include "papers.h"
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

static FingerprintKey key, other_key;

static guint64
name_of(guint32 paper, guint32 i)
{
    return (G_GUINT64_CONSTANT(0x9E3779B97F4A7C15) * (paper * 100003 + i + 1)) ^ G_GUINT64_CONSTANT(0xA5A5) << 40;
}

static Paper *
make_paper(guint64 uid, const char *label)
{
    Paper *paper = paper_new();
    paper->uid = uid;
    paper->class = CLASS_STATE;
    paper->level = LEVEL_HIGHLY_SECRET;
    g_free(paper->label);
    paper->label = g_strdup(label);
    paper->registered_us = 1793700000000000;
    paper->characters = 1000;
    return paper;
}

/* `own` names of its own, then `shared` names of paper `with`. */
static void
add(Papers *papers, guint32 uid, guint own, guint32 with, guint shared)
{
    g_autoptr(GArray) entries = g_array_new(FALSE, FALSE, sizeof(PaperEntry));
    for (guint i = 0; i < own + shared; i++) {
        PaperEntry entry = {i < own ? name_of(uid, i) : name_of(with, i - own), 0, i * 12};
        g_array_append_val(entries, entry);
    }
    papers_add(papers, make_paper(uid, "某纲要"), entries);
}

static guint
found(const Papers *papers, guint64 name)
{
    guint count;
    Print print = {.name = name};
    guint32 likely[1];
    papers_look(papers, name, &count);
    if (count > 0)
        assert_int_equal(papers_sift(papers, &print, 1, likely), 1); /* the sieve never hides one */
    return count;
}

static void
test_papers_look_finds_what_was_added(void **state)
{
    g_autoptr(Papers) papers = papers_new(&key);
    assert_int_equal(found(papers, name_of(1, 0)), 0);
    for (guint32 uid = 1; uid <= 300; uid++)
        add(papers, uid, 50, 0, 0);
    papers_settle(papers);
    guint32 sifted = 0, likely[1], foreign = 0;
    for (guint32 uid = 1; uid <= 300; uid++)
        for (guint i = 0; i < 50; i++)
            assert_int_equal(found(papers, name_of(uid, i)), 1);
    for (guint i = 0; i < 20000; i++) {
        Print print = {.name = name_of(1000, i)};
        sifted += papers_sift(papers, &print, 1, likely);
        foreign += found(papers, name_of(1000, i));
    }
    assert_int_equal(foreign, 0);
    assert_true(sifted < 20000 / 8);
    assert_int_equal(papers_get(papers, 299)->number, 300);
    assert_int_equal(papers_get(papers, 299)->prints, 50);
    assert_int_equal(papers_get(papers, 299)->own, 12 + 49 * 12);
    assert_null(papers_get(papers, 300));
}

static void
test_papers_remove_takes_only_that_paper(void **state)
{
    g_autoptr(Papers) papers = papers_new(&key);
    for (guint32 uid = 1; uid <= 5; uid++)
        add(papers, uid, 20, 99, 5);
    papers_settle(papers);
    assert_false(papers_remove(papers, 9));
    assert_true(papers_remove(papers, 2));
    papers_settle(papers);
    assert_int_equal(papers_count(papers), 4);
    guint index;
    assert_false(papers_find_number(papers, 2, &index));
    for (guint32 uid = 1; uid <= 5; uid++)
        for (guint i = 0; i < 20; i++)
            assert_int_equal(found(papers, name_of(uid, i)), uid == 2 ? 0 : 1);
    guint count;
    const PaperEntry *entries = papers_look(papers, name_of(99, 1), &count);
    assert_int_equal(count, 4);
    for (guint i = 0; i < count; i++)
        assert_int_equal(entries[i].paper, i);
    add(papers, 6, 1, 0, 0); /* a number is never given twice, not even that of the last */
    papers_settle(papers);
    assert_true(papers_remove(papers, 6));
    add(papers, 7, 1, 0, 0);
    papers_settle(papers);
    assert_true(papers_find_number(papers, 7, &index));
    assert_false(papers_find_number(papers, 6, &index));
}

static void
test_papers_settle_text_of_many_papers_is_common(void **state)
{
    g_autoptr(Papers) papers = papers_new(&key);
    for (guint32 uid = 1; uid < PAPERS_COMMON; uid++)
        add(papers, uid, 30, 99, 10);
    papers_settle(papers);
    assert_int_equal(found(papers, name_of(99, 3)), PAPERS_COMMON - 1);
    add(papers, PAPERS_COMMON, 30, 99, 10);
    papers_settle(papers);
    assert_int_equal(found(papers, name_of(99, 3)), 0);
    assert_int_equal(found(papers, name_of(1, 3)), 1);
    assert_int_equal(papers_get(papers, 0)->own, 12 + 29 * 12);
    assert_true(papers_remove(papers, 1)); /* and it counts again when it is in so many no longer */
    papers_settle(papers);
    assert_int_equal(found(papers, name_of(99, 3)), PAPERS_COMMON - 1);
}

static void
test_papers_settle_text_registered_as_common(void **state)
{
    g_autoptr(Papers) papers = papers_new(&key);
    add(papers, 1, 30, 99, 10);
    Paper *law = make_paper(99, "法");
    g_autoptr(GArray) entries = g_array_new(FALSE, FALSE, sizeof(PaperEntry));
    for (guint i = 0; i < 200; i++) {
        PaperEntry entry = {name_of(99, i), 0, i * 12};
        g_array_append_val(entries, entry);
    }
    law->common = TRUE;
    papers_add(papers, law, entries);
    papers_settle(papers);
    assert_int_equal(found(papers, name_of(99, 3)), 0);
    assert_int_equal(found(papers, name_of(99, 150)), 0);
    assert_int_equal(found(papers, name_of(1, 3)), 1);
}

/* Twelve drafts of one paper are one paper: their text is not common. Forms filled in differ more than drafts do. */
static void
test_papers_settle_drafts_are_one_family(void **state)
{
    g_autoptr(Papers) papers = papers_new(&key);
    for (guint32 uid = 1; uid <= 40; uid++)
        add(papers, uid, uid <= 20 ? 5 : 40, uid <= 20 ? 99 : 98, 60);
    papers_settle(papers);
    assert_int_equal(papers_get(papers, 19)->family, papers_get(papers, 0)->family);
    assert_int_equal(papers_get(papers, 39)->family, 39);
    assert_int_equal(found(papers, name_of(99, 3)), 20);
    assert_int_equal(found(papers, name_of(98, 3)), 0);
}

static void
test_papers_merge_takes_each_paper_once(void **state)
{
    g_autoptr(Papers) gate = papers_new(&key);
    g_autoptr(Papers) officer = papers_new(&key);
    add(gate, 1, 20, 0, 0);
    add(gate, 2, 20, 0, 0);
    papers_settle(gate);
    add(officer, 2, 20, 0, 0);
    add(officer, 3, 20, 0, 0);
    papers_settle(officer);
    assert_int_equal(papers_merge(gate, officer), 1);
    papers_settle(gate);
    assert_int_equal(papers_count(gate), 3);
    assert_int_equal(papers_get(gate, 2)->number, 3);
    assert_int_equal(found(gate, name_of(2, 1)), 1);
    assert_int_equal(found(gate, name_of(3, 1)), 1);
    assert_int_equal(papers_merge(gate, officer), 0);
}

static GByteArray *
sample(void)
{
    g_autoptr(Papers) papers = papers_new(&key);
    for (guint32 uid = 1; uid <= 9; uid++)
        add(papers, uid, 30, 99, 10);
    papers_settle(papers);
    return papers_to_bytes(papers, &key);
}

static void
test_papers_of_bytes_gives_the_same_again(void **state)
{
    g_autoptr(GByteArray) bytes = sample();
    g_autoptr(GError) error = NULL;
    g_autoptr(Papers) papers = papers_of_bytes(bytes->data, bytes->len, &key, &error);
    if (papers == NULL)
        fail_msg("%s", error->message);
    assert_int_equal(papers_count(papers), 9);
    assert_string_equal(papers_get(papers, 3)->label, "某纲要");
    assert_int_equal(papers_get(papers, 3)->level, LEVEL_HIGHLY_SECRET);
    assert_int_equal(found(papers, name_of(4, 7)), 1);
    assert_int_equal(found(papers, name_of(99, 7)), 0);
    g_autoptr(GByteArray) again = papers_to_bytes(papers, &key);
    assert_int_equal(again->len, bytes->len);
    assert_memory_equal(again->data, bytes->data, bytes->len);
    assert_true(g_str_has_prefix(papers_digest(papers), "sha256:"));
    g_autoptr(Papers) empty = papers_new(&key);
    papers_settle(empty);
    g_autoptr(GByteArray) nothing = papers_to_bytes(empty, &key);
    g_autoptr(Papers) none = papers_of_bytes(nothing->data, nothing->len, &key, &error);
    assert_non_null(none);
    assert_int_equal(papers_count(none), 0);
}

/* Whatever byte is changed and wherever it is cut: refused, with a reason. */
static void
test_papers_of_bytes_refuses_what_was_changed(void **state)
{
    g_autoptr(GByteArray) bytes = sample();
    for (guint i = 0; i < bytes->len; i += i < 128 ? 1 : 37) {
        g_autoptr(GError) error = NULL;
        bytes->data[i] ^= 1;
        assert_null(papers_of_bytes(bytes->data, bytes->len, &key, &error));
        assert_non_null(error);
        bytes->data[i] ^= 1;
    }
    for (guint cut = 0; cut < bytes->len; cut += 41) {
        g_autoptr(GError) error = NULL;
        g_autofree guint8 *exact = g_memdup2(bytes->data, cut);
        assert_null(papers_of_bytes(exact, cut, &key, &error));
    }
    g_autoptr(GError) error = NULL;
    assert_null(papers_of_bytes(bytes->data, bytes->len, &other_key, &error));
    assert_int_equal(error->code, HANGU_ERROR_SETTINGS);
}

static void
seal(GByteArray *bytes)
{
    crypto_hmac(key.seal, sizeof key.seal, bytes->data, bytes->len - 32, bytes->data + bytes->len - 32);
}

/* Who has the key may still write nonsense. */
static void
test_papers_of_bytes_refuses_sealed_nonsense(void **state)
{
    g_autoptr(GByteArray) good = sample();
    guint64 list_length, lies[] = {0, 8, G_MAXUINT64, G_MAXUINT64 / 16 + 1, 1 << 20};
    memcpy(&list_length, good->data + 24, sizeof list_length);
    guint entries_from = 64 + (guint)((list_length + 15) / 16 * 16);
    for (guint field = 24; field <= 32; field += 8)
        for (guint i = 0; i < G_N_ELEMENTS(lies); i++) {
            g_autoptr(GByteArray) bytes = g_byte_array_append(g_byte_array_new(), good->data, good->len);
            memcpy(bytes->data + field, &lies[i], sizeof lies[i]);
            seal(bytes);
            assert_null(papers_of_bytes(bytes->data, bytes->len, &key, NULL));
        }
    const guint spoiled[] = {entries_from + 7 /* order */, entries_from + 11 /* paper */,
                             63 + (guint)list_length /* offsets of the list */, 12 /* next number */};
    for (guint i = 0; i < G_N_ELEMENTS(spoiled); i++) {
        g_autoptr(GByteArray) bytes = g_byte_array_append(g_byte_array_new(), good->data, good->len);
        bytes->data[spoiled[i]] = i == 3 ? 2 : 0xFF;
        seal(bytes);
        g_autoptr(Papers) papers = papers_of_bytes(bytes->data, bytes->len, &key, NULL);
        if (papers != NULL)
            fail_msg("byte %u", spoiled[i]);
    }
}

static void
test_papers_load_tells_what_is_wrong(void **state)
{
    g_autofree char *path = g_strdup_printf("%s/hangu-papers-%d", g_get_tmp_dir(), (int)getpid());
    g_autoptr(GByteArray) bytes = sample();
    g_autoptr(GError) absent = NULL, cut = NULL, directory = NULL;
    assert_null(papers_load(path, &key, &absent));
    assert_int_equal(absent->code, HANGU_ERROR_NO_INPUT);
    assert_true(g_file_set_contents(path, (const char *)bytes->data, bytes->len, NULL));
    g_autoptr(Papers) papers = papers_load(path, &key, NULL);
    assert_non_null(papers);
    assert_true(g_file_set_contents(path, (const char *)bytes->data, 100, NULL));
    assert_null(papers_load(path, &key, &cut));
    assert_int_equal(cut->code, HANGU_ERROR_DATA);
    assert_non_null(strstr(cut->message, path));
    g_unlink(path);
    assert_null(papers_load(g_get_tmp_dir(), &key, &directory));
    assert_int_equal(directory->code, HANGU_ERROR_NO_INPUT);
}

static void
test_papers_extent_counts_neighbours_whole(void **state)
{
    const guint32 places[] = {0, 20, 44, 500, 512};
    assert_int_equal(papers_extent(places, 0), 0);
    assert_int_equal(papers_extent(places, 1), FINGERPRINT_TOKENS);
    assert_int_equal(papers_extent(places, 3), 44 + FINGERPRINT_TOKENS);
    assert_int_equal(papers_extent(places, 5), 44 + 12 + 2 * FINGERPRINT_TOKENS);
}

static int
start(void **state)
{
    guint8 one[CRYPTO_KEY_SIZE] = {1}, two[CRYPTO_KEY_SIZE] = {2};
    fingerprint_key_make(one, &key);
    fingerprint_key_make(two, &other_key);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_papers_look_finds_what_was_added),
        cmocka_unit_test(test_papers_remove_takes_only_that_paper),
        cmocka_unit_test(test_papers_settle_text_of_many_papers_is_common),
        cmocka_unit_test(test_papers_settle_text_registered_as_common),
        cmocka_unit_test(test_papers_settle_drafts_are_one_family),
        cmocka_unit_test(test_papers_merge_takes_each_paper_once),
        cmocka_unit_test(test_papers_of_bytes_gives_the_same_again),
        cmocka_unit_test(test_papers_of_bytes_refuses_what_was_changed),
        cmocka_unit_test(test_papers_of_bytes_refuses_sealed_nonsense),
        cmocka_unit_test(test_papers_load_tells_what_is_wrong),
        cmocka_unit_test(test_papers_extent_counts_neighbours_whole),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
