/* The container: what libgsf writes is listed and read; what lies about itself ends. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "ole.h"
#include "taker.h"
#include <gsf/gsf-outfile-msole.h>
#include <gsf/gsf-output-memory.h>
#include <string.h>

#define SECTOR 512
#define SMALL 300  /* bytes of a stream in the small sectors */
#define LARGE 9000 /* and of one in sectors of its own */

static void
put(GsfOutfile *in, const char *name, gsize size, guint8 first)
{
    g_autofree guint8 *bytes = g_malloc(size);
    for (gsize i = 0; i < size; i++)
        bytes[i] = (guint8)(first + i % 251);
    GsfOutput *stream = gsf_outfile_new_child(in, name, FALSE);
    gsf_output_write(stream, size, bytes);
    gsf_output_close(stream);
    g_object_unref(stream);
}

/* root: Large, Small; 夹/Inner; `deep` storages, each in the one before. */
static GByteArray *
write_file(guint sector, guint deep)
{
    GsfOutput *memory = gsf_output_memory_new();
    GsfOutfile *root = gsf_outfile_msole_new_full(memory, sector, 64);
    put(root, "Large", LARGE, 1);
    put(root, "Small", SMALL, 2);
    GsfOutput *storage = gsf_outfile_new_child(root, "夹", TRUE);
    put(GSF_OUTFILE(storage), "Inner", 10, 'a');
    gsf_output_close(storage);
    g_object_unref(storage);
    g_autoptr(GPtrArray) chain = g_ptr_array_new_with_free_func(g_object_unref);
    for (guint i = 0; i < deep; i++)
        g_ptr_array_add(
            chain, gsf_outfile_new_child(i == 0 ? root : GSF_OUTFILE(g_ptr_array_index(chain, i - 1)), "deep", TRUE));
    for (guint i = deep; i > 0; i--)
        gsf_output_close(g_ptr_array_index(chain, i - 1));
    gsf_output_close(GSF_OUTPUT(root));
    GByteArray *file = g_byte_array_new();
    g_byte_array_append(file, gsf_output_memory_get_bytes(GSF_OUTPUT_MEMORY(memory)), (guint)gsf_output_size(memory));
    g_object_unref(root);
    g_object_unref(memory);
    return file;
}

static void
put_32(GByteArray *file, gsize at, guint32 value)
{
    assert_true(at + 4 <= file->len);
    for (guint i = 0; i < 4; i++)
        file->data[at + i] = (guint8)(value >> 8 * i);
}

static guint32
get_32(const GByteArray *file, gsize at)
{
    return file->data[at] | (guint32)file->data[at + 1] << 8 | (guint32)file->data[at + 2] << 16 |
           (guint32)file->data[at + 3] << 24;
}

static gsize
directory_at(const GByteArray *file)
{
    return (gsize)(get_32(file, 48) + 1) * SECTOR;
}

static gsize
table_at(const GByteArray *file) /* of the sectors */
{
    return (gsize)(get_32(file, 76) + 1) * SECTOR;
}

/* --- */

typedef void (*Look)(Ole *ole);
typedef struct {
    const GByteArray *file;
    Look look;
    gint64 budget;
} Case;

static void
open_file(Sink *sink, gpointer user)
{
    const Case *wanted = user;
    g_autoptr(GBytes) bytes = g_bytes_new(wanted->file->data, wanted->file->len);
    g_autoptr(Source) source = source_of_bytes(bytes);
    g_autoptr(Ole) ole = ole_open(source, sink);
    wanted->look(ole);
}

static void
look_at(const GByteArray *file, Look look)
{
    Case wanted = {file, look, 0};
    taken_free(taker_feed(open_file, &wanted, &TAKER_WIDE));
}

static void
expect_all(Ole *ole)
{
    assert_non_null(ole);
    assert_false(ole_damaged(ole));
    assert_int_equal(ole_count(ole), 5);
    guint large = ole_find_stream(ole, 0, "LARGE"), folder = ole_find(ole, 0, "夹");
    assert_int_not_equal(folder, 0);
    assert_int_equal(ole_find_stream(ole, 0, "夹"), 0);
    assert_int_equal(ole_find(ole, 0, "Inner"), 0);
    g_autoptr(GBytes) bytes = ole_read(ole, large);
    assert_int_equal(g_bytes_get_size(bytes), LARGE);
    const guint8 *data = g_bytes_get_data(bytes, NULL);
    for (gsize i = 0; i < LARGE; i++)
        assert_int_equal(data[i], 1 + i % 251);
    assert_true(ole_entry(ole, large)->taken);
    g_autoptr(GBytes) small = ole_read(ole, ole_find(ole, 0, "Small"));
    assert_int_equal(g_bytes_get_size(small), SMALL);
    guint inner = ole_find(ole, folder, "Inner");
    g_autoptr(GBytes) letters = ole_read(ole, inner);
    assert_memory_equal(g_bytes_get_data(letters, NULL), "abcdefghij", 10);
    assert_true(ole_is_inside(ole, inner, folder));
    assert_false(ole_is_inside(ole, large, folder));
    assert_null(ole_read(ole, folder));
}

static void
test_ole_lists_and_reads(void **state)
{
    g_autoptr(GByteArray) file = write_file(SECTOR, 0), wide = write_file(4096, 0);
    look_at(file, expect_all);
    look_at(wide, expect_all);
}

static void
expect_none(Ole *ole)
{
    assert_null(ole);
}

/* Whatever is left of it: no hang, no byte that is not there. */
static void
expect_an_end(Ole *ole)
{
    for (guint i = 0; ole != NULL && i < ole_count(ole); i++) {
        g_autoptr(GBytes) bytes = ole_read(ole, i);
        if (bytes != NULL)
            assert_true((gint64)g_bytes_get_size(bytes) <= ole_entry(ole, i)->size);
    }
}

static void
expect_damage(Ole *ole)
{
    expect_an_end(ole);
    assert_true(ole == NULL || ole_damaged(ole));
}

static void
test_ole_loop_in_a_chain(void **state)
{
    g_autoptr(GByteArray) file = write_file(SECTOR, 0);
    for (guint32 sector = 0; sector < 12; sector++)
        if (get_32(file, table_at(file) + (gsize)sector * 4) == sector + 1)
            put_32(file, table_at(file) + (gsize)sector * 4, sector > 3 ? sector - 3 : sector);
    look_at(file, expect_damage);
}

static void
test_ole_loop_in_the_directory_chain(void **state)
{
    g_autoptr(GByteArray) file = write_file(SECTOR, 0);
    put_32(file, table_at(file) + get_32(file, 48) * 4, get_32(file, 48));
    look_at(file, expect_none);
}

static void
test_ole_loop_in_the_tables_of_tables(void **state)
{
    g_autoptr(GByteArray) file = write_file(SECTOR, 0);
    put_32(file, 68, 0);
    put_32(file, 72, 0x7FFFFFFF);
    put_32(file, SECTOR + SECTOR - 4, 0); /* sector 0 goes on with itself */
    look_at(file, expect_an_end);
}

static void
test_ole_loop_in_the_tree(void **state)
{
    for (guint link = 68; link <= 76; link += 4) {
        g_autoptr(GByteArray) file = write_file(SECTOR, 0);
        put_32(file, directory_at(file) + 128 + link, 0);
        look_at(file, expect_none);
    }
}

static void
test_ole_absurd_sizes(void **state)
{
    static const guint32 sizes[] = {0x7FFFFFFF, 0xFFFFFFFF, LARGE * 2};
    for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autoptr(GByteArray) file = write_file(SECTOR, 0);
        for (guint entry = 1; entry < 4; entry++)
            put_32(file, directory_at(file) + (gsize)entry * 128 + 120, sizes[i]);
        look_at(file, expect_damage);
    }
}

static void
test_ole_absurd_header(void **state)
{
    for (gsize at = 24; at < 84; at += 2) {
        g_autoptr(GByteArray) file = write_file(SECTOR, 0);
        file->data[at] = file->data[at + 1] = 0xFF;
        look_at(file, expect_an_end);
        file->data[at] = 0x0D;
        file->data[at + 1] = 0;
        look_at(file, expect_an_end);
    }
}

/* Streams of no bytes: nothing but directory. */
static void
test_ole_too_many_entries(void **state)
{
    GsfOutput *memory = gsf_output_memory_new();
    GsfOutfile *root = gsf_outfile_msole_new_full(memory, SECTOR, 64);
    for (guint i = 0; i < OLE_ENTRIES_MAX; i++) {
        g_autofree char *name = g_strdup_printf("%05u", i);
        put(root, name, 0, 0);
    }
    gsf_output_close(GSF_OUTPUT(root));
    g_autoptr(GByteArray) file = g_byte_array_new();
    g_byte_array_append(file, gsf_output_memory_get_bytes(GSF_OUTPUT_MEMORY(memory)), (guint)gsf_output_size(memory));
    g_object_unref(root);
    g_object_unref(memory);
    look_at(file, expect_none);
}

static void
test_ole_deep_storages(void **state)
{
    g_autoptr(GByteArray) some = write_file(SECTOR, OLE_DEPTH_MAX - 1), many = write_file(SECTOR, 400);
    look_at(some, expect_an_end);
    look_at(many, expect_damage);
}

static void
test_ole_cut_and_changed_anywhere(void **state)
{
    g_autoptr(GByteArray) file = write_file(SECTOR, 2);
    guint whole = file->len;
    for (guint at = 0; at < whole; at += 61) {
        file->data[at] ^= 0x55;
        look_at(file, expect_an_end);
        file->data[at] ^= 0x55;
        file->len = at;
        look_at(file, expect_an_end);
        file->len = whole;
    }
}

static void
expect_nothing_spent(Ole *ole)
{
    assert_non_null(ole);
    assert_null(ole_read(ole, ole_find(ole, 0, "Large")));
}

static void
test_ole_spends_the_budget(void **state)
{
    static const TakerLimits narrow = {1024 * 1024, LARGE - 1, 10, 4};
    g_autoptr(GByteArray) file = write_file(SECTOR, 0);
    Case wanted = {file, expect_nothing_spent, 0};
    g_autoptr(Taken) taken = taker_feed(open_file, &wanted, &narrow);
    assert_true(taken_says(taken, "cover 0 partial over-budget"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ole_lists_and_reads),
        cmocka_unit_test(test_ole_loop_in_a_chain),
        cmocka_unit_test(test_ole_loop_in_the_directory_chain),
        cmocka_unit_test(test_ole_loop_in_the_tables_of_tables),
        cmocka_unit_test(test_ole_loop_in_the_tree),
        cmocka_unit_test(test_ole_absurd_sizes),
        cmocka_unit_test(test_ole_absurd_header),
        cmocka_unit_test(test_ole_too_many_entries),
        cmocka_unit_test(test_ole_deep_storages),
        cmocka_unit_test(test_ole_cut_and_changed_anywhere),
        cmocka_unit_test(test_ole_spends_the_budget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
