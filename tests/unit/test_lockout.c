/* Locks: three wrong passwords, attacker and owner, the telephone with the old password, spraying, many at once. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "lockout.h"
#include <glib/gstdio.h>

#define LI "li@unit.example"
#define HOME "192.0.2.0/24"
#define AWAY "198.51.100.0/24"
#define MINUTE G_TIME_SPAN_MINUTE

static const LockoutLimits limits = {3, 10, 5, 2, 0};
static gint64 now = 1000 * G_TIME_SPAN_DAY;

static Lockout *
open_lockout(Logins *logins)
{
    g_autoptr(GError) error = NULL;
    Lockout *lockout = lockout_new(&limits, logins, now, &error);
    assert_non_null(lockout);
    return lockout;
}

static LockoutTry
with(const char *account, const char *network, guint64 digest)
{
    return (LockoutTry){account, network, digest, FALSE, 30, now};
}

static LockoutWord
allow(Lockout *lockout, const char *account, const char *network, guint64 digest)
{
    LockoutTry attempt = with(account, network, digest);
    return lockout_allow(lockout, &attempt).word;
}

/* A whole wrong try: asked, then reported. */
static LockoutWord
fail_one(Lockout *lockout, const char *account, const char *network, guint64 digest)
{
    LockoutChange change;
    LockoutTry attempt = with(account, network, digest);
    lockout_allow(lockout, &attempt);
    lockout_failed(lockout, &attempt, TRUE, &change);
    return change.locked;
}

static LockoutChange
log_in(Lockout *lockout, const char *account, const char *network)
{
    LockoutChange change;
    LockoutTry attempt = with(account, network, 999);
    lockout_allow(lockout, &attempt);
    lockout_good(lockout, &attempt, &change);
    return change;
}

static void
test_three_wrong_ones_lock_here(void **state)
{
    (void)state;
    g_autoptr(Lockout) lockout = open_lockout(NULL);
    assert_int_equal(fail_one(lockout, LI, AWAY, 1), LOCKOUT_OPEN);
    assert_int_equal(fail_one(lockout, LI, AWAY, 2), LOCKOUT_OPEN);
    assert_int_equal(allow(lockout, LI, AWAY, 3), LOCKOUT_OPEN);
    assert_int_equal(fail_one(lockout, LI, AWAY, 3), LOCKOUT_HERE);
    assert_int_equal(allow(lockout, LI, AWAY, 999), LOCKOUT_HERE);
    assert_int_equal(allow(lockout, LI, HOME, 999), LOCKOUT_OPEN);
    assert_int_equal(allow(lockout, "wang", AWAY, 999), LOCKOUT_OPEN);
    assert_true(lockout_is_locked(lockout, LI, AWAY, now));
    assert_false(lockout_is_locked(lockout, LI, AWAY, now + 30 * MINUTE));
}

static void
test_same_wrong_one_counts_once(void **state)
{
    (void)state;
    g_autoptr(Lockout) lockout = open_lockout(NULL);
    for (guint i = 0; i < 50; i++)
        assert_int_equal(fail_one(lockout, LI, AWAY, 7), LOCKOUT_OPEN);
    assert_int_equal(fail_one(lockout, LI, AWAY, 8), LOCKOUT_OPEN);
    assert_int_equal(fail_one(lockout, LI, AWAY, 9), LOCKOUT_HERE);
}

static void
test_what_cannot_be_told_apart_counts_each_time(void **state)
{
    (void)state;
    g_autoptr(Lockout) lockout = open_lockout(NULL);
    assert_int_equal(fail_one(lockout, LI, AWAY, 0), LOCKOUT_OPEN);
    assert_int_equal(fail_one(lockout, LI, AWAY, 0), LOCKOUT_OPEN);
    assert_int_equal(fail_one(lockout, LI, AWAY, 0), LOCKOUT_HERE);
}

static void
test_former_password_counts_nothing(void **state)
{
    (void)state;
    LockoutChange change;
    g_autoptr(Lockout) lockout = open_lockout(NULL);
    for (guint i = 1; i < 20; i++) {
        LockoutTry attempt = with(LI, AWAY, i);
        lockout_allow(lockout, &attempt);
        lockout_failed(lockout, &attempt, FALSE, &change);
        assert_false(change.counted);
        assert_int_equal(change.locked, LOCKOUT_OPEN);
    }
}

static void
test_good_network_stays_open_until_it_fails_itself(void **state)
{
    (void)state;
    char network[32];
    g_autoptr(Lockout) lockout = open_lockout(NULL);
    log_in(lockout, LI, HOME);
    LockoutWord locked = LOCKOUT_OPEN;
    for (guint i = 0; i < 10 && locked != LOCKOUT_EVERYWHERE; i++) {
        g_snprintf(network, sizeof network, "203.0.%u.0/24", i / 2);
        locked = fail_one(lockout, LI, network, 100 + i);
    }
    assert_int_equal(locked, LOCKOUT_EVERYWHERE);
    assert_int_equal(allow(lockout, LI, AWAY, 999), LOCKOUT_EVERYWHERE);
    assert_int_equal(allow(lockout, LI, HOME, 999), LOCKOUT_OPEN);
    assert_false(lockout_is_locked(lockout, LI, HOME, now));
    for (guint i = 1; i <= 3; i++)
        locked = fail_one(lockout, LI, HOME, i);
    assert_int_equal(locked, LOCKOUT_HERE);
    assert_int_equal(allow(lockout, LI, HOME, 999), LOCKOUT_HERE);
}

static void
test_spraying_locks_the_network(void **state)
{
    (void)state;
    char name[32];
    g_autoptr(Lockout) lockout = open_lockout(NULL);
    log_in(lockout, LI, AWAY);
    LockoutWord locked = LOCKOUT_OPEN;
    for (guint i = 0; i < 5; i++) {
        g_snprintf(name, sizeof name, "user%u", i);
        locked = fail_one(lockout, name, AWAY, 5);
    }
    assert_int_equal(locked, LOCKOUT_NETWORK);
    assert_int_equal(allow(lockout, "someone", AWAY, 999), LOCKOUT_NETWORK);
    assert_int_equal(allow(lockout, LI, AWAY, 999), LOCKOUT_OPEN); /* known good there */
    assert_int_equal(allow(lockout, "someone", HOME, 999), LOCKOUT_OPEN);
}

static void
test_many_at_once_are_no_way_round(void **state)
{
    (void)state;
    guint open = 0;
    g_autoptr(Lockout) lockout = open_lockout(NULL);
    for (guint i = 1; i <= 100; i++)
        open += allow(lockout, LI, AWAY, i) == LOCKOUT_OPEN;
    assert_int_equal(open, 3);
    assert_int_equal(allow(lockout, LI, AWAY, 1), LOCKOUT_OPEN); /* asked again after it was found good */
    now += 61 * G_TIME_SPAN_SECOND;
    assert_int_equal(allow(lockout, LI, AWAY, 200), LOCKOUT_OPEN);
    char network[32];
    g_autoptr(Lockout) wide = open_lockout(NULL);
    open = 0;
    for (guint i = 0; i < 100; i++) {
        g_snprintf(network, sizeof network, "203.0.%u.0/24", i);
        open += allow(wide, LI, network, i + 1) == LOCKOUT_OPEN;
    }
    assert_int_equal(open, 10);
}

static void
test_delay_grows_and_spares_the_known(void **state)
{
    (void)state;
    guint last = 0;
    LockoutLimits more = {10, 32, 200, 2, 0};
    g_autoptr(Lockout) lockout = lockout_new(&more, NULL, now, NULL);
    for (guint i = 1; i < 9; i++) {
        LockoutTry attempt = with(LI, AWAY, i);
        LockoutAnswer answer = lockout_allow(lockout, &attempt);
        LockoutChange change;
        assert_true(answer.delay >= last && answer.delay <= LOCKOUT_DELAY_MAX);
        last = answer.delay;
        lockout_failed(lockout, &attempt, TRUE, &change);
    }
    assert_int_equal(last, LOCKOUT_DELAY_MAX);
    LockoutTry known = with(LI, AWAY, 999);
    known.known = TRUE;
    assert_int_equal(lockout_allow(lockout, &known).delay, 0);
}

static void
test_failures_are_forgotten(void **state)
{
    (void)state;
    g_autoptr(Lockout) lockout = open_lockout(NULL);
    fail_one(lockout, LI, AWAY, 1);
    fail_one(lockout, LI, AWAY, 2);
    log_in(lockout, LI, AWAY);
    assert_int_equal(fail_one(lockout, LI, AWAY, 3), LOCKOUT_OPEN);
    fail_one(lockout, LI, AWAY, 4);
    now += 25 * G_TIME_SPAN_HOUR;
    assert_int_equal(fail_one(lockout, LI, AWAY, 5), LOCKOUT_OPEN);
}

static void
test_new_and_many_networks_are_told(void **state)
{
    (void)state;
    g_autoptr(Lockout) lockout = open_lockout(NULL);
    assert_false(log_in(lockout, LI, HOME).new_network);
    assert_false(log_in(lockout, LI, HOME).new_network);
    LockoutChange second = log_in(lockout, LI, AWAY);
    assert_true(second.new_network);
    assert_int_equal(second.networks, 0);
    assert_int_equal(log_in(lockout, LI, "203.0.113.0/24").networks, 3);
    assert_int_equal(log_in(lockout, LI, "203.0.114.0/24").networks, 0); /* told */
}

static void
test_unlock_ends_all_of_an_account(void **state)
{
    (void)state;
    g_autoptr(Lockout) lockout = open_lockout(NULL);
    for (guint i = 1; i <= 3; i++) {
        LockoutTry attempt = with(LI, AWAY, i);
        LockoutChange change;
        attempt.unlock_minutes = 0;
        lockout_failed(lockout, &attempt, TRUE, &change);
    }
    now += 400 * G_TIME_SPAN_DAY;
    assert_int_equal(allow(lockout, LI, AWAY, 999), LOCKOUT_HERE); /* for ever */
    assert_int_equal(lockout_unlock(lockout, LI, ""), 1);
    assert_int_equal(allow(lockout, LI, AWAY, 999), LOCKOUT_OPEN);
}

static void
test_table_is_bounded(void **state)
{
    (void)state;
    char name[32];
    LockoutLimits few = limits;
    few.most = 100;
    g_autoptr(Lockout) lockout = lockout_new(&few, NULL, now, NULL);
    log_in(lockout, LI, HOME);
    LockoutWord word = LOCKOUT_OPEN;
    for (guint i = 0; i < 200; i++) {
        g_snprintf(name, sizeof name, "user%u", i);
        word = allow(lockout, name, AWAY, 1);
    }
    assert_int_equal(word, LOCKOUT_FULL);
    assert_int_equal(allow(lockout, LI, HOME, 5), LOCKOUT_OPEN); /* who is known is not shut out by that */
    now += 25 * G_TIME_SPAN_HOUR;
    assert_int_equal(allow(lockout, "user300", AWAY, 1), LOCKOUT_OPEN);
}

static void
count_lock(const char *account, const char *network, gint64 locked_us, gint64 until_us, guint wrong, gpointer user)
{
    (void)locked_us, (void)until_us;
    assert_string_equal(account, LI);
    assert_string_equal(network, AWAY);
    assert_int_equal(wrong, 3);
    ++*(guint *)user;
}

static void
test_locks_outlive_a_restart(void **state)
{
    (void)state;
    guint locks = 0;
    g_autoptr(GError) error = NULL;
    g_autofree char *directory = g_dir_make_tmp("hangu-logins-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(directory, "logins.db", NULL);
    Logins *logins = logins_open(path, &error);
    assert_non_null(logins);
    Lockout *lockout = open_lockout(logins);
    logins_start(logins);
    log_in(lockout, LI, HOME);
    for (guint i = 1; i <= 3; i++)
        fail_one(lockout, LI, AWAY, i);
    fail_one(lockout, LI, HOME, 1);
    assert_true(logins_settle(logins, &error)); /* from here a kill may come */
    lockout_free(lockout);
    logins_free(logins);
    logins = logins_open(path, &error);
    assert_non_null(logins);
    lockout = open_lockout(logins);
    logins_start(logins);
    assert_int_equal(allow(lockout, LI, AWAY, 999), LOCKOUT_HERE);
    assert_true(lockout_is_good(lockout, LI, HOME, now));
    fail_one(lockout, LI, HOME, 1); /* the same as before the restart */
    fail_one(lockout, LI, HOME, 2);
    assert_false(lockout_is_locked(lockout, LI, HOME, now));
    lockout_each(lockout, now, count_lock, &locks);
    assert_int_equal(locks, 1);
    lockout_free(lockout);
    logins_free(logins);
    const char *const files[] = {"logins.db", "logins.db-wal", "logins.db-shm", "logins.db.lock"};
    for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *file = g_build_filename(directory, files[i], NULL);
        g_unlink(file);
    }
    g_rmdir(directory);
}

static void
test_network_is_a_prefix(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"192.0.2.77", "192.0.2.0/24"},
        {"::ffff:192.0.2.77", "192.0.2.0/24"},
        {"2001:db8:1:2::3", "2001:db8:1::/48"},
        {"::1", "::/48"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *network = lockout_network(cases[i][0], 24, 48);
        assert_string_equal(network, cases[i][1]);
    }
    g_autofree char *odd = lockout_network("192.0.2.255", 27, 48);
    assert_string_equal(odd, "192.0.2.224/27");
    assert_null(lockout_network("", 24, 48));
    assert_null(lockout_network("unit.example", 24, 48));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_three_wrong_ones_lock_here),
        cmocka_unit_test(test_same_wrong_one_counts_once),
        cmocka_unit_test(test_what_cannot_be_told_apart_counts_each_time),
        cmocka_unit_test(test_former_password_counts_nothing),
        cmocka_unit_test(test_good_network_stays_open_until_it_fails_itself),
        cmocka_unit_test(test_spraying_locks_the_network),
        cmocka_unit_test(test_many_at_once_are_no_way_round),
        cmocka_unit_test(test_delay_grows_and_spares_the_known),
        cmocka_unit_test(test_failures_are_forgotten),
        cmocka_unit_test(test_new_and_many_networks_are_told),
        cmocka_unit_test(test_unlock_ends_all_of_an_account),
        cmocka_unit_test(test_table_is_bounded),
        cmocka_unit_test(test_locks_outlive_a_restart),
        cmocka_unit_test(test_network_is_a_prefix),
    };
    cmocka_set_test_filter(g_getenv("TEST_FILTER"));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
