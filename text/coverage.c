/* coverage - the words. */
#include "config.h"
#include "coverage.h"
#include <string.h>

static const char *const coverages[] = {"complete", "opaque", "partial", "unreadable"};
static const char *const whys[] = {"none", "encrypted", "unsupported", "damaged", "over-budget", "reader-failed"};

G_STATIC_ASSERT(G_N_ELEMENTS(coverages) == COVERAGE_UNREADABLE + 1);
G_STATIC_ASSERT(G_N_ELEMENTS(whys) == WHY_READER_FAILED + 1);

/* Its index, `count` if it is none of the words. */
static guint
find(const char *const *words, guint count, const char *word)
{
    guint i = 0;
    while (i < count && g_strcmp0(words[i], word) != 0)
        i++;
    return i;
}

const char *
coverage_word(Coverage coverage)
{
    g_return_val_if_fail((guint)coverage < G_N_ELEMENTS(coverages), coverages[0]);
    return coverages[coverage];
}

const char *
why_word(CoverageWhy why)
{
    g_return_val_if_fail((guint)why < G_N_ELEMENTS(whys), NULL);
    return why != WHY_NONE ? whys[why] : NULL;
}

gboolean
coverage_parse(const char *word, Coverage *out)
{
    guint found = find(coverages, G_N_ELEMENTS(coverages), word);
    if (found == G_N_ELEMENTS(coverages))
        return FALSE;
    *out = (Coverage)found;
    return TRUE;
}

gboolean
why_parse(const char *word, CoverageWhy *out)
{
    guint found = find(whys, G_N_ELEMENTS(whys), word);
    if (found == G_N_ELEMENTS(whys))
        return FALSE;
    *out = (CoverageWhy)found;
    return TRUE;
}
