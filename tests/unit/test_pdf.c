/* PDF: orders of reading, what hides beside the text, and hostile files. Whole documents of every place are in
 * test_documents.c; here they are made by tests/documents/write_pdf.py too, one by its name. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "kept_files.h"
#include "ocr.h"
#include "reader.h"
#include "taker.h"
#include <errno.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

static char *samples; /* directory */

static int
write_samples(void **state)
{
    const char *python = g_getenv("PYTHON3"), *source = g_getenv("top_srcdir");
    g_autofree char *writer = g_build_filename(source, "tests", "documents", "write_pdf.py", NULL);
    int status = -1;
    readers_prepare();
    samples = g_dir_make_tmp("hangu-pdf-XXXXXX", NULL);
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

static Taken *
read_sample(const char *name)
{
    g_autofree char *file = g_strconcat(name, ".pdf", NULL), *path = g_build_filename(samples, file, NULL);
    Taken *taken = taker_read_file(path);
    if (taken == NULL) {
        fail_msg("no sample %s", name);
        return NULL;
    }
    assert_false(taken->lied);
    return taken;
}

static guint
times(const char *text, const char *what)
{
    guint count = 0;
    for (const char *at = text; (at = strstr(at, what)) != NULL; at++)
        count++;
    return count;
}

typedef struct {
    const char *sample;
    PlaceKind place;
    const char *text;  /* is told there */
    const char *cover; /* of the whole; NULL any */
} Case;

static const Case cases[] = {
    {"letters", PLACE_BODY, "机密★10年", "complete none"},
    {"shuffled", PLACE_BODY, "机密★10年", "complete none"},
    {"spaced", PLACE_BODY, "机密★10年", "complete none"},
    {"vertical", PLACE_BODY, "机密★10年", "complete none"},
    {"vertical-font", PLACE_BODY, "机密★10年", "complete none"},
    {"slanting", PLACE_BODY, "机密★10年", "complete none"},
    {"rotated-page", PLACE_BODY, "机密★10年", "complete none"},
    {"outside", PLACE_HIDDEN, "机密★10年\n机密★10年cropped", "complete none"},
    {"outside-turned", PLACE_HIDDEN, "机密★10年", "complete none"},
    {"outside-packed", PLACE_HIDDEN, "机密★10年", "complete none"},
    {"running", PLACE_PAGE_HEADER, "机密★10年", "complete none"},
    {"running-over-little", PLACE_PAGE_HEADER, "机密★10年", "complete none"},
    {"set-wide", PLACE_BODY, "机密★10年", "complete none"},
    {"radicals", PLACE_BODY, "⼯作秘密", "complete none"},
    {"founder", PLACE_BODY, "机密★员园年", "complete none"},
    {"tounicode", PLACE_BODY, "机密★10年", "complete none"},
    {"junk-before", PLACE_BODY, "机密★10年", "complete none"},
    {"object-streams", PLACE_BODY, "机密★10年", "complete none"},
    {"updated", PLACE_ATTRIBUTE, "机密★10年before", NULL},
    {"old-comment", PLACE_COMMENT, "机密★10年", "complete none"},
    {"owner-password", PLACE_BODY, "机密★10年", "complete none"},
    {"stamp", PLACE_TEXT_BOX, "机密★10年stamp\n机密★10年rolled", "complete none"},
    {"pattern", PLACE_TEXT_BOX, "机密★10年", "complete none"},
    {"mask", PLACE_PAGE_FOOTER, "机密★10年", "complete none"},
    {"form", PLACE_BODY, "机密★10年", "complete none"},
    {"form-left", PLACE_TEXT_BOX, "机密★10年", "complete none"},
    {"garbled-jpeg", PLACE_BODY, "机密★10年", "partial damaged"},
    {"garbled-jbig2", PLACE_BODY, "机密★10年", "partial damaged"},
    {"garbled-jpx", PLACE_BODY, "机密★10年", "partial damaged"},
    {"drawn-as-font", PLACE_BODY, "A", "partial unsupported"},
    {"cut", PLACE_BODY, "机密★10年", "unreadable damaged"},
    {"no-xref", PLACE_BODY, "机密★10年", NULL},
    {"pages-loop", PLACE_BODY, "", "partial damaged"},
    {"many-pages", PLACE_BODY, "机密★10年", "partial damaged"},
    {"form-loop", PLACE_BODY, "机密★10年", NULL},
    {"deep", PLACE_BODY, "机密★10年", NULL},
    {"outline-loop", PLACE_BODY, "机密★10年", NULL},
    {"unknown-map", PLACE_BODY, "", NULL},
    {"broken-page", PLACE_BODY, "机密★10年", "partial damaged"},
};

static void
test_pdf_tells(void **state)
{
    guint wrong = 0;
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        const Case *row = &cases[i];
        g_autoptr(Taken) taken = read_sample(row->sample);
        g_autofree char *cover = row->cover != NULL ? g_strconcat("cover 0 ", row->cover, NULL) : g_strdup("end");
        if (strstr(taken->places[row->place]->str, row->text) != NULL && taken_says(taken, cover))
            continue;
        wrong++;
        print_message("%s: no \"%s\" or not %s:\n%s\n%s\n", row->sample, row->text, cover, taken->told->str,
                      taken->text->str);
    }
    assert_int_equal(wrong, 0);
}

static void
test_pdf_bold_once(void **state)
{
    g_autoptr(Taken) taken = read_sample("bold");
    assert_int_equal(times(taken->text->str, "机"), 1);
    assert_int_equal(times(taken->text->str, "年"), 1);
}

/* A stream that a page shows says nothing more. */
static void
test_pdf_streams_once(void **state)
{
    g_autoptr(Taken) taken = read_sample("form"), ordinary = read_sample("ordinary-form");
    assert_string_equal(taken->places[PLACE_TEXT_BOX]->str, "");
    assert_string_equal(ordinary->places[PLACE_TEXT_BOX]->str, "");
}

static void
test_pdf_passwords(void **state)
{
    g_autoptr(Taken) user = read_sample("user-password");
    assert_true(taken_says(user, "cover 0 unreadable encrypted"));
    assert_null(strstr(user->text->str, "机密"));
}

/* Two files in one: each is read as what it is. */
static void
test_pdf_polyglots(void **state)
{
    static const char *const files[] = {"zip-behind", "zip-before"};
    for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autoptr(Taken) taken = read_sample(files[i]);
        assert_non_null(strstr(taken->names->str, "附件.txt"));
        assert_true(taken_has_bytes(taken, "机密★10年zipped"));
        assert_non_null(strstr(taken->text->str, "机密★10年page"));
    }
    g_autoptr(Taken) text = read_sample("text-behind");
    assert_true(taken_has_bytes(text, "机密★10年behind"));
    g_autoptr(Taken) orphan = read_sample("orphan-file");
    assert_true(taken_has_bytes(orphan, "机密★10年orphan"));
}

/* What only pictures show. OCR hardly ever reads a star. */
static void
test_pdf_pictures(void **state)
{
    static const char *const files[] = {"scan-under-text", "drawn", "scan-in-strips", "drawn-with-names",
                                        "layer-with-picture"};
    if (!ocr_ready())
        skip();
    for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autoptr(Taken) taken = read_sample(files[i]);
        if (strstr(taken->places[PLACE_BODY]->str, "机密") == NULL ||
            strstr(taken->places[PLACE_BODY]->str, "防汛物资调度") == NULL ||
            !taken_says(taken, "cover 0 complete none"))
            fail_msg("%s: %s%s", files[i], taken->told->str, taken->text->str);
    }
}

/* The text of the page is there; what the picture is, nobody promises. */
static void
test_pdf_picture_bomb(void **state)
{
    g_autoptr(Taken) taken = read_sample("picture-bomb");
    assert_non_null(strstr(taken->text->str, "机密★10年"));
    assert_true(taken_says(taken, "end"));
}

static void
test_pdf_bombs(void **state)
{
    static const TakerLimits narrow = {1024 * 1024, 4 * 1024 * 1024, 100, 8};
    static const char *const files[] = {"object-stream-bomb", "attachment-bomb"};
    for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *file = g_strconcat(files[i], ".pdf", NULL), *path = g_build_filename(samples, file, NULL);
        g_autofree char *bytes = NULL;
        gsize length;
        assert_true(g_file_get_contents(path, &bytes, &length, NULL));
        g_autoptr(Taken) taken = taker_read(bytes, length, NULL, &narrow);
        assert_false(taken->lied);
        if (!taken_says(taken, "cover 0 partial over-budget"))
            fail_msg("%s: %s", files[i], taken->told->str);
    }
}

/* However it is cut, it does not count as read. */
static void
test_pdf_cut_anywhere(void **state)
{
    g_autofree char *path = g_build_filename(samples, "letters.pdf", NULL), *bytes = NULL;
    gsize length;
    assert_true(g_file_get_contents(path, &bytes, &length, NULL));
    for (gsize at = 20; at < length - 6; at += 397) {
        g_autoptr(Taken) half = taker_read(bytes, at, "application/pdf", &TAKER_WIDE);
        assert_false(half->lied);
        assert_false(taken_says(half, "cover 0 complete none"));
        assert_true(taken_says(half, "end"));
    }
}

static void
test_kept_files(void **state)
{
    char line[64];
    g_autofree char *directory = g_build_filename(samples, "kept", NULL),
                    *path = g_build_filename(samples, "kept", "a", NULL),
                    *other = g_build_filename(samples, "kept", "b", NULL);
    assert_int_equal(g_mkdir(directory, 0700), 0);
    assert_true(g_file_set_contents(path, "first\nsecond\n", -1, NULL));
    gsize before = kept_files_size();
    assert_true(kept_files_add(directory));
    assert_true(kept_files_add(directory));
    assert_int_equal(kept_files_size() - before, 13);
    assert_true(g_file_set_contents(other, "later", -1, NULL));
    for (guint i = 0; i < 2; i++) { /* each opening begins at the beginning */
        FILE *file = fopen(path, "re");
        assert_non_null(file);
        assert_non_null(fgets(line, sizeof line, file));
        assert_string_equal(line, "first\n");
        fclose(file);
    }
    errno = 0;
    assert_null(fopen(other, "r")); /* was not there when the door was closed */
    assert_int_equal(errno, ENOENT);
    assert_false(kept_files_add("/nonexistent/directory"));
    g_unlink(path);
    g_unlink(other);
    g_rmdir(directory);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pdf_tells),        cmocka_unit_test(test_pdf_bold_once),
        cmocka_unit_test(test_pdf_streams_once), cmocka_unit_test(test_pdf_passwords),
        cmocka_unit_test(test_pdf_polyglots),    cmocka_unit_test(test_pdf_bombs),
        cmocka_unit_test(test_pdf_cut_anywhere), cmocka_unit_test(test_pdf_pictures),
        cmocka_unit_test(test_pdf_picture_bomb), cmocka_unit_test(test_kept_files),
    };
    return cmocka_run_group_tests(tests, write_samples, remove_samples);
}
