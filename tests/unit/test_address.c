#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "address.h"
#include <string.h>

typedef struct {
    const char *raw, *expected;
} Case;

static void
test_address_normal_forms(void **state)
{
    static const Case cases[] = {
        {"", ""},
        {"<>", ""},
        {"  < > ", ""},
        {NULL, ""},
        {"Zhang@Unit.EXAMPLE", "zhang@unit.example"},
        {"<Zhang@unit.example.>", "zhang@unit.example"},
        {"Zhang San <zhang@unit.example>", "zhang@unit.example"},
        {"\"a <b@c>\" <zhang@unit.example>", "zhang@unit.example"},
        {"<\"zhang\"@unit.example>", "zhang@unit.example"},
        {"<\"zhang san\"@unit.example>", "zhang san@unit.example"},
        {"<\"a@b\"@unit.example>", "a@b@unit.example"},
        {"<zh\\ang@unit.example>", "zhang@unit.example"},
        {"<@relay.example,@b.example:zhang@unit.example>", "zhang@unit.example"},
        {"<@relay.example:zhang@unit.example>", "zhang@unit.example"},
        {"<zhang@ unit\r\n .example >", "zhang@unit.example"},
        {"postmaster", "postmaster"},
        {"postmaster@", "postmaster"},
        {"张三@单位.example", "张三@xn--nqq01h.example"},
        {"Ä@BÜCHER.example", "ä@xn--bcher-kva.example"},
        {"a@XN--BCHER-KVA.example", "a@xn--bcher-kva.example"},
        {"a@单位。example", "a@xn--nqq01h.example"},
        {"a@[192.0.2.1]", "a@[192.0.2.1]"},
        {"a@b@c", "a@b@c"},
        {"<a@b", "a@b"},
        {"\xB5\xA5@x.example", "\xB5\xA5@x.example"},
        {"\"open@x.example", "open@x.example"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *seen = address_normal(cases[i].raw);
        assert_string_equal(seen, cases[i].expected);
    }
}

static void
test_address_base_unwraps_and_cuts(void **state)
{
    static const Case cases[] = {
        {"zhang+tag@unit.example", "zhang@unit.example"},
        {"+tag@unit.example", "+tag@unit.example"},
        {"zhang+a+b@unit.example", "zhang@unit.example"},
        {"zhang+tag", "zhang"},
        {"SRS0=HHH=TT=src.example=wang@fwd.example", "wang@src.example"},
        {"SRS0+HHH=TT=src.example=wang@fwd.example", "wang@src.example"},
        {"srs0-HHH=TT=src.example=wang+x@fwd.example", "wang@src.example"},
        {"SRS1=HHH=first.example==HHH=TT=src.example=wang@fwd.example", "wang@src.example"},
        {"SRS1+HHH=first.example=+HHH=TT=src.example=wang@fwd.example", "wang@src.example"},
        {"prvs=1234abcdef=zhang@unit.example", "zhang@unit.example"},
        {"prvs=zhang/1234abcdef@unit.example", "zhang@unit.example"},
        {"btv1==0123==zhang@unit.example", "zhang@unit.example"},
        {"SRS0=H=T=unit.example=prvs=1234abcdef=zhang@fwd.example", "zhang@unit.example"},
        {"SRS0=HHH=TT@fwd.example", "srs0=hhh=tt@fwd.example"},
        {"SRS0=HHH=TT==@fwd.example", "srs0=hhh=tt==@fwd.example"},
        {"srs0x@unit.example", "srs0x@unit.example"},
        {"prvs=@unit.example", "prvs=@unit.example"},
        {"MAILER-DAEMON+x@unit.example", "mailer-daemon+x@unit.example"},
        {"", ""},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *seen = address_base(cases[i].raw, "+");
        assert_string_equal(seen, cases[i].expected);
    }
    g_autofree char *none = address_base("zhang+tag@unit.example", "");
    assert_string_equal(none, "zhang+tag@unit.example");
    g_autofree char *minus = address_base("zhang-tag+x@unit.example", "+-");
    assert_string_equal(minus, "zhang@unit.example");
}

static void
test_address_is_srs(void **state)
{
    assert_true(address_is_srs("srs0=h=t=src.example=wang@fwd.example"));
    assert_true(address_is_srs("srs1-h=first.example=-h=t=src.example=wang@fwd.example"));
    assert_false(address_is_srs("srs0=h=t@fwd.example"));
    assert_false(address_is_srs("wang@srs0.example"));
    assert_false(address_is_srs("srs0"));
    assert_false(address_is_srs(""));
}

static GPtrArray *
words(const char *const *list)
{
    GPtrArray *array = g_ptr_array_new();
    for (; *list != NULL; list++)
        g_ptr_array_add(array, (gpointer)*list);
    return array;
}

static void
test_address_is_local(void **state)
{
    static const char *const domains[] = {"Unit.example", ".bureau.example", "单位.example", NULL};
    static const struct {
        const char *address;
        gboolean local, inside;
    } cases[] = {
        {"a@unit.example", TRUE, TRUE},
        {"a@sub.unit.example", FALSE, FALSE},
        {"a@evil-unit.example", FALSE, FALSE},
        {"a@bureau.example", TRUE, TRUE},
        {"a@x.y.bureau.example", TRUE, TRUE},
        {"a@evilbureau.example", FALSE, FALSE},
        {"a@xn--nqq01h.example", TRUE, TRUE},
        {"postmaster", TRUE, TRUE},
        {"", FALSE, FALSE},
        {"wang%outside.example@unit.example", TRUE, FALSE},
        {"outside.example!wang@unit.example", TRUE, FALSE},
        {"outside.example!wang", TRUE, FALSE},
        {"wang@outside.example@unit.example", TRUE, FALSE},
        {"a@unit.example@outside.example", FALSE, FALSE},
    };
    g_autoptr(GPtrArray) list = words(domains);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        assert_int_equal(address_is_local(cases[i].address, list), cases[i].local);
        assert_int_equal(address_stays_inside(cases[i].address, list), cases[i].inside);
    }
    assert_false(address_is_local("a@unit.example", NULL));
}

static void
test_address_in_networks(void **state)
{
    static const char *const networks[] = {"10.0.0.0/8",   "192.0.2.77/24",          "2001:db8:1::/47",
                                           "198.51.100.9", "::ffff:203.0.113.0/120", "127.0.0.0/99",
                                           "junk",         "[2001:db8:f::]/48",      NULL};
    static const struct {
        const char *ip;
        gboolean in;
    } cases[] = {
        {"10.255.0.1", TRUE},      {"11.0.0.1", FALSE},
        {"192.0.2.1", TRUE},       {"192.0.3.1", FALSE},
        {"2001:db8:0:1::5", TRUE}, {"IPv6:2001:db8:1::5", TRUE},
        {"2001:db8:2::5", FALSE},  {"[IPv6:2001:db8:1::5]", TRUE},
        {"::ffff:10.1.2.3", TRUE}, {"203.0.113.200", TRUE},
        {"198.51.100.9", TRUE},    {"198.51.100.8", FALSE},
        {"127.0.0.1", FALSE},      {"", FALSE},
        {"10.0.0.0/8", FALSE},     {"fe80::1%eth0", FALSE},
        {"2001:db8:f::1", TRUE},   {"unknown", FALSE},
    };
    g_autoptr(GPtrArray) list = words(networks);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        assert_int_equal(address_in_networks(cases[i].ip, list), cases[i].in);
    assert_false(address_in_networks(NULL, list));
    assert_false(address_in_networks("10.0.0.1", NULL));
    static const char *const all[] = {"0.0.0.0/0", NULL};
    g_autoptr(GPtrArray) everything = words(all);
    assert_true(address_in_networks("8.8.8.8", everything));
    assert_false(address_in_networks("2001:db8::1", everything));
}

/* "address=display|..." */
static char *
listed(const char *raw, gsize length)
{
    g_autoptr(GPtrArray) list = address_parse_list(raw, length);
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < list->len; i++) {
        const Mailbox *mailbox = g_ptr_array_index(list, i);
        g_string_append_printf(text, "%s%s=", i > 0 ? "|" : "", mailbox->address);
        g_string_append_len(text, mailbox->display_raw, (gssize)mailbox->display_length);
    }
    return g_string_free(text, FALSE);
}

static void
test_address_parse_list_forms(void **state)
{
    static const Case cases[] = {
        {"", ""},
        {"a@b.example", "a@b.example="},
        {"<a@b.example>", "a@b.example="},
        {"Zhang San <A@b.example>", "a@b.example=Zhang San"},
        {"\"Zhang, San\" <a@b.example>", "a@b.example=Zhang, San"},
        {"\"Zhang \\\"S\\\" \\\\\" <a@b.example>", "a@b.example=Zhang \"S\" \\"},
        {"a@b.example (Zhang (San) S\\)an)", "a@b.example=Zhang (San) S)an"},
        {"a@b.example, c@d.example;e@f.example", "a@b.example=|c@d.example=|e@f.example="},
        {"a@b.example,, ,c@d.example,", "a@b.example=|c@d.example="},
        {"机密 <a@b.example>, 张三", "a@b.example=机密|=张三"},
        {"=?utf-8?Q?a,_<b>?= =?utf-8?B?5py6?= <a@b.example>", "a@b.example==?utf-8?Q?a,_<b>?= =?utf-8?B?5py6?="},
        {"Group: a@b.example, Name <c@d.example>;", "=Group|a@b.example=|c@d.example=Name"},
        {"undisclosed-recipients:;", "=undisclosed-recipients"},
        {"Zhang San a@b.example", "a@b.example=Zhang San"},
        {"a@b.example Zhang", "a@b.example=Zhang"},
        {"<a@b.example> <c@d.example>", "a@b.example=|c@d.example="},
        {"X <a@b.example> Y <c@d.example>", "a@b.example=X  Y|c@d.example="},
        {"root", "root="},
        {"\"zhang san\"@b.example", "zhang san@b.example="},
        {"\"a\"@b.example (x), c@d.example", "a@b.example=x|c@d.example="},
        {"<@r.example,@s.example:a@b.example>, x@y.example", "a@b.example=|x@y.example="},
        {"Open \"quote <a@b.example>", "a@b.example=Open \"quote"},
        {"Open (comment <a@b.example>", "a@b.example=Open (comment"},
        {"Open <a@b.example, c@d.example", "a@b.example=Open|c@d.example="},
        {"a@[IPv6:2001:db8::1]", "a@[ipv6:2001:db8::1]="},
        {"Name\r\n <a@b\r\n .example>", "a@b.example=Name"},
        {"\"机密\"\"★10年\" <a@b.example>", "a@b.example=机密★10年"},
        {"Undo:Group: x", "=Undo|=Group|x="},
        {"~{;z,C\\<~} <a@b.example>", "a@b.example=~{;z,C\\<~}"},
        {"\x1B$)A\x0E;z,C\x0F <a@b.example>", "a@b.example=\x1B$)A\x0E;z,C\x0F"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *seen = listed(cases[i].raw, strlen(cases[i].raw));
        assert_string_equal(seen, cases[i].expected);
    }
}

/* In GBK and Big5 half a character may look like syntax. */
static void
test_address_parse_list_raw_multibyte(void **state)
{
    static const Case cases[] = {
        {"\"\xB3\x5C\xA5\x5C\" <a@b.example>", "a@b.example=\xB3\x5C\xA5\x5C"}, /* Big5, both end in a backslash */
        {"\x81\x40\x82\x7C <a@b.example>", "a@b.example=\x81\x40\x82\x7C"},     /* GBK, one half is '@' */
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *seen = listed(cases[i].raw, strlen(cases[i].raw));
        assert_string_equal(seen, cases[i].expected);
    }
}

static void
test_address_parse_list_is_bounded_and_loses_nothing(void **state)
{
    g_autoptr(GString) raw = g_string_new(NULL);
    for (guint i = 0; i < 1500; i++)
        g_string_append(raw, "a@b.example, ");
    g_string_append(raw, "机密 <z@b.example>");
    g_autoptr(GPtrArray) list = address_parse_list(raw->str, raw->len);
    assert_int_equal(list->len, ADDRESS_LIST_MAX + 1);
    const Mailbox *last = g_ptr_array_index(list, ADDRESS_LIST_MAX);
    assert_non_null(g_strstr_len(last->display_raw, (gssize)last->display_length, "机密"));
}

static void
test_address_parse_list_hostile_shapes_take_linear_time(void **state)
{
    static const char *const shapes[] = {"\"",   "(",   "<",    "\"a", "((",   "~{",      "\x1B$", "=?x",
                                         "\\\"", "<a@", ":a:b", "a@",  "\xE6", "=?a?b?c", "<\"",   "(\\"};
    gint64 before = g_get_monotonic_time();
    for (gsize i = 0; i < G_N_ELEMENTS(shapes); i++) {
        g_autoptr(GString) raw = g_string_new(NULL);
        while (raw->len < 100 * 1000)
            g_string_append(raw, shapes[i]);
        g_autoptr(GPtrArray) list = address_parse_list(raw->str, raw->len);
        g_autofree char *normal = address_normal(raw->str);
        assert_non_null(list);
        assert_non_null(normal);
    }
    assert_true(g_get_monotonic_time() - before < 10 * G_USEC_PER_SEC);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_address_normal_forms),
        cmocka_unit_test(test_address_base_unwraps_and_cuts),
        cmocka_unit_test(test_address_is_srs),
        cmocka_unit_test(test_address_is_local),
        cmocka_unit_test(test_address_in_networks),
        cmocka_unit_test(test_address_parse_list_forms),
        cmocka_unit_test(test_address_parse_list_raw_multibyte),
        cmocka_unit_test(test_address_parse_list_is_bounded_and_loses_nothing),
        cmocka_unit_test(test_address_parse_list_hostile_shapes_take_linear_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
