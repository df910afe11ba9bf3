/* event_mark - how many events were taken and how many of them the ledger has, in a file that outlives the process.
 *
 * The counters lie in memory that is shared with the file. A process that is killed leaves them as they were; a machine
 * that fell leaves only that something may be missing. Not thread-safe. */
#pragma once
#include <glib.h>

/* How it ended before. */
typedef enum {
    EVENT_MARK_FIRST,   /* there was no file */
    EVENT_MARK_STOPPED, /* by order */
    EVENT_MARK_KILLED,
    EVENT_MARK_FELL, /* with the machine, or the file is damaged: nobody knows how many are missing */
} EventMarkEnd;

typedef struct EventMark EventMark;
/* `missing_out`: events that were taken and not told; at most so many are not in the ledger. They stay taken until
 * event_mark_told() has them. NULL with error: the file cannot be made. */
EventMark *event_mark_open(const char *path, EventMarkEnd *end_out, guint64 *missing_out, GError **error);
void event_mark_taken(EventMark *mark, guint64 events); /* NULL is fine, as below */
void event_mark_told(EventMark *mark, guint64 events);
void event_mark_close(EventMark *mark);
