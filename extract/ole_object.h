/* ole_object - what a program embeds in a document as somebody else's object: files in "\001Ole10Native" ([MS-OLEDS]
 * 2.3.6), the visible picture that programs keep beside it. */
#pragma once
#include "bytes.h"
#include "sink.h"

/* Tells the stream of this name if it is one of these: files as objects. FALSE: it is none. */
gboolean ole_object_tell(const char *name, GBytes *block, Sink *sink, guint part);
