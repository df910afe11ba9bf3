/* message - the one record that walks the corridor: collect, parse, read, fold, scan, judge, decide, record, answer.
 *
 * Each field names its one writer; later stages read what earlier ones wrote. Owned by whoever made it; freed whole. */
#pragma once
#include "crypto.h"
#include "finding.h"
#include "policy.h"
#include "verdict.h"
#include <gmime/gmime.h>

/* What the SMTP session told. Written by collect (milter/session, or `hangu check` from its options). */
typedef struct {
    char *sender;                         /* as given, without <>; "" is the null sender */
    GPtrArray *recipients;                /* char *, as given, without <> */
    char *client_ip, *client_name, *helo; /* NULL: unknown */
    char *auth_user, *auth_type;          /* NULL: not authenticated */
    char *tls_version;                    /* NULL: clear */
    char *listener;                       /* {daemon_name}; NULL: unknown */
    char *queue_id;                       /* NULL: none yet */
    gboolean smtputf8;
    gboolean direction_given;
    Direction direction; /* `hangu check --direction` */
    gint64 received_us;  /* wall clock: the time all decisions use */
} Envelope;

/* One node of the flat list. Written by parse; coverage also by read. */
typedef struct Part {
    guint index; /* its place in the list; 0 is the message's own header */
    int parent;  /* index of the enclosing part, -1 for 0 */
    guint depth;
    char *number;        /* "0" header, "1", "2", "2.1" ...: safe to record */
    char *path;          /* "2/方案.zip": numbers with file names; content, for `hangu check` only */
    char *type;          /* declared media type, lower case; "text/plain" when absent */
    char *detected;      /* media type by content */
    char *charset;       /* declared or NULL */
    char *name;          /* best decoding of its file name or NULL; content */
    char *disposition;   /* "attachment", "inline" or NULL */
    GMimeObject *object; /* lent by the parsed message; NULL for prologue, epilogue, raw */
    gint64 from, to;     /* bytes of the raw message, -1 unknown */
    gboolean is_text, is_html, is_message, is_attachment, is_executable;
    Coverage coverage;
    CoverageWhy why;
    guint8 digest[CRYPTO_DIGEST_SIZE]; /* SHA-256 of the decoded content, set by read when it was read whole */
    gboolean has_digest;
} Part;

typedef enum { /* structure oddities; facts for policy */
               ODD_DUPLICATE_HEADER = 1 << 0,
               ODD_NO_BOUNDARY = 1 << 1,
               ODD_BROKEN_BOUNDARY = 1 << 2,
               ODD_TRUNCATED = 1 << 3,
               ODD_BAD_HEADER = 1 << 4,
               ODD_DEPTH = 1 << 5,
               ODD_PARTS = 1 << 6,
               ODD_HEADER_BYTES = 1 << 7,
               ODD_TRANSFER = 1 << 8,
               ODD_ENCODED_CONTAINER = 1 << 9,
               ODD_BARE_CR = 1 << 10,
               ODD_NUL = 1 << 11,
               ODD_CHARSET_LIE = 1 << 12,
               ODD_PARTIAL_MESSAGE = 1 << 13,
               ODD_TYPE_MISMATCH = 1 << 14,
               ODD_DOUBLE_PARAMETER = 1 << 15,
} Oddity;

typedef struct Message {
    Envelope envelope; /* collect */
    GMimeStream *raw;  /* collect: owned reference */
    gint64 size;       /* collect */

    GMimeMessage *mime;            /* parse */
    GPtrArray *parts;              /* parse: Part */
    guint oddities;                /* parse, read: Oddity bits */
    char *message_id;              /* parse: Message-ID without <>, bounded; may be NULL */
    GPtrArray *from, *from_sender; /* parse: Mailbox of From, Sender */

    Direction direction;         /* parse (mail/direction) */
    gboolean egress;             /* parse: no 5xx may be given */
    gboolean auto_forward;       /* parse (mail/forward) */
    GPtrArray *forward_evidence; /* parse: char *, header names and fixed words only */

    GPtrArray *findings; /* judge: Finding, strongest first after decide */
    Coverage coverage;
    CoverageWhy why;   /* read: worst over the parts */
    gint64 text_bytes; /* read */

    Decision decision; /* decide */
    Class class;
    Level level;
    Confidence confidence; /* decide: highest over the findings that count */
    char *term;            /* decide: longest term, independent of the level; may be NULL */
    gint64 elapsed_us;     /* decide */
} Message;

Message *message_new(void);
void message_free(Message *message);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Message, message_free)
Part *message_part(const Message *message, guint index); /* lends; NULL past the end */
const char *oddity_word(guint one_bit);
