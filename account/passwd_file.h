/* passwd_file - one password of a Dovecot passwd-file is replaced, everything else stays byte for byte.
 *
 * The file is locked (flock), so that two changes at once do not lose one; the new one is written beside it with mode
 * and owner of the old and a later time, forced to the disk, and takes its place by rename. A symbolic link is
 * followed. */
#pragma once
#include <glib.h>

#define PASSWD_FILE_BYTES_MAX (32 * 1024 * 1024)

typedef struct PasswdFile PasswdFile;
/* Locks and reads. Errors: NO_INPUT (no such file, no such account), PERMISSION, IO, DATA (too big, the account is
 * there twice). Gives. */
PasswdFile *passwd_file_open(const char *path, const char *account, GError **error);
void passwd_file_free(PasswdFile *file); /* without commit: the file is as it was */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PasswdFile, passwd_file_free)

const char *passwd_file_stored(const PasswdFile *file); /* what is stored for the account; lends */
/* Writes the new file beside the old one, durably. `stored` has neither ":" nor control characters (else USAGE). */
gboolean passwd_file_prepare(PasswdFile *file, const char *stored, GError **error);
/* Puts it in the old one's place. */
gboolean passwd_file_commit(PasswdFile *file, GError **error);
