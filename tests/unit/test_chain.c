/* The chain: every way of tampering is found and named, in every place. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "clock.h"
#include "errors.h"
#include "ledger_tree.h"

#define LINES 8
#define FILES 3

typedef struct {
    char *directory;
    GPtrArray *files; /* of the untouched ledger */
    ChainHead head;
} Fixture;

static int
set_up(void **state)
{
    Fixture *fixture = g_new0(Fixture, 1);
    fixture->directory = tree_new();
    fixture->files = tree_lines(FILES, LINES, "note");
    tree_write_all(fixture->directory, fixture->files);
    g_auto(ChainTail) tail = {0};
    g_assert(chain_tail(fixture->directory, &tail, NULL));
    fixture->head = tail.head;
    *state = fixture;
    return 0;
}

static int
tear_down(void **state)
{
    Fixture *fixture = *state;
    tree_free(fixture->directory);
    g_ptr_array_unref(fixture->files);
    g_free(fixture);
    return 0;
}

/* The whole ledger as one list of lines; written back as the files' sizes were. */
static GPtrArray *
all_lines(const Fixture *fixture)
{
    GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);
    for (guint file = 0; file < FILES; file++)
        for (guint i = 0; i < LINES; i++)
            g_ptr_array_add(lines,
                            g_strdup(g_ptr_array_index((GPtrArray *)g_ptr_array_index(fixture->files, file), i)));
    return lines;
}

/* Lines 1..LINES in file 1 and so on; the last file takes what is left. */
static void
write_lines(const Fixture *fixture, const GPtrArray *lines)
{
    guint at = 0;
    for (guint file = 1; file <= FILES; file++) {
        g_autoptr(GPtrArray) part = g_ptr_array_new();
        while (at < lines->len && (part->len < LINES || file == FILES))
            g_ptr_array_add(part, g_ptr_array_index(lines, at++));
        tree_write(fixture->directory, file, part);
    }
}

static void
expect(const Fixture *fixture, const ChainHead *noted, ChainState state, guint line, const char *what)
{
    g_auto(ChainReport) report = {0};
    g_autoptr(GError) error = NULL;
    if (!chain_verify(fixture->directory, noted, NULL, NULL, &report, &error))
        fail_msg("%s: %s", what, error->message);
    if (report.state != state)
        fail_msg("%s: %s at %s:%u, not %s: %s", what, chain_state_word(report.state), report.file, (guint)report.line,
                 chain_state_word(state), report.text);
    if (state == CHAIN_GOOD) {
        assert_null(report.file);
        return;
    }
    assert_non_null(report.text);
    g_autofree char *path = tree_path(fixture->directory, MIN((line - 1) / LINES, FILES - 1) + 1);
    guint in_file = line - MIN((line - 1) / LINES, FILES - 1) * LINES;
    if (strcmp(report.file, path) != 0 || report.line != in_file)
        fail_msg("%s: named %s:%u instead of %s:%u", what, report.file, (guint)report.line, path, in_file);
    /* all before it is good */
    if (state != CHAIN_REBUILT && state != CHAIN_CUT)
        assert_int_equal(report.lines, line - 1);
    assert_int_equal(report.lines, report.head.seq);
}

static void
test_chain_verify_good(void **state)
{
    Fixture *fixture = *state;
    g_auto(ChainReport) report = {0};
    assert_true(chain_verify(fixture->directory, &fixture->head, NULL, NULL, &report, NULL));
    assert_int_equal(report.state, CHAIN_GOOD);
    assert_int_equal(report.lines, FILES * LINES);
    assert_int_equal(report.head.seq, FILES * LINES);
    assert_string_equal(report.head.hash, fixture->head.hash);
    assert_non_null(report.first_time);
    assert_non_null(report.last_time);
    assert_null(report.text);
}

/* Every byte of a line, every line but the last: whatever the byte becomes, that very line is named. */
static void
test_chain_verify_names_the_line_of_a_changed_byte(void **state)
{
    Fixture *fixture = *state;
    static const char replacements[] = {'0', '9', 'a', '"', ' ', '\n', '\0', '\xff'};
    for (guint k = 1; k < FILES * LINES; k += 11) {
        g_autoptr(GPtrArray) lines = all_lines(fixture);
        guint8 *line = g_ptr_array_index(lines, k - 1);
        gsize length = strlen((char *)line);
        for (gsize i = 0; i + 1 < length; i += 3) {
            char was = (char)line[i], now = replacements[(i / 3) % sizeof replacements];
            if (was == now || now == '\0')
                continue;
            line[i] = (guint8)now;
            write_lines(fixture, lines);
            g_autofree char *what = g_strdup_printf("line %u byte %u %02x", k, (guint)i, (guint8)now);
            expect(fixture, NULL, CHAIN_CHANGED, k, what);
            line[i] = (guint8)was;
        }
    }
}

static void
test_chain_verify_changed_prev_and_seq(void **state)
{
    Fixture *fixture = *state;
    for (guint k = 1; k <= FILES * LINES; k++) {
        static const char *const fields[] = {"\"prev\":\"", "\"seq\":"};
        for (gsize f = 0; f < G_N_ELEMENTS(fields); f++) {
            g_autoptr(GPtrArray) lines = all_lines(fixture);
            char *digit = strstr(g_ptr_array_index(lines, k - 1), fields[f]) + strlen(fields[f]);
            *digit = *digit == '7' ? '8' : '7';
            write_lines(fixture, lines);
            expect(fixture, NULL, CHAIN_CHANGED, k, fields[f]);
        }
    }
}

static void
test_chain_verify_changed_last_line_needs_the_noted_head(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GPtrArray) lines = all_lines(fixture);
    char *line = g_ptr_array_index(lines, lines->len - 1);
    *strstr(line, "note") = 'v';
    write_lines(fixture, lines);
    expect(fixture, NULL, CHAIN_GOOD, 0, "without head");
    expect(fixture, &fixture->head, CHAIN_REBUILT, FILES * LINES, "with head");
}

static void
test_chain_verify_changed_line_before_the_noted_head(void **state)
{
    Fixture *fixture = *state;
    for (guint k = 1; k < FILES * LINES; k++) {
        g_autoptr(GPtrArray) lines = all_lines(fixture);
        *strstr(g_ptr_array_index(lines, k - 1), "unit") = 'v';
        write_lines(fixture, lines);
        expect(fixture, &fixture->head, CHAIN_CHANGED, k, "changed before the head");
        ChainHead at_line = {.seq = k};
        g_autofree char *original = g_strdup(
            g_ptr_array_index((GPtrArray *)g_ptr_array_index(fixture->files, (k - 1) / LINES), (k - 1) % LINES));
        record_hash(original, strlen(original) - 1, at_line.hash);
        expect(fixture, &at_line, CHAIN_CHANGED, k, "changed at the head");
    }
}

static void
test_chain_verify_two_changed_lines_names_the_first(void **state)
{
    Fixture *fixture = *state;
    for (guint k = 1; k + 1 < FILES * LINES; k++) {
        g_autoptr(GPtrArray) lines = all_lines(fixture);
        *strstr(g_ptr_array_index(lines, k - 1), "unit") = 'v';
        *strstr(g_ptr_array_index(lines, k), "unit") = 'v';
        write_lines(fixture, lines);
        expect(fixture, NULL, CHAIN_CHANGED, k, "two lines");
    }
}

static void
test_chain_verify_removed(void **state)
{
    Fixture *fixture = *state;
    for (guint many = 1; many <= 3; many++)
        for (guint k = 1; k + many <= FILES * LINES; k++) {
            g_autoptr(GPtrArray) lines = all_lines(fixture);
            g_ptr_array_remove_range(lines, k - 1, many);
            write_lines(fixture, lines);
            g_autofree char *what = g_strdup_printf("removed %u..%u", k, k + many - 1);
            expect(fixture, NULL, CHAIN_REMOVED, k, what);
        }
}

static void
move_line(GPtrArray *lines, guint from, guint to)
{
    char *line = g_ptr_array_steal_index(lines, from - 1);
    g_ptr_array_insert(lines, (gint)to - 1, line);
}

static void
test_chain_verify_reordered(void **state)
{
    Fixture *fixture = *state;
    for (guint from = 1; from <= FILES * LINES; from += 7)
        for (guint to = 1; to <= FILES * LINES; to++) {
            if (from == to)
                continue;
            g_autoptr(GPtrArray) lines = all_lines(fixture);
            move_line(lines, from, to);
            write_lines(fixture, lines);
            g_autofree char *what = g_strdup_printf("moved %u to %u", from, to);
            expect(fixture, NULL, CHAIN_REORDERED, MIN(from, to), what);
        }
}

static void
test_chain_verify_swapped_neighbours(void **state)
{
    Fixture *fixture = *state;
    for (guint k = 1; k < FILES * LINES; k++) {
        g_autoptr(GPtrArray) lines = all_lines(fixture);
        move_line(lines, k + 1, k);
        write_lines(fixture, lines);
        expect(fixture, NULL, CHAIN_REORDERED, k, "swapped");
    }
}

static void
test_chain_verify_duplicated(void **state)
{
    Fixture *fixture = *state;
    for (guint k = 1; k <= FILES * LINES; k++)
        for (guint to = k + 1; to <= FILES * LINES + 1; to += 9) {
            g_autoptr(GPtrArray) lines = all_lines(fixture);
            g_ptr_array_insert(lines, (gint)to - 1, g_strdup(g_ptr_array_index(lines, k - 1)));
            write_lines(fixture, lines);
            g_autofree char *what = g_strdup_printf("copy of %u at %u", k, to);
            expect(fixture, NULL, CHAIN_INSERTED, to, what);
        }
}

/* A foreign line at place k: chained or not, with the right number, a later one, an older one, or no record. */
static void
test_chain_verify_inserted(void **state)
{
    Fixture *fixture = *state;
    for (guint k = 2; k <= FILES * LINES; k++)
        for (guint way = 0; way < 5; way++) {
            g_autoptr(GPtrArray) lines = all_lines(fixture);
            const char *above = g_ptr_array_index(lines, k - 2);
            ChainHead head = {.seq = k - 1, .hash = RECORD_NO_HASH};
            if (way == 0)
                record_hash(above, strlen(above) - 1, head.hash);
            if (way == 2)
                head.seq = k + 4;
            if (way == 3)
                head.seq = k > 5 ? k - 5 : 0;
            char *foreign = way == 4 ? g_strdup("no record\n") : tree_line(&head, "stop", "reason", "foreign");
            g_ptr_array_insert(lines, (gint)k - 1, foreign);
            write_lines(fixture, lines);
            g_autofree char *what = g_strdup_printf("inserted at %u, way %u", k, way);
            /* with nothing behind it, two lines for the last place cannot be told apart */
            if (way == 0 && k == FILES * LINES)
                continue;
            expect(fixture, NULL, CHAIN_INSERTED, k, what);
        }
}

static void
test_chain_verify_replaced_by_a_foreign_line(void **state)
{
    Fixture *fixture = *state;
    for (guint k = 2; k < FILES * LINES; k++)
        for (guint way = 0; way < 3; way++) {
            g_autoptr(GPtrArray) lines = all_lines(fixture);
            const char *above = g_ptr_array_index(lines, k - 2);
            ChainHead head = {.seq = way == 2 ? k + 500 : k - 1, .hash = RECORD_NO_HASH};
            if (way == 0)
                record_hash(above, strlen(above) - 1, head.hash);
            g_free(lines->pdata[k - 1]);
            lines->pdata[k - 1] = way == 1 ? g_strdup("{}\n") : tree_line(&head, "stop", "reason", "foreign");
            write_lines(fixture, lines);
            g_autofree char *what = g_strdup_printf("replaced %u, way %u", k, way);
            expect(fixture, NULL, CHAIN_CHANGED, k, what);
        }
}

static void
test_chain_verify_cut_end_shows_against_the_noted_head(void **state)
{
    Fixture *fixture = *state;
    for (guint n = 1; n < LINES; n++) {
        g_autoptr(GPtrArray) lines = all_lines(fixture);
        g_ptr_array_remove_range(lines, lines->len - n, n);
        write_lines(fixture, lines);
        expect(fixture, NULL, CHAIN_GOOD, 0, "without head");
        expect(fixture, &fixture->head, CHAIN_CUT, FILES * LINES - n, "with head");
    }
}

static void
test_chain_verify_rebuilt_chain_shows_against_the_noted_head(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GPtrArray) forged = tree_lines(FILES, LINES, "forged");
    tree_write_all(fixture->directory, forged);
    expect(fixture, NULL, CHAIN_GOOD, 0, "without head");
    expect(fixture, &fixture->head, CHAIN_REBUILT, FILES * LINES, "with head");
    g_autoptr(GPtrArray) longer = tree_lines(FILES, LINES + 2, "forged");
    tree_write_all(fixture->directory, longer);
    g_auto(ChainReport) report = {0};
    assert_true(chain_verify(fixture->directory, &fixture->head, NULL, NULL, &report, NULL));
    assert_int_equal(report.state, CHAIN_REBUILT);
}

static void
test_chain_verify_missing_files(void **state)
{
    for (guint number = 1; number <= FILES; number++) {
        assert_int_equal(set_up(state), 0);
        Fixture *fixture = *state;
        g_autofree char *path = tree_path(fixture->directory, number);
        g_unlink(path);
        g_auto(ChainReport) report = {0};
        assert_true(chain_verify(fixture->directory, NULL, NULL, NULL, &report, NULL));
        assert_int_equal(report.state, CHAIN_MISSING_FILE);
        assert_string_equal(report.file, path);
        assert_int_equal(report.lines, (number - 1) * LINES);
        tear_down(state);
    }
}

static void
test_chain_verify_a_fault_before_the_missing_file_comes_first(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GPtrArray) lines = all_lines(fixture);
    *strstr(g_ptr_array_index(lines, 3), "unit") = 'v';
    write_lines(fixture, lines);
    g_autofree char *path = tree_path(fixture->directory, 2);
    g_unlink(path);
    expect(fixture, NULL, CHAIN_CHANGED, 4, "changed before a gap");
}

static void
test_chain_verify_exchanged_files(void **state)
{
    Fixture *fixture = *state;
    tree_write(fixture->directory, 2, g_ptr_array_index(fixture->files, 2));
    tree_write(fixture->directory, 3, g_ptr_array_index(fixture->files, 1));
    expect(fixture, NULL, CHAIN_REORDERED, LINES + 1, "exchanged");
}

static void
test_chain_verify_torn_tail(void **state)
{
    Fixture *fixture = *state;
    static const guint cuts[] = {1, 150};
    for (gsize i = 0; i < G_N_ELEMENTS(cuts); i++) {
        g_autoptr(GPtrArray) lines = all_lines(fixture);
        char *last = g_ptr_array_index(lines, lines->len - 1);
        last[strlen(last) - cuts[i]] = '\0';
        write_lines(fixture, lines);
        expect(fixture, NULL, CHAIN_TORN, FILES * LINES, "torn");
        expect(fixture, &fixture->head, CHAIN_CUT, FILES * LINES - 1, "torn and noted");
    }
}

static void
test_chain_verify_newline_missing_inside_is_a_change(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GPtrArray) lines = all_lines(fixture);
    char *line = g_ptr_array_index(lines, 4);
    line[strlen(line) - 1] = '\0';
    write_lines(fixture, lines);
    expect(fixture, NULL, CHAIN_CHANGED, 5, "joined lines");
    g_autoptr(GPtrArray) again = all_lines(fixture);
    line = g_ptr_array_index(again, LINES - 1);
    line[strlen(line) - 1] = '\0';
    write_lines(fixture, again);
    expect(fixture, NULL, CHAIN_CHANGED, LINES, "end of a file");
}

static void
test_chain_verify_overlong_line(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GPtrArray) lines = all_lines(fixture);
    for (gsize times = 1; times < 6; times++) {
        g_free(lines->pdata[6]);
        lines->pdata[6] = g_strnfill(RECORD_LINE_MAX * times + times, 'x');
        ((char *)lines->pdata[6])[RECORD_LINE_MAX * times + times - 1] = '\n';
        write_lines(fixture, lines);
        expect(fixture, NULL, CHAIN_CHANGED, 7, "overlong");
    }
}

static void
test_chain_verify_empty_ledger(void **state)
{
    char *directory = tree_new();
    g_auto(ChainReport) report = {0}, cut = {0};
    ChainHead noted = {.seq = 3, .hash = RECORD_NO_HASH};
    assert_true(chain_verify(directory, NULL, NULL, NULL, &report, NULL));
    assert_int_equal(report.state, CHAIN_GOOD);
    assert_int_equal(report.lines, 0);
    assert_true(chain_verify(directory, &noted, NULL, NULL, &cut, NULL));
    assert_int_equal(cut.state, CHAIN_CUT);
    tree_free(directory);
}

static void
test_chain_verify_no_directory(void **state)
{
    g_autoptr(GError) error = NULL;
    g_auto(ChainReport) report = {0};
    assert_false(chain_verify("/nonexistent/ledger", NULL, NULL, NULL, &report, &error));
    assert_int_equal(error->code, HANGU_ERROR_NO_INPUT);
}

static void
test_chain_verify_takes_fields_of_later_versions(void **state)
{
    char *directory = tree_new();
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
    ChainHead head = {0};
    g_ptr_array_add(lines, tree_line(&head, "stop", "field_of_tomorrow", "x"));
    g_ptr_array_add(lines, tree_line(&head, "kind-of-tomorrow", "reason", "x"));
    tree_write(directory, 1, lines);
    g_auto(ChainReport) report = {0};
    assert_true(chain_verify(directory, &head, NULL, NULL, &report, NULL));
    assert_int_equal(report.state, CHAIN_GOOD);
    tree_free(directory);
}

static void
test_chain_tail(void **state)
{
    Fixture *fixture = *state;
    g_auto(ChainTail) tail = {0};
    assert_true(chain_tail(fixture->directory, &tail, NULL));
    assert_int_equal(tail.number, FILES);
    assert_int_equal(tail.head.seq, FILES * LINES);
    assert_int_equal(tail.torn, 0);
    assert_false(tail.no_next);
    chain_tail_clear(&tail);
    g_autofree char *path = tree_path(fixture->directory, FILES);
    g_assert(g_file_set_contents(path, "{\"torn", -1, NULL));
    assert_true(chain_tail(fixture->directory, &tail, NULL));
    assert_int_equal(tail.number, FILES);
    assert_int_equal(tail.size, 0);
    assert_int_equal(tail.torn, 6);
    assert_int_equal(tail.head.seq, (FILES - 1) * LINES);
    assert_false(tail.no_next);
    chain_tail_clear(&tail);
    g_unlink(path);
    assert_true(chain_tail(fixture->directory, &tail, NULL));
    assert_true(tail.no_next);
    chain_tail_clear(&tail);
    g_assert(g_file_set_contents(path, "no record\n", -1, NULL));
    g_autoptr(GError) error = NULL;
    assert_false(chain_tail(fixture->directory, &tail, &error));
    assert_int_equal(error->code, HANGU_ERROR_DATA);
}

static void
test_chain_tail_refuses_a_broken_end(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GPtrArray) lines = all_lines(fixture);
    *strstr(g_ptr_array_index(lines, lines->len - 3), "unit") = 'v';
    write_lines(fixture, lines);
    g_auto(ChainTail) tail = {0};
    g_autoptr(GError) error = NULL;
    assert_false(chain_tail(fixture->directory, &tail, &error));
    assert_int_equal(error->code, HANGU_ERROR_DATA);
}

/* The window over the end begins inside a line. */
static void
test_chain_tail_of_a_long_file(void **state)
{
    Fixture *fixture = *state;
    ChainHead head = {0};
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < 1500; i++)
        g_ptr_array_add(lines, tree_line(&head, "stop", "reason", "x"));
    tree_write(fixture->directory, FILES, lines);
    g_auto(ChainTail) tail = {0};
    assert_true(chain_tail(fixture->directory, &tail, NULL));
    assert_int_equal(tail.head.seq, 1500);
    assert_string_equal(tail.head.hash, head.hash);
}

static void
test_chain_tail_of_an_empty_directory(void **state)
{
    char *directory = tree_new();
    g_auto(ChainTail) tail = {0};
    assert_true(chain_tail(directory, &tail, NULL));
    assert_int_equal(tail.number, 0);
    assert_int_equal(tail.head.seq, 0);
    assert_null(tail.record);
    tree_free(directory);
}

typedef struct {
    guint lines, stop_at;
    gboolean fail;
} Seen;

static gboolean
count_line(const ChainLine *line, gpointer user, GError **error)
{
    Seen *seen = user;
    seen->lines++;
    assert_int_equal(line->line, (seen->lines - 1) % LINES + 1);
    if (seen->fail)
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_IO, "stop");
    return seen->stop_at == 0 || seen->lines < seen->stop_at;
}

static void
test_chain_read(void **state)
{
    Fixture *fixture = *state;
    Seen all = {0}, some = {.stop_at = 15}, failed = {.fail = TRUE}, broken = {0};
    gboolean torn = TRUE;
    g_autoptr(GError) error = NULL, damage = NULL;
    assert_true(chain_read(fixture->directory, count_line, &all, &torn, NULL));
    assert_int_equal(all.lines, FILES * LINES);
    assert_false(torn);
    assert_true(chain_read(fixture->directory, count_line, &some, NULL, NULL));
    assert_int_equal(some.lines, 15);
    assert_false(chain_read(fixture->directory, count_line, &failed, NULL, &error));
    assert_string_equal(error->message, "stop");
    g_autoptr(GPtrArray) lines = all_lines(fixture);
    *(char *)g_ptr_array_index(lines, LINES + 2) = 'x';
    write_lines(fixture, lines);
    assert_false(chain_read(fixture->directory, count_line, &broken, NULL, &damage));
    assert_int_equal(broken.lines, LINES + 2);
    assert_int_equal(damage->code, HANGU_ERROR_DATA);
    assert_non_null(strstr(damage->message, "hangu-000002.log:3:"));
}

static void
test_chain_select_leaves_out_what_is_older(void **state)
{
    Fixture *fixture = *state;
    gint64 now = 1800000000 * G_TIME_SPAN_SECOND;
    ChainHead head = {0};
    for (guint file = 1; file <= FILES; file++) {
        g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
        clock_set_fake(now + file * G_TIME_SPAN_DAY, 0);
        for (guint i = 0; i < LINES; i++)
            g_ptr_array_add(lines, tree_line(&head, "stop", "reason", "x"));
        tree_write(fixture->directory, file, lines);
    }
    clock_set_fake(-1, -1);
    static const struct {
        gint64 since_hours;
        guint lines;
    } rows[] = {{-30, 3 * LINES}, {24, 3 * LINES}, {48, 2 * LINES}, {50, LINES}, {72, LINES}, {900, 0}};
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        Seen seen = {0};
        ChainSelect select = {.since_us = now + rows[i].since_hours * G_TIME_SPAN_HOUR};
        assert_true(chain_select(fixture->directory, &select, count_line, &seen, NULL, NULL));
        assert_int_equal(seen.lines, rows[i].lines);
    }
    /* what is not opened is not missed: the first file is no record at all */
    g_autofree char *first = tree_path(fixture->directory, 1);
    Seen seen = {0};
    ChainSelect late = {.since_us = now + 50 * G_TIME_SPAN_HOUR}, early = {.since_us = now};
    assert_true(g_file_set_contents(first, "no record\n", -1, NULL));
    assert_true(chain_select(fixture->directory, &late, count_line, &seen, NULL, NULL));
    assert_false(chain_select(fixture->directory, &early, count_line, &seen, NULL, NULL));
}

static gboolean
want_rotate(const char *bytes, gsize length, gpointer user)
{
    return g_strstr_len(bytes, (gssize)length, "\"kind\":\"rotate\"") != NULL;
}

static gboolean
count_any(const ChainLine *line, gpointer user, GError **error)
{
    ((Seen *)user)->lines++;
    return TRUE;
}

static void
test_chain_select_wanted_lines_only(void **state)
{
    Fixture *fixture = *state;
    Seen seen = {0};
    ChainSelect select = {.want = want_rotate};
    assert_true(chain_select(fixture->directory, &select, count_any, &seen, NULL, NULL));
    assert_int_equal(seen.lines, FILES - 1);
}

static void
test_chain_head_text(void **state)
{
    ChainHead head = {.seq = 7}, back = {0};
    memset(head.hash, 'a', RECORD_HASH_HEX);
    g_autofree char *text = chain_head_format(&head);
    assert_true(chain_head_parse(text, &back, NULL));
    assert_int_equal(back.seq, 7);
    assert_string_equal(back.hash, head.hash);
    static const char *const wrong[] = {
        "", "7", ":", "7:", "7:abc", "x:" RECORD_NO_HASH, "-1:" RECORD_NO_HASH, "7:" RECORD_NO_HASH "0"};
    for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++)
        assert_false(chain_head_parse(wrong[i], &back, NULL));
}

static void
test_chain_file_number(void **state)
{
    assert_int_equal(chain_file_number("hangu-000012.log"), 12);
    assert_int_equal(chain_file_number("hangu-1000000.log"), 1000000);
    static const char *const wrong[] = {"hangu-12.log",
                                        "hangu-000000.log",
                                        "hangu-000012.log.gz",
                                        "hangu--00012.log",
                                        "hangu-0x0012.log",
                                        "x",
                                        "hangu-99999999999999999999999.log"};
    for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++)
        assert_int_equal(chain_file_number(wrong[i]), 0);
}

#define WITH_LEDGER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_LEDGER(test_chain_verify_good),
        WITH_LEDGER(test_chain_verify_names_the_line_of_a_changed_byte),
        WITH_LEDGER(test_chain_verify_changed_prev_and_seq),
        WITH_LEDGER(test_chain_verify_changed_last_line_needs_the_noted_head),
        WITH_LEDGER(test_chain_verify_changed_line_before_the_noted_head),
        WITH_LEDGER(test_chain_verify_two_changed_lines_names_the_first),
        WITH_LEDGER(test_chain_verify_removed),
        WITH_LEDGER(test_chain_verify_reordered),
        WITH_LEDGER(test_chain_verify_swapped_neighbours),
        WITH_LEDGER(test_chain_verify_duplicated),
        WITH_LEDGER(test_chain_verify_inserted),
        WITH_LEDGER(test_chain_verify_replaced_by_a_foreign_line),
        WITH_LEDGER(test_chain_verify_cut_end_shows_against_the_noted_head),
        WITH_LEDGER(test_chain_verify_rebuilt_chain_shows_against_the_noted_head),
        cmocka_unit_test(test_chain_verify_missing_files),
        WITH_LEDGER(test_chain_verify_a_fault_before_the_missing_file_comes_first),
        WITH_LEDGER(test_chain_verify_exchanged_files),
        WITH_LEDGER(test_chain_verify_torn_tail),
        WITH_LEDGER(test_chain_verify_newline_missing_inside_is_a_change),
        WITH_LEDGER(test_chain_verify_overlong_line),
        cmocka_unit_test(test_chain_verify_empty_ledger),
        cmocka_unit_test(test_chain_verify_no_directory),
        cmocka_unit_test(test_chain_verify_takes_fields_of_later_versions),
        WITH_LEDGER(test_chain_tail),
        WITH_LEDGER(test_chain_tail_refuses_a_broken_end),
        WITH_LEDGER(test_chain_tail_of_a_long_file),
        cmocka_unit_test(test_chain_tail_of_an_empty_directory),
        WITH_LEDGER(test_chain_read),
        WITH_LEDGER(test_chain_select_leaves_out_what_is_older),
        WITH_LEDGER(test_chain_select_wanted_lines_only),
        cmocka_unit_test(test_chain_head_text),
        cmocka_unit_test(test_chain_file_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
