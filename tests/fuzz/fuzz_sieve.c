/* A Sieve script of any user: any bytes. What is found must be bounded, and a mistake must be told once. */
#include "config.h"
#include <stdint.h>
#include "sieve.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
each(const SieveRedirect *redirect, gpointer user)
{
    g_assert(redirect->line > 0 && redirect->script != NULL);
    g_assert(redirect->address == NULL || strlen(redirect->address) <= 2 * SIEVE_SCRIPT_MAX);
}

static void
problem(const char *script, const char *text, gpointer user)
{
    g_assert(*text != '\0');
}

static char *
include(const char *name, gboolean global, char **shown_out, gpointer user)
{
    *shown_out = g_strdup("self");
    return g_strdup("set \"a\" \"${a}b\"; include \"x\"; redirect \"${a}@x\";");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    sieve_redirects("s", text, strlen(text), include, each, problem, NULL);
    return 0;
}
