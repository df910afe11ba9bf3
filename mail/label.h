/* label - labels for machines, as text of a place of their own ("label"), so that rules read them like any other text.
 *
 * Read are the header fields X-Protective-Marking (Australian PSPF email marking standard: SEC, DLM and CAVEAT),
 * msip_labels (the names of the labels in force), SIO-Label (RFC 7444: marking, and a label of type :ess or :xml),
 * Sensitivity (RFC 2156, 5.3.4), Classification and its X- kinds; the [SEC=...] of a Subject; and properties of
 * documents that are labels by their name. Place.name tells the kind of label: "protective-marking", "msip", "sio",
 * "sensitivity", "classification", "property"; "ess" comes from the reader of signed mail (extract/cms.h).
 * Text: what each label says, one a line, in Chinese as a field ("密级:机密"). */
#pragma once
#include "message.h"
#include "read_header.h"

/* Labels of the part's header fields. FALSE: the sink stopped. */
gboolean label_headers(const Part *part, const HeaderSink *sink);
/* The kind of label that a property of this name is; NULL: it is none. Interned. */
const char *label_of_property(const char *name);
/* What a label says, as text to be judged: lines, a Chinese one as a field of its own ("密级:机密"); gives. */
char *label_text(const char *said, gsize length);
/* Interned name of a kind that a reader tells ("ess"); NULL: there is no such kind. */
const char *label_kind(const char *word);
