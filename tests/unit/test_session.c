/* Callbacks in order and out of order, against a mail server, inspectors and a ledger that are made up. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "fake_authd.h"
#include "fake_inspector.h"
#include "fake_ledger.h"
#include "fake_mta.h"
#include "session.h"
#include <arpa/inet.h>
#include <glib/gstdio.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct {
    char *state; /* directory */
    Gate *gate;
    FakeLedger *ledger;
    FakeMta *mta;
    SMFICTX *context;
    struct smfiDesc filter;
    unsigned long steps;
} World;

static void
add_inspector(World *world, FakeKind kind)
{
    int socket, pidfd;
    int pid = fake_start(kind, &socket, &pidfd);
    pool_add(world->gate->pool, 1, 0, pid, socket, pidfd);
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
    world->ledger = fake_ledger_start();
    world->state = g_dir_make_tmp("hangu-state-XXXXXX", NULL);
    world->gate = gate_new(&fake_mta_calls, world->state, NULL);
    Settings *settings = settings_new_default();
    settings->mode = MODE_ENFORCE;
    g_free(settings->ledger_socket);
    settings->ledger_socket = g_strdup(fake_ledger_path(world->ledger));
    g_free(settings->spool_dir);
    settings->spool_dir = g_strdup(g_get_tmp_dir());
    gate_swap(world->gate, snapshot_new(settings, 1, "", "", ""));
    pool_swap(world->gate->pool, 1, 4);
    world->filter = session_describe(world->gate);
    world->mta = fake_mta_new();
    world->context = fake_mta_context(world->mta);
    *state = world;
    return 0;
}

static int
teardown(void **state)
{
    World *world = *state;
    world->filter.xxfi_close(world->context);
    assert_int_equal(world->gate->letters, 0);
    assert_int_equal(world->gate->connections, 0);
    gate_free(world->gate);
    fake_ledger_stop(world->ledger);
    fake_mta_free(world->mta);
    while (waitpid(-1, NULL, 0) > 0)
        ;
    remove_state(world->state);
    g_free(world->state);
    g_free(world);
    return 0;
}

static sfsistat
begin(World *world, unsigned long actions, unsigned long steps)
{
    unsigned long unused, mine;
    struct sockaddr_in client = {.sin_family = AF_INET};
    static char name[] = "client.example";
    inet_pton(AF_INET, "192.0.2.9", &client.sin_addr);
    if (world->filter.xxfi_negotiate(world->context, actions, steps, 0, 0, &mine, &world->steps, &unused, &unused) !=
        SMFIS_CONTINUE)
        return SMFIS_REJECT;
    assert_int_equal(mine & ~actions, 0);
    assert_int_equal(world->steps & ~steps, 0);
    return world->filter.xxfi_connect(world->context, name, (_SOCK_ADDR *)(gpointer)&client);
}

static void
mail_from(World *world, const char *sender)
{
    char *arguments[] = {(char *)sender, NULL};
    world->filter.xxfi_envfrom(world->context, arguments);
}

static void
rcpt_to(World *world, const char *recipient)
{
    char *arguments[] = {(char *)recipient, NULL};
    world->filter.xxfi_envrcpt(world->context, arguments);
}

static void
header(World *world, const char *name, const char *value)
{
    world->filter.xxfi_header(world->context, (char *)name, (char *)value);
}

static void
body(World *world, const char *text)
{
    world->filter.xxfi_body(world->context, (unsigned char *)text, strlen(text));
}

static sfsistat
letter(World *world)
{
    mail_from(world, "<a@unit.example>");
    rcpt_to(world, "<b@outside.example>");
    header(world, "Subject", " x");
    body(world, "text\r\n");
    return world->filter.xxfi_eom(world->context);
}

static void
test_session_accepts_after_the_record(void **state)
{
    World *world = *state;
    add_inspector(world, FAKE_GOOD);
    assert_int_equal(begin(world, ~0UL, ~0UL), SMFIS_CONTINUE);
    g_hash_table_insert(world->mta->symbols, g_strdup("{daemon_name}"), g_strdup("mx"));
    g_hash_table_insert(world->mta->symbols, g_strdup("i"), g_strdup("4QABC"));
    assert_int_equal(letter(world), SMFIS_CONTINUE);
    json_t *record = fake_ledger_record(world->ledger, 0);
    assert_string_equal(json_string_value(json_object_get(record, "answer")), "accept");
    assert_string_equal(json_string_value(json_object_get(record, "sender")), "a@unit.example");
    assert_string_equal(json_string_value(json_object_get(record, "client_ip")), "192.0.2.9");
    assert_string_equal(json_string_value(json_object_get(record, "listener")), "mx");
    assert_string_equal(json_string_value(json_object_get(record, "queue_id")), "4QABC");
    assert_int_equal(json_integer_value(json_object_get(record, "size")), strlen("Subject: x\r\n\r\ntext\r\n"));
    assert_non_null(strstr(world->mta->told->str, "X-Hangu-Id: "));
}

static void
test_session_refuses_with_the_records_id(void **state)
{
    World *world = *state;
    add_inspector(world, FAKE_REJECT);
    begin(world, ~0UL, ~0UL);
    assert_int_equal(letter(world), SMFIS_REJECT);
    json_t *record = fake_ledger_record(world->ledger, 0);
    const char *id = json_string_value(json_object_get(record, "id"));
    assert_true(g_str_has_prefix(world->mta->told->str, "reply 550 5.7.1 "));
    assert_non_null(strstr(world->mta->told->str, id));
}

static void
test_session_without_a_ledger_accepts_nothing(void **state)
{
    World *world = *state;
    add_inspector(world, FAKE_GOOD);
    fake_ledger_behave(world->ledger, FAKE_LEDGER_REFUSES_IO);
    begin(world, ~0UL, ~0UL);
    assert_int_equal(letter(world), SMFIS_TEMPFAIL);
    assert_true(g_str_has_prefix(world->mta->told->str, "reply 451 4.3.0 "));
}

static void
test_session_with_a_record_that_is_refused_records_that(void **state)
{
    World *world = *state;
    add_inspector(world, FAKE_GOOD);
    fake_ledger_behave(world->ledger, FAKE_LEDGER_REFUSES_REPORTS);
    begin(world, ~0UL, ~0UL);
    assert_int_equal(letter(world), SMFIS_TEMPFAIL);
    json_t *record = fake_ledger_record(world->ledger, 0);
    assert_string_equal(json_string_value(json_object_get(record, "failure")), "record-refused");
    assert_null(json_object_get(record, "verdict"));
}

static void
test_session_abort_forgets_the_letter(void **state)
{
    World *world = *state;
    add_inspector(world, FAKE_GOOD);
    begin(world, ~0UL, ~0UL);
    mail_from(world, "<one@unit.example>");
    rcpt_to(world, "<two@outside.example>");
    header(world, "X-Hangu-Result", " forged");
    world->filter.xxfi_abort(world->context);
    assert_int_equal(world->gate->letters, 0);
    assert_int_equal(letter(world), SMFIS_CONTINUE);
    json_t *record = fake_ledger_record(world->ledger, 0);
    assert_string_equal(json_string_value(json_object_get(record, "sender")), "a@unit.example");
    assert_int_equal(json_array_size(json_object_get(record, "recipients")), 1);
    assert_null(strstr(world->mta->told->str, "change"));
}

static void
test_session_out_of_order_passes_nothing(void **state)
{
    World *world = *state;
    add_inspector(world, FAKE_GOOD);
    begin(world, ~0UL, ~0UL);
    header(world, "Subject", " before MAIL");
    body(world, "before MAIL");
    assert_int_equal(world->filter.xxfi_eom(world->context), SMFIS_TEMPFAIL);
    mail_from(world, "<a@unit.example>");
    body(world, "text");
    rcpt_to(world, "<late@outside.example>");
    assert_int_equal(world->filter.xxfi_eom(world->context), SMFIS_TEMPFAIL);
    assert_int_equal(letter(world), SMFIS_CONTINUE); /* the next one is not to blame */
}

static void
test_session_replies_only_where_awaited(void **state)
{
    World *world = *state;
    char *arguments[] = {(char *)"<a@unit.example>", NULL};
    add_inspector(world, FAKE_GOOD);
    begin(world, ~0UL, SMFIP_NR_MAIL | SMFIP_NR_BODY);
    assert_int_equal(world->filter.xxfi_envfrom(world->context, arguments), SMFIS_NOREPLY);
    assert_int_equal(world->filter.xxfi_envrcpt(world->context, arguments), SMFIS_CONTINUE);
    assert_int_equal(world->filter.xxfi_body(world->context, (unsigned char *)arguments[0], 3), SMFIS_NOREPLY);
    assert_int_equal(world->filter.xxfi_eom(world->context), SMFIS_CONTINUE);
}

/* --- the account of a submission --------------------------------------------------------------------------------- */

/* From now on accounts are asked about. */
static FakeAuthd *
ask_accounts(World *world, Mode mode)
{
    FakeAuthd *authd = fake_authd_start();
    Settings *settings = settings_new_default();
    settings->mode = mode;
    settings->accounts_ask = TRUE;
    g_free(settings->ledger_socket);
    settings->ledger_socket = g_strdup(fake_ledger_path(world->ledger));
    g_free(settings->accounts_socket);
    settings->accounts_socket = g_strdup(fake_authd_path(authd));
    g_free(settings->spool_dir);
    settings->spool_dir = g_strdup(g_get_tmp_dir());
    gate_swap(world->gate, snapshot_new(settings, 2, "", "", ""));
    return authd;
}

static void
log_in(World *world, const char *user, const char *tls)
{
    GHashTable *symbols = world->mta->symbols;
    g_hash_table_insert(symbols, g_strdup("{daemon_name}"), g_strdup("submission"));
    g_hash_table_insert(symbols, g_strdup("{auth_authen}"), g_strdup(user));
    g_hash_table_insert(symbols, g_strdup("{auth_type}"), g_strdup("PLAIN"));
    g_hash_table_insert(symbols, g_strdup("{tls_version}"), g_strdup(tls));
}

static sfsistat
mail_answer(World *world)
{
    char *arguments[] = {(char *)"<zhang@unit.example>", NULL};
    return world->filter.xxfi_envfrom(world->context, arguments);
}

static const char *
recorded(World *world, guint index, const char *field)
{
    return json_string_value(json_object_get(fake_ledger_record(world->ledger, index), field));
}

/* The words of account_problems; gives. */
static char *
recorded_problems(World *world, guint index)
{
    g_autoptr(GString) text = g_string_new("");
    json_t *list = json_object_get(fake_ledger_record(world->ledger, index), "account_problems"), *one;
    gsize i;
    json_array_foreach(list, i, one) g_string_append_printf(text, "%s ", json_string_value(one));
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static void
test_session_refuses_an_account_at_mail_after_the_record(void **state)
{
    World *world = *state;
    FakeAuthd *authd = ask_accounts(world, MODE_ENFORCE);
    fake_authd_say(authd, FAKE_AUTHD_GOOD, "enforce", "zhang@unit.example", "password-expired", "zhang@unit.example",
                   NULL);
    add_inspector(world, FAKE_REJECT);
    assert_int_equal(begin(world, ~0UL, ~0UL), SMFIS_CONTINUE);
    assert_int_equal(world->steps & SMFIP_NR_MAIL, 0);
    log_in(world, "zhang", "TLSv1.3");
    assert_int_equal(mail_answer(world), SMFIS_REJECT);
    assert_non_null(strstr(world->mta->told->str, recorded(world, 0, "id")));
    assert_string_equal(recorded(world, 0, "answer"), "reject");
    assert_string_equal(recorded(world, 0, "account"), "zhang");
    assert_string_equal(recorded(world, 0, "account_facts"), "known");
    assert_string_equal(recorded(world, 0, "account_stage"), "enforce");
    g_autofree char *problems = recorded_problems(world, 0);
    assert_string_equal(problems, "password-expired ");
    assert_int_equal(world->gate->letters, 0);
    fake_authd_stop(authd);
}

static void
test_session_lets_the_end_tell_below_enforce(void **state)
{
    World *world = *state;
    FakeAuthd *authd = ask_accounts(world, MODE_ENFORCE);
    static const char *const stages[] = {"observe", "warn", ""};
    add_inspector(world, FAKE_GOOD);
    begin(world, ~0UL, ~0UL);
    log_in(world, "zhang", "");
    for (guint i = 0; i < G_N_ELEMENTS(stages); i++) {
        fake_authd_say(authd, FAKE_AUTHD_GOOD, stages[i], "", "locked", NULL, NULL);
        assert_int_equal(mail_answer(world), SMFIS_CONTINUE);
        rcpt_to(world, "<b@outside.example>");
        assert_int_equal(world->filter.xxfi_eom(world->context), SMFIS_CONTINUE);
        assert_string_equal(recorded(world, i, "account_stage"), *stages[i] != '\0' ? stages[i] : "observe");
        g_autofree char *problems = recorded_problems(world, i);
        assert_string_equal(problems, "locked clear-password ");
    }
    fake_authd_stop(authd);
}

static void
test_session_without_facts_puts_off_or_says_so(void **state)
{
    World *world = *state;
    FakeAuthd *authd = ask_accounts(world, MODE_ENFORCE);
    fake_authd_say(authd, FAKE_AUTHD_HANGS_UP, "", "", NULL, NULL, NULL);
    add_inspector(world, FAKE_GOOD);
    begin(world, ~0UL, ~0UL);
    log_in(world, "zhang", "TLSv1.3");
    assert_int_equal(mail_answer(world), SMFIS_TEMPFAIL);
    assert_true(g_str_has_prefix(world->mta->told->str, "reply 451 4.3.0 "));
    assert_string_equal(recorded(world, 0, "failure"), "no-account-facts");
    assert_string_equal(recorded(world, 0, "account_facts"), "missing");
    world->filter.xxfi_close(world->context);
    fake_authd_stop(authd);
    authd = ask_accounts(world, MODE_OBSERVE);
    fake_authd_say(authd, FAKE_AUTHD_HANGS_UP, "", "", NULL, NULL, NULL);
    begin(world, ~0UL, ~0UL);
    assert_int_equal(mail_answer(world), SMFIS_CONTINUE);
    rcpt_to(world, "<b@outside.example>");
    assert_int_equal(world->filter.xxfi_eom(world->context), SMFIS_CONTINUE);
    assert_string_equal(recorded(world, 1, "account_facts"), "missing");
    assert_string_equal(recorded(world, 1, "verdict"), "accept");
    fake_authd_stop(authd);
}

static void
test_session_asks_about_submissions_only(void **state)
{
    World *world = *state;
    FakeAuthd *authd = ask_accounts(world, MODE_ENFORCE);
    add_inspector(world, FAKE_GOOD);
    begin(world, ~0UL, ~0UL);
    g_hash_table_insert(world->mta->symbols, g_strdup("{daemon_name}"), g_strdup("mx"));
    assert_int_equal(mail_answer(world), SMFIS_CONTINUE);
    rcpt_to(world, "<b@outside.example>");
    assert_int_equal(world->filter.xxfi_eom(world->context), SMFIS_CONTINUE);
    assert_null(recorded(world, 0, "account_facts"));
    assert_int_equal(fake_authd_connections(authd), 0);
    fake_authd_stop(authd);
}

static void
test_session_needs_header_changes_and_quarantine(void **state)
{
    World *world = *state;
    assert_int_equal(begin(world, ~0UL & ~(unsigned long)SMFIF_QUARANTINE, ~0UL), SMFIS_REJECT);
    assert_int_equal(begin(world, ~0UL & ~(unsigned long)SMFIF_CHGHDRS, ~0UL), SMFIS_REJECT);
}

static void
test_session_puts_off_connections_over_the_limit_and_while_stopping(void **state)
{
    World *world = *state;
    world->gate->connections = (gint)world->gate->snapshot->settings->connections;
    assert_int_equal(begin(world, ~0UL, ~0UL), SMFIS_TEMPFAIL);
    world->filter.xxfi_close(world->context);
    world->gate->connections = 0;
    world->gate->stopping = TRUE;
    assert_int_equal(begin(world, ~0UL, ~0UL), SMFIS_TEMPFAIL);
}

static void
test_session_close_before_connect_is_harmless(void **state)
{
    World *world = *state;
    assert_int_equal(world->filter.xxfi_close(world->context), SMFIS_CONTINUE);
    assert_int_equal(world->filter.xxfi_abort(world->context), SMFIS_CONTINUE);
}

static void
test_session_keeps_header_bytes_as_they_were(void **state)
{
    World *world = *state;
    add_inspector(world, FAKE_GOOD);
    begin(world, ~0UL, SMFIP_HDR_LEADSPC);
    mail_from(world, "<>");
    header(world, "A", "no space");
    header(world, "B", " one\n\ttwo\r\n three");
    assert_int_equal(world->filter.xxfi_eom(world->context), SMFIS_CONTINUE);
    json_t *record = fake_ledger_record(world->ledger, 0);
    assert_int_equal(json_integer_value(json_object_get(record, "size")),
                     strlen("A:no space\r\nB: one\r\n\ttwo\r\n three\r\n\r\n"));
    assert_string_equal(json_string_value(json_object_get(record, "sender")), "");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_session_accepts_after_the_record),
        TEST(test_session_refuses_with_the_records_id),
        TEST(test_session_without_a_ledger_accepts_nothing),
        TEST(test_session_with_a_record_that_is_refused_records_that),
        TEST(test_session_abort_forgets_the_letter),
        TEST(test_session_out_of_order_passes_nothing),
        TEST(test_session_replies_only_where_awaited),
        TEST(test_session_refuses_an_account_at_mail_after_the_record),
        TEST(test_session_lets_the_end_tell_below_enforce),
        TEST(test_session_without_facts_puts_off_or_says_so),
        TEST(test_session_asks_about_submissions_only),
        TEST(test_session_needs_header_changes_and_quarantine),
        TEST(test_session_puts_off_connections_over_the_limit_and_while_stopping),
        TEST(test_session_close_before_connect_is_harmless),
        TEST(test_session_keeps_header_bytes_as_they_were),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
