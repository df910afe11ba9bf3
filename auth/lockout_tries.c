/* Tries that were allowed, and whose end is not known yet. */
#include "config.h"
#include "lockout_private.h"
#include <string.h>

static void
pending_remove(LockoutState *state, guint index)
{
    state->pending_count--;
    memmove(&state->pending[index], &state->pending[index + 1],
            (state->pending_count - index) * sizeof state->pending[0]);
}

void
lockout_try_end(LockoutState *state, guint64 digest)
{
    for (guint i = 0; state != NULL && i < state->pending_count; i++)
        if (state->pending[i].digest == digest) {
            pending_remove(state, i);
            return;
        }
}

gboolean
lockout_try_is_begun(const LockoutState *state, guint64 digest)
{
    for (guint i = 0; digest != 0 && i < state->pending_count; i++)
        if (state->pending[i].digest == digest)
            return TRUE;
    return FALSE;
}

static void
pending_age(LockoutState *state, gint64 now_us)
{
    while (state->pending_count > 0 && now_us - state->pending[0].when_us >= LOCKOUT_PENDING_US)
        pending_remove(state, 0);
}

static void
pending_add(LockoutState *state, guint64 digest, gint64 now_us)
{
    if (state->pending == NULL)
        state->pending = g_new(LockoutPending, LOCKOUT_LIMIT_MAX);
    if (state->pending_count < LOCKOUT_LIMIT_MAX)
        state->pending[state->pending_count++] = (LockoutPending){digest, now_us};
}

/* Would this try be one too many if all that are under way were wrong? */
gboolean
lockout_try_is_one_too_many(const Lockout *lockout, LockoutState *state, const LockoutTry *attempt)
{
    pending_age(state, attempt->now_us);
    return !lockout_state_has_digest(state, attempt->digest) && !lockout_try_is_begun(state, attempt->digest) &&
           state->wrong + state->pending_count >= lockout_state_limit(lockout, state);
}

void
lockout_try_begin(LockoutState *state, const LockoutTry *attempt)
{
    if (!lockout_state_has_digest(state, attempt->digest) && !lockout_try_is_begun(state, attempt->digest))
        pending_add(state, attempt->digest, attempt->now_us);
}
