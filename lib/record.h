/* record - one line of the audit log: its schema, its canonical form, its hash.
 *
 * A line is one JSON object (RFC 8259), keys sorted, no white space, UTF-8, integers only, no
 * newline inside: the same object always gives the same bytes. The hash of a line is SHA-256 over these
 * bytes without the newline. Fields every line has:
 *   v (RECORD_VERSION), seq (from 1, no gaps), prev (hash of the line before, 64 zeros for the first),
 *   time (RFC 3339 UTC, by the ledger), kind, unit, program (name and version of who asked).
 * Kinds: "letter" (a verdict; see mail/report.h for its fields), "release", "drop" (held letters),
 * "start", "stop", "reload", "repair" (a torn last line was cut: bytes, sha256), "rotate".
 * Never in a record: subject, file name, text, excerpt. Part numbers and keyed digests instead.
 */
#pragma once
#include <glib.h>
#include <jansson.h>

#define RECORD_VERSION 1
#define RECORD_LINE_MAX (96 * 1024)
#define RECORD_HASH_HEX 64

/* A new id for a record, short enough to be read on the telephone: 12 characters of Crockford base32. Gives. */
char *record_id_new(void);

/* A new object with v, kind, unit, program, time. Gives a reference. */
json_t *record_new(const char *kind, const char *unit, const char *program);

/* The canonical bytes, without newline. NULL with error (HANGU_ERROR_DATA) if too long or not canonical-able. */
char *record_line(const json_t *record, gsize *length_out, GError **error);

/* Reads a line. NULL with error (HANGU_ERROR_DATA) if it is no JSON object, has duplicate keys or is not in canonical
 * form. */
json_t *record_parse(const char *line, gsize length, GError **error);

/* Checks types and presence of the fields of its kind against the schema table; the error names the field. */
gboolean record_check(const json_t *record, GError **error);

/* Hash of the line as 64 lower-case hex digits. */
void record_hash(const char *line, gsize length, char hex_out[RECORD_HASH_HEX + 1]);
