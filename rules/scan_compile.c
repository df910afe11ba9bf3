/* scan_compile - patterns to Hyperscan databases; every mistake of every pattern is told. */
#include "config.h"
#include "scan_private.h"
#include <glib/gi18n.h>
#include <string.h>
#include <time.h>

static const char *
kind_word(ScanKind kind)
{
    return kind == SCAN_LITERAL ? "literal" : "expression";
}

static void G_GNUC_PRINTF(3, 4) complain(const ScanPattern *pattern, Problems *problems, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    problems_add(problems, pattern->file, pattern->line, pattern->column, kind_word(pattern->kind), "%s", text);
}

/* Processor time of this thread: a busy machine does not make an expression slow. */
static double
seconds_spent(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The database of one expression that tells where matches start. NULL with the reason in *why_out (g_free). */
static hs_database_t *
start_compile(const char *expression, char **why_out)
{
    hs_database_t *database = NULL;
    hs_compile_error_t *error = NULL;
    if (hs_compile(expression, SCAN_EXPRESSION_FLAGS | HS_FLAG_SOM_LEFTMOST, HS_MODE_BLOCK, NULL, &database, &error) ==
        HS_SUCCESS)
        return database;
    *why_out = g_strdup(error != NULL ? error->message : "?");
    hs_free_compile_error(error);
    return NULL;
}

gboolean
scan_expression_cost(const char *expression, double *seconds_out, gsize *bytes_out)
{
    g_autofree char *why = NULL;
    double before = seconds_spent();
    hs_database_t *database = start_compile(expression, &why);
    *seconds_out = seconds_spent() - before;
    if (database == NULL)
        return FALSE;
    hs_database_size(database, bytes_out);
    hs_free_database(database);
    return TRUE;
}

/* An expression is compiled by itself first: what is wrong with it, or makes it large or slow, has its place so, and
 * its starts are found with this database. */
static gboolean
expression_check(const ScanPattern *pattern, hs_database_t **start_out, Problems *problems)
{
    g_autofree char *why = NULL;
    double before = seconds_spent();
    hs_database_t *database = start_compile(pattern->text, &why);
    double spent = seconds_spent() - before;
    size_t size = 0;
    if (database == NULL) {
        gboolean large = why != NULL && strstr(why, "too large") != NULL;
        complain(pattern, problems, _("cannot be used: %s%s"), why,
                 large ? _(" (a gap of up to .{0,20} works, a longer one does not: use two words)") : "");
        return FALSE;
    }
    hs_database_size(database, &size);
    *start_out = database;
    if (spent <= SCAN_COMPILE_SECONDS && size <= SCAN_COMPILE_BYTES)
        return TRUE;
    complain(pattern, problems,
             _("too costly: %.1f s and %u bytes to compile, at most %d s and %d bytes; repeat less, or use words"),
             spent, (guint)size, SCAN_COMPILE_SECONDS, SCAN_COMPILE_BYTES);
    return FALSE;
}

/* What never stands in folded text never matches: better told than silent. */
static gboolean
expression_is_folded(const ScanPattern *pattern, Problems *problems)
{
    for (const char *p = pattern->text; *p != '\0'; p = g_utf8_next_char(p)) {
        if ((guchar)*p < 0x80)
            continue;
        g_autofree char *one = g_strndup(p, (gsize)(g_utf8_next_char(p) - p));
        g_autofree char *folded = fold_word(one);
        if (strcmp(one, folded) == 0)
            continue;
        complain(pattern, problems, _("'%s' never occurs in folded text: write '%s'"), one, folded);
        return FALSE;
    }
    return TRUE;
}

static gboolean
text_check(const ScanPattern *pattern, const ScanCompiled *compiled, Problems *problems)
{
    if (!g_utf8_validate(pattern->text, -1, NULL)) {
        complain(pattern, problems, _("is not UTF-8"));
        return FALSE;
    }
    if (strlen(pattern->text) > SCAN_TEXT_MAX) {
        complain(pattern, problems, _("is longer than %d bytes"), SCAN_TEXT_MAX);
        return FALSE;
    }
    if (compiled->length > 0)
        return TRUE;
    complain(pattern, problems, _("nothing is left of '%s' after folding"), pattern->text);
    return FALSE;
}

static gboolean
patterns_check(const Scanner *scanner, const ScanPattern *written, Problems *problems)
{
    gboolean fine = TRUE;
    for (guint i = 0; i < scanner->patterns->len; i++) {
        const ScanCompiled *compiled = &g_array_index(scanner->patterns, ScanCompiled, i);
        if (!text_check(&written[i], compiled, problems) ||
            (compiled->kind == SCAN_EXPRESSION && (!expression_is_folded(&written[i], problems) ||
                                                   !expression_check(&written[i], &scanner->starts[i], problems))))
            fine = FALSE;
    }
    return fine;
}

/* The patterns of one database, as Hyperscan wants them. */
typedef struct {
    GPtrArray *texts; /* lent */
    GArray *lengths, *flags, *ids;
} Batch;

static Batch
batch_new(const Scanner *scanner, ScanKind kind, ScanView view)
{
    Batch batch = {g_ptr_array_new(), g_array_new(FALSE, FALSE, sizeof(size_t)),
                   g_array_new(FALSE, FALSE, sizeof(unsigned)), g_array_new(FALSE, FALSE, sizeof(unsigned))};
    unsigned flags = kind == SCAN_EXPRESSION ? SCAN_EXPRESSION_FLAGS : 0;
    for (unsigned i = 0; i < scanner->patterns->len; i++) {
        const ScanCompiled *pattern = &g_array_index(scanner->patterns, ScanCompiled, i);
        if (pattern->kind != kind || pattern->view != view)
            continue;
        g_ptr_array_add(batch.texts, pattern->text);
        g_array_append_val(batch.lengths, pattern->length);
        g_array_append_val(batch.flags, flags);
        g_array_append_val(batch.ids, i);
    }
    return batch;
}

static void
batch_clear(Batch *batch)
{
    g_ptr_array_unref(batch->texts);
    g_array_unref(batch->lengths);
    g_array_unref(batch->flags);
    g_array_unref(batch->ids);
}

static gboolean
batch_compile(const Batch *batch, ScanKind kind, hs_database_t **database_out, const ScanPattern *written,
              Problems *problems)
{
    hs_compile_error_t *error = NULL;
    const char *const *texts = (const char *const *)batch->texts->pdata;
    const unsigned *flags = (const unsigned *)(gconstpointer)batch->flags->data;
    const unsigned *ids = (const unsigned *)(gconstpointer)batch->ids->data;
    hs_error_t code;
    if (kind == SCAN_LITERAL)
        code = hs_compile_lit_multi(texts, flags, ids, (const size_t *)(gconstpointer)batch->lengths->data,
                                    batch->texts->len, HS_MODE_BLOCK, NULL, database_out, &error);
    else
        code = hs_compile_multi(texts, flags, ids, batch->texts->len, HS_MODE_BLOCK, NULL, database_out, &error);
    if (code == HS_SUCCESS)
        return TRUE;
    /* Without an index the fault is of all of them together; the first one gives the place. */
    guint at = error->expression >= 0 && (guint)error->expression < batch->ids->len ? (guint)error->expression : 0;
    if (written != NULL)
        complain(&written[ids[at]], problems, _("cannot be used: %s"), error->message);
    hs_free_compile_error(error);
    return FALSE;
}

gboolean
scan_compile(Scanner *scanner, const ScanPattern *written, Problems *problems)
{
    if (hs_valid_platform() != HS_SUCCESS) {
        problems_add(problems, NULL, 0, 0, NULL, _("this processor lacks SSSE3, which Hyperscan needs"));
        return FALSE;
    }
    gboolean fine = patterns_check(scanner, written, problems);
    for (guint i = 0; fine && i < SCAN_KINDS * SCAN_VIEWS; i++) {
        ScanKind kind = (ScanKind)(i / SCAN_VIEWS);
        ScanView view = (ScanView)(i % SCAN_VIEWS);
        Batch batch = batch_new(scanner, kind, view);
        if (batch.texts->len > 0)
            fine = batch_compile(&batch, kind, &scanner->databases[kind][view], written, problems);
        batch_clear(&batch);
    }
    return fine;
}

/* Adds to the time; gives the bytes. */
static gsize
group_cost(const Scanner *scanner, ScanKind kind, ScanView view,
           gboolean (*wanted)(guint id, ScanKind kind, gpointer user), gpointer user, double *seconds)
{
    Batch batch = batch_new(scanner, kind, view),
          some = {g_ptr_array_new(), g_array_new(FALSE, FALSE, sizeof(size_t)),
                  g_array_new(FALSE, FALSE, sizeof(unsigned)), g_array_new(FALSE, FALSE, sizeof(unsigned))};
    hs_database_t *database = NULL;
    size_t size = 0;
    for (guint i = 0; i < batch.texts->len; i++) {
        unsigned id = g_array_index(batch.ids, unsigned, i);
        if (!wanted(g_array_index(scanner->patterns, ScanCompiled, id).id, kind, user))
            continue;
        g_ptr_array_add(some.texts, g_ptr_array_index(batch.texts, i));
        g_array_append_val(some.lengths, g_array_index(batch.lengths, size_t, i));
        g_array_append_val(some.flags, g_array_index(batch.flags, unsigned, i));
        g_array_append_val(some.ids, id);
    }
    double before = seconds_spent();
    g_autoptr(Problems) problems = problems_new();
    if (some.texts->len > 0 && batch_compile(&some, kind, &database, NULL, problems))
        hs_database_size(database, &size);
    *seconds += seconds_spent() - before;
    hs_free_database(database);
    batch_clear(&some);
    batch_clear(&batch);
    return size;
}

gsize
scan_cost(const Scanner *scanner, gboolean (*wanted)(guint id, ScanKind kind, gpointer user), gpointer user,
          double *seconds_out)
{
    gsize bytes = 0;
    *seconds_out = 0;
    for (guint i = 0; i < SCAN_KINDS * SCAN_VIEWS; i++)
        bytes += group_cost(scanner, (ScanKind)(i / SCAN_VIEWS), (ScanView)(i % SCAN_VIEWS), wanted, user, seconds_out);
    return bytes;
}
