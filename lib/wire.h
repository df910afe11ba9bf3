/* wire - the frame types spoken between the programs; see frame.h for the envelope. */
#pragma once
#include <glib.h>

#define LEDGER_BATCH_MAX 400            /* records of a WIRE_LEDGER_BATCH */
#define LEDGER_BATCH_BYTES (160 * 1024) /* of their lines: below FRAME_BODY_MAX */
#define LEDGER_WHY_MAX 300              /* bytes of a text in the answer */

enum {
    /* to hangu-ledger and back */
    WIRE_LEDGER_APPEND = 0x101,     /* (ts): request number, record as a canonical line (record.h) */
    WIRE_LEDGER_DONE = 0x102,       /* (tts): request number, seq, hash */
    WIRE_LEDGER_FAILED = 0x103,     /* (tus): request number, HanguError, text */
    WIRE_LEDGER_STATUS = 0x104,     /* no body */
    WIRE_LEDGER_STATUS_IS = 0x105,  /* (s): JSON */
    WIRE_LEDGER_BATCH = 0x106,      /* (tas): request number, records as canonical lines, at most LEDGER_BATCH_MAX */
    WIRE_LEDGER_BATCH_DONE = 0x107, /* (ta(us)): request number, of each record 0 or HanguError, text */

    /* gate and inspectors */
    WIRE_JOB = 0x201, /* see milter/job.h */
    WIRE_JOB_DONE = 0x202,
    WIRE_JOB_ASK = 0x203,
    WIRE_JOB_LEAVE = 0x204,
    WIRE_JOB_BACK = 0x205,
    WIRE_LOADER_INSPECTOR = 0x211, /* (tit): generation, pid, slot; fds: socket, pidfd */
    WIRE_LOADER_READY =
        0x212, /* (tsssssu): generation; digests of ruleset, policy, settings, papers; warning; inspectors */
    WIRE_LOADER_FAILED = 0x213, /* (tss): generation, reason (a word), problems */
    WIRE_KEEPER_LOAD = 0x214,   /* (t): generation */
    WIRE_KEEPER_RETIRE = 0x215, /* (t): generations up to this one */

    /* control socket of hangu-milter */
    WIRE_CONTROL_STATUS = 0x301,    /* no body */
    WIRE_CONTROL_STATUS_IS = 0x302, /* (s): JSON */
    WIRE_CONTROL_RELOAD = 0x303,    /* no body */
    WIRE_CONTROL_DONE = 0x304,      /* (us): 0 or HanguError, text */
    WIRE_CONTROL_RELEASE = 0x305,   /* (sssas): record id, body digest, sender, recipients of a released letter */
    WIRE_CONTROL_NOTICE = 0x306,    /* (sssa{ss}): kind of notice, recipient, record id, values for its words */

    /* socket of hangu-authd */
    WIRE_ACCOUNT_ASK = 0x401, /* (sssss): account, mechanism, client address, TLS version, envelope sender; "": none */
    WIRE_ACCOUNT_FACTS = 0x402,  /* (ssasasasas): stage, own address, problems, addresses it may send as, officers to
                                    tell, owner's names */
    WIRE_ACCOUNT_CALL = 0x403,   /* (s): JSON: {"verb", "by", and what the verb asks} */
    WIRE_ACCOUNT_RESULT = 0x404, /* (ubs): 0 or HanguError, whether more follow, JSON (of an error: its text) */
};

/* GVariant type string of a frame type, "" for no body, NULL if unknown (the FrameTypes of frame_receive). Job
 * frames are unknown here: milter/job.h has its own. */
const char *wire_type_string(guint32 type);
