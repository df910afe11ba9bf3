/* Every format and place of tests/documents: what write_documents.py put there must be told, in its place. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "segment.h"
#include "taker.h"
#include <glib/gstdio.h>
#include <string.h>

static char *samples; /* directory */

static int
write_samples(void **state)
{
    const char *python = g_getenv("PYTHON3"), *source = g_getenv("top_srcdir");
    g_autofree char *writer = g_build_filename(source, "tests", "documents", "write_documents.py", NULL);
    int status = -1;
    samples = g_dir_make_tmp("hangu-documents-XXXXXX", NULL);
    const char *arguments[] = {python != NULL ? python : "python3", writer, samples, NULL};
    if (!g_spawn_sync(NULL, (char **)arguments, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &status, NULL))
        return -1;
    return status;
}

static int
remove_samples(void **state)
{
    g_autoptr(GDir) directory = g_dir_open(samples, 0, NULL);
    const char *name;
    while (directory != NULL && (name = g_dir_read_name(directory)) != NULL) {
        g_autofree char *path = g_build_filename(samples, name, NULL);
        g_unlink(path);
    }
    g_rmdir(samples);
    g_free(samples);
    return 0;
}

static gboolean
is_told(const Taken *taken, const char *place, const char *text)
{
    PlaceKind kind;
    g_autofree char *cover = g_strconcat("cover 0 ", text, NULL);
    g_return_val_if_fail(taken != NULL, FALSE);
    if (strcmp(place, "cover") == 0)
        return taken_says(taken, cover);
    if (strcmp(place, "bytes") == 0)
        return taken_has_bytes(taken, text);
    if (strcmp(place, "type") == 0)
        return strstr(taken->types->str, text) != NULL;
    if (strcmp(place, "name") == 0)
        return strstr(taken->names->str, text) != NULL;
    return place_parse(place, &kind) && strstr(taken->places[kind]->str, text) != NULL;
}

static void
test_documents_tell_every_place(void **state)
{
    g_autofree char *list = g_build_filename(samples, "expected.tsv", NULL), *rows = NULL;
    g_autoptr(Taken) taken = NULL;
    g_autofree char *now = g_strdup("");
    guint missing = 0;
    assert_true(g_file_get_contents(list, &rows, NULL, NULL));
    g_auto(GStrv) lines = g_strsplit(rows, "\n", -1);
    for (guint i = 0; lines[i] != NULL && lines[i][0] != '\0'; i++) {
        g_auto(GStrv) fields = g_strsplit(lines[i], "\t", 3);
        g_autofree char *text = g_strcompress(fields[2]);
        if (strcmp(now, fields[0]) != 0) {
            g_autofree char *path = g_build_filename(samples, fields[0], NULL);
            g_clear_pointer(&taken, taken_free);
            taken = taker_read_file(path);
            assert_non_null(taken);
            assert_false(taken->lied);
            g_free(now);
            now = g_strdup(fields[0]);
        }
        if (taken != NULL && is_told(taken, fields[1], text))
            continue;
        missing++;
        if (taken != NULL)
            print_message("%s: no %s: %s\n%s\n%s\n", fields[0], fields[1], text, taken->told->str, taken->text->str);
    }
    assert_int_equal(missing, 0);
}

static void
test_documents_locked_rar(void **state)
{
    g_autofree char *path = g_build_filename(samples, "locked.rar", NULL);
    g_autoptr(Taken) taken = taker_read_file(path);
    assert_non_null(taken);
    if (!taken_says(taken, "cover 1 unreadable encrypted"))
        print_message("%s\n", taken->told->str);
    assert_true(taken_says(taken, "cover 1 unreadable encrypted"));
}

/* What both branches of mc:AlternateContent hold is told once. */
static void
test_documents_tell_alternatives_once(void **state)
{
    g_autofree char *path = g_build_filename(samples, "all.docx", NULL);
    g_autoptr(Taken) taken = taker_read_file(path);
    assert_non_null(taken);
    const char *first = strstr(taken->text->str, "机密★10年box");
    assert_non_null(first);
    assert_null(strstr(first + 1, "机密★10年box"));
}

/* So is a diagram that is drawn too. */
static void
test_documents_tell_diagrams_once(void **state)
{
    g_autofree char *path = g_build_filename(samples, "modern.pptx", NULL);
    g_autoptr(Taken) taken = taker_read_file(path);
    assert_non_null(taken);
    const char *first = strstr(taken->text->str, "机密★10年diagram");
    assert_non_null(first);
    assert_null(strstr(first + 1, "机密★10年diagram"));
}

static void
test_documents_damaged_anywhere(void **state)
{
    static const char *const files[] = {"all.docx", "all.xlsx", "all.pptx", "all.odt", "all.ods", "all.ofd",
                                        "all.doc",  "all.xls",  "all.ppt",  "all.rtf", "all.msg"};
    for (gsize f = 0; f < G_N_ELEMENTS(files); f++) {
        g_autofree char *path = g_build_filename(samples, files[f], NULL), *bytes = NULL;
        gsize length;
        assert_true(g_file_get_contents(path, &bytes, &length, NULL));
        for (gsize at = 40; at < length; at += length / 23) {
            char kept = bytes[at];
            bytes[at] ^= 0x41;
            g_autoptr(Taken) taken = taker_read(bytes, length, NULL, &TAKER_WIDE);
            bytes[at] = kept;
            assert_false(taken->lied);
            assert_true(taken_says(taken, "end"));
            g_autoptr(Taken) half = taker_read(bytes, at, NULL, &TAKER_WIDE);
            assert_false(half->lied);
            assert_false(taken_says(half, "cover 0 complete none"));
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_documents_tell_every_place),   cmocka_unit_test(test_documents_tell_alternatives_once),
        cmocka_unit_test(test_documents_tell_diagrams_once), cmocka_unit_test(test_documents_locked_rar),
        cmocka_unit_test(test_documents_damaged_anywhere),
    };
    return cmocka_run_group_tests(tests, write_samples, remove_samples);
}
