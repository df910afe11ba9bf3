/* errors - the one error domain of the project.
 *
 * Every fallible function takes a GError ** last. The text says what went wrong, with which
 * object, why, and what to do about it. Codes 64..78 are the exit statuses of sysexits.h, so a
 * program may leave with the code of the error that stopped it. Below main() nobody exits. */
#pragma once
#include <glib.h>

#define HANGU_ERROR hangu_error_quark()
GQuark hangu_error_quark(void);

typedef enum {
    HANGU_ERROR_USAGE = 64,    /* the caller's words are off */
    HANGU_ERROR_DATA = 65,     /* input that is not what it should be (tampered, malformed) */
    HANGU_ERROR_NO_INPUT = 66, /* no such file */
    HANGU_ERROR_AWAY = 69,     /* another program does not answer */
    HANGU_ERROR_INTERNAL = 70, /* our own mistake */
    HANGU_ERROR_IO = 74,       /* disk, socket */
    HANGU_ERROR_TIMEOUT = 75,  /* a deadline passed */
    HANGU_ERROR_PROTOCOL = 76, /* a peer broke the frame rules */
    HANGU_ERROR_PERMISSION = 77,
    HANGU_ERROR_SETTINGS = 78, /* settings, policy or rules do not load */
} HanguError;

/* Exit status for an error: its code if it is ours and 64..78, else HANGU_ERROR_INTERNAL. */
int error_exit_status(const GError *error);
