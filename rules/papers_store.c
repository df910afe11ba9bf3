/* papers_store - register and key as files of the gate, or of an officer's machine. */
#include "config.h"
#include "errors.h"
#include "papers.h"
#include "process.h"
#include <errno.h>
#include <glib/gi18n.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define REGISTER_MODE 0600

char *
papers_key_path(const char *path)
{
    return g_strconcat(path, ".key", NULL);
}

gboolean
papers_key_read(const char *path, FingerprintKey *key_out, GError **error)
{
    guint8 secret[CRYPTO_KEY_SIZE];
    if (!crypto_key_read(path, secret, error))
        return FALSE;
    fingerprint_key_make(secret, key_out);
    crypto_wipe(secret, sizeof secret);
    return TRUE;
}

/* What root writes into the gate's directory must be the gate's. */
static gboolean
give_away(const char *path, GError **error)
{
    g_autofree char *directory = g_path_get_dirname(path);
    struct stat info;
    if (geteuid() != 0)
        return TRUE;
    if (stat(directory, &info) == 0 && (info.st_uid == 0 || lchown(path, info.st_uid, info.st_gid) == 0))
        return TRUE;
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_IO, _("%s cannot be given to the owner of its directory: %s"), path,
                g_strerror(errno));
    return FALSE;
}

gboolean
papers_key_make(const char *path, GError **error)
{
    guint8 secret[CRYPTO_KEY_SIZE];
    if (g_file_test(path, G_FILE_TEST_EXISTS))
        return TRUE;
    gboolean good = crypto_key_load(path, secret, error) && give_away(path, error);
    crypto_wipe(secret, sizeof secret);
    return good;
}

gboolean
papers_save(const GByteArray *bytes, const char *path, GError **error)
{
    return process_write_file(path, bytes->data, bytes->len, REGISTER_MODE, error) && give_away(path, error);
}

int
papers_open(const char *path, Papers **papers_out, FingerprintKey *key_out, GError **error)
{
    g_autofree char *key_path = papers_key_path(path);
    g_autoptr(GError) no_key = NULL, no_papers = NULL;
    *papers_out = NULL;
    gboolean keyed = papers_key_read(key_path, key_out, &no_key);
    if (keyed)
        *papers_out = papers_load(path, key_out, &no_papers);
    if (*papers_out != NULL)
        return 1;
    gboolean absent =
        keyed ? g_error_matches(no_papers, HANGU_ERROR, HANGU_ERROR_NO_INPUT)
              : g_error_matches(no_key, HANGU_ERROR, HANGU_ERROR_NO_INPUT) && !g_file_test(path, G_FILE_TEST_EXISTS);
    if (absent)
        return 0; /* a key alone waits for its first paper */
    g_propagate_error(error, keyed ? g_steal_pointer(&no_papers) : g_steal_pointer(&no_key));
    return -1;
}
