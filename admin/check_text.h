/* check_text - an inspected letter for a person: one block, in the language of the process. */
#pragma once
#include "message.h"

/* Gives. Shows the text of the letter (mark, names): never for a log. */
char *check_text(const Message *message, const Policy *policy, const char *file, gboolean chinese, gboolean colour);
