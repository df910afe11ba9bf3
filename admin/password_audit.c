/* A pool of threads takes the accounts, cheap schemes first; each gets its part of the time that is left. */
#include "config.h"
#include "password_audit.h"
#include "audit_guesses.h"
#include "clock.h"
#include "errors.h"
#include "guess.h"
#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <jansson.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PROGRESS_US (G_TIME_SPAN_SECOND / 2)
#define RESUME_BYTES_MAX (256 * 1024 * 1024)

struct PasswordAudit {
    const AuditOptions *options;
    AuditWords *words;
    GArray *rows, *schemes;
    FILE *resume;
    gboolean resume_failed;
    GMutex lock; /* what follows, schemes, resume, and the rows' results */
    GCond done_one;
    guint jobs, started, done, found;
    gint64 end_us; /* G_MAXINT64: no budget */
};

const char *
guess_kind_word(GuessKind kind)
{
    static const char *const words[GUESS_KINDS] = {"", "common", "login", "name", "unit", "word", "date"};
    return words[kind];
}

const GArray *
password_audit_rows(const PasswordAudit *audit)
{
    return audit->rows;
}

const GArray *
password_audit_schemes(const PasswordAudit *audit)
{
    return audit->schemes;
}

static AuditRow *
row_at(const PasswordAudit *audit, guint i)
{
    return &g_array_index(audit->rows, AuditRow, i);
}

static AuditScheme *
scheme_of(const PasswordAudit *audit, const char *name)
{
    for (guint i = 0; i < audit->schemes->len; i++)
        if (g_str_equal(g_array_index(audit->schemes, AuditScheme, i).scheme, name))
            return &g_array_index(audit->schemes, AuditScheme, i);
    const AuditScheme scheme = {.scheme = name};
    g_array_append_val(audit->schemes, scheme);
    return &g_array_index(audit->schemes, AuditScheme, audit->schemes->len - 1);
}

/* --- the resume file: a head with the digest of all inputs, then a line for each account that was looked at --------
 */

static void
write_line(PasswordAudit *audit, json_t *object)
{
    char *line = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    if (audit->resume != NULL && (fprintf(audit->resume, "%s\n", line) < 0 || fflush(audit->resume) != 0))
        audit->resume_failed = TRUE;
    free(line);
}

static void
note(PasswordAudit *audit, guint index)
{
    const AuditRow *row = row_at(audit, index);
    if (audit->resume != NULL)
        write_line(audit, json_pack("{s:I,s:I,s:i,s:b}", "row", (json_int_t)index, "tried", (json_int_t)row->tried,
                                    "found", (int)row->found, "whole", row->depth == AUDIT_WHOLE));
}

/* A last line that was cut off is left out, and so is what names no row. */
static void
read_note(PasswordAudit *audit, const char *line)
{
    json_int_t index = -1, tried = 0;
    int found = 0, whole = 0;
    json_auto_t *object = json_loads(line, 0, NULL);
    if (json_unpack(object, "{s:I,s:I,s:i,s:b}", "row", &index, "tried", &tried, "found", &found, "whole", &whole) != 0)
        return;
    if (index < 0 || index >= (json_int_t)audit->rows->len || tried < 0 || found < 0 || found >= GUESS_KINDS)
        return;
    AuditRow *row = row_at(audit, (guint)index);
    row->tried = (guint64)tried;
    row->found = (GuessKind)found;
    row->depth = whole ? AUDIT_WHOLE : AUDIT_PARTLY;
}

static gboolean
open_resume(PasswordAudit *audit, const char *path, const char *inputs, GError **error)
{
    g_autofree char *text = NULL;
    g_autofree char *head = g_strdup_printf("{\"audit\":1,\"inputs\":\"%s\"}", inputs);
    gsize length = 0;
    const gboolean there = g_file_get_contents(path, &text, &length, NULL) && length > 0;
    g_auto(GStrv) lines = there && length <= RESUME_BYTES_MAX ? g_strsplit(text, "\n", -1) : NULL;
    if (there && (lines == NULL || !g_str_equal(lines[0], head))) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA,
                    _("%s: belongs to a run over other files, words or guesses; remove it to begin anew"), path);
        return FALSE;
    }
    for (guint i = 1; lines != NULL && lines[i] != NULL; i++)
        read_note(audit, lines[i]);
    const int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    audit->resume = fd < 0 ? NULL : fdopen(fd, "ae");
    if (audit->resume == NULL) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_IO, "%s: %s", path, g_strerror(errno));
        return FALSE;
    }
    if (fprintf(audit->resume, "%s\n", there ? "" : head) < 0) /* an empty line ends what was cut off */
        audit->resume_failed = TRUE;
    return TRUE;
}

/* --- one account -------------------------------------------------------------------------------------------------- */

typedef struct {
    const AuditRow *row;
    gint64 until_us;
    guint64 limit, next, tries;
    GuessKind found;
    gboolean out_of_tries;
} Trial;

static gboolean
try_guess(guint64 number, const char *guess, GuessKind kind_hint, gpointer user)
{
    Trial *trial = user;
    if (number >= trial->limit) {
        trial->out_of_tries = TRUE;
        return FALSE;
    }
    if (trial->tries > 0 && clock_monotonic_us() >= trial->until_us)
        return FALSE;
    trial->next = number + 1;
    trial->tries++;
    if (!password_hash_try(trial->row->entry->hash, guess))
        return TRUE;
    trial->found = audit_guess_kind(trial->row->entry, guess, kind_hint);
    return FALSE;
}

static gint64
thread_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (gint64)now.tv_sec * G_TIME_SPAN_SECOND + now.tv_nsec / 1000;
}

/* Until when this account may take; FALSE: the budget is spent. The lock is held. */
static gboolean
share(PasswordAudit *audit, gint64 *until_out)
{
    const gint64 now = clock_monotonic_us();
    const guint waiting = audit->jobs - audit->started++;
    *until_out = G_MAXINT64;
    if (audit->end_us == G_MAXINT64)
        return TRUE;
    *until_out = now + (audit->end_us - now) / MAX(waiting, 1) * audit->options->threads;
    *until_out = MIN(*until_out, audit->end_us);
    return now < audit->end_us;
}

static void
look_at(gpointer data, gpointer user)
{
    PasswordAudit *audit = user;
    const guint index = GPOINTER_TO_UINT(data) - 1;
    AuditRow *row = row_at(audit, index);
    Trial trial = {.row = row, .limit = audit->options->tries > 0 ? audit->options->tries : G_MAXUINT64};
    gboolean ended = FALSE;
    g_mutex_lock(&audit->lock);
    const gboolean in_time = share(audit, &trial.until_us);
    g_mutex_unlock(&audit->lock);
    const gint64 began = thread_us();
    if (in_time)
        ended = audit_guesses(row->entry, audit->words, audit->options->year, row->tried, try_guess, &trial);
    const gint64 took = thread_us() - began;
    g_mutex_lock(&audit->lock);
    AuditScheme *scheme = scheme_of(audit, password_hash_scheme(row->entry->hash));
    scheme->tries += trial.tries;
    scheme->cpu_us += took;
    row->tried = MAX(row->tried, trial.next);
    row->found = trial.found;
    row->depth = ended || trial.found != GUESS_NONE ? AUDIT_WHOLE : row->tried > 0 ? AUDIT_PARTLY : AUDIT_NOT_TRIED;
    scheme->guessed += trial.found != GUESS_NONE;
    audit->found += trial.found != GUESS_NONE;
    audit->done++;
    if (trial.tries > 0 || ended)
        note(audit, index);
    g_cond_signal(&audit->done_one);
    g_mutex_unlock(&audit->lock);
}

/* --- all ---------------------------------------------------------------------------------------------------------- */

static guint
cost_of(const PasswordEntry *entry)
{
    const HashGrade grade = password_hash_grade(entry->hash);
    return grade == GRADE_PLAIN ? 0 : grade == GRADE_WEAK ? 1 : 2;
}

/* Those that have still something to be tried: first those that no run came to, of these the cheap ones first. Gives.
 */
static GArray *
jobs_of(const PasswordAudit *audit)
{
    GArray *jobs = g_array_new(FALSE, FALSE, sizeof(guint));
    for (guint turn = 0; turn < 6; turn++)
        for (guint i = 0; i < audit->rows->len; i++) {
            const AuditRow *row = row_at(audit, i);
            const gboolean more = audit->options->tries == 0 || row->tried < audit->options->tries;
            if (cost_of(row->entry) == turn % 3 && (row->tried > 0) == (turn >= 3) && row->depth != AUDIT_UNCHECKED &&
                row->depth != AUDIT_WHOLE && more)
                g_array_append_val(jobs, i);
        }
    return jobs;
}

PasswordAudit *
password_audit_new(const GPtrArray *list, const AuditOptions *options, CryptoHash *inputs, GError **error)
{
    PasswordAudit *audit = g_new0(PasswordAudit, 1);
    guint8 digest[CRYPTO_DIGEST_SIZE];
    g_autofree char *version = guess_version(NULL);
    audit->options = options;
    g_mutex_init(&audit->lock);
    g_cond_init(&audit->done_one);
    audit->rows = g_array_new(FALSE, TRUE, sizeof(AuditRow));
    audit->schemes = g_array_new(FALSE, TRUE, sizeof(AuditScheme));
    audit->words = audit_words_load(options->words_file, inputs, error);
    for (guint i = 0; i < list->len; i++) {
        AuditRow row = {.entry = g_ptr_array_index(list, i)};
        row.depth = password_hash_is_triable(row.entry->hash) ? AUDIT_NOT_TRIED : AUDIT_UNCHECKED;
        g_array_append_val(audit->rows, row);
    }
    crypto_hash_add(inputs, version, strlen(version));
    crypto_hash_add(inputs, &options->year, sizeof options->year);
    crypto_hash_free(inputs, digest);
    g_autofree char *hex = crypto_hex(digest, sizeof digest);
    if (audit->words != NULL && (options->resume_file == NULL || open_resume(audit, options->resume_file, hex, error)))
        return audit;
    password_audit_free(audit);
    return NULL;
}

void
password_audit_free(PasswordAudit *audit)
{
    if (audit == NULL)
        return;
    if (audit->resume != NULL)
        fclose(audit->resume);
    audit_words_free(audit->words);
    g_array_unref(audit->rows);
    g_array_unref(audit->schemes);
    g_mutex_clear(&audit->lock);
    g_cond_clear(&audit->done_one);
    g_free(audit);
}

static void
count_before(PasswordAudit *audit)
{
    for (guint i = 0; i < audit->rows->len; i++) {
        const AuditRow *row = row_at(audit, i);
        AuditScheme *scheme = scheme_of(audit, password_hash_scheme(row->entry->hash));
        scheme->hashes++;
        scheme->guessed += row->found != GUESS_NONE;
        audit->found += row->found != GUESS_NONE;
    }
}

static void
wait_for_all(PasswordAudit *audit)
{
    const AuditOptions *options = audit->options;
    gint64 told = 0;
    g_mutex_lock(&audit->lock);
    while (audit->done < audit->jobs) {
        g_cond_wait_until(&audit->done_one, &audit->lock, g_get_monotonic_time() + PROGRESS_US);
        const guint done = audit->done, found = audit->found;
        if (options->progress == NULL || g_get_monotonic_time() - told < PROGRESS_US)
            continue;
        told = g_get_monotonic_time();
        g_mutex_unlock(&audit->lock);
        options->progress(done, audit->jobs, found, options->user);
        g_mutex_lock(&audit->lock);
    }
    g_mutex_unlock(&audit->lock);
}

gboolean
password_audit_run(PasswordAudit *audit, GError **error)
{
    const AuditOptions *options = audit->options;
    g_autoptr(GArray) jobs = jobs_of(audit);
    count_before(audit);
    audit->jobs = jobs->len;
    audit->end_us = options->budget_seconds == 0
                        ? G_MAXINT64
                        : clock_monotonic_us() + (gint64)options->budget_seconds * G_TIME_SPAN_SECOND;
    GThreadPool *pool = g_thread_pool_new(look_at, audit, (gint)options->threads, TRUE, error);
    if (pool == NULL)
        return FALSE;
    for (guint i = 0; i < jobs->len; i++)
        g_thread_pool_push(pool, GUINT_TO_POINTER(g_array_index(jobs, guint, i) + 1), NULL);
    wait_for_all(audit);
    g_thread_pool_free(pool, FALSE, TRUE);
    if (audit->resume != NULL && fsync(fileno(audit->resume)) != 0)
        audit->resume_failed = TRUE;
    if (audit->resume_failed)
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_IO, _("%s: could not be written; a later run begins anew"),
                    options->resume_file);
    return !audit->resume_failed;
}
