/* ole_property - property sets ([MS-OLEPS]): title, subject, author ..., those that a user named, titles of parts. */
#pragma once
#include "bytes.h"
#include "sink.h"

/* "\005SummaryInformation" and its like. */
gboolean ole_property_is(const char *stream);
/* Tells every text of the stream, each under the name of its property. FALSE: damaged; what is left was scanned. */
gboolean ole_property_tell(Bytes bytes, Sink *sink, guint part);
