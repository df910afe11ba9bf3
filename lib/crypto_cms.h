/* crypto_cms - what an object of the Cryptographic Message Syntax (RFC 5652) holds, read by OpenSSL.
 *
 * No signature is checked: content is read whoever signed it. Input is DER or BER, hostile, at most 1 GiB. */
#pragma once
#include <glib.h>

typedef enum {
    CRYPTO_CMS_SIGNED,
    CRYPTO_CMS_ENCRYPTED, /* enveloped, encrypted, or authenticated and enveloped */
    CRYPTO_CMS_OTHER,     /* compressed, digested, authenticated ... */
} CryptoCmsKind;

typedef struct {
    CryptoCmsKind kind;
    GBytes *content;   /* of SIGNED: what was signed; NULL: it is elsewhere (a detached signature) */
    GPtrArray *labels; /* char *: each security label (RFC 2634 section 3) of its signers, in words */
} CryptoCms;

/* NULL: not an object of this syntax, or damaged. */
CryptoCms *crypto_cms_read(const void *data, gsize length);
void crypto_cms_free(CryptoCms *cms);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CryptoCms, crypto_cms_free)

/* An ESSSecurityLabel (RFC 2634 section 3.2, DER) in words, a line each: the classification as that section names it
 * ("TOP SECRET"; a number of a policy of its own as "CLASSIFICATION 7"), then the privacy mark. NULL: it is none. */
char *crypto_cms_label(const void *der, gsize length);
