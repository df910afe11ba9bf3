/* Postfix's lookup tables. Those with a text to read are read with their lines; compiled ones without it are asked
 * through postmap -s; what is matched or asked from elsewhere cannot be listed, and that is told. */
#include "config.h"
#include "forwards.h"
#include "postfix.h"
#include <glib/gi18n.h>
#include <string.h>

static const struct {
    const char *setting, *source;
} tables[] = {
    {"alias_maps", "alias"},
    {"virtual_alias_maps", "virtual"},
    {"recipient_bcc_maps", "recipient-bcc"},
    {"sender_bcc_maps", "sender-bcc"},
};

/* One line of a table: "who  target, target". A bcc leaves the letter as it is, so a copy stays. */
static void
read_entry(Forwards *forwards, const char *source, const char *file, guint line, char *entry)
{
    char *who = g_strstrip(entry), *space = who + strcspn(who, " \t\n");
    if (*space == '\0')
        return;
    *space = '\0';
    g_auto(GStrv) targets = g_strsplit_set(space + 1, ", \t\n", -1);
    gboolean copy = g_str_has_suffix(source, "-bcc");
    for (guint i = 0; targets[i] != NULL; i++)
        copy |= *targets[i] != '\0' && g_ascii_strcasecmp(targets[i], who) == 0;
    for (guint i = 0; targets[i] != NULL; i++)
        if (*targets[i] != '\0' && g_ascii_strcasecmp(targets[i], who) != 0)
            forwards_add(forwards, source, who, targets[i], file, line, copy ? COPY_YES : COPY_NO);
}

void
forwards_read_table_text(Forwards *forwards, const char *source, const char *file, const char *text,
                         gboolean lines_known)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    g_autoptr(GString) logical = g_string_new(NULL);
    guint began = 0;
    for (guint i = 0;; i++) {
        const char *line = lines[i];
        if (line != NULL && (line[strspn(line, " \t\r")] == '#' || line[strspn(line, " \t\r")] == '\0'))
            continue;
        if (logical->len > 0 && (line == NULL || (*line != ' ' && *line != '\t'))) {
            read_entry(forwards, source, file, lines_known ? began : 0, logical->str);
            g_string_truncate(logical, 0);
        }
        if (line == NULL)
            return;
        if (logical->len == 0)
            began = i + 1;
        g_string_append_printf(logical, "%s\n", line);
    }
}

/* texthash is read by Postfix itself, in the form of postmap(1); the text of a compiled table of aliases is in that of
 * aliases(5). */
static void
read_text(Forwards *forwards, const char *source, const char *type, const char *file)
{
    g_autofree char *text = forwards_read(forwards, file, NULL);
    if (text != NULL && strcmp(source, "alias") == 0 && strcmp(type, "texthash") != 0)
        forwards_read_alias_text(forwards, file, text);
    else if (text != NULL)
        forwards_read_table_text(forwards, source, file, text, TRUE);
}

/* All keys and values, as postmap -s prints them: in the form of a table for aliases as well. */
static void
read_compiled(Forwards *forwards, const char *config, const char *source, const char *table)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = postfix_run(config, "postmap", (const char *const[]){"-s", table, NULL}, &error);
    if (text == NULL)
        forwards_unread(forwards, table, "%s", error->message);
    else
        forwards_read_table_text(forwards, source, table, text, FALSE);
}

static gboolean
is_one_of(const char *word, const char *const *words)
{
    return g_strv_contains(words, word);
}

static void
read_table(Forwards *forwards, const char *config, const char *source, const char *table)
{
    static const char *const texts[] = {"texthash", "hash", "btree", "lmdb", "dbm", "cdb", "sdbm", NULL};
    static const char *const matched[] = {"regexp", "pcre", "cidr", "inline", "static", "randmap", NULL};
    if (g_str_has_prefix(table, "proxy:"))
        table += strlen("proxy:");
    const char *colon = strchr(table, ':');
    g_autofree char *type = colon != NULL ? g_strndup(table, (gsize)(colon - table)) : g_strdup("");
    const char *file = colon != NULL ? colon + 1 : table;
    if (is_one_of(type, texts) && g_file_test(file, G_FILE_TEST_IS_REGULAR))
        read_text(forwards, source, type, file);
    else if (is_one_of(type, texts) && strcmp(type, "texthash") != 0)
        read_compiled(forwards, config, source, table);
    else if (is_one_of(type, matched))
        forwards_unread(forwards, table, _("a table of patterns (%s) cannot be listed; look at it yourself"), type);
    else
        forwards_unread(
            forwards, table,
            _("a table of type \"%s\" cannot be listed; give its content with --ldif or look at it yourself"), type);
}

void
forwards_read_maps(Forwards *forwards, const char *config)
{
    for (gsize i = 0; i < G_N_ELEMENTS(tables); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *value =
            postfix_run(config, "postconf", (const char *const[]){"-h", "-x", tables[i].setting, NULL}, &error);
        if (value == NULL) {
            forwards_unread(forwards, tables[i].setting, "%s", error->message);
            continue;
        }
        g_auto(GStrv) list = g_strsplit_set(value, ", \t\n", -1);
        for (guint j = 0; list[j] != NULL; j++)
            if (*list[j] != '\0')
                read_table(forwards, config, tables[i].source, list[j]);
    }
    g_autofree char *always =
        postfix_run(config, "postconf", (const char *const[]){"-h", "-x", "always_bcc", NULL}, NULL);
    if (always != NULL && *g_strstrip(always) != '\0')
        forwards_add(forwards, "always-bcc", "*", always, "main.cf", 0, COPY_YES);
}
