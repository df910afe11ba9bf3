/* discover_private - what the files of discover share. */
#pragma once
#include "discover.h"

struct Discover {
    GHashTable *by_name; /* "type name" to Discovered (lent) */
    GPtrArray *all;      /* Discovered */
    GHashTable *open;    /* queue id to Discovered (lent) whose letter it is */
    char *reading;       /* "log FILE"; NULL between files */
    guint64 lines;
    gboolean full;

    GHashTable *known_by_name; /* to Known (lent), see discover_known.c */
    GPtrArray *known;          /* Known, in the order they were found */
    GPtrArray *unread;         /* DiscoverUnread */
    guint listed;
};

/* Of this name, new or found; NULL when there are too many. Lends. */
Discovered *discover_submitter(Discover *discover, SubmitterType type, const char *name);
/* Adds a copy to a list of texts; each once, and only DISCOVER_FEW. NULL is fine. */
void discover_add_text(GPtrArray *list, const char *text);
/* Like discover_passwd_file(), for names without "@" of this domain (NULL: unknown). */
gboolean discover_users_of(Discover *discover, const char *path, const char *domain, GError **error);

void discover_known_begin(Discover *discover);
void discover_known_end(Discover *discover);
/* A known name has a password. */
void discover_known_password(Discover *discover, const char *name);
/* Joins what tables know with the submitters, whose addresses are told already; the rest become submitters of letters
 * 0. domain: for names without one; may be NULL. `judge` tells the kind of those that are new. */
void discover_known_join(Discover *discover, const char *domain, void (*judge)(Discovered *one));
