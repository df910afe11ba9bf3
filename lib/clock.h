/* clock - time, replaceable in tests.
 *
 * Wall clock for records, monotonic clock for deadlines; never mix them. */
#pragma once
#include <glib.h>

gint64 clock_wall_us(void);      /* microseconds since 1970-01-01T00:00Z */
gint64 clock_monotonic_us(void); /* microseconds, never goes back */

/* Tests: both clocks stand still at these values; negative values give the real clocks back. */
void clock_set_fake(gint64 wall_us, gint64 monotonic_us);

/* RFC 3339 in UTC with milliseconds, "2026-11-22T01:02:03.456Z". Gives a new string. */
char *clock_format(gint64 wall_us);

/* Reads RFC 3339 ("2026-11-22T09:00:00+08:00", "…Z") or a date alone (its first moment, local
 * zone). FALSE with `error` (HANGU_ERROR_USAGE) if it is neither. */
gboolean clock_parse(const char *text, gint64 *wall_us_out, GError **error);
