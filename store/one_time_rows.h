/* one_time_rows - the database of one-time passwords: one row for each account that has or is getting one.
 *
 * A database of its own: a login must not wait for a change of the register. The secret comes sealed; the key is not
 * here. Times are microseconds of the wall clock, 0: never. Not thread-safe, as a Database is not. */
#pragma once
#include "database.h"

typedef struct {
    const char *account;
    const char *kind;   /* "totp", "hotp" */
    const char *sealed; /* hexadecimal */
    gint64 next;        /* the first step or counter that was never accepted */
    gint64 made, confirmed;
    gint64 wrong; /* codes that did not confirm it */
} OneTimeRow;

/* Opens or makes the database. NULL with error. */
Database *one_time_rows_open(const char *path, GError **error);
/* One row; its texts are lent for the call. */
typedef void (*OneTimeRowVisit)(const OneTimeRow *row, gpointer user);
/* `account` NULL: all of them. */
gboolean one_time_rows_each(Database *database, const char *account, OneTimeRowVisit visit, gpointer user,
                            GError **error);
/* Replaces the account's row. */
gboolean one_time_rows_put(Database *database, const OneTimeRow *row, GError **error);
gboolean one_time_rows_drop(Database *database, const char *account, GError **error);
/* Moves `next` from `before` on. FALSE with error (HANGU_ERROR_DATA) if it stands elsewhere by now. */
gboolean one_time_rows_move(Database *database, const char *account, gint64 before, gint64 next, GError **error);
