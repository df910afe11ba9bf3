/* Edit distance with neighbours swapped, over short words. */
#include "config.h"
#include "nearest.h"
#include <string.h>

#define WORD_MAX 64

static char
plain_letter(char c)
{
    return c == '_' ? '-' : g_ascii_tolower(c);
}

/* Insertions, deletions, changes and swaps of neighbours that lead from a to b; both at most WORD_MAX. */
static guint
edit_distance(const char *a, const char *b)
{
    gsize a_length = strlen(a), b_length = strlen(b);
    guint rows[3][WORD_MAX + 1];
    guint *before = rows[0], *last = rows[1], *now = rows[2];
    for (gsize j = 0; j <= b_length; j++)
        last[j] = (guint)j;
    for (gsize i = 1; i <= a_length; i++) {
        now[0] = (guint)i;
        for (gsize j = 1; j <= b_length; j++) {
            guint differs = plain_letter(a[i - 1]) != plain_letter(b[j - 1]);
            now[j] = MIN(MIN(last[j] + 1, now[j - 1] + 1), last[j - 1] + differs);
            if (i > 1 && j > 1 && plain_letter(a[i - 1]) == plain_letter(b[j - 2]) &&
                plain_letter(a[i - 2]) == plain_letter(b[j - 1]))
                now[j] = MIN(now[j], before[j - 2] + 1);
        }
        guint *spare = before;
        before = last;
        last = now;
        now = spare;
    }
    return last[b_length];
}

const char *
nearest_word(const char *word, const char *const *candidates)
{
    gsize length = strlen(word);
    if (length == 0 || length > WORD_MAX)
        return NULL;
    const char *best = NULL;
    guint best_distance = (guint)MAX(1, MIN(length / 2, 3)) + 1;
    for (; *candidates != NULL; candidates++) {
        if (strlen(*candidates) > WORD_MAX)
            continue;
        guint distance = edit_distance(word, *candidates);
        if (distance < best_distance) {
            best = *candidates;
            best_distance = distance;
        }
    }
    return best;
}
