/* hangu-ledger: the only writer of the audit log. */
#include "daemon.h"

int
main(int argc, char **argv)
{
    return daemon_main(argc, argv);
}
