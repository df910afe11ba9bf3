/* Passwords seen through their hashes: weak ones found, age and re-use, what cannot be known. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "passwords.h"
#include "remove_tree.h"
#include <string.h>

#define NONCE "0123456789abcdef"
#define LI "li@unit.example"

typedef struct {
    char *directory, *database, *key;
    Logins *logins;
    Passwords *passwords;
    guint weak;
} Fixture;

static gint64 now = 1000 * G_TIME_SPAN_DAY;

static void
count_weak(gpointer user, const char *account, PasswordVerdict verdict, guint64 guesses)
{
    Fixture *fixture = user;
    assert_true(guesses > 0);
    assert_non_null(account);
    fixture->weak += verdict == VERDICT_WEAK;
}

static void
open_fixture(Fixture *fixture)
{
    g_autoptr(GError) error = NULL;
    PasswordsOptions options = {NONCE, fixture->key, NULL, 3, 0, count_weak, fixture};
    fixture->logins = logins_open(fixture->database, &error);
    assert_non_null(fixture->logins);
    fixture->passwords = passwords_new(&options, fixture->logins, &error);
    assert_non_null(fixture->passwords);
    logins_start(fixture->logins);
}

static void
close_fixture(Fixture *fixture)
{
    passwords_free(fixture->passwords);
    logins_free(fixture->logins);
}

static int
start(void **state)
{
    Fixture *fixture = g_new0(Fixture, 1);
    fixture->directory = g_dir_make_tmp("hangu-passwords-XXXXXX", NULL);
    fixture->database = g_build_filename(fixture->directory, "logins.db", NULL);
    fixture->key = g_build_filename(fixture->directory, "key", NULL);
    open_fixture(fixture);
    *state = fixture;
    return 0;
}

static int
stop(void **state)
{
    Fixture *fixture = *state;
    close_fixture(fixture);
    remove_tree(fixture->directory);
    g_free(fixture->directory);
    g_free(fixture->database);
    g_free(fixture->key);
    g_free(fixture);
    return 0;
}

/* As Dovecot does it. */
static PasswordUse
use_of(guint8 hash[PASSWORDS_HASH_SIZE], const char *login, const char *password)
{
    g_autoptr(GString) text = g_string_new(NONCE);
    g_string_append_len(text, login, (gssize)strlen(login) + 1);
    g_string_append(text, password);
    crypto_sha256(text->str, text->len, hash);
    return (PasswordUse){LI, login, hash, PASSWORDS_HASH_SIZE, "PLAIN", "imap", "192.0.2.7", now};
}

static PasswordSight
look(Fixture *fixture, const char *login, const char *password)
{
    guint8 hash[PASSWORDS_HASH_SIZE];
    PasswordSight sight;
    PasswordUse use = use_of(hash, login, password);
    passwords_look(fixture->passwords, &use, &sight);
    return sight;
}

static PasswordChange
log_in(Fixture *fixture, const char *login, const char *password)
{
    guint8 hash[PASSWORDS_HASH_SIZE];
    PasswordChange change;
    PasswordPerson person = {LI, "Li Ming", "shuiwuju", "bangongshi"};
    PasswordUse use = use_of(hash, login, password);
    passwords_good(fixture->passwords, &use, &person, &change);
    passwords_wait(fixture->passwords);
    return change;
}

static void
test_weak_ones_are_found(void **state)
{
    Fixture *fixture = *state;
    static const char *const weak[] = {"123456",       "li2019", "Li@123",   "liming1988", "mingli",
                                       "shuiwuju2024", "qwerty", "19871203", "LI123",      "unit.example1"};
    static const char *const strong[] = {"Kx7-lampe", "vier Worte sind genug", "ein-anderes.Wort9"};
    for (gsize i = 0; i < G_N_ELEMENTS(weak); i++) {
        log_in(fixture, LI, weak[i]);
        if (look(fixture, LI, weak[i]).verdict != VERDICT_WEAK)
            fail_msg("%s was not found", weak[i]);
    }
    assert_int_equal(fixture->weak, G_N_ELEMENTS(weak));
    for (gsize i = 0; i < G_N_ELEMENTS(strong); i++) {
        log_in(fixture, LI, strong[i]);
        assert_int_equal(look(fixture, LI, strong[i]).verdict, VERDICT_TRIED);
    }
}

static void
test_age_begins_when_it_changes(void **state)
{
    Fixture *fixture = *state;
    g_auto(PasswordState) first = {0}, second = {0};
    gint64 begin = now;
    assert_true(log_in(fixture, LI, "Kx7-lampe").first);
    now += 10 * G_TIME_SPAN_DAY;
    PasswordChange change = log_in(fixture, LI, "Kx7-lampe");
    assert_false(change.first || change.changed);
    assert_true(passwords_state(fixture->passwords, LI, &first));
    assert_int_equal(first.since_us, begin);
    assert_int_equal(first.first_seen_us, begin);
    change = log_in(fixture, LI, "Rt5-kessel");
    assert_true(change.changed && !change.reused);
    assert_true(passwords_state(fixture->passwords, LI, &second));
    assert_int_equal(second.since_us, now);
    assert_int_equal(second.logins, 3);
}

static void
test_reuse_is_seen_and_former_ones_are_no_guesses(void **state)
{
    Fixture *fixture = *state;
    static const char *const rows[] = {"Kx7-a", "Kx7-b", "Kx7-c", "Kx7-d", "Kx7-e"};
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        log_in(fixture, LI, rows[i]);
    assert_true(look(fixture, LI, "Kx7-d").former);
    assert_false(look(fixture, LI, "Kx7-a").former); /* three are kept */
    assert_false(look(fixture, LI, "Kx7-z").former);
    assert_true(look(fixture, LI, "Kx7-e").known);
    assert_true(log_in(fixture, LI, "Kx7-c").reused);
}

static void
test_another_spelling_of_the_name_is_no_new_password(void **state)
{
    Fixture *fixture = *state;
    g_auto(PasswordState) after = {0};
    gint64 begin = now;
    log_in(fixture, LI, "Kx7-lampe");
    now += 100 * G_TIME_SPAN_DAY;
    PasswordChange change = log_in(fixture, "li", "Kx7-lampe");
    assert_false(change.changed || change.first);
    assert_true(passwords_state(fixture->passwords, LI, &after));
    assert_int_equal(after.since_us, begin);
}

static void
test_hash_without_password_says_nothing(void **state)
{
    Fixture *fixture = *state;
    g_auto(PasswordState) after = {0};
    assert_int_equal(look(fixture, LI, "").digest, 0);
    log_in(fixture, LI, "");
    assert_true(passwords_state(fixture->passwords, LI, &after));
    assert_int_equal(after.verdict, VERDICT_UNCHECKABLE);
    assert_int_equal(after.since_us, 0);
    guint8 hash[PASSWORDS_HASH_SIZE] = {1};
    PasswordUse cut = {LI, LI, hash, 31, "PLAIN", "imap", "", now};
    PasswordSight sight;
    passwords_look(fixture->passwords, &cut, &sight);
    assert_int_equal(sight.digest, 0);
    g_auto(PasswordState) nobody = {0};
    assert_false(passwords_state(fixture->passwords, "nobody", &nobody));
}

/* What ends in a one-time code counts once for a lock, and says nothing else. */
static void
test_one_time_codes_are_no_new_passwords(void **state)
{
    Fixture *fixture = *state;
    guint8 hash[PASSWORDS_HASH_SIZE];
    PasswordPerson person = {LI, "Li Ming", "shuiwuju", "bangongshi"};
    static const char *const typed[] = {"123456000001", "123456000002", "123456000001"};
    log_in(fixture, LI, "Kx7-lampe");
    for (gsize i = 0; i < G_N_ELEMENTS(typed); i++) {
        PasswordChange change;
        PasswordSight sight;
        g_auto(PasswordState) after = {0};
        PasswordUse use = use_of(hash, LI, typed[i]);
        use.one_time = TRUE;
        passwords_look(fixture->passwords, &use, &sight);
        assert_true(sight.digest != 0 && !sight.known && !sight.former);
        passwords_good(fixture->passwords, &use, &person, &change);
        passwords_wait(fixture->passwords);
        assert_false(change.changed || change.reused || change.first);
        assert_true(passwords_state(fixture->passwords, LI, &after));
        assert_int_equal(after.verdict, VERDICT_UNCHECKABLE);
        assert_int_equal(after.since_us, 0);
    }
    assert_int_equal(fixture->weak, 0);
    close_fixture(fixture);
    open_fixture(fixture);
    assert_false(look(fixture, LI, "Kx7-lampe").known);
    assert_false(look(fixture, LI, typed[0]).known);
}

static void
test_blind_knows_nothing(void **state)
{
    Fixture *fixture = *state;
    log_in(fixture, LI, "123456");
    passwords_set_blind(fixture->passwords, TRUE);
    g_auto(PasswordState) blind = {0};
    assert_int_equal(look(fixture, LI, "123456").verdict, VERDICT_UNKNOWN);
    assert_true(passwords_state(fixture->passwords, LI, &blind));
    assert_int_equal(blind.verdict, VERDICT_UNKNOWN);
    assert_int_equal(blind.since_us, 0);
    passwords_set_blind(fixture->passwords, FALSE);
    assert_int_equal(look(fixture, LI, "123456").verdict, VERDICT_WEAK);
}

static void
test_knowledge_outlives_a_restart_without_a_hash(void **state)
{
    Fixture *fixture = *state;
    guint8 hash[PASSWORDS_HASH_SIZE];
    g_autofree char *bytes = NULL;
    gsize length;
    log_in(fixture, LI, "Kx7-lampe");
    log_in(fixture, LI, "li1234");
    use_of(hash, LI, "li1234");
    g_autofree char *hex = crypto_hex(hash, sizeof hash);
    close_fixture(fixture);
    assert_true(g_file_get_contents(fixture->database, &bytes, &length, NULL));
    assert_null(memmem(bytes, length, hash, sizeof hash));
    assert_null(memmem(bytes, length, hex, strlen(hex)));
    assert_null(memmem(bytes, length, "li1234", 6));
    open_fixture(fixture);
    PasswordSight sight = look(fixture, LI, "li1234");
    assert_true(sight.known);
    assert_int_equal(sight.verdict, VERDICT_WEAK);
    assert_true(look(fixture, LI, "Kx7-lampe").former);
    guint before = fixture->weak;
    log_in(fixture, LI, "li1234"); /* tried once is enough */
    assert_int_equal(fixture->weak, before);
}

/* As hangu passwd asks. */
static gboolean
is_used(Fixture *fixture, const char *login, const char *password, guint history)
{
    guint8 hash[PASSWORDS_HASH_SIZE];
    use_of(hash, login, password);
    return passwords_used(fixture->passwords, LI, login, hash, history);
}

static void
test_passwords_used_as_deep_as_asked(void **state)
{
    Fixture *fixture = *state;
    static const char *const words[] = {"Kx7-lampe", "Wm4+dose", "Fz8+stuhl", "Bd6+wolke"};
    for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
        log_in(fixture, LI, words[i]);
    for (guint history = 0; history < 6; history++)
        for (guint i = 0; i < G_N_ELEMENTS(words); i++)
            assert_int_equal(is_used(fixture, LI, words[i], history), G_N_ELEMENTS(words) - i <= history);
    assert_false(is_used(fixture, LI, "Rt5.kessel", 24));
    assert_false(is_used(fixture, "li", words[3], 24));
    log_in(fixture, "li", words[3]);
    assert_true(is_used(fixture, "li", words[3], 24));
    g_autoptr(GPtrArray) logins = passwords_logins(fixture->passwords, LI);
    g_autoptr(GPtrArray) others = passwords_logins(fixture->passwords, "wu@unit.example");
    assert_int_equal(logins->len, 2);
    assert_int_equal(others->len, 0);
    close_fixture(fixture);
    open_fixture(fixture);
    assert_true(is_used(fixture, LI, words[0], 24));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_passwords_used_as_deep_as_asked, start, stop),
        cmocka_unit_test_setup_teardown(test_weak_ones_are_found, start, stop),
        cmocka_unit_test_setup_teardown(test_age_begins_when_it_changes, start, stop),
        cmocka_unit_test_setup_teardown(test_reuse_is_seen_and_former_ones_are_no_guesses, start, stop),
        cmocka_unit_test_setup_teardown(test_another_spelling_of_the_name_is_no_new_password, start, stop),
        cmocka_unit_test_setup_teardown(test_hash_without_password_says_nothing, start, stop),
        cmocka_unit_test_setup_teardown(test_one_time_codes_are_no_new_passwords, start, stop),
        cmocka_unit_test_setup_teardown(test_blind_knows_nothing, start, stop),
        cmocka_unit_test_setup_teardown(test_knowledge_outlives_a_restart_without_a_hash, start, stop),
    };
    cmocka_set_test_filter(g_getenv("TEST_FILTER"));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
