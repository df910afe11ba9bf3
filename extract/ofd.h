/* ofd - OFD packages (GB/T 33190-2016): every document and version, its pages with their templates, annotations,
 * attachments, properties, outlines, bookmarks, actions and signatures; then whatever nothing leads to. */
#pragma once
#include "reader.h"

gboolean ofd_run(Source *source, Sink *sink, guint part);
