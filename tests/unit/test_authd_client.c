/* Questions to hangu-authd, good and odd answers, and connections that are kept only after good ones. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "authd_client.h"
#include "clock.h"
#include "errors.h"
#include "fake_authd.h"
#include <string.h>

typedef struct {
    FakeAuthd *authd;
    AuthdClient *client;
} World;

static int
setup(void **state)
{
    World *world = g_new0(World, 1);
    world->authd = fake_authd_start();
    world->client = authd_client_new(fake_authd_path(world->authd));
    *state = world;
    return 0;
}

static int
teardown(void **state)
{
    World *world = *state;
    authd_client_free(world->client);
    fake_authd_stop(world->authd);
    g_free(world);
    return 0;
}

static Submitter *
ask(World *world, const char *account, gint64 patience_us, GError **error)
{
    const AuthdQuestion question = {.account = account, .client_ip = "192.0.2.7", .sender = "zhang@unit.example"};
    return authd_ask(world->client, &question, clock_monotonic_us() + patience_us, NULL, NULL, error);
}

static void
test_ask_takes_every_fact(void **state)
{
    World *world = *state;
    fake_authd_say(world->authd, FAKE_AUTHD_GOOD, "enforce", "zhang@unit.example", "password-expired,locked",
                   "zhang@unit.example,@branch.example", "baomi@unit.example");
    g_autoptr(Submitter) facts = ask(world, "zhang", G_USEC_PER_SEC, NULL);
    assert_non_null(facts);
    assert_int_equal(facts->source, SUBMITTER_KNOWN);
    assert_int_equal(facts->stage, SUBMITTER_STAGE_ENFORCE);
    assert_int_equal(facts->problems, SUBMITTER_PASSWORD_EXPIRED | SUBMITTER_LOCKED);
    assert_string_equal(facts->own, "zhang@unit.example");
    assert_int_equal(facts->addresses->len, 2);
    assert_string_equal(g_ptr_array_index(facts->officers, 0), "baomi@unit.example");
    assert_int_equal(facts->names->len, 2);
    assert_string_equal(g_ptr_array_index(facts->names, 1), "liqing");
    g_autofree char *asked = fake_authd_asked(world->authd);
    assert_string_equal(asked, "zhang||192.0.2.7||zhang@unit.example");
}

static void
test_ask_tells_devices_and_strangers_apart(void **state)
{
    World *world = *state;
    fake_authd_say(world->authd, FAKE_AUTHD_GOOD, "", "printer@unit.example", NULL, NULL, NULL);
    g_autoptr(Submitter) device = ask(world, NULL, G_USEC_PER_SEC, NULL);
    assert_int_equal(device->source, SUBMITTER_DEVICE);
    fake_authd_say(world->authd, FAKE_AUTHD_GOOD, "warn", "", "unregistered", NULL, NULL);
    g_autoptr(Submitter) nobody = ask(world, NULL, G_USEC_PER_SEC, NULL);
    assert_int_equal(nobody->source, SUBMITTER_UNKNOWN);
    g_autoptr(Submitter) stranger = ask(world, "zhang", G_USEC_PER_SEC, NULL);
    assert_int_equal(stranger->source, SUBMITTER_UNKNOWN);
    assert_int_equal(stranger->stage, SUBMITTER_STAGE_WARN); /* of everybody */
    assert_null(stranger->own);
    assert_int_equal(stranger->problems, SUBMITTER_UNREGISTERED);
}

static void
test_ask_believes_nothing_odd(void **state)
{
    World *world = *state;
    g_autoptr(GString) many = g_string_new("a@unit.example");
    for (int i = 0; i < SUBMITTER_ADDRESSES_MAX; i++)
        g_string_append(many, ",a@unit.example");
    g_autofree char *long_one = g_strnfill(SUBMITTER_TEXT_MAX + 1, 'x');
    const struct {
        const char *stage, *own, *problems, *addresses, *officers;
    } odd[] = {
        {"sometimes", "", NULL, NULL, NULL},  {"warn", "", "password-nice", NULL, NULL},
        {"warn", long_one, NULL, NULL, NULL}, {"warn", "", NULL, many->str, NULL},
        {"warn", "", NULL, long_one, NULL},   {"warn", "", NULL, NULL, ","},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(odd); i++) {
        g_autoptr(GError) error = NULL;
        fake_authd_say(world->authd, FAKE_AUTHD_GOOD, odd[i].stage, odd[i].own, odd[i].problems, odd[i].addresses,
                       odd[i].officers);
        assert_null(ask(world, "zhang", G_USEC_PER_SEC, &error));
        assert_int_equal(error->code, HANGU_ERROR_DATA);
    }
}

static void
test_ask_fails_by_the_deadline_and_keeps_nothing(void **state)
{
    World *world = *state;
    static const struct {
        FakeAuthdKind kind;
        int code;
    } cases[] = {{FAKE_AUTHD_HANGS, HANGU_ERROR_TIMEOUT},
                 {FAKE_AUTHD_HANGS_UP, HANGU_ERROR_AWAY},
                 {FAKE_AUTHD_ODD, HANGU_ERROR_PROTOCOL}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        guint before = fake_authd_connections(world->authd);
        fake_authd_say(world->authd, cases[i].kind, "", "", NULL, NULL, NULL);
        assert_null(ask(world, "zhang", G_USEC_PER_SEC / 5, &error));
        assert_int_equal(error->code, cases[i].code);
        fake_authd_say(world->authd, FAKE_AUTHD_GOOD, "warn", "", NULL, NULL, NULL);
        for (int again = 0; again < 3; again++) {
            g_autoptr(Submitter) facts = ask(world, "zhang", G_USEC_PER_SEC, NULL);
            assert_non_null(facts);
        }
        /* one for the answer that failed, unless one was kept; one for the three that did not */
        assert_int_equal(fake_authd_connections(world->authd), before + (i == 0 ? 2 : 1));
    }
}

static void
test_ask_without_authd_waits_a_second(void **state)
{
    World *world = *state;
    g_autoptr(AuthdClient) nowhere = authd_client_new("/no/such/authd.sock");
    const AuthdQuestion question = {.account = "zhang"};
    g_autoptr(GError) error = NULL;
    gint64 began = clock_monotonic_us();
    assert_null(authd_ask(nowhere, &question, began + 10 * G_USEC_PER_SEC, NULL, NULL, &error));
    assert_int_equal(error->code, HANGU_ERROR_AWAY);
    assert_true(clock_monotonic_us() - began >= G_USEC_PER_SEC * 9 / 10);
    assert_non_null(world);
}

static void
count_tick(gpointer user)
{
    ++*(guint *)user;
}

static void
test_ask_ticks_once_while_it_takes_long(void **state)
{
    World *world = *state;
    const AuthdQuestion question = {.account = "zhang"};
    guint ticks = 0;
    fake_authd_say(world->authd, FAKE_AUTHD_HANGS, "", "", NULL, NULL, NULL);
    assert_null(
        authd_ask(world->client, &question, clock_monotonic_us() + G_USEC_PER_SEC / 4, count_tick, &ticks, NULL));
    assert_int_equal(ticks, 1);
}

static void
test_ask_survives_any_bytes(void **state)
{
    World *world = *state;
    g_autofree char *long_one = g_strnfill(100000, 'a');
    const AuthdQuestion question = {"zh\xff\xfeng", "PLAIN", "192.0.2.7", "TLSv1.3", long_one};
    g_autoptr(Submitter) facts =
        authd_ask(world->client, &question, clock_monotonic_us() + G_USEC_PER_SEC, NULL, NULL, NULL);
    assert_non_null(facts);
    g_autofree char *asked = fake_authd_asked(world->authd);
    assert_true(g_str_has_prefix(asked, "zh\xef\xbf\xbd\xef\xbf\xbdng|PLAIN|192.0.2.7|TLSv1.3|aaa"));
    assert_true(strlen(asked) < 500);
}

static gboolean
add_number(const json_t *row, gpointer user)
{
    *(int *)user += (int)json_integer_value(json_object_get(row, "number"));
    return TRUE;
}

static void
test_call_gives_every_row_and_the_verbs_error(void **state)
{
    World *world = *state;
    int sum = 0;
    json_auto_t *good = json_pack("{s:s}", "verb", "list"), *bad = json_pack("{s:s}", "verb", "refuse");
    assert_true(authd_call(world->client, good, clock_monotonic_us() + G_USEC_PER_SEC, add_number, &sum, NULL));
    assert_int_equal(sum, 3);
    g_autoptr(GError) error = NULL;
    assert_false(authd_call(world->client, bad, clock_monotonic_us() + G_USEC_PER_SEC, add_number, &sum, &error));
    assert_int_equal(error->code, HANGU_ERROR_PERMISSION);
    assert_string_equal(error->message, "hangu-authd: not you");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_ask_takes_every_fact),
        TEST(test_ask_tells_devices_and_strangers_apart),
        TEST(test_ask_believes_nothing_odd),
        TEST(test_ask_fails_by_the_deadline_and_keeps_nothing),
        TEST(test_ask_without_authd_waits_a_second),
        TEST(test_ask_ticks_once_while_it_takes_long),
        TEST(test_ask_survives_any_bytes),
        TEST(test_call_gives_every_row_and_the_verbs_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
