/* coverage - how much of a part was looked at, and why not all of it.
 *
 * Words are those of the JSON of `hangu check` and of the record. Larger values are worse. */
#pragma once
#include <glib.h>

typedef enum { COVERAGE_COMPLETE, COVERAGE_OPAQUE, COVERAGE_PARTIAL, COVERAGE_UNREADABLE } Coverage;
typedef enum { WHY_NONE, WHY_ENCRYPTED, WHY_UNSUPPORTED, WHY_DAMAGED, WHY_OVER_BUDGET, WHY_READER_FAILED } CoverageWhy;

/* Static. */
const char *coverage_word(Coverage coverage);
const char *why_word(CoverageWhy why); /* NULL for none */
/* Back from words ("none" too); FALSE if unknown. */
gboolean coverage_parse(const char *word, Coverage *out);
gboolean why_parse(const char *word, CoverageWhy *out);
