/* hangu check: what the gate would do with a letter, and why; the very same code, and nothing kept. */
#include "config.h"
#include "account.h"
#include "address.h"
#include "authd_client.h"
#include "check_text.h"
#include "clock.h"
#include "collect.h"
#include "commands.h"
#include "direction.h"
#include "errors.h"
#include "fold.h"
#include "inspect.h"
#include "print.h"
#include "replay.h"
#include "report.h"
#include <glib/gi18n.h>
#include <string.h>
#include <unistd.h>

#define ASK_PATIENCE_US (5 * G_USEC_PER_SEC)

typedef struct {
    char *direction, *from, *auth_user, *client_ip, *now, *seen, *history, *config, *rules, *policy, *ruleset, *record;
    char **rcpt, **account_problem;
    guint account_problems;
    gboolean json;
} Options;

typedef struct {
    Options *options;
    Settings *settings;
    Ruleset *rules;
    Policy *policy;
    Inspector *inspector;
    Extractor *extractor;
    Replay *replay; /* NULL: none */
    Papers *papers;
    FingerprintKey papers_key;
    AuthdClient *authd; /* NULL: accounts are not asked about */
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

/* A letter is judged by the settings of then; where things lie on this machine is what those of now say. */
static gboolean
replay_settings(Check *check, Problems *problems, GError **error)
{
    const Options *options = check->options;
    if (options->ruleset == NULL && options->record == NULL)
        return TRUE;
    check->replay = replay_open(options->record, options->ruleset, options->now != NULL ? check->now_us : -1,
                                check->settings, error);
    if (check->replay == NULL)
        return FALSE;
    if (check->replay->time_us >= 0)
        check->now_us = check->replay->time_us;
    if (check->replay->settings_path == NULL)
        return TRUE;
    Settings *then = settings_load(check->replay->settings_path, problems), *now = check->settings;
    if (then == NULL)
        return !problems_to_error(problems, error) && FALSE;
    char **const places[][2] = {
        {&then->spool_dir, &now->spool_dir},           {&then->rules_dir, &now->rules_dir},
        {&then->policy_file, &now->policy_file},       {&then->papers_file, &now->papers_file},
        {&then->extract_socket, &now->extract_socket}, {&then->extract_program, &now->extract_program}};
    for (gsize i = 0; i < G_N_ELEMENTS(places); i++) {
        char *of_then = *places[i][0];
        *places[i][0] = *places[i][1];
        *places[i][1] = of_then;
    }
    then->extract_walls = now->extract_walls;
    check->settings = then;
    settings_free(now);
    return TRUE;
}

/* Whether the rules are those that were asked for. Kept ones are; that another engine gives them another digest is
 * told with the decision, but then each file must say itself what it is: nobody can tell any more. */
static gboolean
right_rules(const Check *check, const char *rules, GError **error)
{
    const Replay *replay = check->replay;
    const char *digest = ruleset_digest(check->rules);
    if (replay == NULL || strcmp(replay->ruleset, digest) == 0)
        return TRUE;
    gboolean kept = replay->rules_path != NULL && strcmp(replay->rules_path, rules) == 0;
    gboolean same_makers =
        g_strcmp0(replay->engine, ruleset_engine()) == 0 && g_strcmp0(replay->fold, fold_digest()) == 0;
    if (kept && !same_makers)
        return TRUE;
    if (kept)
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA,
                    _("the kept rules in %s were changed: they have the digest %s"), rules, digest);
    else
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_SETTINGS,
                    _("the rules %s are not kept (`hangu rules sets` lists those that are), and those in %s have the "
                      "digest %s; name the directory of the wanted rules with --rules"),
                    replay->ruleset, rules, digest);
    return FALSE;
}

/* The key is nobody's business but the gate's and the officers': who may not read it is told what he does not see. */
static gboolean
load_papers(Check *check, GError **error)
{
    g_autoptr(GError) wrong = NULL;
    if (replay_open_papers(check->replay, check->settings, &check->papers, &check->papers_key, &wrong) >= 0) {
        inspector_set_papers(check->inspector, check->papers, &check->papers_key);
        return TRUE;
    }
    if (!g_error_matches(wrong, HANGU_ERROR, HANGU_ERROR_PERMISSION)) {
        g_propagate_error(error, g_steal_pointer(&wrong));
        return FALSE;
    }
    g_printerr(_("hangu check: registered papers are not looked for: %s\n"), wrong->message);
    return TRUE;
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
    if (!replay_settings(check, problems, error))
        return FALSE;
    const Replay *replay = check->replay;
    g_autofree char *rules = find_data(
        options->rules == NULL && replay != NULL && replay->rules_path != NULL ? replay->rules_path : options->rules,
        "HANGU_RULES_DIR", check->settings->rules_dir, "rules/packs");
    g_autofree char *policy =
        find_data(options->policy == NULL && replay != NULL && replay->policy_path != NULL ? replay->policy_path
                                                                                           : options->policy,
                  "HANGU_POLICY_FILE", check->settings->policy_file, "contrib/policy.yaml");
    check->rules = ruleset_load(rules, NULL, NULL, problems);
    check->policy = policy_load(policy, problems);
    if (problems_to_error(problems, error) || !right_rules(check, rules, error))
        return FALSE;
    check->inspector = inspector_new(check->settings, check->rules, check->policy);
    check->extractor = extractor_start(check->settings);
    inspector_set_extractor(check->inspector, check->extractor);
    return load_papers(check, error);
}

static void
check_clear(Check *check)
{
    g_clear_pointer(&check->inspector, inspector_free);
    g_clear_pointer(&check->extractor, extractor_free);
    g_clear_pointer(&check->papers, papers_free);
    g_clear_pointer(&check->authd, authd_client_free);
    g_clear_pointer(&check->policy, policy_free);
    g_clear_pointer(&check->rules, ruleset_free);
    g_clear_pointer(&check->settings, settings_free);
    g_clear_pointer(&check->replay, replay_free);
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

/* Of the account only what the register or the caller tells: how the session came to be nobody said. */
static void
fill_account(Check *check, Envelope *envelope)
{
    const Options *options = check->options;
    g_autoptr(GError) error = NULL;
    if (check->settings->accounts_ask && envelope->auth_user != NULL && envelope->account == NULL) {
        const AuthdQuestion question = {
            .account = envelope->auth_user, .client_ip = envelope->client_ip, .sender = envelope->sender};
        if (check->authd == NULL)
            check->authd = authd_client_new(check->settings->accounts_socket);
        envelope->account =
            authd_ask(check->authd, &question, clock_monotonic_us() + ASK_PATIENCE_US, NULL, NULL, &error);
        if (envelope->account == NULL) {
            g_printerr(_("hangu check: nothing is known of the account: %s\n"), error->message);
            envelope->account = submitter_new(SUBMITTER_MISSING);
        }
    }
    if (options->account_problems == 0)
        return;
    if (envelope->account == NULL)
        envelope->account = submitter_new(SUBMITTER_UNKNOWN);
    envelope->account->problems |= options->account_problems;
    envelope->account->stage = SUBMITTER_STAGE_ENFORCE;
}

static gboolean
fill_envelope(Check *check, Message *message, GError **error)
{
    const Options *options = check->options;
    Envelope *envelope = &message->envelope;
    envelope->received_us = check->now_us;
    envelope->auth_user = g_strdup(options->auth_user);
    envelope->client_ip = g_strdup(options->client_ip);
    envelope->seen = g_strdup(options->seen);
    envelope->history = g_strdup(options->history);
    envelope->direction_given = options->direction != NULL;
    envelope->direction = check->direction;
    if (options->from != NULL) {
        g_free(envelope->sender);
        envelope->sender = g_strdup(options->from);
    }
    for (char **one = options->rcpt; one != NULL && *one != NULL; one++)
        g_ptr_array_add(envelope->recipients, g_strdup(*one));
    gboolean told = check->replay != NULL && check->replay->record != NULL;
    if (told)
        replay_fill_envelope(check->replay, envelope, options->from == NULL, options->rcpt == NULL);
    else if (!collect_envelope(message, options->from == NULL, options->rcpt == NULL, check->settings, error))
        return FALSE;
    if (!told)
        assume_submission(message, check->settings);
    fill_account(check, envelope);
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
    json_auto_t *replay = check->replay == NULL
                              ? NULL
                              : replay_report(check->replay, message, check->rules, check->policy, check->settings);
    if (check->options->json) {
        json_t *report = report_check(message, file, check->rules, check->policy, check->chinese);
        if (replay != NULL)
            json_object_set(report, "replay", replay);
        print_json(report, stdout);
    } else {
        g_autofree char *text = check_text(message, check->policy, file, check->chinese, print_wants_colour(stdout));
        g_autofree char *compared = replay != NULL ? replay_text(replay) : NULL;
        printf("%s%s%s", check->shown++ > 0 ? "\n" : "", text, compared != NULL ? compared : "");
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
    Options *options = check->options;
    g_autoptr(GError) error = NULL;
    if (options->direction != NULL && !direction_parse(options->direction, &check->direction))
        return command_usage("check", _("--direction is in, out or local, not \"%s\""), options->direction);
    for (char **word = options->account_problem; word != NULL && *word != NULL; word++) {
        guint bit;
        if (!submitter_problem_parse(*word, &bit))
            return command_usage("check", _("--account-problem: there is no problem \"%s\"; see hangu-policy(5)"),
                                 *word);
        options->account_problems |= bit;
    }
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
    g_free(options->seen);
    g_free(options->history);
    g_free(options->config);
    g_free(options->rules);
    g_free(options->policy);
    g_free(options->ruleset);
    g_free(options->record);
    g_strfreev(options->rcpt);
    g_strfreev(options->account_problem);
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
        {"account-problem", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.account_problem,
         N_("what is wrong with that account, as if its group were in enforce; may be repeated"), N_("WORD")},
        {"client-ip", 0, 0, G_OPTION_ARG_STRING, &options.client_ip, N_("address of the SMTP client"), N_("IP")},
        {"now", 0, 0, G_OPTION_ARG_STRING, &options.now, N_("time of the decision, RFC 3339"), N_("TIME")},
        {"seen", 0, 0, G_OPTION_ARG_STRING, &options.seen,
         N_("what the gate would know of its way: \"message-id\", \"body\" (it came in for a local user shortly "
            "before), "
            "\"orcpt\" (an alias of a local user leads there)"),
         N_("WORDS")},
        {"history", 0, 0, G_OPTION_ARG_STRING, &options.history,
         N_("what the gate would know of recipients, by index: \"0:12:4\" (12 letters with work papers on 4 days, this "
            "one among them), \"1:own\" (the account's owner)"),
         N_("WORDS")},
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &options.config, N_("settings file; without it the installed one"),
         N_("FILE")},
        {"rules", 0, 0, G_OPTION_ARG_FILENAME, &options.rules, N_("directory of the rules"), N_("DIR")},
        {"policy", 0, 0, G_OPTION_ARG_FILENAME, &options.policy, N_("policy file"), N_("FILE")},
        {"ruleset", 0, 0, G_OPTION_ARG_STRING, &options.ruleset,
         N_("decide again by the rules of this digest, kept when they were in force"), N_("DIGEST")},
        {"record", 0, 0, G_OPTION_ARG_FILENAME, &options.record,
         N_("decide again what this record tells of, by rules, policy, settings, time and sender of then; says what "
            "differs"),
         N_("FILE|ID")},
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
