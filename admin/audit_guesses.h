/* audit_guesses - all guesses for one account, numbered: the same number is the same guess in every run. */
#pragma once
#include "password_audit.h"

typedef struct AuditWords AuditWords;
/* Reads a list, a word on a line, into memory; NULL path: an empty one. NO_INPUT, IO, DATA (over 256 MiB). `digest`
 * takes its bytes. */
AuditWords *audit_words_load(const char *path, CryptoHash *digest, GError **error);
void audit_words_free(AuditWords *words);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(AuditWords, audit_words_free)

/* FALSE: no more. `number` counts from 0. */
typedef gboolean (*AuditTry)(guint64 number, const char *guess, GuessKind kind_hint, gpointer user);
/* Calls `attempt` with the guesses from `first` on. TRUE if it came to the end. */
gboolean audit_guesses(const PasswordEntry *entry, const AuditWords *words, int year, guint64 first, AuditTry attempt,
                       gpointer user);
/* What a guess that fitted was made from. */
GuessKind audit_guess_kind(const PasswordEntry *entry, const char *guess, GuessKind kind_hint);
