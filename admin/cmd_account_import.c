/* hangu account import, export: lists of accounts. */
#include "config.h"
#include "account_desk.h"
#include "account_import.h"
#include "account_print.h"
#include "clock.h"
#include "csv.h"
#include "errors.h"
#include "print.h"
#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DAYS 30

typedef struct {
    AccountDesk desk;
    gint days;
    char *unit, *department;
    const char *name; /* of the file */
    GPtrArray *rows;  /* ImportRow */
    Problems *problems;
    guint added, changed, same;
} Import;

static gboolean
is_ldif(const char *name, const char *bytes)
{
    return g_str_has_suffix(name, ".ldif") || g_str_has_prefix(bytes, "dn:") || g_str_has_prefix(bytes, "version:");
}

static GPtrArray *
read_file(const char *name, Problems *problems, GError **error)
{
    g_autofree char *bytes = NULL;
    gsize length;
    const char *path = g_str_equal(name, "-") ? "/dev/stdin" : name;
    GError *failed = NULL;
    if (!g_file_get_contents(path, &bytes, &length, &failed)) {
        g_set_error(error, HANGU_ERROR,
                    g_error_matches(failed, G_FILE_ERROR, G_FILE_ERROR_NOENT) ? HANGU_ERROR_NO_INPUT : HANGU_ERROR_IO,
                    "%s", failed->message);
        g_error_free(failed);
        return NULL;
    }
    return is_ldif(name, bytes) ? account_import_ldif(name, bytes, length, problems)
                                : account_import_csv(name, bytes, length, problems);
}

/* The call of one row, with what the command line adds. Gives a reference. */
static json_t *
call_of(const Import *import, const ImportRow *row, const char *deadline)
{
    json_t *call = json_deep_copy(row->request);
    json_object_set_new(call, "verb", json_string("import"));
    json_object_set_new(call, "deadline", json_string(deadline));
    if (import->unit != NULL && json_object_get(call, "unit") == NULL)
        json_object_set_new(call, "unit", json_string(import->unit));
    if (import->department != NULL && json_object_get(call, "department") == NULL)
        json_object_set_new(call, "department", json_string(import->department));
    return call;
}

static json_t *
calls_of(const Import *import)
{
    json_t *calls = json_array();
    g_autofree char *deadline = clock_format(clock_wall_us() + (gint64)import->days * G_TIME_SPAN_DAY);
    for (guint i = 0; i < import->rows->len; i++)
        json_array_append_new(calls, call_of(import, g_ptr_array_index(import->rows, i), deadline));
    return calls;
}

static void
count(Import *import, const json_t *row)
{
    const char *event = account_text(row, "event");
    if (*event == '\0')
        import->same++;
    else if (g_str_equal(event, "imported"))
        import->added++;
    else
        import->changed++;
    gboolean odd = json_is_string(json_object_get(row, "name_like"));
    json_object_del((json_t *)row, "call");
    if (import->desk.json)
        print_json(json_incref((json_t *)row), stdout);
    else if (odd || json_is_string(json_object_get(row, "name_near")))
        account_print_change(row, import->desk.dry_run);
}

/* An answer: the row as it is now, or what is wrong with it. */
static void
take_answer(const json_t *answer, gpointer user)
{
    Import *import = user;
    guint number = (guint)json_integer_value(json_object_get(answer, "call"));
    if (json_object_get(answer, "error") == NULL) {
        count(import, answer);
    } else if (number < import->rows->len) {
        const ImportRow *row = g_ptr_array_index(import->rows, number);
        problems_add(import->problems, import->name, row->line, MAX(row->column, 1), NULL, "%s",
                     account_text(answer, "text"));
    }
}

/* Every row is tried first, so that all mistakes come out in one run and nothing is half done. FALSE with error, or
 * with problems. */
static gboolean
import_rows(Import *import, GError **error)
{
    json_auto_t *calls = calls_of(import);
    guint done;
    if (!account_desk_batch(&import->desk, calls, TRUE, _("checked"), take_answer, import, &done, error))
        return FALSE;
    if (problems_count(import->problems) > 0)
        return FALSE;
    if (account_desk_batch(&import->desk, calls, FALSE, _("imported"), take_answer, import, &done, error))
        return TRUE;
    const ImportRow *row = g_ptr_array_index(import->rows, MIN(done, import->rows->len - 1));
    g_prefix_error(error,
                   _("stopped at line %u, those before it are in the register (run it again, they will "
                     "not be changed): "),
                   row->line);
    return FALSE;
}

static int
fail_with(const Problems *problems)
{
    g_autofree char *text = problems_to_text(problems);
    fputs(text, stderr);
    fprintf(stderr,
            ngettext("hangu account import: %u mistake; nothing was imported\n",
                     "hangu account import: %u mistakes; nothing was imported\n", problems_count(problems)),
            problems_count(problems));
    return HANGU_ERROR_DATA;
}

static int
import_file(Import *import, const char *name)
{
    GError *error = NULL;
    g_autoptr(Problems) problems = problems_new();
    g_autoptr(GPtrArray) rows = read_file(name, problems, &error);
    import->name = name;
    import->rows = rows;
    import->problems = problems;
    gboolean good = rows != NULL && (rows->len == 0 || import_rows(import, &error));
    if (error != NULL) {
        g_autofree char *text = problems_to_text(problems);
        fputs(text, stderr);
        return command_fail("account import", error);
    }
    if (!good || problems_count(problems) > 0)
        return fail_with(problems);
    if (!import->desk.json)
        printf(import->desk.dry_run ? _("%s: would add %u, change %u, leave %u as they are\n")
                                    : _("%s: %u added, %u changed, %u as they were\n"),
               name, import->added, import->changed, import->same);
    return 0;
}

static void
import_clear(Import *import)
{
    account_desk_clear(&import->desk);
    g_free(import->unit);
    g_free(import->department);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Import, import_clear)

static char *
import_help(void)
{
    g_autofree char *headings = account_import_help();
    return g_strconcat(
        _("The first line of a CSV file are headings, in any order; UTF-8 or GB18030, as a spreadsheet saves it:\n"),
        headings,
        _("\nAccounts without approver and date of approval become \"approval due\": they may be used until the\n"
          "deadline (--days), after it they are unregistered. Accounts that are in the register get the fields of\n"
          "the file. All mistakes are told at once, and then nothing is imported.\n\nExamples:\n"
          "  hangu account import --dry-run 台账.csv\n"
          "  hangu account import --days 60 台账.csv\n"
          "  hangu account import --unit 江州市水务局 directory.ldif\n"),
        NULL);
}

static int
run_import(int argc, char **argv)
{
    g_auto(Import) import = {.days = DAYS};
    const GOptionEntry entries[] = {
        {"days", 0, 0, G_OPTION_ARG_INT, &import.days, N_("days in which an approval may be made up; default 30"),
         N_("N")},
        {"unit", 0, 0, G_OPTION_ARG_STRING, &import.unit, N_("unit of accounts that name none"), N_("NAME")},
        {"department", 0, 0, G_OPTION_ARG_STRING, &import.department, N_("department of accounts that name none"),
         N_("NAME")},
        {NULL},
    };
    GError *error = NULL;
    g_autofree char *help = import_help();
    g_autoptr(GOptionContext) context = g_option_context_new(_("FILE"));
    g_option_context_add_main_entries(context, entries, PACKAGE);
    account_desk_add_options(context, &import.desk, TRUE);
    g_option_context_set_summary(context, _("Takes a list of accounts (CSV or LDIF) into the register."));
    g_option_context_set_description(context, help);
    int status = command_parse("account import", context, &argc, &argv);
    if (status == 0 && argc != 2)
        status = command_usage("account import", _("it takes one file; \"-\" is standard input"));
    if (status == 0 && (import.days < 1 || import.days > 365))
        status = command_usage("account import", _("--days must be between 1 and 365"));
    if (status != 0)
        return status;
    if (!account_desk_open(&import.desk, &error))
        return command_fail("account import", error);
    return import_file(&import, argv[1]);
}

const Command account_import_command = {"import", N_("take a list of accounts (CSV, LDIF) into the register"),
                                        run_import};

/* --- export -------------------------------------------------------------------------------------------------- */

static const char *const exported[] = {"address",  "kind",     "unit",          "department", "owner",      "keeper",
                                       "purpose",  "tier",     "group",         "role",       "commitment", "training",
                                       "note",     "approver", "approved",      "aliases",    "networks",   "state",
                                       "deadline", "left",     "watched_until", "stage",      "problems"};

static void
write_row(const json_t *row, FILE *stream)
{
    for (guint i = 0; i < G_N_ELEMENTS(exported); i++) {
        const json_t *value = json_object_get(row, exported[i]);
        g_autofree char *text = g_strdup(account_text(row, exported[i]));
        if (json_is_array(value)) {
            GString *list = g_string_new(NULL);
            gsize k;
            json_t *one;
            json_array_foreach(value, k, one)
                g_string_append_printf(list, "%s%s", k > 0 ? ";" : "", json_string_value(one));
            g_free(text);
            text = g_string_free(list, FALSE);
        }
        csv_write(stream, text, i + 1 == G_N_ELEMENTS(exported));
    }
}

static int
export_to(const AccountDesk *desk, FILE *stream)
{
    GError *error = NULL;
    json_auto_t *rows = account_desk_ask(desk, json_pack("{s:s}", "verb", "list"), &error);
    if (rows == NULL)
        return command_fail("account export", error);
    gsize i;
    json_t *row;
    if (!desk->json) {
        fputs("\xef\xbb\xbf", stream); /* without it Excel takes the file for GB18030 */
        for (i = 0; i < G_N_ELEMENTS(exported); i++)
            csv_write(stream, exported[i], i + 1 == G_N_ELEMENTS(exported));
    }
    json_array_foreach(rows, i, row)
    {
        if (desk->json)
            print_json(json_incref(row), stream);
        else
            write_row(row, stream);
    }
    return 0;
}

static int
run_export(int argc, char **argv)
{
    g_auto(AccountDesk) desk = {0};
    GError *error = NULL;
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    account_desk_add_options(context, &desk, FALSE);
    g_option_context_set_summary(context, _("Writes the register as CSV (UTF-8) to standard output; import reads it."));
    g_option_context_set_description(context, _("Example:\n  hangu account export > 台账.csv\n"));
    int status = command_parse("account export", context, &argc, &argv);
    if (status == 0 && argc != 1)
        status = command_usage("account export", _("unexpected word \"%s\""), argv[1]);
    if (status != 0)
        return status;
    return account_desk_open(&desk, &error) ? export_to(&desk, stdout) : command_fail("account export", error);
}

const Command account_export_command = {"export", N_("the register as CSV"), run_export};
