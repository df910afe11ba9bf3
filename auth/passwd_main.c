/* hangu-passwd-service; everything is in passwd_daemon.c. */
#include "config.h"
#include "passwd_daemon.h"

int
main(int argc, char **argv)
{
    return passwd_daemon_main(argc, argv);
}
