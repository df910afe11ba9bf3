/* hangu account audit: reads what is stored, tries, and tells who, by which scheme, and what kind of guess it was. */
#include "config.h"
#include "cmd_account_audit.h"
#include "csv.h"
#include "errors.h"
#include "password_audit.h"
#include "print.h"
#include <glib/gi18n.h>
#include <stdio.h>
#include <unistd.h>

#define NAME "account audit"
#define BUDGET_SECONDS 600
#define THREADS_MAX 64

typedef struct {
    char *words, *resume;
    gint64 tries;
    int budget, threads;
    gboolean csv, json, all;
} Options;

static gboolean
is_bad(const AuditRow *row)
{
    const HashGrade grade = password_hash_grade(row->entry->hash);
    return row->found != GUESS_NONE || grade == GRADE_PLAIN || grade == GRADE_WEAK;
}

static const char *
depth_word(AuditDepth depth)
{
    static const char *const words[] = {"no", "not-tried", "partly", "whole"};
    return words[depth];
}

static const char *
grade_text(HashGrade grade)
{
    return grade == GRADE_PLAIN    ? _("plain text")
           : grade == GRADE_WEAK   ? _("weak scheme")
           : grade == GRADE_STRONG ? _("strong scheme")
           : grade == GRADE_NONE   ? _("nobody can log in")
                                   : _("not known");
}

static const char *
found_text(const AuditRow *row)
{
    static const char *const texts[GUESS_KINDS] = {
        "",
        N_("guessed: what everybody takes"),
        N_("guessed: from the user name"),
        N_("guessed: from the person's name"),
        N_("guessed: from unit or department"),
        N_("guessed: in the list of words"),
        N_("guessed: a date"),
    };
    if (row->found != GUESS_NONE)
        return _(texts[row->found]);
    return row->depth == AUDIT_UNCHECKED   ? _("cannot be tried")
           : row->depth == AUDIT_NOT_TRIED ? _("not tried: no time left")
           : row->depth == AUDIT_PARTLY    ? _("not guessed so far")
                                           : _("not guessed");
}

static guint64
rate_of(const AuditScheme *scheme)
{
    return scheme->cpu_us > 0 ? scheme->tries * G_TIME_SPAN_SECOND / (guint64)scheme->cpu_us : 0;
}

/* --- faces ------------------------------------------------------------------------------------------------------- */

static json_t *
text_or_null(const char *text)
{
    return text != NULL && *text != '\0' ? json_string(text) : json_null();
}

static void
print_row_json(const AuditRow *row)
{
    const PasswordEntry *entry = row->entry;
    print_json(json_pack("{s:i,s:s,s:s,s:I,s:s,s:s,s:o,s:s,s:I,s:b}", "v", 1, "account", entry->account, "file",
                         entry->file, "line", (json_int_t)entry->line, "scheme", password_hash_scheme(entry->hash),
                         "grade", hash_grade_word(password_hash_grade(entry->hash)), "guessed",
                         text_or_null(guess_kind_word(row->found)), "checked", depth_word(row->depth), "tries",
                         (json_int_t)row->tried, "bad", is_bad(row)),
               stdout);
}

static void
print_row_csv(const AuditRow *row)
{
    g_autofree char *line = g_strdup_printf("%u", row->entry->line);
    g_autofree char *tries = g_strdup_printf("%" G_GUINT64_FORMAT, row->tried);
    const char *const cells[] = {row->entry->account,
                                 row->entry->file,
                                 line,
                                 password_hash_scheme(row->entry->hash),
                                 hash_grade_word(password_hash_grade(row->entry->hash)),
                                 guess_kind_word(row->found),
                                 depth_word(row->depth),
                                 tries};
    for (gsize i = 0; i < G_N_ELEMENTS(cells); i++)
        csv_write(stdout, cells[i], i + 1 == G_N_ELEMENTS(cells));
}

static void
add_row(PrintTable *table, const AuditRow *row)
{
    g_autofree char *place = g_strdup_printf("%s:%u", row->entry->file, row->entry->line);
    g_autofree char *tries = g_strdup_printf("%" G_GUINT64_FORMAT, row->tried);
    const char *const cells[] = {row->entry->account,
                                 password_hash_scheme(row->entry->hash),
                                 grade_text(password_hash_grade(row->entry->hash)),
                                 found_text(row),
                                 tries,
                                 place};
    print_table_add(table, row->found != GUESS_NONE ? PRINT_BAD : is_bad(row) ? PRINT_WARN : PRINT_PLAIN, cells);
}

static void
print_rows(const GArray *rows, const Options *options)
{
    const char *const headings[] = {_("account"), _("scheme"), _("it is"), _("password"),
                                    _(">tries"),  _("place"),  NULL};
    g_autoptr(PrintTable) table = print_table_new(headings);
    guint shown = 0;
    if (options->csv)
        printf("account,file,line,scheme,grade,guessed,checked,tries\r\n");
    for (guint i = 0; i < rows->len; i++) {
        const AuditRow *row = &g_array_index(rows, AuditRow, i);
        if (!options->all && !is_bad(row))
            continue;
        shown++;
        if (options->csv)
            print_row_csv(row);
        else if (options->json)
            print_row_json(row);
        else
            add_row(table, row);
    }
    if (shown > 0 && !options->csv && !options->json)
        print_table(table, stdout);
}

typedef struct {
    guint all, plain, weak, guessed, partly, untried, unchecked;
} Sums;

static Sums
sums_of(const GArray *rows)
{
    Sums sums = {.all = rows->len};
    for (guint i = 0; i < rows->len; i++) {
        const AuditRow *row = &g_array_index(rows, AuditRow, i);
        const HashGrade grade = password_hash_grade(row->entry->hash);
        sums.plain += grade == GRADE_PLAIN;
        sums.weak += grade == GRADE_WEAK;
        sums.guessed += row->found != GUESS_NONE;
        sums.partly += row->depth == AUDIT_PARTLY;
        sums.untried += row->depth == AUDIT_NOT_TRIED;
        sums.unchecked += row->depth == AUDIT_UNCHECKED;
    }
    return sums;
}

static void
print_schemes(const GArray *schemes)
{
    const char *const headings[] = {
        _("scheme"), _(">hashes"), _(">guessed"), _(">tries"), _(">tries a second"), NULL,
    };
    g_autoptr(PrintTable) table = print_table_new(headings);
    for (guint i = 0; i < schemes->len; i++) {
        const AuditScheme *scheme = &g_array_index(schemes, AuditScheme, i);
        g_autofree char *hashes = g_strdup_printf("%u", scheme->hashes);
        g_autofree char *guessed = g_strdup_printf("%u", scheme->guessed);
        g_autofree char *tries = g_strdup_printf("%" G_GUINT64_FORMAT, scheme->tries);
        g_autofree char *rate = scheme->cpu_us > 0 ? g_strdup_printf("%" G_GUINT64_FORMAT, rate_of(scheme)) : NULL;
        const char *const cells[] = {scheme->scheme, hashes, guessed, tries, rate};
        print_table_add(table, PRINT_PLAIN, cells);
    }
    print_table(table, stdout);
}

static void
print_sums(const PasswordAudit *audit)
{
    const Sums sums = sums_of(password_audit_rows(audit));
    printf(_("\nCost of each scheme, for one processor:\n"));
    print_schemes(password_audit_schemes(audit));
    printf(_("\n%u accounts: %u guessed, %u in plain text, %u with a weak scheme\n"), sums.all, sums.guessed,
           sums.plain, sums.weak);
    if (sums.partly + sums.untried + sums.unchecked > 0)
        printf(_("not to the end: %u tried in part, %u not tried, %u cannot be tried\n"), sums.partly, sums.untried,
               sums.unchecked);
}

static void
print_sums_json(const PasswordAudit *audit)
{
    const Sums sums = sums_of(password_audit_rows(audit));
    const GArray *schemes = password_audit_schemes(audit);
    json_t *list = json_array();
    for (guint i = 0; i < schemes->len; i++) {
        const AuditScheme *scheme = &g_array_index(schemes, AuditScheme, i);
        json_array_append_new(list,
                              json_pack("{s:s,s:I,s:I,s:I,s:I}", "scheme", scheme->scheme, "hashes",
                                        (json_int_t)scheme->hashes, "guessed", (json_int_t)scheme->guessed, "tries",
                                        (json_int_t)scheme->tries, "tries_per_second", (json_int_t)rate_of(scheme)));
    }
    print_json(json_pack("{s:i,s:{s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:o}}", "v", 1, "summary", "accounts",
                         (json_int_t)sums.all, "guessed", (json_int_t)sums.guessed, "plain", (json_int_t)sums.plain,
                         "weak_scheme", (json_int_t)sums.weak, "partly", (json_int_t)sums.partly, "not_tried",
                         (json_int_t)sums.untried, "unchecked", (json_int_t)sums.unchecked, "schemes", list),
               stdout);
}

static void
print_progress(guint done, guint all, guint found, gpointer user)
{
    const gint64 *began = user;
    fprintf(stderr, _("\r%u of %u accounts, %u guessed, %d s "), done, all, found,
            (int)((g_get_monotonic_time() - *began) / G_TIME_SPAN_SECOND));
}

/* --- running ------------------------------------------------------------------------------------------------------ */

static gboolean
read_all(GPtrArray *list, char **files, CryptoHash *inputs, GError **error)
{
    for (; *files != NULL; files++)
        if (!password_list_read(list, *files, inputs, error))
            return FALSE;
    return TRUE;
}

static int
run_audit(const Options *options, char **files)
{
    g_autoptr(GPtrArray) list = password_list_new();
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    gint64 began = g_get_monotonic_time();
    GError *error = NULL;
    CryptoHash *inputs = crypto_hash_new();
    const AuditOptions how = {.words_file = options->words,
                              .resume_file = options->resume,
                              .tries = (guint64)options->tries,
                              .budget_seconds = (guint)options->budget,
                              .threads = (guint)options->threads,
                              .year = g_date_time_get_year(now),
                              .progress = isatty(STDERR_FILENO) ? print_progress : NULL,
                              .user = &began};
    if (!read_all(list, files, inputs, &error)) {
        crypto_hash_free(inputs, NULL);
        return command_fail(NAME, error);
    }
    g_autoptr(PasswordAudit) audit = password_audit_new(list, &how, inputs, &error);
    if (audit == NULL)
        return command_fail(NAME, error);
    const gboolean kept = password_audit_run(audit, &error);
    if (how.progress != NULL)
        fprintf(stderr, "\n");
    print_rows(password_audit_rows(audit), options);
    if (options->json)
        print_sums_json(audit);
    else if (!options->csv)
        print_sums(audit);
    if (!kept)
        return command_fail(NAME, error);
    const Sums sums = sums_of(password_audit_rows(audit));
    return sums.guessed + sums.plain + sums.weak > 0 ? 1 : 0;
}

static int
run(int argc, char **argv)
{
    Options options = {.budget = BUDGET_SECONDS, .threads = (int)MIN(g_get_num_processors(), THREADS_MAX)};
    g_auto(GStrv) files = NULL;
    const GOptionEntry entries[] = {
        {"words", 'w', 0, G_OPTION_ARG_FILENAME, &options.words, N_("a list of words, one on a line, to be tried too"),
         N_("FILE")},
        {"tries", 't', 0, G_OPTION_ARG_INT64, &options.tries, N_("at most N tries for each account; 0: all guesses"),
         N_("N")},
        {"budget", 'b', 0, G_OPTION_ARG_INT, &options.budget, N_("stop after SECONDS (600); 0: when all is tried"),
         N_("SECONDS")},
        {"threads", 0, 0, G_OPTION_ARG_INT, &options.threads, N_("processors to use; without it all"), N_("N")},
        {"resume", 'r', 0, G_OPTION_ARG_FILENAME, &options.resume,
         N_("keep in FILE how far it got, and go on from there"), N_("FILE")},
        {"all", 'a', 0, G_OPTION_ARG_NONE, &options.all, N_("list the good ones too"), NULL},
        {"csv", 0, 0, G_OPTION_ARG_NONE, &options.csv, N_("comma-separated values"), NULL},
        {"json", 'j', 0, G_OPTION_ARG_NONE, &options.json, N_("one JSON object on a line"), NULL},
        {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &files, NULL, N_("FILE...")},
        {NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_option_context_add_main_entries(context, entries, PACKAGE);
    g_option_context_set_summary(context, _(command_account_audit.summary));
    g_option_context_set_description(
        context, _("FILE is a passwd-file of Dovecot or LDIF. No password is shown or kept. Exit status 1: something "
                   "was found.\n\n"
                   "Examples:\n"
                   "  hangu account audit /etc/dovecot/users\n"
                   "  hangu account audit --words leaked.txt --budget 3600 --resume audit.state people.ldif\n"));
    int status = command_parse(NAME, context, &argc, &argv);
    if (status == 0 && files == NULL)
        status = command_usage(NAME, _("name the file that the passwords are stored in"));
    else if (status == 0 &&
             (options.tries < 0 || options.budget < 0 || options.threads < 1 || options.threads > THREADS_MAX))
        status = command_usage(NAME, _("--tries and --budget may not be negative, --threads is 1 to %d"), THREADS_MAX);
    if (status == 0 && files != NULL)
        status = run_audit(&options, files);
    g_free(options.words);
    g_free(options.resume);
    return status;
}

const Command command_account_audit = {"audit", N_("which stored passwords are weak, by scheme or by trying"), run};
