/* Signed and encrypted objects, built value by value (ITU-T X.690): what was signed is read, labels are told. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "crypto_cms.h"
#include "taker.h"
#include <string.h>

#define TYPE "application/pkcs7-mime"
#define LETTER "Content-Type: text/plain; charset=utf-8\r\n\r\n机密★10年\r\n"
#define OID_DATA "\x2A\x86\x48\x86\xF7\x0D\x01\x07\x01"
#define OID_SIGNED "\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02"
#define OID_ENVELOPED "\x2A\x86\x48\x86\xF7\x0D\x01\x07\x03"
#define OID_COMPRESSED "\x2A\x86\x48\x86\xF7\x0D\x01\x09\x10\x01\x09"
#define OID_LABEL "\x2A\x86\x48\x86\xF7\x0D\x01\x09\x10\x02\x02"
#define OID_SHA256 "\x60\x86\x48\x01\x65\x03\x04\x02\x01"
#define OID_RSA "\x2A\x86\x48\x86\xF7\x0D\x01\x01\x01"
#define OID_AES "\x60\x86\x48\x01\x65\x03\x04\x01\x02"

/* One value: tag, length, content; frees the content. */
static GString *
der(guint8 tag, GString *content)
{
    GString *value = g_string_new(NULL);
    g_string_append_c(value, (char)tag);
    g_string_append_c(value, (char)0x83);
    g_string_append_c(value, (char)(content->len >> 16));
    g_string_append_c(value, (char)(content->len >> 8));
    g_string_append_c(value, (char)content->len);
    g_string_append_len(value, content->str, (gssize)content->len);
    g_string_free(content, TRUE);
    return value;
}

static GString *
bytes(guint8 tag, const char *content, gsize length)
{
    return der(tag, g_string_new_len(content, (gssize)length));
}

/* Values one after the other, up to NULL; frees them. */
static GString *
joined(GString *first, ...)
{
    GString *all = g_string_new(NULL), *next = first;
    va_list list;
    va_start(list, first);
    for (; next != NULL; next = va_arg(list, GString *)) {
        g_string_append_len(all, next->str, (gssize)next->len);
        g_string_free(next, TRUE);
    }
    va_end(list);
    return all;
}

static GString *
oid(const char *text)
{
    return bytes(0x06, text, strlen(text));
}

static GString *
number(guint8 value)
{
    return bytes(0x02, (const char *)&value, 1);
}

static GString *
algorithm(const char *name)
{
    return der(0x30, joined(oid(name), NULL));
}

static GString *
label(guint8 classification, const char *mark)
{
    return der(0x31, joined(number(classification), oid("\x2A\x03\x04"), bytes(0x0C, mark, strlen(mark)), NULL));
}

static GString *
signer(guint8 classification, const char *mark)
{
    GString *attribute = der(0x30, joined(oid(OID_LABEL), der(0x31, label(classification, mark)), NULL));
    return der(0x30,
               joined(number(1), der(0x30, joined(der(0x30, g_string_new(NULL)), number(7), NULL)),
                      algorithm(OID_SHA256), der(0xA0, attribute), algorithm(OID_RSA), bytes(0x04, "sign", 4), NULL));
}

/* content: what was signed, NULL: it is elsewhere; mark: privacy mark of the signer's label, NULL: no signer. */
static GString *
signed_object(const char *content, guint8 classification, const char *mark)
{
    GString *inside = content == NULL ? g_string_new(NULL) : der(0xA0, bytes(0x04, content, strlen(content)));
    GString *signers = mark != NULL ? signer(classification, mark) : g_string_new(NULL);
    return der(0x30, joined(oid(OID_SIGNED),
                            der(0xA0, der(0x30, joined(number(1), der(0x31, algorithm(OID_SHA256)),
                                                       der(0x30, joined(oid(OID_DATA), inside, NULL)),
                                                       der(0x31, signers), NULL))),
                            NULL));
}

static GString *
enveloped_object(void)
{
    GString *secret = der(0x30, joined(oid(OID_DATA), algorithm(OID_AES), bytes(0x80, "xxxxxxxxxxxxxxxx", 16), NULL));
    GString *to = der(0x30, joined(number(0), der(0x30, joined(der(0x30, g_string_new(NULL)), number(7), NULL)),
                                   algorithm(OID_RSA), bytes(0x04, "key", 3), NULL));
    return der(0x30,
               joined(oid(OID_ENVELOPED), der(0xA0, der(0x30, joined(number(0), der(0x31, to), secret, NULL))), NULL));
}

static Taken *
read_object(GString *object)
{
    Taken *taken = taker_read(object->str, object->len, TYPE, &TAKER_WIDE);
    g_string_free(object, TRUE);
    return taken;
}

static void
test_cms_signed_is_read(void **state)
{
    g_autoptr(Taken) taken = read_object(signed_object(LETTER, 0, NULL));
    assert_true(taken_says(taken, "part 1<0 message/rfc822 \"signed\""));
    assert_true(taken_has_bytes(taken, LETTER));
    assert_true(taken_says(taken, "cover 0 complete none"));
}

static void
test_cms_detached_is_opaque(void **state)
{
    g_autoptr(Taken) taken = read_object(signed_object(NULL, 5, "EYES ONLY"));
    assert_true(taken_says(taken, "cover 0 opaque none"));
    assert_non_null(strstr(taken->places[PLACE_LABEL]->str, "TOP SECRET\nEYES ONLY"));
}

static void
test_cms_encrypted_is_told(void **state)
{
    g_autoptr(Taken) taken = read_object(enveloped_object());
    assert_true(taken_says(taken, "cover 0 unreadable encrypted"));
}

static void
test_cms_other_is_unsupported(void **state)
{
    g_autoptr(Taken) taken =
        read_object(der(0x30, joined(oid(OID_COMPRESSED), der(0xA0, der(0x30, joined(number(0), NULL))), NULL)));
    assert_true(taken_says(taken, "cover 0 unreadable unsupported"));
}

static void
test_cms_cut_off_is_never_read(void **state)
{
    GString *whole = signed_object(LETTER, 4, "MARK");
    for (gsize length = 2; length < whole->len; length += 7) {
        g_autoptr(CryptoCms) cms = crypto_cms_read(whole->str, length);
        assert_null(cms);
    }
    g_autoptr(CryptoCms) cms = crypto_cms_read(whole->str, whole->len);
    assert_non_null(cms);
    assert_int_equal(cms->labels->len, 1);
    g_string_free(whole, TRUE);
}

static void
test_crypto_cms_label(void **state)
{
    static const struct {
        guint8 classification;
        const char *mark, *said;
    } cases[] = {
        {0, "", "UNMARKED\n"},         {3, "内部", "CONFIDENTIAL\n内部\n"}, {4, "", "SECRET\n"},
        {7, "", "CLASSIFICATION 7\n"}, {4, "\xFF\xFE", "SECRET\n"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        GString *value = label(cases[i].classification, cases[i].mark);
        g_autofree char *said = crypto_cms_label(value->str, value->len);
        assert_string_equal(said, cases[i].said);
        for (gsize length = 0; length < value->len; length++) {
            g_autofree char *cut = crypto_cms_label(value->str, length); /* never beyond its end */
            assert_true(cut == NULL || strlen(cut) <= strlen(said));
        }
        g_string_free(value, TRUE);
    }
    assert_null(crypto_cms_label("\x30\x00", 2));
    assert_null(crypto_cms_label("", 0));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cms_signed_is_read),        cmocka_unit_test(test_cms_detached_is_opaque),
        cmocka_unit_test(test_cms_encrypted_is_told),     cmocka_unit_test(test_cms_other_is_unsupported),
        cmocka_unit_test(test_cms_cut_off_is_never_read), cmocka_unit_test(test_crypto_cms_label),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
