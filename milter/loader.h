/* loader - the process of one generation: loads settings, rules and policy, forks the inspectors, keeps their number.
 *
 * Single-threaded, never receives a letter, is not the gate. Sends each inspector's socket and pidfd to the gate, then
 * WIRE_LOADER_READY, or WIRE_LOADER_FAILED with every problem. While current it replaces inspectors that die; once
 * retired it only waits for the last one. Dies with its parent, as inspectors die with it. */
#pragma once
#include "yaml.h"

/* What a generation loaded; `data` is for serve(). Freed never: the process ends with it. */
typedef struct {
    gpointer data;
    const char *settings_digest, *ruleset_digest, *policy_digest,
        *papers_digest; /* lent by data; "" if there is none */
    char *warning;      /* what is wrong though it loads; NULL: nothing */
    guint inspectors;
} Loaded;

/* What is loaded and who inspects; tests bring their own. */
typedef struct {
    /* FALSE with problems. config NULL: the default file. What is loaded goes into force. */
    gboolean (*load)(const char *config, Loaded *loaded_out, Problems *problems);
    /* The life of one inspector, in its own process. Gives its exit status. */
    int (*serve)(const Loaded *loaded, int socket);
} LoaderWork;

typedef struct {
    guint64 generation;
    int channel; /* to the gate, shared with the keeper */
    int retire;  /* end of file: this generation is old */
    const char *config;
    const LoaderWork *work;
} LoaderTask;

/* The life of the loader; gives its exit status. */
int loader_run(const LoaderTask *task);
