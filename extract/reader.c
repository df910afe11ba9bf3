/* reader - which file reads which type. */
#include "config.h"
#include "reader.h"
#include "archive.h"
#include "barcode.h"
#include "cms.h"
#include "decode.h"
#include "metafile.h"
#include "ocr.h"
#include "odf.h"
#include "ofd.h"
#include "ole_document.h"
#include "ooxml.h"
#include "pdf.h"
#include "picture.h"
#include "rtf.h"
#include "svm.h"
#include "tnef.h"
#include "unpack.h"
#include "uof.h"
#include "xml.h"
#include <locale.h>
#include <string.h>

#define OPEN_XML "application/vnd.openxmlformats-officedocument"
#define OPEN_DOCUMENT "application/vnd.oasis.opendocument."

static const ReaderRow READERS[] = {
    {OPEN_XML ".wordprocessingml.document", "docx", ooxml_run},
    {OPEN_XML ".spreadsheetml.sheet", "xlsx", ooxml_run},
    {OPEN_XML ".presentationml.presentation", "pptx", ooxml_run},
    {OPEN_XML, "opc", ooxml_run},
    {"application/vnd.ms-word.document.macroEnabled.12", "docm", ooxml_run},
    {"application/vnd.ms-excel.sheet.macroEnabled.12", "xlsm", ooxml_run},
    {"application/vnd.ms-powerpoint.presentation.macroEnabled.12", "pptm", ooxml_run},
    {"application/vnd.ms-visio.drawing", "vsdx", ooxml_run},
    {"application/vnd.ms-xpsdocument", "xps", ooxml_run},
    {"application/ofd", "ofd", ofd_run},
    {OPEN_DOCUMENT "text", "odt", odf_run},
    {OPEN_DOCUMENT "text-template", "ott", odf_run},
    {OPEN_DOCUMENT "text-master", "odm", odf_run},
    {OPEN_DOCUMENT "spreadsheet", "ods", odf_run},
    {OPEN_DOCUMENT "spreadsheet-template", "ots", odf_run},
    {OPEN_DOCUMENT "presentation", "odp", odf_run},
    {OPEN_DOCUMENT "presentation-template", "otp", odf_run},
    {OPEN_DOCUMENT "graphics", "odg", odf_run},
    {OPEN_DOCUMENT "graphics-template", "otg", odf_run},
    {OPEN_DOCUMENT "formula", "odf", odf_run},
    {OPEN_DOCUMENT "chart", "odc", odf_run},
    {"application/vnd.sun.xml.writer", "sxw", odf_run},
    {"application/pdf", "pdf", pdf_run},
    {"application/x-ole-storage", "ole", ole_document_run},
    {"image/emf", "emf", metafile_run_emf},
    {"image/wmf", "wmf", metafile_run_wmf},
    {"image/x-svm", "svm", svm_run},
    {"application/rtf", "rtf", rtf_run},
    {"application/ms-tnef", "tnef", tnef_run},
    {"application/pkcs7-mime", "cms", cms_run},
    {"application/epub+zip", "epub", archive_run_members},
    {"application/vnd.uof", "uof", uof_run},
    {"application/vnd.apple.iwork", "iwork", archive_run_program},
    {"application/x-xar", "xar", archive_run},
    {"application/zip", "zip", archive_run_zip},
    {"application/java-archive", "jar", archive_run_members},
    {"application/vnd.android.package-archive", "apk", archive_run_members},
    {"application/x-7z-compressed", "7z", archive_run},
    {"application/vnd.rar", "rar", archive_run_rar},
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
    {"image/png", "png", picture_run},
    {"image/jpeg", "jpeg", picture_run},
    {"image/gif", "gif", picture_run},
    {"image/bmp", "bmp", picture_run},
    {"image/tiff", "tiff", picture_run},
    {"image/webp", "webp", picture_run},
    {"image/jp2", "jp2", picture_run},
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
    barcode_prepare();
    ocr_prepare();
    unpack_prepare();
    ole_document_prepare();
    xml_prepare();
    pdf_prepare();
}
