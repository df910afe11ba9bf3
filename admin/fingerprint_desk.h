/* fingerprint_desk - what the commands of `hangu fingerprint` share: settings, key, register, the gate told. */
#pragma once
#include "papers.h"
#include "settings.h"
#include <glib.h>

typedef struct {
    char *config, *key_file; /* options */
    gboolean json;           /* option */
    Settings *settings;
    FingerprintKey key;
    Papers *papers; /* of the gate; NULL until opened */
    int lock;       /* -1: not held */
} Desk;
#define DESK_INIT  \
    {              \
        .lock = -1 \
    }
void desk_clear(Desk *desk);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Desk, desk_clear)

/* --config, --key, --json */
void desk_add_options(GOptionContext *context, Desk *desk);
/* Reads settings and key. `make`: a gate without a key gets one. */
gboolean desk_prepare(Desk *desk, gboolean make, GError **error);
/* Opens the gate's register, an empty one if there is none yet. `change`: nobody else changes it meanwhile. */
gboolean desk_open(Desk *desk, gboolean change, GError **error);
/* Settles the register, has the ledger record the change, writes the register, and tells a gate that runs. `change`,
 * `officer`: of fingerprint_record.h; `numbers`: guint32, of the papers concerned. *gate_out: 0 it uses it, 1 it does
 * not run, 2 it does not load it (why was said on standard error). FALSE: the register is as it was; without a ledger
 * nothing is changed. A register that is the same as before is not written and not recorded. */
gboolean desk_save(Desk *desk, const char *change, const char *officer, GArray *numbers, int *gate_out, GError **error);
/* Numbers of the papers from that index on. */
GArray *desk_numbers_from(const Desk *desk, guint first);
/* One line about the gate, for a person. Lends. */
const char *desk_gate_text(int gate);
