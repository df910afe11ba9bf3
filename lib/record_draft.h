/* record_draft - a record in the making, as bytes: fields in any order, a canonical line at the end.
 *
 * For the paths that every letter takes: no object is built and written again. Fields of another canonical line are
 * taken over as they stand. A field put twice has its last value. Values are not held against the schema here. */
#pragma once
#include "record_scan.h"
#include <glib.h>

typedef struct RecordDraft RecordDraft;
RecordDraft *record_draft_new(void);
void record_draft_free(RecordDraft *draft);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RecordDraft, record_draft_free)

/* A value as it stands in a canonical line. Names of one object only; lent until the line is made: literals, or spans
 * of a text that stays. */
void record_draft_put(RecordDraft *draft, const RecordSpan *name, const RecordSpan *value);
void record_draft_integer(RecordDraft *draft, const char *name, gint64 value);
void record_draft_boolean(RecordDraft *draft, const char *name, gboolean value);
/* ASCII of ours that JSON need not escape: a word, an id, a hash, a time. NULL puts nothing. */
void record_draft_plain(RecordDraft *draft, const char *name, const char *text);
/* Bytes from outside, as record_put_text() and record_put_texts() write them. */
void record_draft_text(RecordDraft *draft, const char *name, const char *bytes);
void record_draft_texts(RecordDraft *draft, const char *name, const GPtrArray *texts);

/* The line, without newline. Gives. */
char *record_draft_line(const RecordDraft *draft, gsize *length_out);
