#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "spool_stream.h"
#include <glib/gstdio.h>
#include <string.h>
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

static void
assert_reads(GMimeStream *stream, const guint8 *expected, gsize length, gsize step)
{
    g_autofree char *buffer = g_malloc(step);
    gsize at = 0;
    for (;;) {
        gssize got = g_mime_stream_read(stream, buffer, step);
        assert_true(got >= 0);
        if (got == 0)
            break;
        assert_true(at + (gsize)got <= length);
        assert_memory_equal(buffer, expected + at, (gsize)got);
        at += (gsize)got;
    }
    assert_int_equal(at, length);
    assert_true(g_mime_stream_eos(stream));
}

static void
test_stream_gives_back_what_was_written(void **state)
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
            g_autoptr(GMimeStream) stream = spool_stream_of(spool, NULL);
            assert_int_equal(g_mime_stream_length(stream), lengths[i]);
            assert_reads(stream, g_bytes_get_data(bytes, NULL), lengths[i], 4096);
            g_mime_stream_reset(stream);
            assert_reads(stream, g_bytes_get_data(bytes, NULL), lengths[i], 200000);
        }
}

static void
test_stream_of_a_changed_chunk_is_an_io_error(void **state)
{
    g_autoptr(GBytes) bytes = pattern(3 * SPOOL_CHUNK);
    g_autoptr(Spool) spool = filled(directory, 0, bytes, SPOOL_CHUNK);
    guint8 one;
    assert_int_equal(pread(spool_fd(spool), &one, 1, SPOOL_CHUNK + 100), 1);
    one ^= 1;
    assert_int_equal(pwrite(spool_fd(spool), &one, 1, SPOOL_CHUNK + 100), 1);
    g_autoptr(GMimeStream) stream = spool_stream_of(spool, NULL);
    char buffer[100];
    assert_int_equal(g_mime_stream_read(stream, buffer, sizeof buffer), sizeof buffer);
    assert_int_equal(g_mime_stream_seek(stream, SPOOL_CHUNK, GMIME_STREAM_SEEK_SET), SPOOL_CHUNK);
    assert_int_equal(g_mime_stream_read(stream, buffer, sizeof buffer), -1);
    assert_int_equal(g_mime_stream_seek(stream, 2 * SPOOL_CHUNK, GMIME_STREAM_SEEK_SET), 2 * SPOOL_CHUNK);
    assert_int_equal(g_mime_stream_read(stream, buffer, sizeof buffer), sizeof buffer);
}

static void
test_stream_of_a_cut_file_or_a_wrong_key_is_an_io_error(void **state)
{
    g_autoptr(GBytes) bytes = pattern(2 * SPOOL_CHUNK);
    g_autoptr(Spool) spool = filled(directory, 0, bytes, SPOOL_CHUNK);
    guint8 wrong[CRYPTO_KEY_SIZE];
    char buffer[100];
    memcpy(wrong, spool_key(spool), sizeof wrong);
    wrong[5] ^= 1;
    g_autoptr(GMimeStream) stranger = spool_stream_open(spool_fd(spool), wrong, spool_length(spool), NULL);
    assert_int_equal(g_mime_stream_read(stranger, buffer, sizeof buffer), -1);
    assert_int_equal(ftruncate(spool_fd(spool), SPOOL_CHUNK + 50), 0);
    g_autoptr(GMimeStream) stream = spool_stream_of(spool, NULL);
    assert_int_equal(g_mime_stream_seek(stream, -10, GMIME_STREAM_SEEK_END), 2 * SPOOL_CHUNK - 10);
    assert_int_equal(g_mime_stream_read(stream, buffer, sizeof buffer), -1);
}

static void
test_stream_seek_stays_within_bounds(void **state)
{
    g_autoptr(GBytes) bytes = pattern(1000);
    g_autoptr(Spool) spool = filled(NULL, SPOOL_CHUNK, bytes, 1000);
    g_autoptr(GMimeStream) whole = spool_stream_of(spool, NULL);
    g_autoptr(GMimeStream) stream = g_mime_stream_substream(whole, 100, 300);
    assert_int_equal(g_mime_stream_tell(stream), 100);
    assert_int_equal(g_mime_stream_length(stream), 200);
    assert_int_equal(g_mime_stream_seek(stream, 99, GMIME_STREAM_SEEK_SET), -1);
    assert_int_equal(g_mime_stream_seek(stream, 301, GMIME_STREAM_SEEK_SET), -1);
    assert_int_equal(g_mime_stream_seek(stream, G_MAXINT64, GMIME_STREAM_SEEK_CUR), -1);
    assert_int_equal(g_mime_stream_seek(stream, -50, GMIME_STREAM_SEEK_END), 250);
    assert_reads(stream, (const guint8 *)g_bytes_get_data(bytes, NULL) + 250, 50, 7);
    assert_int_equal(g_mime_stream_write(stream, "x", 1), -1);
}

static void
test_substreams_read_independently_and_outlive_the_spool(void **state)
{
    g_autoptr(GBytes) bytes = pattern(4 * SPOOL_CHUNK);
    const guint8 *data = g_bytes_get_data(bytes, NULL);
    g_autoptr(GMimeStream) first = NULL;
    g_autoptr(GMimeStream) second = NULL;
    {
        g_autoptr(Spool) spool = filled(directory, SPOOL_CHUNK, bytes, 5000);
        g_autoptr(GMimeStream) whole = spool_stream_of(spool, NULL);
        first = g_mime_stream_substream(whole, 10, SPOOL_CHUNK + 10);
        second = g_mime_stream_substream(whole, 3 * SPOOL_CHUNK - 5, 3 * SPOOL_CHUNK + 5);
    }
    char buffer[6];
    assert_int_equal(g_mime_stream_read(first, buffer, 6), 6);
    assert_memory_equal(buffer, data + 10, 6);
    assert_reads(second, data + 3 * SPOOL_CHUNK - 5, 10, 4);
    assert_reads(first, data + 16, SPOOL_CHUNK - 6, 4096);
}

static int
make_directory(void **state)
{
    directory = g_dir_make_tmp("spool-XXXXXX", NULL);
    g_mime_init();
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
        cmocka_unit_test(test_stream_gives_back_what_was_written),
        cmocka_unit_test(test_stream_of_a_changed_chunk_is_an_io_error),
        cmocka_unit_test(test_stream_of_a_cut_file_or_a_wrong_key_is_an_io_error),
        cmocka_unit_test(test_stream_seek_stays_within_bounds),
        cmocka_unit_test(test_substreams_read_independently_and_outlive_the_spool),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
