/* discover - who and what really submits mail, from the logs of Postfix and Dovecot; and who could, from their tables
 * and password files.
 *
 * Bounded: DISCOVER_MOST submitters and as many names of tables, DISCOVER_OPEN letters whose queue id waits for its
 * sender; lines are cut at DISCOVER_LINE bytes. Nothing of a letter but its envelope sender is kept. */
#pragma once
#include <glib.h>

#define DISCOVER_MOST 50000
#define DISCOVER_OPEN 100000
#define DISCOVER_LINE 8192
#define DISCOVER_FEW 16                   /* clients, senders and sources that are kept of each */
#define DISCOVER_TABLE (64 * 1024 * 1024) /* bytes of a table's text that is read */

typedef enum {
    SUBMITTER_LOGIN, /* by a login name (SASL, or Dovecot's logins) */
    SUBMITTER_HOST,  /* by address, without a login */
    SUBMITTER_LOCAL, /* sendmail(1), by user id */
    /* by discover_judge(), of names that only tables know */
    SUBMITTER_MAILBOX,
    SUBMITTER_ALIAS,
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
    GPtrArray *sources; /* char *: where it was found, "log FILE", "virtual_mailbox_maps hash:FILE" */

    /* by discover_judge() */
    const char *kind;     /* "person", "service", "administrator", "unit"; "alias" */
    char *reason;         /* of it */
    char *address;        /* mailbox; NULL: none can be told */
    GPtrArray *addresses; /* char *: of a login, what it may send as (smtpd_sender_login_maps); of an alias, where it
                             leads */
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

/* What a table says of a name: */
typedef enum {
    KNOWN_MAILBOX, /* mail is taken for it */
    KNOWN_LOGIN,   /* it may log in; with a value: and send as that address */
    KNOWN_ALIAS    /* mail for it goes to the value */
} KnownType;
/* value: NULL for none. Names of whole domains ("@unit.example") are noted as not listed. */
void discover_known(Discover *discover, KnownType type, const char *name, const char *value, const char *source);
/* Notes that a source could not be listed, and why. */
void discover_unread(Discover *discover, const char *source, const char *format, ...) G_GNUC_PRINTF(3, 4);
typedef struct {
    char *source, *why;
} DiscoverUnread;
const GPtrArray *discover_not_read(const Discover *discover); /* DiscoverUnread; lent */
guint discover_sources(const Discover *discover);             /* tables and password files that were read */

/* Postfix's tables of senders, mailboxes and aliases, as postconf tells them and postmap -s lists them; those that are
 * matched or asked from elsewhere are noted as not listed. config: Postfix's directory, NULL: its default. */
void discover_postfix(Discover *discover, const char *config);
/* One table "type:name" for `parameter`, and lines "name value" as postmap(1) has them; for discover_postfix() and
 * tests. */
void discover_table(Discover *discover, const char *config, const char *parameter, KnownType type, const char *table);
void discover_table_text(Discover *discover, KnownType type, const char *text, const char *source);
/* Dovecot's passdb and userdb as doveconf tells them: passwd-files are read, others asked through doveadm if they can
 * list their users. config: Dovecot's file, NULL: its default. */
void discover_dovecot(Discover *discover, const char *config);

/* Sorts out who is what, and joins what tables know with who submits. domains: char *, the unit's own, the first for
 * names without one; networks: CIDR, whose hosts may submit without a login (others are other people's servers and left
 * out). */
void discover_judge(Discover *discover, const GPtrArray *domains, const GPtrArray *networks);
/* Submitters, those with the most letters first; lent. */
const GPtrArray *discover_submitters(const Discover *discover);
guint64 discover_lines(const Discover *discover);     /* lines read */
gboolean discover_was_full(const Discover *discover); /* there were more than DISCOVER_MOST */
