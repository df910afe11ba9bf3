/* hangu passwd campaign: new passwords for whole departments, wave by wave. */
#include "config.h"
#include "cmd_passwd_campaign.h"
#include "account_desk.h"
#include "campaign_print.h"
#include "print.h"
#include <glib/gi18n.h>
#include <stdio.h>

typedef struct {
    char *reason, *from, *until, *unit, *group, *approver, *campaign;
    char **departments;
    int older_than, waves, per_day;
    gboolean weak, members, csv;
    AccountDesk desk;
} Options;

static void
clear_options(Options *options)
{
    char *const texts[] = {options->reason, options->from,     options->until,   options->unit,
                           options->group,  options->approver, options->campaign};
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    g_strfreev(options->departments);
    account_desk_clear(&options->desk);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, clear_options)

/* What every subcommand does: options, a word or none, a call, rows. */
typedef struct {
    const char *name, *word, *summary, *help; /* word: what its one word is called; NULL: none */
    gboolean changes;
} Shape;

static int
parse(const Shape *shape, const GOptionEntry *entries, Options *options, int *argc, char ***argv)
{
    GError *error = NULL;
    g_autoptr(GOptionContext) context = g_option_context_new(shape->word != NULL ? _(shape->word) : NULL);
    g_option_context_add_main_entries(context, entries, PACKAGE);
    account_desk_add_options(context, &options->desk, shape->changes);
    g_option_context_set_summary(context, _(shape->summary));
    if (shape->help != NULL)
        g_option_context_set_description(context, _(shape->help));
    int status = command_parse(shape->name, context, argc, argv);
    if (status != 0)
        return status;
    if (*argc - 1 != (shape->word != NULL ? 1 : 0))
        return command_usage(shape->name, _("it takes: %s"), shape->word != NULL ? _(shape->word) : _("no word"));
    return account_desk_open(&options->desk, &error) ? 0 : command_fail(shape->name, error);
}

static void
put(json_t *request, const char *name, const char *text)
{
    if (text != NULL)
        json_object_set_new(request, name, json_string(text));
}

static void
put_number(json_t *request, const char *name, int number)
{
    if (number != 0)
        json_object_set_new(request, name, json_integer(number));
}

/* Asks and prints; takes the request. */
static int
ask(const Shape *shape, const Options *options, json_t *request, void (*print)(const json_t *rows))
{
    GError *error = NULL;
    gsize i;
    json_t *row;
    json_auto_t *rows = account_desk_ask(&options->desk, request, &error);
    if (rows == NULL)
        return command_fail(shape->name, error);
    if (!options->desk.json) {
        print(rows);
        return 0;
    }
    json_array_foreach(rows, i, row) print_json(json_incref(row), stdout);
    return 0;
}

/* --- start -------------------------------------------------------------------------------------------------------- */

static json_t *
start_request(const Options *options, const char *name)
{
    json_t *request = json_pack("{s:s}", "verb", "campaign.start"), *departments = json_array();
    put(request, "name", name);
    put(request, "reason", options->reason);
    put(request, "from", options->from);
    put(request, "until", options->until);
    put(request, "unit", options->unit);
    put(request, "group", options->group);
    put(request, "approver", options->approver);
    put_number(request, "older_than", options->older_than);
    put_number(request, "waves", options->waves);
    put_number(request, "per_day", options->per_day);
    if (options->weak)
        json_object_set_new(request, "weak", json_true());
    for (guint i = 0; options->departments != NULL && options->departments[i] != NULL; i++)
        json_array_append_new(departments, json_string(options->departments[i]));
    json_object_set_new(request, "departments", departments);
    return request;
}

static int
run_start(int argc, char **argv)
{
    static const Shape shape = {
        "passwd campaign start", N_("NAME"),
        N_("Has the passwords of these accounts changed, department by department. All who are named must have a new\n"
           "password by the last day of their wave, which is a working day; they are told in time, by letter. Who has\n"
           "none then has an expired password: it is refused where the group is at enforce. All conditions must hold."),
        N_("Example:\n  hangu passwd campaign start 2026年度 --reason 年度更换 --from 2026-03-16 --until 2026-05-15 "
           "\\\n"
           "      --waves 4 --approver 局长 --by 王刚\n"),
        TRUE};
    g_auto(Options) options = {0};
    const GOptionEntry entries[] = {
        {"reason", 0, 0, G_OPTION_ARG_STRING, &options.reason, N_("why; it is recorded"), N_("TEXT")},
        {"from", 0, 0, G_OPTION_ARG_STRING, &options.from, N_("first day"), N_("DATE")},
        {"until", 0, 0, G_OPTION_ARG_STRING, &options.until, N_("last day"), N_("DATE")},
        {"waves", 0, 0, G_OPTION_ARG_INT, &options.waves, N_("at most so many waves; departments stay together"),
         N_("N")},
        {"per-day", 0, 0, G_OPTION_ARG_INT, &options.per_day,
         N_("instead: at most so many people with the same last day"), N_("N")},
        {"department", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.departments, N_("only this one; may be repeated"),
         N_("NAME")},
        {"unit", 0, 0, G_OPTION_ARG_STRING, &options.unit, N_("only this unit"), N_("NAME")},
        {"group", 0, 0, G_OPTION_ARG_STRING, &options.group, N_("only this group of the register"), N_("NAME")},
        {"weak", 0, 0, G_OPTION_ARG_NONE, &options.weak, N_("only passwords that were found weak"), NULL},
        {"older-than", 0, 0, G_OPTION_ARG_INT, &options.older_than, N_("only (or, with --weak, also) older passwords"),
         N_("DAYS")},
        {"approver", 0, 0, G_OPTION_ARG_STRING, &options.approver,
         N_("who approved it: approver, deputy or leader of all that are chosen"), N_("PERSON")},
        {NULL},
    };
    int status = parse(&shape, entries, &options, &argc, &argv);
    return status != 0 ? status : ask(&shape, &options, start_request(&options, argv[1]), campaign_print);
}

/* --- the others --------------------------------------------------------------------------------------------------- */

static void
print_exception(const json_t *rows)
{
    const json_t *row = json_array_get(rows, 0);
    printf(_("%s is excepted until %s, approved by %s\n"), account_text(row, "account"),
           account_text(row, "excepted_until"), account_text(row, "excepted_by"));
}

static int
run_except(int argc, char **argv)
{
    static const Shape shape = {"passwd campaign except", N_("ACCOUNT"),
                                N_("Gives an account more time, in all campaigns that run or in one of them."), NULL,
                                TRUE};
    g_auto(Options) options = {0};
    const GOptionEntry entries[] = {
        {"until", 0, 0, G_OPTION_ARG_STRING, &options.until, N_("the exception ends then"), N_("DATE")},
        {"reason", 0, 0, G_OPTION_ARG_STRING, &options.reason, N_("why; it is recorded"), N_("TEXT")},
        {"approver", 0, 0, G_OPTION_ARG_STRING, &options.approver, N_("who approved it"), N_("PERSON")},
        {"campaign", 0, 0, G_OPTION_ARG_STRING, &options.campaign, N_("in this one only"), N_("NAME")},
        {NULL},
    };
    int status = parse(&shape, entries, &options, &argc, &argv);
    if (status != 0)
        return status;
    json_t *request = json_pack("{s:s}", "verb", "campaign.except");
    put(request, "account", argv[1]);
    put(request, "until", options.until);
    put(request, "reason", options.reason);
    put(request, "approver", options.approver);
    put(request, "campaign", options.campaign);
    return ask(&shape, &options, request, print_exception);
}

static int
run_list(int argc, char **argv)
{
    static const Shape shape = {"passwd campaign list", NULL,
                                N_("All campaigns and how far they are, the newest first."), NULL, FALSE};
    g_auto(Options) options = {0};
    const GOptionEntry entries[] = {{NULL}};
    int status = parse(&shape, entries, &options, &argc, &argv);
    return status != 0 ? status
                       : ask(&shape, &options, json_pack("{s:s}", "verb", "campaign.list"), campaign_print_list);
}

static int
run_show(int argc, char **argv)
{
    static const Shape shape = {"passwd campaign show", N_("NAME"),
                                N_("How far a campaign is, by wave and department: as hangu-authd sees it now."), NULL,
                                FALSE};
    g_auto(Options) options = {0};
    const GOptionEntry entries[] = {
        {"members", 0, 0, G_OPTION_ARG_NONE, &options.members, N_("every account, too"), NULL},
        {"csv", 0, 0, G_OPTION_ARG_NONE, &options.csv, N_("comma-separated, a line for each account"), NULL},
        {NULL},
    };
    int status = parse(&shape, entries, &options, &argc, &argv);
    if (status != 0)
        return status;
    if (options.csv && options.desk.json)
        return command_usage(shape.name, "%s", _("--csv or --json, not both"));
    json_t *request = json_pack("{s:s}", "verb", "campaign.show");
    put(request, "name", argv[1]);
    if (options.members || options.csv)
        json_object_set_new(request, "members", json_true());
    return ask(&shape, &options, request, options.csv ? campaign_print_csv : campaign_print);
}

static int
run_stop(int argc, char **argv)
{
    static const Shape shape = {"passwd campaign stop", N_("NAME"),
                                N_("Ends a campaign: nobody has to change the password because of it any more."), NULL,
                                TRUE};
    g_auto(Options) options = {0};
    const GOptionEntry entries[] = {
        {"reason", 0, 0, G_OPTION_ARG_STRING, &options.reason, N_("why; it is recorded"), N_("TEXT")},
        {NULL},
    };
    int status = parse(&shape, entries, &options, &argc, &argv);
    if (status != 0)
        return status;
    json_t *request = json_pack("{s:s}", "verb", "campaign.stop");
    put(request, "name", argv[1]);
    put(request, "reason", options.reason);
    return ask(&shape, &options, request, campaign_print_list);
}

int
cmd_passwd_campaign(int argc, char **argv)
{
    static const Command commands[] = {
        {"start", N_("begins one: who, by when, in how many waves"), run_start},
        {"except", N_("more time for an account"), run_except},
        {"list", N_("all campaigns and how far they are"), run_list},
        {"show", N_("one by wave and department"), run_show},
        {"stop", N_("ends one"), run_stop},
    };
    static const Command *const table[] = {&commands[0], &commands[1], &commands[2], &commands[3], &commands[4], NULL};
    return command_dispatch("passwd campaign", table, NULL, argc, argv);
}
