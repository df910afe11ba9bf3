/* Landlock without any rule: no path can be opened, whatever the system calls. The kernel that runs may be newer or
 * older than the headers, so the constants are ours and its version is asked. */
#include "config.h"
#include "sandbox_walls.h"
#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CALL_CREATE_RULESET 444 /* the same number on every architecture */
#define CALL_RESTRICT_SELF 446
#define ASK_VERSION 1

#define FILES_FIRST 0x1FFF /* execute, read, write, list, remove and make of every kind */
#define FILES_REFER 0x2000
#define FILES_TRUNCATE 0x4000
#define FILES_IOCTL 0x8000
#define NET_TCP 0x3   /* bind, connect */
#define SCOPE_ALL 0x3 /* abstract sockets, signals */

typedef struct {
    guint64 files, net, scopes;
} Handled;

gboolean
wall_files(void)
{
    long version = syscall(CALL_CREATE_RULESET, NULL, 0, ASK_VERSION);
    if (version < 1)
        return FALSE;
    Handled handled = {
        .files = FILES_FIRST | (version >= 2 ? FILES_REFER : 0) | (version >= 3 ? FILES_TRUNCATE : 0) |
                 (version >= 5 ? FILES_IOCTL : 0),
        .net = version >= 4 ? NET_TCP : 0,
        .scopes = version >= 6 ? SCOPE_ALL : 0,
    };
    gsize size = version >= 6   ? sizeof handled
                 : version >= 4 ? G_STRUCT_OFFSET(Handled, scopes)
                                : G_STRUCT_OFFSET(Handled, net);
    long rules = syscall(CALL_CREATE_RULESET, &handled, size, 0);
    if (rules < 0)
        return FALSE;
    gboolean closed = syscall(CALL_RESTRICT_SELF, (int)rules, 0) == 0;
    int why = errno;
    close((int)rules);
    errno = why;
    return closed;
}
