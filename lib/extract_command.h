/* extract_command - how hangu-extract is started: the gate's, and the one of `hangu check`. */
#pragma once
#include "settings.h"

/* Program and arguments, NULL at the end; gives. The program: extract.program, else the one beside this program (a tree
 * that was not installed), else the installed one. `socket`: its number in the new process. connected: it serves that
 * one connection, and only warnings are told, on standard error. */
char **extract_command(const Settings *settings, int socket, gboolean connected);
