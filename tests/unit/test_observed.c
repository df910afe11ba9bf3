/* What the report of the observe mode counts. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "observed.h"
#include "sample_record.h"
#include <string.h>

/* A letter with some of its fields replaced: pairs of name and JSON, ends with NULL. */
static void
add(Observed *observed, const char *const *fields)
{
    json_t *record = sample_letter();
    for (; *fields != NULL; fields += 2)
        if (fields[1][0] == '\0')
            json_object_del(record, fields[0]);
        else
            json_object_set_new(record, fields[0], json_loads(fields[1], JSON_DECODE_ANY, NULL));
    observed_add(observed, record);
    json_decref(record);
}
#define ADD(observed, ...) add(observed, (const char *const[]){__VA_ARGS__, NULL})

static const ObservedCount *
count_of(GHashTable *counts, const char *name)
{
    static const ObservedCount none;
    const ObservedCount *count = g_hash_table_lookup(counts, name);
    return count != NULL ? count : &none;
}

static void
test_observed_add_counts_rows_departments_and_causes(void **state)
{
    g_auto(Observed) observed;
    observed_init(&observed);
    ADD(&observed, "time", "\"2026-11-22T01:00:00.000Z\"");
    ADD(&observed, "verdict", "\"hold\"", "policy", "\"out-unreadable\"", "findings", "[]", "coverage",
        "\"unreadable\"", "why", "\"encrypted\"", "account", "\"li@hr.unit.example\"");
    ADD(&observed, "verdict", "\"accept\"", "policy", "");
    ADD(&observed, "time", "\"2026-11-23T01:00:00.000Z\"", "direction", "\"in\"", "sender", "\"x@evil.example\"",
        "recipients", "[\"zhang@Plan.unit.example\"]", "account", "");
    assert_int_equal(observed.letters, 4);
    assert_int_equal(observed.all.rejected, 2);
    assert_int_equal(observed.all.held, 1);
    assert_int_equal(observed_stopped(&observed.all), 3);
    assert_int_equal(count_of(observed.rows, "out-state")->rejected, 2);
    assert_int_equal(count_of(observed.rows, "out-unreadable")->held, 1);
    assert_int_equal(count_of(observed.departments, "plan.unit.example")->letters, 3);
    assert_int_equal(count_of(observed.departments, "hr.unit.example")->held, 1);
    assert_int_equal(count_of(observed.departments, "evil.example")->letters, 0);
    assert_int_equal(count_of(observed.causes, "cn-state-mark")->rejected, 2);
    assert_int_equal(count_of(observed.causes, "unreadable: encrypted")->held, 1);
    assert_string_equal(observed.first_time, "2026-11-22T01:00:00.000Z");
    assert_string_equal(observed.last_time, "2026-11-23T01:00:00.000Z");
}

static void
test_observed_add_a_rule_counts_once_a_letter(void **state)
{
    static const char findings[] = "[{\"rule\":\"a\",\"class\":\"work\"},{\"rule\":\"a\",\"class\":\"work\"},"
                                   "{\"rule\":\"b\",\"class\":\"mention\"},"
                                   "{\"rule\":\"c\",\"class\":\"work\",\"observe\":true}]";
    g_auto(Observed) observed;
    observed_init(&observed);
    ADD(&observed, "findings", findings);
    assert_int_equal(count_of(observed.causes, "a")->letters, 1);
    assert_int_equal(count_of(observed.causes, "b")->letters, 0);
    assert_int_equal(count_of(observed.causes, "c")->letters, 0);
}

static void
test_observed_add_leaves_out_what_was_done(void **state)
{
    g_auto(Observed) observed;
    observed_init(&observed);
    ADD(&observed, "carried_out", "true");
    ADD(&observed, "verdict", "", "failure", "\"inspector-died\"");
    ADD(&observed, "kind", "\"start\"");
    assert_int_equal(observed.letters, 0);
    assert_int_equal(observed.carried_out, 1);
    assert_int_equal(observed.failed, 1);
    assert_int_equal(count_of(observed.causes, "failure: inspector-died")->letters, 1);
    assert_int_equal(g_hash_table_size(observed.rows), 0);
}

static void
test_observed_add_counts_the_stricter_row_that_observes(void **state)
{
    g_auto(Observed) observed;
    observed_init(&observed);
    ADD(&observed, "carried_out", "true", "verdict", "\"hold\"", "policy", "\"out-work\"", "observed", "\"reject\"",
        "observed_policy", "\"out-state\"");
    assert_int_equal(observed.carried_out, 1);
    assert_int_equal(count_of(observed.rows, "out-state")->rejected, 1);
    assert_int_equal(count_of(observed.rows, "out-work")->letters, 0);
}

static void
test_observed_add_counts_a_letter_once_though_it_is_seen_twice(void **state)
{
    g_auto(Observed) observed;
    observed_init(&observed);
    ADD(&observed, "message_id", "\"1@unit.example\"", "listener", "\"submission\"");
    ADD(&observed, "message_id", "\"1@unit.example\"", "listener", "\"egress\"");
    ADD(&observed, "message_id", "\"forwarded@outside.example\"", "listener", "\"egress\"");
    ADD(&observed, "message_id", "\"1@unit.example\"", "listener", "\"submission\""); /* sent again */
    assert_int_equal(observed.letters, 3);
}

static void
test_observed_sorted_most_stopped_first(void **state)
{
    g_auto(Observed) observed;
    observed_init(&observed);
    ADD(&observed, "policy", "\"b\"");
    ADD(&observed, "policy", "\"a\"");
    ADD(&observed, "policy", "\"c\"");
    ADD(&observed, "policy", "\"c\"");
    ADD(&observed, "policy", "\"d\"", "verdict", "\"accept\"");
    ADD(&observed, "policy", "\"e\"", "verdict", "\"accept\"");
    ADD(&observed, "policy", "\"e\"", "verdict", "\"accept\"");
    static const char *const wanted[] = {"c", "a", "b", "e", "d"};
    g_autoptr(GPtrArray) sorted = observed_sorted(observed.rows);
    assert_int_equal(sorted->len, G_N_ELEMENTS(wanted));
    for (guint i = 0; i < sorted->len; i++)
        assert_string_equal(((const ObservedCount *)g_ptr_array_index(sorted, i))->name, wanted[i]);
}

/* Invented sender domains must not fill the memory. */
static void
test_observed_add_bounds_the_names(void **state)
{
    g_auto(Observed) observed;
    observed_init(&observed);
    for (guint i = 0; i < OBSERVED_KEYS + 50; i++) {
        g_autofree char *sender = g_strdup_printf("x@d%u.example", i);
        json_t *record = json_pack("{s:s, s:s, s:b, s:s, s:s}", "kind", "letter", "verdict", "accept", "carried_out", 0,
                                   "sender", sender, "time", "2026-11-22T01:02:03.456Z");
        observed_add(&observed, record);
        json_decref(record);
    }
    assert_int_equal(g_hash_table_size(observed.departments), OBSERVED_KEYS + 1);
    assert_int_equal(count_of(observed.departments, "(other)")->letters, 50);
}

static void
test_observed_json(void **state)
{
    g_auto(Observed) observed;
    observed_init(&observed);
    ADD(&observed, "policy", "\"out-state\"");
    json_t *json = observed_json(&observed);
    assert_non_null(json);
    json_t *row = json_array_get(json_object_get(json, "rows"), 0);
    assert_string_equal(json_string_value(json_object_get(row, "name")), "out-state");
    assert_int_equal(json_integer_value(json_object_get(row, "reject")), 1);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(json, "would"), "reject")), 1);
    json_decref(json);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_observed_add_counts_rows_departments_and_causes),
        cmocka_unit_test(test_observed_add_a_rule_counts_once_a_letter),
        cmocka_unit_test(test_observed_add_leaves_out_what_was_done),
        cmocka_unit_test(test_observed_add_counts_the_stricter_row_that_observes),
        cmocka_unit_test(test_observed_add_counts_a_letter_once_though_it_is_seen_twice),
        cmocka_unit_test(test_observed_sorted_most_stopped_first),
        cmocka_unit_test(test_observed_add_bounds_the_names),
        cmocka_unit_test(test_observed_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
