/* A hash that was not seen before is tried against the likely passwords of its owner, by a thread that has time. */
#include "config.h"
#include "clock.h"
#include "guess.h"
#include "log.h"
#include "passwords_private.h"
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define WAITING_MAX 2000
#define GUESSES_MAX 2000000
#define NICEST 19

void
password_job_free(gpointer data)
{
    PasswordJob *job = data;
    crypto_wipe(job->hash, sizeof job->hash);
    g_free(job->account);
    g_free(job->login);
    g_free(job->address);
    g_free(job->name);
    g_free(job->unit);
    g_free(job->department);
    g_free(job);
}

void
passwords_hash(const Passwords *passwords, const char *login, const char *guess, gsize length,
               guint8 out[PASSWORDS_HASH_SIZE])
{
    guint8 text[PASSWORDS_PREFIX_MAX];
    gsize nonce = strlen(passwords->nonce), name = strlen(login) + 1; /* with its zero */
    memcpy(text, passwords->nonce, nonce);
    memcpy(text + nonce, login, name);
    memcpy(text + nonce + name, guess, length);
    crypto_sha256(text, nonce + name + length, out);
}

typedef struct {
    const Passwords *passwords;
    const PasswordJob *job;
    guint64 left;
    gboolean found;
} Trying;

static gboolean
try_guess(const char *guess, gsize length, gpointer user)
{
    Trying *trying = user;
    guint8 hash[PASSWORDS_HASH_SIZE];
    if (length > PASSWORDS_PREFIX_MAX / 2)
        return TRUE;
    passwords_hash(trying->passwords, trying->job->login, guess, length, hash);
    trying->found = memcmp(hash, trying->job->hash, sizeof hash) == 0;
    return !trying->found && --trying->left > 0 && !g_atomic_int_get(&trying->passwords->stop);
}

static void
judge(Passwords *passwords, const PasswordJob *job)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    gint64 wall = clock_wall_us();
    Trying trying = {passwords, job, GUESSES_MAX, FALSE};
    GuessPerson person = {job->login,
                          job->address,
                          job->name,
                          job->unit,
                          job->department,
                          passwords->words_file,
                          g_date_time_get_year(now)};
    guint64 guesses = guess_each(&person, try_guess, &trying);
    if (g_atomic_int_get(&passwords->stop) && !trying.found)
        return;
    PasswordVerdict verdict = trying.found ? VERDICT_WEAK : VERDICT_TRIED;
    g_mutex_lock(&passwords->lock);
    PasswordRecord *record = passwords_find(passwords, job->account, job->login);
    if (record != NULL && memcmp(record->waiting, job->hmac, sizeof job->hmac) == 0)
        record->waits = FALSE;
    gboolean same = record != NULL && memcmp(record->hmac, job->hmac, sizeof job->hmac) == 0;
    if (same) {
        record->verdict = verdict;
        record->judged = wall;
        passwords_set(&record->tried, passwords->version);
        passwords_put(passwords, record);
    }
    g_mutex_unlock(&passwords->lock);
    if (same && passwords->options.judged != NULL)
        passwords->options.judged(passwords->options.user, job->account, verdict, guesses);
}

gpointer
passwords_run(gpointer data)
{
    Passwords *passwords = data;
    setpriority(PRIO_PROCESS, (id_t)gettid(), NICEST); /* answers come first */
    g_mutex_lock(&passwords->lock);
    for (;;) {
        while (g_queue_is_empty(&passwords->waiting) && !passwords->stop) {
            g_cond_broadcast(&passwords->idle);
            g_cond_wait(&passwords->wake, &passwords->lock);
        }
        if (passwords->stop)
            break;
        PasswordJob *job = g_queue_pop_head(&passwords->waiting);
        passwords->busy = TRUE;
        g_mutex_unlock(&passwords->lock);
        judge(passwords, job);
        password_job_free(job);
        g_mutex_lock(&passwords->lock);
        passwords->busy = FALSE;
    }
    g_mutex_unlock(&passwords->lock);
    return NULL;
}

/* Under the lock. What finds no room is tried at the next login. */
void
passwords_enqueue(Passwords *passwords, PasswordRecord *record, const PasswordUse *use, const PasswordPerson *person)
{
    guint most = passwords->options.waiting != 0 ? passwords->options.waiting : WAITING_MAX;
    if (passwords->waiting.length >= most) {
        if (!passwords->full)
            log_warn("%u new passwords wait to be tried: more are tried at their next login", most);
        passwords->full = TRUE;
        return;
    }
    if (record->waits && memcmp(record->waiting, record->hmac, sizeof record->hmac) == 0)
        return;
    record->waits = TRUE;
    memcpy(record->waiting, record->hmac, sizeof record->hmac);
    PasswordJob *job = g_new0(PasswordJob, 1);
    job->account = g_strdup(use->account);
    job->login = g_strdup(use->login);
    job->address = g_strdup(person->address);
    job->name = g_strdup(person->name);
    job->unit = g_strdup(person->unit);
    job->department = g_strdup(person->department);
    memcpy(job->hash, use->hash, sizeof job->hash);
    memcpy(job->hmac, record->hmac, sizeof job->hmac);
    passwords->full = FALSE;
    g_queue_push_tail(&passwords->waiting, job);
    g_cond_signal(&passwords->wake);
}
