/* hangu held: letters in Postfix's hold queue, seen through the ledger. Never prints text of a letter. */
#include "config.h"
#include "chain.h"
#include "clock.h"
#include "command.h"
#include "errors.h"
#include "frame.h"
#include "language.h"
#include "ledger.h"
#include "ledger_query.h"
#include "postfix.h"
#include "print.h"
#include "record.h"
#include "settings.h"
#include "verdict.h"
#include "wire.h"
#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PROGRAM "hangu " PACKAGE_VERSION
#define WAIT_US (10 * G_USEC_PER_SEC)

typedef struct {
    char *config, *postfix, *reason;
    gboolean json;
    Settings *settings;
    json_t *held;        /* postqueue's entries */
    GHashTable *records; /* queue id to the newest letter record that held it */
} Held;

static void
held_clear(Held *held)
{
    g_free(held->config);
    g_free(held->postfix);
    g_free(held->reason);
    settings_free(held->settings);
    json_decref(held->held);
    if (held->records != NULL)
        g_hash_table_unref(held->records);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Held, held_clear)

static const char *
text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? text : "";
}

static gboolean
note_record(const ChainLine *line, gpointer user, GError **error)
{
    Held *held = user;
    if (g_str_equal(text_of(line->record, "kind"), "letter") && g_str_equal(text_of(line->record, "answer"), "hold"))
        g_hash_table_replace(held->records, g_strdup(text_of(line->record, "queue_id")), json_incref(line->record));
    return TRUE;
}

static void
drop_reference(gpointer record)
{
    json_decref(record);
}

static gboolean
load(Held *held, GError **error)
{
    g_autoptr(Problems) problems = problems_new();
    held->settings = settings_load(held->config, problems);
    if (held->settings == NULL) {
        problems_to_error(problems, error);
        return FALSE;
    }
    held->held = postfix_held(held->postfix, error);
    if (held->held == NULL)
        return FALSE;
    held->records = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, drop_reference);
    gint64 oldest = clock_wall_us() / G_USEC_PER_SEC;
    gsize i;
    json_t *entry;
    json_array_foreach(held->held, i, entry) oldest =
        MIN(oldest, json_integer_value(json_object_get(entry, "arrival_time")));
    ChainSelect select = {.since_us = oldest * G_USEC_PER_SEC};
    return chain_select(held->settings->ledger_dir, &select, note_record, held, NULL, error);
}

static json_t *
find_entry(const Held *held, const char *queue_id, GError **error)
{
    gsize i;
    json_t *entry;
    json_array_foreach(held->held, i, entry) if (g_str_equal(text_of(entry, "queue_id"), queue_id)) return entry;
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_NO_INPUT, _("%s is not in the hold queue; see: hangu held list"),
                queue_id);
    return NULL;
}

/* What is told about one held letter, for --json and as the source of the table. Gives a reference. */
static json_t *
describe(const Held *held, const json_t *entry)
{
    static const char *const copied[] = {"id",       "direction",  "verdict",  "policy",   "class",   "level",
                                         "term",     "confidence", "coverage", "why",      "account", "failure",
                                         "findings", "parts",      "forward",  "listener", "time"};
    json_t *record = g_hash_table_lookup(held->records, text_of(entry, "queue_id"));
    json_t *out = json_object();
    json_object_set_new(out, "v", json_integer(1));
    json_object_set_new(out, "queue_id", json_string(text_of(entry, "queue_id")));
    record_put_text(out, "sender", text_of(entry, "sender"));
    json_object_set_new(out, "size", json_integer(json_integer_value(json_object_get(entry, "message_size"))));
    g_autofree char *arrived =
        clock_format(json_integer_value(json_object_get(entry, "arrival_time")) * G_USEC_PER_SEC);
    json_object_set_new(out, "arrived", json_string(arrived));
    g_autoptr(GPtrArray) recipients = g_ptr_array_new();
    gsize i;
    json_t *one;
    json_array_foreach(json_object_get(entry, "recipients"), i, one)
        g_ptr_array_add(recipients, (gpointer)text_of(one, "address"));
    record_put_texts(out, "recipients", recipients);
    json_object_set_new(out, "held_by_hangu", json_boolean(record != NULL));
    for (i = 0; i < G_N_ELEMENTS(copied); i++) {
        json_t *value = json_object_get(record, copied[i]);
        json_object_set(out, copied[i], value != NULL ? value : json_null());
    }
    return out;
}

/* In the reader's language; NULL for none. */
static const char *
level_shown(const json_t *object)
{
    Level level;
    const char *word = text_of(object, "level");
    if (!level_parse(word, &level) || level == LEVEL_NONE)
        return NULL;
    return language_is_chinese() ? level_word_zh(level) : word;
}

static void
add_row(PrintTable *table, const json_t *one)
{
    json_t *recipients = json_object_get(one, "recipients");
    const char *first = json_string_value(json_array_get(recipients, 0));
    gsize count = json_array_size(recipients);
    g_autofree char *shown = count > 1 ? g_strdup_printf("%s +%zu", first, count - 1) : g_strdup(first);
    g_autofree char *arrived = ledger_query_local_time(text_of(one, "arrived"));
    print_table_add(table, PRINT_PLAIN,
                    (const char *const[]){text_of(one, "queue_id"), arrived, text_of(one, "sender"), shown,
                                          json_string_value(json_object_get(one, "policy")), level_shown(one),
                                          json_string_value(json_object_get(one, "id"))});
}

static int
list(Held *held)
{
    g_autoptr(PrintTable) table = print_table_new((const char *const[]){
        _("queue id"), _("arrived"), _("sender"), _("recipients"), _("policy"), _("level"), _("record"), NULL});
    gsize i;
    json_t *entry;
    json_array_foreach(held->held, i, entry)
    {
        json_t *one = describe(held, entry);
        if (held->json) {
            print_json(one, stdout);
        } else {
            add_row(table, one);
            json_decref(one);
        }
    }
    if (!held->json && json_array_size(held->held) == 0)
        printf(_("Nothing is held.\n"));
    else if (!held->json)
        print_table(table, stdout);
    return 0;
}

static void
show_findings(const json_t *one)
{
    gsize i;
    json_t *finding, *part;
    json_array_foreach(json_object_get(one, "findings"), i, finding)
        printf(_("  found: rule %s, level %s, score %d, part %s, %s\n"), text_of(finding, "rule"),
               level_shown(finding) != NULL ? level_shown(finding) : "-",
               (int)json_integer_value(json_object_get(finding, "score")), text_of(finding, "part"),
               text_of(finding, "place"));
    json_array_foreach(json_object_get(one, "parts"), i, part) if (!g_str_equal(text_of(part, "coverage"), "complete"))
        printf(_("  part %s (%s): %s %s\n"), text_of(part, "number"), text_of(part, "type"), text_of(part, "coverage"),
               text_of(part, "why"));
}

static int
show(Held *held, const char *queue_id, GError **error)
{
    json_t *entry = find_entry(held, queue_id, error);
    if (entry == NULL)
        return -1;
    json_auto_t *one = describe(held, entry);
    if (held->json) {
        print_json(g_steal_pointer(&one), stdout);
        return 0;
    }
    g_autofree char *arrived = ledger_query_local_time(text_of(one, "arrived"));
    printf(_("%s, arrived %s, %lld bytes\n  from %s\n"), queue_id, arrived,
           (long long)json_integer_value(json_object_get(one, "size")), text_of(one, "sender"));
    gsize i;
    json_t *recipient;
    json_array_foreach(json_object_get(one, "recipients"), i, recipient)
        printf(_("  to %s\n"), json_string_value(recipient));
    if (!json_is_true(json_object_get(one, "held_by_hangu"))) {
        printf(_("  not held by Hangu: the ledger has no record of it\n"));
        return 0;
    }
    const char *term = text_of(one, "term");
    printf(_("  record %s, policy %s, class %s, level %s%s%s, coverage %s\n"), text_of(one, "id"),
           text_of(one, "policy"), text_of(one, "class"), level_shown(one) != NULL ? level_shown(one) : "-",
           *term != '\0' ? " " : "", term, text_of(one, "coverage"));
    show_findings(one);
    return 0;
}

/* The record of a letter that an officer may decide on, or NULL with why not. */
static json_t *
decidable(const Held *held, const char *queue_id, gboolean release, GError **error)
{
    if (find_entry(held, queue_id, error) == NULL)
        return NULL;
    json_t *record = g_hash_table_lookup(held->records, queue_id);
    if (record == NULL)
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA,
                    _("%s was not held by Hangu (no record); use postsuper(1) if you know why it is there"), queue_id);
    else if (release && g_str_equal(text_of(record, "verdict"), "reject")) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_PERMISSION,
                    _("%s would have been refused, and is held only because its sender cannot be told at this place "
                      "(record %s): it is not released; drop it, and if the rule or the policy was wrong, have it "
                      "sent again after the change"),
                    queue_id, text_of(record, "id"));
        record = NULL;
    }
    return record;
}

static gboolean
append(const Held *held, const char *kind, const char *queue_id, const char *new_queue_id, const json_t *letter,
       GError **error)
{
    static const char *const copied[] = {"id", "sender", "recipients", "recipients_total", "message_id", "size"};
    json_auto_t *record = record_new(kind, held->settings->unit, PROGRAM);
    for (guint i = 0; i < G_N_ELEMENTS(copied); i++) {
        json_t *value = json_object_get(letter, copied[i]);
        if (value != NULL)
            json_object_set(record, copied[i], value);
    }
    const char *sudo = g_getenv("SUDO_USER");
    record_put_text(record, "actor", sudo != NULL ? sudo : g_get_user_name());
    record_put_text(record, "queue_id", queue_id);
    record_put_text(record, "new_queue_id", new_queue_id);
    record_put_text(record, "note", held->reason);
    g_autoptr(LedgerClient) client = ledger_client_new(held->settings->ledger_socket);
    return ledger_append(client, record, clock_monotonic_us() + WAIT_US, NULL, NULL, NULL, error);
}

/* Tells the gate that this letter may leave; without it the egress listener would hold it again. */
static gboolean
issue_ticket(const Held *held, const json_t *letter, GError **error)
{
    gint64 deadline = clock_monotonic_us() + WAIT_US;
    int fd = frame_connect(held->settings->control_socket, deadline, error);
    if (fd < 0)
        return FALSE;
    GVariantBuilder recipients;
    g_variant_builder_init(&recipients, G_VARIANT_TYPE("as"));
    gsize i;
    json_t *one;
    json_array_foreach(json_object_get(letter, "recipients"), i, one)
        g_variant_builder_add(&recipients, "s", json_string_value(one));
    GVariant *body = g_variant_new("(sssas)", text_of(letter, "id"), text_of(letter, "body"), text_of(letter, "sender"),
                                   &recipients);
    g_auto(Frame) answer = {0};
    gboolean good = frame_send(fd, WIRE_CONTROL_RELEASE, body, NULL, 0, deadline, error) &&
                    frame_receive(fd, wire_type_string, deadline, &answer, error) == 1;
    guint32 code = 0;
    const char *text = "";
    if (good && answer.type == WIRE_CONTROL_DONE)
        g_variant_get(answer.body, "(u&s)", &code, &text);
    if (good && (answer.type != WIRE_CONTROL_DONE || code != 0)) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_PROTOCOL, _("hangu-milter answered: %s"), text);
        good = FALSE;
    } else if (!good && error != NULL && *error == NULL) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_AWAY, _("hangu-milter closed the connection"));
    }
    close(fd);
    return good;
}

static int
release(Held *held, const char *queue_id, GError **error)
{
    json_t *letter = decidable(held, queue_id, TRUE, error);
    if (letter == NULL || !append(held, "release", queue_id, NULL, letter, error))
        return -1;
    if (g_str_equal(text_of(letter, "direction"), "out") && !issue_ticket(held, letter, error)) {
        g_prefix_error(error, _("%s stays held, because the gate could not be told that it may leave: "), queue_id);
        return -1;
    }
    g_autofree char *done = postfix_run(held->postfix, "postsuper", (const char *const[]){"-r", queue_id, NULL}, error);
    if (done == NULL)
        return -1;
    g_autofree char *new_id = postfix_requeued_as(held->postfix, queue_id, clock_monotonic_us() + WAIT_US);
    if (new_id != NULL && !append(held, "release", queue_id, new_id, letter, error))
        return -1;
    if (held->json) {
        json_t *out = json_pack("{s:s, s:s, s:s?, s:s}", "released", queue_id, "record", text_of(letter, "id"),
                                "new_queue_id", new_id, "kind", "release");
        print_json(out, stdout);
    } else if (new_id != NULL) {
        printf(_("%s released (record %s); Postfix calls it %s now\n"), queue_id, text_of(letter, "id"), new_id);
    } else {
        printf(_("%s released (record %s); its new queue id is in the mail log\n"), queue_id, text_of(letter, "id"));
    }
    return 0;
}

static int
drop(Held *held, const char *queue_id, GError **error)
{
    json_t *letter = decidable(held, queue_id, FALSE, error);
    if (letter == NULL || !append(held, "drop", queue_id, NULL, letter, error))
        return -1;
    g_autofree char *done = postfix_run(held->postfix, "postsuper", (const char *const[]){"-d", queue_id, NULL}, error);
    if (done == NULL)
        return -1;
    if (held->json) {
        json_t *out =
            json_pack("{s:s, s:s, s:s}", "dropped", queue_id, "record", text_of(letter, "id"), "kind", "drop");
        print_json(out, stdout);
    } else {
        printf(_("%s dropped (record %s)\n"), queue_id, text_of(letter, "id"));
    }
    return 0;
}

static int
act(Held *held, char **words, GError **error)
{
    const char *what = words[0], *queue_id = words[1];
    if (g_str_equal(what, "list"))
        return list(held);
    if (g_str_equal(what, "show"))
        return show(held, queue_id, error);
    if (held->reason == NULL || held->reason[0] == '\0') {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_USAGE,
                    _("%s needs --reason TEXT: it is written into the ledger, so no content of the letter"), what);
        return -1;
    }
    return g_str_equal(what, "release") ? release(held, queue_id, error) : drop(held, queue_id, error);
}

static gboolean
check_words(char **words, GError **error)
{
    static const char *const actions[] = {"list", "show", "release", "drop", NULL};
    guint count = words != NULL ? g_strv_length(words) : 0;
    if (count == 0 || !g_strv_contains(actions, words[0]))
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_USAGE,
                    _("say list, show, release or drop; see: hangu held --help"));
    else if (count != (g_str_equal(words[0], "list") ? 1U : 2U))
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_USAGE, _("%s takes one queue id; see: hangu held list"), words[0]);
    else if (count == 2 && !postfix_queue_id_valid(words[1]))
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_USAGE, _("%s is no queue id; see: hangu held list"), words[1]);
    else
        return TRUE;
    return FALSE;
}

static int
run(int argc, char **argv)
{
    g_auto(Held) held = {0};
    g_auto(GStrv) words = NULL;
    const GOptionEntry entries[] = {
        {"config", 0, 0, G_OPTION_ARG_FILENAME, &held.config, N_("settings file"), N_("FILE")},
        {"postfix-config", 0, 0, G_OPTION_ARG_FILENAME, &held.postfix, N_("Postfix configuration directory"),
         N_("DIR")},
        {"reason", 0, 0, G_OPTION_ARG_STRING, &held.reason, N_("why it is released or dropped; goes into the ledger"),
         N_("TEXT")},
        {"json", 0, 0, G_OPTION_ARG_NONE, &held.json, N_("one JSON object per line"), NULL},
        {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &words, NULL,
         N_("list | show ID | release ID | drop ID")},
        {NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_option_context_add_main_entries(context, entries, PACKAGE);
    g_option_context_set_summary(context,
                                 _("Letters that wait in Postfix's hold queue: who, when and why; never their text.\n"
                                   "Releasing and dropping need root, a reason, and are recorded before they happen."));
    int status = command_parse("held", context, &argc, &argv);
    if (status != 0)
        return status;
    GError *error = NULL;
    if (!check_words(words, &error) || !load(&held, &error) || act(&held, words, &error) < 0)
        return command_fail("held", error);
    return 0;
}

const Command command_held = {"held", N_("letters held for review: list, show, release, drop"), run};
