/* The register: states, approval, look-ups with all that the gate asks. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "accounts.h"
#include "errors.h"
#include <glib/gstdio.h>
#include <string.h>

#define NOW "2026-11-22T01:00:00.000Z"
#define LATER "2026-12-22T01:00:00.000Z"
#define EARLIER "2026-10-22T01:00:00.000Z"

static char *directory, *path;
static Database *database;

static gint64
add(const char *address, const char *kind, const char *state)
{
    g_autoptr(Account) account = account_new();
    account_set(account, ACCOUNT_ADDRESS, address);
    account_set(account, ACCOUNT_KIND, kind);
    account_set(account, ACCOUNT_TIER, "base");
    account_set(account, ACCOUNT_UNIT, "某市水务局");
    account_set(account, ACCOUNT_DEPARTMENT, "办公室");
    account_set(account, ACCOUNT_STATE, state);
    if (!g_str_equal(state, "requested"))
        account_set(account, ACCOUNT_APPROVER, "leader@water.example");
    assert_true(accounts_insert(database, account, NULL));
    return account->number;
}

static int
set_up(void **state)
{
    directory = g_dir_make_tmp("hangu-accounts-XXXXXX", NULL);
    path = g_build_filename(directory, "accounts.db", NULL);
    database = accounts_open(path, NULL);
    assert_non_null(database);
    assert_true(accounts_unit_set(database, "某市水务局", "市水务局", NULL));
    assert_true(accounts_unit_domain(database, "某市水务局", "water.example", NULL));
    assert_true(accounts_department_set(database, "某市水务局", "办公室", NULL));
    assert_true(accounts_department_set(database, "某市水务局", "计财处", NULL));
    assert_true(accounts_officer_set(database, "某市水务局", NULL, "leader", "leader@water.example", "王刚", NULL));
    assert_true(accounts_officer_set(database, "某市水务局", "办公室", "approver", "head@water.example", "李强", NULL));
    return 0;
}

static int
tear_down(void **state)
{
    database_free(database);
    static const char *const ends[] = {"", "-wal", "-shm", ".lock"};
    for (guint i = 0; i < G_N_ELEMENTS(ends); i++) {
        g_autofree char *name = g_strconcat(path, ends[i], NULL);
        g_unlink(name);
    }
    g_rmdir(directory);
    g_free(directory);
    g_free(path);
    return 0;
}

static guint
problems_of(const char *account, const char *client)
{
    g_auto(AccountFacts) facts = {0};
    assert_true(accounts_facts(database, account, client, NOW, &facts, NULL));
    return facts.problems;
}

static gboolean
sends_as(const char *account, const char *address, const char *now)
{
    g_auto(AccountFacts) facts = {0};
    assert_true(accounts_facts(database, account, NULL, now, &facts, NULL));
    for (guint i = 0; i < facts.senders->len; i++)
        if (g_str_equal(g_ptr_array_index(facts.senders, i), address))
            return TRUE;
    return FALSE;
}

static void
test_facts_tell_problems_by_state(void **state)
{
    static const struct {
        const char *address, *kind, *state;
        guint problems;
    } cases[] = {
        {"a@water.example", "person", "open", 0},
        {"b@water.example", "person", "requested", PROBLEM_UNREGISTERED},
        {"c@water.example", "person", "approved", PROBLEM_UNREGISTERED},
        {"d@water.example", "unit", "suspended", PROBLEM_SUSPENDED},
        {"e@water.example", "person", "closed", PROBLEM_CLOSED},
        {"root@water.example", "administrator", "open", PROBLEM_ADMINISTRATOR},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        add(cases[i].address, cases[i].kind, cases[i].state);
        assert_int_equal(problems_of(cases[i].address, "192.0.2.1"), cases[i].problems);
    }
    assert_int_equal(problems_of("nobody@water.example", "192.0.2.1"), PROBLEM_UNREGISTERED);
    assert_int_equal(problems_of("no address at all <", "192.0.2.1"), PROBLEM_UNREGISTERED);
    assert_int_equal(problems_of("", "192.0.2.1"), PROBLEM_UNREGISTERED);
}

static void
test_facts_pending_until_the_deadline(void **state)
{
    g_autoptr(Account) account = account_new();
    gint64 number = add("zhang@water.example", "person", "requested");
    account_free(g_steal_pointer(&account));
    account = accounts_get(database, "zhang@water.example", NULL);
    assert_int_equal(account->number, number);
    account_set(account, ACCOUNT_DEADLINE, LATER);
    assert_true(accounts_update(database, account, NULL));
    assert_int_equal(problems_of("zhang@water.example", NULL), 0);
    g_auto(AccountFacts) facts = {0};
    assert_true(accounts_facts(database, "zhang@water.example", NULL, LATER, &facts, NULL));
    assert_int_equal(facts.problems, PROBLEM_UNREGISTERED);
    assert_false(facts.pending);
}

static void
test_facts_find_by_alias_login_and_local_part(void **state)
{
    gint64 number = add("zhangwei@water.example", "person", "open");
    assert_true(accounts_alias_add(database, number, "Zhang.Wei@Water.Example", NULL));
    assert_true(accounts_alias_add(database, number, "zw01", NULL));
    assert_int_equal(problems_of("zhangwei", NULL), 0);
    assert_int_equal(problems_of("ZW01", NULL), 0);
    assert_int_equal(problems_of("ZHANGWEI@water.example", NULL), 0);
    assert_int_equal(problems_of("zhang.wei@water.example", NULL), 0);
    assert_true(sends_as("zw01", "zhang.wei@water.example", NOW));
    assert_false(sends_as("zw01", "zw01", NOW)); /* a login name is no address */
    add("zhangwei@other.example", "person", "open");
    assert_int_equal(problems_of("zhangwei", NULL), PROBLEM_UNREGISTERED); /* of two neither */
}

static void
test_facts_delegates_until_they_end(void **state)
{
    gint64 chief = add("chief@water.example", "person", "open");
    gint64 secretary = add("secretary@water.example", "person", "open");
    assert_true(accounts_delegate_add(database, chief, secretary, "leader@water.example", EARLIER,
                                      "2026-12-01T00:00:00.000Z", NULL));
    assert_true(sends_as("secretary@water.example", "chief@water.example", NOW));
    assert_false(sends_as("secretary@water.example", "chief@water.example", LATER));
    assert_false(sends_as("chief@water.example", "secretary@water.example", NOW));
    g_autoptr(Account) account = accounts_get(database, "chief@water.example", NULL);
    assert_true(accounts_move(account, "suspended", NULL));
    assert_true(accounts_update(database, account, NULL));
    assert_false(sends_as("secretary@water.example", "chief@water.example", NOW));
    g_autoptr(GError) error = NULL;
    assert_false(accounts_delegate_add(database, chief, chief, "leader@water.example", NOW, LATER, &error));
}

static void
test_facts_services_are_bound_to_networks(void **state)
{
    gint64 printer = add("printer@water.example", "service", "open");
    gint64 wide = add("oa@water.example", "service", "open");
    assert_true(accounts_network_add(database, printer, "192.0.2.7", NULL));
    assert_true(accounts_network_add(database, wide, "192.0.2.0/24", NULL));
    assert_true(accounts_network_add(database, wide, "2001:db8::/32", NULL));
    assert_int_equal(problems_of("printer@water.example", "192.0.2.7"), 0);
    assert_int_equal(problems_of("printer@water.example", "192.0.2.8"), PROBLEM_UNREGISTERED);
    static const struct {
        const char *client, *address;
    } cases[] = {
        {"192.0.2.7", "printer@water.example"},
        {"192.0.2.8", "oa@water.example"},
        {"2001:db8::1", "oa@water.example"},
        {"198.51.100.1", ""},
        {"no address", ""},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(AccountFacts) facts = {0};
        assert_true(accounts_facts(database, "", cases[i].client, NOW, &facts, NULL));
        assert_string_equal(facts.address, cases[i].address);
    }
    g_autoptr(GError) error = NULL;
    assert_false(accounts_network_add(database, printer, "192.0.2.7/99", &error));
    assert_int_equal(error->code, HANGU_ERROR_DATA);
}

static void
test_facts_stage_of_the_narrowest_group(void **state)
{
    static const struct {
        const char *group, *stage;
    } steps[] = {
        {"all", "warn"},   {"某市水务局", "enforce"},       {"某市水务局/办公室", "observe"},
        {"pilot", "warn"}, {"li@water.example", "enforce"},
    };
    gint64 number = add("li@water.example", "person", "open");
    g_autoptr(Account) account = accounts_get(database, "li@water.example", NULL);
    account_set(account, ACCOUNT_GROUP, "pilot");
    assert_true(accounts_update(database, account, NULL));
    assert_int_equal(account->number, number);
    for (guint i = 0; i < G_N_ELEMENTS(steps); i++) {
        g_auto(AccountFacts) facts = {0};
        assert_true(accounts_stage_set(database, steps[i].group, steps[i].stage, "王刚", NOW, NULL));
        assert_true(accounts_facts(database, "li@water.example", NULL, NOW, &facts, NULL));
        assert_string_equal(facts.stage, steps[i].stage);
    }
    g_auto(AccountFacts) unknown = {0};
    assert_true(accounts_facts(database, "x@water.example", NULL, NOW, &unknown, NULL));
    assert_string_equal(unknown.stage, "enforce"); /* of its domain's unit */
    assert_false(accounts_stage_set(database, "all", "off", "王刚", NOW, NULL));
}

static void
test_facts_officers_and_exceptions(void **state)
{
    gint64 number = add("wu@water.example", "person", "suspended");
    g_auto(AccountFacts) facts = {0};
    assert_true(accounts_facts(database, "wu@water.example", NULL, NOW, &facts, NULL));
    assert_int_equal(facts.officers->len, 1);
    assert_string_equal(g_ptr_array_index(facts.officers, 0), "leader@water.example");
    account_facts_clear(&facts);
    assert_true(accounts_officer_set(database, "某市水务局", "办公室", "handler", "desk@water.example", NULL, NULL));
    assert_true(accounts_exception_add(database, number, "suspended", "", "leader@water.example", "迁移", LATER, NULL));
    assert_true(
        accounts_exception_add(database, number, "password-weak", "", "leader@water.example", "旧", EARLIER, NULL));
    facts = (AccountFacts){0};
    assert_true(accounts_facts(database, "wu@water.example", NULL, NOW, &facts, NULL));
    assert_string_equal(g_ptr_array_index(facts.officers, 0), "desk@water.example");
    assert_int_equal(facts.problems, 0);
    assert_int_equal(facts.exempt, PROBLEM_SUSPENDED); /* the other one has ended */
}

static void
test_move_follows_the_table(void **state)
{
    static const struct {
        const char *from, *to;
        gboolean approved, good;
    } cases[] = {
        {"requested", "open", TRUE, FALSE},  {"requested", "approved", TRUE, TRUE}, {"approved", "open", FALSE, FALSE},
        {"approved", "open", TRUE, TRUE},    {"open", "suspended", TRUE, TRUE},     {"suspended", "open", TRUE, TRUE},
        {"suspended", "open", FALSE, FALSE}, {"open", "closed", TRUE, TRUE},        {"closed", "open", TRUE, FALSE},
        {"open", "approved", TRUE, FALSE},   {"closed", "requested", TRUE, FALSE},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Account) account = account_new();
        g_autoptr(GError) error = NULL;
        account_set(account, ACCOUNT_STATE, cases[i].from);
        account_set(account, ACCOUNT_APPROVER, cases[i].approved ? "leader@water.example" : NULL);
        assert_int_equal(accounts_move(account, cases[i].to, &error), cases[i].good);
        assert_true(account_is(account, ACCOUNT_STATE, cases[i].good ? cases[i].to : cases[i].from));
        assert_true(cases[i].good || error->code == HANGU_ERROR_PERMISSION);
    }
}

static void
test_database_itself_opens_nothing_unapproved(void **state)
{
    g_autoptr(Account) account = account_new();
    account_set(account, ACCOUNT_ADDRESS, "x@water.example");
    account_set(account, ACCOUNT_KIND, "person");
    account_set(account, ACCOUNT_TIER, "base");
    account_set(account, ACCOUNT_STATE, "open");
    assert_false(accounts_insert(database, account, NULL));
}

static void
test_approver_is_of_the_place(void **state)
{
    static const struct {
        const char *department, *person, *address;
    } cases[] = {
        {"办公室", "李强", "head@water.example"},
        {"办公室", "HEAD@water.example", "head@water.example"},
        {"办公室", "王刚", "leader@water.example"},
        {"计财处", "王刚", "leader@water.example"},
        {"计财处", "李强", NULL},
        {"办公室", "张伟", NULL},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *address =
            accounts_approver(database, "某市水务局", cases[i].department, cases[i].person, &error);
        assert_int_equal(g_strcmp0(address, cases[i].address), 0);
        assert_true(address != NULL ||
                    (error->code == HANGU_ERROR_PERMISSION && strstr(error->message, "王刚") != NULL));
    }
}

static void
test_insert_names_what_is_wrong(void **state)
{
    g_autoptr(Account) account = account_new();
    g_autoptr(GError) error = NULL;
    gint64 number = add("a@water.example", "person", "open");
    account_set(account, ACCOUNT_ADDRESS, "a@water.example");
    account_set(account, ACCOUNT_KIND, "person");
    account_set(account, ACCOUNT_TIER, "base");
    account_set(account, ACCOUNT_STATE, "requested");
    assert_false(accounts_insert(database, account, &error));
    assert_non_null(strstr(error->message, "already"));
    g_clear_error(&error);
    account_set(account, ACCOUNT_ADDRESS, "b@water.example");
    account_set(account, ACCOUNT_UNIT, "某市水务局");
    account_set(account, ACCOUNT_DEPARTMENT, "保卫处");
    assert_false(accounts_insert(database, account, &error));
    assert_non_null(strstr(error->message, "保卫处"));
    g_clear_error(&error);
    account_set(account, ACCOUNT_DEPARTMENT, "办公室");
    assert_true(accounts_alias_add(database, number, "b@water.example", NULL));
    assert_false(accounts_insert(database, account, &error));
    assert_non_null(strstr(error->message, "alias"));
    assert_null(accounts_get(database, "c@water.example", NULL));
}

static void
test_field_read_keeps_one_form(void **state)
{
    static const struct {
        AccountField field;
        const char *value, *kept;
    } cases[] = {
        {ACCOUNT_ADDRESS, " Zhang.Wei@Water.Example ", "zhang.wei@water.example"},
        {ACCOUNT_ADDRESS, "a@水务.example", "a@xn--zfrz80d.example"},
        {ACCOUNT_ADDRESS, "zhangwei", NULL},
        {ACCOUNT_ADDRESS, "a b@water.example", NULL},
        {ACCOUNT_ADDRESS, "@water.example", NULL},
        {ACCOUNT_KIND, "person", "person"},
        {ACCOUNT_KIND, "human", NULL},
        {ACCOUNT_TRAINING, "2026/3/1", "2026-03-01"},
        {ACCOUNT_TRAINING, "2026年11月2日", "2026-11-02"},
        {ACCOUNT_TRAINING, "2026-02-30", NULL},
        {ACCOUNT_OWNER, "张伟", "张伟"},
        {ACCOUNT_OWNER, "a\nb", NULL},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *kept = account_field_read(cases[i].field, cases[i].value, &error);
        if (g_strcmp0(kept, cases[i].kept) != 0)
            fail_msg("%s: %s", cases[i].value, kept);
        assert_true((kept == NULL) == (error != NULL));
    }
}

static void
test_exceptions_cover_their_destination(void **state)
{
    static const struct {
        const char *exception, *problem, *address;
        gboolean covers;
    } cases[] = {
        {"{\"problem\": \"auto-forward\", \"to\": null, \"until\": \"2027\"}", "auto-forward", "x@a.example", TRUE},
        {"{\"problem\": \"auto-forward\", \"to\": null, \"until\": \"2027\"}", "auto-forward", NULL, TRUE},
        {"{\"problem\": \"auto-forward\", \"to\": null, \"until\": \"2025\"}", "auto-forward", "x@a.example", FALSE},
        {"{\"problem\": \"no-tls\", \"to\": null, \"until\": \"2027\"}", "auto-forward", "x@a.example", FALSE},
        {"{\"problem\": \"auto-forward\", \"to\": \"@a.example\", \"until\": \"2027\"}", "auto-forward", "x@A.example",
         TRUE},
        {"{\"problem\": \"auto-forward\", \"to\": \"@a.example\", \"until\": \"2027\"}", "auto-forward",
         "x@b.a.example", FALSE},
        {"{\"problem\": \"auto-forward\", \"to\": \"@a.example\", \"until\": \"2027\"}", "auto-forward", "x", FALSE},
        {"{\"problem\": \"auto-forward\", \"to\": \"@a.example\", \"until\": \"2027\"}", "auto-forward", NULL, FALSE},
        {"{\"problem\": \"auto-forward\", \"to\": \"x@a.example\", \"until\": \"2027\"}", "auto-forward", "x@a.example",
         TRUE},
        {"{\"problem\": \"auto-forward\", \"to\": \"x@a.example\", \"until\": \"2027\"}", "auto-forward", "y@a.example",
         FALSE},
        {"{\"problem\": \"auto-forward\", \"to\": \"x@a.example\", \"until\": \"2027\"}", "auto-forward",
         "xx@a.example", FALSE},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        json_auto_t *exception = json_loads(cases[i].exception, 0, NULL);
        assert_non_null(exception);
        if (accounts_exception_covers(exception, cases[i].problem, "2026", cases[i].address) != cases[i].covers)
            fail_msg("%s for %s", cases[i].exception, cases[i].address);
    }
    static const struct {
        const char *text, *kept;
    } names[] = {{"Mission.Example", "@mission.example"},
                 {"@mission.example", "@mission.example"},
                 {"Fan@mission.example", "fan@mission.example"},
                 {"", ""},
                 {"two words", NULL},
                 {"a@b@c", NULL}};
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *kept = accounts_destination(names[i].text, NULL);
        if (g_strcmp0(kept, names[i].kept) != 0)
            fail_msg("%s is kept as %s", names[i].text, kept);
    }
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(test_facts_tell_problems_by_state),
        CASE(test_facts_pending_until_the_deadline),
        CASE(test_facts_find_by_alias_login_and_local_part),
        CASE(test_facts_delegates_until_they_end),
        CASE(test_facts_services_are_bound_to_networks),
        CASE(test_facts_stage_of_the_narrowest_group),
        CASE(test_facts_officers_and_exceptions),
        CASE(test_exceptions_cover_their_destination),
        CASE(test_move_follows_the_table),
        CASE(test_database_itself_opens_nothing_unapproved),
        CASE(test_approver_is_of_the_place),
        CASE(test_insert_names_what_is_wrong),
        CASE(test_field_read_keeps_one_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
