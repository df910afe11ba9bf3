/* bench_words - invented text that is the same in every run: numbers drawn from a seed, Han characters of which some
 * are frequent. */
#pragma once
#include <glib.h>

static guint32 seed;

static inline guint32
roll(guint32 below)
{
    seed = seed * 1664525 + 1013904223;
    return (guint32)((guint64)(seed >> 8) * below >> 24);
}

static inline void
han_add(GString *out, guint32 count)
{
    for (; count > 0; count--)
        g_string_append_unichar(out, 0x4E00 + (roll(roll(3000) + 1) * 2654435761u >> 8) % 0x2880);
}
