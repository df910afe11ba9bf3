/* condition-text - conditions in words, for the reasons of findings and for `hangu rules explain`; private to rules. */
#pragma once
#include "condition.h"
#include <glib.h>

/* The reason that a pack does not word itself, from the nodes of the file. */
void condition_reason(const Condition *condition, GString *zh_out, GString *en_out);
/* The tree, a condition a line, two blanks deeper each level, each with its reason's text. Appends to `out`; `depth`:
 * of the first line. */
void condition_show(const Condition *condition, guint depth, gboolean chinese, GString *out);
