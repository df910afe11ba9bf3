/* Records: canonical form, schema, spelling of foreign bytes. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "clock.h"
#include "errors.h"
#include "record.h"
#include "record_draft.h"
#include "record_scan.h"
#include "sample_record.h"
#include <string.h>

static void
test_record_line_sorts_and_packs(void **state)
{
    json_t *record = json_pack("{s:i, s:s, s:[i,i], s:{s:b}}", "z", 1, "a", "\xe5\x87\xbd\n", "m", 1, 2, "k", "y", 1);
    gsize length = 0;
    g_autofree char *line = record_line(record, &length, NULL);
    assert_string_equal(line, "{\"a\":\"\xe5\x87\xbd\\n\",\"k\":{\"y\":true},\"m\":[1,2],\"z\":1}");
    assert_int_equal(length, strlen(line));
    json_decref(record);
}

static void
test_record_line_refuses_what_has_two_forms(void **state)
{
    json_t *values[] = {json_real(1.5), json_null(), json_pack("[{s:f}]", "x", 1.0), json_pack("[n]")};
    for (gsize i = 0; i < G_N_ELEMENTS(values); i++) {
        g_autoptr(GError) error = NULL;
        json_t *record = json_object();
        json_object_set_new(record, "x", values[i]);
        assert_null(record_line(record, NULL, &error));
        assert_int_equal(error->code, HANGU_ERROR_DATA);
        json_decref(record);
    }
}

static void
test_record_line_refuses_too_long(void **state)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *long_text = g_strnfill(RECORD_LINE_MAX, 'x');
    json_t *record = json_pack("{s:s}", "x", long_text);
    assert_null(record_line(record, NULL, &error));
    assert_non_null(strstr(error->message, "bytes"));
    json_decref(record);
}

static void
test_record_parse_takes_canonical_lines_only(void **state)
{
    static const struct {
        const char *line;
        gboolean good;
    } rows[] = {
        {"{\"a\":1,\"b\":[\"x\"]}", TRUE},
        {"{}", TRUE},
        {"", FALSE},
        {"[]", FALSE},
        {"{\"b\":1,\"a\":1}", FALSE},
        {"{\"a\": 1}", FALSE},
        {"{\"a\":1} ", FALSE},
        {"{\"a\":1,\"a\":1}", FALSE},
        {"{\"a\":1.0}", FALSE},
        {"{\"a\":-0}", FALSE},
        {"{\"a\":null}", FALSE},
        {"{\"a\":\"\\u0041\"}", FALSE},
        {"{\"a\":\"\\/\"}", FALSE},
        {"{\"a\":\"\xff\"}", FALSE},
        {"{\"a\":\"\\u0000\"}", FALSE},
        {"{\"a\":1}x", FALSE},
        {"{\"a\":99999999999999999999}", FALSE},
        {"{\"a\":9223372036854775807}", TRUE},
        {"{\"a\":9223372036854775808}", FALSE},
        {"{\"a\":-9223372036854775808}", TRUE},
        {"{\"a\":-9223372036854775809}", FALSE},
        {"{\"a\":01}", FALSE},
        {"{\"a\":0}", TRUE},
        {"{\"a\":-}", FALSE},
        {"{\"a\":+1}", FALSE},
        {"{\"a\":1e2}", FALSE},
        {"{\"a\":\"\\n\\t\\u001F\\\\\\\"\"}", TRUE},
        {"{\"a\":\"\\u001f\"}", FALSE},
        {"{\"a\":\"\\u000A\"}", FALSE},
        {"{\"a\":\"\\u0020\"}", FALSE},
        {"{\"a\":\"\x7f\xf0\x9f\x93\xa7\"}", TRUE},
        {"{\"a\":\"\xed\xa0\x80\"}", FALSE},
        {"{\"a\":[],\"ab\":{},\"b\":[true,false,[1]]}", TRUE},
        {"{\"ab\":1,\"a\":1}", FALSE},
        {"{\"a\\n\":1}", FALSE},
        {"{\"a\":[1,]}", FALSE},
        {"{\"a\":1,}", FALSE},
        {"{\"a\":[[[[[[[1]]]]]]]}", TRUE},
        {"{\"a\":[[[[[[[[1]]]]]]]]}", FALSE},
        {"{\"a\":tru", FALSE},
        {"{\"a\":\"", FALSE},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = NULL;
        json_t *record = record_parse(rows[i].line, strlen(rows[i].line), &error);
        if ((record != NULL) != rows[i].good)
            fail_msg("%s: %s", rows[i].line, error != NULL ? error->message : "taken");
        if (record_scan(rows[i].line, strlen(rows[i].line), NULL, NULL) != rows[i].good)
            fail_msg("%s: the scanner says otherwise", rows[i].line);
        json_decref(record);
    }
}

/* One byte of a good line changed anywhere: the scanner says what reading and writing again says. */
static void
test_record_scan_agrees_with_writing_again(void **state)
{
    static const char replacements[] = " \",:{}[]\\0-au\x01\xff";
    json_t *record = sample_letter();
    gsize length = 0;
    g_autofree char *line = record_line(record, &length, NULL);
    json_decref(record);
    for (gsize i = 0; i < length; i++) {
        char was = line[i];
        for (gsize r = 0; r + 1 < sizeof replacements; r++) {
            line[i] = replacements[r];
            gsize again_length = 0;
            json_t *again = json_loadb(line, length, JSON_REJECT_DUPLICATES, NULL);
            g_autofree char *text = again != NULL ? record_line(again, &again_length, NULL) : NULL;
            gboolean same = text != NULL && again_length == length && memcmp(text, line, length) == 0;
            json_decref(again);
            if (record_scan(line, length, NULL, NULL) != same)
                fail_msg("byte %u as %02x: %s", (guint)i, (guint8)line[i], line);
        }
        line[i] = was;
    }
}

static void
test_record_scan_gives_the_link(void **state)
{
    RecordLink link;
    gboolean linked = FALSE;
    json_t *record = sample_letter();
    json_object_set_new(record, "seq", json_integer(77));
    g_autofree char *line = record_line(record, NULL, NULL);
    assert_true(record_scan(line, strlen(line), &linked, &link));
    assert_true(linked);
    assert_int_equal(link.seq, 77);
    assert_string_equal(link.prev, RECORD_NO_HASH);
    assert_string_equal(link.time, "2026-11-22T01:02:03.456Z");
    assert_string_equal(link.next, "");
    static const char *const fields[] = {"v", "seq", "prev", "time"};
    for (gsize i = 0; i < G_N_ELEMENTS(fields); i++) {
        json_t *kept = json_incref(json_object_get(record, fields[i]));
        json_object_set_new(record, fields[i], json_pack("[s]", "x"));
        g_autofree char *odd = record_line(record, NULL, NULL);
        assert_true(record_scan(odd, strlen(odd), &linked, &link));
        assert_false(linked);
        json_object_set_new(record, fields[i], kept);
    }
    json_decref(record);
}

static void
test_record_check_takes_a_whole_letter(void **state)
{
    g_autoptr(GError) error = NULL;
    json_t *record = sample_letter();
    if (!record_check(record, &error))
        fail_msg("%s", error->message);
    json_decref(record);
}

/* Puts `json` (NULL: nothing) at a path of keys and indexes in a good letter; `field` must be named. */
typedef struct {
    const char *path;
    const char *json;
    const char *field;
} Spoil;

static void
spoil(json_t *record, const Spoil *row)
{
    g_auto(GStrv) keys = g_strsplit(row->path, "/", -1);
    json_t *at = record;
    guint i = 0;
    for (; keys[i + 1] != NULL; i++)
        at = json_is_array(at) ? json_array_get(at, (gsize)g_ascii_strtoull(keys[i], NULL, 10))
                               : json_object_get(at, keys[i]);
    if (row->json == NULL)
        json_object_del(at, keys[i]);
    else
        json_object_set_new(at, keys[i], json_loads(row->json, JSON_DECODE_ANY, NULL));
}

static void
test_record_check_refuses(void **state)
{
    static const Spoil rows[] = {
        /* no place for content, at any level */
        {"subject", "\"x\"", "subject"},
        {"text", "\"x\"", "text"},
        {"findings/0/excerpt", "\"x\"", "findings[0].excerpt"},
        {"findings/0/mark", "{\"text\":\"x\"}", "findings[0].mark"},
        {"parts/1/name", "\"x\"", "parts[1].name"},
        {"parts/1/path", "\"x\"", "parts[1].path"},
        {"forward/subject", "\"x\"", "forward.subject"},
        {"findings/0/rule", "\"\u9694\u58c1\"", "findings[0].rule"},
        {"parts/1/type", "\"two words\"", "parts[1].type"},
        {"findings/0/place", "\"in the text\"", "findings[0].place"},
        /* missing */
        {"v", NULL, "v"},
        {"seq", NULL, "seq"},
        {"prev", NULL, "prev"},
        {"kind", NULL, "kind"},
        {"unit", NULL, "unit"},
        {"id", NULL, "id"},
        {"sender", NULL, "sender"},
        {"answer", NULL, "answer"},
        {"carried_out", NULL, "carried_out"},
        {"class", NULL, "class"},
        {"coverage", NULL, "coverage"},
        {"ruleset", NULL, "ruleset"},
        {"findings", NULL, "findings"},
        {"findings/0/rule", NULL, "findings[0].rule"},
        {"parts/0/coverage", NULL, "parts[0].coverage"},
        {"verdict", NULL, "verdict"}, /* then it is a letter without one, and has fields too many */
        /* wrong type or word */
        {"v", "2", "v"},
        {"seq", "-1", "seq"},
        {"seq", "\"1\"", "seq"},
        {"prev", "\"0\"", "prev"},
        {"time", "\"2026-11-22 01:02:03\"", "time"},
        {"kind", "\"note\"", "kind"},
        {"kind", "7", "kind"},
        {"id", "\"0123456789AU\"", "id"},
        {"verdict", "\"maybe\"", "verdict"},
        {"verdict", "\"accept|hold\"", "verdict"},
        {"answer", "\"\"", "answer"},
        {"level", "\"secre\"", "level"},
        {"carried_out", "0", "carried_out"},
        {"recipients", "\"a\"", "recipients"},
        {"recipients", "[1]", "recipients[0]"},
        {"sender", "\"a\\nb\"", "sender"},
        {"sender", "\"a\\u202eb\"", "sender"},
        {"reply", "\"\u62d2\u7edd\"", "reply"},
        {"findings", "{}", "findings"},
        {"findings", "[[]]", "findings[0]"},
        {"parts/1/digest", "\"md5:00\"", "parts[1].digest"},
        {"rank", "true", "rank"},
        {"findings/0/score", "1.5", NULL}, /* has no canonical form */
        {"queue_id", "null", NULL},
        /* of another kind */
        {"bytes", "1", "bytes"},
        {"actor", "\"li\"", "actor"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = NULL;
        json_t *record = sample_letter();
        spoil(record, &rows[i]);
        if (record_check(record, &error))
            fail_msg("%s = %s was taken", rows[i].path, rows[i].json);
        g_autofree char *wanted =
            rows[i].field != NULL ? g_strdup_printf("field %s:", rows[i].field) : g_strdup("no reals, no null");
        if (strcmp(rows[i].path, "verdict") != 0 && strstr(error->message, wanted) == NULL)
            fail_msg("%s = %s: %s", rows[i].path, rows[i].json, error->message);
        json_decref(record);
    }
}

/* The same letter with every field whose text needs more than its own characters. */
static void
test_record_check_line_counts_characters_not_escapes(void **state)
{
    static const struct {
        const char *text; /* repeated to `bytes` */
        gsize bytes;
        gboolean good;
    } rows[] = {
        {"x", 320, TRUE},           {"x", 321, FALSE},  {"\\", 320, TRUE},           {"\\", 321, FALSE},
        {"\"", 320, TRUE},          {"\"", 321, FALSE}, {"\xe5\x87\xbd", 318, TRUE}, {"\xe5\x87\xbd", 321, FALSE},
        {"\t", 1, FALSE},           {"\x01", 1, FALSE}, {"\x7f", 1, FALSE},          {"\xc2\x85", 2, FALSE},
        {"\xe2\x80\xae", 3, FALSE}, {" ", 1, TRUE},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GString) text = g_string_new(NULL);
        while (text->len < rows[i].bytes)
            g_string_append(text, rows[i].text);
        json_t *record = sample_letter();
        json_object_set_new(record, "sender", json_string(text->str));
        if (record_check(record, NULL) != rows[i].good)
            fail_msg("row %u", (guint)i);
        json_decref(record);
    }
}

static void
test_record_check_line_refuses_other_forms(void **state)
{
    json_t *record = sample_letter();
    gsize length = 0;
    g_autofree char *line = record_line(record, &length, NULL);
    g_autofree char *loose = json_dumps(record, JSON_SORT_KEYS);
    g_autofree char *unsorted = json_dumps(record, JSON_COMPACT);
    assert_true(record_check_line(line, length, NULL));
    assert_false(record_check_line(line, length - 1, NULL));
    assert_false(record_check_line(line, 0, NULL));
    assert_false(record_check_line(loose, strlen(loose), NULL));
    assert_false(record_check_line(unsorted, strlen(unsorted), NULL));
    *strstr(line, "wang@") = (char)0xC3; /* no UTF-8 */
    assert_false(record_check_line(line, length, NULL));
    json_decref(record);
}

/* A draft of a line's own fields, put in any order, is the line. */
static void
test_record_draft_line_is_canonical(void **state)
{
    g_autoptr(RecordDraft) draft = record_draft_new();
    record_draft_plain(draft, "z", "last");
    record_draft_integer(draft, "b", -7);
    record_draft_boolean(draft, "ab", TRUE);
    record_draft_integer(draft, "a", 1);
    record_draft_plain(draft, "m", NULL);
    record_draft_integer(draft, "a", G_MAXINT64); /* once more: the last counts */
    record_draft_put(draft, &(RecordSpan){"list", 4}, &(RecordSpan){"[1,2]", 5});
    gsize length = 0;
    g_autofree char *line = record_draft_line(draft, &length);
    assert_string_equal(line, "{\"a\":9223372036854775807,\"ab\":true,\"b\":-7,\"list\":[1,2],\"z\":\"last\"}");
    assert_int_equal(length, strlen(line));
    assert_true(record_scan(line, length, NULL, NULL));
    g_autoptr(GPtrArray) texts = g_ptr_array_new();
    g_ptr_array_add(texts, (char *)"a\"b\\");
    g_ptr_array_add(texts, (char *)"\xff\n\xe5\x87\xbd");
    json_t *record = json_object();
    record_put_text(record, "one", texts->pdata[0]);
    record_put_texts(record, "more", texts);
    record_put_texts(record, "none", NULL);
    g_autoptr(RecordDraft) same = record_draft_new();
    record_draft_text(same, "one", texts->pdata[0]);
    record_draft_text(same, "nothing", NULL);
    record_draft_texts(same, "none", NULL);
    record_draft_texts(same, "more", texts);
    g_autofree char *wanted = record_line(record, NULL, NULL);
    g_autofree char *got = record_draft_line(same, &length);
    assert_string_equal(got, wanted);
    json_decref(record);
    g_autoptr(RecordDraft) empty = record_draft_new();
    g_autofree char *nothing = record_draft_line(empty, &length);
    assert_string_equal(nothing, "{}");
}

static void
test_record_check_letter_without_a_verdict_needs_its_failure(void **state)
{
    static const char *const judged[] = {"verdict", "class",   "level",    "rank",  "confidence", "coverage", "policy",
                                         "term",    "actions", "findings", "parts", "forward",    "oddities"};
    g_autoptr(GError) error = NULL;
    json_t *record = sample_letter();
    for (gsize i = 0; i < G_N_ELEMENTS(judged); i++)
        json_object_del(record, judged[i]);
    assert_false(record_check(record, &error));
    assert_non_null(strstr(error->message, "failure"));
    record_put_word(record, "failure", "inspector-died");
    assert_true(record_check(record, NULL));
    json_decref(record);
}

static void
test_record_check_other_kinds(void **state)
{
    static const struct {
        const char *kind, *fields;
    } rows[] = {
        {"start", "{\"mode\":\"observe\",\"pid\":7}"},
        {"stop", "{}"},
        {"reload", "{\"ruleset\":\"" SAMPLE_DIGEST "\"}"},
        {"release", "{\"queue_id\":\"4ABC1\",\"new_queue_id\":\"4ABC2\",\"actor\":\"li\",\"id\":\"0123456789AB\"}"},
        {"drop", "{\"queue_id\":\"4ABC1\",\"actor\":\"li\"}"},
        {"repair", "{\"file\":\"hangu-000001.log\",\"bytes\":12,\"sha256\":\"" SAMPLE_DIGEST "\"}"},
        {"rotate", "{\"next\":\"hangu-000002.log\"}"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = NULL;
        json_t *record = record_new(rows[i].kind, "unit", "test 1");
        json_t *fields = json_loads(rows[i].fields, 0, NULL);
        json_object_update(record, fields);
        json_decref(fields);
        json_object_set_new(record, "seq", json_integer(9));
        json_object_set_new(record, "prev", json_string(RECORD_NO_HASH));
        if (!record_check(record, &error))
            fail_msg("%s: %s", rows[i].kind, error->message);
        json_object_set_new(record, "sender_name", json_string("x"));
        assert_false(record_check(record, NULL));
        json_decref(record);
    }
}

static void
test_record_put_text_spells_what_cannot_stand(void **state)
{
    static const struct {
        const char *bytes, *text;
    } rows[] = {
        {"wang@unit.example", "wang@unit.example"},
        {"\xe7\x8e\x8b@\xe5\x8d\x95\xe4\xbd\x8d.example", "\xe7\x8e\x8b@\xe5\x8d\x95\xe4\xbd\x8d.example"},
        {"a\r\nb\x7f", "a\\x0d\\x0ab\\x7f"},
        {"a\\x0d", "a\\x5cx0d"},
        {"\xff\xc3", "\\xff\\xc3"},
        {"a\xe2\x80\xae"
         "b",
         "a\\xe2\\x80\\xaeb"}, /* right-to-left override */
        {"", ""},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        json_t *object = json_object();
        record_put_text(object, "sender", rows[i].bytes);
        assert_string_equal(json_string_value(json_object_get(object, "sender")), rows[i].text);
        json_decref(object);
    }
    json_t *object = json_object();
    record_put_text(object, "sender", NULL);
    assert_null(json_object_get(object, "sender"));
    json_decref(object);
}

static void
test_record_put_text_cuts_at_the_limit(void **state)
{
    for (gsize length = RECORD_TEXT_MAX - 2; length < RECORD_TEXT_MAX + 9; length++) {
        json_t *record = sample_letter();
        g_autofree char *bytes = g_strnfill(length, 'x');
        bytes[length - 1] = '\xff';
        record_put_text(record, "helo", bytes);
        const char *text = json_string_value(json_object_get(record, "helo"));
        assert_true(strlen(text) <= RECORD_TEXT_MAX);
        assert_true(g_str_has_suffix(text, length + 3 > RECORD_TEXT_MAX ? "..." : "\\xff"));
        assert_true(record_check(record, NULL));
        json_decref(record);
    }
}

static void
test_record_put_word_makes_a_word(void **state)
{
    json_t *record = sample_letter();
    json_t *part = json_array_get(json_object_get(record, "parts"), 0);
    record_put_word(part, "type", "application/\xe7\xbb\x9d\xe5\xaf\x86; x");
    assert_string_equal(json_string_value(json_object_get(part, "type")), "application/________x");
    assert_true(record_check(record, NULL));
    record_put_word(part, "type", "");
    assert_true(record_check(record, NULL));
    json_decref(record);
}

static void
test_record_fit_shortens_the_longest_lists(void **state)
{
    json_t *record = sample_letter();
    json_t *parts = json_object_get(record, "parts");
    json_t *recipients = json_object_get(record, "recipients");
    while (json_array_size(parts) < 900)
        json_array_append_new(parts, json_deep_copy(json_array_get(parts, 1)));
    while (json_array_size(recipients) < 200)
        json_array_append_new(recipients, json_string("somebody@outside.example"));
    record_fit(record);
    gsize length = 0;
    g_autofree char *line = record_line(record, &length, NULL);
    assert_non_null(line);
    assert_true(length < RECORD_LINE_MAX && length > RECORD_LINE_MAX / 2);
    assert_int_equal(json_integer_value(json_object_get(record, "parts_total")), 900);
    assert_null(json_object_get(record, "recipients_total"));
    assert_int_equal(json_array_size(json_object_get(record, "recipients")), 200);
    assert_true(record_check(record, NULL));
    json_decref(record);
}

static void
test_record_fit_leaves_a_short_record_alone(void **state)
{
    json_t *record = sample_letter(), *same = sample_letter();
    record_fit(record);
    assert_true(json_equal(record, same));
    json_decref(record);
    json_decref(same);
}

static void
test_record_id_new_is_an_id(void **state)
{
    g_autofree char *one = record_id_new(), *two = record_id_new();
    assert_int_equal(strlen(one), RECORD_ID_LENGTH);
    assert_int_equal(strspn(one, "0123456789ABCDEFGHJKMNPQRSTVWXYZ"), RECORD_ID_LENGTH);
    assert_string_not_equal(one, two);
}

static void
test_record_hash_is_sha256_of_the_bytes(void **state)
{
    char hex[RECORD_HASH_HEX + 1];
    record_hash("abc", 3, hex); /* FIPS 180-4 example */
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_true(record_is_hash(hex));
    hex[0] = 'B';
    assert_false(record_is_hash(hex));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_record_line_sorts_and_packs),
        cmocka_unit_test(test_record_line_refuses_what_has_two_forms),
        cmocka_unit_test(test_record_line_refuses_too_long),
        cmocka_unit_test(test_record_parse_takes_canonical_lines_only),
        cmocka_unit_test(test_record_scan_agrees_with_writing_again),
        cmocka_unit_test(test_record_scan_gives_the_link),
        cmocka_unit_test(test_record_check_takes_a_whole_letter),
        cmocka_unit_test(test_record_check_refuses),
        cmocka_unit_test(test_record_check_line_counts_characters_not_escapes),
        cmocka_unit_test(test_record_check_line_refuses_other_forms),
        cmocka_unit_test(test_record_draft_line_is_canonical),
        cmocka_unit_test(test_record_check_letter_without_a_verdict_needs_its_failure),
        cmocka_unit_test(test_record_check_other_kinds),
        cmocka_unit_test(test_record_put_text_spells_what_cannot_stand),
        cmocka_unit_test(test_record_put_text_cuts_at_the_limit),
        cmocka_unit_test(test_record_put_word_makes_a_word),
        cmocka_unit_test(test_record_fit_shortens_the_longest_lists),
        cmocka_unit_test(test_record_fit_leaves_a_short_record_alone),
        cmocka_unit_test(test_record_id_new_is_an_id),
        cmocka_unit_test(test_record_hash_is_sha256_of_the_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
