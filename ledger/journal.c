/* Appends batches to the newest file. Durable or refused, nothing between. */
#include "config.h"
#include "journal.h"
#include "clock.h"
#include "errors.h"
#include "journal_files.h"
#include "log.h"
#include "record_draft.h"
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

struct Journal {
    JournalFiles files;
    char *unit, *program;
    guint64 file_size;
    ChainHead head;           /* last durable record */
    gboolean broken;          /* nothing more may be appended */
    gint64 rotation_retry_us; /* monotonic: not before, after a rotation failed */
    JournalState counts;
};

#define ROTATION_RETRY_US (60 * G_TIME_SPAN_SECOND)

static json_t *
own_record(const Journal *journal, const char *kind)
{
    return record_new(kind, journal->unit, journal->program);
}

typedef struct {
    RecordDraft *draft;
    gboolean claims; /* to be a record that only the ledger itself writes */
} Taking;

/* What the ledger alone says of a record is left out: nobody says it for the ledger. */
static gboolean
take_over(const RecordSpan *name, const RecordSpan *value, gpointer user)
{
    static const char *const own[] = {"prev", "seq", "time", "uid"};
    static const char ledger[] = "\"hangu-ledger";
    Taking *taking = user;
    if (name == NULL)
        return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(own); i++)
        if (record_span_is(name, own[i]))
            return TRUE;
    if (record_span_is(name, "kind"))
        taking->claims |= record_span_is(value, "\"repair\"") || record_span_is(value, "\"rotate\"");
    else if (record_span_is(name, "program"))
        taking->claims |= value->length >= strlen(ledger) && memcmp(value->bytes, ledger, strlen(ledger)) == 0;
    record_draft_put(taking->draft, name, value);
    return TRUE;
}

static gboolean
refuse(const char *why, GError **error)
{
    g_set_error_literal(error, HANGU_ERROR, HANGU_ERROR_DATA, why);
    return FALSE;
}

/* The fields of who asked. */
static gboolean
take_fields(const JournalEntry *entry, RecordDraft *draft, GError **error)
{
    Taking taking = {.draft = draft};
    if (!record_each(entry->text, entry->length, take_over, &taking))
        return refuse("the record is no object in canonical form", error);
    if (taking.claims && entry->uid >= 0)
        return refuse("only the ledger itself writes such a record", error);
    return TRUE;
}

/* The line of one record behind `head`, which goes on. */
static char *
build_line(const JournalEntry *entry, ChainHead *head, gsize *length_out, GError **error)
{
    g_autoptr(RecordDraft) draft = record_draft_new();
    g_autofree char *now = clock_format(clock_wall_us());
    if (!take_fields(entry, draft, error))
        return NULL;
    record_draft_integer(draft, "seq", (gint64)(head->seq + 1));
    record_draft_plain(draft, "prev", head->seq == 0 ? RECORD_NO_HASH : head->hash);
    record_draft_plain(draft, "time", now);
    if (entry->uid >= 0)
        record_draft_integer(draft, "uid", entry->uid);
    g_autofree char *line = record_draft_line(draft, length_out);
    if (*length_out > RECORD_LINE_MAX) {
        refuse("the record is longer than a line can be", error);
        return NULL;
    }
    if (!record_check_line(line, *length_out, error))
        return NULL;
    record_hash(line, *length_out, head->hash);
    head->seq++;
    return g_steal_pointer(&line);
}

/* All lines of a batch behind each other; refused records get their error. Gives the number of lines. */
static guint
build_batch(Journal *journal, JournalEntry *entries, guint count, GString *bytes, ChainHead *head)
{
    guint built = 0;
    for (guint i = 0; i < count; i++) {
        gsize length = 0;
        g_autofree char *line = build_line(&entries[i], head, &length, &entries[i].error);
        if (line == NULL) {
            journal->counts.refused++;
            continue;
        }
        g_string_append_len(bytes, line, (gssize)length);
        g_string_append_c(bytes, '\n');
        entries[i].seq = head->seq;
        g_strlcpy(entries[i].hash, head->hash, sizeof entries[i].hash);
        built++;
    }
    return built;
}

static void
fail_entries(Journal *journal, JournalEntry *entries, guint count, const GError *why)
{
    for (guint i = 0; i < count; i++)
        if (entries[i].error == NULL) {
            entries[i].error = g_error_copy(why);
            journal->counts.failed++;
        }
}

/* FALSE with `error` if the lines are not durable; then `fatal` tells whether that is the end. */
static gboolean
write_durably(Journal *journal, const GString *bytes, gboolean *fatal, GError **error)
{
    g_autoptr(GError) why = NULL;
    *fatal = FALSE;
    if (files_write(&journal->files, bytes->str, bytes->len, &why)) {
        if (files_sync(&journal->files, &why))
            return TRUE;
        *fatal = TRUE;
    }
    g_autoptr(GError) undo = NULL;
    if (!files_cut_back(&journal->files, &undo)) {
        *fatal = TRUE;
        g_autofree char *both = g_strdup_printf("%s, and then: %s", why->message, undo->message);
        g_clear_error(&why);
        g_set_error_literal(&why, HANGU_ERROR, HANGU_ERROR_IO, both);
    }
    journal->broken = *fatal;
    g_propagate_error(error, g_steal_pointer(&why));
    return FALSE;
}

static gboolean
append_batch(Journal *journal, JournalEntry *entries, guint count, GError **error)
{
    g_autoptr(GString) bytes = g_string_new(NULL);
    g_autoptr(GError) why = NULL;
    ChainHead head = journal->head;
    gboolean fatal;
    guint built = build_batch(journal, entries, count, bytes, &head);
    if (built == 0)
        return TRUE;
    if (write_durably(journal, bytes, &fatal, &why)) {
        journal->head = head;
        journal->counts.batches++;
        journal->counts.appended += built;
        journal->counts.largest_batch = MAX(journal->counts.largest_batch, built);
        return TRUE;
    }
    log_error("%s: %u records were not written: %s", journal->files.path, built, why->message);
    fail_entries(journal, entries, count, why);
    if (fatal)
        g_propagate_error(error, g_steal_pointer(&why));
    return !fatal;
}

/* Goes on in a new file: it is there before the old one names it, so that a missing newest file shows. When that fails,
 * the old file grows on and it is tried again later. FALSE only if nothing more may be appended. */
static gboolean
rotate(Journal *journal, GError **error)
{
    g_autoptr(GError) why = NULL;
    g_autofree char *name = chain_file_name(journal->files.number + 1);
    int fd = files_create_next(&journal->files, &why);
    if (fd >= 0) {
        json_auto_t *record = own_record(journal, "rotate");
        record_put_word(record, "next", name);
        g_autofree char *text = record_line(record, NULL, NULL);
        JournalEntry entry = {.text = text, .length = strlen(text), .uid = -1};
        gboolean going = append_batch(journal, &entry, 1, error);
        if (entry.error == NULL) {
            files_switch(&journal->files, fd);
            log_info("ledger goes on in %s", name);
            return TRUE;
        }
        close(fd); /* the file stays: a crash could bring the line back that names it */
        g_propagate_error(&why, entry.error);
        if (!going)
            return FALSE;
    }
    log_error("cannot go on in %s/%s, %s grows on: %s", journal->files.directory, name, journal->files.path,
              why->message);
    journal->rotation_retry_us = clock_monotonic_us() + ROTATION_RETRY_US;
    return TRUE;
}

gboolean
journal_append(Journal *journal, JournalEntry *entries, guint count, GError **error)
{
    gboolean full = journal->files.durable >= journal->file_size && clock_monotonic_us() >= journal->rotation_retry_us;
    g_autoptr(GError) why = NULL;
    if (journal->broken)
        g_set_error(&why, HANGU_ERROR, HANGU_ERROR_IO, "the ledger stopped after a failed write; start it again");
    else if (!full || rotate(journal, &why))
        return append_batch(journal, entries, count, error);
    fail_entries(journal, entries, count, why);
    g_propagate_error(error, g_steal_pointer(&why));
    return FALSE;
}

gboolean
journal_note(Journal *journal, json_t *record, GError **error)
{
    gsize length = 0;
    g_autofree char *text = record_line(record, &length, error);
    json_decref(record);
    if (text == NULL)
        return FALSE;
    JournalEntry entry = {.text = text, .length = length, .uid = -1};
    journal_append(journal, &entry, 1, NULL);
    if (entry.error == NULL)
        return TRUE;
    g_propagate_error(error, entry.error);
    return FALSE;
}

/* --- the start ------------------------------------------------------------------------------------------- */

static gboolean
note_repair(Journal *journal, const TornLine *torn, GError **error)
{
    json_t *record = own_record(journal, "repair");
    record_put_word(record, "file", torn->file);
    json_object_set_new(record, "bytes", json_integer((json_int_t)torn->bytes));
    record_put_digest(record, "sha256", torn->digest, FALSE);
    journal->counts.repaired = torn->bytes;
    return journal_note(journal, record, error);
}

Journal *
journal_open(const JournalOptions *options, GError **error)
{
    g_autoptr(Journal) journal = g_new0(Journal, 1);
    TornLine torn = {0};
    journal->unit = g_strdup(options->unit);
    journal->program = g_strdup(options->program);
    journal->file_size = options->file_size;
    journal->files.lock = journal->files.fd = -1;
    if (!files_open(&journal->files, options->directory, options->io, &journal->head, &torn, error))
        return NULL;
    if (torn.bytes > 0) {
        log_warn("%s/%s: a torn last line of %" G_GUINT64_FORMAT " bytes was cut off: a write had been interrupted",
                 options->directory, torn.file, torn.bytes);
        if (!note_repair(journal, &torn, error))
            return NULL;
    }
    return g_steal_pointer(&journal);
}

void
journal_free(Journal *journal)
{
    if (journal == NULL)
        return;
    files_close(&journal->files);
    g_free(journal->unit);
    g_free(journal->program);
    g_free(journal);
}

void
journal_state(const Journal *journal, JournalState *state_out)
{
    struct statvfs disk;
    *state_out = journal->counts;
    state_out->seq = journal->head.seq;
    g_strlcpy(state_out->hash, journal->head.hash, sizeof state_out->hash);
    state_out->file_number = journal->files.number;
    state_out->file_bytes = journal->files.durable;
    if (statvfs(journal->files.directory, &disk) == 0)
        state_out->disk_free = (guint64)disk.f_bavail * disk.f_frsize;
}

void
journal_set_file_size(Journal *journal, guint64 file_size)
{
    journal->file_size = file_size;
}
