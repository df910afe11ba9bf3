/* Forms of the unit's names are made once into a table; a user name is then one look-up and, for the near ones, one
 * walk over it. */
#include "config.h"
#include "user_name.h"
#include "pinyin.h"
#include <string.h>

#define OTHER_MIN 4
#define NAME_MAX_BYTES 64

typedef struct {
    UserNameFault fault;
    char *like; /* what a person reads: "水务局 (shuiwuju)" */
} Form;

struct UnitNames {
    GHashTable *forms; /* letters to Form */
};

const char *
user_name_fault_word(UserNameFault fault)
{
    static const char *const words[] = {
        [USER_NAME_FINE] = "",
        [USER_NAME_PINYIN] = "unit-pinyin",
        [USER_NAME_INITIALS] = "unit-initials",
        [USER_NAME_ABBREVIATION] = "unit-abbreviation",
        [USER_NAME_DOMAIN] = "unit-domain",
        [USER_NAME_NEAR_UNIT] = "near-unit",
        [USER_NAME_NEAR_OTHER] = "near-other",
    };
    return (guint)fault < G_N_ELEMENTS(words) ? words[fault] : "";
}

static void
free_form(gpointer data)
{
    Form *form = data;
    g_free(form->like);
    g_free(form);
}

/* Two letters are the least that say anything of a unit. The first fault of a form stays. */
static void
add_form(UnitNames *names, UserNameFault fault, const char *written, const char *letters)
{
    if (strlen(letters) < 2 || g_hash_table_contains(names->forms, letters))
        return;
    Form *form = g_new(Form, 1);
    form->fault = fault;
    form->like = g_strdup_printf("%s (%s)", written, letters);
    g_hash_table_insert(names->forms, g_strdup(letters), form);
}

static void
add_forms(UnitNames *names, const char *text, PinyinForm form, UserNameFault fault)
{
    g_autoptr(GPtrArray) forms = pinyin_forms(text, form);
    for (guint i = 0; i < forms->len; i++) {
        g_autofree char *letters = user_name_letters(g_ptr_array_index(forms, i));
        add_form(names, fault, text, letters);
    }
}

/* 江州市水务局 is called 市水务局 and 水务局 too: the name without what stands before a place's last character. */
static const char *
without_place(const char *unit)
{
    static const char *const ends[] = {"省", "市", "县", "区", "州", "旗"};
    const char *rest = unit;
    for (guint i = 0; i < G_N_ELEMENTS(ends); i++)
        for (const char *at = unit; (at = strstr(at, ends[i])) != NULL;) {
            at += strlen(ends[i]);
            if (at > rest && g_utf8_strlen(at, -1) >= 2)
                rest = at;
        }
    return rest;
}

static void
add_name(UnitNames *names, const char *text)
{
    if (!pinyin_has_han(text)) {
        g_autofree char *letters = user_name_letters(text);
        add_form(names, USER_NAME_ABBREVIATION, text, letters);
        return;
    }
    add_forms(names, text, PINYIN_FULL, USER_NAME_PINYIN);
    add_forms(names, text, PINYIN_INITIALS, USER_NAME_INITIALS);
}

static void
add_domain(UnitNames *names, const char *domain)
{
    static const char *const common[] = {"com",  "net", "org",   "gov",  "edu",     "mil",  "www", "mail",
                                         "smtp", "cn",  "email", "info", "example", "test", NULL};
    g_auto(GStrv) labels = g_strsplit(domain, ".", -1);
    for (guint i = 0; labels[i] != NULL; i++) {
        g_autofree char *letters = user_name_letters(labels[i]);
        if (!g_strv_contains(common, letters) && strlen(letters) >= 2 && !g_str_has_prefix(labels[i], "xn--"))
            add_form(names, USER_NAME_DOMAIN, domain, letters);
    }
}

static void
add_with_departments(UnitNames *names, const char *name, const char *const *departments)
{
    if (name == NULL || *name == '\0')
        return;
    add_name(names, name);
    for (guint i = 0; departments != NULL && departments[i] != NULL; i++) {
        g_autofree char *both = g_strconcat(name, departments[i], NULL);
        add_name(names, both);
    }
}

UnitNames *
unit_names_new(const char *unit, const char *abbreviation, const char *const *departments, const char *const *domains)
{
    UnitNames *names = g_new(UnitNames, 1);
    names->forms = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_form);
    add_with_departments(names, abbreviation, departments);
    add_with_departments(names, unit, departments);
    if (unit != NULL)
        add_with_departments(names, without_place(unit), departments);
    for (guint i = 0; domains != NULL && domains[i] != NULL; i++)
        add_domain(names, domains[i]);
    return names;
}

void
unit_names_free(UnitNames *names)
{
    if (names == NULL)
        return;
    g_hash_table_unref(names->forms);
    g_free(names);
}

char *
user_name_letters(const char *local_part)
{
    GString *letters = g_string_new(NULL);
    for (; *local_part != '\0'; local_part++)
        if (g_ascii_isalpha(*local_part))
            g_string_append_c(letters, g_ascii_tolower(*local_part));
    return g_string_free(letters, FALSE);
}

gboolean
user_name_near(const char *a, const char *b)
{
    gsize la = strlen(a), lb = strlen(b), start = 0, end = 0;
    if (la > lb)
        return user_name_near(b, a);
    if (lb - la > 1 || g_str_equal(a, b))
        return FALSE;
    while (start < la && a[start] == b[start])
        start++;
    while (end < la - start && a[la - 1 - end] == b[lb - 1 - end])
        end++;
    gsize left = la - start - end; /* of a, in the middle */
    if (left == 0 || (left == 1 && la == lb))
        return TRUE;
    return left == 2 && la == lb && a[start] == b[start + 1] && a[start + 1] == b[start];
}

UserNameFault
user_name_check(const UnitNames *names, const char *local_part, char **like_out)
{
    g_autofree char *letters = user_name_letters(local_part);
    const Form *form = g_hash_table_lookup(names->forms, letters);
    UserNameFault fault = form != NULL ? form->fault : USER_NAME_FINE;
    GHashTableIter each;
    gpointer key, value;
    g_hash_table_iter_init(&each, names->forms);
    while (form == NULL && g_hash_table_iter_next(&each, &key, &value))
        if (strlen(key) >= USER_NAME_NEAR_MIN && user_name_near(letters, key)) {
            form = value;
            fault = USER_NAME_NEAR_UNIT;
        }
    if (like_out != NULL)
        *like_out = form != NULL ? g_strdup(form->like) : NULL;
    return fault;
}

/* --- other mailboxes ----------------------------------------------------------------------------------------- */

/* Names that are one edit apart become equal when each loses at most one character: a swap is one that loses either
 * of the two. So each name lies under itself and under itself without each of its characters. */
struct UserNameIndex {
    GHashTable *names;   /* the names, owned */
    GHashTable *without; /* a shortened name to GPtrArray of names (lent) */
};

UserNameIndex *
user_name_index_new(void)
{
    UserNameIndex *index = g_new(UserNameIndex, 1);
    index->names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    index->without = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
    return index;
}

void
user_name_index_free(UserNameIndex *index)
{
    if (index == NULL)
        return;
    g_hash_table_unref(index->without);
    g_hash_table_unref(index->names);
    g_free(index);
}

static gboolean
is_indexed(const char *name)
{
    gsize length = strlen(name);
    return length >= OTHER_MIN && length <= NAME_MAX_BYTES;
}

/* `name` without its character at `place`; behind the end: whole. */
static char *
shorten(const char *name, gsize place)
{
    GString *text = g_string_new(name);
    if (place < text->len)
        g_string_erase(text, (gssize)place, 1);
    return g_string_free(text, FALSE);
}

void
user_name_index_add(UserNameIndex *index, const char *local_part)
{
    if (!is_indexed(local_part) || g_hash_table_contains(index->names, local_part))
        return;
    char *name = g_strdup(local_part);
    g_hash_table_add(index->names, name);
    for (gsize i = 0; i <= strlen(name); i++) {
        char *key = shorten(name, i);
        GPtrArray *list = g_hash_table_lookup(index->without, key);
        if (list == NULL) {
            list = g_ptr_array_new();
            g_hash_table_insert(index->without, key, list);
        } else {
            g_free(key);
        }
        g_ptr_array_add(list, name);
    }
}

const char *
user_name_index_near(const UserNameIndex *index, const char *local_part)
{
    for (gsize i = 0; is_indexed(local_part) && i <= strlen(local_part); i++) {
        g_autofree char *key = shorten(local_part, i);
        const GPtrArray *list = g_hash_table_lookup(index->without, key);
        for (guint k = 0; list != NULL && k < list->len; k++)
            if (user_name_near(local_part, g_ptr_array_index(list, k)))
                return g_ptr_array_index(list, k);
    }
    return NULL;
}
