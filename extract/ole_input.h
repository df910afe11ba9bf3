/* ole_input - a Source as libgsf wants its input. */
#pragma once
#include "source.h"
#include <gsf/gsf-input.h>

/* source: lent, must live longer than the input and its duplicates; its length is known. Gives a reference. */
GsfInput *ole_input_new(Source *source);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GsfInput, g_object_unref)
