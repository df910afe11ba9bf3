/* discover - who and what really submits mail, from the logs of Postfix and Dovecot and a passwd-file.
 *
 * Bounded: DISCOVER_MOST submitters, DISCOVER_OPEN letters whose queue id waits for its sender; lines are cut at
 * DISCOVER_LINE bytes. Nothing of a letter but its envelope sender is kept. */
#pragma once
#include <glib.h>

#define DISCOVER_MOST 50000
#define DISCOVER_OPEN 100000
#define DISCOVER_LINE 8192
#define DISCOVER_FEW 16 /* clients and senders that are kept of each */

typedef enum {
    SUBMITTER_LOGIN, /* by a login name (SASL, or Dovecot's logins) */
    SUBMITTER_HOST,  /* by address, without a login */
    SUBMITTER_LOCAL, /* sendmail(1), by user id */
} SubmitterType;

typedef struct {
    SubmitterType type;
    char *name;          /* login name, address or "uid:1000" */
    gint64 letters;      /* submitted */
    gint64 logins;       /* to read mail */
    GHashTable *clients; /* address to its count (GUINT), at most DISCOVER_FEW */
    GHashTable *senders; /* envelope sender to its count */
    GHashTable *methods; /* SASL mechanisms */
    char *last;          /* time as the log writes it, of the last line */
    gboolean in_password_file;

    /* by discover_judge() */
    const char *kind; /* "person", "service", "administrator", "unit" */
    char *reason;     /* of it */
    char *address;    /* mailbox; NULL: none can be told */
} Discovered;

typedef struct Discover Discover;
Discover *discover_new(void);
void discover_free(Discover *discover);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Discover, discover_free)

/* One line of a log; those that say nothing are passed over. */
void discover_line(Discover *discover, const char *line, gsize length);
/* A log, plain or .gz. FALSE with error: NO_INPUT, IO, DATA (no gzip). */
gboolean discover_log(Discover *discover, const char *path, GError **error);
/* A passwd-file of Dovecot: names only; passwords are not looked at. */
gboolean discover_passwd_file(Discover *discover, const char *path, GError **error);
/* Sorts out who is what. domains: char *, the unit's own, the first for names without one; networks: CIDR, whose hosts
 * may submit without a login (others are other people's servers and left out). */
void discover_judge(Discover *discover, const GPtrArray *domains, const GPtrArray *networks);
/* Submitters, those with the most letters first; lent. */
const GPtrArray *discover_submitters(const Discover *discover);
guint64 discover_lines(const Discover *discover);     /* lines read */
gboolean discover_was_full(const Discover *discover); /* there were more than DISCOVER_MOST */
