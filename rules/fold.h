/* fold - one table-driven pass that makes different spellings of the same text equal.
 *
 * Tables are generated at build time (rules/fold-gen.c from ICU and Unicode data, plus rules/fold-additions.txt):
 * NFKC_Casefold, traditional and variant to simplified per character, CJK radicals, star variants to ★, look-alikes;
 * ignorables dropped. Rules are folded by the same table. Two views: `folded`, and `squeezed`, where separators (white
 * space, newlines, middle dots, underscores, light punctuation: fold.c says which) between two Han characters, or
 * between Han and ★ or digits, are gone. Offsets lead back to the source. Context-free, so a window can be folded
 * alone. */
#pragma once
#include <glib.h>

typedef struct {
    char *text; /* NUL-terminated UTF-8; lent until the next fold_run of this Fold */
    gsize length;
    guint32 *source; /* source[i]: byte offset in the source of the character that byte i came from; source[length] =
                        source length */
} FoldView;

typedef struct Fold Fold; /* reusable buffers; one per thread */
Fold *fold_new(void);
void fold_free(Fold *fold);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Fold, fold_free)
/* Folds at most G_MAXUINT32 bytes of valid UTF-8. */
void fold_run(Fold *fold, const char *text, gsize length);
const FoldView *fold_folded(const Fold *fold);
const FoldView *fold_squeezed(const Fold *fold);
/* A rule's own text, folded; or squeezed. Gives. */
char *fold_word(const char *text);
char *fold_word_squeezed(const char *text);
/* "sha256:..." of the tables: named in each record (replay). */
const char *fold_digest(void);
