/* winmail.dat, messages of Outlook, their compressed RTF: what hostile ones must not do. Places are shown by
 * test_documents. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "frame.h"
#include "rtf_packed.h"
#include "segment.h"
#include "taker.h"
#include <string.h>

/* --- compressed RTF --------------------------------------------------------------------------------------------- */

typedef struct {
    const char *name, *packed; /* hexadecimal digits */
    const char *clear;         /* NULL: none */
    gboolean whole;
} Packed;

/* The first two are the examples of [MS-OXRTFCP]. */
static const Packed PACKED[] = {
    {"simple", "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0",
     "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n", TRUE},
    {"reading from behind the written",
     "1a0000001c0000004c5a4675e2d44b5141000420575859"
     "5a0d6e7d010eb0",
     "{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}", TRUE},
    {"stored", "0f000000030000004d454c4100000000616263", "abc", TRUE},
    {"stored, and more behind", "0f000000030000004d454c410000000061626364", "abc", TRUE},
    {"stored, cut off", "0f000000030000004d454c41000000006162", "ab", FALSE},
    {"no end",
     "0e000000010000004c5a46750000000000"
     "61",
     "a", FALSE},
    {"half a reference",
     "0e000000010000004c5a46750000000001"
     "00",
     NULL, FALSE},
    {"another length",
     "10000000990000004c5a46750000000002"
     "610d00",
     "a", FALSE},
    {"size too small",
     "01000000010000004c5a46750000000000"
     "61",
     "a", FALSE},
    {"size too large",
     "ffffffff010000004c5a46750000000000"
     "61",
     "a", FALSE},
    {"another kind",
     "0d00000001000000414141410000000000"
     "61",
     NULL, FALSE},
    {"no head", "0d00000001000000", NULL, FALSE},
    {"nothing", "", NULL, FALSE},
};

static gsize
parse_hex(const char *digits, guint8 *out)
{
    gsize length = strlen(digits) / 2;
    for (gsize i = 0; i < length; i++)
        out[i] = (guint8)(g_ascii_xdigit_value(digits[2 * i]) << 4 | g_ascii_xdigit_value(digits[2 * i + 1]));
    return length;
}

static void
unpack_all(Sink *sink, gpointer user)
{
    guint *wrong = user;
    for (gsize i = 0; i < G_N_ELEMENTS(PACKED); i++) {
        guint8 bytes[256];
        gsize length = parse_hex(PACKED[i].packed, bytes);
        g_autofree guint8 *own = g_memdup2(bytes, length); /* exact, so that a read past the end is seen */
        gboolean whole = TRUE;
        g_autoptr(GBytes) clear = rtf_unpack((Bytes){own, length}, sink, &whole);
        gsize size = 0;
        const char *text = clear != NULL ? g_bytes_get_data(clear, &size) : NULL;
        gboolean same = PACKED[i].clear == NULL ? clear == NULL
                                                : size == strlen(PACKED[i].clear) && text != NULL &&
                                                      memcmp(text, PACKED[i].clear, size) == 0;
        if (same && whole == PACKED[i].whole)
            continue;
        print_error("%s: '%.*s', whole %d\n", PACKED[i].name, (int)size, text != NULL ? text : "", whole);
        (*wrong)++;
    }
}

static void
test_rtf_unpack(void **state)
{
    guint wrong = 0;
    g_autoptr(Taken) taken = taker_feed(unpack_all, &wrong, &TAKER_WIDE);
    assert_int_equal(wrong, 0);
}

/* References to what was just written grow nine times; the budget ends that. */
static void
unpack_bomb(Sink *sink, gpointer user)
{
    g_autoptr(GByteArray) bomb = g_byte_array_new();
    static const guint8 head[16] = {0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0x7F, 'L', 'Z', 'F', 'u'};
    static const guint8 group[17] = {0xFF, 0,  14, 0,  14, 0,  14, 0, 14,
                                     0,    14, 0,  14, 0,  14, 0,  14} /* of 16: never where it writes */;
    gboolean whole;
    g_byte_array_append(bomb, head, sizeof head);
    for (guint i = 0; i < 60000; i++)
        g_byte_array_append(bomb, group, sizeof group);
    g_autoptr(GBytes) clear = rtf_unpack((Bytes){bomb->data, bomb->len}, sink, &whole);
    assert_non_null(clear);
    assert_in_range(g_bytes_get_size(clear), 1, 100 * 1024 + 4096);
    assert_false(whole);
}

static void
test_rtf_unpack_stops_at_the_budget(void **state)
{
    static const TakerLimits limits = {1 << 20, 100 * 1024, 10, 4};
    g_autoptr(Taken) taken = taker_feed(unpack_bomb, NULL, &limits);
    assert_true(taken_says(taken, "cover 0 partial over-budget"));
}

/* --- winmail.dat ------------------------------------------------------------------------------------------------ */

static void
append(GByteArray *out, guint64 value, guint size)
{
    for (; size > 0; size--, value >>= 8) {
        guint8 byte = (guint8)value;
        g_byte_array_append(out, &byte, 1);
    }
}

static void
append_attribute(GByteArray *out, guint8 level, guint32 tag, const void *bytes, gsize length)
{
    guint16 sum = 0;
    append(out, level, 1);
    append(out, tag, 4);
    append(out, length, 4);
    g_byte_array_append(out, bytes, (guint)length);
    for (gsize i = 0; i < length; i++)
        sum = (guint16)(sum + ((const guint8 *)bytes)[i]);
    append(out, sum, 2);
}

static GByteArray *
begin_tnef(void)
{
    GByteArray *out = g_byte_array_new();
    append(out, 0x223E9F78, 4);
    append(out, 1, 2);
    return out;
}

#define BODY 0x0002800C
#define PROPERTIES 0x00069003
#define RENDERING 0x00069002
#define ATTACHMENT 0x00069005

static Taken *
take_tnef(const GByteArray *file)
{
    Taken *taken = taker_read(file->data, file->len, "application/ms-tnef", &TAKER_WIDE);
    assert_false(taken->lied);
    assert_true(taken_says(taken, "end"));
    return taken;
}

/* Blocks of properties whose counts and lengths lie; the text behind them is found all the same. */
static void
test_tnef_properties_that_lie(void **state)
{
    static const struct {
        const char *name, *block; /* 32-bit numbers, hexadecimal, little end first */
    } blocks[] = {
        {"count", "ffffffff"},
        {"count of a thousand", "e8030000"},
        {"no length", "01000000 1f003700 01000000"},
        {"length", "01000000 1f003700 01000000 ffffff7f"},
        {"negative length", "01000000 1f003700 01000000 ffffffff"},
        {"length of one", "01000000 1f003700 01000000 01000000 41000000"},
        {"several", "01000000 1f103700 ffffffff"},
        {"none of several", "01000000 1f103700 00000000"},
        {"names", "01000000 1f000180 00000000000000000000000000000000 ffffffff 04000000"},
        {"long name", "01000000 1f000180 00000000000000000000000000000000 01000000 00010000"},
        {"unknown type", "01000000 77773700 01000000"},
        {"nothing", ""},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(blocks); i++) {
        g_autofree char *digits = g_strdup(blocks[i].block);
        gsize kept = 0;
        guint8 bytes[256];
        for (gsize at = 0; digits[at] != '\0'; at++)
            if (digits[at] != ' ')
                digits[kept++] = digits[at];
        digits[kept] = '\0';
        gsize length = parse_hex(digits, bytes);
        g_autoptr(GByteArray) file = begin_tnef();
        append_attribute(file, 1, PROPERTIES, bytes, length);
        append_attribute(file, 2, RENDERING, "\1\0\xFF\xFF\xFF\xFF\0\0\0\0\0\0\0\0", 14);
        append_attribute(file, 2, ATTACHMENT, bytes, length);
        append_attribute(file, 1, BODY,
                         "\xBB\xFA\xC3\xDC\xA1\xEF"
                         "10\xC4\xEA",
                         10);
        g_autoptr(Taken) taken = take_tnef(file);
        if (strstr(taken->text->str, "机密★10年") == NULL)
            fail_msg("%s: %s%s", blocks[i].name, taken->told->str, taken->text->str);
    }
}

/* Ends at every byte: never complete, never worse. */
static void
test_tnef_cut_anywhere(void **state)
{
    g_autoptr(GByteArray) file = begin_tnef();
    append_attribute(file, 1, BODY, "hello, body", 12);
    gsize first = file->len;
    append_attribute(file, 2, RENDERING, "\1\0\xFF\xFF\xFF\xFF\0\0\0\0\0\0\0\0", 14);
    gsize second = file->len;
    append_attribute(file, 2, 0x0006800F, "content", 7);
    for (guint length = 4; length < file->len; length++) {
        GByteArray cut = {file->data, length};
        g_autoptr(Taken) taken = take_tnef(&cut);
        if (length != first && length != second && length != 6)
            assert_false(taken_says(taken, "cover 0 complete none"));
    }
}

/* Messages in messages: the level below the last is told as unread. */
static void
test_tnef_nested_without_end(void **state)
{
    g_autoptr(GByteArray) inner = begin_tnef();
    append_attribute(inner, 1, BODY, "innermost", 10);
    for (guint i = 0; i < 60; i++) {
        GByteArray *outer = begin_tnef();
        append_attribute(outer, 2, RENDERING, "\1\0\xFF\xFF\xFF\xFF\0\0\0\0\0\0\0\0", 14);
        append_attribute(outer, 2, 0x0006800F, inner->data, inner->len);
        g_byte_array_unref(inner);
        inner = outer;
    }
    g_autoptr(Taken) taken = take_tnef(inner);
    assert_null(strstr(taken->text->str, "innermost"));
    assert_non_null(strstr(taken->told->str, "unreadable over-budget"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rtf_unpack),
        cmocka_unit_test(test_rtf_unpack_stops_at_the_budget),
        cmocka_unit_test(test_tnef_properties_that_lie),
        cmocka_unit_test(test_tnef_cut_anywhere),
        cmocka_unit_test(test_tnef_nested_without_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
