/* LDIF (RFC 2849): entries parted by empty lines, folded lines, base64 behind a double colon. */
#include "config.h"
#include "forwards.h"
#include "sieve.h"
#include <glib/gi18n.h>
#include <string.h>

/* Attributes whose value is where mail goes on to, of the schemas that mail systems bring. */
static const char *const forwarding[] = {
    "mailforwardingaddress", /* qmail, iRedMail, Netscape */
    "mailroutingaddress",    /* inetLocalMailRecipient */
    "gosamailforwardingaddress",
    "zimbramailforwardingaddress",
    "zimbraprefmailforwardingaddress",
    "rfc822forwardingmailbox",
    "forwardto",
    "maildrop",
    NULL,
};
static const char *const scripts[] = {"mailsieverulesource", "zimbramailsievescript", NULL};

typedef struct {
    Forwards *forwards;
    const char *file;
    char *dn, *mail, *uid;
    GArray *values; /* Value */
    gboolean no_copy, known_copy;
} Entry;

typedef struct {
    char *text;
    guint line;
    gboolean script;
} Value;

static void
clear_value(gpointer data)
{
    g_free(((Value *)data)->text);
}

static const char *
who_of(const Entry *entry)
{
    return entry->mail != NULL ? entry->mail : entry->uid != NULL ? entry->uid : entry->dn != NULL ? entry->dn : "?";
}

typedef struct {
    const Entry *entry;
    guint line;
} InScript;

static void
add_redirect(const SieveRedirect *redirect, gpointer user)
{
    const InScript *in = user;
    Forward *row = forwards_add(in->entry->forwards, "ldap-sieve", who_of(in->entry),
                                redirect->address != NULL ? redirect->address : "", in->entry->file, in->line,
                                redirect->copy ? COPY_YES : COPY_NO);
    if (row != NULL)
        row->sometimes = redirect->sometimes;
}

static void
add_problem(const char *script, const char *text, gpointer user)
{
    forwards_unread(((const InScript *)user)->entry->forwards, script, "%s", text);
}

static char *
include_none(const char *name, gboolean global, char **shown_out, gpointer user)
{
    return NULL;
}

/* Several addresses in one value, as Zimbra writes them. */
static void
add_value(const Entry *entry, const Value *value)
{
    g_auto(GStrv) list = g_strsplit_set(value->text, ", ", -1);
    ForwardCopy copy = entry->known_copy ? (entry->no_copy ? COPY_NO : COPY_YES) : COPY_UNKNOWN;
    for (guint i = 0; list[i] != NULL; i++)
        if (*list[i] != '\0' && (entry->mail == NULL || g_ascii_strcasecmp(list[i], entry->mail) != 0))
            forwards_add(entry->forwards, "ldap", who_of(entry), list[i], entry->file, value->line, copy);
}

static void
end_entry(Entry *entry)
{
    for (guint i = 0; i < entry->values->len; i++) { /* iRedMail: the own address among them is the copy */
        const Value *value = &g_array_index(entry->values, Value, i);
        if (entry->mail != NULL && !value->script && g_ascii_strcasecmp(value->text, entry->mail) == 0)
            entry->known_copy = TRUE;
    }
    for (guint i = 0; i < entry->values->len; i++) {
        const Value *value = &g_array_index(entry->values, Value, i);
        InScript in = {entry, value->line};
        if (value->script)
            sieve_redirects(entry->file, value->text, strlen(value->text), include_none, add_redirect, add_problem,
                            &in);
        else
            add_value(entry, value);
    }
    g_array_set_size(entry->values, 0);
    g_clear_pointer(&entry->dn, g_free);
    g_clear_pointer(&entry->mail, g_free);
    g_clear_pointer(&entry->uid, g_free);
    entry->no_copy = entry->known_copy = FALSE;
}

/* Takes value. */
static void
take_attribute(Entry *entry, const char *name, char *value, guint line)
{
    char **slot = strcmp(name, "dn") == 0     ? &entry->dn
                  : strcmp(name, "mail") == 0 ? &entry->mail
                  : strcmp(name, "uid") == 0  ? &entry->uid
                                              : NULL;
    if (strcmp(name, "zimbraprefmaillocaldeliverydisabled") == 0) {
        entry->known_copy = TRUE;
        entry->no_copy = g_ascii_strcasecmp(value, "true") == 0;
    }
    gboolean script = g_strv_contains(scripts, name);
    if (script || g_strv_contains(forwarding, name)) {
        Value one = {value, line, script};
        g_array_append_val(entry->values, one);
    } else if (slot != NULL && *slot == NULL) {
        *slot = value;
    } else {
        g_free(value);
    }
}

static void
read_line(Entry *entry, const char *text, guint line)
{
    const char *colon = strchr(text, ':');
    if (*text == '#' || colon == NULL)
        return;
    g_autofree char *name = g_ascii_strdown(text, colon - text);
    name[strcspn(name, ";")] = '\0'; /* options, "mail;lang-zh" */
    if (colon[1] == '<')
        return; /* a URL: nothing is fetched */
    const char *rest = colon + 1 + (colon[1] == ':');
    rest += strspn(rest, " ");
    gsize length = 0;
    char *value = colon[1] == ':' ? NULL : g_strdup(rest);
    if (colon[1] == ':') {
        g_autofree guchar *bytes = g_base64_decode(rest, &length);
        value = g_strndup((const char *)bytes, length);
    }
    take_attribute(entry, name, value, line);
}

void
forwards_read_ldif(Forwards *forwards, const char *file)
{
    g_autofree char *text = forwards_read(forwards, file, NULL);
    if (text == NULL)
        return;
    Entry entry = {.forwards = forwards, .file = file, .values = g_array_new(FALSE, FALSE, sizeof(Value))};
    g_array_set_clear_func(entry.values, clear_value);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    g_autoptr(GString) logical = g_string_new(NULL);
    guint began = 1;
    for (guint i = 0; lines[i] != NULL; i++) {
        g_strchomp(lines[i]);
        if (lines[i][0] == ' ') {
            g_string_append(logical, lines[i] + 1);
            continue;
        }
        read_line(&entry, logical->str, began);
        g_string_assign(logical, lines[i]);
        began = i + 1;
        if (lines[i][0] == '\0')
            end_entry(&entry);
    }
    read_line(&entry, logical->str, began);
    end_entry(&entry);
    g_array_unref(entry.values);
}
