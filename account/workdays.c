/* Lines of the calendar, and days asked of it. */
#include "config.h"
#include "workdays.h"
#include "errors.h"
#include <glib/gi18n.h>
#include <string.h>

#define FILE_MAX (64 * 1024)
/* Of one line: longer than any holiday, short enough that a year mistyped is found. */
#define SPAN_MAX 60

typedef enum { DAY_HOLIDAY = 1, DAY_WORK = 2 } DayKind;

struct Workdays {
    GHashTable *days;  /* number of the day: DayKind */
    GHashTable *years; /* set of years */
};

void
workdays_free(Workdays *workdays)
{
    if (workdays == NULL)
        return;
    g_hash_table_unref(workdays->days);
    g_hash_table_unref(workdays->years);
    g_free(workdays);
}

/* --- dates ---------------------------------------------------------------------------------------------------- */

gboolean
workdays_read(const char *text, GDate *day_out)
{
    static const char shape[] = "dddd-dd-dd";
    for (gsize i = 0; i < sizeof shape; i++) /* with the zero */
        if (shape[i] == 'd' ? !g_ascii_isdigit(text[i]) : text[i] != shape[i])
            return FALSE;
    guint64 year = g_ascii_strtoull(text, NULL, 10), month = g_ascii_strtoull(text + 5, NULL, 10);
    guint64 day = g_ascii_strtoull(text + 8, NULL, 10);
    if (year < 1970 || year > 2200 || month > 12 || day > 31 ||
        !g_date_valid_dmy((GDateDay)day, (GDateMonth)month, (GDateYear)year))
        return FALSE;
    g_date_clear(day_out, 1);
    g_date_set_dmy(day_out, (GDateDay)day, (GDateMonth)month, (GDateYear)year);
    return TRUE;
}

const char *
workdays_text(const GDate *day, char text[WORKDAYS_TEXT])
{
    g_date_strftime(text, WORKDAYS_TEXT, "%Y-%m-%d", day);
    return text;
}

gint64
workdays_end_us(const GDate *day)
{
    GDate next = *day;
    g_date_add_days(&next, 1);
    g_autoptr(GDateTime) first =
        g_date_time_new_local(g_date_get_year(&next), (int)g_date_get_month(&next), g_date_get_day(&next), 0, 0, 0);
    return g_date_time_to_unix(first) * G_USEC_PER_SEC;
}

/* --- the file ------------------------------------------------------------------------------------------------- */

static gboolean
fail(const char *name, guint line, const char *what, GError **error)
{
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_SETTINGS, "%s:%u: %s", name, line, what);
    return FALSE;
}

/* "2026-02-15" or "2026-02-15..2026-02-23". */
static gboolean
read_span(const char *text, GDate *first, GDate *last)
{
    const char *dots = strstr(text, "..");
    g_autofree char *head = dots != NULL ? g_strndup(text, (gsize)(dots - text)) : g_strdup(text);
    return workdays_read(head, first) && workdays_read(dots != NULL ? dots + 2 : head, last) &&
           g_date_compare(first, last) <= 0 && g_date_days_between(first, last) < SPAN_MAX;
}

static gboolean
take_year(Workdays *workdays, const char *word, const char *name, guint line, GError **error)
{
    guint64 year = 0;
    if (!g_ascii_string_to_unsigned(word, 10, 1970, 2200, &year, NULL))
        return fail(name, line, _("a year is written as: year 2026"), error);
    g_hash_table_add(workdays->years, GUINT_TO_POINTER((guint)year));
    return TRUE;
}

static gboolean
take_days(Workdays *workdays, char **words, const char *name, guint line, GError **error)
{
    GDate day, last;
    DayKind kind = g_strcmp0(words[1], "holiday") == 0   ? DAY_HOLIDAY
                   : g_strcmp0(words[1], "workday") == 0 ? DAY_WORK
                                                         : (DayKind)0;
    if (kind == 0 || !read_span(words[0], &day, &last))
        return fail(name, line,
                    _("a line is: 2026-02-15..2026-02-23 holiday NAME, or 2026-02-14 workday NAME, or year 2026; at "
                      "most 60 days"),
                    error);
    for (; g_date_compare(&day, &last) <= 0; g_date_add_days(&day, 1))
        if (!g_hash_table_insert(workdays->days, GUINT_TO_POINTER(g_date_get_julian(&day)), GINT_TO_POINTER(kind)))
            return fail(name, line, _("one of these days is named twice"), error);
    return TRUE;
}

static gboolean
take_line(Workdays *workdays, char *text, const char *name, guint line, GError **error)
{
    char *comment = strchr(text, '#');
    if (comment != NULL)
        *comment = '\0';
    g_strdelimit(text, "\t\r", ' ');
    g_auto(GStrv) raw = g_strsplit(g_strstrip(text), " ", -1);
    char *words[3] = {NULL};
    for (guint i = 0, count = 0; raw[i] != NULL && count < 2; i++)
        if (*raw[i] != '\0')
            words[count++] = raw[i];
    if (words[0] == NULL)
        return TRUE;
    return g_str_equal(words[0], "year") ? take_year(workdays, words[1] != NULL ? words[1] : "", name, line, error)
                                         : take_days(workdays, words, name, line, error);
}

Workdays *
workdays_parse(const char *name, const char *text, GError **error)
{
    g_autoptr(Workdays) workdays = g_new0(Workdays, 1);
    workdays->days = g_hash_table_new(g_direct_hash, g_direct_equal);
    workdays->years = g_hash_table_new(g_direct_hash, g_direct_equal);
    if (strlen(text) > FILE_MAX || !g_utf8_validate(text, -1, NULL)) {
        fail(name, 1, _("this is no text in UTF-8 of at most 64 KiB"), error);
        return NULL;
    }
    g_auto(GStrv) lines = g_strsplit(g_str_has_prefix(text, "\xef\xbb\xbf") ? text + 3 : text, "\n", -1);
    for (guint i = 0; lines[i] != NULL; i++)
        if (!take_line(workdays, lines[i], name, i + 1, error))
            return NULL;
    return g_steal_pointer(&workdays);
}

Workdays *
workdays_load(const char *path, GError **error)
{
    g_autofree char *text = NULL;
    g_autoptr(GError) raw = NULL;
    gsize length = 0;
    if (path == NULL || *path == '\0')
        return workdays_parse("", "", error);
    if (!g_file_get_contents(path, &text, &length, &raw)) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_IO, _("calendar of working days: %s"), raw->message);
        return NULL;
    }
    if (strlen(text) != length) {
        fail(path, 1, _("this is no text in UTF-8 of at most 64 KiB"), error);
        return NULL;
    }
    return workdays_parse(path, text, error);
}

/* --- questions ------------------------------------------------------------------------------------------------ */

gboolean
workdays_is(const Workdays *workdays, const GDate *day)
{
    int kind = GPOINTER_TO_INT(g_hash_table_lookup(workdays->days, GUINT_TO_POINTER(g_date_get_julian(day))));
    return kind != 0 ? kind == DAY_WORK : g_date_get_weekday(day) < G_DATE_SATURDAY;
}

gboolean
workdays_covers(const Workdays *workdays, GDateYear year)
{
    return g_hash_table_contains(workdays->years, GUINT_TO_POINTER(year));
}

GArray *
workdays_between(const Workdays *workdays, const GDate *from, const GDate *until)
{
    GArray *days = g_array_new(FALSE, FALSE, sizeof(GDate));
    for (GDate day = *from; g_date_compare(&day, until) <= 0; g_date_add_days(&day, 1))
        if (workdays_is(workdays, &day))
            g_array_append_val(days, day);
    return days;
}
