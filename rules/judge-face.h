/* judge-face - how a mark looks beside the text around it; private to judge. Only documents tell (Segment.faces). */
#pragma once
#include "segment.h"

/* Of one segment. */
typedef struct {
    guint32 size;             /* of most of its text, tenths of a point; 0 unknown */
    gboolean red;             /* most of its text is red: red says nothing there */
    gsize head_from, head_to; /* large red letters, the name of an issuer; bytes of the text; empty: none */
} Faces;

void faces_survey(Faces *faces, const Segment *segment);
/* Text at `at` is larger than most (by an eighth at least), or red among others. */
gboolean face_is_prominent(const Faces *faces, const Segment *segment, gsize at);
/* Large red letters stand at most `lines` lines away. */
gboolean face_has_red_head(const Faces *faces, const Segment *segment, gsize at, guint lines);
