/* tnef - winmail.dat ([MS-OXTNEF], by libytnef): what Exchange and Outlook put beside or instead of a letter's parts.
 */
#pragma once
#include "reader.h"

gboolean tnef_run(Source *source, Sink *sink, guint part);
