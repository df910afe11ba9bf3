/* encword_param - parameters of Content-Type and Content-Disposition as they lie (RFC 2045, 2183, 2231).
 *
 * A parameter is looked for wherever one could begin, not only where grammar wants it: readers find names after missing
 * semicolons and unclosed quotes, so must we. */
#include "config.h"
#include "encword.h"
#include "encword_word.h"
#include <string.h>

#define SECTIONS_MAX 1000
#define SECTION_NUMBER_MAX 100000
#define VALUES_MAX 24                     /* texts given out */
#define BYTES_MAX (2 * ENCWORD_INPUT_MAX) /* of all values found */

typedef struct {
    int number;        /* of *N; -1: none */
    gboolean extended; /* a "*" at the end of the name */
    gboolean quoted;
    char *value; /* owned, as it stands between its ends */
    gsize length;
} Section;

static void
section_clear(gpointer data)
{
    g_free(((Section *)data)->value);
}

static gboolean
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static gsize
skip_blanks(const char *raw, gsize length, gsize i)
{
    while (i < length && is_blank(raw[i]))
        i++;
    return i;
}

/* --- finding sections ---------------------------------------------------- */

/* "name", "name*", "name*0", "name*0*" and "=" with blanks between, at `i`. Returns where the value begins, 0: no. */
static gsize
name_at(const char *raw, gsize length, gsize i, const char *name, Section *section)
{
    gsize size = strlen(name);
    if (length - i < size || g_ascii_strncasecmp(raw + i, name, size) != 0)
        return 0;
    i = skip_blanks(raw, length, i + size);
    section->number = -1;
    section->extended = FALSE;
    if (i < length && raw[i] == '*') {
        i = skip_blanks(raw, length, i + 1);
        section->extended = TRUE;
        if (i < length && g_ascii_isdigit(raw[i])) {
            for (section->number = 0; i < length && g_ascii_isdigit(raw[i]); i++)
                section->number = MIN(section->number * 10 + g_ascii_digit_value(raw[i]), SECTION_NUMBER_MAX);
            i = skip_blanks(raw, length, i);
            section->extended = i < length && raw[i] == '*';
            i = skip_blanks(raw, length, i + section->extended);
        }
    }
    return i < length && raw[i] == '=' ? skip_blanks(raw, length, i + 1) : 0;
}

typedef struct {
    const char *raw;
    gsize length;
    GArray *sections;
    gsize bytes;       /* of their values */
    gboolean unclosed; /* a quote was found that never closes: so does none after it */
} Search;

/* The closing quote of the string that opens at `i`; 0: it never closes. */
static gsize
closing_quote(Search *search, gsize i)
{
    for (i++; !search->unclosed && i < search->length && search->raw[i] != '"'; i++)
        if (search->raw[i] == '\\')
            i++;
    search->unclosed |= i >= search->length;
    return search->unclosed ? 0 : i;
}

/* A comment before a quoted value; where the quote is, else `i`. */
static gsize
skip_comment(const char *raw, gsize length, gsize i)
{
    const char *close = i < length && raw[i] == '(' ? memchr(raw + i, ')', length - i) : NULL;
    if (close == NULL)
        return i;
    gsize after = skip_blanks(raw, length, (gsize)(close - raw) + 1);
    return after < length && raw[after] == '"' ? after : i;
}

/* Takes the value at `i`. Returns its end. */
static gsize
take_value(Search *search, gsize i, Section *section)
{
    const char *raw = search->raw;
    i = skip_comment(raw, search->length, i);
    gsize close = i < search->length && raw[i] == '"' ? closing_quote(search, i) : 0;
    gsize from = i + (i < search->length && raw[i] == '"'), to = close, end = close + 1;
    section->quoted = close > 0;
    if (!section->quoted) { /* a quote that never closes is none */
        const char *semicolon = memchr(raw + i, ';', search->length - i);
        to = end = semicolon != NULL ? (gsize)(semicolon - raw) : search->length;
        while (to > from && (is_blank(raw[to - 1]) || raw[to - 1] == '"'))
            to--;
    }
    section->length = to - from;
    section->value = g_strndup(raw + from, section->length);
    search->bytes += section->length;
    g_array_append_val(search->sections, *section);
    return end;
}

/* All sections of the parameter, in the order of the header. After an unquoted value the search goes on inside it. */
static GArray *
find_sections(const char *raw, gsize length, const char *name)
{
    Search search = {raw, length, g_array_new(FALSE, TRUE, sizeof(Section)), 0, FALSE};
    g_array_set_clear_func(search.sections, section_clear);
    gboolean may_begin = TRUE;
    for (gsize i = 0; i < length && search.sections->len < SECTIONS_MAX && search.bytes < BYTES_MAX;) {
        Section section = {0};
        gsize value = may_begin ? name_at(raw, length, i, name, &section) : 0;
        if (value > 0) {
            gsize end = take_value(&search, value, &section);
            i = section.quoted ? end : value;
            may_begin = section.quoted;
            continue;
        }
        gsize close = raw[i] == '"' ? closing_quote(&search, i) : 0;
        may_begin = close > 0 || raw[i] == ';' || raw[i] == ',' || is_blank(raw[i]);
        i = close > 0 ? close + 1 : i + 1;
    }
    return search.sections;
}

/* --- values -------------------------------------------------------------- */

/* Undoes %XX; what is none stays. Returns how many there were beyond ASCII. */
static guint
append_percent(const char *value, gsize length, GByteArray *out)
{
    guint high = 0;
    for (gsize i = 0; i < length; i++) {
        guint8 byte = (guint8)value[i];
        if (byte == '%' && length - i > 2 && g_ascii_isxdigit(value[i + 1]) && g_ascii_isxdigit(value[i + 2])) {
            byte = (guint8)(g_ascii_xdigit_value(value[i + 1]) << 4 | g_ascii_xdigit_value(value[i + 2]));
            high += byte >= 0x80;
            i += 2;
        }
        g_byte_array_append(out, &byte, 1);
    }
    return high;
}

/* Moves the texts that `values` lacks to it; takes `texts`. */
static void
give(GPtrArray *values, GPtrArray *texts)
{
    for (guint i = 0; i < texts->len; i++) {
        Decoding *text = g_ptr_array_index(texts, i);
        gboolean known = FALSE;
        for (guint j = 0; j < values->len && !known; j++)
            known = strcmp(((Decoding *)g_ptr_array_index(values, j))->text, text->text) == 0;
        if (known || values->len == VALUES_MAX)
            continue;
        texts->pdata[i] = NULL;
        g_ptr_array_add(values, text);
    }
    g_ptr_array_unref(texts);
}

/* "charset'language'" at the beginning; gives the charset or NULL. */
static char *
take_charset(const char *value, gsize length, gsize *used_out)
{
    const char *first = memchr(value, '\'', length);
    const char *second = first != NULL ? memchr(first + 1, '\'', length - (gsize)(first + 1 - value)) : NULL;
    *used_out = 0;
    if (second == NULL)
        return NULL;
    *used_out = (gsize)(second - value) + 1;
    return g_strndup(value, (gsize)(first - value));
}

static void
give_extended(GPtrArray *values, const char *value, gsize length)
{
    gsize used;
    g_autofree char *charset = take_charset(value, length, &used);
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    append_percent(value + used, length - used, bytes);
    give(values, decode_plausible(bytes->data, bytes->len, charset));
}

static char *
without_backslashes(const char *value, gsize length, gsize *length_out)
{
    GString *plain = g_string_sized_new(length);
    for (gsize i = 0; i < length; i++) {
        if (value[i] == '\\' && i + 1 < length)
            i++;
        g_string_append_c(plain, value[i]);
    }
    *length_out = plain->len;
    return g_string_free(plain, FALSE);
}

/* A backslash quotes the next character, or is the second byte of a Big5 or GBK one, or parts folders. encword_decode
 * reads it both ways. Percent signs are of programs that took RFC 2231 half. */
static void
give_plain(GPtrArray *values, const char *value, gsize length)
{
    if (length > 0 && memchr(value, '\\', length) != NULL) {
        gsize plain_length;
        g_autofree char *plain = without_backslashes(value, length, &plain_length);
        give(values, encword_decode(plain, plain_length));
    }
    give(values, encword_decode(value, length));
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    if (append_percent(value, length, bytes) > 0)
        give(values, decode_plausible(bytes->data, bytes->len, NULL));
}

/* --- continuations ------------------------------------------------------- */

static int
by_number(gconstpointer a, gconstpointer b)
{
    const Section *left = *(Section *const *)a, *right = *(Section *const *)b;
    if (left->number != right->number)
        return left->number < right->number ? -1 : 1;
    return left < right ? -1 : 1;
}

/* The numbered sections in order, gaps closed. Of several with one number the first (or the last) counts. */
static GPtrArray *
numbered(const GArray *sections, gboolean last_counts)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new();
    GPtrArray *chosen = g_ptr_array_new();
    for (guint i = 0; i < sections->len; i++)
        if (g_array_index(sections, Section, i).number >= 0)
            g_ptr_array_add(all, &g_array_index(sections, Section, i));
    g_ptr_array_sort(all, by_number);
    for (guint i = 0; i < all->len; i++) {
        const Section *section = g_ptr_array_index(all, i);
        const Section *before = chosen->len > 0 ? g_ptr_array_index(chosen, chosen->len - 1) : NULL;
        if (before != NULL && before->number == section->number) {
            if (last_counts)
                chosen->pdata[chosen->len - 1] = (gpointer)section;
            continue;
        }
        g_ptr_array_add(chosen, (gpointer)section);
    }
    return chosen;
}

/* Percent signs count in extended sections only; the first that has one names the charset. */
static void
give_joined(GPtrArray *values, const GPtrArray *sections)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_autofree char *charset = NULL;
    gboolean extended = FALSE;
    for (guint i = 0; i < sections->len; i++) {
        const Section *section = g_ptr_array_index(sections, i);
        gsize used = 0;
        if (!section->extended) {
            g_byte_array_append(bytes, (const guint8 *)section->value, (guint)section->length);
            continue;
        }
        if (!extended)
            charset = take_charset(section->value, section->length, &used);
        extended = TRUE;
        append_percent(section->value + used, section->length - used, bytes);
    }
    if (extended)
        give(values, decode_plausible(bytes->data, bytes->len, charset));
    if (!extended || (bytes->len > 0 && memmem(bytes->data, bytes->len, "=?", 2) != NULL))
        give_plain(values, (const char *)bytes->data, bytes->len);
}

static void
give_continued(GPtrArray *values, const GArray *sections)
{
    g_autoptr(GPtrArray) first = numbered(sections, FALSE), last = numbered(sections, TRUE);
    if (first->len == 0)
        return;
    give_joined(values, first);
    for (guint i = 0; i < first->len; i++) {
        if (first->pdata[i] == last->pdata[i])
            continue;
        give_joined(values, last);
        return;
    }
}

GPtrArray *
encword_parameter(const char *raw, gsize length, const char *name)
{
    GPtrArray *values = g_ptr_array_new_with_free_func((GDestroyNotify)decoding_free);
    g_autoptr(GArray) sections = find_sections(raw, MIN(length, ENCWORD_INPUT_MAX), name);
    for (guint i = 0; i < sections->len && values->len < VALUES_MAX; i++) {
        const Section *section = &g_array_index(sections, Section, i);
        if (section->number < 0 && section->extended)
            give_extended(values, section->value, section->length);
    }
    give_continued(values, sections);
    for (guint i = 0; i < sections->len && values->len < VALUES_MAX; i++) {
        const Section *section = &g_array_index(sections, Section, i);
        if (section->number < 0 && !section->extended)
            give_plain(values, section->value, section->length);
    }
    return values;
}

char *
encword_parameter_plain(const char *raw, gsize length, const char *name)
{
    g_autoptr(GArray) sections = find_sections(raw, MIN(length, ENCWORD_INPUT_MAX), name);
    const Section *found = NULL;
    for (guint i = 0; i < sections->len && found == NULL; i++)
        if (g_array_index(sections, Section, i).number < 0 && !g_array_index(sections, Section, i).extended)
            found = &g_array_index(sections, Section, i);
    if (found == NULL) {
        g_autoptr(GPtrArray) values = encword_parameter(raw, length, name);
        return values->len > 0 ? g_str_to_ascii(((Decoding *)values->pdata[0])->text, "C") : NULL;
    }
    gsize plain_length;
    char *plain = found->quoted ? without_backslashes(found->value, found->length, &plain_length)
                                : g_strndup(found->value, strcspn(found->value, " \t\r\n"));
    for (char *c = plain; *c != '\0'; c++)
        if ((guint8)*c >= 0x80)
            *c = '?';
    return g_strchomp(plain);
}
