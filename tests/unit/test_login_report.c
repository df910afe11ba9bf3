/* Sums over records of logins. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "login_report.h"
#include <string.h>

static void
take(LoginReport *report, const char *text)
{
    json_auto_t *record = json_loads(text, 0, NULL);
    assert_non_null(record);
    login_report_add(report, record);
}

#define LOGIN(event, account, more)                                                                            \
    "{\"kind\":\"login\",\"time\":\"2026-11-22T01:02:03.456Z\",\"event\":\"" event "\",\"account\":\"" account \
    "\"" more "}"
#define OK_FROM(ip, mechanism) ",\"client_ip\":\"" ip "\",\"auth_type\":\"" mechanism "\",\"department\":\"办\""

static void
fill(LoginReport *report)
{
    take(report, LOGIN("ok", "li@u.example", OK_FROM("192.0.2.7", "PLAIN") ",\"count\":5"));
    take(report, LOGIN("ok", "li@u.example", OK_FROM("192.0.2.99", "PLAIN")));
    take(report, LOGIN("ok", "li@u.example", OK_FROM("198.51.100.1", "SCRAM-SHA-256")));
    take(report, LOGIN("ok", "li@u.example", OK_FROM("2001:db8:1:2::3", "PLAIN")));
    take(report, LOGIN("failed", "li@u.example", ",\"count\":2"));
    take(report, LOGIN("locked", "li@u.example", ",\"alert\":true"));
    take(report, LOGIN("unlocked", "li@u.example", ""));
    take(report, LOGIN("refused", "wang@u.example", ",\"department\":\"办\""));
    take(report, LOGIN("observed", "sun@u.example", ",\"department\":\"财\""));
    take(report, "{\"kind\":\"password\",\"time\":\"2026-11-22T09:00:00.000Z\",\"event\":\"changed\",\"account\":\"sun@"
                 "u.example\"}");
    take(report, "{\"kind\":\"letter\",\"time\":\"2026-11-22T09:00:00.000Z\",\"account\":\"other@u.example\"}");
    take(report, LOGIN("failed", "-", ",\"reason\":\"queue-full\",\"count\":7"));
}

static void
test_login_report_counts_events_and_not_lines(void **state)
{
    LoginReport report;
    login_report_init(&report);
    fill(&report);
    const LoginCount *li = g_hash_table_lookup(report.accounts, "li@u.example");
    assert_non_null(li);
    assert_int_equal(li->good, 8);
    assert_int_equal(li->failed, 2);
    assert_int_equal(li->locked, 1);
    assert_int_equal(li->unlocked, 1);
    assert_int_equal(li->alerts, 1);
    assert_int_equal(g_hash_table_size(li->networks), 3);
    assert_int_equal(g_hash_table_size(li->mechanisms), 2);
    assert_string_equal(li->department, "办");
    assert_int_equal(report.records, 11);
    assert_int_equal(report.lost, 7);
    assert_null(g_hash_table_lookup(report.accounts, "other@u.example"));
    assert_string_equal(report.first, "2026-11-22T01:02:03.456Z");
    login_report_clear(&report);
}

static void
test_login_report_sums_departments(void **state)
{
    LoginReport report;
    login_report_init(&report);
    fill(&report);
    g_autoptr(GPtrArray) departments = login_report_departments(&report);
    assert_int_equal(departments->len, 2);
    const LoginCount *office = g_ptr_array_index(departments, 0), *finance = g_ptr_array_index(departments, 1);
    assert_string_equal(office->department, "办");
    assert_int_equal(office->good, 8);
    assert_int_equal(office->refused, 1);
    assert_int_equal(finance->observed, 1);
    assert_int_equal(finance->changed, 1);
    login_report_clear(&report);
}

static void
test_login_report_as_json(void **state)
{
    LoginReport report;
    login_report_init(&report);
    fill(&report);
    json_auto_t *li = login_count_json(g_hash_table_lookup(report.accounts, "li@u.example"));
    json_auto_t *wang = login_count_json(g_hash_table_lookup(report.accounts, "wang@u.example"));
    assert_int_equal(json_integer_value(json_object_get(li, "ok")), 8);
    assert_int_equal(json_integer_value(json_object_get(li, "networks")), 3);
    assert_string_equal(json_string_value(json_array_get(json_object_get(li, "mechanisms"), 0)), "PLAIN");
    assert_true(json_is_null(json_object_get(wang, "last_ok")));
    login_report_clear(&report);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_login_report_counts_events_and_not_lines),
        cmocka_unit_test(test_login_report_sums_departments),
        cmocka_unit_test(test_login_report_as_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
