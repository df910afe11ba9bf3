/* The walls in their order: what a wall needs from the system comes before the wall that forbids it. */
#include "config.h"
#include "sandbox.h"
#include "sandbox_walls.h"
#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* An address limit makes no sense with AddressSanitizer, which reserves terabytes. */
#if defined(__SANITIZE_ADDRESS__)
#define WITH_ADDRESS_LIMIT 0
#else
#define WITH_ADDRESS_LIMIT 1
#endif

static const struct {
    Wall wall;
    const char *name;
} walls[] = {
    {WALL_PRIVILEGES, "privileges"}, {WALL_LIMITS, "limits"}, {WALL_NETWORK, "network"},
    {WALL_FILES, "files"},           {WALL_CALLS, "calls"},
};

/* Root is root without a file system and without calls, but capabilities are not for readers. Others have none, and the
 * filter of a systemd unit may end who calls capset. */
static gboolean
drop_capabilities(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};
    return geteuid() != 0 || syscall(SYS_capset, &header, none) == 0;
}

gboolean
wall_privileges(void)
{
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 &&
           drop_capabilities();
}

/* Inherited from a parent that prepared it: a network of its own costs a reader as much as reading a short letter. */
static gboolean network_is_empty;

/* A user namespace lets an ordinary user have the others. It is no use to root, who may lack the right to make one. */
gboolean
wall_network(void)
{
    int wanted = CLONE_NEWNET | CLONE_NEWIPC;
    return network_is_empty || (geteuid() == 0 && unshare(wanted) == 0) || unshare(CLONE_NEWUSER | wanted) == 0;
}

static gboolean
set_limit(__rlimit_resource_t which, rlim_t soft, rlim_t hard)
{
    struct rlimit now, limit = {soft, hard};
    if (getrlimit(which, &now) != 0)
        return FALSE;
    limit.rlim_max = MIN(limit.rlim_max, now.rlim_max);
    limit.rlim_cur = MIN(limit.rlim_cur, limit.rlim_max);
    return setrlimit(which, &limit) == 0;
}

/* One second more before SIGKILL: SIGXCPU tells in the log what it was. */
gboolean
wall_limits(const SandboxLimits *limits)
{
    return (!WITH_ADDRESS_LIMIT || set_limit(RLIMIT_AS, limits->memory, limits->memory)) &&
           set_limit(RLIMIT_CPU, limits->cpu_s, limits->cpu_s + 1) && set_limit(RLIMIT_FSIZE, 0, 0) &&
           set_limit(RLIMIT_NOFILE, limits->files, limits->files) && set_limit(RLIMIT_CORE, 0, 0) &&
           set_limit(RLIMIT_NPROC, 0, 0) && set_limit(RLIMIT_MEMLOCK, 0, 0) && set_limit(RLIMIT_MSGQUEUE, 0, 0);
}

/* A new user namespace takes the parent-death signal from who enters it on some kernels: it is set again. */
void
sandbox_prepare(void)
{
    int signal = 0;
    prctl(PR_GET_PDEATHSIG, &signal, 0, 0, 0);
    network_is_empty = wall_network();
    prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0);
    (void)wall_calls_prepare();
}

static void
note(Wall wall, gboolean stands, guint *standing, GString *missing)
{
    if (stands) {
        *standing |= wall;
        return;
    }
    int why = errno;
    g_autofree char *name = sandbox_names(wall);
    g_string_append_printf(missing, "%s%s (%s)", missing->len > 0 ? ", " : "", name, g_strerror(why));
}

guint
sandbox_close(const SandboxLimits *limits, char **missing_out)
{
    guint standing = 0;
    GString *missing = g_string_new(NULL);
    /* Namespaces need the capabilities that go with the privileges; landlock needs those to be gone. */
    note(WALL_NETWORK, wall_network(), &standing, missing);
    note(WALL_PRIVILEGES, wall_privileges(), &standing, missing);
    note(WALL_FILES, wall_files(), &standing, missing);
    note(WALL_LIMITS, wall_limits(limits), &standing, missing);
    note(WALL_CALLS, wall_calls(limits->refusals), &standing, missing);
    *missing_out = g_string_free(missing, missing->len == 0);
    return standing;
}

char *
sandbox_names(guint set)
{
    GString *names = g_string_new(NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(walls); i++)
        if ((set & walls[i].wall) != 0)
            g_string_append_printf(names, "%s%s", names->len > 0 ? ", " : "", walls[i].name);
    return g_string_free(names, FALSE);
}

gboolean
sandbox_walls(const char *words, guint *walls_out)
{
    g_auto(GStrv) list = g_strsplit_set(words, ", ", -1);
    *walls_out = 0;
    for (char **word = list; *word != NULL; word++) {
        gsize i = 0;
        while (**word != '\0' && i < G_N_ELEMENTS(walls) && strcmp(walls[i].name, *word) != 0)
            i++;
        if (i == G_N_ELEMENTS(walls))
            return FALSE;
        *walls_out |= **word != '\0' ? walls[i].wall : 0;
    }
    return TRUE;
}
