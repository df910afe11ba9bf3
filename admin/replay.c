/* replay - then and now are compared as records: what is not in a record cannot be compared, and need not be. */
#include "config.h"
#include "replay.h"
#include "chain_reader.h"
#include "clock.h"
#include "errors.h"
#include "fold.h"
#include "forward.h"
#include "kept.h"
#include "record.h"
#include "report.h"
#include <glib/gi18n.h>
#include <string.h>

#define RECORD_FILE_MAX (1024 * 1024)

/* What a record tells of the decision; parts are compared without their keyed digests. */
static const char *const COMPARED[] = {
    "message_id", "direction",  "mode",           "verdict", "class",       "level",    "rank",
    "term",       "confidence", "coverage",       "why",     "policy",      "observed", "observed_policy",
    "actions",    "findings",   "findings_total", "parts",   "parts_total", "forward",  "oddities"};

static const char *
text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static gboolean G_GNUC_PRINTF(3, 4) fail(GError **error, int code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_set_error_literal(error, HANGU_ERROR, code, text);
    return FALSE;
}

/* --- the record ---------------------------------------------------------------------------------------------- */

static json_t *
record_of_file(const char *path, GError **error)
{
    g_autofree char *bytes = NULL;
    gsize length;
    if (!g_file_get_contents(path, &bytes, &length, error))
        return NULL;
    json_t *record = length <= RECORD_FILE_MAX ? json_loadb(bytes, length, JSON_REJECT_DUPLICATES, NULL) : NULL;
    if (record == NULL)
        fail(error, HANGU_ERROR_DATA, _("%s is not one record as `hangu ledger search --json` prints it"), path);
    return record;
}

/* The letter's own record: a release or a drop names the same id. */
static json_t *
record_of_line(const ChainRaw *raw, const char *id)
{
    if (raw->bytes == NULL || raw->too_long || memmem(raw->bytes, raw->length, id, strlen(id)) == NULL)
        return NULL;
    json_t *record = record_parse(raw->bytes, raw->length, NULL);
    if (g_strcmp0(text_of(record, "id"), id) == 0 && g_strcmp0(text_of(record, "kind"), "letter") == 0)
        return record;
    json_decref(record);
    return NULL;
}

static json_t *
record_of_ledger(const char *id, const char *directory, GError **error)
{
    g_autoptr(ChainReader) reader = chain_reader_new(directory, 0, error);
    json_t *record = NULL;
    ChainRaw raw;
    int got = 0;
    while (reader != NULL && record == NULL && (got = chain_reader_next(reader, &raw, error)) == 1)
        record = record_of_line(&raw, id);
    if (record == NULL && reader != NULL && got == 0)
        fail(error, HANGU_ERROR_NO_INPUT,
             _("the ledger has no letter with the record id \"%s\", and no file has that name"), id);
    return record;
}

static gboolean
take_record(Replay *replay, const char *name, const char *ruleset, const Settings *settings, GError **error)
{
    replay->record = g_file_test(name, G_FILE_TEST_EXISTS) ? record_of_file(name, error)
                                                           : record_of_ledger(name, settings->ledger_dir, error);
    if (replay->record == NULL)
        return FALSE;
    const char *own = text_of(replay->record, "ruleset");
    if (own == NULL || text_of(replay->record, "verdict") == NULL)
        return fail(error, HANGU_ERROR_DATA, _("%s is the record of no verdict: there is nothing to be made again"),
                    name);
    if (ruleset != NULL && strcmp(ruleset, own) != 0)
        return fail(error, HANGU_ERROR_USAGE, _("the record was made by the rules %s, not by those of --ruleset"), own);
    const char *time = text_of(replay->record, "received");
    if (replay->time_us < 0 && time == NULL)
        time = text_of(replay->record, "time");
    return replay->time_us >= 0 || clock_parse(time != NULL ? time : "", &replay->time_us, error);
}

/* --- what is kept ---------------------------------------------------------------------------------------------- */

/* The path if the file is there and whole; NULL without error: it is not there. */
static gboolean
find_file(char *path, const char *digest, char **path_out, GError **error)
{
    g_autofree char *owned = path;
    *path_out = NULL;
    if (owned == NULL || !g_file_test(owned, G_FILE_TEST_EXISTS))
        return TRUE;
    if (!kept_file_check(owned, digest, error))
        return FALSE;
    *path_out = g_steal_pointer(&owned);
    return TRUE;
}

static char *
either(const json_t *record, const char *key, const char *other)
{
    const char *own = text_of(record, key);
    return own != NULL ? g_strdup(own) : other != NULL && *other != '\0' ? g_strdup(other) : NULL;
}

static gboolean
find_kept(Replay *replay, const Settings *settings, GError **error)
{
    const char *directory = settings->rule_sets_dir;
    g_autoptr(GPtrArray) history = kept_history(directory, error);
    if (history == NULL)
        return FALSE;
    gint64 when = replay->time_us >= 0 ? replay->time_us : clock_wall_us();
    const KeptUse *use = kept_use_at(history, replay->ruleset, when);
    replay->policy = either(replay->record, "policy_digest", use != NULL ? use->policy : NULL);
    replay->settings = either(replay->record, "settings_digest", use != NULL ? use->settings : NULL);
    replay->program = either(replay->record, "program", use != NULL ? use->program : NULL);
    replay->engine = either(replay->record, "engine", use != NULL ? use->engine : NULL);
    replay->fold = either(replay->record, "fold", use != NULL ? use->fold : NULL);
    const char *papers = text_of(replay->record, "papers_digest");
    replay->papers = g_strdup(papers != NULL           ? papers
                              : replay->record != NULL ? "" /* a record names every register but an empty one */
                              : use != NULL            ? use->papers
                                                       : NULL);
    char *set = kept_set_path(directory, replay->ruleset);
    if (set == NULL)
        return fail(error, HANGU_ERROR_USAGE, _("\"%s\" is no digest: sha256: and 64 hexadecimal digits"),
                    replay->ruleset);
    if (g_file_test(set, G_FILE_TEST_IS_DIR))
        replay->rules_path = set;
    else
        g_free(set);
    replay->papers_path = kept_papers_path(directory, replay->papers); /* checked when it is read */
    return find_file(kept_policy_path(directory, replay->policy), replay->policy, &replay->policy_path, error) &&
           find_file(kept_settings_path(directory, replay->settings), replay->settings, &replay->settings_path, error);
}

Replay *
replay_open(const char *record, const char *ruleset, gint64 now_us, const Settings *settings, GError **error)
{
    g_autoptr(Replay) replay = g_new0(Replay, 1);
    replay->time_us = now_us;
    if (record != NULL && !take_record(replay, record, ruleset, settings, error))
        return NULL;
    replay->ruleset = g_strdup(ruleset != NULL ? ruleset : text_of(replay->record, "ruleset"));
    return find_kept(replay, settings, error) ? g_steal_pointer(&replay) : NULL;
}

void
replay_free(Replay *replay)
{
    if (replay == NULL)
        return;
    json_decref(replay->record);
    char *const texts[] = {replay->ruleset,       replay->policy, replay->settings,    replay->rules_path,
                           replay->policy_path,   replay->papers, replay->papers_path, replay->program,
                           replay->settings_path, replay->engine, replay->fold};
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    g_free(replay);
}

static Papers *
kept_papers(const Replay *replay, const Settings *settings, FingerprintKey *key_out, GError **error)
{
    g_autoptr(GError) wrong = NULL;
    g_autofree char *key_path = papers_key_path(settings->papers_file);
    Papers *papers =
        papers_key_read(key_path, key_out, &wrong) ? papers_load(replay->papers_path, key_out, &wrong) : NULL;
    if (papers == NULL && !g_error_matches(wrong, HANGU_ERROR, HANGU_ERROR_NO_INPUT)) {
        g_propagate_error(error, g_steal_pointer(&wrong));
    } else if (papers != NULL && strcmp(papers_digest(papers), replay->papers) != 0) {
        fail(error, HANGU_ERROR_DATA, _("%s was changed: it is not what its name says"), replay->papers_path);
        g_clear_pointer(&papers, papers_free);
    }
    return papers;
}

int
replay_open_papers(const Replay *replay, const Settings *settings, Papers **papers_out, FingerprintKey *key_out,
                   GError **error)
{
    g_autoptr(GError) wrong = NULL;
    g_autoptr(Papers) now = NULL;
    *papers_out = NULL;
    if (replay != NULL && g_strcmp0(replay->papers, "") == 0)
        return 0;
    int got = papers_open(settings->papers_file, &now, key_out, error);
    const char *digest = now != NULL ? papers_digest(now) : "";
    if (got >= 0 && replay != NULL && replay->papers_path != NULL && strcmp(digest, replay->papers) != 0)
        *papers_out = kept_papers(replay, settings, key_out, &wrong);
    if (wrong != NULL) {
        g_propagate_error(error, g_steal_pointer(&wrong));
        return -1;
    }
    if (got >= 0 && *papers_out == NULL)
        *papers_out = g_steal_pointer(&now);
    return *papers_out != NULL ? 1 : got;
}

/* --- the letter's facts ------------------------------------------------------------------------------------------ */

/* What the gate knew of its way, from the evidence told. */
static char *
forward_seen(const json_t *evidence)
{
    g_autoptr(GString) words = g_string_new(NULL);
    for (gsize i = 0; i < json_array_size(evidence); i++) {
        const char *word = forward_seen_word(json_string_value(json_array_get(evidence, i)));
        if (word != NULL)
            g_string_append_printf(words, "%s%s", words->len > 0 ? " " : "", word);
    }
    return words->len > 0 ? g_string_free(g_steal_pointer(&words), FALSE) : NULL;
}

/* What it knew of recipients. */
static char *
history_of(const json_t *list)
{
    g_autoptr(GString) words = g_string_new(NULL);
    for (gsize i = 0; i < json_array_size(list); i++)
        g_string_append_printf(words, "%s%s", i > 0 ? " " : "", json_string_value(json_array_get(list, i)));
    return words->len > 0 ? g_string_free(g_steal_pointer(&words), FALSE) : NULL;
}

/* What the register said then is not asked again; that an address was not owned is among the problems. */
static Submitter *
account_of(const json_t *record)
{
    const json_t *problems = json_object_get(record, "account_problems");
    SubmitterSource source;
    guint bit;
    if (!submitter_source_parse(text_of(record, "account_facts"), &source))
        return NULL;
    Submitter *facts = submitter_new(source);
    submitter_stage_parse(text_of(record, "account_stage"), &facts->stage);
    for (gsize i = 0; i < json_array_size(problems); i++)
        if (submitter_problem_parse(json_string_value(json_array_get(problems, i)), &bit))
            facts->problems |= bit;
    return facts;
}

void
replay_fill_envelope(const Replay *replay, Envelope *envelope, gboolean sender, gboolean recipients)
{
    const json_t *record = replay->record, *list = json_object_get(record, "recipients");
    if (record == NULL)
        return;
    if (sender) {
        g_free(envelope->sender);
        envelope->sender = g_strdup(text_of(record, "sender"));
    }
    for (gsize i = 0; recipients && i < json_array_size(list); i++)
        g_ptr_array_add(envelope->recipients, g_strdup(json_string_value(json_array_get(list, i))));
    if (envelope->auth_user == NULL)
        envelope->auth_user = g_strdup(text_of(record, "account"));
    if (envelope->client_ip == NULL)
        envelope->client_ip = g_strdup(text_of(record, "client_ip"));
    if (envelope->listener == NULL)
        envelope->listener = g_strdup(text_of(record, "listener"));
    if (envelope->seen == NULL)
        envelope->seen = forward_seen(json_object_get(json_object_get(record, "forward"), "evidence"));
    if (envelope->history == NULL)
        envelope->history = history_of(json_object_get(record, "history"));
    if (envelope->account == NULL)
        envelope->account = account_of(record);
}

/* --- then and now ------------------------------------------------------------------------------------------------ */

static void
add_difference(json_t *list, const char *what, const json_t *then, const json_t *now)
{
    json_t *object = json_object();
    json_object_set_new(object, "what", json_string(what));
    json_object_set_new(object, "then", then != NULL ? json_deep_copy(then) : json_null());
    json_object_set_new(object, "now", now != NULL ? json_deep_copy(now) : json_null());
    json_array_append_new(list, object);
}

static void
compare_texts(json_t *list, const char *what, const char *then, const char *now)
{
    json_auto_t *left = then != NULL ? json_string(then) : NULL, *right = now != NULL ? json_string(now) : NULL;
    if (g_strcmp0(then, now) != 0)
        add_difference(list, what, left, right);
}

/* The digests in parts are keyed by the gate's own key. */
static json_t *
comparable(const json_t *record, const char *key)
{
    json_t *value = json_deep_copy(json_object_get(record, key)), *part;
    gsize i;
    if (strcmp(key, "parts") == 0)
        json_array_foreach(value, i, part)
        {
            json_object_del(part, "digest");
            json_object_del(part, "name_digest");
        }
    return value;
}

/* A list that was cut in the record is compared as far as it goes. */
static void
cut_like(json_t *now, const json_t *then)
{
    while (json_is_array(now) && json_is_array(then) && json_array_size(now) > json_array_size(then))
        json_array_remove(now, json_array_size(now) - 1);
}

static json_t *
compare_decisions(const json_t *then, const json_t *now)
{
    json_t *list = json_array();
    for (gsize i = 0; i < G_N_ELEMENTS(COMPARED); i++) {
        g_autofree char *total = g_strconcat(COMPARED[i], "_total", NULL);
        json_auto_t *left = comparable(then, COMPARED[i]), *right = comparable(now, COMPARED[i]);
        if (json_object_get(then, total) != NULL)
            cut_like(right, left);
        if (!(left == NULL && right == NULL) && (left == NULL || right == NULL || !json_equal(left, right)))
            add_difference(list, COMPARED[i], left, right);
    }
    return list;
}

/* A record of before these were recorded says nothing of them: nothing is told either. */
static void
compare_known(json_t *list, const char *what, const char *then, const char *now)
{
    if (then != NULL)
        compare_texts(list, what, then, now);
}

json_t *
replay_report(const Replay *replay, const Message *message, const Ruleset *rules, const Policy *policy,
              const Settings *settings)
{
    static const guint8 no_key[CRYPTO_KEY_SIZE] = {0};
    g_autofree char *time = replay->time_us >= 0 ? clock_format(replay->time_us) : NULL;
    json_auto_t *now = report_record(message, rules, policy, no_key);
    json_t *decision = replay->record != NULL ? compare_decisions(replay->record, now) : json_array();
    json_t *made = json_array();
    compare_known(made, "program", replay->program, "hangu-milter " PACKAGE_VERSION);
    compare_known(made, "engine", replay->engine, ruleset_engine());
    compare_known(made, "fold", replay->fold, fold_digest());
    compare_known(made, "ruleset", replay->ruleset, ruleset_digest(rules));
    compare_known(made, "policy", replay->policy, policy_digest(policy));
    compare_known(made, "settings", replay->settings, settings->digest);
    compare_known(made, "papers", text_of(replay->record, "papers_digest"), message->papers_digest);
    compare_known(made, "reader", text_of(replay->record, "reader"), message->reader);
    compare_known(made, "ocr", text_of(replay->record, "ocr"), message->ocr);
    return json_pack("{s:s?, s:s, s:s?, s:o, s:o, s:o}", "record", text_of(replay->record, "id"), "ruleset",
                     replay->ruleset, "time", time, "same",
                     replay->record == NULL ? json_null() : json_boolean(json_array_size(decision) == 0), "decision",
                     decision, "made_with", made);
}

static void
list_text(GString *text, const json_t *list)
{
    const json_t *one;
    gsize i;
    json_array_foreach(list, i, one)
    {
        char *then = json_dumps(json_object_get(one, "then"), JSON_COMPACT | JSON_ENCODE_ANY);
        char *now = json_dumps(json_object_get(one, "now"), JSON_COMPACT | JSON_ENCODE_ANY);
        g_string_append_printf(text, _("    %s: then %s, now %s\n"), text_of(one, "what"), then, now);
        free(then);
        free(now);
    }
}

char *
replay_text(const json_t *report)
{
    GString *text = g_string_new(NULL);
    const json_t *same = json_object_get(report, "same"), *made = json_object_get(report, "made_with");
    if (json_is_true(same))
        g_string_append(text, _("  replay: the same decision as recorded\n"));
    else if (json_is_false(same))
        g_string_append(text, _("  replay: NOT the recorded decision:\n"));
    else
        g_string_append_printf(text, _("  replay: by the kept rules %.19s, without a record to compare with\n"),
                               text_of(report, "ruleset"));
    list_text(text, json_object_get(report, "decision"));
    if (json_array_size(made) > 0)
        g_string_append(text, _("  made with other parts than then:\n"));
    list_text(text, made);
    return g_string_free(text, FALSE);
}
