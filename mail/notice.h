/* notice - what the gate tells people of this house by letter: words that a clerk understands (notice_words.h), in
 * Chinese and English, as a MIME letter.
 *
 * Made from templates only: no link, no subject, file name or text of a letter. Values (account, date, to, until)
 * are cut to NOTICE_VALUE_MAX characters and to letters, digits, ._+-@:() and blanks. Carries Auto-Submitted:
 * auto-replied (RFC 3834); the envelope's sender is to be null. */
#pragma once
#include "submitter.h"
#include <glib.h>

typedef enum {
    NOTICE_REFUSED,           /* sending was refused; `problem` */
    NOTICE_WARNED,            /* it will be; `problem` */
    NOTICE_HELD,              /* a letter waits for review */
    NOTICE_STOPPED,           /* a letter was refused for its content */
    NOTICE_FORWARD_STOPPED,   /* an automatic forward did not leave; values: to */
    NOTICE_PASSWORD_EXPIRES,  /* values: date */
    NOTICE_PASSWORD_WEAK,     /* values: date */
    NOTICE_PASSWORD_EXPIRED,  /* values: date */
    NOTICE_PASSWORD_CAMPAIGN, /* everybody of a department changes the password; values: date */
    NOTICE_LOCKED,            /* values: until, a time (clock.h), else an officer lets it in again */
    NOTICE_OFFICER_REFUSED,   /* to an officer: an account was refused; `problem`; values: account */
    NOTICE_OFFICER_WARNED,    /* would be; the same */
    NOTICE_OFFICER_FORWARD,   /* an automatic forward of this account was stopped; values: account, to */
    NOTICE_OFFICER_ENDINGS,   /* what ends soon or has ended; values: count, delegations, exceptions, registrations, and
                                 account and date of the first */
} NoticeKind;
#define NOTICE_KINDS (NOTICE_OFFICER_ENDINGS + 1)
#define NOTICE_VALUE_MAX 100

const char *notice_kind_word(NoticeKind kind);                 /* "password-expires" ... */
gboolean notice_kind_parse(const char *word, NoticeKind *out); /* FALSE if unknown */
gboolean notice_is_for_officers(NoticeKind kind);

typedef struct {
    NoticeKind kind;
    guint problem;         /* one SubmitterProblem bit */
    const char *recipient; /* lent */
    const char *record_id; /* lent */
    GHashTable *values;    /* lent; char * to char *; NULL: none. A missing one reads "-" */
    guint more;            /* how many of this kind were not told since the last notice */
    gint64 time_us;        /* wall clock: when it happened; 0: now */
} Notice;

typedef struct {
    const char *unit;  /* its name */
    const char *phone; /* to call; NULL: none */
    const char *from;  /* address of the From field */
    gint64 time_us;    /* wall clock */
} NoticeFrame;

#define NOTICE_TOLD_MAX 100 /* in one letter */
/* One letter about `count` (1 to NOTICE_TOLD_MAX) things, all to the first one's recipient, under its record id: what
 * is told in the same words stands once, with a line for each. As bytes with CRLF. body_from_out: where its body
 * begins. g_mime_init() must have been called. */
GBytes *notice_compose(const Notice *const *notices, guint count, const NoticeFrame *frame, gsize *body_from_out);

/* Whether an address is a list's or a program's and is never written to: owner-..., ...-request, mailer-daemon ... */
gboolean notice_is_robot(const char *address);
/* Whether this header field says that a letter comes from a list or a program (RFC 2919, RFC 3834, Precedence): its
 * sender gets no notice about it. */
gboolean notice_field_is_automatic(const char *name, const char *value);
