/* Signatures: a known answer, both algorithms there and back, and everything that must not pass. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "errors.h"
#include "signature.h"
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

static int
set_up(void **state)
{
    *state = g_dir_make_tmp("hangu-signature-XXXXXX", NULL);
    return 0;
}

static int
tear_down(void **state)
{
    g_autoptr(GDir) dir = g_dir_open(*state, 0, NULL);
    for (const char *name; (name = g_dir_read_name(dir)) != NULL;) {
        g_autofree char *path = g_build_filename(*state, name, NULL);
        g_unlink(path);
    }
    g_rmdir(*state);
    g_free(*state);
    return 0;
}

static char *
pair_make(const char *directory, const char *algorithm, const char *name)
{
    g_autoptr(GError) error = NULL;
    char *path = g_build_filename(directory, name, NULL);
    if (!signature_keygen(algorithm, path, &error))
        fail_msg("%s", error->message);
    return path;
}

static SignatureKeys *
trust(const char *path)
{
    SignatureKeys *keys = signature_keys_new();
    g_autofree char *public = g_strconcat(path, ".pub", NULL);
    g_autoptr(GError) error = NULL;
    if (!signature_keys_add(keys, public, &error))
        fail_msg("%s", error->message);
    return keys;
}

static void
test_signature_there_and_back(void **state)
{
    static const char *const algorithms[] = {"ed25519", "sm2"};
    for (gsize i = 0; i < G_N_ELEMENTS(algorithms); i++) {
        g_autofree char *path = pair_make(*state, algorithms[i], algorithms[i]);
        g_autofree char *other = g_strconcat(algorithms[i], "-other", NULL);
        g_autofree char *stranger = pair_make(*state, algorithms[i], other);
        g_autoptr(SignatureKeys) keys = trust(path);
        g_autoptr(SignatureKeys) wrong = trust(stranger);
        g_autoptr(GBytes) data = g_bytes_new_static("the rules", 9);
        g_autoptr(GBytes) changed = g_bytes_new_static("The rules", 9);
        g_autoptr(GBytes) signature = signature_make(path, data, NULL);
        gsize size;
        const guint8 *bytes = g_bytes_get_data(signature, &size);
        g_autoptr(GBytes) cut = g_bytes_new(bytes, size - 1);
        g_autoptr(GBytes) none = g_bytes_new_static("", 0);
        g_autoptr(GBytes) zeros = g_bytes_new_take(g_malloc0(64), 64);
        g_autofree char *public = g_strconcat(path, ".pub", NULL);
        struct stat status;
        assert_string_equal(signature_check(keys, data, signature), public);
        assert_null(signature_check(keys, changed, signature));
        assert_null(signature_check(wrong, data, signature));
        assert_null(signature_check(keys, data, cut));
        assert_null(signature_check(keys, data, none));
        assert_null(signature_check(keys, data, zeros));
        assert_int_equal(stat(path, &status), 0);
        assert_int_equal(status.st_mode & 0777, 0600);
    }
}

/* RFC 8032, 7.1, TEST 3. */
static void
test_signature_of_ed25519_is_the_known_one(void **state)
{
    static const char pem[] = "-----BEGIN PRIVATE KEY-----\n"
                              "MC4CAQAwBQYDK2VwBCIEIMWqjfQ/n4N77bdELzHct7Fm04U1B28JS4XOOi4LRFj3\n"
                              "-----END PRIVATE KEY-----\n";
    static const guint8 message[] = {0xaf, 0x82};
    static const guint8 head[] = {0x62, 0x91, 0xd6, 0x57, 0xde, 0xec, 0x24, 0x02};
    g_autofree char *path = g_build_filename(*state, "rfc8032", NULL);
    g_autoptr(GBytes) data = g_bytes_new_static(message, sizeof message);
    g_autoptr(GError) error = NULL;
    g_file_set_contents_full(path, pem, -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL);
    g_autoptr(GBytes) signature = signature_make(path, data, &error);
    if (signature == NULL)
        fail_msg("%s", error->message);
    assert_int_equal(g_bytes_get_size(signature), 64);
    assert_memory_equal(g_bytes_get_data(signature, NULL), head, sizeof head);
}

static void
expect_refused(const char *path, int code)
{
    g_autoptr(GBytes) data = g_bytes_new_static("x", 1);
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) signature = signature_make(path, data, &error);
    assert_null(signature);
    assert_int_equal(error->code, code);
}

static void
test_signature_keys_that_are_none(void **state)
{
    g_autofree char *path = pair_make(*state, "ed25519", "key");
    g_autofree char *text = g_build_filename(*state, "text", NULL);
    g_autofree char *nowhere = g_build_filename(*state, "nowhere", NULL);
    g_autoptr(SignatureKeys) keys = signature_keys_new();
    g_autoptr(GError) error = NULL;
    g_file_set_contents_full(text, "no key", -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL);
    expect_refused(text, HANGU_ERROR_DATA);
    expect_refused(nowhere, HANGU_ERROR_NO_INPUT);
    assert_false(signature_keys_add(keys, text, NULL));
    assert_false(signature_keys_add(keys, path, NULL));    /* the secret one is not for giving away */
    assert_false(signature_keygen("ed25519", path, NULL)); /* never written over */
    assert_false(signature_keygen("rsa", nowhere, &error));
    g_chmod(path, 0640);
    expect_refused(path, HANGU_ERROR_PERMISSION);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_signature_there_and_back),
        CASE(test_signature_of_ed25519_is_the_known_one),
        CASE(test_signature_keys_that_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
