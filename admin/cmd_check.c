/* hangu check: what the gate would do with a letter, and why; the very same code, and nothing kept. */
#include "config.h"
#include "address.h"
#include "check_text.h"
#include "clock.h"
#include "collect.h"
#include "commands.h"
#include "direction.h"
#include "errors.h"
#include "inspect.h"
#include "print.h"
#include "report.h"
#include <glib/gi18n.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    char *direction, *from, *auth_user, *client_ip, *now, *config, *rules, *policy, *ruleset;
    char **rcpt;
    gboolean json;
} Options;

typedef struct {
    const Options *options;
    Settings *settings;
    Ruleset *rules;
    Policy *policy;
    Inspector *inspector;
    Extractor *extractor;
    Direction direction;
    gint64 now_us;
    gboolean chinese;
    guint shown;
} Check;

/* --- what to judge by ------------------------------------------------------------------------------------------- */

/* Given > installed > beside the sources, for a tree that was not installed. Gives or NULL. */
static char *
find_data(const char *given, const char *variable, const char *installed, const char *in_tree)
{
    const char *from_environment = g_getenv(variable), *tree = g_getenv("top_srcdir");
    if (given != NULL)
        return g_strdup(given);
    if (from_environment != NULL && *from_environment != '\0')
        return g_strdup(from_environment);
    if (installed != NULL && g_file_test(installed, G_FILE_TEST_EXISTS))
        return g_strdup(installed);
    g_autofree char *beside = tree == NULL ? NULL : g_build_filename(tree, in_tree, NULL);
    if (beside != NULL && g_file_test(beside, G_FILE_TEST_EXISTS))
        return g_steal_pointer(&beside);
    return g_strdup(installed);
}

/* A letter is inspected without writable state; only what is too big for memory needs a directory for a moment. */
static void
use_temporary_directory(Settings *settings)
{
    if (settings->spool_dir != NULL && access(settings->spool_dir, W_OK | X_OK) == 0)
        return;
    g_free(settings->spool_dir);
    settings->spool_dir = g_strdup(g_get_tmp_dir());
}

static gboolean
load_all(Check *check, GError **error)
{
    const Options *options = check->options;
    g_autoptr(Problems) problems = problems_new();
    check->settings = settings_load(options->config, problems);
    if (check->settings == NULL)
        return !problems_to_error(problems, error) && FALSE;
    use_temporary_directory(check->settings);
    g_autofree char *rules = find_data(options->rules, "HANGU_RULES_DIR", check->settings->rules_dir, "rules/packs");
    g_autofree char *policy =
        find_data(options->policy, "HANGU_POLICY_FILE", check->settings->policy_file, "contrib/policy.yaml");
    check->rules = ruleset_load(rules, NULL, NULL, problems);
    check->policy = policy_load(policy, problems);
    if (problems_to_error(problems, error))
        return FALSE;
    if (options->ruleset != NULL && strcmp(options->ruleset, ruleset_digest(check->rules)) != 0) {
        g_set_error(
            error, HANGU_ERROR, HANGU_ERROR_SETTINGS,
            _("the rules in %s have the digest %s, not %s; name the directory of the wanted rules with --rules"), rules,
            ruleset_digest(check->rules), options->ruleset);
        return FALSE;
    }
    check->inspector = inspector_new(check->settings, check->rules, check->policy);
    check->extractor = extractor_start(check->settings);
    inspector_set_extractor(check->inspector, check->extractor);
    return TRUE;
}

static void
check_clear(Check *check)
{
    g_clear_pointer(&check->inspector, inspector_free);
    g_clear_pointer(&check->extractor, extractor_free);
    g_clear_pointer(&check->policy, policy_free);
    g_clear_pointer(&check->rules, ruleset_free);
    g_clear_pointer(&check->settings, settings_free);
}

/* --- one letter ------------------------------------------------------------------------------------------------- */

/* Nobody said how the letter came: then a sender of ours is believed, as if he had submitted it. */
static void
assume_submission(Message *message, const Settings *settings)
{
    Envelope *envelope = &message->envelope;
    if (envelope->direction_given || envelope->auth_user != NULL || envelope->client_ip != NULL)
        return;
    g_autofree char *sender = address_normal(envelope->sender);
    direction_derive(message, settings);
    if (message->direction != DIRECTION_IN || !address_stays_inside(sender, settings->local_domains))
        return;
    envelope->direction_given = TRUE;
    envelope->direction = DIRECTION_LOCAL;
}

static gboolean
fill_envelope(const Check *check, Message *message, GError **error)
{
    const Options *options = check->options;
    Envelope *envelope = &message->envelope;
    envelope->received_us = check->now_us;
    envelope->auth_user = g_strdup(options->auth_user);
    envelope->client_ip = g_strdup(options->client_ip);
    envelope->direction_given = options->direction != NULL;
    envelope->direction = check->direction;
    if (options->from != NULL) {
        g_free(envelope->sender);
        envelope->sender = g_strdup(options->from);
    }
    for (char **one = options->rcpt; one != NULL && *one != NULL; one++)
        g_ptr_array_add(envelope->recipients, g_strdup(*one));
    if (!collect_envelope(message, options->from == NULL, options->rcpt == NULL, check->settings, error))
        return FALSE;
    assume_submission(message, check->settings);
    return TRUE;
}

static Message *
inspect_file(Check *check, const char *file, GError **error)
{
    g_autoptr(Message) message = collect_file(file, check->settings, error);
    if (message == NULL || !fill_envelope(check, message, error) ||
        !inspector_run(check->inspector, message, -1, error))
        return NULL;
    return g_steal_pointer(&message);
}

/* Exit status of one file. */
static int
check_file(Check *check, const char *file)
{
    static const int statuses[] = {
        [VERDICT_ACCEPT] = 0, [VERDICT_HOLD] = 1, [VERDICT_REJECT] = 2, [VERDICT_TEMPFAIL] = 3};
    GError *error = NULL;
    g_autoptr(Message) message = inspect_file(check, file, &error);
    if (message == NULL) {
        int status = error_exit_status(error);
        if (!check->options->json)
            return command_fail("check", error);
        print_json(report_check_error(file, error, status), stdout);
        g_error_free(error);
        return status;
    }
    if (check->options->json) {
        print_json(report_check(message, file, check->rules, check->policy, check->chinese), stdout);
    } else {
        g_autofree char *text = check_text(message, check->policy, file, check->chinese, print_wants_colour(stdout));
        printf("%s%s", check->shown++ > 0 ? "\n" : "", text);
    }
    return statuses[message->decision.verdict];
}

static int
check_files(Check *check, int count, char **files)
{
    int worst = 0;
    GError *error = NULL;
    if (!load_all(check, &error))
        return command_fail("check", error);
    for (int i = 0; i < count; i++) {
        int status = check_file(check, files[i]);
        worst = MAX(worst, status); /* errors are 64 and more */
    }
    if (extractor_trouble(check->extractor) != NULL)
        g_printerr("hangu check: %s\n", extractor_trouble(check->extractor));
    return worst;
}

/* --- the command line ------------------------------------------------------------------------------------------- */

static int
check_options(Check *check)
{
    const Options *options = check->options;
    g_autoptr(GError) error = NULL;
    if (options->direction != NULL && !direction_parse(options->direction, &check->direction))
        return command_usage("check", _("--direction is in, out or local, not \"%s\""), options->direction);
    check->now_us = clock_wall_us();
    if (options->now != NULL && !clock_parse(options->now, &check->now_us, &error))
        return command_usage("check", "--now: %s", error->message);
    return 0;
}

static void
options_clear(Options *options)
{
    g_free(options->direction);
    g_free(options->from);
    g_free(options->auth_user);
    g_free(options->client_ip);
    g_free(options->now);
    g_free(options->config);
    g_free(options->rules);
    g_free(options->policy);
    g_free(options->ruleset);
    g_strfreev(options->rcpt);
}

static int
run(int argc, char **argv)
{
    Options options = {0};
    const GOptionEntry entries[] = {
        {"direction", 'd', 0, G_OPTION_ARG_STRING, &options.direction,
         N_("in, out or local; without it derived from sender and recipients"), N_("WAY")},
        {"from", 'f', 0, G_OPTION_ARG_STRING, &options.from,
         N_("envelope sender, '' for the null sender; without it taken from the letter"), N_("ADDRESS")},
        {"rcpt", 'r', 0, G_OPTION_ARG_STRING_ARRAY, &options.rcpt,
         N_("envelope recipient, may be repeated; without it taken from the letter"), N_("ADDRESS")},
        {"auth-user", 'u', 0, G_OPTION_ARG_STRING, &options.auth_user, N_("the account that submits"), N_("USER")},
        {"client-ip", 0, 0, G_OPTION_ARG_STRING, &options.client_ip, N_("address of the SMTP client"), N_("IP")},
        {"now", 0, 0, G_OPTION_ARG_STRING, &options.now, N_("time of the decision, RFC 3339"), N_("TIME")},
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &options.config, N_("settings file; without it the installed one"),
         N_("FILE")},
        {"rules", 0, 0, G_OPTION_ARG_FILENAME, &options.rules, N_("directory of the rules"), N_("DIR")},
        {"policy", 0, 0, G_OPTION_ARG_FILENAME, &options.policy, N_("policy file"), N_("FILE")},
        {"ruleset", 0, 0, G_OPTION_ARG_STRING, &options.ruleset, N_("insist on rules of this digest"), N_("DIGEST")},
        {"json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_("one JSON object a line and letter instead of text"), NULL},
        {NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new(N_("FILE...|-"));
    g_option_context_add_main_entries(context, entries, PACKAGE);
    g_option_context_set_summary(
        context,
        _("Says what the gate would do with a letter, and why. Nothing is stored, sent or logged; no daemon\n"
          "and no privilege is needed. Exit status: 0 accept, 1 hold, 2 reject, 3 temporary failure (of several\n"
          "letters the worst); 64 wrong usage, 66 no such file, 74 disk, 77 no permission, 78 settings."));
    Check check = {.options = &options, .chinese = g_str_has_prefix(g_get_language_names()[0], "zh")};
    int status = command_parse("check", context, &argc, &argv);
    if (status == 0 && argc < 2)
        status = command_usage("check", _("name a letter, or - for standard input"));
    if (status == 0)
        status = check_options(&check);
    if (status == 0)
        status = check_files(&check, argc - 1, argv + 1);
    check_clear(&check);
    options_clear(&options);
    return status;
}

const Command command_check = {
    "check",
    N_("what would the gate do with this letter, and why?"),
    run,
};
