/* Log lines to syslog or standard error, one write per line, so that lines of several threads and
 * processes never mix. Remembers the last problem for `hangu status`. */
#include "config.h"
#include <stdarg.h>
#include "log.h"
#include "clock.h"
#include <string.h>
#include <syslog.h>
#include <unistd.h>

typedef struct {
    const char *program;
    LogSink sink;
    LogLevel level;
} LogTarget;

static LogTarget target = {"hangu", LOG_TO_STDERR, LOG_LEVEL_INFO};

static GMutex problem_lock; /* guards the two below */
static char *problem_text;
static gint64 problem_when;

static const char *const level_words[] = {"error", "warn", "info", "debug"};
static const int level_priorities[] = {LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG};

void
log_open(const char *program, LogSink sink, LogLevel level)
{
    target = (LogTarget){program, sink, level};
    if (sink == LOG_TO_SYSLOG)
        openlog(program, LOG_PID | LOG_NDELAY, LOG_MAIL); /* now: a sandbox may forbid the connection later */
}

static void
keep_problem(const char *line)
{
    g_mutex_lock(&problem_lock);
    g_free(problem_text);
    problem_text = g_strdup(line);
    problem_when = clock_wall_us();
    g_mutex_unlock(&problem_lock);
}

char *
log_last_problem(gint64 *when_us_out)
{
    g_mutex_lock(&problem_lock);
    char *text = g_strdup(problem_text);
    if (when_us_out != NULL)
        *when_us_out = text != NULL ? problem_when : 0;
    g_mutex_unlock(&problem_lock);
    return text;
}

/* Where to cut so that at most `max` bytes stay and no character is halved. */
static gsize
cut_length(const char *text, gsize length, gsize max)
{
    if (length <= max)
        return length;
    while (max > 0 && ((guchar)text[max] & 0xC0) == 0x80)
        max--;
    return max;
}

/* A newline that slipped in would forge a second line. */
static void
blank_controls(GString *line)
{
    for (gsize i = 0; i < line->len; i++)
        if ((guchar)line->str[i] < 0x20 || line->str[i] == 0x7F)
            line->str[i] = ' ';
}

static void
write_stderr(const char *line, gsize length)
{
    while (length > 0) {
        gssize written = write(STDERR_FILENO, line, length);
        if (written <= 0)
            return; /* nowhere left to complain */
        line += written;
        length -= (gsize)written;
    }
}

static void G_GNUC_PRINTF(2, 0) write_line(LogLevel level, const char *format, va_list arguments)
{
    if (level > target.level)
        return;
    g_autoptr(GString) line = g_string_sized_new(256);
    gsize prefix = 0;
    if (target.sink == LOG_TO_STDERR) {
        g_string_printf(line, "%s[%d]: %s: ", target.program, (int)getpid(), level_words[level]);
        prefix = line->len;
    }
    g_string_append_vprintf(line, format, arguments);
    blank_controls(line);
    if (line->len > LOG_LINE_MAX - 1) {
        g_string_truncate(line, cut_length(line->str, line->len, LOG_LINE_MAX - 4));
        g_string_append(line, "...");
    }
    if (level <= LOG_LEVEL_WARN)
        keep_problem(line->str + prefix);
    if (target.sink == LOG_TO_SYSLOG) {
        syslog(level_priorities[level], "%s: %s", level_words[level], line->str);
        return;
    }
    g_string_append_c(line, '\n');
    write_stderr(line->str, line->len);
}

#define DEFINE_LOG(name, level)               \
    void name(const char *format, ...)        \
    {                                         \
        va_list arguments;                    \
        va_start(arguments, format);          \
        write_line(level, format, arguments); \
        va_end(arguments);                    \
    }
DEFINE_LOG(log_error, LOG_LEVEL_ERROR)
DEFINE_LOG(log_warn, LOG_LEVEL_WARN)
DEFINE_LOG(log_info, LOG_LEVEL_INFO)
DEFINE_LOG(log_debug, LOG_LEVEL_DEBUG)

/* Length of the valid, visible character at `bytes`; 0 if its first byte must be escaped. Direction marks
 * and other invisible characters are escaped too: they would show a reader another order. */
static gsize
plain_character(const char *bytes, gsize left)
{
    guchar first = (guchar)*bytes;
    if (first < 0x80)
        return first >= 0x20 && first != 0x7F && first != '\\';
    gunichar c = g_utf8_get_char_validated(bytes, (gssize)left);
    if (c == (gunichar)-1 || c == (gunichar)-2 || !g_unichar_isdefined(c))
        return 0;
    switch (g_unichar_type(c)) {
    case G_UNICODE_CONTROL:
    case G_UNICODE_FORMAT:
    case G_UNICODE_SURROGATE:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
        return 0;
    default:
        return (gsize)(g_utf8_next_char(bytes) - bytes);
    }
}

char *
log_foreign(const char *bytes, gssize length, gsize max)
{
    if (bytes == NULL)
        return g_strdup("-");
    gsize left = length < 0 ? strlen(bytes) : (gsize)length;
    GString *out = g_string_sized_new(MIN(left, max) + 4);
    while (left > 0) {
        gsize plain = plain_character(bytes, left);
        gsize cost = plain > 0 ? plain : 4;
        if (out->len + cost > max) {
            g_string_append(out, "...");
            break;
        }
        if (plain > 0)
            g_string_append_len(out, bytes, (gssize)plain);
        else
            g_string_append_printf(out, "\\x%02X", (guchar)*bytes);
        plain = MAX(plain, 1);
        bytes += plain;
        left -= plain;
    }
    return g_string_free(out, FALSE);
}
