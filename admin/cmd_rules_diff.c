/* hangu rules diff: what differs between two rule sets, and which letters would be decided otherwise. */
#include "config.h"
#include "clock.h"
#include "cmd_rules.h"
#include "collect.h"
#include "command.h"
#include "direction.h"
#include "errors.h"
#include "inspect.h"
#include "kept.h"
#include "letters.h"
#include "print.h"
#include "rule_changes.h"
#include <glib/gi18n.h>
#include <string.h>
#include <unistd.h>

#define PROGRESS_US (G_USEC_PER_SEC / 2)

typedef struct {
    const char *name; /* as given */
    RuleSources *sources;
    Ruleset *ruleset;
    Inspector *inspector;
} Side;

typedef struct {
    char *config, *policy_file, *direction, *now;
    gboolean json;
    Direction way;
    gint64 now_us;
    Settings *settings;
    Policy *policy;
    Extractor *extractor;
    Side sides[2];     /* old, new */
    GHashTable *moves; /* "accept → hold" -> count */
    guint letters, changed, errors;
} Diff;

/* What one side made of a letter. */
typedef struct {
    const char *verdict, *class, *level;
    char *row;
    char *rules; /* ids, sorted, between blanks */
} Outcome;

static void
outcome_clear(Outcome *outcome)
{
    g_free(outcome->row);
    g_free(outcome->rules);
}

static void
diff_clear(Diff *diff)
{
    for (guint i = 0; i < 2; i++) {
        inspector_free(diff->sides[i].inspector);
        ruleset_free(diff->sides[i].ruleset);
        rule_sources_free(diff->sides[i].sources);
    }
    extractor_free(diff->extractor);
    policy_free(diff->policy);
    settings_free(diff->settings);
    g_clear_pointer(&diff->moves, g_hash_table_unref);
    g_free(diff->config);
    g_free(diff->policy_file);
    g_free(diff->direction);
    g_free(diff->now);
}

/* --- loading --------------------------------------------------------------------------------------------------- */

/* A directory, or the digest (or its beginning) of a set that is kept. NULL with error. */
static char *
directory_of(const Diff *diff, const char *name, GError **error)
{
    if (g_file_test(name, G_FILE_TEST_IS_DIR))
        return g_strdup(name);
    g_autoptr(GPtrArray) history = kept_history(diff->settings->rule_sets_dir, error);
    const char *found = NULL;
    if (history == NULL)
        return NULL;
    for (guint i = 0; i < history->len; i++) {
        const KeptUse *use = g_ptr_array_index(history, i);
        const char *hex = strchr(use->ruleset, ':');
        if (!g_str_has_prefix(use->ruleset, name) && (hex == NULL || !g_str_has_prefix(hex + 1, name)))
            continue;
        if (found != NULL && strcmp(found, use->ruleset) != 0) {
            g_set_error(error, HANGU_ERROR, HANGU_ERROR_USAGE, _("several kept rule sets begin with \"%s\""), name);
            return NULL;
        }
        found = use->ruleset;
    }
    char *path = found != NULL && strlen(name) >= 8 ? kept_set_path(diff->settings->rule_sets_dir, found) : NULL;
    if (path == NULL)
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_NO_INPUT,
                    _("%s is neither a directory of packs nor the digest of a kept rule set"), name);
    return path;
}

static gboolean
side_load(Diff *diff, Side *side, Problems *problems, GError **error)
{
    g_autofree char *directory = directory_of(diff, side->name, error);
    if (directory == NULL)
        return FALSE;
    side->sources = rule_sources_read(directory, problems);
    if (side->sources != NULL)
        side->ruleset = ruleset_compile(side->sources, NULL, NULL, problems);
    return side->ruleset != NULL;
}

static gboolean
load_all(Diff *diff, gboolean letters, GError **error)
{
    g_autoptr(Problems) problems = problems_new();
    diff->settings = settings_load(diff->config, problems);
    if (diff->settings == NULL)
        return !problems_to_error(problems, error) && FALSE;
    if (access(diff->settings->spool_dir, W_OK | X_OK) != 0) {
        g_free(diff->settings->spool_dir);
        diff->settings->spool_dir = g_strdup(g_get_tmp_dir());
    }
    for (guint i = 0; i < 2; i++)
        if (!side_load(diff, &diff->sides[i], problems, error))
            return (*error != NULL || !problems_to_error(problems, error)) && FALSE;
    if (!letters)
        return TRUE;
    const char *policy = diff->policy_file != NULL ? diff->policy_file : diff->settings->policy_file;
    diff->policy = policy_load(policy, problems);
    if (diff->policy == NULL)
        return !problems_to_error(problems, error) && FALSE;
    diff->extractor = extractor_start(diff->settings);
    for (guint i = 0; i < 2; i++) {
        diff->sides[i].inspector = inspector_new(diff->settings, diff->sides[i].ruleset, diff->policy);
        inspector_set_extractor(diff->sides[i].inspector, diff->extractor);
    }
    return TRUE;
}

/* --- rules ------------------------------------------------------------------------------------------------------- */

static const char *
change_label(RuleChangeKind kind)
{
    return kind == RULE_ADDED ? _("added") : kind == RULE_REMOVED ? _("removed") : _("changed");
}

static json_t *
changes_json(const GPtrArray *changes)
{
    json_t *list = json_array();
    for (guint i = 0; i < changes->len; i++) {
        const RuleChange *change = g_ptr_array_index(changes, i);
        json_t *lines = json_array();
        for (guint k = 0; k < change->lines->len; k++)
            json_array_append_new(lines, json_string(g_ptr_array_index(change->lines, k)));
        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:o}", "kind", change->cue ? "cue" : "rule", "id",
                                              change->id, "change", rule_change_word(change->kind), "lines", lines));
    }
    return list;
}

static void
changes_print(const GPtrArray *changes)
{
    for (guint i = 0; i < changes->len; i++) {
        const RuleChange *change = g_ptr_array_index(changes, i);
        printf("%s %s: %s\n", change->cue ? _("cue") : _("rule"), change->id, change_label(change->kind));
        for (guint k = 0; k < change->lines->len; k++)
            printf("    %s\n", (const char *)g_ptr_array_index(change->lines, k));
    }
}

/* --- letters --------------------------------------------------------------------------------------------------- */

static int
text_compare(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static char *
rules_of(const Message *message)
{
    g_autoptr(GPtrArray) ids = g_ptr_array_new();
    for (guint i = 0; i < message->findings->len; i++) {
        const Finding *finding = g_ptr_array_index(message->findings, i);
        if (finding->confidence >= CONFIDENCE_UNCERTAIN && !g_ptr_array_find(ids, finding->rule, NULL))
            g_ptr_array_add(ids, (gpointer)finding->rule);
    }
    g_ptr_array_sort(ids, text_compare);
    g_ptr_array_add(ids, NULL);
    return g_strjoinv(" ", (char **)ids->pdata);
}

/* The letter, ready to be inspected. NULL with error. */
static Message *
letter_open(const Diff *diff, const LetterPlace *place, GError **error)
{
    g_autoptr(Message) message = letters_open(place, diff->settings, error);
    if (message == NULL)
        return NULL;
    message->envelope.received_us = diff->now_us;
    message->envelope.direction_given = diff->direction != NULL;
    message->envelope.direction = diff->way;
    if (!collect_envelope(message, TRUE, TRUE, diff->settings, error))
        return NULL;
    return g_steal_pointer(&message);
}

/* `user`: Outcome of each side. */
static void
outcome_take(const Message *message, guint side, gpointer user)
{
    Outcome *outcome = (Outcome *)user + side;
    *outcome = (Outcome){verdict_word(message->decision.verdict), class_word(message->class),
                         level_word(message->level), g_strdup(message->decision.row), rules_of(message)};
}

/* What both sides make of it: read once, unless they read differently. */
static gboolean
letter_inspect(const Diff *diff, const LetterPlace *place, Outcome *outcomes, GError **error)
{
    gboolean alone = FALSE;
    g_autoptr(Message) both = letter_open(diff, place, error);
    if (both == NULL || !inspector_run_both(diff->sides[0].inspector, diff->sides[1].inspector, both, outcome_take,
                                            outcomes, &alone, error))
        return FALSE;
    for (guint i = 0; alone && i < G_N_ELEMENTS(diff->sides); i++) {
        g_autoptr(Message) message = letter_open(diff, place, error);
        if (message == NULL || !inspector_run(diff->sides[i].inspector, message, -1, error))
            return FALSE;
        outcome_take(message, i, outcomes);
    }
    return TRUE;
}

static json_t *
outcome_json(const Outcome *outcome)
{
    json_t *rules = json_array();
    g_auto(GStrv) ids = g_strsplit(outcome->rules, " ", -1);
    for (char **id = ids; *id != NULL; id++)
        if (**id != '\0')
            json_array_append_new(rules, json_string(*id));
    return json_pack("{s:s, s:s, s:s, s:s?, s:o}", "verdict", outcome->verdict, "class", outcome->class, "level",
                     outcome->level, "policy", outcome->row, "rules", rules);
}

static void
print_pair(const char *what, const char *old, const char *new)
{
    if (g_strcmp0(old, new) != 0)
        printf("    %s: %s → %s\n", what, old != NULL && *old != '\0' ? old : "-",
               new != NULL &&*new != '\0' ? new : "-");
}

static void
tell(Diff *diff, const LetterPlace *place, const Outcome *old, const Outcome *new)
{
    g_autofree char *name = g_utf8_make_valid(place->name, -1);
    g_autofree char *move = g_strdup_printf("%s → %s", old->verdict, new->verdict);
    guint count = GPOINTER_TO_UINT(g_hash_table_lookup(diff->moves, move));
    diff->changed++;
    g_hash_table_insert(diff->moves, g_steal_pointer(&move), GUINT_TO_POINTER(count + 1));
    if (diff->json) {
        print_json(json_pack("{s:i, s:s, s:o, s:o}", "v", 1, "letter", name, "old", outcome_json(old), "new",
                             outcome_json(new)),
                   stdout);
        return;
    }
    printf("%s\n", name);
    print_pair(_("verdict"), old->verdict, new->verdict);
    print_pair(_("class"), old->class, new->class);
    print_pair(_("level"), old->level, new->level);
    print_pair(_("policy"), old->row, new->row);
    print_pair(_("rules"), old->rules, new->rules);
}

static void
letter_compare(Diff *diff, const LetterPlace *place)
{
    Outcome outcomes[2] = {{0}};
    const Outcome *old = &outcomes[0], *new = &outcomes[1];
    g_autoptr(GError) error = NULL;
    diff->letters++;
    if (!letter_inspect(diff, place, outcomes, &error)) {
        diff->errors++;
        g_printerr("hangu rules diff: %s: %s\n", place->name, error->message);
    } else if (strcmp(old->verdict, new->verdict) != 0 || strcmp(old->class, new->class) != 0 ||
               strcmp(old->level, new->level) != 0 || g_strcmp0(old->row, new->row) != 0 ||
               strcmp(old->rules, new->rules) != 0) {
        tell(diff, place, old, new);
    }
    outcome_clear(&outcomes[0]);
    outcome_clear(&outcomes[1]);
}

static void
letters_compare(Diff *diff, const GPtrArray *places)
{
    gboolean shown = isatty(STDERR_FILENO);
    gint64 next_us = clock_monotonic_us() + PROGRESS_US;
    for (guint i = 0; i < places->len; i++) {
        letter_compare(diff, g_ptr_array_index(places, i));
        if (!shown || clock_monotonic_us() < next_us)
            continue;
        fprintf(stderr, "\r");
        fprintf(stderr, _("%u of %u letters, %u otherwise "), i + 1, places->len, diff->changed);
        next_us = clock_monotonic_us() + PROGRESS_US;
    }
    if (shown)
        fputs("\r\033[K", stderr);
}

static void
summary_print(const Diff *diff, const GPtrArray *changes)
{
    GHashTableIter iterator;
    gpointer move, count;
    json_t *moves = json_object();
    g_hash_table_iter_init(&iterator, diff->moves);
    while (g_hash_table_iter_next(&iterator, &move, &count)) {
        json_object_set_new(moves, move, json_integer(GPOINTER_TO_UINT(count)));
        if (!diff->json)
            printf("%6u  %s\n", GPOINTER_TO_UINT(count), (const char *)move);
    }
    if (diff->json)
        print_json(json_pack("{s:i, s:s, s:s, s:i, s:i, s:i, s:O, s:o}", "v", 1, "old",
                             ruleset_digest(diff->sides[0].ruleset), "new", ruleset_digest(diff->sides[1].ruleset),
                             "letters", (int)diff->letters, "changed", (int)diff->changed, "errors", (int)diff->errors,
                             "moves", moves, "rules", changes_json(changes)),
                   stdout);
    else
        printf(_("rules that differ: %u; letters: %u, decided otherwise: %u, not read: %u\n"), changes->len,
               diff->letters, diff->changed, diff->errors);
    json_decref(moves);
}

static int
diff_run(Diff *diff, const char *const *paths, guint count)
{
    GError *error = NULL;
    diff->moves = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    if (!load_all(diff, count > 0, &error))
        return command_fail("rules diff", error);
    g_autoptr(GPtrArray) places = letters_find(paths, count, &error);
    if (places == NULL)
        return command_fail("rules diff", error);
    g_autoptr(GPtrArray) changes = rule_changes(diff->sides[0].sources, diff->sides[1].sources);
    if (!diff->json)
        changes_print(changes);
    letters_compare(diff, places);
    summary_print(diff, changes);
    return diff->errors > 0 ? HANGU_ERROR_IO : diff->changed > 0 || (count == 0 && changes->len > 0);
}

int
cmd_rules_diff(int argc, char **argv)
{
    Diff diff = {0};
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &diff.config, N_("settings file; without it the installed one"),
         N_("FILE")},
        {"policy", 0, 0, G_OPTION_ARG_FILENAME, &diff.policy_file, N_("policy file"), N_("FILE")},
        {"direction", 'd', 0, G_OPTION_ARG_STRING, &diff.direction,
         N_("in, out or local; without it derived from sender and recipients"), N_("WAY")},
        {"now", 0, 0, G_OPTION_ARG_STRING, &diff.now, N_("time of the decision, RFC 3339"), N_("TIME")},
        {"json", 0, 0, G_OPTION_ARG_NONE, &diff.json, N_("JSON instead of text"), NULL},
        {NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new(_("OLD NEW [FILE|DIR...]"));
    g_autoptr(GError) error = NULL;
    g_option_context_add_main_entries(context, entries, PACKAGE);
    g_option_context_set_summary(
        context, _("What differs between two rule sets (directories of packs, or digests of kept sets),\n"
                   "and which of the letters (files, mailboxes, directories) they decide otherwise.\n"
                   "Exit status: 0 no letter is decided otherwise (or, without letters, no rule\n"
                   "differs), 1 some are."));
    int status = command_parse("rules diff", context, &argc, &argv);
    if (status == 0 && argc < 3)
        status = command_usage("rules diff", _("name the old and the new rules"));
    else if (status == 0 && diff.direction != NULL && !direction_parse(diff.direction, &diff.way))
        status = command_usage("rules diff", _("--direction is in, out or local, not \"%s\""), diff.direction);
    diff.now_us = clock_wall_us();
    if (status == 0 && diff.now != NULL && !clock_parse(diff.now, &diff.now_us, &error))
        status = command_usage("rules diff", "--now: %s", error->message);
    if (status == 0) {
        diff.sides[0].name = argv[1];
        diff.sides[1].name = argv[2];
        status = diff_run(&diff, (const char *const *)argv + 3, (guint)argc - 3);
    }
    diff_clear(&diff);
    return status;
}
