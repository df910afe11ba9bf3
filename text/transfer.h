/* transfer - content transfer encodings as they lie (RFC 2045 section 6), streaming, lenient.
 *
 * Nothing after an oddity is dropped: base64 goes on after padding in the middle, junk is skipped and counted,
 * quoted-printable keeps what it cannot read. The result does not depend on how the input is cut into pushes.
 * transfer_uu_find() finds uuencoded blocks inside text. */
#pragma once
#include <glib.h>

typedef enum { TRANSFER_IDENTITY, TRANSFER_BASE64, TRANSFER_QUOTED, TRANSFER_UU } TransferKind;

/* From a Content-Transfer-Encoding value with comments, quotes, case, blanks ("base64 (really)", "\"BASE64\"",
 * "x-uue"). Unknown: IDENTITY and *known_out FALSE. Several words ("8bit base64"): the first that encodes, and
 * *known_out FALSE. */
TransferKind transfer_kind(const char *value, gboolean *known_out);

typedef struct Transfer Transfer;
Transfer *transfer_new(TransferKind kind);
void transfer_free(Transfer *transfer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Transfer, transfer_free)
/* Appends decoded bytes to `out`. TRANSFER_UU: text outside of begin ... end is appended as it is; blocks made by
 * `uuencode -m` (begin-base64 ... ====) and blocks behind a prefix of ">", "|" and blanks are decoded as well. */
void transfer_push(Transfer *transfer, const guint8 *bytes, gsize length, GByteArray *out);
void transfer_finish(Transfer *transfer, GByteArray *out);
guint transfer_oddities(const Transfer *transfer); /* junk characters, padding inside, bad escapes */

/* TRUE if identity-labelled bytes look as if they were base64: at least 64 characters of its alphabet, nearly all of
 * them. */
gboolean transfer_looks_base64(const guint8 *bytes, gsize length);

typedef struct {
    gsize from, to;
    char *name;
} UuBlock; /* begin line .. end line; name: raw bytes */
/* uuencoded blocks in text, in order, never overlapping; a block without its end line goes to its last data line. To
 * decode one, push from..to through TRANSFER_UU. The words of a block may still be prose: scan the text whole as well.
 * Gives an array of UuBlock (frees items). */
GArray *transfer_uu_find(const guint8 *bytes, gsize length);
