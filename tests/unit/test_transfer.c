#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "transfer.h"
#include <string.h>

#define MARK "机密★10年"
#define MARK_BASE64 "5py65a+G4piFMTDlubQ="

/* Decodes `text` pushed in pieces of `step` bytes. */
static char *
decode(TransferKind kind, const char *text, gsize step, guint *oddities_out)
{
    g_autoptr(Transfer) transfer = transfer_new(kind);
    GByteArray *out = g_byte_array_new();
    for (gsize i = 0, length = strlen(text); i < length; i += step)
        transfer_push(transfer, (const guint8 *)text + i, MIN(step, length - i), out);
    transfer_finish(transfer, out);
    if (oddities_out != NULL)
        *oddities_out = transfer_oddities(transfer);
    g_byte_array_append(out, (const guint8 *)"", 1);
    return (char *)g_byte_array_free(out, FALSE);
}

typedef struct {
    const char *name, *input, *want;
    guint oddities;
} Case;

static void
check_cases(TransferKind kind, const Case *cases, gsize count)
{
    static const gsize STEPS[] = {100000, 1, 2, 3, 7, 76};
    for (gsize i = 0; i < count; i++) {
        for (gsize s = 0; s < G_N_ELEMENTS(STEPS); s++) {
            guint oddities;
            g_autofree char *got = decode(kind, cases[i].input, STEPS[s], &oddities);
            if (strcmp(got, cases[i].want) != 0 || oddities != cases[i].oddities)
                fail_msg("%s, pieces of %zu: got \"%s\" with %u oddities, want \"%s\" with %u", cases[i].name, STEPS[s],
                         got, oddities, cases[i].want, cases[i].oddities);
        }
    }
}

static void
test_transfer_push_base64(void **state)
{
    static const Case CASES[] = {
        {"plain", MARK_BASE64, MARK, 0},
        {"empty", "", "", 0},
        {"lines", "5py65a+G\r\n4piFMTDlubQ=\r\n", MARK, 0},
        {"uneven lines", "5py65\r\na+G4p\r\niFMTDlubQ=\r\n", MARK, 0},
        {"no padding", "5py65a+G4piFMTDlubQ", MARK, 0},
        {"half padding", "YQ=\nYQ==", "aa", 2},
        {"padding in the middle", "5py6\r\nYQ==\r\n" MARK_BASE64, "机a" MARK, 1},
        {"padding in the middle of a line", "YQ==" MARK_BASE64, "a" MARK, 1},
        {"three bytes and padding inside", "YWI=YWI=", "abab", 1},
        {"padding only", "====", "", 4},
        {"stray padding inside a group", "5=py65a+G4piFMTDlubQ=", MARK, 1},
        {"stray padding after two", "5p=y65a+G4piFMTDlubQ=", MARK, 1},
        {"junk", "5p!y65a#+G4p.iFMTD\x01lubQ=", MARK, 4},
        {"junk of the URL-safe alphabet", "5p-y65a+G4p-iFMTDlubQ=", MARK, 2},
        {"junk of the URL-safe alphabet in one line", "5p-y65a+G\n4piFMTDl-ubQ=\n", MARK, 2},
        {"URL-safe", "5py65a-G4piFMTDlubQ=", MARK, 1},
        {"URL-safe without padding", "5py65a-G", "机密", 1},
        {"URL-safe lines", "w7_DvsO9Pz7Dv8O-\nw70_PsO_w77DvT8-\n", "ÿþý?>ÿþý?>ÿþý?>", 5},
        {"8-bit junk",
         "5py6\xe6\x9c\xba"
         "5a+G",
         "机密", 3},
        {"one left over", "5py65a+GM", "机密", 1},
        {"blanks", " 5 p y 6 \t5a+G", "机密", 0},
    };
    check_cases(TRANSFER_BASE64, CASES, G_N_ELEMENTS(CASES));
}

/* A URL-safe text on one endless line has no line end to count by. */
static void
test_transfer_push_base64_long_url_safe_line(void **state)
{
    g_autoptr(GString) want = g_string_new(NULL);
    for (guint i = 0; i < 2000; i++)
        g_string_append(want, MARK "?>~");
    g_autofree char *encoded = g_base64_encode((const guchar *)want->str, want->len);
    for (char *c = encoded; *c != '\0'; c++)
        *c = *c == '+' ? '-' : *c == '/' ? '_' : *c;
    g_autofree char *got = decode(TRANSFER_BASE64, encoded, 100, NULL);
    assert_string_equal(got, want->str);
}

static void
test_transfer_push_quoted(void **state)
{
    static const Case CASES[] = {
        {"plain", "=E6=9C=BA=E5=AF=86", "机密", 0},
        {"lower case", "=e6=9c=ba=e5=af=86", "机密", 0},
        {"soft break inside a character", "=E6=9C=\r\n=BA", "机", 0},
        {"soft break, bare LF", "a=\nb", "ab", 0},
        {"soft break, bare CR", "a=\rb", "ab", 0},
        {"soft break with blanks", "a= \t\r\nb", "ab", 0},
        {"two soft breaks", "a=\r\n=\r\nb", "ab", 0},
        {"soft break at the end", "a=", "a", 0},
        {"trailing blanks", "a  \t\r\nb \n", "a\r\nb\n", 0},
        {"inner blanks", "a  \tb ", "a  \tb ", 0},
        {"encoded trailing blank", "a=20\r\nb", "a \r\nb", 0},
        {"bad escape", "1=XY =1G =", "1=XY =1G ", 2},
        {"escape after a bad one", "==41 =4=41", "=A =4A", 2},
        {"blank after =", "a= b", "a= b", 1},
        {"cut escape", "a=4", "a=4", 1},
        {"8-bit kept", "\xe6\x9c\xba=E5=AF=86", "机密", 0},
        {"soft break in an escape", "=E6=9=\r\nC", "\xe6=9C", 1},
    };
    check_cases(TRANSFER_QUOTED, CASES, G_N_ELEMENTS(CASES));
}

static void
test_transfer_push_quoted_many_blanks(void **state)
{
    g_autofree char *blanks = g_strnfill(20000, ' ');
    g_autofree char *input = g_strconcat(blanks, "x", NULL);
    g_autofree char *got = decode(TRANSFER_QUOTED, input, 999, NULL);
    assert_string_equal(got, input);
}

/* "秘密★5年 测试文本，公司内部。" three times */
#define UU_LINES                                                       \
    "MYZ>8Y:^&XIB%->6YM\"#FM8OHKY7FEH?FG*SOO(SEA:SEC[CEAH7I@ZCC@(+G\n" \
    "MIYCEKX;BF(4UY;FT(.:UB^BOE>:6A^:<K.^\\C.6%K.6/N.6&A>F#J.. @N>G\n" \
    "JF.6OAN*8A37EN;0@YK6+Z*^5YI:'YIRL[[R,Y86LY8^XY8:%Z8.HXX\"\"\n"
#define UU_TEXT "秘密★5年 测试文本，公司内部。秘密★5年 测试文本，公司内部。秘密★5年 测试文本，公司内部。"

static void
test_transfer_push_uu(void **state)
{
    static const Case CASES[] = {
        {"block", "begin 644 a.txt\n" UU_LINES " \nend\n", UU_TEXT, 0},
        {"backtick", "begin 644 a.txt\n#86)C\n`\nend\n", "abc", 0},
        {"CRLF", "begin 644 a.txt\r\n#86)C\r\n`\r\nend\r\n", "abc", 0},
        {"text around", "before\nbegin 644 a\n#86)C\n`\nend\nafter", "before\nabcafter", 0},
        {"two blocks", "begin 644 a\n#86)C\n`\nend\n\nbegin 600 b\n#86)C\n`\nend\n", "abc\nabc", 0},
        {"no end", "begin 644 a\n#86)C\n", "abc", 0},
        {"no end, then another", "begin 644 a\n#86)C\nbegin 644 b\n#86)C\n`\nend\n", "abcabc", 1},
        {"quoted", "> begin 644 a\n> #86)C\n> `\n> end\nx", "abcx", 0},
        {"indented", "\tbegin 644 a\n\t#86)C\n\t`\n\tend\n", "abc", 0},
        {"stripped blanks", "begin 644 a\n#  \nend\n", "\0", 0},
        {"base64", "begin-base64 644 a\n5py65a+G\n====\nx", "机密x", 0},
        {"no block", "begin the day\nend\n", "begin the day\nend\n", 0},
    };
    check_cases(TRANSFER_UU, CASES, G_N_ELEMENTS(CASES));
}

static void
test_transfer_push_uu_overlong_line_is_kept(void **state)
{
    g_autofree char *input = g_strnfill(5000, 'x');
    g_autofree char *with_end = g_strconcat(input, "\ny", NULL);
    g_autofree char *got = decode(TRANSFER_UU, with_end, 77, NULL);
    assert_string_equal(got, with_end);
}

static void
test_transfer_push_identity(void **state)
{
    static const Case CASES[] = {{"any", "=E6 5py6 \xff\r\n", "=E6 5py6 \xff\r\n", 0}};
    check_cases(TRANSFER_IDENTITY, CASES, G_N_ELEMENTS(CASES));
}

static void
test_transfer_kind_reads_values_as_they_lie(void **state)
{
    static const struct {
        const char *value;
        TransferKind kind;
        gboolean known;
    } CASES[] = {
        {"base64", TRANSFER_BASE64, TRUE},
        {" BASE64 ", TRANSFER_BASE64, TRUE},
        {"base64 (really)", TRANSFER_BASE64, TRUE},
        {"(a (nested) one) base64", TRANSFER_BASE64, TRUE},
        {"\"BASE64\"", TRANSFER_BASE64, TRUE},
        {"'base-64'", TRANSFER_BASE64, TRUE},
        {"base64; x=y", TRANSFER_BASE64, TRUE},
        {"base64,", TRANSFER_BASE64, TRUE},
        {"quoted-printable", TRANSFER_QUOTED, TRUE},
        {"Quoted_Printable", TRANSFER_QUOTED, TRUE},
        {"x-uuencode", TRANSFER_UU, TRUE},
        {"x-uue", TRANSFER_UU, TRUE},
        {"uuencode", TRANSFER_UU, TRUE},
        {"7bit", TRANSFER_IDENTITY, TRUE},
        {"8-Bit", TRANSFER_IDENTITY, TRUE},
        {"binary", TRANSFER_IDENTITY, TRUE},
        {"8bit base64", TRANSFER_BASE64, FALSE},
        {"foo base64", TRANSFER_BASE64, FALSE},
        {"base65", TRANSFER_IDENTITY, FALSE},
        {"", TRANSFER_IDENTITY, FALSE},
        {"(base64", TRANSFER_IDENTITY, FALSE},
        {NULL, TRANSFER_IDENTITY, FALSE},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
        gboolean known;
        TransferKind kind = transfer_kind(CASES[i].value, &known);
        if (kind != CASES[i].kind || known != CASES[i].known)
            fail_msg("\"%s\": kind %d known %d", CASES[i].value, kind, known);
    }
}

static gboolean
looks(const char *text)
{
    return transfer_looks_base64((const guint8 *)text, strlen(text));
}

static void
test_transfer_looks_base64(void **state)
{
    assert_true(looks("5py65a+G4piFMTDlubTmnLrlr4bimIUxMOW5tOacuuWvhuKYhTEw5bm0\r\n5py65a+G4piFMTDlubQ=\r\n"));
    assert_false(looks("5py65a+G4piFMTDlubTmnLrlr4bi"));
    assert_false(looks("The quick brown fox jumps over 13 lazy dogs, and it does so twice a day, or 3 times."));
    assert_false(looks("------------------------------------------------------------------------------------"));
    assert_false(looks("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
    assert_false(looks("0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0"));
}

typedef struct {
    const char *name, *text;
    guint blocks;
    const char *first, *file; /* text of the first block and its name */
} FindCase;

static void
test_transfer_uu_find(void **state)
{
    static const FindCase CASES[] = {
        {"none", "begin and end\n", 0, NULL, NULL},
        {"one", "hello\nbegin 644 a b.txt\n#86)C\n`\nend\nbye\n", 1, "begin 644 a b.txt\n#86)C\n`\nend\n", "a b.txt"},
        {"CRLF", "x\r\nbegin 644 a\r\n#86)C\r\n`\r\nend\r\n", 1, "begin 644 a\r\n#86)C\r\n`\r\nend\r\n", "a"},
        {"two", "begin 644 a\n#86)C\n`\nend\nbegin 0644 b\n#86)C\n`\nend", 2, "begin 644 a\n#86)C\n`\nend\n", "a"},
        {"no end", "begin 644 a\n#86)C\n`\nthis is prose again\n", 1, "begin 644 a\n#86)C\n`\n", "a"},
        {"junk inside", "begin 644 a\n#86)C\n-- junk --\n#86)C\n`\nend\n", 1,
         "begin 644 a\n#86)C\n-- junk --\n#86)C\n`\nend\n", "a"},
        {"prose", "begin 600 people\nwho live in the house\nend\n", 0, NULL, NULL},
        {"quoted", "> begin 644 a\n> #86)C\n> `\n> end\n", 1, "> begin 644 a\n> #86)C\n> `\n> end\n", "a"},
        {"base64", "begin-base64 644 a\n5py65a+G\n====\nx", 1, "begin-base64 644 a\n5py65a+G\n====\n", "a"},
        {"no name", "begin 644 \n#86)C\n`\nend\n", 0, NULL, NULL},
        {"no mode", "begin 9x9 a\n#86)C\n`\nend\n", 0, NULL, NULL},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
        const FindCase *c = &CASES[i];
        g_autoptr(GArray) blocks = transfer_uu_find((const guint8 *)c->text, strlen(c->text));
        if (blocks->len != c->blocks)
            fail_msg("%s: %u blocks", c->name, blocks->len);
        if (c->blocks == 0)
            continue;
        const UuBlock *block = &g_array_index(blocks, UuBlock, 0);
        g_autofree char *text = g_strndup(c->text + block->from, block->to - block->from);
        assert_string_equal(text, c->first);
        assert_string_equal(block->name, c->file);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_transfer_push_base64),   cmocka_unit_test(test_transfer_push_base64_long_url_safe_line),
        cmocka_unit_test(test_transfer_push_quoted),   cmocka_unit_test(test_transfer_push_quoted_many_blanks),
        cmocka_unit_test(test_transfer_push_uu),       cmocka_unit_test(test_transfer_push_uu_overlong_line_is_kept),
        cmocka_unit_test(test_transfer_push_identity), cmocka_unit_test(test_transfer_kind_reads_values_as_they_lie),
        cmocka_unit_test(test_transfer_looks_base64),  cmocka_unit_test(test_transfer_uu_find),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
