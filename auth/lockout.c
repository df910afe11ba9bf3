/* Locks. One table of states by account and network; an empty account or network stands for all. */
#include "config.h"
#include "lockout.h"
#include "log.h"
#include <string.h>

#define STATES_MAX 200000
#define DAY_US G_TIME_SPAN_DAY
#define HOUR_US G_TIME_SPAN_HOUR
/* A try whose end nobody told is over after this. */
#define PENDING_US (60 * G_TIME_SPAN_SECOND)
/* A known good network is written again when its last login is so much later. */
#define GOOD_PUT_US HOUR_US
#define RECENT_MAX 32
#define FAILING_MAX 256

typedef struct {
    guint64 digest;
    gint64 when_us;
} Pending;

typedef struct {
    char *account, *network;
    gint64 first_good, last_good, put_good;
    guint wrong;
    gint64 last_wrong, locked, until;
    guint digest_count, pending_count;
    guint64 digests[LOCKOUT_LIMIT_MAX];
    Pending *pending; /* LOCKOUT_LIMIT_MAX; NULL: none so far */
    GHashTable *sub;  /* of an account: networks of good logins; of a network: accounts that failed; to gint64 times */
    gint64 told;      /* of an account: when many networks were told */
    guint good_networks;
} State;

struct Lockout {
    LockoutLimits limits;
    Logins *logins;
    GMutex lock; /* guards all */
    GHashTable *states;
    gint64 purged_us;
    gboolean full; /* told */
};

static void
state_free(gpointer data)
{
    State *state = data;
    g_free(state->account);
    g_free(state->network);
    g_free(state->pending);
    g_clear_pointer(&state->sub, g_hash_table_unref);
    g_free(state);
}

const char *
lockout_word(LockoutWord word)
{
    static const char *const words[] = {"open", "here", "everywhere", "network", "busy", "full"};
    return words[word];
}

/* --- states --------------------------------------------------------------------------------------------------- */

static guint
limit_of(const Lockout *lockout, const State *state)
{
    guint limit = *state->network != '\0' ? lockout->limits.lock_after : lockout->limits.lock_everywhere;
    return CLAMP(limit, 1, LOCKOUT_LIMIT_MAX);
}

static guint
state_hash(gconstpointer key)
{
    const State *state = key;
    return g_str_hash(state->account) * 31 + g_str_hash(state->network);
}

static gboolean
state_equal(gconstpointer a, gconstpointer b)
{
    const State *one = a, *other = b;
    return strcmp(one->account, other->account) == 0 && strcmp(one->network, other->network) == 0;
}

static State *
find(const Lockout *lockout, const char *account, const char *network)
{
    State key = {.account = (char *)account, .network = (char *)network};
    return g_hash_table_lookup(lockout->states, &key);
}

static gboolean
is_good(const State *state, gint64 now_us)
{
    return state != NULL && state->first_good != 0 && now_us - state->last_good < LOCKOUT_GOOD_DAYS * DAY_US;
}

static gboolean
is_locked(const State *state, gint64 now_us)
{
    return state != NULL && state->locked != 0 && now_us < state->until;
}

static gboolean
is_stale(const State *state, gint64 now_us)
{
    gboolean pending =
        state->pending_count > 0 && now_us - state->pending[state->pending_count - 1].when_us < PENDING_US;
    return !is_locked(state, now_us) && !is_good(state, now_us) && !pending && now_us - state->last_wrong > DAY_US &&
           state->good_networks == 0;
}

static void
put(const Lockout *lockout, State *state)
{
    if (lockout->logins == NULL)
        return;
    g_autoptr(GString) digests = g_string_new(NULL);
    for (guint i = 0; i < state->digest_count; i++)
        g_string_append_printf(digests, "%s%016" G_GINT64_MODIFIER "x", i > 0 ? " " : "", state->digests[i]);
    LoginRow row = {state->account,    state->network, state->first_good, state->last_good, state->wrong,
                    state->last_wrong, digests->str,   state->locked,     state->until};
    logins_put(lockout->logins, &row);
    state->put_good = state->last_good;
}

static void
purge(Lockout *lockout, gint64 now_us)
{
    GHashTableIter iter;
    gpointer value;
    if (now_us - lockout->purged_us < G_TIME_SPAN_MINUTE)
        return;
    lockout->purged_us = now_us;
    g_hash_table_iter_init(&iter, lockout->states);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const State *state = value;
        if (!is_stale(state, now_us))
            continue;
        if (lockout->logins != NULL)
            logins_drop(lockout->logins, state->account, state->network);
        g_hash_table_iter_remove(&iter);
    }
}

/* NULL: there is no room. */
static State *
make(Lockout *lockout, const char *account, const char *network, gint64 now_us)
{
    State *state = find(lockout, account, network);
    if (state != NULL)
        return state;
    guint most = lockout->limits.most != 0 ? lockout->limits.most : STATES_MAX;
    if (g_hash_table_size(lockout->states) >= most)
        purge(lockout, now_us);
    if (g_hash_table_size(lockout->states) >= most) {
        if (!lockout->full)
            log_error("%u names and networks failed to log in within a day: unknown ones are refused until some are "
                      "forgotten",
                      most);
        lockout->full = TRUE;
        return NULL;
    }
    lockout->full = FALSE;
    state = g_new0(State, 1);
    state->account = g_strdup(account);
    state->network = g_strdup(network);
    g_hash_table_add(lockout->states, state);
    return state;
}

/* Failures of another day, and locks that are over, count no more. */
static void
refresh(State *state, gint64 now_us)
{
    if (state == NULL)
        return;
    gboolean over = state->locked != 0 && now_us >= state->until;
    if (over || (state->locked == 0 && state->wrong > 0 && now_us - state->last_wrong > DAY_US)) {
        state->locked = state->until = 0;
        state->wrong = state->digest_count = 0;
    }
}

/* --- tries under way ------------------------------------------------------------------------------------------ */

static gboolean
has_digest(const State *state, guint64 digest)
{
    for (guint i = 0; digest != 0 && i < state->digest_count; i++)
        if (state->digests[i] == digest)
            return TRUE;
    return FALSE;
}

static void
pending_remove(State *state, guint index)
{
    state->pending_count--;
    memmove(&state->pending[index], &state->pending[index + 1],
            (state->pending_count - index) * sizeof state->pending[0]);
}

static void
pending_end(State *state, guint64 digest)
{
    for (guint i = 0; state != NULL && i < state->pending_count; i++)
        if (state->pending[i].digest == digest) {
            pending_remove(state, i);
            return;
        }
}

static gboolean
pending_has(const State *state, guint64 digest)
{
    for (guint i = 0; digest != 0 && i < state->pending_count; i++)
        if (state->pending[i].digest == digest)
            return TRUE;
    return FALSE;
}

static void
pending_age(State *state, gint64 now_us)
{
    while (state->pending_count > 0 && now_us - state->pending[0].when_us >= PENDING_US)
        pending_remove(state, 0);
}

static void
pending_add(State *state, guint64 digest, gint64 now_us)
{
    if (state->pending == NULL)
        state->pending = g_new(Pending, LOCKOUT_LIMIT_MAX);
    if (state->pending_count < LOCKOUT_LIMIT_MAX)
        state->pending[state->pending_count++] = (Pending){digest, now_us};
}

/* Would this try be one too many if all that are under way were wrong? */
static gboolean
is_busy(const Lockout *lockout, State *state, const LockoutTry *attempt)
{
    pending_age(state, attempt->now_us);
    return !has_digest(state, attempt->digest) && !pending_has(state, attempt->digest) &&
           state->wrong + state->pending_count >= limit_of(lockout, state);
}

static void
begin(State *state, const LockoutTry *attempt)
{
    if (!has_digest(state, attempt->digest) && !pending_has(state, attempt->digest))
        pending_add(state, attempt->digest, attempt->now_us);
}

/* --- may it be tried? ----------------------------------------------------------------------------------------- */

static guint
delay_after(guint wrong)
{
    return wrong == 0 ? 0 : wrong > 4 ? LOCKOUT_DELAY_MAX : MIN(1U << (wrong - 1), LOCKOUT_DELAY_MAX);
}

static LockoutAnswer
allow(Lockout *lockout, const LockoutTry *attempt)
{
    gint64 now = attempt->now_us;
    State *here = find(lockout, attempt->account, attempt->network);
    State *everywhere = find(lockout, attempt->account, "");
    State *network = find(lockout, "", attempt->network);
    gboolean good = is_good(here, now);
    refresh(here, now);
    refresh(everywhere, now);
    refresh(network, now);
    if (is_locked(here, now))
        return (LockoutAnswer){LOCKOUT_HERE, here->until, 0};
    if (!good && is_locked(everywhere, now))
        return (LockoutAnswer){LOCKOUT_EVERYWHERE, everywhere->until, 0};
    if (!good && is_locked(network, now))
        return (LockoutAnswer){LOCKOUT_NETWORK, network->until, 0};
    if (attempt->known)
        return (LockoutAnswer){LOCKOUT_OPEN, 0, 0};
    here = make(lockout, attempt->account, attempt->network, now);
    everywhere = good ? NULL : make(lockout, attempt->account, "", now);
    if (here == NULL || (!good && everywhere == NULL))
        return (LockoutAnswer){LOCKOUT_FULL, 0, 0};
    if (is_busy(lockout, here, attempt) || (everywhere != NULL && is_busy(lockout, everywhere, attempt)))
        return (LockoutAnswer){LOCKOUT_BUSY, 0, 0};
    gboolean second = pending_has(here, attempt->digest); /* after the password was found good */
    begin(here, attempt);
    if (everywhere != NULL)
        begin(everywhere, attempt);
    guint failing = network != NULL && !good ? network->wrong / 4 : 0;
    return (LockoutAnswer){LOCKOUT_OPEN, 0, second ? 0 : delay_after(here->wrong + failing)};
}

LockoutAnswer
lockout_allow(Lockout *lockout, const LockoutTry *attempt)
{
    g_mutex_lock(&lockout->lock);
    LockoutAnswer answer = allow(lockout, attempt);
    g_mutex_unlock(&lockout->lock);
    return answer;
}

/* --- what it led to ------------------------------------------------------------------------------------------- */

/* TRUE: it is one more. */
static gboolean
count_wrong(const Lockout *lockout, State *state, const LockoutTry *attempt)
{
    if (state == NULL || has_digest(state, attempt->digest))
        return FALSE;
    if (attempt->digest != 0 && state->digest_count < LOCKOUT_LIMIT_MAX)
        state->digests[state->digest_count++] = attempt->digest;
    state->wrong++;
    state->last_wrong = attempt->now_us;
    put(lockout, state);
    return TRUE;
}

static void
lock(const Lockout *lockout, State *state, guint minutes, gint64 now_us, LockoutWord word, LockoutChange *change)
{
    if (is_locked(state, now_us))
        return;
    state->locked = now_us;
    state->until = minutes > 0 ? now_us + minutes * G_TIME_SPAN_MINUTE : LOGINS_FOR_EVER;
    put(lockout, state);
    change->locked = word;
    change->until_us = state->until;
}

/* Accounts in the last hour; `wrong` of the state of a network counts them. */
static void
count_account(State *network, const char *account, gint64 now_us)
{
    GHashTableIter iter;
    gpointer when;
    if (network->sub == NULL)
        network->sub = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_hash_table_iter_init(&iter, network->sub);
    while (g_hash_table_iter_next(&iter, NULL, &when))
        if (now_us - *(gint64 *)when > HOUR_US)
            g_hash_table_iter_remove(&iter);
    if (g_hash_table_size(network->sub) < FAILING_MAX)
        g_hash_table_replace(network->sub, g_strdup(account), g_memdup2(&now_us, sizeof now_us));
    network->wrong = g_hash_table_size(network->sub);
    network->last_wrong = now_us;
}

static void
failed(Lockout *lockout, const LockoutTry *attempt, gboolean counts, LockoutChange *change)
{
    gint64 now = attempt->now_us;
    State *here = find(lockout, attempt->account, attempt->network);
    pending_end(here, attempt->digest);
    pending_end(find(lockout, attempt->account, ""), attempt->digest);
    refresh(here, now);
    change->wrong = here != NULL ? here->wrong : 0;
    if (!counts || attempt->known)
        return;
    gboolean good = is_good(here, now);
    here = make(lockout, attempt->account, attempt->network, now);
    if (here == NULL || !count_wrong(lockout, here, attempt))
        return;
    change->counted = TRUE;
    change->wrong = here->wrong;
    if (here->wrong >= limit_of(lockout, here))
        lock(lockout, here, attempt->unlock_minutes, now, LOCKOUT_HERE, change);
    if (good)
        return;
    State *everywhere = make(lockout, attempt->account, "", now), *network = make(lockout, "", attempt->network, now);
    refresh(everywhere, now);
    if (count_wrong(lockout, everywhere, attempt) && everywhere->wrong >= limit_of(lockout, everywhere))
        lock(lockout, everywhere, attempt->unlock_minutes, now, LOCKOUT_EVERYWHERE, change);
    if (network == NULL)
        return;
    count_account(network, attempt->account, now);
    if (network->wrong >= lockout->limits.lock_network)
        lock(lockout, network, LOCKOUT_NETWORK_MINUTES, now, LOCKOUT_NETWORK, change);
}

void
lockout_failed(Lockout *lockout, const LockoutTry *attempt, gboolean counts, LockoutChange *change_out)
{
    *change_out = (LockoutChange){.locked = LOCKOUT_OPEN};
    g_mutex_lock(&lockout->lock);
    failed(lockout, attempt, counts, change_out);
    g_mutex_unlock(&lockout->lock);
}

/* Networks with a good login in the last hour; a number only when they have just become too many. */
static guint
count_networks(const Lockout *lockout, State *account, const LockoutTry *attempt)
{
    GHashTableIter iter;
    gpointer when;
    gint64 now = attempt->now_us;
    if (account->sub == NULL)
        account->sub = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    if (g_hash_table_size(account->sub) < RECENT_MAX || g_hash_table_contains(account->sub, attempt->network))
        g_hash_table_replace(account->sub, g_strdup(attempt->network), g_memdup2(&now, sizeof now));
    g_hash_table_iter_init(&iter, account->sub);
    while (g_hash_table_iter_next(&iter, NULL, &when))
        if (now - *(gint64 *)when > HOUR_US)
            g_hash_table_iter_remove(&iter);
    guint count = g_hash_table_size(account->sub);
    if (count <= lockout->limits.many_networks || now - account->told < HOUR_US)
        return 0;
    account->told = now;
    return count;
}

static void
good(Lockout *lockout, const LockoutTry *attempt, LockoutChange *change)
{
    gint64 now = attempt->now_us;
    State *here = make(lockout, attempt->account, attempt->network, now);
    State *account = make(lockout, attempt->account, "", now);
    if (here == NULL || account == NULL)
        return;
    pending_end(here, attempt->digest);
    pending_end(account, attempt->digest);
    gboolean fresh = !is_good(here, now);
    change->new_network = fresh && account->good_networks > 0;
    if (here->first_good == 0) {
        here->first_good = now;
        account->good_networks++;
    }
    gboolean dirty = fresh || here->wrong > 0 || now - here->put_good > GOOD_PUT_US;
    here->last_good = now;
    here->wrong = here->digest_count = 0;
    if (dirty)
        put(lockout, here);
    change->networks = count_networks(lockout, account, attempt);
}

void
lockout_good(Lockout *lockout, const LockoutTry *attempt, LockoutChange *change_out)
{
    *change_out = (LockoutChange){.locked = LOCKOUT_OPEN};
    g_mutex_lock(&lockout->lock);
    good(lockout, attempt, change_out);
    g_mutex_unlock(&lockout->lock);
}

/* --- what is locked ------------------------------------------------------------------------------------------- */

gboolean
lockout_is_good(Lockout *lockout, const char *account, const char *network, gint64 now_us)
{
    g_mutex_lock(&lockout->lock);
    gboolean known = is_good(find(lockout, account, network), now_us);
    g_mutex_unlock(&lockout->lock);
    return known;
}

gboolean
lockout_is_locked(Lockout *lockout, const char *account, const char *network, gint64 now_us)
{
    g_mutex_lock(&lockout->lock);
    const State *here = find(lockout, account, network);
    gboolean locked =
        is_locked(here, now_us) || (!is_good(here, now_us) && is_locked(find(lockout, account, ""), now_us));
    g_mutex_unlock(&lockout->lock);
    return locked;
}

guint
lockout_unlock(Lockout *lockout, const char *account, const char *network)
{
    GHashTableIter iter;
    gpointer value;
    guint count = 0;
    g_mutex_lock(&lockout->lock);
    g_hash_table_iter_init(&iter, lockout->states);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        State *state = value;
        gboolean meant = *account != '\0' ? strcmp(state->account, account) == 0
                                          : *state->account == '\0' && strcmp(state->network, network) == 0;
        if (!meant || (state->locked == 0 && state->wrong == 0))
            continue;
        count += state->locked != 0;
        state->locked = state->until = 0;
        state->wrong = state->digest_count = 0;
        g_clear_pointer(&state->sub, g_hash_table_unref);
        put(lockout, state);
    }
    g_mutex_unlock(&lockout->lock);
    return count;
}

void
lockout_each(Lockout *lockout, gint64 now_us, LockoutVisit visit, gpointer user)
{
    GHashTableIter iter;
    gpointer value;
    g_mutex_lock(&lockout->lock);
    g_hash_table_iter_init(&iter, lockout->states);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const State *state = value;
        if (is_locked(state, now_us))
            visit(state->account, state->network, state->locked, state->until, state->wrong, user);
    }
    g_mutex_unlock(&lockout->lock);
}

/* --- life ----------------------------------------------------------------------------------------------------- */

typedef struct {
    Lockout *lockout;
    gint64 now_us;
} Loading;

static void
load(const LoginRow *row, gpointer user)
{
    Loading *loading = user;
    State *state = make(loading->lockout, row->account, row->network, loading->now_us);
    if (state == NULL)
        return;
    state->first_good = row->first_good;
    state->last_good = state->put_good = row->last_good;
    state->wrong = (guint)CLAMP(row->wrong, 0, G_MAXINT32);
    state->last_wrong = row->last_wrong;
    state->locked = row->locked;
    state->until = row->until;
    g_auto(GStrv) digests = g_strsplit(row->digests, " ", LOCKOUT_LIMIT_MAX);
    for (guint i = 0; digests[i] != NULL && i < LOCKOUT_LIMIT_MAX; i++)
        if (*digests[i] != '\0')
            state->digests[state->digest_count++] = g_ascii_strtoull(digests[i], NULL, 16);
    if (*row->account == '\0' || *row->network == '\0' || row->first_good == 0)
        return;
    State *account = make(loading->lockout, row->account, "", loading->now_us);
    if (account != NULL)
        account->good_networks++;
}

Lockout *
lockout_new(const LockoutLimits *limits, Logins *logins, gint64 now_us, GError **error)
{
    Lockout *lockout = g_new0(Lockout, 1);
    Loading loading = {lockout, now_us};
    lockout->limits = *limits;
    g_mutex_init(&lockout->lock);
    lockout->states = g_hash_table_new_full(state_hash, state_equal, state_free, NULL);
    if (logins != NULL && !logins_each(logins, load, &loading, error)) {
        lockout_free(lockout);
        return NULL;
    }
    lockout->logins = logins;
    return lockout;
}

void
lockout_set_limits(Lockout *lockout, const LockoutLimits *limits)
{
    g_mutex_lock(&lockout->lock);
    lockout->limits = *limits;
    g_mutex_unlock(&lockout->lock);
}

void
lockout_free(Lockout *lockout)
{
    if (lockout == NULL)
        return;
    g_hash_table_unref(lockout->states);
    g_mutex_clear(&lockout->lock);
    g_free(lockout);
}
