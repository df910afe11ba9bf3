/* hangu-authd: see authd.h. */
#include "config.h"
#include "authd.h"

int
main(int argc, char **argv)
{
    return authd_main(argc, argv);
}
