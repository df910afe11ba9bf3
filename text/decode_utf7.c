/* decode_utf7 - UTF-7 (RFC 2152) and its IMAP form (RFC 3501 5.1.3).
 *
 * Without a label, "+" and "&" are mostly just that: only a run of clean UTF-16 that is mostly Han tells the form.
 * Where one stands, every clean run counts. */
#include "config.h"
#include "decode_codec.h"
#include <string.h>

typedef struct {
    char shift, sixty_three; /* "+", "/" or "&", "," */
    gboolean labelled, sure; /* by the label; by a run that was found */
    GString *out;
    guint characters, errors;
} Utf7;

static int
digit_of(const Utf7 *utf7, char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == utf7->sixty_three ? 63 : -1;
}

static gboolean
is_han(gunichar c)
{
    return (c >= 0x3400 && c <= 0x9FFF) || (c >= 0xF900 && c <= 0xFAFF) || c >= 0x20000;
}

/* What stands beside Han in running text. */
static gboolean
goes_with_han(gunichar c)
{
    return is_han(c) || (c >= 0x2010 && c <= 0x27BF) || (c >= 0x3000 && c <= 0x33FF) || (c >= 0xFF00 && c <= 0xFFEF) ||
           (c > ' ' && c <= 0xFF);
}

typedef struct {
    guint32 bits;
    guint have; /* bits not yet used */
    gunichar high;
    guint characters, han, strange, errors;
} Run;

static void
take_unit(Run *run, guint unit, GString *out)
{
    char utf8[4];
    gunichar c = unit;
    if (unit >= 0xD800 && unit < 0xDC00) {
        run->errors += run->high != 0;
        run->high = unit;
        return;
    }
    if (unit >= 0xDC00 && unit <= 0xDFFF && run->high != 0)
        c = 0x10000 + ((run->high - 0xD800) << 10) + (unit - 0xDC00);
    else
        run->errors += run->high != 0 || (unit >= 0xDC00 && unit <= 0xDFFF);
    run->high = 0;
    run->characters++;
    run->han += is_han(c);
    run->strange += !goes_with_han(c);
    if (c != 0)
        g_string_append_len(out, utf8, utf8_put(c, utf8));
}

/* A run of `size` digits; appends its text. */
static Run
decode_run(const Utf7 *utf7, const char *digits, gsize size, GString *out)
{
    Run run = {0};
    for (gsize i = 0; i < size; i++) {
        run.bits = run.bits << 6 | (guint32)digit_of(utf7, digits[i]);
        run.have += 6;
        if (run.have >= 16) {
            run.have -= 16;
            take_unit(&run, run.bits >> run.have & 0xFFFF, out);
        }
    }
    run.errors += run.have >= 6 || (run.bits & ((1u << run.have) - 1)) != 0 || run.high != 0;
    return run;
}

static gboolean
believable(const Run *run, const char *digits, gsize size, gboolean closed)
{
    gsize numerals = 0;
    while (numerals < size && g_ascii_isdigit(digits[numerals]))
        numerals++;
    return run->errors == 0 && run->strange == 0 && numerals < size && run->han * 2 >= run->characters &&
           (run->han >= 2 || (run->han == 1 && closed));
}

/* At a shift character. Returns the bytes used, 0: no form here. */
static gsize
take_run(Utf7 *utf7, const char *text, gsize length)
{
    gsize size = 1;
    while (size < length && digit_of(utf7, text[size]) >= 0)
        size++;
    gboolean closed = size < length && text[size] == '-';
    if (size == 1) {
        if (!closed || (!utf7->labelled && !utf7->sure))
            return 0;
        g_string_append_c(utf7->out, utf7->shift);
        utf7->characters++;
        return 2;
    }
    gsize before = utf7->out->len;
    Run run = decode_run(utf7, text + 1, size - 1, utf7->out);
    gboolean taken = utf7->labelled ? run.characters > 0
                     : utf7->sure   ? run.characters > 0 && run.errors == 0
                                    : believable(&run, text + 1, size - 1, closed);
    if (!taken) {
        g_string_truncate(utf7->out, before);
        g_string_append_len(utf7->out, text, (gssize)size); /* all of it, or "+++..." would cost its square */
        return size;
    }
    utf7->characters += run.characters;
    utf7->errors += run.errors;
    return size + closed;
}

static void
take_text(Utf7 *utf7, const char *text, gsize length)
{
    g_string_truncate(utf7->out, 0);
    utf7->characters = utf7->errors = 0;
    for (gsize i = 0; i < length;) {
        gsize used = text[i] == utf7->shift ? take_run(utf7, text + i, length - i) : 0;
        if (used > 0) {
            i += used;
            continue;
        }
        const char *next = memchr(text + i + 1, utf7->shift, length - i - 1);
        gsize plain = next != NULL ? (gsize)(next - text) - i : length - i;
        g_string_append_len(utf7->out, text + i, (gssize)plain);
        i += plain;
    }
}

guint
utf7_decode(const char *text, gsize length, gboolean imap, gboolean labelled, Decoded *out)
{
    Utf7 utf7 = {.shift = imap ? '&' : '+', .sixty_three = imap ? ',' : '/', .labelled = labelled};
    *out = (Decoded){0};
    if (memchr(text, utf7.shift, length) == NULL)
        return 0;
    utf7.out = g_string_sized_new(length);
    take_text(&utf7, text, length);
    utf7.sure = utf7.characters > 1;
    if (!labelled && utf7.sure)
        take_text(&utf7, text, length);
    out->errors = utf7.errors;
    out->length = utf7.out->len;
    out->text = g_string_free(utf7.out, FALSE);
    if (utf7.characters == 0)
        decoded_clear(out);
    return utf7.characters;
}
