/* accept_all - the floor of the benchmark: negotiates like hangu-milter, collects every letter, accepts it.
 *
 *   accept_all unix:/path | inet:PORT@127.0.0.1        stays in the foreground */
#include "config.h"
#include <glib.h>
#include <libmilter/mfapi.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define ACTIONS (SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_QUARANTINE)
#define STEPS                                                                                                      \
    (SMFIP_NOUNKNOWN | SMFIP_NODATA | SMFIP_NOEOH | SMFIP_NR_HELO | SMFIP_NR_MAIL | SMFIP_NR_RCPT | SMFIP_NR_HDR | \
     SMFIP_NR_BODY | SMFIP_HDR_LEADSPC)

static sfsistat
negotiate(SMFICTX *context, unsigned long actions, unsigned long steps, unsigned long unused2, unsigned long unused3,
          unsigned long *actions_out, unsigned long *steps_out, unsigned long *unused2_out, unsigned long *unused3_out)
{
    *actions_out = actions & ACTIONS;
    *steps_out = steps & STEPS;
    *unused2_out = *unused3_out = 0;
    return SMFIS_CONTINUE;
}

static void
drop(SMFICTX *context)
{
    GByteArray *letter = smfi_getpriv(context);
    smfi_setpriv(context, NULL);
    if (letter != NULL)
        g_byte_array_unref(letter);
}

static sfsistat
on_connect(SMFICTX *context, char *name, _SOCK_ADDR *address)
{
    return SMFIS_CONTINUE;
}

static sfsistat
on_helo(SMFICTX *context, char *name)
{
    return SMFIS_NOREPLY;
}

static sfsistat
on_mail(SMFICTX *context, char **arguments)
{
    drop(context);
    smfi_setpriv(context, g_byte_array_new());
    return SMFIS_NOREPLY;
}

static sfsistat
on_rcpt(SMFICTX *context, char **arguments)
{
    return SMFIS_NOREPLY;
}

static sfsistat
on_header(SMFICTX *context, char *name, char *value)
{
    GByteArray *letter = smfi_getpriv(context);
    g_byte_array_append(letter, (const guint8 *)name, (guint)strlen(name));
    g_byte_array_append(letter, (const guint8 *)":", 1);
    g_byte_array_append(letter, (const guint8 *)value, (guint)strlen(value));
    g_byte_array_append(letter, (const guint8 *)"\r\n", 2);
    return SMFIS_NOREPLY;
}

static sfsistat
on_body(SMFICTX *context, unsigned char *bytes, size_t length)
{
    g_byte_array_append(smfi_getpriv(context), bytes, (guint)length);
    return SMFIS_NOREPLY;
}

static sfsistat
on_end(SMFICTX *context)
{
    drop(context);
    return SMFIS_ACCEPT;
}

static sfsistat
on_stop(SMFICTX *context)
{
    drop(context);
    return SMFIS_CONTINUE;
}

int
main(int argc, char **argv)
{
    static char name[] = "accept_all";
    struct smfiDesc description = {
        .xxfi_name = name,
        .xxfi_version = SMFI_VERSION,
        .xxfi_flags = ACTIONS,
        .xxfi_negotiate = negotiate,
        .xxfi_connect = on_connect,
        .xxfi_helo = on_helo,
        .xxfi_envfrom = on_mail,
        .xxfi_envrcpt = on_rcpt,
        .xxfi_header = on_header,
        .xxfi_body = on_body,
        .xxfi_eom = on_end,
        .xxfi_abort = on_stop,
        .xxfi_close = on_stop,
    };
    umask(007); /* Postfix's group connects */
    if (argc != 2 || smfi_setconn(argv[1]) != MI_SUCCESS || smfi_register(description) != MI_SUCCESS) {
        fputs("usage: accept_all SOCKET\n", stderr);
        return 64;
    }
    return smfi_main() == MI_SUCCESS ? 0 : 1;
}
