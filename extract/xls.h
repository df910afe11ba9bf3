/* xls - Excel 5 to 2003 workbooks ([MS-XLS], BIFF5 and BIFF8) and what WPS writes as .et. */
#pragma once
#include "ole.h"

/* An OleRun: the stream Workbook or Book of `storage`. FALSE: damaged. */
gboolean xls_run(Ole *ole, guint storage, Sink *sink, guint part);
