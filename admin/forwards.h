/* forwards - where mail is sent on without a person doing it, as the machine's own files say.
 *
 * One reader for each kind of source (forwards_*.c) adds what it finds; then each row is told inside, partner or
 * outside, who allowed it, and whether such letters were seen leaving. What cannot be read is told, never left out. */
#pragma once
#include "settings.h"
#include <glib.h>

#define FORWARDS_FILE_MAX (64 * 1024 * 1024) /* bytes of one file that is read */
#define FORWARDS_ROWS_MAX 200000

typedef enum { FORWARD_INSIDE, FORWARD_PARTNER, FORWARD_OUTSIDE, FORWARD_UNKNOWN } ForwardWhere;
typedef enum { COPY_NO, COPY_YES, COPY_UNKNOWN } ForwardCopy;

typedef struct {
    char *who;          /* whose mail: an address, a user's name, a pattern */
    char *to;           /* an address; "" if it is not known before */
    const char *source; /* "sieve", "forward-file", "alias", "virtual", "recipient-bcc", "sender-bcc", "ldap" ... */
    char *file;
    guint line; /* 0: not known */
    ForwardCopy copy;
    gboolean sometimes; /* under a condition */
    ForwardWhere where;
    char *allowed_by, *allowed_until; /* NULL: nobody allowed it */
    guint64 seen;                     /* letters in the ledger that left that way */
    char *seen_last;                  /* time of the last one; NULL: none */
} Forward;

typedef struct {
    GPtrArray *rows;   /* Forward */
    GPtrArray *unread; /* char *: "FILE: why" */
    gboolean cut;      /* there were more than FORWARDS_ROWS_MAX */
} Forwards;

Forwards *forwards_new(void);
void forwards_free(Forwards *forwards);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Forwards, forwards_free)

/* --- for the readers --------------------------------------------------------------------------------------------- */

/* Adds one, with copies of the texts; the new row is lent, NULL if there are too many. */
Forward *forwards_add(Forwards *forwards, const char *source, const char *who, const char *to, const char *file,
                      guint line, ForwardCopy copy);
void forwards_unread(Forwards *forwards, const char *file, const char *format, ...) G_GNUC_PRINTF(3, 4);
/* The text of a file; NULL if it cannot be read, which is noted then. Gives. */
char *forwards_read(Forwards *forwards, const char *file, gsize *length_out);
/* Files that a pattern stands for: %u (user@domain), %n (its local part), %d (its domain) and * stand for any name.
 * Told with the user that the place names. FALSE if the pattern is none. */
typedef void (*ForwardsFile)(const char *file, const char *user, gpointer data);
gboolean forwards_each_file(const char *pattern, ForwardsFile each, gpointer data);

/* --- the readers ------------------------------------------------------------------------------------------------- */

/* Scripts at the places of a pattern, "/var/vmail/%d/%n/.dovecot.sieve". Included scripts are looked for beside them,
 * in "sieve/" beside them, and in `global` (may be NULL). */
void forwards_read_sieve(Forwards *forwards, const char *pattern, const char *global);
/* The pattern that Dovecot uses, from doveconf; NULL: unknown. Gives. */
char *forwards_sieve_pattern(const char *dovecot_config);
/* Scripts that Dovecot runs for everybody: sieve_before, sieve_after, with their numbers, and sieve_default; and, of
 * the setting `sieve`, that scripts lie where no file can be read (ldap:, dict:), which is noted. */
void forwards_read_dovecot(Forwards *forwards, const char *dovecot_config, const char *global);
/* One place as Pigeonhole names it: a script, a directory of *.sieve, "file:..." of these; others are noted. */
void forwards_read_sieve_place(Forwards *forwards, const char *place, const char *who, const char *global);
/* .forward files of this machine's users, where Postfix's forward_path says. config: of Postfix, NULL: its default. */
void forwards_read_dot_forward(Forwards *forwards, const char *config);
/* alias_maps, virtual_alias_maps, recipient_bcc_maps, sender_bcc_maps, always_bcc of Postfix. */
void forwards_read_maps(Forwards *forwards, const char *config);
/* An LDIF file (RFC 2849) as ldapsearch or slapcat write it. */
void forwards_read_ldif(Forwards *forwards, const char *file);

/* Roundcube's table of identities: a SQLite file, an SQL dump (MySQL, PostgreSQL, SQLite) or CSV with a header; which
 * it is, its content tells. Reply-To and Bcc of identities that are not deleted. */
void forwards_read_roundcube(Forwards *forwards, const char *file);

/* For tests and the readers above: one alias file or right-hand side (aliases(5), also that of .forward), one lookup
 * table in text (postmap(1)). */
void forwards_read_alias_text(Forwards *forwards, const char *file, const char *text);
void forwards_read_forward_text(Forwards *forwards, const char *user, const char *file, const char *text);
void forwards_read_table_text(Forwards *forwards, const char *source, const char *file, const char *text,
                              gboolean lines_known);

/* --- afterwards -------------------------------------------------------------------------------------------------- */

/* Fills `where` of every row. partners: domains, beside those of the settings; may be NULL. */
void forwards_place(Forwards *forwards, const Settings *settings, char **partners);
/* Fills who allowed it, from the register (exceptions for "auto-forward"). FALSE with error: hangu-authd does not
 * answer. */
gboolean forwards_ask_register(Forwards *forwards, const Settings *settings, GError **error);
/* Fills `seen` from the ledger's records of automatic forwards. FALSE with error: it cannot be read. */
gboolean forwards_look_in_ledger(Forwards *forwards, const Settings *settings, GError **error);
/* How many lead outside and are not allowed (unknown destinations count). */
guint forwards_count_open(const Forwards *forwards);
