/* guess_walks - passwords that fingers make: neighbouring keys along a row or down a column, and two such runs joined
 * ("qwer1234", "asdf@123", "1qaz2wsx", "Zxcvbn321"). */
#pragma once
#include "guess.h"

/* Each once as typed and once with a capital in front; FALSE: no more are wanted. */
gboolean guess_walks(GuessTry attempt, gpointer user);
