/* RTF: what its words mean, and what hostile ones must not do. Places are shown by test_documents. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "segment.h"
#include "taker.h"
#include <string.h>

#define HEAD \
    "{\\rtf1\\ansi\\ansicpg936{\\fonttbl{\\f0\\fcharset134 S;}{\\f1\\fcharset2 Wingdings;}{\\f2\\fcharset136 M;}}"
#define MARK_CODED "\\'bb\\'fa\\'c3\\'dc"
#define MARK "机密"

typedef struct {
    const char *name, *document;
    PlaceKind place;
    const char *wanted; /* all of this place */
    const char *cover;
} Case;

static const Case CASES[] = {
    {"code page", HEAD MARK_CODED "}", PLACE_BODY, MARK, "complete none"},
    {"signed unicode", HEAD "\\u26426?\\u23494?\\u-3715?}", PLACE_BODY, "机密\xEF\x85\xBD", "complete none"},
    {"surrogates", HEAD "\\u-10187?\\u-8930?}", PLACE_BODY, "𝔞", "complete none"},
    {"half a surrogate", HEAD "\\u-10187?x}", PLACE_BODY, "x", "complete none"},
    {"fallback of two", HEAD "\\uc2\\u26426 \\'bb\\'fa\\u23494 \\'c3\\'dc}", PLACE_BODY, MARK, "complete none"},
    {"fallback that agrees is not told", HEAD "\\uc2\\u26426 \\'bb\\'fa}", PLACE_RAW, "", "complete none"},
    {"fallback that says something else", HEAD "\\uc4\\u97 " MARK_CODED "}", PLACE_RAW, MARK, "complete none"},
    {"no fallback", HEAD "\\uc0\\u26426\\u23494}", PLACE_BODY, MARK, "complete none"},
    {"fallback ends with its group", HEAD "{\\uc9\\u26426 ?}\\u23494?}", PLACE_BODY, MARK, "complete none"},
    {"halves in groups", HEAD "{\\'bb}{{\\'fa}}\\'c3{\\b0\\cf0 \\'dc}}", PLACE_BODY, MARK, "complete none"},
    {"second byte as a letter", HEAD "\\'99C\\'c3\\'dc}", PLACE_BODY, "機密", "complete none"},
    {"second byte as a backslash", "{\\rtf1\\ansicpg950 \\'a5\\\\}", PLACE_BODY, "功", "complete none"},
    {"charset of the font", HEAD "{\\f2 \\'be\\'f7\\'b1\\'4b}" MARK_CODED "}", PLACE_BODY, "機密机密", "complete none"},
    {"symbol by its font", HEAD "{\\f1\\'ab}{\\f1\\u-3925?}}", PLACE_BODY, "★★", "complete none"},
    {"words without a number", HEAD "\\v\\v0 a\\deleted\\deleted0 b\\plain c}", PLACE_BODY, "abc", "complete none"},
    {"hidden in a header", HEAD "{\\header{\\v x}y}}", PLACE_HIDDEN, "x", "complete none"},
    {"unknown word", HEAD "a\\unheardof5 b}", PLACE_BODY, "ab", "complete none"},
    {"unknown destination in another", HEAD "{\\header a{\\*\\x b}c}}", PLACE_PAGE_HEADER, "ac", "complete none"},
    {"destination amid a group", HEAD "{a\\title b}}", PLACE_PROPERTY, "b", "complete none"},
    {"property behind a property", HEAD "{\\title a{b}\\subject c}}", PLACE_PROPERTY, "ab\nc", "complete none"},
    {"symbols", HEAD "a\\~b\\_c\\-d\\{e\\}f\\\\g\\'zh}", PLACE_BODY,
     "a\xC2\xA0"
     "b-cd{e}f\\g'zh",
     "complete none"},
    {"a line by a newline", HEAD "a\\\nb\\par c\\line d}", PLACE_BODY, "a\nb\nc\nd", "complete none"},
    {"cells", HEAD "a\\cell b\\cell\\row c\\nestcell d}", PLACE_BODY, "a\tb\nc\td", "complete none"},
    {"header without a version", "{\\rt" MARK_CODED "}", PLACE_BODY, MARK, "complete none"},
    {"more braces than were opened", HEAD "a}}}}", PLACE_BODY, "a", "complete none"},
    {"a brace is missing", HEAD "{a", PLACE_BODY, "a", "partial damaged"},
    {"nothing behind the backslash", HEAD "a\\", PLACE_BODY, "a", "partial damaged"},
    {"hex is cut off", HEAD "a\\'b", PLACE_BODY, "a\x0b", "partial damaged"},
    {"bin longer than the file", HEAD "a\\bin99999999999999999999 xyz}", PLACE_BODY, "a", "partial damaged"},
    {"bin of less than nothing", HEAD "a\\bin-5 xyz}", PLACE_BODY, "axyz", "complete none"},
    {"bin with braces", HEAD "a\\bin3 }}}b}", PLACE_BODY, "ab", "complete none"},
    {"a colour that there is not", HEAD "{\\colortbl;}\\cf99\\cf-1 a\\fs-4 b}", PLACE_BODY, "ab", "complete none"},
    {"a font that there is not", HEAD "\\f-1 a\\f999999999 b}", PLACE_BODY, "ab", "complete none"},
};

static void
test_rtf_tells(void **state)
{
    guint wrong = 0;
    for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
        const Case *one = &CASES[i];
        g_autoptr(Taken) taken = taker_read(one->document, strlen(one->document), NULL, &TAKER_WIDE);
        g_autofree char *cover = g_strconcat("cover 0 ", one->cover, NULL);
        g_autofree char *said = g_strdup(taken->places[one->place]->str);
        g_strstrip(said);
        g_autofree char *wanted = g_strdup(one->wanted);
        if (strcmp(said, g_strstrip(wanted)) == 0 && taken_says(taken, cover) && !taken->lied)
            continue;
        print_error("%s: '%s', %s\n", one->name, said, taken->told->str);
        wrong++;
    }
    assert_int_equal(wrong, 0);
}

static Taken *
take(GString *document, const TakerLimits *limits)
{
    Taken *taken = taker_read(document->str, document->len, NULL, limits);
    assert_false(taken->lied);
    assert_true(taken_says(taken, "end"));
    return taken;
}

static void
test_rtf_deep_groups_are_partial(void **state)
{
    g_autoptr(GString) document = g_string_new("{\\rtf1 ");
    for (guint i = 0; i < 20000; i++)
        g_string_append(document, i % 3 == 0 ? "{\\title " : i % 3 == 1 ? "{\\*\\objdata 41" : "{\\v ");
    g_string_append(document, MARK_CODED);
    for (guint i = 0; i < 20001; i++)
        g_string_append_c(document, '}');
    g_autoptr(Taken) taken = take(document, &TAKER_WIDE);
    assert_true(taken_says(taken, "cover 0 partial over-budget"));
}

static void
test_rtf_objects(void **state)
{
    static const char *const objects[] = {
        "{\\object{\\*\\objdata 0105000002000000 0100000000 00000000 00000000 05000000 68656c6c6f}}", /* OLE 1 */
        "{\\object{\\*\\objdata 01050000{\\*\\x 41}02000000 01\n0000 0000\t00000000{\\v}00000000 05000000 68656c6c6f}}",
        "{\\object{\\*\\objdata 0105000002000000 0100000000 00000000 00000000 ffffffff 68656c6c6f}}", /* longer */
        "{\\object{\\*\\objdata 68656c6c6f}}",                                                        /* none */
        "{\\object{\\*\\objdata 01050000 02000000 ffffffff 68656c6c6f}}",
        "{\\pict\\wmetafile8 68656c6c6f}",
        "{\\pict\\dibitmap0 68656c6c6f}",
        "{\\pict\\bin5 hello}",
        "{\\pict\\pngblip{\\*\\blipuid 0123}6 865 6c6c6f7}",
        "{\\*\\themedata 68656C6C6F}",
    };
    for (gsize i = 0; i < G_N_ELEMENTS(objects); i++) {
        g_autoptr(GString) document = g_string_new(HEAD);
        g_string_append(document, objects[i]);
        g_string_append(document, "}");
        g_autoptr(Taken) taken = take(document, &TAKER_WIDE);
        if (!taken_has_bytes(taken, "hello"))
            fail_msg("object %zu: %s", i, taken->told->str);
        assert_true(taken_says(taken, "cover 0 complete none"));
    }
}

/* The same picture for old and for new programs. */
static void
test_rtf_tells_a_picture_once(void **state)
{
    g_autoptr(GString) document =
        g_string_new(HEAD "{\\*\\shppict{\\pict\\pngblip 68656c6c6f}}{\\nonshppict{\\pict 68656c6c6f}}}");
    g_autoptr(Taken) taken = take(document, &TAKER_WIDE);
    assert_non_null(strstr(taken->told->str, "part 1<0"));
    assert_null(strstr(taken->told->str, "part 2<0"));
}

static void
test_rtf_budgets(void **state)
{
    static const TakerLimits few_bytes = {1 << 20, 16, 10, 4}, few_text = {64, 1 << 20, 10, 4},
                             few_parts = {1 << 20, 1 << 20, 3, 4};
    g_autoptr(GString) data = g_string_new(HEAD "{\\pict "), text = g_string_new(HEAD), parts = g_string_new(HEAD);
    for (guint i = 0; i < 1000; i++) {
        g_string_append(data, "41");
        g_string_append(text, "\\'bb\\'fa");
        g_string_append_printf(parts, "{\\pict %04x}", i);
    }
    g_string_append(data, "}}");
    g_string_append(text, "}");
    g_string_append(parts, "}");
    g_autoptr(Taken) one = take(data, &few_bytes), two = take(text, &few_text), three = take(parts, &few_parts);
    assert_true(taken_says(one, "cover 0 partial over-budget"));
    assert_true(taken_says(two, "cover 0 partial over-budget"));
    assert_true(taken_says(three, "cover 0 partial over-budget"));
}

/* The first lines of the body and the first section's headers are in the header zone, behind a page break nothing is.
 */
static void
test_rtf_pages(void **state)
{
    static const char document[] = HEAD "{\\header h}a\\page b\\sect{\\header i}c\\par}";
    g_autoptr(Taken) taken = taker_read(document, strlen(document), NULL, &TAKER_WIDE);
    assert_non_null(strstr(taken->places[PLACE_BODY]->str, "a\nb\nc"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rtf_tells),   cmocka_unit_test(test_rtf_deep_groups_are_partial),
        cmocka_unit_test(test_rtf_objects), cmocka_unit_test(test_rtf_tells_a_picture_once),
        cmocka_unit_test(test_rtf_budgets), cmocka_unit_test(test_rtf_pages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
