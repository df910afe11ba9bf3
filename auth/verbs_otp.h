/* verbs_otp - verbs of one-time passwords: otp-enrol, otp-check, otp-resync, otp-reset, otp-state. */
#pragma once
#include "one_times.h"

/* What they speak of; lent until the last call has ended. NULL: they say that it is not there. */
void verbs_otp_use(OneTimes *one_times);
