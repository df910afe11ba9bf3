/* doc_styles - the style sheet of a Word file ([MS-DOC] 2.9.271 STSH): size, colour and hiding that characters have
 * from the styles of their paragraph and of themselves. */
#pragma once
#include "doc_looks.h"

typedef struct DocStyles DocStyles;
/* Always gives; a sheet that is not there or damaged has no styles. */
DocStyles *doc_styles_read(Bytes sheet);
void doc_styles_free(DocStyles *styles);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DocStyles, doc_styles_free)
/* How a run looks in a paragraph of style `paragraph`: its styles, its own properties (run->list), those of a fast save
 * (piece). */
DocLook doc_styles_look(const DocStyles *styles, guint paragraph, const DocLook *run, Bytes piece);
