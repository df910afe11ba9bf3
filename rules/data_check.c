/* data_check - check digits, dates and number ranges. */
#include "config.h"
#include "data_private.h"
#include <string.h>

static gboolean
all_digits(const char *word, gsize length)
{
    for (gsize i = 0; i < length; i++)
        if (!g_ascii_isdigit(word[i]))
            return FALSE;
    return TRUE;
}

static guint
number_of(const char *digits, gsize length)
{
    guint number = 0;
    for (gsize i = 0; i < length; i++)
        number = number * 10 + (guint)(digits[i] - '0');
    return number;
}

/* GB/T 2260, the first two digits. */
static gboolean
province_is_valid(const char *digits)
{
    static const guint8 PROVINCES[] = {11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42,
                                       43, 44, 45, 46, 50, 51, 52, 53, 54, 61, 62, 63, 64, 65, 71, 81, 82};
    return memchr(PROVINCES, (int)number_of(digits, 2), sizeof PROVINCES) != NULL;
}

static gboolean
date_is_valid(guint year, guint month, guint day)
{
    return month >= 1 && month <= 12 && g_date_valid_dmy((GDateDay)day, (GDateMonth)month, (GDateYear)year);
}

gboolean
identity_is_valid(const char *word, gsize length)
{
    static const guint8 WEIGHTS[] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    guint sum = 0, year;
    if (length != 18 || !all_digits(word, 17))
        return FALSE;
    for (gsize i = 0; i < 17; i++)
        sum += (guint)(word[i] - '0') * WEIGHTS[i];
    if (word[17] != "10x98765432"[sum % 11])
        return FALSE;
    year = number_of(word + 6, 4);
    if (year < 1900 || year > 2099 || !date_is_valid(year, number_of(word + 10, 2), number_of(word + 12, 2)))
        return FALSE;
    /* Taiwan residents' permits are 83; a permanent resident's number is 9, the province, then the country. */
    return province_is_valid(word) || number_of(word, 2) == 83 || (word[0] == '9' && province_is_valid(word + 1));
}

gboolean
identity_old_is_valid(const char *word, gsize length)
{
    return length == 15 && all_digits(word, length) && province_is_valid(word) &&
           date_is_valid(1900 + number_of(word + 6, 2), number_of(word + 8, 2), number_of(word + 10, 2));
}

static gboolean
luhn_holds(const char *digits, gsize length)
{
    guint sum = 0;
    for (gsize i = 0; i < length; i++) {
        guint digit = (guint)(digits[length - 1 - i] - '0') << (i & 1);
        sum += digit > 9 ? digit - 9 : digit;
    }
    return sum % 10 == 0;
}

typedef struct {
    guint from, to; /* of the first six digits */
    guint8 shortest, longest;
    gboolean unionpay;
} CardRange;

static const CardRange CARDS[] = {
    {620000, 629999, 16, 19, TRUE},  {436742, 436742, 19, 19, TRUE},  {456351, 456351, 19, 19, TRUE},
    {601382, 601382, 19, 19, TRUE},  {955800, 955899, 19, 19, TRUE},  {955990, 955999, 19, 19, TRUE},
    {810000, 817199, 16, 19, TRUE},  {400000, 499999, 16, 16, FALSE}, {510000, 559999, 16, 16, FALSE},
    {222100, 272099, 16, 16, FALSE}, {352800, 358999, 16, 16, FALSE}, {340000, 349999, 15, 15, FALSE},
    {370000, 379999, 15, 15, FALSE}, {601100, 601199, 16, 16, FALSE}, {644000, 659999, 16, 16, FALSE},
};

static const CardRange *
card_range(const char *digits, gsize length)
{
    guint begin = number_of(digits, 6);
    for (guint i = 0; i < G_N_ELEMENTS(CARDS); i++)
        if (begin >= CARDS[i].from && begin <= CARDS[i].to && length >= CARDS[i].shortest && length <= CARDS[i].longest)
            return &CARDS[i];
    return NULL;
}

gboolean
card_is_valid(const char *word, gsize length)
{
    guint seen = 0, different = 0;
    if (length < 15 || length > 19 || !all_digits(word, length) || card_range(word, length) == NULL ||
        !luhn_holds(word, length))
        return FALSE;
    for (gsize i = 0; i < length; i++)
        seen |= 1u << (word[i] - '0');
    for (; seen != 0; seen &= seen - 1)
        different++;
    return different >= 5; /* 4000000000000002 fills a form, no purse */
}

gboolean
card_is_unionpay(const char *word, gsize length)
{
    const CardRange *range = card_range(word, length);
    return range != NULL && range->unionpay;
}

/* GB 11714: the eight characters of an organisation and their check character. */
static gboolean
organisation_is_valid(const char *word)
{
    static const guint8 WEIGHTS[] = {3, 7, 9, 10, 5, 8, 4, 2};
    guint sum = 0;
    for (gsize i = 0; i < 8; i++)
        sum += (guint)(g_ascii_isdigit(word[i]) ? word[i] - '0' : word[i] - 'a' + 10) * WEIGHTS[i];
    return word[8] == "0x987654321"[sum % 11];
}

/* Which kinds of bodies each registering department knows (GB 32100, table 2). */
static gboolean
body_is_valid(char department, char kind)
{
    static const char *const KINDS[] = {"11239", "219", "3123459", "419", "5123459", "619",
                                        "7129",  "819", "9123",    "a19", "n1239",   "y1"};
    for (guint i = 0; i < G_N_ELEMENTS(KINDS); i++)
        if (KINDS[i][0] == department)
            return kind != '\0' && strchr(KINDS[i] + 1, kind) != NULL;
    return FALSE;
}

gboolean
credit_code_is_valid(const char *word, gsize length)
{
    static const char ALPHABET[] = "0123456789abcdefghjklmnpqrtuwxy";
    static const guint8 WEIGHTS[] = {1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28};
    guint sum = 0;
    if (length != 18 || !body_is_valid(word[0], word[1]) || !all_digits(word + 2, 6))
        return FALSE;
    if (!province_is_valid(word + 2) && number_of(word + 2, 6) != 100000)
        return FALSE;
    for (gsize i = 0; i < 18; i++)
        if (word[i] == '\0' || strchr(ALPHABET, word[i]) == NULL)
            return FALSE;
    for (gsize i = 0; i < 17; i++)
        sum += (guint)(strchr(ALPHABET, word[i]) - ALPHABET) * WEIGHTS[i];
    return organisation_is_valid(word + 8) && word[17] == ALPHABET[(31 - sum % 31) % 31];
}

gboolean
mobile_is_valid(const char *word, gsize length)
{
    /* the third digits that are given out after 13, 14 ... 19 */
    static const char *const THIRD[] = {"0123456789", "01456789",   "012356789", "2567",
                                        "012345678",  "0123456789", "012356789"};
    return length == 11 && all_digits(word, length) && word[0] == '1' && word[1] >= '3' &&
           strchr(THIRD[word[1] - '3'], word[2]) != NULL;
}

gboolean
area_is_valid(const char *word, gsize length, gboolean bare)
{
    if (!bare) {
        if (length == 0 || word[0] != '0')
            return FALSE;
        word++, length--;
    }
    if (!all_digits(word, length))
        return FALSE;
    if (length == 2)
        return (word[0] == '1' && word[1] == '0') || (word[0] == '2' && word[1] != '6');
    return length == 3 && word[0] >= '3';
}

gboolean
passport_is_valid(const char *word, gsize length)
{
    if (length != 9)
        return FALSE;
    if (strchr("egdspkhm", word[0]) == NULL)
        return FALSE;
    if (all_digits(word + 1, 8))
        return strchr("egdspk", word[0]) != NULL;
    if (!all_digits(word + 2, 7) || !g_ascii_islower(word[1]))
        return FALSE;
    return (word[0] == 'e' && word[1] != 'i' && word[1] != 'o') || (strchr("dsp", word[0]) != NULL && word[1] == 'e') ||
           (word[0] == 'k' && word[1] == 'j') || (word[0] == 'h' && word[1] == 'j') ||
           (word[0] == 'm' && (word[1] == 'a' || word[1] == 'b'));
}

gboolean
permit_is_valid(const char *word, gsize length)
{
    if (length == 11)
        return (word[0] == 'h' || word[0] == 'm') && all_digits(word + 1, 10);
    if (length != 9)
        return FALSE;
    if (strchr("hmct", word[0]) != NULL && all_digits(word + 1, 8))
        return TRUE;
    return word[0] == 'c' && g_ascii_islower(word[1]) && all_digits(word + 2, 7);
}

gboolean
domain_is_freemail(const char *domain, gsize length)
{
    static const char *const FREE[] = {
        "163.com",      "126.com",        "yeah.net",       "qq.com",       "foxmail.com", "vip.qq.com",
        "vip.163.com",  "vip.126.com",    "188.com",        "sina.com",     "sina.cn",     "vip.sina.com",
        "sohu.com",     "139.com",        "189.cn",         "wo.cn",        "aliyun.com",  "tom.com",
        "21cn.com",     "gmail.com",      "googlemail.com", "outlook.com",  "hotmail.com", "live.com",
        "live.cn",      "msn.com",        "yahoo.com",      "yahoo.com.cn", "yahoo.cn",    "yahoo.com.hk",
        "yahoo.com.tw", "yahoo.co.jp",    "ymail.com",      "icloud.com",   "me.com",      "mac.com",
        "proton.me",    "protonmail.com", "aol.com",        "gmx.com",      "gmx.net",     "gmx.de",
        "mail.ru",      "yandex.ru",      "yandex.com",     "naver.com",    "hanmail.net", "daum.net",
        "zoho.com",     "tutanota.com",   "2980.com",       "88.com",       "email.cn",    "petalmail.com",
        "wo.com.cn",    "chinaren.com",
    };
    for (guint i = 0; i < G_N_ELEMENTS(FREE); i++)
        if (strlen(FREE[i]) == length && memcmp(FREE[i], domain, length) == 0)
            return TRUE;
    return FALSE;
}
