/* replay - a decision of the past made again: `hangu check --ruleset DIGEST` and `--record FILE|ID`.
 *
 * The rules, the policy and the settings of then come from the kept sets (rules/kept.h), the facts of the letter (time,
 * sender, recipients, account, client) from its record unless the caller names them. What made the decision besides
 * (program, engine, folding tables, reader of documents, OCR models) cannot be had back: where it differs, it is told.
 */
#pragma once
#include "message.h"
#include "papers.h"
#include "ruleset.h"
#include <jansson.h>

typedef struct {
    char *ruleset;                                  /* digest */
    char *policy;                                   /* digest; NULL: unknown */
    char *settings;                                 /* digest; NULL: unknown */
    json_t *record;                                 /* NULL: none was named */
    gint64 time_us;                                 /* by which it was judged */
    char *rules_path, *policy_path, *settings_path; /* what is kept of them; NULL: not kept */
    char *papers;                                   /* digest of the register; "": there was none; NULL: unknown */
    char *papers_path;                              /* NULL: not kept */
    char *program, *engine, *fold;                  /* of then; "" unknown */
} Replay;

/* `record`: a file with the line of a record, or its id (looked for in the ledger); NULL: none. `ruleset`: digest, NULL
 * with a record. `now_us`: -1 unless the caller names a time. Settings are those of now: they tell the places. NULL
 * with error: no such record or set, or what is kept was changed. */
Replay *replay_open(const char *record, const char *ruleset, gint64 now_us, const Settings *settings, GError **error);
void replay_free(Replay *replay);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Replay, replay_free)

/* As papers_open(), but the register of then: that of now if it is the same or none was named (replay NULL), else the
 * kept one. Is neither there, that of now; the report then says so. */
int replay_open_papers(const Replay *replay, const Settings *settings, Papers **papers_out, FingerprintKey *key_out,
                       GError **error);

/* What is not told otherwise, from the record. No-op without one. */
void replay_fill_envelope(const Replay *replay, Envelope *envelope, gboolean sender, gboolean recipients);

/* {"record", "ruleset", "time", "same": true|false|null (no record), "decision": [{"what", "then", "now"}],
 * "made_with": [the same]}: what of the decision differs, and what it was made with. Gives a reference. */
json_t *replay_report(const Replay *replay, const Message *message, const Ruleset *rules, const Policy *policy,
                      const Settings *settings);
/* The same for a person. Gives. */
char *replay_text(const json_t *report);
