/* marking-term - the term of a mark: 10年, 6个月, 长期, 2027年12月31日, 会议开始前. */
#include "config.h"
#include "marking-parts.h"
#include <string.h>

#define EVENT_MAX 14 /* characters */
#define YEAR_MIN 1900
#define YEAR_MAX 2199

typedef struct {
    guint value;
    guint digits; /* as written, positional ones only */
    gboolean ocr; /* a letter stands for one of them */
} Number;

/* Old Founder fonts give these characters for the digits 0-9. */
static const gunichar founder_digits[] = {U'园', U'员', U'圆', U'猿', U'源', U'缘', U'远', U'苑', U'愿', U'怨'};

static int
digit_value(gunichar c)
{
    static const char *const same[] = {"0〇零○", "1一壹弌", "2二贰两", "3三叁", "4四肆",
                                       "5五伍",  "6六陆",   "7七柒",   "8八捌", "9九玖"};

    for (int value = 0; value < 10; value++) {
        if (founder_digits[value] == c)
            return value;
        for (const char *p = same[value]; *p != '\0'; p = g_utf8_next_char(p))
            if (g_utf8_get_char(p) == c)
                return value;
    }
    return -1;
}

/* What scans make of a digit, beside another digit: 1O年, l0年; where the text is known to be a scan also alone. */
static int
scanned_digit(const Window *window, int index, guint seen)
{
    static const char *const same[] = {"oqd", "li|]!", "z", NULL, NULL, "s", "b", NULL, NULL, "gq"};
    gunichar c = window_char(window, index);
    int value = c == U'o' ? 0 : c == U'l' || c == U'i' ? 1 : -1;

    for (int i = 0; i < 10 && value < 0 && window->scan; i++)
        if (same[i] != NULL && window_one_of(window, index, same[i]))
            value = i;
    gboolean beside = digit_value(window_char(window, index + 1)) >= 0 || window_one_of(window, index + 1, "oli") ||
                      (window->scan && window_one_of(window, window_skip(window, index + 1, 2), "年个"));
    return value >= 0 && (seen > 0 || beside) ? value : -1;
}

static guint
tens_value(gunichar c)
{
    switch (c) {
    case U'十':
    case U'拾':
        return 10;
    case U'廿':
        return 20;
    case U'卅':
        return 30;
    case U'百':
    case U'佰':
        return 100;
    default:
        return 0;
    }
}

/* 10, 1 0, 十, 二十五, 二〇二七, 员园. Gives the index after it, or -1. */
static int
number_read(const Window *window, int index, Number *number)
{
    guint sum = 0, current = 0, seen = 0;
    gboolean tens = FALSE;
    int end = -1;

    number->digits = 0;
    number->ocr = FALSE;
    while (seen < 8) {
        gunichar c = window_char(window, index);
        int digit = digit_value(c), scanned = digit < 0 ? scanned_digit(window, index, seen) : -1;
        if (scanned >= 0) {
            number->ocr = TRUE;
            digit = scanned;
        }
        guint factor = tens_value(c);
        if (digit >= 0) {
            current = tens ? (guint)digit : current * 10 + (guint)digit;
            number->digits++;
        } else if (factor >= 20 && factor < 100) {
            sum += factor;
            tens = TRUE;
        } else if (factor > 0) {
            sum += MAX(current, 1) * factor;
            current = 0;
            tens = TRUE;
        } else
            break;
        seen++;
        end = index + 1;
        index = window_skip(window, end, 2);
    }
    number->value = sum + current;
    if (tens)
        number->digits = 0;
    return end;
}

/* What follows a year of four digits. Gives the end of the date; it always is one. */
static int
date_read(const Window *window, int after_year, guint year, Mark *mark)
{
    Number month = {0}, day = {0};
    int end = after_year, next;

    next = number_read(window, window_skip(window, end, 2), &month);
    if (next > 0 && month.value >= 1 && month.value <= 12) {
        int unit = window_skip(window, next, 2);
        gboolean named = window_one_of(window, unit, "月-./");
        end = named ? unit + 1 : next;
        next = named ? number_read(window, window_skip(window, end, 2), &day) : -1;
        if (next > 0 && day.value >= 1 && day.value <= 31) {
            unit = window_skip(window, next, 2);
            end = window_one_of(window, unit, "日号") ? unit + 1 : next;
        } else if (window_one_of(window, end - 1, "-./"))
            end--;
    } else
        month.value = 0;
    if (day.value >= 1 && day.value <= 31)
        g_snprintf(mark->term, sizeof mark->term, "%04u-%02u-%02u", year, month.value, day.value);
    else if (month.value >= 1)
        g_snprintf(mark->term, sizeof mark->term, "%04u-%02u", year, month.value);
    else
        g_snprintf(mark->term, sizeof mark->term, "%04u", year);
    mark->term_unit = TERM_DATE;
    if (window_one_of(window, end, "前后止"))
        end++;
    return end;
}

static int
unit_set(Mark *mark, TermUnit unit, guint value, int end)
{
    static const char *const names[] = {[TERM_YEARS] = "年", [TERM_MONTHS] = "个月", [TERM_DAYS] = "天"};

    if (value == 0 || value > 999 || (unit == TERM_YEARS && value > 99))
        return -1;
    mark->term_unit = unit;
    mark->term_number = value;
    g_snprintf(mark->term, sizeof mark->term, "%u%s", value, names[unit]);
    return end;
}

static int
compact_date(Mark *mark, guint value, int end)
{
    guint year = value / 10000, month = value / 100 % 100, day = value % 100;

    if (year < YEAR_MIN || year > YEAR_MAX || month < 1 || month > 12 || day < 1 || day > 31)
        return -1;
    mark->term_unit = TERM_DATE;
    g_snprintf(mark->term, sizeof mark->term, "%04u-%02u-%02u", year, month, day);
    return end;
}

gboolean
term_ends_here(const Window *window, int index)
{
    CharKind kind = window_kind(window, index);

    return kind != CHAR_HAN && kind != CHAR_DIGIT && kind != CHAR_LETTER;
}

static int
amount_read(const Window *window, int index, Mark *mark)
{
    Number number;
    int end = window_match(window, index, "半年");

    if (end >= 0)
        return unit_set(mark, TERM_MONTHS, 6, end);
    end = number_read(window, index, &number);
    if (end < 0)
        return -1;
    if (number.digits == 8)
        return compact_date(mark, number.value, end);
    int unit = window_skip(window, end, 2);
    if (window_one_of(window, unit, "/\\") && window_one_of(window, unit + 1, "年个")) /* 10/年 */
        unit++;
    gboolean year = number.digits == 4 && number.value >= YEAR_MIN && number.value <= YEAR_MAX;
    if (year && window_one_of(window, unit, "年-./"))
        return date_read(window, unit + 1, number.value, mark);
    switch (window_char(window, unit)) {
    case U'年':
        if (window_char(window, unit + 1) == U'半')
            return unit_set(mark, TERM_MONTHS, number.value * 12 + 6, unit + 2);
        return unit_set(mark, TERM_YEARS, number.value, unit + 1);
    case U'午': /* what scans make of 年 */
    case U'牛':
    case U'生':
    case U'华':
    case U'乍':
        if (!window->scan && !window_one_of(window, unit, "午牛"))
            return -1;
        return term_ends_here(window, unit + 1) ? unit_set(mark, TERM_YEARS, number.value, unit + 1) : -1;
    case U'月':
        return unit_set(mark, TERM_MONTHS, number.value, unit + 1);
    case U'天':
    case U'日':
        return unit_set(mark, TERM_DAYS, number.value, unit + 1);
    case U'周':
        return unit_set(mark, TERM_DAYS, number.value * 7, unit + 1);
    case U'个':
    case U'箇':
    case U'ヶ':
        unit = window_skip(window, unit + 1, 2);
        return window_char(window, unit) == U'月' ? unit_set(mark, TERM_MONTHS, number.value, unit + 1) : -1;
    default:
        return -1;
    }
}

/* 会议开始前, 公布之日, 会议结束后解密: up to EVENT_MAX characters that end in a word of time and stand free behind. */
static int
event_read(const Window *window, int index, Mark *mark)
{
    static const char *const exams[] = {"启用前", "启封前", "开封前", "考试", "开考", "考前", NULL};
    static const char *const releases[] = {"自行解密", "自动解密", "解密", "公开", NULL};
    GString *text = g_string_sized_new(64);
    int end = -1, i = index;

    for (int count = 0; count < EVENT_MAX; count++, i++) {
        if (count > 0)
            i = window_skip(window, i, 2);
        CharKind kind = window_kind(window, i);
        if (kind != CHAR_HAN && kind != CHAR_DIGIT && kind != CHAR_LETTER)
            break;
        g_string_append_unichar(text, window_char(window, i));
        gboolean last = window_one_of(window, i, "前后时止") ||
                        (window_char(window, i) == U'日' && window_char(window, i - 1) == U'之');
        int released = last ? window_match_any(window, i + 1, releases) : -1;
        if (last && count >= 2 && term_ends_here(window, released >= 0 ? released : i + 1)) {
            end = released >= 0 ? released : i + 1;
            break;
        }
    }
    if (end >= 0) {
        mark->term_unit = TERM_EVENT;
        mark->term[0] = '\0';
        g_strlcpy(mark->condition, text->str, sizeof mark->condition);
        for (guint e = 0; exams[e] != NULL; e++)
            mark->exam |= strstr(text->str, exams[e]) != NULL;
    }
    g_string_free(text, TRUE);
    return end;
}

/* 机密★10 at the end of its line: the unit is missing. */
static int
bare_years(const Window *window, int index, Mark *mark)
{
    Number number;
    int end = number_read(window, index, &number);
    CharKind kind = window_kind(window, end);

    if (end < 0 || number.ocr || number.digits > 2 || (kind != CHAR_LINE && kind != CHAR_SPACE && kind != CHAR_CLOSE))
        return -1;
    return unit_set(mark, TERM_YEARS, number.value, end);
}

int
term_read(const Window *window, int index, gboolean events, Mark *mark)
{
    static const char *const longs[] = {"长期", "永久", "永远", NULL};
    int begin = window_skip(window, index, 3);
    int end = window_match_any(window, begin, longs);

    if (end >= 0) {
        mark->term_unit = TERM_LONG;
        g_strlcpy(mark->term, "长期", sizeof mark->term);
        return end;
    }
    end = amount_read(window, begin, mark);
    if (events && end < 0)
        end = bare_years(window, begin, mark);
    if (events && (end < 0 || (mark->term_unit == TERM_DATE && window_kind(window, end) == CHAR_HAN))) {
        int event = event_read(window, begin, mark);
        end = event >= 0 ? event : end;
    }
    return end;
}

guint
mark_term_days(const Mark *mark)
{
    switch (mark->term_unit) {
    case TERM_YEARS:
        return mark->term_number * 365;
    case TERM_MONTHS:
        return mark->term_number * 30;
    case TERM_DAYS:
        return mark->term_number;
    default:
        return 365 * (mark->level == LEVEL_TOP_SECRET ? 30 : mark->level == LEVEL_HIGHLY_SECRET ? 20 : 10);
    }
}
