/* Keeper, loader and reload together, with inspectors that are made up: real processes, no libmilter. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "fake_inspector.h"
#include "fake_mta.h"
#include "family.h"
#include "keeper.h"
#include "reload.h"
#include <glib/gstdio.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define INSPECTORS 2

/* The loader reads the same settings file; what it says decides how it behaves. */
static gboolean
load(const char *config, Loaded *loaded_out, Problems *problems)
{
    Settings *settings = settings_load(config, problems);
    if (settings == NULL)
        return FALSE;
    if (g_strcmp0(settings->unit, "bad rules") == 0) {
        problems_add(problems, "pack.yaml", 7, 3, "rules", "this rule does not compile");
        return FALSE;
    }
    if (g_strcmp0(settings->unit, "dying loader") == 0)
        _exit(3);
    *loaded_out = (Loaded){.data = settings,
                           .settings_digest = settings->digest,
                           .ruleset_digest = "sha256:rules",
                           .policy_digest = "sha256:policy",
                           .papers_digest = "",
                           .inspectors = INSPECTORS};
    if (g_strcmp0(settings->unit, "other file") == 0)
        loaded_out->settings_digest = "sha256:other";
    return TRUE;
}

static int
serve(const Loaded *loaded, int socket)
{
    const Settings *settings = loaded->data;
    return fake_serve(g_strcmp0(settings->unit, "deadly") == 0   ? FAKE_DIES
                      : g_strcmp0(settings->unit, "refuse") == 0 ? FAKE_REJECT
                                                                 : FAKE_GOOD,
                      socket);
}

static const LoaderWork work = {load, serve};

typedef struct {
    char *config;
    char *state; /* directory */
    Gate *gate;
    Reload reload;
} World;

static void
write_settings(World *world, const char *unit)
{
    g_autofree char *text = g_strdup_printf("unit: %s\n", unit);
    assert_true(g_file_set_contents(world->config, text, -1, NULL));
}

/* What gate_new() left there. */
static void
remove_state(const char *directory)
{
    g_autofree char *inner = g_build_filename(directory, "milter", NULL);
    g_autofree char *key = g_build_filename(inner, "release.key", NULL);
    g_unlink(key);
    g_rmdir(inner);
    g_rmdir(directory);
}

static int
setup(void **state)
{
    World *world = g_new0(World, 1);
    int fd = g_file_open_tmp("hangu-XXXXXX.yaml", &world->config, NULL);
    close(fd);
    write_settings(world, "first");
    int channel = keeper_start(world->config, &work, NULL, NULL);
    assert_true(channel >= 0);
    world->state = g_dir_make_tmp("hangu-state-XXXXXX", NULL);
    world->gate = gate_new(&fake_mta_calls, world->state, NULL);
    reload_init(&world->reload, world->gate, channel, world->config);
    *state = world;
    return 0;
}

static int
teardown(void **state)
{
    World *world = *state;
    reload_clear(&world->reload); /* end of file ends the keeper, and that everybody */
    while (waitpid(-1, NULL, 0) > 0)
        ;
    gate_free(world->gate);
    g_unlink(world->config);
    g_free(world->config);
    remove_state(world->state);
    g_free(world->state);
    g_free(world);
    return 0;
}

/* Listens until there is news, or `until` holds; fails after some seconds. */
static ReloadNews
listen_until(World *world, gboolean (*until)(World *world))
{
    gint64 end = g_get_monotonic_time() + 20 * G_USEC_PER_SEC;
    while (g_get_monotonic_time() < end) {
        struct pollfd channel = {.fd = world->reload.keeper, .events = POLLIN};
        ReloadNews news = poll(&channel, 1, 20) > 0 ? reload_hear(&world->reload) : reload_continue(&world->reload);
        if (news != RELOAD_WAIT || (until != NULL && until(world)))
            return news;
    }
    fail_msg("nothing came");
    return RELOAD_LOST;
}

static ReloadNews
reload(World *world)
{
    ReloadNews news = reload_begin(&world->reload);
    return news == RELOAD_WAIT ? listen_until(world, NULL) : news;
}

static PoolEnd
run(World *world, Verdict *verdict_out)
{
    g_auto(JobDone) done = {0};
    g_autofree char *why = NULL;
    Envelope envelope = {.sender = (char *)"", .recipients = g_ptr_array_new()};
    Job job = {.spool_fd = 0, .envelope = &envelope};
    PoolEnd end =
        pool_run(world->gate->pool, &job, g_get_monotonic_time() + 5 * G_USEC_PER_SEC, NULL, NULL, &done, &why);
    *verdict_out = done.verdict;
    g_ptr_array_unref(envelope.recipients);
    return end;
}

static guint
count_idle(World *world)
{
    PoolStatus status;
    pool_status(world->gate->pool, &status);
    return status.idle;
}

static void
test_reload_puts_the_first_generation_in_force(void **state)
{
    Verdict verdict;
    assert_int_equal(reload(*state), RELOAD_DONE);
    World *world = *state;
    assert_int_equal(count_idle(world), INSPECTORS);
    assert_string_equal(world->gate->snapshot->ruleset_digest, "sha256:rules");
    assert_string_equal(world->gate->snapshot->settings->unit, "first");
    assert_int_equal(run(world, &verdict), POOL_DONE);
    assert_int_equal(verdict, VERDICT_ACCEPT);
}

static void
test_reload_swaps_settings_and_inspectors_together(void **state)
{
    World *world = *state;
    Verdict verdict;
    assert_int_equal(reload(world), RELOAD_DONE);
    Snapshot *kept = gate_snapshot(world->gate);
    write_settings(world, "refuse");
    assert_int_equal(reload(world), RELOAD_DONE);
    assert_string_equal(kept->settings->unit, "first"); /* a session keeps what it began with */
    snapshot_unref(kept);
    assert_string_equal(world->gate->snapshot->settings->unit, "refuse");
    assert_int_equal(world->gate->snapshot->generation, 2);
    assert_int_equal(run(world, &verdict), POOL_DONE);
    assert_int_equal(verdict, VERDICT_REJECT);
}

static void
test_reload_that_fails_leaves_the_old_in_force(void **state)
{
    static const struct {
        const char *unit, *text;
    } cases[] = {
        {"bad rules", "pack.yaml:7:3"},
        {"x\nnonsense: 1", "nonsense"},
        {"dying loader", "ended with status 3"},
        {"other file", "changed while it was read"},
    };
    World *world = *state;
    Verdict verdict;
    assert_int_equal(reload(world), RELOAD_DONE);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        write_settings(world, cases[i].unit);
        assert_int_equal(reload(world), RELOAD_FAILED);
        assert_false(world->reload.good);
        if (strstr(world->reload.text, cases[i].text) == NULL)
            fail_msg("%s: %s", cases[i].unit, world->reload.text);
        assert_string_equal(world->gate->snapshot->settings->unit, "first");
        assert_int_equal(count_idle(world), INSPECTORS);
    }
    assert_int_equal(run(world, &verdict), POOL_DONE);
    write_settings(world, "first");
    assert_int_equal(reload(world), RELOAD_DONE);
}

static gboolean
all_there(World *world)
{
    return count_idle(world) == INSPECTORS;
}

static void
test_reload_replaces_an_inspector_that_died(void **state)
{
    World *world = *state;
    Verdict verdict;
    write_settings(world, "deadly");
    assert_int_equal(reload(world), RELOAD_DONE);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(run(world, &verdict), POOL_DIED);
        assert_int_equal(listen_until(world, all_there), RELOAD_WAIT);
    }
}

static void
test_reload_asked_for_while_loading_follows(void **state)
{
    World *world = *state;
    assert_int_equal(reload_begin(&world->reload), RELOAD_WAIT);
    write_settings(world, "second");
    assert_int_equal(reload_begin(&world->reload), RELOAD_WAIT);
    ReloadNews first = listen_until(world, NULL);
    assert_true(first == RELOAD_DONE || first == RELOAD_FAILED); /* the file changed under it, perhaps */
    assert_int_equal(reload_continue(&world->reload), RELOAD_WAIT);
    assert_int_equal(listen_until(world, NULL), RELOAD_DONE);
    assert_string_equal(world->gate->snapshot->settings->unit, "second");
}

static void
test_reload_hears_the_end_of_the_keeper(void **state)
{
    World *world = *state;
    assert_int_equal(reload(world), RELOAD_DONE);
    int keeper = -1;
    g_autofree char *children = NULL;
    g_autofree char *path = g_strdup_printf("/proc/self/task/%d/children", (int)getpid());
    assert_true(g_file_get_contents(path, &children, NULL, NULL));
    keeper = (int)g_ascii_strtoll(children, NULL, 10);
    assert_true(keeper > 1);
    assert_int_equal(kill(keeper, SIGKILL), 0);
    assert_int_equal(listen_until(world, NULL), RELOAD_LOST);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_reload_puts_the_first_generation_in_force), TEST(test_reload_swaps_settings_and_inspectors_together),
        TEST(test_reload_that_fails_leaves_the_old_in_force), TEST(test_reload_replaces_an_inspector_that_died),
        TEST(test_reload_asked_for_while_loading_follows),    TEST(test_reload_hears_the_end_of_the_keeper),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
