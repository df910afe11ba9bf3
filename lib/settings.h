/* settings - /etc/hangu/hangu.yaml, one row per setting.
 *
 * Immutable after load. The rows (settings_rows()) also make the example file, the manual's
 * table and `hangu check-settings`. */
#pragma once
#include "yaml.h"
#include <glib.h>

#define SETTINGS_FILE SYSCONFDIR "/hangu.yaml"

typedef enum { MODE_OBSERVE, MODE_ENFORCE } Mode;
typedef enum { ON_FAILURE_TEMPFAIL, ON_FAILURE_HOLD, ON_FAILURE_ACCEPT } OnFailure;
typedef enum { FORWARD_STOPPED_HOLD, FORWARD_STOPPED_DISCARD } ForwardStopped;
typedef enum { EXTRACT_WALLS_REQUIRED, EXTRACT_WALLS_AVAILABLE } ExtractWalls;

typedef enum { PASSWORDS_NOWHERE, PASSWORDS_FILE, PASSWORDS_LDAP, PASSWORDS_SQL } PasswordsBackend;
typedef enum { PASSWORDS_YESCRYPT, PASSWORDS_BCRYPT, PASSWORDS_ARGON2ID } PasswordsScheme; /* as HashMake */

typedef struct Settings {
    /* what the unit is, and how strict */
    char *unit;        /* unit: name written into every record; default "default" */
    int mode;          /* mode: Mode; default observe */
    int on_failure;    /* on_failure: OnFailure; accept only with observe */
    char *policy_file; /* policy: default SYSCONFDIR/policy.yaml */
    char *rules_dir;   /* rules: directory of packs; default PKGDATADIR/packs */
    char *papers_file; /* fingerprints: register of papers; default "milter/papers" below state; its key beside it */
    char *cache_dir;   /* cache: compiled rules */
    char *state_dir;   /* state: keys; the ledger is below unless set */

    /* mail: (keys as the fields) */
    GPtrArray
        *local_domains; /* A- or U-labels; ".unit.example" includes subdomains; told here, not asked from Postfix */
    GPtrArray *local_networks;       /* CIDR; clients there submit without authentication */
    char *recipient_delimiter;       /* "+" */
    char *authserv_id;               /* whose Authentication-Results count; NULL: nobody's */
    char *egress_listener;           /* {daemon_name} of the egress smtpd; default "egress" */
    char *pickup_listener;           /* {daemon_name} of sendmail(1) submissions; default "pickup" */
    GPtrArray *submission_listeners; /* char *, {daemon_name} of those where users submit */

    gint64 forward_window;      /* seconds in which a letter that came in is known when it leaves; 0: off; 10m */
    int forward_stopped;        /* ForwardStopped: what becomes of an automatic forward at egress; hold */
    gint64 history_days;        /* that work papers sent to freemail addresses are counted; 0: not; 30 */
    GPtrArray *partner_domains; /* told apart from other outside domains in `hangu account audit-forwards` */

    /* milter: (keys as the fields) */
    char *socket;               /* unix:/path or inet:port@host; default unix:/var/spool/postfix/hangu/milter.sock */
    char *socket_group;         /* group that may connect; default postfix; "" leaves it */
    char *control_socket;       /* RUNDIR/milter.control */
    char *spool_dir;            /* for letters over spool_memory; default /var/spool/hangu */
    gint64 spool_memory;        /* bytes kept in a memfd before the disk is used; 1M */
    gint64 inspectors;          /* 0: the larger of 4 and the cores */
    gint64 connections;         /* at most this many at once; 500 */
    gint64 message_size;        /* over it 552; 100M */
    gint64 deadline_submission; /* seconds; 45 */
    gint64 deadline;            /* seconds; 240 */

    /* limits: over one of them the part is `partial`, the letter goes on */
    gint64 max_depth;        /* 50 */
    gint64 max_parts;        /* 1000 */
    gint64 max_header_bytes; /* 1M, all headers of one entity */
    gint64 max_part_bytes;   /* decoded; 64M */
    gint64 max_text_bytes;   /* of one letter, all parts, decoded; 256M */
    gint64 max_hits;         /* per part; 10000 */
    gint64 max_findings;     /* per letter; 200 */

    /* extract: (keys without extract_) */
    char *extract_socket;        /* of the spawner; RUNDIR/extract.sock */
    char *extract_program;       /* NULL: beside this program, or as installed */
    int extract_walls;           /* walls: ExtractWalls */
    gint64 extract_stock;        /* readers that are kept ready; 2 */
    gint64 extract_most;         /* readers alive; 16 */
    gint64 extract_memory;       /* address space of one; 512M */
    gint64 extract_cpu;          /* seconds of processor time for one attachment; 30 */
    gint64 extract_letter;       /* seconds that all attachments of one letter take together; 90 */
    gint64 extract_max_depth;    /* levels of archives inside archives; 8 */
    gint64 extract_max_bytes;    /* all members of one attachment, unpacked; 256M */
    gint64 extract_letter_bytes; /* of all attachments of one letter together; 1G */

    /* accounts: (keys as the fields; grace) */
    gboolean accounts_ask;               /* the gate asks hangu-authd about the account of each submission; no */
    char *accounts_socket;               /* RUNDIR/authd.sock */
    char *accounts_group;                /* group that may ask and change, besides root; default hangu */
    char *accounts_login_socket;         /* RUNDIR-login/authd.sock: where login programs ask for codes */
    char *accounts_login_group;          /* group that may, besides root; "": the socket is not there */
    char *accounts_database;             /* STATEDIR/authd/accounts.db */
    char *accounts_policy_listen;        /* 127.0.0.1:4001; "": nowhere */
    gint64 accounts_lock_after;          /* different wrong passwords of an account from one network; 3 */
    gint64 accounts_lock_everywhere;     /* from all networks that are not known good; 10 */
    gint64 accounts_lock_network;        /* accounts that failed from one network in an hour; 20 */
    gint64 accounts_network_v4;          /* bits; 24 */
    gint64 accounts_network_v6;          /* bits; 48 */
    gint64 accounts_many_networks;       /* good ones of one account in an hour; 3 */
    GPtrArray *accounts_home_networks;   /* CIDR; empty: all */
    char *accounts_work_hours;           /* "06:00-23:00"; "": any */
    gint64 accounts_grace_days;          /* 7 */
    GPtrArray *accounts_warn;            /* char *, days before a password expires: 14, 7, 3, 1 */
    char *accounts_sweep;                /* "07:30" */
    char *accounts_calendar;             /* file; NULL: weekends only */
    char *accounts_words;                /* file; NULL: none */
    char *accounts_dovecot_config;       /* file; NULL: Dovecot's own */
    GPtrArray *accounts_weak_mechanisms; /* char *, SASL mechanisms that count as too weak */

    /* passwords: (keys without passwords_) where hashes of passwords are stored, for whoever changes one */
    int passwords_backend;              /* PasswordsBackend */
    int passwords_scheme;               /* PasswordsScheme */
    char *passwords_file;               /* Dovecot's passwd-file */
    char *passwords_ldap_uri;           /* ldapi:///, ldaps://HOST, ldap://HOST with starttls */
    gboolean passwords_ldap_starttls;   /* yes */
    char *passwords_ldap_ca;            /* file; NULL: the system's */
    char *passwords_ldap_bind;          /* DN */
    char *passwords_ldap_password_file; /* of that DN */
    char *passwords_ldap_base;          /* DN below which entries are looked for */
    char *passwords_ldap_filter;        /* "(mail=%u)" */
    char *passwords_ldap_attribute;     /* "userPassword" */
    char *passwords_sql_connection;     /* of ODBC, without PWD */
    char *passwords_sql_password_file;  /* NULL: none */
    char *passwords_sql_select;         /* "SELECT password FROM users WHERE address = ?" */
    char *passwords_sql_update;         /* "UPDATE users SET password = ? WHERE address = ?" */
    char *passwords_sessions_url;       /* of Dovecot's doveadm, which ends sessions; NULL: they stay */
    char *passwords_sessions_key_file;  /* doveadm_api_key */

    /* passwd_service: (keys without passwd_service_) */
    char *passwd_service_listen;   /* unix:/path, 127.0.0.1:4002; "": the service does not run */
    char *passwd_service_group;    /* may connect to the socket */
    char *passwd_service_key_file; /* of the header X-Hangu-Key; NULL: none, on a socket only */
    char *passwd_service_user;     /* what the program becomes, and hangu-authd takes it for; hangu-passwd */
    gint64 passwd_service_tries;   /* of one account in ten minutes; 5 */
    gint64 passwd_service_all;     /* in a minute; 60 */

    /* notices: (keys send, smtp, from, phone, officers, each, each_officer, pause, all) */
    gboolean notices_send;       /* yes */
    char *notices_smtp;          /* HOST:PORT of this house's mail server; 127.0.0.1:25 */
    char *notices_from;          /* NULL: postmaster@ the first local domain */
    char *notices_phone;         /* whom to call; NULL: none */
    GPtrArray *notices_officers; /* char *: told of accounts, besides those of the register */
    gint64 notices_each;         /* letters to one person in a day; 3 */
    gint64 notices_each_officer; /* to one officer; 16 */
    gint64 notices_pause;        /* seconds between two; 1h */
    gint64 notices_all;          /* in an hour; 500 */

    /* rule_sets: (keys directory, most, days, papers, keys, rollback) */
    char *rule_sets_dir;         /* STATEDIR/milter/rulesets */
    gint64 rule_sets_most;       /* sets kept; 0: none; 200 */
    gint64 rule_sets_days;       /* that one out of force stays; 1100 */
    gint64 rule_sets_papers;     /* bytes of kept registers of papers; 0: none; 1G */
    GPtrArray *rule_sets_keys;   /* char *, paths of trusted public keys; empty: signatures are not asked for */
    gboolean rule_sets_rollback; /* an older signed version may be loaded */

    /* ledger: (keys socket, directory, file_size, timeout, group) */
    char *ledger_socket;     /* RUNDIR/ledger.sock */
    char *ledger_dir;        /* STATEDIR/ledger */
    gint64 ledger_file_size; /* a new file after so many bytes; 64M */
    gint64 ledger_timeout;   /* seconds a gate waits for the record; 20 */
    char *ledger_group;      /* group that may append; default hangu */

    /* log: */
    int log_sink;  /* sink: LogSink */
    int log_level; /* level: LogLevel */

    /* not in the file */
    char *path;   /* where it was read; NULL: defaults only */
    char *digest; /* "sha256:..." of the file's bytes; without a file, of the example's */
} Settings;

/* path NULL: SETTINGS_FILE if it exists, else the defaults. A path given must exist.
 * NULL when anything is wrong (problems not empty); problems then names everything that is. */
Settings *settings_load(const char *path, Problems *problems);
/* The same, but gives what could be read, with defaults for the rest, though problems are there: for those who
 * check and do not run. NULL only if the file is no YAML or no file. */
Settings *settings_read(const char *path, Problems *problems);
Settings *settings_new_default(void);
void settings_free(Settings *settings);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Settings, settings_free)
const YamlRow *settings_rows(void);
