#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "tickets.h"
#include <string.h>

static const guint8 body[CRYPTO_DIGEST_SIZE] = {1, 2, 3}, other[CRYPTO_DIGEST_SIZE] = {9};
static const guint8 key[CRYPTO_KEY_SIZE] = {7};

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
digest_of(Tickets *tickets, const char *text, guint8 out[CRYPTO_DIGEST_SIZE])
{
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(text, strlen(text));
    assert_true(tickets_body_digest(tickets, stream, 0, out));
    g_object_unref(stream);
}

static void
test_tickets_use_serves_each_recipient_once(void **state)
{
    g_autoptr(Tickets) tickets = tickets_new(key);
    g_autoptr(GPtrArray) both = addresses("a@x.example", "b@x.example");
    g_autoptr(GPtrArray) a = addresses("A@X.example", NULL), b = addresses("b@x.example", NULL);
    tickets_add(tickets, "ID1", body, "s@unit.example", both, 0);
    g_autofree char *first = tickets_use(tickets, body, "S@unit.example", a, 1);
    assert_string_equal(first, "ID1");
    assert_null(tickets_use(tickets, body, "s@unit.example", a, 1));
    g_autofree char *second = tickets_use(tickets, body, "s@unit.example", b, 1);
    assert_string_equal(second, "ID1");
    assert_null(tickets_use(tickets, body, "s@unit.example", b, 1));
}

static void
test_tickets_use_refuses_what_was_not_released(void **state)
{
    g_autoptr(Tickets) tickets = tickets_new(key);
    g_autoptr(GPtrArray) a = addresses("a@x.example", NULL), more = addresses("a@x.example", "c@x.example");
    g_autoptr(GPtrArray) none = g_ptr_array_new();
    tickets_add(tickets, "ID1", body, "s@unit.example", a, 0);
    assert_null(tickets_use(tickets, other, "s@unit.example", a, 1));
    assert_null(tickets_use(tickets, body, "t@unit.example", a, 1));
    assert_null(tickets_use(tickets, body, "s@unit.example", more, 1));
    assert_null(tickets_use(tickets, body, "s@unit.example", none, 1));
    assert_null(tickets_use(tickets, body, "s@unit.example", a, TICKET_LIFE_US + 1));
}

static void
test_tickets_add_replaces_that_of_the_same_record(void **state)
{
    g_autoptr(Tickets) tickets = tickets_new(key);
    g_autoptr(GPtrArray) a = addresses("a@x.example", NULL);
    tickets_add(tickets, "ID1", body, "s@unit.example", a, 0);
    tickets_add(tickets, "ID1", body, "s@unit.example", a, 0);
    g_autofree char *first = tickets_use(tickets, body, "s@unit.example", a, 1);
    assert_string_equal(first, "ID1");
    assert_null(tickets_use(tickets, body, "s@unit.example", a, 1));
}

static void
test_tickets_add_forgets_the_oldest(void **state)
{
    g_autoptr(Tickets) tickets = tickets_new(key);
    g_autoptr(GPtrArray) a = addresses("a@x.example", NULL);
    tickets_add(tickets, "first", body, "s@unit.example", a, 0);
    for (guint i = 0; i < TICKETS_MAX; i++) {
        g_autofree char *later = g_strdup_printf("later %u", i);
        tickets_add(tickets, later, other, "s@unit.example", a, 0);
    }
    assert_null(tickets_use(tickets, body, "s@unit.example", a, 1));
}

static void
test_tickets_body_digest_does_not_see_folding(void **state)
{
    g_autoptr(Tickets) tickets = tickets_new(key);
    guint8 one[CRYPTO_DIGEST_SIZE], two[CRYPTO_DIGEST_SIZE], three[CRYPTO_DIGEST_SIZE];
    digest_of(tickets, "a long line of text\r\n", one);
    digest_of(tickets, "a long line\r\n  of text\n", two);
    digest_of(tickets, "a long line of tent\r\n", three);
    assert_memory_equal(one, two, sizeof one);
    assert_memory_not_equal(one, three, sizeof one);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tickets_use_serves_each_recipient_once),
        cmocka_unit_test(test_tickets_use_refuses_what_was_not_released),
        cmocka_unit_test(test_tickets_add_replaces_that_of_the_same_record),
        cmocka_unit_test(test_tickets_add_forgets_the_oldest),
        cmocka_unit_test(test_tickets_body_digest_does_not_see_folding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
