/* finding - one thing found, and what it owns. */
#include "config.h"
#include "finding.h"

Finding *
finding_new(void)
{
    Finding *finding = g_new0(Finding, 1);

    finding->reasons = g_array_new(FALSE, FALSE, sizeof(Reason));
    return finding;
}

void
finding_free(Finding *finding)
{
    if (finding == NULL)
        return;
    g_free(finding->excerpt);
    g_array_unref(finding->reasons);
    g_free(finding);
}
