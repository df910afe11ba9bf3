/* bench_text - how many MB/s the decoders of text/ take in; prints one line each.
 *
 * usage: bench_text [SECONDS-EACH] */
#include "config.h"
#include "decode.h"
#include "encword.h"
#include "transfer.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define WINDOW (256 * 1024)

static double seconds = 0.5;

typedef void (*Work)(const guint8 *bytes, gsize length, gpointer user);

/* Processor time, not the clock on the wall: other work on the machine must not count. */
static double
used(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void
measure(const char *name, Work work, const guint8 *bytes, gsize length, gpointer user)
{
    guint64 done = 0;
    work(bytes, length, user); /* makes tables, warms caches */
    double start = used(), now = start;
    while (now - start < seconds) {
        work(bytes, length, user);
        done += length;
        now = used();
    }
    g_print("%-40s %8.0f MB/s\n", name, (double)done / (now - start) / 1e6);
}

static void
run_transfer(const guint8 *bytes, gsize length, gpointer user)
{
    static GByteArray *out;
    if (out == NULL)
        out = g_byte_array_new();
    g_byte_array_set_size(out, 0);
    g_autoptr(Transfer) transfer = transfer_new(GPOINTER_TO_INT(user));
    for (gsize i = 0; i < length; i += 65536)
        transfer_push(transfer, bytes + i, MIN(65536, length - i), out);
    transfer_finish(transfer, out);
}

static void
bench_transfer(void)
{
    g_autofree guint8 *raw = g_malloc(3 * WINDOW);
    for (gsize i = 0; i < 3 * WINDOW; i++)
        raw[i] = (guint8)(i * 2654435761u >> 13);
    g_autofree char *encoded = g_malloc(5 * WINDOW);
    gint step = 0, save = 0;
    gsize length = g_base64_encode_step(raw, 3 * WINDOW, TRUE, encoded, &step, &save);
    length += g_base64_encode_close(TRUE, encoded + length, &step, &save);
    measure("base64, lines of 72", run_transfer, (guint8 *)encoded, length, GINT_TO_POINTER(TRANSFER_BASE64));
    length = 0;
    for (gsize i = 0; i < WINDOW / 4; i++) { /* half escapes, as Chinese text has */
        memcpy(encoded + length, i % 25 == 24 ? "=\r\n" : i % 2 ? "=E6" : "abc", 3);
        length += 3;
    }
    measure("quoted-printable, half escapes", run_transfer, (guint8 *)encoded, length,
            GINT_TO_POINTER(TRANSFER_QUOTED));
}

static void
run_decode(const guint8 *bytes, gsize length, gpointer user)
{
    g_autoptr(GPtrArray) readings = decode_plausible(bytes, length, user);
    if (readings->len == 0)
        abort();
}

/* A letter of about one window, as a unit writes it. */
static char *
letter(const char *charset, const char *paragraph, gsize *length_out)
{
    g_autoptr(GString) text = g_string_new(NULL);
    while (text->len < WINDOW)
        g_string_append(text, paragraph);
    return g_convert(text->str, (gssize)text->len, charset, "UTF-8", NULL, length_out, NULL);
}

static void
bench_decode(void)
{
    static const char CHINESE[] = "各处室、各下属单位:\r\n    现将2024年度第3季度工作安排通知如下,请认真组织落实,"
                                  "并于9月30日前将书面报告(一式两份)送办公室。\r\n"
                                  "    一、加强信息系统安全检查;二、做好年终财务决算;三、按时完成项目验收。\r\n";
    static const char TRADITIONAL[] = "各單位:\r\n    請於本月30日前將書面報告送辦公室,並說明執行情況。\r\n";
    static const char ENGLISH[] = "Dear all,\r\nplease find the minutes of the meeting below; comments by Friday.\r\n";
    static const struct {
        const char *name, *charset, *text, *label;
    } ROWS[] = {
        {"ASCII, declared utf-8", "UTF-8", ENGLISH, "utf-8"},
        {"UTF-8 Chinese, declared", "UTF-8", CHINESE, "utf-8"},
        {"UTF-8 Chinese, undeclared", "UTF-8", CHINESE, NULL},
        {"GB18030, declared", "GB18030", CHINESE, "gb18030"},
        {"GB18030, declared gb2312", "GB18030", CHINESE, "gb2312"},
        {"GB18030, undeclared", "GB18030", CHINESE, NULL},
        {"GB18030, declared iso-8859-1", "GB18030", CHINESE, "iso-8859-1"},
        {"Big5, declared", "BIG5", TRADITIONAL, "big5"},
        {"Big5, undeclared", "BIG5", TRADITIONAL, NULL},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        gsize length;
        g_autofree char *bytes = letter(ROWS[i].charset, ROWS[i].text, &length);
        measure(ROWS[i].name, run_decode, (const guint8 *)bytes, length, (gpointer)ROWS[i].label);
    }
}

static void
run_header(const guint8 *bytes, gsize length, gpointer user)
{
    g_autoptr(GPtrArray) readings = encword_decode((const char *)bytes, length);
    if (readings->len == 0)
        abort();
}

static void
bench_header(void)
{
    static const struct {
        const char *name, *raw;
    } ROWS[] = {
        {"header, plain ASCII", "Re: minutes of the meeting of 24 May, with attachments"},
        {"header, two UTF-8 words", "=?UTF-8?B?5YWz5LqO5Y+s5byA5Lya6K6u?=\r\n =?UTF-8?B?55qE6YCa55+l?="},
        {"header, GBK word", "=?gb2312?B?udjT2tXZv6q74dLptcTNqNaq?="},
        {"header, raw GBK", "\xb9\xd8\xd3\xda\xd5\xd9\xbf\xaa\xbb\xe1\xd2\xe9"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++)
        measure(ROWS[i].name, run_header, (const guint8 *)ROWS[i].raw, strlen(ROWS[i].raw), NULL);
}

/* Bytes that mean nothing: the most that any text can cost. */
static void
bench_noise(void)
{
    g_autofree guint8 *noise = g_malloc(WINDOW);
    g_autoptr(GRand) random = g_rand_new_with_seed(1);
    for (gsize i = 0; i < WINDOW; i++)
        noise[i] = (guint8)g_rand_int_range(random, 1, 256);
    measure("noise, undeclared", run_decode, noise, WINDOW, NULL);
}

int
main(int argc, char **argv)
{
    if (argc > 1)
        seconds = g_ascii_strtod(argv[1], NULL);
    bench_transfer();
    bench_decode();
    bench_noise();
    bench_header();
    return 0;
}
