/* lease - what a letter may have of its inspector, and for how long; who needs more asks, and may have to give it back.
 *
 * A letter begins light. When its first document is to be opened, or its time is over, it asks for the next kind. The
 * gate says no while too many letters of that kind have inspectors (milter/pool.h): then the letter is left alone at
 * once, and is begun anew when there is a place for it. */
#pragma once
#include <glib.h>

typedef enum {
    LEASE_LIGHT,     /* opens no document; LEASE_LIGHT_US */
    LEASE_DOCUMENTS, /* may open documents; LEASE_SLICE_US */
    LEASE_LONG,      /* until the letter's deadline */
} LeaseKind;

#define LEASE_LIGHT_US (G_USEC_PER_SEC / 2)
#define LEASE_SLICE_US (2 * G_USEC_PER_SEC)

/* Asks for `wanted`, a later kind than the one there is. FALSE: no. */
typedef gboolean (*LeaseAsk)(LeaseKind wanted, gpointer user);

typedef struct {
    LeaseKind kind;
    gint64 until_us; /* monotonic; -1: for ever */
    LeaseAsk ask;
    gpointer user;
    gboolean ended; /* it was refused more: nothing of this letter counts */
} Lease;

Lease lease_new(LeaseKind kind, LeaseAsk ask, gpointer user);
/* Before a document is opened. FALSE: the lease has ended. A lease of NULL is one without limits, here and below. */
gboolean lease_opens(Lease *lease);
/* Every now and then. FALSE: the lease has ended. */
gboolean lease_goes_on(Lease *lease);
/* The earlier of deadline_us (never -1) and the time to ask for more. */
gint64 lease_until(const Lease *lease, gint64 deadline_us);
