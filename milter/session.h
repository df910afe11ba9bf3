/* session - libmilter's callbacks: one connection record for a session, one letter record for a letter in it.
 *
 * Thin: collects, and hands over at the end of each letter. Abort drops the letter, close drops both. Nothing is kept
 * in thread-locals, because libmilter moves a connection from thread to thread. Replies are awaited by the mail server
 * only at connect and at the end of a letter, as far as it can do without the others. */
#pragma once
#include "gate.h"

/* The description of the filter for smfi_register(). The gate is kept for all sessions. */
struct smfiDesc session_describe(Gate *gate);
