/* Letters written as codes: what they say is told, line by line. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "escapes.h"
#include <string.h>

static void
test_escapes_undo(void **state)
{
    static const struct {
        const char *name, *text, *said;
    } cases[] = {
        {"plain text", "关于 50% 的通知 a=b c&d \\n x\n", ""},
        {"u", "\\u673a\\u5bc6\\u260510\\u5e74", "机密★10年\n"},
        {"u in braces", "\\u{673a}\\u{5bc6}", "机密\n"},
        {"a pair of surrogates", "\\u673a\\ud83c\\udf1f", "机🌟\n"},
        {"half a pair", "\\u673a\\ud83c\\u5bc6", "机\\ud83c密\n"},
        {"U", "\\U0000673a\\U00005bc6", "机密\n"},
        {"x, UTF-8", "\\xe6\\x9c\\xba\\xe5\\xaf\\x86", "机密\n"},
        {"x, GBK", "\\xbb\\xfa\\xc3\\xdc\\xa1\\xef", "机密★\n"},
        {"percent", "见%E6%9C%BA%E5%AF%86%E2%98%8510%E5%B9%B4。", "见机密★10年。\n"},
        {"quoted printable", "=E6=9C=BA=E5=AF=86", "机密\n"},
        {"entities, hex", "&#x673a;&#X5BC6;", "机密\n"},
        {"entities, decimal", "&#26426;&#23494;", "机密\n"},
        {"entities without their end", "&#26426 &#23494 x", "机 密 x\n"},
        {"hex digits", "e69cbae5af86", "机密\n"},
        {"an odd number of hex digits", "e69cbae5af861", ""},
        {"twos", "e6 9c ba e5 af 86", "机密\n"},
        {"twos with colons", "xy e6:9c:ba:e5:af:86.", "xy 机密.\n"},
        {"base64, UTF-8", "附件 5py65a+G4piFMTDlubQ= 请看", "附件 机密★10年= 请看\n"},
        {"base64, GBK", "u/rD3KHvMTDE6g==", "机密★10年==\n"},
        {"base64 for addresses", "5py65a-G4piFMTDlubQ", "机密★10年\n"},
        {"base64 of English", "VGhpcyBpcyBvbmx5IHRleHQ=", ""},
        {"a long word", "Donaudampfschifffahrtsgesellschaftskapitaen", ""},
        {"one letter is no text", "caf%C3%A9", ""},
        {"two are", "%E5%B9%B4%E6%9C%88", "年月\n"},
        {"only the lines with codes", "一\n%E6%9C%BA%E5%AF%86\n二\n\\u5e74\\u6708\n", "机密\n\n年月\n\n"},
        {"at the very end", "\\u673a\\u5bc6\\u26", "机密\\u26\n"},
        {"ends in a code", "&#26426;&#23494;&#", "机密&#\n"},
        {"control characters", "\\u0000\\u0001%00%01", ""},
        {"noise in hex", "ff00ff00ff00ff00ff00", ""},
        {"codes in codes", "x\n%5Cu673a%5Cu5bc6\n", "机密\n\n"},
        {"base64 of base64", "NXB5NjVhK0c0cGlGTVREbHViUT0=", "机密★10年==\n\n"},
        {"hex digits behind an equals sign", "key=e69cbae5af86", "key=机密\n"},
        {"bytes, junk before", "%FF%01%E6%9C%BA%E5%AF%86", "%FF%01机密\n"},
        {"bytes, junk between", "%E6%9C%BA%E5%AF%86%C3%28%C3%28%E5%B9%B4", "机密%C3%28%C3%28年\n"},
        {"bytes, half a character before", "\\x9c\\xbb\\xfa\\xc3\\xdc\\xa1\\xef", "\\x9c机密★\n"},
        {"Big5", "\\xbe\\xf7\\xb1\\x4b\\xa4\\xe5\\xa5\\xf3", "機密文件\n"},
        {"a digest", "9e107d9d372bb6826bd81d3542a419d6", ""},
        {"codes and plain letters", "%20%20机密", ""},
        {"beyond Unicode", "\\U00110000\\U00110001", ""},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GString) out = g_string_new("old");
        EscapesSpan span;
        gboolean found = escapes_undo(cases[i].text, strlen(cases[i].text), out, &span);
        if (strcmp(out->str, cases[i].said) != 0 || found != (*cases[i].said != '\0'))
            fail_msg("%s: \"%s\"", cases[i].name, out->str);
        if (found && (span.from >= span.to || span.to > strlen(cases[i].text)))
            fail_msg("%s: %zu to %zu", cases[i].name, span.from, span.to);
    }
}

static void
test_escapes_undo_tells_where(void **state)
{
    static const char text[] = "一\n二%E6%9C%BA%E5%AF%86\n三";
    g_autoptr(GString) out = g_string_new(NULL);
    EscapesSpan span;
    assert_true(escapes_undo(text, sizeof text - 1, out, &span));
    assert_memory_equal(text + span.from, "%E6", 3);
    assert_memory_equal(text + span.to, "三", 3);
}

static void
test_escapes_undo_keeps_what_is_near(void **state)
{
    g_autoptr(GString) text = g_string_new(NULL), out = g_string_new(NULL);
    for (guint i = 0; i < 20000; i++)
        g_string_append(text, "字");
    g_string_append(text, "%E6%9C%BA%E5%AF%86★");
    for (guint i = 0; i < 20000; i++)
        g_string_append(text, "字");
    EscapesSpan span;
    assert_true(escapes_undo(text->str, text->len, out, &span));
    assert_non_null(strstr(out->str, "机密★字"));
    assert_true(out->len < 4000);
    assert_true(g_utf8_validate(out->str, (gssize)out->len, NULL));
}

/* Twos that stand for nothing are looked at once. */
static void
test_escapes_undo_of_a_dump_takes_no_time(void **state)
{
    g_autoptr(GString) text = g_string_new(NULL), out = g_string_new(NULL);
    for (guint i = 0; i < 80000; i++)
        g_string_append_printf(text, "%02x ", i * 7 % 32);
    EscapesSpan span;
    assert_false(escapes_undo(text->str, text->len, out, &span));
}

/* However much stands before it that is nothing. */
static void
test_escapes_undo_behind_junk(void **state)
{
    g_autoptr(GString) text = g_string_new(NULL), out = g_string_new(NULL);
    for (guint i = 0; i < 3000; i++)
        g_string_append_printf(text, "%016x\n", 0xff00u + i * 2654435761u);
    g_string_append(text, "u/rD3KHvMTDE6g==\n");
    EscapesSpan span;
    assert_true(escapes_undo(text->str, text->len, out, &span));
    assert_non_null(strstr(out->str, "机密★10年"));
}

/* A long row of codes that are no text, and one byte that spoils all of it: each is looked at a few times only. */
static void
test_escapes_undo_of_bytes_takes_no_time(void **state)
{
    g_autoptr(GString) text = g_string_new(NULL), out = g_string_new(NULL);
    EscapesSpan span;
    for (guint i = 0; i < 20000; i++)
        g_string_append(text, "%C0%C0%C0%2F%2F");
    g_string_append(text, "%E6%9C%BA%E5%AF%86");
    assert_true(escapes_undo(text->str, text->len, out, &span));
    assert_non_null(strstr(out->str, "机密"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_escapes_undo),
        cmocka_unit_test(test_escapes_undo_tells_where),
        cmocka_unit_test(test_escapes_undo_keeps_what_is_near),
        cmocka_unit_test(test_escapes_undo_of_a_dump_takes_no_time),
        cmocka_unit_test(test_escapes_undo_behind_junk),
        cmocka_unit_test(test_escapes_undo_of_bytes_takes_no_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
