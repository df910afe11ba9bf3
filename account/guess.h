/* guess - the likely passwords of a person: what an attacker who knows him would try first.
 *
 * Made from the person's own words (login name, address, name, unit, department; of those in characters the pinyin and
 * its initials), years, keyboard walks and a list of words; own words and walks plain, capitalised, and with what
 * people hang on: digits, years, "@", "!". The likeliest come first, the head of the list among them, none on purpose
 * twice; the same guess may still come by two ways. */
#pragma once
#include <glib.h>

/* Texts are lent; NULL or "" where nothing is known. UTF-8. */
typedef struct {
    const char *login, *address, *name, *unit, *department;
    const char *words_file; /* a word on a line; leaked passwords and the like; NULL: none */
    int year;               /* of today */
} GuessPerson;

/* One guess, not terminated by a zero on purpose: pointer and length. FALSE: no more are wanted. */
typedef gboolean (*GuessTry)(const char *guess, gsize length, gpointer user);
/* How many were tried. */
guint64 guess_each(const GuessPerson *person, GuessTry attempt, gpointer user);

/* Of rules and lists together: another text when other guesses would be made. Gives. */
char *guess_version(const char *words_file);
