/* user_name - is a mailbox named after its unit, or so like another that letters go astray? (R-157)
 *
 * A user name must not be the unit's pinyin, initials, abbreviation or the label of its domain. Digits, years and
 * separators are taken off first (swj2026 is swj). Names one edit away (a letter more, less, other, two swapped) are
 * told too: of the unit's when they have at least USER_NAME_NEAR_MIN letters, of other mailboxes as a hint only. */
#pragma once
#include <glib.h>

#define USER_NAME_NEAR_MIN 5

typedef enum {
    USER_NAME_FINE,
    USER_NAME_PINYIN,       /* full pinyin of unit, abbreviation or either with the department */
    USER_NAME_INITIALS,     /* their initials */
    USER_NAME_ABBREVIATION, /* the abbreviation as it is written */
    USER_NAME_DOMAIN,       /* a label of the domain */
    USER_NAME_NEAR_UNIT,    /* one edit from one of these */
    USER_NAME_NEAR_OTHER    /* one edit from another mailbox: a hint */
} UserNameFault;

const char *user_name_fault_word(UserNameFault fault); /* "unit-pinyin" ...; "" for fine; lends */

/* All forms of a unit's names; make once, ask often. Immutable, thread-safe. NULL and "" are left out. */
typedef struct UnitNames UnitNames;
UnitNames *unit_names_new(const char *unit, const char *abbreviation, const char *const *departments,
                          const char *const *domains);
void unit_names_free(UnitNames *names);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UnitNames, unit_names_free)

/* local_part: what stands before "@". like_out (may be NULL) is what it is alike: "水务局 (shuiwuju)"; given, NULL if
 * fine. */
UserNameFault user_name_check(const UnitNames *names, const char *local_part, char **like_out);
/* Its letters alone, in lower case. Gives. */
char *user_name_letters(const char *local_part);

/* Mailboxes that are one edit apart, found without comparing each with each. */
typedef struct UserNameIndex UserNameIndex;
UserNameIndex *user_name_index_new(void);
void user_name_index_free(UserNameIndex *index);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UserNameIndex, user_name_index_free)
void user_name_index_add(UserNameIndex *index, const char *local_part);
/* Another one of at least 4 characters, one edit away; NULL if there is none. Lends. */
const char *user_name_index_near(const UserNameIndex *index, const char *local_part);
/* At most one letter or digit more, less or other, or two neighbours swapped; equal ones are FALSE. */
gboolean user_name_near(const char *a, const char *b);
