/* Two faces of one inspection. For a person everything is shown; for the record nothing that the letter says: numbers,
 * words of ours, keyed digests, the parsed mark (BLUEPRINT 2.4). */
#include "config.h"
#include "report.h"
#include "clock.h"
#include "fold.h"
#include "record.h"
#include <string.h>

#define RECORD_FINDINGS 50 /* a record line has RECORD_LINE_MAX bytes; totals tell of the rest */
#define RECORD_PARTS 100

/* Any bytes: what is no UTF-8 becomes U+FFFD, since JSON can hold nothing else. */
static json_t *
text_or_null(const char *text)
{
    if (text == NULL)
        return json_null();
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    return json_string(valid);
}

/* Takes the text. */
static void
append_text(json_t *list, char *text)
{
    json_array_append_new(list, json_string(text));
    g_free(text);
}

static json_t *
action_words(guint actions)
{
    json_t *words = json_array();
    for (guint bit = 0; bit < 4; bit++)
        if ((actions & 1u << bit) != 0)
            json_array_append_new(words, json_string(action_word((Action)(1u << bit))));
    return words;
}

static const char *
mode_word(Mode mode)
{
    return mode == MODE_ENFORCE ? "enforce" : "observe";
}

static const char *
mark_term(const Mark *mark)
{
    return mark->term[0] == '\0' ? NULL : mark->term;
}

/* --- for a person ----------------------------------------------------------------------------------------------- */

/* "header, page 1", "subject", "attribute alt, line 3" */
static char *
where_text(const Finding *finding)
{
    const Place *place = &finding->place;
    g_autoptr(GString) text = g_string_new(NULL);
    gboolean zone = finding->header_zone && (place->kind == PLACE_BODY || place->kind == PLACE_HIDDEN);
    g_string_append(text, zone ? "header" : place_word(place->kind));
    if (place->name != NULL && place->kind != PLACE_SUBJECT)
        g_string_append_printf(text, " %s", place->name);
    if (place->page > 0)
        g_string_append_printf(text, ", page %u", place->page);
    if (finding->line > 0 && (place->kind >= PLACE_BODY))
        g_string_append_printf(text, ", line %u", finding->line);
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static json_t *
mark_object(const Mark *mark)
{
    if (mark->form == MARK_FORM_NONE)
        return json_null();
    return json_pack("{s:s, s:o, s:o}", "level", level_word(mark->level), "term", text_or_null(mark_term(mark)),
                     "condition", text_or_null(mark->condition[0] == '\0' ? NULL : mark->condition));
}

static json_t *
paper_object(const FindingPaper *paper)
{
    if (paper->number == 0)
        return json_null();
    return json_pack("{s:i, s:o, s:i, s:i}", "number", (int)paper->number, "label",
                     text_or_null(*paper->label == '\0' ? NULL : paper->label), "percent", (int)paper->percent,
                     "characters", (int)paper->run);
}

static json_t *
finding_object(const Message *message, const Finding *finding, gboolean chinese)
{
    const Part *part = message_part(message, finding->part);
    g_autofree char *where = where_text(finding);
    json_t *reasons = json_array();
    for (guint i = 0; finding->reasons != NULL && i < finding->reasons->len; i++)
        append_text(reasons, reason_line(&g_array_index(finding->reasons, Reason, i), chinese));
    return json_pack("{s:s, s:s, s:s, s:o, s:s, s:s, s:o, s:o, s:i, s:b, s:o, s:o}", "rule", finding->rule, "class",
                     class_word(finding->class), "level", level_word(finding->level), "confidence",
                     text_or_null(confidence_word(finding->confidence)), "part", part == NULL ? "" : part->path,
                     "where", where, "excerpt", text_or_null(finding->excerpt), "mark", mark_object(&finding->mark),
                     "score", finding->score, "observe", finding->observe, "reasons", reasons, "paper",
                     paper_object(&finding->paper));
}

static json_t *
part_objects(const Message *message)
{
    json_t *list = json_array();
    for (guint i = 0; i < message->parts->len; i++) {
        const Part *part = message_part(message, i);
        if (part->kind == PART_LETTER || (part->kind == PART_CONTAINER && part->coverage == COVERAGE_COMPLETE))
            continue;
        json_t *object = json_pack("{s:s, s:s, s:s, s:o}", "path", part->path, "type", part->type, "coverage",
                                   coverage_word(part->coverage), "why", text_or_null(why_word(part->why)));
        if (part->is_mismatch)
            json_object_set_new(object, "mismatch", json_true());
        json_array_append_new(list, object);
    }
    return list;
}

static json_t *
forward_object(const Message *message)
{
    json_t *evidence = json_array();
    for (guint i = 0; i < message->forward_evidence->len; i++)
        json_array_append_new(evidence, json_string(g_ptr_array_index(message->forward_evidence, i)));
    return json_pack("{s:b, s:o}", "auto", message->auto_forward, "evidence", evidence);
}

/* A command line may hold any bytes, JSON may not. */
static json_t *
file_name(const char *file)
{
    g_autofree char *name = g_filename_display_name(file);
    return json_string(name);
}

/* Without facts nobody knows of problems; the list is then empty, and so is the stage. */
static json_t *
account_object(const Message *message)
{
    const Envelope *envelope = &message->envelope;
    const Submitter *facts = envelope->account;
    if (envelope->auth_user == NULL && facts == NULL)
        return json_null();
    json_t *problems = json_array();
    for (guint bit = 1; bit <= SUBMITTER_PROBLEMS_ALL; bit <<= 1)
        if ((message->account_problems & bit) != 0)
            json_array_append_new(problems, json_string(submitter_problem_word(bit)));
    return json_pack("{s:o, s:o, s:o, s:o}", "user", text_or_null(envelope->auth_user), "problems", problems, "stage",
                     text_or_null(facts != NULL ? submitter_stage_word(facts->stage) : NULL), "facts",
                     text_or_null(facts != NULL ? submitter_source_word(facts->source) : NULL));
}

json_t *
report_check(const Message *message, const char *file, const Ruleset *ruleset, const Policy *policy, gboolean chinese)
{
    const Decision *decision = &message->decision;
    json_t *findings = json_array();
    for (guint i = 0; i < message->findings->len; i++)
        json_array_append_new(findings, finding_object(message, g_ptr_array_index(message->findings, i), chinese));
    const gint64 hundredths = (message->elapsed_us + 5) / 10;
    json_t *report = json_object();
    json_object_set_new(report, "v", json_integer(1));
    json_object_set_new(report, "file", file_name(file));
    json_object_set_new(report, "verdict", json_string(verdict_word(decision->verdict)));
    json_object_set_new(report, "mode", json_string(mode_word(decision->mode)));
    json_object_set_new(report, "actions", action_words(decision->actions));
    json_object_set_new(report, "class", json_string(class_word(message->class)));
    json_object_set_new(report, "confidence", text_or_null(confidence_word(message->confidence)));
    json_object_set_new(report, "level", json_string(level_word(message->level)));
    json_object_set_new(report, "level_zh", json_string(level_word_zh(message->level)));
    json_object_set_new(report, "rank", json_integer(message->level));
    json_object_set_new(report, "term", text_or_null(message->term));
    json_object_set_new(report, "direction", json_string(direction_word(message->direction)));
    json_object_set_new(report, "coverage", json_string(coverage_word(message->coverage)));
    json_object_set_new(report, "forward", forward_object(message));
    json_object_set_new(report, "account", account_object(message));
    json_object_set_new(report, "parts", part_objects(message));
    json_object_set_new(report, "findings", findings);
    json_object_set_new(report, "policy", text_or_null(decision->row));
    json_object_set_new(
        report, "observed",
        decision->observed_row == NULL
            ? json_null()
            : json_pack("{s:s, s:s}", "verdict", verdict_word(decision->observed), "policy", decision->observed_row));
    json_object_set_new(report, "reply", text_or_null(decision->reply));
    json_object_set_new(report, "ruleset", json_string(ruleset_digest(ruleset)));
    json_object_set_new(report, "policy_digest", json_string(policy_digest(policy)));
    json_object_set_new(report, "elapsed_ms", json_real((double)hundredths / 100.0));
    return report;
}

json_t *
report_check_error(const char *file, const GError *error, int code)
{
    g_autofree char *text = g_utf8_make_valid(error->message, -1);
    return json_pack("{s:i, s:o, s:{s:i, s:s}}", "v", 1, "file", file_name(file), "error", "code", code, "text", text);
}

/* --- for the record --------------------------------------------------------------------------------------------- */

static void
put_keyed(json_t *object, const char *field, const guint8 *key, const void *bytes, gsize length)
{
    guint8 digest[CRYPTO_DIGEST_SIZE];
    crypto_hmac(key, CRYPTO_KEY_SIZE, bytes, length, digest);
    record_put_digest(object, field, digest, TRUE);
}

/* The declared type, if it is one that programs give: any other subtype is the sender's own words. */
static const char *
recorded_type(const char *type)
{
    static const struct {
        const char *top, *other, *known; /* subtypes, each between blanks */
    } rows[] = {
        {"text/", "text/x-other",
         " plain html csv xml calendar vcard x-vcard rtf richtext enriched css javascript rfc822-headers "},
        {"message/", "message/x-other",
         " rfc822 global delivery-status disposition-notification partial external-body feedback-report "},
        {"multipart/", "multipart/x-other",
         " mixed alternative related signed encrypted report digest parallel form-data "},
        {"image/", "image/x-other", " png jpeg jpg gif bmp tiff webp heic svg+xml "},
        {"audio/", "audio/x-other", " mpeg wav amr mp4 "},
        {"video/", "video/x-other", " mp4 quicktime mpeg "},
        {"application/", "application/x-other",
         " octet-stream pdf msword rtf zip json xml gzip x-gzip x-tar ofd x-zip-compressed x-7z-compressed vnd.rar "
         "x-rar-compressed x-rar ms-tnef vnd.ms-tnef pkcs7-mime x-pkcs7-mime pkcs7-signature x-pkcs7-signature "
         "pgp-encrypted pgp-signature ics x-msdownload vnd.ms-excel vnd.ms-powerpoint vnd.ms-word wps-office.doc "
         "wps-office.docx wps-office.xls wps-office.xlsx wps-office.ppt wps-office.pptx "},
    };
    static const char *const families[] = {"application/vnd.openxmlformats-officedocument.",
                                           "application/vnd.oasis.opendocument."};
    for (gsize i = 0; i < G_N_ELEMENTS(families); i++)
        if (g_str_has_prefix(type, families[i]))
            return families[i];
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (!g_str_has_prefix(type, rows[i].top))
            continue;
        g_autofree char *word = g_strdup_printf(" %s ", type + strlen(rows[i].top));
        return strchr(word + 1, ' ') == word + strlen(word) - 1 && strstr(rows[i].known, word) != NULL ? type
                                                                                                       : rows[i].other;
    }
    return "application/x-other";
}

static json_t *
record_part(const Part *part, const guint8 *key)
{
    json_t *object = json_object();
    record_put_word(object, "number", part->number);
    record_put_word(object, "type", recorded_type(part->type));
    record_put_word(object, "detected", part->detected);
    record_put_word(object, "coverage", coverage_word(part->coverage));
    record_put_word(object, "why", why_word(part->why));
    if (part->name != NULL)
        put_keyed(object, "name_digest", key, part->name, strlen(part->name));
    if (part->is_mismatch)
        json_object_set_new(object, "mismatch", json_true());
    if (part->has_digest)
        put_keyed(object, "digest", key, part->digest, sizeof part->digest);
    return object;
}

static const char *
form_word(MarkForm form)
{
    static const char *const words[] = {"none", "star", "alone", "field", "ticked", "bracketed", "sentence", "word"};
    return (guint)form < G_N_ELEMENTS(words) ? words[form] : "none";
}

static json_t *
record_finding(const Message *message, const Finding *finding)
{
    const Part *part = message_part(message, finding->part);
    json_t *reasons = json_array();
    for (guint i = 0; finding->reasons != NULL && i < finding->reasons->len; i++)
        json_array_append_new(reasons, json_string(g_array_index(finding->reasons, Reason, i).id));
    json_t *object =
        json_pack("{s:s, s:s, s:s, s:i, s:s, s:s, s:i, s:b, s:b, s:s, s:o}", "rule", finding->rule, "class",
                  class_word(finding->class), "level", level_word(finding->level), "score", finding->score, "part",
                  part == NULL ? "0" : part->number, "place", place_word(finding->place.kind), "line",
                  (int)finding->line, "header_zone", finding->header_zone, "observe", finding->observe, "form",
                  form_word(finding->mark.form), "reasons", reasons);
    record_put_word(object, "confidence", confidence_word(finding->confidence));
    record_put_text(object, "term", mark_term(&finding->mark));
    if (finding->place.page > 0)
        json_object_set_new(object, "page", json_integer(finding->place.page));
    if (finding->paper.number > 0) {
        json_object_set_new(object, "paper", json_integer(finding->paper.number));
        json_object_set_new(object, "percent", json_integer(finding->paper.percent));
    }
    return object;
}

static json_t *
oddity_words(guint oddities)
{
    json_t *words = json_array();
    for (guint bit = 0; bit < ODDITY_COUNT; bit++)
        if ((oddities & 1u << bit) != 0)
            json_array_append_new(words, json_string(oddity_word(1u << bit)));
    return words;
}

/* What was known of recipients, as the decision is made again: the gate's words, and who is the account's owner. */
static void
add_history(json_t *record, const Message *message)
{
    g_auto(GStrv) words = g_strsplit(message->envelope.history != NULL ? message->envelope.history : "", " ", -1);
    json_t *list = json_array();
    for (char **word = words; *word != NULL; word++)
        if (**word != '\0' && !g_str_has_suffix(*word, ":own"))
            json_array_append_new(list, json_string(*word));
    for (guint i = 0; i < 32; i++)
        if ((message->own & 1u << i) != 0)
            append_text(list, g_strdup_printf("%u:own", i));
    if (json_array_size(list) > 0)
        json_object_set(record, "history", list);
    json_decref(list);
}

static void
add_lists(json_t *record, const Message *message, const guint8 *key)
{
    json_t *findings = json_array(), *parts = json_array();
    for (guint i = 0; i < MIN(message->findings->len, RECORD_FINDINGS); i++)
        json_array_append_new(findings, record_finding(message, g_ptr_array_index(message->findings, i)));
    for (guint i = 0; i < MIN(message->parts->len, RECORD_PARTS); i++)
        json_array_append_new(parts, record_part(message_part(message, i), key));
    json_object_set_new(record, "findings", findings);
    json_object_set_new(record, "parts", parts);
    if (message->findings->len > RECORD_FINDINGS)
        json_object_set_new(record, "findings_total", json_integer(message->findings->len));
    if (message->parts->len > RECORD_PARTS)
        json_object_set_new(record, "parts_total", json_integer(message->parts->len));
}

/* What the decision was made with, beside rules and policy: for making it again (BLUEPRINT 2.9). */
static void
add_makers(json_t *record, const Message *message)
{
    g_autofree char *received = clock_format(message->envelope.received_us);
    json_object_set_new(record, "received", json_string(received));
    record_put_word(record, "engine", ruleset_engine());
    record_put_word(record, "fold", fold_digest());
    record_put_word(record, "reader", message->reader);
    record_put_word(record, "ocr", message->ocr);
}

json_t *
report_record(const Message *message, const Ruleset *ruleset, const Policy *policy, const guint8 key[CRYPTO_KEY_SIZE])
{
    const Decision *decision = &message->decision;
    json_t *record = json_object();
    json_object_set_new(record, "direction", json_string(direction_word(message->direction)));
    json_object_set_new(record, "mode", json_string(mode_word(decision->mode)));
    json_object_set_new(record, "verdict", json_string(verdict_word(decision->verdict)));
    json_object_set_new(record, "class", json_string(class_word(message->class)));
    json_object_set_new(record, "level", json_string(level_word(message->level)));
    json_object_set_new(record, "rank", json_integer(message->level));
    json_object_set_new(record, "coverage", json_string(coverage_word(message->coverage)));
    json_object_set_new(record, "actions", action_words(decision->actions));
    json_object_set_new(record, "forward", forward_object(message));
    json_object_set_new(record, "oddities", oddity_words(message->oddities));
    json_object_set_new(record, "ruleset", json_string(ruleset_digest(ruleset)));
    json_object_set_new(record, "policy_digest", json_string(policy_digest(policy)));
    json_object_set_new(record, "elapsed_us", json_integer(message->elapsed_us));
    add_lists(record, message, key);
    add_makers(record, message);
    add_history(record, message);
    record_put_text(record, "message_id", message->message_id);
    record_put_text(record, "term", message->term_in_words ? NULL : message->term);
    record_put_word(record, "confidence", confidence_word(message->confidence));
    record_put_word(record, "why", why_word(message->why));
    record_put_word(record, "policy", decision->row);
    if (message->papers_digest != NULL && *message->papers_digest != '\0')
        json_object_set_new(record, "papers_digest", json_string(message->papers_digest));
    if (decision->observed_row != NULL) {
        record_put_word(record, "observed", verdict_word(decision->observed));
        record_put_word(record, "observed_policy", decision->observed_row);
    }
    return record;
}
