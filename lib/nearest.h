/* nearest - "did you mean": the known word that a misspelt one is closest to. */
#pragma once
#include <glib.h>

/* The candidate (array ends with NULL) with the smallest edit distance, or NULL if none is near enough to
 * be a slip of the keyboard. Case, "-" and "_" do not count. Lends a candidate. */
const char *nearest_word(const char *word, const char *const *candidates);
