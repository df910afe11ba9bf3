/* The person's own likeliest ones, then the list, then the rest of guess_each(): a list of leaked passwords is worth
 * more than the hundredth year behind a word. */
#include "config.h"
#include "audit_guesses.h"
#include "errors.h"
#include "guess.h"
#include "pinyin.h"
#include <glib/gi18n.h>
#include <string.h>

#define HEAD 20000 /* guesses before the list */
#define WORDS_BYTES_MAX (256 * 1024 * 1024)
#define WORD_BYTES_MAX 64

struct AuditWords {
    char *text;     /* lines, ends replaced by NUL */
    GArray *starts; /* guint32 */
};

AuditWords *
audit_words_load(const char *path, CryptoHash *digest, GError **error)
{
    g_autoptr(GError) raw = NULL;
    AuditWords *words = g_new0(AuditWords, 1);
    gsize length = 0;
    words->starts = g_array_new(FALSE, FALSE, sizeof(guint32));
    if (path == NULL)
        return words;
    if (!g_file_get_contents(path, &words->text, &length, &raw) || length > WORDS_BYTES_MAX) {
        const gboolean absent = g_error_matches(raw, G_FILE_ERROR, G_FILE_ERROR_NOENT);
        g_set_error(error, HANGU_ERROR,
                    absent        ? HANGU_ERROR_NO_INPUT
                    : raw != NULL ? HANGU_ERROR_IO
                                  : HANGU_ERROR_DATA,
                    raw != NULL ? "%s" : _("%s: the list of words is too long"), raw != NULL ? raw->message : path);
        audit_words_free(words);
        return NULL;
    }
    crypto_hash_add(digest, words->text, length);
    for (gsize at = 0; at < length;) {
        const char *end = memchr(words->text + at, '\n', length - at);
        const gsize size = end != NULL ? (gsize)(end - words->text) - at : length - at;
        const guint32 start = (guint32)at;
        words->text[at + size] = '\0'; /* behind the last one stands GLib's own */
        words->text[at + strcspn(words->text + at, "\r")] = '\0';
        if (*(words->text + at) != '\0' && size <= WORD_BYTES_MAX)
            g_array_append_val(words->starts, start);
        at += size + 1;
    }
    return words;
}

void
audit_words_free(AuditWords *words)
{
    if (words == NULL)
        return;
    g_free(words->text);
    g_array_unref(words->starts);
    g_free(words);
}

typedef struct {
    guint64 number, first; /* of the next guess; of the first that is wanted */
    guint64 skip, most;    /* of guess_each(): left out; made */
    guint64 seen;
    gboolean over;
    AuditTry attempt;
    gpointer user;
    char text[256];
} Going;

static gboolean
hand_on(Going *going, const char *guess, GuessKind hint)
{
    if (going->number++ < going->first)
        return TRUE;
    going->over = !going->attempt(going->number - 1, guess, hint, going->user);
    return !going->over;
}

static gboolean
take(const char *guess, gsize length, gpointer user)
{
    Going *going = user;
    if (going->seen++ < going->skip)
        return TRUE;
    if (going->seen > going->most)
        return FALSE;
    if (going->number < going->first) {
        going->number++;
        return TRUE;
    }
    const gsize size = MIN(length, sizeof going->text - 1);
    memcpy(going->text, guess, size);
    going->text[size] = '\0';
    const gboolean more = hand_on(going, going->text, GUESS_NONE);
    crypto_wipe(going->text, size);
    return more;
}

static void
person_guesses(const PasswordEntry *entry, int year, Going *going)
{
    const GuessPerson person = {.login = entry->account,
                                .address = entry->address,
                                .name = entry->name,
                                .unit = entry->unit,
                                .department = entry->department,
                                .year = year};
    going->seen = 0;
    guess_each(&person, take, going);
}

gboolean
audit_guesses(const PasswordEntry *entry, const AuditWords *words, int year, guint64 first, AuditTry attempt,
              gpointer user)
{
    Going going = {.first = first, .most = HEAD, .attempt = attempt, .user = user};
    person_guesses(entry, year, &going);
    for (guint i = 0; i < words->starts->len && !going.over; i++)
        hand_on(&going, words->text + g_array_index(words->starts, guint32, i), GUESS_WORD);
    going.skip = HEAD;
    going.most = G_MAXUINT64;
    if (!going.over)
        person_guesses(entry, year, &going);
    return !going.over;
}

/* --- what it was made from ---------------------------------------------------------------------------------------- */

static char *
latin(const char *text)
{
    return text == NULL ? NULL : pinyin_has_han(text) ? pinyin_text(text) : g_strdup(text);
}

static gboolean
is_made_from(const char *guess, const char *text)
{
    g_autofree char *form = latin(text != NULL ? text : "");
    g_autofree char *back = g_utf8_strreverse(guess, -1);
    g_auto(GStrv) parts = g_strsplit_set(form, " .-_+@", 8);
    g_autoptr(GString) initials = g_string_new(NULL), joined = g_string_new(NULL);
    gboolean made = FALSE;
    for (guint i = 0; parts[i] != NULL; i++) {
        g_autofree char *part = g_ascii_strdown(parts[i], -1);
        made |= strlen(part) >= 2 && (strstr(guess, part) != NULL || strstr(back, part) != NULL);
        g_string_append_c(initials, *part != '\0' ? *part : ' ');
        g_string_append(joined, part);
    }
    return made || (initials->len >= 2 && strstr(guess, initials->str) != NULL) ||
           (joined->len >= 2 && strstr(guess, joined->str) != NULL);
}

/* YYYYMMDD or YYMMDD */
static gboolean
is_date(const char *text)
{
    const gsize length = strlen(text);
    if ((length != 6 && length != 8) || strspn(text, "0123456789") != length)
        return FALSE;
    const guint64 number = g_ascii_strtoull(text, NULL, 10), month = number / 100 % 100, day = number % 100;
    return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

GuessKind
audit_guess_kind(const PasswordEntry *entry, const char *guess, GuessKind kind_hint)
{
    if (kind_hint != GUESS_NONE)
        return kind_hint;
    g_autofree char *lower = g_utf8_validate(guess, -1, NULL) ? g_utf8_strdown(guess, -1) : g_ascii_strdown(guess, -1);
    g_autofree char *local = g_strndup(entry->account, strcspn(entry->account, "@"));
    const char *domain = entry->address != NULL ? strchr(entry->address, '@') : NULL;
    GuessKind kind = GUESS_COMMON;
    if (is_made_from(lower, local))
        kind = GUESS_LOGIN;
    else if (is_made_from(lower, entry->name))
        kind = GUESS_NAME;
    else if (is_made_from(lower, entry->unit) || is_made_from(lower, entry->department) ||
             is_made_from(lower, domain != NULL ? domain + 1 : NULL))
        kind = GUESS_UNIT;
    else if (is_date(lower))
        kind = GUESS_DATE;
    crypto_wipe(lower, strlen(lower));
    return kind;
}
