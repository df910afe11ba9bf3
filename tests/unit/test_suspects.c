/* Letters that ended an inspector are known again; others are not mistaken for them. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "suspects.h"
#include <string.h>

static void
digest_text(Suspects *suspects, const char *header, const char *body, guint8 out[CRYPTO_DIGEST_SIZE])
{
    g_autofree char *text = g_strconcat(header, body, NULL);
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(text, strlen(text));
    assert_true(suspects_digest(suspects, stream, (gint64)strlen(header), out));
    g_object_unref(stream);
}

static void
test_suspects_add_counts_the_same_letter(void **state)
{
    g_autoptr(Suspects) suspects = suspects_new();
    guint8 digest[CRYPTO_DIGEST_SIZE];
    digest_text(suspects, "a", "b", digest);
    assert_true(suspects_is_empty(suspects));
    assert_int_equal(suspects_count(suspects, digest), 0);
    assert_int_equal(suspects_add(suspects, digest), 1);
    assert_int_equal(suspects_add(suspects, digest), 2);
    assert_int_equal(suspects_count(suspects, digest), 2);
    assert_false(suspects_is_empty(suspects));
}

static void
test_suspects_digest_knows_a_letter_by_its_body(void **state)
{
    g_autoptr(Suspects) suspects = suspects_new();
    g_autoptr(Suspects) others = suspects_new();
    g_autofree char *body = g_strnfill(5000, 'x');
    guint8 first[CRYPTO_DIGEST_SIZE], again[CRYPTO_DIGEST_SIZE], other[CRYPTO_DIGEST_SIZE];
    digest_text(suspects, "Received: one\r\n\r\n", body, first);
    digest_text(suspects, "Received: by another way, later\r\n\r\n", body, again);
    assert_memory_equal(first, again, sizeof first);
    digest_text(others, "Received: one\r\n\r\n", body, other);
    assert_memory_not_equal(first, other, sizeof first); /* keyed */
    body[0] = 'y';
    digest_text(suspects, "Received: one\r\n\r\n", body, other);
    assert_memory_not_equal(first, other, sizeof first);
}

static void
test_suspects_digest_takes_the_header_of_a_short_letter(void **state)
{
    g_autoptr(Suspects) suspects = suspects_new();
    guint8 first[CRYPTO_DIGEST_SIZE], second[CRYPTO_DIGEST_SIZE];
    digest_text(suspects, "Subject: one\r\n\r\n", "ok\r\n", first);
    digest_text(suspects, "Subject: two\r\n\r\n", "ok\r\n", second);
    assert_memory_not_equal(first, second, sizeof first);
}

static void
test_suspects_add_forgets_the_oldest(void **state)
{
    g_autoptr(Suspects) suspects = suspects_new();
    guint8 digest[CRYPTO_DIGEST_SIZE] = {0};
    for (guint i = 0; i <= SUSPECTS_MAX; i++) {
        memcpy(digest, &i, sizeof i);
        suspects_add(suspects, digest);
    }
    assert_int_equal(suspects_count(suspects, digest), 1);
    memset(digest, 0, sizeof digest);
    assert_int_equal(suspects_count(suspects, digest), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_suspects_add_counts_the_same_letter),
        cmocka_unit_test(test_suspects_digest_knows_a_letter_by_its_body),
        cmocka_unit_test(test_suspects_digest_takes_the_header_of_a_short_letter),
        cmocka_unit_test(test_suspects_add_forgets_the_oldest),
    };
    g_mime_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
