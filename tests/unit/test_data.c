#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "data.h"
#include "fold.h"
#include <string.h>

typedef struct {
    const char *text;
    GString *out;   /* "phone:13800138000 " */
    GArray *values; /* guint64 */
} Told;

static void
told_add(DataKind kind, guint32 from, guint32 to, guint64 value, gpointer user)
{
    Told *told = user;
    assert_true(from < to);
    if (told->out->len > 0)
        g_string_append_c(told->out, '|');
    g_string_append_printf(told->out, "%s:", data_word(kind));
    g_string_append_len(told->out, told->text + from, to - from);
    g_array_append_val(told->values, value);
}

/* What is found in the text once folded, as "kind:text|kind:text". */
static char *
found_in(const char *text, guint kinds, GArray *values_out)
{
    g_autoptr(Fold) fold = fold_new();
    fold_run(fold, text, strlen(text));
    g_autoptr(GArray) values = g_array_new(FALSE, FALSE, sizeof(guint64));
    Told told = {fold_folded(fold)->text, g_string_new(NULL), values_out != NULL ? values_out : values};
    data_find(told.text, fold_folded(fold)->length, kinds, told_add, &told);
    return g_string_free(told.out, FALSE);
}

typedef struct {
    const char *text, *found;
} Case;

static void
assert_cases(const Case *cases, guint count, guint kinds)
{
    for (guint i = 0; i < count; i++) {
        g_autofree char *found = found_in(cases[i].text, kinds, NULL);
        if (strcmp(found, cases[i].found) != 0)
            fail_msg("%s: found [%s], wanted [%s]", cases[i].text, found, cases[i].found);
    }
}

static void
test_data_words_go_there_and_back(void **state)
{
    DataKind kind;
    for (guint i = 0; i < DATA_COUNT; i++) {
        assert_true(data_parse(data_word((DataKind)i), &kind));
        assert_int_equal(kind, i);
    }
    assert_false(data_parse("bank-cards", &kind));
}

static void
test_data_find_identity(void **state)
{
    static const Case CASES[] = {
        {"11010519491231002X", "cn-identity:11010519491231002x"},
        {"身份证号：11010519491231002x。", "cn-identity:11010519491231002x"},
        {"身份证１１０１０５１９４９１２３１００２Ｘ", "cn-identity:11010519491231002x"},
        {"110105 19491231 002X", "cn-identity:110105 19491231 002x"},
        {"110105-19491231-002X", "cn-identity:110105-19491231-002x"},
        {"650100 1977 0615 0202", "cn-identity:650100 1977 0615 0202"},
        {"6 5 0 1 0 0 1 9 7 7 0 6 1 5 0 2 0 2", "cn-identity:6 5 0 1 0 0 1 9 7 7 0 6 1 5 0 2 0 2"},
        {"3 650100197706150202 张", "cn-identity:650100197706150202"},
        {"张三_650100197706150202.jpg", "cn-identity:650100197706150202"},
        {"sfz650100197706150202", "cn-identity:650100197706150202"},
        {"810000198808081235 830000199001010012", "cn-identity:810000198808081235|cn-identity:830000199001010012"},
        {"911124198108030024", "cn-identity:911124198108030024"},
        {"650100197706150202,440305199912311233", "cn-identity:650100197706150202|cn-identity:440305199912311233"},
        {"65\u200B0100197706150202", "cn-identity:650100197706150202"},
        /* near misses */
        {"650100197706150201", ""},
        {"110105194912310020", ""},
        {"110105194913310021", ""}, /* month 13, check digit right */
        {"110105189912310023", ""}, /* 1899 */
        {"990105194912310021", ""}, /* no such province */
        {"320404200002290012", "cn-identity:320404200002290012"},
        {"32040420010229001X", ""},  /* no leap year */
        {"6501001977061502021", ""}, /* glued digits */
        {"16501001977061502021", ""},
        {"11010519491231002XY", ""},
        {"650100197706150202.5", ""},
        {"0.650100197706150202", ""},
        {"65010019770615 02 02", ""},
    };
    assert_cases(CASES, G_N_ELEMENTS(CASES), DATA_ALL);
}

static void
test_data_find_old_identity(void **state)
{
    static const Case CASES[] = {
        {"原身份证 130503670401001", "cn-identity-15:130503670401001"},
        {"130503671301001", ""},
        {"990503670401001", ""},
        {"1305036704010012", ""},
    };
    assert_cases(CASES, G_N_ELEMENTS(CASES), DATA_ALL);
}

static void
test_data_find_cards(void **state)
{
    static const Case CASES[] = {
        {"卡号6222020200012345670", "bank-card:6222020200012345670"},
        {"6222 0202 0001 2345 670", "bank-card:6222 0202 0001 2345 670"},
        {"6222-0202-0001-2345-670", "bank-card:6222-0202-0001-2345-670"},
        {"开户行：某行 账号:6217001234567890122 户名:张三", "bank-card:6217001234567890122"},
        {"4111122223333444"
         "8",
         ""},
        {"4111222233334448", "bank-card:4111222233334448"},
        {"Visa card 4111 2222 3333 4448", "bank-card:4111 2222 3333 4448"},
        {"信用卡：4111 2222 3333 4448", "bank-card:4111 2222 3333 4448"},
        {"4111-2222-3333-4448", "bank-card:4111-2222-3333-4448"},
        {"5105105105105100", ""},
        {"3530111133330000", ""},
        {"3566002020360505", "bank-card:3566002020360505"},
        {"2223003122003222", ""}, /* too few different digits */
        {"9558800200123456788", "bank-card:9558800200123456788"},
        {"4367420012345678904", "bank-card:4367420012345678904"},
        /* near misses */
        {"6222020200012345671", ""},
        {"62220202000123456701", ""},
        {"1234567890123452", ""},    /* Luhn holds, nobody's range */
        {"4111 2222 3333 4448", ""}, /* four columns */
        {"990000862471854", ""},     /* an IMEI */
        {"6200000000000005", ""},
        {"1700000000000000 1699999999999", ""},
        {"订单号2026011522001489021456789012", ""},
        {"6222020200012345670.00", ""},
        {"5f6222020200012345670ab", ""},
        {"2026-6222020200012345670-01", ""},
    };
    assert_cases(CASES, G_N_ELEMENTS(CASES), DATA_ALL);
}

static void
test_data_find_credit_codes(void **state)
{
    static const Case CASES[] = {
        {"统一社会信用代码：91350100M000100Y43", "credit-code:91350100m000100y43"},
        {"11350100003601231L", "credit-code:11350100003601231l"},
        {"91440300708461136T", "credit-code:91440300708461136t"},
        {"N2370102MF3123457F", "credit-code:n2370102mf3123457f"},
        {"123300004700123489", "credit-code:123300004700123489"},
        {"91350100M000100Y44", ""},
        {"91350100M000101Y43", ""},
        {"92350100I000100Y43", ""},
        {"X91350100M000100Y43", ""},
    };
    assert_cases(CASES, G_N_ELEMENTS(CASES), DATA_ALL);
}

static void
test_data_find_phones(void **state)
{
    static const Case CASES[] = {
        {"电话13800138000", "phone:13800138000"},
        {"138 0013 8000", "phone:138 0013 8000"},
        {"138-0013-8000", "phone:138-0013-8000"},
        {"+86 13800138000", "phone:13800138000"},
        {"+86-13800138000", "phone:13800138000"},
        {"+8613800138000", "phone:8613800138000"},
        {"0086 138 0013 8000", "phone:138 0013 8000"},
        {"1 13800138000 张三", "phone:13800138000"},
        {"13800138000/13900139001", "phone:13800138000|phone:13900139001"},
        {"010-62345678", "landline:010-62345678"},
        {"(010)62345678", "landline:010)62345678"},
        {"（0591）8765 4321", "landline:0591)8765 4321"},
        {"0591 87654321 转 801", "landline:0591 87654321"},
        {"0755-87654321-801", "landline:0755-87654321"},
        {"+86-10-62345678", "landline:10-62345678"},
        /* near misses */
        {"12800138000", ""},
        {"15400138000", ""},
        {"1380013800", ""},
        {"138001380001", ""},
        {"13800138000.00", ""},
        {"13800138000元", ""},
        {"¥13800138000", ""},
        {"x13800138000", ""},
        {"1700000000000", ""}, /* milliseconds */
        {"13800138000@163.com", "email:13800138000@163.com|freemail:13800138000@163.com"},
        {"20260115-13800138000-02", ""},
        {"138 2000 3000 4000", ""}, /* columns */
        {"000-62345678", ""},
        {"010-12345678", ""}, /* no number begins with 1 */
        {"2026-01-15 12:30:45", ""},
        {"192.168.100.200", ""},
    };
    assert_cases(CASES, G_N_ELEMENTS(CASES), DATA_ALL);
}

static void
test_data_find_travel_papers(void **state)
{
    static const Case CASES[] = {
        {"护照 E12345678", "passport:e12345678"},
        {"EA1234567", "passport:ea1234567"},
        {"护照号G12345678,", "passport:g12345678"},
        {"港澳通行证 C12345678", "travel-permit:c12345678"},
        {"H1234567890", "travel-permit:h1234567890"},
        {"EI1234567", ""},
        {"E123456789", ""},
        {"PCE12345678", ""},
        {"A12345678", ""},
        {"E12345678-3", ""},
    };
    assert_cases(CASES, G_N_ELEMENTS(CASES), DATA_ALL);
}

static void
test_data_find_addresses(void **state)
{
    static const Case CASES[] = {
        {"请发 Li.Si@example.gov.cn。", "email:li.si@example.gov.cn"},
        {"zhang+x@QQ.com;", "email:zhang+x@qq.com|freemail:zhang+x@qq.com"},
        {"<a@b>", ""},
        {"@163.com", ""},
        {"a@@163.com", ""},
        {"x@1.2", ""},
        {"a@b.cn@c.cn", "email:a@b.cn"},
    };
    assert_cases(CASES, G_N_ELEMENTS(CASES), DATA_ALL);
}

/* What units really mail and nobody's data. */
static void
test_data_find_is_quiet(void **state)
{
    static const char *const QUIET[] = {
        "0000000 7f45 4c46 0201 0100 0000 0000 0000 0000 0003 003e 0001 0000",
        "550e8400-e29b-41d4-a716-446655440000",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "4120 4235 4301 4402\n4011 4123 4200 4325\n5120 5235 5301 5402",
        "1季度 4120.50 2季度 4235.00 3季度 4301.25",
        "项目代码 2026-350100-48-01-123456",
        "招标编号:FJZB202601150001234 包1",
        "发票代码 035002600111 发票号码 12345678 校验码 12345 67890 12345 67890",
        "运单号 SF1234567890123, JD0123456789012",
        "版本 10.0.19045.3803 build 20260115.1",
        "2026011512304512345678",
        "π=3.14159265358979323846",
        "ISBN 978-7-301-12345-6, ISSN 1000-1234",
        "京ICP备12000402号-2",
        "经度 119.306239 纬度 26.075302",
        "000001 000002 000003 000004 000005 000006",
        "6 7 8 9 10 11 12 13 14 15 16 17 18",
    };
    for (guint i = 0; i < G_N_ELEMENTS(QUIET); i++) {
        g_autofree char *found = found_in(QUIET[i], DATA_ALL, NULL);
        if (found[0] != '\0')
            fail_msg("%s: found [%s]", QUIET[i], found);
    }
}

/* Of random numbers of each length hardly one is taken for a person's: the check digits work. */
static void
test_data_find_random_numbers(void **state)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(20121);
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GArray) values = g_array_new(FALSE, FALSE, sizeof(guint64));
    for (guint i = 0; i < 200000; i++) {
        for (guint n = 12 + i % 9; n > 0; n--)
            g_string_append_c(text, (gchar)('0' + g_rand_int_range(rand, 0, 10)));
        g_string_append_c(text, '\n');
    }
    g_free(found_in(text->str, 1u << DATA_CN_IDENTITY | 1u << DATA_CREDIT_CODE | 1u << DATA_PHONE, values));
    assert_true(values->len < 20);
    g_array_set_size(values, 0);
    g_free(found_in(text->str, 1u << DATA_BANK_CARD, values));
    assert_true(values->len < 200000 / 9 * 5 / 10 / 8); /* five lengths, a tenth by Luhn, few ranges */
}

static void
test_data_find_same_value(void **state)
{
    g_autoptr(GArray) values = g_array_new(FALSE, FALSE, sizeof(guint64));
    g_free(found_in("13800138000, 138-0013-8000, +8613800138000, +86 138 0013 8000; 13800138001", DATA_ALL, values));
    assert_int_equal(values->len, 5);
    for (guint i = 1; i < 4; i++)
        assert_true(g_array_index(values, guint64, i) == g_array_index(values, guint64, 0));
    assert_true(g_array_index(values, guint64, 4) != g_array_index(values, guint64, 0));
    g_array_set_size(values, 0);
    g_free(found_in("11010519491231002X 110105-19491231-002x", DATA_ALL, values));
    assert_int_equal(values->len, 2);
    assert_true(g_array_index(values, guint64, 0) == g_array_index(values, guint64, 1));
}

static void
test_data_find_only_the_kinds_asked_for(void **state)
{
    const char *text = "650100197706150202 13800138000 91350100M000100Y43";
    g_autofree char *phone = found_in(text, 1u << DATA_PHONE, NULL);
    assert_string_equal(phone, "phone:13800138000");
    g_autofree char *none = found_in(text, 0, NULL);
    assert_string_equal(none, "");
    g_autofree char *cards = found_in(text, 1u << DATA_BANK_CARD, NULL);
    assert_string_equal(cards, "");
}

/* However the blocks of the search lie, nothing is missed. */
static void
test_data_find_at_every_offset(void **state)
{
    for (guint before = 0; before < 140; before++) {
        g_autoptr(GString) text = g_string_new(NULL);
        for (guint i = 0; i < before; i++)
            g_string_append_c(text, '.');
        g_string_append(text, " 13800138000 a@b.cn");
        g_autofree char *found = found_in(text->str, DATA_ALL, NULL);
        assert_string_equal(found, "phone:13800138000|email:a@b.cn");
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_data_words_go_there_and_back), cmocka_unit_test(test_data_find_identity),
        cmocka_unit_test(test_data_find_old_identity),       cmocka_unit_test(test_data_find_cards),
        cmocka_unit_test(test_data_find_credit_codes),       cmocka_unit_test(test_data_find_phones),
        cmocka_unit_test(test_data_find_travel_papers),      cmocka_unit_test(test_data_find_addresses),
        cmocka_unit_test(test_data_find_is_quiet),           cmocka_unit_test(test_data_find_random_numbers),
        cmocka_unit_test(test_data_find_same_value),         cmocka_unit_test(test_data_find_only_the_kinds_asked_for),
        cmocka_unit_test(test_data_find_at_every_offset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
