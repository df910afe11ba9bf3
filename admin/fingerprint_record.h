/* fingerprint_record - the ledger's record of a change of the register of papers, kind "papers".
 *
 * It names papers by number alone: no title, no label, no text. Numbers that follow each other are written as
 * "FROM-TO"; of more than RECORD_LIST_MAX such words the first are named, and papers_total tells how many there were.
 */
#pragma once
#include "settings.h"
#include <glib.h>
#include <jansson.h>

typedef struct {
    const char *change;    /* "add", "import", "remove" */
    const guint32 *papers; /* their numbers, rising */
    guint count;
    const char *officer;        /* who registers, if that was said; NULL: who runs the command */
    const char *before, *after; /* digests of the register; "": it was no file yet */
    guint registered;           /* papers in it after the change */
} FingerprintChange;

/* Gives a reference. `undone`: what an earlier record of this change announced did not come about. */
json_t *fingerprint_record(const Settings *settings, const FingerprintChange *change, gboolean undone);
