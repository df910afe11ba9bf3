/* data - the pass: digits are looked for in blocks, what stands around them is read once. */
#include "config.h"
#include "data.h"
#include "data_private.h"
#include <string.h>

#define LETTERS_BEFORE 24 /* of a word before its first digit; with more it is none of ours */
#define GROUPS_MAX 20
#define DIGITS_MAX 24
#define CARD_WORD_REACH 24 /* bytes before a card's number in which its word may stand */
#define LOCAL_PART_MAX 64  /* RFC 5321, 4.5.3.1 */
#define DOMAIN_MAX 253

typedef struct {
    guint32 from, to;
} Span;

typedef struct {
    const char *text;
    gsize length;
    guint kinds;
    DataSink sink;
    gpointer user;
    gsize run_to;   /* end of the last run of groups that was read */
    gsize email_to; /* end of the last address */
} Pass;

/* Digits with the same sign between them: 6222 0200 ... */
typedef struct {
    Span spans[GROUPS_MAX];
    guint count;
    char sign;
} Groups;

static const char *const WORDS[DATA_COUNT] = {"cn-identity", "cn-identity-15", "bank-card", "credit-code",
                                              "phone",       "landline",       "passport",  "travel-permit",
                                              "email",       "freemail"};

const char *
data_word(DataKind kind)
{
    return kind < DATA_COUNT ? WORDS[kind] : "?";
}

gboolean
data_parse(const char *word, DataKind *out)
{
    for (guint i = 0; i < DATA_COUNT; i++)
        if (strcmp(word, WORDS[i]) == 0) {
            *out = (DataKind)i;
            return TRUE;
        }
    return FALSE;
}

/* --- characters ------------------------------------------------------------------------------------------------- */

static inline char
char_at(const Pass *pass, gsize at)
{
    return at < pass->length ? pass->text[at] : '\0';
}

static inline gboolean
digit_at(const Pass *pass, gsize at)
{
    return at < pass->length && g_ascii_isdigit(pass->text[at]);
}

static gboolean
all_digits(const Pass *pass, gsize from, gsize to)
{
    while (from < to && digit_at(pass, from))
        from++;
    return from == to;
}

static gsize
word_end(const Pass *pass, gsize at)
{
    while (at < pass->length && g_ascii_isalnum(pass->text[at]))
        at++;
    return at;
}

typedef guint8 Bytes __attribute__((vector_size(16)));

static inline guint64
block_has_anchor(const char *at)
{
    Bytes bytes;
    guint64 halves[2];
    memcpy(&bytes, at, sizeof bytes);
    Bytes found = (Bytes)((Bytes)(bytes - '0') <= 9) | (Bytes)(bytes == '@');
    memcpy(halves, &found, sizeof halves);
    return halves[0] | halves[1];
}

/* The next digit or @ from `at` on; the length if there is none. */
static gsize
next_anchor(const Pass *pass, gsize at)
{
    while (at + 64 <= pass->length) {
        const char *block = pass->text + at;
        if ((block_has_anchor(block) | block_has_anchor(block + 16) | block_has_anchor(block + 32) |
             block_has_anchor(block + 48)) != 0)
            break;
        at += 64;
    }
    while (at < pass->length && !g_ascii_isdigit(pass->text[at]) && pass->text[at] != '@')
        at++;
    return at;
}

/* --- telling ---------------------------------------------------------------------------------------------------- */

/* FNV-1a over the kind and the characters without what stands between them. */
static guint64
value_of(DataKind kind, const char *word, gsize length)
{
    guint64 value = (14695981039346656037u ^ (guint64)kind) * 1099511628211u;
    for (gsize i = 0; i < length; i++)
        value = (value ^ (guint8)word[i]) * 1099511628211u;
    return value;
}

static void
tell(const Pass *pass, DataKind kind, gsize from, gsize to, const char *word, gsize length)
{
    if (pass->kinds & 1u << kind)
        pass->sink(kind, (guint32)from, (guint32)to, value_of(kind, word, length), pass->user);
}

/* --- borders ---------------------------------------------------------------------------------------------------- */

static gboolean
is_decimal(const Pass *pass, gsize from, gsize to)
{
    return (from >= 2 && pass->text[from - 1] == '.' && digit_at(pass, from - 2)) ||
           (char_at(pass, to) == '.' && digit_at(pass, to + 1));
}

static gboolean
ends_before(const Pass *pass, gsize at, const char *word)
{
    gsize length = strlen(word);
    return at >= length && memcmp(pass->text + at - length, word, length) == 0;
}

static gboolean
starts_at(const Pass *pass, gsize at, const char *word)
{
    gsize length = strlen(word);
    return at + length <= pass->length && memcmp(pass->text + at, word, length) == 0;
}

/* The prefix of the country stands before `at`, whatever stands before that. */
static gboolean
after_country(const Pass *pass, gsize at)
{
    return ends_before(pass, at, "86-") && !(at >= 4 && digit_at(pass, at - 4) && !ends_before(pass, at, "0086-"));
}

/* Hyphens tie it to further digits: 2026-13800138000-01. */
static gboolean
is_tied(const Pass *pass, gsize from, gsize to)
{
    gboolean before = from >= 2 && pass->text[from - 1] == '-' && digit_at(pass, from - 2);
    return (before && !after_country(pass, from)) || (char_at(pass, to) == '-' && digit_at(pass, to + 1));
}

static gboolean
is_amount(const Pass *pass, gsize from, gsize to)
{
    static const char *const UNITS[] = {"元", "万", "亿", "吨", "千",  "百",   "美",
                                        "个", "人", "户", "%",  " 元", " 万元"};
    if (ends_before(pass, from, "¥") || ends_before(pass, from, "$") || ends_before(pass, from, "€"))
        return TRUE;
    for (guint i = 0; i < G_N_ELEMENTS(UNITS); i++)
        if (starts_at(pass, to, UNITS[i]))
            return TRUE;
    return FALSE;
}

static gboolean
is_phone(const Pass *pass, gsize from, gsize to, const char *word, gsize length)
{
    return mobile_is_valid(word, length) && !is_tied(pass, from, to) && !is_amount(pass, from, to) &&
           char_at(pass, to) != '@';
}

/* --- one word --------------------------------------------------------------------------------------------------- */

static void
take_digits(const Pass *pass, gsize from, gsize to)
{
    const char *word = pass->text + from;
    gsize length = to - from, country = 0;
    if (length == 13 && starts_at(pass, from, "86"))
        country = 2;
    else if (length == 15 && starts_at(pass, from, "0086"))
        country = 4;
    if (is_phone(pass, from, to, word + country, length - country))
        tell(pass, DATA_PHONE, from, to, word + country, length - country);
    else if (card_is_valid(word, length) && !is_tied(pass, from, to))
        tell(pass, DATA_BANK_CARD, from, to, word, length);
    else if (identity_old_is_valid(word, length) && !is_tied(pass, from, to))
        tell(pass, DATA_CN_IDENTITY_OLD, from, to, word, length);
}

/* Letters may touch an identity number from before (sfz110105...): its date and check digit are proof enough. */
static gboolean
take_identity(const Pass *pass, gsize from, gsize to)
{
    while (from < to && !digit_at(pass, from))
        from++;
    if (!identity_is_valid(pass->text + from, to - from))
        return FALSE;
    tell(pass, DATA_CN_IDENTITY, from, to, pass->text + from, to - from);
    return TRUE;
}

static void
take_word(const Pass *pass, gsize from, gsize to)
{
    const char *word = pass->text + from;
    gsize length = to - from;
    if (length < 9 || length > 42 || is_decimal(pass, from, to))
        return;
    if (credit_code_is_valid(word, length)) { /* before identity numbers: it has two check characters */
        tell(pass, DATA_CREDIT_CODE, from, to, word, length);
        return;
    }
    if (take_identity(pass, from, to))
        return;
    if (all_digits(pass, from, to)) {
        take_digits(pass, from, to);
        return;
    }
    if (is_tied(pass, from, to) || char_at(pass, to) == '@')
        return;
    if (passport_is_valid(word, length))
        tell(pass, DATA_PASSPORT, from, to, word, length);
    else if (permit_is_valid(word, length))
        tell(pass, DATA_TRAVEL_PERMIT, from, to, word, length);
}

/* --- groups ----------------------------------------------------------------------------------------------------- */

static gboolean
is_sign(char c)
{
    return c == ' ' || c == '-';
}

/* Digits, or digits and x. */
static gboolean
is_group(const Pass *pass, gsize from, gsize to)
{
    return from < to && (all_digits(pass, from, to) ||
                         (to - from > 1 && pass->text[to - 1] == 'x' && all_digits(pass, from, to - 1)) ||
                         (to - from == 1 && pass->text[from] == 'x'));
}

/* Reads the whole run from its first group on; FALSE if it is too long or no run. */
static gboolean
groups_read(Pass *pass, gsize from, gsize to, Groups *groups)
{
    gboolean fits = TRUE;
    groups->count = 0;
    groups->sign = char_at(pass, to);
    for (;;) {
        if (groups->count < GROUPS_MAX)
            groups->spans[groups->count++] = (Span){(guint32)from, (guint32)to};
        else
            fits = FALSE;
        pass->run_to = to;
        if (!is_sign(groups->sign) || char_at(pass, to) != groups->sign)
            break;
        from = to + 1;
        to = word_end(pass, from);
        if (!is_group(pass, from, to))
            break;
    }
    return fits && groups->count > 1;
}

typedef struct {
    DataKind kind;
    const char *lengths; /* of the groups, as digits */
} Shape;

static const Shape SHAPES[] = {
    {DATA_CN_IDENTITY, "684"},   {DATA_CN_IDENTITY, "6444"},   {DATA_CN_IDENTITY, "33444"},
    {DATA_CN_IDENTITY, "64224"}, {DATA_CN_IDENTITY, "333333"}, {DATA_CN_IDENTITY, "111111111111111111"},
    {DATA_BANK_CARD, "4444"},    {DATA_BANK_CARD, "44443"},    {DATA_BANK_CARD, "44442"},
    {DATA_BANK_CARD, "44441"},   {DATA_BANK_CARD, "465"},      {DATA_BANK_CARD, "1111111111111111"},
    {DATA_PHONE, "344"},         {DATA_PHONE, "434"},          {DATA_PHONE, "38"},
    {DATA_PHONE, "11111111111"},
};

/* A word for a card stands on the line just before. */
static gboolean
card_word_before(const Pass *pass, gsize at)
{
    gsize from = at > CARD_WORD_REACH ? at - CARD_WORD_REACH : 0;
    for (gsize i = at; i-- > from && pass->text[i] != '\n';)
        if (starts_at(pass, i, "卡") || starts_at(pass, i, "账") || starts_at(pass, i, "帐") ||
            starts_at(pass, i, "card") || starts_at(pass, i, "visa"))
            return TRUE;
    return FALSE;
}

static gboolean
shape_holds(const Pass *pass, DataKind kind, const Groups *groups, guint first, const char *word, gsize length)
{
    gsize from = groups->spans[first].from, to = groups->spans[groups->count - 1].to;
    switch (kind) {
    case DATA_CN_IDENTITY:
        return identity_is_valid(word, length);
    case DATA_BANK_CARD:
        return card_is_valid(word, length) &&
               (groups->sign == '-' || card_is_unionpay(word, length) || card_word_before(pass, from));
    default:
        return mobile_is_valid(word, length) && !is_amount(pass, from, to);
    }
}

/* The groups from `first` to the last are one number. */
static gboolean
groups_tell(const Pass *pass, const Groups *groups, guint first)
{
    char lengths[GROUPS_MAX + 1] = "", word[DIGITS_MAX + 1];
    gsize length = 0, from = groups->spans[first].from, to = groups->spans[groups->count - 1].to;
    for (guint i = first; i < groups->count; i++) {
        gsize size = groups->spans[i].to - groups->spans[i].from;
        if (size > 9 || length + size > DIGITS_MAX)
            return FALSE;
        lengths[i - first] = (char)('0' + size);
        memcpy(word + length, pass->text + groups->spans[i].from, size);
        length += size;
    }
    if (is_decimal(pass, from, to))
        return FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(SHAPES); i++)
        if (strcmp(SHAPES[i].lengths, lengths) == 0 && shape_holds(pass, SHAPES[i].kind, groups, first, word, length)) {
            tell(pass, SHAPES[i].kind, from, to, word, length);
            return TRUE;
        }
    return FALSE;
}

/* Reads a run that begins with the word; TRUE if all of it is one number, with or without one before it: that of a row
 * of a table, or the country's. */
static gboolean
take_groups(Pass *pass, gsize from, gsize to)
{
    Groups groups;
    if (to - from > 6 || !groups_read(pass, from, to, &groups))
        return FALSE;
    if (groups_tell(pass, &groups, 0))
        return TRUE;
    gsize first = groups.spans[0].to - groups.spans[0].from;
    gboolean country = starts_at(pass, from, "86") || starts_at(pass, from, "0086");
    gboolean row = groups.sign == ' ' && first <= 3 && groups.spans[1].to - groups.spans[1].from != first;
    return groups.count > 2 && (country || row) && groups_tell(pass, &groups, 1);
}

/* --- fixed lines ------------------------------------------------------------------------------------------------ */

/* Seven or eight digits at `at`, or 3 4 and 4 4; `out` gets them. Returns where they end, or 0. */
static gsize
subscriber_read(const Pass *pass, gsize at, GString *out)
{
    gsize end = word_end(pass, at), length = end - at;
    if (char_at(pass, at) < '2' || !all_digits(pass, at, end))
        return 0;
    g_string_append_len(out, pass->text + at, (gssize)length);
    if ((length == 3 || length == 4) && is_sign(char_at(pass, end))) {
        at = end + 1;
        end = word_end(pass, at);
        if (end - at != 4 || !all_digits(pass, at, end))
            return 0;
        g_string_append_len(out, pass->text + at, 4);
        length += 4;
    }
    gboolean table = char_at(pass, end) == ' ' && digit_at(pass, end + 1);
    return (length == 7 || length == 8) && !table && !is_decimal(pass, at, end) ? end : 0;
}

/* The area code from..to-1 and what follows; returns the end, or 0. */
static gsize
take_landline(const Pass *pass, gsize from, gsize to, gboolean bare)
{
    if (to - from > 4 || !area_is_valid(pass->text + from, to - from, bare))
        return 0;
    gsize at = to;
    gboolean bracket = char_at(pass, at) == ')' && from > 0 && pass->text[from - 1] == '(';
    if (bracket)
        at++;
    if (is_sign(char_at(pass, at)))
        at++;
    if (at == to)
        return 0;
    g_autoptr(GString) word = g_string_new(bare ? "0" : NULL);
    g_string_append_len(word, pass->text + from, (gssize)(to - from));
    gsize end = subscriber_read(pass, at, word);
    if (end != 0)
        tell(pass, DATA_LANDLINE, from, end, word->str, word->len);
    return end;
}

static gsize
take_any_landline(const Pass *pass, gsize from, gsize to)
{
    gboolean country = (starts_at(pass, from, "86") && to - from == 2 && from > 0 && pass->text[from - 1] == '+') ||
                       (starts_at(pass, from, "0086") && to - from == 4);
    if (!country)
        return take_landline(pass, from, to, FALSE);
    if (!is_sign(char_at(pass, to)))
        return 0;
    return take_landline(pass, to + 1, word_end(pass, to + 1), TRUE);
}

/* --- addresses -------------------------------------------------------------------------------------------------- */

static gboolean
is_local(char c)
{
    return g_ascii_isalnum(c) || (c != '\0' && strchr("._%+-", c) != NULL);
}

/* Where the domain at `at` ends; 0 if it is none of two labels and more. */
static gsize
domain_end(const Pass *pass, gsize at)
{
    gsize end = at, label = at;
    while (end < pass->length && end - at < DOMAIN_MAX &&
           (g_ascii_isalnum(pass->text[end]) || pass->text[end] == '-' ||
            (pass->text[end] == '.' && g_ascii_isalnum(char_at(pass, end + 1))))) {
        if (pass->text[end] == '.')
            label = end + 1;
        end++;
    }
    if (label == at || end - label < 2)
        return 0;
    for (gsize i = label; i < end; i++)
        if (!g_ascii_isalpha(pass->text[i]))
            return 0;
    return end;
}

/* The address around the @; returns from where to go on. */
static gsize
take_email(Pass *pass, gsize at)
{
    gsize from = at, floor = MAX(pass->email_to, at > LOCAL_PART_MAX ? at - LOCAL_PART_MAX : 0);
    while (from > floor && is_local(pass->text[from - 1]))
        from--;
    while (from < at && !g_ascii_isalnum(pass->text[from]))
        from++;
    gsize end = from < at ? domain_end(pass, at + 1) : 0;
    if (end == 0)
        return at + 1;
    tell(pass, DATA_EMAIL, from, end, pass->text + from, end - from);
    if (domain_is_freemail(pass->text + at + 1, end - at - 1))
        tell(pass, DATA_FREEMAIL, from, end, pass->text + from, end - from);
    pass->email_to = end;
    return end;
}

/* --- the pass --------------------------------------------------------------------------------------------------- */

/* The word around the digit at `at`; returns from where to go on. */
static gsize
take(Pass *pass, gsize at, gsize floor)
{
    gsize from = at, to = word_end(pass, at);
    while (from > floor && at - from <= LETTERS_BEFORE && g_ascii_isalpha(pass->text[from - 1]))
        from--;
    if (at - from > LETTERS_BEFORE)
        return to;
    if (from == at && is_group(pass, from, to)) {
        gsize end = take_any_landline(pass, from, to);
        if (end != 0)
            return end;
        if (from >= pass->run_to && take_groups(pass, from, to))
            return pass->run_to;
    }
    take_word(pass, from, to);
    return to;
}

void
data_find(const char *text, gsize length, guint kinds, DataSink sink, gpointer user)
{
    Pass pass = {text, length, kinds, sink, user, 0, 0};
    g_return_if_fail(length <= G_MAXUINT32);
    if (kinds == 0)
        return;
    for (gsize at = next_anchor(&pass, 0), floor = 0; at < length; at = next_anchor(&pass, floor))
        floor = text[at] == '@' ? take_email(&pass, at) : take(&pass, at, floor);
}
