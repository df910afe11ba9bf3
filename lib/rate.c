/* One window for each name; those that are over make room when it is needed. */
#include "config.h"
#include "rate.h"
#include "clock.h"

typedef struct {
    gint64 since_us;
    guint count;
} Window;

struct Rate {
    guint tries, names;
    gint64 span_us;
    GMutex lock;
    GHashTable *windows; /* name: Window */
};

Rate *
rate_new(guint tries, gint64 span_us, guint names)
{
    Rate *rate = g_new0(Rate, 1);
    rate->tries = tries;
    rate->span_us = span_us;
    rate->names = names;
    g_mutex_init(&rate->lock);
    rate->windows = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return rate;
}

void
rate_free(Rate *rate)
{
    if (rate == NULL)
        return;
    g_hash_table_unref(rate->windows);
    g_mutex_clear(&rate->lock);
    g_free(rate);
}

static void
make_room(Rate *rate, gint64 now_us)
{
    GHashTableIter iter;
    gpointer window;
    g_hash_table_iter_init(&iter, rate->windows);
    while (g_hash_table_iter_next(&iter, NULL, &window))
        if (now_us - ((const Window *)window)->since_us >= rate->span_us)
            g_hash_table_iter_remove(&iter);
}

static Window *
window_of(Rate *rate, const char *name, gint64 now_us)
{
    Window *window = g_hash_table_lookup(rate->windows, name);
    if (window != NULL)
        return window;
    if (g_hash_table_size(rate->windows) >= rate->names)
        make_room(rate, now_us);
    if (g_hash_table_size(rate->windows) >= rate->names)
        return NULL;
    window = g_new0(Window, 1);
    window->since_us = now_us;
    g_hash_table_insert(rate->windows, g_strdup(name), window);
    return window;
}

gboolean
rate_take(Rate *rate, const char *name)
{
    const gint64 now = clock_monotonic_us();
    g_mutex_lock(&rate->lock);
    Window *window = window_of(rate, name, now);
    if (window != NULL && now - window->since_us >= rate->span_us)
        *window = (Window){now, 0};
    const gboolean taken = window != NULL && window->count < rate->tries;
    if (taken)
        window->count++;
    g_mutex_unlock(&rate->lock);
    return taken;
}
