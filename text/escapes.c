/* One pass: each code is undone where it stands, so that what it says stays beside what was written plainly. */
#include "config.h"
#include "escapes.h"
#include "decode.h"
#include <string.h>

#define LINE_LENGTH 1000 /* bytes of a line that are kept together */
#define LETTERS_LEAST 2
#define ASCII_LEAST 12 /* bytes of nothing but ASCII that a run stands for: codes again */

typedef struct {
    const char *text, *end;
    const char *copied;    /* so far it is in `said`; NULL: it has no codes yet */
    const char *barren;    /* twos of hex digits before it stand for nothing */
    guint letters;         /* in this line, out of codes */
    GString *said;         /* the line in hand so far, codes undone */
    GString *told, *rest;  /* lines in which codes stood for letters; lines in which they stood for anything */
    const char *from, *to; /* where the first code began, where the last line with one ended; NULL: none yet */
} Undo;

/* --- bytes to letters -------------------------------------------------------------------------------------------- */

/* Letters beyond Latin ones. */
static guint
count_letters(const char *text, gsize length)
{
    guint count = 0;
    for (const char *at = text; at < text + length; at = g_utf8_next_char(at))
        count += g_utf8_get_char(at) >= 0x370;
    return count;
}

static gboolean
has_control(const guint8 *bytes, gsize length)
{
    for (gsize i = 0; i < length; i++)
        if (bytes[i] < ' ' && bytes[i] != '\t' && bytes[i] != '\n' && bytes[i] != '\r')
            return TRUE;
    return FALSE;
}

/* What the bytes say. FALSE: nothing. */
static gboolean
read_bytes(const guint8 *bytes, gsize length, GString *said)
{
    g_string_truncate(said, 0);
    if (length == 0 || has_control(bytes, length))
        return FALSE;
    if (g_utf8_validate_len((const char *)bytes, length, NULL)) {
        g_string_append_len(said, (const char *)bytes, (gssize)length);
        return TRUE;
    }
    g_autoptr(GPtrArray) decodings = decode_plausible(bytes, length, NULL);
    const Decoding *best = g_ptr_array_index(decodings, 0);
    if (best->errors == 0)
        g_string_append_len(said, best->text, (gssize)best->length);
    return best->errors == 0;
}

/* Whether a run that stands for this was written as one: by chance few bytes are letters of one script. */
static gboolean
is_meant(const GString *said)
{
    guint letters = count_letters(said->str, said->len);
    for (gsize i = 0; letters < LETTERS_LEAST && i < said->len; i++)
        if ((said->str[i] & 0x80) != 0)
            return FALSE;
    return letters >= LETTERS_LEAST || said->len >= ASCII_LEAST;
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
        int digit = g_ascii_xdigit_value(at[i]);
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
        int digit = g_ascii_xdigit_value(at[used]);
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

/* A code that began at `from` says `said`: what stands before it in the line goes first. */
static void
keep(Undo *undo, const char *from, const char *to, const GString *said)
{
    const char *plain = undo->copied != NULL ? undo->copied : line_begin(undo, from);
    g_string_append_len(undo->said, plain, from - plain);
    g_string_append_len(undo->said, said->str, (gssize)said->len);
    undo->letters += count_letters(said->str, said->len);
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
    g_autoptr(GString) said = g_string_new(NULL);
    g_string_append_unichar(said, (gunichar)value);
    keep(undo, at, at + used, said);
    return at + used;
}

static const char *
undo_bytes(Undo *undo, const char *at)
{
    guint8 byte;
    if (take_byte(undo, at, &byte) == 0)
        return at;
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_autoptr(GString) said = g_string_new(NULL);
    const char *next = at;
    for (gsize used; next < undo->end && (used = take_byte(undo, next, &byte)) > 0; next += used)
        g_byte_array_append(bytes, &byte, 1);
    if (!read_bytes(bytes->data, bytes->len, said))
        return at;
    keep(undo, at, next, said);
    return next;
}

/* --- runs -------------------------------------------------------------------------------------------------------- */

static gsize
undo_hex(const char *run, gsize length, guint8 *bytes)
{
    gsize count = 0;
    if (length < ESCAPES_HEX_MIN || length % 2 != 0)
        return 0;
    for (gsize i = 0; i < length; i += 2) {
        int high = g_ascii_xdigit_value(run[i]), low = g_ascii_xdigit_value(run[i + 1]);
        if (high < 0 || low < 0)
            return 0;
        bytes[count++] = (guint8)(high << 4 | low);
    }
    return count;
}

static gsize
undo_base64(const char *run, gsize length, guint8 *bytes)
{
    int state = 0;
    guint save = 0;
    if (length < ESCAPES_BASE64_MIN)
        return 0;
    static const char *const padding[] = {"", "", "==", "="}; /* no sign of a run: it may be there, or not */
    g_autofree char *plain = g_strdup_printf("%.*s%s", (int)length, run, padding[length % 4]);
    g_strdelimit(g_strdelimit(plain, "-", '+'), "_", '/');
    return g_base64_decode_step(plain, strlen(plain), bytes, &state, &save);
}

/* A run, if it stands for letters. */
static void
undo_run(Undo *undo, const char *run, const char *end)
{
    gsize length = (gsize)(end - run);
    if (length < ESCAPES_HEX_MIN)
        return;
    g_autofree guint8 *bytes = g_malloc(length);
    g_autoptr(GString) said = g_string_new(NULL);
    gboolean meant = read_bytes(bytes, undo_hex(run, length, bytes), said) && is_meant(said);
    meant = meant || (read_bytes(bytes, undo_base64(run, length, bytes), said) && is_meant(said));
    if (meant)
        keep(undo, run, end, said);
}

/* "e6 9c ba e5": twos of hex digits. Where they end; `at` if they stand for nothing. */
static const char *
undo_twos(Undo *undo, const char *at)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    const char *next = at;
    while (undo->end - next >= 2) {
        gint64 value = digits(undo, next, 2);
        guint8 byte = (guint8)value;
        if (value < 0 || (undo->end - next > 2 && g_ascii_isalnum(next[2])))
            break;
        g_byte_array_append(bytes, &byte, 1);
        next += 2;
        if (next == undo->end || (*next != ' ' && *next != ':' && *next != ','))
            break;
        next++;
    }
    g_autoptr(GString) said = g_string_new(NULL);
    if (bytes->len * 2 >= ESCAPES_HEX_MIN && read_bytes(bytes->data, bytes->len, said) && is_meant(said)) {
        keep(undo, at, next, said);
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
    if (undo->letters >= LETTERS_LEAST)
        g_string_append_len(undo->told, undo->said->str, (gssize)undo->said->len);
    undo->to = at;
    g_string_truncate(undo->said, 0);
    undo->copied = NULL;
    undo->letters = 0;
}

/* Most bytes are of no code, and every text is gone through: a table tells. */
typedef enum { PLAIN, CODE, RUN, RUN_INSIDE, NEWLINE } ByteKind;
static guint8 kinds[256];

static void
fill_kinds(void)
{
    for (guint c = 0; c < 0x80; c++)
        kinds[c] = g_ascii_isalnum((char)c) || c == '+' || c == '/' ? RUN : PLAIN;
    kinds['-'] = kinds['_'] = RUN_INSIDE; /* no run begins with them */
    kinds['\\'] = kinds['&'] = kinds['%'] = kinds['='] = CODE;
    kinds['\n'] = NEWLINE;
}

static ByteKind
kind_of(char c)
{
    return (ByteKind)kinds[(guchar)c];
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
    while (end < undo->end && (kind_of(*end) == RUN || kind_of(*end) == RUN_INSIDE))
        end++;
    if (end - at == 2 && at >= undo->barren && g_ascii_isxdigit(at[0]) && g_ascii_isxdigit(at[1])) {
        const char *twos = undo_twos(undo, at);
        return twos > at ? twos : end;
    }
    undo_run(undo, at, end);
    return end;
}

/* Adds to `told`; `rest` is what codes may be left in. FALSE: there were no codes. */
static gboolean
undo_once(const char *text, gsize length, GString *told, GString *rest, EscapesSpan *span_out)
{
    g_autoptr(GString) said = g_string_new(NULL);
    Undo undo = {.text = text, .end = text + length, .barren = text, .said = said, .told = told, .rest = rest};
    for (const char *at = text; at < undo.end;) {
        ByteKind kind = kind_of(*at);
        gboolean late = undo.copied != NULL && at - undo.copied > LINE_LENGTH && (*at & 0xC0) != 0x80;
        if (late || (undo.copied != NULL && kind == NEWLINE))
            end_line(&undo, kind == NEWLINE ? at + 1 : at);
        at = kind == CODE ? undo_code(&undo, at) : kind == RUN ? undo_word(&undo, at) : at + 1;
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
