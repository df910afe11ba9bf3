/* A strict scanner for the one JSON form that record_line() writes: no white space, keys in ascending order of their
 * bytes, integers only, escapes only where they must be. */
#include "config.h"
#include "record_scan.h"
#include <string.h>

#define DEPTH_MAX 8

typedef struct {
    const char *at, *end;
} Scan;

static gboolean scan_value(Scan *scan, guint depth);

static gboolean
take(Scan *scan, char wanted)
{
    if (scan->at == scan->end || *scan->at != wanted)
        return FALSE;
    scan->at++;
    return TRUE;
}

/* Behind a backslash: the short forms, and \u00XX for the control characters that have none. */
static gboolean
scan_escape(Scan *scan)
{
    if (scan->at == scan->end)
        return FALSE;
    char kind = *scan->at++;
    if (memchr("\"\\bfnrt", kind, 7) != NULL)
        return TRUE;
    if (kind != 'u' || scan->end - scan->at < 4 || memcmp(scan->at, "00", 2) != 0)
        return FALSE;
    int high = scan->at[2] - '0';
    char low = scan->at[3];
    gboolean upper_hex = g_ascii_isdigit(low) || (low >= 'A' && low <= 'F');
    if ((high != 0 && high != 1) || !upper_hex)
        return FALSE;
    int code = high * 16 + g_ascii_xdigit_value(low);
    scan->at += 4;
    return code != 0 && memchr("\b\f\n\r\t", code, 5) == NULL;
}

#define EACH_BYTE(byte) (G_GUINT64_CONSTANT(0x0101010101010101) * (byte))

/* The lowest byte below `limit` (at most 0x80) has the top bit of its place set; what stands above it does not count.
 */
static guint64
bytes_below(guint64 bytes, guint8 limit)
{
    return (bytes - EACH_BYTE(limit)) & ~bytes & EACH_BYTE(0x80);
}

/* The first byte that is not simply a character of a text. Most of a line lies in texts and is read several times:
 * eight at a time. */
static const char *
skip_plain(const char *at, const char *end)
{
    for (guint64 eight; end - at >= 8; at += 8) {
        memcpy(&eight, at, sizeof eight);
        eight = GUINT64_FROM_LE(eight);
        guint64 stops =
            bytes_below(eight, 0x20) | bytes_below(eight ^ EACH_BYTE('"'), 1) | bytes_below(eight ^ EACH_BYTE('\\'), 1);
        if (stops != 0)
            return at + __builtin_ctzll(stops) / 8;
    }
    while (at < end && (guint8)*at >= 0x20 && *at != '"' && *at != '\\')
        at++;
    return at;
}

static gboolean
scan_text(Scan *scan, gboolean *escaped_out)
{
    if (!take(scan, '"'))
        return FALSE;
    *escaped_out = FALSE;
    for (;;) {
        scan->at = skip_plain(scan->at, scan->end);
        if (take(scan, '"'))
            return TRUE;
        if (!take(scan, '\\') || !scan_escape(scan))
            return FALSE;
        *escaped_out = TRUE;
    }
}

static gboolean
scan_integer(Scan *scan)
{
    gboolean negative = take(scan, '-');
    const char *digits = scan->at;
    gint64 value = 0;
    while (scan->at < scan->end && g_ascii_isdigit(*scan->at)) {
        int digit = *scan->at++ - '0';
        if (__builtin_mul_overflow(value, 10, &value) ||
            (negative ? __builtin_sub_overflow(value, digit, &value) : __builtin_add_overflow(value, digit, &value)))
            return FALSE;
    }
    gsize count = (gsize)(scan->at - digits);
    return count > 0 && (digits[0] != '0' || (count == 1 && !negative));
}

static gboolean
scan_word(Scan *scan, const char *word)
{
    gsize length = strlen(word);
    if ((gsize)(scan->end - scan->at) < length || memcmp(scan->at, word, length) != 0)
        return FALSE;
    scan->at += length;
    return TRUE;
}

static gboolean
is_after(const RecordSpan *key, const RecordSpan *last)
{
    int order = memcmp(key->bytes, last->bytes, MIN(key->length, last->length));
    return order > 0 || (order == 0 && key->length > last->length);
}

static gboolean
scan_key(Scan *scan, RecordSpan *key_out)
{
    const char *begin = scan->at;
    gboolean escaped;
    if (!scan_text(scan, &escaped) || escaped)
        return FALSE;
    *key_out = (RecordSpan){begin + 1, (gsize)(scan->at - begin) - 2};
    return TRUE;
}

static gboolean
scan_object(Scan *scan, guint depth, RecordEach each, gpointer user)
{
    RecordSpan last = {0}, key;
    if (take(scan, '}'))
        return TRUE;
    do {
        if (!scan_key(scan, &key) || (last.bytes != NULL && !is_after(&key, &last)) || !take(scan, ':'))
            return FALSE;
        RecordSpan value = {scan->at, 0};
        if (!scan_value(scan, depth + 1))
            return FALSE;
        value.length = (gsize)(scan->at - value.bytes);
        if (each != NULL && !each(&key, &value, user))
            return FALSE;
        last = key;
    } while (take(scan, ','));
    return take(scan, '}');
}

static gboolean
scan_array(Scan *scan, guint depth, RecordEach each, gpointer user)
{
    if (take(scan, ']'))
        return TRUE;
    do {
        RecordSpan value = {scan->at, 0};
        if (!scan_value(scan, depth + 1))
            return FALSE;
        value.length = (gsize)(scan->at - value.bytes);
        if (each != NULL && !each(NULL, &value, user))
            return FALSE;
    } while (take(scan, ','));
    return take(scan, ']');
}

static gboolean
scan_value(Scan *scan, guint depth)
{
    gboolean escaped;
    if (depth > DEPTH_MAX || scan->at == scan->end)
        return FALSE;
    switch (*scan->at) {
    case '{':
        scan->at++;
        return scan_object(scan, depth, NULL, NULL);
    case '[':
        scan->at++;
        return scan_array(scan, depth, NULL, NULL);
    case '"':
        return scan_text(scan, &escaped);
    case 't':
        return scan_word(scan, "true");
    case 'f':
        return scan_word(scan, "false");
    default:
        return scan_integer(scan);
    }
}

gboolean
record_each(const char *text, gsize length, RecordEach each, gpointer user)
{
    Scan scan = {.at = text, .end = text + length};
    gboolean good =
        take(&scan, '{') ? scan_object(&scan, 0, each, user) : take(&scan, '[') && scan_array(&scan, 0, each, user);
    return good && scan.at == scan.end;
}

gboolean
record_span_is(const RecordSpan *span, const char *text)
{
    return strlen(text) == span->length && memcmp(text, span->bytes, span->length) == 0;
}

/* --- what links a line ------------------------------------------------------------------------------------- */

typedef struct {
    RecordSpan version, seq, prev, time, next;
} LinkFields;

static gboolean
keep_link_field(const RecordSpan *key, const RecordSpan *value, gpointer user)
{
    LinkFields *fields = user;
    const struct {
        const char *name;
        RecordSpan *span;
    } wanted[] = {
        {"v", &fields->version}, {"seq", &fields->seq},   {"prev", &fields->prev},
        {"time", &fields->time}, {"next", &fields->next},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(wanted); i++)
        if (record_span_is(key, wanted[i].name))
            *wanted[i].span = *value;
    return TRUE;
}

static gboolean
is_integer(const RecordSpan *span)
{
    return span->bytes != NULL && (*span->bytes == '-' || g_ascii_isdigit(*span->bytes));
}

/* A text without its quotes. */
static gboolean
copy_text(const RecordSpan *span, char *out, gsize size)
{
    if (span->bytes == NULL || *span->bytes != '"' || span->length - 2 >= size)
        return FALSE;
    memcpy(out, span->bytes + 1, span->length - 2);
    out[span->length - 2] = '\0';
    return TRUE;
}

static gboolean
make_link(const LinkFields *fields, RecordLink *link)
{
    *link = (RecordLink){0};
    if (!is_integer(&fields->version) || !is_integer(&fields->seq))
        return FALSE;
    link->seq = g_ascii_strtoull(fields->seq.bytes, NULL, 10);
    copy_text(&fields->next, link->next, sizeof link->next);
    return fields->seq.bytes[0] != '-' && link->seq > 0 && copy_text(&fields->prev, link->prev, sizeof link->prev) &&
           record_is_hash(link->prev) && copy_text(&fields->time, link->time, sizeof link->time) &&
           record_is_time(link->time);
}

gboolean
record_scan(const char *line, gsize length, gboolean *has_link_out, RecordLink *link_out)
{
    LinkFields fields = {0};
    if (length == 0 || *line != '{' || !g_utf8_validate_len(line, length, NULL) ||
        !record_each(line, length, has_link_out != NULL ? keep_link_field : NULL, &fields))
        return FALSE;
    if (has_link_out != NULL)
        *has_link_out = make_link(&fields, link_out);
    return TRUE;
}
