/* sandbox_walls - the single walls of lib/sandbox.c; one file each where it takes one. Each gives TRUE when its wall
 * stands for ever, FALSE with errno when the kernel does not give it. In the order of this list. */
#pragma once
#include "sandbox.h"

gboolean wall_privileges(void);
gboolean wall_network(void);
gboolean wall_files(void); /* sandbox_files.c */
gboolean wall_limits(const SandboxLimits *limits);
gboolean wall_calls(int refusals); /* sandbox_calls.c */
gboolean wall_calls_prepare(void); /* FALSE: each makes its own */
