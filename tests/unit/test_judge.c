#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "judge.h"
#include <string.h>

#define NOW (G_GINT64_CONSTANT(1768435200) * G_USEC_PER_SEC) /* 2026-01-15 */

static Ruleset *shipped;

static int
load_packs(void **state)
{
    const char *top = g_getenv("top_srcdir");
    g_autofree char *directory = g_build_filename(top != NULL ? top : ".", "rules", "packs", NULL);
    g_autoptr(Problems) problems = problems_new();

    shipped = ruleset_load(directory, NULL, NULL, problems);
    return shipped != NULL ? 0 : -1;
}

static int
free_packs(void **state)
{
    ruleset_free(shipped);
    return 0;
}

static Segment
segment_of(PlaceKind place, const char *text)
{
    Segment segment = {
        .place = {.kind = place, .line = place == PLACE_BODY ? 1 : 0},
        .charset = "utf-8",
        .declared = TRUE,
        .text = text,
        .length = strlen(text),
    };

    return segment;
}

static GPtrArray *
judge_text(PlaceKind place, const char *text)
{
    static const JudgeLimits limits = {.max_hits = 10000, .max_findings = 200};
    GPtrArray *findings = g_ptr_array_new_with_free_func((GDestroyNotify)finding_free);
    Judge *judge = judge_new(shipped, &limits);
    Segment segment = segment_of(place, text);
    g_autoptr(GError) error = NULL;

    judge_begin(judge, NOW, findings);
    if (!judge_segment(judge, &segment, &error))
        fail_msg("%s", error->message);
    judge_part_end(judge, 0);
    judge_free(judge);
    return findings;
}

/* The strictest finding; NULL if there is none. */
static const Finding *
strictest(const GPtrArray *findings)
{
    const Finding *best = NULL;

    for (guint i = 0; i < findings->len; i++) {
        const Finding *finding = g_ptr_array_index(findings, i);
        if (best == NULL || finding->class > best->class ||
            (finding->class == best->class && finding->score > best->score))
            best = finding;
    }
    return best;
}

/* --- the five public texts: whole bodies that talk about secrecy ---------------------------- */

/* The file whose name begins so, beside the source tree or beside its parent; NULL if it is not there. */
static char *
source_text(const char *prefix)
{
    const char *top = g_getenv("top_srcdir");
    static const char *const places[] = {"..", "../.."};

    for (guint i = 0; i < G_N_ELEMENTS(places); i++) {
        g_autofree char *directory = g_build_filename(top != NULL ? top : ".", places[i], "shared", "sources", NULL);
        g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
        const char *name = NULL;
        while (dir != NULL && (name = g_dir_read_name(dir)) != NULL && !g_str_has_prefix(name, prefix))
            ;
        if (name == NULL)
            continue;
        g_autofree char *path = g_build_filename(directory, name, NULL), *text = NULL;
        assert_true(g_file_get_contents(path, &text, NULL, NULL));
        return g_utf8_make_valid(text, -1);
    }
    return NULL;
}

static void
expect_source(const char *prefix, Class wanted)
{
    g_autofree char *text = source_text(prefix);

    if (text == NULL) {
        print_message("# %s is not here, not tried\n", prefix);
        return;
    }
    g_autoptr(GPtrArray) findings = judge_text(PLACE_BODY, text);
    const Finding *best = strictest(findings);
    assert_non_null(best);
    if (best->class != wanted)
        fail_msg("%s: class %s «%s»", prefix, class_word(best->class), best->excerpt);
}

static void
test_judge_talking_about_secrecy_is_a_mention(void **state)
{
    expect_source("000", CLASS_MENTION);
    expect_source("001", CLASS_MENTION);
    expect_source("002", CLASS_MENTION);
    expect_source("004", CLASS_MENTION);
}

static void
test_judge_mark_on_the_last_line_is_found(void **state)
{
    expect_source("003", CLASS_WORK);
}

static void
test_judge_finding_explains_itself(void **state)
{
    g_autoptr(GPtrArray) findings = judge_text(PLACE_BODY, "000012\n机密★10年\n特急\n\n关于有关情况的报告\n");
    const Finding *best = strictest(findings);

    assert_int_equal(best->class, CLASS_STATE);
    assert_int_equal(best->level, LEVEL_HIGHLY_SECRET);
    assert_int_equal(best->confidence, CONFIDENCE_CONFIRMED);
    assert_int_equal(best->line, 2);
    assert_true(best->header_zone);
    assert_string_equal(best->excerpt, "机密★10年");
    assert_string_equal(best->mark.term, "10年");
    assert_int_equal(best->from, strlen("000012\n"));
    int sum = 0;
    for (guint i = 0; i < best->reasons->len; i++) {
        const Reason *reason = &g_array_index(best->reasons, Reason, i);
        sum += reason->score;
        assert_string_not_equal(reason_text(reason->id, TRUE), reason->id);
    }
    assert_int_equal(sum, best->score);
}

static void
test_judge_reads_overridden_text_as_it_is_seen(void **state)
{
    const char *text = "你看这个：\n\u202E年01★密机\u202C\n关于方案的报告";
    g_autoptr(GPtrArray) findings = judge_text(PLACE_BODY, text);
    const Finding *best = strictest(findings);

    assert_int_equal(best->class, CLASS_STATE);
    assert_int_equal(best->level, LEVEL_HIGHLY_SECRET);
    assert_string_equal(best->mark.term, "10年");
    assert_int_equal(best->from, strlen("你看这个：\n"));
    assert_true(best->to <= strlen(text));
}

static void
test_judge_reads_what_codes_say(void **state)
{
    static const char *const texts[] = {
        "你看这个：\n\\u673a\\u5bc6\\u260510\\u5e74\n", "你看这个：\n%E6%9C%BA%E5%AF%86%E2%98%8510%E5%B9%B4\n",
        "你看这个：\nu/rD3KHvMTDE6g==\n", "你看这个：\nNXB5NjVhK0c0cGlGTVREbHViUT0=\n", /* base64 of base64 */
    };
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(GPtrArray) findings = judge_text(PLACE_BODY, texts[i]);
        const Finding *best = strictest(findings);
        assert_non_null(best);
        assert_int_equal(best->class, CLASS_STATE);
        assert_int_equal(best->confidence, CONFIDENCE_CONFIRMED);
        assert_string_equal(best->mark.term, "10年");
        assert_int_equal(best->from, strlen("你看这个：\n"));
        assert_true(best->to <= strlen(texts[i]));
    }
    g_autoptr(GPtrArray) none = judge_text(PLACE_HEADER, texts[2]); /* a signature's base64 is nobody's text */
    assert_int_equal(none->len, 0);
}

/* --- limits --------------------------------------------------------------------------------- */

static Judge *
judge_with(guint max_hits, guint max_findings, GPtrArray *findings)
{
    const JudgeLimits limits = {.max_hits = max_hits, .max_findings = max_findings};
    Judge *judge = judge_new(shipped, &limits);

    judge_begin(judge, NOW, findings);
    return judge;
}

static void
test_judge_part_end_tells_of_the_hit_cap(void **state)
{
    g_autoptr(GPtrArray) findings = g_ptr_array_new_with_free_func((GDestroyNotify)finding_free);
    g_autoptr(Judge) judge = judge_with(20, 50, findings);
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < 100; i++)
        g_string_append(text, "文件属于机密级的，按规定办理。\n");
    Segment segment = segment_of(PLACE_BODY, text->str);
    assert_true(judge_segment(judge, &segment, NULL));
    assert_true(judge_part_end(judge, 0));
    segment.part = 1;
    segment.length = strlen("文件属于机密级的");
    assert_true(judge_segment(judge, &segment, NULL));
    assert_false(judge_part_end(judge, 1));
    g_string_free(text, TRUE);
}

static void
test_judge_full_of_findings_keeps_the_strongest(void **state)
{
    g_autoptr(GPtrArray) findings = g_ptr_array_new_with_free_func((GDestroyNotify)finding_free);
    g_autoptr(Judge) judge = judge_with(10000, 3, findings);
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < 30; i++)
        g_string_append(text, "现将内部资料有关情况说明如下\n内部资料 注意保存\n\n谈谈机密工作\n");
    g_string_append(text, "机密★10年\n");
    Segment segment = segment_of(PLACE_BODY, text->str);
    assert_true(judge_segment(judge, &segment, NULL));
    assert_int_equal(findings->len, 3);
    assert_int_equal(strictest(findings)->class, CLASS_STATE);
    g_string_free(text, TRUE);
}

static void
test_judge_tells_a_mark_seen_twice_once(void **state)
{
    g_autoptr(GPtrArray) findings = g_ptr_array_new_with_free_func((GDestroyNotify)finding_free);
    g_autoptr(Judge) judge = judge_with(10000, 50, findings);
    Segment segment = segment_of(PLACE_BODY, "机密★10年\n\n关于情况的报告");

    assert_true(judge_segment(judge, &segment, NULL));
    guint once = findings->len;
    segment.charset = "gb18030";
    assert_true(judge_segment(judge, &segment, NULL));
    assert_int_equal(findings->len, once);
    segment.part = 2;
    assert_true(judge_segment(judge, &segment, NULL));
    assert_true(findings->len > once);
}

static void
test_judge_continued_segment_is_no_first_page(void **state)
{
    g_autoptr(GPtrArray) findings = g_ptr_array_new_with_free_func((GDestroyNotify)finding_free);
    g_autoptr(Judge) judge = judge_with(10000, 50, findings);
    Segment segment = segment_of(PLACE_BODY, "机密\n后面还有很多正文。\n一\n二\n三\n四");

    segment.place.continued = TRUE;
    segment.place.line = 5000;
    assert_true(judge_segment(judge, &segment, NULL));
    assert_int_equal(strictest(findings)->class, CLASS_MENTION);
    assert_int_equal(strictest(findings)->line, 5000);
}

static void
test_judge_knows_the_header_zones_of_documents(void **state)
{
    static const struct {
        Place place;
        gboolean zone;
    } rows[] = {
        {{.kind = PLACE_BODY}, TRUE},
        {{.kind = PLACE_PAGE_HEADER}, TRUE},
        {{.kind = PLACE_PAGE_HEADER, .page = 1}, TRUE},
        {{.kind = PLACE_PAGE_HEADER, .page = 2}, FALSE},
        {{.kind = PLACE_TEXT_BOX}, TRUE},
        {{.kind = PLACE_SHEET_NAME, .page = 3}, TRUE},
        {{.kind = PLACE_PAGE_FOOTER, .page = 1}, FALSE},
        {{.kind = PLACE_PAGE_FOOTER, .page = 1, .head = TRUE}, TRUE},
        {{.kind = PLACE_NOTE}, FALSE},
        {{.kind = PLACE_ANNOTATION}, FALSE},
        {{.kind = PLACE_PROPERTY}, FALSE},
        {{.kind = PLACE_REVISION}, FALSE},
        {{.kind = PLACE_HIDDEN}, FALSE},
        {{.kind = PLACE_ALTERNATIVE}, FALSE},
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GPtrArray) findings = g_ptr_array_new_with_free_func((GDestroyNotify)finding_free);
        g_autoptr(Judge) judge = judge_with(10000, 50, findings);
        Segment segment = segment_of(rows[i].place.kind, "机密★10年\n某某文件");
        segment.place = rows[i].place;
        assert_true(judge_segment(judge, &segment, NULL));
        assert_int_equal(strictest(findings)->class, CLASS_STATE);
        assert_int_equal(strictest(findings)->confidence, CONFIDENCE_CONFIRMED);
        if (strictest(findings)->header_zone != rows[i].zone)
            fail_msg("%s, page %u", place_word(rows[i].place.kind), rows[i].place.page);
    }
}

static gboolean
has_reason(const Finding *finding, const char *id)
{
    for (guint i = 0; i < finding->reasons->len; i++)
        if (strcmp(g_array_index(finding->reasons, Reason, i).id, id) == 0)
            return TRUE;
    return FALSE;
}

static void
test_judge_sees_size_colour_and_pictures_of_a_page(void **state)
{
    /* 0: 榆林县档案馆文件, 25: 机密, 32: the rest */
    static const char text[] = "榆林县档案馆公函\n机密\n请各科室在本周五以前把名单交到办公室，逾期不再受理。";
    static const struct {
        const char *name;
        Face faces[4];
        guint face_count, look;
        const char *reason;
        gboolean seen;
    } rows[] = {
        {"larger", {{0, 160, 0}, {25, 220, 0}, {32, 160, 0}}, 3, 0, "prominent", TRUE},
        {"hardly larger", {{0, 160, 0}, {25, 165, 0}, {32, 160, 0}}, 3, 0, "prominent", FALSE},
        {"smaller", {{0, 160, 0}, {25, 90, 0}, {32, 160, 0}}, 3, 0, "prominent", FALSE},
        {"red", {{0, 0, 0}, {25, 0, 0xFF0000}, {32, 0, 0}}, 3, 0, "prominent", TRUE},
        {"all red", {{0, 160, 0xFF0000}}, 1, 0, "prominent", FALSE},
        {"no face", {{0}}, 0, 0, "prominent", FALSE},
        {"large red head", {{0, 360, 0xE60012}, {25, 160, 0}}, 2, 0, "red-head", TRUE},
        {"large black head", {{0, 360, 0}, {25, 160, 0}}, 2, 0, "red-head", FALSE},
        {"small red head", {{0, 160, 0xE60012}, {25, 160, 0}}, 2, 0, "red-head", FALSE},
        {"red word", {{0, 360, 0xE60012}, {9, 160, 0}}, 2, 0, "red-head", FALSE},
        {"red head in a picture", {{0}}, 0, LOOK_RED_HEAD, "red-head", TRUE},
        {"seal in a picture", {{0}}, 0, LOOK_SEAL, "paper-elements", TRUE},
        {"picture of neither", {{0}}, 0, 0, "paper-elements", FALSE},
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GPtrArray) findings = g_ptr_array_new_with_free_func((GDestroyNotify)finding_free);
        g_autoptr(Judge) judge = judge_with(10000, 50, findings);
        Segment segment = segment_of(PLACE_BODY, text);
        segment.faces = rows[i].faces;
        segment.face_count = rows[i].face_count;
        segment.place.look = rows[i].look;
        assert_true(judge_segment(judge, &segment, NULL));
        if (has_reason(strictest(findings), rows[i].reason) != rows[i].seen)
            fail_msg("%s: %s", rows[i].name, rows[i].reason);
    }
}

static void
test_judge_mistakes_of_scans_count_in_the_header_zone_only(void **state)
{
    static const struct {
        const char *text;
        gboolean ocr, head;
        Class class;
    } rows[] = {
        {"机密汝10年\n某某市人民政府文件", TRUE, TRUE, CLASS_STATE},
        {"机密妇\n某某市人民政府文件", TRUE, TRUE, CLASS_STATE},
        {"机密汝10年\n某某市人民政府文件", TRUE, FALSE, CLASS_MENTION},
        {"机密汝10年\n某某市人民政府文件", FALSE, FALSE, CLASS_MENTION},
        {"我院门诊时间\n机密女士10年前来过", TRUE, TRUE, CLASS_MENTION},
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GPtrArray) findings = g_ptr_array_new_with_free_func((GDestroyNotify)finding_free);
        g_autoptr(Judge) judge = judge_with(10000, 50, findings);
        Segment segment = segment_of(PLACE_BODY, rows[i].text);
        segment.place.ocr = rows[i].ocr;
        segment.place.head = rows[i].head;
        assert_true(judge_segment(judge, &segment, NULL));
        if (findings->len == 0 || strictest(findings)->class != rows[i].class)
            fail_msg("row %u: class %d", i, findings->len == 0 ? -1 : (int)strictest(findings)->class);
    }
}

static void
test_judge_examination_is_told_as_such(void **state)
{
    g_autoptr(GPtrArray) findings = judge_text(PLACE_BODY, "绝密★启用前\n\n全国统一资格考试\n综合知识");
    g_autoptr(GPtrArray) past = judge_text(PLACE_BODY, "绝密★启用前\n\n2019年全国统一资格考试\n综合知识");
    g_autoptr(GPtrArray) ahead = judge_text(PLACE_BODY, "绝密★启用前\n\n2026年全国统一资格考试\n综合知识");

    assert_int_equal(strictest(findings)->class, CLASS_STATE);
    assert_true(strictest(findings)->mark.exam);
    assert_int_equal(strictest(past)->class, CLASS_MENTION);
    assert_int_equal(strictest(ahead)->class, CLASS_STATE);
}

static void
test_judge_offsets_lead_to_the_source(void **state)
{
    const char *text = "各位：\n\n機\u200B 密　★ 1 0 年　　\n關於報告";
    g_autoptr(GPtrArray) findings = judge_text(PLACE_BODY, text);
    const Finding *best = strictest(findings);

    g_autofree char *found = g_strndup(text + best->from, best->to - best->from);
    assert_string_equal(found, "機\u200B 密　★ 1 0 年");
    assert_int_equal(best->line, 3);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_judge_talking_about_secrecy_is_a_mention),
        cmocka_unit_test(test_judge_mark_on_the_last_line_is_found),
        cmocka_unit_test(test_judge_finding_explains_itself),
        cmocka_unit_test(test_judge_reads_overridden_text_as_it_is_seen),
        cmocka_unit_test(test_judge_reads_what_codes_say),
        cmocka_unit_test(test_judge_part_end_tells_of_the_hit_cap),
        cmocka_unit_test(test_judge_full_of_findings_keeps_the_strongest),
        cmocka_unit_test(test_judge_tells_a_mark_seen_twice_once),
        cmocka_unit_test(test_judge_continued_segment_is_no_first_page),
        cmocka_unit_test(test_judge_knows_the_header_zones_of_documents),
        cmocka_unit_test(test_judge_sees_size_colour_and_pictures_of_a_page),
        cmocka_unit_test(test_judge_mistakes_of_scans_count_in_the_header_zone_only),
        cmocka_unit_test(test_judge_examination_is_told_as_such),
        cmocka_unit_test(test_judge_offsets_lead_to_the_source),
    };
    return cmocka_run_group_tests(tests, load_packs, free_packs);
}
