/* One pass: each code is undone where it stands, so that what it says stays beside what was written plainly. */
#include "config.h"
#include "escapes.h"
#include "escapes_private.h"
#include <string.h>

#define LINE_LENGTH 1000 /* bytes of a line that are kept together */
#define PIECE_MAX 4      /* bytes that may be the rest of a character before a text */

typedef struct {
    const char *text, *end;
    const char *copied;    /* so far it is in `said`; NULL: it has no codes yet */
    const char *barren;    /* twos of hex digits before it stand for nothing */
    guint letters;         /* in this line, out of codes */
    GByteArray *bytes;     /* what the code in hand stands for */
    GArray *ends;          /* guint32: where each of the bytes ends, from its first code on */
    GString *one;          /* the same as text */
    GString *said;         /* the line in hand so far, codes undone */
    GString *told, *rest;  /* lines in which codes stood for letters; lines in which they stood for anything */
    const char *from, *to; /* where the first code began, where the last line with one ended; NULL: none yet */
} Undo;

/* Most bytes are of no code, and every text is gone through: a table tells. */
#define CODE 0x01
#define RUN 0x02    /* may begin a run, or go on with it */
#define INSIDE 0x04 /* goes on with a run */
#define HEX 0x08
#define NEWLINE 0x10
static guint8 kinds[256];

static void
fill_kinds(void)
{
    for (guint c = 0; c < 0x80; c++) {
        kinds[c] = g_ascii_isalnum((char)c) || c == '+' || c == '/' ? RUN | INSIDE : 0;
        kinds[c] |= g_ascii_isxdigit((char)c) ? HEX : 0;
    }
    kinds['-'] = kinds['_'] = INSIDE;
    kinds['\\'] = kinds['&'] = kinds['%'] = kinds['='] = CODE;
    kinds['\n'] = NEWLINE;
}

static guint
kind_of(char c)
{
    return kinds[(guchar)c];
}

/* --- codes of one letter or byte --------------------------------------------------------------------------------- */

/* `count` hex digits at `at`; -1: they are not. */
static gint64
digits(const Undo *undo, const char *at, guint count)
{
    gint64 value = 0;
    if (undo->end - at < (gssize)count)
        return -1;
    for (guint i = 0; i < count; i++) {
        int digit = escapes_hex_value(at[i]);
        if (digit < 0)
            return -1;
        value = value << 4 | digit;
    }
    return value;
}

/* \u673a, \u{673a}, \U0001f31f, &#x673a;, &#26426;: its length, and its value. 0: none. */
static gsize
take_letter(const Undo *undo, const char *at, gint64 *value_out)
{
    gsize left = (gsize)(undo->end - at);
    if (left < 4)
        return 0;
    gboolean braced = at[0] == '\\' && at[1] == 'u' && at[2] == '{', hex = at[0] == '&' && (at[2] | 32) == 'x';
    if (at[0] == '\\' && !braced && (at[1] == 'u' || at[1] == 'U')) {
        guint size = at[1] == 'u' ? 4 : 8;
        *value_out = digits(undo, at + 2, size);
        return *value_out < 0 ? 0 : size + 2;
    }
    if (!braced && (at[0] != '&' || at[1] != '#'))
        return 0;
    gsize used = braced || hex ? 3 : 2;
    guint base = braced || hex ? 16 : 10, count = 0;
    *value_out = 0;
    for (; used < left && count < 8; used++, count++) {
        int digit = escapes_hex_value(at[used]);
        if (digit < 0 || (guint)digit >= base)
            break;
        *value_out = *value_out * base + digit;
    }
    if (count == 0 || (braced && (used == left || at[used] != '}')))
        return 0;
    return used + (used < left && (at[used] == ';' || braced) ? 1 : 0);
}

/* \xe6, %E6, =E6. 0: none. */
static gsize
take_byte(const Undo *undo, const char *at, guint8 *byte_out)
{
    gsize skip = at[0] == '%' || at[0] == '='                                            ? 1
                 : at[0] == '\\' && undo->end - at > 1 && (at[1] == 'x' || at[1] == 'X') ? 2
                                                                                         : 0;
    gint64 value = skip > 0 ? digits(undo, at + skip, 2) : -1;
    *byte_out = (guint8)value;
    return value < 0 ? 0 : skip + 2;
}

/* Where the line of `at` begins, LINE_LENGTH before it at most. */
static const char *
line_begin(const Undo *undo, const char *at)
{
    const char *least = at - undo->text > LINE_LENGTH ? at - LINE_LENGTH : undo->text;
    const char *newline = memrchr(least, '\n', (gsize)(at - least));
    if (newline != NULL)
        return newline + 1;
    while (least < at && (*least & 0xC0) == 0x80)
        least++;
    return least;
}

/* A code that began at `from` says `one`: what stands before it in the line goes first. */
static void
keep(Undo *undo, const char *from, const char *to)
{
    const char *plain = undo->copied != NULL ? undo->copied : line_begin(undo, from);
    g_string_append_len(undo->said, plain, from - plain);
    g_string_append_len(undo->said, undo->one->str, (gssize)undo->one->len);
    undo->letters += escapes_letters(undo->one);
    undo->copied = to;
    undo->from = undo->from != NULL ? undo->from : from;
}

/* Returns where the code at `at` ends; what is no letter is left as it stands. */
static const char *
undo_letter(Undo *undo, const char *at)
{
    gint64 value, low;
    gsize used = take_letter(undo, at, &value);
    if (used == 0)
        return at;
    if (value >= 0xD800 && value < 0xDC00) {
        gsize more = take_letter(undo, at + used, &low);
        if (more > 0 && low >= 0xDC00 && low < 0xE000) {
            value = 0x10000 + ((value - 0xD800) << 10) + (low - 0xDC00);
            used += more;
        }
    }
    if (value < ' ' || value > 0x10FFFF || !g_unichar_validate((gunichar)value))
        return at;
    g_string_truncate(undo->one, 0);
    g_string_append_unichar(undo->one, (gunichar)value);
    keep(undo, at, at + used);
    return at + used;
}

/* Codes of bytes from `at` on, to the first one that stands for no text. Where they end; 0xFF begins nothing in any
 * charset. */
static const char *
take_bytes(Undo *undo, const char *at)
{
    const char *next = at;
    guint8 byte;
    g_byte_array_set_size(undo->bytes, 0);
    g_array_set_size(undo->ends, 0);
    for (gsize used; next < undo->end && (used = take_byte(undo, next, &byte)) > 0; next += used) {
        guint32 end = (guint32)(next + used - at);
        if (escapes_is_control(byte) || byte == 0xFF)
            break;
        g_byte_array_append(undo->bytes, &byte, 1);
        g_array_append_val(undo->ends, end);
    }
    return next;
}

/* Bytes from..to of those in hand, whose first code stands at `at`. */
static gboolean
keep_bytes(Undo *undo, const char *at, guint from, guint to, int least)
{
    const guint32 *ends = (const guint32 *)(gconstpointer)undo->ends->data;
    if (!escapes_read(undo->bytes->data + from, to - from, least, undo->one))
        return FALSE;
    keep(undo, at + (from > 0 ? ends[from - 1] : 0), at + ends[to - 1]);
    return TRUE;
}

/* The UTF-8 among the bytes in hand. */
static gboolean
keep_utf8(Undo *undo, const char *at)
{
    gboolean kept = FALSE;
    for (guint from = 0, size; from < undo->bytes->len; from += MAX(1, size)) {
        size = (guint)escapes_utf8(undo->bytes->data + from, undo->bytes->len - from);
        kept |= size > 0 && keep_bytes(undo, at, from, from + size, ESCAPES_ANY);
    }
    return kept;
}

/* Returns where the codes of bytes at `at` end, or `at`. They are one text, or what follows a piece of a character is;
 * else UTF-8 with other bytes between; else whatever they may be read as. Each byte is looked at a few times, however
 * many there are. */
static const char *
undo_bytes(Undo *undo, const char *at)
{
    const char *end = take_bytes(undo, at);
    guint count = undo->bytes->len;
    if (count == 1 && undo->bytes->data[0] >= 0x80 && end < undo->end && (kind_of(*end) & INSIDE) != 0)
        return at; /* key=e69cba...: the hex digits of a run */
    for (guint from = 0; from < MIN(count, PIECE_MAX); from++)
        if (keep_bytes(undo, at, from, count, DECODE_SURE))
            return end;
    if (count > 0 && !keep_utf8(undo, at))
        keep_bytes(undo, at, 0, count, ESCAPES_ANY);
    return end;
}

/* --- runs -------------------------------------------------------------------------------------------------------- */

/* A run, if it stands for letters. Hex digits alone are no base64: that text comes out so is one chance in millions. */
static void
undo_run(Undo *undo, const char *run, const char *end, gboolean hex)
{
    gsize length = (gsize)(end - run);
    if (length < (hex ? ESCAPES_HEX_MIN : ESCAPES_BASE64_MIN))
        return;
    gboolean whole = hex ? escapes_hex(run, length, undo->bytes) : escapes_base64(run, length, undo->bytes);
    if (whole && escapes_read(undo->bytes->data, undo->bytes->len, ESCAPES_ANY, undo->one) &&
        escapes_is_meant(undo->one))
        keep(undo, run, end);
}

/* "e6 9c ba e5": twos of hex digits. Where they end; `at` if they stand for nothing. */
static const char *
undo_twos(Undo *undo, const char *at)
{
    const char *next = at;
    gboolean control = FALSE;
    g_byte_array_set_size(undo->bytes, 0);
    while (undo->end - next >= 2) {
        gint64 value = digits(undo, next, 2);
        guint8 byte = (guint8)value;
        if (value < 0 || (undo->end - next > 2 && g_ascii_isalnum(next[2])))
            break;
        control |= escapes_is_control(byte);
        g_byte_array_append(undo->bytes, &byte, 1);
        next += 2;
        if (next == undo->end || (*next != ' ' && *next != ':' && *next != ','))
            break;
        next++;
    }
    if (!control && undo->bytes->len * 2 >= ESCAPES_HEX_MIN &&
        escapes_read(undo->bytes->data, undo->bytes->len, ESCAPES_ANY, undo->one) && escapes_is_meant(undo->one)) {
        keep(undo, at, next);
        return next;
    }
    undo->barren = next;
    return at;
}

/* --- the text ---------------------------------------------------------------------------------------------------- */

/* The line with codes in hand ends at `at`, or LINE_LENGTH after its last code. */
static void
end_line(Undo *undo, const char *at)
{
    const char *end = at - undo->copied > LINE_LENGTH ? undo->copied + LINE_LENGTH : at;
    while (end < at && (*end & 0xC0) == 0x80)
        end++;
    g_string_append_len(undo->said, undo->copied, end - undo->copied);
    g_string_append_c(undo->said, '\n');
    g_string_append_len(undo->rest, undo->said->str, (gssize)undo->said->len);
    if (undo->letters >= ESCAPES_LETTERS_LEAST)
        g_string_append_len(undo->told, undo->said->str, (gssize)undo->said->len);
    undo->to = at;
    g_string_truncate(undo->said, 0);
    undo->copied = NULL;
    undo->letters = 0;
}

/* What begins at `at`, or the byte there if nothing does: where it ends. */
static const char *
undo_code(Undo *undo, const char *at)
{
    const char *next = *at == '\\' || *at == '&' ? undo_letter(undo, at) : at;
    if (next == at && *at != '&')
        next = undo_bytes(undo, at);
    return next == at ? at + 1 : next;
}

static const char *
undo_word(Undo *undo, const char *at)
{
    const char *end = at + 1;
    guint all = kind_of(*at);
    for (guint kind; end < undo->end && ((kind = kind_of(*end)) & INSIDE) != 0; end++)
        all &= kind;
    gboolean hex = (all & HEX) != 0;
    if (hex && end - at == 2 && at >= undo->barren) {
        const char *twos = undo_twos(undo, at);
        return twos > at ? twos : end;
    }
    undo_run(undo, at, end, hex);
    return end;
}

/* Adds to `told`; `rest` is what codes may be left in. FALSE: there were no codes. */
static gboolean
undo_once(const char *text, gsize length, GString *told, GString *rest, EscapesSpan *span_out)
{
    g_autoptr(GString) said = g_string_new(NULL), one = g_string_new(NULL);
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_autoptr(GArray) ends = g_array_new(FALSE, FALSE, sizeof(guint32));
    Undo undo = {.text = text,
                 .end = text + length,
                 .barren = text,
                 .bytes = bytes,
                 .ends = ends,
                 .one = one,
                 .said = said,
                 .told = told,
                 .rest = rest};
    for (const char *at = text; at < undo.end;) {
        while (undo.copied == NULL && at < undo.end && (kind_of(*at) & (CODE | RUN)) == 0)
            at++;
        if (at == undo.end)
            break;
        guint kind = kind_of(*at);
        gboolean late = undo.copied != NULL && at - undo.copied > LINE_LENGTH && (*at & 0xC0) != 0x80;
        if (late || (undo.copied != NULL && kind == NEWLINE))
            end_line(&undo, kind == NEWLINE ? at + 1 : at);
        at = (kind & CODE) != 0 ? undo_code(&undo, at) : (kind & RUN) != 0 ? undo_word(&undo, at) : at + 1;
    }
    if (undo.copied != NULL)
        end_line(&undo, undo.end);
    if (undo.from == NULL)
        return FALSE;
    *span_out = (EscapesSpan){(gsize)(undo.from - text), (gsize)(undo.to - text)};
    return TRUE;
}

gboolean
escapes_undo(const char *text, gsize length, GString *out, EscapesSpan *span_out)
{
    g_autoptr(GString) rest = g_string_new(NULL), inner = g_string_new(NULL);
    EscapesSpan span;
    static gsize once;
    if (g_once_init_enter(&once)) {
        fill_kinds();
        g_once_init_leave(&once, 1);
    }
    g_string_truncate(out, 0);
    if (!undo_once(text, length, out, rest, span_out))
        return FALSE;
    for (guint deep = 1; deep < ESCAPES_DEEP; deep++) {
        g_string_truncate(inner, 0);
        if (!undo_once(rest->str, rest->len, out, inner, &span))
            break;
        g_string_assign(rest, inner->str);
    }
    return out->len > 0;
}
