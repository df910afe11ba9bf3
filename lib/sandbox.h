/* sandbox - walls around a process that reads hostile documents: what it gives up for ever.
 *
 * Call sandbox_close() when everything the process needs is open and loaded. Then: no new privileges, no core, no file
 * system (landlock without any rule), no network and no other process to see (user, network and IPC
 * namespaces apart from everybody but the children of the same parent), an allow list of system calls (seccomp; refused
 * ones end the process with SIGSYS after writing their number), bounded memory, processor time, file size and
 * descriptors. Linux only; what the kernel lacks is told. */
#pragma once
#include <glib.h>

typedef enum {
    WALL_PRIVILEGES = 1 << 0, /* PR_SET_NO_NEW_PRIVS, not dumpable */
    WALL_LIMITS = 1 << 1,     /* rlimits */
    WALL_NETWORK = 1 << 2,    /* a network namespace of its own, empty */
    WALL_FILES = 1 << 3,      /* landlock */
    WALL_CALLS = 1 << 4,      /* seccomp */
} Wall;
#define WALLS_ALL 0x1F
/* Seccomp and no_new_privs alone keep out network and files as well: socket and open are not on the list. */
#define WALLS_NEEDED (WALL_PRIVILEGES | WALL_LIMITS | WALL_CALLS)

typedef struct {
    guint64 memory; /* RLIMIT_AS, bytes */
    guint cpu_s;    /* RLIMIT_CPU, seconds */
    guint files;    /* RLIMIT_NOFILE */
    int refusals;   /* the number of a refused system call (guint32) is written here before the end; -1: nowhere */
} SandboxLimits;

/* Once, in a process whose children will close the walls: makes what they can have alike, an empty network and the
 * program of the filter, so that each of them need not make it again. Without it, or where it fails, they do. The
 * process itself has no network afterwards (sockets with paths in the file system still work). Single-threaded only. */
void sandbox_prepare(void);
/* Walls that stand afterwards (Wall bits); the missing ones in *missing_out as text for the log, NULL if none. Gives
 * the text. Single-threaded only. */
guint sandbox_close(const SandboxLimits *limits, char **missing_out);
/* "network, files"; gives. */
char *sandbox_names(guint walls);
/* The other way: such words, by commas or blanks. FALSE: one of them is no wall. */
gboolean sandbox_walls(const char *words, guint *walls_out);
/* Name of a system call of this machine, "call 435" if unknown; gives. */
char *sandbox_call_name(guint32 number);
