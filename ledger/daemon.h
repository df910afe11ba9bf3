/* daemon - hangu-ledger as a program: options, settings, start, signals, end. */
#pragma once

/* Returns the exit status (errors.h). */
int daemon_main(int argc, char **argv);
