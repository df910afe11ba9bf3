/* embedded_data - content that a text carries openly inside a line: data: URIs (RFC 2397) of HTML, SVG and style
 * sheets; values in base64 of calendars and address cards (RFC 5545 3.1.3, RFC 2426 5.8.4, vCard 2.1).
 *
 * Works on the undecoded bytes as they flow by, cut anywhere, in bounded memory; what a value holds is kept aside, all
 * of one text in one spool. */
#pragma once
#include "embedded.h"

#define EMBEDDED_DATA_MAX 1000 /* of one text */

typedef struct EmbeddedData EmbeddedData;
/* folded: a calendar or card; a line that begins with a blank goes on with the one before. */
EmbeddedData *embedded_data_new(Message *message, const Settings *settings, gboolean folded);
void embedded_data_free(EmbeddedData *data);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(EmbeddedData, embedded_data_free)
void embedded_data_push(EmbeddedData *data, const guint8 *bytes, gsize length);
/* EmbeddedBlock of each, in order; lends. Call once, at the end. over_out: there were more, or no room for them. */
const GArray *embedded_data_finish(EmbeddedData *data, gboolean *over_out);
