/* hangu account audit-forwards: who has mail sent on, where to, by which file, allowed by whom, seen or not. */
#include "config.h"
#include "cmd_account_forwards.h"
#include "commands.h"
#include "errors.h"
#include "forwards.h"
#include "print.h"
#include "settings.h"
#include <glib/gi18n.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#define NAME "account audit-forwards"

typedef struct {
    char *config, *postfix, *dovecot, *global;
    char **sieve, **ldif, **roundcube, **partners;
    gboolean csv, json, all, no_postfix;
} Options;

static const char *
where_word(ForwardWhere where)
{
    static const char *const words[] = {"inside", "partner", "outside", "unknown"};
    return words[where];
}

static const char *
where_text(ForwardWhere where)
{
    return where == FORWARD_INSIDE    ? _("inside")
           : where == FORWARD_PARTNER ? _("partner")
           : where == FORWARD_OUTSIDE ? _("outside")
                                      : _("not known");
}

static const char *
copy_word(ForwardCopy copy)
{
    static const char *const words[] = {"no", "yes", "unknown"};
    return words[copy];
}

static const char *
copy_text(ForwardCopy copy)
{
    return copy == COPY_NO ? _("no") : copy == COPY_YES ? _("yes") : _("not known");
}

static char *
place_text(const Forward *row)
{
    return row->line > 0 ? g_strdup_printf("%s:%u", row->file, row->line) : g_strdup(row->file);
}

/* --- faces ------------------------------------------------------------------------------------------------------- */

static json_t *
text_or_null(const char *text)
{
    return text != NULL ? json_string(text) : json_null();
}

static json_t *
row_object(const Forward *row)
{
    g_autofree char *file = g_utf8_make_valid(row->file, -1);
    json_t *object = json_object();
    json_object_set_new(object, "v", json_integer(1));
    json_object_set_new(object, "who", json_string(row->who));
    json_object_set_new(object, "to", *row->to != '\0' ? json_string(row->to) : json_null());
    json_object_set_new(object, "where", json_string(where_word(row->where)));
    json_object_set_new(object, "source", json_string(row->source));
    json_object_set_new(object, "file", json_string(file));
    json_object_set_new(object, "line", row->line > 0 ? json_integer(row->line) : json_null());
    json_object_set_new(object, "copy", json_string(copy_word(row->copy)));
    json_object_set_new(object, "conditional", json_boolean(row->sometimes));
    json_object_set_new(object, "allowed_by", text_or_null(row->allowed_by));
    json_object_set_new(object, "allowed_until", text_or_null(row->allowed_until));
    json_object_set_new(object, "seen", json_integer((json_int_t)row->seen));
    json_object_set_new(object, "seen_last", text_or_null(row->seen_last));
    return object;
}

/* RFC 4180; a cell that a spreadsheet would take for a formula begins with an apostrophe. */
static void
print_cell(const char *text, gboolean last)
{
    g_autoptr(GString) cell = g_string_new(text != NULL ? text : "");
    if (cell->len > 0 && strchr("=+-@\t\r", cell->str[0]) != NULL)
        g_string_prepend_c(cell, '\'');
    if (strpbrk(cell->str, ",\"\r\n") != NULL) {
        g_string_replace(cell, "\"", "\"\"", 0);
        g_string_prepend_c(cell, '"');
        g_string_append_c(cell, '"');
    }
    printf("%s%s", cell->str, last ? "\r\n" : ",");
}

static void
print_csv(const Forward *row)
{
    g_autofree char *seen = g_strdup_printf("%" G_GUINT64_FORMAT, row->seen);
    g_autofree char *line = row->line > 0 ? g_strdup_printf("%u", row->line) : NULL;
    const char *const cells[] = {row->who,
                                 row->to,
                                 where_word(row->where),
                                 row->source,
                                 row->file,
                                 line,
                                 copy_word(row->copy),
                                 row->sometimes ? "yes" : "no",
                                 row->allowed_by,
                                 row->allowed_until,
                                 seen,
                                 row->seen_last};
    for (gsize i = 0; i < G_N_ELEMENTS(cells); i++)
        print_cell(cells[i], i + 1 == G_N_ELEMENTS(cells));
}

static void
add_row(PrintTable *table, const Forward *row)
{
    g_autofree char *place = place_text(row);
    g_autofree char *allowed =
        row->allowed_by != NULL ? g_strdup_printf(_("%s until %s"), row->allowed_by, row->allowed_until) : NULL;
    g_autofree char *seen = row->seen > 0 ? g_strdup_printf("%" G_GUINT64_FORMAT, row->seen) : g_strdup(_("no"));
    gboolean open = (row->where == FORWARD_OUTSIDE || row->where == FORWARD_UNKNOWN) && row->allowed_by == NULL;
    const char *const cells[] = {row->who,
                                 *row->to != '\0' ? row->to : _("(made by the letter)"),
                                 where_text(row->where),
                                 row->source,
                                 place,
                                 copy_text(row->copy),
                                 allowed,
                                 seen};
    print_table_add(table, open ? PRINT_BAD : row->where == FORWARD_PARTNER ? PRINT_WARN : PRINT_PLAIN, cells);
}

static gboolean
is_shown(const Forward *row, const Options *options)
{
    return options->all || row->where != FORWARD_INSIDE;
}

static void
print_text(const Forwards *forwards, const Options *options)
{
    const char *const headings[] = {_("who"),       _("where to"),   _("it is"),         _("by"), _("place"),
                                    _("copy kept"), _("allowed by"), _(">seen leaving"), NULL};
    g_autoptr(PrintTable) table = print_table_new(headings);
    guint shown = 0;
    for (guint i = 0; i < forwards->rows->len; i++)
        if (is_shown(g_ptr_array_index(forwards->rows, i), options)) {
            add_row(table, g_ptr_array_index(forwards->rows, i));
            shown++;
        }
    if (shown > 0)
        print_table(table, stdout);
    printf(_("%s%u forwards lead outside or where nobody knows and are not allowed; %u rows in all\n"),
           shown > 0 ? "\n" : "", forwards_count_open(forwards), forwards->rows->len);
}

static void
print_rows(const Forwards *forwards, const Options *options)
{
    if (!options->csv && !options->json) {
        print_text(forwards, options);
        return;
    }
    if (options->csv)
        printf("who,to,where,source,file,line,copy,conditional,allowed_by,allowed_until,seen,seen_last\r\n");
    for (guint i = 0; i < forwards->rows->len; i++) {
        const Forward *row = g_ptr_array_index(forwards->rows, i);
        if (is_shown(row, options) && options->csv)
            print_csv(row);
        else if (is_shown(row, options))
            print_json(row_object(row), stdout);
    }
}

/* What could not be read is said on standard error in every face, so that no table looks whole that is not. */
static void
print_unread(const Forwards *forwards)
{
    for (guint i = 0; i < forwards->unread->len; i++)
        g_printerr(_("hangu %s: not looked at: %s\n"), NAME, (const char *)g_ptr_array_index(forwards->unread, i));
    if (forwards->cut)
        g_printerr(_("hangu %s: more than %d rows; the rest is left out\n"), NAME, FORWARDS_ROWS_MAX);
}

/* --- gathering --------------------------------------------------------------------------------------------------- */

static void
gather(Forwards *forwards, const Options *options)
{
    g_autofree char *pattern = options->sieve == NULL ? forwards_sieve_pattern(options->dovecot) : NULL;
    for (char **one = options->sieve; one != NULL && *one != NULL; one++)
        forwards_read_sieve(forwards, *one, options->global);
    if (options->sieve == NULL || options->dovecot != NULL)
        forwards_read_dovecot(forwards, options->dovecot, options->global);
    if (pattern != NULL)
        forwards_read_sieve(forwards, pattern, options->global);
    else if (options->sieve == NULL)
        forwards_unread(forwards, "Sieve", "%s", _("doveconf tells no place of scripts; name it with --sieve"));
    if (!options->no_postfix) {
        forwards_read_dot_forward(forwards, options->postfix);
        forwards_read_maps(forwards, options->postfix);
    }
    for (char **one = options->ldif; one != NULL && *one != NULL; one++)
        forwards_read_ldif(forwards, *one);
    for (char **one = options->roundcube; one != NULL && *one != NULL; one++)
        forwards_read_roundcube(forwards, *one);
}

static void
ask(Forwards *forwards, const Settings *settings)
{
    g_autoptr(GError) no_register = NULL, no_ledger = NULL;
    if (!forwards_ask_register(forwards, settings, &no_register))
        forwards_unread(forwards, _("the register"), "%s", no_register->message);
    if (!forwards_look_in_ledger(forwards, settings, &no_ledger))
        forwards_unread(forwards, _("the audit log"), "%s", no_ledger->message);
}

static int
audit(const Options *options)
{
    g_autoptr(Problems) problems = problems_new();
    g_autoptr(Settings) settings = settings_load(options->config, problems);
    g_autoptr(Forwards) forwards = forwards_new();
    GError *error = NULL;
    if (settings == NULL) {
        problems_to_error(problems, &error);
        return command_fail(NAME, error);
    }
    gather(forwards, options);
    forwards_place(forwards, settings, options->partners);
    ask(forwards, settings);
    print_rows(forwards, options);
    print_unread(forwards);
    return forwards_count_open(forwards) > 0 ? 1 : 0;
}

static int
run(int argc, char **argv)
{
    Options options = {0};
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &options.config, N_("settings file; without it the installed one"),
         N_("FILE")},
        {"sieve", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.sieve,
         N_("where active Sieve scripts lie, with %u, %n, %d or * for names; without it doveconf is asked"),
         N_("PATTERN")},
        {"sieve-global", 0, 0, G_OPTION_ARG_FILENAME, &options.global, N_("directory of scripts for include :global"),
         N_("DIR")},
        {"ldif", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options.ldif,
         N_("read forwarding attributes and scripts of a directory from FILE"), N_("FILE")},
        {"roundcube", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options.roundcube,
         N_("read Reply-To and Bcc of Roundcube's identities from FILE: SQLite, SQL dump or CSV"), N_("FILE")},
        {"postfix-config", 0, 0, G_OPTION_ARG_FILENAME, &options.postfix, N_("Postfix's configuration directory"),
         N_("DIR")},
        {"no-postfix", 0, 0, G_OPTION_ARG_NONE, &options.no_postfix, N_("leave .forward files and Postfix's maps out"),
         NULL},
        {"dovecot-config", 0, 0, G_OPTION_ARG_FILENAME, &options.dovecot, N_("Dovecot's configuration file"),
         N_("FILE")},
        {"partner", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.partners,
         N_("a domain of a partner, beside mail.partner_domains"), N_("DOMAIN")},
        {"all", 'a', 0, G_OPTION_ARG_NONE, &options.all, N_("show forwards inside the unit too"), NULL},
        {"csv", 0, 0, G_OPTION_ARG_NONE, &options.csv, N_("comma-separated values"), NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_("one JSON object a line"), NULL},
        {NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_option_context_add_main_entries(context, entries, PACKAGE);
    g_option_context_set_summary(
        context,
        _("Who has mail sent on automatically: active Sieve scripts (Roundcube's filters too), .forward files,\n"
          "alias, virtual and bcc maps, attributes of a directory. Each row tells where to, by which file and\n"
          "line, whether a copy stays, who allowed it until when (register), and whether such letters left\n"
          "(audit log). Exit status: 0 none leads outside without permission, 1 some do."));
    int status = command_parse(NAME, context, &argc, &argv);
    if (status == 0 && argc > 1)
        status = command_usage(NAME, _("unexpected word \"%s\""), argv[1]);
    else if (status == 0 && options.csv && options.json)
        status = command_usage(NAME, "%s", _("--csv and --json exclude each other"));
    else if (status == 0)
        status = audit(&options);
    g_free(options.config);
    g_free(options.postfix);
    g_free(options.dovecot);
    g_free(options.global);
    g_strfreev(options.sieve);
    g_strfreev(options.ldif);
    g_strfreev(options.roundcube);
    g_strfreev(options.partners);
    return status;
}

const Command command_account_forwards = {"audit-forwards", N_("whose mail is sent on, where to, and who allowed it"),
                                          run};
