/* record_schema - what may stand in a record: one row per field. */
#pragma once
#include <glib.h>

/* Kinds as bits. A letter with a verdict must tell more than one without. */
typedef enum {
    RECORD_JUDGED = 1 << 0, /* kind "letter" with a verdict */
    RECORD_FAILED = 1 << 1, /* kind "letter" without: `failure` tells why */
    RECORD_RELEASE = 1 << 2,
    RECORD_DROP = 1 << 3,
    RECORD_START = 1 << 4,
    RECORD_STOP = 1 << 5,
    RECORD_RELOAD = 1 << 6,
    RECORD_REPAIR = 1 << 7,
    RECORD_ROTATE = 1 << 8,
    RECORD_ACCOUNT = 1 << 9,   /* the register of accounts was changed */
    RECORD_LOGIN = 1 << 10,    /* somebody logged in, failed to, was locked out or let in again */
    RECORD_PASSWORD = 1 << 11, /* a password was changed, found weak, warned about */
    RECORD_PAPERS = 1 << 12,   /* the register of papers was changed */
} RecordKind;
#define RECORD_LETTER (RECORD_JUDGED | RECORD_FAILED)
#define RECORD_ACCOUNTS (RECORD_ACCOUNT | RECORD_LOGIN | RECORD_PASSWORD)
#define RECORD_ALL ((1 << 13) - 1)

typedef enum {
    FIELD_TEXT,    /* printable UTF-8, at most RECORD_TEXT_MAX bytes */
    FIELD_ASCII,   /* printable ASCII, at most RECORD_TEXT_MAX bytes */
    FIELD_WORD,    /* RECORD_WORD_MAX; one of `words` if there are any */
    FIELD_ID,      /* record_id_new() */
    FIELD_HASH,    /* 64 hex digits */
    FIELD_DIGEST,  /* "sha256:" or "hmac-sha256:" and a hash */
    FIELD_TIME,    /* "2026-11-22T01:02:03.456Z" */
    FIELD_INTEGER, /* 0..2^63-1 */
    FIELD_SIGNED,  /* any integer */
    FIELD_BOOLEAN,
    FIELD_TEXTS,  /* array of FIELD_TEXT, at most RECORD_LIST_MAX */
    FIELD_WORDS,  /* array of FIELD_WORD */
    FIELD_OBJECT, /* of `fields` */
    FIELD_OBJECTS /* array of objects of `fields` */
} RecordType;
#define RECORD_LIST_MAX 1000

typedef struct RecordField {
    const char *name; /* NULL ends a table */
    RecordType type;
    guint kinds;                      /* where it may stand */
    guint required;                   /* where it must */
    const char *words;                /* "accept|hold|reject", or NULL */
    const struct RecordField *fields; /* of an object */
} RecordField;

/* The rows of a record. */
const RecordField *record_schema(void);
/* The kind of this word and of a letter that has a verdict or not; 0 if there is none. */
guint record_kind(const char *word, gboolean judged);
