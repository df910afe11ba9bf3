/* cms - signed mail and other signed objects (RFC 5652, RFC 8551): what was signed becomes an object inside; security
 * labels of the signers (RFC 2634, RFC 5035) are told as text of the place "label", name "ess". A detached signature
 * is opaque; what is encrypted is told so. */
#pragma once
#include "reader.h"

gboolean cms_run(Source *source, Sink *sink, guint part);
