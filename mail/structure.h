/* structure - one reading of a letter: GMime's tree of a stream becomes parts of the flat list.
 *
 * The same function opens the letter itself, letters inside it, encoded containers, and doubtful structures once more
 * under other assumptions (`prefix`). Openings per letter are limited (STRUCTURE_OPENINGS_MAX) and so is their depth
 * (STRUCTURE_LEVELS_MAX): beyond that the bytes become a raw part that is partial, over-budget. */
#pragma once
#include "message.h"
#include "settings.h"

#define STRUCTURE_LEVELS_MAX 8
#define STRUCTURE_OPENINGS_MAX 64

typedef struct {
    Message *message;
    const Settings *settings;
    GMimeStream *source; /* lent */
    gint64 from;         /* where in it to begin */
    const char *prefix;  /* header lines put before it, with their empty line; NULL: the source begins with headers */
    guint parent;        /* index of the part that this belongs to; it gets the headers of the letter found */
    guint level;         /* 0: the letter itself */
    gboolean is_reading; /* the parts are another reading of bytes that other parts have too */
} Opening;

/* Appends the parts found. FALSE only for I/O errors of the source. */
gboolean structure_open(const Opening *opening, GError **error);

/* Adds a part below `parent`; number and path are made here. number: "2", "p", "e", "r1". Lends; never NULL. */
Part *structure_add(Message *message, PartKind kind, guint parent, const char *number);
/* Names a part (NULL: none); its path follows. */
void structure_name(Message *message, Part *part, const char *name);
/* Makes the path of a part whose name was set otherwise. */
void structure_path(Message *message, Part *part);
/* A leaf below `parent` whose bytes are already there: looks at the content, opens a letter inside. Takes ownership of
 * `part` fields set before (kind, headers, content, transfer, name). FALSE only for I/O errors. */
gboolean structure_leaf(const Opening *opening, Part *part, GError **error);
/* Bytes of source[from, to) to be looked at as they are. */
void structure_raw(const Opening *opening, gint64 from, gint64 to, Coverage coverage, CoverageWhy why);
