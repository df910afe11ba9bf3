/* ppt - PowerPoint 97 to 2003 presentations ([MS-PPT]) and what WPS writes as .dps. */
#pragma once
#include "ole.h"

/* An OleRun: the stream "PowerPoint Document" of `storage`. FALSE: damaged. */
gboolean ppt_run(Ole *ole, guint storage, Sink *sink, guint part);
