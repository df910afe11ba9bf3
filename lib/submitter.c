/* The facts' making and unmaking, and their words. */
#include "config.h"
#include "submitter.h"
#include <string.h>

static const char *const problem_words[SUBMITTER_PROBLEMS] = {
    "password-weak", "password-expired", "unregistered", "administrator",  "locked",         "suspended",
    "closed",        "no-tls",           "no-auth",      "mechanism-weak", "clear-password", "sender-not-owned",
};
static const char *const stage_words[] = {"observe", "warn", "enforce"};
static const char *const source_words[] = {"missing", "unknown", "known", "device"};

static gboolean
find(const char *const *words, guint count, const char *word, guint *out)
{
    for (guint i = 0; word != NULL && i < count; i++)
        if (strcmp(words[i], word) == 0) {
            *out = i;
            return TRUE;
        }
    return FALSE;
}

const char *
submitter_problem_word(guint one_bit)
{
    for (guint i = 0; i < SUBMITTER_PROBLEMS; i++)
        if (one_bit == 1u << i)
            return problem_words[i];
    return NULL;
}

gboolean
submitter_problem_parse(const char *word, guint *bit_out)
{
    guint found;
    if (!find(problem_words, G_N_ELEMENTS(problem_words), word, &found))
        return FALSE;
    *bit_out = 1u << found;
    return TRUE;
}

const char *
submitter_stage_word(SubmitterStage stage)
{
    return stage_words[stage];
}

gboolean
submitter_stage_parse(const char *word, SubmitterStage *out)
{
    guint found;
    if (!find(stage_words, G_N_ELEMENTS(stage_words), word, &found))
        return FALSE;
    *out = (SubmitterStage)found;
    return TRUE;
}

const char *
submitter_source_word(SubmitterSource source)
{
    return source_words[source];
}

gboolean
submitter_source_parse(const char *word, SubmitterSource *out)
{
    guint found;
    if (!find(source_words, G_N_ELEMENTS(source_words), word, &found))
        return FALSE;
    *out = (SubmitterSource)found;
    return TRUE;
}

Submitter *
submitter_new(SubmitterSource source)
{
    Submitter *facts = g_new0(Submitter, 1);
    facts->source = source;
    facts->addresses = g_ptr_array_new_with_free_func(g_free);
    facts->officers = g_ptr_array_new_with_free_func(g_free);
    facts->names = g_ptr_array_new_with_free_func(g_free);
    return facts;
}

void
submitter_free(Submitter *facts)
{
    if (facts == NULL)
        return;
    g_free(facts->own);
    g_ptr_array_unref(facts->addresses);
    g_ptr_array_unref(facts->officers);
    g_ptr_array_unref(facts->names);
    g_free(facts);
}
