/* report - an inspected message as JSON, twice: for a person (`hangu check --json`), and for the record (no content).
 */
#pragma once
#include "message.h"
#include "ruleset.h"
#include <jansson.h>

/* The object of BLUEPRINT section 4, with the reasons in the wanted language. Gives a reference. */
json_t *report_check(const Message *message, const char *file, const Ruleset *ruleset, const Policy *policy,
                     gboolean chinese);
/* {"v": 1, "file": ..., "error": {"code": 66, "text": ...}}. Gives a reference. */
json_t *report_check_error(const char *file, const GError *error, int code);
/* What of the inspection is recorded in a "letter" record: verdict, mode, row, Message-ID, class, level, term,
 * confidence, direction, coverage, parts (number, type, coverage, why, keyed digest of name and content), findings
 * (rule, class, level, score, part number, place word, line, mark form and term, reason ids), forward, oddities,
 * ruleset, policy_digest, elapsed_us. At most 50 findings and 100 parts, with totals if there were more. `key`: HMAC
 * key for digests. Gives a reference. */
json_t *report_record(const Message *message, const Ruleset *ruleset, const Policy *policy,
                      const guint8 key[CRYPTO_KEY_SIZE]);
