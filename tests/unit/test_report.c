#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "letters.h"
#include "record.h"
#include "report.h"
#include "shipped.h"

static Shipped shipped;
static const guint8 key[CRYPTO_KEY_SIZE] = "a key of thirty-two bytes or so";

#define HEAD "From: a@unit.example\nTo: b@outside.example\n"
#define MARKED                                                                                                         \
    HEAD                                                                                                               \
        "Subject: =?utf-8?B?5YWz5LqO5bel5L2c55qE6YCa55+l?=\nContent-Type: multipart/mixed; boundary=B\n\n--B\n"        \
        "Content-Type: text/plain; charset=utf-8\n\n000012\n机密★10年\n特急\n\n关于某事的通知\n"         \
        "--B\nContent-Type: application/zip; name=\"=?utf-8?B?5pa55qGI?=.zip\"\nContent-Transfer-Encoding: base64\n\n" \
        "UEsDBBQAAAAIAA==\n--B--\n"

static Message *
inspect(const char *text)
{
    Message *message = letter_of(text, -1, FALSE);
    message->envelope.direction_given = TRUE;
    message->envelope.direction = DIRECTION_OUT;
    message->envelope.received_us = G_GINT64_CONSTANT(1793700000000000);
    assert_true(inspector_run(shipped.inspector, message, -1, NULL));
    return message;
}

static const char *
text_at(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static void
assert_keys(const json_t *object, const char *expected)
{
    g_autoptr(GString) keys = g_string_new(NULL);
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)object, name, value)
    {
        assert_non_null(value);
        g_string_append_printf(keys, "%s ", name);
    }
    assert_string_equal(keys->str, expected);
}

#define CHECK_KEYS                                                                                                    \
    "v file verdict mode actions class confidence level level_zh rank term direction coverage forward account parts " \
    "findings policy observed reply ruleset policy_digest elapsed_ms "

static void
test_report_check_of_a_clean_letter_has_every_key(void **state)
{
    g_autoptr(Message) message = inspect(HEAD "\nhello\n");
    json_t *report = report_check(message, "a.eml", shipped.rules, shipped.policy, FALSE);
    assert_keys(report, CHECK_KEYS);
    assert_int_equal(json_integer_value(json_object_get(report, "v")), 1);
    assert_string_equal(text_at(report, "verdict"), "accept");
    assert_string_equal(text_at(report, "class"), "none");
    assert_string_equal(text_at(report, "level_zh"), "无");
    static const char *const absent[] = {"confidence", "term", "account", "policy", "reply", "observed"};
    for (gsize i = 0; i < G_N_ELEMENTS(absent); i++)
        assert_true(json_is_null(json_object_get(report, absent[i])));
    assert_int_equal(json_array_size(json_object_get(report, "findings")), 0);
    assert_int_equal(json_array_size(json_object_get(report, "parts")), 1);
    json_decref(report);
}

static void
test_report_check_of_a_marked_letter_shows_where_and_why(void **state)
{
    g_autoptr(Message) message = inspect(MARKED);
    json_t *report = report_check(message, "b.eml", shipped.rules, shipped.policy, FALSE);
    assert_keys(report, CHECK_KEYS);
    assert_string_equal(text_at(report, "verdict"), "reject");
    assert_string_equal(text_at(report, "level"), "highly-secret");
    assert_string_equal(text_at(report, "level_zh"), "机密");
    assert_int_equal(json_integer_value(json_object_get(report, "rank")), 5);
    assert_string_equal(text_at(report, "policy"), "out-state");
    assert_true(g_str_has_prefix(text_at(report, "reply"), "550 5.7.1 "));
    assert_string_equal(text_at(report, "coverage"), "unreadable");
    json_t *finding = json_array_get(json_object_get(report, "findings"), 0);
    assert_keys(finding, "rule class level confidence part where excerpt mark score observe reasons paper ");
    assert_string_equal(text_at(finding, "excerpt"), "机密★10年");
    assert_string_equal(text_at(finding, "part"), "1");
    assert_string_equal(text_at(finding, "where"), "header, line 2");
    json_t *mark = json_object_get(finding, "mark");
    assert_keys(mark, "level term condition ");
    assert_string_equal(text_at(mark, "term"), "10年");
    assert_true(json_is_null(json_object_get(mark, "condition")));
    json_t *zip = json_array_get(json_object_get(report, "parts"), 1);
    assert_keys(zip, "path type coverage why ");
    assert_string_equal(text_at(zip, "path"), "2/方案.zip");
    assert_string_equal(text_at(zip, "why"), "unsupported");
    json_decref(report);
}

static void
test_report_check_survives_foreign_bytes(void **state)
{
    g_autoptr(Message) message = inspect(HEAD "\nhello\n");
    message->envelope.auth_user = g_strdup("user\xff");
    json_t *report = report_check(message, "name\xff.eml", shipped.rules, shipped.policy, TRUE);
    assert_keys(report, CHECK_KEYS);
    assert_non_null(text_at(json_object_get(report, "account"), "user"));
    json_decref(report);
}

static json_t *
whole_record(const Message *message)
{
    json_t *record = report_record(message, shipped.rules, shipped.policy, key);
    json_t *rest = record_new("letter", "unit", "hangu-milter 0.1");
    json_object_update_missing(record, rest);
    json_decref(rest);
    g_autofree char *id = record_id_new();
    json_object_set_new(record, "seq", json_integer(1));
    json_object_set_new(record, "prev", json_string(RECORD_NO_HASH));
    json_object_set_new(record, "id", json_string(id));
    json_object_set_new(record, "sender", json_string("a@unit.example"));
    json_object_set_new(record, "recipients", json_array());
    json_object_set_new(record, "carried_out", json_false());
    json_object_set_new(record, "answer", json_string("accept"));
    return record;
}

static void
test_report_record_fits_the_schema_and_holds_no_content(void **state)
{
    static const char *const letters[] = {HEAD "\nhello\n", MARKED};
    for (gsize i = 0; i < G_N_ELEMENTS(letters); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(Message) message = inspect(letters[i]);
        message->decision.observed_row = g_strdup("out-other");
        message->decision.observed = VERDICT_REJECT;
        json_t *record = whole_record(message);
        assert_string_equal(text_at(record, "observed_policy"), "out-other");
        assert_string_equal(text_at(record, "observed"), "reject");
        if (!record_check(record, &error))
            fail_msg("%s", error->message);
        gsize length;
        g_autofree char *line = record_line(record, &length, &error);
        assert_non_null(line);
        static const char *const content[] = {"通知", "方案", "★", "000012", "特急"};
        for (gsize j = 0; j < G_N_ELEMENTS(content); j++)
            assert_null(strstr(line, content[j]));
        json_decref(record);
    }
}

/* A condition is the letter's own words. */
static void
test_report_record_does_not_tell_a_condition(void **state)
{
    g_autoptr(Message) message =
        inspect(HEAD "\n000012\n机密★王小明调动公布前\n特急\n\n某国保〔2026〕12号\n\n关于某事的通知\n");
    assert_int_equal(message->class, CLASS_STATE);
    assert_non_null(message->term);
    json_t *record = whole_record(message);
    g_autofree char *line = json_dumps(record, 0);
    assert_null(strstr(line, "王小明"));
    json_decref(record);
}

/* Nor a subtype that only this sender knows. */
static void
test_report_record_knows_common_types_only(void **state)
{
    static const char *const cases[][2] = {
        {"application/secret-wangxiaoming-plan", "application/x-other"},
        {"text/wangxiaoming", "text/x-other"},
        {"text/plain", "text/plain"},
        {"application/vnd.openxmlformats-officedocument.wangxiaoming",
         "application/vnd.openxmlformats-officedocument."},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *letter = g_strdup_printf("Subject: x\nContent-Type: %s\n\nhello\n", cases[i][0]);
        g_autoptr(Message) message = inspect(letter);
        json_t *record = report_record(message, shipped.rules, shipped.policy, key);
        json_t *part = json_array_get(json_object_get(record, "parts"), 1);
        assert_string_equal(text_at(part, "type"), cases[i][1]);
        json_decref(record);
    }
}

static void
test_report_record_keys_digests(void **state)
{
    g_autoptr(Message) message = inspect(MARKED);
    static const guint8 other[CRYPTO_KEY_SIZE] = "another key of thirty-two bytes";
    json_t *first = report_record(message, shipped.rules, shipped.policy, key);
    json_t *second = report_record(message, shipped.rules, shipped.policy, other);
    json_t *zip = json_array_get(json_object_get(first, "parts"), 2);
    json_t *same = json_array_get(json_object_get(second, "parts"), 2);
    static const char *const names[] = {"name_digest", "digest"};
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        assert_true(g_str_has_prefix(text_at(zip, names[i]), "hmac-sha256:"));
        assert_string_not_equal(text_at(zip, names[i]), text_at(same, names[i]));
    }
    json_decref(first);
    json_decref(second);
}

static void
test_report_record_of_a_huge_letter_is_a_short_line(void **state)
{
    g_autoptr(GString) letter = g_string_new(HEAD "Content-Type: multipart/mixed; boundary=B\n\n");
    for (guint i = 0; i < 400; i++)
        g_string_append_printf(letter,
                               "--B\nContent-Type: text/x-a-rather-long-type-that-nobody-uses-%u; name=\"n%u.txt\"\n\n"
                               "000012\n机密★%u年\n特急\n",
                               i, i, i % 30 + 1);
    g_autoptr(GError) error = NULL;
    g_autoptr(Message) message = inspect(letter->str);
    assert_int_equal(message->class, CLASS_STATE);
    json_t *record = whole_record(message);
    if (!record_check(record, &error))
        fail_msg("%s", error->message);
    gsize length;
    g_autofree char *line = record_line(record, &length, &error);
    assert_non_null(line);
    assert_true(length < RECORD_LINE_MAX / 2); /* room for many recipients */
    assert_int_equal(json_integer_value(json_object_get(record, "parts_total")), 401);
    json_decref(record);
}

static int
load(void **state)
{
    shipped_load(&shipped);
    return shipped.inspector == NULL ? -1 : 0;
}

static int
unload(void **state)
{
    shipped_unload(&shipped);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_report_check_of_a_clean_letter_has_every_key),
        cmocka_unit_test(test_report_check_of_a_marked_letter_shows_where_and_why),
        cmocka_unit_test(test_report_check_survives_foreign_bytes),
        cmocka_unit_test(test_report_record_fits_the_schema_and_holds_no_content),
        cmocka_unit_test(test_report_record_does_not_tell_a_condition),
        cmocka_unit_test(test_report_record_knows_common_types_only),
        cmocka_unit_test(test_report_record_keys_digests),
        cmocka_unit_test(test_report_record_of_a_huge_letter_is_a_short_line),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
