/* The shared object of all sessions, and the counted settings. */
#include "config.h"
#include "gate.h"
#include "clock.h"
#include "log.h"
#include <string.h>

Snapshot *
snapshot_new(Settings *settings, guint64 generation, const char *ruleset_digest, const char *policy_digest,
             const char *papers_digest)
{
    Snapshot *snapshot = g_atomic_rc_box_new0(Snapshot);
    snapshot->settings = settings;
    snapshot->ledger = ledger_client_new(settings->ledger_socket);
    snapshot->authd = authd_client_new(settings->accounts_socket);
    snapshot->generation = generation;
    snapshot->ruleset_digest = g_strdup(ruleset_digest);
    snapshot->policy_digest = g_strdup(policy_digest);
    snapshot->papers_digest = g_strdup(papers_digest);
    return snapshot;
}

Snapshot *
snapshot_ref(Snapshot *snapshot)
{
    return g_atomic_rc_box_acquire(snapshot);
}

static void
clear_snapshot(Snapshot *snapshot)
{
    settings_free(snapshot->settings);
    ledger_client_free(snapshot->ledger);
    authd_client_free(snapshot->authd);
    g_free(snapshot->ruleset_digest);
    g_free(snapshot->policy_digest);
    g_free(snapshot->papers_digest);
}

void
snapshot_unref(Snapshot *snapshot)
{
    if (snapshot != NULL)
        g_atomic_rc_box_release_full(snapshot, (GDestroyNotify)clear_snapshot);
}

/* So that no digest of the ledger is one here. */
static void
derive_key(const guint8 key[CRYPTO_KEY_SIZE], const char *purpose, guint8 out[CRYPTO_DIGEST_SIZE])
{
    crypto_hmac(key, CRYPTO_KEY_SIZE, purpose, strlen(purpose), out);
}

Gate *
gate_new(const MilterCalls *calls, const char *state_dir, GError **error)
{
    guint8 key[CRYPTO_KEY_SIZE];
    g_autofree char *path = g_build_filename(state_dir, "milter", "release.key", NULL);
    if (!crypto_key_load(path, key, error))
        return NULL;
    Gate *gate = g_new0(Gate, 1);
    gate->calls = calls;
    gate->pool = pool_new();
    gate->suspects = suspects_new();
    gate->tickets = tickets_new(key);
    g_autofree char *directory = g_build_filename(state_dir, "milter", "notices", NULL);
    gate->notices = notices_new(gate->tickets, directory);
    guint8 other[CRYPTO_DIGEST_SIZE];
    derive_key(key, "correlation", other);
    gate->correlation = correlation_new(other);
    derive_key(key, "history", other);
    gate->history = history_new(other);
    crypto_wipe(other, sizeof other);
    crypto_wipe(key, sizeof key);
    gate->started_us = clock_wall_us();
    stats_init(&gate->stats);
    g_mutex_init(&gate->lock);
    return gate;
}

void
gate_free(Gate *gate)
{
    if (gate == NULL)
        return;
    pool_free(gate->pool);
    suspects_free(gate->suspects);
    notices_free(gate->notices);
    tickets_free(gate->tickets);
    tracks_close(gate->tracks);
    correlation_free(gate->correlation);
    history_free(gate->history);
    snapshot_unref(gate->snapshot);
    g_mutex_clear(&gate->lock);
    g_mutex_clear(&gate->stats.lock);
    g_free(gate);
}

void
gate_keep_tracks(Gate *gate, const Settings *settings)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = g_build_filename(settings->state_dir, "milter", "tracks.db", NULL);
    history_retain(gate->history, (guint)settings->history_days);
    gate->tracks = tracks_open(path, gate->correlation, gate->history, &error);
    if (gate->tracks == NULL)
        log_error("a restart will forget which letters came in: %s", error->message);
}

Snapshot *
gate_snapshot(Gate *gate)
{
    g_mutex_lock(&gate->lock);
    Snapshot *snapshot = gate->snapshot != NULL ? snapshot_ref(gate->snapshot) : NULL;
    g_mutex_unlock(&gate->lock);
    return snapshot;
}

void
gate_swap(Gate *gate, Snapshot *snapshot)
{
    history_retain(gate->history, (guint)snapshot->settings->history_days);
    g_mutex_lock(&gate->lock);
    Snapshot *old = gate->snapshot;
    gate->snapshot = snapshot;
    g_mutex_unlock(&gate->lock);
    if (old == NULL)
        notices_recover(gate->notices, snapshot->settings);
    snapshot_unref(old); /* outside the lock: it may close connections */
}
