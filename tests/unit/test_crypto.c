#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "crypto.h"
#include "errors.h"
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void
test_crypto_sha256_known_answers(void **state)
{
    g_autofree char *empty = crypto_sha256_text(NULL, 0);
    assert_string_equal(empty, "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    g_autofree char *abc = crypto_sha256_text("abc", 3);
    assert_string_equal(abc, "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void
test_crypto_hash_in_pieces_equals_whole(void **state)
{
    guint8 pieces[CRYPTO_DIGEST_SIZE], whole[CRYPTO_DIGEST_SIZE];
    CryptoHash *hash = crypto_hash_new();
    crypto_hash_add(hash, "a", 1);
    crypto_hash_add(hash, "bc", 2);
    crypto_hash_free(hash, pieces);
    crypto_sha256("abc", 3, whole);
    assert_true(crypto_equal(pieces, whole, sizeof whole));
    whole[31] ^= 1;
    assert_false(crypto_equal(pieces, whole, sizeof whole));
    crypto_hash_free(crypto_hash_new(), NULL);
}

static void
test_crypto_hmac_rfc4231(void **state)
{
    guint8 out[CRYPTO_DIGEST_SIZE];
    crypto_hmac((const guint8 *)"Jefe", 4, "what do ya want for nothing?", 28, out);
    g_autofree char *hex = crypto_hex(out, sizeof out);
    assert_string_equal(hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    crypto_hmac(NULL, 0, NULL, 0, out);
    g_autofree char *empty = crypto_hex(out, sizeof out);
    assert_string_equal(empty, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

static void
test_crypto_random_differs(void **state)
{
    guint8 a[32] = {0}, b[32] = {0};
    crypto_random(a, sizeof a);
    crypto_random(b, sizeof b);
    assert_memory_not_equal(a, b, sizeof a);
    crypto_wipe(a, sizeof a);
    for (gsize i = 0; i < sizeof a; i++)
        assert_int_equal(a[i], 0);
}

static void
test_crypto_box_round_trip(void **state)
{
    guint8 key[CRYPTO_KEY_SIZE] = {1, 2, 3};
    static const gsize lengths[] = {0, 1, 16, 1000, 65536};
    g_autoptr(CryptoBox) box = crypto_box_new(key);
    for (gsize i = 0; i < G_N_ELEMENTS(lengths); i++) {
        gsize length = lengths[i];
        g_autofree guint8 *clear = g_malloc(length + 1), *sealed = g_malloc(length + CRYPTO_TAG_SIZE),
                          *opened = g_malloc(length + 1);
        memset(clear, 'x', length);
        crypto_box_seal(box, i, clear, length, sealed);
        if (length >= 16)
            assert_memory_not_equal(sealed, clear, length);
        assert_true(crypto_box_open(box, i, sealed, length + CRYPTO_TAG_SIZE, opened));
        assert_memory_equal(opened, clear, length);
        assert_false(crypto_box_open(box, i + 1, sealed, length + CRYPTO_TAG_SIZE, opened));
        g_autofree guint8 *in_place = g_malloc(length + CRYPTO_TAG_SIZE);
        memcpy(in_place, clear, length);
        crypto_box_seal(box, i, in_place, length, in_place);
        assert_memory_equal(in_place, sealed, length + CRYPTO_TAG_SIZE);
        assert_true(crypto_box_open(box, i, in_place, length + CRYPTO_TAG_SIZE, in_place));
        assert_memory_equal(in_place, clear, length);
    }
}

/* Known answer (AES-256-GCM, zero key, zero nonce, one zero block; GCM specification, test case 14). */
static void
test_crypto_box_seal_is_aes_256_gcm(void **state)
{
    guint8 key[CRYPTO_KEY_SIZE] = {0}, clear[16] = {0}, sealed[32];
    g_autoptr(CryptoBox) box = crypto_box_new(key);
    crypto_box_seal(box, 0, clear, sizeof clear, sealed);
    g_autofree char *hex = crypto_hex(sealed, sizeof sealed);
    assert_string_equal(hex, "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
}

static void
test_crypto_box_open_refuses_any_changed_byte(void **state)
{
    guint8 key[CRYPTO_KEY_SIZE] = {9}, sealed[5 + CRYPTO_TAG_SIZE], opened[5];
    g_autoptr(CryptoBox) box = crypto_box_new(key);
    crypto_box_seal(box, 3, (const guint8 *)"hello", 5, sealed);
    for (gsize i = 0; i < sizeof sealed; i++) {
        sealed[i] ^= 0x40;
        assert_false(crypto_box_open(box, 3, sealed, sizeof sealed, opened));
        sealed[i] ^= 0x40;
    }
    assert_false(crypto_box_open(box, 3, sealed, sizeof sealed - 1, opened));
    assert_false(crypto_box_open(box, 3, sealed, CRYPTO_TAG_SIZE - 1, opened));
    assert_true(crypto_box_open(box, 3, sealed, sizeof sealed, opened));
}

static int
make_directory(void **state)
{
    *state = g_dir_make_tmp("test_crypto.XXXXXX", NULL);
    return *state == NULL;
}

static int
remove_directory(void **state)
{
    g_autofree char *directory = *state;
    g_autofree char *inner = g_build_filename(directory, "keys", NULL);
    g_autofree char *file = g_build_filename(inner, "mac.key", NULL);
    g_remove(file);
    g_rmdir(inner);
    return g_rmdir(directory);
}

static void
test_crypto_key_load_creates_once(void **state)
{
    g_autofree char *path = g_build_filename(*state, "keys", "mac.key", NULL);
    guint8 first[CRYPTO_KEY_SIZE], second[CRYPTO_KEY_SIZE], zero[CRYPTO_KEY_SIZE] = {0};
    g_autoptr(GError) error = NULL;
    assert_true(crypto_key_load(path, first, &error));
    assert_true(crypto_key_load(path, second, &error));
    assert_memory_equal(first, second, sizeof first);
    assert_memory_not_equal(first, zero, sizeof first);
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    g_autofree char *inner = g_path_get_dirname(path);
    g_autoptr(GDir) dir = g_dir_open(inner, 0, NULL);
    assert_string_equal(g_dir_read_name(dir), "mac.key");
    assert_null(g_dir_read_name(dir)); /* nothing left beside it */
}

static void
test_crypto_key_load_refuses(void **state)
{
    g_autofree char *path = g_build_filename(*state, "keys", "mac.key", NULL);
    guint8 key[CRYPTO_KEY_SIZE];
    g_autoptr(GError) open_to_others = NULL, short_one = NULL, link_error = NULL;
    assert_true(crypto_key_load(path, key, NULL));
    assert_int_equal(chmod(path, 0640), 0);
    assert_false(crypto_key_load(path, key, &open_to_others));
    assert_int_equal(open_to_others->code, HANGU_ERROR_PERMISSION);
    assert_non_null(strstr(open_to_others->message, path));
    assert_true(g_file_set_contents(path, "short", 5, NULL));
    assert_int_equal(chmod(path, 0600), 0);
    assert_false(crypto_key_load(path, key, &short_one));
    assert_int_equal(short_one->code, HANGU_ERROR_DATA);
    g_remove(path);
    assert_int_equal(symlink("/dev/zero", path), 0);
    assert_false(crypto_key_load(path, key, &link_error));
    assert_non_null(link_error);
}

static void
test_crypto_names_run_keyed_and_in_place(void **state)
{
    guint8 one[CRYPTO_KEY_SIZE], two[CRYPTO_KEY_SIZE] = {0};
    guint64 many[200], again[200], other[1] = {7};
    for (guint i = 0; i < sizeof one; i++)
        one[i] = (guint8)i;
    g_autoptr(CryptoNames) first = crypto_names_new(one);
    g_autoptr(CryptoNames) second = crypto_names_new(two);
    for (guint i = 0; i < G_N_ELEMENTS(many); i++)
        many[i] = again[i] = i;
    crypto_names_run(first, many, G_N_ELEMENTS(many));
    for (guint i = 0; i < G_N_ELEMENTS(many); i++)
        crypto_names_run(first, &again[i], 1);
    assert_memory_equal(many, again, sizeof many);
    crypto_names_run(second, other, 1);
    assert_true(other[0] != many[7] && many[7] != 7 && many[7] != many[8]);
    crypto_names_run(first, NULL, 0);
}

static void
test_crypto_key_read_never_makes_one(void **state)
{
    g_autofree char *path = g_strdup_printf("%s/hangu-key-%d", g_get_tmp_dir(), (int)getpid());
    guint8 key[CRYPTO_KEY_SIZE], made[CRYPTO_KEY_SIZE];
    g_autoptr(GError) absent = NULL, open = NULL;
    assert_false(crypto_key_read(path, key, &absent));
    assert_int_equal(absent->code, HANGU_ERROR_NO_INPUT);
    assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
    assert_true(crypto_key_load(path, made, NULL));
    assert_true(crypto_key_read(path, key, NULL));
    assert_memory_equal(key, made, sizeof key);
    g_chmod(path, 0640);
    assert_false(crypto_key_read(path, key, &open));
    assert_int_equal(open->code, HANGU_ERROR_PERMISSION);
    g_unlink(path);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_crypto_names_run_keyed_and_in_place),
        cmocka_unit_test(test_crypto_key_read_never_makes_one),
        cmocka_unit_test(test_crypto_sha256_known_answers),
        cmocka_unit_test(test_crypto_hash_in_pieces_equals_whole),
        cmocka_unit_test(test_crypto_hmac_rfc4231),
        cmocka_unit_test(test_crypto_random_differs),
        cmocka_unit_test(test_crypto_box_round_trip),
        cmocka_unit_test(test_crypto_box_seal_is_aes_256_gcm),
        cmocka_unit_test(test_crypto_box_open_refuses_any_changed_byte),
        cmocka_unit_test_setup_teardown(test_crypto_key_load_creates_once, make_directory, remove_directory),
        cmocka_unit_test_setup_teardown(test_crypto_key_load_refuses, make_directory, remove_directory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
