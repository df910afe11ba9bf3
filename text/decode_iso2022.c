/* decode_iso2022 - ISO-2022-CN and -EXT (RFC 1922), -JP, -1, -2, -3 (RFC 1468, 1554, 2237), -KR (RFC 1557) as one.
 *
 * One decoder knows the sets of all of them, so that a wrong label or a mixture does no harm. A line end ends a shift,
 * as the RFCs want; designations stay, as forgiving readers do. */
#include "config.h"
#include "decode_codec.h"
#include <string.h>

#define ESC 0x1B
#define SHIFT_OUT 0x0E
#define SHIFT_IN 0x0F

typedef enum {
    SET_NONE,
    SET_ASCII,
    SET_KATAKANA,
    SET_LATIN1,
    SET_GREEK,
    SET_GB,
    SET_CNS,
    SET_CNS_HIGH,
    SET_JIS,
    SET_JIS_SECOND,
    SET_KS
} Set;

typedef struct {
    const char *sequence; /* after ESC */
    guint8 place;         /* G0..G3 */
    Set set;
    guint8 plane; /* of CNS 11643 */
} Designation;

/* Longer ones first where one begins another. */
static const Designation DESIGNATIONS[] = {
    {"$(A", 0, SET_GB, 0},         {"$)A", 1, SET_GB, 0},         {"$*A", 2, SET_GB, 0},
    {"$(E", 0, SET_GB, 0},         {"$)E", 1, SET_GB, 0},         {"$(G", 0, SET_CNS, 1},
    {"$)G", 1, SET_CNS, 1},        {"$*H", 2, SET_CNS_HIGH, 2},   {"$(H", 0, SET_CNS_HIGH, 2},
    {"$)H", 1, SET_CNS_HIGH, 2},   {"$+I", 3, SET_CNS_HIGH, 3},   {"$+J", 3, SET_CNS_HIGH, 4},
    {"$+K", 3, SET_CNS_HIGH, 5},   {"$+L", 3, SET_CNS_HIGH, 6},   {"$+M", 3, SET_CNS_HIGH, 7},
    {"$(C", 0, SET_KS, 0},         {"$)C", 1, SET_KS, 0},         {"$(B", 0, SET_JIS, 0},
    {"$)B", 1, SET_JIS, 0},        {"$(@", 0, SET_JIS, 0},        {"$(O", 0, SET_JIS, 0},
    {"$(Q", 0, SET_JIS, 0},        {"$(D", 0, SET_JIS_SECOND, 0}, {"$)D", 1, SET_JIS_SECOND, 0},
    {"$(P", 0, SET_JIS_SECOND, 0}, {"$A", 0, SET_GB, 0},          {"$B", 0, SET_JIS, 0},
    {"$@", 0, SET_JIS, 0},         {"(B", 0, SET_ASCII, 0},       {"(J", 0, SET_ASCII, 0},
    {"(H", 0, SET_ASCII, 0},       {"(T", 0, SET_ASCII, 0},       {"(I", 0, SET_KATAKANA, 0},
    {")I", 1, SET_KATAKANA, 0},    {".A", 2, SET_LATIN1, 0},      {".F", 2, SET_GREEK, 0},
};

typedef struct {
    const guint8 *text;
    gsize length, at;
    Set sets[4];
    guint8 planes[4];
    guint place; /* 0 or 1: which set bytes are read by */
    GString *out;
    guint characters, errors, escapes;
    Set first; /* first two-byte set designated: gives the name */
    const Charset *gb, *ks, *jis;
} Iso2022;

static gboolean
take_designation(Iso2022 *state)
{
    const char *rest = (const char *)state->text + state->at + 1;
    gsize left = state->length - state->at - 1;
    for (gsize i = 0; i < G_N_ELEMENTS(DESIGNATIONS); i++) {
        const Designation *row = &DESIGNATIONS[i];
        gsize size = strlen(row->sequence);
        if (left < size || memcmp(rest, row->sequence, size) != 0)
            continue;
        state->sets[row->place] = row->set;
        state->planes[row->place] = row->plane;
        if (row->set >= SET_GB && state->first == SET_NONE)
            state->first = row->set;
        state->escapes++;
        state->at += 1 + size;
        return TRUE;
    }
    return FALSE;
}

/* UTF-8, first byte lowest, of a form of `size` bytes in a charset with long forms; the tables cannot say. */
static guint32
long_form(const char *charset, const guint8 *bytes, gsize size)
{
    g_auto(Decoded) one = {0};
    table_decode(charset_find(charset), bytes, size, &one);
    guint32 packed = 0;
    if (one.errors > 0 || one.length > 4)
        return 0;
    for (gsize i = 0; i < one.length; i++)
        packed |= (guint32)(guint8)one.text[i] << 8 * i;
    return packed;
}

static guint32
character_of(const Iso2022 *state, guint place, guint8 first, guint8 second)
{
    guint8 a = first | 0x80, b = second | 0x80;
    switch (state->sets[place]) {
    case SET_GB:
        return table_pair(state->gb, a, b);
    case SET_KS:
        return table_pair(state->ks, a, b);
    case SET_JIS:
        return table_pair(state->jis, a, b);
    case SET_JIS_SECOND:
        return long_form("EUC-JP", (const guint8[]){0x8F, a, b}, 3);
    case SET_CNS:
    case SET_CNS_HIGH:
        return long_form("EUC-TW", (const guint8[]){0x8E, 0xA0 + state->planes[place], a, b}, 4);
    default:
        return 0;
    }
}

static void
append_packed(GString *out, guint32 packed)
{
    for (; packed != 0; packed >>= 8)
        g_string_append_c(out, (char)(packed & 0xFF));
}

static gunichar
single_of(Set set, guint8 byte)
{
    switch (set) {
    case SET_KATAKANA:
        return byte < 0x60 ? 0xFF40u + byte : 0;
    case SET_LATIN1:
        return byte | 0x80u;
    case SET_GREEK: /* ISO 8859-7: letters stand as in Unicode */
        return byte >= 0x34 ? 0x0350u + byte : byte | 0x80u;
    default:
        return 0;
    }
}

/* The character at `at` in the set of `place`; FALSE if it is none (then nothing is used). */
static gboolean
take_from(Iso2022 *state, guint place)
{
    guint8 first = state->text[state->at];
    Set set = state->sets[place];
    if (first < 0x21 || first > 0x7E)
        return FALSE;
    if (set == SET_KATAKANA || set == SET_LATIN1 || set == SET_GREEK) {
        gunichar c = single_of(set, first);
        if (c == 0)
            return FALSE;
        g_string_append_unichar(state->out, c);
        state->at++;
        state->characters++;
        return TRUE;
    }
    guint8 second = state->at + 1 < state->length ? state->text[state->at + 1] : 0;
    guint32 packed = second >= 0x21 && second <= 0x7E ? character_of(state, place, first, second) : 0;
    if (packed == 0)
        return FALSE;
    append_packed(state->out, packed);
    state->at += 2;
    state->characters++;
    return TRUE;
}

static gboolean
take_single_shift(Iso2022 *state)
{
    guint8 letter = state->at + 1 < state->length ? state->text[state->at + 1] : 0;
    guint place = letter == 'N' ? 2 : letter == 'O' ? 3 : 0;
    if (place == 0 || state->sets[place] == SET_NONE || state->length - state->at < 4)
        return FALSE;
    state->at += 2;
    if (!take_from(state, place))
        state->errors++;
    return TRUE;
}

static void
take_plain(Iso2022 *state)
{
    g_string_append_c(state->out, (char)state->text[state->at++]);
}

static void
take_one(Iso2022 *state)
{
    guint8 c = state->text[state->at];
    if (c == ESC) {
        if (!take_designation(state) && !take_single_shift(state))
            take_plain(state);
        return;
    }
    if (c == SHIFT_OUT || c == SHIFT_IN) {
        state->place = c == SHIFT_OUT;
        state->at++;
        return;
    }
    if (c == '\n') {
        state->place = 0;
        state->sets[0] = SET_ASCII;
    }
    Set set = state->sets[state->place];
    if (set == SET_NONE || set == SET_ASCII || !take_from(state, state->place)) {
        state->errors += set > SET_ASCII && c > ' ' && c < 0x7F;
        take_plain(state);
    }
}

static const char *
name_of(Set first, const Charset *labelled)
{
    if (labelled != NULL)
        return labelled->name;
    return first == SET_KS                               ? "ISO-2022-KR"
           : first == SET_JIS || first == SET_JIS_SECOND ? "ISO-2022-JP"
                                                         : "ISO-2022-CN";
}

guint
iso2022_decode(const char *text, gsize length, const Charset *labelled, const char **name_out, Decoded *out)
{
    *out = (Decoded){0};
    gboolean shifts = labelled != NULL && memchr(text, SHIFT_OUT, length) != NULL;
    if (memchr(text, ESC, length) == NULL && !shifts)
        return 0;
    Iso2022 state = {.text = (const guint8 *)text, .length = length, .out = g_string_sized_new(length * 2)};
    state.gb = charset_find("GB18030");
    state.ks = charset_find("CP949");
    state.jis = charset_find("EUC-JP");
    state.sets[0] = SET_ASCII;
    /* The header that designates may be lost. */
    state.sets[1] = labelled != NULL && strcmp(labelled->name, "ISO-2022-KR") == 0 ? SET_KS : SET_GB;
    while (state.at < state.length)
        take_one(&state);
    *name_out = name_of(state.first, labelled);
    out->errors = state.errors;
    out->length = state.out->len;
    out->text = g_string_free(state.out, FALSE);
    if (state.characters == 0 || (labelled == NULL && state.escapes == 0))
        decoded_clear(out);
    return out->text != NULL ? state.characters : 0;
}
