/* password_audit - tries the likely passwords of each account against what is stored for it, within a budget.
 *
 * Accounts that no run came to yet come first, and of these the cheap schemes; what time they leave goes to the dear
 * ones, so that each account gets its share and none gets all. The order of guesses is the same in every run (the
 * likeliest of the person's own, the list of words, all others), so a run goes on where the one before stopped: the
 * resume file keeps numbers, kinds and a digest of all inputs, never a password, nor a digest of one. */
#pragma once
#include "password_list.h"
#include <glib.h>

typedef enum {
    GUESS_NONE,   /* none of those tried */
    GUESS_COMMON, /* what everybody takes: 123456, keyboard walks */
    GUESS_LOGIN,  /* made from the user name */
    GUESS_NAME,   /* made from the owner's name or its pinyin */
    GUESS_UNIT,   /* made from unit, department or domain */
    GUESS_WORD,   /* stands in the list of words */
    GUESS_DATE,   /* a date */
    GUESS_KINDS
} GuessKind;

typedef enum { AUDIT_UNCHECKED, AUDIT_NOT_TRIED, AUDIT_PARTLY, AUDIT_WHOLE } AuditDepth;

typedef struct {
    const PasswordEntry *entry; /* lent */
    GuessKind found;
    AuditDepth depth; /* AUDIT_UNCHECKED: what is stored cannot be tried */
    guint64 tried;    /* in all runs */
} AuditRow;

typedef struct {
    const char *scheme;
    guint hashes, guessed;
    guint64 tries; /* of this run */
    gint64 cpu_us; /* processor time they took */
} AuditScheme;

typedef struct {
    const char *words_file, *resume_file; /* NULL: none */
    guint64 tries;                        /* for one account, at most, over all runs; 0: all */
    guint budget_seconds;                 /* 0: none */
    guint threads;
    int year;
    /* Called now and then while it runs; may be NULL. */
    void (*progress)(guint done, guint all, guint found, gpointer user);
    gpointer user;
} AuditOptions;

typedef struct PasswordAudit PasswordAudit;
/* `list` is lent and has to stay. `inputs` is the digest of what was read: ends in the resume file. NULL with error:
 * the list of words or the resume file cannot be read, or the file is of another run. */
PasswordAudit *password_audit_new(const GPtrArray *list, const AuditOptions *options, CryptoHash *inputs,
                                  GError **error);
void password_audit_free(PasswordAudit *audit);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PasswordAudit, password_audit_free)
/* Runs until done or the budget is spent. IO: the resume file could not be written (the run goes on to its end). */
gboolean password_audit_run(PasswordAudit *audit, GError **error);

const GArray *password_audit_rows(const PasswordAudit *audit);    /* AuditRow, in the order of the list; lends */
const GArray *password_audit_schemes(const PasswordAudit *audit); /* AuditScheme; lends */
const char *guess_kind_word(GuessKind kind);                      /* "common" ...; "" for none */
