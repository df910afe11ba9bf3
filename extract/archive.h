/* archive - containers of files by libarchive, and ZIPs whose directory does not tell all. */
#pragma once
#include "reader.h"

gboolean archive_run(Source *source, Sink *sink, guint part);         /* containers of many files */
/* RAR; one volume of several counts as read in part, whatever is whole in it. */
gboolean archive_run_rar(Source *source, Sink *sink, guint part);
gboolean archive_run_packed(Source *source, Sink *sink, guint part);  /* the same, or one packed file */
gboolean archive_run_zip(Source *source, Sink *sink, guint part);     /* ZIP; packages go to their readers */
gboolean archive_run_members(Source *source, Sink *sink, guint part); /* ZIP, whatever it holds */
/* What is not read, but may hold members that are: a program that unpacks itself, a closed package with a preview.
 * Unsupported in any case. */
gboolean archive_run_program(Source *source, Sink *sink, guint part);
/* The members of ZIPs that lie in `source` beside the one with the last directory, and those this directory does not
 * tell of. For packages, whose reader went by the directory. */
gboolean archive_run_zip_gaps(Source *source, Sink *sink, guint part);
