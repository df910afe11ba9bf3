/* rate - at most so many tries of each name in a span of time.
 *
 * A span begins with the first try of a name. The names remembered are bounded: while there is no room, a name that is
 * not remembered has no try, so that many names are no way round. Thread-safe. */
#pragma once
#include <glib.h>

typedef struct Rate Rate;
Rate *rate_new(guint tries, gint64 span_us, guint names);
void rate_free(Rate *rate); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Rate, rate_free)
/* FALSE: it was one too many. */
gboolean rate_take(Rate *rate, const char *name);
