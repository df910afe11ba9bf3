/* Register, passwords and locks joined: who has which problem, and what is not known. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "password_report.h"
#include <string.h>

/* 2026-11-22T00:00:00Z */
#define NOW (G_GINT64_CONSTANT(1795305600) * G_USEC_PER_SEC)

static json_t *
parse(const char *text)
{
    json_error_t error;
    json_t *array = json_loads(text, 0, &error);
    if (array == NULL)
        fail_msg("%s at %d", error.text, error.position);
    return array;
}

static const char *const register_rows = "[{\"address\":\"li@u.example\",\"unit\":\"甲\",\"department\":\"办\","
                                         "\"kind\":\"person\",\"state\":\"open\",\"tier\":\"base\"},"
                                         "{\"address\":\"wang@u.example\",\"unit\":\"甲\",\"department\":\"财\","
                                         "\"kind\":\"person\",\"state\":\"open\",\"tier\":\"high\"},"
                                         "{\"address\":\"zhao@u.example\",\"unit\":\"甲\",\"department\":\"财\","
                                         "\"kind\":\"person\",\"state\":\"open\",\"tier\":\"base\"},"
                                         "{\"address\":\"sun@u.example\",\"unit\":\"甲\",\"department\":\"财\","
                                         "\"kind\":\"person\",\"state\":\"open\",\"tier\":\"base\"},"
                                         "{\"address\":\"root@u.example\",\"unit\":\"甲\",\"department\":\"办\","
                                         "\"kind\":\"administrator\",\"state\":\"open\",\"tier\":\"high\"},"
                                         "{\"address\":\"old@u.example\",\"unit\":\"甲\",\"department\":\"办\","
                                         "\"kind\":\"person\",\"state\":\"closed\",\"tier\":\"base\","
                                         "\"changed\":\"2026-06-01T00:00:00.000Z\"},"
                                         "{\"address\":\"gone@u.example\",\"unit\":\"甲\",\"department\":\"办\","
                                         "\"kind\":\"person\",\"state\":\"closed\",\"tier\":\"base\","
                                         "\"changed\":\"2026-06-01T00:00:00.000Z\"},"
                                         "{\"address\":\"due@u.example\",\"unit\":\"甲\",\"department\":\"办\","
                                         "\"kind\":\"person\",\"state\":\"requested\",\"tier\":\"base\","
                                         "\"deadline\":\"2026-12-01T00:00:00.000Z\"},"
                                         "{\"address\":\"late@u.example\",\"unit\":\"甲\",\"department\":\"办\","
                                         "\"kind\":\"person\",\"state\":\"requested\",\"tier\":\"base\","
                                         "\"deadline\":\"2026-11-01T00:00:00.000Z\"}]";

#define SEEN(name, verdict, since, last)                                                                           \
    "{\"account\":\"" name "@u.example\",\"verdict\":\"" verdict "\",\"first_seen\":\"2026-01-01T00:00:00.000Z\"," \
    "\"since\":\"" since "T00:00:00.000Z\",\"last_seen\":\"" last "T00:00:00.000Z\",\"mechanism\":\"PLAIN\","      \
    "\"age_known\":true}"

static const char *const password_rows =
    "[" SEEN("li", "weak", "2026-11-01", "2026-11-21") "," SEEN("wang", "tried", "2026-11-10", "2026-11-21") "," SEEN(
        "zhao", "tried", "2026-07-01",
        "2026-07-02") "," SEEN("old", "tried", "2026-11-01",
                               "2026-11-02") "," SEEN("gone", "tried", "2026-05-01",
                                                      "2026-05-02") "," SEEN("due", "uncheckable", "2026-11-01",
                                                                             "2026-11-20") "," SEEN("late", "unknown",
                                                                                                    "2026-11-01",
                                                                                                    "2026-11-20") "," SEEN("stranger",
                                                                                                                           "tried",
                                                                                                                           "2026-11-01",
                                                                                                                           "2026-11-20") "]";

typedef struct {
    json_t *accounts, *passwords, *locks;
    PasswordReport report;
} World;

static void
world_make(World *world)
{
    world->accounts = parse(register_rows);
    world->passwords = parse(password_rows);
    world->locks = parse("[{\"account\":\"wang@u.example\",\"network\":\"198.51.100.0/24\"},{\"account\":\"\"}]");
    password_report_make(&world->report, world->accounts, world->passwords, world->locks, 90, NOW);
}

static void
world_clear(World *world)
{
    password_report_clear(&world->report);
    json_decref(world->accounts);
    json_decref(world->passwords);
    json_decref(world->locks);
}

static const ReportRow *
row_of(const World *world, const char *name)
{
    for (guint i = 0; i < world->report.rows->len; i++) {
        const ReportRow *row = &g_array_index(world->report.rows, ReportRow, i);
        if (g_str_has_prefix(row->address, name))
            return row;
    }
    return NULL;
}

static void
test_password_report_names_each_problem(void **state)
{
    static const struct {
        const char *name;
        guint problems;
        ReportKnown known;
        int age_days;
    } cases[] = {
        {"li@", REPORT_WEAK, KNOWN_TRIED, 21},
        {"wang@", REPORT_OLD | REPORT_LOCKED, KNOWN_TRIED, 12}, /* 12 days, and seven are allowed */
        {"zhao@", REPORT_OLD | REPORT_DORMANT, KNOWN_TRIED, 144},
        {"sun@", REPORT_NEVER, KNOWN_NEVER, -1},
        {"root@", 0, KNOWN_NEVER, -1},
        {"old@", REPORT_CLOSED, KNOWN_TRIED, 21},
        {"due@", 0, KNOWN_UNCHECKABLE, 21},
        {"late@", REPORT_UNREGISTERED, KNOWN_WAITING, 21},
        {"stranger@", REPORT_UNREGISTERED, KNOWN_TRIED, 21},
    };
    World world = {0};
    world_make(&world);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        const ReportRow *row = row_of(&world, cases[i].name);
        assert_non_null(row);
        assert_int_equal(row->problems, cases[i].problems);
        assert_int_equal(row->known, cases[i].known);
        assert_int_equal(row->age_days, cases[i].age_days);
    }
    world_clear(&world);
}

/* gone@ is closed and was used before only; its old password is nobody's business. */
static void
test_password_report_counts_by_department(void **state)
{
    World world = {0};
    world_make(&world);
    const ReportGroup *all = &world.report.all;
    assert_int_equal(world.report.groups->len, 3); /* one without unit: the stranger */
    guint accounts = 0, weak = 0, unregistered = 0;
    for (guint i = 0; i < world.report.groups->len; i++) {
        const ReportGroup *group = &g_array_index(world.report.groups, ReportGroup, i);
        accounts += group->accounts;
        weak += group->problems[0];
        unregistered += group->problems[5];
    }
    assert_int_equal(accounts, all->accounts);
    assert_int_equal(weak, 1);
    assert_int_equal(unregistered, 2);
    assert_int_equal(all->known[KNOWN_UNCHECKABLE], 1);
    assert_int_equal(all->known[KNOWN_WAITING], 1);
    assert_int_equal(all->known[KNOWN_NEVER], 2);
    const ReportRow *first = &g_array_index(world.report.rows, ReportRow, 0);
    assert_true(first->problems != 0);
    world_clear(&world);
}

static void
test_password_report_as_json_says_what_is_unknown(void **state)
{
    World world = {0};
    world_make(&world);
    json_auto_t *never = password_report_row_json(row_of(&world, "sun@"));
    json_auto_t *late = password_report_row_json(row_of(&world, "late@"));
    json_auto_t *all = password_report_group_json(&world.report.all);
    assert_true(json_is_null(json_object_get(never, "age_days")));
    assert_true(json_is_null(json_object_get(never, "last_seen")));
    assert_string_equal(json_string_value(json_object_get(never, "knowledge")), "never");
    assert_string_equal(json_string_value(json_array_get(json_object_get(late, "problems"), 0)), "unregistered");
    assert_int_equal(json_integer_value(json_object_get(json_object_get(all, "coverage"), "waiting")), 1);
    world_clear(&world);
}

static void
test_password_report_of_nothing_is_empty(void **state)
{
    json_auto_t *none = json_array();
    g_auto(PasswordReport) report = {0};
    password_report_make(&report, none, none, none, 90, NOW);
    assert_int_equal(report.rows->len + report.groups->len + report.all.accounts, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_password_report_names_each_problem),
        cmocka_unit_test(test_password_report_counts_by_department),
        cmocka_unit_test(test_password_report_as_json_says_what_is_unknown),
        cmocka_unit_test(test_password_report_of_nothing_is_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
