/* The two clocks, and times as text. Tests stop both clocks here. */
#include "config.h"
#include "clock.h"
#include "errors.h"
#include <glib/gi18n.h>
#include <stdatomic.h>
#include <time.h>

static _Atomic gint64 fake_wall = -1;
static _Atomic gint64 fake_monotonic = -1;

gint64
clock_wall_us(void)
{
    gint64 fake = atomic_load_explicit(&fake_wall, memory_order_relaxed);
    return fake >= 0 ? fake : g_get_real_time();
}

gint64
clock_monotonic_us(void)
{
    gint64 fake = atomic_load_explicit(&fake_monotonic, memory_order_relaxed);
    return fake >= 0 ? fake : g_get_monotonic_time();
}

void
clock_set_fake(gint64 wall_us, gint64 monotonic_us)
{
    atomic_store(&fake_wall, wall_us);
    atomic_store(&fake_monotonic, monotonic_us);
}

char *
clock_format(gint64 wall_us)
{
    gint64 seconds = wall_us / G_USEC_PER_SEC, rest = wall_us % G_USEC_PER_SEC;
    if (rest < 0) {
        seconds--;
        rest += G_USEC_PER_SEC;
    }
    time_t when = (time_t)seconds;
    struct tm parts;
    if (gmtime_r(&when, &parts) == NULL)
        return g_strdup("-");
    return g_strdup_printf("%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                           parts.tm_hour, parts.tm_min, parts.tm_sec, (int)(rest / 1000));
}

/* GLib reads far more of ISO 8601 than RFC 3339 has (weeks, ordinal days, no zone): only the shapes
 * we promise come through. */
#define DATE_SHAPE "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
#define TIME_SHAPE \
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})$"

static GDateTime *
parse_shape(const char *text)
{
    if (g_regex_match_simple(DATE_SHAPE, text, G_REGEX_RAW | G_REGEX_DOLLAR_ENDONLY, 0)) {
        g_autofree char *midnight = g_strconcat(text, "T00:00:00", NULL);
        g_autoptr(GTimeZone) local = g_time_zone_new_local();
        return g_date_time_new_from_iso8601(midnight, local);
    }
    if (!g_regex_match_simple(TIME_SHAPE, text, G_REGEX_RAW | G_REGEX_DOLLAR_ENDONLY, 0))
        return NULL;
    g_autofree char *upper = g_ascii_strup(text, -1);
    return g_date_time_new_from_iso8601(upper, NULL);
}

gboolean
clock_parse(const char *text, gint64 *wall_us_out, GError **error)
{
    g_autoptr(GDateTime) when = parse_shape(text);
    if (when == NULL) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_USAGE,
                    _("\"%s\" is not a time: write a date (2026-11-22) or date, time and zone "
                      "(2026-11-22T09:00:00+08:00, 2026-11-22T01:00:00Z)"),
                    text);
        return FALSE;
    }
    *wall_us_out = g_date_time_to_unix(when) * G_USEC_PER_SEC + g_date_time_get_microsecond(when);
    return TRUE;
}
