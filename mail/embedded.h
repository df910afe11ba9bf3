/* embedded - encoded blocks inside text: uuencode (also `uuencode -m`), lines of base64, PGP and CMS armour.
 *
 * Works on the undecoded bytes of a text part as they flow by. A base64 run counts only if what it holds is text, a
 * letter or a format we know: words that happen to use the alphabet are no block. */
#pragma once
#include "content.h"
#include "detect.h"

#define EMBEDDED_BASE64_MIN 40 /* characters on the first line of a base64 run */
#define EMBEDDED_MAX 64        /* blocks of one text */

typedef struct {
    char *name;          /* raw bytes of the file name, or NULL */
    GMimeStream *stream; /* decoded content */
    gboolean cut;        /* there was more than could be kept */
} EmbeddedBlock;

typedef struct Embedded Embedded;
Embedded *embedded_new(Message *message, const Settings *settings);
void embedded_free(Embedded *embedded);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Embedded, embedded_free)
void embedded_push(Embedded *embedded, const guint8 *bytes, gsize length);
/* Blocks found, in order; lends. Call once, at the end. */
const GArray *embedded_finish(Embedded *embedded);
/* TRUE if there was armour of an encrypted message. */
gboolean embedded_encrypted(const Embedded *embedded);
