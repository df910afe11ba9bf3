/* PDF. The first byte chooses: the file below poppler (objects, strings, streams, what is between them), the orders in
 * which letters on a page can be read, or the whole reader. The last one runs in a process of its own: poppler falls
 * over now and then, as it may; then only what the process told before its end must be honest. */
#include "config.h"
#include <stdint.h>
#include "pdf.h"
#include "pdf_parts.h"
#include "reading.h"
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECONDS 2

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static gboolean
run_objects(Source *source, Sink *sink, guint part)
{
    guint8 piece[64 * 1024];
    gssize length = source_read(source, 0, piece, sizeof piece);
    g_autoptr(GBytes) bytes = g_bytes_new(piece, (gsize)MAX(length, 0));
    g_autoptr(GHashTable) told = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GPtrArray) boxes = g_ptr_array_new_with_free_func(pdf_box_free);
    g_autoptr(GPtrArray) streams = g_ptr_array_new_with_free_func(pdf_box_free);
    Pdf pdf = {
        .source = source, .sink = sink, .part = part, .bytes = bytes, .told = told, .boxes = boxes, .streams = streams};
    GBytes *mended = pdf_objects_read(&pdf), *wide = pdf_wide_make(&pdf);
    g_clear_pointer(&mended, g_bytes_unref);
    g_clear_pointer(&wide, g_bytes_unref);
    g_clear_pointer(&pdf.trailer, g_bytes_unref);
    return TRUE;
}

static void
take_line(const char *line, const PdfLetter *first, gpointer user)
{
    g_assert(g_utf8_validate(line, -1, NULL) && first != NULL && line[0] != '\0');
}

/* Five bytes a letter: what, where and how it looks. */
static void
read_orders(const uint8_t *bytes, size_t length)
{
    PdfLayout layout = {.letters = g_array_new(FALSE, FALSE, sizeof(PdfLetter)), .width = 256, .height = 256};
    for (; length >= 5; bytes += 5, length -= 5) {
        double size = bytes[3] % 32, x = bytes[1], y = bytes[2];
        PdfLetter letter = {.letter = bytes[0] < 16 ? '\n' : 0x4E00U + bytes[0],
                            .look = bytes[4] % 8,
                            .box = {x, y, x + size, y + (bytes[3] > 200 ? size / (size - 7) : size)}};
        g_array_append_val(layout.letters, letter);
    }
    pdf_layout_add(&layout, &(PopplerRectangle){1, 1, 9, 9}, "甲乙");
    for (PdfOrder order = PDF_ROWS; order <= PDF_ALIKE; order++)
        pdf_layout_lines(&layout, order, "一丁", take_line, NULL);
    g_array_unref(layout.letters);
}

static void
read_alone(Source *source, Sink *sink, guint part)
{
    static const int faults[] = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGALRM, SIGXCPU};
    struct rlimit limit = {SECONDS, SECONDS};
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    for (gsize i = 0; i < G_N_ELEMENTS(faults); i++)
        signal(faults[i], SIG_DFL);
    setrlimit(RLIMIT_CPU, &limit);
    alarm(2 * SECONDS);
    dup2(null, STDERR_FILENO);
    pdf_run(source, sink, part);
    sink_flush(sink);
    _exit(0);
}

static gboolean
run_whole(Source *source, Sink *sink, guint part)
{
    pid_t child = fork();
    if (child == 0)
        read_alone(source, sink, part);
    waitpid(child, NULL, 0);
    return TRUE;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    if (length < 2)
        return 0;
    if (bytes[0] % 8 < 5)
        reading_throw(bytes + 1, length - 1, run_objects);
    else if (bytes[0] % 8 < 7)
        read_orders(bytes + 1, length - 1);
    else
        reading_throw(bytes + 1, length - 1, run_whole);
    return 0;
}
