/* The pool against inspectors that behave badly: every end is told apart, and no socket that saw anything odd is used
 * again. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "fake_inspector.h"
#include "pool.h"
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SHORT_US (150 * 1000)
#define LONG_US (5 * G_USEC_PER_SEC)

static Envelope envelope;
static int letter; /* stands for a spool */

static int
setup(void **state)
{
    envelope = (Envelope){.sender = g_strdup("a@unit.example"), .recipients = g_ptr_array_new_with_free_func(g_free)};
    g_ptr_array_add(envelope.recipients, g_strdup("b@outside.example"));
    letter = open("/dev/null", O_RDONLY | O_CLOEXEC);
    *state = pool_new();
    pool_swap(*state, 1, 4);
    return 0;
}

static int
teardown(void **state)
{
    pool_free(*state);
    envelope_clear(&envelope);
    close(letter);
    while (waitpid(-1, NULL, 0) > 0)
        ;
    return 0;
}

static int
add(Pool *pool, guint64 generation, guint slot, FakeKind kind)
{
    int socket, pidfd;
    int pid = fake_start(kind, &socket, &pidfd);
    pool_add(pool, generation, slot, pid, socket, pidfd);
    return pid;
}

static PoolEnd
run(Pool *pool, gint64 patience_us, JobDone *done, PoolTick tick)
{
    g_autofree char *why = NULL;
    Job job = {.spool_fd = letter, .length = 0, .envelope = &envelope};
    PoolEnd end = pool_run(pool, &job, g_get_monotonic_time() + patience_us, tick, NULL, done, &why);
    assert_int_equal(end == POOL_DONE, why == NULL);
    return end;
}

static PoolStatus
status_of(Pool *pool)
{
    PoolStatus status;
    pool_status(pool, &status);
    return status;
}

static void
test_pool_run_gives_the_answer_and_takes_the_inspector_back(void **state)
{
    add(*state, 1, 0, FAKE_REJECT);
    for (int i = 0; i < 3; i++) {
        g_auto(JobDone) done = {0};
        assert_int_equal(run(*state, LONG_US, &done, NULL), POOL_DONE);
        assert_int_equal(done.verdict, VERDICT_REJECT);
        assert_string_equal(done.row, "out-state");
    }
    assert_int_equal(status_of(*state).idle, 1);
    assert_int_equal(status_of(*state).jobs, 3);
}

static void
test_pool_run_tells_bad_ends_apart(void **state)
{
    static const struct {
        FakeKind kind;
        PoolEnd end;
    } cases[] = {
        {FAKE_DIES, POOL_DIED},   {FAKE_HANGS, POOL_HUNG}, {FAKE_LATE, POOL_HUNG},
        {FAKE_FLOODS, POOL_LIED}, {FAKE_OLD, POOL_LIED},   {FAKE_LIES, POOL_LIED},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(JobDone) done = {0};
        int pid = add(*state, 1, 0, cases[i].kind);
        assert_int_equal(run(*state, SHORT_US, &done, NULL), cases[i].end);
        assert_int_equal(status_of(*state).idle, 0);
        assert_int_equal(status_of(*state).busy, 0);
        assert_int_equal(waitpid(pid, NULL, 0), pid); /* it does not live on with the letter */
    }
    assert_int_equal(status_of(*state).deaths, 1);
    assert_int_equal(status_of(*state).hangs, 2);
    assert_int_equal(status_of(*state).lies, 3);
}

static void
test_pool_run_passes_on_a_failed_inspection(void **state)
{
    g_auto(JobDone) done = {0};
    add(*state, 1, 0, FAKE_FAILS);
    assert_int_equal(run(*state, LONG_US, &done, NULL), POOL_DONE);
    assert_true(done.failed);
    assert_string_equal(done.failure, "a reader is away");
}

static void
test_pool_run_passes_over_an_inspector_that_died_idle(void **state)
{
    g_auto(JobDone) done = {0};
    add(*state, 1, 0, FAKE_GOOD);
    int pid = add(*state, 1, 1, FAKE_IDLE_DEATH);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_int_equal(run(*state, LONG_US, &done, NULL), POOL_DONE);
    assert_int_equal(done.verdict, VERDICT_ACCEPT);
    assert_int_equal(status_of(*state).deaths, 1);
}

static void
test_pool_run_without_inspectors_ends_at_the_deadline(void **state)
{
    g_auto(JobDone) done = {0};
    assert_int_equal(run(*state, SHORT_US, &done, NULL), POOL_BUSY);
    assert_int_equal(status_of(*state).waiting, 0);
}

static void
test_pool_run_refuses_an_envelope_over_the_limit(void **state)
{
    g_auto(JobDone) done = {0};
    g_autofree char *huge = g_strnfill(JOB_ENVELOPE_MAX + 1, 'x');
    add(*state, 1, 0, FAKE_GOOD);
    g_ptr_array_add(envelope.recipients, g_steal_pointer(&huge));
    assert_int_equal(run(*state, LONG_US, &done, NULL), POOL_REFUSED);
    assert_int_equal(status_of(*state).idle, 1);
}

static void
test_pool_add_refuses_an_older_generation(void **state)
{
    pool_swap(*state, 5, 4);
    add(*state, 4, 0, FAKE_GOOD);
    assert_int_equal(status_of(*state).idle, 0);
    add(*state, 5, 0, FAKE_GOOD);
    assert_int_equal(status_of(*state).idle, 1);
}

static void
test_pool_add_replaces_the_dead_one_of_its_slot(void **state)
{
    int pid = add(*state, 1, 0, FAKE_IDLE_DEATH);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    add(*state, 1, 0, FAKE_GOOD);
    g_auto(JobDone) done = {0};
    assert_int_equal(run(*state, LONG_US, &done, NULL), POOL_DONE);
    assert_int_equal(status_of(*state).deaths, 0);
}

static void
test_pool_swap_changes_all_at_once(void **state)
{
    g_auto(JobDone) first = {0}, second = {0};
    int old = add(*state, 1, 0, FAKE_GOOD);
    add(*state, 2, 0, FAKE_REJECT);
    assert_int_equal(run(*state, LONG_US, &first, NULL), POOL_DONE);
    assert_int_equal(first.verdict, VERDICT_ACCEPT); /* waiting ones do not serve yet */
    pool_swap(*state, 2, 4);
    assert_int_equal(waitpid(old, NULL, 0), old); /* end of file sent it home */
    assert_int_equal(run(*state, LONG_US, &second, NULL), POOL_DONE);
    assert_int_equal(second.verdict, VERDICT_REJECT);
    pool_swap(*state, 1, 4); /* never back */
    assert_int_equal(status_of(*state).generation, 2);
}

static void
test_pool_drop_closes_a_generation_that_failed(void **state)
{
    add(*state, 1, 0, FAKE_GOOD);
    int waiting = add(*state, 2, 0, FAKE_GOOD);
    pool_drop(*state, 2);
    assert_int_equal(waitpid(waiting, NULL, 0), waiting);
    pool_drop(*state, 1); /* the serving one is never dropped */
    assert_int_equal(status_of(*state).idle, 1);
}

static gpointer
run_in_thread(gpointer pool)
{
    g_auto(JobDone) done = {0};
    return GINT_TO_POINTER(run(pool, LONG_US, &done, NULL));
}

static void
test_pool_run_lets_letters_wait_for_each_other(void **state)
{
    add(*state, 1, 0, FAKE_LATE);
    GThread *threads[2];
    gint64 began = g_get_monotonic_time();
    for (gsize i = 0; i < 2; i++)
        threads[i] = g_thread_new("letter", run_in_thread, *state);
    for (gsize i = 0; i < 2; i++)
        assert_int_equal(GPOINTER_TO_INT(g_thread_join(threads[i])), POOL_DONE);
    assert_true(g_get_monotonic_time() - began >= 550 * 1000);
}

static gpointer
add_later(gpointer pool)
{
    g_usleep(100 * 1000);
    int socket, pidfd;
    int pid = fake_start(FAKE_GOOD, &socket, &pidfd);
    pool_add(pool, 1, 0, pid, socket, pidfd);
    return NULL;
}

static void
test_pool_run_takes_an_inspector_that_comes_while_it_waits(void **state)
{
    GThread *thread = g_thread_new("later", add_later, *state);
    g_auto(JobDone) done = {0};
    assert_int_equal(run(*state, LONG_US, &done, NULL), POOL_DONE);
    g_thread_join(thread);
}

/* --- slow letters --------------------------------------------------------------------------------------------------
 */

/* A letter that keeps its inspector busy until it is let go. */
typedef struct {
    Pool *pool;
    GThread *thread;
    gint64 length; /* FakeAsk */
    int ends[2];
    PoolEnd end;
} Slow;

static gpointer
run_slow(gpointer user)
{
    Slow *slow = user;
    g_autofree char *why = NULL;
    g_auto(JobDone) done = {0};
    Job job = {.spool_fd = slow->ends[0], .length = slow->length, .envelope = &envelope};
    slow->end = pool_run(slow->pool, &job, g_get_monotonic_time() + 60 * G_USEC_PER_SEC, NULL, NULL, &done, &why);
    return NULL;
}

static void
begin_slow(Slow *slow, Pool *pool, gint64 length)
{
    *slow = (Slow){.pool = pool, .length = length};
    assert_int_equal(pipe2(slow->ends, O_CLOEXEC), 0);
    slow->thread = g_thread_new("slow", run_slow, slow);
}

/* All at once: which of them has an inspector is not known. */
static void
let_go(Slow *slow, gsize count)
{
    for (gsize i = 0; i < count; i++)
        close(slow[i].ends[1]);
    for (gsize i = 0; i < count; i++) {
        g_thread_join(slow[i].thread);
        close(slow[i].ends[0]);
        assert_int_equal(slow[i].end, POOL_DONE);
    }
}

static void
await(Pool *pool, guint documents, guint longs, guint waiting)
{
    gint64 until = g_get_monotonic_time() + LONG_US;
    PoolStatus status = status_of(pool);
    while ((status.documents != documents || status.longs != longs || status.waiting != waiting) &&
           g_get_monotonic_time() < until) {
        g_usleep(1000);
        status = status_of(pool);
    }
    assert_int_equal(status.documents, documents);
    assert_int_equal(status.longs, longs);
    assert_int_equal(status.waiting, waiting);
}

static PoolEnd
run_length(Pool *pool, gint64 length)
{
    g_autofree char *why = NULL;
    g_auto(JobDone) done = {0};
    Job job = {.spool_fd = letter, .length = length, .envelope = &envelope};
    return pool_run(pool, &job, g_get_monotonic_time() + LONG_US, NULL, NULL, &done, &why);
}

static void
test_pool_most_leaves_some_to_the_others(void **state)
{
    static const struct {
        guint inspectors, light, documents, longs;
    } cases[] = {{1, 1, 1, 1}, {2, 2, 1, 1}, {3, 3, 2, 1}, {4, 4, 3, 2}, {8, 8, 6, 4}, {64, 64, 48, 32}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        assert_int_equal(pool_most(cases[i].inspectors, LEASE_LIGHT), cases[i].light);
        assert_int_equal(pool_most(cases[i].inspectors, LEASE_DOCUMENTS), cases[i].documents);
        assert_int_equal(pool_most(cases[i].inspectors, LEASE_LONG), cases[i].longs);
    }
}

/* More letters with documents than inspectors, none of which ends: light letters do not wait for any of them. */
static void
test_pool_run_keeps_an_inspector_for_light_letters(void **state)
{
    Slow slow[8];
    for (guint i = 0; i < 4; i++)
        add(*state, 1, i, FAKE_ASKS);
    for (gsize i = 0; i < G_N_ELEMENTS(slow); i++)
        begin_slow(&slow[i], *state, FAKE_ASK_DOCUMENTS);
    await(*state, 3, 0, 5);
    for (guint i = 0; i < 50; i++)
        assert_int_equal(run_length(*state, FAKE_ASK_NOTHING), POOL_DONE);
    assert_int_equal(status_of(*state).documents, 3);
    assert_int_equal(status_of(*state).waiting, 5);
    assert_int_equal(status_of(*state).jobs, 50);
    assert_int_equal(status_of(*state).backs, 5);
    let_go(slow, G_N_ELEMENTS(slow));
    assert_int_equal(status_of(*state).jobs, 58);
    assert_int_equal(status_of(*state).idle, 4);
}

/* Nor do letters with short documents wait for those that take long. */
static void
test_pool_run_keeps_an_inspector_for_short_documents(void **state)
{
    Slow slow[6], brief;
    for (guint i = 0; i < 4; i++)
        add(*state, 1, i, FAKE_ASKS);
    for (gsize i = 0; i < G_N_ELEMENTS(slow); i++)
        begin_slow(&slow[i], *state, FAKE_ASK_LONG);
    await(*state, 2, 2, 4);
    for (guint i = 0; i < 20; i++) {
        begin_slow(&brief, *state, FAKE_ASK_DOCUMENTS);
        await(*state, 3, 2, 4);
        let_go(&brief, 1);
    }
    assert_int_equal(run_length(*state, FAKE_ASK_NOTHING), POOL_DONE);
    await(*state, 2, 2, 4);
    let_go(slow, G_N_ELEMENTS(slow));
}

/* A large letter has leave for documents from the beginning, and therefore never the last inspector. */
static void
test_pool_run_gives_large_letters_no_last_inspector(void **state)
{
    Slow slow[3];
    for (guint i = 0; i < 4; i++)
        add(*state, 1, i, FAKE_ASKS);
    for (gsize i = 0; i < G_N_ELEMENTS(slow); i++)
        begin_slow(&slow[i], *state, FAKE_ASK_DOCUMENTS);
    await(*state, 3, 0, 0);
    g_autofree char *why = NULL;
    g_auto(JobDone) done = {0};
    Job job = {.spool_fd = letter, .length = POOL_LIGHT_MAX + 1, .envelope = &envelope};
    assert_int_equal(pool_run(*state, &job, g_get_monotonic_time() + SHORT_US, NULL, NULL, &done, &why), POOL_BUSY);
    assert_int_equal(status_of(*state).idle, 1);
    let_go(slow, G_N_ELEMENTS(slow));
}

/* A dead inspector's place is free for whoever waits for one. */
static void
test_pool_run_fills_the_place_of_one_that_died(void **state)
{
    Slow slow[4];
    int pids[4];
    for (guint i = 0; i < 4; i++)
        pids[i] = add(*state, 1, i, FAKE_ASKS);
    for (gsize i = 0; i < 3; i++)
        begin_slow(&slow[i], *state, FAKE_ASK_DOCUMENTS);
    await(*state, 3, 0, 0);
    begin_slow(&slow[3], *state, FAKE_ASK_DOCUMENTS);
    await(*state, 3, 0, 1);
    for (gsize i = 0; i < 4; i++) {
        kill(pids[i], SIGKILL);
        assert_int_equal(waitpid(pids[i], NULL, 0), pids[i]); /* the idle one first: it is the oldest */
    }
    for (gsize i = 0; i < 3; i++) {
        g_thread_join(slow[i].thread);
        assert_int_equal(slow[i].end, POOL_DIED);
        close(slow[i].ends[0]);
        close(slow[i].ends[1]);
    }
    add(*state, 1, 0, FAKE_ASKS);
    await(*state, 1, 0, 0);
    let_go(&slow[3], 1);
}

static void
test_pool_run_disbelieves_odd_questions(void **state)
{
    Slow slow[2];
    static const FakeAsk odd[] = {FAKE_ASK_ODDLY, FAKE_ASK_ANOTHER, FAKE_ASK_FALSE_BACK, FAKE_ASK_DEAF};
    for (guint i = 0; i < 2; i++)
        add(*state, 1, i, FAKE_ASKS);
    for (gsize i = 0; i < 2; i++)
        begin_slow(&slow[i], *state, FAKE_ASK_LONG);
    await(*state, 2, 2, 0);
    for (gsize i = 0; i < G_N_ELEMENTS(odd); i++) {
        int pid = add(*state, 1, 2, FAKE_ASKS);
        assert_int_equal(run_length(*state, odd[i]), POOL_LIED);
        assert_int_equal(waitpid(pid, NULL, 0), pid);
    }
    assert_int_equal(status_of(*state).lies, G_N_ELEMENTS(odd));
    let_go(slow, G_N_ELEMENTS(slow));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_pool_run_gives_the_answer_and_takes_the_inspector_back, setup, teardown),
        cmocka_unit_test_setup_teardown(test_pool_run_tells_bad_ends_apart, setup, teardown),
        cmocka_unit_test_setup_teardown(test_pool_run_passes_on_a_failed_inspection, setup, teardown),
        cmocka_unit_test_setup_teardown(test_pool_run_passes_over_an_inspector_that_died_idle, setup, teardown),
        cmocka_unit_test_setup_teardown(test_pool_run_without_inspectors_ends_at_the_deadline, setup, teardown),
        cmocka_unit_test_setup_teardown(test_pool_run_refuses_an_envelope_over_the_limit, setup, teardown),
        cmocka_unit_test_setup_teardown(test_pool_add_refuses_an_older_generation, setup, teardown),
        cmocka_unit_test_setup_teardown(test_pool_add_replaces_the_dead_one_of_its_slot, setup, teardown),
        cmocka_unit_test_setup_teardown(test_pool_swap_changes_all_at_once, setup, teardown),
        cmocka_unit_test_setup_teardown(test_pool_drop_closes_a_generation_that_failed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_pool_run_lets_letters_wait_for_each_other, setup, teardown),
        cmocka_unit_test_setup_teardown(test_pool_run_takes_an_inspector_that_comes_while_it_waits, setup, teardown),
        cmocka_unit_test(test_pool_most_leaves_some_to_the_others),
        cmocka_unit_test_setup_teardown(test_pool_run_keeps_an_inspector_for_light_letters, setup, teardown),
        cmocka_unit_test_setup_teardown(test_pool_run_keeps_an_inspector_for_short_documents, setup, teardown),
        cmocka_unit_test_setup_teardown(test_pool_run_gives_large_letters_no_last_inspector, setup, teardown),
        cmocka_unit_test_setup_teardown(test_pool_run_fills_the_place_of_one_that_died, setup, teardown),
        cmocka_unit_test_setup_teardown(test_pool_run_disbelieves_odd_questions, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
