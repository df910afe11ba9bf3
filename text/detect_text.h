/* detect_text - what kind of text bytes are. Part of detect. */
#pragma once
#include "detect.h"

gsize detect_mark(const guint8 *bytes, gsize length); /* length of a byte order mark, 0 if none */
/* Of bytes that are text: markup, a letter, a calendar ... */
Detected detect_text_kind(const guint8 *bytes, gsize length);
