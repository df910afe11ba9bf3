/* scan - where the words and expressions of the rules occur in a folded text; the one home of Hyperscan.
 *
 * A Scanner holds up to four databases: literals or expressions, over the squeezed or the folded view (fold.h). It is
 * immutable and may be shared by threads and across fork. No database has SOM, UCP or SINGLEMATCH (an earlier hit never
 * hides a later one, and a hit costs no more than the scan): a literal's start is its end less its length, an
 * expression's start is looked for afterwards in a window before its end.
 *
 * Expressions are Hyperscan's dialect with the UTF8 flag; `.` does not match a line end. They see folded text, so they
 * are written in it (small letters, simplified characters, ★); \d \s \w are ASCII, which folding makes of every digit
 * and blank. */
#pragma once
#include "fold.h"
#include "yaml.h"
#include <glib.h>

#define SCAN_WINDOW                                                                                               \
    1024                   /* bytes before an end in which an expression's start is looked for; a longer match is \
                              told as beginning with the window */
#define SCAN_TEXT_MAX 1024 /* bytes of one pattern as written */
#define SCAN_PATTERNS_MAX 100000  /* of one scanner */
#define SCAN_COMPILE_SECONDS 1    /* of processor time: an expression that takes longer to compile alone is refused */
#define SCAN_COMPILE_BYTES 524288 /* or makes a larger database alone */

typedef enum { SCAN_LITERAL, SCAN_EXPRESSION } ScanKind;
typedef enum { SCAN_SQUEEZED, SCAN_FOLDED } ScanView;

typedef struct {
    guint id; /* told back in hits; several patterns may share one */
    ScanKind kind;
    ScanView view;
    const char *text; /* as written; literals are folded (and squeezed) by scanner_new */
    const char *file; /* where it was written, for problems */
    guint line, column;
} ScanPattern;

typedef struct Scanner Scanner;
/* Compiles the patterns, or takes them from the cache. `digest` names the patterns (ruleset digest; it must cover all
 * they are made of). `cache_dir` or `cache_key` (32 bytes) NULL: no cache. The cache file is bound to digest, patterns,
 * library version and platform by a MAC that is checked before anything is deserialised; a file or directory that
 * others could write, or a bad MAC, is logged and the cache rebuilt. NULL with problems if a pattern is wrong: refused
 * by Hyperscan, too large or too slow to compile, matching empty text, empty once folded. Zero patterns are fine. */
Scanner *scanner_new(const ScanPattern *patterns, guint count, const char *digest, const char *cache_dir,
                     const guint8 *cache_key, Problems *problems);
void scanner_free(Scanner *scanner);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Scanner, scanner_free)
/* The library's own version text. */
const char *scan_version(void);
gboolean scanner_from_cache(const Scanner *scanner);

/* What an expression costs to compile by itself: processor time and bytes of its database. FALSE: it does not compile.
 */
gboolean scan_expression_cost(const char *expression, double *seconds_out, gsize *bytes_out);

/* Bytes of the databases of the patterns that `wanted` wants, and the processor time they take to compile. */
gsize scan_cost(const Scanner *scanner, gboolean (*wanted)(guint id, ScanKind kind, gpointer user), gpointer user,
                double *seconds_out);

/* Working space of one thread. NULL never; aborts without memory as GLib does. */
typedef struct ScanSpace ScanSpace;
ScanSpace *scan_space_new(const Scanner *scanner);
void scan_space_free(ScanSpace *space);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ScanSpace, scan_space_free)

typedef struct {
    guint id;
    ScanView view;
    gsize from, to; /* byte offsets in the view; FoldView.source leads back */
} ScanHit;

/* Appends what is found in both views of `fold` to `hits_out` (GArray of ScanHit), sorted by view, from, to, id. Of the
 * ends that one expression has for one start the longest is kept. Of each database at most max_hits hits are
 * taken; `capped_out` (may be NULL) tells that there were more. FALSE with error only if Hyperscan itself failed. */
gboolean scan_run(const Scanner *scanner, ScanSpace *space, const Fold *fold, guint max_hits, GArray *hits_out,
                  gboolean *capped_out, GError **error);
