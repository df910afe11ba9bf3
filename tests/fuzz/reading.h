/* reading - for fuzz targets: bytes through a reader, the frames thrown away. */
#pragma once
#include "reader.h"
#include "sink.h"

void reading_throw(const guint8 *bytes, gsize length, ReaderRun run);
