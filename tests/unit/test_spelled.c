/* spelled: torn forms of words. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "spelled.h"
#include <string.h>

typedef void (*Speller)(const char *word, GStringChunk *texts, GArray *forms_out);

typedef struct {
    GStringChunk *texts;
    GArray *forms;
} Forms;

static Forms
forms_of(Speller speller, const char *word)
{
    Forms made = {g_string_chunk_new(256), g_array_new(FALSE, FALSE, sizeof(SpelledForm))};
    speller(word, made.texts, made.forms);
    return made;
}

static void
forms_clear(Forms *made)
{
    g_string_chunk_free(made->texts);
    g_array_unref(made->forms);
}

static const SpelledForm *
form_find(const Forms *made, const char *text)
{
    for (guint i = 0; i < made->forms->len; i++) {
        const SpelledForm *form = &g_array_index(made->forms, SpelledForm, i);
        if (strcmp(form->text, text) == 0)
            return form;
    }
    return NULL;
}

static void
test_spelled_word_forms(void **state)
{
    static const struct {
        const char *word, *form;
        gboolean wrapped;
    } cases[] = {
        {"RESTRICTED", "r e s t r i c t e d", FALSE},
        {"RESTRICTED", "r.e.s.t.r.i.c.t.e.d", FALSE},
        {"RESTRICTED", "restric- ted", TRUE},
        {"RESTRICTED", "restr icted", FALSE},
        {"RESTRICTED", "restric ted", TRUE},
        {"TOP SECRET", "t o p s e c r e t", FALSE},
        {"TOP SECRET", "topsecret", FALSE},
        {"OFFICIAL - SENSITIVE", "officialsensitive", FALSE},
        {"RESTRICTED 限閱", "r e s t r i c t e d限阅", FALSE},
        {"RESTRICTED / 限閱", "r e s t r i c t e d /限阅", FALSE},
        {"OFFICIAL-SENSITIVE", "o f f i c i a l - s e n s i t i v e", FALSE},
        {"SECRET 機密", "sec- ret机密", TRUE},
        {"대외비", "대 외 비", FALSE},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        Forms made = forms_of(spelled_word, cases[i].word);
        const SpelledForm *form = form_find(&made, cases[i].form);
        if (form == NULL || form->wrapped != cases[i].wrapped)
            fail_msg("%s: no «%s», or not so", cases[i].word, cases[i].form);
        assert_null(form_find(&made, cases[i].word));
        forms_clear(&made);
    }
}

static void
test_spelled_word_without_letters(void **state)
{
    static const char *const words[] = {"",           "CUI",         "NATO",       "密码电报",
                                        "極秘レシピ", "機密性2情報", "2026-11-02", "비밀"};
    for (guint i = 0; i < G_N_ELEMENTS(words); i++) {
        Forms made = forms_of(spelled_word, words[i]);
        assert_int_equal(made.forms->len, 0);
        forms_clear(&made);
    }
    g_autofree char *more = g_strnfill(SPELLED_WORD_MAX + 1, 'a');
    Forms made = forms_of(spelled_word, more);
    assert_int_equal(made.forms->len, 0);
    forms_clear(&made);
}

static void
test_spelled_word_too_short_to_break(void **state)
{
    Forms made = forms_of(spelled_word, "SECRET");
    assert_non_null(form_find(&made, "s e c r e t"));
    assert_null(form_find(&made, "sec ret"));
    forms_clear(&made);
}

static void
test_spelled_level(void **state)
{
    Forms made = forms_of(spelled_level, "机密");
    assert_non_null(form_find(&made, "机/密"));
    assert_non_null(form_find(&made, "机][密"));
    assert_null(form_find(&made, "机密"));
    forms_clear(&made);
    made = forms_of(spelled_level, "jimi");
    assert_int_equal(made.forms->len, 0);
    forms_clear(&made);
    made = forms_of(spelled_level, "密");
    assert_int_equal(made.forms->len, 0);
    forms_clear(&made);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spelled_word_forms),
        cmocka_unit_test(test_spelled_word_without_letters),
        cmocka_unit_test(test_spelled_word_too_short_to_break),
        cmocka_unit_test(test_spelled_level),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
