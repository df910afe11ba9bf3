/* mismatch - families of names and of contents, and which of one are believed of the other. */
#include "config.h"
#include "mismatch.h"
#include <string.h>

typedef enum {
    F_UNKNOWN,
    F_PICTURE,
    F_SOUND,
    F_TEXT,
    F_TABLE,
    F_PAPER,
    F_OFFICE,
    F_ARCHIVE,
    F_PROGRAM,
    F_CLOSED
} Family;

static const struct {
    Family family;
    const char *ends; /* each between blanks */
} NAMES[] = {
    {F_PICTURE, " jpg jpeg jpe png gif bmp tif tiff webp heic heif ico jfif "},
    {F_SOUND, " mp3 wav wma m4a aac flac ogg amr mp4 m4v mov avi mkv wmv flv mpg mpeg 3gp "},
    {F_TEXT, " txt log md ini conf json yaml yml "},
    {F_TABLE, " csv tsv "},
    {F_PAPER, " pdf ofd "},
    {F_OFFICE, " doc docx docm dot dotx xls xlsx xlsm xlt xltx ppt pptx pptm pps ppsx pot potx odt ods odp ott ots otp "
               "rtf wps wpt et ett dps dpt uof uot uos uop "},
    {F_ARCHIVE, " zip rar 7z tar gz tgz bz2 xz zst lzh lha cab iso arj ace "},
    {F_PROGRAM,
     " exe dll scr com pif bat cmd msi msp cpl sys ocx drv jar apk dex class so bin elf run out o ko sh bash "
     "py pl rb php ps1 vbs vbe js jse wsf wsh hta lnk reg swf wasm "},
};

static const struct {
    const char *type; /* how it begins */
    Family family;
} TYPES[] = {
    {"image/svg", F_TEXT},
    {"image/vnd.dwg", F_CLOSED},
    {"image/vnd.djvu", F_CLOSED},
    {"image/", F_PICTURE},
    {"audio/", F_SOUND},
    {"video/", F_SOUND},
    {"text/x-", F_UNKNOWN}, /* scripts are text to their last byte */
    {"text/", F_TEXT},
    {"message/", F_TEXT},
    {"application/xml", F_TEXT},
    {"application/pgp-", F_TEXT},
    {"application/pdf", F_PAPER},
    {"application/ofd", F_PAPER},
    {"application/rtf", F_OFFICE},
    {"application/msword", F_OFFICE},
    {"application/vnd.uof", F_OFFICE},
    {"application/vnd.ms-xpsdocument", F_PAPER},
    {"application/vnd.openxmlformats-", F_OFFICE},
    {"application/vnd.oasis.opendocument.", F_OFFICE},
    {"application/vnd.ms-word", F_OFFICE},
    {"application/vnd.ms-excel", F_OFFICE},
    {"application/vnd.ms-powerpoint", F_OFFICE},
    {"application/vnd.sun.xml.", F_OFFICE},
    {"application/x-ole-storage", F_OFFICE},
    {"application/zip", F_ARCHIVE},
    {"application/gzip", F_ARCHIVE},
    {"application/zstd", F_ARCHIVE},
    {"application/vnd.rar", F_ARCHIVE},
    {"application/vnd.ms-cab-compressed", F_ARCHIVE},
    {"application/x-7z-compressed", F_ARCHIVE},
    {"application/x-tar", F_ARCHIVE},
    {"application/x-bzip2", F_ARCHIVE},
    {"application/x-xz", F_ARCHIVE},
    {"application/x-lz", F_ARCHIVE},
    {"application/x-compress", F_ARCHIVE},
    {"application/x-arj", F_ARCHIVE},
    {"application/x-ace-compressed", F_ARCHIVE},
    {"application/x-iso9660-image", F_ARCHIVE},
    {"application/x-cpio", F_ARCHIVE},
    {"application/x-founder-ceb", F_CLOSED},
    {"application/x-cnki-", F_CLOSED},
    {"application/ms-tnef", F_CLOSED},
    {"application/vnd.sqlite3", F_CLOSED},
    {"application/x-msaccess", F_CLOSED},
    {"application/vnd.ms-outlook", F_CLOSED},
    {"application/vnd.microsoft.portable-executable", F_PROGRAM},
    {"application/x-executable", F_PROGRAM},
    {"application/x-mach-binary", F_PROGRAM},
    {"application/java-", F_PROGRAM},
    {"application/wasm", F_PROGRAM},
    {"application/x-dex", F_PROGRAM},
    {"application/vnd.android.package-archive", F_PROGRAM},
    {"application/x-ms-shortcut", F_PROGRAM},
    {"application/vnd.adobe.flash-movie", F_PROGRAM},
};

static Family
family_of_type(const char *type)
{
    for (gsize i = 0; i < G_N_ELEMENTS(TYPES); i++)
        if (g_str_has_prefix(type, TYPES[i].type))
            return TYPES[i].family;
    return F_UNKNOWN;
}

/* Of what stands behind the last dot of the first `length` bytes; *before_out: bytes before that dot. */
static Family
family_of_name(const char *name, gsize length, gsize *before_out)
{
    while (length > 0 && (name[length - 1] == ' ' || name[length - 1] == '.')) /* Windows drops them */
        length--;
    gsize at = length;
    while (at > 0 && name[at - 1] != '.' && name[at - 1] != '/' && name[at - 1] != '\\')
        at--;
    *before_out = at > 0 ? at - 1 : 0;
    if (at == 0 || name[at - 1] != '.' || at == length)
        return F_UNKNOWN;
    g_autofree char *end = g_ascii_strdown(name + at, (gssize)(length - at));
    g_autofree char *word = g_strconcat(" ", end, " ", NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(NAMES) && strchr(end, ' ') == NULL; i++)
        if (strstr(NAMES[i].ends, word) != NULL)
            return NAMES[i].family;
    return F_UNKNOWN;
}

static guint
bit(Family family)
{
    return 1u << family;
}

gboolean
mismatch_of_name(const char *name, const char *detected)
{
    /* What a name of a family must not be. */
    static const guint never[] = {
        [F_PICTURE] = 1u << F_PAPER | 1u << F_OFFICE | 1u << F_ARCHIVE | 1u << F_CLOSED | 1u << F_PROGRAM,
        [F_SOUND] = 1u << F_PAPER | 1u << F_OFFICE | 1u << F_ARCHIVE | 1u << F_CLOSED | 1u << F_PROGRAM,
        [F_TEXT] = 1u << F_PAPER | 1u << F_ARCHIVE | 1u << F_CLOSED | 1u << F_PROGRAM,
        [F_TABLE] = 1u << F_PAPER | 1u << F_ARCHIVE | 1u << F_CLOSED | 1u << F_PROGRAM,
        [F_PAPER] = 1u << F_OFFICE | 1u << F_ARCHIVE | 1u << F_SOUND | 1u << F_PROGRAM,
        [F_OFFICE] = 1u << F_ARCHIVE | 1u << F_SOUND | 1u << F_PROGRAM,
        [F_ARCHIVE] = 1u << F_PROGRAM,
        [F_CLOSED] = 0,
    };
    gsize before, unused;
    if (name == NULL || detected == NULL)
        return FALSE;
    Family said = family_of_name(name, strlen(name), &before), is = family_of_type(detected);
    if (strstr(name, "\xE2\x80\xAE") != NULL && is == F_PROGRAM) /* U+202E: the end is shown before it */
        return TRUE;
    if (said == F_PROGRAM && is == F_PROGRAM) { /* "report.pdf.exe" */
        Family face = family_of_name(name, before, &unused);
        return face != F_UNKNOWN && face != F_PROGRAM && face != F_ARCHIVE;
    }
    if (said == F_OFFICE && strcmp(detected, "application/zip") == 0)
        return FALSE; /* packages whose first names say nothing */
    return said != F_PROGRAM && said != F_UNKNOWN && (never[said] & bit(is)) != 0;
}
