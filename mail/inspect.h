/* inspect - the corridor from parse to decide: the same code for the gate and for `hangu check`.
 *
 * An Inspector is single-threaded: settings, ruleset and policy are lent and immutable; it owns a Judge. */
#pragma once
#include "extract.h"
#include "judge.h"
#include "message.h"
#include "policy.h"
#include "ruleset.h"
#include "settings.h"

typedef struct Inspector Inspector;
Inspector *inspector_new(const Settings *settings, const Ruleset *ruleset, const Policy *policy);
void inspector_free(Inspector *inspector);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Inspector, inspector_free)
/* Lends the way to document readers; without it documents and archives are unreadable: unsupported. */
void inspector_set_extractor(Inspector *inspector, Extractor *extractor);
/* Lends the register of papers to look for, and its key. */
void inspector_set_papers(Inspector *inspector, const Papers *papers, const FingerprintKey *key);
/* Fills everything after collect. deadline_us: monotonic, -1 none; past it the rest is partial, over-budget. FALSE with
 * error: no verdict (I/O, scanner), the caller applies on_failure; or HANGU_ERROR_AWAY: message->lease has ended. */
gboolean inspector_run(Inspector *inspector, Message *message, gint64 deadline_us, GError **error);
/* The letter as one of the two sees it, in turn; findings and decision are lent for the call. */
typedef void (*InspectedBy)(const Message *message, guint side, gpointer user);
/* The same letter by two inspectors that differ in their rules only (settings, documents' readers and whether there are
 * papers are the first's): read once, judged twice. `*alone_out` TRUE: nothing was told, since one of them would have
 * read it otherwise (other names of headers and properties) or only partly (a hit cap): each must have it alone, a
 * fresh Message for each. FALSE as inspector_run(). */
gboolean inspector_run_both(Inspector *first, Inspector *second, Message *message, InspectedBy told, gpointer user,
                            gboolean *alone_out, GError **error);
/* Decides on a submission before there is a letter, from envelope and account alone. A rejection that would be carried
 * out, outward and inside alike, stands; otherwise it accepts, and the letter's end will tell. Recipients that policy
 * exempts are not known yet. */
void inspector_decide_account(const Inspector *inspector, Message *message);
