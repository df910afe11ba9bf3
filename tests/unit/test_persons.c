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
#include "when.h"

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

static Submitter *
owner_of(const char *names)
{
    Submitter *facts = submitter_new(SUBMITTER_KNOWN);
    g_auto(GStrv) all = g_strsplit(names, " ", -1);
    for (char **one = all; *one != NULL; one++)
        g_ptr_array_add(facts->names, g_strdup(*one));
    return facts;
}

static void
test_owner_of_the_account(void **state)
{
    static const struct {
        const char *to, *recipient, *history;
        gboolean own;
    } cases[] = {
        {"x", "liqing@qq.com", NULL, TRUE},
        {"x", "Li.Qing1985@163.com", NULL, TRUE},
        {"x", "qingli@qq.com", NULL, TRUE},
        {"x", "liq88@qq.com", NULL, TRUE},
        {"x", "lq19850312@qq.com", NULL, TRUE},
        {"李青 <70012345@qq.com>", "70012345@qq.com", NULL, TRUE},
        {"Li Qing <70012345@qq.com>", "70012345@qq.com", NULL, TRUE},
        {"x", "70012345@qq.com", "0:own", TRUE}, /* as a record tells */
        /* his wife, others, too little to go by */
        {"王芳 <wangfang@qq.com>", "wangfang@qq.com", NULL, FALSE},
        {"x", "liq@qq.com", NULL, FALSE},
        {"x", "lq88@qq.com", NULL, FALSE},
        {"x", "liqingshan@qq.com", NULL, FALSE},
        {"x", "qing@qq.com", NULL, FALSE},
        {"x", "70012345@qq.com", "1:own 99:own x:own 0:ow 0:owner", FALSE},
        {"x", "liqing@unit.example", NULL, FALSE}, /* inside */
    };
    g_autoptr(Settings) settings = unit_settings();
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = g_strdup_printf("From: <bgs01@unit.example>\nTo: %s\nSubject: y\n\nz\n", cases[i].to);
        g_autoptr(Message) message = letter_of(text, -1, FALSE);
        Persons persons = {0};
        assert_true(mime_parse(message, settings, NULL));
        g_free(message->envelope.sender);
        message->envelope.sender = g_strdup("bgs01@unit.example");
        g_ptr_array_set_size(message->envelope.recipients, 0);
        g_ptr_array_add(message->envelope.recipients, g_strdup(cases[i].recipient));
        message->envelope.history = g_strdup(cases[i].history);
        message->envelope.account = owner_of("李青 liqing qingli liq qli lq");
        persons_look(message, &persons);
        if ((persons.mask == 1) != cases[i].own || (persons.own->len == 1) != cases[i].own)
            fail_msg("%s %s: %u", cases[i].to, cases[i].recipient, persons.mask);
        persons_clear(&persons);
    }
}

static void
test_history_of_recipients(void **state)
{
    g_autoptr(Settings) settings = unit_settings();
    g_autoptr(Message) message = letter_of("From: <a@unit.example>\nSubject: y\n\nz\n", -1, FALSE);
    Persons persons = {0};
    assert_true(mime_parse(message, settings, NULL));
    g_ptr_array_set_size(message->envelope.recipients, 0);
    for (guint i = 0; i < 3; i++)
        g_ptr_array_add(message->envelope.recipients, g_strdup_printf("%u@qq.com", i));
    message->envelope.history = g_strdup("1:12:4 7:5:5 2:9 0:x:3 2:1:1:1");
    persons_look(message, &persons);
    assert_int_equal(persons.history->len, 3);
    const LetterHistory *history = (const LetterHistory *)(gconstpointer)persons.history->data;
    assert_int_equal(history[0].letters, 1);
    assert_int_equal(history[1].letters, 12);
    assert_int_equal(history[1].days, 4);
    assert_int_equal(history[2].letters, 1);
    persons_clear(&persons);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_persons_look), cmocka_unit_test(test_owner_of_the_account),
                                       cmocka_unit_test(test_history_of_recipients)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
