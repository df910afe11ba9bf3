#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "mismatch.h"

static const char OPEN_XML[] = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
static const char PROGRAM[] = "application/vnd.microsoft.portable-executable";

static void
test_mismatch_of_name(void **state)
{
    const struct {
        const char *name, *detected;
        gboolean expected;
    } cases[] = {
        {"合影.jpg", OPEN_XML, TRUE},
        {"合影.JPG. ", "application/pdf", TRUE},
        {"a.png", "application/x-founder-ceb", TRUE},
        {"readme.txt", "application/zip", TRUE},
        {"song.mp3", "application/vnd.rar", TRUE},
        {"报告.pdf", PROGRAM, TRUE},
        {"报告.pdf", "application/zip", TRUE},
        {"报告.pdf", OPEN_XML, TRUE},
        {"报告.doc", "application/vnd.rar", TRUE},
        {"报告.docx", PROGRAM, TRUE},
        {"报告.pdf.exe", PROGRAM, TRUE},
        {"报告\xE2\x80\xAE"
         "fdp.exe",
         PROGRAM, TRUE},
        {"a.zip", PROGRAM, TRUE},
        /* ordinary */
        {"报告.doc", "application/rtf", FALSE},
        {"报告.doc", "text/html", FALSE},
        {"报告.doc", OPEN_XML, FALSE},
        {"报告.doc", "application/x-ole-storage", FALSE},
        {"报告.docx", "application/zip", FALSE},
        {"报告.wps", "application/x-ole-storage", FALSE},
        {"表.csv", OPEN_XML, FALSE},
        {"表.csv", "text/plain", FALSE},
        {"a.zip", "application/vnd.rar", FALSE},
        {"a.zip", OPEN_XML, FALSE},
        {"a.jpg", "image/png", FALSE},
        {"a.jpg", "text/html", FALSE},
        {"a.pdf", "text/html", FALSE},
        {"a.pdf", "image/jpeg", FALSE},
        {"a.pdf", "application/pdf", FALSE},
        {"setup.exe", PROGRAM, FALSE},
        {"setup.v1.2.exe", PROGRAM, FALSE},
        {"a.jar", "application/java-archive", FALSE},
        {"a.tar.gz", "application/gzip", FALSE},
        {"a.dat", "application/zip", FALSE},
        {"README", "application/zip", FALSE},
        {".txt", "text/plain", FALSE},
        {"a.txt", "application/octet-stream", FALSE},
        {"a.txt", "application/rtf", FALSE},
        {"a.", "application/zip", FALSE},
        {"", "application/zip", FALSE},
        {"...", PROGRAM, FALSE},
        {"a.jpg", NULL, FALSE},
        {NULL, PROGRAM, FALSE},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        if (mismatch_of_name(cases[i].name, cases[i].detected) != cases[i].expected)
            fail_msg("%s, which is %s", cases[i].name, cases[i].detected);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_mismatch_of_name)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
