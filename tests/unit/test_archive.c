#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "archive.h"
#include "taker.h"
#include <archive.h>
#include <archive_entry.h>
#include <string.h>

#define MARK "机密★10年"

/* --- a writer --------------------------------------------------------------------------------------------------- */

typedef struct {
    const char *name, *content;
    gsize length; /* 0: of the text */
    guint type;   /* AE_IFREG if 0 */
} Member;

static la_ssize_t
on_write(struct archive *archive, void *user, const void *bytes, size_t length)
{
    g_string_append_len(user, bytes, (gssize)length);
    return (la_ssize_t)length;
}

static GString *
pack(int format, int filter, const char *options, const Member *members, gsize count)
{
    GString *out = g_string_new(NULL);
    struct archive *archive = archive_write_new();
    assert_int_equal(format == ARCHIVE_FORMAT_AR_GNU ? archive_write_set_format_ar_svr4(archive)
                                                     : archive_write_set_format(archive, format),
                     ARCHIVE_OK);
    assert_int_equal(archive_write_add_filter(archive, filter), ARCHIVE_OK);
    archive_write_set_bytes_per_block(archive, 1024);
    archive_write_set_bytes_in_last_block(archive, 1);
    if (options != NULL)
        assert_int_equal(archive_write_set_options(archive, options), ARCHIVE_OK);
    archive_write_set_passphrase(archive, "secret");
    assert_int_equal(archive_write_open(archive, out, NULL, on_write, NULL), ARCHIVE_OK);
    for (gsize i = 0; i < count; i++) {
        struct archive_entry *entry = archive_entry_new();
        guint type = members[i].type == 0 ? AE_IFREG : members[i].type;
        gsize length = members[i].length > 0 ? members[i].length : strlen(members[i].content);
        archive_entry_copy_pathname(entry, members[i].name);
        archive_entry_set_filetype(entry, type);
        archive_entry_set_perm(entry, 0644);
        if (type == AE_IFLNK)
            archive_entry_copy_symlink(entry, members[i].content);
        else if (type == AE_IFREG)
            archive_entry_set_size(entry, (la_int64_t)length);
        assert_true(archive_write_header(archive, entry) >= ARCHIVE_WARN);
        if (type == AE_IFREG)
            archive_write_data(archive, members[i].content, length);
        archive_entry_free(entry);
    }
    assert_int_equal(archive_write_close(archive), ARCHIVE_OK);
    archive_write_free(archive);
    return out;
}

static GString *
zip_of(const char *name, const char *content, gsize length, const char *options)
{
    Member member = {name, content, length, 0};
    return pack(ARCHIVE_FORMAT_ZIP, ARCHIVE_FILTER_NONE, options, &member, 1);
}

static Taken *
take(const GString *bytes, const TakerLimits *limits)
{
    Taken *taken = taker_read(bytes->str, bytes->len, NULL, limits);
    assert_false(taken->lied);
    return taken;
}

static gboolean
has_bytes(const Taken *taken, const char *text)
{
    for (guint i = 0; i < taken->bytes->len; i++) {
        const GString *bytes = g_ptr_array_index(taken->bytes, i);
        if (bytes != NULL && strcmp(bytes->str, text) == 0)
            return TRUE;
    }
    return FALSE;
}

#define assert_says(taken, line)                                             \
    do {                                                                     \
        if (!taken_says(taken, line))                                        \
            print_message("expected %s in\n%s\n", line, (taken)->told->str); \
        assert_true(taken_says(taken, line));                                \
    } while (0)

/* --- formats ---------------------------------------------------------------------------------------------------- */

static void
test_archive_formats(void **state)
{
    static const struct {
        const char *name;
        int format, filter;
    } cases[] = {
        {"zip", ARCHIVE_FORMAT_ZIP, ARCHIVE_FILTER_NONE},
        {"7z", ARCHIVE_FORMAT_7ZIP, ARCHIVE_FILTER_NONE},
        {"tar", ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_NONE},
        {"pax", ARCHIVE_FORMAT_TAR_PAX_INTERCHANGE, ARCHIVE_FILTER_NONE},
        {"tar.gz", ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_GZIP},
        {"tar.bz2", ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_BZIP2},
        {"tar.xz", ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_XZ},
        {"tar.lzma", ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_LZMA},
        {"tar.lz", ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_LZIP},
        {"tar.zst", ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_ZSTD},
        {"tar.lz4", ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_LZ4},
        {"tar.Z", ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_COMPRESS},
        {"cpio", ARCHIVE_FORMAT_CPIO_SVR4_NOCRC, ARCHIVE_FILTER_NONE},
        {"ar", ARCHIVE_FORMAT_AR_GNU, ARCHIVE_FILTER_NONE},
        {"iso", ARCHIVE_FORMAT_ISO9660, ARCHIVE_FILTER_NONE},
    };
    static const Member members[] = {{"a.txt", "plain", 0, 0}, {"b.txt", MARK, 0, 0}};
    readers_prepare();
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        GString *bytes = pack(cases[i].format, cases[i].filter, NULL, members, G_N_ELEMENTS(members));
        g_autoptr(Taken) taken = take(bytes, &TAKER_WIDE);
        if (!has_bytes(taken, MARK) || !taken_says(taken, "cover 0 complete none"))
            print_message("%s:\n%s\n", cases[i].name, taken->told->str);
        assert_true(has_bytes(taken, MARK));
        assert_true(has_bytes(taken, "plain"));
        assert_says(taken, "cover 0 complete none");
        g_string_free(bytes, TRUE);
    }
}

static void
test_archive_one_packed_file(void **state)
{
    static const int filters[] = {ARCHIVE_FILTER_GZIP, ARCHIVE_FILTER_BZIP2, ARCHIVE_FILTER_XZ, ARCHIVE_FILTER_ZSTD,
                                  ARCHIVE_FILTER_LZMA};
    static const Member member = {"x", MARK, 0, 0};
    for (gsize i = 0; i < G_N_ELEMENTS(filters); i++) {
        GString *bytes = pack(ARCHIVE_FORMAT_RAW, filters[i], NULL, &member, 1);
        g_autoptr(Taken) taken = take(bytes, &TAKER_WIDE);
        assert_true(has_bytes(taken, MARK));
        g_string_truncate(bytes, bytes->len / 2);
        g_autoptr(Taken) half = take(bytes, &TAKER_WIDE);
        if (taken_says(half, "cover 0 complete none") && taken_says(half, "cover 1 complete none"))
            print_message("filter %d:\n%s\n", filters[i], half->told->str);
        assert_false(taken_says(half, "cover 0 complete none") && taken_says(half, "cover 1 complete none"));
        g_string_free(bytes, TRUE);
    }
}

/* To some programs zeros at the beginning are an archive without members. */
static void
test_archive_zeros_then_text(void **state)
{
    char content[2048 + sizeof "behind"] = {0};
    const Member member = {NULL, content, sizeof content - 1, 0};
    memcpy(content + 2048, "behind", sizeof "behind");
    GString *bytes = pack(ARCHIVE_FORMAT_RAW, ARCHIVE_FILTER_GZIP, NULL, &member, 1);
    g_autoptr(Taken) taken = take(bytes, &TAKER_WIDE);
    assert_true(taken_has_bytes(taken, "behind"));
    g_string_free(bytes, TRUE);
}

static void
test_archive_names(void **state)
{
    static const Member members[] = {{"\xBB\xFA\xC3\xDC/\xCE\xC4\xBC\xFE.txt", "x", 0, 0}, /* GBK */
                                     {"秘密.txt", "y", 0, 0},
                                     {"link", "绝密/文件", 0, AE_IFLNK},
                                     {"机密目录", "", 0, AE_IFDIR}};
    GString *bytes = pack(ARCHIVE_FORMAT_TAR_GNUTAR, ARCHIVE_FILTER_NONE, NULL, members, G_N_ELEMENTS(members));
    g_autoptr(Taken) taken = take(bytes, &TAKER_WIDE);
    assert_says(taken, "part 1<0 text/plain \"机密/文件.txt\"");
    assert_says(taken, "part 2<0 text/plain \"秘密.txt\"");
    assert_non_null(strstr(taken->text->str, "0:file-name::link\n"));
    assert_non_null(strstr(taken->text->str, "绝密/文件\n"));
    assert_non_null(strstr(taken->text->str, "机密目录"));
    g_string_free(bytes, TRUE);
}

/* --- ZIP -------------------------------------------------------------------------------------------------------- */

static void
test_archive_zip_encrypted(void **state)
{
    static const char *const options[] = {"zip:encryption=traditional", "zip:encryption=aes256"};
    for (gsize i = 0; i < G_N_ELEMENTS(options); i++) {
        GString *bytes = zip_of("密.txt", MARK, 0, options[i]);
        g_autoptr(Taken) taken = take(bytes, &TAKER_WIDE);
        assert_says(taken, "part 1<0  \"密.txt\"");
        assert_says(taken, "cover 1 unreadable encrypted");
        g_string_free(bytes, TRUE);
    }
}

static void
test_archive_zip_two_in_one(void **state)
{
    GString *one = zip_of("one.txt", MARK, 0, NULL), *two = zip_of("two.txt", "two", 0, NULL);
    GString *both = g_string_new("MZ some program or other");
    g_string_append_len(both, one->str, (gssize)one->len);
    g_string_append(both, "between");
    g_string_append_len(both, two->str, (gssize)two->len);
    g_string_append_len(both, one->str, (gssize)one->len / 2); /* and the beginning of a third */
    g_autoptr(Taken) taken = taker_read(both->str, both->len, "application/zip", &TAKER_WIDE);
    assert_says(taken, "part 1<0 text/plain \"one.txt\"");
    assert_true(has_bytes(taken, MARK));
    assert_true(has_bytes(taken, "two"));
    g_string_free(one, TRUE);
    g_string_free(two, TRUE);
    g_string_free(both, TRUE);
}

static void
test_archive_zip_cut_off(void **state)
{
    static const Member members[] = {{"a.txt", MARK, 0, 0}, {"b.txt", "second", 0, 0}};
    GString *bytes = pack(ARCHIVE_FORMAT_ZIP, ARCHIVE_FILTER_NONE, NULL, members, 2);
    g_string_truncate(bytes, bytes->len - 60);
    g_autoptr(Taken) taken = take(bytes, &TAKER_WIDE);
    assert_true(has_bytes(taken, MARK));
    assert_true(has_bytes(taken, "second"));
    assert_says(taken, "cover 0 partial damaged");
    g_autoptr(Taken) nothing = taker_read("PK\3\4 nothing", 12, NULL, &TAKER_WIDE);
    assert_false(taken_says(nothing, "cover 0 complete none"));
    g_string_free(bytes, TRUE);
}

/* The directory says 0 bytes where the local header has some, or the other way. */
static void
test_archive_zip_odd_directory(void **state)
{
    GString *bytes = zip_of("a.txt", MARK, 0, "zip:compression=store");
    char *entry = memmem(bytes->str, bytes->len, "PK\1\2", 4);
    assert_non_null(entry);
    memset(entry + 20, 0, 8);
    entry[8] = 0;
    bytes->str[6] = 0; /* sizes in the local header */
    g_autoptr(Taken) taken = take(bytes, &TAKER_WIDE);
    assert_says(taken, "cover 0 partial damaged");
    g_string_free(bytes, TRUE);
}

/* --- bounds ----------------------------------------------------------------------------------------------------- */

static void
test_archive_nested_deep(void **state)
{
    static const TakerLimits limits = {1000, 1024 * 1024, 100, 5};
    GString *bytes = zip_of("a.txt", MARK, 0, NULL);
    for (guint i = 0; i < 30; i++) {
        GString *outer = zip_of("inner.zip", bytes->str, bytes->len, NULL);
        g_string_free(bytes, TRUE);
        bytes = outer;
    }
    g_autoptr(Taken) taken = take(bytes, &limits);
    assert_says(taken, "cover 6 unreadable over-budget");
    assert_null(strstr(taken->told->str, "part 7"));
    g_string_free(bytes, TRUE);
}

static void
test_archive_bomb(void **state)
{
    static const TakerLimits limits = {1000, 4 * 1024 * 1024, 100, 5};
    g_autofree char *zeros = g_malloc0(64 * 1024 * 1024);
    GString *bytes = zip_of("a.bin", zeros, 64 * 1024 * 1024, NULL);
    assert_true(bytes->len < 256 * 1024);
    g_autoptr(Taken) taken = take(bytes, &limits);
    assert_says(taken, "cover 0 partial over-budget");
    g_string_free(bytes, TRUE);
    static const Member many[] = {{"a", "1", 0, 0}, {"b", "2", 0, 0}, {"c", "3", 0, 0}};
    static const TakerLimits few = {1000, 4096, 3, 5};
    bytes = pack(ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_NONE, NULL, many, 3);
    g_autoptr(Taken) two = take(bytes, &few);
    assert_says(two, "cover 2 complete none");
    assert_says(two, "cover 0 partial over-budget");
    g_string_free(bytes, TRUE);
}

static void
test_archive_large_member_as_stream(void **state)
{
    gsize length = 70 * 1024 * 1024;
    g_autofree char *zeros = g_malloc0(length);
    for (gsize i = 0; i < length; i += 1000)
        zeros[i] = (char)i;
    memcpy(zeros + length - strlen(MARK), MARK, strlen(MARK));
    GString *bytes = zip_of("a.bin", zeros, length, NULL);
    g_autoptr(Taken) taken = take(bytes, &TAKER_WIDE);
    GString *got = g_ptr_array_index(taken->bytes, 1);
    assert_int_equal(got->len, length);
    assert_memory_equal(got->str, zeros, length);
    g_string_free(bytes, TRUE);
}

static void
test_archive_damage_anywhere(void **state)
{
    static const int formats[] = {ARCHIVE_FORMAT_ZIP, ARCHIVE_FORMAT_7ZIP, ARCHIVE_FORMAT_TAR_USTAR};
    static const Member members[] = {{"a.txt", MARK, 0, 0}, {"b.txt", "second", 0, 0}};
    for (gsize f = 0; f < G_N_ELEMENTS(formats); f++) {
        GString *bytes = pack(formats[f], ARCHIVE_FILTER_NONE, NULL, members, 2);
        for (gsize cut = 20; cut < bytes->len; cut += 17) {
            GString *damaged = g_string_new_len(bytes->str, (gssize)bytes->len);
            damaged->str[cut] ^= 0x55;
            g_autoptr(Taken) taken = take(damaged, &TAKER_WIDE);
            assert_says(taken, "end");
            g_string_truncate(damaged, cut);
            g_autoptr(Taken) half = take(damaged, &TAKER_WIDE);
            assert_says(half, "end");
            g_string_free(damaged, TRUE);
        }
        g_string_free(bytes, TRUE);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_archive_formats),
        cmocka_unit_test(test_archive_one_packed_file),
        cmocka_unit_test(test_archive_zeros_then_text),
        cmocka_unit_test(test_archive_names),
        cmocka_unit_test(test_archive_zip_encrypted),
        cmocka_unit_test(test_archive_zip_two_in_one),
        cmocka_unit_test(test_archive_zip_cut_off),
        cmocka_unit_test(test_archive_zip_odd_directory),
        cmocka_unit_test(test_archive_nested_deep),
        cmocka_unit_test(test_archive_bomb),
        cmocka_unit_test(test_archive_large_member_as_stream),
        cmocka_unit_test(test_archive_damage_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
