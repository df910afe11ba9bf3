/* StarView metafiles: text of any record, bitmaps as objects, records that do not fit. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "taker.h"
#include <string.h>

#define TYPE "image/x-svm"
#define TEXT "机密★10年关于会议的通知"

static void
frame(GString *file, guint length)
{
    const guint8 bytes[] = {1, 0, (guint8)length, (guint8)(length >> 8), 0, 0};
    g_string_append_len(file, (const char *)bytes, sizeof bytes);
}

static void
record(GString *file, guint kind, const void *content, gsize length)
{
    g_string_append_c(file, (char)kind);
    g_string_append_c(file, (char)(kind >> 8));
    frame(file, (guint)length);
    g_string_append_len(file, content, (gssize)length);
}

static GString *
begin(void)
{
    GString *file = g_string_new("VCLMTF");
    frame(file, 4);
    g_string_append_len(file, "\0\0\0\0", 4);
    return file;
}

static Taken *
end(GString *file)
{
    Taken *taken = taker_read(file->str, file->len, TYPE, &TAKER_WIDE);
    g_string_free(file, TRUE);
    return taken;
}

static void
test_svm_tells_text(void **state)
{
    gsize size;
    g_autofree char *wide = g_convert(TEXT, -1, "UTF-16LE", "UTF-8", NULL, &size, NULL);
    GString *file = begin();
    record(file, 113, wide, size);
    g_autoptr(Taken) taken = end(file);
    assert_non_null(strstr(taken->places[PLACE_RAW]->str, TEXT));
    assert_true(taken_says(taken, "cover 0 complete none"));
}

static void
test_svm_gives_bitmaps(void **state)
{
    static const char bitmap[] = "BM\x3A\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\1\0\0\0\1\0\0\0\1\0\x18\0\0\0\0\0\4\0\0\0"
                                 "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\xFF\xFF\xFF";
    GString *file = begin();
    record(file, 117, bitmap, sizeof bitmap);
    record(file, 118, "no bitmap", 9);
    g_autoptr(Taken) taken = end(file);
    assert_true(taken_says(taken, "part 1<0 image/bmp \"bitmap\""));
    assert_true(taken_says(taken, "cover 0 complete none"));
}

static void
test_svm_that_does_not_fit_is_damaged(void **state)
{
    GString *file = begin();
    record(file, 113, "text", 4);
    g_string_truncate(file, file->len - 1);
    g_autoptr(Taken) taken = end(file);
    assert_true(taken_says(taken, "cover 0 partial damaged"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_svm_tells_text),
        cmocka_unit_test(test_svm_gives_bitmaps),
        cmocka_unit_test(test_svm_that_does_not_fit_is_damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
