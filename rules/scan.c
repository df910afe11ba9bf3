/* scan - runs the databases over the views of a folded text and finds where the hits start. */
#include "config.h"
#include "scan.h"
#include "errors.h"
#include "scan_private.h"
#include <string.h>

typedef struct {
    guint pattern;
    gsize from, to;
} RawHit;

struct ScanSpace {
    const Scanner *scanner;
    hs_scratch_t *scratch;
    GArray *raw;   /* RawHit of one database */
    GArray *spans; /* RawHit: starts found for one expression */
    guint limit;   /* raw hits that may still be taken */
    gboolean capped;
};

/* --- the scanner ------------------------------------------------------------------------------------------------- */

static void
compiled_clear(gpointer data)
{
    g_free(((ScanCompiled *)data)->text);
}

static void
pattern_add(Scanner *scanner, Fold *fold, const ScanPattern *written)
{
    ScanCompiled pattern = {written->id, written->kind, written->view, NULL, 0};
    if (written->kind == SCAN_EXPRESSION) {
        pattern.text = g_strdup(written->text);
    } else {
        fold_run(fold, written->text, strlen(written->text));
        const FoldView *view = written->view == SCAN_SQUEEZED ? fold_squeezed(fold) : fold_folded(fold);
        pattern.text = g_strdup(view->text);
    }
    pattern.length = strlen(pattern.text);
    g_array_append_val(scanner->patterns, pattern);
}

Scanner *
scanner_new(const ScanPattern *patterns, guint count, const char *digest, const char *cache_dir,
            const guint8 *cache_key, Problems *problems)
{
    g_return_val_if_fail(count <= SCAN_PATTERNS_MAX, NULL);
    g_autoptr(Scanner) scanner = g_new0(Scanner, 1);
    g_autoptr(Fold) fold = fold_new();
    scanner->patterns = g_array_sized_new(FALSE, FALSE, sizeof(ScanCompiled), count);
    g_array_set_clear_func(scanner->patterns, compiled_clear);
    scanner->starts = g_new0(hs_database_t *, count);
    for (guint i = 0; i < count; i++)
        pattern_add(scanner, fold, &patterns[i]);
    if (cache_dir == NULL || cache_key == NULL)
        return scan_compile(scanner, patterns, problems) ? g_steal_pointer(&scanner) : NULL;
    ScanCache cache;
    scan_cache_init(&cache, cache_dir, cache_key, scanner, digest);
    scanner->from_cache = scan_cache_read(&cache, scanner);
    gboolean ready = scanner->from_cache || scan_compile(scanner, patterns, problems);
    if (ready && !scanner->from_cache)
        scan_cache_write(&cache, scanner);
    scan_cache_clear(&cache);
    return ready ? g_steal_pointer(&scanner) : NULL;
}

void
scanner_free(Scanner *scanner)
{
    if (scanner == NULL)
        return;
    for (guint i = 0; i < scan_slots(scanner); i++)
        hs_free_database(*scan_slot(scanner, i));
    g_free(scanner->starts);
    g_array_unref(scanner->patterns);
    g_free(scanner);
}

guint
scan_slots(const Scanner *scanner)
{
    return SCAN_KINDS * SCAN_VIEWS + scanner->patterns->len;
}

hs_database_t **
scan_slot(Scanner *scanner, guint slot)
{
    if (slot < SCAN_KINDS * SCAN_VIEWS)
        return &scanner->databases[slot / SCAN_VIEWS][slot % SCAN_VIEWS];
    return &scanner->starts[slot - SCAN_KINDS * SCAN_VIEWS];
}

const char *
scan_version(void)
{
    return hs_version();
}

gboolean
scanner_from_cache(const Scanner *scanner)
{
    return scanner->from_cache;
}

/* --- the space --------------------------------------------------------------------------------------------------- */

/* One scratch serves all databases that it was fitted to, one at a time. */
static void
scratch_fit(ScanSpace *space, const hs_database_t *database)
{
    hs_error_t code = database != NULL ? hs_alloc_scratch(database, &space->scratch) : HS_SUCCESS;
    if (code != HS_SUCCESS)
        g_error("hs_alloc_scratch: %d", code); /* no memory: ends the process, as GLib does */
}

ScanSpace *
scan_space_new(const Scanner *scanner)
{
    ScanSpace *space = g_new0(ScanSpace, 1);
    space->scanner = scanner;
    space->raw = g_array_new(FALSE, FALSE, sizeof(RawHit));
    space->spans = g_array_new(FALSE, FALSE, sizeof(RawHit));
    for (guint i = 0; i < SCAN_KINDS * SCAN_VIEWS; i++)
        scratch_fit(space, scanner->databases[i / SCAN_VIEWS][i % SCAN_VIEWS]);
    for (guint i = 0; i < scanner->patterns->len; i++)
        scratch_fit(space, scanner->starts[i]);
    return space;
}

void
scan_space_free(ScanSpace *space)
{
    if (space == NULL)
        return;
    hs_free_scratch(space->scratch);
    g_array_unref(space->raw);
    g_array_unref(space->spans);
    g_free(space);
}

/* --- where an expression starts ---------------------------------------------------------------------------------- */

static int
on_span(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *user)
{
    RawHit span = {id, from, to};
    g_array_append_val((GArray *)user, span);
    return 0;
}

static gboolean
hyperscan_failed(hs_error_t code, GError **error)
{
    if (code == HS_SUCCESS || code == HS_SCAN_TERMINATED)
        return FALSE;
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_INTERNAL, "Hyperscan failed to scan (code %d)", code);
    return TRUE;
}

/* Back, or on, to the beginning of a character. */
static gsize
boundary_before(const FoldView *view, gsize at)
{
    while (at > 0 && at < view->length && ((guint8)view->text[at] & 0xC0) == 0x80)
        at--;
    return at;
}

static gint
by_end(gconstpointer a, gconstpointer b)
{
    const RawHit *left = a, *right = b;
    if (left->to != right->to)
        return left->to < right->to ? -1 : 1;
    return left->from < right->from ? -1 : left->from > right->from;
}

/* Gives hits[first..last] (one expression, ends rising, none further than the window from the one before) their
 * starts. The text scanned goes one character further, so that \b at the end sees what it saw. */
static gboolean
group_start(ScanSpace *space, const FoldView *view, RawHit *hits, guint count, GError **error)
{
    gsize window = hits[0].to > SCAN_WINDOW ? boundary_before(view, hits[0].to - SCAN_WINDOW) : 0;
    gsize end = boundary_before(view, MIN(hits[count - 1].to + 4, view->length));
    const hs_database_t *database = space->scanner->starts[hits[0].pattern];
    g_array_set_size(space->spans, 0);
    hs_error_t code = hs_scan(database, view->text + window, (unsigned)(MAX(end, hits[count - 1].to) - window), 0,
                              space->scratch, on_span, space->spans);
    if (hyperscan_failed(code, error))
        return FALSE;
    g_array_sort(space->spans, by_end);
    guint next = 0;
    for (guint i = 0; i < count; i++) {
        hits[i].from = window; /* longer than the window: its beginning stands for the start */
        while (next < space->spans->len && g_array_index(space->spans, RawHit, next).to + window < hits[i].to)
            next++;
        const RawHit *span = &g_array_index(space->spans, RawHit, next);
        if (next < space->spans->len && span->to + window == hits[i].to)
            hits[i].from = window + span->from;
    }
    return TRUE;
}

static gint
by_pattern(gconstpointer a, gconstpointer b)
{
    const RawHit *left = a, *right = b;
    return left->pattern != right->pattern ? (left->pattern < right->pattern ? -1 : 1) : by_end(a, b);
}

/* Of the ends that an expression has for one start the longest stays. */
static gint
by_start(gconstpointer a, gconstpointer b)
{
    const RawHit *left = a, *right = b;
    if (left->pattern != right->pattern)
        return left->pattern < right->pattern ? -1 : 1;
    if (left->from != right->from)
        return left->from < right->from ? -1 : 1;
    return left->to > right->to ? -1 : left->to < right->to;
}

static void
longest_keep(GArray *raw)
{
    RawHit *hits = (RawHit *)(gpointer)raw->data;
    guint kept = 0;
    g_array_sort(raw, by_start);
    for (guint i = 0; i < raw->len; i++)
        if (kept == 0 || hits[i].pattern != hits[kept - 1].pattern || hits[i].from != hits[kept - 1].from)
            hits[kept++] = hits[i];
    g_array_set_size(raw, kept);
}

static gboolean
starts_find(ScanSpace *space, const FoldView *view, GError **error)
{
    RawHit *hits = (RawHit *)(gpointer)space->raw->data;
    guint count = space->raw->len;
    g_array_sort(space->raw, by_pattern);
    for (guint first = 0, last; first < count; first = last) {
        for (last = first + 1; last < count && hits[last].pattern == hits[first].pattern &&
                               hits[last].to - hits[last - 1].to < SCAN_WINDOW;
             last++)
            ;
        if (!group_start(space, view, hits + first, last - first, error))
            return FALSE;
    }
    longest_keep(space->raw);
    return TRUE;
}

/* --- scanning ---------------------------------------------------------------------------------------------------- */

static int
on_hit(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *user)
{
    ScanSpace *space = user;
    RawHit hit = {id, 0, to};
    if (space->limit == 0) {
        space->capped = TRUE;
        return 1;
    }
    space->limit--;
    g_array_append_val(space->raw, hit);
    return 0;
}

/* Hits of one database are appended. */
static gboolean
database_run(ScanSpace *space, ScanKind kind, ScanView which, const FoldView *view, GArray *hits_out, GError **error)
{
    const hs_database_t *database = space->scanner->databases[kind][which];
    if (database == NULL || view->length == 0)
        return TRUE;
    g_array_set_size(space->raw, 0);
    hs_error_t code = hs_scan(database, view->text, (unsigned)view->length, 0, space->scratch, on_hit, space);
    if (hyperscan_failed(code, error) || (kind == SCAN_EXPRESSION && !starts_find(space, view, error)))
        return FALSE;
    for (guint i = 0; i < space->raw->len; i++) {
        const RawHit *raw = &g_array_index(space->raw, RawHit, i);
        const ScanCompiled *pattern = &g_array_index(space->scanner->patterns, ScanCompiled, raw->pattern);
        ScanHit hit = {pattern->id, which, kind == SCAN_LITERAL ? raw->to - pattern->length : raw->from, raw->to};
        g_array_append_val(hits_out, hit);
    }
    return TRUE;
}

static gint
by_place(gconstpointer a, gconstpointer b)
{
    const ScanHit *left = a, *right = b;
    if (left->view != right->view)
        return left->view < right->view ? -1 : 1;
    if (left->from != right->from)
        return left->from < right->from ? -1 : 1;
    if (left->to != right->to)
        return left->to < right->to ? -1 : 1;
    return left->id < right->id ? -1 : left->id > right->id;
}

/* Two patterns of one id may have hit the same place. */
static void
hits_sort(GArray *hits, guint first)
{
    guint kept = first;
    if (hits->len - first < 2)
        return;
    ScanHit *all = (ScanHit *)(gpointer)hits->data;
    qsort(all + first, hits->len - first, sizeof *all, by_place);
    for (guint i = first + 1; i < hits->len; i++)
        if (by_place(&all[i], &all[kept]) != 0)
            all[++kept] = all[i];
    g_array_set_size(hits, kept + 1);
}

gboolean
scan_run(const Scanner *scanner, ScanSpace *space, const Fold *fold, guint max_hits, GArray *hits_out,
         gboolean *capped_out, GError **error)
{
    const FoldView *views[SCAN_VIEWS] = {[SCAN_SQUEEZED] = fold_squeezed(fold), [SCAN_FOLDED] = fold_folded(fold)};
    guint first = hits_out->len;
    g_return_val_if_fail(space->scanner == scanner, FALSE);
    space->capped = FALSE;
    for (guint i = 0; i < SCAN_KINDS * SCAN_VIEWS; i++) {
        ScanKind kind = (ScanKind)(i / SCAN_VIEWS);
        ScanView view = (ScanView)(i % SCAN_VIEWS);
        /* To each its own limit: a flood of words must not hide what the expressions see. */
        space->limit = max_hits;
        if (!database_run(space, kind, view, views[view], hits_out, error))
            return FALSE;
    }
    hits_sort(hits_out, first);
    if (capped_out != NULL)
        *capped_out = space->capped;
    return TRUE;
}
