/* What a script may do, found by walking it: both ways of a condition, all values of a variable. */
#include "config.h"
#include "sieve.h"
#include <glib/gi18n.h>
#include <string.h>

#define VALUES_MAX 32 /* of a variable, and of one string with variables in it */
#define VALUE_LENGTH_MAX 4096
#define STEPS_MAX 5000 /* variables put in for one script: all their combinations would never end */

typedef enum { NEVER, MAYBE, ALWAYS } Truth;

typedef struct {
    GPtrArray *values; /* char *; those it may have */
    gboolean unknown;  /* or another */
} Variable;

typedef struct {
    const char *script;
    GHashTable *variables; /* char * to Variable */
    SieveInclude include;
    SieveEach each;
    SieveProblem problem;
    gpointer user;
    guint includes, depth;
    guint steps; /* variables put in so far */
} Walk;

/* What holds where a command stands. */
typedef struct {
    gboolean sometimes; /* under a condition */
    gboolean keeps;     /* a keep or fileinto stands here or around */
    gboolean discards;
} Place;

static void
variable_free(gpointer data)
{
    Variable *variable = data;
    g_ptr_array_unref(variable->values);
    g_free(variable);
}

/* --- variables --------------------------------------------------------------------------------------------------- */

static void
add_value(GPtrArray *values, char *value, gboolean *unknown)
{
    if (values->len < VALUES_MAX && strlen(value) <= VALUE_LENGTH_MAX &&
        !g_ptr_array_find_with_equal_func(values, value, g_str_equal, NULL)) {
        g_ptr_array_add(values, value);
        return;
    }
    *unknown |= values->len >= VALUES_MAX || strlen(value) > VALUE_LENGTH_MAX;
    g_free(value);
}

/* All texts that `text` with its ${names} may be. */
static void
expand(Walk *walk, const char *done, const char *text, GPtrArray *out, gboolean *unknown)
{
    const char *open = strstr(text, "${"), *close = open != NULL ? strchr(open, '}') : NULL;
    if (close == NULL || out->len >= VALUES_MAX) {
        add_value(out, g_strconcat(done, text, NULL), unknown);
        return;
    }
    if (walk->steps++ >= STEPS_MAX || strlen(done) > VALUE_LENGTH_MAX) {
        *unknown = TRUE;
        return;
    }
    g_autofree char *name = g_ascii_strdown(open + 2, close - open - 2);
    const Variable *variable = g_hash_table_lookup(walk->variables, name);
    g_autofree char *before = g_strndup(text, (gsize)(open - text));
    if (variable == NULL || variable->unknown)
        *unknown = TRUE; /* of a match, of the environment, or never set */
    for (guint i = 0; variable != NULL && i < variable->values->len && out->len < VALUES_MAX; i++) {
        g_autofree char *longer = g_strconcat(done, before, g_ptr_array_index(variable->values, i), NULL);
        expand(walk, longer, close + 1, out, unknown);
    }
}

static const GPtrArray *
strings_of(const SieveNode *node, guint index)
{
    guint seen = 0;
    for (guint i = 0; i < node->arguments->len; i++) {
        const SieveArgument *argument = g_ptr_array_index(node->arguments, i);
        if (argument->kind == SIEVE_STRINGS && seen++ == index)
            return argument->strings;
    }
    return NULL;
}

static char *
modify(const SieveNode *node, char *value)
{
    char *changed = sieve_has_tag(node, "lower")   ? g_utf8_strdown(value, -1)
                    : sieve_has_tag(node, "upper") ? g_utf8_strup(value, -1)
                                                   : NULL;
    if (changed == NULL)
        return value;
    g_free(value);
    return changed;
}

static void
run_set(Walk *walk, const SieveNode *node, const Place *place)
{
    static const char *const odd[] = {"lowerfirst", "upperfirst", "quotewildcard", "quoteregex", "length", "encodeurl"};
    const GPtrArray *names = strings_of(node, 0), *texts = strings_of(node, 1);
    if (names == NULL || texts == NULL || names->len != 1 || texts->len != 1)
        return;
    g_autofree char *name = g_ascii_strdown(g_ptr_array_index(names, 0), -1);
    g_autoptr(GPtrArray) values = g_ptr_array_new_with_free_func(g_free);
    gboolean unknown = FALSE;
    expand(walk, "", g_ptr_array_index(texts, 0), values, &unknown);
    for (gsize i = 0; i < G_N_ELEMENTS(odd); i++)
        if (sieve_has_tag(node, odd[i])) {
            unknown = TRUE;
            g_ptr_array_set_size(values, 0);
        }
    Variable *variable = g_hash_table_lookup(walk->variables, name);
    if (variable == NULL || !place->sometimes) {
        variable = g_new0(Variable, 1);
        variable->values = g_ptr_array_new_with_free_func(g_free);
        g_hash_table_replace(walk->variables, g_strdup(name), variable);
    }
    variable->unknown |= unknown;
    for (guint i = 0; i < values->len; i++)
        add_value(variable->values, modify(node, g_strdup(g_ptr_array_index(values, i))), &variable->unknown);
}

/* --- conditions -------------------------------------------------------------------------------------------------- */

static Truth truth_of(const SieveNode *test);

static Truth
truth_of_all(const GPtrArray *tests, gboolean any)
{
    Truth truth = any ? NEVER : ALWAYS;
    for (guint i = 0; i < tests->len; i++) {
        Truth one = truth_of(g_ptr_array_index(tests, i));
        truth = any ? MAX(truth, one) : MIN(truth, one);
    }
    return truth;
}

static Truth
truth_of(const SieveNode *test)
{
    if (strcmp(test->name, "true") == 0)
        return ALWAYS;
    if (strcmp(test->name, "false") == 0)
        return NEVER;
    if (strcmp(test->name, "not") == 0 && test->tests->len == 1)
        return ALWAYS - truth_of(g_ptr_array_index(test->tests, 0));
    if (strcmp(test->name, "anyof") == 0 || strcmp(test->name, "allof") == 0)
        return truth_of_all(test->tests, test->name[1] == 'n');
    return MAYBE;
}

/* --- commands ---------------------------------------------------------------------------------------------------- */

static gboolean run_block(Walk *walk, const GPtrArray *block, Place place);

static void
run_redirect(Walk *walk, const SieveNode *node, const Place *place)
{
    const GPtrArray *texts = strings_of(node, 0);
    g_autoptr(GPtrArray) addresses = g_ptr_array_new_with_free_func(g_free);
    gboolean unknown = sieve_has_tag(node, "list") || texts == NULL;
    for (guint i = 0; !unknown && i < texts->len; i++)
        expand(walk, "", g_ptr_array_index(texts, i), addresses, &unknown);
    SieveRedirect redirect = {
        .script = walk->script,
        .line = node->line,
        .copy = place->keeps || (sieve_has_tag(node, "copy") && !place->discards),
        .sometimes = place->sometimes,
    };
    for (guint i = 0; i < addresses->len; i++) {
        redirect.address = g_strstrip(g_ptr_array_index(addresses, i));
        walk->each(&redirect, walk->user);
    }
    redirect.address = NULL;
    if (unknown)
        walk->each(&redirect, walk->user);
}

static void
run_script(Walk *walk, const char *script, const char *text, gsize length, const Place *place)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) commands = sieve_parse(text, length, &error);
    const char *outer = walk->script;
    if (commands == NULL) {
        walk->problem(script, error->message, walk->user);
        return;
    }
    walk->script = script;
    run_block(walk, commands, *place);
    walk->script = outer;
}

static void
run_include(Walk *walk, const SieveNode *node, const Place *place)
{
    const GPtrArray *names = strings_of(node, 0);
    g_autofree char *shown = NULL;
    if (names == NULL || names->len != 1)
        return;
    const char *name = g_ptr_array_index(names, 0);
    g_autofree char *text = NULL;
    if (walk->includes++ < SIEVE_INCLUDES_MAX && walk->depth < 10)
        text = walk->include(name, sieve_has_tag(node, "global"), &shown, walk->user);
    if (text == NULL) {
        g_autofree char *said =
            g_strdup_printf(_("line %u: the included script \"%s\" cannot be read"), node->line, name);
        if (!sieve_has_tag(node, "optional"))
            walk->problem(walk->script, said, walk->user);
        return;
    }
    walk->depth++;
    run_script(walk, shown, text, strlen(text), place);
    walk->depth--;
}

/* One chain of if, elsif, else from `index` on; gives the index behind it. */
static guint
run_if(Walk *walk, const GPtrArray *block, guint index, Place place)
{
    gboolean decided = FALSE;
    for (;; index++) {
        const SieveNode *node = index < block->len ? g_ptr_array_index(block, index) : NULL;
        if (node == NULL ||
            (strcmp(node->name, "if") != 0 && strcmp(node->name, "elsif") != 0 && strcmp(node->name, "else") != 0))
            return index;
        Truth truth = node->tests->len == 0 ? ALWAYS : truth_of_all(node->tests, FALSE);
        Place inner = place;
        inner.sometimes |= truth == MAYBE;
        if (!decided && truth != NEVER && node->block != NULL)
            run_block(walk, node->block, inner);
        decided |= truth == ALWAYS;
        place.sometimes |= truth == MAYBE; /* what follows is for when it was not so */
        const SieveNode *after = index + 1 < block->len ? g_ptr_array_index(block, index + 1) : NULL;
        if (after == NULL || strcmp(after->name, "if") == 0)
            return index + 1;
    }
}

static void
look_at_place(const GPtrArray *block, Place *place)
{
    for (guint i = 0; i < block->len; i++) {
        const char *name = ((const SieveNode *)g_ptr_array_index(block, i))->name;
        place->keeps |= strcmp(name, "keep") == 0 || strcmp(name, "fileinto") == 0;
        place->discards |= strcmp(name, "discard") == 0;
    }
}

/* FALSE: nothing behind it is reached. */
static gboolean
run_block(Walk *walk, const GPtrArray *block, Place place)
{
    look_at_place(block, &place);
    for (guint i = 0; i < block->len;) {
        const SieveNode *node = g_ptr_array_index(block, i);
        if (strcmp(node->name, "stop") == 0 || strcmp(node->name, "return") == 0)
            return FALSE;
        if (strcmp(node->name, "if") == 0) {
            i = run_if(walk, block, i, place);
            continue;
        }
        if (strcmp(node->name, "redirect") == 0)
            run_redirect(walk, node, &place);
        else if (strcmp(node->name, "set") == 0)
            run_set(walk, node, &place);
        else if (strcmp(node->name, "include") == 0)
            run_include(walk, node, &place);
        else if (node->block != NULL)
            run_block(walk, node->block, (Place){TRUE, place.keeps, place.discards}); /* foreverypart and the like */
        i++;
    }
    return TRUE;
}

void
sieve_redirects(const char *script, const char *text, gsize length, SieveInclude include, SieveEach each,
                SieveProblem problem, gpointer user)
{
    g_autoptr(GHashTable) variables = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, variable_free);
    Walk walk = {.variables = variables, .include = include, .each = each, .problem = problem, .user = user};
    const Place top = {FALSE, FALSE, FALSE};
    run_script(&walk, script, text, length, &top);
}
