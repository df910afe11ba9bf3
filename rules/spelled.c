/* spelled - torn forms of a rule's words. */
#include "config.h"
#include "spelled.h"
#include "fold.h"
#include <string.h>

static const char *const SEPARATORS[] = {" ", ".", "-", "_", "/", "*", "·"};
static const char *const BREAKS[] = {" ", "- ", "-"};
static const char *const SIGNS[] = {"/", "\\", "][", ")(", "】【", "〕〔", "+", "=", "#", "&", "%", "@", "*", ","};

/* A letter that no view joins to the next. */
static gboolean
is_letter(gunichar c)
{
    switch (g_unichar_get_script(c)) {
    case G_UNICODE_SCRIPT_HAN:
    case G_UNICODE_SCRIPT_HIRAGANA:
    case G_UNICODE_SCRIPT_KATAKANA:
    case G_UNICODE_SCRIPT_BOPOMOFO:
        return FALSE;
    default:
        return g_unichar_isalpha(c);
    }
}

/* Characters that are no letters of an alphabet say more than one. */
static guint
letters_count(const char *word, gboolean han)
{
    guint count = 0;

    for (const char *p = word; *p != '\0'; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (is_letter(c))
            count += g_unichar_get_script(c) == G_UNICODE_SCRIPT_HANGUL ? 2 : 1;
        else if (han && g_unichar_isalpha(c))
            count += 2;
    }
    return count;
}

static gboolean
is_gap(char c)
{
    return c == ' ' || c == '-' || c == '.' || c == '_';
}

/* The word with `separator` between any two letters, whatever stood there; `dash` keeps a hyphen that did. */
static void
letters_join(const char *word, const char *separator, gboolean dash, GString *out)
{
    gboolean letter = FALSE;

    g_string_truncate(out, 0);
    for (const char *p = word; *p != '\0';) {
        const char *begin = p, *next;
        while (letter && is_gap(*p))
            p++;
        if (letter && is_letter(g_utf8_get_char(p))) {
            g_string_append(out, separator);
            if (dash && memchr(begin, '-', (gsize)(p - begin)) != NULL)
                g_string_append_printf(out, "-%s", separator);
        } else
            g_string_append_len(out, begin, p - begin);
        if (*p == '\0')
            break;
        next = g_utf8_next_char(p);
        g_string_append_len(out, p, next - p);
        letter = is_letter(g_utf8_get_char(p));
        p = next;
    }
}

static void
form_add(const char *text, gboolean wrapped, GStringChunk *texts, GArray *forms_out)
{
    const SpelledForm form = {g_string_chunk_insert_const(texts, text), wrapped};

    g_array_append_val(forms_out, form);
}

/* Letters from the one before `at` back, or from `at` on. */
static guint
piece_size(const char *word, const char *at, gboolean back)
{
    guint size = 0;

    if (!back) {
        for (; *at != '\0' && is_letter(g_utf8_get_char(at)); at = g_utf8_next_char(at))
            size++;
        return size;
    }
    for (; at > word && is_letter(g_utf8_get_char(g_utf8_prev_char(at))); at = g_utf8_prev_char(at))
        size++;
    return size;
}

static void
word_break(const char *word, GStringChunk *texts, GArray *forms_out)
{
    for (const char *p = word; *p != '\0'; p = g_utf8_next_char(p)) {
        const char *next = g_utf8_next_char(p);
        if (*next == '\0' || !is_letter(g_utf8_get_char(p)) || !is_letter(g_utf8_get_char(next)))
            continue;
        gboolean short_piece = MIN(piece_size(word, next, TRUE), piece_size(word, next, FALSE)) < SPELLED_PIECE_MIN;
        for (guint i = 0; i < G_N_ELEMENTS(BREAKS); i++) {
            g_autofree char *broken = g_strdup_printf("%.*s%s%s", (int)(next - word), word, BREAKS[i], next);
            form_add(broken, short_piece, texts, forms_out);
        }
    }
}

void
spelled_word(const char *word, GStringChunk *texts, GArray *forms_out)
{
    if (strlen(word) > SPELLED_WORD_MAX || letters_count(word, FALSE) < SPELLED_LETTERS_MIN)
        return;
    g_autofree char *folded = fold_word_squeezed(word);
    g_autoptr(GString) text = g_string_new(NULL);

    if (letters_count(folded, FALSE) < SPELLED_LETTERS_MIN)
        return;
    for (guint i = 0; i < G_N_ELEMENTS(SEPARATORS); i++) {
        letters_join(folded, SEPARATORS[i], FALSE, text);
        form_add(text->str, FALSE, texts, forms_out);
    }
    letters_join(folded, " ", TRUE, text);
    if (strchr(text->str, '-') != NULL)
        form_add(text->str, FALSE, texts, forms_out);
    letters_join(folded, "", FALSE, text);
    if (strcmp(text->str, folded) != 0)
        form_add(text->str, FALSE, texts, forms_out);
    if (letters_count(folded, TRUE) >= SPELLED_BREAK_MIN)
        word_break(folded, texts, forms_out);
}

void
spelled_level(const char *word, GStringChunk *texts, GArray *forms_out)
{
    const char *second = *word != '\0' ? g_utf8_next_char(word) : word;

    if (*second == '\0' || g_unichar_get_script(g_utf8_get_char(word)) != G_UNICODE_SCRIPT_HAN ||
        g_unichar_get_script(g_utf8_get_char(second)) != G_UNICODE_SCRIPT_HAN)
        return;
    for (guint i = 0; i < G_N_ELEMENTS(SIGNS); i++) {
        g_autofree char *torn = g_strdup_printf("%.*s%s%s", (int)(second - word), word, SIGNS[i], second);
        form_add(torn, FALSE, texts, forms_out);
    }
}
