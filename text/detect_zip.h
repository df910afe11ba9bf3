/* detect_zip - what kind of document or archive a ZIP is. Part of detect. */
#pragma once
#include "detect.h"

#define DETECT_ZIP "application/zip"
Detected detect_zip(const guint8 *bytes, gsize length);
/* Whether detect_zip() may give this type. */
gboolean detect_zip_gives(const char *type);
