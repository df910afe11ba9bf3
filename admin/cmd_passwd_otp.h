/* cmd_passwd_otp - hangu passwd --otp: enrolment of one-time passwords, their state, and taking them away. */
#pragma once
#include "account_desk.h"

typedef struct {
    gboolean otp, hotp, reset, resync, show_state;
    char *note;
} PasswdOtp;
void passwd_otp_clear(PasswdOtp *otp);
void passwd_otp_add_options(GOptionContext *context, PasswdOtp *otp);
/* Whether the command line asks for any of it. */
gboolean passwd_otp_is_wanted(const PasswdOtp *otp);
/* The exit status: 1 if a code was wrong. Codes come from standard input, a line each. */
int passwd_otp_run(const PasswdOtp *otp, AccountDesk *desk, const char *account);
