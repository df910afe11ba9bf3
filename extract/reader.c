/* reader - which file reads which type. */
#include "config.h"
#include "reader.h"
#include "archive.h"
#include "decode.h"
#include "xml.h"
#include <locale.h>
#include <string.h>

static const ReaderRow READERS[] = {
    {"application/zip", "zip", archive_run_zip},
    {"application/java-archive", "jar", archive_run_members},
    {"application/vnd.android.package-archive", "apk", archive_run_members},
    {"application/x-7z-compressed", "7z", archive_run},
    {"application/vnd.rar", "rar", archive_run},
    {"application/x-tar", "tar", archive_run},
    {"application/vnd.ms-cab-compressed", "cab", archive_run},
    {"application/x-lzh-compressed", "lzh", archive_run},
    {"application/x-iso9660-image", "iso", archive_run},
    {"application/x-cpio", "cpio", archive_run},
    {"application/x-rpm", "rpm", archive_run},
    {"application/x-archive", "ar", archive_run},
    {"application/gzip", "gz", archive_run_packed},
    {"application/x-bzip2", "bz2", archive_run_packed},
    {"application/x-xz", "xz", archive_run_packed},
    {"application/zstd", "zst", archive_run_packed},
    {"application/x-lzma", "lzma", archive_run_packed},
    {"application/x-lzip", "lz", archive_run_packed},
    {"application/x-lz4", "lz4", archive_run_packed},
    {"application/x-compress", "Z", archive_run_packed},
    {"application/vnd.microsoft.portable-executable", "exe", archive_run_program},
    {"application/x-executable", "elf", archive_run_program},
};

const ReaderRow *
reader_find(const char *type)
{
    for (gsize i = 0; i < G_N_ELEMENTS(READERS); i++)
        if (strcmp(READERS[i].type, type) == 0)
            return &READERS[i];
    return NULL;
}

const ReaderRow *
reader_rows(gsize *count_out)
{
    *count_out = G_N_ELEMENTS(READERS);
    return READERS;
}

void
readers_prepare(void)
{
    /* libarchive gives NULL for names that the locale cannot say */
    if (setlocale(LC_CTYPE, "C.UTF-8") == NULL)
        setlocale(LC_CTYPE, "");
    decode_check(NULL);
    xml_prepare();
}
