/* hangu fingerprint: import, list, show, remove, key; add and test have a file of their own. */
#include "config.h"
#include "cmd_fingerprint.h"
#include "clock.h"
#include "commands.h"
#include "errors.h"
#include "fingerprint_desk.h"
#include "language.h"
#include "print.h"
#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

#define DAY_LENGTH 10 /* 2026-11-22 */

json_t *
cmd_fingerprint_object(const Paper *paper)
{
    g_autofree char *registered = clock_format(paper->registered_us);
    g_autofree char *expires = paper->expires_us != 0 ? clock_format(paper->expires_us) : NULL;
    return json_pack("{s:i, s:I, s:b, s:s, s:s, s:s?, s:s?, s:s, s:s, s:s?, s:I, s:I, s:I}", "v", 1, "number",
                     (json_int_t)paper->number, "common", paper->common, "class", class_word(paper->class), "level",
                     level_word(paper->level), "term", *paper->term != '\0' ? paper->term : NULL, "label",
                     *paper->label != '\0' ? paper->label : NULL, "officer", paper->officer, "registered", registered,
                     "expires", expires, "characters", (json_int_t)paper->characters, "own", (json_int_t)paper->own,
                     "prints", (json_int_t)paper->prints);
}

const char *
cmd_fingerprint_level(const Paper *paper)
{
    if (paper->common)
        return _("common text");
    return language_is_chinese() ? level_word_zh(paper->level) : level_word(paper->level);
}

static void
row_add(PrintTable *table, const Paper *paper)
{
    g_autofree char *number = g_strdup_printf("%u", paper->number);
    g_autofree char *characters = g_strdup_printf("%u", paper->characters);
    g_autofree char *own = g_strdup_printf("%u", paper->own);
    g_autofree char *registered = clock_format(paper->registered_us);
    g_autofree char *expires = paper->expires_us != 0 ? clock_format(paper->expires_us) : NULL;
    registered[MIN(strlen(registered), DAY_LENGTH)] = '\0';
    if (expires != NULL)
        expires[MIN(strlen(expires), DAY_LENGTH)] = '\0';
    print_table_add(table, paper->expires_us != 0 && paper->expires_us <= clock_wall_us() ? PRINT_DIM : PRINT_PLAIN,
                    (const char *const[]){number, cmd_fingerprint_level(paper),
                                          *paper->term != '\0' ? paper->term : NULL, characters, own, registered,
                                          expires, paper->officer, *paper->label != '\0' ? paper->label : NULL});
}

static int
show_papers(const Desk *desk, const Papers *papers, const guint *chosen, guint count)
{
    g_autoptr(PrintTable) table =
        print_table_new((const char *const[]){_(">number"), _("level"), _("term"), _(">characters"), _(">own"),
                                              _("registered"), _("expires"), _("by"), _("called"), NULL});
    for (guint i = 0; i < count; i++) {
        const Paper *paper = papers_get(papers, chosen != NULL ? chosen[i] : i);
        if (desk->json)
            print_json(cmd_fingerprint_object(paper), stdout);
        else
            row_add(table, paper);
    }
    if (!desk->json && count > 0)
        print_table(table, stdout);
    else if (!desk->json)
        printf(_("No paper is registered.\n"));
    return 0;
}

/* --- numbers ---------------------------------------------------------------------------------------------------- */

/* Indices of the papers that the words name. Gives, or NULL with error. */
static guint *
find_numbers(const Papers *papers, int count, char **words, GError **error)
{
    g_autofree guint *found = g_new(guint, (gsize)count + 1);
    for (int i = 0; i < count; i++) {
        char *end = NULL;
        guint64 number = g_ascii_strtoull(words[i], &end, 10);
        if (!g_ascii_isdigit(words[i][0]) || *end != '\0' || number > G_MAXUINT32) {
            g_set_error(error, HANGU_ERROR, HANGU_ERROR_USAGE,
                        _("%s is no number of a paper; see: hangu fingerprint list"), words[i]);
            return NULL;
        }
        if (!papers_find_number(papers, (guint32)number, &found[i])) {
            g_set_error(error, HANGU_ERROR, HANGU_ERROR_NO_INPUT,
                        _("there is no paper %s; see: hangu fingerprint list"), words[i]);
            return NULL;
        }
    }
    return g_steal_pointer(&found);
}

static int
start(const char *name, const char *arguments, const char *summary, Desk *desk, int *argc, char ***argv, int least)
{
    g_autoptr(GOptionContext) context = g_option_context_new(arguments);
    desk_add_options(context, desk);
    g_option_context_set_summary(context, summary);
    int status = command_parse(name, context, argc, argv);
    if (status == 0 && *argc - 1 < least)
        status = command_usage(name, _("something is missing: %s"), _(arguments));
    if (status == 0 && arguments == NULL && *argc > 1)
        status = command_usage(name, _("unexpected word \"%s\""), (*argv)[1]);
    return status;
}

static int
run_list(int argc, char **argv)
{
    g_auto(Desk) desk = DESK_INIT;
    GError *error = NULL;
    int status = start("fingerprint list", NULL,
                       _("The registered papers: what an officer said of each, and how much text of its own it has."),
                       &desk, &argc, &argv, 0);
    if (status != 0)
        return status;
    if (!desk_prepare(&desk, FALSE, &error) || !desk_open(&desk, FALSE, &error))
        return command_fail("fingerprint list", error);
    return show_papers(&desk, desk.papers, NULL, papers_count(desk.papers));
}

static int
run_show(int argc, char **argv)
{
    g_auto(Desk) desk = DESK_INIT;
    GError *error = NULL;
    int status =
        start("fingerprint show", N_("NUMBER..."), _("What the register says of some papers."), &desk, &argc, &argv, 1);
    if (status != 0)
        return status;
    if (!desk_prepare(&desk, FALSE, &error) || !desk_open(&desk, FALSE, &error))
        return command_fail("fingerprint show", error);
    g_autofree guint *found = find_numbers(desk.papers, argc - 1, argv + 1, &error);
    if (found == NULL)
        return command_fail("fingerprint show", error);
    return show_papers(&desk, desk.papers, found, (guint)(argc - 1));
}

/* --- changes ---------------------------------------------------------------------------------------------------- */

static int
save(Desk *desk, const char *name, const char *what, GArray *numbers)
{
    GError *error = NULL;
    int gate = 0;
    guint count = numbers->len;
    if (!desk_save(desk, what, NULL, numbers, &gate, &error))
        return command_fail(name, error);
    if (desk->json) {
        print_json(json_pack("{s:i, s:s, s:i, s:i, s:s}", "v", 1, "done", what, "count", (int)count, "papers",
                             (int)papers_count(desk->papers), "gate",
                             gate == 0   ? "loaded"
                             : gate == 1 ? "away"
                                         : "refused"),
                   stdout);
    } else {
        printf(ngettext("%u paper is registered.\n", "%u papers are registered.\n", papers_count(desk->papers)),
               papers_count(desk->papers));
        puts(desk_gate_text(gate));
    }
    return gate == 2 ? 1 : 0;
}

static int
run_remove(int argc, char **argv)
{
    g_auto(Desk) desk = DESK_INIT;
    GError *error = NULL;
    int status =
        start("fingerprint remove", N_("NUMBER..."),
              _("Takes papers out of the register: their text is no longer looked for."), &desk, &argc, &argv, 1);
    if (status != 0)
        return status;
    if (!desk_prepare(&desk, FALSE, &error) || !desk_open(&desk, TRUE, &error))
        return command_fail("fingerprint remove", error);
    g_autofree guint *found = find_numbers(desk.papers, argc - 1, argv + 1, &error);
    if (found == NULL)
        return command_fail("fingerprint remove", error);
    g_autoptr(GArray) numbers = g_array_new(FALSE, FALSE, sizeof(guint32));
    for (int i = 1; i < argc; i++) {
        guint32 number = (guint32)g_ascii_strtoull(argv[i], NULL, 10);
        if (papers_remove(desk.papers, number)) /* a number may be said twice */
            g_array_append_val(numbers, number);
    }
    return save(&desk, "fingerprint remove", "remove", numbers);
}

static int
run_import(int argc, char **argv)
{
    g_auto(Desk) desk = DESK_INIT;
    GError *error = NULL;
    guint there = 0;
    int status = start("fingerprint import", N_("HASHES..."),
                       _("Puts what `hangu fingerprint add --out HASHES` made into the register of this gate."), &desk,
                       &argc, &argv, 1);
    if (status != 0)
        return status;
    if (!desk_prepare(&desk, FALSE, &error) || !desk_open(&desk, TRUE, &error))
        return command_fail("fingerprint import", error);
    guint first = papers_count(desk.papers);
    for (int i = 1; i < argc; i++) {
        g_autoptr(Papers) from = papers_load(argv[i], &desk.key, &error);
        if (from == NULL)
            return command_fail("fingerprint import", error);
        there += papers_count(from) - papers_merge(desk.papers, from);
    }
    g_autoptr(GArray) numbers = desk_numbers_from(&desk, first);
    guint count = numbers->len;
    status = save(&desk, "fingerprint import", "import", numbers);
    if (!desk.json && status <= 1)
        printf(_("%u imported, %u were there already.\n"), count, there);
    return status;
}

static int
run_key(int argc, char **argv)
{
    g_auto(Desk) desk = DESK_INIT;
    GError *error = NULL;
    int status = start("fingerprint key", NULL,
                       _("Makes the key of this gate's register unless it is there, and says where it is. Bring a copy "
                         "to each\nmachine on which officers make fingerprints, by a way on which nobody can read it."),
                       &desk, &argc, &argv, 0);
    if (status != 0)
        return status;
    if (!desk_prepare(&desk, TRUE, &error))
        return command_fail("fingerprint key", error);
    g_autofree char *beside = papers_key_path(desk.settings->papers_file);
    g_autofree char *id = crypto_hex(desk.key.id, sizeof desk.key.id);
    const char *path = desk.key_file != NULL ? desk.key_file : beside;
    if (desk.json)
        print_json(json_pack("{s:i, s:s, s:s}", "v", 1, "key", path, "id", id), stdout);
    else
        printf(_("%s  (id %s)\n"), path, id);
    return 0;
}

/* --- the table -------------------------------------------------------------------------------------------------- */

static const Command add = {"add", N_("register papers: FILE..., or their hashes only with --out"),
                            cmd_fingerprint_add};
static const Command import = {"import", N_("take hashes that were made on another machine"), run_import};
static const Command list = {"list", N_("the registered papers"), run_list};
static const Command show = {"show", N_("what is registered of some papers"), run_show};
static const Command remove_papers = {"remove", N_("take papers out of the register"), run_remove};
static const Command test = {"test", N_("which registered papers stand in these files?"), cmd_fingerprint_test};
static const Command key = {"key", N_("where the key is; makes it"), run_key};
static const Command *const table[] = {&add, &import, &list, &show, &remove_papers, &test, &key, NULL};

/* `hangu fingerprint FILE` is `hangu fingerprint add FILE`; a file that is called like a command needs ./ before it. */
static gboolean
is_file(const char *word)
{
    for (gsize i = 0; table[i] != NULL; i++)
        if (strcmp(table[i]->name, word) == 0)
            return FALSE;
    return (word[0] == '-' && strcmp(word, "--help") != 0 && strcmp(word, "-h") != 0) ||
           g_file_test(word, G_FILE_TEST_IS_REGULAR);
}

static int
run(int argc, char **argv)
{
    if (argc > 1 && is_file(argv[1]))
        return cmd_fingerprint_add(argc, argv);
    return command_dispatch("fingerprint", table, NULL, argc, argv);
}

const Command command_fingerprint = {"fingerprint",
                                     N_("papers whose text is looked for: add, import, list, remove, test"), run};
