/* One table by digest and one queue by use; a pair has its days in order, few of them. */
#include "config.h"
#include "history.h"
#include <string.h>

typedef struct {
    guint day, letters;
    gboolean changed;
} Day;

typedef struct {
    guint8 name[HISTORY_NAME_SIZE];
    GArray *days; /* Day, the oldest first */
    GList link;   /* in the queue */
    GList changed;
    gboolean is_changed;
} Pair;

struct History {
    guint8 key[CRYPTO_KEY_SIZE];
    GMutex lock; /* guards what follows */
    guint retention;
    GHashTable *pairs;
    GQueue queue;   /* Pair.link, that which was used last at the tail */
    GQueue changed; /* Pair.changed */
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
    return memcmp(a, b, HISTORY_NAME_SIZE) == 0;
}

static void
pair_free(gpointer data)
{
    Pair *pair = data;
    g_array_unref(pair->days);
    g_free(pair);
}

History *
history_new(const guint8 key[CRYPTO_KEY_SIZE])
{
    History *history = g_new0(History, 1);
    memcpy(history->key, key, CRYPTO_KEY_SIZE);
    g_mutex_init(&history->lock);
    g_queue_init(&history->queue);
    g_queue_init(&history->changed);
    history->pairs = g_hash_table_new_full(name_hash, name_equal, NULL, pair_free);
    return history;
}

void
history_free(History *history)
{
    if (history == NULL)
        return;
    g_hash_table_unref(history->pairs); /* the links of the queues lie in the pairs */
    g_mutex_clear(&history->lock);
    crypto_wipe(history->key, sizeof history->key);
    g_free(history);
}

/* The account ends with its NUL, so that no two pairs are one text. */
static void
name_of(const History *history, const char *account, const char *address, guint8 name[CRYPTO_DIGEST_SIZE])
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_byte_array_append(bytes, (const guint8 *)account, (guint)strlen(account) + 1);
    g_byte_array_append(bytes, (const guint8 *)address, (guint)strlen(address));
    crypto_hmac(history->key, CRYPTO_KEY_SIZE, bytes->data, bytes->len, name);
}

guint
history_day(gint64 wall_us)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_local(wall_us / G_USEC_PER_SEC);
    int year = 1, month = 1, day = 1;
    GDate date;
    if (time == NULL)
        return 0;
    g_date_time_get_ymd(time, &year, &month, &day);
    g_date_clear(&date, 1);
    g_date_set_dmy(&date, (GDateDay)day, (GDateMonth)month, (GDateYear)year);
    return g_date_get_julian(&date);
}

/* --- with the lock held ------------------------------------------------------------------------------------------ */

static void
mark(History *history, Pair *pair, Day *day)
{
    day->changed = TRUE;
    if (!pair->is_changed)
        g_queue_push_tail_link(&history->changed, &pair->changed);
    pair->is_changed = TRUE;
}

static void
unmark(History *history, Pair *pair)
{
    if (pair->is_changed)
        g_queue_unlink(&history->changed, &pair->changed);
    pair->is_changed = FALSE;
}

static void
drop(History *history, Pair *pair)
{
    g_queue_unlink(&history->queue, &pair->link);
    unmark(history, pair);
    g_hash_table_remove(history->pairs, pair->name);
}

/* The pair, at the tail of the queue; made if there is none. */
static Pair *
use(History *history, const guint8 *name)
{
    Pair *pair = g_hash_table_lookup(history->pairs, name);
    if (pair != NULL) {
        g_queue_unlink(&history->queue, &pair->link);
    } else {
        if (g_hash_table_size(history->pairs) >= HISTORY_MAX)
            drop(history, history->queue.head->data);
        pair = g_new0(Pair, 1);
        memcpy(pair->name, name, HISTORY_NAME_SIZE);
        pair->days = g_array_new(FALSE, TRUE, sizeof(Day));
        pair->link.data = pair;
        pair->changed.data = pair;
        g_hash_table_insert(history->pairs, pair->name, pair);
    }
    g_queue_push_tail_link(&history->queue, &pair->link);
    return pair;
}

/* A day that is over the retention, seen from `today`. */
static gboolean
is_old(const History *history, guint day, guint today)
{
    return (guint64)day + history->retention <= today;
}

/* The day in a pair; a clock that went back counts for the last day that there is. */
static Day *
day_of(History *history, Pair *pair, guint number)
{
    guint old = 0;
    while (old < pair->days->len && is_old(history, g_array_index(pair->days, Day, old).day, number))
        old++;
    if (old > 0)
        g_array_remove_range(pair->days, 0, old);
    Day *last = pair->days->len > 0 ? &g_array_index(pair->days, Day, pair->days->len - 1) : NULL;
    if (last != NULL && last->day >= number)
        return last;
    const Day fresh = {.day = number};
    g_array_append_val(pair->days, fresh);
    return &g_array_index(pair->days, Day, pair->days->len - 1);
}

/* ------------------------------------------------------------------------------------------------------------------ */

void
history_retain(History *history, guint days)
{
    g_mutex_lock(&history->lock);
    history->retention = MIN(days, HISTORY_DAYS_MAX);
    while (days == 0 && history->queue.head != NULL)
        drop(history, history->queue.head->data);
    g_mutex_unlock(&history->lock);
}

guint
history_retention(History *history)
{
    g_mutex_lock(&history->lock);
    guint days = history->retention;
    g_mutex_unlock(&history->lock);
    return days;
}

void
history_add(History *history, const char *account, const char *address, gint64 wall_us)
{
    guint8 name[CRYPTO_DIGEST_SIZE];
    name_of(history, account, address, name);
    guint today = history_day(wall_us);
    g_mutex_lock(&history->lock);
    if (history->retention > 0) {
        Pair *pair = use(history, name);
        Day *day = day_of(history, pair, today);
        day->letters++;
        mark(history, pair, day);
    }
    g_mutex_unlock(&history->lock);
}

HistoryCount
history_count(History *history, const char *account, const char *address, gint64 wall_us)
{
    guint8 name[CRYPTO_DIGEST_SIZE];
    HistoryCount count = {0};
    name_of(history, account, address, name);
    guint today = history_day(wall_us);
    g_mutex_lock(&history->lock);
    const Pair *pair = g_hash_table_lookup(history->pairs, name);
    for (guint i = 0; pair != NULL && i < pair->days->len; i++) {
        const Day *day = &g_array_index(pair->days, Day, i);
        if (is_old(history, day->day, today))
            continue;
        count.letters += day->letters;
        count.days++;
        count.today |= day->day >= today;
    }
    g_mutex_unlock(&history->lock);
    return count;
}

guint
history_pairs(History *history)
{
    g_mutex_lock(&history->lock);
    guint count = g_hash_table_size(history->pairs);
    g_mutex_unlock(&history->lock);
    return count;
}

/* --- over a restart ---------------------------------------------------------------------------------------------- */

GArray *
history_take_changes(History *history, guint most)
{
    GArray *changes = g_array_new(FALSE, FALSE, sizeof(HistoryEntry));
    g_mutex_lock(&history->lock);
    while (changes->len < most && history->changed.head != NULL) {
        Pair *pair = history->changed.head->data;
        for (guint i = 0; i < pair->days->len; i++) {
            Day *day = &g_array_index(pair->days, Day, i);
            HistoryEntry entry = {.day = day->day, .letters = day->letters};
            memcpy(entry.name, pair->name, HISTORY_NAME_SIZE);
            if (day->changed)
                g_array_append_val(changes, entry);
            day->changed = FALSE;
        }
        unmark(history, pair);
    }
    g_mutex_unlock(&history->lock);
    return changes;
}

void
history_give_back(History *history, const GArray *changes)
{
    g_mutex_lock(&history->lock);
    for (guint i = 0; i < changes->len; i++) {
        const HistoryEntry *entry = &g_array_index(changes, HistoryEntry, i);
        Pair *pair = g_hash_table_lookup(history->pairs, entry->name);
        for (guint k = 0; pair != NULL && k < pair->days->len; k++)
            if (g_array_index(pair->days, Day, k).day == entry->day)
                mark(history, pair, &g_array_index(pair->days, Day, k));
    }
    g_mutex_unlock(&history->lock);
}

void
history_restore(History *history, const HistoryEntry *entry)
{
    g_mutex_lock(&history->lock);
    Pair *pair = use(history, entry->name);
    const Day day = {.day = entry->day, .letters = entry->letters};
    if (pair->days->len < HISTORY_DAYS_MAX)
        g_array_append_val(pair->days, day);
    g_mutex_unlock(&history->lock);
}
