/* sql_dump - rows of one table of a dump in SQL, as mysqldump, mariadb-dump, pg_dump and sqlite3's .dump write it.
 *
 * INSERT with or without names of columns (then those of CREATE TABLE), many rows in one; COPY ... FROM stdin. What it
 * does not understand it passes over; a value that ends nowhere ends the reading. */
#pragma once
#include <glib.h>

/* values: one for each name asked for, NULL for null or a column that is not there; lent. line: of the row's begin. */
typedef void (*DumpRow)(const char *const *values, guint line, gpointer user);
/* `table`, or a name that ends in it behind a prefix; names end with NULL. FALSE: the text has no such table. */
gboolean sql_dump_each(const char *text, const char *table, const char *const *names, DumpRow each, gpointer user);
