/* uof_text - one XML stream of UOF as text: a stack of places, as in odf_text. Styles are not followed: what a style
 * hides is told as shown. */
#pragma once
#include "story.h"
#include "xml.h"

typedef struct UofText UofText;
/* main_part: the document itself, which begins in the header zone of page 1. */
UofText *uof_text_new(Sink *sink, guint part, gboolean main_part);
extern const XmlEvents UOF_EVENTS; /* their user is a UofText */
void uof_text_free(UofText *text);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UofText, uof_text_free)
