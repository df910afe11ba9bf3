/* html_entity - HTML character references, by the generated table of all HTML5 names. */
#include "config.h"
#include "html_entity.h"
#include "entities.inc"
#include "html.h"
#include <string.h>

/* What numeric references to C1 controls mean (HTML5: the windows-1252 characters); 0: as they are. */
static const guint16 c1[32] = {0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
                               0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
                               0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

static gsize
put_character(guint32 code, char out[HTML_ENTITY_OUT])
{
    if (code >= 0x80 && code < 0xA0 && c1[code - 0x80] != 0)
        code = c1[code - 0x80];
    if (code == 0)
        return 0;
    if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000))
        code = 0xFFFD;
    return g_unichar_to_utf8(code, out);
}

static gssize
read_numeric(const char *text, gsize length, gboolean final, char out[HTML_ENTITY_OUT], gsize *out_length)
{
    gboolean hex = length > 2 && (text[2] | 0x20) == 'x';
    gsize at = hex ? 3 : 2, digits_at = at;
    guint32 code = 0;
    for (; at < length && at < HTML_ENTITY_MAX; at++) {
        int digit = hex ? g_ascii_xdigit_value(text[at]) : g_ascii_digit_value(text[at]);
        if (digit < 0)
            break;
        if (code <= 0x10FFFF)
            code = code * (hex ? 16 : 10) + (guint32)digit;
    }
    if (at == length && at < HTML_ENTITY_MAX && !final)
        return -1;
    if (at == digits_at)
        return 0;
    *out_length = put_character(code, out);
    return (gssize)at + (at < length && text[at] == ';');
}

static int
find_name(const char *name, gsize length)
{
    guint low = 0, high = 0;
    if (name[0] >= 'A' && name[0] <= 'z') {
        low = entity_starts[name[0] - 'A'];
        high = entity_starts[name[0] - 'A' + 1];
    }
    while (low < high) {
        guint middle = (low + high) / 2;
        gsize other = entity_rows[middle].name;
        int order = memcmp(name, entity_bytes + entity_rows[middle].at, MIN(length, other));
        if (order == 0 && length == other)
            return (int)middle;
        if (order < 0 || (order == 0 && length < other))
            high = middle;
        else
            low = middle + 1;
    }
    return -1;
}

static gsize
put_row(int row, char out[HTML_ENTITY_OUT])
{
    memcpy(out, entity_bytes + entity_rows[row].at + entity_rows[row].name, entity_rows[row].text);
    return entity_rows[row].text;
}

static gssize
read_named(const char *text, gsize length, gboolean final, char out[HTML_ENTITY_OUT], gsize *out_length)
{
    const char *name = text + 1;
    gsize run = 0, room = MIN(length - 1, ENTITY_NAME_MAX + 1);
    while (run < room && g_ascii_isalnum(name[run]))
        run++;
    if (run == length - 1 && run <= ENTITY_NAME_MAX && !final)
        return -1;
    if (run > 1 && run <= ENTITY_NAME_MAX && run < length - 1 && name[run] == ';') {
        int row = find_name(name, run);
        if (row >= 0) {
            *out_length = put_row(row, out);
            return (gssize)run + 2;
        }
    }
    for (gsize bare = MIN(run, ENTITY_BARE_MAX); bare > 1; bare--) {
        int row = find_name(name, bare);
        if (row >= 0 && entity_rows[row].bare) {
            *out_length = put_row(row, out);
            return (gssize)bare + 1;
        }
    }
    return 0;
}

gssize
html_entity_read(const char *text, gsize length, gboolean final, char out[HTML_ENTITY_OUT], gsize *out_length)
{
    if (length < 2 || (length == 2 && text[1] == '#'))
        return final ? 0 : -1;
    if (length >= 6 && memcmp(text, "&nbsp;", 6) == 0) { /* by far the most frequent */
        memcpy(out, "\xC2\xA0", 2);
        *out_length = 2;
        return 6;
    }
    if (text[1] == '#')
        return read_numeric(text, length, final, out, out_length);
    return g_ascii_isalpha(text[1]) ? read_named(text, length, final, out, out_length) : 0;
}

char *
html_unescape(const char *text, gsize length, gsize *length_out)
{
    GString *plain = g_string_sized_new(length);
    const char *end = text + length;
    while (text < end) {
        const char *mark = memchr(text, '&', (gsize)(end - text));
        char out[HTML_ENTITY_OUT];
        gsize out_length = 0;
        gssize used;
        if (mark == NULL)
            mark = end;
        g_string_append_len(plain, text, mark - text);
        text = mark;
        if (mark == end)
            break;
        used = html_entity_read(text, (gsize)(end - text), TRUE, out, &out_length);
        if (used <= 0)
            g_string_append_c(plain, '&');
        else
            g_string_append_len(plain, out, (gssize)out_length);
        text += MAX(used, 1);
    }
    if (length_out != NULL)
        *length_out = plain->len;
    return g_string_free(plain, FALSE);
}
