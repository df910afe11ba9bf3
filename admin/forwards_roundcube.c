/* Roundcube's identities: what its users have replies and copies of their letters sent to. Its filters are Sieve
 * scripts and are read as such. */
#include "config.h"
#include "csv.h"
#include "forwards.h"
#include "sql_dump.h"
#include "table_file.h"
#include <glib/gi18n.h>
#include <string.h>

#define TABLE "identities"

enum { EMAIL, REPLY_TO, BCC, DELETED, COLUMNS };
static const char *const columns[] = {"email", "reply-to", "bcc", "del", NULL};

typedef struct {
    Forwards *forwards;
    const char *file;
} Reading;

/* Replies do not go on, but they go elsewhere; a blind copy of all that he sends is a forward like another. */
static void
take_identity(const char *const *values, guint line, gpointer user)
{
    static const struct {
        int column;
        const char *source;
        ForwardCopy copy;
    } kinds[] = {{REPLY_TO, "roundcube-reply-to", COPY_NO}, {BCC, "roundcube-bcc", COPY_YES}};
    const Reading *reading = user;
    const char *who = values[EMAIL];
    if (who == NULL || *who == '\0' || g_strcmp0(values[DELETED], "1") == 0 || g_strcmp0(values[DELETED], "t") == 0)
        return;
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        const char *list = values[kinds[i].column] != NULL ? values[kinds[i].column] : "";
        g_auto(GStrv) targets = g_strsplit_set(list, ",; ", -1);
        for (char **one = targets; *one != NULL; one++)
            if (**one != '\0' && g_ascii_strcasecmp(*one, who) != 0)
                forwards_add(reading->forwards, kinds[i].source, who, *one, reading->file, line, kinds[i].copy);
    }
}

static void
take_row(const char *const *values, gpointer user)
{
    take_identity(values, 0, user);
}

/* A header names the columns. FALSE with a reason: this is no such table. */
static gboolean
read_csv(const char *text, gsize length, Reading *reading, GError **error)
{
    g_autoptr(GPtrArray) rows = csv_parse(text, length, error);
    int places[COLUMNS] = {-1, -1, -1, -1};
    if (rows == NULL)
        return FALSE;
    const CsvRow *header = rows->len > 0 ? g_ptr_array_index(rows, 0) : NULL;
    for (guint i = 0; header != NULL && i < header->fields->len; i++)
        for (guint k = 0; k < COLUMNS; k++)
            if (g_ascii_strcasecmp(csv_field(header, i)->text, columns[k]) == 0)
                places[k] = (int)i;
    if (places[EMAIL] < 0 || (places[REPLY_TO] < 0 && places[BCC] < 0))
        return FALSE;
    for (guint i = 1; i < rows->len; i++) {
        const CsvRow *row = g_ptr_array_index(rows, i);
        const char *values[COLUMNS] = {NULL};
        for (guint k = 0; k < COLUMNS; k++)
            values[k] = places[k] >= 0 ? csv_field(row, (guint)places[k])->text : NULL;
        take_identity(values, row->line, reading);
    }
    return TRUE;
}

static gboolean
has_word(const char *text, const char *word)
{
    for (const char *at = text; (at = strchr(at, word[0])) != NULL; at++)
        if (g_ascii_strncasecmp(at, word, strlen(word)) == 0)
            return TRUE;
    return FALSE;
}

void
forwards_read_roundcube(Forwards *forwards, const char *file)
{
    gsize length = 0;
    g_autofree char *text = forwards_read(forwards, file, &length);
    g_autoptr(GError) error = NULL;
    Reading reading = {forwards, file};
    gboolean good;
    if (text == NULL)
        return;
    if (table_file_is(text, length))
        good = table_file_each(file, TABLE, columns, take_row, &reading, &error);
    else if (has_word(text, "INSERT INTO") || has_word(text, "COPY ") || has_word(text, "CREATE TABLE"))
        good = sql_dump_each(text, TABLE, columns, take_identity, &reading);
    else
        good = read_csv(text, length, &reading, &error);
    if (!good)
        forwards_unread(forwards, file, "%s",
                        error != NULL ? error->message
                                      : _("is no SQLite file, SQL dump or CSV with Roundcube's table of identities"));
}
