#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "direction.h"
#include "unit_settings.h"

typedef struct {
    const char *user, *ip, *name, *listener, *recipients; /* recipients by commas */
    Direction direction;
    gboolean egress, submission;
} Case;

static void
fill(Envelope *envelope, const Case *one)
{
    g_auto(GStrv) recipients = g_strsplit(one->recipients, ",", -1);
    envelope->auth_user = g_strdup(one->user);
    envelope->client_ip = g_strdup(one->ip);
    envelope->client_name = g_strdup(one->name);
    envelope->listener = g_strdup(one->listener);
    for (char **recipient = recipients; *recipient != NULL; recipient++)
        g_ptr_array_add(envelope->recipients, g_strdup(*recipient));
}

static void
test_direction_derive_table(void **state)
{
    static const Case cases[] = {
        /* submissions */
        {"zhang", "192.0.2.1", "x", "mx", "a@unit.example", DIRECTION_LOCAL, FALSE, TRUE},
        {"zhang", "192.0.2.1", "x", "mx", "a@unit.example,b@out.example", DIRECTION_OUT, FALSE, TRUE},
        {NULL, "10.1.2.3", "x", "mx", "a@sub.unit.example", DIRECTION_LOCAL, FALSE, TRUE},
        {NULL, "IPv6:::ffff:10.1.2.3", "x", "mx", "a@out.example", DIRECTION_OUT, FALSE, TRUE},
        {NULL, "127.0.0.1", "localhost", "pickup", "postmaster", DIRECTION_LOCAL, TRUE, TRUE},
        {NULL, "127.0.0.1", "localhost", "pickup", "a@out.example", DIRECTION_OUT, TRUE, TRUE},
        {NULL, "127.0.0.1", "localhost", NULL, "a@out.example", DIRECTION_OUT, TRUE, TRUE},
        /* no submission */
        {NULL, "127.0.0.1", "localhost", "mx", "a@unit.example", DIRECTION_IN, FALSE, FALSE},
        {NULL, "127.0.0.1", NULL, NULL, "a@unit.example", DIRECTION_IN, FALSE, FALSE},
        {NULL, "192.0.2.1", "x", "mx", "A@UNIT.example", DIRECTION_IN, FALSE, FALSE},
        {NULL, "192.0.2.1", "x", "mx", "a@unit.example,b@out.example", DIRECTION_OUT, FALSE, FALSE},
        {"", "192.0.2.1", "x", "mx", "a@unit.example", DIRECTION_IN, FALSE, FALSE},
        {NULL, NULL, NULL, NULL, "a@unit.example", DIRECTION_IN, FALSE, FALSE},
        {NULL, NULL, NULL, NULL, "", DIRECTION_OUT, FALSE, FALSE},
        /* egress */
        {NULL, "10.1.2.3", "x", "egress", "a@unit.example", DIRECTION_OUT, TRUE, FALSE},
        {NULL, "127.0.0.1", "localhost", "egress", "a@out.example", DIRECTION_OUT, TRUE, FALSE},
        /* recipients that lead outside under an inside name */
        {NULL, "192.0.2.1", "x", "mx", "wang%out.example@unit.example", DIRECTION_OUT, FALSE, FALSE},
        {"zhang", NULL, NULL, "mx", "srs0=h=t=out.example=wang@unit.example", DIRECTION_OUT, FALSE, TRUE},
        {"zhang", NULL, NULL, "mx", "srs0=h=t=unit.example=wang@out.example", DIRECTION_OUT, FALSE, TRUE},
        {"zhang", NULL, NULL, "mx", "prvs=0123=wang+tag@unit.example", DIRECTION_LOCAL, FALSE, TRUE},
    };
    g_autoptr(Settings) settings = unit_settings();
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Message) message = message_new();
        fill(&message->envelope, &cases[i]);
        if (*cases[i].recipients == '\0')
            g_ptr_array_set_size(message->envelope.recipients, 0);
        direction_derive(message, settings);
        if (message->direction != cases[i].direction || message->egress != cases[i].egress)
            print_message("case %zu: %s egress %d\n", i, direction_word(message->direction), message->egress);
        assert_int_equal(message->direction, cases[i].direction);
        assert_int_equal(message->egress, cases[i].egress);
        assert_int_equal(direction_is_submission(&message->envelope, settings), cases[i].submission);
    }
}

static void
test_direction_derive_given_goes_first(void **state)
{
    static const Case one = {NULL, "127.0.0.1", "localhost", "egress", "a@out.example"};
    g_autoptr(Settings) settings = unit_settings();
    g_autoptr(Message) message = message_new();
    fill(&message->envelope, &one);
    message->envelope.direction_given = TRUE;
    message->envelope.direction = DIRECTION_IN;
    direction_derive(message, settings);
    assert_int_equal(message->direction, DIRECTION_IN);
    assert_true(message->egress);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_direction_derive_table),
        cmocka_unit_test(test_direction_derive_given_goes_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
