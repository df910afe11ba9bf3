/* log - what a program tells its administrator.
 *
 * Four words: error (somebody must act), warn (look at it), info (one line per event), debug.
 * Lines go to syslog (facility mail) or to standard error, one line per call, at most
 * LOG_LINE_MAX bytes. Thread-safe. Never log a subject, a file name or text of a letter: the
 * log must not become the leak. Foreign bytes (addresses, macros) pass through log_foreign(). */
#pragma once
#include <glib.h>

#define LOG_LINE_MAX 1000

typedef enum { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG } LogLevel;
typedef enum { LOG_TO_STDERR, LOG_TO_SYSLOG } LogSink;

/* Call once, before threads. `program` is kept, not copied. */
void log_open(const char *program, LogSink sink, LogLevel level);

void log_error(const char *format, ...) G_GNUC_PRINTF(1, 2);
void log_warn(const char *format, ...) G_GNUC_PRINTF(1, 2);
void log_info(const char *format, ...) G_GNUC_PRINTF(1, 2);
void log_debug(const char *format, ...) G_GNUC_PRINTF(1, 2);

/* The last line logged at `warn` or `error`, with its wall-clock time in microseconds, for
 * `hangu status`. Gives a new string (g_free), or NULL if there was none. */
char *log_last_problem(gint64 *when_us_out);

/* Bytes from outside made safe for one log line: control characters, backslash and invalid
 * UTF-8 as \xNN, cut with "..." after `max` bytes of output. Gives a new string. NULL gives "-". */
char *log_foreign(const char *bytes, gssize length, gsize max);
