/* notice_spool - notices that wait, one small file each, so that a gate that is killed loses none.
 *
 * notice_spool_put() renames into place without waiting for the disk: what a process wrote outlives it, and an answer
 * to Postfix must not wait for a courtesy. notice_spool_settle() waits, for the thread that sends; between the two a
 * power cut may take the notice, never the record it tells of. A file holds kind, problem, recipient, record id, time
 * and the values account, date, to and until; nothing else of a letter comes in. For one thread at a time per notice.
 */
#pragma once
#include "notice.h"

#define NOTICE_FILE_MAX 8192 /* bytes */

typedef struct {
    Notice notice; /* owns what it points to */
    char *file;    /* its name in the directory; NULL: it has none */
    gboolean durable;
    gint64 since_us; /* monotonic: taken */
} KeptNotice;

/* Copies; of the values only those that are kept. */
KeptNotice *kept_notice_new(const Notice *notice, gint64 now_us);
void kept_notice_free(KeptNotice *kept);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KeptNotice, kept_notice_free)

/* Writes it; the directory is made when absent. FALSE with error: it is in memory only. */
gboolean notice_spool_put(const char *directory, KeptNotice *kept, GError **error);
/* Waits until it is on the disk. FALSE: it may not be. */
gboolean notice_spool_settle(const char *directory, KeptNotice *kept);
void notice_spool_drop(const char *directory, KeptNotice *kept);
/* All that are there, the oldest first, `most` of them at most; what is no notice of ours is removed and logged. Gives
 * KeptNotice; none if there is no directory. *left_out: how many were removed unread since there were too many. */
GPtrArray *notice_spool_read(const char *directory, guint most, gint64 now_us, guint *left_out);
