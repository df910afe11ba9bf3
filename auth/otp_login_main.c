/* hangu-otp-login: see otp_login.h. */
#include "config.h"
#include "otp_login.h"

int
main(int argc, char **argv)
{
    return otp_login_main(argc, argv);
}
