/* transfer_codec - the decoders behind transfer, one state each; zero is the start of all of them. */
#pragma once
#include <glib.h>

#define BASE64_DOUBT_MAX 998 /* longest line that RFC 5322 allows */
#define QUOTED_BLANKS_MAX 4096
#define UU_LINE_MAX 1024
#define UU_PREFIX_MAX 32

typedef struct {
    guint32 bits;      /* of the unfinished group of four */
    guint count;       /* characters in it, 0..3 */
    gboolean padded;   /* one "=" came after two characters */
    gboolean ended;    /* padding closed the last group */
    gboolean url_safe; /* an earlier piece of this line was */
    GByteArray *doubt; /* from the first "-" or "_" on to the end of its line */
    guint oddities;
} Base64;
void base64_push(Base64 *state, const guint8 *bytes, gsize length, GByteArray *out);
void base64_finish(Base64 *state, GByteArray *out);
void base64_clear(Base64 *state);

typedef enum { QUOTED_PLAIN, QUOTED_ESCAPE, QUOTED_ESCAPE_BLANK, QUOTED_ESCAPE_CR, QUOTED_DIGIT } QuotedStep;
typedef struct {
    QuotedStep step;
    guint8 digit;       /* first character after "=" */
    GByteArray *blanks; /* seen, not yet known to be trailing */
    guint oddities;
} Quoted;
void quoted_push(Quoted *state, const guint8 *bytes, gsize length, GByteArray *out);
void quoted_finish(Quoted *state, GByteArray *out);
void quoted_clear(Quoted *state);

typedef enum { UU_OUTSIDE, UU_INSIDE, UU_BASE64 } UuStep;
typedef struct {
    UuStep step;
    GByteArray *line; /* unfinished */
    gboolean overlong;
    guint8 prefix[UU_PREFIX_MAX]; /* before "begin" */
    gsize prefix_length;
    Base64 base64;
    guint oddities;
} Uu;
void uu_push(Uu *state, const guint8 *bytes, gsize length, GByteArray *out);
void uu_finish(Uu *state, GByteArray *out);
void uu_clear(Uu *state);

typedef struct {
    gboolean base64; /* begin-base64 */
    gsize prefix;    /* bytes before "begin" */
    gsize name, name_end;
} UuBegin;
/* Is this line (without its newline) the begin line of a block? */
gboolean uu_begin(const guint8 *line, gsize length, UuBegin *begin_out);
/* Could it be a data line? Blank ones could not. */
gboolean uu_data(const guint8 *line, gsize length);
