/* reasons - the texts of reasons: those of the grammar, and those that packs bring along; private to rules.
 *
 * The registry is one per process and only grows: ids and texts are interned, so that a finding stays readable after
 * its rule set is gone. Thread-safe. */
#pragma once
#include <glib.h>

/* Makes an id known (again: the texts change). Gives the interned id. */
const char *reasons_register(const char *id, const char *text_zh, const char *text_en);
