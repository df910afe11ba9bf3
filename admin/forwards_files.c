/* aliases(5) and .forward: the same right-hand side, parted by commas and, in .forward, by lines. */
#include "config.h"
#include "forwards.h"
#include "postfix.h"
#include <glib/gi18n.h>
#include <pwd.h>
#include <string.h>

#define INCLUDES_MAX 5 /* :include: inside :include: */

typedef struct {
    Forwards *forwards;
    const char *source, *who, *file;
    guint line;
    gboolean pipes; /* a command is told as a destination that is not known */
    guint depth;
    GPtrArray *rows; /* Forward, lent: of this name */
    gboolean copy;   /* one of the destinations is the mailbox itself */
} Side;

static gboolean
is_itself(const char *who, const char *target)
{
    gsize length = strcspn(who, "@");
    if (target[0] == '\\')
        target++;
    return g_ascii_strcasecmp(who, target) == 0 ||
           (strlen(target) == length && g_ascii_strncasecmp(who, target, length) == 0);
}

static void read_side(Side *side, const char *text);

static void
include_file(Side *side, const char *path)
{
    if (side->depth >= INCLUDES_MAX) {
        forwards_unread(side->forwards, path, _("too many files include each other"));
        return;
    }
    g_autofree char *text = forwards_read(side->forwards, path, NULL);
    Side inner = *side;
    inner.file = path;
    inner.line = 1;
    inner.depth++;
    if (text != NULL)
        read_side(&inner, text);
    side->copy |= inner.copy;
}

static void
take_target(Side *side, const char *raw)
{
    g_autofree char *target = g_strdup(raw);
    g_strstrip(target);
    if (*target == '\0')
        return;
    if (g_ascii_strncasecmp(target, ":include:", 9) == 0) {
        include_file(side, g_strstrip(target + 9));
        return;
    }
    if (*target == '/' || is_itself(side->who, target)) {
        side->copy = TRUE;
        return;
    }
    if (*target == '|' && !side->pipes)
        return;
    Forward *row = forwards_add(side->forwards, side->source, side->who,
                                *target == '|'    ? ""
                                : *target == '\\' ? target + 1
                                                  : target,
                                side->file, side->line, COPY_NO);
    if (row != NULL)
        g_ptr_array_add(side->rows, row);
}

/* Commas and lines part, but not inside quotes; a comment takes the rest of a line that it begins. */
static void
read_side(Side *side, const char *text)
{
    g_autoptr(GString) word = g_string_new(NULL);
    gboolean quoted = FALSE, at_start = TRUE;
    for (const char *c = text;; c++) {
        if (at_start && *c == '#')
            c += strcspn(c, "\n");
        if (*c == '\0' || (!quoted && *c == ',') || *c == '\n') {
            take_target(side, word->str);
            g_string_truncate(word, 0);
            quoted = FALSE;
        } else if (*c == '"') {
            quoted = !quoted;
        } else if (*c == '\\' && quoted && c[1] != '\0') {
            g_string_append_c(word, *++c);
        } else {
            g_string_append_c(word, *c);
        }
        if (*c == '\0')
            return;
        at_start = *c == '\n';
        side->line += at_start;
    }
}

static void
finish_side(const Side *side)
{
    for (guint i = 0; side->copy && i < side->rows->len; i++)
        ((Forward *)g_ptr_array_index(side->rows, i))->copy = COPY_YES;
}

/* "name: targets", going on in lines that begin with white space. */
static void
read_alias(Forwards *forwards, const char *file, guint line, char *logical)
{
    gboolean quoted = FALSE;
    char *colon = logical;
    for (; *colon != '\0' && (quoted || *colon != ':'); colon++)
        quoted ^= *colon == '"';
    if (*colon == '\0')
        return;
    *colon = '\0';
    g_autofree char *name = g_strdup(logical);
    g_strdelimit(name, "\"", ' ');
    g_autoptr(GPtrArray) rows = g_ptr_array_new();
    Side side = {forwards, "alias", g_strstrip(name), file, line, FALSE, 0, rows, FALSE};
    g_strdelimit(colon + 1, "\n", ' ');
    if (!g_str_has_prefix(name, "owner-")) /* whom a list's bounces go to */
        read_side(&side, colon + 1);
    finish_side(&side);
}

void
forwards_read_alias_text(Forwards *forwards, const char *file, const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    g_autoptr(GString) logical = g_string_new(NULL);
    guint began = 0;
    for (guint i = 0;; i++) {
        gboolean goes_on = lines[i] != NULL && (lines[i][0] == ' ' || lines[i][0] == '\t');
        gboolean empty = lines[i] != NULL && (*lines[i] == '#' || lines[i][strspn(lines[i], " \t\r")] == '\0');
        if (empty)
            continue;
        if (!goes_on && logical->len > 0) {
            read_alias(forwards, file, began, logical->str);
            g_string_truncate(logical, 0);
        }
        if (lines[i] == NULL)
            return;
        if (logical->len == 0)
            began = i + 1;
        g_string_append_printf(logical, "%s\n", lines[i]);
    }
}

void
forwards_read_forward_text(Forwards *forwards, const char *user, const char *file, const char *text)
{
    g_autoptr(GPtrArray) rows = g_ptr_array_new();
    Side side = {forwards, "forward-file", user, file, 1, TRUE, 0, rows, FALSE};
    read_side(&side, text);
    finish_side(&side);
}

/* One place of forward_path for one user; NULL: it is for address extensions, or of a kind not known. Gives. */
static char *
place_of(const char *pattern, const struct passwd *user)
{
    if (strstr(pattern, "$extension") != NULL || strstr(pattern, "${extension") != NULL)
        return NULL;
    g_autoptr(GString) place = g_string_new(pattern);
    const char *const values[][2] = {
        {"${home}", user->pw_dir}, {"$home", user->pw_dir}, {"${user}", user->pw_name}, {"$user", user->pw_name}};
    for (gsize i = 0; i < G_N_ELEMENTS(values); i++)
        g_string_replace(place, values[i][0], values[i][1], 0);
    return strchr(place->str, '$') == NULL && place->str[0] == '/' ? g_string_free(g_steal_pointer(&place), FALSE)
                                                                   : NULL;
}

void
forwards_read_dot_forward(Forwards *forwards, const char *config)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *paths = postfix_run(config, "postconf", (const char *const[]){"-h", "forward_path", NULL}, &error);
    g_auto(GStrv) patterns = g_strsplit_set(paths != NULL ? paths : "$home/.forward", ", \t\n", -1);
    const struct passwd *user;
    setpwent();
    while ((user = getpwent()) != NULL) /* once, in one thread */
        for (guint i = 0; patterns[i] != NULL; i++) {
            g_autofree char *place = place_of(patterns[i], user);
            if (place == NULL || !g_file_test(place, G_FILE_TEST_EXISTS))
                continue;
            g_autofree char *name = g_strdup(user->pw_name), *text = forwards_read(forwards, place, NULL);
            if (text != NULL)
                forwards_read_forward_text(forwards, name, place, text);
            break;
        }
    endpwent();
}
