/* ooxml - Office Open XML packages (ISO/IEC 29500, transitional and strict): docx, xlsx, pptx with their templates and
 * macro kinds, and whatever else comes as such a package.
 *
 * Parts are taken in reading order by their relationships; then every other part: XML as text, the rest as objects. */
#pragma once
#include "reader.h"

gboolean ooxml_run(Source *source, Sink *sink, guint part);
