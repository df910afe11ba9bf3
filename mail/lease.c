/* Asks once for each kind: a "no" is for good, and a "yes" begins a new slice. */
#include "config.h"
#include "lease.h"
#include "clock.h"

static void
begin(Lease *lease, LeaseKind kind)
{
    lease->kind = kind;
    lease->until_us =
        kind == LEASE_LONG ? -1 : clock_monotonic_us() + (kind == LEASE_LIGHT ? LEASE_LIGHT_US : LEASE_SLICE_US);
}

Lease
lease_new(LeaseKind kind, LeaseAsk ask, gpointer user)
{
    Lease lease = {.ask = ask, .user = user};
    begin(&lease, kind);
    return lease;
}

static gboolean
want(Lease *lease, LeaseKind kind)
{
    if (!lease->ended && lease->ask(kind, lease->user))
        begin(lease, kind);
    else
        lease->ended = TRUE;
    return !lease->ended;
}

gboolean
lease_opens(Lease *lease)
{
    return lease == NULL || (lease->kind >= LEASE_DOCUMENTS ? !lease->ended : want(lease, LEASE_DOCUMENTS));
}

gboolean
lease_goes_on(Lease *lease)
{
    if (lease == NULL || lease->ended || lease->until_us < 0 || clock_monotonic_us() < lease->until_us)
        return lease == NULL || !lease->ended;
    return want(lease, lease->kind + 1);
}

gint64
lease_until(const Lease *lease, gint64 deadline_us)
{
    return lease == NULL || lease->until_us < 0 ? deadline_us : MIN(deadline_us, lease->until_us);
}
