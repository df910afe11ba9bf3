/* authd - hangu-authd as a program: options, settings, start, signals, end. */
#pragma once

/* Returns the exit status (errors.h). */
int authd_main(int argc, char **argv);
