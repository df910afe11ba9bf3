/* record - one line of the audit log: its schema, its canonical form, its hash.
 *
 * A line is one JSON object (RFC 8259), keys sorted, no white space, UTF-8, integers only, no null, no
 * newline inside: the same object always gives the same bytes. The hash of a line is SHA-256 over these
 * bytes without the newline. Fields every line has:
 *   v (RECORD_VERSION), seq (from 1, no gaps), prev (hash of the line before, 64 zeros for the first),
 *   time (RFC 3339 UTC, by the ledger), kind, unit, program (name and version of who asked),
 *   uid (of the asking process, by the ledger; absent in the ledger's own lines).
 * Kinds: "letter" (a verdict; see mail/report.h), "release", "drop" (held letters),
 * "papers" (the register of papers was changed), "account", "login", "password" (hangu-authd), "start", "stop",
 * "reload", and by the ledger alone "repair" (a torn last line was cut: bytes, sha256) and "rotate" (last line of a
 * full file: `next` names the file that goes on). Never in a record: subject, file name, text, excerpt. Part numbers
 * and keyed digests instead. The fields of each kind, and of the objects inside, are the rows of
 * record_schema.c; all others are refused. */
#pragma once
#include <glib.h>
#include <jansson.h>

#define RECORD_VERSION 1
#define RECORD_LINE_MAX (96 * 1024)
#define RECORD_FIT (RECORD_LINE_MAX - 512) /* before the ledger adds seq, prev, time and uid */
#define RECORD_HASH_HEX 64
#define RECORD_TEXT_MAX 320 /* bytes of a text: the longest address there is (RFC 5321, 4.5.3.1) */
#define RECORD_WORD_MAX 100 /* bytes of a word: letters, digits and ._+:/- */
#define RECORD_ID_LENGTH 12
#define RECORD_NO_HASH "0000000000000000000000000000000000000000000000000000000000000000"

/* A new id for a record, short enough to be read on the telephone: 12 characters of Crockford base32. Gives. */
char *record_id_new(void);

/* A new object with v, kind, unit, program, time. Gives a reference. */
json_t *record_new(const char *kind, const char *unit, const char *program);

/* Puts bytes from outside into a text field: control and invisible characters, backslash and invalid UTF-8 become
 * \xNN, what is over RECORD_TEXT_MAX is cut with "...". NULL puts nothing. */
void record_put_text(json_t *object, const char *field, const char *bytes);
/* The same as an array of texts, from char *; NULL puts an empty one. */
void record_put_texts(json_t *object, const char *field, const GPtrArray *texts);
/* Puts a word; characters that a word cannot have become '_'. NULL puts nothing. */
void record_put_word(json_t *object, const char *field, const char *word);
/* Puts "sha256:..." of 32 bytes; keyed: "hmac-sha256:...". */
void record_put_digest(json_t *object, const char *field, const guint8 *digest, gboolean keyed);
/* Back from record_put_digest's text; FALSE if it is none. */
gboolean record_digest_parse(const char *text, guint8 digest_out[32]);
/* What record_put_text would write, for a search. Gives a new string. */
char *record_text(const char *bytes);

/* Shortens the lists "parts", "findings" and "recipients", the longest first and from their ends, until the line
 * fits RECORD_FIT; "parts_total" and so on then tell how many there were. */
void record_fit(json_t *record);

/* The canonical bytes, without newline. NULL with error (HANGU_ERROR_DATA) if too long or not canonical-able. */
char *record_line(const json_t *record, gsize *length_out, GError **error);

/* Reads a line. NULL with error (HANGU_ERROR_DATA) if it is no JSON object, has duplicate keys or is not in canonical
 * form. */
json_t *record_parse(const char *line, gsize length, GError **error);

/* Checks types and presence of the fields of its kind against the schema table; the error names the field. */
gboolean record_check(const json_t *record, GError **error);
/* The same for a line, which must be in canonical form: what hangu-ledger does before it writes. Makes no object. */
gboolean record_check_line(const char *line, gsize length, GError **error);

/* Hash of the line as 64 lower-case hex digits. */
void record_hash(const char *line, gsize length, char hex_out[RECORD_HASH_HEX + 1]);
/* 64 lower-case hex digits and nothing else? */
gboolean record_is_hash(const char *text);
/* "2026-11-22T01:02:03.456Z", the one form that clock_format() writes, so that times sort as text? */
gboolean record_is_time(const char *text);
