/* hangu account handover, leave: a new owner, or none. */
#include "config.h"
#include "account_desk.h"
#include "account_held.h"
#include "account_print.h"
#include "account_sessions.h"
#include "print.h"
#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    AccountDesk desk;
    char *dovecot, *postfix;
    char *owner, *approver, *date, *role;
    GPtrArray *names; /* char *: what Dovecot and the gate may call the account; ends with NULL */
    guint open;       /* steps that are not done */
} Going;

static void
going_clear(Going *going)
{
    account_desk_clear(&going->desk);
    g_clear_pointer(&going->names, g_ptr_array_unref);
    char *texts[] = {going->dovecot, going->postfix, going->owner, going->approver, going->date, going->role};
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Going, going_clear)

static const char *
item_shown(const char *item)
{
    static const struct {
        const char *item, *text;
    } items[] = {
        {"account", N_("account suspended, new password forced")},
        {"delegations", N_("delegations ended")},
        {"aliases", N_("aliases to hand over or take away")},
        {"shared-mailboxes", N_("unit mailboxes that need another keeper")},
        {"watch", N_("watched until")},
        {"sessions", N_("sessions")},
        {"sieve", N_("Sieve scripts")},
        {"held", N_("held letters")},
    };
    for (guint i = 0; i < G_N_ELEMENTS(items); i++)
        if (g_str_equal(items[i].item, item))
            return _(items[i].text);
    return item;
}

static void
say(Going *going, const char *item, const char *status, const char *what)
{
    gboolean done = g_str_equal(status, "done");
    going->open += !done;
    if (going->desk.json)
        print_json(json_pack("{s:s, s:s, s:s}", "item", item, "status", status, "what", what), stdout);
    else
        printf("[%s] %s%s%s\n",
               done                            ? _("done")
               : g_str_equal(status, "failed") ? _("failed")
                                               : _("to do"),
               item_shown(item), *what != '\0' ? ": " : "", what);
}

/* The address, its aliases, and the name before "@": any of them may be a login name. */
static void
set_names(Going *going, const char *address, const json_t *aliases)
{
    gsize i;
    json_t *alias;
    going->names = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(going->names, g_strdup(address));
    json_array_foreach(aliases, i, alias) if (*json_string_value(alias) != '@')
        g_ptr_array_add(going->names, g_strdup(json_string_value(alias)));
    g_ptr_array_add(going->names, g_strndup(address, strcspn(address, "@")));
    g_ptr_array_add(going->names, NULL);
}

static const char *const *
names_of(const Going *going)
{
    return (const char *const *)going->names->pdata;
}

static void
end_sessions(Going *going)
{
    g_autofree char *text = NULL;
    if (going->desk.dry_run) {
        say(going, "sessions", "to-do", _("would be ended"));
        return;
    }
    StepStatus status = account_sessions_end(going->dovecot, names_of(going), &text);
    say(going, "sessions", step_status_word(status), text);
}

/* --- handover ------------------------------------------------------------------------------------------------ */

static int
hand_over(Going *going, const char *address)
{
    GError *error = NULL;
    json_auto_t *rows = account_desk_ask(&going->desk,
                                         json_pack("{s:s, s:s, s:s?, s:s?}", "verb", "handover", "account", address,
                                                   "owner", going->owner, "approver", going->approver),
                                         &error);
    if (rows == NULL)
        return command_fail("account handover", error);
    const json_t *row = json_array_get(rows, 0);
    if (going->desk.json) {
        print_json(json_incref((json_t *)row), stdout);
    } else {
        account_print_change(row, going->desk.dry_run);
        printf(_("  the old password no longer counts: the successor sets a new one (hangu passwd)\n"));
    }
    set_names(going, account_text(row, "address"), json_object_get(row, "aliases"));
    end_sessions(going);
    return going->open > 0 ? 1 : 0;
}

static int
run_handover(int argc, char **argv)
{
    g_auto(Going) going = {0};
    const GOptionEntry entries[] = {
        {"owner", 0, 0, G_OPTION_ARG_STRING, &going.owner, N_("the successor: name or address"), N_("PERSON")},
        {"approver", 0, 0, G_OPTION_ARG_STRING, &going.approver, N_("officer who approves: name or address"),
         N_("PERSON")},
        {"dovecot-config", 0, 0, G_OPTION_ARG_FILENAME, &going.dovecot, N_("Dovecot's configuration file"), N_("FILE")},
        {NULL},
    };
    GError *error = NULL;
    g_autoptr(GOptionContext) context = g_option_context_new(_("ADDRESS"));
    g_option_context_add_main_entries(context, entries, PACKAGE);
    account_desk_add_options(context, &going.desk, TRUE);
    g_option_context_set_summary(context,
                                 _("Gives an account to a successor: new owner, new password, no session left."));
    g_option_context_set_description(
        context, _("Example:\n  hangu account handover caiwu@unit.example --owner 周洁 --approver 王刚\n"));
    int status = command_parse("account handover", context, &argc, &argv);
    if (status == 0 && (argc != 2 || going.owner == NULL || going.approver == NULL))
        status = command_usage("account handover", _("it takes: %s"), _("ADDRESS --owner PERSON --approver PERSON"));
    if (status != 0)
        return status;
    return account_desk_open(&going.desk, &error) ? hand_over(&going, argv[1])
                                                  : command_fail("account handover", error);
}

const Command account_handover_command = {"handover", N_("give an account to a successor"), run_handover};

/* --- leave --------------------------------------------------------------------------------------------------- */

static char *
text_of_item(const json_t *row)
{
    const json_t *what = json_object_get(row, "what");
    return json_is_string(what)  ? g_strdup(json_string_value(what))
           : json_is_array(what) ? account_texts(what)
                                 : g_strdup(account_text(what, "address"));
}

/* What the register did; the account and its aliases stand there, too. */
static void
show_rows(Going *going, const json_t *rows)
{
    gsize i;
    json_t *row;
    const json_t *aliases = NULL;
    const char *address = "";
    json_array_foreach(rows, i, row)
    {
        const char *item = account_text(row, "item");
        g_autofree char *text = text_of_item(row);
        if (g_str_equal(item, "account"))
            address = account_text(json_object_get(row, "what"), "address");
        if (g_str_equal(item, "aliases"))
            aliases = json_object_get(row, "what");
        say(going, item, account_text(row, "status"), text);
    }
    set_names(going, address, aliases);
}

static int
leave(Going *going, const char *name)
{
    GError *error = NULL;
    json_t *request = json_pack("{s:s, s:s}", "verb", "leave", "account", name);
    if (going->date != NULL)
        json_object_set_new(request, "date", json_string(going->date));
    if (going->role != NULL)
        json_object_set_new(request, "role", json_string(going->role));
    json_auto_t *rows = account_desk_ask(&going->desk, request, &error);
    if (rows == NULL)
        return command_fail("account leave", error);
    show_rows(going, rows);
    end_sessions(going);
    g_autofree char *sieve = NULL, *held = NULL;
    StepStatus status = account_sieve_stop(going->dovecot, names_of(going), going->desk.dry_run, &sieve);
    say(going, "sieve", step_status_word(status), sieve);
    status = account_held_look(going->desk.settings, going->postfix, names_of(going), &held);
    say(going, "held", step_status_word(status), held);
    if (!going->desk.json && going->open > 0)
        printf(ngettext("%u step is still open; run this again when it is done.\n",
                        "%u steps are still open; run this again when they are done.\n", going->open),
               going->open);
    return going->open > 0 ? 1 : 0;
}

static int
run_leave(int argc, char **argv)
{
    g_auto(Going) going = {0};
    const GOptionEntry entries[] = {
        {"date", 0, 0, G_OPTION_ARG_STRING, &going.date, N_("day the person left; default today"), N_("DATE")},
        {"role", 0, 0, G_OPTION_ARG_STRING, &going.role,
         N_("core (watched 2 years), important (1 year), ordinary (6 months)"), N_("ROLE")},
        {"dovecot-config", 0, 0, G_OPTION_ARG_FILENAME, &going.dovecot, N_("Dovecot's configuration file"), N_("FILE")},
        {"postfix-config", 0, 0, G_OPTION_ARG_FILENAME, &going.postfix, N_("Postfix configuration directory"),
         N_("DIR")},
        {NULL},
    };
    GError *error = NULL;
    g_autoptr(GOptionContext) context = g_option_context_new(_("ADDRESS"));
    g_option_context_add_main_entries(context, entries, PACKAGE);
    account_desk_add_options(context, &going.desk, TRUE);
    g_option_context_set_summary(
        context, _("The check list for somebody who leaves: does what can be done, says what is left for people.\n"
                   "It may be run again as often as needed; exit status 1 while a step is open."));
    g_option_context_set_description(
        context, _("Example:\n  hangu account leave zhangwei@unit.example --role important --date 2026-11-30\n"));
    int status = command_parse("account leave", context, &argc, &argv);
    if (status == 0 && argc != 2)
        status = command_usage("account leave", _("it takes: %s"), _("ADDRESS"));
    if (status != 0)
        return status;
    return account_desk_open(&going.desk, &error) ? leave(&going, argv[1]) : command_fail("account leave", error);
}

const Command account_leave_command = {"leave", N_("the check list for somebody who leaves"), run_leave};
