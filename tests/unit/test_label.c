/* Labels for machines: what header fields and properties say becomes text of the place "label". */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "label.h"
#include "letters.h"
#include "mime.h"
#include <string.h>

static Settings *settings;

static gboolean
take(const Segment *segment, gpointer user)
{
    assert_int_equal(segment->place.kind, PLACE_LABEL);
    g_string_append_printf(user, "%s: %.*s", segment->place.name, (int)segment->length, segment->text);
    return TRUE;
}

static void
test_label_headers(void **state)
{
    static const struct {
        const char *name, *fields, *said;
    } cases[] = {
        {"no label", "Subject: hello\n", ""},
        {"protective marking",
         "X-Protective-Marking: VER=2018.6, NS=gov.au, SEC=PROTECTED,\n CAVEAT=SH:CABINET, ORIGIN=a@b.example\n",
         "protective-marking: PROTECTED\nSH:CABINET\n"},
        {"marking of 2012", "X-Protective-Marking: VER=2012.3,NS=gov.au,sec=UNCLASSIFIED,DLM=Sensitive:Personal\n",
         "protective-marking: UNCLASSIFIED\nSensitive:Personal\n"},
        {"a comma with a backslash", "X-Protective-Marking: SEC=TOP\\, SECRET, NS=x\n",
         "protective-marking: TOP, SECRET\n"},
        {"Subject", "Subject: minutes [SEC=PROTECTED, CAVEAT=SH:CABINET]\n",
         "protective-marking: PROTECTED\nSH:CABINET\n"},
        {"Subject without its end", "Subject: minutes [SEC=PROTECTED\n", ""},
        {"labels by name",
         "msip_labels: MSIP_Label_1-2_Enabled=true; MSIP_Label_1-2_SiteId=3; MSIP_Label_1-2_Name=Confidential;\n",
         "msip: Confidential\n"},
        {"a label that is not in force",
         "msip_labels: MSIP_Label_1_Name=Secret;MSIP_Label_1_Enabled=False;MSIP_Label_2_Name=General;"
         "MSIP_Label_2_Enabled=true\n",
         "msip: General\n"},
        {"Chinese in an encoded word",
         "msip_labels: MSIP_Label_1_Enabled=true;MSIP_Label_1_Name==?utf-8?B?5py65a+G?=;\n", "msip: 密级:机密\n"},
        {"Chinese as it is",
         "msip_labels: MSIP_Label_1_Name=\xe6\x9c\xba\xe5\xaf\x86\xe2\x98\x85"
         "10\xe5\xb9\xb4\n",
         "msip: 密级:机密★10年\n"},
        {"marking of an SIO label", "SIO-Label: marking=\"NATO RESTRICTED\"; fgcolor=black; bgcolor=\"#aaaaaa\"\n",
         "sio: NATO RESTRICTED\n"},
        {"SIO label in XML", "SIO-Label: type=\":xml\";\n label=\"PGw+PGM+U0VDUkVUPC9jPjwvbD4=\"; marking=\"SECRET\"\n",
         "sio: SECRET\nSECRET\n"},
        {"SIO label in parts", "SIO-Label: marking*0=\"TOP \"; marking*1=SECRET\n", "sio: TOP SECRET\n"},
        {"SIO label of ESS", "SIO-Label: type=\":ess\"; label=\"MQgCAQQGAyoDBA==\"\n", "sio: SECRET\n"},
        {"SIO label of noise", "SIO-Label: type=\":ess\"; label=\"MQgCAQQGA\"\n", ""},
        {"sensitivity", "Sensitivity: Company-Confidential\n", "sensitivity: Company-Confidential\n"},
        {"classification", "X-Classification:  SECRET \n", "classification: SECRET\n"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GString) said = g_string_new(NULL);
        g_autofree char *letter = g_strdup_printf("From: a@b.example\n%s\nhello\n", cases[i].fields);
        g_autoptr(Message) message = letter_of(letter, -1, FALSE);
        const HeaderSink sink = {take, said};
        assert_true(mime_parse(message, settings, NULL));
        assert_true(label_headers(message_part(message, 0), &sink));
        if (strcmp(said->str, cases[i].said) != 0)
            fail_msg("%s: \"%s\"", cases[i].name, said->str);
    }
}

static void
test_label_headers_too_long_is_none(void **state)
{
    g_autoptr(GString) letter = g_string_new("From: a@b.example\nX-Classification: SECRET");
    g_autoptr(GString) said = g_string_new(NULL);
    for (guint i = 0; i < 3000; i++)
        g_string_append(letter, "\n and more");
    g_string_append(letter, "\n\nhello\n");
    g_autoptr(Message) message = letter_of(letter->str, -1, FALSE);
    const HeaderSink sink = {take, said};
    assert_true(mime_parse(message, settings, NULL));
    assert_true(label_headers(message_part(message, 0), &sink));
    assert_string_equal(said->str, "");
}

static void
test_label_of_property(void **state)
{
    static const struct {
        const char *name, *kind;
    } cases[] = {
        {"密级", "property"},
        {"文件密级", "property"},
        {"Classification", "property"},
        {"Security_Classification", "property"},
        {"TitusClassification", "property"},
        {"bjDocumentSecurityLabel", "property"},
        {"MSIP_Label_2b9b-11_Name", "msip"},
        {"MSIP_Label_2b9b-11_SiteId", NULL},
        {"MSIP_Label_", NULL},
        {"title", NULL},
        {"密级标注方法", NULL},
        {"", NULL},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        const char *kind = label_of_property(cases[i].name);
        if (g_strcmp0(kind, cases[i].kind) != 0)
            fail_msg("%s: %s", cases[i].name, kind);
    }
}

static void
test_label_text(void **state)
{
    g_autofree char *chinese = label_text("机密★10年", 14), *english = label_text(" SECRET \n\n x", 12),
                    *field = label_text("密级：秘密", 15), *cut = label_text("机密", 5);
    assert_string_equal(chinese, "密级:机密★10年\n");
    assert_string_equal(english, "SECRET\nx\n");
    assert_string_equal(field, "密级：秘密\n");
    assert_true(g_utf8_validate(cut, -1, NULL));
}

static int
set_up(void **state)
{
    settings = settings_new_default();
    return 0;
}

static int
tear_down(void **state)
{
    settings_free(settings);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_label_headers),
        cmocka_unit_test(test_label_headers_too_long_is_none),
        cmocka_unit_test(test_label_of_property),
        cmocka_unit_test(test_label_text),
    };
    g_mime_init();
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
