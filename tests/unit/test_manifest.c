/* Signed packs: what is whole passes, everything else is named. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "manifest.h"
#include "remove_tree.h"
#include <glib/gstdio.h>
#include <string.h>

typedef struct {
    char *top, *packs, *key, *stranger;
    GPtrArray *trusted;
} Fixture;

static void
put(const Fixture *fixture, const char *name, const char *text)
{
    g_autofree char *path = g_build_filename(fixture->packs, name, NULL);
    assert_true(g_file_set_contents(path, text, -1, NULL));
}

static char *
get(const Fixture *fixture, const char *name)
{
    g_autofree char *path = g_build_filename(fixture->packs, name, NULL);
    char *text = NULL;
    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    return text;
}

static void
sign(const Fixture *fixture, const char *key, gint64 version)
{
    g_autoptr(Problems) problems = problems_new();
    g_autoptr(RuleSources) sources = rule_sources_read(fixture->packs, problems);
    g_autoptr(GError) error = NULL;
    if (!manifest_sign(sources, key, "unit's packs", version, 0, &error))
        fail_msg("%s", error->message);
}

static int
set_up(void **state)
{
    Fixture *fixture = g_new0(Fixture, 1);
    fixture->top = g_dir_make_tmp("hangu-manifest-XXXXXX", NULL);
    fixture->packs = g_build_filename(fixture->top, "packs", NULL);
    fixture->key = g_build_filename(fixture->top, "key", NULL);
    fixture->stranger = g_build_filename(fixture->top, "stranger", NULL);
    fixture->trusted = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(fixture->trusted, g_strconcat(fixture->key, ".pub", NULL));
    g_mkdir(fixture->packs, 0700);
    assert_true(signature_keygen("ed25519", fixture->key, NULL));
    assert_true(signature_keygen("ed25519", fixture->stranger, NULL));
    put(fixture, "a.yaml", "pack: a\n");
    put(fixture, "b.yaml", "pack: b\n");
    put(fixture, "names.list", "甲\n");
    sign(fixture, fixture->key, 7);
    *state = fixture;
    return 0;
}

static int
tear_down(void **state)
{
    Fixture *fixture = *state;
    remove_tree(fixture->top);
    g_ptr_array_unref(fixture->trusted);
    g_free(fixture->top);
    g_free(fixture->packs);
    g_free(fixture->key);
    g_free(fixture->stranger);
    g_free(fixture);
    return 0;
}

/* The problems as text; "" if it is admitted. */
static char *
admit(const Fixture *fixture, gboolean rollback, Manifest *manifest)
{
    g_autoptr(Problems) problems = problems_new();
    g_autoptr(RuleSources) sources = rule_sources_read(fixture->packs, problems);
    gboolean good = manifest_admit(sources, fixture->trusted, fixture->top, rollback, manifest, problems);
    assert_int_equal(good, problems_count(problems) == 0);
    for (guint i = 0; i < problems_count(problems); i++)
        assert_string_equal(problems_get(problems, i)->key, "signature");
    return problems_to_text(problems);
}

static void
expect(const Fixture *fixture, const char *told)
{
    g_auto(Manifest) manifest = {0};
    g_autofree char *text = admit(fixture, FALSE, &manifest);
    if (told == NULL ? *text != '\0' : strstr(text, told) == NULL)
        fail_msg("'%s' is not in '%s'", told != NULL ? told : "(nothing)", text);
}

static void
test_manifest_of_a_whole_set_is_admitted(void **state)
{
    const Fixture *fixture = *state;
    g_auto(Manifest) manifest = {0};
    g_autofree char *text = admit(fixture, FALSE, &manifest);
    assert_string_equal(text, "");
    assert_string_equal(manifest.name, "unit's packs");
    assert_int_equal(manifest.version, 7);
    assert_string_equal(manifest.key, g_ptr_array_index(fixture->trusted, 0));
    assert_string_equal(manifest.date, "1970-01-01T00:00:00.000Z");
}

static void
test_manifest_is_not_asked_for_without_keys(void **state)
{
    const Fixture *fixture = *state;
    put(fixture, "c.yaml", "pack: c\n");
    g_ptr_array_set_size(fixture->trusted, 0);
    expect(fixture, NULL);
}

static void
test_manifest_tells_a_file_that_was_changed(void **state)
{
    put(*state, "b.yaml", "pack: B\n");
    expect(*state, "b.yaml: signature: was changed after it was signed");
}

static void
test_manifest_tells_a_list_that_was_changed(void **state)
{
    put(*state, "names.list", "乙\n");
    expect(*state, "names.list: signature: was changed after it was signed");
}

static void
test_manifest_tells_files_that_were_swapped(void **state)
{
    g_autofree char *a = get(*state, "a.yaml");
    g_autofree char *b = get(*state, "b.yaml");
    put(*state, "a.yaml", b);
    put(*state, "b.yaml", a);
    expect(*state, "a.yaml: signature: was changed");
}

static void
test_manifest_tells_a_file_that_was_added(void **state)
{
    put(*state, "c.yaml", "pack: c\n");
    expect(*state, "c.yaml: signature: was not signed with the others");
}

static void
test_manifest_tells_a_file_that_was_removed(void **state)
{
    const Fixture *fixture = *state;
    g_autofree char *path = g_build_filename(fixture->packs, "b.yaml", NULL);
    g_unlink(path);
    expect(fixture, "\"b.yaml\" was signed, but is not there");
}

static void
test_manifest_that_is_not_there(void **state)
{
    const Fixture *fixture = *state;
    static const char *const names[] = {MANIFEST_SIGNATURE, MANIFEST_FILE};
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(fixture->packs, names[i], NULL);
        g_unlink(path);
        expect(fixture, "the rules are not signed");
    }
}

static void
test_manifest_that_was_changed(void **state)
{
    g_autofree char *text = get(*state, MANIFEST_FILE);
    g_auto(GStrv) halves = g_strsplit(text, "version: 7", 2);
    g_autofree char *newer = g_strconcat(halves[0], "version: 8", halves[1], NULL);
    put(*state, MANIFEST_FILE, newer);
    expect(*state, "none of the trusted keys");
}

static void
test_manifest_with_the_signature_of_another_set(void **state)
{
    g_autofree char *signature = get(*state, MANIFEST_SIGNATURE);
    const Fixture *fixture = *state;
    put(fixture, "a.yaml", "pack: A\n");
    sign(fixture, fixture->key, 7);
    put(fixture, MANIFEST_SIGNATURE, signature);
    expect(fixture, "none of the trusted keys");
}

static void
test_manifest_with_a_broken_signature(void **state)
{
    g_autofree char *signature = get(*state, MANIFEST_SIGNATURE);
    g_autofree char *cut = g_strndup(signature, strlen(signature) / 2);
    g_autofree char *long_one = g_strnfill(5000, 'A');
    const char *const texts[] = {cut, "", "no base64 ###", long_one};
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        put(*state, MANIFEST_SIGNATURE, texts[i]);
        expect(*state, "none of the trusted keys");
    }
}

static void
test_manifest_by_a_key_that_is_not_trusted(void **state)
{
    const Fixture *fixture = *state;
    sign(fixture, fixture->stranger, 8);
    expect(fixture, "none of the trusted keys");
}

static void
test_manifest_older_than_one_in_force(void **state)
{
    const Fixture *fixture = *state;
    g_auto(Manifest) manifest = {0};
    g_auto(Manifest) older = {0};
    g_autofree char *text = admit(fixture, FALSE, &manifest);
    assert_string_equal(text, "");
    assert_true(manifest_remember(fixture->top, &manifest, NULL));
    sign(fixture, fixture->key, 6);
    expect(fixture, "version 6 of \"unit's packs\" is older than version 7");
    g_autofree char *meant = admit(fixture, TRUE, &older);
    assert_string_equal(meant, "");
    sign(fixture, fixture->key, 7);
    expect(fixture, NULL);
    g_autofree char *floors = g_build_filename(fixture->top, "versions", NULL);
    g_file_set_contents(floors, "[versions\n", -1, NULL);
    expect(fixture, "cannot be told");
}

static void
test_manifest_with_a_key_that_cannot_be_read(void **state)
{
    const Fixture *fixture = *state;
    g_ptr_array_add(fixture->trusted, g_strdup("/nowhere/key.pub"));
    expect(fixture, "a trusted key (rule_sets.keys) cannot be used: /nowhere/key.pub");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_manifest_of_a_whole_set_is_admitted),
        CASE(test_manifest_is_not_asked_for_without_keys),
        CASE(test_manifest_tells_a_file_that_was_changed),
        CASE(test_manifest_tells_a_list_that_was_changed),
        CASE(test_manifest_tells_files_that_were_swapped),
        CASE(test_manifest_tells_a_file_that_was_added),
        CASE(test_manifest_tells_a_file_that_was_removed),
        CASE(test_manifest_that_is_not_there),
        CASE(test_manifest_that_was_changed),
        CASE(test_manifest_with_the_signature_of_another_set),
        CASE(test_manifest_with_a_broken_signature),
        CASE(test_manifest_by_a_key_that_is_not_trusted),
        CASE(test_manifest_older_than_one_in_force),
        CASE(test_manifest_with_a_key_that_cannot_be_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
