/* Text in bytes without structure: what is found, what is left alone, and that packed data says next to nothing. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "runs.h"
#include "taker.h"
#include "vba.h"
#include <string.h>

typedef struct {
    Bytes bytes;
    Covered *covered;
} Wanted;

static void
feed(Sink *sink, gpointer user)
{
    const Wanted *wanted = user;
    runs_prepare();
    runs_tell(wanted->bytes, wanted->covered, sink, 0, "s");
}

/* Gives what was told as raw, its lines by "|". */
static char *
told(const void *bytes, gsize length, Covered *covered)
{
    Wanted wanted = {{bytes, length}, covered};
    g_autoptr(Taken) taken = taker_feed(feed, &wanted, &TAKER_WIDE);
    assert_false(taken->lied);
    return g_strdelimit(g_strdup(g_strchug(taken->places[PLACE_RAW]->str)), "\n", '|');
}

static void
append_utf16(GByteArray *to, const char *text)
{
    glong units = 0;
    g_autofree gunichar2 *wide = g_utf8_to_utf16(text, -1, NULL, &units, NULL);
    g_byte_array_append(to, (const guint8 *)wide, (guint)units * 2);
}

static void
append(GByteArray *to, const char *bytes, gsize length)
{
    g_byte_array_append(to, (const guint8 *)bytes, (guint)length);
}
#define APPEND(to, bytes) append(to, bytes, sizeof bytes - 1)

static void
test_runs_tell_every_charset(void **state)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    APPEND(bytes, "\x01\xFF\x02");
    append_utf16(bytes, "机密★10年");
    APPEND(bytes, "\0\0\x81"); /* the next one begins at an odd place */
    append_utf16(bytes, "機密★长期");
    APPEND(bytes, "\0\0\x01\xBB\xFA\xC3\xDC\xA1\xEF"
                  "10\xC4\xEA\0");
    APPEND(bytes, "\x05\xE7\xBB\x9D\xE5\xAF\x86\xE2\x98\x85"
                  "30\xE5\xB9\xB4\0\x02Only ASCII\x01");
    g_autofree char *said = told(bytes->data, bytes->len, NULL);
    assert_string_equal(said, "机密★10年|機密★长期|机密★10年|绝密★30年|Only ASCII");
}

static void
test_runs_leave_short_ones(void **state)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    APPEND(bytes, "\x01short\x02\x03");
    append_utf16(bytes, "机密"); /* two are chance */
    APPEND(bytes, "\0\0");
    append_utf16(bytes, "烫烫烫烫"); /* and so is one sign again and again */
    APPEND(bytes, "\0\0\xBB\xFA\xC3\xDC\x01");
    g_autofree char *said = told(bytes->data, bytes->len, NULL);
    assert_string_equal(said, "");
}

static void
test_runs_leave_what_is_covered(void **state)
{
    static const char bytes[] = "\1first words\1second words\1third words\1";
    g_autoptr(Covered) covered = covered_new();
    covered_add(covered, 25, 500);
    covered_add(covered, 0, 13);
    covered_add(covered, 4, 2);
    g_autofree char *said = told(bytes, sizeof bytes - 1, covered);
    assert_string_equal(said, "second words");
}

static void
test_runs_of_chance_say_little(void **state)
{
    const gsize length = 1024 * 1024;
    g_autofree guint8 *noise = g_malloc(length);
    guint32 seed = 12345;
    for (gsize i = 0; i < length; i++) {
        seed = seed * 1664525 + 1013904223;
        noise[i] = (guint8)(seed >> 24);
    }
    g_autofree char *said = told(noise, length, NULL);
    assert_true(strlen(said) < length / 100);
}

/* A text with no end and one without a start must not take time by the square of their length. */
static void
test_runs_long_ones_in_time(void **state)
{
    const gsize length = 4 * 1024 * 1024;
    static const char *const units[] = {"a",      "\xBB\xFA",    "\xBB",           "\x3A\x67",
                                        "\xB7\0", "1\0\x3A\x67", "aaaaaaa\xBB\xFA"};
    for (gsize i = 0; i < G_N_ELEMENTS(units); i++) {
        g_autofree char *text = g_malloc(length);
        gsize step = i == 4 ? 2 : (i == 5 ? 4 : strlen(units[i]));
        for (gsize at = 0; at < length; at++)
            text[at] = units[i][at % step];
        gint64 start = g_get_monotonic_time();
        g_free(told(text, length, NULL));
        assert_true(g_get_monotonic_time() - start < 60 * G_USEC_PER_SEC);
    }
}

/* [MS-OVBA] 3.2 */
static void
test_vba_decompress_examples(void **state)
{
    static const struct {
        const char *packed;
        gsize length;
        const char *clear;
    } cases[] = {
        {"\x01\x19\xB0\0abcdefgh\0ijklmnop\0qrstuv.", 29, "abcdefghijklmnopqrstuv."},
        {"\001\057\260\000\043\141\141\141\142\143\144\145\202\146\000\160\141\147\150\151\152\001\070\010\141\153\154"
         "\000\060\155\156\157\160\006\161\002\160\004\020\162\163\164\165\166\020\167\170\171\172\000\074",
         51, "#aaabcdefaaaaghijaaaaaklaaamnopqaaaaaaaaaaaarstuvwxyzaaa"},
        {"\x01\x03\xB0\x02"
         "a\x45\0",
         7, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
        {"\x01\x03\xB0\x02"
         "a\xFF\xFF",
         7, "a"}, /* a copy of what is not there */
        {"\x02\x03\xB0\x02"
         "a\x45\0",
         7, ""},
        {"\x01\xFF\xBF\0abc", 7, "abc"}, /* longer than the bytes */
        {"", 0, ""},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GByteArray) clear = vba_decompress((const guint8 *)cases[i].packed, cases[i].length, 1024 * 1024);
        g_autofree char *text = clear->len == 0 ? g_strdup("") : g_strndup((const char *)clear->data, clear->len);
        assert_string_equal(text, cases[i].clear);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_runs_tell_every_charset),    cmocka_unit_test(test_runs_leave_short_ones),
        cmocka_unit_test(test_runs_leave_what_is_covered), cmocka_unit_test(test_runs_of_chance_say_little),
        cmocka_unit_test(test_runs_long_ones_in_time),     cmocka_unit_test(test_vba_decompress_examples),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
