/* Each fault is a row of a table with its sentences; likeness is looked for in a form in which a1ice and Alice agree.
 */
#include "config.h"
#include "strength.h"
#include "clock.h"
#include "crypto.h"
#include "guess.h"
#include "password_hash.h"
#include "pinyin.h"
#include <pwquality.h>
#include <string.h>
#include <zxcvbn.h>

#define BITS_BASE 26.6 /* log2(10^8) */
#define BITS_HIGH 33.2 /* log2(10^10) */
#define WORDS_MAX 96
#define LIKE_MIN 4     /* letters of a word that may not stand anywhere in it */
#define LIKE_ALL_MIN 2 /* letters of a word that may not be all its letters */

typedef struct {
    const char *word, *en, *zh; /* %u: the tier's length or history */
} Row;

static const Row rows[STRENGTHS] = {
    [STRENGTH_EMPTY] = {"empty", "The password is empty.", "密码为空。"},
    [STRENGTH_ENCODING] = {"encoding", "The password has a character that cannot be typed everywhere.",
                           "密码中含有无法正常键入的字符。"},
    [STRENGTH_TOO_LONG] = {"too-long", "The password is too long; at most 512 bytes.", "密码过长，最多 512 字节。"},
    [STRENGTH_TOO_SHORT] = {"too-short", "The password is too short; it needs at least %u characters.",
                            "密码太短，至少需要 %u 个字符。"},
    [STRENGTH_NO_LETTER] = {"no-letter", "The password needs a letter.", "密码中须有字母。"},
    [STRENGTH_NO_DIGIT] = {"no-digit", "The password needs a digit.", "密码中须有数字。"},
    [STRENGTH_NO_SPECIAL] = {"no-special", "The password needs a special character, such as - + ! ? or #.",
                             "密码中须有特殊字符，例如 - + ! ? #。"},
    [STRENGTH_LIKE_LOGIN] = {"like-login", "The password is like the user name.", "密码与用户名相近。"},
    [STRENGTH_LIKE_NAME] = {"like-name", "The password is like your name or its pinyin.",
                            "密码与本人姓名或其拼音相近。"},
    [STRENGTH_LIKE_UNIT] = {"like-unit", "The password is like the name of the unit or department, or its pinyin.",
                            "密码与单位、部门名称或其拼音相近。"},
    [STRENGTH_USED] = {"used-before", "The password was used before; the last %u may not come back.",
                       "密码以前用过，最近 %u 次用过的密码不得再用。"},
    [STRENGTH_DICTIONARY] = {"dictionary", "The password is a word that everybody knows, or almost one.",
                             "密码是常见词语，或与常见词语相近。"},
    [STRENGTH_EASY] = {"easy", "The password is easy to guess; take several words that do not belong together.",
                       "密码容易被猜中，请使用几个互不相关的词组合而成。"},
};

const char *
strength_word(StrengthFault fault)
{
    return fault < STRENGTHS ? rows[fault].word : "";
}

char *
strength_text(StrengthFault fault, Tier tier, gboolean chinese)
{
    g_return_val_if_fail(fault < STRENGTHS, NULL);
    g_autofree char *number =
        g_strdup_printf("%u", fault == STRENGTH_USED ? tier_row(tier)->history : tier_row(tier)->length);
    GString *text = g_string_new(chinese ? rows[fault].zh : rows[fault].en);
    g_string_replace(text, "%u", number, 1);
    return g_string_free(text, FALSE);
}

char *
strength_rules(Tier tier, gboolean chinese)
{
    const TierRow *row = tier_row(tier);
    const gboolean special = (row->classes & CLASS_SPECIAL) != 0;
    g_autofree char *end =
        row->age_days == 0 ? g_strdup(chinese ? "登录时在密码后紧接着输入六位一次性口令"
                                              : "at login the six digits of the one-time code follow it")
                           : g_strdup_printf(chinese ? "每 %u 天须更换" : "to be changed every %u days", row->age_days);
    if (chinese)
        return g_strdup_printf("密码至少 %u 个字符，须同时包含字母、数字%s；不得含用户名、姓名、单位名称，"
                               "不得与最近 %u 次用过的相同；%s。",
                               row->length, special ? "和特殊字符" : "", row->history, end);
    return g_strdup_printf("At least %u characters with letters, digits%s; without user name, own name and unit; none "
                           "of the last %u; %s.",
                           row->length, special ? " and special characters" : "", row->history, end);
}

/* --- characters -------------------------------------------------------------------------------------------------- */

static guint
shape_faults(const TierRow *row, const char *password)
{
    guint characters = 0, classes = 0, faults = 0;
    for (const char *at = password; *at != '\0'; at = g_utf8_next_char(at), characters++) {
        const gunichar c = g_utf8_get_char(at);
        classes |= g_unichar_isalpha(c) ? CLASS_LETTER : c >= '0' && c <= '9' ? CLASS_DIGIT : CLASS_SPECIAL;
        if (!g_unichar_isprint(c))
            faults |= 1u << STRENGTH_ENCODING;
    }
    if (characters < row->length)
        faults |= 1u << STRENGTH_TOO_SHORT;
    const guint missing = row->classes & ~classes;
    faults |= missing & CLASS_LETTER ? 1u << STRENGTH_NO_LETTER : 0;
    faults |= missing & CLASS_DIGIT ? 1u << STRENGTH_NO_DIGIT : 0;
    return faults | (missing & CLASS_SPECIAL ? 1u << STRENGTH_NO_SPECIAL : 0);
}

/* --- likeness ---------------------------------------------------------------------------------------------------- */

/* Small letters, with the digits and signs that stand for letters turned back (`meant`, or NULL); `letters`: nothing
 * else is kept. Text that is not ASCII stays. Gives; to be wiped. */
static char *
plain_form(const char *text, const char *meant, gboolean letters)
{
    static const char signs[] = "013457@$!";
    g_autofree char *lower = g_utf8_strdown(text, -1);
    char *form = g_malloc(strlen(lower) + 1), *to = form;
    for (const char *at = lower; *at != '\0'; at++) {
        const char *sign = meant != NULL ? strchr(signs, *at) : NULL;
        const char c = sign != NULL ? meant[sign - signs] : *at;
        if (!letters || g_ascii_isalpha(c) || (guchar)c >= 0x80)
            *to++ = c;
    }
    *to = '\0';
    crypto_wipe(lower, strlen(lower));
    return form;
}

static void
wipe_free(gpointer text)
{
    if (text != NULL)
        crypto_wipe(text, strlen(text));
    g_free(text);
}

#define LOOKS 3
static const char *const meanings[LOOKS] = {NULL, "oieastasi", "oleastasl"};

typedef struct {
    char *forms[LOOKS];   /* as it is, signs turned into letters in two ways */
    char *letters[LOOKS]; /* only the letters of these */
} Looks;

static void
looks_init(Looks *looks, const char *password)
{
    for (guint i = 0; i < LOOKS; i++) {
        looks->forms[i] = plain_form(password, meanings[i], FALSE);
        looks->letters[i] = plain_form(password, meanings[i], TRUE);
    }
}

static void
looks_clear(Looks *looks)
{
    for (guint i = 0; i < LOOKS; i++) {
        wipe_free(looks->forms[i]);
        wipe_free(looks->letters[i]);
    }
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Looks, looks_clear)

static gboolean
has_word(const Looks *looks, const char *word)
{
    const gsize length = strlen(word);
    for (guint i = 0; i < LOOKS; i++) {
        if (g_utf8_strlen(word, -1) >= (length > 0 && (guchar)word[0] >= 0x80 ? 2 : LIKE_MIN) &&
            strstr(looks->forms[i], word) != NULL)
            return TRUE;
        if (length >= LIKE_ALL_MIN && strcmp(looks->letters[i], word) == 0)
            return TRUE;
    }
    return FALSE;
}

/* The word, and the word backwards. */
static gboolean
is_like(const Looks *looks, const char *word)
{
    g_autofree char *lower = g_utf8_strdown(word, -1), *back = g_utf8_strreverse(lower, -1);
    return has_word(looks, lower) || has_word(looks, back);
}

/* Everything that a text is also called: itself, its parts, pinyin, initials. */
static void
add_words(GPtrArray *words, const char *text)
{
    if (text == NULL || *text == '\0')
        return;
    g_auto(GStrv) parts = g_strsplit_set(text, " .-_+@", 8);
    g_autoptr(GString) joined = g_string_new(NULL);
    for (guint i = 0; parts[i] != NULL; i++) {
        g_string_append(joined, parts[i]);
        if (*parts[i] != '\0' && parts[1] != NULL)
            g_ptr_array_add(words, g_strdup(parts[i]));
    }
    g_ptr_array_add(words, g_strdup(joined->str));
    for (guint form = PINYIN_FULL; form <= PINYIN_INITIALS && pinyin_has_han(text); form++) {
        g_autoptr(GPtrArray) forms = pinyin_forms(text, (PinyinForm)form);
        for (guint i = 0; i < forms->len && words->len < WORDS_MAX; i++)
            g_ptr_array_add(words, g_strdup(g_ptr_array_index(forms, i)));
    }
}

/* A mail name without its digits is as well known as with them. */
static void
add_login(GPtrArray *words, const char *login)
{
    if (login == NULL || *login == '\0')
        return;
    g_autofree char *local = g_strndup(login, strcspn(login, "@"));
    g_autofree char *letters = plain_form(local, NULL, TRUE);
    add_words(words, local);
    g_ptr_array_add(words, g_steal_pointer(&letters));
}

/* The labels of a domain but the last: water.example is water. */
static void
add_domain(GPtrArray *words, const char *address)
{
    const char *domain = address == NULL ? NULL : strchr(address, '@');
    if (domain == NULL)
        return;
    g_auto(GStrv) labels = g_strsplit(domain + 1, ".", 8);
    static const char *const common[] = {"com", "org", "net", "gov", "edu", "mail", "www", NULL};
    for (guint i = 0; labels[i] != NULL && labels[i + 1] != NULL; i++)
        if (!g_strv_contains(common, labels[i]))
            g_ptr_array_add(words, g_strdup(labels[i]));
}

static gboolean
is_like_any(const Looks *looks, const GPtrArray *words)
{
    for (guint i = 0; i < words->len; i++)
        if (is_like(looks, g_ptr_array_index(words, i)))
            return TRUE;
    return FALSE;
}

/* --- how easy ---------------------------------------------------------------------------------------------------- */

/* cracklib writes to standard error if its files are absent, so they are looked for first. */
static const char *
dictionary_path(void)
{
    static const char *const places[] = {"/var/cache/cracklib/cracklib_dict", "/usr/share/cracklib/pw_dict"};
    for (gsize i = 0; i < G_N_ELEMENTS(places); i++) {
        g_autofree char *file = g_strconcat(places[i], ".pwd", NULL);
        if (g_file_test(file, G_FILE_TEST_IS_REGULAR))
            return places[i];
    }
    return NULL;
}

gboolean
strength_has_dictionary(void)
{
    return dictionary_path() != NULL;
}

static gboolean
is_dictionary_word(const char *password)
{
    static GMutex lock; /* cracklib keeps its words in static buffers */
    const char *path = dictionary_path();
    pwquality_settings_t *settings = path == NULL ? NULL : pwquality_default_settings();
    if (settings == NULL)
        return FALSE;
    void *more = NULL;
    pwquality_set_int_value(settings, PWQ_SETTING_MIN_LENGTH, 6);
    pwquality_set_str_value(settings, PWQ_SETTING_DICT_PATH, path);
    g_mutex_lock(&lock);
    const int result = pwquality_check(settings, password, NULL, NULL, &more);
    char text[PWQ_MAX_ERROR_MESSAGE_LEN];
    if (result < 0)
        pwquality_strerror(text, sizeof text, result, more); /* frees `more` */
    pwquality_free_settings(settings);
    g_mutex_unlock(&lock);
    return result == PWQ_ERROR_CRACKLIB_CHECK;
}

static gboolean
is_easy(Tier tier, const char *password, const GPtrArray *own, const GPtrArray *name, const GPtrArray *unit)
{
    const char *words[3 * WORDS_MAX + 1];
    const GPtrArray *const lists[] = {own, name, unit};
    gsize count = 0;
    for (gsize i = 0; i < G_N_ELEMENTS(lists); i++)
        for (guint k = 0; k < lists[i]->len && k < WORDS_MAX; k++)
            if (*(const char *)g_ptr_array_index(lists[i], k) != '\0')
                words[count++] = g_ptr_array_index(lists[i], k);
    words[count] = NULL;
    return ZxcvbnMatch(password, words, NULL) < (tier == TIER_HIGH ? BITS_HIGH : BITS_BASE);
}

typedef struct {
    const char *password;
    gsize length;
    gboolean fits;
} Fit;

static gboolean
try_fit(const char *guess, gsize length, gpointer user)
{
    Fit *fit = user;
    fit->fits = length == fit->length && memcmp(guess, fit->password, length) == 0;
    return !fit->fits;
}

/* What hangu-authd and the audit would try against it. */
static gboolean
is_guessed(const StrengthAsk *ask, const char *password)
{
    g_autoptr(GDateTime) now = g_date_time_new_from_unix_local(clock_wall_us() / G_TIME_SPAN_SECOND);
    const GuessPerson person = {.login = ask->login,
                                .address = ask->address,
                                .name = ask->name,
                                .unit = ask->unit,
                                .department = ask->department,
                                .year = g_date_time_get_year(now)};
    Fit fit = {password, strlen(password), FALSE};
    guess_each(&person, try_fit, &fit);
    return fit.fits;
}

static guint
guess_faults(const StrengthAsk *ask, const char *password)
{
    g_autoptr(GPtrArray) own = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) name = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) unit = g_ptr_array_new_with_free_func(g_free);
    g_auto(Looks) looks = {0};
    looks_init(&looks, password);
    add_login(own, ask->login);
    add_login(own, ask->address);
    add_words(name, ask->name);
    add_words(unit, ask->unit);
    add_words(unit, ask->department);
    add_domain(unit, ask->address);
    return (is_like_any(&looks, own) ? 1u << STRENGTH_LIKE_LOGIN : 0) |
           (is_like_any(&looks, name) ? 1u << STRENGTH_LIKE_NAME : 0) |
           (is_like_any(&looks, unit) ? 1u << STRENGTH_LIKE_UNIT : 0) |
           (is_easy(ask->tier, password, own, name, unit) || is_guessed(ask, password) ? 1u << STRENGTH_EASY : 0) |
           (is_dictionary_word(password) ? 1u << STRENGTH_DICTIONARY : 0);
}

guint
strength_check(const StrengthAsk *ask, const char *password)
{
    const TierRow *row = tier_row(ask->tier);
    if (*password == '\0')
        return 1u << STRENGTH_EMPTY;
    if (strlen(password) > PASSWORD_MAX)
        return 1u << STRENGTH_TOO_LONG;
    if (!g_utf8_validate(password, -1, NULL))
        return 1u << STRENGTH_ENCODING;
    const guint used = ask->used != NULL && ask->used(password, row->history, ask->user) ? 1u << STRENGTH_USED : 0;
    return shape_faults(row, password) | guess_faults(ask, password) | used;
}
