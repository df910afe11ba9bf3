/* OFD pages: where characters stand decides how they read. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "segment.h"
#include "stored.h"
#include "taker.h"
#include <string.h>

static void
add(Stored *stored, const char *name, const char *text)
{
    stored_add(stored, name, (const guint8 *)text, strlen(text));
}

/* Reads a package of one page with this content (and of one template, if not NULL). */
static Taken *
read_page(const char *content, const char *template)
{
    Stored stored = {0};
    g_autofree char *page =
        g_strconcat("<Page>", template != NULL ? "<Template TemplateID='t'/>" : "", content, "</Page>", NULL);
    g_autofree char *below = g_strconcat("<Page>", template != NULL ? template : "", "</Page>", NULL);
    add(&stored, "OFD.xml", "<OFD><DocBody><DocRoot>D/Document.xml</DocRoot></DocBody></OFD>");
    add(&stored, "D/Document.xml",
        "<Document><CommonData><PageArea><PhysicalBox>0 0 200 300</PhysicalBox></PageArea>"
        "<TemplatePage ID='t' BaseLoc='t.xml'/></CommonData><Pages><Page ID='1' BaseLoc='p.xml'/></Pages></Document>");
    add(&stored, "D/p.xml", page);
    add(&stored, "D/t.xml", below);
    GString *zip = stored_end(&stored);
    Taken *taken = taker_read(zip->str, zip->len, "application/ofd", &TAKER_WIDE);
    g_string_free(zip, TRUE);
    return taken;
}

#define AT(x, y, size, text) \
    "<TextObject Boundary='" #x " " #y " 9 9' Size='" #size "'><TextCode X='0' Y='0'>" text "</TextCode></TextObject>"
#define STEPS(x, steps, text) \
    "<TextObject Boundary='" #x " 50 9 9' Size='5'><TextCode X='0' Y='0' " steps ">" text "</TextCode></TextObject>"

static void
test_ofd_reading_order(void **state)
{
    static const struct {
        const char *name, *content;
        PlaceKind place;
        const char *text;
    } cases[] = {
        {"by base line, then from left to right",
         AT(50, 90, 5, "四") AT(10, 50, 5, "一") AT(90, 50.5, 5, "二") AT(10, 90, 5, "三"), PLACE_BODY,
         "一\t二\n三\t四\n四\n一\n二\n三"},
        {"an ordinary page once", AT(10, 50, 5, "机密") AT(20, 50, 5, "★10年") AT(10, 90, 5, "正文"), PLACE_BODY,
         "机密★10年\n正文"},
        {"fake bold once", AT(10, 50, 5, "密") AT(10.3, 50.1, 5, "密"), PLACE_BODY, "密"},
        {"the same character twice is not bold", AT(10, 50, 5, "密密") AT(20, 50, 5, "密"), PLACE_BODY, "密密密"},
        {"steps: so many, so far", STEPS(10, "DeltaX='g 2 5 g 1 40'", "一二三四"), PLACE_BODY, "一二三\t四"},
        {"steps without number, and none", STEPS(10, "DeltaX='g x y'", "一二"), PLACE_BODY, "一二"},
        {"steps without end", STEPS(10, "DeltaX='g 99999999999999 5'", "一二三"), PLACE_BODY, "一二三"},
        {"steps that stand still", STEPS(10, "DeltaX='0 0'", "一一一"), PLACE_BODY, "一一一"},
        {"from above", STEPS(10, "DeltaY='g 2 5'", "机密★"), PLACE_BODY, "机密★"},
        {"a matrix beyond all paper",
         "<TextObject Size='5' CTM='1e300 0 0 nan 0 0'><TextCode X='1' Y='1'>字</TextCode></TextObject>", PLACE_HIDDEN,
         "字"},
        {"no size, no place", "<TextObject><TextCode>字</TextCode></TextObject>", PLACE_BODY, "字"},
        {"code without an object", "<TextCode>字</TextCode>", PLACE_ATTRIBUTE, "字"},
        {"not seen", "<TextObject Size='5' Visible='false'><TextCode X='1' Y='9'>字</TextCode></TextObject>",
         PLACE_HIDDEN, "字"},
        {"a layer that is not seen", "<Layer Visible='false'>" AT(9, 9, 5, "字") "</Layer>", PLACE_HIDDEN, "字"},
        {"neither filled nor drawn",
         "<TextObject Size='5' Fill='false'><TextCode X='1' Y='9'>字</TextCode></TextObject>", PLACE_HIDDEN, "字"},
        {"drawn, not filled",
         "<TextObject Size='5' Fill='false' Stroke='true'><TextCode X='1' Y='9'>字</TextCode></TextObject>", PLACE_BODY,
         "字"},
        {"white",
         "<TextObject Size='5'><FillColor Value='255 255 255'/><TextCode X='1' Y='9'>字</TextCode></TextObject>",
         PLACE_HIDDEN, "字"},
        {"white on red",
         "<PathObject Boundary='0 0 50 50' Fill='true'><FillColor Value='255 0 0'/></PathObject>"
         "<TextObject Size='5'><FillColor Value='255'/><TextCode X='1' Y='9'>字</TextCode></TextObject>",
         PLACE_BODY, "字"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Taken) taken = read_page(cases[i].content, NULL);
        assert_false(taken->lied);
        const char *text = taken->places[cases[i].place]->str;
        text += *text == '\n';
        if (strcmp(text, cases[i].text) != 0 || !taken_says(taken, "cover 0 complete none"))
            print_message("%s: %s\n%s\n", cases[i].name, text, taken->told->str);
        assert_string_equal(text, cases[i].text);
        assert_true(taken_says(taken, "cover 0 complete none"));
    }
}

/* Only the head of the page tells its type; a size is that of the paper. */
static void
test_ofd_types(void **state)
{
    static const struct {
        const char *name, *content, *types;
    } cases[] = {
        {"its size", AT(10, 50, 5.644, "字"), "160 - 字\n"},
        {"below the head", AT(10, 150, 5.644, "字"), ""},
        {"red",
         "<TextObject Boundary='9 9 9 9' Size='5.644'><FillColor Value='#FF 0 0'/><TextCode>字</TextCode></TextObject>",
         "160 ff0000 字\n"},
        {"a matrix on the object",
         "<TextObject Boundary='9 9 9 9' Size='1' CTM='3 0 0 5.644 0 0'><TextCode>字</TextCode></TextObject>",
         "160 - 字\n"},
        {"two sizes in a line", AT(10, 50, 5.644, "甲") AT(16, 50, 14.817, "乙"), "160 - 甲\n420 - 乙\n"},
        {"CMYK",
         "<TextObject Boundary='9 9 9 9' Size='5.644'><FillColor Value='0 255 255 "
         "0'/><TextCode>字</TextCode></TextObject>",
         "160 ff0000 字\n"},
        {"a unit that nobody has", "<CompositeObject ResourceID='77'/>" AT(10, 50, 5.644, "字"), "160 - 字\n"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Taken) taken = read_page(cases[i].content, NULL);
        if (strcmp(taken->types->str, cases[i].types) != 0)
            print_message("%s: %s\n", cases[i].name, taken->types->str);
        assert_string_equal(taken->types->str, cases[i].types);
    }
}

/* A unit placed again and again, in units placed again and again: each costs, and the whole is bounded. */
static void
test_ofd_unit_bomb(void **state)
{
    GString *units =
        g_string_new("<Res><CompositeGraphicUnit ID='0'>" AT(1, 1, 5, "机密★10年") "</CompositeGraphicUnit>");
    for (guint i = 1; i < 12; i++) {
        g_string_append_printf(units, "<CompositeGraphicUnit ID='%u'>", i);
        for (guint j = 0; j < 10; j++)
            g_string_append_printf(units, "<CompositeObject Boundary='%u 0 9 9' ResourceID='%u'/>", j, i - 1);
        g_string_append(units, "</CompositeGraphicUnit>");
    }
    g_string_append(units, "</Res>");
    Stored stored = {0};
    add(&stored, "OFD.xml", "<OFD><DocBody><DocRoot>d.xml</DocRoot></DocBody></OFD>");
    add(&stored, "d.xml",
        "<Document><PublicRes>r.xml</PublicRes><Pages><Page ID='1' BaseLoc='p.xml'/></Pages></Document>");
    add(&stored, "r.xml", units->str);
    add(&stored, "p.xml", "<Page><CompositeObject ResourceID='11'/><CompositeObject ResourceID='3'/></Page>");
    GString *zip = stored_end(&stored);
    g_autoptr(Taken) taken = taker_read(zip->str, zip->len, "application/ofd", &TAKER_WIDE);
    g_string_free(zip, TRUE);
    g_string_free(units, TRUE);
    assert_false(taken->lied);
    assert_true(taken_says(taken, "end"));
    assert_non_null(strstr(taken->text->str, "机密★10年"));
}

/* A form and what is filled in are one page. */
static void
test_ofd_template_and_page_are_one(void **state)
{
    g_autoptr(Taken) taken =
        read_page(AT(20, 150, 5, "机密★10年"), AT(5, 150, 5, "密级：") AT(5, 10, 5, "页眉") AT(5, 295, 5, "页脚"));
    assert_non_null(strstr(taken->places[PLACE_BODY]->str, "密级：机密★10年"));
    assert_non_null(strstr(taken->places[PLACE_PAGE_HEADER]->str, "页眉"));
    assert_non_null(strstr(taken->places[PLACE_PAGE_FOOTER]->str, "页脚"));
}

/* A page that lists itself, a list that lists itself, a document in a document. */
static void
test_ofd_circles(void **state)
{
    Stored stored = {0};
    add(&stored, "OFD.xml",
        "<OFD><DocRoot>OFD.xml</DocRoot><DocRoot>d.xml</DocRoot><DocRoot>d.xml</DocRoot><Signatures>d.xml</"
        "Signatures></OFD>");
    add(&stored, "d.xml",
        "<D><Page ID='1' BaseLoc='d.xml'/><Annotations>d.xml</Annotations><Attachments>../../d.xml</Attachments>"
        "<Extensions>l.xml</Extensions></D>");
    add(&stored, "l.xml", "<L><Extensions>l.xml</Extensions><Signatures>OFD.xml</Signatures></L>");
    GString *zip = stored_end(&stored);
    g_autoptr(Taken) taken = taker_read(zip->str, zip->len, "application/ofd", &TAKER_WIDE);
    g_string_free(zip, TRUE);
    assert_false(taken->lied);
    assert_true(taken_says(taken, "end"));
}

/* A seal is DER that may say anything about its lengths. */
static void
test_ofd_seal_damaged(void **state)
{
    static const guint8 seal[] = "\x30\x1C\x04\x1A\x89PNG\r\n\x1A\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\2";
    for (gsize at = 0; at < sizeof seal - 1; at++)
        for (guint value = 0; value < 256; value += 51) {
            Stored stored = {0};
            guint8 bytes[sizeof seal];
            memcpy(bytes, seal, sizeof seal);
            bytes[at] = (guint8)value;
            add(&stored, "OFD.xml", "<OFD/>");
            stored_add(&stored, "Seal.esl", bytes, sizeof seal - 1);
            GString *zip = stored_end(&stored);
            g_autoptr(Taken) taken = taker_read(zip->str, zip->len, "application/ofd", &TAKER_WIDE);
            g_string_free(zip, TRUE);
            assert_false(taken->lied);
            assert_true(taken_says(taken, "end"));
        }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ofd_reading_order), cmocka_unit_test(test_ofd_types),
        cmocka_unit_test(test_ofd_unit_bomb),     cmocka_unit_test(test_ofd_template_and_page_are_one),
        cmocka_unit_test(test_ofd_circles),       cmocka_unit_test(test_ofd_seal_damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
