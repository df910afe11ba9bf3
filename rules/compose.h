/* compose - one item of a pack's word list that is itself several lists: every way of taking one word of each, joined
 * in their order. [[仅供, 限], [内部, 领导], [参阅]] is 仅供内部参阅, 仅供领导参阅, 限内部参阅, 限领导参阅. An empty
 * text
 * ("") stands for nothing. */
#pragma once
#include "yaml.h"
#include <glib.h>

#define COMPOSE_MAX 8000 /* words of one item */

/* Appends the words to `words_out`; they live in `texts`. Mistakes (no lists of texts, too many words) are told in
 * `problems` and give no words. */
void compose_words(const YamlNode *item, GStringChunk *texts, GPtrArray *words_out, Problems *problems);
