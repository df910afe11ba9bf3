/* terminal_qr - a QR code drawn with half blocks, two rows of it in one line of text; by libqrencode. */
#pragma once
#include <glib.h>

/* Of a text without NUL, error correction M, with the quiet zone of four that readers want. `colour`: black on white by
 * escape sequences, on terminals of any colour; else in ink on paper. NULL: too long for a QR code. Give back with
 * terminal_qr_free(), for what was drawn may be a secret. */
char *terminal_qr(const char *text, gboolean colour);
void terminal_qr_free(char *drawn); /* wipes; NULL is fine */
