/* workdays - the days on which people are at work: Monday to Friday, changed by a file of holidays and make-up workdays
 * (调休).
 *
 *     year 2026                                 all holidays of that year are known
 *     2026-02-15..2026-02-23 holiday 春节       first and last day; one day alone is fine, the name is for readers
 *     2026-02-14 workday 春节调休
 *
 * A day is named once. Empty lines and what begins with # are left out. At most 64 KiB. Of a year that no line covers
 * only the weekends are known. */
#pragma once
#include <glib.h>

typedef struct Workdays Workdays;
/* `path` NULL or "": weekends only. NULL with error: IO, SETTINGS (FILE:LINE: what is wrong there). */
Workdays *workdays_load(const char *path, GError **error);
Workdays *workdays_parse(const char *name, const char *text, GError **error);
void workdays_free(Workdays *workdays); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Workdays, workdays_free)

gboolean workdays_is(const Workdays *workdays, const GDate *day);
gboolean workdays_covers(const Workdays *workdays, GDateYear year);
/* The working days of a span, both ends in it, in order: an array of GDate. Gives. */
GArray *workdays_between(const Workdays *workdays, const GDate *from, const GDate *until);

/* "2026-11-22". FALSE: it is no such day. */
gboolean workdays_read(const char *text, GDate *day_out);
#define WORKDAYS_TEXT 16
/* Fills `text` with such a date. */
const char *workdays_text(const GDate *day, char text[WORKDAYS_TEXT]);
/* The first moment of the day after, local time, in microseconds: what is due on that day is over then. */
gint64 workdays_end_us(const GDate *day);
