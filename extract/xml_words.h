/* xml_words - an XML part that nobody knows better, as text: what stands between the tags, and values of attributes
 * that are not ASCII. */
#pragma once
#include "package.h"

gboolean xml_words_read(Package *package, const char *member, PlaceKind place); /* FALSE: no such member */
