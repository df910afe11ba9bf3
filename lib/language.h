/* language - the user's language and character set, set up once by each program's main(). */
#pragma once
#include <glib.h>

/* Locale and gettext from the environment: messages in the user's language, UTF-8 always, Chinese also where its locale
 * is not installed. HANGU_LOCALEDIR replaces the installed translations. */
void language_set(void);
/* Whether texts come out in Chinese: for words that are kept in both languages and not in the catalogue. */
gboolean language_is_chinese(void);
