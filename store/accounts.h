/* accounts - the register of accounts (台账): who may submit mail, by whose approval, and in what stage it is enforced.
 *
 * R-040, R-045, R-102, R-154 to R-156. Times are texts of clock_format() (UTC), dates "2026-11-22"; both sort as text.
 * Addresses are kept in lower case, their domains as A-labels (accounts_address()).
 *
 *     requested -> approved -> open <-> suspended -> closed          (accounts_move())
 *
 * An account found in the logs is `requested` with a deadline: until then it may be used (待补批), after it it is
 * unregistered. All functions take a migrated database; those that write want a transaction of the caller and leave
 * history to him (accounts_note()). Nothing here asks the clock. */
#pragma once
#include "database.h"
#include <glib.h>
#include <jansson.h>

/* Opens `path` and brings its tables up to date. */
Database *accounts_open(const char *path, GError **error);

/* --- one account: texts by field ----------------------------------------------------------------------------- */

typedef enum {
    ACCOUNT_ADDRESS,
    ACCOUNT_KIND, /* person, unit, service (bound to networks), administrator (never sends) */
    ACCOUNT_UNIT,
    ACCOUNT_DEPARTMENT,
    ACCOUNT_OWNER,      /* who answers for it: a name or an address */
    ACCOUNT_KEEPER,     /* of a unit's mailbox (R-156) */
    ACCOUNT_PURPOSE,    /* why it is there */
    ACCOUNT_TIER,       /* base, strict, high, otp */
    ACCOUNT_GROUP,      /* of its own, for stages; else its department and unit count */
    ACCOUNT_ROLE,       /* core, important, ordinary: how long a leaver is watched (R-112) */
    ACCOUNT_COMMITMENT, /* date the commitment was signed */
    ACCOUNT_TRAINING,   /* date of the last training */
    ACCOUNT_NOTE,       /* why an odd user name is allowed, and the like */
    ACCOUNT_STATE,
    ACCOUNT_REQUESTED_BY,
    ACCOUNT_REQUESTED, /* time */
    ACCOUNT_APPROVER,
    ACCOUNT_APPROVED,      /* date of the approval */
    ACCOUNT_DEADLINE,      /* time until which the approval may be made up */
    ACCOUNT_SOURCE,        /* "add", "import", "discover" */
    ACCOUNT_NEW_PASSWORD,  /* time: a password older than this is expired (hand-over) */
    ACCOUNT_LEFT,          /* date its person left */
    ACCOUNT_WATCHED_UNTIL, /* date the watch of a leaver ends */
    ACCOUNT_CHANGED,       /* time */
    ACCOUNT_FIELDS
} AccountField;

typedef enum { ACCOUNT_TEXT, ACCOUNT_WORD, ACCOUNT_MAILBOX, ACCOUNT_DATE, ACCOUNT_TIME } AccountType;
typedef struct {
    const char *name;
    AccountType type;
    const char *words; /* of ACCOUNT_WORD: "person|unit|..." */
    gboolean settable; /* by add, import and set; the others are made by verbs */
} AccountFieldRow;
const AccountFieldRow *account_field(AccountField field); /* lends */
/* ACCOUNT_FIELDS if there is none. */
AccountField account_field_from_name(const char *name);
/* The value as it is kept (trimmed, in lower case where it must be); NULL with error (HANGU_ERROR_DATA) that says what
 * it may be. Gives. */
char *account_field_read(AccountField field, const char *value, GError **error);
/* An address as the register keeps it, or a login name without "@", or "@domain" if `whole_domain`. NULL with error
 * (DATA). Gives. */
char *accounts_address(const char *text, gboolean whole_domain, GError **error);

typedef struct {
    gint64 number;
    char *field[ACCOUNT_FIELDS]; /* owned; NULL: not known */
} Account;
Account *account_new(void);
void account_free(Account *account);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Account, account_free)
Account *account_copy(const Account *account);                             /* gives */
void account_set(Account *account, AccountField field, const char *value); /* copies; "" is NULL */
const char *account_get(const Account *account, AccountField field);       /* "" for NULL */
gboolean account_is(const Account *account, AccountField field, const char *value);
/* All fields by name, null if not known. Gives a reference. */
json_t *account_json(const Account *account);

/* By its address, an alias or a login name. NULL with error: NO_INPUT (names the nearest), and those of the database.
 */
Account *accounts_get(Database *database, const char *name, GError **error);
/* The same without looking for a near one: 1 with *account_out (given), 0 not there, -1 with error. */
int accounts_find(Database *database, const char *name, Account **account_out, GError **error);
/* DATA if the address is taken, or unit or department are not there. Sets number. */
gboolean accounts_insert(Database *database, Account *account, GError **error);
gboolean accounts_update(Database *database, const Account *account, GError **error);
/* Changes the state if the table of states allows it; else PERMISSION with the moves that are possible. */
gboolean accounts_move(Account *account, const char *state, GError **error);

typedef struct {
    const char *state, *kind, *unit, *department, *text; /* NULL: any; text: part of address, owner, keeper, purpose */
    gboolean pending;                                    /* only those whose approval must be made up */
} AccountFilter;
typedef gboolean (*AccountVisit)(const Account *account, gpointer user, GError **error);
gboolean accounts_each(Database *database, const AccountFilter *filter, AccountVisit visit, gpointer user,
                       GError **error);
/* All that are not closed, with address, kind and state only: faster, for those who look at every name. */
gboolean accounts_each_name(Database *database, AccountVisit visit, gpointer user, GError **error);
/* Adds "aliases", "networks", "delegates" (may send for it), "delegated" (it may send for), "exceptions", "stage",
 * "problems" and, with `history`, "history" to the object. */
gboolean accounts_describe(Database *database, const Account *account, const char *now, gboolean history,
                           json_t *object, GError **error);

/* --- what hangs on an account -------------------------------------------------------------------------------- */

/* An alias is another address, a login name, or "@domain"; DATA if it is taken. */
gboolean accounts_alias_add(Database *database, gint64 account, const char *alias, GError **error);
gboolean accounts_alias_remove(Database *database, gint64 account, const char *alias, GError **error);
/* Network of a service: an address or CIDR, IPv4 or IPv6. Who submits from there without a login is that service. */
gboolean accounts_network_add(Database *database, gint64 account, const char *network, GError **error);
gboolean accounts_network_remove(Database *database, gint64 account, const char *network, GError **error);
/* 秘书代发: `delegate` may send with the address of `account` until a date (never for ever). */
gboolean accounts_delegate_add(Database *database, gint64 account, gint64 delegate, const char *approver,
                               const char *since, const char *until, GError **error);
gboolean accounts_delegate_remove(Database *database, gint64 account, gint64 delegate, GError **error);
/* A problem (a word below) that does not count for this account until then. to: of "auto-forward" only, the address,
 * "@domain" or domain that its forwards may go to; "": any. */
gboolean accounts_exception_add(Database *database, gint64 account, const char *problem, const char *to,
                                const char *approver, const char *reason, const char *until, GError **error);
gboolean accounts_exception_remove(Database *database, gint64 account, const char *problem, const char *to,
                                   GError **error);
/* How the register keeps such a destination. NULL with error (DATA). Gives. */
char *accounts_destination(const char *text, GError **error);
/* Whether an exception of accounts_describe()'s "exceptions" is for this problem, in force at `now`, and for forwards to
 * this address (NULL: it must be for any). */
gboolean accounts_exception_covers(const json_t *exception, const char *problem, const char *now, const char *address);

/* --- units, departments, officers, stages -------------------------------------------------------------------- */

/* NULL leaves what is there. */
gboolean accounts_unit_set(Database *database, const char *name, const char *abbreviation, GError **error);
gboolean accounts_unit_domain(Database *database, const char *unit, const char *domain, GError **error);
gboolean accounts_department_set(Database *database, const char *unit, const char *department, GError **error);
/* role: handler, reviewer, approver, deputy, leader; department NULL: of the whole unit. A person has an address (to be
 * told at) and may have a name. */
gboolean accounts_officer_set(Database *database, const char *unit, const char *department, const char *role,
                              const char *address, const char *name, GError **error);
gboolean accounts_officer_remove(Database *database, const char *unit, const char *department, const char *role,
                                 const char *person, GError **error);
#define ACCOUNTS_ROLES "handler|reviewer|approver|deputy|leader"
#define ACCOUNTS_APPROVING "approver|deputy|leader"
/* The address of the officer who may approve for this unit and department, `person` being an address or a name.
 * NULL with error: PERMISSION, with who may. Gives. */
char *accounts_approver(Database *database, const char *unit, const char *department, const char *person,
                        GError **error);
/* Whether an officer of this address, of any unit, bears this name. */
gboolean accounts_officer_is_called(Database *database, const char *address, const char *name);
/* Units with "departments", "domains" and "officers", as an array. NULL with error. Gives a reference. */
json_t *accounts_units(Database *database, GError **error);
/* The unit of a domain or NULL. Gives. */
char *accounts_unit_of(Database *database, const char *domain, GError **error);

/* How far a group has come: "all", a unit, "unit/department", a group of its own, an address. The narrowest counts. */
#define ACCOUNTS_STAGES "observe|warn|enforce"
gboolean accounts_stage_set(Database *database, const char *group, const char *stage, const char *by, const char *since,
                            GError **error);
/* Groups with stage, since, by. Gives a reference. */
json_t *accounts_stages(Database *database, GError **error);
/* How many accounts a group has; -1 with error. */
gint64 accounts_group_size(Database *database, const char *group, GError **error);

/* One line of the history: who did what to which account (0: none), with the values that changed. */
gboolean accounts_note(Database *database, gint64 account, const char *subject, const char *time, const char *actor,
                       const char *by, const char *verb, const json_t *changes, GError **error);

/* A change that is about to be recorded and then committed. It is noted in a transaction before, and done within the
 * one of the change: one that is found later was interrupted, and what was recorded of it did not come to be.
 * subjects: texts, what the change is about. The number, or -1 with error. */
gint64 accounts_intend(Database *database, const char *time, const char *actor, const char *verb,
                       const json_t *subjects, GError **error);
gboolean accounts_intent_done(Database *database, gint64 intent, GError **error);
/* All of them: [{"number", "time", "actor", "verb", "subjects"}]. NULL with error. Gives a reference. */
json_t *accounts_intents(Database *database, GError **error);

/* --- the gate's question ------------------------------------------------------------------------------------- */

typedef enum {
    PROBLEM_PASSWORD_WEAK = 1 << 0,
    PROBLEM_PASSWORD_EXPIRED = 1 << 1,
    PROBLEM_UNREGISTERED = 1 << 2,
    PROBLEM_ADMINISTRATOR = 1 << 3,
    PROBLEM_LOCKED = 1 << 4,
    PROBLEM_SUSPENDED = 1 << 5,
    PROBLEM_CLOSED = 1 << 6,
    PROBLEM_NO_TLS = 1 << 7,
    PROBLEM_NO_AUTH = 1 << 8,
    PROBLEM_MECHANISM_WEAK = 1 << 9,
    PROBLEM_CLEAR_PASSWORD = 1 << 10,
    PROBLEM_SENDER_NOT_OWNED = 1 << 11,
    PROBLEM_AUTO_FORWARD =
        1 << 12, /* an exception for it allows the account's forwards; nobody finds it as a problem */
    PROBLEM_ALL = (1 << 13) - 1
} AccountProblem;
const char *account_problem_word(AccountProblem problem);   /* lends; NULL if it is not one bit */
AccountProblem account_problem_from_word(const char *word); /* 0 if there is none */

typedef struct {
    gboolean known;   /* in the register; else only stage and officers of its domain's unit are told */
    gboolean pending; /* 待补批 */
    char *address;    /* main address, "" */
    char *kind, *tier, *unit, *department, *owner; /* "" if not known */
    char *stage;                                   /* "" if no group has it */
    char *new_password;                            /* a password older than this time is expired; "" */
    char *deadline;                                /* 待补批 until; "" */
    guint problems;      /* AccountProblem: unregistered, administrator, suspended, closed; exceptions taken off */
    guint exempt;        /* AccountProblem: exceptions in force, for the problems that others find */
    GPtrArray *senders;  /* char *: addresses it may send as, "@domain" */
    GPtrArray *officers; /* char *: addresses of those to tell */
} AccountFacts;
void account_facts_clear(AccountFacts *facts);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(AccountFacts, account_facts_clear)
/* What is known of a login name (address, alias, local part that only one account has) or, with "", of a device by its
 * client address. A service that comes from a network it is not bound to is unregistered there. An answer takes about
 * 30 us. FALSE with error of the database: the caller must take that as no answer, not as a good one. */
gboolean accounts_facts(Database *database, const char *account, const char *client, const char *now,
                        AccountFacts *facts_out, GError **error);
/* The same for a login, without senders and officers (both empty). */
gboolean accounts_login_facts(Database *database, const char *account, const char *client, const char *now,
                              AccountFacts *facts_out, GError **error);
