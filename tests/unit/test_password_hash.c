/* Hashes as Dovecot's own tool writes them, and texts that only look like one. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "errors.h"
#include "password_hash.h"
#include <string.h>

#define PASSWORD "Tulip-4711"

static const struct {
    const char *stored, *scheme;
    HashGrade grade;
} made_elsewhere[] = {
    {"{PLAIN}Tulip-4711", "PLAIN", GRADE_PLAIN},
    {"{cleartext}Tulip-4711", "CLEARTEXT", GRADE_PLAIN},
    {"Tulip-4711", "PLAIN", GRADE_PLAIN},
    {"{SSHA256}OxhqJfV5L5VK5hhP7BHEItMfGEaV6oJdEhxmx9bB+iPdIQm1", "SSHA256", GRADE_WEAK},
    {"{SHA512-CRYPT}$6$rNZ/e8RuadFz6/zv$lG2WR0El0uJKij471bjtnitXi0pkjc61oXnp47m."
     "yUwH2mRDpa4tS/AKkzgqSi7gAcHW74XN9XiD360Lpvr7m0",
     "CRYPT-SHA512", GRADE_STRONG},
    {"{SHA256-CRYPT}$5$TPxEYEW/OlfF.xaY$AOc5cEQrVZNDK6H6RixYq13jNLPOdmk1dOpIuA5MCi/", "CRYPT-SHA256", GRADE_STRONG},
    {"{ARGON2ID}$argon2id$v=19$m=65536,t=3,p=1$ux33sEqpGi2z3LgornTHnQ$L7kKybgmhqoL5v0YkVeDe2PdJqc/JCpVDou1argmE+0",
     "ARGON2ID", GRADE_STRONG},
    {"{PBKDF2}$1$38Dhw9gjGiqdBTts$5000$62804b4a435bcf2ad79591f50cd40a612a836475", "PBKDF2", GRADE_STRONG},
    {"{SMD5}SpWt3n3fxPTi0TtypBJv4f18J50=", "SMD5", GRADE_WEAK},
    {"{MD5-CRYPT}$1$jlTsLMQJ$d9AI1dyube3P7b.ngzN3r0", "CRYPT-MD5", GRADE_WEAK},
    {"{LDAP-MD5}uyJkcGaG2XUmDQ5jF7xRHw==", "LDAP-MD5", GRADE_WEAK},
    {"{PLAIN-MD5}bb2264706686d975260d0e6317bc511f", "PLAIN-MD5", GRADE_WEAK},
    {"{PLAIN-MD5.B64}uyJkcGaG2XUmDQ5jF7xRHw==", "PLAIN-MD5", GRADE_WEAK},
    {"{SHA}lUuVuDt4g1EbWyvs24kOeuGbIZ0=", "SHA", GRADE_WEAK},
    {"{SHA256}xmAy+Qhdbl91EXL91HDxINJdtO7u6/NQQYDEVsdjElU=", "SHA256", GRADE_WEAK},
    {"{SHA256.HEX}c66032f9085d6e5f751172fdd470f120d25db4eeeeebf3504180c456c7631255", "SHA256", GRADE_WEAK},
    {"{SSHA}9yIfZV63Yfbfo/kltwUbl4qhvBJzsNy5", "SSHA", GRADE_WEAK},
    {"{SSHA.HEX}8ac9b7cef01e5f8e98946d7333b8ac1036a491ff14ae66ac", "SSHA", GRADE_WEAK},
    {"{SSHA512}EV1wtrAbcTDgyOxqbDWaJUlubD3a8GOMSJi3LkmE3+xyWRPmYzA79XXkKEAazoRkGchzmyn3ZPbTTzRYQ6s3NbL1+2Y=", "SSHA512",
     GRADE_WEAK},
    {"{SCRAM-SHA-256}4096,f9mwUihrhsK5Tdj4fHEOSA==,6pju2ecvWQFf7lDA3OO9/Cfrqdc8Oj9pljgcE3tiCQw=,"
     "umEVB7j4r17MGddeTBecdwA0s5y8Q6IzBTFQyf2sH/Q=",
     "SCRAM-SHA-256", GRADE_STRONG},
    {"{SCRAM-SHA-1}4096,dutpl0Edf7rXB9kVHnN0sg==,yFf7GmgVchDFTLZJ1mfTzmINsYk=,ncui7mjibvIpP4skUvQDTA3Hr5s=",
     "SCRAM-SHA-1", GRADE_STRONG},
    {"{DES-CRYPT}1TYe1GrSe6fi.", "CRYPT-DES", GRADE_WEAK},
    {"{CRYPT}1TYe1GrSe6fi.", "CRYPT-DES", GRADE_WEAK},
    {"{BLF-CRYPT}$2y$05$4ibj6wqbZOy6mUwiKo2VFeRZ0zOIMNP/MOa7S5i65ZHkMcnDyDzSW", "CRYPT-BCRYPT", GRADE_STRONG},
    {"$2y$05$4ibj6wqbZOy6mUwiKo2VFeRZ0zOIMNP/MOa7S5i65ZHkMcnDyDzSW", "CRYPT-BCRYPT", GRADE_STRONG},
};

static void
test_password_hash_of_every_scheme_knows_its_password(void **state)
{
    for (gsize i = 0; i < G_N_ELEMENTS(made_elsewhere); i++) {
        g_autoptr(PasswordHash) hash = password_hash_parse(made_elsewhere[i].stored);
        assert_string_equal(password_hash_scheme(hash), made_elsewhere[i].scheme);
        assert_int_equal(password_hash_grade(hash), made_elsewhere[i].grade);
        assert_true(password_hash_is_triable(hash));
        assert_true(password_hash_try(hash, PASSWORD));
        assert_false(password_hash_try(hash, "tulip-4711"));
        assert_false(password_hash_try(hash, ""));
    }
}

static void
test_password_hash_that_nobody_fits_cannot_be_tried(void **state)
{
    static const struct {
        const char *stored;
        HashGrade grade;
    } cases[] = {
        {"", GRADE_NONE},
        {"!", GRADE_NONE},
        {"*LK*", GRADE_NONE},
        {"{CRYPT}!", GRADE_UNKNOWN},
        {"{NO-SUCH}abc", GRADE_UNKNOWN},
        {"{SSHA256}c2hvcnQ=", GRADE_UNKNOWN},
        {"{PLAIN-MD5}bb2264706686d975260d0e6317bc511", GRADE_UNKNOWN},
        {"{SHA512-CRYPT}$5$TPxEYEW/OlfF.xaY$AOc5cEQrVZNDK6H6RixYq13jNLPOdmk1dOpIuA5MCi/", GRADE_UNKNOWN},
        {"{PBKDF2}$1$salt$0$62804b4a435bcf2ad79591f50cd40a612a836475", GRADE_UNKNOWN},
        {"{PBKDF2}$1$salt$5000", GRADE_UNKNOWN},
        {"{SCRAM-SHA-256}4096,aaaa", GRADE_UNKNOWN},
        {"{CRAM-MD5}d570d19ac9209e42589a1a5aa69b05b7276105f96e5c6ad39ac9a4bc6b845fc1", GRADE_WEAK},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(PasswordHash) hash = password_hash_parse(cases[i].stored);
        assert_int_equal(password_hash_grade(hash), cases[i].grade);
        assert_false(password_hash_is_triable(hash));
        assert_false(password_hash_try(hash, PASSWORD));
        assert_false(password_hash_try(hash, ""));
    }
}

/* The stored text says what trying costs: one that asks for hours or for all memory is not tried. */
static void
test_password_hash_that_asks_too_much_is_not_tried(void **state)
{
    static const char *const cases[] = {
        "{CRYPT}$6$rounds=999999999$rNZ/e8RuadFz6/zv$x",
        "{BLF-CRYPT}$2y$31$4ibj6wqbZOy6mUwiKo2VFeRZ0zOIMNP/MOa7S5i65ZHkMcnDyDzSW",
        "{ARGON2ID}$argon2id$v=19$m=4194304,t=3,p=1$ux33sEqpGi2z3LgornTHnQ$L7kKybgmhqoL5v0YkVeDe2PdJqc/JCpVDou1argmE+0",
        "{ARGON2ID}$argon2id$v=19$m=65536,t=90000,p=1$ux33sEqpGi2z3LgornTHnQ$L7kKybgmhqoL5v0YkVeDe2PdJqc/"
        "JCpVDou1argmE+0",
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(PasswordHash) hash = password_hash_parse(cases[i]);
        assert_false(password_hash_is_triable(hash));
    }
    g_autofree char *long_one = g_strnfill(PASSWORD_STORED_MAX + 1, 'a');
    g_autoptr(PasswordHash) hash = password_hash_parse(long_one);
    assert_int_equal(password_hash_grade(hash), GRADE_UNKNOWN);
}

static void
test_password_hash_made_is_read_back(void **state)
{
    static const char *const words[] = {"yescrypt", "bcrypt", "argon2id"};
    static const char *const schemes[] = {"CRYPT-YESCRYPT", "CRYPT-BCRYPT", "ARGON2ID"};
    for (guint i = 0; i < G_N_ELEMENTS(words); i++) {
        HashMake how = MAKE_BCRYPT;
        assert_true(hash_make_from_word(words[i], &how));
        GError *error = NULL;
        g_autofree char *once = password_hash_make(how, "汉字 und 7 Zeichen", &error);
        g_autofree char *again = password_hash_make(how, "汉字 und 7 Zeichen", &error);
        assert_null(error);
        assert_string_not_equal(once, again); /* salted */
        g_autoptr(PasswordHash) hash = password_hash_parse(once);
        assert_string_equal(password_hash_scheme(hash), schemes[i]);
        assert_int_equal(password_hash_grade(hash), GRADE_STRONG);
        assert_true(password_hash_try(hash, "汉字 und 7 Zeichen"));
        assert_false(password_hash_try(hash, "汉字 und 7 Zeiche"));
    }
    HashMake how = MAKE_YESCRYPT;
    assert_false(hash_make_from_word("md5", &how));
}

static void
test_password_hash_is_not_made_of_what_would_be_cut(void **state)
{
    g_autofree char *longest = g_strnfill(PASSWORD_MAX + 1, 'x'), *for_bcrypt = g_strnfill(73, 'x');
    const struct {
        HashMake how;
        const char *password;
    } cases[] = {{MAKE_YESCRYPT, ""}, {MAKE_YESCRYPT, longest}, {MAKE_ARGON2ID, longest}, {MAKE_BCRYPT, for_bcrypt}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        assert_null(password_hash_make(cases[i].how, cases[i].password, &error));
        assert_true(g_error_matches(error, HANGU_ERROR, HANGU_ERROR_USAGE));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_password_hash_of_every_scheme_knows_its_password),
        cmocka_unit_test(test_password_hash_that_nobody_fits_cannot_be_tried),
        cmocka_unit_test(test_password_hash_that_asks_too_much_is_not_tried),
        cmocka_unit_test(test_password_hash_made_is_read_back),
        cmocka_unit_test(test_password_hash_is_not_made_of_what_would_be_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
