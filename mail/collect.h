/* collect - a letter from a file, for `hangu check`: the first stage of the corridor without an SMTP session. */
#pragma once
#include "message.h"
#include "settings.h"

/* A message whose bytes are those of a file, or of standard input for "-". Errors: HANGU_ERROR_NO_INPUT,
 * HANGU_ERROR_PERMISSION, HANGU_ERROR_IO. Gives. */
Message *collect_file(const char *path, const Settings *settings, GError **error);
/* Fills what the envelope lacks from the letter's own headers: the sender from Return-Path, Sender or From, the
 * recipients from To, Cc and Bcc. FALSE only for I/O errors. */
gboolean collect_envelope(Message *message, gboolean sender, gboolean recipients, const Settings *settings,
                          GError **error);
