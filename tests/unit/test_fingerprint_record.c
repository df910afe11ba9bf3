/* What the ledger is told of a change of the register of papers. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fingerprint_record.h"
#include "record.h"
#include "record_schema.h"
#include <string.h>

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define BEFORE "sha256:" HEX

static json_t *
record_of(const guint32 *papers, guint count, gboolean undone)
{
    static char unit[] = "办公厅";
    const Settings settings = {.unit = unit};
    const FingerprintChange change = {"add", papers, count, "王某", BEFORE, BEFORE, count + 3};
    return fingerprint_record(&settings, &change, undone);
}

/* As the ledger takes it, which sets what every line has. */
static void
expect_taken(json_t *record)
{
    g_autoptr(GError) error = NULL;
    json_object_set_new(record, "seq", json_integer(1));
    json_object_set_new(record, "prev", json_string(RECORD_NO_HASH));
    record_fit(record);
    if (!record_check(record, &error))
        fail_msg("%s", error->message);
}

static void
expect_papers(const guint32 *papers, guint count, const char *wanted)
{
    json_auto_t *record = record_of(papers, count, FALSE);
    char *text = json_dumps(json_object_get(record, "papers"), JSON_COMPACT);
    assert_string_equal(text, wanted);
    free(text);
    assert_int_equal(json_integer_value(json_object_get(record, "papers_total")), count);
    expect_taken(record);
}

static void
test_fingerprint_record_names_numbers_and_runs_of_them(void **state)
{
    expect_papers((const guint32[]){7}, 1, "[\"7\"]");
    expect_papers((const guint32[]){7, 9, 10, 11, 20, 21, 23}, 7, "[\"7\",\"9-11\",\"20-21\",\"23\"]");
    expect_papers((const guint32[]){4294967294U, 4294967295U}, 2, "[\"4294967294-4294967295\"]");
}

static void
test_fingerprint_record_of_many_papers_fits(void **state)
{
    enum { MANY = 20000 };
    g_autofree guint32 *papers = g_new(guint32, MANY);
    for (guint i = 0; i < MANY; i++)
        papers[i] = 4000000000U + 2 * i; /* no two follow each other */
    json_auto_t *record = record_of(papers, MANY, FALSE);
    expect_taken(record);
    assert_int_equal(json_array_size(json_object_get(record, "papers")), RECORD_LIST_MAX);
    assert_int_equal(json_integer_value(json_object_get(record, "papers_total")), MANY);
}

static void
test_fingerprint_record_undone_names_the_register_before(void **state)
{
    const guint32 one = 1;
    static char unit[] = "u";
    const Settings settings = {.unit = unit};
    FingerprintChange change = {"remove", &one, 1, NULL, BEFORE, BEFORE, 0};
    json_auto_t *record = fingerprint_record(&settings, &change, TRUE);
    assert_string_equal(json_string_value(json_object_get(record, "papers_digest")), BEFORE);
    assert_string_equal(json_string_value(json_object_get(record, "reason")), "not-written");
    expect_taken(record);
    change.before = ""; /* the first paper of all */
    json_auto_t *first = fingerprint_record(&settings, &change, FALSE);
    assert_null(json_object_get(first, "papers_before"));
    assert_null(json_object_get(first, "officer"));
    assert_true(*json_string_value(json_object_get(first, "actor")) != '\0');
    expect_taken(first);
}

static void
test_record_of_papers_takes_no_words_of_its_own(void **state)
{
    const guint32 one = 1;
    static const char *const fields[] = {"label", "title", "file", "note", "sender", "findings"};
    for (gsize i = 0; i < G_N_ELEMENTS(fields); i++) {
        g_autoptr(GError) error = NULL;
        json_auto_t *record = record_of(&one, 1, FALSE);
        expect_taken(record);
        json_object_set_new(record, fields[i], json_string("x"));
        assert_false(record_check(record, &error));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fingerprint_record_names_numbers_and_runs_of_them),
        cmocka_unit_test(test_fingerprint_record_of_many_papers_fits),
        cmocka_unit_test(test_fingerprint_record_undone_names_the_register_before),
        cmocka_unit_test(test_record_of_papers_takes_no_words_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
