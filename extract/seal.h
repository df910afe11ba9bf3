/* seal - electronic seals and signed values (GM/T 0031, GB/T 38540: ASN.1 DER): the picture of the seal, which may be a
 * PNG, a JPEG or an OFD, and the words in it. */
#pragma once
#include "package.h"

/* FALSE: no such member. What is neither DER nor holds a picture becomes an object. */
gboolean seal_read(Package *package, const char *member);
