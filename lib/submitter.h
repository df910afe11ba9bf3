/* submitter - who submits a letter, as far as the account goes: plain values that hangu-authd and the SMTP session
 * tell, put into the message before anything is decided.
 *
 * Problems are bits with words; the words are those of policy.yaml's account_problem, of records and of the socket of
 * hangu-authd. Pure data. */
#pragma once
#include <glib.h>

typedef enum {
    /* of the account, from hangu-authd */
    SUBMITTER_PASSWORD_WEAK = 1 << 0,
    SUBMITTER_PASSWORD_EXPIRED = 1 << 1,
    SUBMITTER_UNREGISTERED = 1 << 2,
    SUBMITTER_ADMINISTRATOR = 1 << 3,
    SUBMITTER_LOCKED = 1 << 4,
    SUBMITTER_SUSPENDED = 1 << 5,
    SUBMITTER_CLOSED = 1 << 6,
    /* of the session */
    SUBMITTER_NO_TLS = 1 << 7,
    SUBMITTER_NO_AUTH = 1 << 8,
    SUBMITTER_MECHANISM_WEAK = 1 << 9,
    SUBMITTER_CLEAR_PASSWORD = 1 << 10,
    /* of the addresses */
    SUBMITTER_SENDER_NOT_OWNED = 1 << 11,
} SubmitterProblem;
#define SUBMITTER_PROBLEMS 12 /* bits */
#define SUBMITTER_PROBLEMS_ALL ((1u << SUBMITTER_PROBLEMS) - 1)

typedef enum { SUBMITTER_STAGE_OBSERVE, SUBMITTER_STAGE_WARN, SUBMITTER_STAGE_ENFORCE } SubmitterStage;
typedef enum {
    SUBMITTER_MISSING, /* hangu-authd did not answer: only the session's problems are known */
    SUBMITTER_UNKNOWN, /* the register does not have it, or nobody logged in */
    SUBMITTER_KNOWN,
    SUBMITTER_DEVICE, /* nobody logged in, but the client's address is that of a registered device */
} SubmitterSource;

#define SUBMITTER_ADDRESSES_MAX 1000 /* in one list */
#define SUBMITTER_TEXT_MAX 320       /* bytes of an address */
#define SUBMITTER_NAMES_MAX 64

typedef struct Submitter {
    SubmitterSource source;
    SubmitterStage stage;
    guint problems;       /* SubmitterProblem bits */
    char *own;            /* its main address; NULL: none */
    GPtrArray *addresses; /* char *: what it may send as; "@domain": any address there */
    GPtrArray *officers;  /* char *: addresses of who is told */
    GPtrArray *names; /* char *: its owner's name, and that in Latin letters in the ways that user names are made of */
} Submitter;

/* Nothing known, stage observe. */
Submitter *submitter_new(SubmitterSource source);
void submitter_free(Submitter *facts);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Submitter, submitter_free)

const char *submitter_problem_word(guint one_bit);                  /* "password-expired" ...; NULL for no such bit */
gboolean submitter_problem_parse(const char *word, guint *bit_out); /* FALSE if unknown */
const char *submitter_stage_word(SubmitterStage stage);             /* "observe", "warn", "enforce" */
gboolean submitter_stage_parse(const char *word, SubmitterStage *out);   /* FALSE if unknown */
const char *submitter_source_word(SubmitterSource source);               /* "missing", "unknown", "known", "device" */
gboolean submitter_source_parse(const char *word, SubmitterSource *out); /* FALSE if unknown */
