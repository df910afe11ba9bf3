/* The one table of what a record may hold. A field that is not here cannot be written: that is how no
 * subject, file name or text gets into the log, and why every register is complete. */
#include "config.h"
#include "record_schema.h"

#define VERDICT "accept|hold|reject|tempfail"
#define LEVEL "none|sensitive|trade|work-secret|secret|highly-secret|top-secret"
#define CLASS "none|mention|sensitive|foreign|trade|work|state"
#define COVERAGE "complete|opaque|partial|unreadable"
#define WHY "encrypted|unsupported|damaged|over-budget|reader-failed"
#define CONFIDENCE "uncertain|confirmed"

/* Objects inside a letter have no kinds of their own: ANY says may, MUST says must. */
#define ANY RECORD_ALL, 0
#define MUST RECORD_ALL, RECORD_ALL
#define JUDGED_MUST RECORD_JUDGED, RECORD_JUDGED
#define JUDGED_MAY RECORD_JUDGED, 0
#define LETTER_MUST RECORD_LETTER, RECORD_LETTER
#define LETTER_MAY RECORD_LETTER, 0
#define HELD (RECORD_RELEASE | RECORD_DROP)
#define RUN (RECORD_START | RECORD_STOP | RECORD_RELOAD)

static const RecordField finding_fields[] = {
    {"rule", FIELD_WORD, MUST},
    {"class", FIELD_WORD, MUST, CLASS},
    {"level", FIELD_WORD, MUST, LEVEL},
    {"score", FIELD_SIGNED, MUST},
    {"confidence", FIELD_WORD, ANY, CONFIDENCE},
    {"part", FIELD_WORD, MUST},  /* number of the part: "0", "2.1" */
    {"place", FIELD_WORD, MUST}, /* "subject", "body" ... */
    {"line", FIELD_INTEGER, ANY},
    {"page", FIELD_INTEGER, ANY},
    {"header_zone", FIELD_BOOLEAN, ANY},
    {"observe", FIELD_BOOLEAN, ANY}, /* found by a rule that only watches */
    {"form", FIELD_WORD, ANY},       /* form of the mark: "star", "alone" ... */
    {"term", FIELD_TEXT, ANY},       /* normalised: "10年" */
    {"reasons", FIELD_WORDS, ANY},
    {"paper", FIELD_INTEGER, ANY},   /* number of the registered paper */
    {"percent", FIELD_INTEGER, ANY}, /* of its text */
    {NULL},
};

static const RecordField part_fields[] = {
    {"number", FIELD_WORD, MUST},
    {"type", FIELD_WORD, MUST},
    {"detected", FIELD_WORD, ANY},
    {"coverage", FIELD_WORD, MUST, COVERAGE},
    {"why", FIELD_WORD, ANY, WHY},
    {"mismatch", FIELD_BOOLEAN, ANY},   /* its name or declared type says something else than its content is */
    {"name_digest", FIELD_DIGEST, ANY}, /* keyed, of the file name */
    {"digest", FIELD_DIGEST, ANY},      /* keyed, of the decoded content */
    {NULL},
};

static const RecordField forward_fields[] = {
    {"auto", FIELD_BOOLEAN, MUST},
    {"evidence", FIELD_TEXTS, ANY}, /* header names and fixed words */
    {NULL},
};

static const RecordField record_fields[] = {
    /* every line */
    {"v", FIELD_INTEGER, MUST},
    {"seq", FIELD_INTEGER, MUST},
    {"prev", FIELD_HASH, MUST},
    {"time", FIELD_TIME, MUST},
    {"kind", FIELD_WORD, MUST, "letter|release|drop|papers|start|stop|reload|repair|rotate|account|login|password"},
    {"unit", FIELD_TEXT, MUST},
    {"program", FIELD_TEXT, MUST},
    {"uid", FIELD_INTEGER, ANY},

    /* a letter: who, from where, to whom */
    {"id", FIELD_ID, RECORD_LETTER | HELD, RECORD_LETTER},
    {"queue_id", FIELD_TEXT, RECORD_LETTER | HELD, HELD},
    {"listener", FIELD_TEXT, LETTER_MAY},
    {"direction", FIELD_WORD, RECORD_LETTER, RECORD_JUDGED, "out|local|in"},
    {"mode", FIELD_WORD, RECORD_LETTER | RUN, RECORD_LETTER, "observe|enforce"},
    {"sender", FIELD_TEXT, RECORD_LETTER | HELD, RECORD_LETTER},
    {"recipients", FIELD_TEXTS, RECORD_LETTER | HELD, RECORD_LETTER},
    {"recipients_total", FIELD_INTEGER, RECORD_LETTER | HELD, 0},
    {"account", FIELD_TEXT, RECORD_LETTER | RECORD_ACCOUNTS, RECORD_LOGIN | RECORD_PASSWORD},
    {"client_ip", FIELD_TEXT, RECORD_LETTER | RECORD_ACCOUNTS, 0},
    {"client_name", FIELD_TEXT, LETTER_MAY},
    {"helo", FIELD_TEXT, LETTER_MAY},
    {"auth_type", FIELD_TEXT, RECORD_LETTER | RECORD_ACCOUNTS, 0},
    {"tls", FIELD_TEXT, RECORD_LETTER | RECORD_ACCOUNTS, 0},
    {"account_facts", FIELD_WORD, LETTER_MAY, "known|unknown|device|missing"}, /* missing: hangu-authd did not answer */
    {"account_stage", FIELD_WORD, LETTER_MAY, "observe|warn|enforce"},
    {"account_problems", FIELD_WORDS, LETTER_MAY},
    {"message_id", FIELD_TEXT, RECORD_LETTER | HELD, 0},
    {"size", FIELD_INTEGER, RECORD_LETTER | HELD, 0},

    /* a letter: what was decided and told */
    {"verdict", FIELD_WORD, JUDGED_MUST, VERDICT},
    {"carried_out", FIELD_BOOLEAN, LETTER_MUST}, /* FALSE: observed only */
    {"answer", FIELD_WORD, LETTER_MUST, VERDICT "|discard"},
    {"reply", FIELD_ASCII, LETTER_MAY},
    {"failure", FIELD_WORD, RECORD_LETTER, RECORD_FAILED},
    {"class", FIELD_WORD, JUDGED_MUST, CLASS},
    {"level", FIELD_WORD, JUDGED_MUST, LEVEL},
    {"term", FIELD_TEXT, JUDGED_MAY},
    {"rank", FIELD_INTEGER, JUDGED_MUST},
    {"confidence", FIELD_WORD, JUDGED_MAY, CONFIDENCE},
    {"coverage", FIELD_WORD, JUDGED_MUST, COVERAGE},
    {"why", FIELD_WORD, JUDGED_MAY, WHY},
    {"policy", FIELD_WORD, JUDGED_MAY},            /* the row; absent when none held */
    {"observed", FIELD_WORD, JUDGED_MAY, VERDICT}, /* stricter: what it would be if the observing rows enforced */
    {"observed_policy", FIELD_WORD, JUDGED_MAY},   /* the row of that */
    {"actions", FIELD_WORDS, JUDGED_MAY},
    {"findings", FIELD_OBJECTS, JUDGED_MUST, NULL, finding_fields},
    {"findings_total", FIELD_INTEGER, JUDGED_MAY},
    {"parts", FIELD_OBJECTS, JUDGED_MUST, NULL, part_fields},
    {"parts_total", FIELD_INTEGER, JUDGED_MAY},
    {"forward", FIELD_OBJECT, JUDGED_MAY, NULL, forward_fields},
    {"oddities", FIELD_WORDS, JUDGED_MAY},
    {"history", FIELD_WORDS, JUDGED_MAY}, /* of recipients, by index: "0:12:4" letters and days, "1:own" */
    {"ruleset", FIELD_DIGEST, RECORD_LETTER | RUN, RECORD_JUDGED},
    {"policy_digest", FIELD_DIGEST, RECORD_LETTER | RUN, RECORD_JUDGED},
    {"settings_digest", FIELD_DIGEST, RECORD_LETTER | RUN, 0},
    {"received", FIELD_TIME, JUDGED_MAY}, /* the time by which it was judged */
    {"engine", FIELD_WORD, JUDGED_MAY},   /* what judges by the rules, and what searches */
    {"fold", FIELD_DIGEST, JUDGED_MAY},   /* of the folding tables */
    {"reader", FIELD_WORD, JUDGED_MAY},   /* version of what read its documents */
    {"ocr", FIELD_DIGEST, JUDGED_MAY},    /* of that one's OCR engine and models */
    /* Of the register of papers; absent while it is empty. */
    {"papers_digest", FIELD_DIGEST, RECORD_JUDGED | RECORD_PAPERS | RUN, 0},
    {"elapsed_us", FIELD_INTEGER, RECORD_LETTER, RECORD_JUDGED},

    /* held letters */
    {"body", FIELD_DIGEST, LETTER_MAY}, /* keyed, without white space: what a released letter is known by */
    {"released", FIELD_ID, LETTER_MAY}, /* passed because this record's letter was released */
    {"note", FIELD_TEXT, HELD | RECORD_ACCOUNTS, 0}, /* the reason given */
    {"new_queue_id", FIELD_TEXT, HELD, 0},
    {"actor", FIELD_TEXT, HELD | RECORD_ACCOUNTS | RECORD_PAPERS,
     HELD | RECORD_ACCOUNT | RECORD_PAPERS}, /* who did it */

    /* the register of papers */
    {"change", FIELD_WORD, RECORD_PAPERS, RECORD_PAPERS, "add|import|remove"},
    {"papers", FIELD_WORDS, RECORD_PAPERS, RECORD_PAPERS}, /* numbers: "7", "9-12" */
    {"papers_total", FIELD_INTEGER, RECORD_PAPERS, RECORD_PAPERS},
    {"papers_before", FIELD_DIGEST, RECORD_PAPERS, 0}, /* absent: there was no register */
    {"registered", FIELD_INTEGER, RECORD_PAPERS, RECORD_PAPERS},
    {"officer", FIELD_TEXT, RECORD_PAPERS, 0}, /* who registers, where another one runs the command */

    /* accounts, logins, passwords; what happened is `event`, and never a password, its hash or a one-time code */
    {"event", FIELD_WORD, RECORD_ACCOUNTS, RECORD_ACCOUNTS}, /* "approved", "failed", "weak" ... */
    {"protocol", FIELD_WORD, RECORD_LOGIN, 0},               /* imap, smtp ... */
    {"department", FIELD_TEXT, RECORD_ACCOUNTS, 0},
    {"approver", FIELD_TEXT, RECORD_ACCOUNT | RECORD_PASSWORD, 0},
    {"tier", FIELD_WORD, RECORD_ACCOUNTS, 0, "base|strict|high|otp"},
    {"stage", FIELD_WORD, RECORD_ACCOUNTS, 0, "observe|warn|enforce"}, /* how far the group has come */
    {"until", FIELD_TIME, RECORD_ACCOUNTS, 0},
    {"count", FIELD_INTEGER, RECORD_ACCOUNTS, 0}, /* equal events that this line stands for */
    {"alert", FIELD_BOOLEAN, RECORD_ACCOUNTS, 0},

    /* programs */
    {"pid", FIELD_INTEGER, RUN, 0},
    {"reason", FIELD_WORD, RUN | RECORD_ACCOUNTS | RECORD_PAPERS, 0},
    {"version", FIELD_TEXT, RUN, 0},

    /* the ledger's own */
    {"file", FIELD_WORD, RECORD_REPAIR, RECORD_REPAIR},
    {"bytes", FIELD_INTEGER, RECORD_REPAIR, RECORD_REPAIR},
    {"sha256", FIELD_DIGEST, RECORD_REPAIR, RECORD_REPAIR},
    {"next", FIELD_WORD, RECORD_ROTATE, RECORD_ROTATE},
    {NULL},
};

const RecordField *
record_schema(void)
{
    return record_fields;
}

guint
record_kind(const char *word, gboolean judged)
{
    static const struct {
        const char *word;
        guint kind;
    } kinds[] = {
        {"account", RECORD_ACCOUNT}, {"login", RECORD_LOGIN},   {"password", RECORD_PASSWORD},
        {"release", RECORD_RELEASE}, {"drop", RECORD_DROP},     {"start", RECORD_START},
        {"stop", RECORD_STOP},       {"reload", RECORD_RELOAD}, {"repair", RECORD_REPAIR},
        {"rotate", RECORD_ROTATE},   {"papers", RECORD_PAPERS},
    };
    if (g_strcmp0(word, "letter") == 0)
        return judged ? RECORD_JUDGED : RECORD_FAILED;
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (g_strcmp0(word, kinds[i].word) == 0)
            return kinds[i].kind;
    return 0;
}
