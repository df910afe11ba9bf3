/* hangu account: the subcommands that are one call each, as a table; the others have files of their own. */
#include "config.h"
#include "account_desk.h"
#include "account_print.h"
#include "cmd_account_audit.h"
#include "cmd_account_forwards.h"
#include "commands.h"
#include "errors.h"
#include "print.h"
#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

#define OPTIONS_MAX 16

typedef enum { OPTION_TEXT, OPTION_FLAG, OPTION_LIST } OptionType;
typedef struct {
    const char *name, *argument; /* on the command line; in the call */
    OptionType type;
    const char *help, *value;
} Option;

typedef struct {
    Command command;
    const char *verb, *bare_verb; /* bare_verb: without any word; NULL: a word must be there */
    const char *words[3];         /* what the words are in the call */
    const char *shown;            /* N_() of them */
    gboolean many;                /* each word is a call of its own */
    gboolean last_may_miss;
    gboolean changes;
    const Option *options;
    const char *help; /* N_(): examples */
    void (*print)(const json_t *rows);
} Shape;

#define FIELD_OPTIONS                                                                                               \
    {"kind", "kind", OPTION_TEXT, N_("person, unit, service or administrator; default person"), N_("KIND")},        \
        {"unit", "unit", OPTION_TEXT, N_("unit; default: that of the address's domain"), N_("NAME")},               \
        {"department", "department", OPTION_TEXT, N_("department of the unit"), N_("NAME")},                        \
        {"owner", "owner", OPTION_TEXT, N_("who answers for it: name or address"), N_("PERSON")},                   \
        {"keeper", "keeper", OPTION_TEXT, N_("keeper of a unit's mailbox"), N_("PERSON")},                          \
        {"purpose", "purpose", OPTION_TEXT, N_("what it is for"), N_("TEXT")},                                      \
        {"tier", "tier", OPTION_TEXT, N_("strength of its password: base, strict, high or otp"), N_("TIER")},       \
        {"group", "group", OPTION_TEXT, N_("group of its own for `enforce`"), N_("NAME")},                          \
        {"role", "role", OPTION_TEXT, N_("core, important or ordinary: how long a leaver is watched"), N_("ROLE")}, \
        {"commitment", "commitment", OPTION_TEXT, N_("day the commitment was signed"), N_("DATE")},                 \
        {"training", "training", OPTION_TEXT, N_("day of the last training"), N_("DATE")},                          \
    {                                                                                                               \
        "note", "note", OPTION_TEXT, N_("note; the reason for an odd user name"), N_("TEXT")                        \
    }
#define APPROVER                                                                                       \
    {                                                                                                  \
        "approver", "approver", OPTION_TEXT, N_("officer who approves: name or address"), N_("PERSON") \
    }
#define REMOVE                                                            \
    {                                                                     \
        "remove", "remove", OPTION_FLAG, N_("take it away instead"), NULL \
    }
#define REASON                                                                       \
    {                                                                                \
        "reason", "reason", OPTION_TEXT, N_("why; goes into the ledger"), N_("TEXT") \
    }
#define UNTIL                                                                                  \
    {                                                                                          \
        "until", "until", OPTION_TEXT, N_("when it ends, at most a year from now"), N_("DATE") \
    }
#define OFFICER                                                                                     \
    {"role", "role", OPTION_TEXT, N_("handler, reviewer, approver, deputy or leader"), N_("ROLE")}, \
        {"person", "person", OPTION_TEXT, N_("address of the officer"), N_("ADDRESS")},             \
        {"name", "name", OPTION_TEXT, N_("name of the officer"), N_("NAME")}, REMOVE

static const Option add_options[] = {
    FIELD_OPTIONS,
    {"alias", "aliases", OPTION_LIST, N_("another address or login name; may be repeated"), N_("ADDRESS")},
    {"network", "networks", OPTION_LIST, N_("network a service comes from; may be repeated"), N_("CIDR")},
    {NULL}};
static const Option set_options[] = {FIELD_OPTIONS, {NULL}};
static const Option approve_options[] = {
    APPROVER,
    {"date", "date", OPTION_TEXT, N_("day on the paper; default today"), N_("DATE")},
    {"open", "open", OPTION_FLAG, N_("open it too"), NULL},
    {NULL}};
static const Option reason_options[] = {REASON, {NULL}};
static const Option list_options[] = {
    {"state", "state", OPTION_TEXT, N_("only those in this state"), N_("STATE")},
    {"kind", "kind", OPTION_TEXT, N_("only those of this kind"), N_("KIND")},
    {"unit", "unit", OPTION_TEXT, N_("only those of this unit"), N_("NAME")},
    {"department", "department", OPTION_TEXT, N_("only those of this department"), N_("NAME")},
    {"pending", "pending", OPTION_FLAG, N_("only those whose approval must be made up"), NULL},
    {"names", "names", OPTION_FLAG, N_("looks at user names too: the unit's, or one letter from another"), NULL},
    {NULL}};
static const Option enforce_options[] = {
    {"stage", "stage", OPTION_TEXT, N_("observe, warn or enforce; default enforce"), N_("STAGE")},
    {"skip-warn", "skip_warn", OPTION_FLAG, N_("enforce though nobody was warned before"), NULL},
    {NULL}};
static const Option unit_options[] = {{"abbreviation", "abbreviation", OPTION_TEXT, N_("short name"), N_("NAME")},
                                      {"domain", "domain", OPTION_TEXT, N_("mail domain of the unit"), N_("DOMAIN")},
                                      OFFICER,
                                      {NULL}};
static const Option department_options[] = {OFFICER, {NULL}};
static const Option delegate_options[] = {APPROVER, UNTIL, REMOVE, {NULL}};
static const Option remove_options[] = {REMOVE, {NULL}};
static const Option exception_options[] = {{"to", "to", OPTION_TEXT,
                                            N_("of auto-forward: where its forwards may go to; default anywhere"),
                                            N_("ADDRESS|DOMAIN")},
                                           APPROVER,
                                           REASON,
                                           UNTIL,
                                           REMOVE,
                                           {NULL}};
static const Option unlock_options[] = {{"note", "note", OPTION_TEXT, N_("why; goes into the ledger"), N_("TEXT")},
                                        {NULL}};
static const Option no_options[] = {{NULL}};

static int run_shape(int argc, char **argv);

#define SHAPE(word, summary) .command = {word, summary, run_shape}, .verb = word
static const Shape shapes[] = {
    {SHAPE("add", N_("ask for a new account")), .words = {"address"}, .shown = N_("ADDRESS"), .changes = TRUE,
     .options = add_options,
     .help = N_("Examples:\n"
                "  hangu account add zhangwei@unit.example --owner 张伟 --department 办公室 --purpose 公文往来\n"
                "  hangu account add printer@unit.example --kind service --network 192.0.2.7 --owner 信息科 \\\n"
                "        --purpose 扫描件\n"
                "It stays \"requested\" until an officer of its place approves it (hangu account approve).\n")},
    {SHAPE("set", N_("change fields of an account")), .words = {"account"}, .shown = N_("ADDRESS..."), .many = TRUE,
     .changes = TRUE, .options = set_options,
     .help = N_("Example:\n  hangu account set gongwen@unit.example --keeper 李强 --tier strict\n"
                "An empty text clears a field.\n")},
    {SHAPE("approve", N_("enter a leader's approval")), .words = {"account"}, .shown = N_("ADDRESS..."), .many = TRUE,
     .changes = TRUE, .options = approve_options,
     .help = N_("Example:\n  hangu account approve zhangwei@unit.example --approver 王刚 --open\n"
                "Approver, deputy or leader of the department or its unit may approve, but nobody his own account or\n"
                "one that he asked for. An account that is in use while its approval is made up is open with it.\n")},
    {SHAPE("open", N_("open an approved account")), .words = {"account"}, .shown = N_("ADDRESS..."), .many = TRUE,
     .changes = TRUE, .options = no_options},
    {SHAPE("suspend", N_("stop an account for a time")), .words = {"account"}, .shown = N_("ADDRESS..."), .many = TRUE,
     .changes = TRUE, .options = reason_options,
     .help = N_("Example:\n  hangu account suspend zhangwei@unit.example --reason 借调\n")},
    {SHAPE("resume", N_("open a suspended account again")), .words = {"account"}, .shown = N_("ADDRESS..."),
     .many = TRUE, .changes = TRUE, .options = reason_options},
    {SHAPE("close", N_("close an account for ever")), .words = {"account"}, .shown = N_("ADDRESS..."), .many = TRUE,
     .changes = TRUE, .options = reason_options,
     .help = N_("Example:\n  hangu account close old@unit.example --reason 机构撤销\n"
                "The line stays in the register; the address is not given to anybody else.\n")},
    {SHAPE("list", N_("accounts of the register")), .bare_verb = "list", .words = {"text"}, .shown = N_("[TEXT]"),
     .options = list_options, .print = account_print_list,
     .help = N_("Examples:\n  hangu account list --pending          whose approval must still be made up?\n"
                "  hangu account list --names            which user names are the unit's, or easily mistaken?\n"
                "  hangu account list 张伟               by part of address, owner, keeper or purpose\n")},
    {SHAPE("show", N_("everything about an account, with its history")), .words = {"account"},
     .shown = N_("ADDRESS..."), .many = TRUE, .options = no_options},
    {SHAPE("enforce", N_("how far a group has come: observe, warn, enforce")), .bare_verb = "stages",
     .words = {"group"}, .shown = N_("[GROUP]"), .changes = TRUE, .options = enforce_options,
     .print = account_print_stages,
     .help =
         N_("A group is \"all\", a unit, \"unit/department\", a group of the register or an address; the narrowest\n"
            "counts. Without a group: all stages, since when and by whom.\n\n"
            "Examples:\n  hangu account enforce 江州市水务局/办公室 --stage warn --by 王刚\n"
            "  hangu account enforce 江州市水务局/办公室 --by 王刚\n")},
    {SHAPE("unit", N_("units, their domains and officers")), .bare_verb = "units", .words = {"unit"},
     .shown = N_("[NAME]"), .changes = TRUE, .options = unit_options, .print = account_print_units,
     .help = N_("Without a name: all units. Examples:\n"
                "  hangu account unit 江州市水务局 --abbreviation 市水务局 --domain water.example\n"
                "  hangu account unit 江州市水务局 --role leader --person wang@water.example --name 王刚\n")},
    {SHAPE("department", N_("departments and their officers")), .bare_verb = "units", .words = {"unit", "department"},
     .shown = N_("[UNIT DEPARTMENT]"), .changes = TRUE, .options = department_options, .print = account_print_units,
     .help =
         N_("Example:\n  hangu account department 江州市水务局 办公室 --role approver --person li@water.example \\\n"
            "        --name 李强\n")},
    {SHAPE("delegate", N_("who may send with whose address (秘书代发)")), .words = {"account", "delegate"},
     .shown = N_("ADDRESS DELEGATE"), .changes = TRUE, .options = delegate_options,
     .help = N_("Example: the secretary may send for the director until the end of the year\n"
                "  hangu account delegate director@unit.example secretary@unit.example --approver 王刚 \\\n"
                "        --until 2026-12-31\n")},
    {SHAPE("alias", N_("another address or login name of an account")), .words = {"account", "alias"},
     .shown = N_("ADDRESS ALIAS"), .changes = TRUE, .options = remove_options,
     .help = N_("Examples:\n  hangu account alias zhangwei@unit.example zhang.wei@unit.example\n"
                "  hangu account alias zhangwei@unit.example zw01          a login name\n")},
    {SHAPE("network", N_("network that a service comes from")), .words = {"account", "network"},
     .shown = N_("ADDRESS CIDR"), .changes = TRUE, .options = remove_options},
    {SHAPE("exception", N_("a problem that does not count for a time")), .words = {"account", "problem"},
     .last_may_miss = TRUE, .shown = N_("ADDRESS [PROBLEM]"), .changes = TRUE, .options = exception_options,
     .help =
         N_("Problems: password-weak password-expired unregistered administrator locked suspended closed no-tls\n"
            "no-auth mechanism-weak clear-password sender-not-owned auto-forward (which may be left out with --to)\n"
            "Examples:\n  hangu account exception fax@unit.example no-tls --approver 王刚 --reason 设备不支持 \\\n"
            "        --until 2026-12-31\n"
            "  hangu account exception fan@unit.example --to mission.example --approver 王刚 --reason 驻外 \\\n"
            "        --until 2026-12-31\n")},
    {SHAPE("unlock", N_("let in again who was locked out; without an address: all locks")), .bare_verb = "locks",
     .words = {"account"}, .shown = N_("[ADDRESS|NETWORK]"), .options = unlock_options,
     .help =
         N_("Examples:\n  hangu account unlock                          who is locked out, since when, until when?\n"
            "  hangu account unlock zhangwei@unit.example --note 本人来电核实 --by 王刚\n"
            "  hangu account unlock 198.51.100.0/24          a network that tried many accounts\n")},
};

/* --- options ------------------------------------------------------------------------------------------------- */

typedef struct {
    char *text[OPTIONS_MAX];
    gboolean flag[OPTIONS_MAX];
    char **list[OPTIONS_MAX];
} Values;

static void
values_clear(Values *values)
{
    for (guint i = 0; i < OPTIONS_MAX; i++) {
        g_free(values->text[i]);
        g_strfreev(values->list[i]);
    }
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Values, values_clear)

static void
add_options_of(GOptionContext *context, const Shape *shape, Values *values)
{
    GOptionEntry entries[OPTIONS_MAX + 1] = {{NULL}};
    for (guint i = 0; shape->options[i].name != NULL; i++) {
        const Option *option = &shape->options[i];
        gpointer place[] = {&values->text[i], &values->flag[i], &values->list[i]};
        static const GOptionArg types[] = {G_OPTION_ARG_STRING, G_OPTION_ARG_NONE, G_OPTION_ARG_STRING_ARRAY};
        entries[i] =
            (GOptionEntry){option->name, 0, 0, types[option->type], place[option->type], option->help, option->value};
    }
    g_option_context_add_main_entries(context, entries, PACKAGE);
}

static json_t *
request_of(const Shape *shape, const char *verb, const Values *values)
{
    json_t *request = json_pack("{s:s}", "verb", verb);
    for (guint i = 0; shape->options[i].name != NULL && g_str_equal(verb, shape->verb); i++) {
        const char *name = shape->options[i].argument;
        if (values->text[i] != NULL)
            json_object_set_new(request, name, json_string(values->text[i]));
        if (values->flag[i])
            json_object_set_new(request, name, json_true());
        for (guint k = 0; values->list[i] != NULL && values->list[i][k] != NULL; k++) {
            if (k == 0)
                json_object_set_new(request, name, json_array());
            json_array_append_new(json_object_get(request, name), json_string(values->list[i][k]));
        }
    }
    if (g_str_equal(verb, "enforce") && json_object_get(request, "stage") == NULL)
        json_object_set_new(request, "stage", json_string("enforce"));
    return request;
}

/* --- running ------------------------------------------------------------------------------------------------- */

static void
print_rows(const AccountDesk *desk, const Shape *shape, const json_t *rows)
{
    gsize i;
    json_t *row;
    if (!desk->json && shape->print != NULL) {
        shape->print(rows);
        return;
    }
    json_array_foreach(rows, i, row)
    {
        if (desk->json)
            print_json(json_incref(row), stdout);
        else if (shape->changes)
            account_print_change(row, desk->dry_run);
        else
            account_print_one(row);
    }
}

static int
run_one(const AccountDesk *desk, const Shape *shape, json_t *request)
{
    GError *error = NULL;
    json_auto_t *rows = account_desk_ask(desk, request, &error);
    g_autofree char *name = g_strconcat("account ", shape->verb, NULL);
    if (rows == NULL)
        return command_fail(name, error);
    print_rows(desk, shape, rows);
    return 0;
}

/* Each word a call; the worst of them is the exit status. */
static int
run_many(const AccountDesk *desk, const Shape *shape, const Values *values, int count, char **words)
{
    int worst = 0;
    for (int i = 0; i < count; i++) {
        json_t *request = request_of(shape, shape->verb, values);
        json_object_set_new(request, shape->words[0], json_string(words[i]));
        int status = run_one(desk, shape, request);
        worst = MAX(worst, status);
    }
    return worst;
}

static int
run_words(const AccountDesk *desk, const Shape *shape, const Values *values, int count, char **words)
{
    guint wanted = shape->words[1] != NULL ? 2 : 1;
    if (shape->many && count > 0)
        return run_many(desk, shape, values, count, words);
    if (count == 0 && shape->bare_verb != NULL)
        return run_one(desk, shape, request_of(shape, shape->bare_verb, values));
    g_autofree char *name = g_strconcat("account ", shape->verb, NULL);
    if ((guint)count != wanted && !(shape->last_may_miss && (guint)count + 1 == wanted))
        return command_usage(name, _("it takes: %s"), _(shape->shown));
    json_t *request = request_of(shape, shape->verb, values);
    for (guint i = 0; i < (guint)count; i++)
        json_object_set_new(request, shape->words[i], json_string(words[i]));
    return run_one(desk, shape, request);
}

static const Shape *
find_shape(const char *word)
{
    for (guint i = 0; i < G_N_ELEMENTS(shapes); i++)
        if (g_str_equal(shapes[i].verb, word))
            return &shapes[i];
    return NULL;
}

static int
run_shape(int argc, char **argv)
{
    const Shape *shape = find_shape(argv[0]);
    g_auto(AccountDesk) desk = {0};
    g_auto(Values) values = {0};
    GError *error = NULL;
    g_autofree char *name = g_strconcat("account ", shape->verb, NULL);
    g_autoptr(GOptionContext) context = g_option_context_new(_(shape->shown));
    add_options_of(context, shape, &values);
    account_desk_add_options(context, &desk, shape->changes);
    g_option_context_set_summary(context, _(shape->command.summary));
    if (shape->help != NULL)
        g_option_context_set_description(context, _(shape->help));
    int status = command_parse(name, context, &argc, &argv);
    if (status != 0)
        return status;
    if (!account_desk_open(&desk, &error))
        return command_fail(name, error);
    return run_words(&desk, shape, &values, argc - 1, argv + 1);
}

static int
run(int argc, char **argv)
{
    static const Command *const others[] = {&account_discover_command, &account_import_command, &account_export_command,
                                            &account_handover_command, &account_leave_command,  &command_account_audit,
                                            &command_account_forwards};
    const Command *table[G_N_ELEMENTS(shapes) + G_N_ELEMENTS(others) + 1] = {NULL};
    for (guint i = 0; i < G_N_ELEMENTS(others); i++)
        table[i] = others[i];
    for (guint i = 0; i < G_N_ELEMENTS(shapes); i++)
        table[G_N_ELEMENTS(others) + i] = &shapes[i].command;
    return command_dispatch("account", table, NULL, argc, argv);
}

const Command command_account = {"account", N_("the register of accounts: who may send, by whose approval"), run};
