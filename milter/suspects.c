/* A hash table of digests and a queue of the same in order of arrival. */
#include "config.h"
#include "suspects.h"
#include <string.h>

#define SHORT_BODY 512

typedef struct {
    guint8 digest[CRYPTO_DIGEST_SIZE];
    guint count;
} Suspect;

struct Suspects {
    guint8 key[CRYPTO_KEY_SIZE];
    GMutex lock;       /* guards the two below */
    GHashTable *known; /* Suspect to itself */
    GQueue order;      /* Suspect, the oldest first */
    gint length;       /* atomic copy of the table's size */
};

static guint
hash_digest(gconstpointer suspect)
{
    guint value;
    memcpy(&value, ((const Suspect *)suspect)->digest, sizeof value);
    return value;
}

static gboolean
equal_digest(gconstpointer a, gconstpointer b)
{
    return memcmp(((const Suspect *)a)->digest, ((const Suspect *)b)->digest, CRYPTO_DIGEST_SIZE) == 0;
}

Suspects *
suspects_new(void)
{
    Suspects *suspects = g_new0(Suspects, 1);
    crypto_random(suspects->key, sizeof suspects->key);
    g_mutex_init(&suspects->lock);
    suspects->known = g_hash_table_new_full(hash_digest, equal_digest, g_free, NULL);
    g_queue_init(&suspects->order);
    return suspects;
}

void
suspects_free(Suspects *suspects)
{
    if (suspects == NULL)
        return;
    g_queue_clear(&suspects->order);
    g_hash_table_unref(suspects->known);
    g_mutex_clear(&suspects->lock);
    g_free(suspects);
}

gboolean
suspects_is_empty(Suspects *suspects)
{
    return g_atomic_int_get(&suspects->length) == 0;
}

gboolean
suspects_digest(Suspects *suspects, GMimeStream *letter, gint64 from, guint8 out[CRYPTO_DIGEST_SIZE])
{
    gint64 length = g_mime_stream_length(letter);
    if (length - from < SHORT_BODY)
        from = 0;
    if (length < 0 || g_mime_stream_seek(letter, from, GMIME_STREAM_SEEK_SET) < 0)
        return FALSE;
    g_autofree char *buffer = g_malloc(64 * 1024);
    CryptoHash *hash = crypto_hash_new();
    crypto_hash_add(hash, suspects->key, sizeof suspects->key);
    gssize got;
    while ((got = g_mime_stream_read(letter, buffer, 64 * 1024)) > 0)
        crypto_hash_add(hash, buffer, (gsize)got);
    crypto_hash_free(hash, out);
    return got == 0;
}

guint
suspects_count(Suspects *suspects, const guint8 digest[CRYPTO_DIGEST_SIZE])
{
    Suspect wanted = {.count = 0};
    memcpy(wanted.digest, digest, CRYPTO_DIGEST_SIZE);
    g_mutex_lock(&suspects->lock);
    const Suspect *found = g_hash_table_lookup(suspects->known, &wanted);
    guint count = found != NULL ? found->count : 0;
    g_mutex_unlock(&suspects->lock);
    return count;
}

/* With the lock held. */
static Suspect *
enter(Suspects *suspects, const guint8 digest[CRYPTO_DIGEST_SIZE])
{
    if (g_queue_get_length(&suspects->order) >= SUSPECTS_MAX)
        g_hash_table_remove(suspects->known, g_queue_pop_head(&suspects->order));
    Suspect *suspect = g_new0(Suspect, 1);
    memcpy(suspect->digest, digest, CRYPTO_DIGEST_SIZE);
    g_hash_table_add(suspects->known, suspect);
    g_queue_push_tail(&suspects->order, suspect);
    g_atomic_int_set(&suspects->length, (gint)g_queue_get_length(&suspects->order));
    return suspect;
}

guint
suspects_add(Suspects *suspects, const guint8 digest[CRYPTO_DIGEST_SIZE])
{
    Suspect wanted = {.count = 0};
    memcpy(wanted.digest, digest, CRYPTO_DIGEST_SIZE);
    g_mutex_lock(&suspects->lock);
    Suspect *suspect = g_hash_table_lookup(suspects->known, &wanted);
    if (suspect == NULL)
        suspect = enter(suspects, digest);
    guint count = ++suspect->count;
    g_mutex_unlock(&suspects->lock);
    return count;
}
