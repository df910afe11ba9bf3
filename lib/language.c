/* Locale and translations of a program. */
#include "config.h"
#include "language.h"
#include <glib/gi18n.h>
#include <langinfo.h>
#include <libintl.h>
#include <locale.h>
#include <string.h>

/* The language that the user asked for, whether its locale is installed or not. */
static const char *
wanted_locale(void)
{
    static const char *const variables[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (gsize i = 0; i < G_N_ELEMENTS(variables); i++) {
        const char *value = g_getenv(variables[i]);
        if (value != NULL && *value != '\0')
            return value;
    }
    return NULL;
}

void
language_set(void)
{
    /* A bare server has no zh_CN locale; our Chinese needs none of it but the name. */
    if (setlocale(LC_ALL, "") == NULL) {
        const char *wanted = wanted_locale();
        setlocale(LC_ALL, "C.UTF-8");
        if (wanted != NULL)
            g_setenv("LANGUAGE", wanted, FALSE);
    }
    if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
        setlocale(LC_CTYPE, "C.UTF-8"); /* letters and files are UTF-8 whatever the terminal is */
    const char *directory = g_getenv("HANGU_LOCALEDIR");
    bindtextdomain(PACKAGE, directory != NULL ? directory : LOCALEDIR);
    bind_textdomain_codeset(PACKAGE, "UTF-8");
    textdomain(PACKAGE);
}

gboolean
language_is_chinese(void)
{
    /* Translators: "zh" in every Chinese translation, "en" in all others. */
    return strcmp(_("language code of the texts: en"), "zh") == 0;
}
