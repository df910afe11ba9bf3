/* job - what the gate asks an inspector, and what the inspector answers; encoded and checked once for both ends.
 *
 *   gate                          inspector
 *     WIRE_JOB + spool    ------>
 *                         <------  WIRE_JOB_ASK    (tu): number, LeaseKind that the letter needs; or not at all
 *     WIRE_JOB_LEAVE      ------>                  (tb): number, whether it may
 *                         <------  WIRE_JOB_BACK   (t): number; it may not, and was left alone
 *                         <------  WIRE_JOB_DONE   otherwise
 *
 * A WIRE_JOB frame carries the letter as a descriptor (sealed spool), its key, the envelope (with the facts of the
 * account, but for its main address and officers) and a deadline. A
 * WIRE_JOB_DONE frame is the one bounded answer. To the gate an answer is hostile input: whoever takes an inspector
 * over must not be able to write his own record, reach another letter or send an odd reply to a client. */
#pragma once
#include "frame.h"
#include "lease.h"
#include "message.h"
#include <jansson.h>

#define JOB_REPORT_MAX (64 * 1024)    /* bytes of JSON about the letter */
#define JOB_ENVELOPE_MAX (128 * 1024) /* bytes of all addresses and other strings of an envelope */
#define JOB_RECIPIENTS_MAX 2000
#define JOB_NO_LETTER (-1) /* a length: to be decided by envelope and account alone, before there is a letter */
#define JOB_REPLY_MAX 280  /* with the record id it still fits a text field of a record */
#define JOB_ROW_MAX 64
#define JOB_FAILURE_MAX 500

typedef struct {
    guint64 number;
    int spool_fd;  /* lent by the sender; owned by the receiver (job_clear closes it); -1 with JOB_NO_LETTER */
    gint64 length; /* clear bytes of the letter, or JOB_NO_LETTER */
    guint8 key[CRYPTO_KEY_SIZE];
    gint64 deadline_us;       /* monotonic: the answer should be there by then */
    LeaseKind lease;          /* what the letter may have of the inspector without asking */
    const Envelope *envelope; /* lent by the sender */
} Job;

/* One frame body of type WIRE_JOB. NULL with error (HANGU_ERROR_DATA) if the envelope is over the limits. */
GVariant *job_encode(const Job *job, GError **error);
/* Reads a frame into job and envelope (both zeroed by the caller; strings are given to the envelope). The descriptor
 * moves out of the frame. */
gboolean job_decode(Frame *frame, Job *job_out, Envelope *envelope_out, GError **error);
/* Closes the descriptor and wipes the key. */
void job_clear(Job *job);

typedef struct {
    guint64 number;
    gboolean failed; /* no verdict: only `failure` counts */
    Verdict verdict;
    Mode mode; /* whether the verdict is carried out */
    guint actions;
    Direction direction;
    gboolean egress;
    guint account_problems; /* SubmitterProblem bits */
    AccountEffect account_effect;
    guint32 counted; /* recipients to whom a work paper goes: 1 << index (store/history.h) */
    Class class;
    Level level;
    gboolean forward; /* the row is about automatic forwards */
    char *row;        /* policy row, NULL if none held */
    char *reply;      /* "550 5.7.1 text" for reject and tempfail, else NULL */
    json_t *report;   /* the inspector's: of report_record(); owned reference */
    char *line;       /* the gate's: the same as a canonical line */
    char *failure;    /* one line for the log */
} JobDone;

void job_done_clear(JobDone *done);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(JobDone, job_done_clear)
/* A report over JOB_REPORT_MAX is shortened (its lists, from their ends; "parts_total" and so on then tell how many
 * there were); if that does not help, the answer says that it failed. */
GVariant *job_done_encode(const JobDone *done);
/* Reads and checks an answer to job `number`. FALSE with error (HANGU_ERROR_PROTOCOL) says what is not believed. */
gboolean job_done_decode(GVariant *body, guint64 number, JobDone *done_out, GError **error);

/* Of WIRE_JOB_ASK and WIRE_JOB_BACK for job `number`. FALSE with error (HANGU_ERROR_PROTOCOL): not believed. */
gboolean job_ask_decode(GVariant *body, guint64 number, LeaseKind *wanted_out, GError **error);
gboolean job_back_decode(GVariant *body, guint64 number, GError **error);

/* FrameTypes of the socket between gate and inspector: the inspector's end, and the gate's. */
const char *job_type_string(guint32 type);
const char *job_done_type_string(guint32 type);

/* Whether text is an SMTP reply as this house sends it: three digits, enhanced code of the same class, printable
 * ASCII, at most JOB_REPLY_MAX bytes. `first` is '4' or '5'. */
gboolean job_reply_is_good(const char *text, char first);
