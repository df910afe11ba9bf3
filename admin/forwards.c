/* The table itself, and what all readers need. */
#include "config.h"
#include <stdarg.h>
#include "forwards.h"
#include "address.h"
#include <errno.h>
#include <glib/gi18n.h>
#include <glob.h>
#include <string.h>
#include <sys/stat.h>

static void
forward_free(gpointer data)
{
    Forward *row = data;
    g_free(row->who);
    g_free(row->to);
    g_free(row->file);
    g_free(row->allowed_by);
    g_free(row->allowed_until);
    g_free(row->seen_last);
    g_free(row);
}

Forwards *
forwards_new(void)
{
    Forwards *forwards = g_new0(Forwards, 1);
    forwards->rows = g_ptr_array_new_with_free_func(forward_free);
    forwards->unread = g_ptr_array_new_with_free_func(g_free);
    return forwards;
}

void
forwards_free(Forwards *forwards)
{
    if (forwards == NULL)
        return;
    g_ptr_array_unref(forwards->rows);
    g_ptr_array_unref(forwards->unread);
    g_free(forwards);
}

Forward *
forwards_add(Forwards *forwards, const char *source, const char *who, const char *to, const char *file, guint line,
             ForwardCopy copy)
{
    if (forwards->rows->len >= FORWARDS_ROWS_MAX) {
        forwards->cut = TRUE;
        return NULL;
    }
    Forward *row = g_new0(Forward, 1);
    row->source = source;
    row->who = g_utf8_make_valid(who, -1);
    row->to = g_utf8_make_valid(to, -1);
    row->file = g_strdup(file);
    row->line = line;
    row->copy = copy;
    row->where = FORWARD_UNKNOWN;
    g_ptr_array_add(forwards->rows, row);
    return row;
}

void
forwards_unread(Forwards *forwards, const char *file, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *why = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_ptr_array_add(forwards->unread, g_strdup_printf("%s: %s", file, why));
}

/* A mailbox owner may put anything in the place of his own file: only plain files are opened. */
char *
forwards_read(Forwards *forwards, const char *file, gsize *length_out)
{
    struct stat status;
    g_autoptr(GError) error = NULL;
    char *text = NULL;
    gsize length = 0;
    if (stat(file, &status) != 0)
        forwards_unread(forwards, file, "%s", g_strerror(errno));
    else if (!S_ISREG(status.st_mode))
        forwards_unread(forwards, file, _("is no plain file"));
    else if (status.st_size > FORWARDS_FILE_MAX)
        forwards_unread(forwards, file, _("is larger than can be read"));
    else if (!g_file_get_contents(file, &text, &length, &error))
        forwards_unread(forwards, file, "%s", error->message);
    if (length_out != NULL)
        *length_out = length;
    return text;
}

/* "/var/vmail/%d/%n/x" as an expression whose groups are named d, n and u. */
static GRegex *
pattern_regex(const char *pattern, GString *glob_out)
{
    g_autoptr(GString) text = g_string_new("^");
    gboolean had[256] = {FALSE};
    for (const char *c = pattern; *c != '\0'; c++) {
        if (*c == '%' && c[1] != '\0' && strchr("und", c[1]) != NULL) {
            guint name = (guchar) * ++c;
            g_string_append_printf(text, had[name] ? "(?P=%c)" : "(?P<%c>[^/]+)", name);
            had[name] = TRUE;
            g_string_append_c(glob_out, '*');
        } else if (*c == '*') {
            g_string_append(text, "[^/]*");
            g_string_append_c(glob_out, '*');
        } else {
            g_autofree char *one = g_strndup(c, 1), *escaped = g_regex_escape_string(one, -1);
            g_string_append(text, escaped);
            g_string_append_c(glob_out, *c);
        }
    }
    g_string_append_c(text, '$');
    return g_regex_new(text->str, G_REGEX_OPTIMIZE | G_REGEX_RAW, 0, NULL);
}

static char *
user_of(const GMatchInfo *match, const char *file)
{
    g_autofree char *user = g_match_info_fetch_named(match, "u"), *name = g_match_info_fetch_named(match, "n"),
                    *domain = g_match_info_fetch_named(match, "d");
    if (user != NULL && *user != '\0')
        return g_steal_pointer(&user);
    if (name != NULL && domain != NULL && *name != '\0' && *domain != '\0')
        return g_strconcat(name, "@", domain, NULL);
    if (name != NULL && *name != '\0')
        return g_steal_pointer(&name);
    return g_path_get_basename(file);
}

gboolean
forwards_each_file(const char *pattern, ForwardsFile each, gpointer data)
{
    g_autoptr(GString) wildcard = g_string_new(NULL);
    g_autoptr(GRegex) regex = pattern_regex(pattern, wildcard);
    glob_t found = {0};
    if (regex == NULL)
        return FALSE;
    int answer = glob(wildcard->str, 0, NULL, &found);
    for (gsize i = 0; answer == 0 && i < found.gl_pathc; i++) {
        g_autoptr(GMatchInfo) match = NULL;
        if (!g_regex_match(regex, found.gl_pathv[i], 0, &match))
            continue;
        g_autofree char *user = user_of(match, found.gl_pathv[i]);
        each(found.gl_pathv[i], user, data);
    }
    globfree(&found);
    return TRUE;
}

/* --- afterwards -------------------------------------------------------------------------------------------------- */

static gboolean
is_partner(const char *address, const Settings *settings, char **partners)
{
    g_autoptr(GPtrArray) list = g_ptr_array_new();
    for (; partners != NULL && *partners != NULL; partners++)
        g_ptr_array_add(list, *partners);
    return *address_domain(address) != '\0' &&
           ((list->len > 0 && address_is_local(address, list)) || address_is_local(address, settings->partner_domains));
}

static ForwardWhere
where_to(const char *to, const Settings *settings, char **partners)
{
    g_autofree char *address = *to == '@' ? g_strconcat("any", to, NULL) : address_normal(to);
    if (*to == '\0')
        return FORWARD_UNKNOWN;
    if (address_stays_inside(address, settings->local_domains))
        return FORWARD_INSIDE;
    return is_partner(address, settings, partners) ? FORWARD_PARTNER : FORWARD_OUTSIDE;
}

static int
worse_first(gconstpointer a, gconstpointer b)
{
    static const int order[] = {
        [FORWARD_OUTSIDE] = 0, [FORWARD_UNKNOWN] = 1, [FORWARD_PARTNER] = 2, [FORWARD_INSIDE] = 3};
    const Forward *left = *(const Forward *const *)a, *right = *(const Forward *const *)b;
    int by_place = order[left->where] - order[right->where];
    int by_who = by_place != 0 ? by_place : strcmp(left->who, right->who);
    return by_who != 0 ? by_who : strcmp(left->to, right->to);
}

void
forwards_place(Forwards *forwards, const Settings *settings, char **partners)
{
    for (guint i = 0; i < forwards->rows->len; i++) {
        Forward *row = g_ptr_array_index(forwards->rows, i);
        row->where = where_to(row->to, settings, partners);
    }
    g_ptr_array_sort(forwards->rows, worse_first);
}

guint
forwards_count_open(const Forwards *forwards)
{
    guint count = 0;
    for (guint i = 0; i < forwards->rows->len; i++) {
        const Forward *row = g_ptr_array_index(forwards->rows, i);
        count += (row->where == FORWARD_OUTSIDE || row->where == FORWARD_UNKNOWN) && row->allowed_by == NULL;
    }
    return count;
}
