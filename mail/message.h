/* message - the one record that walks the corridor: collect, parse, read, fold, scan, judge, decide, record, answer.
 *
 * Each field names its one writer; later stages read what earlier ones wrote. Owned by whoever made it; freed whole. */
#pragma once
#include "crypto.h"
#include "detect.h"
#include "finding.h"
#include "lease.h"
#include "policy.h"
#include "submitter.h"
#include "transfer.h"
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
    char *seen;         /* what the gate knows of its way: words of "message-id body orcpt allowed"; NULL: nothing
                           (mail/forward.h) */
    char *history;      /* words about recipients, by index: "0:12:4" (with this one 12 letters with work papers went
                           there lately, on 4 days), "1:own" (he is the account's owner); NULL: nothing
                           (mail/persons.h) */
    Submitter *account; /* owned; of a submission; NULL: nobody was asked about its account */
    gboolean smtputf8;
    gboolean direction_given;
    Direction direction; /* `hangu check --direction` */
    gint64 received_us;  /* wall clock: the time all decisions use */
} Envelope;
/* Frees what it holds; an envelope of zeros is an empty one. */
void envelope_clear(Envelope *envelope);

typedef enum {
    PART_LETTER,    /* index 0: the headers of the letter itself */
    PART_CONTAINER, /* a multipart inside: headers only */
    PART_MESSAGE,   /* a letter inside: its own headers; its body parts follow */
    PART_LEAF,      /* has content */
    PART_OUTSIDE,   /* prologue or epilogue of a multipart */
    PART_RAW,       /* bytes looked at as they are, because structure could not be trusted or a limit was met */
} PartKind;

/* One node of the flat list. Written by parse; coverage, detected and digest also by read, which adds the parts it
 * finds inside text (uuencoded blocks and the like). */
typedef struct Part {
    guint index; /* its place in the list; 0 is the letter's own header */
    int parent;  /* index of the enclosing part, -1 for 0 */
    guint depth;
    PartKind kind;
    char *number;      /* "0" header, "1", "2", "2.1", "0p" prologue, "1r1" first other reading of 1: safe to record */
    char *path;        /* "2/方案.eml/1": numbers with file names; content, for `hangu check` only */
    char *type;        /* declared media type, lower case; "text/plain" when absent */
    char *detected;    /* media type by content; NULL: not looked at */
    char *charset;     /* declared or NULL */
    char *name;        /* best decoding of its file name or NULL; content */
    char *disposition; /* "attachment", "inline" or NULL; lower case */
    GMimeHeaderList *headers; /* owned reference: its MIME headers; NULL for none */
    GMimeHeaderList *inner;   /* owned reference; LETTER and MESSAGE: the headers of that letter without Content-* */
    GMimeHeaderList *body;    /* owned reference; LETTER and MESSAGE with a multipart: its Content-* headers */
    GMimeStream *content;     /* owned reference: its undecoded bytes; NULL for LETTER, CONTAINER, parsed MESSAGE */
    TransferKind transfer;    /* how `content` is encoded */
    gint64 from, to;          /* bytes of `content` in the raw message, -1 unknown or not part of it */
    gboolean is_text, is_html, is_attachment, is_executable;
    gboolean is_unpacked;      /* lies in a document or archive; its content, if any, came from a reader of those */
    gboolean is_opened;        /* a LEAF that is a letter too: what lies in it follows as parts */
    gboolean is_reading;       /* another reading of bytes that a part before this one has too */
    gboolean is_mismatch;      /* its name or declared type says something else than its content is */
    DetectClass content_class; /* what `detected` is */
    Coverage coverage;
    CoverageWhy why;
    guint look; /* PageLook bits (text/segment.h) of its pages, as the reader of a document or picture told them */
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
               ODD_HIDDEN_BLOCK = 1 << 16, /* an encoded block inside text: uuencode, base64 */
} Oddity;
#define ODDITY_COUNT 17

typedef struct Message {
    Envelope envelope; /* collect */
    GMimeStream *raw;  /* collect: owned reference */
    gint64 size;       /* collect */
    Lease *lease;      /* collect: lent; NULL: the letter may take what it needs */

    GPtrArray *parts;              /* parse: Part; at most max_parts and some more for other readings */
    guint oddities;                /* parse, read: Oddity bits */
    guint openings, readings;      /* parse, read: structures opened inside parts; parts that are other readings */
    gint64 aside_bytes;            /* parse, read: decoded content kept aside */
    gint64 documents_us;           /* read (mail/extract): time that attachments took */
    gint64 documents_bytes;        /* the same: what they unpacked to */
    GArray *bad_lines;             /* parse: offsets (gint64) of header lines that the parser dropped */
    char *message_id;              /* parse: Message-ID without <>, at most 250 bytes of printable ASCII; may be NULL */
    GPtrArray *from, *from_sender; /* parse: Mailbox of From, Sender */

    Direction direction; /* parse (mail/direction) */
    guint
        account_problems; /* parse (mail/account): SubmitterProblem bits; the envelope's and what From and Sender add */
    gboolean egress;      /* parse: no 5xx may be given */
    gboolean auto_forward;       /* parse (mail/forward) */
    GPtrArray *forward_evidence; /* parse: char *, header names and fixed words only */
    guint32 own;                 /* judge (mail/persons): recipients who are the account's owner by name; 1 << index */
    guint32 counted;             /* judge: recipients to whom a work paper goes; 1 << index */

    GPtrArray *findings; /* judge: Finding, strongest first after decide */
    Coverage coverage;
    CoverageWhy why;   /* read: worst over the parts */
    gint64 text_bytes; /* read */

    char *reader, *ocr; /* read: version of what read documents, digest of its OCR models; NULL: nothing did, none */

    Decision decision; /* decide */
    Class class;
    Level level;
    Confidence confidence;  /* decide: highest over the findings that count */
    char *term;             /* decide: longest term, independent of the level; may be NULL */
    gboolean term_in_words; /* decide: it is a condition in the letter's own words: content, never recorded */
    char *papers_digest;    /* decide: of the register of papers; NULL: it is empty */
    gint64 elapsed_us;      /* decide */
} Message;

Message *message_new(void);
void message_free(Message *message);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Message, message_free)
Part *message_part(const Message *message, guint index); /* lends; NULL past the end */
Part *part_new(PartKind kind);
void part_free(Part *part);
/* Coverage gets worse, never better. */
void part_cover(Part *part, Coverage coverage, CoverageWhy why);
const char *oddity_word(guint one_bit); /* "broken-boundary" ...; NULL for an unknown bit */
