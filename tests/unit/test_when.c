#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "when.h"
#include <string.h>

/* 2026-01-15 is a Thursday. */
#define MIDNIGHT G_GINT64_CONSTANT(1768435200) /* UTC */
#define HOUR 3600

static Groups *
groups_of(const char *yaml, Problems *problems)
{
    Groups *groups = groups_new();
    g_autoptr(YamlFile) file = yaml_load_bytes("groups", yaml, strlen(yaml), problems);

    groups_read(groups, yaml_root(file), "groups", problems);
    return groups;
}

static When *
when_of(const char *yaml, const char *zone, const Groups *groups, Problems *problems)
{
    g_autoptr(YamlFile) file = yaml_load_bytes("when", yaml, strlen(yaml), problems);

    return when_read(yaml_root(file), zone, groups, "when", problems);
}

/* --- sets of addresses ---------------------------------------------------------------------- */

static void
test_address_set_has_each_kind_of_item(void **state)
{
    static const struct {
        const char *item, *address;
        gboolean wanted;
    } cases[] = {
        {"mail.example", "a@mail.example", TRUE},
        {"mail.example", "a@x.mail.example", FALSE},
        {"Mail.Example", "a@MAIL.example", TRUE},
        {"@mail.example", "a@mail.example", TRUE},
        {".mail.example", "a@mail.example", TRUE},
        {".mail.example", "a@b.c.mail.example", TRUE},
        {".mail.example", "a@hotmail.example", FALSE},
        {"zhang@", "Zhang@anywhere.example", TRUE},
        {"zhang@", "li@anywhere.example", FALSE},
        {"zhang@unit.example", "zhang@unit.example", TRUE},
        {"zhang@unit.example", "zhang@other.example", FALSE},
        {"单位.example", "a@xn--fsqx3v.example", FALSE},
        {"例子.example", "a@xn--fsqu00a.example", TRUE},
        {"mail.example", "", FALSE},
        {"mail.example", "root", FALSE},
        {"root@", "root", TRUE},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        AddressSet *set = address_set_new();
        assert_true(address_set_add(set, cases[i].item));
        if (address_set_has(set, cases[i].address) != cases[i].wanted)
            fail_msg("%s, %s", cases[i].item, cases[i].address);
        address_set_free(set);
    }
}

static void
test_address_set_add_refuses_what_is_no_item(void **state)
{
    static const char *const items[] = {"", "a b@c", "@", "a@b@c", "a@.b", "b..c", "."};
    AddressSet *set = address_set_new();

    for (guint i = 0; i < G_N_ELEMENTS(items); i++)
        if (address_set_add(set, items[i]))
            fail_msg("«%s»", items[i]);
    address_set_free(set);
}

static void
test_groups_of_several_packs_add_up(void **state)
{
    g_autoptr(Problems) problems = problems_new();
    Groups *groups = groups_of("freemail: [a.example]\nbosses: [li@unit.example]\n", problems);
    const char *more = "freemail: [b.example]\n";
    g_autoptr(YamlFile) file = yaml_load_bytes("more", more, strlen(more), problems);

    groups_read(groups, yaml_root(file), "groups", problems);
    assert_int_equal(problems_count(problems), 0);
    assert_true(address_set_has(groups_find(groups, "freemail"), "x@a.example"));
    assert_true(address_set_has(groups_find(groups, "freemail"), "x@b.example"));
    assert_false(address_set_has(groups_find(groups, "bosses"), "x@b.example"));
    assert_null(groups_find(groups, "nobody"));
    groups_free(groups);
}

/* --- when ----------------------------------------------------------------------------------- */

typedef struct {
    const char *when;
    Direction direction;
    const char *sender, *recipients[3];
    gint64 seconds;
    gboolean wanted;
} WhenCase;

static const WhenCase cases[] = {
    {"{direction: out}", DIRECTION_OUT, "a@unit.example", {"b@x.example"}, MIDNIGHT, TRUE},
    {"{direction: [in, local]}", DIRECTION_OUT, "a@unit.example", {"b@x.example"}, MIDNIGHT, FALSE},
    {"{senders: [unit.example]}", DIRECTION_OUT, "a@unit.example", {NULL}, MIDNIGHT, TRUE},
    {"{senders: [unit.example]}", DIRECTION_OUT, "", {NULL}, MIDNIGHT, FALSE},
    {"{except_senders: [unit.example]}", DIRECTION_OUT, "a@unit.example", {NULL}, MIDNIGHT, FALSE},
    {"{except_senders: [unit.example]}", DIRECTION_OUT, "", {NULL}, MIDNIGHT, TRUE},
    {"{recipients: [freemail]}", DIRECTION_OUT, "", {"a@unit.example", "a@free.example"}, MIDNIGHT, TRUE},
    {"{recipients: [freemail]}", DIRECTION_OUT, "", {"a@unit.example"}, MIDNIGHT, FALSE},
    {"{recipients: [freemail]}", DIRECTION_OUT, "", {NULL}, MIDNIGHT, FALSE},
    {"{except_recipients: [freemail]}", DIRECTION_OUT, "", {"a@unit.example", "a@free.example"}, MIDNIGHT, TRUE},
    {"{except_recipients: [freemail]}", DIRECTION_OUT, "", {"b@free.example", "a@free.example"}, MIDNIGHT, FALSE},
    {"{recipients: [freemail], direction: in}", DIRECTION_OUT, "", {"a@free.example"}, MIDNIGHT, FALSE},
    {"{to_self: yes}", DIRECTION_OUT, "zhang@unit.example", {"li@unit.example", "zhang@free.example"}, MIDNIGHT, TRUE},
    {"{to_self: yes}", DIRECTION_OUT, "zhang@unit.example", {"zhang@unit.example"}, MIDNIGHT, FALSE},
    {"{to_self: yes}", DIRECTION_OUT, "li.qing@unit.example", {"liqing1985@free.example"}, MIDNIGHT, TRUE},
    {"{to_self: yes}", DIRECTION_OUT, "wang2@unit.example", {"wang88@free.example"}, MIDNIGHT, FALSE}, /* too common */
    {"{to_self: yes}", DIRECTION_OUT, "liqing@unit.example", {"liqingshan@free.example"}, MIDNIGHT, FALSE},
    {"{to_self: yes}", DIRECTION_OUT, "1234567@unit.example", {"7654321@free.example"}, MIDNIGHT, FALSE},
    {"{reply_to: [freemail]}", DIRECTION_OUT, "li@unit.example", {"a@b.example"}, MIDNIGHT, FALSE},
    {"{to_self: yes}", DIRECTION_OUT, "", {"zhang@unit.example"}, MIDNIGHT, FALSE},
    /* midnight UTC is eight o'clock in Shanghai */
    {"{hours: ['08:00-09:00']}", DIRECTION_OUT, "", {NULL}, MIDNIGHT, TRUE},
    {"{hours: ['08:00-09:00']}", DIRECTION_OUT, "", {NULL}, MIDNIGHT - 1, FALSE},
    {"{hours: ['08:00-09:00']}", DIRECTION_OUT, "", {NULL}, MIDNIGHT + HOUR, FALSE},
    {"{hours: ['18:00-08:00']}", DIRECTION_OUT, "", {NULL}, MIDNIGHT - 1, TRUE},
    {"{hours: ['18:00-08:00']}", DIRECTION_OUT, "", {NULL}, MIDNIGHT, FALSE},
    {"{hours: ['00:00-24:00']}", DIRECTION_OUT, "", {NULL}, MIDNIGHT, TRUE},
    {"{hours: ['06:00-07:00', '08:00-08:30']}", DIRECTION_OUT, "", {NULL}, MIDNIGHT, TRUE},
    {"{days: [thu]}", DIRECTION_OUT, "", {NULL}, MIDNIGHT, TRUE},
    {"{days: [thu]}", DIRECTION_OUT, "", {NULL}, MIDNIGHT - 8 * HOUR - 1, FALSE},
    {"{days: [sat, sun], hours: ['08:00-09:00']}", DIRECTION_OUT, "", {NULL}, MIDNIGHT, FALSE},
};

static void
test_when_holds(void **state)
{
    g_autoptr(Problems) problems = problems_new();
    Groups *groups = groups_of("freemail: [free.example]\n", problems);

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        When *when = when_of(cases[i].when, "Asia/Shanghai", groups, problems);
        g_autoptr(GPtrArray) recipients = g_ptr_array_new();
        for (guint k = 0; cases[i].recipients[k] != NULL; k++)
            g_ptr_array_add(recipients, (gpointer)cases[i].recipients[k]);
        const LetterFacts facts = {.direction = cases[i].direction,
                                   .sender = cases[i].sender,
                                   .recipients = recipients,
                                   .time_us = cases[i].seconds * G_USEC_PER_SEC};
        assert_int_equal(problems_count(problems), 0);
        if (when_holds(when, &facts) != cases[i].wanted)
            fail_msg("%u: %s", i, cases[i].when);
        when_free(when);
    }
    groups_free(groups);
}

static void
test_when_knows_tagged_and_rewritten_addresses(void **state)
{
    g_autoptr(Problems) problems = problems_new();
    Groups *groups = groups_of("freemail: [free.example]\n", problems);
    When *when = when_of("{senders: [li@unit.example], to_self: yes}", "UTC", groups, problems);
    g_autoptr(GPtrArray) recipients = g_ptr_array_new(), bases = g_ptr_array_new();
    g_ptr_array_add(recipients, (gpointer) "li+x@free.example");
    g_ptr_array_add(bases, (gpointer) "li@free.example");
    const LetterFacts facts = {.sender = "li+work@unit.example",
                               .sender_base = "li@unit.example",
                               .recipients = recipients,
                               .recipient_bases = bases};

    assert_true(when_holds(when, &facts));
    assert_true(when_holds(NULL, &facts));
    g_autofree char *text = when_text(when);
    assert_string_equal(text, "senders: li@unit.example; to_self: yes");
    when_free(when);
    /* the author's name on a mailbox called otherwise; a Reply-To of his */
    when = when_of("{to_self: yes, reply_to: [freemail]}", "UTC", groups, problems);
    g_autoptr(GPtrArray) odd = g_ptr_array_new(), here = g_ptr_array_new();
    g_ptr_array_add(odd, (gpointer) "x7@free.example");
    g_ptr_array_add(here, (gpointer) "x7@unit.example");
    const LetterFacts named = {.sender = "li@unit.example", .recipients = odd, .own = odd, .reply_to = odd};
    const LetterFacts nameless = {.sender = "li@unit.example", .recipients = odd, .reply_to = odd};
    const LetterFacts inside = {.sender = "li@unit.example", .recipients = here, .own = here, .reply_to = odd};
    const LetterFacts no_reply = {.sender = "li@unit.example", .recipients = odd, .own = odd, .reply_to = here};
    assert_true(when_holds(when, &named));
    assert_false(when_holds(when, &nameless));
    assert_false(when_holds(when, &inside));
    assert_false(when_holds(when, &no_reply));
    when_free(when);
    groups_free(groups);
}

static void
test_when_read_tells_mistakes(void **state)
{
    static const struct {
        const char *when, *told;
    } mistakes[] = {
        {"{}", "must be a map"},
        {"[out]", "must be a map"},
        {"{direction: up}", "a direction is"},
        {"{direction: []}", "empty list"},
        {"{recipients: [freemial]}", "there is no group \"freemial\""},
        {"{senders: ['a b@c.d']}", "no address"},
        {"{hours: ['8-9']}", "hours are like"},
        {"{hours: ['08:00-08:00']}", "hours are like"},
        {"{hours: ['08:60-09:00']}", "hours are like"},
        {"{hours: ['08:00-25:00']}", "hours are like"},
        {"{days: [monday]}", "days are"},
        {"{day: [mon]}", "days"},
    };
    Groups *groups = groups_new();

    for (guint i = 0; i < G_N_ELEMENTS(mistakes); i++) {
        g_autoptr(Problems) problems = problems_new();
        When *when = when_of(mistakes[i].when, "UTC", groups, problems);
        g_autofree char *text = problems_to_text(problems);
        if (strstr(text, mistakes[i].told) == NULL)
            fail_msg("%s: «%s»", mistakes[i].when, text);
        when_free(when);
    }
    groups_free(groups);
    assert_true(when_has_zone("Asia/Shanghai"));
    assert_false(when_has_zone("Asia/Nowhere"));
}

static void
test_groups_read_tells_mistakes(void **state)
{
    static const char *const mistakes[] = {"3", "Big: [a.example]", "a: b.example", "a: [[b]]", "a: ['b c']"};

    for (guint i = 0; i < G_N_ELEMENTS(mistakes); i++) {
        g_autoptr(Problems) problems = problems_new();
        Groups *groups = groups_of(mistakes[i], problems);
        if (problems_count(problems) != 1)
            fail_msg("%s", mistakes[i]);
        groups_free(groups);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_address_set_has_each_kind_of_item),
        cmocka_unit_test(test_address_set_add_refuses_what_is_no_item),
        cmocka_unit_test(test_groups_of_several_packs_add_up),
        cmocka_unit_test(test_when_holds),
        cmocka_unit_test(test_when_knows_tagged_and_rewritten_addresses),
        cmocka_unit_test(test_when_read_tells_mistakes),
        cmocka_unit_test(test_groups_read_tells_mistakes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
