/* extractor - the way to a document reader: the connection to the spawner, kept and made anew when it broke. */
#pragma once
#include "extract.h"

/* The socket of a reader nobody used yet; the caller closes it. -1 with error: there is none. */
int extractor_reader(Extractor *extractor, gint64 deadline_us, GError **error);
/* What the reader given last is, and the digest of its OCR models; NULL: unknown, none. Lent. */
void extractor_about(const Extractor *extractor, const char **reader_out, const char **ocr_out);
/* Over a connection that is there already, which becomes its own; for tests. */
Extractor *extractor_of_socket(const Settings *settings, int socket);
