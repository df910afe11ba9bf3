/* New passwords against the tiers: each case names all faults that have to be told, and no other. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "password_hash.h"
#include "strength.h"
#include <string.h>

#define BIT(fault) (1u << STRENGTH_##fault)

static gboolean
is_used(const char *password, guint history, gpointer user)
{
    *(guint *)user = history;
    return strcmp(password, "Regen+Lampe77") == 0;
}

static guint
check(Tier tier, const char *password, guint *history)
{
    const StrengthAsk ask = {.tier = tier,
                             .login = "alice.zw",
                             .address = "zhangwei3@water.example",
                             .name = "张伟",
                             .unit = "江州市水务局",
                             .department = "办公室",
                             .used = is_used,
                             .user = history};
    return strength_check(&ask, password) & ~BIT(DICTIONARY); /* which may be installed or not */
}

static const struct {
    Tier tier;
    const char *password;
    guint faults;
} cases[] = {
    {TIER_BASE, "Tulip-4711", 0},
    {TIER_BASE, "雨伞灯塔面包 8 号", 0},
    {TIER_BASE, "Kx7lamp", BIT(TOO_SHORT)},
    {TIER_BASE, "雨伞灯8", BIT(TOO_SHORT)},
    {TIER_BASE, "wimpel-garten", BIT(NO_DIGIT)},
    {TIER_BASE, "47110815992736", BIT(NO_LETTER)},
    {TIER_BASE, "a1b2c3d4", BIT(EASY)},
    {TIER_BASE, "Passw0rd!23", BIT(EASY)},
    {TIER_BASE, "qwerty12345A", BIT(EASY)},
    {TIER_BASE, "Zxcvbnm@2024", BIT(EASY)},
    {TIER_BASE, "alicezw-Garten-93", BIT(LIKE_LOGIN)},
    {TIER_BASE, "A1ice.zw-Garten-93", BIT(LIKE_LOGIN)},
    {TIER_BASE, "wzecila-Garten-93", BIT(LIKE_LOGIN)},
    {TIER_BASE, "zhangwei-Garten-93", BIT(LIKE_LOGIN) | BIT(LIKE_NAME)},
    {TIER_BASE, "zw#8391-7724-06", BIT(LIKE_LOGIN) | BIT(LIKE_NAME)},
    {TIER_BASE, "张伟-Garten-93", BIT(LIKE_NAME)},
    {TIER_BASE, "JiangZhouShiShuiWuJu-93-Garten", BIT(LIKE_UNIT)},
    {TIER_BASE, "water-Garten-93", BIT(LIKE_UNIT)},
    {TIER_STRICT, "Tulip4711x", BIT(NO_SPECIAL)},
    {TIER_STRICT, "Tulip-4711", 0},
    {TIER_HIGH, "Kx7-lampe", BIT(TOO_SHORT)},
    {TIER_HIGH, "Kx7-lampe-Rad", 0},
    {TIER_BASE, "Regen+Lampe77", BIT(USED)},
    {TIER_BASE, "", BIT(EMPTY)},
    {TIER_BASE, "Tulip\xff-4711", BIT(ENCODING)},
    {TIER_BASE, "Tulip\x07-Garten-4711", BIT(ENCODING)},
    {TIER_OTP, "Tulip-4711", 0},
    {TIER_OTP, "Tulip4711x", BIT(NO_SPECIAL)},
    {TIER_OTP, "287082", BIT(TOO_SHORT) | BIT(NO_LETTER) | BIT(NO_SPECIAL) | BIT(EASY)},
};

static void
test_strength_tells_every_fault_and_no_other(void **state)
{
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        guint history = 0, faults = check(cases[i].tier, cases[i].password, &history);
        if (faults != cases[i].faults)
            print_error("%s: %x, not %x\n", cases[i].password, faults, cases[i].faults);
        assert_int_equal(faults, cases[i].faults);
    }
}

static void
test_strength_asks_for_as_much_history_as_the_tier_says(void **state)
{
    guint history = 0;
    check(TIER_HIGH, "Kx7-lampe-Rad", &history);
    assert_int_equal(history, tier_row(TIER_HIGH)->history);
}

static void
test_strength_of_a_giant_is_told_without_looking_into_it(void **state)
{
    g_autofree char *giant = g_strnfill(PASSWORD_MAX + 1, 'x');
    guint history = 0;
    assert_int_equal(check(TIER_BASE, giant, &history), BIT(TOO_LONG));
    giant[PASSWORD_MAX] = '\0';
    assert_int_equal(check(TIER_BASE, giant, &history) & BIT(TOO_LONG), 0);
}

static void
test_strength_sentences_have_figures_in_both_languages(void **state)
{
    for (guint fault = 0; fault < STRENGTHS; fault++)
        for (guint tier = 0; tier < TIERS; tier++) {
            g_autofree char *en = strength_text((StrengthFault)fault, (Tier)tier, FALSE);
            g_autofree char *zh = strength_text((StrengthFault)fault, (Tier)tier, TRUE);
            assert_null(strchr(en, '%'));
            assert_null(strchr(zh, '%'));
            assert_true(*strength_word((StrengthFault)fault) != '\0');
        }
    g_autofree char *high = strength_text(STRENGTH_TOO_SHORT, TIER_HIGH, TRUE);
    assert_string_equal(high, "密码太短，至少需要 10 个字符。");
    g_autofree char *rules = strength_rules(TIER_STRICT, FALSE);
    assert_non_null(strstr(rules, "special"));
    assert_non_null(strstr(rules, "30 days"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_strength_tells_every_fault_and_no_other),
        cmocka_unit_test(test_strength_asks_for_as_much_history_as_the_tier_says),
        cmocka_unit_test(test_strength_of_a_giant_is_told_without_looking_into_it),
        cmocka_unit_test(test_strength_sentences_have_figures_in_both_languages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
