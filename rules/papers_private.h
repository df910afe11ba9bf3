/* papers_private - the register as it lies in memory; shared by the files of papers. */
#pragma once
#include "papers.h"

struct Papers {
    GPtrArray *list; /* Paper */
    GArray *entries; /* PaperEntry, sorted by name, paper, at */
    guint32 next_number;
    guint8 key_id[FINGERPRINT_ID_SIZE];
    char *digest;

    /* Index, made of the entries that count. */
    guint64 *sieve; /* bits */
    guint64 sieve_mask;
    guint32 *buckets; /* first entry of each value of the upper bits of a name; one more at the end */
    guint bucket_shift;
};

/* Builds sieve and buckets anew. */
void papers_index(Papers *papers);
/* A text of the list that may stand there. */
gboolean papers_text_is_sound(const char *text);
