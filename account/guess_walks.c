/* Runs that begin at the left edge of the keyboard, where hands begin, of the lengths people take for a half. */
#include "config.h"
#include "guess_walks.h"
#include <string.h>

#define RUN_MIN 3
#define RUN_MAX 6
#define RUN_SIZE (RUN_MAX + 1)

static const char *const rows[] = {"1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "!@#$%^&*()"};
static const char *const columns[] = {"1qaz", "2wsx", "3edc", "4rfv", "5tgb", "6yhn", "7ujm"};
/* What stands between two runs. */
static const char *const joints[] = {"", "@", "!", "#", "_", "."};

static GArray *
all_runs(void)
{
    GArray *runs = g_array_new(FALSE, TRUE, RUN_SIZE);
    char run[RUN_SIZE];
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        for (gsize length = RUN_MIN; length <= RUN_MAX; length++) {
            memset(run, 0, sizeof run);
            memcpy(run, rows[i], length);
            g_array_append_vals(runs, run, 1);
            g_strreverse(run);
            g_array_append_vals(runs, run, 1);
        }
    for (gsize i = 0; i < G_N_ELEMENTS(columns); i++) {
        memset(run, 0, sizeof run);
        memcpy(run, columns[i], strlen(columns[i]));
        g_array_append_vals(runs, run, 1);
        g_strreverse(run);
        g_array_append_vals(runs, run, 1);
    }
    return runs;
}

static gboolean
try_pair(const char *first, const char *joint, const char *second, GuessTry attempt, gpointer user)
{
    char guess[2 * RUN_SIZE + 2];
    const gsize length = (gsize)g_snprintf(guess, sizeof guess, "%s%s%s", first, joint, second);
    const char typed = *guess;
    if (!attempt(guess, length, user))
        return FALSE;
    *guess = g_ascii_toupper(typed);
    return *guess == typed || attempt(guess, length, user);
}

gboolean
guess_walks(GuessTry attempt, gpointer user)
{
    g_autoptr(GArray) runs = all_runs();
    gboolean wanted = TRUE;
    for (gsize joint = 0; joint < G_N_ELEMENTS(joints) && wanted; joint++)
        for (guint i = 0; i < runs->len && wanted; i++)
            for (guint j = 0; j < runs->len && wanted; j++)
                wanted = try_pair(runs->data + i * RUN_SIZE, joints[joint], runs->data + j * RUN_SIZE, attempt, user);
    return wanted;
}
