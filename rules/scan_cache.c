/* scan_cache - compiled databases in a file, so that a start does not compile.
 *
 * Deserialising is for trusted bytes only. So: the directory and the file belong to us (or root) and nobody else may
 * write them, and a MAC under the gateway's own key is checked over all of the file first. Anything wrong with the
 * cache means compiling again, never a failure.
 *
 * File: MAGIC, MAC, then (what the MAC covers) the name and for each database its length (8 bytes, little-endian) and
 * bytes; length 0: no such database. */
#include "config.h"
#include "crypto.h"
#include "log.h"
#include "scan_private.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC "HANGURC2"
#define MAGIC_SIZE (sizeof MAGIC - 1)
#define HEAD_SIZE (MAGIC_SIZE + CRYPTO_DIGEST_SIZE)
#define NAME_SIZE (2 * CRYPTO_DIGEST_SIZE)
#define FILE_MAX (512u * 1024 * 1024)
#define KEPT 3 /* files of other rule sets that stay in the directory */

static void
hash_text(CryptoHash *hash, const char *text)
{
    crypto_hash_add(hash, text, strlen(text) + 1);
}

void
scan_cache_init(ScanCache *cache, const char *directory, const guint8 *key, const Scanner *scanner, const char *digest)
{
    hs_platform_info_t platform = {0};
    guint8 out[CRYPTO_DIGEST_SIZE];
    CryptoHash *hash = crypto_hash_new();
    hs_populate_platform(&platform);
    hash_text(hash, MAGIC);
    hash_text(hash, digest);
    hash_text(hash, fold_digest());
    hash_text(hash, hs_version());
    crypto_hash_add(hash, &platform, sizeof platform);
    for (guint i = 0; i < scanner->patterns->len; i++) {
        const ScanCompiled *pattern = &g_array_index(scanner->patterns, ScanCompiled, i);
        guint32 about[] = {pattern->id, (guint32)pattern->kind, (guint32)pattern->view};
        crypto_hash_add(hash, about, sizeof about);
        hash_text(hash, pattern->text);
    }
    crypto_hash_free(hash, out);
    *cache = (ScanCache){directory, key, crypto_hex(out, sizeof out)};
}

void
scan_cache_clear(ScanCache *cache)
{
    g_clear_pointer(&cache->name, g_free);
}

static char *
file_name(const ScanCache *cache)
{
    return g_strdup_printf("rules-%.32s.cache", cache->name);
}

/* Ours or root's, and nobody else may write it. */
static gboolean
is_private(int fd, mode_t type)
{
    struct stat status;
    return fstat(fd, &status) == 0 && (status.st_mode & S_IFMT) == type &&
           (status.st_uid == geteuid() || status.st_uid == 0) && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

/* -1 if the directory is not there, or not to be trusted (then it is said). */
static int
directory_open(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || is_private(fd, S_IFDIR))
        return fd;
    log_warn("rule cache %s is not used: others than this user and root may write the directory; chmod go-w it", path);
    close(fd);
    return -1;
}

static GBytes *
file_read(const ScanCache *cache, int directory)
{
    g_autofree char *name = file_name(cache);
    struct stat status;
    int fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    GBytes *bytes = NULL;
    if (fd < 0) {
        if (errno != ENOENT)
            log_info("rule cache %s/%s cannot be read: %s", cache->directory, name, g_strerror(errno));
        return NULL;
    }
    if (!is_private(fd, S_IFREG) || fstat(fd, &status) != 0) {
        log_warn("rule cache %s/%s is not used: others than this user and root may write it", cache->directory, name);
    } else if (status.st_size >= (off_t)(HEAD_SIZE + NAME_SIZE) && status.st_size <= (off_t)FILE_MAX) {
        gsize size = (gsize)status.st_size, got = 0;
        guint8 *data = g_malloc(size);
        for (gssize n = 1; got < size && n > 0; got += (gsize)MAX(n, 0))
            n = read(fd, data + got, size - got);
        bytes = g_bytes_new_take(data, got);
    }
    close(fd);
    return bytes;
}

static gboolean
mac_is_right(const ScanCache *cache, const guint8 *data, gsize size)
{
    guint8 mac[CRYPTO_DIGEST_SIZE];
    if (size < HEAD_SIZE + NAME_SIZE || memcmp(data, MAGIC, MAGIC_SIZE) != 0)
        return FALSE;
    crypto_hmac(cache->key, CRYPTO_KEY_SIZE, data + HEAD_SIZE, size - HEAD_SIZE, mac);
    return crypto_equal(mac, data + MAGIC_SIZE, sizeof mac) && memcmp(data + HEAD_SIZE, cache->name, NAME_SIZE) == 0;
}

static void
databases_free(Scanner *scanner)
{
    for (guint i = 0; i < scan_slots(scanner); i++) {
        hs_free_database(*scan_slot(scanner, i));
        *scan_slot(scanner, i) = NULL;
    }
}

static gboolean
databases_read(Scanner *scanner, const guint8 *data, gsize size)
{
    gsize at = HEAD_SIZE + NAME_SIZE;
    for (guint i = 0; i < scan_slots(scanner); i++) {
        guint64 length;
        if (size - at < sizeof length)
            return FALSE;
        memcpy(&length, data + at, sizeof length);
        length = GUINT64_FROM_LE(length);
        at += sizeof length;
        if (length > size - at)
            return FALSE;
        if (length > 0 && hs_deserialize_database((const char *)data + at, length, scan_slot(scanner, i)) != HS_SUCCESS)
            return FALSE;
        at += length;
    }
    return at == size;
}

gboolean
scan_cache_read(const ScanCache *cache, Scanner *scanner)
{
    int directory = directory_open(cache->directory);
    if (directory < 0)
        return FALSE;
    g_autoptr(GBytes) bytes = file_read(cache, directory);
    close(directory);
    if (bytes == NULL)
        return FALSE;
    gsize size;
    const guint8 *data = g_bytes_get_data(bytes, &size);
    if (!mac_is_right(cache, data, size)) {
        log_warn("a rule cache in %s does not carry our MAC: it is made anew", cache->directory);
        return FALSE;
    }
    if (databases_read(scanner, data, size))
        return TRUE;
    databases_free(scanner);
    log_warn("a rule cache in %s cannot be used with this library: it is made anew", cache->directory);
    return FALSE;
}

/* --- writing ----------------------------------------------------------------------------------------------------- */

/* NULL if Hyperscan cannot serialise. */
static GByteArray *
file_make(const ScanCache *cache, Scanner *scanner)
{
    GByteArray *file = g_byte_array_new();
    guint8 mac[CRYPTO_DIGEST_SIZE] = {0};
    g_byte_array_append(file, (const guint8 *)MAGIC, MAGIC_SIZE);
    g_byte_array_append(file, mac, sizeof mac);
    g_byte_array_append(file, (const guint8 *)cache->name, NAME_SIZE);
    for (guint i = 0; i < scan_slots(scanner); i++) {
        const hs_database_t *database = *scan_slot(scanner, i);
        char *bytes = NULL;
        size_t size = 0;
        if (database != NULL && hs_serialize_database(database, &bytes, &size) != HS_SUCCESS) {
            g_byte_array_unref(file);
            return NULL;
        }
        guint64 length = GUINT64_TO_LE((guint64)size);
        g_byte_array_append(file, (const guint8 *)&length, sizeof length);
        if (size > 0)
            g_byte_array_append(file, (const guint8 *)bytes, (guint)size);
        free(bytes); /* Hyperscan's allocator is malloc */
    }
    crypto_hmac(cache->key, CRYPTO_KEY_SIZE, file->data + HEAD_SIZE, file->len - HEAD_SIZE, mac);
    memcpy(file->data + MAGIC_SIZE, mac, sizeof mac);
    return file;
}

static gboolean
file_write(int directory, const char *name, const GByteArray *file)
{
    guint8 random[8];
    crypto_random(random, sizeof random);
    g_autofree char *hex = crypto_hex(random, sizeof random);
    g_autofree char *temporary = g_strconcat(".", hex, ".tmp", NULL);
    int fd = openat(directory, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return FALSE;
    gsize at = 0;
    for (gssize n = 1; at < file->len && n > 0; at += (gsize)MAX(n, 0))
        n = write(fd, file->data + at, file->len - at);
    gboolean fine = at == file->len && fdatasync(fd) == 0;
    fine = close(fd) == 0 && fine && renameat(directory, temporary, directory, name) == 0;
    if (!fine)
        unlinkat(directory, temporary, 0);
    return fine;
}

typedef struct {
    char *name;
    gint64 changed;
} OldFile;

static void
old_clear(gpointer data)
{
    g_free(((OldFile *)data)->name);
}

static gint
newest_first(gconstpointer a, gconstpointer b)
{
    gint64 left = ((const OldFile *)a)->changed, right = ((const OldFile *)b)->changed;
    return left < right ? 1 : left > right ? -1 : 0;
}

/* Every change of a rule leaves a file behind: a few are kept for going back, the rest go. */
static void
old_remove(const ScanCache *cache, int directory, const char *current)
{
    g_autoptr(GArray) old = g_array_new(FALSE, FALSE, sizeof(OldFile));
    g_autoptr(GDir) list = g_dir_open(cache->directory, 0, NULL);
    g_array_set_clear_func(old, old_clear);
    for (const char *name; list != NULL && (name = g_dir_read_name(list)) != NULL;) {
        struct stat status;
        if (!g_str_has_prefix(name, "rules-") || !g_str_has_suffix(name, ".cache") || strcmp(name, current) == 0 ||
            fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        OldFile one = {g_strdup(name), (gint64)status.st_mtim.tv_sec * 1000000000 + status.st_mtim.tv_nsec};
        g_array_append_val(old, one);
    }
    g_array_sort(old, newest_first);
    for (guint i = KEPT; i < old->len; i++)
        unlinkat(directory, g_array_index(old, OldFile, i).name, 0);
}

void
scan_cache_write(const ScanCache *cache, Scanner *scanner)
{
    int directory = directory_open(cache->directory);
    if (directory < 0)
        return;
    g_autofree char *name = file_name(cache);
    GByteArray *file = file_make(cache, scanner);
    if (file == NULL || !file_write(directory, name, file))
        log_info("rule cache %s/%s is not written: %s", cache->directory, name, g_strerror(errno));
    else
        old_remove(cache, directory, name);
    if (file != NULL)
        g_byte_array_unref(file);
    close(directory);
}
