/* The journal: batches, failing disks, rotation, and what a start makes of what it finds. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "clock.h"
#include "errors.h"
#include "journal.h"
#include "ledger_tree.h"
#include "log.h"
#include "sample_record.h"
#include <unistd.h>

/* --- a disk that fails when told ------------------------------------------------------------------------- */

static struct {
    int write_errno;    /* the next writes fail so */
    gssize write_short; /* bytes that the next write takes before that; -1: all */
    int sync_errno, truncate_errno;
    guint syncs;
} disk;

static ssize_t
disk_write(int fd, const void *bytes, size_t length)
{
    if (disk.write_short > 0) {
        ssize_t some = write(fd, bytes, MIN(length, (size_t)disk.write_short));
        disk.write_short = 0;
        return some;
    }
    if (disk.write_errno == 0)
        return write(fd, bytes, length);
    errno = disk.write_errno;
    return -1;
}

static int
disk_sync(int fd)
{
    disk.syncs++;
    if (disk.sync_errno == 0)
        return fdatasync(fd);
    errno = disk.sync_errno;
    return -1;
}

static int
disk_truncate(int fd, off_t length)
{
    if (disk.truncate_errno == 0)
        return ftruncate(fd, length);
    errno = disk.truncate_errno;
    return -1;
}

static const JournalIo disk_io = {disk_write, disk_sync, disk_truncate};

static int
set_up(void **state)
{
    memset(&disk, 0, sizeof disk);
    *state = tree_new();
    return 0;
}

static int
tear_down(void **state)
{
    tree_free(*state);
    return 0;
}

static Journal *
open_journal(const char *directory, guint64 file_size, GError **error)
{
    JournalOptions options = {directory, "unit", "hangu-ledger test", file_size, &disk_io};
    return journal_open(&options, error);
}

/* Takes the record. */
static JournalEntry
entry_of(json_t *record)
{
    JournalEntry entry = {.uid = 7};
    entry.text = record_line(record, &entry.length, NULL);
    assert_non_null(entry.text);
    json_decref(record);
    return entry;
}

static void
entry_clear(JournalEntry *entry)
{
    g_free((gpointer)entry->text);
    g_clear_error(&entry->error);
}

/* Appends `count` letters as one batch; gives how many are durable, and -1 - that if the journal is at its end. */
static int
append(Journal *journal, guint count)
{
    g_autoptr(GError) error = NULL;
    g_autofree JournalEntry *entries = g_new0(JournalEntry, count);
    int good = 0;
    for (guint i = 0; i < count; i++) {
        json_t *record = sample_letter();
        json_object_del(record, "seq");
        json_object_del(record, "prev");
        entries[i] = entry_of(record);
    }
    gboolean going = journal_append(journal, entries, count, &error);
    for (guint i = 0; i < count; i++) {
        good += entries[i].error == NULL;
        assert_true(entries[i].error == NULL || entries[i].error->code == HANGU_ERROR_IO);
        entry_clear(&entries[i]);
    }
    assert_true(going == (error == NULL));
    return going ? good : -1 - good;
}

static void
expect_good(const char *directory, guint64 lines)
{
    g_auto(ChainReport) report = {0};
    assert_true(chain_verify(directory, NULL, NULL, NULL, &report, NULL));
    if (report.state != CHAIN_GOOD)
        fail_msg("%s:%u: %s", report.file, (guint)report.line, report.text);
    assert_int_equal(report.lines, lines);
}

static char *
last_kind(const char *directory)
{
    g_auto(ChainTail) tail = {0};
    assert_true(chain_tail(directory, &tail, NULL));
    return g_strdup(json_string_value(json_object_get(tail.record, "kind")));
}

/* --- appending --------------------------------------------------------------------------------------------- */

static void
test_journal_append_one_sync_per_batch(void **state)
{
    g_autoptr(Journal) journal = open_journal(*state, 1 << 20, NULL);
    assert_non_null(journal);
    guint before = disk.syncs;
    assert_int_equal(append(journal, 24), 24);
    assert_int_equal(disk.syncs, before + 1);
    assert_int_equal(append(journal, 1), 1);
    expect_good(*state, 25);
    JournalState now;
    journal_state(journal, &now);
    assert_int_equal(now.seq, 25);
    assert_int_equal(now.batches, 2);
    assert_int_equal(now.largest_batch, 24);
    assert_true(now.disk_free > 0);
}

static void
test_journal_append_sets_seq_prev_and_time(void **state)
{
    g_autoptr(Journal) journal = open_journal(*state, 1 << 20, NULL);
    clock_set_fake(1800000000 * G_TIME_SPAN_SECOND, 0);
    json_t *record = sample_letter();
    json_object_set_new(record, "seq", json_integer(77)); /* forged */
    json_object_set_new(record, "uid", json_integer(0));
    json_object_set_new(record, "time", json_string("2001-01-01T00:00:00.000Z"));
    JournalEntry entry = entry_of(record);
    assert_true(journal_append(journal, &entry, 1, NULL));
    clock_set_fake(-1, -1);
    assert_null(entry.error);
    assert_int_equal(entry.seq, 1);
    g_auto(ChainTail) tail = {0};
    assert_true(chain_tail(*state, &tail, NULL));
    assert_string_equal(tail.head.hash, entry.hash);
    assert_string_equal(json_string_value(json_object_get(tail.record, "time")), "2027-01-15T08:00:00.000Z");
    assert_int_equal(json_integer_value(json_object_get(tail.record, "uid")), 7);
    entry_clear(&entry);
}

static void
test_journal_append_refuses_what_is_not_canonical(void **state)
{
    static const char *const texts[] = {"",
                                        "{",
                                        "[]",
                                        "{} ",
                                        "{\"b\":1,\"a\":2}",
                                        "{\"a\":1.5}",
                                        "[\"v\"]",
                                        "{\"a\": 1}",
                                        "{\"a\":null}",
                                        "{\"a\":1,\"a\":1}"};
    g_autoptr(Journal) journal = open_journal(*state, 1 << 20, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        JournalEntry entry = {.text = texts[i], .length = strlen(texts[i])};
        assert_true(journal_append(journal, &entry, 1, NULL));
        assert_non_null(entry.error);
        assert_int_equal(entry.error->code, HANGU_ERROR_DATA);
        g_clear_error(&entry.error);
    }
    assert_int_equal(append(journal, 1), 1);
    expect_good(*state, 1);
}

static void
test_journal_append_refused_record_leaves_no_gap(void **state)
{
    g_autoptr(Journal) journal = open_journal(*state, 1 << 20, NULL);
    json_t *odd = sample_letter();
    json_object_set_new(odd, "subject", json_string("x"));
    JournalEntry entries[3] = {entry_of(sample_letter()), entry_of(odd), entry_of(sample_letter())};
    assert_true(journal_append(journal, entries, 3, NULL));
    assert_null(entries[0].error);
    assert_int_equal(entries[1].error->code, HANGU_ERROR_DATA);
    assert_non_null(strstr(entries[1].error->message, "subject"));
    assert_int_equal(entries[2].seq, 2);
    expect_good(*state, 2);
    for (guint i = 0; i < 3; i++)
        entry_clear(&entries[i]);
}

static void
test_journal_append_full_disk_then_room_again(void **state)
{
    g_autoptr(Journal) journal = open_journal(*state, 1 << 20, NULL);
    assert_int_equal(append(journal, 2), 2);
    static const gssize shorts[] = {0, 1, 700, 3000};
    for (gsize i = 0; i < G_N_ELEMENTS(shorts); i++) {
        disk.write_errno = ENOSPC;
        disk.write_short = shorts[i];
        assert_int_equal(append(journal, 3), 0);
        expect_good(*state, 2 + i);
        disk.write_errno = 0;
        assert_int_equal(append(journal, 1), 1);
        expect_good(*state, 3 + i);
    }
}

static void
test_journal_append_short_write_goes_on(void **state)
{
    g_autoptr(Journal) journal = open_journal(*state, 1 << 20, NULL);
    disk.write_short = 100;
    assert_int_equal(append(journal, 3), 3);
    expect_good(*state, 3);
}

static void
test_journal_append_failed_sync_is_the_end(void **state)
{
    g_autoptr(Journal) journal = open_journal(*state, 1 << 20, NULL);
    assert_int_equal(append(journal, 2), 2);
    disk.sync_errno = EIO;
    assert_int_equal(append(journal, 3), -1);
    disk.sync_errno = 0;
    assert_int_equal(append(journal, 1), -1); /* not even when the disk seems well again */
    expect_good(*state, 2);
    g_clear_pointer(&journal, journal_free);
    journal = open_journal(*state, 1 << 20, NULL);
    assert_int_equal(append(journal, 1), 1);
    expect_good(*state, 3);
}

static void
test_journal_append_failed_cut_is_the_end_and_repaired_later(void **state)
{
    g_autoptr(Journal) journal = open_journal(*state, 1 << 20, NULL);
    assert_int_equal(append(journal, 2), 2);
    disk.write_errno = ENOSPC;
    disk.write_short = 50;
    disk.truncate_errno = EIO;
    assert_int_equal(append(journal, 3), -1);
    g_clear_pointer(&journal, journal_free);
    memset(&disk, 0, sizeof disk);
    journal = open_journal(*state, 1 << 20, NULL);
    expect_good(*state, 3);
    g_autofree char *kind = last_kind(*state);
    assert_string_equal(kind, "repair");
}

/* --- rotation ---------------------------------------------------------------------------------------------- */

static guint
count_files(const char *directory)
{
    g_autoptr(GPtrArray) files = chain_files(directory, NULL);
    return files->len;
}

static void
test_journal_rotates_and_goes_on(void **state)
{
    g_autoptr(Journal) journal = open_journal(*state, 4000, NULL);
    for (guint i = 0; i < 12; i++)
        assert_int_equal(append(journal, 2), 2);
    guint files = count_files(*state);
    assert_true(files > 4);
    expect_good(*state, 24 + files - 1);
    g_clear_pointer(&journal, journal_free);
    journal = open_journal(*state, 4000, NULL);
    assert_int_equal(append(journal, 1), 1);
    expect_good(*state, 25 + count_files(*state) - 1);
    g_autofree char *second = tree_path(*state, 2);
    GStatBuf info;
    assert_int_equal(g_stat(second, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0640);
}

static void
test_journal_rotation_that_fails_goes_on_in_the_old_file(void **state)
{
    g_autoptr(Journal) journal = open_journal(*state, 1000, NULL);
    clock_set_fake(1800000000 * G_TIME_SPAN_SECOND, G_TIME_SPAN_HOUR);
    assert_int_equal(append(journal, 2), 2);
    g_autofree char *second = tree_path(*state, 2);
    g_assert(g_file_set_contents(second, "something", -1, NULL)); /* in the way */
    assert_int_equal(append(journal, 2), 2);
    assert_int_equal(append(journal, 2), 2);
    g_unlink(second);
    clock_set_fake(1800000000 * G_TIME_SPAN_SECOND, 2 * G_TIME_SPAN_HOUR);
    assert_int_equal(append(journal, 2), 2);
    clock_set_fake(-1, -1);
    expect_good(*state, 9);
    assert_int_equal(count_files(*state), 2);
}

static void
test_journal_rotation_on_a_full_disk(void **state)
{
    g_autoptr(Journal) journal = open_journal(*state, 1000, NULL);
    assert_int_equal(append(journal, 2), 2);
    disk.write_errno = ENOSPC;
    assert_int_equal(append(journal, 1), 0);
    expect_good(*state, 2);
    g_clear_pointer(&journal, journal_free);
    disk.write_errno = 0;
    journal = open_journal(*state, 1000, NULL);
    assert_int_equal(append(journal, 1), 1);
    expect_good(*state, 4);
}

static void
test_journal_rotation_with_a_failed_sync_can_start_again(void **state)
{
    g_autoptr(Journal) journal = open_journal(*state, 1000, NULL);
    assert_int_equal(append(journal, 2), 2);
    disk.sync_errno = EIO;
    disk.truncate_errno = EIO; /* the line that names the new file stays */
    assert_int_equal(append(journal, 1), -1);
    g_clear_pointer(&journal, journal_free);
    memset(&disk, 0, sizeof disk);
    journal = open_journal(*state, 1000, NULL);
    assert_non_null(journal);
    assert_int_equal(append(journal, 1), 1);
    expect_good(*state, 4);
}

/* --- the start --------------------------------------------------------------------------------------------- */

static void
write_first_file(const char *directory, guint lines, const char *tail)
{
    g_autoptr(GPtrArray) files = tree_lines(1, lines, "x");
    GPtrArray *first = g_ptr_array_index(files, 0);
    g_ptr_array_add(first, g_strdup(tail));
    tree_write(directory, 1, first);
}

static void
test_journal_open_repairs_a_torn_line(void **state)
{
    write_first_file(*state, 3, "{\"torn\":");
    g_autoptr(Journal) journal = open_journal(*state, 1 << 20, NULL);
    assert_non_null(journal);
    expect_good(*state, 4);
    g_auto(ChainTail) tail = {0};
    assert_true(chain_tail(*state, &tail, NULL));
    assert_string_equal(json_string_value(json_object_get(tail.record, "kind")), "repair");
    assert_int_equal(json_integer_value(json_object_get(tail.record, "bytes")), 8);
    char hash[RECORD_HASH_HEX + 1];
    record_hash("{\"torn\":", 8, hash);
    assert_string_equal(json_string_value(json_object_get(tail.record, "sha256")) + strlen("sha256:"), hash);
    JournalState now;
    journal_state(journal, &now);
    assert_int_equal(now.repaired, 8);
}

static void
test_journal_open_repairs_a_torn_first_line(void **state)
{
    write_first_file(*state, 0, "{");
    g_autoptr(Journal) journal = open_journal(*state, 1 << 20, NULL);
    assert_non_null(journal);
    expect_good(*state, 1);
}

static void
test_journal_open_refuses_a_last_line_that_is_no_record(void **state)
{
    static const char *const lines[] = {"no record\n", "{}\n", "\n", "{\"v\":1}\n"};
    for (gsize i = 0; i < G_N_ELEMENTS(lines); i++) {
        g_autoptr(GError) error = NULL;
        write_first_file(*state, 3, lines[i]);
        g_autoptr(Journal) journal = open_journal(*state, 1 << 20, &error);
        assert_null(journal);
        assert_int_equal(error->code, HANGU_ERROR_DATA);
    }
    /* linked, but not of the schema */
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) bad = g_ptr_array_new_with_free_func(g_free);
    ChainHead head = {0};
    g_ptr_array_add(bad, tree_line(&head, "stop", "subject", "x"));
    tree_write(*state, 1, bad);
    assert_null(open_journal(*state, 1 << 20, &error));
    assert_non_null(strstr(error->message, "subject"));
}

static void
test_journal_open_refuses_when_the_newest_file_is_gone(void **state)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) files = tree_lines(3, 4, "x");
    tree_write_all(*state, files);
    g_autofree char *path = tree_path(*state, 3);
    g_unlink(path);
    assert_null(open_journal(*state, 1 << 20, &error));
    assert_int_equal(error->code, HANGU_ERROR_DATA);
    assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
}

static void
test_journal_open_takes_an_empty_named_file(void **state)
{
    g_autoptr(GPtrArray) files = tree_lines(2, 4, "x");
    g_ptr_array_set_size(g_ptr_array_index(files, 1), 0);
    tree_write_all(*state, files);
    g_autoptr(Journal) journal = open_journal(*state, 1 << 20, NULL);
    assert_int_equal(append(journal, 2), 2);
    expect_good(*state, 6);
    assert_int_equal(count_files(*state), 2);
}

static void
test_journal_open_drops_an_empty_unnamed_file(void **state)
{
    write_first_file(*state, 3, "");
    g_autoptr(GPtrArray) none = g_ptr_array_new();
    tree_write(*state, 2, none);
    g_autoptr(Journal) journal = open_journal(*state, 1 << 20, NULL);
    assert_int_equal(append(journal, 2), 2);
    expect_good(*state, 5);
    assert_int_equal(count_files(*state), 1);
}

static void
test_journal_open_one_writer(void **state)
{
    g_autoptr(Journal) journal = open_journal(*state, 1 << 20, NULL);
    g_autoptr(GError) error = NULL;
    assert_null(open_journal(*state, 1 << 20, &error));
    assert_int_equal(error->code, HANGU_ERROR_AWAY);
}

static void
test_journal_note(void **state)
{
    g_autoptr(Journal) journal = open_journal(*state, 1 << 20, NULL);
    assert_true(journal_note(journal, record_new("start", "unit", "hangu-ledger test"), NULL));
    g_autoptr(GError) error = NULL;
    disk.write_errno = ENOSPC;
    assert_false(journal_note(journal, record_new("stop", "unit", "hangu-ledger test"), &error));
    assert_int_equal(error->code, HANGU_ERROR_IO);
    expect_good(*state, 1);
}

#define IN_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
    log_open("test_ledger_journal", LOG_TO_STDERR, LOG_LEVEL_ERROR);
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(test_journal_append_one_sync_per_batch),
        IN_DIRECTORY(test_journal_append_sets_seq_prev_and_time),
        IN_DIRECTORY(test_journal_append_refuses_what_is_not_canonical),
        IN_DIRECTORY(test_journal_append_refused_record_leaves_no_gap),
        IN_DIRECTORY(test_journal_append_full_disk_then_room_again),
        IN_DIRECTORY(test_journal_append_short_write_goes_on),
        IN_DIRECTORY(test_journal_append_failed_sync_is_the_end),
        IN_DIRECTORY(test_journal_append_failed_cut_is_the_end_and_repaired_later),
        IN_DIRECTORY(test_journal_rotates_and_goes_on),
        IN_DIRECTORY(test_journal_rotation_that_fails_goes_on_in_the_old_file),
        IN_DIRECTORY(test_journal_rotation_on_a_full_disk),
        IN_DIRECTORY(test_journal_rotation_with_a_failed_sync_can_start_again),
        IN_DIRECTORY(test_journal_open_repairs_a_torn_line),
        IN_DIRECTORY(test_journal_open_repairs_a_torn_first_line),
        IN_DIRECTORY(test_journal_open_refuses_a_last_line_that_is_no_record),
        IN_DIRECTORY(test_journal_open_refuses_when_the_newest_file_is_gone),
        IN_DIRECTORY(test_journal_open_takes_an_empty_named_file),
        IN_DIRECTORY(test_journal_open_drops_an_empty_unnamed_file),
        IN_DIRECTORY(test_journal_open_one_writer),
        IN_DIRECTORY(test_journal_note),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
