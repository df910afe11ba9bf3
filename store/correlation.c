/* One table by digest and one queue by age; a letter has one entry for its Message-ID and one for its body. */
#include "config.h"
#include "correlation.h"
#include <string.h>

#define NAME_SIZE CORRELATION_NAME_SIZE

typedef struct {
    guint8 name[NAME_SIZE];
    gint64 until_us;
    GArray *told; /* guint64 names of recipients; NULL: nobody told */
    gboolean told_all;
    GList link;    /* in the queue */
    GList changed; /* in the queue of those that changed, if is_changed */
    gboolean is_changed;
} Entry;

struct Correlation {
    guint8 key[CRYPTO_KEY_SIZE];
    GMutex lock; /* guards what follows */
    GHashTable *entries;
    GQueue queue;   /* Entry.link, that which was renewed last at the tail */
    GQueue changed; /* Entry.changed */
};

static guint
name_hash(gconstpointer name)
{
    guint hash;
    memcpy(&hash, name, sizeof hash);
    return hash;
}

static gboolean
name_equal(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, NAME_SIZE) == 0;
}

static void
entry_free(gpointer data)
{
    Entry *entry = data;
    if (entry->told != NULL)
        g_array_unref(entry->told);
    g_free(entry);
}

Correlation *
correlation_new(const guint8 key[CRYPTO_KEY_SIZE])
{
    Correlation *correlation = g_new0(Correlation, 1);
    memcpy(correlation->key, key, CRYPTO_KEY_SIZE);
    g_mutex_init(&correlation->lock);
    g_queue_init(&correlation->queue);
    g_queue_init(&correlation->changed);
    correlation->entries = g_hash_table_new_full(name_hash, name_equal, NULL, entry_free);
    return correlation;
}

void
correlation_free(Correlation *correlation)
{
    if (correlation == NULL)
        return;
    g_hash_table_unref(correlation->entries); /* the links of the queue lie in the entries */
    g_mutex_clear(&correlation->lock);
    crypto_wipe(correlation->key, sizeof correlation->key);
    g_free(correlation);
}

/* What the digest is of is part of it, so that a Message-ID is never taken for a body or an address. */
static void
digest(const Correlation *correlation, char kind, const void *data, gsize length, guint8 out[CRYPTO_DIGEST_SIZE])
{
    g_autoptr(GByteArray) bytes = g_byte_array_sized_new((guint)length + 1);
    g_byte_array_append(bytes, (const guint8 *)&kind, 1);
    g_byte_array_append(bytes, data, (guint)length);
    crypto_hmac(correlation->key, CRYPTO_KEY_SIZE, bytes->data, bytes->len, out);
}

typedef struct {
    CorrelationSeen seen;
    guint8 name[CRYPTO_DIGEST_SIZE];
} Name;

static guint
names_of(const Correlation *correlation, const CorrelationLetter *letter, Name names[2])
{
    guint count = 0;
    gsize length = letter->message_id != NULL ? strlen(letter->message_id) : 0;
    if (length > 0 && length <= CORRELATION_MESSAGE_ID_MAX) {
        names[count].seen = CORRELATION_MESSAGE_ID;
        digest(correlation, 'm', letter->message_id, length, names[count++].name);
    }
    if (letter->body != NULL) {
        names[count].seen = CORRELATION_BODY;
        digest(correlation, 'b', letter->body, CRYPTO_DIGEST_SIZE, names[count++].name);
    }
    return count;
}

static guint64
recipient_name(const Correlation *correlation, const char *address)
{
    guint8 whole[CRYPTO_DIGEST_SIZE];
    guint64 name;
    digest(correlation, 'r', address, strlen(address), whole);
    memcpy(&name, whole, sizeof name);
    return name;
}

/* --- with the lock held ------------------------------------------------------------------------------------------ */

static void
mark(Correlation *correlation, Entry *entry)
{
    if (!entry->is_changed)
        g_queue_push_tail_link(&correlation->changed, &entry->changed);
    entry->is_changed = TRUE;
}

static void
unmark(Correlation *correlation, Entry *entry)
{
    if (entry->is_changed)
        g_queue_unlink(&correlation->changed, &entry->changed);
    entry->is_changed = FALSE;
}

static void
drop_oldest(Correlation *correlation)
{
    Entry *entry = correlation->queue.head->data;
    g_queue_unlink(&correlation->queue, &entry->link);
    unmark(correlation, entry);
    g_hash_table_remove(correlation->entries, entry->name);
}

static void
expire(Correlation *correlation, gint64 now_us)
{
    while (correlation->queue.head != NULL && ((const Entry *)correlation->queue.head->data)->until_us <= now_us)
        drop_oldest(correlation);
}

static Entry *
find(const Correlation *correlation, const guint8 *name, gint64 now_us)
{
    Entry *entry = g_hash_table_lookup(correlation->entries, name);
    return entry != NULL && entry->until_us > now_us ? entry : NULL;
}

/* The same letter may come for several users, one after the other: who was told stays told. */
static Entry *
renew(Correlation *correlation, const guint8 *name, gint64 until_us)
{
    Entry *entry = g_hash_table_lookup(correlation->entries, name);
    if (entry == NULL) {
        if (g_hash_table_size(correlation->entries) >= CORRELATION_MAX)
            drop_oldest(correlation);
        entry = g_new0(Entry, 1);
        memcpy(entry->name, name, NAME_SIZE);
        entry->link.data = entry;
        entry->changed.data = entry;
        g_hash_table_insert(correlation->entries, entry->name, entry);
    } else {
        g_queue_unlink(&correlation->queue, &entry->link);
    }
    entry->until_us = until_us;
    g_queue_push_tail_link(&correlation->queue, &entry->link);
    return entry;
}

static gboolean
is_told(const Entry *entry, guint64 recipient)
{
    for (guint i = 0; entry->told != NULL && i < entry->told->len; i++)
        if (g_array_index(entry->told, guint64, i) == recipient)
            return TRUE;
    return entry->told_all;
}

static void
tell(Entry *entry, const guint64 *recipients, guint count)
{
    if (entry->told == NULL)
        entry->told = g_array_new(FALSE, FALSE, sizeof(guint64));
    if (entry->told->len + count > CORRELATION_TOLD_MAX)
        entry->told_all = TRUE;
    else
        g_array_append_vals(entry->told, recipients, count);
}

/* ------------------------------------------------------------------------------------------------------------------ */

void
correlation_delivered(Correlation *correlation, const CorrelationLetter *letter, gint64 now_us, gint64 window_us)
{
    Name names[2];
    guint count = names_of(correlation, letter, names);
    g_mutex_lock(&correlation->lock);
    expire(correlation, now_us);
    for (guint i = 0; i < count && window_us > 0; i++)
        mark(correlation, renew(correlation, names[i].name, now_us + window_us));
    g_mutex_unlock(&correlation->lock);
}

static guint64 *
recipient_names(const Correlation *correlation, const GPtrArray *recipients)
{
    guint64 *names = g_new(guint64, recipients->len + 1);
    for (guint i = 0; i < recipients->len; i++)
        names[i] = recipient_name(correlation, g_ptr_array_index(recipients, i));
    return names;
}

void
correlation_told(Correlation *correlation, const CorrelationLetter *letter, const GPtrArray *recipients, gint64 now_us)
{
    Name names[2];
    guint count = names_of(correlation, letter, names);
    g_autofree guint64 *told = recipient_names(correlation, recipients);
    g_mutex_lock(&correlation->lock);
    for (guint i = 0; i < count; i++) {
        Entry *entry = find(correlation, names[i].name, now_us);
        if (entry == NULL)
            continue;
        tell(entry, told, recipients->len);
        mark(correlation, entry);
    }
    g_mutex_unlock(&correlation->lock);
}

guint
correlation_leaving(Correlation *correlation, const CorrelationLetter *letter, const GPtrArray *recipients,
                    gint64 now_us)
{
    Name names[2];
    guint seen = 0, count = names_of(correlation, letter, names);
    g_autofree guint64 *leaving = recipient_names(correlation, recipients);
    g_mutex_lock(&correlation->lock);
    for (guint i = 0; i < count; i++) {
        const Entry *entry = find(correlation, names[i].name, now_us);
        for (guint j = 0; entry != NULL && j < recipients->len; j++)
            if (!is_told(entry, leaving[j]))
                seen |= names[i].seen;
    }
    g_mutex_unlock(&correlation->lock);
    return seen;
}

guint
correlation_count(Correlation *correlation)
{
    g_mutex_lock(&correlation->lock);
    guint count = g_hash_table_size(correlation->entries);
    g_mutex_unlock(&correlation->lock);
    return count;
}

/* --- over a restart ---------------------------------------------------------------------------------------------- */

void
correlation_entry_clear(CorrelationEntry *entry)
{
    g_clear_pointer(&entry->told, g_array_unref);
}

static void
clear_entry(gpointer entry)
{
    correlation_entry_clear(entry);
}

GArray *
correlation_take_changes(Correlation *correlation, guint most)
{
    GArray *changes = g_array_new(FALSE, FALSE, sizeof(CorrelationEntry));
    g_array_set_clear_func(changes, clear_entry);
    g_mutex_lock(&correlation->lock);
    while (changes->len < most && correlation->changed.head != NULL) {
        Entry *entry = correlation->changed.head->data;
        CorrelationEntry copy = {.until_us = entry->until_us, .told_all = entry->told_all};
        memcpy(copy.name, entry->name, NAME_SIZE);
        copy.told = entry->told != NULL ? g_array_copy(entry->told) : NULL;
        g_array_append_val(changes, copy);
        unmark(correlation, entry);
    }
    g_mutex_unlock(&correlation->lock);
    return changes;
}

void
correlation_give_back(Correlation *correlation, const GArray *changes)
{
    g_mutex_lock(&correlation->lock);
    for (guint i = 0; i < changes->len; i++) {
        Entry *entry = g_hash_table_lookup(correlation->entries, g_array_index(changes, CorrelationEntry, i).name);
        if (entry != NULL)
            mark(correlation, entry);
    }
    g_mutex_unlock(&correlation->lock);
}

void
correlation_restore(Correlation *correlation, const CorrelationEntry *entry)
{
    g_mutex_lock(&correlation->lock);
    Entry *kept = renew(correlation, entry->name, entry->until_us);
    kept->told_all = entry->told_all;
    if (entry->told != NULL && entry->told->len > 0)
        tell(kept, (const guint64 *)(const void *)entry->told->data, entry->told->len);
    g_mutex_unlock(&correlation->lock);
}
