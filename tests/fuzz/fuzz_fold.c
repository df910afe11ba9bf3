/* fuzz_fold - folding: views stay UTF-8, offsets stay inside and at characters, folding again changes nothing. */
#include "config.h"
#include <stdint.h>
#include "fold.h"
#include <string.h>

static void
check_view(const FoldView *view, const char *text, gsize length)
{
    g_assert_true(g_utf8_validate(view->text, (gssize)view->length, NULL));
    g_assert_true(view->source[view->length] == length);
    for (gsize i = 0; i < view->length; i++)
        g_assert_true(view->source[i] < length && ((guint8)text[view->source[i]] & 0xC0) != 0x80);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(Fold) once = fold_new();
    g_autoptr(Fold) twice = fold_new();
    g_autofree char *bytes = g_memdup2(data, size);
    fold_run(once, bytes, size); /* any bytes */
    g_autofree char *text = g_utf8_make_valid(bytes != NULL ? bytes : "", (gssize)size);
    gsize length = strlen(text);
    fold_run(once, text, length);
    check_view(fold_folded(once), text, length);
    check_view(fold_squeezed(once), text, length);
    fold_run(twice, fold_folded(once)->text, fold_folded(once)->length);
    g_assert_true(fold_folded(twice)->length == fold_folded(once)->length);
    g_assert_true(memcmp(fold_folded(twice)->text, fold_folded(once)->text, fold_folded(once)->length) == 0);
    return 0;
}
