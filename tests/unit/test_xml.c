#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "xml.h"
#include <string.h>

static void
on_start(const XmlElement *element, gpointer user)
{
    g_string_append_printf(user, "<%s", element->name);
    for (guint i = 0; i < element->count; i++)
        g_string_append_printf(user, " %s=%s", element->attributes[i].name, element->attributes[i].value);
    g_string_append(user, ">");
}

static void
on_end(const char *name, gpointer user)
{
    g_string_append_printf(user, "</%s>", name);
}

static void
on_text(const char *text, gsize length, gpointer user)
{
    g_string_append_len(user, text, (gssize)length);
}

static const XmlEvents EVENTS = {on_start, on_end, on_text, NULL};

static gboolean
parse(const char *text, gsize length, gsize step, GString *out)
{
    g_autoptr(Xml) xml = xml_new(&EVENTS, out);
    g_string_truncate(out, 0);
    for (gsize at = 0; at < length; at += step)
        xml_push(xml, (const guint8 *)text + at, MIN(step, length - at));
    return xml_finish(xml);
}

static void
test_xml_events(void **state)
{
    static const char text[] = "<?xml version='1.0'?><w:p xmlns:w='u' w:a='&amp;密'>机&#x5BC6;<![CDATA[<★]]></w:p>";
    g_autoptr(GString) out = g_string_new(NULL);
    for (gsize step = 1; step < 9; step++) {
        assert_true(parse(text, strlen(text), step, out));
        assert_string_equal(out->str, "<p a=&密>机密<★</p>");
    }
    static const char utf16[] = "\xFF\xFE<\0a\0>\0\x3A\x67<\0/\0a\0>\0";
    assert_true(parse(utf16, sizeof utf16 - 1, 3, out));
    assert_string_equal(out->str, "<a>机</a>");
}

static void
test_xml_expands_nothing(void **state)
{
    static const char *const texts[] = {
        "<!DOCTYPE a [<!ENTITY b 'xxxx'><!ENTITY c '&b;&b;'>]><a>1&c;2</a>",
        "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>1&b;2</a>",
        "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a>1&b;2</a>",
        "<!DOCTYPE a [<!ENTITY % b SYSTEM 'file:///etc/passwd'>%b;]><a>12</a>",
    };
    g_autoptr(GString) out = g_string_new(NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        parse(texts[i], strlen(texts[i]), 7, out);
        assert_string_equal(out->str, "<a>12</a>");
    }
}

static void
test_xml_damaged_and_deep(void **state)
{
    g_autoptr(GString) out = g_string_new(NULL), deep = g_string_new(NULL);
    assert_false(parse("<a><b>机密", strlen("<a><b>机密"), 100, out));
    assert_non_null(strstr(out->str, "机密"));
    for (guint i = 0; i < 100000; i++)
        g_string_append(deep, "<a>");
    assert_false(parse(deep->str, deep->len, 4096, out));
    assert_true(out->len <= 3 * XML_DEPTH_MAX + 4 * XML_DEPTH_MAX);
    g_string_assign(deep, "<a");
    for (guint i = 0; i < 100; i++)
        g_string_append_printf(deep, " a%u='v'", i);
    g_string_append(deep, ">机密</a>");
    assert_false(parse(deep->str, deep->len, 4096, out)); /* not all was told, but what follows was */
    assert_non_null(strstr(out->str, " a63=v>机密</a>"));
    assert_false(parse("no xml", 6, 100, out));
    assert_true(parse("", 0, 100, out));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_xml_events),
        cmocka_unit_test(test_xml_expands_nothing),
        cmocka_unit_test(test_xml_damaged_and_deep),
    };
    xml_prepare();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
