#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "sieve.h"
#include <string.h>

typedef struct {
    GString *found, *problems;
} Seen;

static void
each(const SieveRedirect *redirect, gpointer user)
{
    const Seen *seen = user;
    g_string_append_printf(seen->found, "%s%s:%u %s%s%s", seen->found->len > 0 ? "; " : "", redirect->script,
                           redirect->line, redirect->address != NULL ? redirect->address : "?",
                           redirect->copy ? " copy" : "", redirect->sometimes ? " maybe" : "");
}

static void
problem(const char *script, const char *text, gpointer user)
{
    g_string_append_printf(((const Seen *)user)->problems, "%s: %s", script, text);
}

static char *
include(const char *name, gboolean global, char **shown_out, gpointer user)
{
    *shown_out = g_strdup(name);
    if (strcmp(name, "away") == 0 && !global)
        return g_strdup("redirect \"inner@out.example\";\nset \"to\" \"${to}x\";\n");
    if (strcmp(name, "round") == 0)
        return g_strdup("include \"round\";");
    return NULL;
}

static void
check(const char *script, const char *found, const char *problems)
{
    Seen seen = {g_string_new(NULL), g_string_new(NULL)};
    sieve_redirects("s", script, strlen(script), include, each, problem, &seen);
    assert_string_equal(seen.found->str, found);
    assert_string_equal(seen.problems->str, problems);
    g_string_free(seen.found, TRUE);
    g_string_free(seen.problems, TRUE);
}

static void
test_redirects_in_every_form(void **state)
{
    check("redirect \"a@out.example\";", "s:1 a@out.example", "");
    check("require [\"copy\"];\r\nredirect :copy \"a@out.example\";\r\n", "s:2 a@out.example copy", "");
    check(
        "\xEF\xBB\xBF# redirect \"no@out.example\";\n/* redirect\n \"no\"; */ REDIRECT :Copy \"a\\\"b@out.example\" ;",
        "s:3 a\"b@out.example copy", "");
    check("redirect text: # where to\r\n..a@out.example\r\n.\r\n;\n", "s:1 .a@out.example", "");
    check("keep; redirect \"a@out.example\";", "s:1 a@out.example copy", "");
    check("redirect \"a@out.example\"; fileinto \"Sent on\";", "s:1 a@out.example copy", "");
    check("redirect :copy \"a@out.example\"; discard;", "s:1 a@out.example", "");
    check("reject text:\nredirect \"no@out.example\";\n.\n; notify \"mailto:x@out.example\";", "", "");
}

static void
test_conditions(void **state)
{
    check("if header :contains [\"to\", \"cc\"] \"x\" { redirect \"a@x\"; }\n"
          "elsif not size :over 100K { redirect \"b@x\"; } else { keep; redirect \"c@x\"; }",
          "s:1 a@x maybe; s:2 b@x maybe; s:2 c@x copy maybe", "");
    check("if true { redirect \"a@x\"; } else { redirect \"b@x\"; }", "s:1 a@x", "");
    /* how Roundcube switches a rule off */
    check("# rule:[away]\nif false # anyof (true)\n{\n\tredirect \"a@x\";\n}\nelse { redirect \"b@x\"; }", "s:6 b@x",
          "");
    check("if allof (true, anyof (false, exists \"x\")) { redirect \"a@x\"; }", "s:1 a@x maybe", "");
    check(
        "if not false { redirect \"a@x\"; stop; redirect \"never@x\"; } redirect \"b@x\"; stop; redirect \"never@x\";",
        "s:1 a@x; s:1 b@x", "");
    check("foreverypart { redirect \"a@x\"; }", "s:1 a@x maybe", "");
    check("if true { redirect \"a@x\"; } if true { redirect \"b@x\"; }", "s:1 a@x; s:1 b@x", "");
}

static void
test_variables(void **state)
{
    check("set \"h\" \"out.example\"; set \"to\" \"a@${h}\"; redirect \"${TO}\";", "s:1 a@out.example", "");
    check("set \"to\" \"a@x\"; if exists \"y\" { set \"to\" \"b@x\"; } redirect \"${to}\";", "s:1 a@x; s:1 b@x", "");
    check("set :lower \"to\" \"A@X\"; redirect \"${to}\";", "s:1 a@x", "");
    check("if header :matches \"x\" \"*\" { redirect \"${1}@x\"; }", "s:1 ? maybe", "");
    check("set :length \"n\" \"aaa\"; redirect \"${n}@x\";", "s:1 ?", "");
    check("redirect \"a${unset}@x\"; redirect \"${open\";", "s:1 ?; s:1 ${open", "");
    check("redirect :list \"tag:example,2026:friends\";", "s:1 ?", "");
}

static void
test_include(void **state)
{
    check("set \"to\" \"a@x\"; include :personal \"away\"; redirect \"${to}\";", "away:1 inner@out.example; s:1 a@xx",
          "");
    check("include :global \"away\";", "", "s: line 1: the included script \"away\" cannot be read");
    check("include :optional \"none\";", "", "");
    check("include \"round\";", "", "round: line 1: the included script \"round\" cannot be read");
}

static void
test_broken_scripts(void **state)
{
    check("redirect \"a@x", "", "s: line 1: a string does not end");
    check("redirect \"a@x\"\n", "", "s: line 2: a semicolon or a block is missing");
    check("if true {\nredirect \"a@x\";\n", "", "s: line 3: a block does not end");
    check("/* x", "", "s: line 1: a comment does not end");
    check("a [\"x\" \"y\"];", "", "s: line 1: a list of strings does not end");
    check("} keep;", "", "s: line 1: a command is expected");
    check("keep; $", "", "s: line 1: this sign does not belong here");
    check("x text:\nabc", "", "s: line 2: a text of several lines does not end");
    check("", "", "");
    g_autoptr(GString) deep = g_string_new(NULL);
    for (guint i = 0; i < 100000; i++)
        g_string_append(deep, "if true {");
    check(deep->str, "", "s: line 1: too deeply nested");
    g_string_truncate(deep, 0);
    for (guint i = 0; i < 100000; i++)
        g_string_append(deep, "x not ");
    check(deep->str, "", "s: line 1: too deeply nested");
    /* combinations without end, and a string of nothing but variables */
    g_string_assign(deep, "set \"a\" \"\"; if x { set \"a\" \"y\"; } redirect \"");
    for (guint i = 0; i < 100000; i++)
        g_string_append(deep, "${a}");
    g_string_append(deep, "\";");
    check(deep->str, "s:1 ?", "");
    g_autofree char *large = g_strnfill(SIEVE_SCRIPT_MAX + 1, ' ');
    check(large, "", "s: larger than 1048576 bytes");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_redirects_in_every_form),
        cmocka_unit_test(test_conditions),
        cmocka_unit_test(test_variables),
        cmocka_unit_test(test_include),
        cmocka_unit_test(test_broken_scripts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
