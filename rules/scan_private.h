/* scan_private - what the files of the scanner share; nobody else includes it. */
#pragma once
#include "scan.h"
#include <hs.h>

#define SCAN_VIEWS 2
#define SCAN_KINDS 2
/* UTF8: without it [★☆] is a set of bytes. */
#define SCAN_EXPRESSION_FLAGS HS_FLAG_UTF8

typedef struct {
    guint id;
    ScanKind kind;
    ScanView view;
    char *text; /* literal: folded; expression: as written */
    gsize length;
} ScanCompiled;

struct Scanner {
    GArray *patterns;                                 /* ScanCompiled; Hyperscan's id is the index */
    hs_database_t *databases[SCAN_KINDS][SCAN_VIEWS]; /* NULL: no such pattern */
    hs_database_t **starts; /* by pattern: tells where an expression's matches start; NULL for literals */
    gboolean from_cache;
};

/* All places for databases, one after the other: SCAN_KINDS * SCAN_VIEWS, then one for each pattern. */
guint scan_slots(const Scanner *scanner);
hs_database_t **scan_slot(Scanner *scanner, guint slot);

/* Fills the databases from scanner->patterns; `written` are the patterns as given, for problems. */
gboolean scan_compile(Scanner *scanner, const ScanPattern *written, Problems *problems);

/* The cache. `name` binds what was compiled to what compiled it. */
typedef struct {
    const char *directory;
    const guint8 *key;
    char *name; /* hex */
} ScanCache;
void scan_cache_init(ScanCache *cache, const char *directory, const guint8 *key, const Scanner *scanner,
                     const char *digest);
void scan_cache_clear(ScanCache *cache);
gboolean scan_cache_read(const ScanCache *cache, Scanner *scanner);
void scan_cache_write(const ScanCache *cache, Scanner *scanner);
