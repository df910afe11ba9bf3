#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "errors.h"
#include "spool.h"
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *directory;

static GBytes *
pattern(gsize length)
{
    guint8 *bytes = g_malloc(length + 1);
    guint32 state = 7;
    for (gsize i = 0; i < length; i++) {
        state = state * 1664525u + 1013904223u;
        bytes[i] = (guint8)(state >> 24);
    }
    return g_bytes_new_take(bytes, length);
}

static Spool *
filled(const char *where, gsize memory, GBytes *bytes, gsize step)
{
    g_autoptr(GError) error = NULL;
    Spool *spool = spool_new(where, memory, &error);
    assert_null(error);
    gsize length;
    const guint8 *data = g_bytes_get_data(bytes, &length);
    for (gsize at = 0; at < length; at += step)
        assert_true(spool_write(spool, data + at, MIN(step, length - at), &error));
    assert_int_equal(spool_length(spool), length);
    assert_true(spool_seal(spool, &error));
    assert_int_equal(spool_length(spool), length);
    return spool;
}

static SpoolReader *
reader_of(const Spool *spool)
{
    g_autoptr(GError) error = NULL;
    SpoolReader *reader = spool_reader_new(spool_fd(spool), spool_key(spool), spool_length(spool), &error);
    assert_null(error);
    return reader;
}

static void
assert_reads(SpoolReader *reader, const guint8 *expected, gsize length, gsize step)
{
    g_autofree guint8 *buffer = g_malloc(step);
    gsize at = 0;
    for (;;) {
        gssize got = spool_reader_read(reader, (gint64)at, buffer, step);
        assert_true(got >= 0);
        if (got == 0)
            break;
        assert_true(at + (gsize)got <= length);
        assert_memory_equal(buffer, expected + at, (gsize)got);
        at += (gsize)got;
    }
    assert_int_equal(at, length);
}

static void
test_spool_gives_back_what_was_written(void **state)
{
    static const gsize lengths[] = {0,
                                    1,
                                    4095,
                                    16 * 1024,
                                    16 * 1024 + 1,
                                    SPOOL_CHUNK - 1,
                                    SPOOL_CHUNK,
                                    SPOOL_CHUNK + 1,
                                    2 * SPOOL_CHUNK,
                                    5 * SPOOL_CHUNK + 77};
    static const gsize memories[] = {0, SPOOL_CHUNK + 5, 64 * SPOOL_CHUNK};
    for (gsize i = 0; i < G_N_ELEMENTS(lengths); i++)
        for (gsize j = 0; j < G_N_ELEMENTS(memories); j++) {
            g_autoptr(GBytes) bytes = pattern(lengths[i]);
            g_autoptr(Spool) spool = filled(directory, memories[j], bytes, 10007);
            g_autoptr(SpoolReader) reader = reader_of(spool);
            assert_int_equal(spool_reader_length(reader), lengths[i]);
            assert_reads(reader, g_bytes_get_data(bytes, NULL), lengths[i], 4096);
            assert_reads(reader, g_bytes_get_data(bytes, NULL), lengths[i], 200000);
        }
}

static void
test_spool_keeps_no_clear_text_and_no_name(void **state)
{
    const char secret[] = "the clear text of the letter";
    g_autoptr(GBytes) bytes = g_bytes_new(secret, sizeof secret);
    g_autoptr(Spool) spool = filled(directory, 0, bytes, 8);
    struct stat info;
    assert_int_equal(fstat(spool_fd(spool), &info), 0);
    assert_int_equal(info.st_nlink, 0);
    assert_int_equal(info.st_mode & 077, 0);
    guint8 stored[256];
    gssize got = pread(spool_fd(spool), stored, sizeof stored, 0);
    assert_int_equal(got, sizeof secret + CRYPTO_TAG_SIZE);
    assert_null(memmem(stored, (gsize)got, "clear", 5));
    g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
    assert_null(g_dir_read_name(dir));
}

static void
test_spool_over_memory_without_directory_is_an_error(void **state)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) bytes = pattern(3 * SPOOL_CHUNK);
    g_autoptr(Spool) spool = spool_new(NULL, SPOOL_CHUNK, &error);
    assert_false(spool_write(spool, g_bytes_get_data(bytes, NULL), 3 * SPOOL_CHUNK, &error));
    assert_true(g_error_matches(error, HANGU_ERROR, HANGU_ERROR_IO));
}

static void
test_spool_in_a_missing_directory_names_it(void **state)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) bytes = pattern(SPOOL_CHUNK + 1);
    g_autoptr(Spool) spool = spool_new("/nonexistent-spool", 0, &error);
    assert_false(spool_write(spool, g_bytes_get_data(bytes, NULL), SPOOL_CHUNK + 1, &error));
    assert_non_null(strstr(error->message, "/nonexistent-spool"));
}

static void
test_reader_reads_anywhere_and_outlives_the_spool(void **state)
{
    static const struct {
        gint64 at;
        gsize length;
        gssize got;
    } rows[] = {
        {3 * SPOOL_CHUNK - 5, 10, 10},         {0, 7, 7},          {SPOOL_CHUNK, 1, 1}, {4 * SPOOL_CHUNK + 9, 5, 1},
        {4 * SPOOL_CHUNK + 10, 5, 0},          {G_MAXINT64, 5, 0}, {-1, 5, -1},         {2, 0, 0},
        {1, 3 * SPOOL_CHUNK, 3 * SPOOL_CHUNK},
    };
    g_autoptr(GBytes) bytes = pattern(4 * SPOOL_CHUNK + 10);
    const guint8 *data = g_bytes_get_data(bytes, NULL);
    Spool *spool = filled(directory, SPOOL_CHUNK, bytes, 5000);
    g_autoptr(SpoolReader) reader = reader_of(spool);
    spool_free(spool);
    g_autofree guint8 *out = g_malloc(4 * SPOOL_CHUNK);
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        assert_int_equal(spool_reader_read(reader, rows[i].at, out, rows[i].length), rows[i].got);
        if (rows[i].got > 0)
            assert_memory_equal(out, data + rows[i].at, (gsize)rows[i].got);
    }
}

static void
test_reader_refuses_a_changed_chunk_and_reads_the_others(void **state)
{
    g_autoptr(GBytes) bytes = pattern(3 * SPOOL_CHUNK);
    g_autoptr(Spool) spool = filled(directory, 0, bytes, SPOOL_CHUNK);
    guint8 one;
    assert_int_equal(pread(spool_fd(spool), &one, 1, SPOOL_CHUNK + 100), 1);
    one ^= 1;
    assert_int_equal(pwrite(spool_fd(spool), &one, 1, SPOOL_CHUNK + 100), 1);
    g_autoptr(SpoolReader) reader = reader_of(spool);
    char buffer[100];
    assert_int_equal(spool_reader_read(reader, 0, buffer, sizeof buffer), sizeof buffer);
    assert_int_equal(spool_reader_read(reader, SPOOL_CHUNK - 10, buffer, sizeof buffer), 10);
    assert_int_equal(spool_reader_read(reader, SPOOL_CHUNK, buffer, sizeof buffer), -1);
    assert_int_equal(spool_reader_read(reader, 2 * SPOOL_CHUNK, buffer, sizeof buffer), sizeof buffer);
}

static void
test_reader_of_a_cut_file_or_with_a_wrong_key_is_an_io_error(void **state)
{
    g_autoptr(GBytes) bytes = pattern(2 * SPOOL_CHUNK);
    g_autoptr(Spool) spool = filled(directory, 0, bytes, SPOOL_CHUNK);
    guint8 wrong[CRYPTO_KEY_SIZE];
    char buffer[100];
    memcpy(wrong, spool_key(spool), sizeof wrong);
    wrong[5] ^= 1;
    g_autoptr(SpoolReader) stranger = spool_reader_new(spool_fd(spool), wrong, spool_length(spool), NULL);
    assert_int_equal(spool_reader_read(stranger, 0, buffer, sizeof buffer), -1);
    assert_int_equal(ftruncate(spool_fd(spool), SPOOL_CHUNK + 50), 0);
    g_autoptr(SpoolReader) reader = reader_of(spool);
    assert_int_equal(spool_reader_read(reader, 2 * SPOOL_CHUNK - 10, buffer, sizeof buffer), -1);
    assert_null(spool_reader_new(-1, wrong, 5, NULL));
}

static int
make_directory(void **state)
{
    directory = g_dir_make_tmp("spool-XXXXXX", NULL);
    return directory == NULL ? -1 : 0;
}

static int
remove_directory(void **state)
{
    g_rmdir(directory);
    g_free(directory);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spool_gives_back_what_was_written),
        cmocka_unit_test(test_spool_keeps_no_clear_text_and_no_name),
        cmocka_unit_test(test_spool_over_memory_without_directory_is_an_error),
        cmocka_unit_test(test_spool_in_a_missing_directory_names_it),
        cmocka_unit_test(test_reader_reads_anywhere_and_outlives_the_spool),
        cmocka_unit_test(test_reader_refuses_a_changed_chunk_and_reads_the_others),
        cmocka_unit_test(test_reader_of_a_cut_file_or_with_a_wrong_key_is_an_io_error),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
