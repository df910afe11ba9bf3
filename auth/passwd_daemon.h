/* passwd_daemon - hangu-passwd-service as a program: options, settings, start, signals, end. */
#pragma once

/* Returns the exit status (errors.h). */
int passwd_daemon_main(int argc, char **argv);
