/* msg - a message as Outlook saves it ([MS-OXMSG]): a compound file of properties, recipients, attachments, messages in
 * messages. */
#pragma once
#include "ole.h"

#define MSG_ENTRY "__properties_version1.0" /* that a message has */
#define MSG_TYPE "application/vnd.ms-outlook"

/* Whether a storage is a recipient or an attachment of the message around it. */
gboolean msg_owns(const Ole *ole, guint storage);
/* An OleRun. */
gboolean msg_run(Ole *ole, guint storage, Sink *sink, guint part);
