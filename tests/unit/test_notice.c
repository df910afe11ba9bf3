/* Notices: their words, what they never hold, and who is never written to. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "notice.h"
#include <gmime/gmime.h>
#include <string.h>

static const NoticeFrame frame = {"示例单位", "(010) 1234 5678", "postmaster@unit.example",
                                  G_GINT64_CONSTANT(1795305600) * G_USEC_PER_SEC};

/* The notice read again: its message (an owned reference) and decoded text. */
static GMimeMessage *
read_again(GBytes *bytes, char **text_out)
{
    gsize length;
    const char *data = g_bytes_get_data(bytes, &length);
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(data, length);
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
    assert_non_null(message);
    *text_out = g_mime_text_part_get_text(GMIME_TEXT_PART(g_mime_message_get_mime_part(message)));
    g_object_unref(parser);
    g_object_unref(stream);
    return message;
}

static void
test_every_notice_is_whole(void **state)
{
    g_autoptr(GHashTable) values = g_hash_table_new(g_str_hash, g_str_equal);
    g_hash_table_insert(values, (gpointer) "account", (gpointer) "li@unit.example");
    g_hash_table_insert(values, (gpointer) "date", (gpointer) "2026-12-01");
    g_hash_table_insert(values, (gpointer) "until", (gpointer) "2026-12-01T08:00:00Z");
    g_hash_table_insert(values, (gpointer) "to", (gpointer) "friend@outside.example");
    for (NoticeKind kind = 0; kind < NOTICE_KINDS; kind++)
        for (guint bit = 1; bit <= SUBMITTER_PROBLEMS_ALL; bit <<= 1) {
            const Notice notice = {kind, bit, "li@unit.example", "0123456789AB", values, 3, 0};
            const Notice *const one[] = {&notice};
            gsize body_from;
            g_autofree char *text = NULL;
            g_autoptr(GBytes) bytes = notice_compose(one, 1, &frame, &body_from);
            GMimeMessage *message = read_again(bytes, &text);
            GMimeObject *object = GMIME_OBJECT(message);
            assert_string_equal(g_mime_object_get_header(object, "Auto-Submitted"), "auto-replied");
            assert_non_null(g_mime_object_get_header(object, "Message-Id"));
            assert_non_null(strstr(g_mime_message_get_subject(message), " / "));
            static const char *const wanted[] = {"0123456789AB", "(010) 1234 5678", "示例单位", "3 次", "3 more"};
            for (gsize i = 0; i < G_N_ELEMENTS(wanted); i++)
                if (strstr(text, wanted[i]) == NULL)
                    fail_msg("%s lacks %s: %s", notice_kind_word(kind), wanted[i], text);
            static const char *const never[] = {"{", "}", "://", "www.", "(null)"};
            for (gsize i = 0; i < G_N_ELEMENTS(never); i++)
                assert_null(strstr(text, never[i]));
            const char *raw = g_bytes_get_data(bytes, NULL);
            assert_memory_equal(raw + body_from - 4, "\r\n\r\n", 4);
            for (const char *line = raw; line != NULL; line = strchr(line + 1, '\n'))
                assert_true(strcspn(line + 1, "\n") < 200);
            g_object_unref(message);
            NoticeKind again;
            assert_true(notice_kind_parse(notice_kind_word(kind), &again) && again == kind);
        }
    NoticeKind none;
    assert_false(notice_kind_parse("surprise", &none));
    assert_false(notice_kind_parse(NULL, &none));
}

static void
test_values_bring_no_lines_and_no_links(void **state)
{
    g_autoptr(GHashTable) values = g_hash_table_new(g_str_hash, g_str_equal);
    g_autofree char *long_one = g_strnfill(5000, 'x');
    static const char hostile[] = "http://evil.example/login\r\nBcc: all@unit.example\n\xff\xfe<b>";
    const char *const cases[] = {hostile, long_one, ""};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_hash_table_insert(values, (gpointer) "to", (gpointer)cases[i]);
        const Notice notice = {NOTICE_FORWARD_STOPPED, 0, "li@unit.example", "0123456789AB", values, 0, 0};
        const Notice *const one[] = {&notice};
        gsize body_from;
        g_autofree char *text = NULL;
        g_autoptr(GBytes) bytes = notice_compose(one, 1, &frame, &body_from);
        GMimeMessage *message = read_again(bytes, &text);
        assert_null(strstr(text, "://"));
        assert_null(strstr(text, "\nBcc"));
        assert_null(strstr(text, "<b>"));
        assert_true(strlen(text) < 4000);
        g_object_unref(message);
    }
}

/* How often a text stands in another one. */
static guint
count_of(const char *text, const char *what)
{
    guint count = 0;
    for (const char *at = text; (at = strstr(at, what)) != NULL; at += strlen(what))
        count++;
    return count;
}

static void
test_what_is_told_in_the_same_words_stands_once(void **state)
{
    const char *const accounts[] = {"li@unit.example", "wang@unit.example", "zhao@unit.example"};
    g_autoptr(GPtrArray) tables = g_ptr_array_new_with_free_func((GDestroyNotify)g_hash_table_unref);
    Notice notices[4];
    const Notice *pointers[4];
    for (guint i = 0; i < G_N_ELEMENTS(notices); i++) {
        GHashTable *values = g_hash_table_new(g_str_hash, g_str_equal);
        g_hash_table_insert(values, (gpointer) "account", (gpointer)accounts[i % 3]);
        g_ptr_array_add(tables, values);
        notices[i] = (Notice){.kind = i < 3 ? NOTICE_OFFICER_WARNED : NOTICE_OFFICER_FORWARD,
                              .problem = SUBMITTER_PASSWORD_WEAK,
                              .recipient = "baomi@unit.example",
                              .record_id = "0123456789AB",
                              .values = values};
        pointers[i] = &notices[i];
    }
    gsize body_from;
    g_autofree char *text = NULL;
    g_autoptr(GBytes) bytes = notice_compose(pointers, 4, &frame, &body_from);
    GMimeMessage *message = read_again(bytes, &text);
    assert_non_null(strstr(g_mime_message_get_subject(message), "2 件事"));
    assert_int_equal(count_of(text, "邮箱密码太简单，容易被人猜到"), 1);
    assert_int_equal(count_of(text, "账号：wang@unit.example"), 1);
    assert_int_equal(count_of(text, "账号：li@unit.example"), 2);
    assert_int_equal(count_of(text, "记录编号：0123456789AB"), 4);
    assert_int_equal(count_of(text, "联系电话"), 1);
    g_object_unref(message);
}

/* "2026-12-01T08:00:00Z" says nothing to a clerk. */
static void
test_times_are_the_readers(void **state)
{
    g_autoptr(GHashTable) values = g_hash_table_new(g_str_hash, g_str_equal);
    static const struct {
        const char *until, *shown;
    } cases[] = {{"2026-12-01T08:00:00Z", "解除时间：2026-12-01 "},
                 {"-", "解除时间：由本单位保密员解除"},
                 {"", "Until: the security officer"}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_hash_table_insert(values, (gpointer) "until", (gpointer)cases[i].until);
        const Notice notice = {
            .kind = NOTICE_LOCKED, .recipient = "li@unit.example", .record_id = "0123456789AB", .values = values};
        const Notice *const one[] = {&notice};
        gsize body_from;
        g_autofree char *text = NULL;
        g_autoptr(GBytes) bytes = notice_compose(one, 1, &frame, &body_from);
        g_object_unref(read_again(bytes, &text));
        assert_non_null(strstr(text, cases[i].shown));
        assert_null(strstr(text, "00Z"));
    }
}

static void
test_robots_and_lists_are_known(void **state)
{
    static const char *const robots[] = {"owner-all@unit.example", "all-request@unit.example",
                                         "MAILER-DAEMON@unit.example", "no-reply@unit.example", ""};
    static const char *const people[] = {"li@unit.example", "request@unit.example", "owner@unit.example"};
    static const struct {
        const char *name, *value;
        gboolean automatic;
    } fields[] = {{"List-ID", " <all.unit.example>", TRUE},
                  {"precedence", " Bulk", TRUE},
                  {"Precedence", " first-class", FALSE},
                  {"Auto-Submitted", " auto-replied", TRUE},
                  {"Auto-Submitted", "\r\n no", FALSE},
                  {"Auto-Submitted", " no; x", FALSE},
                  {"Auto-Submitted", " notification", TRUE},
                  {"Subject", " bulk", FALSE},
                  {"Auto-Submitted", "", TRUE}};
    for (gsize i = 0; i < G_N_ELEMENTS(robots); i++)
        if (!notice_is_robot(robots[i]))
            fail_msg("%s", robots[i]);
    for (gsize i = 0; i < G_N_ELEMENTS(people); i++)
        if (notice_is_robot(people[i]))
            fail_msg("%s", people[i]);
    for (gsize i = 0; i < G_N_ELEMENTS(fields); i++)
        if (notice_field_is_automatic(fields[i].name, fields[i].value) != fields[i].automatic)
            fail_msg("%s:%s", fields[i].name, fields[i].value);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_notice_is_whole),
        cmocka_unit_test(test_values_bring_no_lines_and_no_links),
        cmocka_unit_test(test_what_is_told_in_the_same_words_stands_once),
        cmocka_unit_test(test_times_are_the_readers),
        cmocka_unit_test(test_robots_and_lists_are_known),
    };
    g_mime_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
