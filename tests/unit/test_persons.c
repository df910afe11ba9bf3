#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "letters.h"
#include "mime.h"
#include "persons.h"
#include "unit_settings.h"

static void
test_persons_look(void **state)
{
    static const struct {
        const char *headers, *own, *reply_to;
    } cases[] = {
        {"From: =?utf-8?B?5p2O6Z2S?= <a1@unit.example>\nTo: \"李青\" <x7@free.example>, 王五 <w@free.example>\n",
         "x7@free.example", ""},
        {"From: =?gbk?B?wO7H4A==?= <a1@unit.example>\nCc: =?utf-8?Q?=E6=9D=8E_=E9=9D=92?= <x7@free.example>\n",
         "x7@free.example", ""},
        {"From: Li Qing <a1@unit.example>\nTo: \"LI  QING\" <x7@free.example>\n", "x7@free.example", ""},
        /* too short, no name, another name */
        {"From: Li <a1@unit.example>\nTo: Li <x7@free.example>\n", "", ""},
        {"From: a1@unit.example\nTo: x7@free.example\n", "", ""},
        {"From: 李青 <a1@unit.example>\nTo: 李青山 <x7@free.example>\n", "", ""},
        {"From: 李青 <a1@unit.example>\nReply-To: me <X7@Free.example>, y@unit.example\n", "",
         "x7@free.example,y@unit.example"},
    };
    g_autoptr(Settings) settings = unit_settings();
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = g_strconcat(cases[i].headers, "Subject: y\n\nz\n", NULL);
        g_autoptr(Message) message = letter_of(text, -1, FALSE);
        Persons persons = {0};
        assert_true(mime_parse(message, settings, NULL));
        persons_look(message, &persons);
        g_ptr_array_add(persons.own, NULL);
        g_ptr_array_add(persons.reply_to, NULL);
        g_autofree char *own = g_strjoinv(",", (char **)persons.own->pdata);
        g_autofree char *reply_to = g_strjoinv(",", (char **)persons.reply_to->pdata);
        assert_string_equal(own, cases[i].own);
        assert_string_equal(reply_to, cases[i].reply_to);
        persons_clear(&persons);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_persons_look)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
