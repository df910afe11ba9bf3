/* detect - type by content: signatures, the first names in a ZIP, the look of text. */
#include "config.h"
#include "detect.h"
#include "detect_text.h"
#include "detect_zip.h"
#include <string.h>

#define MAGIC(bytes) bytes, sizeof bytes - 1
#define OCTETS "application/octet-stream"
#define FACE_BYTES 256 /* of a picture: what stands before its dots */
#define BLANK_KINDS 4  /* different bytes in a text that says nothing */

typedef gboolean (*Check)(const guint8 *bytes, gsize length);
typedef struct {
    const char *type;
    DetectClass class;
    gsize at;
    const char *magic;
    gsize length;
    Check check; /* what else must hold, or NULL */
} Signature;

static gboolean
has_at(const guint8 *bytes, gsize length, gsize at, const char *magic, gsize size)
{
    return length >= at + size && memcmp(bytes + at, magic, size) == 0;
}

/* --- what a short signature needs to be believed ------------------------- */

static gboolean
is_binary(const guint8 *bytes, gsize length)
{
    return !detect_is_text(bytes, length);
}

static gboolean
is_bmp(const guint8 *bytes, gsize length) /* reserved words zero, a header size that exists */
{
    return length >= 18 && memcmp(bytes + 6, "\0\0\0\0", 4) == 0 && bytes[14] >= 12 && bytes[14] <= 124 &&
           bytes[15] == 0;
}

static gboolean
is_bzip(const guint8 *bytes, gsize length)
{
    return length >= 10 && bytes[3] >= '1' && bytes[3] <= '9' &&
           (memcmp(bytes + 4, "1AY&SY", 6) == 0 || memcmp(bytes + 4, "\x17rE8P\x90", 6) == 0);
}

static gboolean
is_mpeg_audio(const guint8 *bytes, gsize length) /* layer, bit rate and rate are not the reserved ones */
{
    return length >= 4 && (bytes[1] & 0x06) != 0 && (bytes[2] & 0xF0) != 0xF0 && (bytes[2] & 0xF0) != 0 &&
           (bytes[2] & 0x0C) != 0x0C;
}

static gboolean
is_windows_program(const guint8 *bytes, gsize length) /* text may begin with MZ too */
{
    return length >= 64 && !detect_is_text(bytes, length);
}

static gboolean
is_emf(const guint8 *bytes, gsize length)
{
    return has_at(bytes, length, 40, " EMF", 4);
}

static gboolean
is_icon(const guint8 *bytes, gsize length)
{
    return length >= 22 && bytes[4] > 0 && bytes[5] == 0 && bytes[9] == 0;
}

static gboolean
is_lzma(const guint8 *bytes, gsize length) /* unpacked size unknown, or below 2^40 */
{
    return length >= 13 &&
           (memcmp(bytes + 5, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 8) == 0 || memcmp(bytes + 10, "\0\0\0", 3) == 0);
}

static gboolean
is_lzh(const guint8 *bytes, gsize length)
{
    return length > 21 && bytes[6] == '-';
}

/* The header is digits throughout, 110 of them or 76, whatever the content is. */
static gboolean
is_cpio(const guint8 *bytes, gsize length)
{
    gsize header = length > 5 && bytes[5] == '7' ? 76 : 110;
    for (gsize i = 5; i < header; i++)
        if (i >= length || !g_ascii_isxdigit(bytes[i]))
            return FALSE;
    return TRUE;
}

static gboolean
is_riff(const guint8 *bytes, gsize length)
{
    return has_at(bytes, length, 0, "RIFF", 4);
}

static gboolean
is_aiff(const guint8 *bytes, gsize length)
{
    return has_at(bytes, length, 0, "FORM", 4);
}

/* ASN.1 of PKCS #7/CMS, RFC 5652 or GM/T 0010: a sequence that begins with its object identifier. */
static gboolean
is_pkcs7(const guint8 *bytes, gsize length)
{
    static const char *const oids[] = {"\x2A\x86\x48\x86\xF7\x0D\x01\x07", "\x2A\x86\x48\x86\xF7\x0D\x01\x09\x10\x01",
                                       "\x2A\x81\x1C\xCF\x55\x06\x01\x04\x02"};
    gsize at = length > 1 && bytes[1] & 0x80 ? 2 + (bytes[1] & 0x7F) : 2;
    if (length < at + 2 || bytes[at] != 0x06)
        return FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(oids); i++)
        if (has_at(bytes, length, at + 2, oids[i], strlen(oids[i])))
            return TRUE;
    return FALSE;
}

static const Signature signatures[] = {
    /* documents */
    {"application/pdf", DETECT_BINARY, 0, MAGIC("%PDF-")},
    {"application/rtf", DETECT_BINARY, 0, MAGIC("{\\rt")},
    {"application/x-ole-storage", DETECT_BINARY, 0, MAGIC("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")},
    {"application/postscript", DETECT_BINARY, 0, MAGIC("%!PS")},
    {"application/x-founder-ceb", DETECT_BINARY, 0, MAGIC("Founder CEB")},
    {"application/x-cnki-kdh", DETECT_BINARY, 0, MAGIC("KDH "), is_binary},
    {"application/x-cnki-caj", DETECT_BINARY, 0, MAGIC("CAJ"), is_binary},
    {"application/x-cnki-caj", DETECT_BINARY, 0, MAGIC("HN"), is_binary},
    {"application/x-cnki-caj", DETECT_BINARY, 0, MAGIC("\xC8\0\0\0")},
    {"application/x-cnki-caj", DETECT_BINARY, 0, MAGIC("TEB"), is_binary},
    {"application/ms-tnef", DETECT_BINARY, 0, MAGIC("\x78\x9F\x3E\x22")},
    {"application/vnd.ms-htmlhelp", DETECT_BINARY, 0, MAGIC("ITSF\x03")},
    {"application/onenote", DETECT_BINARY, 0, MAGIC("\xE4\x52\x5C\x7B\x8C\xD8\xA7\x4D")},
    {"application/postscript", DETECT_BINARY, 0, MAGIC("\xC5\xD0\xD3\xC6")}, /* with a preview before it */
    {"application/vnd.hp-pcl", DETECT_BINARY, 0, MAGIC("\x1B%-12345X")},
    {"application/x-mswrite", DETECT_BINARY, 0, MAGIC("\x31\xBE\0\0")},
    {"application/x-mswrite", DETECT_BINARY, 0, MAGIC("\x32\xBE\0\0")},
    {"application/x-msword-before-6", DETECT_BINARY, 0, MAGIC("\xDB\xA5\x2D\0")}, /* 2.0 */
    {"application/x-msword-before-6", DETECT_BINARY, 0, MAGIC("\x9B\xA5\x21\0")}, /* 1.0 */
    {"application/x-msword-before-6", DETECT_BINARY, 0, MAGIC("\xFE\x37\0\x1C")}, /* of the Macintosh: 4 and 5 */
    {"application/x-msword-before-6", DETECT_BINARY, 0, MAGIC("\xFE\x37\0\x23")},
    {"application/vnd.lotus-1-2-3", DETECT_BINARY, 0, MAGIC("\0\0\2\0\4\4")},
    {"application/vnd.lotus-1-2-3", DETECT_BINARY, 0, MAGIC("\0\0\2\0\6\4\6\0")},
    {"application/vnd.lotus-1-2-3", DETECT_BINARY, 0, MAGIC("\0\0\x1A\0\0\x10\4\0")},
    {"application/vnd.lotus-1-2-3", DETECT_BINARY, 0, MAGIC("\0\0\x1A\0\2\x10\4\0")},
    {"application/vnd.wordperfect", DETECT_BINARY, 0, MAGIC("\xFFWPC")},
    {"application/x-msaccess", DETECT_BINARY, 4, MAGIC("Standard Jet DB")},
    {"application/x-msaccess", DETECT_BINARY, 4, MAGIC("Standard ACE DB")},
    {"application/vnd.sqlite3", DETECT_BINARY, 0, MAGIC("SQLite format 3\0")},
    {"application/vnd.ms-outlook-pst", DETECT_BINARY, 0, MAGIC("!BDN")},
    {"image/vnd.dwg", DETECT_BINARY, 0, MAGIC("AC10"), is_binary},
    {"image/vnd.djvu", DETECT_BINARY, 0, MAGIC("AT&TFORM")},
    /* encrypted or signed */
    {"application/pgp-encrypted", DETECT_BINARY, 0, MAGIC("-----BEGIN PGP MESSAGE")},
    {"application/pgp-signature", DETECT_BINARY, 0, MAGIC("-----BEGIN PGP SIGNATURE")},
    {"application/pkcs7-mime", DETECT_BINARY, 0, MAGIC("\x30"), is_pkcs7},
    {"application/x-encrypted-tsd", DETECT_BINARY, 0, MAGIC("%TSD-Header-###%")},
    {"application/x-encrypted-esafenet", DETECT_BINARY, 0, MAGIC("\x62\x14\x23\x65")},
    {"application/x-encrypted-esafenet", DETECT_BINARY, 0, MAGIC("E-SafeNet"), is_binary},
    {"application/x-encrypted-pfile", DETECT_BINARY, 0, MAGIC(".pfile"), is_binary},
    {"application/x-encrypted-axcrypt", DETECT_BINARY, 0, MAGIC("\xC0\xB9\x07\x2E\x4F\x93\xF1\x46")},
    {"application/x-encrypted-openssl", DETECT_BINARY, 0, MAGIC("Salted__"), is_binary},
    {"application/x-encrypted-age", DETECT_BINARY, 0, MAGIC("age-encryption.org/v1\n")},
    {"application/x-encrypted-age", DETECT_BINARY, 0, MAGIC("-----BEGIN AGE ENCRYPTED FILE")},
    {"application/x-encrypted-volume", DETECT_BINARY, 0, MAGIC("LUKS\xBA\xBE")},
    /* archives */
    {DETECT_ZIP, DETECT_BINARY, 0, MAGIC("PK\3\4")},
    {DETECT_ZIP, DETECT_BINARY, 0, MAGIC("PK\5\6")},
    {DETECT_ZIP, DETECT_BINARY, 0, MAGIC("PK\7\x8")},
    {DETECT_ZIP, DETECT_BINARY, 0, MAGIC("PK00PK\3\4")},
    {"application/gzip", DETECT_BINARY, 0, MAGIC("\x1F\x8B\x08")},
    {"application/x-compress", DETECT_BINARY, 0, MAGIC("\x1F\x9D")},
    {"application/x-bzip2", DETECT_BINARY, 0, MAGIC("BZh"), is_bzip},
    {"application/x-xz", DETECT_BINARY, 0,
     MAGIC("\xFD"
           "7zXZ\0")},
    {"application/zstd", DETECT_BINARY, 0, MAGIC("\x28\xB5\x2F\xFD")},
    {"application/x-lz4", DETECT_BINARY, 0, MAGIC("\x04\x22\x4D\x18")},
    {"application/x-lzip", DETECT_BINARY, 0, MAGIC("LZIP\1")},
    {"application/x-lzma", DETECT_BINARY, 0, MAGIC("\x5D\0\0"), is_lzma},
    {"application/x-7z-compressed", DETECT_BINARY, 0, MAGIC("7z\xBC\xAF\x27\x1C")},
    {"application/vnd.rar", DETECT_BINARY, 0, MAGIC("Rar!\x1A\x07\0")},
    {"application/vnd.rar", DETECT_BINARY, 0, MAGIC("Rar!\x1A\x07\1\0")},
    {"application/vnd.rar", DETECT_BINARY, 0, MAGIC("RE~^")},
    {"application/x-tar", DETECT_BINARY, 257, MAGIC("ustar")},
    {"application/vnd.ms-cab-compressed", DETECT_BINARY, 0, MAGIC("MSCF\0\0\0\0")},
    {"application/x-lzh-compressed", DETECT_BINARY, 2, MAGIC("-lh"), is_lzh},
    {"application/x-lzh-compressed", DETECT_BINARY, 2, MAGIC("-lz"), is_lzh},
    {"application/x-arj", DETECT_BINARY, 0, MAGIC("\x60\xEA")},
    {"application/x-ace-compressed", DETECT_BINARY, 7, MAGIC("**ACE**"), is_binary},
    {"application/x-archive", DETECT_BINARY, 0, MAGIC("!<arch>\n")},
    {"application/x-cpio", DETECT_BINARY, 0, MAGIC("07070"), is_cpio},
    {"application/x-rpm", DETECT_BINARY, 0, MAGIC("\xED\xAB\xEE\xDB")},
    {"application/x-ms-wim", DETECT_BINARY, 0, MAGIC("MSWIM\0\0\0")},
    {"application/x-stuffit", DETECT_BINARY, 0, MAGIC("StuffIt "), is_binary},
    {"application/x-stuffit", DETECT_BINARY, 0, MAGIC("SIT!"), is_binary},
    {"application/x-zoo", DETECT_BINARY, 20, MAGIC("\xDC\xA7\xC4\xFD")},
    {"application/x-xar", DETECT_BINARY, 0, MAGIC("xar!\0")},
    {"application/x-lzop", DETECT_BINARY, 0, MAGIC("\x89LZO\0\r\n\x1A\n")},
    {"application/x-ms-compress", DETECT_BINARY, 0, MAGIC("SZDD\x88\xF0\x27\x33")},
    {"application/x-ms-compress", DETECT_BINARY, 0, MAGIC("KWAJ\x88\xF0\x27\xD1")},
    {"application/x-alz", DETECT_BINARY, 0, MAGIC("ALZ\1")},
    {"application/x-egg", DETECT_BINARY, 0, MAGIC("EGGA"), is_binary},
    {"application/x-zpaq", DETECT_BINARY, 0, MAGIC("7kSt")},
    {"application/x-par2", DETECT_BINARY, 0, MAGIC("PAR2\0PKT")},
    {"application/x-chrome-extension", DETECT_BINARY, 0, MAGIC("Cr24"), is_binary},
    {"application/x-squashfs", DETECT_BINARY, 0, MAGIC("hsqs"), is_binary},
    {"application/x-apple-disk", DETECT_BINARY, 1024, MAGIC("H+\0\4")},
    {"application/x-apple-disk", DETECT_BINARY, 1024, MAGIC("HX\0\5")},
    {"application/x-apple-disk", DETECT_BINARY, 32, MAGIC("NXSB")},
    {"application/x-iso9660-image", DETECT_BINARY, 1, MAGIC("CD001"), is_binary},
    {"application/x-virtual-disk", DETECT_BINARY, 0, MAGIC("conectix"), is_binary},
    {"application/x-virtual-disk", DETECT_BINARY, 0, MAGIC("vhdxfile"), is_binary},
    {"application/x-virtual-disk", DETECT_BINARY, 0, MAGIC("KDMV"), is_binary},
    {"application/x-virtual-disk", DETECT_BINARY, 0, MAGIC("QFI\xFB")},
    {"font/ttf", DETECT_BINARY, 0, MAGIC("\0\1\0\0\0")},
    {"font/otf", DETECT_BINARY, 0, MAGIC("OTTO\0")},
    {"font/woff", DETECT_BINARY, 0, MAGIC("wOF"), is_binary},
    /* pictures */
    {"image/png", DETECT_PICTURE, 0, MAGIC("\x89PNG\r\n\x1A\n")},
    {"image/jpeg", DETECT_PICTURE, 0, MAGIC("\xFF\xD8\xFF")},
    {"image/gif", DETECT_PICTURE, 0, MAGIC("GIF87a")},
    {"image/gif", DETECT_PICTURE, 0, MAGIC("GIF89a")},
    {"image/bmp", DETECT_PICTURE, 0, MAGIC("BM"), is_bmp},
    {"image/tiff", DETECT_PICTURE, 0, MAGIC("II*\0")},
    {"image/tiff", DETECT_PICTURE, 0, MAGIC("MM\0*")},
    {"image/tiff", DETECT_PICTURE, 0, MAGIC("II+\0")},
    {"image/webp", DETECT_PICTURE, 8, MAGIC("WEBP"), is_riff},
    {"image/heic", DETECT_PICTURE, 4, MAGIC("ftyphe")},
    {"image/heif", DETECT_PICTURE, 4, MAGIC("ftypmif1")},
    {"image/heif", DETECT_PICTURE, 4, MAGIC("ftypmsf1")},
    {"image/avif", DETECT_PICTURE, 4, MAGIC("ftypavi")},
    {"image/jp2", DETECT_PICTURE, 0, MAGIC("\0\0\0\x0CjP  ")},
    {"image/jp2", DETECT_PICTURE, 0, MAGIC("\xFF\x4F\xFF\x51")},
    {"image/jxl", DETECT_PICTURE, 0, MAGIC("\xFF\x0A")},
    {"image/x-jbig2", DETECT_PICTURE, 0, MAGIC("\x97JB2\r\n\x1A\n")},
    {"image/vnd.microsoft.icon", DETECT_PICTURE, 0, MAGIC("\0\0\1\0"), is_icon},
    {"image/vnd.microsoft.icon", DETECT_PICTURE, 0, MAGIC("\0\0\2\0"), is_icon},
    {"image/vnd.adobe.photoshop", DETECT_PICTURE, 0, MAGIC("8BPS\0")},
    {"image/emf", DETECT_PICTURE, 0, MAGIC("\1\0\0\0"), is_emf},
    {"image/wmf", DETECT_PICTURE, 0, MAGIC("\xD7\xCD\xC6\x9A")},
    {"image/x-svm", DETECT_PICTURE, 0, MAGIC("VCLMTF")},
    {"image/wmf", DETECT_PICTURE, 0, MAGIC("\1\0\x09\0\0\3")},
    /* sound and film */
    {"audio/mpeg", DETECT_AUDIO_VIDEO, 0, MAGIC("ID3")},
    {"audio/mpeg", DETECT_AUDIO_VIDEO, 0, MAGIC("\xFF\xFB"), is_mpeg_audio},
    {"audio/mpeg", DETECT_AUDIO_VIDEO, 0, MAGIC("\xFF\xF3"), is_mpeg_audio},
    {"audio/mpeg", DETECT_AUDIO_VIDEO, 0, MAGIC("\xFF\xF2"), is_mpeg_audio},
    {"audio/aac", DETECT_AUDIO_VIDEO, 0, MAGIC("\xFF\xF1")},
    {"audio/aac", DETECT_AUDIO_VIDEO, 0, MAGIC("\xFF\xF9")},
    {"video/mp4", DETECT_AUDIO_VIDEO, 4, MAGIC("ftyp")},
    {"video/quicktime", DETECT_AUDIO_VIDEO, 4, MAGIC("moov")},
    {"video/quicktime", DETECT_AUDIO_VIDEO, 4, MAGIC("mdat")},
    {"video/x-msvideo", DETECT_AUDIO_VIDEO, 8, MAGIC("AVI "), is_riff},
    {"audio/wav", DETECT_AUDIO_VIDEO, 8, MAGIC("WAVE"), is_riff},
    {"audio/aiff", DETECT_AUDIO_VIDEO, 8, MAGIC("AIFF"), is_aiff},
    {"audio/ogg", DETECT_AUDIO_VIDEO, 0, MAGIC("OggS")},
    {"audio/flac", DETECT_AUDIO_VIDEO, 0, MAGIC("fLaC")},
    {"audio/amr", DETECT_AUDIO_VIDEO, 0, MAGIC("#!AMR")},
    {"audio/midi", DETECT_AUDIO_VIDEO, 0, MAGIC("MThd\0")},
    {"video/x-matroska", DETECT_AUDIO_VIDEO, 0, MAGIC("\x1A\x45\xDF\xA3")},
    {"video/x-flv", DETECT_AUDIO_VIDEO, 0, MAGIC("FLV\1")},
    {"video/mpeg", DETECT_AUDIO_VIDEO, 0, MAGIC("\0\0\1\xBA")},
    {"video/mpeg", DETECT_AUDIO_VIDEO, 0, MAGIC("\0\0\1\xB3")},
    {"video/x-ms-asf", DETECT_AUDIO_VIDEO, 0, MAGIC("\x30\x26\xB2\x75\x8E\x66\xCF\x11")},
    /* programs */
    {"application/vnd.microsoft.portable-executable", DETECT_EXECUTABLE, 0, MAGIC("MZ"), is_windows_program},
    {"application/x-executable", DETECT_EXECUTABLE, 0,
     MAGIC("\x7F"
           "ELF")},
    {"application/x-mach-binary", DETECT_EXECUTABLE, 0, MAGIC("\xFE\xED\xFA\xCE")},
    {"application/x-mach-binary", DETECT_EXECUTABLE, 0, MAGIC("\xFE\xED\xFA\xCF")},
    {"application/x-mach-binary", DETECT_EXECUTABLE, 0, MAGIC("\xCE\xFA\xED\xFE")},
    {"application/x-mach-binary", DETECT_EXECUTABLE, 0, MAGIC("\xCF\xFA\xED\xFE")},
    {"application/java-vm", DETECT_EXECUTABLE, 0, MAGIC("\xCA\xFE\xBA\xBE")},
    {"application/wasm", DETECT_EXECUTABLE, 0, MAGIC("\0asm")},
    {"application/x-dex", DETECT_EXECUTABLE, 0, MAGIC("dex\n0")},
    {"application/x-ms-shortcut", DETECT_EXECUTABLE, 0, MAGIC("L\0\0\0\1\x14\2\0\0\0\0\0\xC0\0\0\0\0\0\0F")},
    {"application/vnd.adobe.flash-movie", DETECT_EXECUTABLE, 0, MAGIC("FWS"), is_binary},
    {"application/vnd.adobe.flash-movie", DETECT_EXECUTABLE, 0, MAGIC("CWS"), is_binary},
    {"text/x-script", DETECT_EXECUTABLE, 0, MAGIC("#!")},
    {"text/x-script", DETECT_EXECUTABLE, 0, MAGIC("<?php")},
    {"text/x-msdos-batch", DETECT_EXECUTABLE, 0, MAGIC("@echo off")},
    {"text/x-msdos-batch", DETECT_EXECUTABLE, 0, MAGIC("@ECHO OFF")},
    {"text/x-ms-regedit", DETECT_EXECUTABLE, 0, MAGIC("Windows Registry Editor Version")},
    {"text/x-ms-regedit", DETECT_EXECUTABLE, 0, MAGIC("REGEDIT4")},
};

/* Readers of PDF accept junk of up to 1,024 bytes before it. */
static gboolean
is_late_pdf(const guint8 *bytes, gsize length)
{
    const guint8 *found = memmem(bytes, MIN(length, 1024), "%PDF-", 5);
    return found != NULL && found > bytes && (gsize)(found - bytes) + 7 < length && g_ascii_isdigit(found[5]) &&
           found[6] == '.' && (found[-1] == '\n' || found[-1] == '\r' || !detect_is_text(bytes, length));
}

/* White paper looks like letters of one byte each; but no text is made of so few. */
static gboolean
is_blank(const guint8 *bytes, gsize length)
{
    gboolean met[256] = {FALSE};
    guint kinds = 0;
    for (gsize i = FACE_BYTES; i < length; i++) {
        kinds += !met[bytes[i]];
        met[bytes[i]] = TRUE;
    }
    return length >= 4 * FACE_BYTES && kinds <= BLANK_KINDS;
}

Detected
detect_bytes(const guint8 *bytes, gsize length)
{
    gsize skip;
    length = MIN(length, DETECT_BYTES);
    if (length == 0)
        return (Detected){DETECT_EMPTY, OCTETS, FALSE};
    for (guint i = 0; i < G_N_ELEMENTS(signatures); i++) {
        const Signature *row = &signatures[i];
        if (!has_at(bytes, length, row->at, row->magic, row->length) || (row->check && !row->check(bytes, length)))
            continue;
        /* What is not read, or not as text, must not be had by putting three letters before a text. */
        if ((row->class == DETECT_PICTURE || row->class == DETECT_AUDIO_VIDEO) && detect_is_text(bytes, length) &&
            !is_blank(bytes, length))
            continue;
        if (strcmp(row->type, DETECT_ZIP) == 0)
            return detect_zip(bytes, length);
        return (Detected){row->class, row->type, detect_is_text(bytes, length)};
    }
    skip = detect_mark(bytes, length);
    if (skip == 3 && length > 3) /* a script keeps being one behind a mark */
        if (has_at(bytes, length, 3, "#!", 2))
            return (Detected){DETECT_EXECUTABLE, "text/x-script", TRUE};
    if (is_late_pdf(bytes, length))
        return (Detected){DETECT_BINARY, "application/pdf", detect_is_text(bytes, length)};
    if (detect_is_text(bytes, length))
        return detect_text_kind(bytes, length);
    return (Detected){DETECT_BINARY, OCTETS, FALSE};
}

Detected
detect_wide(const guint8 *bytes, gsize length, const guint8 *far, gsize far_length)
{
    Detected seen = detect_bytes(bytes, length);
    if (seen.class == DETECT_BINARY && strcmp(seen.type, OCTETS) == 0 && far_length >= 5 &&
        memcmp(far, "CD001", 5) == 0)
        seen.type = "application/x-iso9660-image";
    return seen;
}

gboolean
detect_is_known(const char *type)
{
    static const char *const others[] = {OCTETS,
                                         "application/x-iso9660-image",
                                         "application/xml",
                                         "image/svg+xml",
                                         "text/html",
                                         "message/rfc822",
                                         "text/calendar",
                                         "text/vcard",
                                         "text/plain",
                                         "application/msword",
                                         "application/vnd.ms-excel",
                                         "application/vnd.ms-powerpoint",
                                         "application/vnd.ms-outlook"};
    for (gsize i = 0; i < G_N_ELEMENTS(signatures); i++)
        if (strcmp(signatures[i].type, type) == 0)
            return TRUE;
    for (gsize i = 0; i < G_N_ELEMENTS(others); i++)
        if (strcmp(others[i], type) == 0)
            return TRUE;
    return detect_zip_gives(type);
}
