/* reload - one generation of settings, rules and inspectors after the other, each loaded beside the one in force.
 *
 * The gate reads the settings, the loader reads the settings again with rules and policy; only when both read the same
 * file and every inspector is up is the new generation put in force. Whatever is wrong leaves the old one as it is. One
 * load at a time; an order that comes meanwhile is kept. Used by the director's thread alone. */
#pragma once
#include "gate.h"

typedef struct {
    Gate *gate;         /* lent */
    int keeper;         /* channel; owned */
    const char *config; /* lent; NULL: the default file */
    guint64 generation; /* the last one asked for */
    gboolean loading, again;
    Settings *next;     /* of the generation being loaded; owned */
    guint losses;       /* loaders lost one after the other */
    gint64 retry_at_us; /* monotonic; 0: nothing to be tried again */
    gboolean good;      /* how the last load ended */
    gint64 ended_us;    /* wall clock; 0: never */
    const char *reason; /* of a failure, for the record: "refused", "refused-signature" */
    char *text;         /* what was wrong, or a word of success; owned */
    char *warning;      /* of the generation in force; NULL: nothing is amiss; owned */
    guint inspectors;   /* of the generation in force */
} Reload;

/* Takes the channel. */
void reload_init(Reload *reload, Gate *gate, int keeper, const char *config);
void reload_clear(Reload *reload);

typedef enum { RELOAD_WAIT, RELOAD_DONE, RELOAD_FAILED, RELOAD_LOST } ReloadNews;

/* Asks for a new generation. WAIT: under way; FAILED: the settings do not load; LOST: no keeper. */
ReloadNews reload_begin(Reload *reload);
/* Takes one frame from the keeper's channel (readable). DONE: a new generation is in force; FAILED: the old one stays;
 * LOST: the keeper is gone. */
ReloadNews reload_hear(Reload *reload);
/* Starts what is due: an order that came meanwhile, or a lost loader's successor. */
ReloadNews reload_continue(Reload *reload);
