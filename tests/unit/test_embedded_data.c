/* Data inside lines of text: found however the bytes are cut, and no more than there is room for. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "embedded_data.h"
#include <string.h>

static Settings *settings;

typedef struct {
    const char *name, *text;
    gboolean folded;
    const char *wanted; /* what the blocks hold, a '|' behind each */
} Case;

static const Case CASES[] = {
    {"base64", "src=\"data:text/plain;base64,aGVsbG8=\" x", FALSE, "hello|"},
    {"blanks", "data:text/plain;base64,aGVs\r\n  bG8=\"", FALSE, "hello|"},
    {"escapes in base64", "data:text/plain;base64,aGV%73bG8%3d'", FALSE, "hello|"},
    {"escaped", "'data:text/plain;charset=utf-8,he%6Clo%2'", FALSE, "hello|"},
    {"half an escape", "'data:,he%6'", FALSE, "he|"},
    {"no media type", "(data:,hello)", FALSE, "hello|"},
    {"two", "url(data:,a)url(data:;base64,YmI=)", FALSE, "a|bb|"},
    {"end of the text", "data:,hello", FALSE, "hello|"},
    {"empty", "data:, data:;base64,\"", FALSE, ""},
    {"no data", "metadata:text/a,x data: a,b data:2024/1,c {data:[1,2]}", FALSE, ""},
    {"no comma", "data:text/plain;base64\"aGVsbG8=", FALSE, ""},
    {"attachment", "ATTACH;ENCODING=BASE64:aGVs\r\n bG8=\r\nX:y\r\n", TRUE, "hello|"},
    {"parameters in any order", "A;x=y;encoding=b;z:aGVsbG8=\r\n", TRUE, "hello|"},
    {"old card", "PHOTO;JPEG;BASE64:\r\n    aGVs\r\n    bG8=\r\n\r\nX:y", TRUE, "hello|"},
    {"folded name", "PHOTO;ENCOD\r\n ING=\r\n\tb:aGVsbG8=", TRUE, "hello|"},
    {"URI in a card", "PHOTO:data:image/png;base64,aGVs\r\n bG8=\r\nX:", TRUE, "hello|"},
    {"another encoding", "NOTE;ENCODING=QUOTED-PRINTABLE:aGVsbG8=\r\n", TRUE, ""},
    {"not a card", "ATTACH;ENCODING=BASE64:aGVsbG8=\r\n", FALSE, ""},
};

static char *
read_blocks(const GArray *blocks)
{
    GString *all = g_string_new(NULL);
    for (guint i = 0; i < blocks->len; i++) {
        char bytes[256];
        GMimeStream *stream = g_array_index(blocks, EmbeddedBlock, i).stream;
        gssize got = g_mime_stream_read(stream, bytes, sizeof bytes);
        assert_true(got >= 0);
        g_string_append_len(all, bytes, got);
        g_string_append_c(all, '|');
    }
    return g_string_free(all, FALSE);
}

static void
test_embedded_data_finds_however_it_is_cut(void **state)
{
    guint wrong = 0;
    for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++)
        for (gsize step = 1; step < 40; step++) {
            gsize length = strlen(CASES[i].text);
            gboolean over;
            g_autoptr(Message) message = message_new();
            g_autoptr(EmbeddedData) data = embedded_data_new(message, settings, CASES[i].folded);
            for (gsize at = 0; at < length; at += step)
                embedded_data_push(data, (const guint8 *)CASES[i].text + at, MIN(step, length - at));
            g_autofree char *said = read_blocks(embedded_data_finish(data, &over));
            if (strcmp(said, CASES[i].wanted) == 0 && !over)
                continue;
            print_error("%s, by %zu: %s\n", CASES[i].name, step, said);
            wrong++;
        }
    assert_int_equal(wrong, 0);
}

static const GArray *
push_many(EmbeddedData *data, guint count, gboolean *over)
{
    for (guint i = 0; i < count; i++)
        embedded_data_push(data, (const guint8 *)"(data:,x)", 9);
    return embedded_data_finish(data, over);
}

static void
test_embedded_data_tells_what_is_too_much(void **state)
{
    gboolean over;
    gint64 part_bytes = settings->max_part_bytes;
    g_autoptr(Message) one = message_new(), other = message_new(), third = message_new();
    g_autoptr(EmbeddedData) all = embedded_data_new(one, settings, FALSE),
                            more = embedded_data_new(other, settings, FALSE);
    assert_int_equal(push_many(all, EMBEDDED_DATA_MAX, &over)->len, EMBEDDED_DATA_MAX);
    assert_false(over);
    assert_int_equal(push_many(more, EMBEDDED_DATA_MAX + 5, &over)->len, EMBEDDED_DATA_MAX);
    assert_true(over);
    settings->max_part_bytes = 3;
    g_autoptr(EmbeddedData) large = embedded_data_new(third, settings, FALSE);
    embedded_data_push(large, (const guint8 *)"data:,hello ", 12);
    embedded_data_finish(large, &over);
    assert_true(over);
    settings->max_part_bytes = part_bytes;
}

static int
load_settings(void **state)
{
    settings = settings_new_default();
    g_free(settings->spool_dir);
    settings->spool_dir = g_strdup(g_get_tmp_dir());
    return 0;
}

static int
free_settings(void **state)
{
    settings_free(settings);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_embedded_data_finds_however_it_is_cut),
        cmocka_unit_test(test_embedded_data_tells_what_is_too_much),
    };
    g_mime_init();
    return cmocka_run_group_tests(tests, load_settings, free_settings);
}
