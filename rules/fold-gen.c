/* fold-gen - writes rules/fold-table.h: what each code point folds to, from ICU's data and fold-additions.txt.
 *
 * usage: fold-gen ADDITIONS > fold-table.h
 * Runs while the project is built and is not installed. The same ICU and the same file give the same bytes. */
#include "config.h"
#include "fold-entry.h"
#include <stdio.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/uspoof.h>
#include <unicode/ustring.h>
#include <unicode/utrans.h>

#define LAST 0x10FFFF
#define TAGS 0xE0000  /* plane of tags and variation selectors: nothing in it is kept */
#define ROUNDS_MAX 12 /* folding what was folded must come to rest */
#define BUFFER 256    /* UTF-16 units of one character's folding */

typedef struct {
    GHashTable *map;   /* code point -> char *, from the additions */
    GHashTable *light; /* code points */
    const UNormalizer2 *casefold, *decompose, *compose;
    UTransliterator *simplify;
    USpoofChecker *spoof;
    char **folded;     /* by code point; NULL: itself */
    GArray *entries;   /* guint32 */
    GPtrArray *texts;  /* char * of the FOLD_TEXT entries */
    GHashTable *known; /* text -> index + 1 */
    guint16 *index;    /* block number of each 64 code points */
    guint32 limit;     /* code points from here on have no entries */
} Generator;

static void G_GNUC_NORETURN G_GNUC_PRINTF(1, 2) stop(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    fprintf(stderr, "fold-gen: %s\n", text);
    exit(1);
}

static void
icu_check(UErrorCode code, const char *what)
{
    if (U_FAILURE(code))
        stop("%s: %s", what, u_errorName(code));
}

static char *
character(UChar32 c)
{
    char bytes[8] = "";
    int length = g_unichar_to_utf8((gunichar)c, bytes);
    return g_strndup(bytes, (gsize)length);
}

/* --- the additions ----------------------------------------------------------------------------------------------- */

/* "★", "U+2605", "U+2605..U+2607". FALSE if it is none of them. */
static gboolean
token_parse(const char *token, UChar32 *first, UChar32 *last)
{
    if (g_str_has_prefix(token, "U+")) {
        char *end;
        *first = *last = (UChar32)g_ascii_strtoull(token + 2, &end, 16);
        if (g_str_has_prefix(end, "..U+"))
            *last = (UChar32)g_ascii_strtoull(end + 4, &end, 16);
        return *end == '\0' && *first <= *last && *last <= LAST;
    }
    *first = *last = (UChar32)g_utf8_get_char_validated(token, -1);
    return *first > 0 && *g_utf8_next_char(token) == '\0';
}

static char *
target_parse(const char *word)
{
    UChar32 first, last;
    if (strcmp(word, "drop") == 0)
        return g_strdup("");
    if (strcmp(word, "blank") == 0)
        return g_strdup(" ");
    if (strcmp(word, "newline") == 0)
        return g_strdup("\n");
    return g_str_has_prefix(word, "U+") && token_parse(word, &first, &last) ? character(first) : g_strdup(word);
}

static void
line_read(Generator *g, const char *line, guint number)
{
    g_auto(GStrv) words = g_strsplit_set(line, " \t", -1);
    GPtrArray *tokens = g_ptr_array_new();
    for (guint i = 0; words[i] != NULL; i++)
        if (*words[i] != '\0')
            g_ptr_array_add(tokens, words[i]);
    if (tokens->len < 3 || strcmp(tokens->pdata[1], "<") != 0)
        stop("line %u: expected TARGET < SOURCE ...", number);
    gboolean light = strcmp(tokens->pdata[0], "light") == 0;
    for (guint i = 2; i < tokens->len; i++) {
        UChar32 first, last;
        if (!token_parse(tokens->pdata[i], &first, &last))
            stop("line %u: '%s' is no character and no U+XXXX", number, (char *)tokens->pdata[i]);
        for (UChar32 c = first; c <= last; c++)
            if (light)
                g_hash_table_add(g->light, GINT_TO_POINTER(c));
            else if (!g_hash_table_insert(g->map, GINT_TO_POINTER(c), target_parse(tokens->pdata[0])))
                stop("line %u: U+%04X has a target already", number, (guint)c);
    }
    g_ptr_array_unref(tokens);
}

static void
additions_read(Generator *g, const char *path)
{
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;
    if (!g_file_get_contents(path, &text, NULL, &error))
        stop("%s", error->message);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (guint i = 0; lines[i] != NULL; i++)
        if (*lines[i] != '\0' && *lines[i] != '#')
            line_read(g, lines[i], i + 1);
}

/* --- one character ----------------------------------------------------------------------------------------------- */

static int32_t
normalize(const UNormalizer2 *how, UChar *text, int32_t length)
{
    UErrorCode code = U_ZERO_ERROR;
    UChar out[BUFFER];
    int32_t made = unorm2_normalize(how, text, length, out, BUFFER, &code);
    icu_check(code, "normalize");
    u_memcpy(text, out, made);
    return made;
}

/* Accents and strokes go (é is e, however it is written); marks that belong to one script stay. */
static int32_t
marks_strip(const Generator *g, UChar *text, int32_t length)
{
    UErrorCode code = U_ZERO_ERROR;
    int32_t from = 0, to = 0;
    length = normalize(g->decompose, text, length);
    while (from < length) {
        UChar32 c;
        U16_NEXT(text, from, length, c);
        if ((U_MASK(u_charType(c)) & (U_GC_MN_MASK | U_GC_ME_MASK)) && uscript_getScript(c, &code) == USCRIPT_INHERITED)
            continue;
        U16_APPEND_UNSAFE(text, to, c);
    }
    return normalize(g->compose, text, to);
}

/* The ASCII letter that a letter of an alphabet looks like, or 0. */
static UChar32
look_alike(const Generator *g, UChar32 c)
{
    static const UScriptCode ALPHABETS[] = {USCRIPT_LATIN,    USCRIPT_GREEK,  USCRIPT_CYRILLIC, USCRIPT_ARMENIAN,
                                            USCRIPT_CHEROKEE, USCRIPT_COPTIC, USCRIPT_LISU,     USCRIPT_DESERET};
    UErrorCode code = U_ZERO_ERROR;
    UScriptCode script = uscript_getScript(c, &code);
    gboolean alphabet = FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(ALPHABETS); i++)
        alphabet |= script == ALPHABETS[i];
    if (!alphabet || c < 0x80 || !u_isalpha(c))
        return 0;
    UChar in[2], out[BUFFER];
    int32_t length = 0;
    U16_APPEND_UNSAFE(in, length, c);
    length = uspoof_getSkeleton(g->spoof, 0, in, length, out, BUFFER, &code);
    icu_check(code, "skeleton");
    length = marks_strip(g, out, length);
    return length == 1 && out[0] < 0x80 && g_ascii_isalpha((char)out[0]) ? g_ascii_tolower((char)out[0]) : 0;
}

static gboolean
is_radical(UChar32 c)
{
    return c >= 0x2E80 && c <= 0x2EFF;
}

/* Traditional to simplified; a radical first becomes the character it looks like. */
static int32_t
han_simplify(const Generator *g, UChar32 c, UChar *out)
{
    UErrorCode code = U_ZERO_ERROR;
    int32_t length = 0;
    U16_APPEND_UNSAFE(out, length, c);
    if (is_radical(c)) {
        UChar in[2] = {(UChar)c};
        length = uspoof_getSkeleton(g->spoof, 0, in, 1, out, BUFFER, &code);
    }
    int32_t limit = length;
    utrans_transUChars(g->simplify, out, &length, BUFFER, 0, &limit, &code);
    icu_check(code, "simplify");
    return length;
}

/* Bytes of one character after one round. */
static void
round_character(const Generator *g, UChar32 c, GString *out)
{
    const char *added = g_hash_table_lookup(g->map, GINT_TO_POINTER(c));
    UErrorCode code = U_ZERO_ERROR;
    UChar text[BUFFER];
    int32_t length = 0;
    if (added != NULL) {
        g_string_append(out, added);
        return;
    }
    UChar32 alike = look_alike(g, c);
    int32_t digit = u_charType(c) == U_DECIMAL_DIGIT_NUMBER ? u_charDigitValue(c) : -1;
    if (alike != 0 || digit >= 0) {
        g_string_append_c(out, alike != 0 ? (char)alike : (char)('0' + digit));
        return;
    }
    if (is_radical(c) || uscript_getScript(c, &code) == USCRIPT_HAN)
        length = han_simplify(g, c, text);
    else
        U16_APPEND_UNSAFE(text, length, c);
    char bytes[4 * BUFFER];
    u_strToUTF8(bytes, sizeof bytes, NULL, text, length, &code);
    icu_check(code, "character");
    g_string_append(out, bytes);
}

static char *
round_text(const Generator *g, const char *text)
{
    UErrorCode code = U_ZERO_ERROR;
    UChar wide[BUFFER];
    int32_t length;
    g_autoptr(GString) before = g_string_new(NULL);
    /* The additions come before Unicode's own folding: they may not want its result. */
    for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
        const char *added = g_hash_table_lookup(g->map, GINT_TO_POINTER((int)g_utf8_get_char(p)));
        if (added != NULL)
            g_string_append(before, added);
        else
            g_string_append_len(before, p, g_utf8_next_char(p) - p);
    }
    u_strFromUTF8(wide, BUFFER, &length, before->str, (int32_t)before->len, &code);
    icu_check(code, "round");
    length = normalize(g->casefold, wide, length);
    length = marks_strip(g, wide, length);
    GString *out = g_string_new(NULL);
    for (int32_t at = 0; at < length;) {
        UChar32 c;
        U16_NEXT(wide, at, length, c);
        round_character(g, c, out);
    }
    return g_string_free(out, FALSE);
}

/* Controls and white space, which Unicode's folding leaves. NULL: not one of them. */
static const char *
blank_fold(UChar32 c)
{
    if (c == '\t' || c == '\n')
        return c == '\t' ? "\t" : "\n";
    if (c == '\v' || c == '\f' || c == 0x85 || c == 0x2028 || c == 0x2029)
        return "\n";
    if (u_charType(c) == U_CONTROL_CHAR)
        return "";
    return u_isUWhiteSpace(c) ? " " : NULL;
}

static char *
character_fold(const Generator *g, UChar32 c)
{
    const char *blank = blank_fold(c);
    if (U_IS_SURROGATE(c))
        return g_strdup("\xEF\xBF\xBD");
    if (blank != NULL)
        return g_strdup(blank);
    if (c >= 0xAC00 && c <= 0xD7A3)
        return character(c);
    char *text = character(c);
    for (guint i = 0; i < ROUNDS_MAX; i++) {
        char *next = round_text(g, text);
        gboolean rest = strcmp(next, text) == 0;
        g_free(text);
        text = next;
        if (rest)
            return text;
    }
    stop("U+%04X does not come to rest: %s", (guint)c, text);
}

/* --- the table --------------------------------------------------------------------------------------------------- */

static FoldClass
class_of(const Generator *g, UChar32 c)
{
    UErrorCode code = U_ZERO_ERROR;
    if (c == ' ' || c == '\t' || c == '\n')
        return FOLD_WHITE;
    if (g_hash_table_contains(g->light, GINT_TO_POINTER(c)))
        return FOLD_LIGHT;
    if (c >= '0' && c <= '9')
        return FOLD_DIGIT;
    if (c == 0x2605)
        return FOLD_STAR;
    UScriptCode script = uscript_getScript(c, &code);
    if (script == USCRIPT_HAN || script == USCRIPT_HIRAGANA || script == USCRIPT_KATAKANA ||
        script == USCRIPT_BOPOMOFO || c == 0x30FC)
        return FOLD_HAN;
    guint32 type = U_MASK(u_charType(c));
    return c >= 0x80 && (type & (U_GC_P_MASK | U_GC_S_MASK)) ? FOLD_SIGN : FOLD_OTHER;
}

static guint32
text_entry(Generator *g, const char *text, FoldClass class)
{
    guint index = GPOINTER_TO_UINT(g_hash_table_lookup(g->known, text));
    if (strlen(text) > FOLD_TEXT_MAX)
        stop("'%s' is longer than %d bytes", text, FOLD_TEXT_MAX);
    if (index == 0) {
        g_ptr_array_add(g->texts, g_strdup(text));
        index = g->texts->len;
        g_hash_table_insert(g->known, g_strdup(text), GUINT_TO_POINTER(index));
    }
    return FOLD_SLOW_ENTRY(FOLD_TEXT, index - 1, class);
}

static guint32
entry_of(Generator *g, UChar32 c)
{
    static const struct {
        UChar32 c;
        FoldKind kind;
    } CONTROLS[] = {{'\r', FOLD_RETURN}, {0x202E, FOLD_RLO},  {0x202A, FOLD_PUSH}, {0x202B, FOLD_PUSH},
                    {0x202D, FOLD_PUSH}, {0x2066, FOLD_PUSH}, {0x2067, FOLD_PUSH}, {0x2068, FOLD_PUSH},
                    {0x202C, FOLD_POP},  {0x2069, FOLD_POP}};
    for (guint i = 0; i < G_N_ELEMENTS(CONTROLS); i++)
        if (CONTROLS[i].c == c)
            return FOLD_SLOW_ENTRY(CONTROLS[i].kind, 0, FOLD_EDGE);
    const char *text = g->folded[c];
    gsize length = strlen(text), source = (gsize)g_unichar_to_utf8((gunichar)c, NULL);
    if (U_IS_SURROGATE(c))
        source = 3;
    if (length == 0)
        return FOLD_SLOW_ENTRY(FOLD_DROP, 0, FOLD_EDGE);
    UChar32 first = (UChar32)g_utf8_get_char(text);
    FoldClass class = class_of(g, first);
    if (text[0] != '\0' && *g_utf8_next_char(text) != '\0')
        return text_entry(g, text, class);
    if ((first >= 0x1161 && first <= 0x1175) || (first >= 0x11A8 && first <= 0x11C2))
        return FOLD_SLOW_ENTRY(FOLD_JAMO, first, class);
    if (c == '>') /* where it begins a line it may be a quote sign: the slow way looks */
        return FOLD_SLOW_ENTRY(FOLD_COPY, 0, class);
    /* Blocks that stay as they are (Hangul, private use) then are all one block. */
    if (first == c && (length == 4 || (length == 3 && class == FOLD_OTHER)))
        return FOLD_SLOW_ENTRY(FOLD_COPY, 0, class);
    if (length > 3 || length > source)
        return text_entry(g, text, class);
    guint32 bytes = 0;
    for (gsize i = 0; i < length; i++)
        bytes |= (guint32)(guint8)text[i] << (8 * i);
    return FOLD_PLAIN_ENTRY(bytes, length, class);
}

static void
characters_fold(Generator *g)
{
    g->folded = g_new0(char *, LAST + 1);
    for (UChar32 c = 0; c <= LAST; c++)
        g->folded[c] = (c >= TAGS && c < TAGS + 0x1000) ? g_strdup("") : character_fold(g, c);
    /* A rule is folded once and text once: what came out must fold to itself. */
    for (UChar32 c = 0; c <= LAST; c++)
        for (const char *p = g->folded[c]; *p != '\0'; p = g_utf8_next_char(p)) {
            UChar32 out = (UChar32)g_utf8_get_char(p);
            g_autofree char *itself = character(out);
            if (strcmp(g->folded[out], itself) != 0)
                stop("U+%04X gives U+%04X, which folds again", (guint)c, (guint)out);
        }
}

/* Code points beyond the last that needs an entry are themselves (or tags). */
static void
limit_find(Generator *g)
{
    for (UChar32 c = LAST; c >= 0; c--) {
        gboolean tag = c >= TAGS && c < TAGS + 0x1000;
        g_autofree char *itself = character(c);
        if (!tag && (strcmp(g->folded[c], itself) != 0 || class_of(g, c) != FOLD_OTHER)) {
            g->limit = ((guint32)c | ((1u << FOLD_BLOCK_BITS) - 1)) + 1;
            return;
        }
    }
}

static void
blocks_build(Generator *g)
{
    enum { SIZE = 1 << FOLD_BLOCK_BITS };
    g_autoptr(GHashTable) seen =
        g_hash_table_new_full(g_bytes_hash, g_bytes_equal, (GDestroyNotify)g_bytes_unref, NULL);
    g->index = g_new0(guint16, g->limit >> FOLD_BLOCK_BITS);
    for (guint32 start = 0; start < g->limit; start += SIZE) {
        guint32 block[SIZE];
        for (guint32 i = 0; i < SIZE; i++)
            block[i] = entry_of(g, (UChar32)(start + i));
        GBytes *bytes = g_bytes_new(block, sizeof block);
        gpointer number;
        if (g_hash_table_lookup_extended(seen, bytes, NULL, &number)) {
            g_bytes_unref(bytes);
        } else {
            number = GUINT_TO_POINTER(g->entries->len >> FOLD_BLOCK_BITS);
            g_array_append_vals(g->entries, block, SIZE);
            g_hash_table_insert(seen, bytes, number);
        }
        g->index[start >> FOLD_BLOCK_BITS] = (guint16)GPOINTER_TO_UINT(number);
    }
    if (g->index[0] != 0 || g->index[1] != 1)
        stop("ASCII must be the first two blocks: fold.c takes its entries without the index");
}

static void
numbers_write(GString *out, const char *declaration, const guint32 *wide, const guint16 *narrow, gsize count)
{
    g_assert(wide != NULL || narrow != NULL);
    g_string_append_printf(out, "const %s[%" G_GSIZE_FORMAT "] = {", declaration, count);
    for (gsize i = 0; i < count; i++)
        g_string_append_printf(out, "%s0x%x,", i % 16 == 0 ? "\n" : "", wide != NULL ? wide[i] : narrow[i]);
    g_string_append(out, "\n};\n");
}

static void
table_write(const Generator *g)
{
    g_autoptr(GString) out = g_string_new(NULL);
    g_string_append_printf(out, "#define FOLD_LIMIT 0x%xu\n#define FOLD_TAGS 0x%xu\n", g->limit, TAGS);
    g_string_append_printf(out,
                           "extern const guint16 FOLD_INDEX[%u];\nextern const guint32 FOLD_ENTRIES[%u];\n"
                           "extern const char *const FOLD_TEXTS[%u];\n#ifdef FOLD_TABLE_DEFINE /* in fold.c */\n",
                           g->limit >> FOLD_BLOCK_BITS, g->entries->len, g->texts->len);
    numbers_write(out, "guint16 FOLD_INDEX", NULL, g->index, g->limit >> FOLD_BLOCK_BITS);
    numbers_write(out, "guint32 FOLD_ENTRIES", (const guint32 *)(gconstpointer)g->entries->data, NULL, g->entries->len);
    g_string_append(out, "const char *const FOLD_TEXTS[] = {\n");
    for (guint i = 0; i < g->texts->len; i++) {
        g_string_append_c(out, '"');
        for (const char *p = g->texts->pdata[i]; *p != '\0'; p++)
            g_string_append_printf(out, "\\%03o", (guint8)*p);
        g_string_append(out, "\",\n");
    }
    g_string_append(out, "};\n#endif\n");
    g_autofree char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, out->str, (gssize)out->len);
    printf("/* Made by fold-gen: do not edit. ICU %s, Unicode %s. */\n%s#define FOLD_TABLE_DIGEST \"%s\"\n",
           U_ICU_VERSION, U_UNICODE_VERSION, out->str, digest);
}

static void
icu_open(Generator *g)
{
    UErrorCode code = U_ZERO_ERROR;
    UChar name[40];
    u_uastrcpy(name, "Traditional-Simplified");
    g->casefold = unorm2_getNFKCCasefoldInstance(&code);
    g->decompose = unorm2_getNFDInstance(&code);
    g->compose = unorm2_getNFCInstance(&code);
    g->simplify = utrans_openU(name, -1, UTRANS_FORWARD, NULL, 0, NULL, &code);
    g->spoof = uspoof_open(&code);
    icu_check(code, "ICU");
}

int
main(int argc, char **argv)
{
    Generator g = {.map = g_hash_table_new_full(NULL, NULL, NULL, g_free),
                   .light = g_hash_table_new(NULL, NULL),
                   .known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
                   .entries = g_array_new(FALSE, FALSE, sizeof(guint32)),
                   .texts = g_ptr_array_new_with_free_func(g_free)};
    if (argc != 2)
        stop("usage: fold-gen ADDITIONS > fold-table.h");
    icu_open(&g);
    additions_read(&g, argv[1]);
    characters_fold(&g);
    limit_find(&g);
    blocks_build(&g);
    table_write(&g);
    for (UChar32 c = 0; c <= LAST; c++)
        g_free(g.folded[c]);
    g_free(g.folded);
    g_free(g.index);
    g_array_unref(g.entries);
    g_ptr_array_unref(g.texts);
    g_hash_table_unref(g.known);
    g_hash_table_unref(g.light);
    g_hash_table_unref(g.map);
    utrans_close(g.simplify);
    uspoof_close(g.spoof);
    return fflush(stdout) == 0 ? 0 : 1;
}
