/* Locks: what may be tried, what a try leads to, what is locked. */
#include "config.h"
#include "lockout_private.h"
#include <string.h>

/* A known good network is written again when its last login is so much later. */
#define GOOD_PUT_US HOUR_US
#define RECENT_MAX 32
#define FAILING_MAX 256

const char *
lockout_word(LockoutWord word)
{
    static const char *const words[] = {"open", "here", "everywhere", "network", "busy", "full"};
    return words[word];
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
    LockoutState *here = lockout_state_find(lockout, attempt->account, attempt->network);
    LockoutState *everywhere = lockout_state_find(lockout, attempt->account, "");
    LockoutState *network = lockout_state_find(lockout, "", attempt->network);
    gboolean good = lockout_state_is_good(here, now);
    lockout_state_refresh(here, now);
    lockout_state_refresh(everywhere, now);
    lockout_state_refresh(network, now);
    if (lockout_state_is_locked(here, now))
        return (LockoutAnswer){LOCKOUT_HERE, here->until, 0};
    if (!good && lockout_state_is_locked(everywhere, now))
        return (LockoutAnswer){LOCKOUT_EVERYWHERE, everywhere->until, 0};
    if (!good && lockout_state_is_locked(network, now))
        return (LockoutAnswer){LOCKOUT_NETWORK, network->until, 0};
    if (attempt->known)
        return (LockoutAnswer){LOCKOUT_OPEN, 0, 0};
    here = lockout_state_make(lockout, attempt->account, attempt->network, now);
    everywhere = good ? NULL : lockout_state_make(lockout, attempt->account, "", now);
    if (here == NULL || (!good && everywhere == NULL))
        return (LockoutAnswer){LOCKOUT_FULL, 0, 0};
    if (lockout_try_is_one_too_many(lockout, here, attempt) ||
        (everywhere != NULL && lockout_try_is_one_too_many(lockout, everywhere, attempt)))
        return (LockoutAnswer){LOCKOUT_BUSY, 0, 0};
    gboolean second = lockout_try_is_begun(here, attempt->digest); /* after the password was found good */
    lockout_try_begin(here, attempt);
    if (everywhere != NULL)
        lockout_try_begin(everywhere, attempt);
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
count_wrong(const Lockout *lockout, LockoutState *state, const LockoutTry *attempt)
{
    if (state == NULL || lockout_state_has_digest(state, attempt->digest))
        return FALSE;
    if (attempt->digest != 0 && state->digest_count < LOCKOUT_LIMIT_MAX)
        state->digests[state->digest_count++] = attempt->digest;
    state->wrong++;
    state->last_wrong = attempt->now_us;
    lockout_state_put(lockout, state);
    return TRUE;
}

static void
lock(const Lockout *lockout, LockoutState *state, guint minutes, gint64 now_us, LockoutWord word, LockoutChange *change)
{
    if (lockout_state_is_locked(state, now_us))
        return;
    state->locked = now_us;
    state->until = minutes > 0 ? now_us + minutes * G_TIME_SPAN_MINUTE : LOGINS_FOR_EVER;
    lockout_state_put(lockout, state);
    change->locked = word;
    change->until_us = state->until;
}

/* Accounts in the last hour; `wrong` of the state of a network counts them. */
static void
count_account(LockoutState *network, const char *account, gint64 now_us)
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
    LockoutState *here = lockout_state_find(lockout, attempt->account, attempt->network);
    lockout_try_end(here, attempt->digest);
    lockout_try_end(lockout_state_find(lockout, attempt->account, ""), attempt->digest);
    lockout_state_refresh(here, now);
    change->wrong = here != NULL ? here->wrong : 0;
    if (!counts || attempt->known)
        return;
    gboolean good = lockout_state_is_good(here, now);
    here = lockout_state_make(lockout, attempt->account, attempt->network, now);
    if (here == NULL || !count_wrong(lockout, here, attempt))
        return;
    change->counted = TRUE;
    change->wrong = here->wrong;
    if (here->wrong >= lockout_state_limit(lockout, here))
        lock(lockout, here, attempt->unlock_minutes, now, LOCKOUT_HERE, change);
    if (good)
        return;
    LockoutState *everywhere = lockout_state_make(lockout, attempt->account, "", now),
                 *network = lockout_state_make(lockout, "", attempt->network, now);
    lockout_state_refresh(everywhere, now);
    if (count_wrong(lockout, everywhere, attempt) && everywhere->wrong >= lockout_state_limit(lockout, everywhere))
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
count_networks(const Lockout *lockout, LockoutState *account, const LockoutTry *attempt)
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
    LockoutState *here = lockout_state_make(lockout, attempt->account, attempt->network, now);
    LockoutState *account = lockout_state_make(lockout, attempt->account, "", now);
    if (here == NULL || account == NULL)
        return;
    lockout_try_end(here, attempt->digest);
    lockout_try_end(account, attempt->digest);
    gboolean fresh = !lockout_state_is_good(here, now);
    change->new_network = fresh && account->good_networks > 0;
    if (here->first_good == 0) {
        here->first_good = now;
        account->good_networks++;
    }
    gboolean dirty = fresh || here->wrong > 0 || now - here->put_good > GOOD_PUT_US;
    here->last_good = now;
    here->wrong = here->digest_count = 0;
    if (dirty)
        lockout_state_put(lockout, here);
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
    gboolean known = lockout_state_is_good(lockout_state_find(lockout, account, network), now_us);
    g_mutex_unlock(&lockout->lock);
    return known;
}

gboolean
lockout_is_locked(Lockout *lockout, const char *account, const char *network, gint64 now_us)
{
    g_mutex_lock(&lockout->lock);
    const LockoutState *here = lockout_state_find(lockout, account, network);
    gboolean locked = lockout_state_is_locked(here, now_us) ||
                      (!lockout_state_is_good(here, now_us) &&
                       lockout_state_is_locked(lockout_state_find(lockout, account, ""), now_us));
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
        LockoutState *state = value;
        gboolean meant = *account != '\0' ? strcmp(state->account, account) == 0
                                          : *state->account == '\0' && strcmp(state->network, network) == 0;
        if (!meant || (state->locked == 0 && state->wrong == 0))
            continue;
        count += state->locked != 0;
        state->locked = state->until = 0;
        state->wrong = state->digest_count = 0;
        g_clear_pointer(&state->sub, g_hash_table_unref);
        lockout_state_put(lockout, state);
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
        const LockoutState *state = value;
        if (lockout_state_is_locked(state, now_us))
            visit(state->account, state->network, state->locked, state->until, state->wrong, user);
    }
    g_mutex_unlock(&lockout->lock);
}
