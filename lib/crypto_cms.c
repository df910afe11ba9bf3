/* OpenSSL takes the syntax apart; the label, which it does not know, is a set of three or four plain values. */
#include "config.h"
#include "crypto_cms.h"
#include <openssl/asn1.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <string.h>

#define LENGTH_MAX (1024 * 1024 * 1024)
#define SIGNERS_MAX 16
#define MARK_MAX 512 /* bytes of a privacy mark; the standard allows 128 letters */
#define LABEL_OID "1.2.840.113549.1.9.16.2.2"

/* --- labels ------------------------------------------------------------------------------------------------------ */

static void
say_classification(GString *words, const guint8 *value, long length)
{
    static const char *const names[] = {"UNMARKED",     "UNCLASSIFIED", "RESTRICTED",
                                        "CONFIDENTIAL", "SECRET",       "TOP SECRET"};
    guint number = 0;
    for (long i = 0; i < length && i < 4; i++)
        number = number << 8 | value[i];
    if (number < G_N_ELEMENTS(names))
        g_string_append_printf(words, "%s\n", names[number]);
    else
        g_string_append_printf(words, "CLASSIFICATION %u\n", number);
}

static void
say_mark(GString *words, const guint8 *value, long length)
{
    const char *text = (const char *)value;
    if (length <= 0 || length > MARK_MAX || memchr(text, '\0', (gsize)length) != NULL ||
        !g_utf8_validate(text, length, NULL))
        return;
    g_string_append_len(words, text, length);
    g_string_append_c(words, '\n');
}

char *
crypto_cms_label(const void *der, gsize length)
{
    const guint8 *at = der;
    int tag, class;
    long size;
    gboolean policy = FALSE;
    if (length > LENGTH_MAX || (ASN1_get_object(&at, &size, &tag, &class, (long)length) & 0x80) != 0 ||
        tag != V_ASN1_SET)
        return NULL;
    GString *words = g_string_new(NULL);
    const guint8 *end = at + size;
    while (at < end) {
        if ((ASN1_get_object(&at, &size, &tag, &class, end - at) & 0x80) != 0)
            break;
        if (class == V_ASN1_UNIVERSAL && tag == V_ASN1_INTEGER)
            say_classification(words, at, size);
        else if (class == V_ASN1_UNIVERSAL && (tag == V_ASN1_UTF8STRING || tag == V_ASN1_PRINTABLESTRING))
            say_mark(words, at, size);
        policy |= class == V_ASN1_UNIVERSAL && tag == V_ASN1_OBJECT;
        at += size;
    }
    ERR_clear_error();
    if (policy)
        return g_string_free(words, FALSE);
    g_string_free(words, TRUE);
    return NULL;
}

static void
take_labels(CryptoCms *read, CMS_ContentInfo *cms)
{
    STACK_OF(CMS_SignerInfo) *signers = CMS_get0_SignerInfos(cms);
    ASN1_OBJECT *kind = OBJ_txt2obj(LABEL_OID, 1);
    for (int i = 0; i < sk_CMS_SignerInfo_num(signers) && i < SIGNERS_MAX; i++) {
        const CMS_SignerInfo *signer = sk_CMS_SignerInfo_value(signers, i);
        int where = CMS_signed_get_attr_by_OBJ(signer, kind, -1);
        X509_ATTRIBUTE *attribute = where >= 0 ? CMS_signed_get_attr(signer, where) : NULL;
        const ASN1_TYPE *value = attribute != NULL ? X509_ATTRIBUTE_get0_type(attribute, 0) : NULL;
        if (value == NULL || value->type != V_ASN1_SET)
            continue;
        const ASN1_STRING *set = value->value.set;
        char *words = crypto_cms_label(ASN1_STRING_get0_data(set), (gsize)ASN1_STRING_length(set));
        if (words != NULL)
            g_ptr_array_add(read->labels, words);
    }
    ASN1_OBJECT_free(kind);
}

/* --- the object -------------------------------------------------------------------------------------------------- */

static CryptoCmsKind
kind_of(CMS_ContentInfo *cms)
{
    switch (OBJ_obj2nid(CMS_get0_type(cms))) {
    case NID_pkcs7_signed:
        return CRYPTO_CMS_SIGNED;
    case NID_pkcs7_enveloped:
    case NID_pkcs7_signedAndEnveloped:
    case NID_pkcs7_encrypted:
    case NID_id_smime_ct_authEnvelopedData:
        return CRYPTO_CMS_ENCRYPTED;
    default:
        return CRYPTO_CMS_OTHER;
    }
}

static void
take_content(CryptoCms *read, CMS_ContentInfo *cms)
{
    ASN1_OCTET_STRING **content = CMS_get0_content(cms);
    if (content != NULL && *content != NULL)
        read->content = g_bytes_new(ASN1_STRING_get0_data(*content), (gsize)ASN1_STRING_length(*content));
}

CryptoCms *
crypto_cms_read(const void *data, gsize length)
{
    const guint8 *at = data;
    CMS_ContentInfo *cms = length <= LENGTH_MAX ? d2i_CMS_ContentInfo(NULL, &at, (long)length) : NULL;
    ERR_clear_error();
    if (cms == NULL)
        return NULL;
    CryptoCms *read = g_new0(CryptoCms, 1);
    read->kind = kind_of(cms);
    read->labels = g_ptr_array_new_with_free_func(g_free);
    if (read->kind == CRYPTO_CMS_SIGNED) {
        take_content(read, cms);
        take_labels(read, cms);
    }
    CMS_ContentInfo_free(cms);
    ERR_clear_error();
    return read;
}

void
crypto_cms_free(CryptoCms *cms)
{
    if (cms == NULL)
        return;
    g_clear_pointer(&cms->content, g_bytes_unref);
    g_ptr_array_unref(cms->labels);
    g_free(cms);
}
