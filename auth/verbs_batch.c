/* The verb batch: {"calls": [{"verb": "import", ...}, ...]}, all or nothing. "brief": only mistakes are answered. */
#include "config.h"
#include "errors.h"
#include "name_checks.h"
#include "register_verbs.h"
#include "verbs_tables.h"

typedef struct {
    VerbCall *call, one; /* one: what each of them is run with */
    GPtrArray *records;
    NameChecks *names;
    json_t *answers; /* rows of all, each with "call" */
    guint failed;
} Batch;

static void
batch_clear(Batch *batch)
{
    g_ptr_array_unref(batch->records);
    name_checks_free(batch->names);
    json_decref(batch->answers);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Batch, batch_clear)

static gboolean
keep_row(json_t *row, gpointer user, GError **error)
{
    return json_array_append_new(user, row) == 0;
}

/* Only verbs that end with the transaction. */
static gboolean
may_be_in_a_batch(const Verb *verb, GError **error)
{
    const Verb *const tables[] = {register_add, register_state, register_leave, register_links, register_units};
    for (guint i = 0; i < G_N_ELEMENTS(tables); i++)
        for (const Verb *one = tables[i]; one->word != NULL; one++)
            if (one == verb && verb->changes)
                return TRUE;
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_USAGE, "verb %s cannot be in a batch", verb->word);
    return FALSE;
}

/* The call as it would come alone: for the same person, and as dry. */
static json_t *
arguments_of(const Batch *batch, const json_t *call)
{
    static const char *const shared[] = {"by", "dry_run"};
    json_t *arguments = json_copy((json_t *)call);
    for (guint i = 0; i < G_N_ELEMENTS(shared); i++) {
        json_t *value = json_object_get(batch->call->arguments, shared[i]);
        json_object_del(arguments, shared[i]);
        if (value != NULL)
            json_object_set(arguments, shared[i], value);
    }
    return arguments;
}

static gboolean
run_inner(Batch *batch, const json_t *arguments, GError **error)
{
    const Verb *verb = verb_needed(arguments, error);
    batch->one.arguments = arguments;
    return verb != NULL && may_be_in_a_batch(verb, error) && verb_arguments_known(verb, arguments, error) &&
           verb->run(&batch->one, error);
}

/* A mistake of the call is its answer; FALSE with error if it is none of the call's making. */
static gboolean
run_one(Batch *batch, gsize number, const json_t *call, GError **error)
{
    static const int mistakes[] = {HANGU_ERROR_USAGE, HANGU_ERROR_DATA, HANGU_ERROR_NO_INPUT, HANGU_ERROR_PERMISSION};
    g_autoptr(GError) failed = NULL;
    json_auto_t *arguments = arguments_of(batch, call), *rows = json_array();
    guint records = batch->records->len;
    batch->one.answer_user = rows;
    if (!database_try(batch->call->database, error))
        return FALSE;
    gboolean good = run_inner(batch, arguments, &failed), mistaken = FALSE;
    for (guint i = 0; !good && i < G_N_ELEMENTS(mistakes); i++)
        mistaken = mistaken || failed->code == mistakes[i];
    if (!good && !mistaken) {
        g_propagate_error(error, g_steal_pointer(&failed));
        return FALSE;
    }
    if (!good) {
        json_array_clear(rows);
        json_array_append_new(rows, json_pack("{s:i, s:s}", "error", failed->code, "text", failed->message));
        g_ptr_array_set_size(batch->records, (gint)records);
        batch->failed++;
    }
    gsize i;
    json_t *row;
    json_array_foreach(rows, i, row) json_object_set_new(row, "call", json_integer((json_int_t)number));
    json_array_extend(batch->answers, rows);
    return database_tried(batch->call->database, good, error);
}

static gboolean
answer_all(const Batch *batch, gboolean only_mistakes, GError **error)
{
    gsize i;
    json_t *row;
    json_array_foreach(batch->answers, i, row)
    {
        if (only_mistakes && json_object_get(row, "error") == NULL)
            continue;
        if (!verb_answer(batch->call, json_incref(row), error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
run_batch(VerbCall *call, GError **error)
{
    const json_t *calls = json_object_get(call->arguments, "calls");
    g_auto(Batch) batch = {.call = call, .one = *call};
    gsize i;
    json_t *one;
    batch.records = g_ptr_array_new_with_free_func((GDestroyNotify)json_decref);
    batch.answers = json_array();
    batch.one.answer = keep_row;
    batch.one.later = batch.records;
    batch.one.names = &batch.names;
    batch.one.brief = verb_flag(call, "brief");
    if (!json_is_array(calls) || json_array_size(calls) > VERB_BATCH_MAX) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_USAGE, "argument calls is no list of at most %d calls",
                    VERB_BATCH_MAX);
        return FALSE;
    }
    json_array_foreach(calls, i, one) if (!run_one(&batch, i, one, error)) return FALSE;
    if (batch.failed == 0 || verb_flag(call, "dry_run"))
        return (verb_flag(call, "dry_run") || verb_write_records(call, batch.records, error)) &&
               answer_all(&batch, FALSE, error);
    if (answer_all(&batch, TRUE, error))
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, "nothing was changed: %u of %u calls cannot be carried out",
                    batch.failed, (guint)json_array_size(calls));
    return FALSE;
}

const Verb verbs_batch[] = {
    {"batch", "calls brief", TRUE, run_batch},
    {NULL, NULL, FALSE, NULL},
};
