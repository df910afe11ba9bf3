/* papers_file - the register as bytes. The seal is checked before anything else is looked at, and everything is checked
 * all the same: a key may be known to more people than one thinks. */
#include "config.h"
#include "errors.h"
#include "papers_private.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC "HGPAPERS"
#define FORMAT 1
#define HEAD_SIZE 64
#define ALIGN 16
#define SEAL_SIZE CRYPTO_DIGEST_SIZE
/* number, uid, common, class, level, term, label, officer, registered, expires, characters, own, prints, family */
#define PAPERS_TYPE "a(utbyysssxxuuuu)"

typedef struct {
    char magic[8];
    guint32 version;
    guint32 next_number;
    guint8 key_id[FINGERPRINT_ID_SIZE];
    guint64 list_length; /* without padding */
    guint64 entries;
    guint8 zero[24];
} Head;
G_STATIC_ASSERT(sizeof(Head) == HEAD_SIZE);
G_STATIC_ASSERT(sizeof(PaperEntry) == ALIGN);

static gboolean
refuse(GError **error, int code, const char *why)
{
    g_set_error_literal(error, HANGU_ERROR, code, why);
    return FALSE;
}

static gsize
padded(guint64 length)
{
    return (gsize)((length + ALIGN - 1) / ALIGN * ALIGN);
}

/* --- reading ---------------------------------------------------------------------------------------------------- */

static gboolean
check_head(const guint8 *bytes, gsize length, const FingerprintKey *key, Head *head, GError **error)
{
    guint8 seal[SEAL_SIZE];
    if (length < HEAD_SIZE + SEAL_SIZE || memcmp(bytes, MAGIC, strlen(MAGIC)) != 0)
        return refuse(error, HANGU_ERROR_DATA, _("is no file of fingerprints"));
    memcpy(head, bytes, sizeof *head);
    if (GUINT32_FROM_LE(head->version) != FORMAT)
        return refuse(error, HANGU_ERROR_DATA, _("was written by another version of Hangu"));
    if (memcmp(head->key_id, key->id, sizeof key->id) != 0)
        return refuse(error, HANGU_ERROR_SETTINGS,
                      _("was made with another key; copy the gate's key file to the machine that makes fingerprints "
                        "and make them again"));
    crypto_hmac(key->seal, sizeof key->seal, bytes, length - SEAL_SIZE, seal);
    if (!crypto_equal(seal, bytes + length - SEAL_SIZE, SEAL_SIZE))
        return refuse(error, HANGU_ERROR_DATA, _("is damaged or was changed; restore it from your backup"));
    head->next_number = GUINT32_FROM_LE(head->next_number);
    head->list_length = GUINT64_FROM_LE(head->list_length);
    head->entries = GUINT64_FROM_LE(head->entries);
    if (head->list_length > length || head->entries > PAPERS_ENTRIES_MAX ||
        HEAD_SIZE + padded(head->list_length) + head->entries * sizeof(PaperEntry) + SEAL_SIZE != length)
        return refuse(error, HANGU_ERROR_DATA, _("does not add up"));
    return TRUE;
}

gboolean
papers_text_is_sound(const char *text)
{
    if (!g_utf8_validate(text, -1, NULL) || g_utf8_strlen(text, -1) > PAPERS_LABEL_MAX)
        return FALSE;
    for (; *text != '\0'; text = g_utf8_next_char(text))
        if (!g_unichar_isprint(g_utf8_get_char(text)))
            return FALSE;
    return TRUE;
}

/* FALSE: what it says cannot be. */
static gboolean
read_paper(GVariant *from, guint index, Paper *paper)
{
    guint8 class, level;
    g_free(paper->term);
    g_free(paper->label);
    g_free(paper->officer);
    g_variant_get(from, "(utbyysssxxuuuu)", &paper->number, &paper->uid, &paper->common, &class, &level, &paper->term,
                  &paper->label, &paper->officer, &paper->registered_us, &paper->expires_us, &paper->characters,
                  &paper->own, &paper->prints, &paper->family);
    paper->class = (Class) class;
    paper->level = (Level)level;
    return class <= CLASS_STATE && level <= LEVEL_TOP_SECRET && strlen(paper->term) < 48 &&
           papers_text_is_sound(paper->term) && papers_text_is_sound(paper->label) &&
           papers_text_is_sound(paper->officer) && paper->number > 0 && paper->family <= index;
}

static gboolean
read_list(Papers *papers, const guint8 *bytes, gsize length, GError **error)
{
    g_autoptr(GBytes) copy = g_bytes_new(bytes, length); /* aligned, as GVariant wants it */
    g_autoptr(GVariant) stored = g_variant_ref_sink(g_variant_new_from_bytes(G_VARIANT_TYPE(PAPERS_TYPE), copy, FALSE));
    g_autoptr(GVariant) list = G_BYTE_ORDER == G_LITTLE_ENDIAN ? g_variant_ref(stored) : g_variant_byteswap(stored);
    if (!g_variant_is_normal_form(list) || g_variant_n_children(list) > PAPERS_MAX)
        return refuse(error, HANGU_ERROR_DATA, _("does not add up"));
    for (guint i = 0; i < g_variant_n_children(list); i++) {
        g_autoptr(GVariant) one = g_variant_get_child_value(list, i);
        Paper *paper = paper_new();
        g_ptr_array_add(papers->list, paper);
        if (!read_paper(one, i, paper))
            return refuse(error, HANGU_ERROR_DATA, _("has a paper that cannot be"));
        if (paper->number >= papers->next_number)
            return refuse(error, HANGU_ERROR_DATA, _("has a number that was not given out yet"));
    }
    return TRUE;
}

static gboolean
is_ordered(const PaperEntry *before, const PaperEntry *after)
{
    return before->name < after->name || (before->name == after->name && before->paper < after->paper &&
                                          ((before->at ^ after->at) & PAPERS_AT_COMMON) == 0);
}

static gboolean
read_entries(Papers *papers, const guint8 *bytes, guint count, GError **error)
{
    g_array_set_size(papers->entries, count);
    PaperEntry *entries = (PaperEntry *)(void *)papers->entries->data;
    if (count > 0)
        memcpy(entries, bytes, (gsize)count * sizeof *entries);
    for (guint i = 0; i < count; i++) {
        entries[i].name = GUINT64_FROM_LE(entries[i].name);
        entries[i].paper = GUINT32_FROM_LE(entries[i].paper);
        entries[i].at = GUINT32_FROM_LE(entries[i].at);
        if (entries[i].paper >= papers->list->len || (i > 0 && !is_ordered(&entries[i - 1], &entries[i])))
            return refuse(error, HANGU_ERROR_DATA, _("has fingerprints that are out of order"));
    }
    return TRUE;
}

Papers *
papers_of_bytes(const guint8 *bytes, gsize length, const FingerprintKey *key, GError **error)
{
    Head head;
    if (!check_head(bytes, length, key, &head, error))
        return NULL;
    g_autoptr(Papers) papers = papers_new(key);
    papers->next_number = head.next_number;
    if (!read_list(papers, bytes + HEAD_SIZE, (gsize)head.list_length, error) ||
        !read_entries(papers, bytes + HEAD_SIZE + padded(head.list_length), (guint)head.entries, error))
        return NULL;
    g_free(papers->digest);
    papers->digest = crypto_sha256_text(bytes, length);
    papers_index(papers);
    return g_steal_pointer(&papers);
}

static guint8 *
read_whole(int fd, gsize length)
{
    g_autofree guint8 *bytes = g_try_malloc(length + 1);
    gsize done = 0;
    while (bytes != NULL && done < length) {
        gssize got = read(fd, bytes + done, length - done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            errno = got == 0 ? EIO : errno;
            return NULL;
        }
        done += (gsize)got;
    }
    return g_steal_pointer(&bytes);
}

static gboolean
refuse_file(GError **error, const char *path)
{
    int code = errno == ENOENT || errno == ENOTDIR || errno == EISDIR ? HANGU_ERROR_NO_INPUT
               : errno == EACCES || errno == EPERM                    ? HANGU_ERROR_PERMISSION
                                                                      : HANGU_ERROR_IO;
    g_set_error(error, HANGU_ERROR, code, _("cannot read %s: %s"), path, g_strerror(errno));
    return FALSE;
}

static guint8 *
read_file(const char *path, gsize *length_out, GError **error)
{
    struct stat info;
    guint8 *bytes = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    gboolean good = fd >= 0 && fstat(fd, &info) == 0;
    if (good && !S_ISREG(info.st_mode)) {
        errno = EISDIR;
        good = FALSE;
    } else if (good && (guint64)info.st_size > PAPERS_BYTES_MAX) {
        errno = EFBIG;
        good = FALSE;
    }
    if (good)
        bytes = read_whole(fd, (gsize)info.st_size);
    if (bytes == NULL)
        refuse_file(error, path);
    else
        *length_out = (gsize)info.st_size;
    if (fd >= 0)
        close(fd);
    return bytes;
}

Papers *
papers_load(const char *path, const FingerprintKey *key, GError **error)
{
    gsize length = 0;
    g_autofree guint8 *bytes = read_file(path, &length, error);
    if (bytes == NULL)
        return NULL;
    Papers *papers = papers_of_bytes(bytes, length, key, error);
    if (papers == NULL)
        g_prefix_error(error, "%s ", path);
    return papers;
}

/* --- writing ---------------------------------------------------------------------------------------------------- */

static GVariant *
list_of(const Papers *papers)
{
    GVariantBuilder builder;
    g_variant_builder_init(&builder, G_VARIANT_TYPE(PAPERS_TYPE));
    for (guint i = 0; i < papers->list->len; i++) {
        const Paper *paper = papers_get(papers, i);
        g_variant_builder_add(&builder, "(utbyysssxxuuuu)", paper->number, paper->uid, paper->common,
                              (guint8)paper->class, (guint8)paper->level, paper->term, paper->label, paper->officer,
                              paper->registered_us, paper->expires_us, paper->characters, paper->own, paper->prints,
                              paper->family);
    }
    g_autoptr(GVariant) list = g_variant_ref_sink(g_variant_builder_end(&builder));
    return G_BYTE_ORDER == G_LITTLE_ENDIAN ? g_variant_get_normal_form(list) : g_variant_byteswap(list);
}

GByteArray *
papers_to_bytes(const Papers *papers, const FingerprintKey *key)
{
    g_autoptr(GVariant) list = list_of(papers);
    gsize length = g_variant_get_size(list), entries = papers->entries->len;
    gsize total = HEAD_SIZE + padded(length) + entries * sizeof(PaperEntry) + SEAL_SIZE;
    GByteArray *bytes = g_byte_array_sized_new((guint)total);
    Head head = {.version = GUINT32_TO_LE(FORMAT),
                 .next_number = GUINT32_TO_LE(papers->next_number),
                 .list_length = GUINT64_TO_LE(length),
                 .entries = GUINT64_TO_LE(entries)};
    memcpy(head.magic, MAGIC, sizeof head.magic);
    memcpy(head.key_id, key->id, sizeof head.key_id);
    g_byte_array_set_size(bytes, (guint)total);
    memset(bytes->data, 0, total);
    memcpy(bytes->data, &head, sizeof head);
    if (length > 0)
        g_variant_store(list, bytes->data + HEAD_SIZE);
    PaperEntry *to = (PaperEntry *)(void *)(bytes->data + HEAD_SIZE + padded(length));
    for (guint i = 0; i < entries; i++) {
        const PaperEntry *entry = &g_array_index(papers->entries, PaperEntry, i);
        to[i] = (PaperEntry){GUINT64_TO_LE(entry->name), GUINT32_TO_LE(entry->paper), GUINT32_TO_LE(entry->at)};
    }
    crypto_hmac(key->seal, sizeof key->seal, bytes->data, total - SEAL_SIZE, bytes->data + total - SEAL_SIZE);
    return bytes;
}
