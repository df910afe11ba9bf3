/* mismatch - whether a file's name says one thing and its content is another: a document called a picture, an archive
 * called a text, a program called anything else. What mail programs and offices do every day is none:
 * application/octet- stream, a .doc that is RTF, HTML or OOXML, one archive called another, a page of an error in place
 * of a file. */
#pragma once
#include <glib.h>

/* name: of the file, may be NULL; detected: media type by content, may be NULL (not looked at). */
gboolean mismatch_of_name(const char *name, const char *detected);
