/* hangu fingerprint add, test: files are read as the gate reads attachments. Only hashes are written anywhere. */
#include "config.h"
#include "clock.h"
#include "cmd_fingerprint.h"
#include "commands.h"
#include "errors.h"
#include "fingerprint_desk.h"
#include "paper_read.h"
#include "print.h"
#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LITTLE 150 /* characters of its own text: below, excerpts cannot be told from what others write */

typedef struct {
    char *class, *level, *term, *label, *officer, *expires, *out, *rules, *policy;
    gboolean common;
    Class class_value;
    Level level_value;
    gint64 expires_us;
} Options;

typedef struct {
    Desk desk;
    Options options;
    Papers *to; /* the gate's register, or what goes to --out */
    Ruleset *ruleset;
    Policy *policy;
    Inspector *inspector;
    Extractor *extractor;
    guint failed, found;
    GPtrArray *said; /* char *, of what is not saved yet: nothing is said of papers that then are not registered */
} Registering;

static void
registering_clear(Registering *work)
{
    Options *options = &work->options;
    char *texts[] = {options->class,   options->level, options->term,  options->label, options->officer,
                     options->expires, options->out,   options->rules, options->policy};
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    g_clear_pointer(&work->said, g_ptr_array_unref);
    inspector_free(work->inspector);
    extractor_free(work->extractor);
    policy_free(work->policy);
    ruleset_free(work->ruleset);
    if (work->to != work->desk.papers)
        papers_free(work->to);
    desk_clear(&work->desk);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Registering, registering_clear)

/* --- what reads ------------------------------------------------------------------------------------------------- */

/* Given, or as installed, or beside the sources for a tree that was not installed. Gives. */
static char *
find_data(const char *given, const char *installed, const char *in_tree)
{
    const char *tree = g_getenv("top_srcdir");
    if (given != NULL || tree == NULL || g_file_test(installed, G_FILE_TEST_EXISTS))
        return g_strdup(given != NULL ? given : installed);
    return g_build_filename(tree, in_tree, NULL);
}

static gboolean
load_readers(Registering *work, GError **error)
{
    g_autoptr(Problems) problems = problems_new();
    Settings *settings = work->desk.settings;
    g_autofree char *rules = find_data(work->options.rules, settings->rules_dir, "rules/packs");
    g_autofree char *policy = find_data(work->options.policy, settings->policy_file, "contrib/policy.yaml");
    if (settings->spool_dir == NULL || access(settings->spool_dir, W_OK | X_OK) != 0) {
        g_free(settings->spool_dir);
        settings->spool_dir = g_strdup(g_get_tmp_dir());
    }
    work->ruleset = ruleset_load(rules, NULL, NULL, problems);
    work->policy = policy_load(policy, problems);
    if (problems_to_error(problems, error))
        return FALSE;
    work->inspector = inspector_new(settings, work->ruleset, work->policy);
    work->extractor = extractor_start(settings);
    inspector_set_extractor(work->inspector, work->extractor);
    return TRUE;
}

/* --- what the officer says -------------------------------------------------------------------------------------- */

static gboolean
parse_level(const char *word, Level *out)
{
    for (Level level = LEVEL_SENSITIVE; level <= LEVEL_TOP_SECRET; level++)
        if (strcmp(word, level_word(level)) == 0 || strcmp(word, level_word_zh(level)) == 0) {
            *out = level;
            return TRUE;
        }
    return FALSE;
}

static Class
class_of_level(Level level)
{
    return level >= LEVEL_SECRET        ? CLASS_STATE
           : level == LEVEL_WORK_SECRET ? CLASS_WORK
           : level == LEVEL_TRADE       ? CLASS_TRADE
                                        : CLASS_SENSITIVE;
}

static gboolean
parse_day(const char *text, gint64 *us_out, GError **error)
{
    if (!g_regex_match_simple("^[0-9]{4}-[0-9]{2}-[0-9]{2}$", text, G_REGEX_DOLLAR_ENDONLY, 0))
        return clock_parse(text, us_out, error);
    g_autofree char *long_form = g_strconcat(text, "T00:00:00", NULL);
    g_autoptr(GTimeZone) zone = g_time_zone_new_local();
    g_autoptr(GDateTime) day = g_date_time_new_from_iso8601(long_form, zone);
    if (day == NULL) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_USAGE, _("%s is no day"), text);
        return FALSE;
    }
    *us_out = g_date_time_to_unix(day) * G_USEC_PER_SEC;
    return TRUE;
}

static gboolean
is_short(const char *text)
{
    return text == NULL || (g_utf8_validate(text, -1, NULL) && g_utf8_strlen(text, -1) <= PAPERS_LABEL_MAX &&
                            strpbrk(text, "\r\n\t\033") == NULL);
}

static int
check_options(Options *options)
{
    g_autoptr(GError) error = NULL;
    if (options->level != NULL && !parse_level(options->level, &options->level_value))
        return command_usage("fingerprint add",
                             _("--level is 绝密, 机密, 秘密 or one of top-secret, highly-secret, secret, work-secret, "
                               "trade, sensitive, not \"%s\""),
                             options->level);
    if (options->class != NULL &&
        (!class_parse(options->class, &options->class_value) || options->class_value <= CLASS_MENTION))
        return command_usage("fingerprint add", _("--class is state, work, trade, foreign or sensitive, not \"%s\""),
                             options->class);
    if (options->expires != NULL && !parse_day(options->expires, &options->expires_us, &error))
        return command_usage("fingerprint add", "--expires: %s", error->message);
    if (!is_short(options->label) || !is_short(options->officer) || !is_short(options->term) ||
        (options->term != NULL && strlen(options->term) >= 48))
        return command_usage("fingerprint add", _("--label, --officer and --term are one short line each"));
    return 0;
}

/* The officer's word goes before the mark's; without either the paper is a work secret. */
static void
describe(const Options *options, const PaperReading *reading, Paper *paper)
{
    const char *sudo = g_getenv("SUDO_USER");
    gboolean said = options->level != NULL || options->class != NULL, marked = reading->class != CLASS_NONE;
    paper->class = options->class != NULL   ? options->class_value
                   : options->level != NULL ? class_of_level(options->level_value)
                   : marked                 ? reading->class
                                            : CLASS_WORK;
    paper->level = options->level != NULL        ? options->level_value
                   : marked && !said             ? reading->level
                   : paper->class == CLASS_STATE ? MAX(reading->level, LEVEL_SECRET)
                   : paper->class == CLASS_TRADE ? LEVEL_TRADE
                   : paper->class == CLASS_WORK  ? LEVEL_WORK_SECRET
                                                 : LEVEL_SENSITIVE;
    paper->common = options->common;
    paper->expires_us = options->expires_us;
    paper->registered_us = clock_wall_us();
    paper->characters = reading->characters;
    g_free(paper->term);
    g_free(paper->label);
    g_free(paper->officer);
    paper->term = g_strdup(options->term != NULL ? options->term : reading->term);
    paper->label = g_strdup(options->label != NULL ? options->label : "");
    paper->officer = g_strdup(options->officer != NULL ? options->officer : sudo != NULL ? sudo : g_get_user_name());
}

/* --- add -------------------------------------------------------------------------------------------------------- */

static gboolean
name_file(const char *path, const FingerprintKey *key, guint64 *uid_out, GError **error)
{
    g_autoptr(GMappedFile) file = g_mapped_file_new(path, FALSE, NULL);
    guint8 digest[CRYPTO_DIGEST_SIZE];
    if (file == NULL) {
        g_set_error(error, HANGU_ERROR, access(path, F_OK) == 0 ? HANGU_ERROR_PERMISSION : HANGU_ERROR_NO_INPUT,
                    _("%s cannot be read"), path);
        return FALSE;
    }
    crypto_sha256(g_mapped_file_get_contents(file), g_mapped_file_get_length(file), digest);
    g_autoptr(Fingerprinter) maker = fingerprinter_new(key);
    *uid_out = fingerprint_of_digest(maker, digest);
    return TRUE;
}

static const Paper *
find_uid(const Papers *papers, guint64 uid)
{
    for (guint i = 0; i < papers_count(papers); i++)
        if (papers_get(papers, i)->uid == uid)
            return papers_get(papers, i);
    return NULL;
}

static void
say_added(const Registering *work, const char *file, const Paper *paper, const char *state)
{
    g_autofree char *name = g_filename_display_name(file);
    char *line;
    if (work->desk.json) {
        json_t *object = cmd_fingerprint_object(paper);
        json_object_set_new(object, "file", json_string(name));
        json_object_set_new(object, "done", json_string(state));
        json_object_del(object, "own"); /* not known before all are in */
        char *text = json_dumps(object, JSON_COMPACT);
        line = g_strdup_printf("%s\n", text);
        free(text);
        json_decref(object);
    } else if (strcmp(state, "known") == 0) {
        line = g_strdup_printf(_("%s: registered already, as paper %u\n"), name, paper->number);
    } else {
        line = g_strdup_printf(_("%s: paper %u, %s, %u characters\n"), name, paper->number,
                               cmd_fingerprint_level(paper), paper->characters);
    }
    g_ptr_array_add(work->said, line);
}

static void
say_all(const Registering *work)
{
    for (guint i = 0; i < work->said->len; i++)
        fputs(g_ptr_array_index(work->said, i), stdout);
}

static void
warn_of_reading(const char *file, const PaperReading *reading)
{
    if (reading->coverage >= COVERAGE_PARTIAL)
        g_printerr(_("hangu fingerprint: %s could not be read whole (%s): only what was read is found, and this very "
                     "file\n"),
                   file, why_word(reading->why) != NULL ? why_word(reading->why) : "?");
    else if (reading->prints == 0)
        g_printerr(_("hangu fingerprint: %s has no text to speak of: only this very file is found\n"), file);
}

static gboolean
add_file(Registering *work, const char *file, GError **error)
{
    g_auto(PaperReading) reading = {0};
    guint64 uid;
    if (!name_file(file, &work->desk.key, &uid, error))
        return FALSE;
    const Paper *known = find_uid(work->to, uid);
    if (known != NULL) {
        say_added(work, file, known, "known");
        return TRUE;
    }
    if (papers_count(work->to) >= PAPERS_MAX) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, _("the register is full: %d papers"), PAPERS_MAX);
        return FALSE;
    }
    if (!paper_read(file, work->inspector, work->desk.settings, work->extractor, &work->desk.key, &reading, error))
        return FALSE;
    if (extractor_trouble(work->extractor) != NULL) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_AWAY, "%s", extractor_trouble(work->extractor));
        return FALSE;
    }
    warn_of_reading(file, &reading);
    Paper *paper = paper_new();
    paper->uid = uid;
    describe(&work->options, &reading, paper);
    papers_add(work->to, paper, reading.entries);
    say_added(work, file, paper, "added");
    return TRUE;
}

static void
show_progress(int done, int count)
{
    if (count >= 20 && isatty(STDERR_FILENO) && (done % 10 == 0 || done == count))
        g_printerr("\r%d/%d%s", done, count, done == count ? "\n" : "");
}

/* Papers of which next to nothing is their own would be missed silently. */
static void
warn_of_little(const Registering *work, guint first)
{
    for (guint i = first; i < papers_count(work->to); i++) {
        const Paper *paper = papers_get(work->to, i);
        if (!paper->common && paper->own < LITTLE && paper->prints > 1)
            g_printerr(_("hangu fingerprint: paper %u has only %u characters that do not stand in other papers, too: "
                         "excerpts of it are not found\n"),
                       paper->number, paper->own);
    }
}

static int
finish_add(Registering *work, guint first)
{
    GError *error = NULL;
    int gate = 1;
    if (papers_count(work->to) == first) {
        say_all(work);
        return work->failed > 0 ? 1 : 0;
    }
    if (work->options.out != NULL) {
        papers_settle(work->to);
        g_autoptr(GByteArray) bytes = papers_to_bytes(work->to, &work->desk.key);
        if (!papers_save(bytes, work->options.out, &error))
            return command_fail("fingerprint add", error);
        say_all(work);
        if (!work->desk.json)
            printf(_("%s: hashes of %u papers. On the gate: hangu fingerprint import %s\n"), work->options.out,
                   papers_count(work->to), work->options.out);
    } else {
        g_autoptr(GArray) numbers = desk_numbers_from(&work->desk, first);
        if (!desk_save(&work->desk, "add", work->options.officer, numbers, &gate, &error))
            return command_fail("fingerprint add", error);
        say_all(work);
        if (!work->desk.json)
            puts(desk_gate_text(gate));
    }
    warn_of_little(work, first);
    return work->failed > 0 || gate == 2 ? 1 : 0;
}

static int
add_files(Registering *work, int count, char **files)
{
    GError *error = NULL;
    gboolean out = work->options.out != NULL;
    if (!desk_prepare(&work->desk, !out, &error) || !load_readers(work, &error) ||
        (!out && !desk_open(&work->desk, TRUE, &error)))
        return command_fail("fingerprint add", error);
    work->said = g_ptr_array_new_with_free_func(g_free);
    work->to = out ? papers_new(&work->desk.key) : work->desk.papers;
    guint first = papers_count(work->to);
    for (int i = 0; i < count; i++) {
        if (!add_file(work, files[i], &error)) {
            int status = command_fail("fingerprint add", g_steal_pointer(&error));
            if (count == 1)
                return status;
            work->failed++;
        }
        show_progress(i + 1, count);
    }
    return finish_add(work, first);
}

int
cmd_fingerprint_add(int argc, char **argv)
{
    g_auto(Registering) work = {.desk = DESK_INIT};
    Options *options = &work.options;
    const GOptionEntry entries[] = {
        {"level", 'l', 0, G_OPTION_ARG_STRING, &options->level,
         N_("level of the paper; without it what its own mark says"), N_("LEVEL")},
        {"class", 0, 0, G_OPTION_ARG_STRING, &options->class, N_("state, work, trade, foreign or sensitive"),
         N_("CLASS")},
        {"term", 0, 0, G_OPTION_ARG_STRING, &options->term, N_("term of secrecy, as in 10年"), N_("TERM")},
        {"label", 0, 0, G_OPTION_ARG_STRING, &options->label,
         N_("what officers call the paper; stored as it is, so better not its title"), N_("TEXT")},
        {"officer", 0, 0, G_OPTION_ARG_STRING, &options->officer, N_("who registers it; without it the user"),
         N_("NAME")},
        {"expires", 0, 0, G_OPTION_ARG_STRING, &options->expires, N_("day from which it is no longer looked for"),
         N_("DAY")},
        {"common", 0, 0, G_OPTION_ARG_NONE, &options->common,
         N_("common text (a law, a form, a template): never looked for, and not counted in papers that hold it"), NULL},
        {"out", 'o', 0, G_OPTION_ARG_FILENAME, &options->out,
         N_("write the hashes to a file for the gate and register nothing here"), N_("HASHES")},
        {"rules", 0, 0, G_OPTION_ARG_FILENAME, &options->rules, N_("directory of the rules, to read the mark by"),
         N_("DIR")},
        {"policy", 0, 0, G_OPTION_ARG_FILENAME, &options->policy, N_("policy file"), N_("FILE")},
        {NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new(N_("FILE..."));
    desk_add_options(context, &work.desk);
    g_option_context_add_main_entries(context, entries, PACKAGE);
    g_option_context_set_summary(
        context,
        _("Registers papers: the gate then finds their text, whole or an excerpt of some 250 characters, however\n"
          "it is set, with its mark or without. What is kept are keyed hashes, never the text.\n"
          "Exit status: 0 all registered, 1 some were not, 64-78 errors."));
    int status = command_parse("fingerprint add", context, &argc, &argv);
    if (status == 0 && argc < 2)
        status = command_usage("fingerprint add", _("name the files to be registered"));
    if (status == 0)
        status = check_options(options);
    return status != 0 ? status : add_files(&work, argc - 1, argv + 1);
}

/* --- test ------------------------------------------------------------------------------------------------------- */

static void
say_found(const Registering *work, const char *file, const Finding *finding)
{
    const FindingPaper *paper = &finding->paper;
    g_autofree char *name = g_filename_display_name(file);
    if (work->desk.json)
        print_json(json_pack("{s:i, s:s, s:i, s:s, s:i, s:i, s:i}", "v", 1, "file", name, "number", (int)paper->number,
                             "level", level_word(finding->level), "percent", (int)paper->percent, "characters",
                             (int)paper->run, "score", finding->score),
                   stdout);
    else
        printf(_("%s: paper %u, %u %% of it, longest passage about %u characters, score %d\n"), name, paper->number,
               paper->percent, paper->run, finding->score);
}

static gboolean
test_file(Registering *work, const char *file, GError **error)
{
    g_autoptr(Message) message = paper_letter(file, work->desk.settings, error);
    guint found = 0;
    if (message == NULL)
        return FALSE;
    message->envelope.received_us = clock_wall_us();
    if (!inspector_run(work->inspector, message, -1, error))
        return FALSE;
    for (guint i = 0; i < message->findings->len; i++) {
        const Finding *finding = g_ptr_array_index(message->findings, i);
        if (finding->paper.number == 0)
            continue;
        say_found(work, file, finding);
        found++;
    }
    if (found == 0 && !work->desk.json)
        printf(_("%s: no registered paper\n"), file);
    work->found += found;
    return TRUE;
}

int
cmd_fingerprint_test(int argc, char **argv)
{
    g_auto(Registering) work = {.desk = DESK_INIT};
    GError *error = NULL;
    const GOptionEntry entries[] = {
        {"rules", 0, 0, G_OPTION_ARG_FILENAME, &work.options.rules, N_("directory of the rules"), N_("DIR")},
        {"policy", 0, 0, G_OPTION_ARG_FILENAME, &work.options.policy, N_("policy file"), N_("FILE")},
        {NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new(N_("FILE..."));
    desk_add_options(context, &work.desk);
    g_option_context_add_main_entries(context, entries, PACKAGE);
    g_option_context_set_summary(context, _("Says which registered papers the gate would find in these files.\n"
                                            "Exit status: 0 none, 1 some, 64-78 errors."));
    int status = command_parse("fingerprint test", context, &argc, &argv);
    if (status == 0 && argc < 2)
        status = command_usage("fingerprint test", _("name the files to be looked at"));
    if (status != 0)
        return status;
    if (!desk_prepare(&work.desk, FALSE, &error) || !desk_open(&work.desk, FALSE, &error) ||
        !load_readers(&work, &error))
        return command_fail("fingerprint test", error);
    work.to = work.desk.papers;
    inspector_set_papers(work.inspector, work.desk.papers, &work.desk.key);
    for (int i = 1; i < argc; i++)
        if (!test_file(&work, argv[i], &error))
            status = command_fail("fingerprint test", g_steal_pointer(&error));
    return status != 0 ? status : work.found > 0 ? 1 : 0;
}
