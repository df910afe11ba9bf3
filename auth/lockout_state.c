/* Table of states by account and network, what outlives a restart, and the life of a Lockout. */
#include "config.h"
#include "lockout_private.h"
#include "log.h"
#include <string.h>

#define STATES_MAX 200000

static void
state_free(gpointer data)
{
    LockoutState *state = data;
    g_free(state->account);
    g_free(state->network);
    g_free(state->pending);
    g_clear_pointer(&state->sub, g_hash_table_unref);
    g_free(state);
}

guint
lockout_state_limit(const Lockout *lockout, const LockoutState *state)
{
    guint limit = *state->network != '\0' ? lockout->limits.lock_after : lockout->limits.lock_everywhere;
    return CLAMP(limit, 1, LOCKOUT_LIMIT_MAX);
}

static guint
state_hash(gconstpointer key)
{
    const LockoutState *state = key;
    return g_str_hash(state->account) * 31 + g_str_hash(state->network);
}

static gboolean
state_equal(gconstpointer a, gconstpointer b)
{
    const LockoutState *one = a, *other = b;
    return strcmp(one->account, other->account) == 0 && strcmp(one->network, other->network) == 0;
}

LockoutState *
lockout_state_find(const Lockout *lockout, const char *account, const char *network)
{
    LockoutState key = {.account = (char *)account, .network = (char *)network};
    return g_hash_table_lookup(lockout->states, &key);
}

gboolean
lockout_state_is_good(const LockoutState *state, gint64 now_us)
{
    return state != NULL && state->first_good != 0 && now_us - state->last_good < LOCKOUT_GOOD_DAYS * DAY_US;
}

gboolean
lockout_state_is_locked(const LockoutState *state, gint64 now_us)
{
    return state != NULL && state->locked != 0 && now_us < state->until;
}

static gboolean
is_stale(const LockoutState *state, gint64 now_us)
{
    gboolean pending =
        state->pending_count > 0 && now_us - state->pending[state->pending_count - 1].when_us < LOCKOUT_PENDING_US;
    return !lockout_state_is_locked(state, now_us) && !lockout_state_is_good(state, now_us) && !pending &&
           now_us - state->last_wrong > DAY_US && state->good_networks == 0;
}

void
lockout_state_put(const Lockout *lockout, LockoutState *state)
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
        const LockoutState *state = value;
        if (!is_stale(state, now_us))
            continue;
        if (lockout->logins != NULL)
            logins_drop(lockout->logins, state->account, state->network);
        g_hash_table_iter_remove(&iter);
    }
}

/* NULL: there is no room. */
LockoutState *
lockout_state_make(Lockout *lockout, const char *account, const char *network, gint64 now_us)
{
    LockoutState *state = lockout_state_find(lockout, account, network);
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
    state = g_new0(LockoutState, 1);
    state->account = g_strdup(account);
    state->network = g_strdup(network);
    g_hash_table_add(lockout->states, state);
    return state;
}

/* Failures of another day, and locks that are over, count no more. */
void
lockout_state_refresh(LockoutState *state, gint64 now_us)
{
    if (state == NULL)
        return;
    gboolean over = state->locked != 0 && now_us >= state->until;
    if (over || (state->locked == 0 && state->wrong > 0 && now_us - state->last_wrong > DAY_US)) {
        state->locked = state->until = 0;
        state->wrong = state->digest_count = 0;
    }
}

gboolean
lockout_state_has_digest(const LockoutState *state, guint64 digest)
{
    for (guint i = 0; digest != 0 && i < state->digest_count; i++)
        if (state->digests[i] == digest)
            return TRUE;
    return FALSE;
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
    LockoutState *state = lockout_state_make(loading->lockout, row->account, row->network, loading->now_us);
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
    LockoutState *account = lockout_state_make(loading->lockout, row->account, "", loading->now_us);
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
