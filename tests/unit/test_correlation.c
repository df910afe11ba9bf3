#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "correlation.h"

#define WINDOW 1000
static const guint8 key[CRYPTO_KEY_SIZE] = {3}, body[CRYPTO_DIGEST_SIZE] = {1}, other[CRYPTO_DIGEST_SIZE] = {2};
static const CorrelationLetter whole = {(char *)"1@out.example", body}, renamed = {(char *)"2@out.example", body},
                               rewritten = {(char *)"1@out.example", other}, another = {(char *)"3@out.example", other},
                               nameless = {NULL, NULL};

static GPtrArray *
addresses(const char *first, const char *second)
{
    GPtrArray *list = g_ptr_array_new();
    g_ptr_array_add(list, (gpointer)first);
    if (second != NULL)
        g_ptr_array_add(list, (gpointer)second);
    return list;
}

static void
test_leaving_letter_that_was_delivered(void **state)
{
    g_autoptr(Correlation) correlation = correlation_new(key);
    g_autoptr(GPtrArray) friend = addresses("friend@out.example", NULL);
    correlation_delivered(correlation, &whole, 0, WINDOW);
    assert_int_equal(correlation_leaving(correlation, &whole, friend, 1), CORRELATION_MESSAGE_ID | CORRELATION_BODY);
    assert_int_equal(correlation_leaving(correlation, &renamed, friend, 1), CORRELATION_BODY);
    assert_int_equal(correlation_leaving(correlation, &rewritten, friend, 1), CORRELATION_MESSAGE_ID);
    assert_int_equal(correlation_leaving(correlation, &another, friend, 1), 0);
    assert_int_equal(correlation_leaving(correlation, &nameless, friend, 1), 0);
}

static void
test_leaving_letter_that_a_person_sent(void **state)
{
    g_autoptr(Correlation) correlation = correlation_new(key);
    g_autoptr(GPtrArray) friend = addresses("friend@out.example", NULL);
    g_autoptr(GPtrArray) both = addresses("friend@out.example", "self@free.example");
    correlation_delivered(correlation, &whole, 0, WINDOW);
    correlation_told(correlation, &whole, friend, 1);
    assert_int_equal(correlation_leaving(correlation, &whole, friend, 2), 0);
    assert_int_not_equal(correlation_leaving(correlation, &whole, both, 2), 0);
    correlation_delivered(correlation, &whole, 3, WINDOW); /* for another user, a moment later */
    assert_int_equal(correlation_leaving(correlation, &whole, friend, 4), 0);
    /* "edit as new": another Message-ID, the same text */
    correlation_told(correlation, &renamed, both, 5);
    assert_int_equal(correlation_leaving(correlation, &renamed, both, 6), 0);
}

static void
test_window_ends(void **state)
{
    g_autoptr(Correlation) correlation = correlation_new(key);
    g_autoptr(GPtrArray) friend = addresses("friend@out.example", NULL);
    correlation_delivered(correlation, &whole, 0, WINDOW);
    assert_int_not_equal(correlation_leaving(correlation, &whole, friend, WINDOW - 1), 0);
    assert_int_equal(correlation_leaving(correlation, &whole, friend, WINDOW), 0);
    correlation_delivered(correlation, &another, WINDOW, WINDOW);
    assert_int_equal(correlation_count(correlation), 2); /* the old ones are gone */
    correlation_delivered(correlation, &whole, WINDOW, 0);
    assert_int_equal(correlation_count(correlation), 2);
}

static void
test_memory_is_bounded(void **state)
{
    g_autoptr(Correlation) correlation = correlation_new(key);
    g_autoptr(GPtrArray) friend = addresses("friend@out.example", NULL);
    correlation_delivered(correlation, &another, 0, WINDOW);
    for (guint i = 0; i < CORRELATION_MAX; i++) {
        g_autofree char *id = g_strdup_printf("%u@out.example", 100 + i);
        correlation_delivered(correlation, &(CorrelationLetter){id, NULL}, 1, WINDOW);
    }
    assert_int_equal(correlation_count(correlation), CORRELATION_MAX);
    assert_int_equal(correlation_leaving(correlation, &another, friend, 2), 0);
    g_autoptr(GPtrArray) many = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < CORRELATION_TOLD_MAX; i++)
        g_ptr_array_add(many, g_strdup_printf("%u@far.example", i));
    correlation_delivered(correlation, &whole, 3, WINDOW);
    correlation_told(correlation, &whole, many, 3);
    assert_int_not_equal(correlation_leaving(correlation, &whole, friend, 4), 0);
    correlation_told(correlation, &whole, many, 3);
    assert_int_equal(correlation_leaving(correlation, &whole, friend, 4), 0);
    g_autofree char *long_id = g_strnfill(CORRELATION_MESSAGE_ID_MAX + 1, 'x');
    guint before = correlation_count(correlation);
    correlation_delivered(correlation, &(CorrelationLetter){long_id, NULL}, 5, WINDOW);
    assert_int_equal(correlation_count(correlation), before);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_leaving_letter_that_was_delivered),
        cmocka_unit_test(test_leaving_letter_that_a_person_sent),
        cmocka_unit_test(test_window_ends),
        cmocka_unit_test(test_memory_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
