/* Guesses by combination: bases by ends. */
#include "config.h"
#include "guess.h"
#include "guess_walks.h"
#include "pinyin.h"
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

#define RULES_VERSION 3
#define WORDS_EARLY                                                                                  \
    20000 /* lines of the list that come before a person's own words: lists begin with the commonest \
           */
#define WORD_MAX 64
#define YEARS_BACK 60

typedef struct {
    GuessTry attempt;
    gpointer user;
    guint64 count;
    gboolean over;
    int year;
} Guessing;

static const char *const walks[] = {
    "123456",    "12345678", "123456789", "1234567890", "111111",    "000000",    "888888",   "666666",   "123123",
    "12341234",  "112233",   "123321",    "654321",     "87654321",  "11111111",  "88888888", "00000000", "66666666",
    "password",  "passw0rd", "qwerty",    "qwertyuiop", "asdfgh",    "asdfghjkl", "zxcvbn",   "zxcvbnm",  "1qaz2wsx",
    "1q2w3e4r",  "1q2w3e",   "q1w2e3r4",  "qazwsx",     "qazwsxedc", "zaq12wsx",  "qwe123",   "abc123",   "a123456",
    "admin",     "admin123", "root",      "test",       "guest",     "welcome",   "iloveyou", "woaini",   "woaini1314",
    "5201314",   "520520",   "1314520",   "147258369",  "159753",    "741852963", "!@#$%^",   "!@#$%^&*", "asd123",
    "qwe123!@#", "abcd1234", "aa123456",  "a1b2c3d4",   "mail",      "email",     "changeme", "default",  "letmein",
};

static const char *const ends[] = {
    "",     "1",  "12",   "123",  "1234", "12345", "123456", "1234567", "12345678", "123456789", "0",    "00",
    "000",  "01", "001",  "007",  "111",  "666",   "888",    "168",     "520",      "521",       "1314", "5201314",
    "!",    "!!", "@",    "#",    "@1",   "@12",   "@123",   "@1234",   "@123456",  "#123",      "!123", "123!",
    "123@", "1!", "_123", ".123", "abc",  "a",     "qwe",    "!@#",     "@qq",      "@mail",
};

static void
try_one(Guessing *guessing, const char *guess, gsize length)
{
    if (guessing->over || length == 0)
        return;
    guessing->count++;
    guessing->over = !guessing->attempt(guess, length, guessing->user);
}

static void
try_joined(Guessing *guessing, const char *first, gsize length, const char *second)
{
    char guess[WORD_MAX * 2 + 16];
    gsize more = strlen(second);
    if (length + more >= sizeof guess)
        return;
    memcpy(guess, first, length);
    memcpy(guess + length, second, more);
    try_one(guessing, guess, length + more);
}

/* A base with its ends and years, behind and before. */
static void
try_ends(Guessing *guessing, const char *base, gsize length)
{
    char year[16];
    for (gsize i = 0; i < G_N_ELEMENTS(ends) && !guessing->over; i++)
        try_joined(guessing, base, length, ends[i]);
    for (int back = -1; back <= YEARS_BACK && !guessing->over; back++) {
        g_snprintf(year, sizeof year, "%d", guessing->year - back);
        try_joined(guessing, base, length, year);
        try_joined(guessing, year, 4, base);
        g_snprintf(year, sizeof year, "@%d", guessing->year - back);
        try_joined(guessing, base, length, year);
        g_snprintf(year, sizeof year, "%d!", guessing->year - back);
        try_joined(guessing, base, length, year);
    }
    for (guint digit = 0; digit < 100 && !guessing->over; digit++) {
        g_snprintf(year, sizeof year, "%02u", digit);
        try_joined(guessing, base, length, year);
    }
}

/* As written, in lower case, capitalised, in capitals, twice, backwards. */
static void
try_forms(Guessing *guessing, const char *word)
{
    gsize length = strlen(word);
    if (length == 0 || length > WORD_MAX)
        return;
    g_autofree char *lower = g_ascii_strdown(word, -1), *upper = g_ascii_strup(word, -1), *title = g_strdup(lower);
    g_autofree char *back = g_strreverse(g_strdup(lower)), *twice = g_strconcat(lower, lower, NULL);
    title[0] = g_ascii_toupper(title[0]);
    const char *const forms[] = {lower, title, upper, word, back, twice};
    for (gsize i = 0; i < G_N_ELEMENTS(forms); i++)
        if (i != 3 || (strcmp(word, lower) != 0 && strcmp(word, title) != 0 && strcmp(word, upper) != 0))
            try_ends(guessing, forms[i], strlen(forms[i]));
}

/* A name, and the pieces that dots and the like make of it: "zhang.san" gives zhang, san, zhangsan, sanzhang, zs; of a
 * name in characters the same is made of its pinyin. */
static void
try_name(Guessing *guessing, const char *name)
{
    if (name == NULL || *name == '\0')
        return;
    g_autofree char *latin = pinyin_has_han(name) ? pinyin_text(name) : NULL;
    const char *text = latin != NULL ? latin : name;
    g_auto(GStrv) parts = g_strsplit_set(text, " .-_+@", 8);
    g_autoptr(GString) joined = g_string_new(NULL), turned = g_string_new(NULL), letters = g_string_new(NULL);
    try_forms(guessing, text);
    for (guint i = 0; parts[i] != NULL; i++) {
        if (parts[1] != NULL)
            try_forms(guessing, parts[i]);
        g_string_append(joined, parts[i]);
        g_string_prepend(turned, parts[i]);
        if (g_ascii_isalnum(*parts[i]))
            g_string_append_c(letters, *parts[i]);
    }
    if (parts[0] == NULL || parts[1] == NULL)
        return;
    try_forms(guessing, joined->str);
    try_forms(guessing, turned->str);
    try_forms(guessing, letters->str);
}

static gboolean
try_walk(const char *guess, gsize length, gpointer user)
{
    Guessing *guessing = user;
    try_one(guessing, guess, length);
    return !guessing->over;
}

static void
try_dates(Guessing *guessing)
{
    char date[16];
    for (int year = guessing->year; year > guessing->year - 80 && !guessing->over; year--)
        for (guint month = 1; month <= 12; month++)
            for (guint day = 1; day <= 31 && !guessing->over; day++) {
                g_snprintf(date, sizeof date, "%04d%02u%02u", year, month, day);
                try_one(guessing, date, 8);
                try_one(guessing, date + 2, 6);
            }
}

static void
try_words(Guessing *guessing, FILE *file, guint64 most)
{
    char line[WORD_MAX + 2];
    for (; file != NULL && most > 0 && !guessing->over && fgets(line, sizeof line, file) != NULL; most--) {
        gsize length = strcspn(line, "\r\n");
        gboolean whole = line[length] != '\0' || feof(file);
        for (int c = 0; !whole && (c = getc(file)) != EOF && c != '\n';)
            continue; /* too long to be a word */
        if (whole)
            try_one(guessing, line, length);
    }
}

guint64
guess_each(const GuessPerson *person, GuessTry attempt, gpointer user)
{
    Guessing guessing = {attempt, user, 0, FALSE, person->year};
    g_autofree char *local =
        g_strndup(person->login != NULL ? person->login : "", person->login != NULL ? strcspn(person->login, "@") : 0);
    g_autofree char *mailbox = g_strndup(person->address != NULL ? person->address : "",
                                         person->address != NULL ? strcspn(person->address, "@") : 0);
    const char *domain = person->address != NULL ? strchr(person->address, '@') : NULL;
    FILE *words = person->words_file != NULL ? g_fopen(person->words_file, "re") : NULL;
    for (gsize i = 0; i < G_N_ELEMENTS(walks); i++)
        try_one(&guessing, walks[i], strlen(walks[i]));
    try_words(&guessing, words, WORDS_EARLY);
    try_name(&guessing, local);
    if (g_strcmp0(local, mailbox) != 0)
        try_name(&guessing, mailbox);
    try_name(&guessing, person->name);
    try_name(&guessing, domain != NULL ? domain + 1 : NULL);
    try_name(&guessing, person->unit);
    try_name(&guessing, person->department);
    for (gsize i = 0; i < G_N_ELEMENTS(walks); i++)
        try_forms(&guessing, walks[i]);
    if (!guessing.over)
        guess_walks(try_walk, &guessing);
    try_words(&guessing, words, G_MAXUINT64);
    try_dates(&guessing);
    if (words != NULL)
        fclose(words);
    return guessing.count;
}

char *
guess_version(const char *words_file)
{
    GStatBuf facts;
    if (words_file == NULL || g_stat(words_file, &facts) != 0)
        return g_strdup_printf("%d", RULES_VERSION);
    return g_strdup_printf("%d-%" G_GINT64_FORMAT "-%" G_GINT64_FORMAT, RULES_VERSION, (gint64)facts.st_size,
                           (gint64)facts.st_mtime);
}
