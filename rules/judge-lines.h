/* judge-lines - the lines of a folded text: where they are, what kind they are, how far below the top of a page;
 * private to judge. Indexed once per segment; most lines are never asked what kind of element they are. */
#pragma once
#include <glib.h>

typedef enum {
    LINE_BLANK = 1 << 0,
    LINE_COPY_NUMBER = 1 << 1, /* 000012, №0000123 */
    LINE_URGENT = 1 << 2,      /* 特急 */
    LINE_RED_HEAD = 1 << 3,    /* ……人民政府文件 */
    LINE_IMPRINT = 1 << 4,     /* 抄送:, ……印发 */
    LINE_LABEL = 1 << 5,       /* 发件人: of a forwarded letter's head */
    LINE_RULE = 1 << 6,        /* ---------- */
    LINE_OPTION = 1 << 7,      /* 公开, 普通: the harmless end of a scale */
    LINE_PAPER = 1 << 8,       /* another element of an official paper: 第7份, 榆调令字第19号, 此令 */
    LINE_COPY = 1 << 9,        /* 第 7 号: a copy number if a mark touches it */
    LINE_QUOTED = 1 << 10,     /* of a letter that this one replies to or forwards */
    LINE_ASKED = 1 << 11,      /* what only the neighbours of a mark are asked for is known: COPY_NUMBER to IMPRINT,
                                  OPTION, PAPER and COPY, by lines_flags() */
} LineFlag;

/* What a page begins with. */
typedef enum { SHEET_TOP, SHEET_FORWARDED, SHEET_RULED } SheetKind;

typedef struct {
    guint32 from, to; /* without the line end */
    guint16 ordinal;  /* lines with text since the page began, from 1 */
    guint16 flags;    /* LineFlag */
    guint8 sheet;     /* SheetKind */
} Line;

typedef struct {
    GArray *array;     /* Line */
    const char *text;  /* lent */
    guint last_lines;  /* index of the first of the last three lines with text */
    gsize quoted_from; /* what begins there is quoted to the end of the text; G_MAXSIZE: nothing */
} Lines;

void judge_lines_init(Lines *lines);
void judge_lines_clear(Lines *lines);
/* `continued`: the text does not begin a page. `quoted`: it begins inside a letter that is quoted to its end. Quoted
 * are lines that begin with >, and all from the head of another letter on (----- 原始邮件 -----, two lines like
 * 发件人:, 某某写 道:). */
void lines_index(Lines *lines, const char *text, gsize length, gboolean continued, gboolean quoted);
/* Index of the line that holds the offset. */
guint lines_at(const Lines *lines, gsize offset);
const Line *lines_get(const Lines *lines, guint index);
/* All flags of a line. */
guint lines_flags(const Lines *lines, guint index);
/* Flags of the lines from `index - before` to `index + after`, without `index` itself. */
guint lines_around(const Lines *lines, guint index, guint before, guint after);
