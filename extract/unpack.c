/* unpack - read and seek callbacks over Source. What is read here was chosen by hand: libarchive's "all" would start
 * programs for some filters and mtree would open files. */
#include "config.h"
#include "unpack.h"
#include <errno.h>
#include <iconv.h>
#include <string.h>

#define BYTES_CHARSET "ISO-8859-1"
#define PIECE (64 * 1024)
#define MEMBER_MAX (64 * 1024 * 1024) /* held in memory; half of it a level deeper, and so on */
#define MEMBER_LEVELS 4

struct Unpack {
    Source *source;
    gint64 at;
    struct archive *archive;
    gboolean failed; /* reading the member in hand */
    guint8 *buffer;  /* of PIECE bytes; NULL while the source has them in memory */
};

static la_ssize_t
on_read(struct archive *archive, void *user, const void **bytes)
{
    Unpack *unpack = user;
    gsize held;
    *bytes = source_lend(unpack->source, unpack->at, &held);
    if (*bytes != NULL) {
        unpack->at += (gint64)held;
        return (la_ssize_t)held;
    }
    if (unpack->buffer == NULL)
        unpack->buffer = g_malloc(PIECE);
    gssize got = source_read(unpack->source, unpack->at, unpack->buffer, PIECE);
    *bytes = unpack->buffer;
    if (got < 0) {
        archive_set_error(archive, EIO, "unreadable");
        return ARCHIVE_FATAL;
    }
    unpack->at += got;
    return got;
}

static la_int64_t
on_seek(struct archive *archive, void *user, la_int64_t offset, int whence)
{
    Unpack *unpack = user;
    gint64 base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? unpack->at : source_length(unpack->source);
    if (offset < -base || offset > G_MAXINT64 - base)
        return ARCHIVE_FATAL;
    return unpack->at = base + offset;
}

static la_int64_t
on_skip(struct archive *archive, void *user, la_int64_t request)
{
    Unpack *unpack = user;
    gint64 length = source_length(unpack->source);
    if (length < 0)
        return 0; /* a stream is read through */
    gint64 skipped = CLAMP(request, 0, MAX(length - unpack->at, 0));
    unpack->at += skipped;
    return skipped;
}

static void
support_filters(struct archive *archive)
{
    archive_read_support_filter_gzip(archive);
    archive_read_support_filter_bzip2(archive);
    archive_read_support_filter_compress(archive);
    archive_read_support_filter_xz(archive);
    archive_read_support_filter_lzma(archive);
    archive_read_support_filter_lzip(archive);
    archive_read_support_filter_rpm(archive);
    archive_read_support_filter_uu(archive);
    if (archive_libzstd_version() != NULL)
        archive_read_support_filter_zstd(archive);
    if (archive_liblz4_version() != NULL)
        archive_read_support_filter_lz4(archive);
}

static void
support_formats(struct archive *archive)
{
    archive_read_support_format_zip(archive);
    archive_read_support_format_7zip(archive);
    archive_read_support_format_rar(archive);
    archive_read_support_format_rar5(archive);
    archive_read_support_format_tar(archive);
    archive_read_support_format_cab(archive);
    archive_read_support_format_lha(archive);
    archive_read_support_format_iso9660(archive);
    archive_read_support_format_cpio(archive);
    archive_read_support_format_ar(archive);
    archive_read_support_format_xar(archive);
    archive_read_support_format_warc(archive);
}

Unpack *
unpack_open(Source *source, UnpackKind kind)
{
    Unpack *unpack = g_new0(Unpack, 1);
    struct archive *archive = unpack->archive = archive_read_new();
    unpack->source = source;
    if (kind == UNPACK_ARCHIVE || kind == UNPACK_PACKED || kind == UNPACK_ONE) {
        support_filters(archive);
        if (kind != UNPACK_ONE)
            support_formats(archive);
        if (kind != UNPACK_ARCHIVE)
            archive_read_support_format_raw(archive);
    } else if (kind == UNPACK_ZIP) {
        archive_read_support_format_zip_seekable(archive);
    } else {
        archive_read_support_format_zip_streamable(archive);
    }
    /* This format's reader gives up at a name that it cannot convert; every byte is a letter of this charset. */
    archive_read_set_format_option(archive, "lha", "hdrcharset", BYTES_CHARSET);
    archive_read_set_read_callback(archive, on_read);
    archive_read_set_skip_callback(archive, on_skip);
    if (source_length(source) >= 0)
        archive_read_set_seek_callback(archive, on_seek);
    archive_read_set_callback_data(archive, unpack);
    if (archive_read_open1(archive) < ARCHIVE_WARN)
        g_clear_pointer(&unpack, unpack_free);
    return unpack;
}

void
unpack_free(Unpack *unpack)
{
    if (unpack == NULL)
        return;
    archive_read_free(unpack->archive);
    g_free(unpack->buffer);
    g_free(unpack);
}

/* libarchive has no code for it: older readers only say so in their text. */
static gboolean
says_encrypted(Unpack *unpack)
{
    const char *text = archive_error_string(unpack->archive);
    return archive_read_has_encrypted_entries(unpack->archive) == 1 ||
           (text != NULL && (strstr(text, "ncrypt") != NULL || strstr(text, "assphrase") != NULL));
}

static gboolean
is_format(Unpack *unpack, int format)
{
    return (archive_format(unpack->archive) & ARCHIVE_FORMAT_BASE_MASK) == format;
}

struct archive_entry *
unpack_next(Unpack *unpack, UnpackEnd *end_out)
{
    struct archive_entry *entry;
    int status = ARCHIVE_RETRY;
    if (unpack->failed && is_format(unpack, ARCHIVE_FORMAT_CAB)) {
        *end_out = UNPACK_END_DAMAGED; /* libarchive 3.6 would skip the rest of a block that is not there, and die */
        return NULL;
    }
    unpack->failed = FALSE;
    for (guint tries = 0; status == ARCHIVE_RETRY && tries < 1000; tries++)
        status = archive_read_next_header(unpack->archive, &entry);
    if (status == ARCHIVE_OK || status == ARCHIVE_WARN)
        return entry;
    *end_out = status == ARCHIVE_EOF    ? UNPACK_END_WHOLE
               : says_encrypted(unpack) ? UNPACK_END_ENCRYPTED
                                        : UNPACK_END_DAMAGED;
    return NULL;
}

/* Back to the bytes that BYTES_CHARSET made letters of. Gives. */
static char *
latin_bytes(const char *name)
{
    GString *bytes = g_string_new(NULL);
    for (; *name != '\0'; name = g_utf8_next_char(name)) {
        gunichar letter = g_utf8_get_char_validated(name, -1);
        g_string_append_c(bytes, letter < 0x100 ? (char)letter : '?');
        if (letter >= 0x80000000) /* not UTF-8 */
            break;
    }
    return g_string_free(bytes, FALSE);
}

char *
unpack_name(Unpack *unpack, struct archive_entry *entry)
{
    const char *name = archive_entry_pathname(entry);
    if (name == NULL)
        name = archive_entry_pathname_utf8(entry);
    if (name != NULL && is_format(unpack, ARCHIVE_FORMAT_LHA))
        return latin_bytes(name);
    return g_strdup(name != NULL ? name : "");
}

/* A converter that stays open stays loaded: behind the walls no file can be. */
void
unpack_prepare(void)
{
    static const char *const from[] = {BYTES_CHARSET, "UTF-16LE", "UTF-16BE"};
    static iconv_t kept[G_N_ELEMENTS(from)];
    for (gsize i = 0; i < G_N_ELEMENTS(from); i++)
        if (kept[i] == NULL)
            kept[i] = iconv_open("UTF-8", from[i]);
}

gint64
unpack_header_at(Unpack *unpack)
{
    return archive_read_header_position(unpack->archive);
}

gboolean
unpack_is_packed(Unpack *unpack)
{
    return archive_filter_count(unpack->archive) > 1;
}

gssize
unpack_read(Unpack *unpack, Sink *sink, void *out, gsize length)
{
    if (unpack->failed || sink_stopped(sink))
        return -1;
    la_ssize_t got = archive_read_data(unpack->archive, out, length);
    if (got > 0 && sink_spend(sink, got))
        return got;
    unpack->failed = got != 0;
    return got == 0 ? 0 : -1;
}

typedef struct {
    Unpack *unpack;
    Sink *sink;
} More;

static gssize
read_more(gpointer user, void *out, gsize length)
{
    const More *more = user;
    return unpack_read(more->unpack, more->sink, out, length);
}

gboolean
unpack_object(Unpack *unpack, Sink *sink, guint part, const char *name, gsize name_length)
{
    g_autoptr(GByteArray) held = g_byte_array_new();
    g_autofree guint8 *piece = g_malloc(PIECE);
    gsize most = MEMBER_MAX >> MIN(sink_depth(sink), MEMBER_LEVELS);
    More more = {unpack, sink};
    gssize got = 0;
    while (held->len < most && (got = unpack_read(unpack, sink, piece, PIECE)) > 0)
        g_byte_array_append(held, piece, (guint)got);
    if (sink_stopped(sink))
        return FALSE;
    if (got < 0 && held->len == 0)
        return sink_missing(sink, part, name, name_length, -1, says_encrypted(unpack) ? WHY_ENCRYPTED : WHY_DAMAGED);
    g_autoptr(GBytes) bytes = g_byte_array_free_to_bytes(g_steal_pointer(&held));
    /* Not read to its end: what is there, and then what comes, an error in the damaged one. */
    g_autoptr(Source) source = got == 0 ? source_of_bytes(bytes) : source_of_stream(bytes, read_more, &more);
    return sink_object(sink, part, name, name_length, source);
}
