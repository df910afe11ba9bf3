/* telling - which notices a letter's outcome makes: to its sender, and to officers. */
#pragma once
#include "letter.h"

/* After the record: an account that was refused or is warned, a letter that is held or was refused for its content, an
 * automatic forward that was stopped (to its owner and officers). Nothing while the gate observes,
 * nothing to null senders, nor about letters of lists and programs; officers are told of those accounts all the same.
 */
void telling_outcome(const Letter *letter, const Outcome *outcome);
