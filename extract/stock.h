/* stock - the readers that are alive: those that wait behind their walls, and those that were given away.
 *
 * Keeps a number of readers ready, forks others as they are given, ends those that live too long or whose other end was
 * closed, and tells the log what each died of. Single-threaded; the caller polls what stock_watch() names and calls
 * stock_tend() after each poll.
 */
#pragma once
#include "cell.h"

typedef struct {
    CellPlan plan;
    guint ready;    /* readers that wait */
    guint most;     /* readers alive, waiting or not */
    gint64 time_us; /* from being given to being killed, by the clock on the wall */
} StockOptions;

typedef struct Stock Stock;
/* Prepares; forks nobody yet. */
Stock *stock_new(const StockOptions *options, GError **error);
/* Kills and buries everybody. */
void stock_free(Stock *stock);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Stock, stock_free)

/* Adds what must be polled to `polled` (struct pollfd), and gives when stock_tend() is due without that: monotonic
 * microseconds, -1 never. */
gint64 stock_watch(const Stock *stock, GArray *polled);
/* Hears who is ready, buries the dead, kills the old, forks what is missing. */
void stock_tend(Stock *stock);
/* Whether somebody is ready. */
gboolean stock_has(const Stock *stock);
/* The socket of a ready reader, now the caller's; -1 if nobody is ready. */
int stock_take(Stock *stock);
/* Why nobody will be ready soon; NULL: somebody will. Lent until the next stock_tend(). */
const char *stock_trouble(const Stock *stock);
