/* xps - XPS and OpenXPS (ECMA-388): fixed pages in their order, text by where its Glyphs stand. */
#pragma once
#include "package.h"

/* The pages of a package whose relationship leads to the document sequence `member`. Other parts are left to the
 * caller. */
void xps_read(Package *package, const char *member);
