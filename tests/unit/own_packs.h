/* own_packs - packs that a test writes for itself, in a directory of its own. */
#pragma once
#include "judge.h"
#include <glib/gstdio.h>

#define NOW (G_GINT64_CONSTANT(1768435200) * G_USEC_PER_SEC) /* 2026-01-15 00:00 UTC, a Thursday */

#define HEAD "pack: p\ntitle_zh: 包\ntitle_en: pack\n"
#define RULE_HEAD(id) \
    "  - id: " id     \
    "\n    title_zh: 规则\n    title_en: rule\n    class: sensitive\n    level: sensitive\n    detect: condition\n"

typedef struct {
    char *directory;
} Fixture;

static inline int
set_up(void **state)
{
    Fixture *fixture = g_new0(Fixture, 1);

    fixture->directory = g_dir_make_tmp("hangu-condition-XXXXXX", NULL);
    *state = fixture;
    return 0;
}

static inline int
tear_down(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GDir) dir = g_dir_open(fixture->directory, 0, NULL);
    const char *name;

    while ((name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = g_build_filename(fixture->directory, name, NULL);
        g_unlink(path);
    }
    g_rmdir(fixture->directory);
    g_free(fixture->directory);
    g_free(fixture);
    return 0;
}

static inline void
write_file(const Fixture *fixture, const char *name, const char *text)
{
    g_autofree char *path = g_build_filename(fixture->directory, name, NULL);

    assert_true(g_file_set_contents(path, text, -1, NULL));
}

static inline Ruleset *
load(const Fixture *fixture, const char *pack)
{
    g_autoptr(Problems) problems = problems_new();

    write_file(fixture, "a.yaml", pack);
    Ruleset *ruleset = ruleset_load(fixture->directory, NULL, NULL, problems);
    g_autofree char *text = problems_to_text(problems);
    if (ruleset == NULL)
        fail_msg("%s\n%s", text, pack);
    return ruleset;
}
