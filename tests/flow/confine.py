"""What a systemd unit or a container takes away: an ordinary user, no new privileges, system calls that give EPERM.

    Gate(confine=confined(["unshare", "capset"]))
"""
import ctypes
import os
import platform
import struct

ORDINARY = 65534
NUMBERS = {"x86_64": {"unshare": 272, "capset": 126, "prctl": 157, "seccomp": 317, "landlock_restrict_self": 446},
           "aarch64": {"unshare": 97, "capset": 91, "prctl": 167, "seccomp": 277, "landlock_restrict_self": 446}}
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, FILTER = 38, 22, 2
LOAD, JUMP_IF, RETURN = 0x20, 0x15, 0x06        # <linux/filter.h>
ALLOW, REFUSE = 0x7FFF0000, 0x00050001          # SECCOMP_RET_ERRNO with EPERM


class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


def program(refused):
    """One load and test for each; of prctl() only the call that would close the wall of calls."""
    numbers = NUMBERS[platform.machine()]
    steps = []
    for name in refused:
        steps.append([(LOAD, 0, 0, 0), (JUMP_IF, 0, 1, numbers[name]), (RETURN, 0, 0, REFUSE)])
        if name == "seccomp":
            steps.append([(LOAD, 0, 0, 0), (JUMP_IF, 0, 3, numbers["prctl"]), (LOAD, 0, 0, 16), (JUMP_IF, 0, 1, PR_SET_SECCOMP),
                          (RETURN, 0, 0, REFUSE)])
    rows = [row for step in steps for row in step] + [(RETURN, 0, 0, ALLOW)]
    return b"".join(struct.pack("=HBBI", *row) for row in rows), len(rows)


def confined(refused):
    """For subprocess: what the child does before it becomes the program."""
    code, length = program(refused)
    libc = ctypes.CDLL(None, use_errno=True)

    def close_in():
        if os.geteuid() == 0:
            os.setgroups([])
            os.setresgid(ORDINARY, ORDINARY, ORDINARY)
            os.setresuid(ORDINARY, ORDINARY, ORDINARY)
        held = Program(length, code)
        if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 or libc.prctl(PR_SET_SECCOMP, FILTER, ctypes.byref(held), 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl")
    return close_in
