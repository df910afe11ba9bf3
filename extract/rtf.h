/* rtf - Rich Text Format (specification 1.9.1), also where HTML lies in it ([MS-OXRTFEX]).
 *
 * Every group's text is told in its place; that of an unknown destination as raw. What an RTF file hides behind its
 * last brace becomes an object. */
#pragma once
#include "reader.h"

gboolean rtf_run(Source *source, Sink *sink, guint part);
