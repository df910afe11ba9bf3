/* Finds the first thing that is wrong with a ledger, and what it is, in one pass and constant memory.
 *
 * Each line is held as a Link: its number, the hash it names (prev), the hash it has. A line follows another
 * if number and prev fit. At the first line that does not follow, its neighbours tell what was done:
 *   prev fits, number not         this line's number was changed
 *   number fits, prev not         the line before was changed, unless the line after follows the one before (then
 *                                 this one is foreign) or the prev differs in few digits (then it was changed itself)
 *   number too high               lines are missing, or stand further on; the rest of the ledger is searched
 *   number too low                a copy, or two lines that claim one place: the line after tells which is genuine */
#include "config.h"
#include "chain.h"
#include "chain_reader.h"
#include "record_scan.h"
#include <glib/gi18n.h>
#include <inttypes.h>
#include <string.h>

/* Two SHA-256 values never agree in so many digits by chance. */
#define NEAR_DIGITS 8

typedef struct {
    gboolean present; /* a line, or a missing file */
    gboolean missing; /* the file */
    gboolean valid;   /* a record with its link fields */
    gboolean whole;   /* has its newline */
    gboolean last_file;
    const char *file; /* lent by the reader */
    guint64 line;
    RecordLink record; /* if valid */
    char hash[RECORD_HASH_HEX + 1];
} Link;

typedef struct {
    const char *directory;
    ChainReader *reader;
    const ChainHead *noted;
    ChainProgress progress;
    gpointer user;
    guint64 told; /* bytes at the last progress */
    ChainReport *report;
    Link before, last, this, next; /* last: the newest good one; before: the one before it */
    Link other;                    /* the noted head's line if it has another hash */
} Verify;

const char *
chain_state_word(ChainState state)
{
    static const char *const words[] = {
        [CHAIN_GOOD] = "good",
        [CHAIN_CHANGED] = "changed",
        [CHAIN_REMOVED] = "removed",
        [CHAIN_REORDERED] = "reordered",
        [CHAIN_INSERTED] = "inserted",
        [CHAIN_TORN] = "torn",
        [CHAIN_CUT] = "cut",
        [CHAIN_REBUILT] = "rebuilt",
        [CHAIN_MISSING_FILE] = "missing-file",
    };
    return words[state];
}

void
chain_report_clear(ChainReport *report)
{
    g_clear_pointer(&report->file, g_free);
    g_clear_pointer(&report->text, g_free);
    g_clear_pointer(&report->first_time, g_free);
    g_clear_pointer(&report->last_time, g_free);
}

static void
fill_link(const ChainRaw *raw, Link *link)
{
    *link = (Link){
        .present = TRUE,
        .missing = raw->bytes == NULL,
        .whole = raw->whole,
        .last_file = raw->last_file,
        .file = raw->file,
        .line = raw->line,
    };
    if (link->missing || raw->too_long)
        return;
    record_hash(raw->bytes, raw->length, link->hash);
    gboolean canonical = record_scan(raw->bytes, raw->length, &link->valid, &link->record);
    link->valid = canonical && link->valid && raw->whole;
}

/* Reads on: this <- next <- the next line. FALSE with error for I/O. */
static gboolean
advance(Verify *verify, GError **error)
{
    ChainRaw raw;
    verify->this = verify->next;
    int got = chain_reader_next(verify->reader, &raw, error);
    if (got < 0)
        return FALSE;
    if (got == 0)
        verify->next = (Link){0};
    else
        fill_link(&raw, &verify->next);
    guint64 done = chain_reader_done(verify->reader);
    if (verify->progress != NULL && (done - verify->told >= 1000000 || got == 0)) {
        verify->progress(done, chain_reader_total(verify->reader), verify->user);
        verify->told = done;
    }
    return TRUE;
}

static gboolean
follows(const Link *last, const Link *line)
{
    return line->valid && line->record.seq == last->record.seq + 1 && strcmp(line->record.prev, last->hash) == 0;
}

static gboolean
is_near(const char *a, const char *b)
{
    guint different = 0;
    for (gsize i = 0; i < RECORD_HASH_HEX; i++)
        different += a[i] != b[i];
    return different <= NEAR_DIGITS;
}

static void G_GNUC_PRINTF(4, 5) tell(Verify *verify, ChainState state, const Link *where, const char *format, ...)
{
    ChainReport *report = verify->report;
    va_list arguments;
    va_start(arguments, format);
    report->state = state;
    report->file = g_strdup(where->file != NULL ? where->file : verify->directory);
    report->line = where->line;
    g_free(report->text);
    report->text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
}

static void
accept_line(Verify *verify)
{
    ChainReport *report = verify->report;
    verify->before = verify->last;
    verify->last = verify->this;
    report->lines++;
    report->head.seq = verify->last.record.seq;
    g_strlcpy(report->head.hash, verify->last.hash, sizeof report->head.hash);
    if (report->first_time == NULL)
        report->first_time = g_strdup(verify->last.record.time);
    if (verify->noted != NULL && verify->noted->seq == verify->last.record.seq &&
        strcmp(verify->noted->hash, verify->last.hash) != 0)
        verify->other = verify->last;
}

/* --- what is wrong ---------------------------------------------------------------------------------------- */

/* Searches the rest for the record that belongs here, and for a neighbour of the line that stands here. */
static gboolean
search_rest(Verify *verify, guint64 wanted, const Link *odd, gboolean *found, gboolean *genuine, GError **error)
{
    char above[RECORD_HASH_HEX + 1];
    g_strlcpy(above, odd->record.prev, sizeof above);
    *found = *genuine = FALSE;
    while (verify->next.present) {
        const Link *line = &verify->next;
        *found |= line->valid && line->record.seq == wanted;
        *genuine |= line->valid && (strcmp(line->record.prev, odd->hash) == 0 || strcmp(line->hash, above) == 0);
        if (!advance(verify, error))
            return FALSE;
    }
    return TRUE;
}

/* The number is higher than the one that belongs here. */
static gboolean
judge_high(Verify *verify, GError **error)
{
    const Link odd = verify->this;
    const guint64 wanted = verify->last.record.seq + 1;
    const gboolean stands_in = verify->next.valid && verify->next.record.seq == wanted + 1;
    gboolean found, genuine;
    if (!search_rest(verify, wanted, &odd, &found, &genuine, error))
        return FALSE;
    if (found && genuine)
        tell(verify, CHAIN_REORDERED, &odd,
             _("record %" PRIu64 " stands where record %" PRIu64
               " belongs, which comes later: the lines were reordered"),
             odd.record.seq, wanted);
    else if (found)
        tell(verify, CHAIN_INSERTED, &odd, _("this line does not belong to the chain: it was inserted"));
    else if (stands_in)
        tell(verify, CHAIN_CHANGED, &odd,
             _("this line stands where record %" PRIu64 " belongs, but is not what was written: it was changed"),
             wanted);
    else
        tell(verify, CHAIN_REMOVED, &odd, _("records %" PRIu64 " to %" PRIu64 " before this line were removed"), wanted,
             odd.record.seq - 1);
    return TRUE;
}

/* The newest line was taken for good, and is not. */
static void
take_back(Verify *verify)
{
    ChainReport *report = verify->report;
    verify->other.present &= verify->other.record.seq != verify->last.record.seq;
    verify->last = verify->before;
    report->lines--;
    report->head.seq = verify->last.record.seq;
    g_strlcpy(report->head.hash, verify->last.hash, sizeof report->head.hash);
}

/* The number is lower than the one that belongs here. */
static void
judge_low(Verify *verify)
{
    const Link *this = &verify->this, *last = &verify->last, *next = &verify->next;
    gboolean same_place = this->record.seq == last->record.seq && strcmp(this->record.prev, verify->before.hash) == 0;
    gboolean next_names_this = next->valid && strcmp(next->record.prev, this->hash) == 0;
    if (strcmp(this->hash, last->hash) == 0) {
        tell(verify, CHAIN_INSERTED, this, _("this line is a second copy of the line before: it was inserted"));
    } else if (same_place && next_names_this) {
        tell(verify, CHAIN_INSERTED, last,
             _("this line and the next both claim to be record %" PRIu64
               ", and the chain goes on from the next: this one was inserted"),
             this->record.seq);
        take_back(verify);
    } else if (next->valid && next->record.seq == last->record.seq + 2) {
        tell(verify, CHAIN_CHANGED, this,
             _("this line stands where record %" PRIu64 " belongs, but is not what was written: it was changed"),
             last->record.seq + 1);
    } else {
        tell(verify, CHAIN_INSERTED, this, _("record %" PRIu64 " has stood before: this line was inserted"),
             this->record.seq);
    }
}

/* The number is right, but the line names another hash for the line before. */
static void
judge_prev(Verify *verify)
{
    const Link *this = &verify->this, *last = &verify->last, *next = &verify->next;
    if (last->record.seq == 0) {
        tell(verify, CHAIN_CHANGED, this, _("the first record must name no record before it: it was changed"));
        return;
    }
    if (is_near(this->record.prev, last->hash)) {
        tell(verify, CHAIN_CHANGED, this, _("the hash that this line names for the line before was changed"));
        return;
    }
    if (next->valid && strcmp(next->record.prev, this->hash) != 0)
        tell(verify, CHAIN_CHANGED, last,
             _("this line does not have the hash that the next line names, nor the next line the hash that the one "
               "after it names: one or both were changed"));
    else
        tell(verify, CHAIN_CHANGED, last,
             _("this line does not have the hash that the next line names: it was changed"));
    take_back(verify);
}

static void
judge_no_record(Verify *verify)
{
    const Link *this = &verify->this;
    if (this->last_file && !this->whole && !verify->next.present)
        tell(verify, CHAIN_TORN, this,
             _("the last line is unfinished: a write was cut off; hangu-ledger repairs this when it starts"));
    else
        tell(verify, CHAIN_CHANGED, this, _("this line is no record: it was changed"));
}

static void
judge_number(Verify *verify)
{
    if (follows(&verify->last, &verify->next))
        tell(verify, CHAIN_INSERTED, &verify->this, _("this line does not belong to the chain: it was inserted"));
    else
        tell(verify, CHAIN_CHANGED, &verify->this,
             _("the number of this record is not %" PRIu64 ", though it follows the line before: it was changed"),
             verify->last.record.seq + 1);
}

/* verify->this is the first line that does not follow. */
static gboolean
judge(Verify *verify, GError **error)
{
    const Link *this = &verify->this, *last = &verify->last;
    if (this->missing)
        tell(verify, CHAIN_MISSING_FILE, this, _("this file of the ledger is missing"));
    else if (this->valid && strcmp(this->record.prev, last->hash) == 0)
        judge_number(verify);
    else if (this->valid && this->record.seq > last->record.seq + 1)
        return judge_high(verify, error);
    else if (this->valid && this->record.seq <= last->record.seq)
        judge_low(verify);
    else if (this->whole && follows(last, &verify->next))
        tell(verify, CHAIN_INSERTED, this, _("this line does not belong to the chain: it was inserted"));
    else if (!this->valid)
        judge_no_record(verify);
    else
        judge_prev(verify);
    return TRUE;
}

/* The last file says that another goes on. */
static void
judge_next_file(Verify *verify)
{
    if (verify->last.record.next[0] == '\0')
        return;
    g_autofree char *path = g_build_filename(verify->directory, verify->last.record.next, NULL);
    if (chain_file_number(verify->last.record.next) == 0 || !g_file_test(path, G_FILE_TEST_EXISTS)) {
        Link where = {.file = path};
        tell(verify, CHAIN_MISSING_FILE, &where, _("this file of the ledger is missing"));
    }
}

/* A fault of the chain before the noted record says more than the noted hash; behind it, less. */
static void
judge_noted(Verify *verify)
{
    ChainReport *report = verify->report;
    if (verify->noted == NULL || verify->noted->seq == 0)
        return;
    if (verify->other.present) {
        g_clear_pointer(&report->file, g_free);
        tell(verify, CHAIN_REBUILT, &verify->other,
             _("record %" PRIu64
               " does not have the noted hash, though the lines fit together: the chain was computed anew"),
             verify->other.record.seq);
    } else if ((report->state == CHAIN_GOOD || report->state == CHAIN_TORN) && verify->noted->seq > report->head.seq) {
        g_clear_pointer(&report->file, g_free);
        tell(
            verify, CHAIN_CUT, &verify->last,
            _("the ledger ends with record %" PRIu64 ", but the noted head is record %" PRIu64 ": the end was cut off"),
            report->head.seq, verify->noted->seq);
    }
}

gboolean
chain_verify(const char *directory, const ChainHead *noted, ChainProgress progress, gpointer user,
             ChainReport *report_out, GError **error)
{
    *report_out = (ChainReport){.head.hash = RECORD_NO_HASH};
    g_autoptr(ChainReader) reader = chain_reader_new(directory, 0, error);
    if (reader == NULL)
        return FALSE;
    Verify verify = {
        .directory = directory,
        .reader = reader,
        .noted = noted,
        .progress = progress,
        .user = user,
        .report = report_out,
        .before.hash = RECORD_NO_HASH,
        .last.hash = RECORD_NO_HASH,
    };
    gboolean readable = advance(&verify, error);
    readable = readable && advance(&verify, error);
    while (readable && verify.this.present && follows(&verify.last, &verify.this)) {
        accept_line(&verify);
        readable = advance(&verify, error);
    }
    if (readable && verify.this.present)
        readable = judge(&verify, error);
    else if (readable)
        judge_next_file(&verify);
    if (!readable) {
        chain_report_clear(report_out);
        return FALSE;
    }
    judge_noted(&verify);
    if (verify.last.present)
        report_out->last_time = g_strdup(verify.last.record.time);
    return TRUE;
}
