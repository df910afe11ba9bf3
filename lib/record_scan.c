/* A strict scanner for the one JSON form that record_line() writes: no white space, keys in ascending order of their
 * bytes, integers only, escapes only where they must be. */
#include "config.h"
#include "record_scan.h"
#include <string.h>

#define DEPTH_MAX 8

typedef struct {
    const char *bytes; /* of a text: without the quotes */
    gsize length;
    gboolean text;
} Span;

typedef struct {
    const char *at, *end;
    Span version, seq, prev, time, next; /* of the outermost object */
} Scan;

static gboolean scan_value(Scan *scan, guint depth, Span *span_out);

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

static gboolean
scan_text(Scan *scan, Span *span_out, gboolean *escaped_out)
{
    if (!take(scan, '"'))
        return FALSE;
    const char *begin = scan->at;
    *escaped_out = FALSE;
    while (scan->at < scan->end) {
        guint8 c = (guint8)*scan->at++;
        if (c == '"') {
            *span_out = (Span){begin, (gsize)(scan->at - 1 - begin), TRUE};
            return TRUE;
        }
        if (c < 0x20 || (c == '\\' && !scan_escape(scan)))
            return FALSE;
        *escaped_out |= c == '\\';
    }
    return FALSE;
}

static gboolean
scan_integer(Scan *scan, Span *span_out)
{
    const char *begin = scan->at;
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
    *span_out = (Span){begin, (gsize)(scan->at - begin), FALSE};
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
is_after(const Span *key, const Span *last)
{
    int order = memcmp(key->bytes, last->bytes, MIN(key->length, last->length));
    return order > 0 || (order == 0 && key->length > last->length);
}

static void
keep_link_field(Scan *scan, const Span *key, const Span *value)
{
    const struct {
        const char *name;
        Span *span;
    } wanted[] = {
        {"v", &scan->version}, {"seq", &scan->seq}, {"prev", &scan->prev}, {"time", &scan->time}, {"next", &scan->next},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(wanted); i++)
        if (strlen(wanted[i].name) == key->length && memcmp(wanted[i].name, key->bytes, key->length) == 0)
            *wanted[i].span = *value;
}

static gboolean
scan_object(Scan *scan, guint depth)
{
    Span last = {0}, key, value;
    gboolean escaped;
    if (take(scan, '}'))
        return TRUE;
    do {
        value = (Span){0};
        if (!scan_text(scan, &key, &escaped) || escaped || (last.bytes != NULL && !is_after(&key, &last)) ||
            !take(scan, ':') || !scan_value(scan, depth + 1, &value))
            return FALSE;
        if (depth == 0)
            keep_link_field(scan, &key, &value);
        last = key;
    } while (take(scan, ','));
    return take(scan, '}');
}

static gboolean
scan_array(Scan *scan, guint depth)
{
    Span value;
    if (take(scan, ']'))
        return TRUE;
    do {
        if (!scan_value(scan, depth + 1, &value))
            return FALSE;
    } while (take(scan, ','));
    return take(scan, ']');
}

static gboolean
scan_value(Scan *scan, guint depth, Span *span_out)
{
    gboolean escaped;
    if (depth > DEPTH_MAX || scan->at == scan->end)
        return FALSE;
    switch (*scan->at) {
    case '{':
        scan->at++;
        return scan_object(scan, depth);
    case '[':
        scan->at++;
        return scan_array(scan, depth);
    case '"':
        return scan_text(scan, span_out, &escaped);
    case 't':
        return scan_word(scan, "true");
    case 'f':
        return scan_word(scan, "false");
    default:
        return scan_integer(scan, span_out);
    }
}

static gboolean
copy_span(const Span *span, char *out, gsize size)
{
    if (!span->text || span->length >= size)
        return FALSE;
    memcpy(out, span->bytes, span->length);
    out[span->length] = '\0';
    return TRUE;
}

static gboolean
make_link(const Scan *scan, RecordLink *link)
{
    *link = (RecordLink){0};
    if (scan->version.bytes == NULL || scan->version.text || scan->seq.bytes == NULL || scan->seq.text)
        return FALSE;
    link->seq = g_ascii_strtoull(scan->seq.bytes, NULL, 10);
    copy_span(&scan->next, link->next, sizeof link->next);
    return scan->seq.bytes[0] != '-' && link->seq > 0 && copy_span(&scan->prev, link->prev, sizeof link->prev) &&
           record_is_hash(link->prev) && copy_span(&scan->time, link->time, sizeof link->time) &&
           record_is_time(link->time);
}

gboolean
record_scan(const char *line, gsize length, gboolean *has_link_out, RecordLink *link_out)
{
    Scan scan = {.at = line, .end = line + length};
    Span whole;
    if (length == 0 || *line != '{' || !g_utf8_validate_len(line, length, NULL) || !scan_value(&scan, 0, &whole) ||
        scan.at != scan.end)
        return FALSE;
    if (has_link_out != NULL)
        *has_link_out = make_link(&scan, link_out);
    return TRUE;
}
